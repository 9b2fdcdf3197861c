"""Everything kept in files: the only place that knows SQL, sqlite-utils, TOML and the holidays library."""
