"""The triggers that keep the history as it is: what is recorded is only ever added to, and numbered without gaps.

The migrations make them (schema.py), and each opening looks whether they are still there (structure.py). Like the migrations, what
is here has been released and never changes in effect.
"""

from typing import NamedTuple


class Guard(NamedTuple):
    """A trigger that refuses a change."""

    name: str
    """The name of the trigger."""
    event: str
    """What it refuses: `UPDATE`, `DELETE` or `INSERT`."""
    table: str
    """The table whose rows it guards."""
    when: str
    """The condition in SQL under which it refuses."""
    says: str
    """The message SQLite ends with."""

    @property
    def statement(self) -> str:
        """The statement that makes it."""
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} WHEN {self.when}"
            f" BEGIN SELECT RAISE(ABORT, '{self.says}'); END"
        )


def _numbered(table: str, key: str, series: str = "") -> tuple[Guard, Guard, Guard]:
    """The guards of a table whose rows are numbered without gaps by a key, throughout or in each `series`."""
    each = f"a {table.replace('_', ' ')}"
    which = f" WHERE {series} = NEW.{series}" if series else ""
    out_of_turn = f"NEW.{key} IS NOT (SELECT coalesce(max({key}), 0) + 1 FROM {table}{which})"
    return (
        Guard(f"{table}_is_never_changed", "UPDATE", table, "1", f"{each} is never changed"),
        Guard(f"{table}_is_never_removed", "DELETE", table, "1", f"{each} is never removed"),
        Guard(f"{table}_comes_next", "INSERT", table, out_of_turn, f"{each} is only added at the end"),
    )


ENTRY_GUARDS = (
    Guard("entry_is_never_changed", "UPDATE", "entry", "1", "an entry is never changed"),
    Guard("entry_is_never_removed", "DELETE", "entry", "1", "an entry is never removed"),
    Guard(  # this stops REPLACE too, which removes a row without asking the guard above
        "entry_comes_next",
        "INSERT",
        "entry",
        "NEW.id IS NOT (SELECT coalesce(max(id), 0) + 1 FROM entry)",
        "an entry is only added at the end",
    ),
    Guard(
        "entry_comes_next_in_its_case",
        "INSERT",
        "entry",
        "NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM entry WHERE case_ref = NEW.case_ref)",
        "an entry is only added at the end of its case",
    ),
)
"""From the first migration on."""

CHAIN_GUARDS = (
    *_numbered("link", "n"),
    *_numbered("edition", "id"),
    *_numbered("calendar_version", "version", series="calendar"),
    Guard("words_are_never_changed", "UPDATE", "words", "1", "words are never changed, only erased"),
)
"""Since there is a chain of hashes (the fifth migration)."""

LOOK_GUARDS = (
    *_numbered("look", "id", series="agency"),
    Guard("look_words_are_never_changed", "UPDATE", "look_words", "1", "words are never changed, only erased"),
)
"""Since looks at names are recorded (the eighth migration)."""

REASON_GUARDS = (
    Guard("calendar_words_are_never_changed", "UPDATE", "calendar_words", "1", "words are never changed, only erased"),
)
"""Since the reasons of changes of calendars are apart (the ninth migration)."""
