"""A file for each command, named as it is typed. Each reads its arguments, loads, asks the domain, appends, and shows.

What several commands use is in shared/; what one long command has apart begins with its name, as digest_mail.py does.
"""
