"""A case: the history of its entries, what the entries come to, what is recorded beside facts, and who holds which side."""
