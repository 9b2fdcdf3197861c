"""Checks a certificate of dates that escalate wrote, without escalate: copy this one file anywhere, and run it.

    python3 checker.py certificate.json [--head 1204:9f3a...] [--bank-holidays bank-holidays.json]

It needs Python 3.11 or later and nothing else. It works out every date in the certificate again, from the instant it counts from, by
looking at one day after the other; it looks up every rule in the text of the protocol, every instant in the entry that says it and every day
off in the calendar; and it makes every hash again. It says in sentences what it found, and what nobody can find in a file alone.

The status is 0 where everything checks, 1 where something does not, and 2 where the file is no certificate.

What it goes by are the counting rules of escalate's design, C1 to C23. It shares no code with escalate, so that a mistake there is found here.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import stat
import sys
from collections.abc import Iterator, Sequence
from copy import copy
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

try:
    import tomllib
except ImportError:  # before Python 3.11
    tomllib = None  # type: ignore[assignment]

FORMAT = 2
LARGEST = 256 * 1024 * 1024
"""Bytes of a certificate."""
LONGEST_PROTOCOL = 200_000
"""Characters of the text of a protocol."""
A_DAY, A_SECOND, AN_HOUR = timedelta(days=1), timedelta(seconds=1), timedelta(hours=1)

ENTRY = ("id", "case_ref", "seq", "kind", "at", "recorded_at", "by", "data", "commitments")
EDITION = ("id", "protocol", "dated", "digest", "text", "bases", "recorded_at", "clock")
VERSION = (
    "version", "made_at", "by", "why", "opens", "closes", "first", "last", "published_to", "authority_from", "authority_to", "source", "own",
    "commitments", "clock",
)  # fmt: skip
"""What the hash of an entry, of an edition of a protocol and of a version of a calendar is made of, in this order. The clock of an edition only where
it was set by hand; of a version that commits to no words, without the last two."""
WHY_ERASED = "closed (why was erased)"
"""What a closure is called whose reason was erased."""

Table = dict[str, Any]


class NotACertificate(Exception):
    """The file is none, or not one that this checker can read; the message says why in a sentence."""


class Wrong(Exception):
    """Something does not check, so that what rests on it cannot be looked at; the message says what in a sentence."""


# -- reading the file ------------------------------------------------------------------------------------------------------

TEXT, NUMBER, YES_NO, HASH, INSTANT, DAY = "text", "number", "yes or no", "hash", "instant", "day"
"""What a value in the file may be. A list of one kind is [kind], a list of several in their order (kind, kind); {kind} may be null too."""


class OrNull(NamedTuple):
    """A value that may be null."""

    kind: Any


STEP = (DAY, OrNull(NUMBER), TEXT)
RULE = (
    "within", "at_least", "every", "from", "before", "failing_that", "target", "extendable_to", "extendable", "extendable_when", "stops_while", "when", "cite", "reading",
)  # fmt: skip
MET = {"at": INSTANT, "entry": NUMBER}
PROOF: Table = {
    "occasion": NUMBER,
    "route": OrNull(TEXT),
    "stage": OrNull(TEXT),
    "action": TEXT,
    "agreement": OrNull(NUMBER),
    "judged_until": OrNull(INSTANT),
    "answers": "answers",
    "unanswered": [TEXT],
    "limits": ["limit"],
    "target_at": OrNull(INSTANT),
    "due_at": INSTANT,
    "act_by": INSTANT,
    "outside_hours": YES_NO,
    "provisional": YES_NO,
    "met": OrNull(MET),
    "ended": OrNull(MET),
    "verdict": TEXT,
    "for_the_reader": "anything",
}
LIMIT: Table = {
    "rule": OrNull("rule as a protocol writes it"),
    "is_cap": YES_NO,
    "counts_from": TEXT,
    "since": OrNull(INSTANT),
    "entry": OrNull(NUMBER),
    "after": OrNull("proof"),
    "after_may_be_in_time": OrNull(YES_NO),
    "stops": [(INSTANT, OrNull(INSTANT))],
    "extended_to": OrNull(INSTANT),
    "target_at": OrNull(INSTANT),
    "due_at": OrNull(INSTANT),
    "steps": [STEP],
}
CERTIFICATE: Table = {
    "certificate": TEXT,
    "format": NUMBER,
    "for_the_reader": "anything",
    "case": TEXT,
    "chain": {"of": TEXT, "before": {"n": NUMBER, "hash": TEXT}, "links": [(TEXT, "text or a number", HASH)], "head": TEXT},
    "entries": [(OrNull(NUMBER), TEXT, NUMBER, TEXT, INSTANT, INSTANT, TEXT, TEXT, TEXT)],
    "editions": [(OrNull(NUMBER), TEXT, TEXT, HASH, TEXT, TEXT, OrNull(INSTANT), OrNull(INSTANT))],
    "calendars": [
        {
            "name": TEXT,
            "version": (
                NUMBER, INSTANT, TEXT, TEXT, TEXT, TEXT, DAY, DAY, DAY, OrNull(DAY), OrNull(DAY), TEXT, OrNull(TEXT), OrNull(TEXT), OrNull(INSTANT),
            ),
            "began": [(DAY, TEXT, TEXT, NUMBER)],
            "ended": [(DAY, TEXT, TEXT, NUMBER)],
            "words": "words",
            "erased_by": OrNull((TEXT, NUMBER, INSTANT, TEXT, OrNull(TEXT), TEXT, TEXT, TEXT, TEXT)),
        }
    ],
    "dates": ["proof"],
    "digest": HASH,
}  # fmt: skip
IN_FORMAT_1: Table = CERTIFICATE | {
    "editions": [CERTIFICATE["editions"][0][:7]],
    "calendars": [
        {
            name: kind[:13] if name == "version" else kind
            for name, kind in CERTIFICATE["calendars"][0].items()
            if name not in ("words", "erased_by")
        }
    ],
}
"""A certificate from before reasons of closures could be erased."""

PATTERNS = {
    HASH: r"[0-9a-f]{64}",
    INSTANT: r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z",
    DAY: r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
    TEXT: r"(?s).*",
}


def read(path: str, what: str = "certificate") -> Any:
    """The JSON in a file. Raises NotACertificate with a sentence."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
            raise NotACertificate(f"{path} is not a file that can be read as a whole: name the {what} itself.")
        with open(path, "rb") as file:  # noqa: PTH123
            content = file.read(LARGEST + 1)
    except OSError as problem:
        raise NotACertificate(f"{path} cannot be read: {problem.strerror or problem}.") from None
    except ValueError:  # a NUL, or half a character
        raise NotACertificate(f"{path} cannot be read: no file can have that name.") from None
    if len(content) > LARGEST:
        raise NotACertificate(f"{path} is no {what}: it is larger than any could be ({LARGEST // 2**20} MB).")
    try:
        return json.loads(content.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_such_number)
    except RecursionError:
        raise NotACertificate(f"{path} is no {what}: it is nested too deeply.") from None
    except MemoryError:
        raise NotACertificate(f"{path} is no {what}: there is no room for what is in it.") from None
    except ValueError as problem:
        raise NotACertificate(f"{path} is no {what}: it is not sound JSON ({problem}).") from None


def _once(pairs: list[tuple[str, Any]]) -> Table:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice in one place")
    return found


def _no_such_number(said: str) -> None:
    raise ValueError(f"{said} is no number")


def fits(value: Any, kind: Any, place: str = "") -> None:
    """Look whether a value is of the kind that belongs there. Raises NotACertificate."""
    if isinstance(kind, OrNull):
        if value is not None:
            fits(value, kind.kind, place)
    elif isinstance(kind, dict):
        names = ", ".join(kind)
        _is(isinstance(value, dict) and set(value) == set(kind), place, f"should have {names} and nothing else")
        for name in kind:
            fits(value[name], kind[name], f"{place}.{name}" if place else name)
    elif isinstance(kind, (list, tuple)):
        _is(isinstance(value, list), place, "should be a list")
        kinds = kind * len(value) if isinstance(kind, list) else kind
        _is(len(kinds) == len(value), place, f"should be a list of {len(kinds)} values")
        for n, each in enumerate(kinds):
            fits(value[n], each, f"{place}[{n}]")
    elif kind in TABLES:
        fits(value, TABLES[kind], place)
    elif kind == "answers":
        _is(isinstance(value, dict), place, "should say what was answered")
        for name in value:
            fits(value[name], (TEXT, NUMBER), f"{place}.{name}")
    elif kind == "words":
        _is(isinstance(value, dict), place, "should say what was said")
        for name in value:
            fits(value[name], (TEXT, TEXT), f"{place}.{name}")
    else:
        _is(_is_plain(value, kind), place, f"should be a {kind}")


TABLES = {"proof": PROOF, "limit": LIMIT}


def _is_plain(value: Any, kind: str) -> bool:
    """Whether a value is of a kind that has no parts to look at."""
    if kind == "rule as a protocol writes it":
        says = isinstance(value, dict) and all(
            isinstance(value[name], bool if name == "extendable" else str) for name in value
        )
        return says and set(value) <= set(RULE)
    if kind == "text or a number":
        return isinstance(value, str) or _is_plain(value, NUMBER)
    if kind == NUMBER:
        return type(value) is int and abs(value) < 10**15
    if kind == YES_NO:
        return type(value) is bool
    return kind == "anything" or (isinstance(value, str) and bool(re.fullmatch(PATTERNS[kind], value)))


def _is(holds: bool, place: str, otherwise: str) -> None:
    if not holds:
        raise NotACertificate(f"This is no certificate that this checker can read: {place or 'the whole'} {otherwise}.")


# -- hashes ----------------------------------------------------------------------------------------------------------------


