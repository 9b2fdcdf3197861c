"""What escalate is about: protocols, calendars, histories and deadlines. Standard library only; no clock, no files, no printing."""
