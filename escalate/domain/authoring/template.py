"""A protocol file made from another one's text: with names of its own, without whom to reach there, and with remarks on what to change.

The text is changed and not written anew, so that its remarks stay. Nothing here reads TOML: whoever calls has to see that what
comes of it says what it should (`intended`).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from escalate.domain.authoring.json_schema import DIRECTIVE

MARK = "CHANGE"
"""Stands wherever somebody has to change something."""

TITLE, PARTNERSHIP = "The title of your document", "Your partnership"
"""What stands for names that were not given."""


@dataclass(frozen=True, slots=True)
class Names:
    """What a new file is called, as far as that is known, and when its edition begins and is to be reviewed, as `2026-11`."""

    id: str
    title: str | None
    partnership: str | None
    dated: str
    review: str


@dataclass(frozen=True, slots=True)
class Part:
    """Some lines of a file that belong together: the header of a table, a key with its value, or a remark or empty line.

    `table` is where they stand, as `stages.actions`; `key` is empty for what has none.
    """

    table: str
    key: str
    lines: tuple[str, ...]
    is_header: bool = False


_REACHED_BY = {"contacts": ("area", "email", "phone"), "forms": ("send_to",)}
"""What says whom to reach in the place a file comes from, by the tables it stands in."""

_REMARKS = {
    "covers": "if it is about others.",
    "not_for": "what it must not be used for.",
    "calendar": "if another nation's bank holidays count for you, or your offices close on other days as well.",
    "calendars": "these calendars, or take them out: they are for days that are not the usual working days, such as school days.",
    "facts": 'the questions: one for each "if" of your document. What hangs on one says so: when = "KEY is ANSWER".',
    "moments": "what is dated and counted from, such as a hearing, or take it out.",
    "routes": "the ladders: most documents have one, and that is one route.",
    "stages": "every stage: who has it, what has to be done, within what time and from when, and which stages may follow.",
    "after_resolution": "what your document still asks for once a case is settled.",
    "standing_actions": "what your document asks for at any time, such as a referral where somebody is in danger.",
    "reminders": "what your document wants kept in mind; no deadline hangs on it.",
    "contacts": "the contacts: they are the roles of {like}, and their addresses, numbers and areas are left out.\n"
    "# When you take one out, take it out of the `contacts` of actions too.",
    "forms": "the forms: they are those of {like}, and where they go is left out.\n"
    "# When you take one out, take out the `form` of the actions that need it too.",
    "themes": "what disagreements are about in your document; cases are counted by it.",
}

_HEAD = """\
{directive}
# {id}: copied from {like}, and theirs until you have made it yours.
#
# Go through it from the top with your own document beside it. Each place to look at says {mark}; take the remark out when you
# are done there. `cite` and `reading` still speak of their document: put in where yours says it, and how you read it.
"""

_EDITION = """\
# {mark} to the dates of your document, with the year first: "2026-11", "2026-11-30" or "undated".
[edition]
dated = "{dated}"
review = "{review}"
"""


def copied(text: str, like: str, names: Names) -> str:
    """The text of the new file, from that of the file `like`."""
    parts = [part for part in parts_of(text) if part.table != "edition"]
    first = next((i for i, part in enumerate(parts) if part.is_header), len(parts))
    head = [part for part in parts[:first] if _stays(part)]
    edition = _EDITION.format(mark=MARK, dated=names.dated, review=names.review)
    lines = [_head(like, names), *_remarked(head, like), "", edition, *_remarked(parts[first:], like)]
    return "\n".join(lines).rstrip("\n") + "\n"


def _head(like: str, names: Names) -> str:
    said = intended({}, names)
    remarks = {
        "id": "",
        "title": "" if names.title else f"   # {MARK}",
        "partnership": "" if names.partnership else f"   # {MARK}",
        "source": f"   # {MARK}: with its date, if it has one",
    }
    lines = [f"{name} = {_quoted(said[name])}{remark}" for name, remark in remarks.items()]
    return "\n".join([_HEAD.format(directive=DIRECTIVE, id=names.id, like=like, mark=MARK), *lines])


def _quoted(value: str) -> str:
    """A text in quotes as TOML has it, with what an editor would not show, or would show elsewhere, spelt out."""
    said = json.dumps(value, ensure_ascii=False)
    return "".join(each if each.isprintable() else f"\\U{ord(each):08x}" for each in said)


def _stays(part: Part) -> bool:
    """Whether something at the head of a file is not said anew."""
    return bool(part.key) and part.key.partition(".")[0] not in ("id", "title", "partnership", "source", "edition")


def _remarked(parts: Sequence[Part], like: str) -> Iterator[str]:
    """The lines of some parts, with a remark before the first of each kind, and without what says whom to reach there."""
    seen: set[str] = set()
    for part in parts:
        what = part.table if part.is_header else part.key if not part.table else ""
        if what in _REMARKS and what not in seen:
            seen.add(what)
            yield f"# {MARK} {_REMARKS[what].format(like=like)}"
        if part.key and part.key in _REACHED_BY.get(part.table, ()):
            yield f'# {part.key} = ""'
        else:
            yield from part.lines


def intended(tree: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """The plain tree of the new file, from that of the other one."""
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
    gone = _REACHED_BY.get(table, ())
    return [{name: each for name, each in item.items() if name not in gone} for item in value] if gone else value


_LIKE_AN_ADDRESS = re.compile(r"[^\s\"'<>(]+@[^\s\"'<>)]+\.\w+|(?<![\w.])0[0-9]{2,4}[ -]?[0-9]{3}[0-9 -]{3,6}(?!\w)")


def addresses_in(text: str) -> list[int]:
    """The lines, from 1 on, that seem to have an address or a telephone number in them."""
    return [number for number, line in enumerate(text.splitlines(), 1) if _LIKE_AN_ADDRESS.search(line)]


# -- the parts of a file --------------------------------------------------------------------------------------------------

_HEADER = re.compile(r"\s*\[\[?\s*([^\]#]*?)\s*\]")
_KEY = re.compile(r"\s*([A-Za-z0-9_.\"' -]+?)\s*=")
_TOKEN = re.compile(r'"""|\'\'\'|"(?:[^"\\]|\\.)*"|\'[^\']*\'|#.*|[\[{]|[\]}]')


def parts_of(text: str) -> Iterator[Part]:
    """A file of well-formed TOML, part by part."""
    table, key = "", ""
    held: list[str] = []
    within = ""  # the quotes of a text over several lines
    depth = 0  # of lists and tables that are not closed yet
    for line in text.splitlines():
        if not held:
            header = _HEADER.match(line)
            if header:
                table = header[1]
                yield Part(table, "", (line,), is_header=True)
                continue
            named = _KEY.match(line)
            if not named:
                yield Part(table, "", (line,))
                continue
            key = named[1].strip("\"'")
        held.append(line)
        within, depth = _open_after(line, within, depth)
        if not within and depth == 0:
            yield Part(table, key, tuple(held))
            held = []


def _open_after(line: str, within: str, depth: int) -> tuple[str, int]:
    """What is still open at the end of a line."""
    at = 0
    while at < len(line):
        if within:
            end = line.find(within, at)
            if end < 0:
                return within, depth
            if within == '"""' and line[:end].endswith("\\"):
                at = end + 1
                continue
            at, within = end + 3, ""
            continue
        token = _TOKEN.search(line, at)
        if not token:
            break
        at = token.end()
        if token[0] in ('"""', "'''"):
            within = token[0]
        elif token[0] in "[{":
            depth += 1
        elif token[0] in "]}":
            depth -= 1
    return within, depth
