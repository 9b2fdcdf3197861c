"""Protocols: the list, a ladder, comparisons, and what is said when a new file is begun."""
