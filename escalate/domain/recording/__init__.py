"""A request becomes an entry, or is refused: opening, acts, going up, closing, corrections, erasing, recounting; and what needs a form."""
