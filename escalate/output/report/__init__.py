"""The report of a period, in every format."""
