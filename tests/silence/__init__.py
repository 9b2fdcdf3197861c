"""Nothing ends in silence: what was seen to go quiet, and what is right instead, each through the real command line.

A file for each kind: calls, questions that are open, what is written down late, the order of things, how late, windows, plans, dates that
are read, and a case as it was known. Dates were worked out by hand from the rules; the line above each says how.
"""
