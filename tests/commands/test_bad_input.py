"""What bad input gets (design, section 9): one sentence that says what is wrong and what to do, status 1 or 2, nothing written.

All of it is tried on the real script, in an office of its own: a home, a working folder, scratch space and a database.
"""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from escalate import cli
from tests import engine
from tests.command_line import Ran, command
from tests.driver import Office as Desk
from tests.driver import begin, escalate
from tests.engine import begins_here
from tests.promises.test_tampering import past_the_guards
from tests.sizes import later, sampled
from tests.terminal import at_terminal

NOW = "2026-11-24T10:00"  # a Tuesday
ACTIVE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
FOR_PROGRAMMERS = ("Traceback", "Errno", "timedelta", "isoformat", "int range", "recursion", "rollback", "codec", "set_int_")  # fmt: skip
LONGEST_SENTENCE = 1000

NO_FILE_NAMED = {"ESCALATE_DB": ""}
"""With this the file is the one in the usual place, which is not there."""

MOMENTS = 'try "2026-11-18 14:00", "18 Nov 2026"'
ISO = "write it as 2026-11-18 or 2026-11-18T14:00"
ALLOWANCES = 'is not an allowance; try "24 hours", "5 working days" or "immediately"'
COVERED = "calendar covers 1 January 1990 to 31 December 2100"
COMMANDS = [name for commands in cli.COMMANDS.values() for name in commands]


@dataclass(frozen=True, slots=True)
class Office:
    """A folder that holds all a run can see and change."""

    folder: Path

    @property
    def database(self) -> Path:
        return self.folder / "cases.db"

    def environment(self, more: Mapping[str, str] = {}) -> dict[str, str]:
        """Nothing of ours but the path, so that no settings and no locale of the machine count."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "scratch"),
            "ESCALATE_DB": str(self.database),
            "ESCALATE_NOW": NOW,
            **more,
        }

    def run(
        self,
        *arguments: str | bytes,
        stdin: bytes = b"",
        through: Sequence[str] = (),
        environment: Mapping[str, str] = {},
    ) -> Ran:
        return escalate(
            *arguments,
            environment=self.environment(environment),
            stdin=stdin,
            folder=self.folder / "desk",
            through=through,
        )

    def refuses(
        self,
        line: str | Sequence[str],
        status: int,
        phrase: str,
        *,
        through: Sequence[str] = (),
        environment: Mapping[str, str] = {},
    ) -> None:
        """A line as one types it, or its words, ends with a status and one sentence, and leaves everything as it was."""
        before = self.contents()
        ran = self.run(*(words(line) if isinstance(line, str) else line), through=through, environment=environment)
        assert_refused(ran, status, phrase)
        assert self.contents() == before

    def contents(self) -> dict[str, bytes | None]:
        """Every file with its bytes, and every folder."""
        return {
            str(path.relative_to(self.folder)): path.read_bytes() if path.is_file() else None
            for path in self.folder.rglob("*")
        }

    def file(self, name: str, content: str | bytes) -> Path:
        """A file in the working folder."""
        path = self.folder / "desk" / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


def words(line: str) -> list[str]:
    """The words of a line as one types it. Where nothing is quoted that is seen at once, however long it is."""
    return shlex.split(line) if set(line) & set("'\"\\") else re.findall(r"[^ \t\r\n]+", line)


def assert_refused(ran: Ran, status: int, phrase: str) -> None:
    assert_sentence(ran.stderr, phrase)
    assert (ran.status, ran.stdout) == (status, ""), ran


def assert_sentence(text: str, phrase: str) -> None:
    """One line in plain words; the parts of the phrase, which dots divide, stand in it in their order."""
    assert not [word for word in FOR_PROGRAMMERS if word in text], text[-LONGEST_SENTENCE:]
    assert text.strip(), "nothing was said"
    assert text.endswith("\n"), text
    assert text.count("\n") == 1, text
    assert not ACTIVE.search(text), ascii(text)
    assert not re.search(r"[?.]\.\s", text), text
    assert len(text) < LONGEST_SENTENCE, f"{len(text)} characters: {text[:200]}"
    assert re.search(".*".join(re.escape(part) for part in phrase.split(" ... ")), text), (phrase, text)


def assert_at_most_a_sentence(text: str) -> None:
    if text:
        assert_sentence(text, "")


def short(value: object) -> str | None:
    """The id of a row, without the 100,000 characters."""
    return ascii(value[:60]) if isinstance(value, str | bytes) else None


def new_office(folder: Path) -> Office:
    for name in ("home", "desk", "scratch"):
        (folder / name).mkdir(parents=True)
    return Office(folder)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Office]:
    """An office without a database."""
    yield new_office(tmp_path / "office")
    for path in tmp_path.rglob("*"):  # so that pytest can clear up after the read-only ones
        if path.is_dir():
            path.chmod(0o700)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A database of twenty cases: the six that the rows below speak of, and as many more as make the ending 0 ambiguous."""
    made = new_office(tmp_path_factory.mktemp("cases") / "office")
    lines = (
        'open herefordshire --subject M-1 --fact protection-plan=yes --at "2026-11-23 10:00"',
        'advance 1 --at "2026-11-23 11:00"',
        'open lincolnshire --about Thresholds --stage 3 --because urgent --at "2026-11-23 10:00"',
        'open herefordshire --about Thresholds --stage 4 --because urgent --at "2026-11-23 10:00"',
        'open north-yorkshire --from Police --at "2026-11-23 10:00"',
        'resolve 4 --at "2026-11-23 12:00"',
        'open hull-east-riding --about Thresholds --at "2026-11-20 10:00"',
        'done 5 discussion --at "2026-11-20 12:00"',
        *['open herefordshire --about Thresholds --at "2026-11-23 10:00"'] * 15,
    )
    set_up(made, *lines)
    return made.database.read_bytes()


def set_up(office: Office, *lines: str) -> None:
    """Runs commands that have to succeed."""
    for line in lines:
        ran = begin(*shlex.split(line), environment=office.environment(), folder=office.folder / "desk")
        assert ran.status == 0, (line, ran.stderr)


@pytest.fixture
def office(empty: Office, cases: bytes) -> Office:
    empty.database.write_bytes(cases)
    empty.database.chmod(0o600)
    return empty


