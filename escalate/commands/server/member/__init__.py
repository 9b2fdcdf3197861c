"""The commands of escalate server member."""
