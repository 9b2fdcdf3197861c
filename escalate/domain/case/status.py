"""What a case can have come to."""

VOID = "void"
"""It was opened by mistake, and counts for nothing."""

STATUSES = ("open", "resolved", "withdrawn", VOID)
"""Every status of a case."""
