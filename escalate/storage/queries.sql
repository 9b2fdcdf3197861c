-- What is asked of a database of any engine, by name (statements.py). A line after each name says what the statement finds.

-- name: facts
-- what the database remembers about itself
SELECT name, value FROM kept
