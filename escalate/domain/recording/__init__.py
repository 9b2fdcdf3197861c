"""A request becomes an entry, or is refused: opening, acts, corrections, closing; and what owes a form."""
