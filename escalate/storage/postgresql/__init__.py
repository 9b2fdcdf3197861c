"""The engine on a PostgreSQL server, which agencies share: each sees its own cases.

administering   makes the schema, and says who belongs to which agency; for an administrator of the database
schema/         the tables, the functions that write, and who may read what, in SQL
"""