def sha(value: Any) -> str:
    """The SHA-256 of a value, written as JSON without blanks, its keys in order, in UTF-8."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def check_hashes(paper: Table, said: Report) -> None:
    """Look whether everything is what its link says, and whether the links lead to the head. Raises Wrong."""
    of_agency = paper["chain"]["of"] == "agency"
    if paper["chain"]["of"] not in ("everything", "agency"):
        raise NotACertificate(
            'This is no certificate that this checker can read: chain.of should be "everything" or "agency".'
        )
    digests = _digests_of_links(paper, said)
    for row in paper["entries"]:
        name = f"Entry {row[2]} of {row[1]}"
        key = (row[1], row[2]) if of_agency else ("entry", str(row[0]))
        said.expect(key in digests, f"{name} has no link in the chain.")
        said.expect(
            digests.get(key) == sha(row[1:] if of_agency else row),
            f"{name} is not what was recorded: its hash is another.",
        )
        said.expect((row[0] is None) == of_agency, f"{name} has a number of a whole record that it is not from.")
        said.expect(row[1] == paper["case"], f"{name} is of another case than the certificate.")
    seen = {(row[1], row[2]) for row in paper["entries"]}
    said.expect(
        not of_agency or not {key for key in digests if key[0] == paper["case"]} - seen,
        f"The chain has entries of {paper['case']} that are not in the certificate.",
    )
    for row in paper["editions"]:
        texts = "\0".join([row[4], *_texts(row[5])])
        whole = hashlib.sha256(texts.encode("utf-8", "surrogatepass")).hexdigest()
        said.expect(
            whole == row[3], f"The text of the edition of {row[1]} dated {row[2]} is not the one with its hash."
        )
        said.expect(
            (row[0] is None, row[6] is None, of_agency and row[7] is not None) == (of_agency, of_agency, False),
            f"The edition of {row[1]} has a number of another record.",
        )
        if not of_agency:
            said.expect(
                digests.get(("edition", str(row[0]))) == sha(row if row[7] else row[:7]),
                f"The edition of {row[1]} dated {row[2]} is not what was recorded.",
            )
    for each in paper["calendars"]:
        said.expect(
            _are_its_words(each),
            f"What was said of version {each['version'][0]} of the calendar {each['name']} is not what it commits to.",
        )
        said.expect(
            of_agency or _is_its_version(each, digests, said),
            f"Version {each['version'][0]} of the calendar {each['name']} is not what was recorded.",
        )
    said.stop_if_wrong()
    _say_what_hashes_show(paper, said, of_agency)


def _are_its_words(version: Table) -> bool:
    """Whether the words of a version of a calendar are among those that it commits to."""
    row, words = _row(version), version["words"]
    if row["commitments"] is None:
        return not words and row["clock"] is None
    commits = json.loads(row["commitments"])
    return row["why"] == "" and all(
        hashlib.sha256(f"{salt}\0{content}".encode("utf-8", "surrogatepass")).hexdigest() == commits.get(field)
        for field, (salt, content) in words.items()
    )


def _is_its_version(version: Table, digests: dict[Any, str], said: Report) -> bool:
    """Whether a version of a calendar is what its link says, or of one that committed to no words, what the record of their erasure says is left of it."""
    row, record = version["version"], version["erased_by"]
    name = f"{version['name']}@{row[0]}"
    days = [version["began"], version["ended"]]
    if record is None:
        return digests.get(("calendar", name)) == sha([version["name"], *(row if row[13] else row[:13]), *days])
    left = json.loads(record[7]).get("resealed", {}).get(name)
    said.unknown(
        f"Why version {row[0]} of the calendar {version['name']} was made was erased {spoken(instant(record[2]))} by {record[3]}: its days are those that were left then."
    )
    return (
        ("calendar", name) in digests
        and digests.get(("look", f"{record[0]}@{record[1]}")) == sha(record)
        and left == {"commitments": row[13], "digest": sha([version["name"], *row, *days])}
    )


def _texts(bases: str) -> list[str]:
    found = json.loads(bases)
    return [str(each) for each in found] if isinstance(found, list) else []


def _digests_of_links(paper: Table, said: Report) -> dict[Any, str]:
    """What each link stands for, with its digest; the links are followed to the head."""
    chain = paper["chain"]
    number, before = chain["before"]["n"], chain["before"]["hash"]
    digests: dict[Any, str] = {}
    for what, ref, digest in chain["links"]:
        number += 1
        said.expect((what, ref) not in digests, f"Link {number} of the chain stands for what another one stands for.")
        digests[what, ref] = digest
        before = sha([before, number, what, ref, digest])
    said.expect(
        f"{number}:{before}" == chain["head"],
        "The links of the chain do not lead to the head that the certificate names.",
    )
    return digests


def _say_what_hashes_show(paper: Table, said: Report, of_agency: bool) -> None:
    chain, entries = paper["chain"], paper["entries"]
    of = f"{len(entries)} {'entry' if len(entries) == 1 else 'entries'} of {paper['case']}"
    said.fact(
        f"The {of} are in the certificate word for word, save what may be erased (names, remarks), of which it has salted hashes only."
    )
    said.fact(
        f"Each has the hash by which it stands in the chain, and the {len(chain['links'])} links from number {chain['before']['n'] + 1} on lead to the head {chain['head']}."
    )
    if by_hand := [row for row in entries if "clock" in json.loads(row[7])]:
        named = ", ".join(str(row[2]) for row in sorted(by_hand, key=lambda row: int(row[2])))
        said.unknown(
            f"{'Entry' if len(by_hand) == 1 else 'Entries'} {named} {'was' if len(by_hand) == 1 else 'were'} recorded with the clock set by hand: when somebody really wrote that down is another time than the one it gives."
        )
    judged = [f"the edition {row[2]} of {row[1]}" for row in paper["editions"] if row[7]]
    judged += [
        f"version {each['version'][0]} of the calendar {each['name']}"
        for each in paper["calendars"]
        if each["version"][14]
    ]
    if judged:
        said.unknown(f"Kept with the clock set by hand, and so at another time than is said: {', '.join(judged)}.")
    if of_agency:
        said.fact(
            "The chain is that of one agency on a shared server. It holds the entries, and the agency's looks at names; the protocol is held by the hash in the first entry."
        )
        said.fact(f"The links to the head have no other entry of {paper['case']}.")
        said.unknown(
            "The calendar has no link in an agency's chain: that its days are those the server kept, the chain does not show."
        )


def _say_what_was_left(case: Case) -> None:
    """Say what could have counted and was not looked for."""
    if case.paper["chain"]["of"] == "everything":
        case.said.unknown(
            f"That {case.paper['case']} has no later entry up to that head: a link says which entry it stands for, and not of which case. Whoever has the file can count them."
        )
    since = {
        limit["entry"] for proof in case.paper["dates"] for limit in proof["limits"] if limit["counts_from"] == "known"
    }
    if since - {None}:
        several = sorted({each.seq for each in case.history.answers})
        case.said.unknown(
            f"That no other of the answers in entries {', '.join(map(str, several))} is the one with which the time began that counts from when something became known: that the entry named says so was checked, and that it is one which is asked for."
        )


def check_head(paper: Table, kept: str | None, said: Report) -> None:
    """Compare with a head that was kept elsewhere. Raises NotACertificate for what is no head: a slip in copying it is no forgery."""
    if kept is None:
        said.unknown(
            "No head kept elsewhere was given (--head): whoever can write the file of cases could have made another one, with other hashes."
        )
        return
    chain = paper["chain"]
    number, before = chain["before"]["n"], chain["before"]["hash"]
    heads = {f"{number}:{before}"}
    for what, ref, digest in chain["links"]:
        number += 1
        before = sha([before, number, what, ref, digest])
        heads.add(f"{number}:{before}")
    heads |= {each.partition(":")[2] for each in heads}
    plain = kept.strip().casefold()
    if not (whole := re.fullmatch(r"(?:([0-9]{1,15}):)?([0-9a-f]{64}|[0-9a-f]{32})", plain)):
        raise NotACertificate(
            f'"{kept[:60]}" is not a head: copy it whole, the number, the colon and all that follows.'
        )
    is_later = int(whole[1] or 0) > number
    why = (
        f"the certificate goes no further than link {number}. Either the head was kept later, and a certificate that is made now will show it, or what was recorded since was taken away."
        if is_later
        else "the file is another, or its past was changed."
    )
    said.expect(plain in heads, f"The head kept elsewhere, {kept}, is not one of this chain: {why}")
    if plain in heads:
        said.fact(
            f"The head kept elsewhere, {kept}, is one of this chain: what stands before it was there when that head was kept."
        )


# -- what it says ----------------------------------------------------------------------------------------------------------


class Report:
    """What was found, in sentences."""

    def __init__(self) -> None:
        self.facts: list[str] = []
        self.faults: list[str] = []
        self.unknowns: list[str] = []

    def fact(self, sentence: str) -> None:
        """Something that checks."""
        self.facts.append(sentence)

    def unknown(self, sentence: str) -> None:
        """Something that cannot be found in a file."""
        self.unknowns.append(sentence)

    def expect(self, holds: bool, otherwise: str) -> None:
        """Something that has to hold; the sentence is for where it does not."""
        if not holds and otherwise not in self.faults:
            self.faults.append(otherwise)

    def stop_if_wrong(self) -> None:
        """Raises Wrong where something was wrong that all else rests on."""
        if self.faults:
            raise Wrong("What the dates rest on is not what was recorded, so they were not worked out.")


# -- London's clock (C11): instants are in UTC, without a zone -------------------------------------------------------------


def instant(said: str) -> datetime:
    """`2026-11-18T14:05:00Z` as an instant in UTC."""
    return datetime.strptime(said, "%Y-%m-%dT%H:%M:%SZ")


@lru_cache(1024)
def _sunday(year: int, month: int, last: bool = True) -> date:
    """The last Sunday of a month, or its fourth."""
    sundays = [day for day in (date(year, month, n) for n in range(1, 32)) if day.weekday() == 6]
    return sundays[-1] if last else sundays[3]


def is_summer(at: datetime) -> bool:
    """Whether London's clocks are an hour ahead of UTC: from 01:00 UTC on the last Sunday of March to that of October."""
    begins = datetime.combine(_sunday(at.year, 3), time(1))
    ends = datetime.combine(_sunday(at.year, 10, last=at.year > 1995), time(1))  # until 1995 it was the fourth
    return begins <= at < ends


def in_london(at: datetime) -> datetime:
    """What London's clocks show at an instant."""
    return at + AN_HOUR if is_summer(at) else at


def day_of(at: datetime) -> date:
    """The London day of an instant."""
    return in_london(at).date()


def at_london(day: date, clock: time) -> datetime:
    """The instant at which London's clocks show a time; of a time that they show twice, the first."""
    shown = datetime.combine(day, clock)
    return shown - AN_HOUR if is_summer(shown - AN_HOUR) else shown


def end_of(day: date) -> datetime:
    """The last second of a day in London (C5)."""
    return at_london(day, time(23, 59, 59))


def spoken(at: datetime) -> str:
    """An instant as people in London say it."""
    shown = in_london(at)
    clock = f"{shown:%H:%M:%S}" if shown.second else f"{shown:%H:%M}"
    return f"{shown:%A} {shown.day} {shown:%B %Y} {clock}"


# -- calendars (C1, C12) ---------------------------------------------------------------------------------------------------

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Days(NamedTuple):
    """The days of one calendar as it was at some time."""

    name: str
    week: tuple[int, ...]
    off: dict[date, str]
    holidays: dict[date, str]
    hours: dict[int, tuple[time, time]]
    first: date
    last: date
    published_to: date
    known_from: date
    known_to: date
    source: str
    others: dict[str, Any]

    def why_off(self, day: date) -> str | None:
        """Why nobody works on a day; None where they do."""
        if not self.first <= day <= self.last:
            raise Wrong(f"{day} lies beyond the days that the {self.name} calendar has.")
        if day.weekday() not in self.week:
            return "weekend" if day.weekday() > 4 else "not a working day of the week"
        return self.off.get(day)

    def is_worked(self, day: date) -> bool:
        """Whether people work on a day (C1)."""
        return self.why_off(day) is None

    def open_from_to(self, day: date) -> tuple[datetime, datetime]:
        """The instants between which people work on a working day."""
        opens, closes = self.hours[day.weekday()]
        return at_london(day, opens), at_london(day, closes)

    def settles(self, first: date, last: date) -> bool:
        """Whether it is published which of these days are off (C12)."""
        return self.known_from <= first and last <= self.published_to


def _clock(said: str) -> time:
    return time.fromisoformat(said.strip())


def _versions(paper: Table, name: str) -> list[Table]:
    found = [each for each in paper["calendars"] if each["name"] == name]
    return sorted(found, key=lambda each: int(each["version"][0]))


def _row(version: Table) -> Table:
    return {name: version["version"][n] for n, name in enumerate(VERSION)}


def _holding(versions: Sequence[Table], at: datetime | None, by_instant: bool) -> int:
    """How many of the versions had been made by an instant; all where none is given."""
    if at is None:
        return len(versions)
    made = [instant(_row(each)["made_at"]) for each in versions]
    if by_instant:
        return max([n for n, each in enumerate(made, 1) if each <= at], default=1)
    return next((n for n, each in enumerate(made[1:], 1) if at < each), len(made))


def _off_in(versions: Sequence[Table], kind: str) -> dict[date, str]:
    """The days off of a kind once all these versions were made."""
    off: dict[date, str] = {}
    for each in versions:
        for day, which, _, _ in each["ended"]:
            if which == kind:
                off.pop(date.fromisoformat(day), None)
        for day, which, name, _ in each["began"]:
            if which == kind:
                words = each["words"].get(day) or each["words"].get("why") or (None, WHY_ERASED)
                off[date.fromisoformat(day)] = name or (words[1] if kind == "closure" else "")
    return off


