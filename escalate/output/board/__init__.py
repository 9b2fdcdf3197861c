"""The board: one page with every case in which something is due."""