# -- a database that another program holds: first, because it takes ten seconds


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Another process has the file to itself."""
    holding = (
        "import sqlite3, sys\n"
        "held = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "held.execute('BEGIN EXCLUSIVE')\n"
        "print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holding, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            other.stdin.close()
            other.wait(timeout=30)


@pytest.mark.slow
@pytest.mark.script
def test_a_database_in_use_is_waited_for_and_then_said_to_be(office: Office) -> None:
    with held(office.database):
        began = time.monotonic()
        office.refuses("note 1 x", 1, "cases.db has been in use by another program for 10 seconds: try again")
        assert 9 < time.monotonic() - began < 30


# -- names


@pytest.mark.parametrize(
    "line", sampled(["note {} x", "done {} resolve", "agree {} tomorrow", "advance {}", "resolve {}", "withdraw {}", "reopen {}", "set {} looked-after=no", "undo {}", "show {}", "log {}", "explain {}"], 3)
)  # fmt: skip
@pytest.mark.parametrize(
    ("case", "phrase"), [("99", 'There is no case "99" ... E0020'), ("0", '"0" could be E0010 or E0020: give more of the reference')]
)  # fmt: skip
def test_a_case_that_is_none_or_several_is_answered_with_what_there_is(
    office: Office, line: str, case: str, phrase: str
) -> None:
    office.refuses(line.format(case), 1, phrase)


@pytest.mark.parametrize(
    ("line", "status", "phrase"),
    sampled([
        ("show abc", 1, 'There is no case "abc" ... E0020'),
        ("show ''", 1, 'There is no case "" ... E0020'),
        ("show %", 1, 'There is no case "%" ... E0020'),
        ("show E0001x", 1, 'There is no case "E0001x" ... E0020'),
        ("show 99999999999999999999999", 1, "There is no case ... E0020"),
        ("show '\x1b[31m'", 1, r'There is no case "\x1b[31m" ... E0020'),
        ("show 'a\nb'", 1, 'There is no case "a ... E0020'),
        ("show " + "x" * 100_000, 1, "There is no case"),
        ("open herfordshire", 1, 'There is no protocol "herfordshire". Did you mean herefordshire?'),
        ("open zzz", 1, 'There is no protocol "zzz" ... herefordshire, hull-east-riding, lincolnshire'),
        ("open ''", 1, 'There is no protocol "" ... herefordshire'),
        ("open 'a\nb'", 1, "There is no protocol"),
        ("plan lincolnshir", 1, "Did you mean lincolnshire"),
        ("protocol show north-yorks", 1, "Did you mean north-yorkshire?"),
        ("open north-east-lincolnshire --about Thresholds --route indivdual", 1, 'no route "indivdual" ... Did you mean individual?'),
        ("open herefordshire --about Thresholds --route zzz", 1, 'no route "zzz" in herefordshire. There is main.'),
        ("plan herefordshire --route zzz", 1, 'no route "zzz" in herefordshire. There is main.'),
        ("protocol show herefordshire --route zzz", 1, 'no route "zzz" in herefordshire. There is main.'),
        ("open herefordshire --about Thresholds --stage 9", 1, 'no stage "9" ... There is 0, 1, 2, 3 and 4.'),
        ("done 1 resolve --stage 9", 1, '"resolve" in E0001 at stage 9'),
        ("explain 1 --stage 9", 1, 'no stage "9" that E0001 has been at. There is 0 and 1.'),
        ("done 1 iro-notifed", 1, 'no action "iro-notifed" in E0001. Did you mean iro-notified?'),
        ("done 1 zzz", 1, 'no action "zzz" in E0001. There is resolve and iro-notified.'),
        ("agree 1 tomorrow --action iro-notifed", 1, "Did you mean iro-notified?"),
        ("explain 1 iro-notifed", 1, "Did you mean iro-notified?"),
        ("open herefordshire --about Thresholds --fact protection-pln=yes", 1, 'no fact "protection-pln" ... Did you mean protection-plan?'),
        ("plan herefordshire --fact zzz=yes", 1, 'no fact "zzz" ... There is protection-plan, looked-after'),
        ("open herefordshire --about Thresholds --fact protection-plan=maybe", 1, "say protection-plan=yes or protection-plan=no"),
        ("plan hull-east-riding --fact severity=hgh", 1, '"hgh" does not answer severity ... severity=high'),
        ("open herefordshire --about Thresholds --fact protection-plan", 2, '"protection-plan" does not give a fact: write it as'),
        ("open herefordshire --about Thresholds --fact protection-plan=", 2, "does not give a fact: write it as"),
        ("open herefordshire --about Thresholds --fact =yes", 2, "does not give a fact: write it as"),
        ("open herefordshire --about Thresholds --fact ''", 2, "--fact is empty: say what, or leave it out."),
        (
            "open herefordshire --about Thresholds --fact protection-plan=yes --fact protection-plan=no",
            2,
            "protection-plan is given twice, as yes and as no: give it once",
        ),
        ("plan herefordshire --fact looked-after=no --fact looked-after=yes", 2, "looked-after is given twice"),
        ("set 1 looked-aftr=yes", 1, 'no fact "looked-aftr" ... Did you mean looked-after?'),
        ("set 1 looked-after=maybe", 1, "say looked-after=yes or looked-after=no"),
        ("set 1 looked-after", 2, '"looked-after" does not give a fact: write it as'),
        ("set 1 looked-after=no looked-after=yes", 2, "looked-after is given twice, as no and as yes: give it once"),
        ("calc today '1 day' --calendar scotlnd", 1, 'no calendar "scotlnd". Did you mean scotland?'),
        ("calc today '1 day' --calendar wales", 1, "england-and-wales ... scotland ... northern-ireland"),
        ("list --status opn", 2, '"opn" is not a status: say open, resolved, withdrawn or void'),
    ], 3),
    ids=short,
)  # fmt: skip
def test_a_name_that_is_not_there_is_answered_with_those_that_are(
    office: Office, line: str, status: int, phrase: str
) -> None:
    office.refuses(line, status, phrase)


# -- command lines


@pytest.mark.parametrize(
    ("line", "phrase"),
    sampled([
        ("opne", "No such command 'opne'. Did you mean open? See escalate --help"),
        ("case", "No such command 'case'. See escalate --help"),  # and no erase
        ("undoo", "No such command 'undoo'. See escalate --help"),  # what takes away is never offered
        ("protocol chek", "No such command 'chek'. Did you mean check? See escalate protocol --help"),
        ("zzz", "No such command 'zzz'. See escalate --help"),
        ("due --overdu", "No such option: --overdu ... --overdue ... See escalate due --help"),
        ("open herefordshire --about Thresholds --subjet M-1", "No such option: --subjet ... --subject"),
        ("--database x due", "No such option: --database ... See escalate --help"),
        ("--db", "'--db' requires an argument"),
        ("note 1 x --at", "'--at' requires an argument"),
        ("open", "Missing argument ... See escalate open --help"),
        ("note", "Missing argument ... See escalate note --help"),
        ("note 1", "Missing argument ... See escalate note --help"),
        ("done", "Missing argument ... See escalate done --help"),
        ("done 1", "Missing argument ... See escalate done --help"),
        ("agree 1", "Missing argument ... See escalate agree --help"),
        ("advance", "Missing argument ... See escalate advance --help"),
        ("resolve", "Missing argument ... See escalate resolve --help"),
        ("withdraw", "Missing argument ... See escalate withdraw --help"),
        ("reopen", "Missing argument ... See escalate reopen --help"),
        ("set", "Missing argument ... See escalate set --help"),
        ("set 1", "Missing argument ... See escalate set --help"),
        ("undo", "Missing argument ... See escalate undo --help"),
        ("show", "Missing argument ... See escalate show --help"),
        ("log", "Missing argument ... See escalate log --help"),
        ("explain", "Missing argument ... See escalate explain --help"),
        ("plan", "Missing argument ... See escalate plan --help"),
        ("calc", "Missing argument ... See escalate calc --help"),
        ("calc today", 'How long is allowed is missing: escalate calc "24 Dec 2026 15:00" "3 working days"'),
        ("protocol show", "Missing argument ... See escalate protocol show --help"),
        ("protocol check", "Missing argument ... See escalate protocol check --help"),
        ("protocol new", "Missing argument ... See escalate protocol new --help"),
        ("show 1 2", "There is more than escalate show takes: 2. Put words that belong together in quotes. See escalate show --help"),
        ("note 1 Spoke to her", "There is more than escalate note takes: to her. ... See escalate note --help"),
        ("demo now", "There is more than escalate demo takes: now."),
        ("config x", "There is more than escalate config takes: x."),
        ("close 1", "No such command 'close'. Did you mean resolve? See"),  # and no disclose
        ("remove 1", "No such command 'remove'. See"),  # and no resolve
        ("shwo 1", "No such command 'shwo'. Did you mean show? See"),
        ("overdue", "No such command 'overdue'. Did you mean due? See"),
        ("note 1 --urgent", "No such option: --urgent. To say it as it stands, type it last, after two dashes: escalate note 1 -- --urgent. See"),  # and no --document
        ("search --urgent", "type it last, after two dashes: escalate search -- --urgent. See"),
        ("show 1 --urgent", "No such option: --urgent. See escalate show --help"),  # takes no words
        ("note 1 '--urgent: ring back'", "type it last, after two dashes: escalate note 1 -- '--urgent: ring back'."),
        ("list --statu open", "No such option: --statu. Did you mean --status? See escalate list --help"),
        ("due --limit 0", '"0" is not a whole number ... See escalate due --help'),
        ("due --limit x", '"x" is not a whole number ... See escalate due --help'),
        ("due --limit -1", '"-1" is not a whole number ... See escalate due --help'),
        ("due --limit 1.5", '"1.5" is not a whole number ... See escalate due --help'),
        ("list --limit 0", '"0" is not a whole number ... See escalate list --help'),
        ("list --limit x", '"x" is not a whole number ... See escalate list --help'),
        ("due --limit " + "9" * 5000, "'--limit'"),
        ("advance 1 --because lazy", "'--because': 'lazy' ... 'unresolved', 'no-response', 'urgent'"),
        ("open herefordshire --about Thresholds --stage 3 --because lazy", "'--because': 'lazy' ... 'unresolved', 'no-response', 'urgent'"),
        ("show '--\x1b[31m'", r"No such option: --\x1b[31m"),
        ("'a\nb'", "No such command"),
        ("x" * 100_000, "No such command"),
        ("show --" + "x" * 100_000, "No such option"),
    ], 3),
    ids=short,
)  # fmt: skip
def test_wrong_usage_says_what_there_is_and_where_its_help_is(office: Office, line: str, phrase: str) -> None:
    office.refuses(line, 2, phrase)


@pytest.mark.parametrize("name", sampled(COMMANDS, 3))
def test_no_command_takes_an_option_it_does_not_know(office: Office, name: str) -> None:
    office.refuses(f"{name} --no-such-option", 2, f"No such option: --no-such-option ... See escalate {name} --help")


@pytest.mark.parametrize(
    "arguments",
    [
        (b"show", b"\xff"),
        (b"note", b"1", b"\xff"),
        (b"open", b"\xff"),
        (b"open", b"herefordshire", b"--subject", b"\xff"),
        (b"open", b"herefordshire", b"--about", b"\xff"),
        (b"open", b"herefordshire", b"--from", b"\xff"),
        (b"done", b"1", b"\xff"),
        (b"advance", b"1", b"--reason", b"\xff"),
        (b"set", b"1", b"\xff=yes"),
        (b"calc", b"\xff", b"1 day"),
        (b"calc", b"today", b"\xff"),
        (b"protocol", b"check", b"\xff.toml"),
        (b"--db", b"\xff/x.db", b"show", b"1"),
        (b"due", b"--agency", b"\xff"),
        (b"\xff",),
    ],
    ids=lambda row: ascii(b" ".join(row)),
)  # fmt: skip
def test_bytes_that_are_no_text_are_refused_or_taken_in_a_sentence(
    office: Office, arguments: tuple[bytes, ...]
) -> None:
    before = office.contents()
    ran = office.run(*arguments)
    assert "Traceback" not in ran.stderr, ran.stderr
    if ran.status:
        assert_refused(ran, ran.status, "")
        assert ran.status in (1, 2)
        assert office.contents() == before
    else:
        assert ran.stderr == ""


# -- looking after the file


@pytest.mark.parametrize(
    ("line", "status", "phrase"),
    sampled([
        ("verify --head x", 2, '"x" is not a head: copy it whole, the number, the colon and all that follows.'),
        ("verify --head 3:abc", 2, "is not a head"),
        ("verify --head " + "9" * 100_000, 2, "is not a head"),
        ("verify --head '1:" + "g" * 64 + "'", 2, "is not a head"),
        ("verify --head 1:" + "a" * 64, 1, "Link 1 is not what was written down: something recorded by then was changed since."),
        ("verify --head 99999999:" + "a" * 64, 1, "The file ends before link 99999999"),
        ("backup --keep 0", 2, '"0" is not a whole number'),
        ("backup --keep x", 2, '"x" is not a whole number'),
        ("backup ../cases.db", 1, "cases.db cannot be written (Not a directory)"),
        ("backup ../cases.db/in", 1, "cannot be written (Not a directory)"),
        ("backup /proc/nowhere", 1, "/proc/nowhere cannot be written"),
        ("backup " + "x" * 300, 1, "cannot be written (File name too long)"),
        ("restore nowhere.db --yes", 1, 'There is no backup "nowhere.db" in ... backups'),
        ("restore latest --yes", 1, 'There is no backup "latest" in ... backups. There is no backup to choose from.'),
        ("restore ../cases.db --yes", 1, "is the file with the cases itself: name a backup, or latest."),
        ("restore . --yes", 1, "is not a file: name a backup, or latest."),
        ("restore '' --yes", 1, "is not a file"),
        ("restore " + "x" * 5_000 + " --yes", 1, "There is no backup"),
        ("restore /dev/null --yes", 1, "is not a file"),
        ("erase", 2, "Say what to erase: a case, or --closed-for"),
        ("erase 4 --closed-for '6 years'", 2, "Say what to erase"),
        ("erase 99 --yes", 1, 'There is no case "99"'),
        ("erase 0 --yes", 1, '"0" could be E0010 or E0020'),
        ("erase 1 --yes", 1, "E0001 is open, and what was said in it is still needed: close it first"),
        ("erase 4 --yes", 1, "There is nothing to erase in E0004."),
        ("erase --closed-for soon --yes", 2, '"soon" is not an allowance'),
        ("erase --closed-for '' --yes", 2, "--closed-for is empty"),
        ("erase --holds --certificate c.html", 2, "A certificate is of what was erased, and a list erases nothing"),
        ("erase --due --certificate c.html", 2, "or sign --due off with --signed-off-by"),
        ("set 1 legal-hold=", 2, '"legal-hold=" does not give a fact'),
    ], 3),
    ids=short,
)  # fmt: skip
def test_what_looks_after_the_file_says_what_it_cannot_do(office: Office, line: str, status: int, phrase: str) -> None:
    if engine.chosen and line.split(maxsplit=1)[0] in engine.FILE_COMMANDS and status == 1:
        phrase = f"escalate {line.split(maxsplit=1)[0]} works on a file, and these cases are on a server"
    elif engine.chosen and line.startswith("verify --head") and status == 1:
        phrase = "unless it was a head of another chain"  # a server has one for each agency
    office.refuses(line, status, phrase)


# -- nothing, where a script's variable is empty


def _options_with_words() -> list[tuple[str, str]]:
    """The commands, each with an option of it that takes words."""

    def of(group: TyperGroup, typed: str) -> Iterator[tuple[str, str]]:
        for name in group.commands:
            each = group.commands[name]
            if isinstance(each, TyperGroup):
                yield from of(each, f"{typed}{name} ")
            else:
                yield from ((typed + name, one.opts[0]) for one in each.params if _takes_words(one))

    top = typer.main.get_command(cli.app)
    assert isinstance(top, TyperGroup)
    return [*of(top, "")]


def _takes_words(one: Any) -> bool:
    return one.param_type_name == "option" and one.type.name == "str" and one.metavar is not None


def test_an_option_with_nothing_in_it_is_never_taken_for_one_left_out(tmp_path: Path) -> None:
    """`erase --person "" --yes` must not erase what is due, nor `export json --subject ""` show everybody."""
    run = Desk(now=NOW, by="pat")
    options = _options_with_words()
    assert {("erase", "--person"), ("export", "--subject"), ("done", "--at"), ("show", "--as-of")} <= {*options}
    for typed, name in options:
        for nothing in ("", "  "):
            ran = run(tmp_path, *typed.split(), name, nothing)
            assert (ran.status, ran.stdout, ran.stderr) == (
                2,
                "",
                f"{name} is empty: say what, or leave it out.\n",
            ), typed


# -- moments

BAD_MOMENTS = [
    ("31 Feb 2026", "February 2026 has 28 days"),
    ("2026-02-31", "February 2026 has 28 days"),
    ("2026-13-01", f"there is no such day ... {ISO}"),
    ("4/13/2026", "the day comes first, and there is no month 13"),
    ("31/4", "there is no such day"),
    ("0/1/2026", "there is no such day"),
    ("29 Feb 2025", "there is no such day"),
    ("30 Fub 2026", "there is no such day"),
    ("2026-03-29 01:30", "clocks went forward past 01:30 on 29 March 2026"),
    ("29 March 2026 1.30am", "clocks went forward past 01:30 on 29 March 2026"),
    ("Tue 18 Nov 2026", "18 November 2026 is a Wednesday"),
    ("", MOMENTS),
    ("  ", MOMENTS),
    ("tomorow", MOMENTS),
    ("18 Nov or so", MOMENTS),
    ("20261118", MOMENTS),
    ("99999999999999999999", MOMENTS),
    ("0001-01-01", "the year 1 is too far away"),
    ("1 Jan 0001", "the year 1 is too far away"),
    ("9999-12-31", "the year 9999 is too far away"),
    ("31/12/9999", "the year 9999 is too far away"),
    ("0001-01-01T00:00+14:00", "the year 1 is too far away"),
    ("9999-12-31T23:59:59-14:00", "the year 9999 is too far away"),
    ("٢٠٢٦-١١-١٨", "cannot be read as a date"),
    ("١٨/١١/٢٠٢٦", MOMENTS),
    ("２０２６-11-18", "cannot be read as a date"),
    ("18 Nov ２０２６", MOMENTS),
    ("2026-11-18T25:00", ISO),
    ("2026-11-18x14:00", "cannot be read as a date"),
    ("2026-11-18T10:00+25:00", ISO),
    ("18 Nov 2026 25:00", "25:00 is not a time of day"),
    ("13pm", "13pm is not a time of day"),
    ("Fri 12:60", "12:60 is not a time of day"),
    ("18 Nov 2026 \x1b[31m", r"\x1b[31m"),
    ("18 Nov\n2026 x", MOMENTS),
    ("1" * 100_000, "cannot be read as a date"),
    ("x" * 100_000, "cannot be read as a date"),
    ("2026-11-18" + "0" * 99_990, "cannot be read as a date"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "phrase"), BAD_MOMENTS, ids=short)
def test_a_date_that_cannot_be_is_refused_and_says_why(empty: Office, said: str, phrase: str) -> None:
    empty.refuses(["calc", said, "1 day"], 2, phrase)


@pytest.mark.parametrize(
    "line",
    [
        "open herefordshire --at {}",
        "open herefordshire --concern {}",
        "note 1 x --at {}",
        "done 1 iro-notified --at {}",
        "agree 1 {}",
        "agree 1 tomorrow --at {}",
        "advance 1 --at {}",
        "resolve 1 --at {}",
        "withdraw 1 --at {}",
        "reopen 4 --at {}",
        "set 1 looked-after=no --at {}",
        "due --as-of {}",
        "show 1 --as-of {}",
        "log 1 --as-of {}",
        "explain 1 --as-of {}",
        "plan herefordshire --at {}",
        "plan herefordshire --concern {}",
        "calc {} '1 day' --json",
    ],
)  # fmt: skip
def test_every_option_that_takes_a_date_refuses_one_that_cannot_be(office: Office, line: str) -> None:
    office.refuses(line.format("'31 Feb 2026'"), 2, '"31 Feb 2026" ... February 2026 has 28 days')


def test_calc_answers_each_bad_line_in_its_place_and_goes_on(empty: Office) -> None:
    bad = [(said, phrase) for said, phrase in BAD_MOMENTS if "\n" not in said]
    lines = [*(f"{said}\t1 day" for said, _ in bad), "2026-11-24\t1 day", "no tabs", "\t\t\t", "2026-11-24\t1 day\tx"]
    given = b"\n".join([*map(str.encode, lines), b"\xff\xfe\t1 day"])
    ran = empty.run("calc", "-", stdin=given, environment=NO_FILE_NAMED)
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(answers) == len(lines) + 1
    for answer, (said, phrase) in zip(answers, bad, strict=False):
        if ACTIVE.search(said):  # JSON keeps it as it was, and writes it as \u001b
            assert said in answer["error"]
        else:
            assert_sentence(answer["error"] + "\n", phrase)
    after = answers[len(bad) :]
    assert after[0]["due_on"] == "2026-11-25"
    assert [set(answer) for answer in after[1:]] == [{"line", "error"}] * 4
    assert_sentence(ran.stderr, "lines could not be answered")


@pytest.mark.parametrize(
    ("line", "phrase"),
    sampled([
        ("open herefordshire --about Thresholds --at '2026-11-24 10:01'", "is in the future"),
        ("note 1 x --at 2026-12-25", "Friday 25 December 2026 00:00 is in the future"),
        ("done 1 iro-notified --at 'tomorrow 9:00'", "is in the future"),
        ("advance 1 --at tomorrow", "is in the future"),
        ("resolve 1 --at tomorrow", "is in the future"),
        ("withdraw 1 --at tomorrow", "is in the future"),
        ("reopen 4 --at tomorrow", "is in the future"),
        ("set 1 looked-after=no --at tomorrow", "is in the future"),
        ("agree 1 2026-12-01 --at tomorrow", "is in the future"),
        ("due --as-of tomorrow", "is in the future: --as-of looks back"),
        ("show 1 --as-of tomorrow", "is in the future: --as-of looks back"),
        ("log 1 --as-of tomorrow", "is in the future: --as-of looks back"),
        ("explain 1 --as-of tomorrow", "is in the future: --as-of looks back"),
        ("note 1 x --at '22 Nov 2026'", "before E0001 was raised (Monday 23 November 2026 10:00)"),
        ("note 1 x --at 23/11", 'before E0001 was raised ... give the time of day as well, as in "today 14:00"'),
        ("done 1 iro-notified --at '22 Nov 2026'", "before E0001 was raised"),
        ("agree 1 2026-12-01 --at '22 Nov 2026'", "before E0001 was raised"),
        ("advance 1 --at '2026-11-23 10:30'", "before E0001 reached stage 1 (Monday 23 November 2026 11:00)"),
        ("withdraw 1 --at '22 Nov 2026'", "before E0001 ... (Monday 23 November 2026"),
        ("set 1 looked-after=no --at '22 Nov 2026'", "before E0001 was raised"),
        ("resolve 1 --at '2026-11-23 10:30'", "before E0001 reached stage 1 (Monday 23 November 2026 11:00)"),
        ("show 1 --as-of '1 Nov 2026'", "Nothing was recorded of E0001 by"),
        (
            "open herefordshire --about Thresholds --at '2026-11-23 09:00' --concern '2026-11-23 09:01'",
            "The concern (Monday 23 November 2026 09:01) cannot come after the case was raised",
        ),
        ("open herefordshire --about Thresholds --concern tomorrow", "cannot come after the case was raised"),
        ("plan herefordshire --at 20/11/2026 --concern 21/11/2026", "cannot come after the case is raised"),
        ("agree 1 2026-11-20", "The agreed date (Friday 20 November 2026 23:59:59) has to lie after"),
        ("agree 1 '2026-11-24 09:59'", "has to lie after the moment it was agreed"),
        ("agree 1 2150-01-01", COVERED),
        ("calc 2100-12-31 '1 working day'", COVERED),
        ("calc 2100-12-31 '25 hours'", COVERED),
        ("calc 2100-12-31 '25 hours' --json", COVERED),
        ("calc 1980-01-01 '5 working days'", COVERED),
        ("calc 1989-12-31 '1 day'", COVERED),
        ("calc 2026-11-24 '99999 months'", COVERED),
        ("calc 2026-11-24 '99999 weeks'", COVERED),
        ("calc 2026-11-24 '99999 working days'", COVERED),
        ("plan hull-east-riding --at 2100-12-20", COVERED),
        ("plan hull-east-riding --at 1985-01-01", COVERED),
        ("open hull-east-riding --about Thresholds --at '1 Jan 1985'", COVERED),
        ("due --within '99999 months'", COVERED),
    ], 3),
)  # fmt: skip
def test_a_moment_that_does_not_fit_is_refused(office: Office, line: str, phrase: str) -> None:
    office.refuses(line, 1, phrase)


@pytest.mark.parametrize(
    ("now", "line", "status", "phrase"),
    [
        ("soon", "due", 2, f"ESCALATE_NOW ... {MOMENTS}"),
        ("31 Feb 2026", "list", 2, "ESCALATE_NOW ... February 2026 has 28 days"),
        ("2026-13-01", "show 1", 2, f"ESCALATE_NOW ... {ISO}"),
        ("2026-03-29T01:30", "explain 1", 2, "ESCALATE_NOW ... clocks went forward"),
        ("  ", "note 1 x", 2, "ESCALATE_NOW ... cannot be read"),
        ("0001-01-01", "open herefordshire --about Thresholds", 2, "ESCALATE_NOW ... the year 1 is too far away"),
        ("9999-12-31T23:59:59-14:00", "plan herefordshire", 2, "ESCALATE_NOW ... the year 9999"),
        ("2026-11-24T10:00+25:00", "demo", 2, f"ESCALATE_NOW ... {ISO}"),
        ("\x1b[31m", "calc today '1 day'", 2, r"ESCALATE_NOW ... \x1b[31m"),
        ("x" * 100_000, "due", 2, "ESCALATE_NOW"),
        ("1985-01-01", "due", 1, COVERED),
        ("1985-01-01", "demo", 1, COVERED),
        ("2150-01-01", "show 1", 1, COVERED),
        ("2150-01-01", "note 1 x", 1, COVERED),
        ("2150-01-01", "open hull-east-riding --about Thresholds", 1, COVERED),
    ],
    ids=short,
)  # fmt: skip
def test_a_present_moment_that_cannot_be_is_refused(
    office: Office, now: str, line: str, status: int, phrase: str
) -> None:
    office.refuses(line, status, phrase, environment={"ESCALATE_NOW": now})


# -- allowances

BAD_ALLOWANCES = [
    ("5 workng days", 'try "5 working days"'),
    ("-3 days", 'what counts back from something to come is at_least = "5 days", with before'),
    ("0 hours", 'nothing is allowed; try "immediately"'),
    ("0 days", 'nothing is allowed; try "immediately"'),
    ("3 to 1 days", 'the target is above the limit; try "1 to 3 days"'),
    ("1 to 0 days", "the target is above the limit"),
    ("0 to 3 days", 'try "3 days"'),
    ("999999999999 days", "more than 99,999 days"),
    ("100000 hours", "more than 99,999 hours"),
    ("1" * 5000 + " days", "is not an allowance"),
    ("imediately", 'try "immediately"'),
    ("", ALLOWANCES),
    ("5", "it does not say of what; write hours, days or working days"),
    ("days", ALLOWANCES),
    ("five days", 'try "5 days"'),
    ("1.5 days", "a part of a day is said in hours"),
    ("1e3 days", ALLOWANCES),
    ("５ days", 'try "5 days"'),
    ("5 \x1b[31mdays", r"5 \x1b[31mdays ... is not an allowance"),
    ("x" * 100_000, "is not an allowance"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "phrase"), BAD_ALLOWANCES, ids=short)
def test_an_allowance_that_is_none_is_refused_with_the_nearest_that_is(empty: Office, said: str, phrase: str) -> None:
    empty.refuses(["calc", "2026-11-24", "--", said], 2, phrase)


def test_every_allowance_that_is_suggested_is_one(empty: Office) -> None:
    said = [said for said, _ in BAD_ALLOWANCES if said]
    refused = empty.run("calc", "-", stdin="".join(f"2026-11-24\t{each}\n" for each in said).encode())
    errors = [json.loads(line)["error"] for line in refused.stdout.splitlines()]
    assert len(errors) == len(said)
    suggested = [each for error in errors for each in re.findall('"([^"]+)"', error.partition("; try ")[2])]
    assert len(suggested) >= len(said) - 2, "of two it is said why, and nothing is suggested"
    tried = empty.run("calc", "-", stdin="".join(f"2026-11-24\t{each}\n" for each in suggested).encode())
    answers = [json.loads(line) for line in tried.stdout.splitlines()]
    assert [each for each, answer in zip(suggested, answers, strict=True) if "error" in answer] == []


@pytest.mark.parametrize(
    ("line", "phrase"),
    [
        ("due --within '5 workng days'", 'try "5 working days"'),
        ("due --within '0 hours'", 'try "immediately"'),
        ("due --within soon", ALLOWANCES),
        ("calc 2026-11-24 '-3 days'", "-3"),
        ("calc 2026-11-24 '5 workng days' --json", 'try "5 working days"'),
    ],
)  # fmt: skip
def test_every_option_that_takes_an_allowance_refuses_one_that_is_none(office: Office, line: str, phrase: str) -> None:
    office.refuses(line, 2, phrase)


# -- what a case is ready for


@pytest.mark.parametrize(
    ("line", "phrase"),
    [
        ("advance 1 --to 0", "Stage 0 cannot follow stage 1 ... What may follow is 2, and by skipping 3 or 4."),
        ("advance 1 --to 1", "Stage 1 cannot follow stage 1 ... What may follow is 2"),
        ("advance 1 --to 9", 'Stage 9 cannot follow stage 1: "9" is not a stage ... What may follow is 2'),
        ("advance 2", "choose with --to 4a or 4b ... 4a (Urgent"),
        ("advance 2 --to 1", "Stage 1 cannot follow stage 3 ... What may follow is 4a or 4b."),
        ("advance 2 --to 4", "Stage 4 cannot follow stage 3 ... What may follow is 4a or 4b."),
        ("advance 3", "Stage 4 is the last ... escalate resolve closes the case"),
        ("advance 3 --to 3", "Stage 4 is the last ... escalate resolve closes the case"),
        ("advance 4", "E0004 was resolved Monday 23 November 2026 12:00 ... escalate reopen E0004 reopens it"),
        ("advance 4 --to 2", "E0004 was resolved ... escalate reopen E0004 reopens it"),
        ("resolve 4", "E0004 was resolved ... escalate reopen E0004 reopens it"),
        ("withdraw 4", "E0004 was resolved ... escalate reopen E0004 reopens it"),
        ("reopen 1", "E0001 is open already, at stage 1"),
        ("agree 4 tomorrow", "E0004 ... --action"),
        ("done 5 discussion", "discussion of E0005 is already recorded as done Friday 20 November 2026 12:00 ... undo"),
        ("done 5 discussion --stage 1", "discussion of E0005 is already recorded as done"),
        ("advance 4 --dry-run", "E0004 was resolved ... escalate reopen E0004 reopens it"),
        ("undo 6 --dry-run", "its opening stays"),
        ("undo 6", "its opening stays ... escalate withdraw E0006"),
    ],
)  # fmt: skip
def test_what_a_case_is_not_ready_for_is_refused_with_what_can_be_done(office: Office, line: str, phrase: str) -> None:
    office.refuses(line, 1, phrase)


# -- where there is no database


@pytest.mark.parametrize(("line", "stdout"), [("due --json", "[]\n"), ("list --json", "[]\n"), ("due", None), ("list", "No cases.\n")])  # fmt: skip
def test_looking_where_there_is_no_database_finds_nothing_and_makes_none(
    empty: Office, line: str, stdout: str | None
) -> None:
    before = empty.contents()
    ran = empty.run(*shlex.split(line), environment=NO_FILE_NAMED)
    assert ran.status == 0
    assert ran.stdout == stdout if stdout else "Nothing is due." in ran.stdout
    assert_sentence(ran.stderr, "There are no cases yet: ... escalate.db")
    assert empty.contents() == before


@pytest.mark.file_only("a file that is not there")
@pytest.mark.parametrize(
    "line", ["note 1 x", "done 1 x", "agree 1 tomorrow", "advance 1", "resolve 1", "withdraw 1", "reopen 1", "set 1 x=y", "undo 1", "show 1", "log 1", "explain 1", "show 1 --json"]
)  # fmt: skip
def test_a_case_where_there_is_no_database_is_refused_and_none_is_made(empty: Office, line: str) -> None:
    empty.refuses(line, 1, "There are no cases yet ... Open one with escalate open", environment=NO_FILE_NAMED)
    empty.refuses(line, 1, "cases.db is not there, and ESCALATE_DB names it ... begin a new file with escalate open")


@pytest.mark.parametrize(
    ("line", "status", "phrase", "environment"),
    [
        ("open zzz", 1, "There is no protocol", {}),
        ("open herefordshire --about Thresholds --fact x=y", 1, "There is no fact", {}),
        ("open herefordshire --about Thresholds --at tomorrow", 1, "is in the future", {}),
        ("open hull-east-riding --about Thresholds --at '1 Jan 1985'", 1, COVERED, {}),
        ("open hull-east-riding --about Thresholds --at '1 Jan 1985' --dry-run", 1, COVERED, {}),
        ("open herefordshire --about Thresholds", 2, "ESCALATE_NOW", {"ESCALATE_NOW": "soon"}),
        ("open herefordshire --about Thresholds", 2, '"9 to 5"', {"ESCALATE_WORKING_HOURS": "9 to 5"}),
        ("open herefordshire --about Thresholds", 2, '"soon" is not an allowance', {"ESCALATE_AT_RISK": "soon"}),
    ],
)  # fmt: skip
def test_an_opening_that_is_refused_makes_no_database(
    empty: Office, line: str, status: int, phrase: str, environment: dict[str, str]
) -> None:
    empty.refuses(line, status, phrase, environment=environment)


# -- settings

BAD_SETTINGS = [
    ("at_risk = \n", "config", 1, "line 1: there is nothing after the equals sign"),
    ("at_risk = \n", "due", 1, "line 1: there is nothing after the equals sign"),
    (b"\xff", "config", 1, "save it again as plain text, with UTF-8"),
    ("x = " + "[" * 100_000, "config", 1, "nested too deeply"),
    ("at_risk = " + "1" * 5000, "config", 1, "too many digits"),
    ('at_rsk = "1 working day"', "config", 2, '"at_rsk" is not a setting; did you mean at_risk?'),
    ('colour = "red"', "due", 2, '"colour" is not a setting; the settings are database, by, calendar, at_risk'),
    ('"a\\nb" = "x"', "config", 2, "is not a setting"),
    ("at_risk = 3", "config", 2, 'at_risk should be text in quotes, such as at_risk = "3"'),
    ("at_risk = 3", "note 1 x", 2, "at_risk should be text in quotes"),
    ("[at_risk]\ndays = 1", "config", 2, "at_risk should be text in quotes"),
    ('at_risk = "soon"', "due", 2, f'at_risk: "soon" {ALLOWANCES}'),
    ('at_risk = "5 workng days"', "show 1", 2, 'try "5 working days"'),
    ('at_risk = "soon"', "demo", 2, f'at_risk: "soon" {ALLOWANCES}'),
    ('at_risk = "soon"', "note 1 x --dry-run", 2, 'at_risk: "soon" is not an allowance'),
    ('at_risk = "soon"', "note 1 x", 2, 'at_risk: "soon" is not an allowance'),
    ('at_risk = "99999 months"', "due", 1, "calendar covers"),
    ('working_hours = "17:00 to 09:00"', "demo", 2, 'working_hours: "17:00 to 09:00" ... try "09:00 to 17:00"'),
    ('working_hours = "nine to five"', "demo", 2, 'working_hours: "nine to five" ... try "09:00 to 17:00"'),
    ('working_hours = "09:00+01:00 to 17:00"', "demo", 2, 'working_hours: ... try "09:00 to 17:00"'),
    ('calendar = "england"', "calc today '1 day'", 2, '"england" is not a calendar: say england-and-wales, scotland'),
    ('calendar = "england"', "calc -", 2, '"england" is not a calendar: say england-and-wales, scotland'),
    ('protocols = "~nobody-of-that-name/x"', "protocol list", 1, "~nobody-of-that-name"),
    ('protocols = "~nobody-of-that-name/x"', "open zzz", 1, "~nobody-of-that-name"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "line", "status", "phrase"), sampled(BAD_SETTINGS, 3), ids=short)
def test_a_settings_file_with_a_mistake_is_refused_by_its_name(
    office: Office, content: str | bytes, line: str, status: int, phrase: str
) -> None:
    path = office.file("settings.toml", content)
    where = "" if phrase == "calendar covers" or phrase.startswith("~") else "settings.toml ... "
    office.refuses(line, status, where + phrase, environment={"ESCALATE_CONFIG": str(path)})


@pytest.mark.parametrize(
    ("path", "phrase"),
    [
        (".", "is a folder: name the file itself"),
        ("/dev/zero", "is not a plain file"),
        ("~nobody-of-that-name/config.toml", "~nobody-of-that-name"),
        ("x" * 300, "x" * 300),
    ],
    ids=short,
)  # fmt: skip
def test_a_settings_file_that_cannot_be_read_is_refused(office: Office, path: str, phrase: str) -> None:
    office.refuses("config", 1, phrase, environment={"ESCALATE_CONFIG": path})


def test_a_database_that_the_settings_name_in_vain_is_refused(office: Office) -> None:
    path = office.file("settings.toml", 'database = "a\\u0000b"')
    office.refuses(
        "open herefordshire --about Thresholds",
        1,
        "cannot be opened",
        environment={"ESCALATE_DB": "", "ESCALATE_CONFIG": str(path)},
    )


# -- databases


def of_another_program(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipe (name TEXT)")
        connection.commit()


def of_a_later_version(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 999")


def cut_to(size: int | None) -> Callable[[Path], None]:
    def cut(path: Path) -> None:
        os.truncate(path, size or path.stat().st_size // 2)

    return cut


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


BAD_DATABASES: list[tuple[Callable[[Path], object], str]] = [
    (a_folder, "cases.db is a folder: name a file with --db"),
    (lambda path: path.write_bytes(b"Dear Sir or Madam\n" * 1000), "cases.db is not an escalate database"),
    (lambda path: path.write_bytes(b"Dear Sir or Madam"), "cases.db is not an escalate database"),
    (cut_to(50), "cases.db is not an escalate database, or is damaged ... restore a backup"),
    (cut_to(4096), "cases.db is not an escalate database, or is damaged ... restore a backup"),
    (cut_to(None), "cases.db is not an escalate database, or is damaged ... restore a backup"),
    (of_another_program, "cases.db is a database of another program: name an escalate file with --db"),
    (of_a_later_version, "cases.db was written by a later version of escalate: update escalate to open it"),
]  # fmt: skip


@pytest.mark.file_only("what else may lie at the path")
@pytest.mark.parametrize("line", ["due --json", "note 1 x", "open lincolnshire --about Thresholds", "calc today '1 day'"])  # fmt: skip
@pytest.mark.parametrize(
    ("spoil", "phrase"), BAD_DATABASES, ids=["folder", "letter", "short letter", "50 bytes", "4096 bytes", "half", "another program's", "newer"]
)  # fmt: skip
def test_a_file_that_is_no_database_of_ours_is_refused_untouched(
    office: Office, spoil: Callable[[Path], object], phrase: str, line: str
) -> None:
    spoil(office.database)
    office.refuses(line, 1, phrase)


@pytest.mark.file_only("damages the file")
def test_a_lost_calendar_is_told_of_before_a_protocol_that_nobody_knows(office: Office) -> None:
    with closing(sqlite3.connect(office.database, isolation_level=None)) as connection:
        connection.execute("DELETE FROM calendar")
    office.refuses("due --protocol nowhere", 1, "cases.db has lost its england-and-wales calendar: restore a backup")


SERVER = tuple(name for name in COMMANDS if name.startswith("server "))
OPENS_NO_DATABASE = ("decrypt", "rekey", "config", "demo", "calc", "doctor", *(f"protocol {name}" for name in ("list", "show", "check", "compare", "new")), *SERVER)  # fmt: skip
ARGUMENTS = {
    "open": "herefordshire", "note": "1 x", "done": "1 x", "agree": "1 tomorrow", "assign": "1 raising x", "set": "1 looked-after=no",
    "due": "", "board": "--output x.html", "list": "", "access": "", "disclose": "x", "search": "x", "plan": "herefordshire", "calendar show": "", "calendar refresh": "--dry-run", "calendar check": "",
    "calendar add": "'24 Nov 2026' --reason x --yes", "calendar remove": "'24 Nov 2026' --reason x --yes", "digest": "", "report": "",
    "export": "json", "import": "log.csv", "verify": "", "encrypt": "--yes", "move": "../cases.db postgresql:///escalate", "merge": "../cases.db",
    "agency list": "", "agency join": "x --into y --yes",
}  # fmt: skip
"""What a command is given; a case where nothing is said."""


@pytest.mark.file_only("changes the file; test_connecting.py has other versions of a server")
@pytest.mark.parametrize("name", sampled([name for name in COMMANDS if name not in OPENS_NO_DATABASE], 3))
def test_no_command_that_opens_the_database_touches_one_of_a_later_version(office: Office, name: str) -> None:
    of_a_later_version(office.database)
    office.file("log.csv", "Ref,Date raised,Protocol\n1,1/10/2026,lincolnshire\n")
    line = f"{name} {ARGUMENTS.get(name, '1')}"
    office.refuses(line, 1, "was written by a later version of escalate: update escalate")


@pytest.mark.file_only("damages the file")
@pytest.mark.parametrize(
    ("statement", "line"),
    sampled([
        ("UPDATE cases SET entered_at = 'x'", "list"),
        ("UPDATE cases SET facts = '{'", "list"),
        ("UPDATE deadline SET due_at = 'x'", "due"),
        ("UPDATE calendar_version SET opens = 'x'", "due"),
        ("UPDATE calendar_version SET last = 'x'", "show 1"),
        ("UPDATE calendar_version SET opens = 'x'", "calc today '1 day'"),
        ("UPDATE day_off SET day = 'x' WHERE day = '2026-12-25'", "plan herefordshire"),
        ("UPDATE edition SET text = 'x'", "show 1"),
        ("UPDATE edition SET text = ''", "explain 1"),
        ("DELETE FROM edition", "show 1"),
        ("DELETE FROM calendar", "due"),
        ("DELETE FROM calendar", "open herefordshire --about Thresholds"),
        ("UPDATE entry SET data = '{'", "show 1"),
        ("UPDATE entry SET data = '{}'", "note 1 x"),
        ("UPDATE entry SET data = '[]'", "due --as-of now"),
        ("UPDATE entry SET at = 'x'", "explain 1"),
        ("UPDATE entry SET kind = 'x'", "log 1"),
        ("DELETE FROM words; DELETE FROM entry", "show 1"),
        ("DELETE FROM words; DELETE FROM entry WHERE seq = 1 AND case_ref = 'E0004'", "show 4"),
        ("DELETE FROM words; DELETE FROM entry WHERE case_ref = 'E0004' AND seq = 2; UPDATE entry SET seq = 9 WHERE case_ref = 'E0005' AND seq = 2", "log 5"),
        ("DROP TABLE words", "show 1"),
        ("DROP TABLE cases", "list"),
        ("DROP TABLE deadline", "due"),
    ], 3),
)  # fmt: skip
def test_a_database_with_damage_inside_is_refused_with_the_way_out(office: Office, statement: str, line: str) -> None:
    with past_the_guards(office.database) as connection:
        connection.executescript(statement)
    office.refuses(line, 1, "restore a backup")


@pytest.mark.file_only("where a file may be")
@pytest.mark.parametrize(
    ("database", "line", "status", "phrase"),
    [
        ("/proc/nothing/x.db", "open herefordshire --about Thresholds", 1, "/proc/nothing/x.db cannot be opened ... --db"),
        ("/dev/null/x.db", "open herefordshire --about Thresholds", 1, "/dev/null/x.db cannot be opened ... --db"),
        ("/proc/nothing/x.db", "show 1", 1, "/proc/nothing/x.db is not there, and --db names it"),
        ("/dev/null/x.db", "note 1 x", 1, "/dev/null/x.db is not there, and --db names it"),
        ("/proc/version", "list", 1, "/proc/version cannot be written"),
        ("/dev/null", "list", 1, "/dev/null"),
        ("/dev/full", "open herefordshire --about Thresholds", 1, "/dev/full"),
        ("''", "show 1", 1, "is a folder: name a file with --db"),
        (".", "due", 1, "is a folder: name a file with --db"),
        ("~nobody-of-that-name/x.db", "open herefordshire --about Thresholds", 1, "~nobody-of-that-name"),
        ("~nobody-of-that-name/x.db", "show 1", 1, "~nobody-of-that-name"),
        ("x" * 300, "open herefordshire --about Thresholds", 1, "cannot be opened"),
        ("x" * 300, "show 1", 1, "xxx"),
        ("x" * 300, "due", 1, "xxx"),
        ("x" * 300, "calc today '1 day'", 1, "xxx"),
        ("'a\nb.db'", "show 1", 1, "is not there, and --db names it"),
        ("loop.db", "open herefordshire --about Thresholds", 1, "loop.db is a link to another file: name the file itself"),
    ],
    ids=short,
)  # fmt: skip
def test_a_path_that_can_hold_no_database_is_refused(
    office: Office, database: str, line: str, status: int, phrase: str
) -> None:
    (office.folder / "desk" / "loop.db").symlink_to("loop.db")
    office.refuses(f"--db {database} {line}", status, phrase)


@pytest.mark.script
def test_a_working_folder_that_is_gone_is_no_reason_for_a_traceback(empty: Office) -> None:
    gone = ("sh", "-c", 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', "sh")
    empty.refuses("--db x.db open herefordshire --about Thresholds", 1, "x.db", through=gone)


def bound_by_modes() -> tuple[str, ...]:
    """What to start escalate through so that file modes count: nothing, unless we are root."""
    if os.geteuid() != 0:
        return ()
    humbled = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
    if not shutil.which("setpriv") or subprocess.run([*humbled, "true"], capture_output=True, check=False).returncode:
        pytest.skip("file modes do not bind root, and there is no setpriv to change that")
    return humbled


@pytest.mark.script
@pytest.mark.parametrize(
    ("folder_mode", "file_mode", "line", "phrase"),
    [
        (0o555, 0o444, "note 1 x", "cases.db cannot be written ... a folder you may write to"),
        later((0o555, 0o444, "open herefordshire --about Thresholds", "cases.db cannot be written ... a folder you may write to")),
        (0o755, 0o444, "advance 1 --again", "cases.db cannot be written ... a folder you may write to"),
        (0o755, 0o000, "list", "cases.db cannot be opened"),
        (0o000, 0o644, "list", "cases.db"),
        later((0o000, 0o644, "note 1 x", "cases.db")),
        later((0o000, 0o644, "calc today '1 day'", "cases.db")),
        later((0o000, 0o644, "open herefordshire --about Thresholds", "cases.db cannot be opened ... a folder you may write to")),
    ],
)  # fmt: skip
def test_a_read_only_database_is_refused(
    office: Office, cases: bytes, folder_mode: int, file_mode: int, line: str, phrase: str
) -> None:
    through = bound_by_modes()
    shelf = office.folder / "shelf"
    shelf.mkdir()
    database = shelf / "cases.db"
    office.database.rename(database)
    database.chmod(file_mode)
    shelf.chmod(folder_mode)
    ran = office.run(*shlex.split(line), through=through, environment={"ESCALATE_DB": str(database)})
    shelf.chmod(0o700)
    database.chmod(0o600)
    assert_refused(ran, 1, phrase)
    assert list(shelf.iterdir()) == [database]
    assert database.read_bytes() == cases


@pytest.mark.script
def test_a_read_only_database_can_be_looked_at(office: Office) -> None:
    through = bound_by_modes()
    shelf = office.folder / "shelf"
    shelf.mkdir()
    office.database.rename(shelf / "cases.db")
    (shelf / "cases.db").chmod(0o444)
    shelf.chmod(0o555)
    before = office.contents()
    ran = office.run("list", "--json", through=through, environment={"ESCALATE_DB": str(shelf / "cases.db")})
    assert (ran.status, ran.stderr, len(json.loads(ran.stdout))) == (0, "", 20)
    assert office.contents() == before


# -- a full disk: no file may grow beyond so many bytes


def no_file_above(size: int) -> tuple[str, ...]:
    return ("sh", "-c", 'ulimit -f "$0" && PYTHONDONTWRITEBYTECODE=1 exec "$@"', str(size // 512))


@pytest.mark.slow
@pytest.mark.script
@pytest.mark.parametrize("full", ["the journal", "the database"])
@pytest.mark.parametrize(
    "line", ["note 1", "advance 1 --again --reason", "resolve 1 --how", "open hull-east-riding --about"]
)
def test_a_full_disk_leaves_the_database_whole(office: Office, cases: bytes, full: str, line: str) -> None:
    everything = office.run("list", "--json").stdout
    room = 8192 if full == "the journal" else len(cases)
    line += " " + "x" * 50_000  # more than the free pages of the file hold
    office.refuses(line, 1, "cases.db cannot be written ... disk", through=no_file_above(room))
    assert office.run("list", "--json").stdout == everything
    with closing(sqlite3.connect(office.database)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.slow
@pytest.mark.script
@pytest.mark.parametrize("room", [0, 4096, 49_152, 98_304])
def test_a_full_disk_leaves_no_case_in_a_new_database(empty: Office, room: int) -> None:
    """The file may have been made by then, but it is whole and has nothing in it."""
    assert_refused(empty.run("open", "herefordshire", "--about", "Thresholds", through=no_file_above(room)), 1, "disk")
    assert empty.run("list", "--json").stdout == "[]\n"
    assert empty.run("open", "herefordshire", "--about", "Thresholds").status == 0


@pytest.mark.script
def test_a_full_disk_stops_the_demonstration_in_a_sentence(empty: Office) -> None:
    empty.refuses("demo", 1, "disk", through=no_file_above(4096))


@pytest.mark.slow
@pytest.mark.script
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full to write to")
@pytest.mark.parametrize(
    "line", ["list", "list --json", "due", "show 1", "log 1", "explain 1", "protocol show herefordshire", "config", "demo", "--help"]
)  # fmt: skip
def test_an_output_that_cannot_be_written_is_said_in_a_sentence(office: Office, line: str) -> None:
    full = ("sh", "-c", 'exec "$@" > /dev/full', "sh")
    office.refuses(line, 1, "", through=full)


@pytest.mark.script
@pytest.mark.parametrize(
    "line",
    [
        "note 1 x",
        "list",
        "--help",
        *map(later, ["list --json", "due", "digest", "export json", "--version", "protocol list"]),
    ],
)
def test_an_answer_that_nothing_can_take_is_a_failure(office: Office, line: str) -> None:
    ran = office.run(*shlex.split(line), through=("sh", "-c", 'exec "$@" >&-', "sh"))
    assert ran == (
        1,
        "",
        "The answer cannot be written (standard output is closed): what was recorded before that stands.\n",
    )


@pytest.mark.script
@pytest.mark.parametrize("output", sampled([">&-", ">/dev/full"], 2))
def test_a_digest_that_nobody_saw_is_not_recorded_as_told(office: Office, output: str) -> None:
    told = "SELECT count(*) FROM digest WHERE sent_at IS NOT NULL"
    office.run("digest", "--always", through=("sh", "-c", f'exec "$@" {output}', "sh"))
    with closing(sqlite3.connect(office.database)) as file:
        assert file.execute(told).fetchone() == (0,)
    office.run("digest", "--always")
    with closing(sqlite3.connect(office.database)) as file:
        assert file.execute(told).fetchone() == (1,)


@pytest.mark.script
@pytest.mark.parametrize(("line", "closed"), [("show 99", "2>&-"), ("calc -", "<&-")])
def test_a_stream_that_is_closed_is_no_reason_for_a_traceback(office: Office, line: str, closed: str) -> None:
    ran = office.run(*shlex.split(line), through=("sh", "-c", f'exec "$@" {closed}', "sh"))
    assert_at_most_a_sentence(ran.stderr)
    assert ran.status in (0, 1)


def test_words_that_begin_with_a_dash_are_told_how_to_be_said(office: Office) -> None:
    ran = office.run("note", "1", "-urgent call", "--at", "today")
    assert ran.status == 2
    typed = "note 1 --at today -- '-urgent call'"
    assert f"type it last, after two dashes: escalate {typed}. See escalate note --help." in ran.stderr
    assert office.run(*shlex.split(typed)).status == 0
    assert "-urgent call" in office.run("log", "1").stdout


# -- protocol files

GOOD_PROTOCOL = """\
id = "my"
title = "Ours"
partnership = "Café partnership"
covers = ["children"]
source = "Our page"