def calendar(paper: Table, name: str, at: datetime | None) -> Days:
    """A calendar as it was at an instant, or as it is. Raises Wrong."""
    versions = _versions(paper, name)
    if not versions or [_row(each)["version"] for each in versions] != list(range(1, len(versions) + 1)):
        raise Wrong(f"The certificate does not have every version of the calendar {name}.")
    own = _row(versions[0])["own"]
    if own is None:
        held = versions[: _holding(versions, at, by_instant=False)]
        return _nations(name, held)
    closed = _off_in(versions[: _holding(versions, at, by_instant=True)], "closure")
    made = json.loads(own)
    beside = {each["key"]: _own(paper, name, each, closed, at, {}) for each in made["beside"]}
    return _own(paper, name, made["usual"], closed, at, beside)


def _nations(name: str, versions: Sequence[Table]) -> Days:
    row = _row(versions[-1])
    holidays, closures = _off_in(versions, "bank holiday"), _off_in(versions, "closure")
    hours = dict.fromkeys(range(7), (_clock(row["opens"]), _clock(row["closes"])))
    first, last = date.fromisoformat(row["first"]), date.fromisoformat(row["last"])
    known = date.fromisoformat(row["published_to"])
    off = {**closures, **holidays}
    return Days(name, (0, 1, 2, 3, 4), off, holidays, hours, first, last, known, first, last, row["source"], {})


def _own(
    paper: Table, name: str, choice: Table, closed: dict[date, str], at: datetime | None, others: dict[str, Days]
) -> Days:
    """A calendar of a protocol's own: a nation's, and what the protocol says differs from it."""
    base = calendar(paper, choice["name"], at)
    for name_of_other in choice.get("also", []):
        base = _with_days_of(base, calendar(paper, name_of_other, at))
    counts_holidays = choice["bank_holidays"]
    closures = {day: why for day, why in base.off.items() if day not in base.holidays}
    terms = sorted((date.fromisoformat(each["from"]), date.fromisoformat(each["to"])) for each in choice["terms"])
    between = {
        day: "outside term"
        for n in range(len(terms) - 1)
        for day in _every_day(terms[n][1] + A_DAY, terms[n + 1][0] - A_DAY)
    }
    own_closures = {day: each["name"] for each in choice["closures"] for day in _closed_days(each, base.last)}
    off = {**between, **own_closures, **closed, **closures, **(base.off if counts_holidays else {})}
    usual = _hours(choice["hours"]) if choice.get("hours") else base.hours[0]
    hours = {
        n: _hours(choice["hours_on"][day]) if day in choice["hours_on"] else usual for n, day in enumerate(WEEKDAYS)
    }
    settled = base.published_to if counts_holidays else base.last
    known_to = max((to for _, to in terms), default=base.last)
    ends = [date.fromisoformat(each["until"]) for each in choice["closures"] if each.get("until")]
    settled = min([settled, *ends])
    return Days(
        name, tuple(sorted(WEEKDAYS.index(day) for day in choice.get("week", ()))) or (0, 1, 2, 3, 4), off, base.holidays if counts_holidays else {},
        hours, base.first, base.last, min(settled, known_to) if terms else settled,
        terms[0][0] if terms else base.first, known_to, base.source, dict(others),
    )  # fmt: skip


def _with_days_of(one: Days, other: Days) -> Days:
    """A calendar with the days off of another nation as well; what both know counts as known."""
    return one._replace(
        off={**other.off, **one.off},
        holidays={**other.holidays, **one.holidays},
        first=max(one.first, other.first),
        last=min(one.last, other.last),
        published_to=min(one.published_to, other.published_to),
        known_from=max(one.known_from, other.known_from),
        known_to=min(one.known_to, other.known_to),
        source=one.source if other.source in one.source.split("; ") else f"{one.source}; {other.source}",
    )


def _closed_days(closure: Table, last: date) -> Iterator[date]:
    """The days of a closure, and where it comes back, those of every year up to its end or that of the calendar."""
    first, to = date.fromisoformat(closure["from"]), date.fromisoformat(closure["to"])
    yield from _every_day(first, to)
    end = date.fromisoformat(closure["until"]) if closure.get("until") else last
    year = first.year + 1
    while closure.get("every_year") and year <= min(end, last).year:
        begins = _same_day(first, year)
        ends = _same_day(to, year + to.year - first.year)
        yield from (day for day in _every_day(begins, ends) if day <= end)
        year += 1


def _same_day(day: date, year: int) -> date:
    try:
        return date(year, day.month, day.day)
    except ValueError:
        return date(year, 2, 28)


def _hours(said: str) -> tuple[time, time]:
    opens, _, closes = said.partition(" to ")
    return _clock(opens), _clock(closes)


