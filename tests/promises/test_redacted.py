"""Promise 10: nobody is named unless that was asked for, in no output of any command, no error, no letter and no list of processes.

tests/commands/test_people.py looks at what shows a case. Here is every command there is, and whatever leaves the program.
"""

import contextlib
import json
import os
import re
import shutil
import subprocess
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.command_line import command
from tests.forked import Run, Runs
from tests.mail_server import Box, mail_server
from tests.promises.commands import assert_none_forgotten
from tests.promises.conftest import FULL, Show
from tests.sizes import sampled, size

pytestmark = pytest.mark.promise(10)

NOW = "2026-11-23T10:00"
PERSON = ("Ada Canary", "2014-05-03", "12 Canary Row, Tern Bay")
HELD = (("Bo Keeper", "bo.keeper@trust.example"), ("Cy Holder", "cy.holder@council.example"))
CANARIES = (
    "ada canary", "canary", "2014-05-03", "3 may 2014", "03/05/2014", "3/5/2014", "3 may", "12 canary row", "tern bay", "bo keeper", "bo.keeper",
    "keeper", "cy holder", "cy.holder", "trust.example", "council.example",
)  # fmt: skip
"""What names somebody, in small letters: both spellings of the date of birth, and parts by which one is known as well."""


@dataclass
class Desk:
    """A folder with a case in which everybody is known, and what runs escalate in it."""

    folder: Path
    run_it: Runs

    @property
    def environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "ESCALATE_DB": str(self.folder / "cases.db"), "ESCALATE_NOW": NOW,
            "ESCALATE_CONFIG": str(self.folder / "config.toml"), "ESCALATE_BY": "tests",
        }  # fmt: skip

    def run(self, *words: str, stdin: str = "", columns: int | None = None, environment: Mapping[str, str] = {}) -> Run:
        return self.run_it(
            *words,
            environment=self.environment | dict(environment),
            folder=self.folder,
            stdin=stdin.encode(),
            columns=columns,
        )

    def did(self, *words: str, stdin: str = "", now: str = NOW) -> Run:
        ran = self.run(*words, stdin=stdin, environment={"ESCALATE_NOW": now})
        assert ran.status == 0, (words, ran.errors)
        return ran


