"""The cases on a PostgreSQL server, which agencies share: each sees its own. The only place that knows the driver.

connecting      the connection, with a limit on every wait and a sentence for each fault
database        what the store asks of it, and every change as a call of one of the owner's functions
searching       words as they are searched there
administering   makes the schema, and says who belongs to which agency; for an administrator of the server
schema/         the tables, the functions that write, and who may read what, in SQL

No command on a file loads anything of it.
"""
