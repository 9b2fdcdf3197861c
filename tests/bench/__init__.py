"""How fast it is, beside what others take for the same in the same run: `make bench`. Its last table is in TABLE.md here."""