def _every_day(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += A_DAY


# -- allowances ------------------------------------------------------------------------------------------------------------


class Allowance(NamedTuple):
    """So many of a unit."""

    figure: int
    lower: int | None
    unit: str
    """`minute`, `hour`, `working hour`, `day`, `working day`, `week`, `working week`, `month`, `year`, `at once`, `same working day`."""
    days_of: str | None
    clear: bool
    inclusive: bool
    by: str | None

    @property
    def in_hours(self) -> bool:
        """It ends at a time of day (C6)."""
        return self.unit in ("minute", "hour", "working hour")

    @property
    def is_of_working_days(self) -> bool:
        """Only working days or hours count."""
        return "working" in self.unit


SAYS_UNIT = {
    "min": "minute", "hr": "hour", "clock hour": "hour", "calendar day": "day", "wd": "working day", "calendar week": "week",
    "calendar month": "month", "calendar year": "year",
}  # fmt: skip
UNITS = ("minute", "hour", "working hour", "day", "working day", "week", "working week", "month", "year")


def allowance(said: str) -> Allowance:
    """What a protocol allows, read from its own words. Raises Wrong."""
    words = " ".join(said.casefold().split())
    by = None
    if " by " in words:
        words, _, by = words.rpartition(" by ")
        by = {"noon": "12:00", "close of business": "close"}.get(by, by)
    inclusive = words.endswith(" inclusive")
    words = words.removesuffix(" inclusive")
    plain = words.removeprefix("the ")
    if plain in ("immediately", "immediate", "same day"):
        return Allowance(0, None, "at once", None, False, inclusive, by)
    same = re.fullmatch(r"same ([a-z0-9-]+) day", plain)
    if same:
        return Allowance(0, None, "same working day", None if same[1] == "working" else same[1], False, inclusive, by)
    found = re.fullmatch(r"([0-9]+)(?: ?(?:to|-|\u2013) ?([0-9]+))? ?(clear )?([a-z0-9 -]+)", words)
    if found is None:
        raise Wrong(f'"{said}" is not so much time as a protocol allows.')
    low, high = int(found[1]), int(found[2] or found[1])
    unit = found[4]
    days_of = None
    for each in (unit, unit.removesuffix("s")):
        if SAYS_UNIT.get(each, each) in UNITS:
            unit = SAYS_UNIT.get(each, each)
            break
    else:
        own = re.fullmatch(r"([a-z0-9][a-z0-9-]*) (day|hour)s?", unit)
        if own is None:
            raise Wrong(f'"{said}" is not so much time as a protocol allows.')
        unit, days_of = f"working {own[2]}", own[1]
    if not high and unit == "working day":
        return Allowance(0, None, "same working day", None, False, False, by)
    return Allowance(high, low if low < high else None, unit, days_of, bool(found[3]), inclusive, by)


# -- counting (C2 to C8), one day after the other ----------------------------------------------------------------------------

Stop = tuple[datetime, Any]
"""From when to when a clock stood still; to None where it still does."""


class End(NamedTuple):
    """Where time runs out."""

    at: datetime
    provisional: bool
    """Not all days on the way are published (C12)."""


def months_after(day: date, months: int) -> date:
    """The same day so many months later or earlier; in a month that lacks it, its last day (C3)."""
    year, month = day.year, day.month + months
    while month > 12:
        year, month = year + 1, month - 12
    while month < 1:
        year, month = year - 1, month + 12
    for n in (day.day, 30, 29, 28):
        try:
            return date(year, month, min(n, day.day))
        except ValueError:
            continue
    raise Wrong(f"{year}-{month} is no month.")


def is_stopped_all_day(day: date, stops: Sequence[Stop]) -> bool:
    """Whether the clock stood still from the beginning of a day to its end."""
    begins = at_london(day, time(0))
    return any(since <= begins and (until is None or day < day_of(until)) for since, until in stops)


def runs_out(start: datetime, allowed: Allowance, days: Days, stops: Sequence[Stop]) -> End | None:
    """Where time that begins at an instant runs out; None while its clock stands still. Raises Wrong."""
    stops = [(max(since, start), until) for since, until in stops if until is None or until > start]
    if allowed.in_hours:
        return _hours_run_out(start, allowed, days, stops)
    first = day_of(start)
    last = _last_day(first, allowed, days, stops)
    if last is None:
        return None
    days.why_off(last)
    at = _end_on(last, allowed, days)
    if at < start:  # the hour was over when it began: the next day's
        last += A_DAY
        while allowed.is_of_working_days and not days.is_worked(last):
            last += A_DAY
        at = _end_on(last, allowed, days)
    return End(at, not days.settles(min(last, first + A_DAY), last))


def _end_on(day: date, allowed: Allowance, days: Days) -> datetime:
    if allowed.by is None:
        return end_of(day)
    return (
        days.open_from_to(day)[1] if allowed.by == "close" else at_london(day, time.fromisoformat(allowed.by.zfill(5)))
    )


def _last_day(first: date, allowed: Allowance, days: Days, stops: Sequence[Stop]) -> date | None:
    """The last day of an allowance in days; None where its clock stands still for good before it."""
    if allowed.unit == "at once":
        return first
    if allowed.unit == "same working day":
        day = first
        while not days.is_worked(day):
            day += A_DAY
        return day
    figure = allowed.figure * {"week": 7, "working week": len(days.week)}.get(allowed.unit, 1)
    if allowed.unit in ("month", "year"):
        on = months_after(first, allowed.figure * (12 if allowed.unit == "year" else 1)) - A_DAY * allowed.inclusive
        return _walk(first, allowed._replace(inclusive=False), (on - first).days, days, stops)
    return _walk(first, allowed, figure, days, stops)


def _walk(first: date, allowed: Allowance, figure: int, days: Days, stops: Sequence[Stop]) -> date | None:
    """The day by which so many days were counted: all of them, or working days; day 0 is one only of what is inclusive."""

    def counts(day: date) -> bool:
        why = days.why_off(day)  # which also refuses a day that the calendar does not have
        return why is None or not allowed.is_of_working_days

    day = first
    counted = int(allowed.inclusive and counts(day))
    while counted < figure:
        day += A_DAY
        if any(until is None and at_london(day, time(0)) >= since for since, until in stops):
            return None
        counted += counts(day) and not is_stopped_all_day(day, stops)
    return day


def _running(
    start: datetime, allowed: Allowance, days: Days, stops: Sequence[Stop]
) -> Iterator[tuple[datetime, datetime | None]]:
    """The spans of time that count from an instant on, in order: working hours or all hours, without those in which the clock stood still."""
    if allowed.unit != "working hour":
        begins = start
        for since, until in stops:
            if since > begins:
                yield begins, since
            if until is None:
                return
            begins = max(begins, until)
        yield begins, None
        return
    day = day_of(start)
    while True:
        if days.is_worked(day):
            opens, closes = days.open_from_to(day)
            begins = max(opens, start)
            for since, until in stops:
                if since >= closes:
                    break
                if since > begins:
                    yield begins, since
                begins = closes if until is None else max(begins, until)
            if begins < closes:
                yield begins, closes
        if any(until is None and day > day_of(since) for since, until in stops):
            return
        day += A_DAY


def _length(allowed: Allowance) -> timedelta:
    return allowed.figure * (timedelta(minutes=1) if allowed.unit == "minute" else AN_HOUR)


def _hours_run_out(start: datetime, allowed: Allowance, days: Days, stops: Sequence[Stop]) -> End | None:
    left = _length(allowed)
    for begins, ends in _running(start, allowed, days, stops):
        if ends is None or begins + left <= ends:
            at = begins + left
            days.why_off(day_of(at))
            return End(at, not days.settles(day_of(start), day_of(at)))
        left -= ends - begins
    return None


def counted_back(event: datetime, allowed: Allowance, days: Days) -> End:
    """The last instant that leaves so much time before an event. Raises Wrong."""
    day = day_of(event)
    if allowed.in_hours:
        at = _hours_before(event, allowed, days)
        days.why_off(day_of(at))
        return End(at, not days.settles(day_of(at), day))
    on = _day_before(day, allowed, days)
    days.why_off(on)
    return End(min(_end_on(on, allowed, days), event), not days.settles(on, max(on, day - A_DAY)))


def _hours_before(event: datetime, allowed: Allowance, days: Days) -> datetime:
    left = _length(allowed)
    if allowed.unit != "working hour":
        return event - left
    day = day_of(event)
    while True:
        if days.is_worked(day):
            opens, closes = days.open_from_to(day)
            closes = min(closes, event)
            if closes - opens >= left:
                return closes - left
            left -= max(closes - opens, timedelta(0))
        day -= A_DAY


def _day_before(event: date, allowed: Allowance, days: Days) -> date:
    """The last day that leaves so many days before the day of an event."""
    if allowed.unit == "at once":
        return event
    if allowed.unit == "same working day":
        day = event
        while not days.is_worked(day):
            day -= A_DAY
        return day
    if allowed.unit in ("month", "year"):
        months = allowed.figure * (12 if allowed.unit == "year" else 1)
        on = months_after(event, -months) - A_DAY * allowed.clear + A_DAY * allowed.inclusive
        while allowed.inclusive and months_after(on, months) - A_DAY > event:
            on -= A_DAY
        return on
    if not allowed.is_of_working_days:
        return event - A_DAY * (
            allowed.figure * (7 if allowed.unit == "week" else 1) + allowed.clear - allowed.inclusive
        )
    left = allowed.figure * (len(days.week) if allowed.unit == "working week" else 1) + allowed.clear
    day = min(event, days.known_to + A_DAY) + A_DAY * allowed.inclusive
    while left:
        day -= A_DAY
        left -= days.is_worked(day)
    return day


def act_by(begins: datetime | None, due: datetime, days: Days) -> tuple[datetime, bool]:
    """The last working moment not after the deadline, and whether there is none, so that it is the deadline itself (C8)."""
    day = day_of(due)
    while True:
        if days.is_worked(day):
            opens, closes = days.open_from_to(day)
            if opens <= due:
                at = min(closes, due)
                return (at, False) if begins is None or at >= begins else (due, True)
        day -= A_DAY


# -- the days of a proof -----------------------------------------------------------------------------------------------------


def steps(start: datetime, allowed: Allowance, days: Days, stops: Sequence[Stop], backward: bool) -> list[list[Any]]:
    """Every day on the way: the day, how much was counted by its end or null where it was passed over, and why that was."""
    end = counted_back(start, allowed, days) if backward else runs_out(start, allowed, days, stops)
    if end is None:
        return []
    if allowed.in_hours:
        return _steps_of_hours(min(start, end.at), max(start, end.at), allowed, days, stops)
    first = day_of(start)
    if backward:
        return _steps_back(first, _day_before(first, allowed, days), allowed, days)
    last = day_of(end.at)
    return _steps_ahead(first, last, allowed, days, stops)


def _steps_of_hours(
    start: datetime, end: datetime, allowed: Allowance, days: Days, stops: Sequence[Stop]
) -> list[list[Any]]:
    found: list[list[Any]] = []
    clipped = [(max(since, start), until) for since, until in stops if until is None or until > start]
    for day in _every_day(day_of(start), day_of(end)):
        until = min(end_of(day) + A_SECOND, end)
        ran = timedelta(0)
        for begins, ends in _running(start, allowed, days, clipped):
            if begins >= until:
                break
            ran += (until if ends is None else min(ends, until)) - begins
        why = days.why_off(day) if allowed.unit == "working hour" else None
        why = why or ("the clock was stopped all day" if is_stopped_all_day(day, stops) else None)
        unit = timedelta(minutes=1) if allowed.unit == "minute" else AN_HOUR
        found.append([day.isoformat(), None if why else ran // unit, why or clock_change(day)])
    return found


def clock_change(day: date) -> str:
    """What London's clocks did on a day; nothing on nearly all."""
    before, after = is_summer(at_london(day, time(0))), is_summer(end_of(day))
    return "" if before == after else "clocks went forward" if after else "clocks went back"


def _steps_ahead(first: date, last: date, allowed: Allowance, days: Days, stops: Sequence[Stop]) -> list[list[Any]]:
    found: list[list[Any]] = []
    counted, stood_still = 0, 0
    for day in _every_day(first, last):
        is_first = day == first and not allowed.inclusive
        why = days.why_off(day) if allowed.is_of_working_days and not is_first else None
        stopped = allowed.figure and day not in (first, last) and is_stopped_all_day(day, stops)
        why = why or ("the clock was stopped all day" if stopped else None)
        if why:
            stood_still += why == "the clock was stopped all day"
            found.append([day.isoformat(), None, why])
            continue
        counted += not is_first
        number = _whole_units(first, day, counted, stood_still, allowed, days)
        found.append([day.isoformat(), min(number, allowed.figure), ""])
    return found


def _whole_units(first: date, day: date, counted: int, stood_still: int, allowed: Allowance, days: Days) -> int:
    if allowed.unit in ("at once", "same working day"):
        return 0
    if allowed.unit in ("month", "year"):
        until = day - A_DAY * stood_still + A_DAY * allowed.inclusive
        return _whole_months(first, until) // (12 if allowed.unit == "year" else 1)
    per = {"week": 7, "working week": len(days.week)}.get(allowed.unit, 1)
    return counted // per


def _whole_months(first: date, until: date) -> int:
    months = max(0, 12 * (until.year - first.year) + until.month - first.month - 1)  # one fewer, where there are any
    while months_after(first, months + 1) <= until:
        months += 1
    return months


def _steps_back(first: date, last: date, allowed: Allowance, days: Days) -> list[list[Any]]:
    found: list[list[Any]] = []
    counted = 0
    day = first
    while day >= last:
        is_first = day == first and not allowed.inclusive
        why = days.why_off(day) if allowed.is_of_working_days and not is_first else None
        if why is None and not is_first and allowed.is_of_working_days and day > days.known_to:
            why = "after the last term that is known"
        if why:
            found.append([day.isoformat(), None, why])
        else:
            counted += not is_first
            number = allowed.figure if day == last else _units_back(first, day, counted, allowed, days)
            found.append([day.isoformat(), number, ""])
        day -= A_DAY
    return found


def _units_back(first: date, day: date, counted: int, allowed: Allowance, days: Days) -> int:
    if allowed.unit in ("at once", "same working day"):
        return 0
    if allowed.unit in ("month", "year"):
        months, until = 0, first + A_DAY * allowed.inclusive
        while months_after(day, months + 1) <= until:
            months += 1
        return months // (12 if allowed.unit == "year" else 1)
    return counted // {"week": 7, "working week": len(days.week)}.get(allowed.unit, 1)


# -- the history (C16, C20) ------------------------------------------------------------------------------------------------


class Entry(NamedTuple):
    """An entry that counts, at the time that counts."""

    seq: int
    kind: str
    at: datetime
    recorded_at: datetime
    by: str
    data: Table
    corrected_in: int | None = None
    """The entry that says that it happened at another time than was first written down."""

    def __str__(self) -> str:
        corrected = f", with its time corrected in entry {self.corrected_in}" if self.corrected_in else ""
        return f"entry {self.seq} (written down {spoken(self.recorded_at)} by {self.by}{corrected})"


class Answer(NamedTuple):
    """What an entry says of a question."""

    at: datetime
    seq: int
    fact: str
    said: str

    @property
    def holds_from(self) -> datetime:
        """From when it holds: what has a date of its own holds from that, however late it was told (C20)."""
        return min(self.at, instant(self.said)) if is_instant(self.said) else self.at


def is_instant(said: str) -> bool:
    """Whether an answer is the date of an event."""
    return bool(re.fullmatch(PATTERNS[INSTANT], said))


class History:
    """The entries of the case: those taken back do not count, and a corrected time holds."""

    def __init__(self, paper: Table) -> None:
        rows = sorted(paper["entries"], key=lambda row: int(row[2]))
        if [row[2] for row in rows] != list(range(1, len(rows) + 1)):
            raise Wrong(f"The entries of {paper['case']} do not run from 1 on without a gap.")
        every = [Entry(row[2], row[3], instant(row[4]), instant(row[5]), row[6], json.loads(row[7])) for row in rows]
        undone = {each.data["undoes"] for each in every if each.kind == "undone"}
        corrections = {
            each.data["corrects"]: each for each in every if each.kind == "corrected" and each.seq not in undone
        }
        self.entries = [
            each._replace(at=instant(corrections[each.seq].data["to"]), corrected_in=corrections[each.seq].seq)
            if each.seq in corrections
            else each
            for each in every
            if each.seq not in undone
        ]
        self.by_number = {each.seq: each for each in self.entries}
        self.stays = [each for each in self.entries if each.kind in ("opened", "advanced")]
        self.editions = [each for each in self.entries if each.kind in ("opened", "adopted")]
        self.answers = [
            Answer(each.at, each.seq, fact, said)
            for each in self.entries
            for fact, said in each.data.get("facts", {}).items()
        ]

    def taking_for_granted(self, protocol: Table) -> History:
        """The history with what the protocol takes for granted until somebody says otherwise, as if the opening entry said that."""
        granted = {each["key"]: each["unless_said"] for each in protocol.get("facts", []) if "unless_said" in each}
        if not granted:
            return self
        opened, found = self.entries[0], copy(self)
        said = {each.fact for each in self.answers if (each.at, each.seq) <= (opened.at, opened.seq)}
        new = [Answer(opened.at, opened.seq, key, answer) for key, answer in granted.items() if key not in said]
        found.answers = [*new, *self.answers]
        return found

    def under(self, judged_until: datetime | None) -> Table:
        """What the entry says by which the case came under its edition, or the one it was under when something was judged."""
        held = self.editions[0]
        for each in self.editions[1:]:
            if judged_until is not None and judged_until <= each.recorded_at:
                break
            held = each
        return held.data

    def known(self, fact: str) -> Answer | None:
        """The answer that holds now: the last that came about."""
        return max(
            (each for each in self.answers if each.fact == fact), key=lambda each: (each.at, each.seq), default=None
        )

    def _told(self) -> list[Answer]:
        """All that was said, in the order in which it came about, save what was said in between and has been overtaken."""
        told: list[Answer] = []
        for each in sorted(self.answers, key=lambda each: (each.at, each.seq)):
            told = [one for one in told if one.fact != each.fact or one.holds_from <= each.holds_from]
            told.append(each)
        return sorted(told, key=lambda each: (each.holds_from, each.seq))

    def known_at(self, entry: Entry) -> dict[str, str]:
        """The answers that held when an entry happened, and first answers that settle what it was all along (C14)."""
        first: dict[str, Answer] = {}
        for each in sorted(self.answers, key=lambda each: (each.at, each.seq)):
            first.setdefault(each.fact, each)
        dated = {each.seq for each in self.entries if each.at != each.recorded_at}
        all_along = {
            each.fact: each.said for each in first.values() if each.seq not in dated and not is_instant(each.said)
        }
        by = (entry.at, entry.seq)
        return {**all_along, **{each.fact: each.said for each in self._told() if (each.holds_from, each.seq) <= by}}

    def stops(self, condition: str) -> list[Stop]:
        """The times during which a condition held."""
        told = self._told()
        known: dict[str, str] = {}
        found: list[Stop] = []
        since = None
        for n, each in enumerate(told):
            known[each.fact] = each.said
            if n + 1 < len(told) and told[n + 1].holds_from == each.holds_from:
                continue  # the last that was said of an instant
            holds = value(condition, known) is True
            if holds and since is None:
                since = each.holds_from
            elif not holds and since is not None:
                found.append((since, each.holds_from))
                since = None
        return [*found, (since, None)] if since else found


# -- conditions (C14) ------------------------------------------------------------------------------------------------------


def _terms(condition: str) -> list[list[tuple[str, bool, str]]]:
    """The alternatives of `a is x and b is not y or ...`, each with its terms: the fact, whether it has to be so, the answer."""
    found = []
    for alternative in re.split(r"\s+or\s+", " ".join(condition.split())):
        terms = []
        for term in re.split(r"\s+and\s+", alternative):
            read_as = re.fullmatch(r"(\S+) is (not )?(\S+)", term)
            if read_as is None:
                raise Wrong(f'"{condition}" is no condition.')
            terms.append((read_as[1], read_as[2] is None, read_as[3]))
        found.append(terms)
    return found


def _holds(term: tuple[str, bool, str], answers: dict[str, str]) -> bool | None:
    fact, has_to_be, answer = term
    said = answers.get(fact)
    if said is None:
        so = {"known": False, "unknown": True}.get(answer)
        return None if so is None else so is has_to_be
    return (said == answer or (answer == "known" and is_instant(said))) is has_to_be


def _all_hold(terms: list[tuple[str, bool, str]], answers: dict[str, str]) -> bool | None:
    values = [_holds(each, answers) for each in terms]
    return False if False in values else None if None in values else True


def value(condition: str | None, answers: dict[str, str]) -> bool | None:
    """Whether a condition holds; None where that hangs on a question nobody has answered."""
    if condition is None:
        return True
    values = [_all_hold(each, answers) for each in _terms(condition)]
    return True if True in values else None if None in values else False


def unanswered(condition: str | None, answers: dict[str, str]) -> list[str]:
    """The questions on which a condition hangs."""
    if condition is None or value(condition, answers) is not None:
        return []
    still_open = [each for each in _terms(condition) if _all_hold(each, answers) is None]
    return [term[0] for terms in still_open for term in terms if _holds(term, answers) is None]


def facts_of(condition: str | None) -> set[str]:
    """The questions that a condition asks."""
    return {fact for terms in _terms(condition) for fact, _, _ in terms} if condition else set()


# -- the protocol ----------------------------------------------------------------------------------------------------------


def protocol_of(paper: Table, digest: str) -> Table:
    """The protocol with a hash, as its text says it, put together with the files it extends. Raises Wrong."""
    row = next((each for each in paper["editions"] if each[3] == digest), None)
    if row is None:
        raise Wrong(f"The certificate does not have the text of the protocol that the case is under ({digest}).")
    tree: Table = {}
    for text in reversed([row[4], *_texts(row[5])]):
        if len(text) > LONGEST_PROTOCOL or any(line.count(".") > 500 for line in text.splitlines()):
            raise Wrong("The text of the protocol is longer than any protocol is.")
        tree = _put_together(tree, tomllib.loads(text)) if tree else tomllib.loads(text)
    return tree


def _put_together(base: Table, own: Table) -> Table:
    """What a file says in the place of what the file it extends says; in a list of tables with keys, each by its key."""
    both = dict(base)
    for name, said in own.items():
        before = base.get(name)
        if name == "extends":
            continue
        if isinstance(said, dict) and isinstance(before, dict):
            both[name] = _put_together(before, said)
        elif _is_keyed(said):
            both[name] = _lists_together(before if _is_keyed(before) else [], said)
        else:
            both[name] = said
    return both


def _is_keyed(said: Any) -> bool:
    return isinstance(said, list) and bool(said) and all(isinstance(each, dict) and "key" in each for each in said)


def _lists_together(base: Any, own: list[Table]) -> list[Table]:
    both: list[Table] = list(base)
    for table in own:
        said = {name: each for name, each in table.items() if name != "remove"}
        alike = [n for n, each in enumerate(both) if each.get("key") == table.get("key")]
        exact = [n for n in alike if both[n].get("route") == table.get("route")]
        meant = exact or ([] if "route" in table else alike)
        if table.get("remove") is True:
            both = [each for n, each in enumerate(both) if n not in meant]
        elif meant:
            both[meant[0]] = _put_together(both[meant[0]], said)
        else:
            both.append(_put_together({}, said))
    return both


def action_of(protocol: Table, proof: Table) -> Table:
    """What a protocol says of an action. Raises Wrong."""
    occasion, key = proof["occasion"], proof["action"]
    if occasion < 0:
        tables = protocol.get("after_resolution", [])
    elif occasion == 0:
        tables = protocol.get("standing_actions", [])
    else:
        first = protocol["routes"][0]["key"]
        place = (proof["route"], proof["stage"])
        stage = next((each for each in protocol["stages"] if (each.get("route", first), each["key"]) == place), None)
        if stage is None:
            raise Wrong(f"The protocol has no stage {proof['stage']} on a route {proof['route']}.")
        tables = stage.get("actions", [])
        if key == "resolve" and not any(each.get("ends_stage") for each in tables):
            return {"key": key, "name": "Resolve, or go up", "ends_stage": True}
        if key == "next-step":
            ending = [each for each in tables if each.get("ends_stage")]
            return {"key": key, "name": "Record that it is resolved, or go up", "goes_once_called_for": ending}
    found: Table | None = next((each for each in tables if each["key"] == key), None)
    if found is None:
        raise Wrong(f"The protocol has no action {key} there.")
    return found


def rules_of(protocol: Table, action: Table, proof: Table) -> list[tuple[Table, bool]]:
    """Every rule on an action, and whether it is the limit on the whole process. No date rests on how else a rule may be read."""
    rules: list[tuple[Table, bool]] = [(_that_counts(each), False) for each in action.get("timescales", [])]
    if action.get("ends_stage"):
        route = next(each for each in protocol["routes"] if each["key"] == proof["route"])
        if "cap" in route:
            rules.append((_that_counts(route["cap"]), True))
    return rules


def _that_counts(rule: Table) -> Table:
    return {name: said for name, said in rule.items() if name != "other_readings"}


# -- dates -----------------------------------------------------------------------------------------------------------------


class Counted(NamedTuple):
    """A limit, worked out again."""

    end: End | None
    target: datetime | None
    may_change: bool
    """It counts from something that may still come out otherwise (C10, C21)."""
    questions: list[str]
    """On which it hangs whether it applies (C14)."""
    is_own: bool
    """It is of the action itself, and neither the limit on the whole process nor an agreed date."""
    begins: datetime | None
    """What it counts from; None where it is counted back."""
    days: Days
    """The calendar on which it is counted."""


class Case(NamedTuple):
    """What all dates of a certificate have in common."""

    paper: Table
    history: History
    said: Report
    calendars: dict[tuple[str, datetime | None], Days]
    """Those that were made already, by their name and the instant at which they held; None for today."""

    def calendar(self, name: str, at: datetime | None) -> Days:
        """A calendar as it was at an instant, or as it is. Raises Wrong."""
        if (name, at) not in self.calendars:
            self.calendars[name, at] = calendar(self.paper, name, at)
        return self.calendars[name, at]


class OneDate:
    """One date of a certificate, worked out again from what its entries, its protocol and its calendar say."""

    def __init__(self, case: Case, proof: Table, seen_from: Table | None = None) -> None:
        """`seen_from` is what another date was over by, up to which this one was looked at."""
        self.case, self.proof, self.history, self.seen_from = case, proof, case.history, seen_from
        self.judged_until = instant(proof["judged_until"]) if proof["judged_until"] else None
        under = self.history.under(self.judged_until)
        self.protocol = protocol_of(case.paper, under["edition_digest"])
        self.history = self.history.taking_for_granted(self.protocol)
        as_of = self.judged_until - A_SECOND if self.judged_until else None
        self.days = case.calendar(under["calendar"], as_of)
        self.action = action_of(self.protocol, proof)
        self.answers = {fact: said for fact, (said, _) in proof["answers"].items()}
        over = proof["met"] or proof["ended"]
        self.over = instant(over["at"]) if over else None
        self.name = f"{proof['action']} at stage {proof['stage']}" if proof["stage"] else str(proof["action"])
        self.event_keys = {each["key"] for each in self.protocol.get("moments", [])}

    def expect(self, holds: bool, otherwise: str) -> None:
        """Something of this date that has to hold."""
        self.case.said.expect(holds, f"{self.name}: {otherwise}")

    def by(self, number: int) -> str:
        """An entry, as sentences refer to it."""
        return f"so says {self.history.by_number.get(number, f'entry {number}')}"

    def check(self) -> None:
        """Look at all of it. Raises Wrong."""
        self._check_place()
        self._check_answers()
        counted = [self._counted(each) for each in self.proof["limits"]]
        self._check_that_every_rule_is_there()
        self._check_which_decides(counted)
        self._check_outcome()

    # -- what it is of

    def _check_place(self) -> None:
        proof, stays = self.proof, self.history.stays
        if proof["occasion"] > 0:
            held = stays[proof["occasion"] - 1 : proof["occasion"]]
            place = (proof["route"], proof["stage"])
            self.expect(
                bool(held) and (held[0].data["route"], held[0].data["stage"]) == place,
                f"no entry says that the case came to stage {proof['stage']} as its stay number {proof['occasion']}.",
            )
        else:
            self.expect(proof["route"] is None and proof["stage"] is None, "it belongs to no stage, and one is named.")
            resolved = [each for each in self.history.entries if each.kind == "resolved"]
            self.expect(-proof["occasion"] <= len(resolved), f"the case was not resolved {-proof['occasion']} times.")
        if self.judged_until is not None:
            made = {instant(_row(each)["made_at"]) for each in self.case.paper["calendars"]}
            made |= {each.recorded_at for each in self.history.editions}
            self.expect(
                self.judged_until in made, "nothing changed at the instant until which it is said to have been judged."
            )

    def _check_answers(self) -> None:
        """Each answer by which it was judged has to stand in its entry; of what is still open, all have to be those that hold."""
        asked = self._asked()
        self.expect(set(self.answers) <= asked, "an answer is named that no condition asks for.")
        for fact, (said, number) in self.proof["answers"].items():
            last = max(
                (each.seq for each in self.history.answers if (each.fact, each.said) == (fact, said)), default=None
            )
            self.expect(number == last, f'entry {number} is not the last that says that {fact} is "{said}".')
        if self.over is None:
            for fact in asked:
                holds = self.history.known(fact)
                named = self.proof["answers"].get(fact)
                is_it = (holds.said if holds else None) == (named[0] if named else None)
                self.expect(is_it, f"the answer on {fact} by which it is counted is not the last that was given.")

    # -- each limit

    def _counted(self, limit: Table) -> Counted:
        rule = limit["rule"]
        return self._agreed(limit) if rule is None else self._by_rule(limit, rule)

    def _agreed(self, limit: Table) -> Counted:
        """A date that the two sides agreed."""
        entry = self._entry(limit)
        says = entry is not None and entry.kind == "agreed"
        self.expect(says, f"entry {limit['entry']} records no agreed date.")
        self.expect(limit["counts_from"] == "the agreed date", "an agreed date counts from nothing but the agreement.")
        self.expect(not limit["is_cap"], "an agreed date is not the limit on the whole process.")
        blank = not (limit["steps"] or limit["stops"] or limit["target_at"] or limit["extended_to"] or limit["after"])
        self.expect(blank and limit["after_may_be_in_time"] is None, "an agreed date has nothing to count.")
        if entry is None or not says:
            return Counted(None, None, False, [], False, None, self.days)
        is_for_it = (entry.data["visit"], entry.data["action"]) == (self.proof["occasion"], self.proof["action"])
        self.expect(is_for_it, f"what entry {entry.seq} agrees is for something else.")
        until = instant(entry.data["until"])
        self.expect(_said(until) == limit["due_at"], f"entry {entry.seq} agrees {spoken(until)}.")
        self.expect(limit["since"] == _said(entry.at), f"entry {entry.seq} was agreed at another time.")
        place = (self.proof["occasion"], self.proof["action"])
        alike = [
            each
            for each in self.history.entries
            if each.kind == "agreed"
            and (each.data["visit"], each.data["action"]) == place
            and each.data["until"] == entry.data["until"]
            and _meant(each) == _meant(entry)
        ]
        self._expect_last(entry, alike)
        self.expect(self.proof["agreement"] in (None, entry.seq), "the row is of another agreed date.")
        return Counted(End(until, day_of(until) > self.days.published_to), None, False, [], False, entry.at, self.days)

    def _by_rule(self, limit: Table, rule: Table) -> Counted:
        words = _words(rule)
        allowed = allowance(words)
        days = self.days.others.get(allowed.days_of) if allowed.days_of else self.days
        if days is None:
            raise Wrong(f"The protocol has no calendar for {words}.")
        backward = "before" in rule
        may_change = self._check_what_it_counts_from(limit, rule)
        stops = self._check_stops(limit, rule)
        since = instant(limit["since"]) if limit["since"] else None
        end = target = None
        if since:
            end = self._ends(since, allowed, days, stops, backward)
            target = self._target(since, allowed, rule, stops, backward)
        self._check_steps(limit, since, allowed, days, stops, backward)
        end = self._check_extension(limit, rule, since, end, stops)
        due = _said(end.at) if end else None
        self.expect(
            due == limit["due_at"],
            f"{words} from {_spoken(since)} runs out {_spoken(end.at if end else None)}, not {_told(limit['due_at'])}.",
        )
        aims = _said(target) if target else None
        self.expect(
            aims == limit["target_at"], f"the target of {words} is {_spoken(target)}, not {_told(limit['target_at'])}."
        )
        questions = unanswered(rule.get("when"), self.answers)
        return Counted(end, target, may_change, questions, not limit["is_cap"], None if backward else since, days)

    def _ends(
        self, since: datetime, allowed: Allowance, days: Days, stops: Sequence[Stop], backward: bool
    ) -> End | None:
        return counted_back(since, allowed, days) if backward else runs_out(since, allowed, days, stops)

    def _target(
        self, since: datetime, allowed: Allowance, rule: Table, stops: Sequence[Stop], backward: bool
    ) -> datetime | None:
        aim = allowance(rule["target"]) if "target" in rule else None
        if aim is None and allowed.lower is not None:
            aim = allowed._replace(figure=allowed.lower, lower=None)
        if aim is None:
            return None
        days = self.days.others[aim.days_of] if aim.days_of else self.days
        end = self._ends(since, aim, days, stops, backward)
        return end.at if end else None

    def _check_steps(
        self,
        limit: Table,
        since: datetime | None,
        allowed: Allowance,
        days: Days,
        stops: Sequence[Stop],
        backward: bool,
    ) -> None:
        expected = steps(since, allowed, days, stops, backward) if since else []
        shown = limit["steps"]
        for mine, theirs in zip(expected, shown, strict=False):
            what = f"was passed over ({mine[2]})" if mine[1] is None else f"counts, and makes {mine[1]}"
            self.expect(
                mine == theirs, f"{mine[0]} {what}, while the certificate has {theirs[0]}: {theirs[1]} {theirs[2]}."
            )
        self.expect(
            len(expected) == len(shown),
            f"there are {len(expected)} days on the way, and the certificate has {len(shown)}.",
        )

    def _check_extension(
        self, limit: Table, rule: Table, since: datetime | None, end: End | None, stops: Sequence[Stop]
    ) -> End | None:
        """The last date agreed for a reason, before the time had run out, and no later than may be agreed."""
        extended = None
        if ("extendable_to" in rule or rule.get("extendable")) and since and end:
            most = None
            if "extendable_to" in rule:
                most_allowed = allowance(rule["extendable_to"])
                days = self.days.others[most_allowed.days_of] if most_allowed.days_of else self.days
                most = runs_out(since, most_allowed, days, stops)
            ours, doubtful = self._agreed_for_it()
            fitting = [
                each
                for each in ours
                if not ("extendable_to" in rule and not most)
                and value(rule.get("extendable_when"), self.history.known_at(each)) is True
                and (self.over is None or each.at <= self.over)
                and each.data.get("reasoned")
                and each.at <= end.at < instant(each.data["until"]) <= (most.at if most else datetime.max)
            ]
            until = [instant(each.data["until"]) for each in fitting]
            extended = until[-1] if until else None
            stated = instant(limit["extended_to"]) if limit["extended_to"] else None
            if doubtful and until and stated in (None, *until):
                extended = stated
                self.case.said.unknown(
                    f"{self.name}: which of the calls for it was given more time by {_entries(fitting)}: that the time is one that was agreed was checked."
                )
        said = _said(extended) if extended else None
        self.expect(
            said == limit["extended_to"], f"it was extended to {_spoken(extended)}, not {_told(limit['extended_to'])}."
        )
        return End(extended, day_of(extended) > self.days.published_to) if extended else end

    def _agreed_for_it(self) -> tuple[list[Entry], bool]:
        """The agreements that may be of this call, the one agreed last at the end, and whether some may be of another (C15).

        What was agreed while an earlier call was open is not of one that was called for after that was done.
        """
        place = (self.proof["occasion"], self.proof["action"])
        found = [
            each
            for each in self.history.entries
            if each.kind == "agreed" and (each.data["visit"], each.data["action"]) == place
        ]
        found.sort(key=lambda each: (each.at, each.seq))
        if not self._may_be_called_for_again():
            return found, False
        earlier = [] if self._may_be_open_together() else self._done_before()
        mine = [
            each
            for each in found
            if not any((each.at, each.seq) < (at, number) and each.seq < number for at, number in earlier)
        ]
        return mine, True

    def _done_before(self) -> list[tuple[datetime, int]]:
        """When the other calls for the same were done, of those that were before this one was over, and by which entry."""
        over = self.proof["met"] or self.proof["ended"]
        by = (instant(over["at"]), over["entry"]) if over else (datetime.max, 0)
        place = ("occasion", "route", "stage", "action")
        met = [
            (instant(each["met"]["at"]), each["met"]["entry"])
            for each in self.case.paper["dates"]
            if each["met"] and all(each[name] == self.proof[name] for name in place)
        ]
        return [each for each in met if each < by]

    def _may_be_called_for_again(self) -> bool:
        """Whether the entries have what can call for it more than once: an answer, a reopening, another edition, or its being done once more."""
        asked = self._asked() | self.event_keys
        place = (self.proof["occasion"], self.proof["action"])
        done = [
            each
            for each in self.history.entries
            if each.kind == "done" and (each.data["visit"], each.data["action"]) == place
        ]
        return len(done) > 1 or any(
            each.kind in ("reopened", "adopted") or (each.kind == "set" and asked & set(each.data.get("facts", {})))
            for each in self.history.entries
        )

    def _may_be_open_together(self) -> bool:
        """Whether two calls for it may be open at once, or one of after it was done may be one that goes on."""
        return any(
            each.kind == "reopened"
            or each.data.get("again")
            or each.data.get("call")
            or each.corrected_in
            or (each.kind == "set" and each.at != each.recorded_at)
            for each in self.history.entries
        )

    def _asked(self) -> set[str]:
        """The questions that its conditions ask."""
        asked = facts_of(self.action.get("when"))
        for rule, _ in rules_of(self.protocol, self.action, self.proof):
            asked |= facts_of(rule.get("when"))
        return asked

    def _check_stops(self, limit: Table, rule: Table) -> list[Stop]:
        """The times during which the clock stood still, by the answers in the entries."""
        stops = self.history.stops(rule["stops_while"]) if "stops_while" in rule else []
        if self.over is not None:
            over = self.over
            if not self.proof["met"]:
                stops = [(since, until if until and until <= over else None) for since, until in stops]
            stops = [each for each in stops if each[0] < over]
        since = instant(limit["since"]) if limit["since"] else None
        stops = [each for each in stops if since is None or each[1] is None or each[1] > since]
        stated = [(instant(begins), instant(ends) if ends else None) for begins, ends in limit["stops"]]
        self.expect(stops == stated, "the clock stood still at other times, by the answers in the entries.")
        return stops

    # -- what a limit counts from

    def _entry(self, limit: Table) -> Entry | None:
        return self.history.by_number.get(limit["entry"])

    def _check_what_it_counts_from(self, limit: Table, rule: Table) -> bool:
        """Look whether the entry named says the instant; whether that may still come out otherwise."""
        anchor = rule.get("before") or rule.get("from") or "stage"
        named = limit["counts_from"]
        done_before = f"{self.proof['action']} being done"
        possible = [
            anchor,
            *([rule["failing_that"]] if "failing_that" in rule else []),
            *([done_before] if "every" in rule else []),
        ]
        self.expect(named in possible, f'the rule counts from "{anchor}", not from "{named}".')
        falls_back = bool(named == rule.get("failing_that") and named != anchor)
        after = self._check_after(limit, named)
        if limit["since"] is None:
            self.expect(limit["entry"] is None, "an entry is named for what has not happened.")
            return falls_back
        entry = self._entry(limit)
        if entry is None:
            self.expect(False, f"there is no entry {limit['entry']} that counts.")
            return falls_back
        if after is None:
            instants = {_said(at) for at in self._says(entry, named, rule)}
            self.expect(
                limit["since"] in instants,
                f'entry {entry.seq} does not say that "{named}" was {_spoken(instant(limit["since"]))}.',
            )
            if named not in ("known", "concern", done_before) and entry.kind != "opened":
                others = [each for each in self.history.entries if self._is_of_a_kind(each, entry)]
                self._expect_last(
                    entry, [each for each in others if limit["since"] in map(_said, self._says(each, named, rule))]
                )
            return falls_back
        self.expect(
            limit["since"] == limit["after"]["due_at"],
            f'"{named}" is when the time of that runs out, which is another instant.',
        )
        numbers = {each["entry"] or 1 for each in limit["after"]["limits"][:1]} or {1}
        self.expect(limit["entry"] in numbers, f'the time of "{named}" counts from another entry.')
        return falls_back or bool(limit["after_may_be_in_time"])

    def _check_after(self, limit: Table, named: str) -> Table | None:
        """Look at the date of the action whose running out it counts from, where it does."""
        after: Table | None = limit["after"]
        counts_from_it = named.endswith(" overdue") and limit["since"] is not None
        self.expect(
            (after is not None) == counts_from_it, f'"{named}" and the date of another action do not go together.'
        )
        if after is None or not counts_from_it:
            self.expect(limit["after_may_be_in_time"] is None, "it counts from no other action's time.")
            return None
        self.expect(
            after["action"] == named.removesuffix(" overdue"), f'"{named}" is not of the action {after["action"]}.'
        )
        OneDate(self.case, after, self.proof["met"] or self.proof["ended"]).check()
        if self.over is None:
            is_open = not (after["met"] or after["ended"])
            self.expect(
                limit["after_may_be_in_time"] is (is_open or after["provisional"]),
                f'whether "{named}" is settled is not as its date says.',
            )
        self.expect(limit["after_may_be_in_time"] is not None, f'whether "{named}" is settled is not said.')
        return after

    @staticmethod
    def _is_of_a_kind(one: Entry, other: Entry) -> bool:
        """Whether two entries say the same sort of thing, of the same stay."""
        return (one.kind, one.data.get("visit")) == (other.kind, other.data.get("visit"))

    def _expect_last(self, entry: Entry, alike: list[Entry]) -> None:
        """Of several entries that say the same of one instant, before it was over, the one that was written down last counts."""
        ends = self.proof["met"] or self.proof["ended"]
        over = (instant(ends["at"]), ends["entry"]) if ends else (datetime.max, 0)
        same = [
            each.seq for each in alike if each.at == entry.at and ((each.at, each.seq) < over or each.seq == entry.seq)
        ]
        self.expect(
            entry.seq == max(same, default=entry.seq),
            f"entry {max(same, default=0)} says the same, and was written down after entry {entry.seq}.",
        )

    def _says(self, entry: Entry, named: str, rule: Table) -> list[datetime]:
        """The instants that an entry says for what a rule counts from; none where it says nothing of that."""
        data, proof = entry.data, self.proof
        is_done = entry.kind == "done" and data.get("action") == (named.removesuffix(" being done"))
        if named.endswith(" being done") or ("every" in rule and is_done and data.get("action") == proof["action"]):
            return [entry.at] if is_done else []
        if named == "concern":
            return self._says_concern(entry)
        if named == "raised":
            return [entry.at] if entry.kind == "opened" else []
        if named == "stage":
            number = proof["occasion"]
            begins = self.history.stays[number - 1 : number] if number > 0 else self.history.stays
            return [entry.at] if entry in begins else []
        if named.startswith("stage "):
            is_it = entry in self.history.stays and data["stage"] == named[len("stage ") :]
            return [entry.at] if is_it else []
        if named == "resolved":
            return [entry.at] if entry.kind == "resolved" else []
        if named == "known":
            asked = facts_of(rule.get("when")) | facts_of(self.action.get("when"))
            said = [
                each for each in self.history.answers if each.seq == entry.seq and (each.fact in asked or not asked)
            ]
            return [at for each in said for at in (each.holds_from, each.at)]
        if named in self.event_keys:
            told = data.get("facts", {}).get(named, "")
            return [instant(told)] if is_instant(told) else []
        return [entry.at] if is_done or self._leaves_what_ends_by(named, entry) else []

    def _leaves_what_ends_by(self, action: str, entry: Entry) -> bool:
        """Whether an entry leaves a stage, and so meets the action that ends it."""
        if entry.kind not in ("advanced", "resolved"):
            return False
        before = [each for each in self.history.stays if each.seq < entry.seq]
        first = self.protocol["routes"][0]["key"]
        place = (before[-1].data["route"], before[-1].data["stage"])
        stage = next(each for each in self.protocol["stages"] if (each.get("route", first), each["key"]) == place)
        ending = [each["key"] for each in stage.get("actions", []) if each.get("ends_stage")] or ["resolve"]
        return action in ending

    def _says_concern(self, entry: Entry) -> list[datetime]:
        """When the concern arose: what an entry says of it, which has to be the last that does."""
        if entry.kind == "opened":
            return [instant(entry.data["concern_at"])] if entry.data["concern_at"] else [entry.at]
        said = entry.data.get("particulars", {}).get("concern_at")
        return [instant(said)] if said else []

    # -- which of them counts (C7)

    def _check_that_every_rule_is_there(self) -> None:
        """Every rule that applies, or may, has to be among the limits, and no other."""
        listed = [(each["rule"], each["is_cap"]) for each in self.proof["limits"] if each["rule"] is not None]
        for rule, is_cap in rules_of(self.protocol, self.action, self.proof):
            words = _words(rule)
            applies = value(rule.get("when"), self.answers) is not False
            if applies:
                self.expect(
                    (rule, is_cap) in listed,
                    f'the rule "{words}" [{rule.get("cite")}] applies, and is not in the certificate as the protocol has it.',
                )
            if (rule, is_cap) in listed:
                listed.remove((rule, is_cap))
                self.expect(applies, f'the rule "{words}" does not apply: {rule.get("when")} does not hold.')
        for rule, _ in listed:
            self.expect(False, f"the protocol has no such rule there: {json.dumps(rule, ensure_ascii=False)}.")

    def _check_which_decides(self, counted: list[Counted]) -> None:
        """The earliest decides; of an action's own limits the later, where the protocol says so."""
        proof = self.proof
        own = [each for each in counted if each.is_own]
        settled = True
        counting = counted
        if self.action.get("whichever") == "later" and len(own) > 1:
            dated = [each for each in own if each.end]
            certain = [each for each in dated if not each.questions]
            settled = all(each.end and not each.questions for each in own)
            latest = max(certain, key=_end) if certain else min(dated, key=_end) if dated else own[0]
            counting = [latest, *(each for each in counted if not any(each is one for one in own))]
        ends = [each.end.at for each in counting if each.end]
        due = _said(min(ends)) if ends else None
        self.expect(
            due == proof["due_at"],
            f"of its limits the one that counts ends {_spoken(min(ends) if ends else None)}, not {_told(proof['due_at'])}.",
        )
        if not counted or counted[0].end is None:
            raise Wrong(f"{self.name}: the limit that is said to decide has no date.")
        decides = counted[0]
        end = counted[0].end
        self.expect(_said(end.at) == due, "the limit that stands first is not the one that decides.")
        if proof["agreement"] is not None:
            first = proof["limits"][0]
            is_it = first["rule"] is None and first["entry"] == proof["agreement"] and proof["ended"] is not None
            self.expect(is_it, "the row is of an agreed date that does not decide, or did not end.")
        self._check_unanswered(counting)
        late = [each.target for each in counting if each.target and each.target < end.at]
        target = _said(min(late)) if late else None
        self.expect(
            target == proof["target_at"],
            f"its target is {_spoken(min(late) if late else None)}, not {_told(proof['target_at'])}.",
        )
        at, outside = act_by(decides.begins, end.at, decides.days)
        self.expect(
            _said(at) == proof["act_by"],
            f"the last working moment to act is {_spoken(at)}, not {_told(proof['act_by'])}.",
        )
        self.expect(
            outside == proof["outside_hours"], "whether its whole time lies outside working hours is said wrongly."
        )
        may_move = (
            decides.may_change
            or end.provisional
            or bool(proof["unanswered"])
            or (not settled and any(decides is each for each in own))
        )
        self.expect(
            may_move == proof["provisional"],
            f"the date {'may still move' if may_move else 'is settled'}, and the certificate says otherwise.",
        )

    def _check_unanswered(self, counting: list[Counted]) -> None:
        """The questions on which the date hangs: whether it is owed at all, and of limits that may come before one that is sure."""
        in_doubt = self.action.get("when") if self.proof["occasion"] else None
        questions = unanswered(in_doubt, self.answers)
        sure = [each.end.at for each in counting if each.end and not each.questions]
        for each in counting:
            earlier = not sure or (each.end is not None and each.end.at < min(sure))
            questions += each.questions if earlier else []
        self.expect(
            set(questions) == set(self.proof["unanswered"]),
            "the questions on which it hangs are not those that nobody has answered.",
        )

    # -- what became of it (C15)

    def _check_outcome(self) -> None:
        proof = self.proof
        due = instant(proof["due_at"])
        is_window = bool(self.action.get("window"))
        self.expect(not (proof["met"] and proof["ended"]), "it was both done and ended otherwise.")
        if proof["met"]:
            self._check_met()
            verdict = "met" if instant(proof["met"]["at"]) <= due else "met-late"
        elif proof["ended"]:
            self._check_ended()
            ran_out = "lapsed" if is_window else "missed"
            verdict = ran_out if due < instant(proof["ended"]["at"]) else "ceased"
        else:
            verdict = "open"
        self.expect(verdict == proof["verdict"], f"its verdict is {verdict}, not {proof['verdict']}.")

    def _check_met(self) -> None:
        met, entry = self.proof["met"], self.history.by_number.get(self.proof["met"]["entry"])
        place = (self.proof["action"], self.proof["occasion"])
        says = entry is not None and (
            (entry.kind == "done" and (entry.data["action"], entry.data["visit"]) == place)
            or entry.kind in ("advanced", "resolved")
        )
        self.expect(
            says and entry is not None and _said(entry.at) == met["at"],
            f"entry {met['entry']} does not say that it was done {_told(met['at'])}.",
        )

    def _check_ended(self) -> None:
        """What ends a call otherwise than by its being done: an answer, leaving the stage, closing the case, another edition."""
        ended, entry = self.proof["ended"], self.history.by_number.get(self.proof["ended"]["entry"])
        if ended == self.seen_from:
            return
        says = False
        if entry is not None and self.proof["agreement"] is not None:
            place = (entry.data.get("visit"), entry.data.get("action"))
            says = entry.kind == "agreed" and place == (self.proof["occasion"], self.proof["action"])
        elif entry is not None and entry.kind == "set":
            # What keeps a case on the list once its stage is ended goes where what ends the stage is called for again.
            asked: set[str] = set()
            for action in (self.action, *self.action.get("goes_once_called_for", [])):
                asked |= facts_of(action.get("when"))
                for rule, _ in rules_of(self.protocol, action, self.proof):
                    asked |= facts_of(rule.get("when"))
            says = bool(asked & set(entry.data["facts"]))
        elif entry is not None:
            says = entry.kind in ("resolved", "withdrawn", "voided", "reopened", "adopted", "advanced")
        at = [entry.at] if entry else []
        at += [each.holds_from for each in self.history.answers if each.seq == ended["entry"]]
        self.expect(
            says and ended["at"] in {_said(each) for each in at},
            f"entry {ended['entry']} ended nothing {_told(ended['at'])}.",
        )


def _meant(entry: Entry) -> tuple[Any, Any]:
    """The call that somebody said something is for, by the entries that began it."""
    return entry.data.get("call"), entry.data.get("first_called")


def _entries(entries: Sequence[Entry]) -> str:
    numbers = ", ".join(str(each.seq) for each in entries)
    return f"{'entry' if len(entries) == 1 else 'entries'} {numbers}"


def _end(counted: Counted) -> datetime:
    return counted.end.at if counted.end else datetime.max


def _said(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _told(said: str | None) -> str:
    return spoken(instant(said)) if said else "without a date"


def _spoken(at: datetime | None) -> str:
    return spoken(at) if at else "without a date"


# -- what it says of each date -----------------------------------------------------------------------------------------------


def tell(one: OneDate) -> str:
    """What was worked out of a date, in sentences."""
    proof = one.proof
    limit = proof["limits"][0]
    call = proof["for_the_reader"].get("call") if isinstance(proof["for_the_reader"], dict) else None
    again = f", call {call}" if isinstance(call, int) and call > 1 else ""
    due = instant(proof["due_at"])
    provisional = ", provisionally" if proof["provisional"] else ""
    outside = ", for its whole time lies outside working hours" if proof["outside_hours"] else ""
    name = " ".join(str(one.action.get("name", "")).split())
    lines = [
        f"{one.name} ({name}){again} is due {spoken(due)}{provisional}. Act by {spoken(instant(proof['act_by']))}{outside}."
    ]
    if proof["unanswered"]:
        lines.append(f"It depends on what nobody has answered: {', '.join(proof['unanswered'])}.")
    if proof["judged_until"]:
        lines.append(f"It was judged by what held until {spoken(instant(proof['judged_until']))}.")
    if limit["rule"] is None:
        lines.append(f"The two sides agreed that date: {one.by(limit['entry'])}.")
    else:
        lines.append(_tell_rule(limit, one))
    others = list(_others(proof))
    if others:
        lines.append(f"Also weighed: {'; '.join(others)}.")
    lines.append(_tell_outcome(one, due))
    return " ".join(lines)


def _tell_rule(limit: Table, one: OneDate) -> str:
    rule = limit["rule"]
    whole = " on the whole process" if limit["is_cap"] else ""
    back = "before" if "before" in rule else "from"
    known = {"concern": "the concern", "raised": "the raising of the case", "stage": "entry to the stage"}
    counts_from = known.get(limit["counts_from"], limit["counts_from"])
    off = [f"{_day(each[0])} ({each[2]})" for each in limit["steps"] if each[1] is None]
    more = f" and {len(off) - 8} more" if len(off) > 8 else ""
    passed = f" Passed over: {', '.join(off[:8])}{more}." if off else ""
    extended = (
        f" It was extended by agreement to {spoken(instant(limit['extended_to']))}." if limit["extended_to"] else ""
    )
    stopped = "".join(
        f" Its clock stood still from {spoken(instant(begins))} {'to ' + spoken(instant(ends)) if ends else 'on'}."
        for begins, ends in limit["stops"]
    )
    return (
        f'The limit{whole} is "{_words(rule)}" {back} {counts_from} [{rule.get("cite", "no place is cited")}], and that is'
        f" {spoken(instant(limit['since']))}: {one.by(limit['entry'])}.{passed}{extended}{stopped}"
    )


def _words(rule: Table) -> str:
    return str(rule.get("within") or rule.get("at_least") or rule.get("every") or "immediately")


def _day(said: str) -> str:
    day = date.fromisoformat(said)
    return f"{day.day} {day:%B %Y}"


def _others(proof: Table) -> Iterator[str]:
    for limit in proof["limits"][1:]:
        words = f'"{_words(limit["rule"])}"' if limit["rule"] else "the date agreed"
        yield f"{words}, {spoken(instant(limit['due_at'])) if limit['due_at'] else 'which has no date yet'}"


def _tell_outcome(one: OneDate, due: datetime) -> str:
    proof = one.proof
    if proof["met"]:
        late = "in time" if instant(proof["met"]["at"]) <= due else "late"
        return f"It was done {spoken(instant(proof['met']['at']))}, {late}: {one.by(proof['met']['entry'])}."
    if proof["ended"]:
        how = {"missed": "with its time run out", "lapsed": "without being used"}.get(
            proof["verdict"], "before its time had run out"
        )
        return f"It ended {spoken(instant(proof['ended']['at']))}, {how}: {one.by(proof['ended']['entry'])}."
    return "No entry in the certificate says that it was done, or ended otherwise."


# -- bank holidays ------------------------------------------------------------------------------------------------------------


def check_bank_holidays(case: Case, path: str | None) -> None:
    """Compare the bank holidays with a list of GOV.UK, over the days on which the dates rest. Raises NotACertificate."""
    first, last = _span(case.paper)
    if path is None:
        case.said.unknown(
            "Whether the days off are right was not compared with GOV.UK's own list: give it with --bank-holidays (https://www.gov.uk/bank-holidays.json)."
        )
        return
    lists = read(path, "list of bank holidays as GOV.UK publishes it")
    for each in sorted({name for name, _ in _nations_used(case)}):
        try:
            published = {date.fromisoformat(event["date"]) for event in lists[each]["events"]}
            begins, ends = min(published), max(published)
        except (KeyError, TypeError, ValueError):
            raise NotACertificate(
                f"{path} is no list of bank holidays as GOV.UK publishes it: it has none for {each}."
            ) from None
        _compare(case, each, published, (max(first, date(begins.year, 1, 1)), min(last, date(ends.year, 12, 31))))
        if last > date(ends.year, 12, 31) or first < date(begins.year, 1, 1):
            case.said.unknown(
                f"The list of GOV.UK has the years {begins.year} to {ends.year} for {each}: other days were not compared."
            )


def _compare(case: Case, name: str, published: set[date], span: tuple[date, date]) -> None:
    first, last = span
    meant = {day for day in published if first <= day <= last and day.weekday() < 5}
    for _, days in (each for each in _nations_used(case) if each[0] == name):
        counted = {day for day in days.holidays if first <= day <= last and day.weekday() < 5}
        for day in sorted(counted ^ meant):
            where = (
                "in the certificate and not in GOV.UK's list"
                if day in counted
                else "in GOV.UK's list and not in the certificate"
            )
            case.said.expect(False, f"{name}: the bank holiday of {day} is {where}.")
    if first <= last:
        case.said.fact(
            f"From {_day(str(first))} to {_day(str(last))} the bank holidays of {name} on weekdays are those of GOV.UK's list: {len(meant)}."
        )


def _nations_used(case: Case) -> Iterator[tuple[str, Days]]:
    for name, at in list(case.calendars):
        own = _row(_versions(case.paper, name)[0])["own"]
        tables = [json.loads(own)["usual"], *json.loads(own)["beside"]] if own else [{"name": name}]
        for each in tables:
            for nation in (each["name"], *each.get("also", [])):
                yield nation, calendar(case.paper, nation, at)


def _span(paper: Table) -> tuple[date, date]:
    """The first and the last day on which the dates rest."""
    days = [
        date.fromisoformat(step[0]) for proof in paper["dates"] for limit in proof["limits"] for step in limit["steps"]
    ]
    days += [day_of(instant(proof[name])) for proof in paper["dates"] for name in ("due_at", "act_by")]
    return min(days), max(days)


# -- the whole ---------------------------------------------------------------------------------------------------------------

BEYOND_ANY_FILE = (
    "That what was typed is true: that the concern arose, the meeting was held and the form was sent when the entries say. The file shows only what was written down, and that it was not changed since.",
    "That the words of the protocol are those of the partnership's own document, and mean what they were read as. Each limit names the place in that document: read it there.",
    "That the calendar is right beyond the list it was compared with, and that the working hours are those of the agencies.",
    "That nothing else was recorded: entries in another file, on paper, or of this case after the certificate was made.",
    "That an entry was written when it says. Its time of recording is that of the clock of the computer, and a clock can be wrong.",
)
"""What nobody can find in a certificate."""


def check(paper: Any, head: str | None = None, bank_holidays: str | None = None) -> Report:
    """Everything that can be checked of a certificate. Raises NotACertificate."""
    said = Report()
    if not isinstance(paper, dict) or paper.get("certificate") != "escalate: dates of a case":
        raise NotACertificate("This is no certificate of dates of escalate: it does not say that it is one.")
    if paper.get("format") not in (1, FORMAT):
        raise NotACertificate(
            f"This certificate is of another format than this checker knows ({FORMAT}): use the checker that came with the escalate that wrote it."
        )
    fits(paper, IN_FORMAT_1 if paper["format"] == 1 else CERTIFICATE)
    without = {name: value for name, value in paper.items() if name != "digest"}
    said.expect(
        sha(without) == paper["digest"],
        "The digest of the certificate is not that of what is in it: it was changed after it was made.",
    )
    paper = _of_today(paper)
    try:
        check_hashes(paper, said)
        check_head(paper, head, said)
        case = Case(paper, History(paper), said, {})
        _check_dates(case)
        _say_what_was_left(case)
        check_bank_holidays(case, bank_holidays)
    except Wrong as problem:
        said.expect(False, str(problem))
    except RecursionError:
        raise NotACertificate("This is no certificate that this checker can read: it is nested too deeply.") from None
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError, StopIteration) as problem:
        raise NotACertificate(
            f"This is no certificate that this checker can read: what it holds does not fit together ({problem})."
        ) from None
    for sentence in BEYOND_ANY_FILE:
        said.unknown(sentence)
    return said


def _of_today(paper: Table) -> Table:
    """A certificate of an earlier format as one of today's would be."""
    if paper["format"] == FORMAT:
        return paper
    more: Table = {"words": {}, "erased_by": None}
    return paper | {
        "editions": [[*row, None] for row in paper["editions"]],
        "calendars": [each | {"version": [*each["version"], None, None]} | more for each in paper["calendars"]],
    }


def _check_dates(case: Case) -> None:
    if not case.paper["dates"]:
        raise Wrong("There is no date in the certificate.")
    _say_which_protocol(case)
    for proof in case.paper["dates"]:
        one = OneDate(case, proof)
        faults = len(case.said.faults)
        one.check()
        if len(case.said.faults) == faults:
            case.said.fact(tell(one))
    for name, at in case.calendars:
        days = case.calendars[name, at]
        made = _row(_versions(case.paper, name)[-1])
        case.said.fact(
            f"The days are those of the calendar {name.partition('#')[0]}, version {made['version']}, kept {spoken(instant(made['made_at']))} by {made['by']}. Its bank holidays come from {days.source}, and are published to {_day(str(days.published_to))}."
        )


def _say_which_protocol(case: Case) -> None:
    for row in case.paper["editions"]:
        tree = protocol_of(case.paper, row[3])
        edition = tree.get("edition", {})
        case.said.expect(
            (tree.get("id"), str(edition.get("dated"))) == (row[1], row[2]),
            f"The text of {row[1]}, edition {row[2]}, says that it is another.",
        )
        kept = f", and was kept {spoken(instant(row[6]))}" if row[6] else ""
        title, source = (" ".join(str(tree.get(name, "")).split()) for name in ("title", "source"))
        case.said.fact(
            f'The protocol is {row[1]}, "{title}", edition {row[2]}. It was taken from: {source}. Its text has the SHA-256 {row[3]}{kept}.'
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Check the certificate that is named, and say what was found."""
    parser = argparse.ArgumentParser(
        prog="checker.py", description="Checks a certificate of dates that escalate wrote, without escalate.",
        epilog="Status 0: all of it checks. 1: something does not. 2: it is no certificate.",
    )  # fmt: skip
    parser.add_argument("certificate", help="the file that escalate explain --certificate wrote")
    parser.add_argument("--head", help="the head of the chain, as it was kept elsewhere: 1204:9f3a...")
    parser.add_argument(
        "--bank-holidays", metavar="FILE", help="GOV.UK's own list, https://www.gov.uk/bank-holidays.json"
    )
    chosen = parser.parse_args(arguments)
    if tomllib is None:
        print(
            "This Python is older than 3.11 and cannot read the text of a protocol: use a newer one.", file=sys.stderr
        )
        return 2
    try:
        paper = read(chosen.certificate)
        said = check(paper, chosen.head, chosen.bank_holidays)
    except NotACertificate as problem:
        print(problem, file=sys.stderr)
        return 2
    for heading, sentences in (
        ("What checks", said.facts),
        ("What does NOT check", said.faults),
        ("What no file can show, and was not checked", said.unknowns),
    ):
        if sentences:
            print(f"{heading}:", *(f"- {_plain(each)}" for each in sentences), "", sep="\n")
    number = len(paper["dates"])
    dates = "the date" if number == 1 else f"all {number} dates"
    print(
        "The certificate does NOT hold: see above."
        if said.faults
        else f"The certificate holds: {dates} in it came out the same."
    )
    return 1 if said.faults else 0


def _plain(text: str) -> str:
    """Text without what a terminal would act on."""
    return "".join(each if each.isprintable() else "?" for each in text)


if __name__ == "__main__":
    sys.exit(main())
