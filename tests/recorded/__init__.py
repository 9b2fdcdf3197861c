"""A recorded run: what a user, a script and a file see, kept to compare before and after a change that may change none of it.

`lines/` has the command lines, a file for each folder they are run in; `script.py` says how such a file is read, `playing.py`
runs it, and `tables.py` writes down what stands in a database afterwards. Nothing here imports escalate, so that the same
package records any version of it.
"""