[edition]
dated = "2026-01"

[calendar]
name = "england-and-wales"

[[facts]]
key = "severity"
ask = "How severe is it?"
answers = ["high", "low"]

[[routes]]
key = "main"
name = "Ladder"
starts = "1"

[[stages]]
key = "1"
name = "Talk"
owner = "You"
next = ["2"]
cite = "1"

[[stages]]
key = "2"
name = "Managers"
owner = "Manager"
next = ["3"]
cite = "2"

[[stages]]
key = "3"
name = "Heads"
owner = "Head"
next = []
cite = "3"

  [[stages.actions]]
  key = "resolve"
  name = "Resolve"
  ends_stage = true

    [[stages.actions.timescales]]
    within = "5 working days"
    from = "stage"
    when = "severity is high"
    cite = "3"
"""

MISTAKES = (
    ('covers = ["children"]', 'covers = ["kids"]', 'covers, line 4: "kids" should be "children" or "adults"'),
    ('starts = "1"', 'starts = "one"', 'route main, starts, line 21: "one" is not a stage of the main route'),
    ('owner = "You"\n', "", "stage 1, owner, line 23: is missing; it says who is responsible"),
    ('next = ["3"]', 'next = ["33"]', 'stage 2, next, line 33: "33" is not a stage of the main route; did you mean "3"?'),
    ('key = "resolve"', 'key = "re solve"', 'stage 3, action re solve, key, line 44: "re solve" should be letters, digits and hyphens'),
    ("ends_stage = true", 'ends_stage = "yes"', 'stage 3, action re solve, ends_stage, line 46: "yes" should be true or false'),
    ('"5 working days"', '"5 workng days"', 'stage 3, action re solve, within, line 49: "5 workng days" is not an allowance; try "5 working days"'),
    ('from = "stage"', "from = 3", 'stage 3, action re solve, from, line 50: 3 should be text in quotes: "3"'),
    ('"severity is high"', '"severity is grave"', 'stage 3, action re solve, when, line 51: severity is never "grave"; its answers are high and low'),
    ('ask = "How', 'asks = "How', 'fact severity, asks, line 15: is not known; did you mean "ask"?'),
)  # fmt: skip


def with_mistakes(*mistakes: tuple[str, str, str]) -> str:
    text = GOOD_PROTOCOL
    for right, wrong, _ in mistakes:
        assert text.count(right) == 1, right
        text = text.replace(right, wrong)
    return text


# One cause, and nothing of what follows from it.
ONE_CAUSE = [
    ('[[stages]]\nkey = "1"', '[[stage]]\nkey = "1"', 'stage, line 23: is not known; did you mean "stages"?'),
    ('key = "severity"', 'kye = "severity"', 'fact number 1, kye, line 14: is not known; did you mean "key"?'),
    ('key = "severity"\n', "", "fact number 1, key, line 13: is missing; it says the short name people type"),
    ("within = ", "witihn = ", 'stage 3, action resolve, witihn, line 50: is not known; did you mean "within"?'),
    ("from = ", "form = ", 'stage 3, action resolve, form, line 51: is not known; did you mean "from"?'),
    ("[edition]", "[[edition]]", "edition, line 7: a list should be a table of its own: it begins with one bracket, [edition]"),
    ('next = ["3"]', 'next = "3"', 'stage 2, next, line 34: "3" should be a list in square brackets: ["3"]'),
    ('key = "resolve"', 'key = "Known"', "stage 3, action Known, key, line 45: is what every protocol can count from; give the action another key"),
]  # fmt: skip


@pytest.mark.parametrize("mistake", ONE_CAUSE, ids=lambda mistake: mistake[2])
def test_one_mistake_is_told_once_and_not_all_that_follows_from_it(
    empty: Office, mistake: tuple[str, str, str]
) -> None:
    assert GOOD_PROTOCOL.count(mistake[0]) >= 1
    empty.file("my.toml", GOOD_PROTOCOL.replace(mistake[0], mistake[1], 1))
    assert assert_problems(empty.run("protocol", "check", "my.toml"), "my.toml") == [mistake[2]]


def assert_problems(ran: Ran, file: str) -> list[str]:
    """One line per problem, each beginning with the file's name; returned without it."""
    assert (ran.status, ran.stdout) == (1, ""), ran
    lines = ran.stderr.splitlines()
    assert lines
    for line in lines:
        assert_sentence(f"{line}\n", "")
        assert line.startswith(f"{file}: "), line
    return [line.removeprefix(f"{file}: ") for line in lines]


