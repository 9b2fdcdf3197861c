"""A file of SQLite as the database that keeps the cases: the only place that knows sqlite3 and sqlite-utils.

opening           opens the file: private, recognised as ours, up to date, with a sentence for whatever goes wrong
distrust          a connection trusts nothing in its file, and there is a bound on each step
structure         whether tables, indexes, triggers and views are those that escalate makes
database          the file while it is open: how each statement is asked, and how each thing is written
queries.sql       the statements that only SQLite has, or has otherwise; the others are in the folder above
schema            the tables, and how older files get them
guards            the triggers that keep the history as it is
copies            files beside the one that is open, for backups
"""
