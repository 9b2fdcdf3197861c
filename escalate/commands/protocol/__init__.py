"""escalate protocol: a file for each of its commands."""
