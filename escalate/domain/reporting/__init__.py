"""What is told to others: the report and what of it may be published, the digest and who gets it."""
