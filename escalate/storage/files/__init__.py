"""Files other than the one with the cases: protocols, TOML, bank holidays, spreadsheets, passwords; and who may read what."""
