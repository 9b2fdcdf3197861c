"""Backups of the file with the cases: making them, finding them by name, and putting one in its place."""
