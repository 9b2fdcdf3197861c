"""A log kept elsewhere: its headings, its values, its rows, and which of them are cases here already."""
