"""escalate tracks safeguarding escalations: which stage is due by when, under which partnership's protocol, and why.

domain/     protocols, calendars, histories and deadlines; standard library only
storage/    the database file, protocol files, bank holidays
output/     tables, pages and JSON documents
commands/   what each command does: read arguments, load, ask the domain, append, show
__main__.py where a run begins and ends
cli.py      the commands in the order of the help, and where every error ends
settings.py flags, environment, settings file, defaults
errors.py   every way of saying no
durable.py  files that are there whole or not at all
on_demand.py what is only made or loaded once it is needed
wording.py  how sentences are put together
"""

__version__ = "0.1.0"