def test_the_protocol_that_the_mistakes_are_made_in_is_sound(empty: Office) -> None:
    empty.file("my.toml", GOOD_PROTOCOL)
    assert empty.run("protocol", "check", "my.toml") == (0, "my.toml: no problems; 1 route, 3 stages.\n", "")


@pytest.mark.parametrize(
    "line", ["protocol check my.toml", "protocol show ./my.toml", "plan my.toml", "open my.toml"]
)  # fmt: skip
def test_all_mistakes_of_a_protocol_are_reported_at_once_each_with_its_place(empty: Office, line: str) -> None:
    empty.file("my.toml", with_mistakes(*MISTAKES))
    before = empty.contents()
    problems = assert_problems(empty.run(*shlex.split(line)), "my.toml")
    for _, _, problem in MISTAKES:
        assert [found for found in problems if found.startswith(problem)], problem
    assert len(problems) == len(MISTAKES)  # that a question is missing follows from that it is misspelt
    assert empty.contents() == before


def test_a_single_mistake_is_the_whole_report(empty: Office) -> None:
    empty.file("my.toml", with_mistakes(MISTAKES[6]))
    ran = empty.run("protocol", "check", "my.toml")
    assert ran.stderr == (
        'my.toml: stage 3, action resolve, within, line 50: "5 workng days" is not an allowance; try "5 working days"\n'
    )


