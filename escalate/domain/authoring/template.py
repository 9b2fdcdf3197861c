"""What a protocol file copied from another one says instead: names of its own, nobody's address, and remarks on what to change.

storage.files.template puts it into the text of the copy.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from escalate.domain.authoring.json_schema import DIRECTIVE

MARK = "CHANGE"
"""Stands wherever somebody has to change something."""

TITLE, PARTNERSHIP = "The title of your document", "Your partnership"
"""What stands for names that were not given."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a new file is called, and when its edition begins and is to be reviewed."""

    id: str
    """The id of the new protocol."""
    title: str | None
    """None where nobody said."""
    partnership: str | None
    """None where nobody said."""
    dated: str
    """The month, as `2026-11`."""
    review: str
    """The month, as `2027-11`."""


SAID_ANEW = ("id", "title", "partnership", "source", "edition")
"""What a new file says itself and does not copy."""

REACHED_BY = {"contacts": ("area", "email", "phone"), "forms": ("send_to",)}
"""The fields, by their table, that say how to reach people where a file comes from; they are not copied."""

_REMARKS = {
    "covers": "if it is about others.",
    "not_for": "what it must not be used for.",
    "calendar": "if another nation's bank holidays count for you, or your offices close on other days as well.",
    "calendars": "these calendars, or take them out: they are for days that are not the usual working days, such as school days.",
    "facts": 'the questions: one for each "if" of your document. What depends on one says so: when = "KEY is ANSWER".',
    "moments": "what is dated and counted from, such as a hearing, or take it out.",
    "routes": "the ladders: most documents have one, and that is one route.",
    "stages": "every stage: who has it, what has to be done, within what time and from when, and which stages may follow.",
    "after_resolution": "what your document still asks for once a case is settled.",
    "standing_actions": "what your document asks for at any time, such as a referral where somebody is in danger.",
    "reminders": "what your document wants kept in mind; no deadline depends on it.",
    "contacts": "the contacts: they are the roles of {like}, and their addresses, numbers and areas are left out.\n"
    "# When you take one out, take it out of the `contacts` of actions too.",
    "forms": "the forms: they are those of {like}, and where they go is left out.\n"
    "# When you take one out, take out the `form` of the actions that need it too.",
    "examples": "the dates: these are those of {like}. Work out a few of your own, by hand and before you look.",
    "themes": "what disagreements are about in your document; cases are counted by it.",
}

_HEAD = """\
{directive}
# {id}: copied from {like}, and theirs until you have made it yours.
#
# Go through it from the top with your own document beside it. Each place to look at says {mark}; take the remark out when you
# are done there. `cite`, `reading` and `other_readings` still speak of their document: put in where yours says it, how you
# read it, and how else it may be read.
"""

_EDITION = """\
# {mark} to the dates of your document, with the year first: "2026-11", "2026-11-30" or "undated".
[edition]
dated = "{dated}"
review = "{review}"
"""


def head(like: str, names: Names) -> str:
    """The first lines of a new file, up to its source."""
    said = intended({}, names)
    remarks = {
        "id": "",
        "title": "" if names.title else f"   # {MARK}",
        "partnership": "" if names.partnership else f"   # {MARK}",
        "source": f"   # {MARK}: with its date, if it has one",
    }
    lines = [f"{name} = {_quoted(said[name])}{remark}\n" for name, remark in remarks.items()]
    return "".join([_HEAD.format(directive=DIRECTIVE, id=names.id, like=like, mark=MARK), "\n", *lines])


def edition(names: Names) -> str:
    """The table of its edition."""
    return _EDITION.format(mark=MARK, dated=names.dated, review=names.review)


def remark(table: str, like: str) -> str:
    """The remark before a table or a key that has to be looked at; empty where none is needed."""
    return f"# {MARK} {_REMARKS[table].format(like=like)}\n" if table in _REMARKS else ""


def _quoted(value: str) -> str:
    """A text in quotes as TOML has it, with what an editor would not show, or would show elsewhere, spelt out."""
    said = json.dumps(value, ensure_ascii=False)
    return "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in said)


def intended(tree: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """The plain tree of the new file, made from that of the file it is copied from."""
    partnership, title = names.partnership or PARTNERSHIP, names.title or TITLE
    return {
        **{table: _unreached(table, value) for table, value in tree.items()},
        "id": names.id,
        "title": title,
        "partnership": partnership,
        "source": f"{partnership}, {title}",
        "edition": {"dated": names.dated, "review": names.review},
    }


def _unreached(table: str, value: Any) -> Any:
    """A list of tables without what says whom to reach."""
    gone = REACHED_BY.get(table, ())
    return [{name: each for name, each in item.items() if name not in gone} for item in value] if gone else value


_LIKE_AN_ADDRESS = re.compile(r"[^\s\"'<>(]+@[^\s\"'<>)]+\.\w+|(?<![\w.])0[0-9]{2,4}[ -]?[0-9]{3}[0-9 -]{3,6}(?!\w)")


def addresses_in(text: str) -> list[int]:
    """The numbers, from 1, of the lines that seem to contain an address or a telephone number."""
    return [number for number, line in enumerate(text.splitlines(), 1) if _LIKE_AN_ADDRESS.search(line)]
