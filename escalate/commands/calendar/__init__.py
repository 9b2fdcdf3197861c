"""escalate calendar: a file for each of its commands."""
