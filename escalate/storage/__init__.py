"""Everything that is kept: the cases in a database, and other files. The only place that knows TOML and the holidays library.

store             all of a database, made of its parts:
  history         the entries of every case, and what is found by them
  editions        the texts of the protocols that cases are under
  calendars       the calendars, every version of them; calendar_changes adds versions
  case_files      a case with its deadlines, worked out from those three; recounting compares two of the same case
  derived         rows worked out from case files for lists, with the full-text index (search)
  looks           who looked at names
  digest_log      which digests were made and sent
  settings_used   how near a deadline was at risk, for whoever recorded something
  checks          what is not as it was recorded; chain has the hashes that show it
  upkeep          what is left to do when a database is opened
lists             what lists show, from rows kept ready; as_known works the same out for an instant in the past
entries, rows     rows as what the domain knows, and back

Those know no driver and no SQL. What they ask and write goes through:

interface         `Database`: statements by name to read, an operation for each thing that is written
records           what is handed over to be written
queries.sql       the statements, each once, by name; statements.py finds them
engines           which engine it is

sqlite/           a file of SQLite as a `Database`, with the statements that only SQLite has
backups/          copies of the file, and putting one in its place
files/            all other files
"""