@pytest.mark.parametrize(
    ("content", "phrase"),
    [
        (GOOD_PROTOCOL.encode("latin-1"), "is not text in UTF-8, from line 3 on: save it again as plain text, with UTF-8 as its encoding"),
        (GOOD_PROTOCOL.encode("utf-16"), "is text in UTF-16: save it again as plain text, with UTF-8 as its encoding"),
        (b"PK\x03\x04\x14\0", "is a document of a word processor: save it again as plain text"),
        (b"\xd0\xcf\x11\xe0\0", "is a document of a word processor: save it again as plain text"),
        ("{\\rtf1\\ansi " + GOOD_PROTOCOL + "}", "is rich text: save it again as plain text"),
        (b"%PDF-1.7", "is a PDF: save it again as plain text"),
        (GOOD_PROTOCOL.replace('"Ours"', "Ours"), 'is not well-formed TOML: line 2: write a text in quotes: title = "Ours"'),
        (GOOD_PROTOCOL + "[[stages", "is not well-formed TOML: line 54: a bracket is missing at the end of the line"),
        (GOOD_PROTOCOL + "\0", "is not well-formed TOML: line 54: it has a character that no text has"),
        (GOOD_PROTOCOL + "#" * 2_000_000, "is larger than a protocol or settings file can be (200 kB)"),
        ("x = " + "[" * 100_000, "nested too deeply"),
        ("x = " + "{a = " * 30_000, "nested too deeply"),
        ("x = " + "1" * 5000, "my.toml"),
    ],
    ids=["latin-1", "utf-16", "Word", "old Word", "rich text", "PDF", "not toml", "cut off", "nul", "2 MB", "deep list", "deep table", "long number"],
)  # fmt: skip
@pytest.mark.parametrize("line", ["protocol check my.toml", "open my.toml"])
def test_a_file_that_is_no_protocol_at_all_is_refused(
    empty: Office, content: str | bytes, phrase: str, line: str
) -> None:
    empty.file("my.toml", content)
    empty.refuses(line, 1, f"my.toml ... {phrase}".removesuffix(" ... my.toml"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "stages: is missing"),
        ("# nothing yet\n", "id: is missing; it says the short name people type"),
        (".".join("a" * 190) + " = 1", "a: is not known"),
        ('"a\\nb" = 1', "title: is missing"),
        (GOOD_PROTOCOL.replace('"main"', '"ma\\nin"'), "route Ladder, key, line 19: "),
        (GOOD_PROTOCOL.replace('"england-and-wales"', '"a\\nb"'), "calendar, name, line 11: "),
        (GOOD_PROTOCOL.replace("5 working days", "5 \\u001b[31mdays"), "stage 3, action resolve, within, line 50: "),
        (GOOD_PROTOCOL.replace('title = "Ours"', 'title = "  "'), "title, line 2: is empty"),
        (GOOD_PROTOCOL.replace('"Ours"', '"Ours"\ntitles = "x"'), 'titles, line 3: is not known; did you mean "title"?'),
        (GOOD_PROTOCOL.replace('key = "2"', 'key = "1"'), 'stages, line 23: "main:1" is here 2 times'),
        (GOOD_PROTOCOL.replace('"5 working days"', '"' + "x" * 100_000 + '"'), "stage 3, action resolve, within, line 50: "),
    ],
    ids=["empty", "comment", "deep key", "line end in a key", *["line end in a value"] * 2, "escape", "blank", "unknown", "twice", "long"],
)  # fmt: skip
def test_a_protocol_with_something_odd_gets_a_line_per_problem(empty: Office, content: str, problem: str) -> None:
    empty.file("my.toml", content)
    problems = assert_problems(empty.run("protocol", "check", "my.toml"), "my.toml")
    assert [found for found in problems if found.startswith(problem)], problems


