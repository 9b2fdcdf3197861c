"""The commands of escalate server."""
