"""Everything kept in files: the only place that knows SQL, sqlite-utils, TOML and the holidays library.

opening           opens the database file; every question to it goes through `OpenFile`
lists             what lists show, from rows kept ready; as_known works the same out for an instant in the past
store             all of a file, made of its parts:
  history         the entries of every case, and what is found by them
  editions        the texts of the protocols that cases are under
  calendars       the calendars, every version of them; calendar_changes adds versions
  case_files      a case with its deadlines, worked out from those three; recounting compares two of the same case
  derived         rows worked out from case files for lists, with the full-text index (search)
  digest_log      which digests were made and sent
  checks          what is not as it was recorded; chain has the hashes that show it, guards the triggers that prevent it
  upkeep          what is done to a file as a whole
entries, rows     rows as what the domain knows, and back
schema            the tables, and how older files get them
backups/          copies of the file, and putting one in its place
files/            all other files
"""