def test_wrong_types_everywhere_are_each_reported_with_their_place(empty: Office) -> None:
    empty.file(
        "my.toml",
        """
        id = 1
        title = []
        partnership = {}
        covers = 3
        source = 2026-01-01
        edition = "x"
        calendar = 1.5
        facts = [1, "x", [], {}]
        routes = [1, {}]
        stages = ["x", {key = 1, next = 4, actions = 6}, {actions = [1, {timescales = [1, {}]}, {timescales = "x", when = 3}]}]
        after_resolution = {}
        standing_actions = true
        reminders = [[]]
        contacts = nan
        forms = 07:00:00
        not_for = [1]
        """,
    )
    problems = assert_problems(empty.run("protocol", "check", "my.toml"), "my.toml")
    for problem in (
        'id, line 2: 1 should be text in quotes: "1"',
        "title, line 3: a list should be text in quotes",
        "partnership, line 4: a table should be text in quotes",
        "covers, line 5: 3 should be a list in square brackets",
        'source, line 6: 2026-01-01 should be text in quotes: "2026-01-01"',
        'edition, line 7: "x" should be a table of its own',
        "calendar, line 8: 1.5 should be a table of its own",
        "fact number 1, line 9: 1 should be a table of its own",
        "route number 1, line 10: 1 should be a table of its own",
        'stage number 1, line 11: "x" should be a table of its own',
        "stage 1, next, line 11: 4 should be a list in square brackets",
        "stage number 3, action number 2, timescale number 1, line 11: 1 should be a table of its own",
        'stage number 3, action number 3, timescales, line 11: "x" should be a list: each begins with two brackets, [[stages.actions.timescales]]',
        'stage number 3, action number 3, when, line 11: 3 should be text in quotes: "3"',
        "after_resolution, line 12: a table should be a list: each begins with two brackets, [[after_resolution]]",
        "standing_actions, line 13: true should be a list: each begins with two brackets, [[standing_actions]]",
        "reminder number 1, line 14: a list should be a table of its own",
        "contacts, line 15: nan should be a list: each begins with two brackets, [[contacts]]",
        "forms, line 16: 07:00:00 should be a list: each begins with two brackets, [[forms]]",
        'not_for, line 17: 1 should be text in quotes: "1"',
    ):
        assert problem in problems
    assert not [found for found in problems if '""' in found], "a blank that was reported already is no second problem"


