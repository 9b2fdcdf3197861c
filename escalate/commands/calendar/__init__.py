"""escalate calendar: a file for each of its commands, and what those that change a calendar have in common."""