PRIVATE: tuple[tuple[tuple[str, ...], str], ...] = (
    (("set", "1", "name=-", "born=-", "address=-"), "\n".join((PERSON[0], "3 May 2014", PERSON[2]))),
    (("assign", "1", "raising", "-", "--role", "Named nurse", "--email", "-"), "\n".join(HELD[0])),
    (("assign", "1", "receiving", "-", "--role", "Team manager", "--email", "-"), "\n".join(HELD[1])),
)
"""How everybody gets in: by standard input, which no list of processes shows."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, run_it: Runs) -> Path:
    desk = Desk(tmp_path_factory.mktemp("redacted") / "desk", run_it)
    desk.folder.mkdir()
    opening = (
        "open",
        "herefordshire",
        "--stage",
        "1",
        "--subject",
        "M-1",
        "--from",
        "Wye Trust",
        "--to",
        "County",
        "--about",
        "Step-down",
    )
    desk.did(*opening, now="2026-11-20T09:00")
    for words, said in PRIVATE:
        desk.did(*words, stdin=said + "\n", now="2026-11-20T09:30")
    desk.did("note", "1", "Spoke to the manager", now="2026-11-20T10:00")
    desk.did(
        "open",
        "lincolnshire",
        "--from",
        "Wye Trust",
        "--fact",
        "name=-",
        stdin=f"{PERSON[0]}\n",
        now="2026-11-20T11:00",
    )
    (desk.folder / "log.csv").write_text(
        f'Ref,Date raised,Protocol,Name,DOB,Address,Raised by,Received by\n1,1/10/2026,lincolnshire,{PERSON[0]},03/05/2014,"{PERSON[2]}",{HELD[0][0]},{HELD[1][0]}\n'
        f"2,x,lincolnshire,{PERSON[0]},3 May 2014,,,\n3,1/10/2026,{PERSON[0]},,,,,\n",
        encoding="utf-8",
    )  # fmt: skip
    return desk.folder


@pytest.fixture
def desk(made: Path, tmp_path: Path, run_it: Runs) -> Desk:
    shutil.copytree(made, tmp_path / "desk")
    return Desk(tmp_path / "desk", run_it)


def named_in(*texts: str) -> list[str]:
    """Who is named, in whatever letters."""
    together = "\n".join(texts).casefold()
    return [canary for canary in CANARIES if canary in together]


# -- every command ----------------------------------------------------------------------------------------------------------

PRIVATE_AGAIN = "\n".join((*HELD[0], *HELD[1])) + "\n"
COMMANDS: list[tuple[str, ...]] = [
    ("open", "herefordshire", "--about", "Thresholds", "--fact", "name=-"), ("note", "1", "x"), ("done", "1", "resolve"), ("agree", "1", "tomorrow"), ("advance", "1"),
    ("resolve", "1", "--how", "Agreed"), ("withdraw", "1"), ("assign", "1", "raising", "-"), ("assign", "1", "receiving", "-", "--email", "cy.holder@x.example"),
    ("set", "1", "name=-"), ("set", "1", "address=-"), ("undo", "1"), ("reopen", "1"), ("void", "2", "--reason", "Opened twice", "--yes"),
    ("agency", "list"), ("agency", "join", "Wye Valley NHS Trust", "--into", "Wye Valley", "--dry-run"),
    ("due",), ("due", "--overdue", "--at-risk"), ("due", "--owner", "bo keeper"), ("due", "--agency", "Wye"), ("list",), ("list", "--agency", "Wye"),
    ("list", "--as-of", "now"), ("due", "--as-of", "now"), ("show", "1"), ("show", "1", "--as-of", "now"), ("log", "1"), ("log", "1", "--kind", "assigned"),
    ("explain", "1"), ("search", "manager"), ("search", "nurse"), ("search", "Wye"), ("search", "ada"), ("search", "tern"), ("search", "2014"),
    ("plan", "herefordshire"), ("calc", "today", "1 day"), ("calendar", "show"), ("calendar", "check"), ("calendar", "refresh", "--dry-run"),
    ("calendar", "add", "24 Nov 2026", "--reason", "Closed", "--yes"), ("calendar", "remove", "24 Nov 2026", "--reason", "Open", "--yes"),
    ("protocol", "list"), ("protocol", "show", "herefordshire"), ("protocol", "compare", "herefordshire", "lincolnshire"),
    ("protocol", "new", "new", "--like", "lincolnshire", "--to", "new.toml"), ("protocol", "check", "new.toml"), ("protocol", "adopt", "1", "--dry-run"),
    ("digest", "--always", "--dry-run"), ("digest", "--always", "--owner", "bo keeper", "--dry-run"), ("digest", "--install", "cron"),
    ("board", "--output", "board.html"), ("report",), ("report", "--suppress", "5"), ("form", "1", "appendix-1"), ("form", "1", "appendix-2"),
    ("import", "log.csv"), ("import", "log.csv", "--skip-bad"), ("import", "log.csv", "--skip-bad", "--write"), ("export", "json"), ("export", "ics"),
    ("config",), ("demo",), ("backup",), ("restore",), ("verify",), ("access",), ("access", "1"), ("disclose", "M-9"), ("doctor",), ("encrypt", "--dry-run"), ("rekey",), ("decrypt",), ("move", "cases.db", "postgresql:///cases?host=/nowhere"), ("merge", "../cases.db", "--dry-run"), ("erase", "1", "--dry-run"), ("erase", "--closed-for", "1 day", "--dry-run"),
]  # fmt: skip
"""Each with what it says to a person and as JSON; other formats are below."""

ECHOED = {("due", "--owner", "bo keeper"), ("digest", "--always", "--owner", "bo keeper", "--dry-run")}
NO_JSON = (("export",), ("digest", "--install"))


@pytest.mark.slow
@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_no_command_names_anybody(desk: Desk, made: Path, as_json: bool, shown: Show) -> None:
    """On a copy of its own each, so that nothing one does hides what another shows."""
    assert_none_forgotten(COMMANDS)
    looked = 0
    named: dict[str, list[str]] = {}
    for words in COMMANDS:
        if as_json and any(words[: len(begins)] == begins for begins in NO_JSON):
            continue
        shutil.copy(made / "cases.db", desk.folder / "cases.db")
        if words[:2] == ("protocol", "new"):
            (desk.folder / "new.toml").unlink(missing_ok=True)
        alone = words[:1] if as_json and words[0] == "board" else words  # a document is for standard output
        written = [*alone, *(["--json"] if as_json else [])]
        if as_json and words[:2] in (("calendar", "add"), ("calendar", "remove")) and "--yes" not in words:
            written.append("--dry-run")
        said = {"--fact": PERSON[0], "assign": "Cy Holder"}
        stdin = (
            f"{PERSON[0]}\n"
            if "name=-" in words
            else f"{PERSON[2]}\n"
            if "address=-" in words
            else f"{said['assign']}\n"
        )
        ran = desk.run(*written, stdin=stdin)
        assert_said_something(words, ran)
        found = named_in(ran.text, ran.errors)
        if not as_json and (FULL or looked % 4 == 0):
            shutil.copy(made / "cases.db", desk.folder / "cases.db")
            if words[:2] != ("protocol", "new") and "-" not in words and not any(word.endswith("=-") for word in words):
                found += named_in(desk.run(*words, columns=100).text)
        looked += 1
        if found:
            named[" ".join(words)] = found
    assert named == {}
    shown(f"{looked} command lines as {'JSON' if as_json else 'text'} name 0 of {len(CANARIES)} canaries")


def assert_said_something(words: Sequence[str], ran: Run) -> None:
    """Whether it did what it is for, or refused for a reason of its own: nothing can be named in what was never said."""
    assert b"Traceback" not in ran.stderr, ran
    assert ran.status in (0, 1), (words, ran)
    assert ran.text or ran.errors, words


IDENTIFY = [
    # what names people when that is asked for, and the canaries that then have to be there
    (("show", "1", "--identify"), {"ada canary", "3 may 2014", "12 canary row", "bo keeper", "cy holder", "bo.keeper"}),
    (("show", "1", "--identify", "--json"), {"ada canary", "2014-05-03", "bo keeper"}),
    (("log", "1", "--identify"), {"ada canary", "12 canary row", "bo keeper", "cy.holder"}),
    (("log", "1", "--identify", "--json"), {"ada canary", "bo keeper"}),
    (("due", "--identify"), {"ada canary", "bo keeper", "cy holder"}),
    (("due", "--identify", "--json"), {"ada canary", "bo keeper", "cy holder", "2014-05-03"}),
    (("list", "--identify"), {"ada canary"}),
    (("list", "--identify", "--json"), {"ada canary", "2014-05-03"}),
    (("search", "keeper", "--identify"), {"bo keeper"}),
    (("search", "tern", "--identify", "--json"), {"tern bay"}),
    (("form", "1", "appendix-1", "--identify"), {"ada canary"}),
    (("form", "1", "appendix-1", "--identify", "--json"), {"ada canary"}),
    (("export", "csv", "--what", "cases", "--identify"), {"ada canary", "2014-05-03", "12 canary row"}),
    (("export", "csv", "--what", "deadlines", "--identify"), {"bo keeper", "cy holder"}),
    (("export", "csv", "--what", "history", "--identify"), {"ada canary", "bo keeper"}),
    (("export", "json", "--identify"), {"ada canary", "2014-05-03", "12 canary row", "bo keeper"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "wanted"), sampled(IDENTIFY, 3), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_the_same_names_people_when_that_is_asked_for(desk: Desk, words: tuple[str, ...], wanted: set[str]) -> None:
    """Or the canaries would show nothing. Without the one option, nobody is named by the very same words."""
    assert set(named_in(desk.did(*words).text)) >= wanted
    assert named_in(desk.did(*(word for word in words if word != "--identify")).text) == []


# -- what leaves the program ------------------------------------------------------------------------------------------------


def in_file(path: Path) -> str:
    """All the text of a file; of a workbook or a Word file, of every part."""
    if not zipfile.is_zipfile(path):
        return path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as package:
        return "\n".join(package.read(name).decode("utf-8", errors="replace") for name in package.namelist())


FILES: list[tuple[tuple[str, ...], str, set[str]]] = [
    # the words, the file they make, and who is named in it with --identify; nobody may ask for that in the others
    (("export", "csv", "out.csv", "--what", "cases"), "out.csv", {"ada canary"}),
    (("export", "csv", "out.csv", "--what", "deadlines"), "out.csv", {"bo keeper"}),
    (("export", "csv", "out.csv", "--what", "history"), "out.csv", {"bo keeper"}),
    (("export", "json", "out.json"), "out.json", {"ada canary", "bo keeper"}),
    (("export", "xlsx", "out.xlsx"), "out.xlsx", {"ada canary", "bo keeper"}),
    (("export", "ics", "out.ics"), "out.ics", set()),
    *[((*words, "--output", f"out.{ending}"), f"out.{ending}", set()) for ending in ("html", "md", "json", "xlsx", "docx", "csv") for words in (("report",), ("report", "--suppress", "5"))],
    (("board", "--output", "out.html"), "out.html", {"ada canary", "bo keeper"}),
    (("form", "1", "appendix-1", "--output", "out.docx"), "out.docx", {"ada canary"}),
    (("form", "1", "appendix-2", "--output", "out.docx"), "out.docx", {"bo keeper"}),
    (("form", "1", "appendix-1", "--output", "out.txt"), "out.txt", {"ada canary"}),
    (("protocol", "new", "new", "--like", "lincolnshire", "--to", "new.toml"), "new.toml", set()),
]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "file", "wanted"),
    sampled(FILES, 3),
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_no_file_names_anybody_unless_that_is_asked_for(
    desk: Desk, words: tuple[str, ...], file: str, wanted: set[str]
) -> None:
    desk.did(*words)
    assert named_in(in_file(desk.folder / file)) == []
    if wanted:
        desk.did(*words, "--identify", "--force")
        assert set(named_in(in_file(desk.folder / file))) >= wanted


@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
@pytest.mark.parametrize("command_", ["digest", "report"])
def test_no_format_names_anybody(desk: Desk, command_: str, form: str) -> None:
    assert named_in(desk.did(command_, *(["--always"] if command_ == "digest" else []), "--format", form).text) == []


def test_no_letter_names_anybody_but_its_reader(desk: Desk, shown: Show) -> None:
    """By a real mail server; also where people get letters because they hold a side, and where the server turns one away."""
    box = Box()
    with mail_server(box) as port:
        (desk.folder / "config.toml").write_text(
            f'[mail]\nserver = "localhost"\nport = {port}\nsecurity = "none"\nfrom = "unit@partnership.example"\nassigned = true\n'
            'timeout = 20\n[[mail.recipients]]\nto = "unit@partnership.example"\nowner = "bo keeper"\n',
            encoding="utf-8",
        )
        dry = desk.did("digest", "--mail", "--always", "--dry-run")
        box.refused.add("cy.holder@council.example")
        ran = desk.run("digest", "--mail", "--always")
    assert (ran.status, "somebody assigned in E0001" in ran.errors) == (1, True)
    assert named_in(dry.text, dry.errors, ran.text, ran.errors) == []
    assert sorted(box.readers) == ["bo.keeper@trust.example", "unit@partnership.example"]
    for to, letter in box.letters:
        heads = "\n".join(f"{name}: {value}" for name, value in letter.items() if name != "To")
        assert letter["To"] == to
        assert named_in(heads, *(_text(part) for part in letter.walk() if not part.is_multipart())) == []
    shown(f"{len(box.letters)} letters name nobody")


def _text(part: object) -> str:
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


# -- errors -----------------------------------------------------------------------------------------------------------------

ADA, BORN = PERSON[0], "3 May 2014"
ERRORS: list[tuple[tuple[str, ...], str]] = [
    # the words, and what is said on standard input: by it everybody is named, so that no error may repeat what was said there
    (("set", "99", "name=-"), ADA),
    (("set", "1", "born=-"), "Ada Canary 3 May"),
    (("set", "1", "born=-"), "3 May 2099"),
    (("set", "1", "born=-"), "31 Feb 2014 Canary"),
    (("set", "1", "name=-", "name=-"), f"{ADA}\n{ADA}"),
    (("set", "1", "name=-", "severity=high"), ADA),
    (("set", "1", "name=-", "concern=never"), ADA),
    (("assign", "1", "nobody", "-"), HELD[0][0]),
    (("assign", "99", "raising", "-"), HELD[0][0]),
    (("assign", "1", "raising", "--email", "-"), "Bo Keeper <bo.keeper@trust.example>"),
    (("assign", "1", "raising", "--email", "-"), "bo.keeper@trust.example,cy.holder@council.example"),
    (("assign", "1", "raising", "-", "--stage", "9"), HELD[0][0]),
    (("assign", "1", "raising", "-", "--at", "never"), HELD[0][0]),
    (("open", "nowhere", "--fact", "name=-"), ADA),
    (("open", "herefordshire", "--about", "Thresholds", "--fact", "name=-", "--fact", "born=-"), f"{ADA}\nCanary"),
    (("import", "log.csv"), ""),
    (("import", "log.csv", "--write"), ""),
    (("import", "log.csv", "--map", "Name=protocol"), ""),
    (("import", "log.csv", "--map", "Name=raised"), ""),
    (("import", "log.csv", "--map", "Name=stage"), ""),
    (("import", "log.csv", "--map", "Name=status"), ""),
    (("import", "log.csv", "--map", "Name=route"), ""),
    (("import", "log.csv", "--map", "Name=born"), ""),
    (("import", "log.csv", "--map", "Name=concern-date"), ""),
    (("import", "log.csv", "--map", "Name=resolved"), ""),
    (("import", "log.csv", "--map", "Name=stage-entered"), ""),
    (("import", "log.csv", "--map", "Name=age"), ""),
    (("explain", "1", "raising"), ""),
    (("due", "--owner", "somebody else"), ""),
    (("due", "--agency", "somebody else"), ""),
]


@pytest.mark.slow
@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_no_error_names_anybody(desk: Desk, as_json: bool, shown: Show) -> None:
    named = {}
    for words, said in ERRORS:
        ran = desk.run(*words, *(["--json"] if as_json else []), stdin=f"{said}\n")
        assert b"Traceback" not in ran.stderr
        assert ran.errors or ran.status == 0, words
        if found := named_in(ran.text, ran.errors):
            named[" ".join(words)] = (found, ran.errors)
    assert named == {}
    assert sum(desk.run(*words, stdin=f"{said}\n").status != 0 for words, said in ERRORS) > 20
    shown(f"{len(ERRORS)} errors name nobody")


def test_a_damaged_file_is_told_of_without_what_is_in_it(desk: Desk) -> None:
    """Wherever the damage is: bytes are put out of order over the whole file, a place at a time."""
    database = desk.folder / "cases.db"
    whole = database.read_bytes()
    for place in range(size(3, 12, 400)):
        broken = bytearray(whole)
        begins = place * len(whole) // size(3, 12, 400)
        broken[begins : begins + 64] = b"\xff" * 64
        database.write_bytes(broken)
        for words in (("list",), ("show", "1"), ("log", "1"), ("due",), ("search", "manager"), ("export", "json")):
            ran = desk.run(*words)
            assert named_in(ran.text, ran.errors) == [], (place, words)


# -- the list of processes --------------------------------------------------------------------------------------------------


class Listed(threading.Thread):
    """Reads the command line and the environment of some processes and their children over and over, as anybody on the machine can."""

    def __init__(self) -> None:
        super().__init__()
        self.root = 0
        self.found: set[str] = set()
        self.looks = 0
        self.enough = False

    def run(self) -> None:
        while not self.enough:
            if self.root:
                for number in self._family(self.root):
                    for what in ("cmdline", "environ", "comm"):
                        with contextlib.suppress(OSError):
                            self.found.add(Path(f"/proc/{number}/{what}").read_bytes().decode(errors="replace"))
                self.looks += 1
            time.sleep(0.001)

    @staticmethod
    def _family(root: int) -> list[int]:
        family = [root]
        for number in family:
            with contextlib.suppress(OSError):
                for task in Path(f"/proc/{number}/task").iterdir():
                    family += [int(child) for child in (task / "children").read_text().split()]
        return family


@contextlib.contextmanager
def listing() -> Iterator[Listed]:
    listed = Listed()
    listed.start()
    try:
        yield listed
    finally:
        listed.enough = True
        listed.join(30)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="there is no /proc to list processes by")
def test_no_list_of_processes_names_anybody(desk: Desk, shown: Show) -> None:
    """Through the real script: who is named on standard input stands in no command line and no environment, of it or its children."""
    lines = [*PRIVATE, (("open", "herefordshire", "--about", "Thresholds", "--fact", "name=-", "--fact", "born=-"), f"{ADA}\n{BORN}"), (("show", "1", "--identify"), ""),
             (("export", "xlsx", "out.xlsx", "--identify", "--force"), ""), (("form", "1", "appendix-1", "--identify", "--output", "f.docx", "--force"), ""),
             (("import", "log.csv", "--skip-bad"), ""), (("search", "keeper", "--identify"), "")]  # fmt: skip
    with listing() as listed:
        for words, said in lines * size(1, 1, 10):
            process = subprocess.Popen(
                command(*words), env=desk.environment, cwd=desk.folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
            )
            listed.root = process.pid
            process.communicate(f"{said}\n".encode(), timeout=60)
            assert process.returncode == 0, words
    seen = "\n".join(listed.found)
    assert "escalate" in seen
    assert "ESCALATE_NOW" in seen, "no environment was read"
    assert "name=-" in seen, "no command line was read"
    assert [
        each for each in named_in(seen) if each != "keeper"
    ] == []  # which was looked for by a word of the command line
    shown(f"{listed.looks} looks at the processes of {len(lines) * size(1, 1, 10)} runs")


def test_what_a_command_is_asked_at_a_terminal_is_not_in_its_answer(desk: Desk) -> None:
    """The terminal itself shows what is typed; what escalate adds to it does not."""
    ran = desk.run("set", "1", "name=-", "born=-", stdin=f"{ADA}\n{BORN}\n", columns=100)
    typed = ran.text.casefold()
    assert ran.status == 0
    assert [typed.count(each) for each in ("ada canary", "3 may 2014", "2014-05-03")] == [1, 1, 0]


def test_the_canaries_are_in_the_database(desk: Desk) -> None:
    """They are there to be found: the words are, in the table of words alone; a test of everything that never had them shows nothing."""
    shown_ = json.loads(desk.did("show", "1", "--identify", "--json").text)
    assert shown_["identity"] == dict(zip(("name", "born", "address"), PERSON, strict=True))
    assert {(each["name"], each["email"]) for each in shown_["holders"]} == set(HELD)
    assert re.search("E0002", desk.did("list", "--identify").text)