@pytest.mark.parametrize(
    ("line", "phrase"),
    [
        ("protocol check none.toml", "none.toml cannot be read: No such file"),
        ("protocol show none.toml", "none.toml cannot be read: No such file"),
        ("plan ./none.toml", "none.toml cannot be read: No such file"),
        ("open ./none.toml --about Thresholds", "none.toml cannot be read: No such file"),
        ("protocol check ../home", "home is a folder: name the file itself"),
        ("open ../home", "home is a folder: name the file itself"),
        ("protocol check ''", "is a folder: name the file itself"),
        ("protocol check /dev/zero", "/dev/zero is not a plain file"),
        ("protocol check '~nobody-of-that-name/x.toml'", "cannot be read"),
        ("report --output '~nobody-of-that-name/x.html'", "~nobody-of-that-name"),
        ("protocol show '~nobody-of-that-name/x.toml'", "~nobody-of-that-name"),
        ("protocol check " + "x" * 300, "cannot be read"),
        ("protocol check 'a\nb.toml'", "cannot be read"),
        ("protocol check loop.toml", "loop.toml cannot be read"),
    ],
    ids=short,
)  # fmt: skip
def test_a_protocol_file_that_cannot_be_read_is_refused(empty: Office, line: str, phrase: str) -> None:
    (empty.folder / "desk" / "loop.toml").symlink_to("loop.toml")
    empty.refuses(line, 1, phrase)


@pytest.mark.parametrize("line", ["protocol show bad", "plan bad", "open bad"])
def test_a_broken_protocol_in_ones_own_folder_is_named(empty: Office, line: str) -> None:
    empty.file("bad.toml", "id = bad")
    empty.refuses(
        line,
        1,
        "bad.toml is not well-formed TOML: line 1: write a text in quotes",
        environment={"ESCALATE_PROTOCOLS": "."},
    )


def test_a_broken_protocol_in_ones_own_folder_does_not_hide_the_others(empty: Office) -> None:
    empty.file("bad.toml", "id = bad")
    ran = empty.run("protocol", "list", environment={"ESCALATE_PROTOCOLS": "."})
    assert_sentence(ran.stderr, "bad.toml is not well-formed TOML: line 1: write a text in quotes")
    assert (ran.status, "hull-east-riding" in ran.stdout) == (1, True)


# -- text is data

MARKUP = "[/] [bold red]x[/bold red] [link=file:///etc/passwd]y[/link] :smile:"
ESCAPES = "\x1b[31mred\x1b]0;title\x07\x1b[2J \x9b31m \x85 \u202eevil\u2066 \u200b \u2028 \x7f end\nline\r\ttab Zoë 7€"
HOSTILE = f"{MARKUP} {ESCAPES}"
LONG = "§" * 10_000


