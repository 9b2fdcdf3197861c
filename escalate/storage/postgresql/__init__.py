"""The cases on a PostgreSQL server: the only place that knows its driver. No command on a file loads anything of it."""
