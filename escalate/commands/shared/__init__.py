"""What several commands share: the session, options and how they are read, asking, and recording something in a case."""