@pytest.fixture(scope="module")
def hostile_cases(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A case with hostile text wherever text can be given."""
    made = new_office(tmp_path_factory.mktemp("hostile") / "office")
    text = shlex.quote(HOSTILE)
    set_up(
        made,
        f"open hull-east-riding --subject {text} --from {text} --to {text} --about {shlex.quote(HOSTILE + LONG)} --at '2026-11-20 10:00'",
        f"note 1 {shlex.quote(HOSTILE + LONG)}",
        f"done 1 discussion --note {text}",
        f"agree 1 2026-12-24 --reason {text}",
        f"advance 1 --reason {text}",
        f"resolve 1 --how {text}",
        f"undo 1 --reason {text}",
    )
    return made.database.read_bytes()


@pytest.fixture
def hostile(empty: Office, hostile_cases: bytes) -> Office:
    empty.database.write_bytes(hostile_cases)
    empty.database.chmod(0o600)
    return empty


@pytest.mark.parametrize("columns", sampled(["", "20"], 4))
@pytest.mark.parametrize("line", ["show 1", "due", "list", "log 1", "explain 1", "note 1 x --dry-run", "due --json", "show 1 --json"])  # fmt: skip
def test_no_byte_that_somebody_typed_acts_on_a_terminal(hostile: Office, line: str, columns: str) -> None:
    ran = hostile.run(*shlex.split(line), environment={"COLUMNS": columns})
    assert (ran.status, ran.stderr) == (0, "")
    assert not ACTIVE.search(ran.stdout), ascii(ran.stdout)


@pytest.mark.parametrize("line", ["show 1", "due", "list", "log 1"])
def test_markup_is_shown_as_it_was_typed(hostile: Office, line: str) -> None:
    shown = hostile.run(*shlex.split(line)).stdout
    assert MARKUP in shown
    assert r"\x1b[31mred\x1b]0;title\x07" in shown


@pytest.mark.parametrize("line", ["show 1", "log 1"])
def test_a_long_text_is_shown_whole(hostile: Office, line: str) -> None:
    times = 2 if line == "show 1" else 1  # what it is about, and the note; the log has the former too
    assert hostile.run(*shlex.split(line)).stdout.count("§") >= times * len(LONG)


def test_json_gives_text_back_as_it_was_typed(hostile: Office) -> None:
    case = json.loads(hostile.run("show", "1", "--json").stdout)
    assert (case["subject"], case["raising_agency"], case["receiving_agency"]) == (HOSTILE, HOSTILE, HOSTILE)
    assert json.loads(hostile.run("due", "--json").stdout)[0]["subject"] == HOSTILE


@pytest.mark.parametrize("field", ["--subject", "--from", "--to", "--about"])
def test_what_a_change_prints_is_inert_too(empty: Office, field: str) -> None:
    ran = empty.run(
        "open", "hull-east-riding", "--about", "Thresholds", field, HOSTILE, environment={"ESCALATE_BY": HOSTILE}
    )
    assert (ran.status, ran.stderr) == (0, begins_here(empty.database))
    assert not ACTIVE.search(ran.stdout), ascii(ran.stdout)
    for line in ("config", "log 1"):
        assert not ACTIVE.search(empty.run(*shlex.split(line), environment={"ESCALATE_BY": HOSTILE}).stdout)


# -- where the output goes


def with_closed_output(office: Office, line: str) -> tuple[int, str]:
    """Runs with a standard output that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = subprocess.run(
            command(*shlex.split(line)),
            env=office.environment(),
            cwd=office.folder / "desk",
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )
    finally:
        os.close(writing)
    return done.returncode, done.stderr.decode()


@pytest.mark.slow
@pytest.mark.script
@pytest.mark.parametrize(
    "line",
    [
        *("list", "list --json", "due", "show 1", "show 1 --json", "log 1", "explain 1", "plan herefordshire"),
        *("calc today '1 day'", "protocol list", "protocol show north-east-lincolnshire", "config", "demo", "--help"),
    ],
)  # fmt: skip
def test_a_reader_that_has_read_enough_is_no_error(hostile: Office, line: str) -> None:
    assert with_closed_output(hostile, line) == (0, "")


@pytest.mark.script
@pytest.mark.parametrize(
    "line", sampled(["list", "protocol show north-east-lincolnshire", "protocol show big.toml"], 3)
)
def test_head_is_quiet(office: Office, line: str) -> None:
    stage = f'[[stages]]\nkey = "{{}}"\nname = "{"Talk " * 500}"\nowner = "You"\nnext = []\ncite = "1"\n'
    head, _, _ = GOOD_PROTOCOL.partition("[[stages]]")
    office.file("big.toml", head + "".join(stage.format(n) for n in range(1, 60)))
    ran = office.run(*shlex.split(line), through=("sh", "-c", '"$@" | head -1', "sh"))
    assert (ran.status, ran.stdout.count("\n"), ran.stderr) == (0, 1, "")


@pytest.mark.script
def test_head_is_quiet_before_a_long_calculation(empty: Office) -> None:
    ran = empty.run(
        "calc", "-", stdin=b"2026-11-24\t5 working days\n" * 5000, through=("sh", "-c", '"$@" | head -1', "sh")
    )
    assert (ran.status, ran.stdout.count("\n"), ran.stderr) == (0, 1, "")


ENCODINGS = (
    {"LANG": "C"},
    {"LC_ALL": "C"},
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONUTF8": "0"},
    {"LC_ALL": "C", "PYTHONUTF8": "0"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.script
@pytest.mark.parametrize("environment", ENCODINGS, ids=lambda each: " ".join(f"{k}={v}" for k, v in each.items()))
@pytest.mark.parametrize(
    ("line", "shown"), [("show 1", ("7€", r"7\u20ac")), ("due", ("7€", r"7\u20ac")), ("protocol show my.toml", ("Café", r"Caf\xe9"))]
)  # fmt: skip
def test_no_locale_stops_an_output(
    hostile: Office, line: str, shown: tuple[str, str], environment: dict[str, str]
) -> None:
    hostile.file("my.toml", GOOD_PROTOCOL)
    ran = hostile.run(*shlex.split(line), environment=environment)
    assert (ran.status, ran.stderr) == (0, "")
    assert any(each in ran.stdout for each in shown), ran.stdout


@pytest.mark.slow
@pytest.mark.script
@pytest.mark.parametrize("environment", ENCODINGS, ids=lambda each: " ".join(f"{k}={v}" for k, v in each.items()))
def test_what_was_typed_is_kept_whatever_the_locale(office: Office, environment: dict[str, str]) -> None:
    ran = office.run("note", "1", "Zoë said no", environment=environment)
    assert (ran.status, ran.stderr) == (0, "")
    history = json.loads(office.run("show", "1", "--json").stdout)["history"]
    assert "Zoë said no" in json.dumps(history[-1], ensure_ascii=False)


def on_a_terminal(office: Office, line: str, environment: Mapping[str, str] = {}) -> str:
    """What escalate writes to a terminal."""
    status, written = at_terminal(
        *shlex.split(line), environment=office.environment(environment), folder=office.folder / "desk"
    )
    assert status == 0, written
    return written


@pytest.mark.terminal
@pytest.mark.parametrize("line", ["due", "show 1"])
def test_a_terminal_that_asks_for_none_gets_no_escape_sequences_or_no_colours(hostile: Office, line: str) -> None:
    colour = re.compile(r"\x1b\[[0-9;]*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])[;m]")
    assert colour.search(on_a_terminal(hostile, line, {"TERM": "xterm"}))
    assert not colour.search(on_a_terminal(hostile, line, {"TERM": "xterm", "NO_COLOR": "1"}))
    assert "\x1b" not in on_a_terminal(hostile, line, {"TERM": "dumb"})


@pytest.mark.parametrize("environment", sampled([{}, {"TERM": "xterm-256color"}, {"NO_COLOR": "1"}, {"TERM": "dumb"}, {"COLORTERM": "truecolor"}], 4), ids=str)  # fmt: skip
@pytest.mark.parametrize("line", ["due", "show 1"])
def test_a_pipe_gets_no_escape_sequences(hostile: Office, line: str, environment: dict[str, str]) -> None:
    ran = hostile.run(*shlex.split(line), environment=environment)
    assert ran.status == 0
    assert "\x1b" not in ran.stdout + ran.stderr


@pytest.mark.parametrize(
    "line", ["due", "config", "protocol list", "open herefordshire --about Thresholds", "note 1 x", "demo"]
)
def test_no_home_is_needed(office: Office, line: str) -> None:
    environment = {name: value for name, value in office.environment().items() if name not in ("HOME", "PATH")}
    ran = escalate(*shlex.split(line), environment=environment, folder=office.folder / "desk")
    assert (ran.status, ran.stderr) == (0, "")


@pytest.mark.parametrize("columns", ["0", "-1", "x", "19", "99999999999999999999"])
def test_a_width_that_cannot_be_is_overlooked(office: Office, columns: str) -> None:
    assert office.run("due", environment={"COLUMNS": columns}) == office.run("due")


# -- Ctrl-C


@contextmanager
def interruptible() -> Iterator[None]:
    """A process started in the background ignores Ctrl-C, and so would what it starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.script
def test_ctrl_c_while_calc_waits_for_a_line_ends_with_130(office: Office) -> None:
    before = office.contents()
    with (
        interruptible(),
        subprocess.Popen(
            command("calc", "-"),
            env=office.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as running,
    ):
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(b"2026-11-24\t1 day\n")
        running.stdin.flush()
        assert json.loads(running.stdout.readline())["due_on"] == "2026-11-25"
        running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=60)
    assert (running.returncode, stdout) == (130, b"")
    assert_at_most_a_sentence(stderr.decode())
    assert office.contents() == before


@pytest.mark.script
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc to see when the file is open")
def test_ctrl_c_while_a_command_waits_for_the_database_leaves_it_whole(office: Office) -> None:
    before = office.contents()
    with (
        interruptible(),
        subprocess.Popen(
            command("note", "1", "x"), env=office.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as running,
    ):
        with held(office.database):
            wait_until(lambda: has_open(running.pid, office.database))
            running.send_signal(signal.SIGINT)
        stdout, stderr = running.communicate(timeout=60)
    assert (running.returncode, stdout) == (130, b"")
    assert_at_most_a_sentence(stderr.decode())
    assert office.contents() == before


def has_open(pid: int, path: Path) -> bool:
    for each in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            if each.readlink() == path:
                return True
    return False


def wait_until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.01)
