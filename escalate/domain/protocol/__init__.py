"""A protocol as data: its model, the file it is read from, what has to be right in one, and where its ladders lead."""
