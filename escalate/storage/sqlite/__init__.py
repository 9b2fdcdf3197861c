"""A file of SQLite as the engine that keeps the cases."""
