"""The board: which group a case stands in, what its card says, what the page keeps to itself, and how it is written."""

import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.boards import CASES, NOW, play_christmas
from tests.domain.reporting.test_many_cases import statements
from tests.driver import Office

run = Office(now=NOW)


@pytest.fixture(scope="module")
def christmas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with thirty cases over Christmas, which nobody writes to."""
    folder = tmp_path_factory.mktemp("christmas")
    play_christmas(run, folder)
    return folder


def page_of(folder: Path, *words: str, now: str = NOW) -> str:
    run.did(folder, "board", "--output", "board.html", "--force", *words, now=now)
    return (folder / "board.html").read_text(encoding="utf-8")


def cards(page: str) -> dict[str, str]:
    """What each card says, by the reference of its case, in the order of the page."""
    found = re.findall(r"<article.*?</article>", page, re.DOTALL)
    said = [" ".join(re.sub(r"<[^>]*>", " ", each).split()) for each in found]
    return {each.split()[0]: each for each in said}


GROUPS = {
    "safety": ["E0010", "E0012"],
    "overdue": [
        *("E0011", "E0029", "E0020", "E0004", "E0025", "E0009", "E0002", "E0024", "E0005", "E0008", "E0014", "E0001"),
        *("E0013", "E0006", "E0015", "E0016", "E0018", "E0026", "E0027"),
    ],
    "today": ["E0021", "E0028"],
    "week": ["E0030", "E0003", "E0023", "E0019"],
    "later": [],
    "undated": ["E0007", "E0017", "E0022"],
    "undecided": [],
    "waiting": [],
}


def test_every_case_stands_in_one_group_the_most_urgent_first(christmas: Path) -> None:
    made = run.json(christmas, "board")
    assert made["groups"] == GROUPS
    assert made["cases"] == len(CASES) == sum(map(len, GROUPS.values()))
    assert (made["made_at"], made["fresh_until"]) == ("2026-12-23T09:30:00Z", "2026-12-24T09:00:00Z")
    assert list(cards(page_of(christmas))) == [ref for refs in GROUPS.values() for ref in refs]


def test_the_order_is_that_of_due(christmas: Path) -> None:
    listed = dict.fromkeys(row["case"] for row in run.json(christmas, "due"))
    made = run.json(christmas, "board")["groups"]
    for refs in made.values():
        assert refs == [ref for ref in listed if ref in refs]


@pytest.mark.parametrize(
    ("ref", "says"),
    [
        ("E0010", "E0010 M-1370 SAFETY FIRST OVERDUE due Mon 21 Dec, 33 hours late"),
        ("E0010", "The professional who holds the concern: Make a safeguarding referral by the established procedure"),
        ("E0010", "To record it: escalate done E0010 safeguarding-referral"),
        ("E0011", "OVERDUE due Sat 5 Dec 10:00, 17 days late"),
        ("E0011", "Act by now"),
        ("E0011", "From, to City Health Care to Adult Care"),
        ("E0011", "Stage 3: Group or service manager to their counterpart"),
        ("E0011", "1 (been there) 2 (been there) 3 (there now) 4 (not yet)"),
        ("E0011", "Recorded last Wed 9 Dec 10:00: Went up from stage 2 to stage 3: no response"),
        ("E0011", "To record it: escalate done E0011 response --stage 2"),
        ("E0021", "TODAY due Wed 23 Dec 12:00, 2 working hours left"),
        ("E0003", "due Sat 26 Dec 09:00, 1 working day 7 hours left"),
        ("E0003", "Act by Thu 24 Dec 17:00"),
        ("E0003", "Friday 25 December 2026: 87"),
        ("E0019", "Friday 25 December 2026: skipped: Christmas Day"),
        ("E0019", "Written in"),
        ("E0022", "Resolved at stage 1"),
        ("E0017", "no date"),
    ],
)
def test_a_card_says(christmas: Path, ref: str, says: str) -> None:
    said = cards(page_of(christmas))[ref]
    assert says in said


def test_the_command_on_a_card_records_the_next_step(christmas: Path, tmp_path: Path) -> None:
    shutil.copy(christmas / "cases.db", tmp_path)
    page, tried = page_of(tmp_path), 0
    for command in re.findall(r"<code>escalate (.*?)</code>", re.sub(r"</?span[^>]*>", "", page)):
        run.did(tmp_path, *command.split(), "--dry-run")
        tried += 1
    assert tried >= len(CASES)


def test_an_answer_that_is_missing_is_asked_for(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "lincolnshire", "--about", "x", now="2026-12-01T09:00")
    run.did(tmp_path, "advance", "1", now="2026-12-02T09:00")
    page = page_of(tmp_path)
    questions = re.findall(r"<code>escalate set E0001 ([^<]*)</code>", page)
    for answer in questions:
        run.did(tmp_path, "set", "1", answer, "--dry-run")


# -- what is asked for


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--overdue",), "only overdue."),
        (("--at-risk",), "only at risk."),
        (("--overdue", "--at-risk"), "only overdue or at risk."),
        (("--protocol", "lincolnshire"), "only protocol lincolnshire."),
        (("--agency", "humberside"), "only agency humberside."),
        (("--owner", "manager"), "only owner manager."),
        (("--within", "2 working days"), "only to act on within 2 working days."),
    ],
)
def test_a_board_can_be_of_some_and_says_what_it_leaves_out(christmas: Path, words: tuple[str, ...], says: str) -> None:
    page = page_of(christmas, *words)
    assert f"Not everything: {says}" in page
    assert re.search(r"[0-9]+ other deadlines are due, and were not asked for[.]", page)
    shown = cards(page)
    listed = dict.fromkeys(row["case"] for row in run.json(christmas, "due", *words))
    assert sorted(shown) == sorted(listed)
    assert len(shown) < len(CASES) or "--within" in words


def test_a_filter_that_nothing_fits_says_so(christmas: Path) -> None:
    ran = run(christmas, "board", "--output", "-", "--agency", "nobody")
    assert ran.status == 0
    assert 'No open case has an agency like "nobody"' in ran.stderr
    assert list(cards(ran.stdout)) == ["E0010", "E0012"]  # what safety calls for is shown whatever is asked for
    refused = run(christmas, "board", "--output", "new.html", "--protocol", "nowhere")
    assert (refused.status, (christmas / "new.html").exists()) == (1, False)


# -- what the page keeps to itself


def test_the_page_needs_nothing_and_its_policy_allows_nothing(christmas: Path) -> None:
    page = page_of(christmas)
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.search(r'(src|href)="(?!#)', page)
    assert "http:" not in page
    assert page.count("<script>") == 1


def test_the_page_says_how_old_it_may_get_without_a_script(christmas: Path) -> None:
    page = page_of(christmas)
    said = re.sub(r"<[^>]*>", "", page)
    assert "Made on Wednesday 23 December 2026 09:30. After Thursday 24 December 2026 09:00 make a new one" in said
    assert re.search(r'id="stale" role="alert" hidden data-after="2026-12-24T09:00:00Z"', page)


def test_nobody_is_named_unless_that_is_asked_for(christmas: Path, tmp_path: Path) -> None:
    shutil.copy(christmas / "cases.db", tmp_path)
    run.did(tmp_path, "set", "1", "name=Ada Example", "born=1 May 2014")
    run.did(tmp_path, "assign", "1", "raising", "Bo Keeper", "--role", "Named nurse")
    run.did(tmp_path, "note", "1", "Spoke to Cy Holder about it")
    named = ("Ada Example", "Bo Keeper", "Cy Holder", "by tests", "2014")
    page = page_of(tmp_path)
    assert [each for each in named if each in page] == []
    assert "nobody is named" in page
    of_a_person = page_of(tmp_path, "--owner", "Bo Keeper")
    assert [each for each in named if each in of_a_person] == []
    assert "only one owner, who is not named here" in of_a_person
    with_names = page_of(tmp_path, "--identify", "--reason", "Meeting of the partners")
    assert [each for each in named if each in with_names] == ["Ada Example", "Bo Keeper"]
    assert "This page names people" in with_names
    assert "Meeting of the partners" in run.did(tmp_path, "access", "--identify")


# -- how it is written


def test_nothing_due_is_a_board_too(tmp_path: Path) -> None:
    run.did(tmp_path, "open", "lincolnshire", "--about", "x")
    run.did(tmp_path, "withdraw", "1")
    page = page_of(tmp_path)
    assert "Nothing is due." in page
    assert "After Thursday 24 December 2026 09:00 make a new one" in re.sub(r"<[^>]*>", "", page)


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        ((), 2, "Name the file to make, as in: escalate board --output board.html."),
        (("--output", "there.html"), 1, "there.html is there already: name another file, or replace it with --force."),
        (("--output", "board.docx"), 2, "board.docx does not end in .html or .htm: the ending says what to write."),
        (("--output", "-", "--force"), 2, "--force replaces a file: name it with --output."),
        (("--output", "-", "--json"), 2, "--json prints a document, and --output writes a file: give one of them."),
        (("--force", "--json"), 2, "--force replaces a file: name it with --output."),
        (("--output", "nowhere/board.html"), 1, "board.html cannot be written"),
        (("--output", "board.html", "--within", "soon"), 2, "soon"),
        (("--output", "board.html", "--reason", "x"), 2, "--reason says why names are looked at"),
    ],
)
def test_a_board_that_cannot_be_made_leaves_nothing(
    christmas: Path, tmp_path: Path, words: tuple[str, ...], status: int, says: str
) -> None:
    (tmp_path / "there.html").write_text("mine", encoding="utf-8")
    ran = run(christmas, "board", *words, folder=tmp_path)
    assert (ran.status, ran.stdout) == (status, "")
    assert says in ran.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["there.html"]
    assert (tmp_path / "there.html").read_text(encoding="utf-8") == "mine"


def test_what_was_made_is_said(christmas: Path) -> None:
    ran = run(christmas, "board", "--output", "said.html")
    path = christmas / "said.html"
    assert ran.stderr == (
        f"The board was written to {path}: 30 cases. Make a new one after Thursday 24 December 2026 09:00.\n"
    )


@pytest.mark.file_only("counts what is asked of a file")
def test_a_board_asks_no_more_of_the_file_where_it_has_more_cases(
    christmas: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    for words in (("--protocol", "herefordshire"), ()):
        with statements(monkeypatch) as said:
            run.did(christmas, "board", "--output", "-", *words)
        asked.append(len(said))
    some, every = asked
    assert every - some <= 5  # an edition of each of the other protocols


# -- each morning, with the digest


def test_the_digest_makes_the_board_in_the_place_of_the_one_before(christmas: Path, tmp_path: Path) -> None:
    path = tmp_path / "board.html"
    shutil.copy(christmas / "cases.db", tmp_path)
    told = run.did(tmp_path, "digest", "--board", str(path))
    assert told == run.did(christmas, "digest", "--dry-run")
    assert len(cards(path.read_text(encoding="utf-8"))) == len(CASES)
    path.chmod(0o644)  # whoever was let in to read it is not shut out by the next one
    run.did(tmp_path, "resolve", "3")
    run.did(tmp_path, "digest", "--board", str(path), "--protocol", "north-yorkshire", now="2026-12-24T08:00")
    page = path.read_text(encoding="utf-8")
    assert "Made on Thursday 24 December 2026 08:00" in page
    assert "only protocol north-yorkshire" in page
    assert path.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize(
    ("board", "says"),
    [
        (
            "mine.html",
            "mine.html is there already and is not a board, so it was left alone: name another file with --board.",
        ),
        ("nowhere/board.html", "nowhere is not a folder you can write to."),
    ],
)
def test_the_digest_is_told_though_no_board_can_be_made(christmas: Path, tmp_path: Path, board: str, says: str) -> None:
    (tmp_path / "mine.html").write_text("mine", encoding="utf-8")
    for more in ((), ("--dry-run",)):
        ran = run(christmas, "digest", "--always", "--since", "2026-12-22", "--board", board, *more, folder=tmp_path)
        assert ran.status == 1
        assert "Overdue" in ran.stdout
        assert f"No new board was made: {tmp_path / says}" in ran.stderr
    assert [each.name for each in tmp_path.iterdir()] == ["mine.html"]
    assert (tmp_path / "mine.html").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--board", "board.docx"), "board.docx does not end in .html or .htm"),
        (("--alerts", "--board", "board.html"), "--alerts goes with --mail, --dry-run and --json alone"),
        (("--alerts", "--board", "board.html", "--install", "cron"), "The board is made each morning"),
    ],
)
def test_a_board_that_is_no_part_of_a_digest_is_refused(christmas: Path, words: tuple[str, ...], says: str) -> None:
    ran = run(christmas, "digest", *words)
    assert (ran.status, ran.stdout) == (2, "")
    assert says in ran.stderr


def test_a_schedule_makes_the_board_too(christmas: Path, tmp_path: Path) -> None:
    ran = run(christmas, "digest", "--install", "cron", "--board", "board.html", folder=tmp_path)
    assert ran.status == 0, ran.stderr
    assert shlex.split(ran.stdout.splitlines()[1])[-3:] == ["digest", "--board", str(tmp_path / "board.html")]
    assert not (tmp_path / "board.html").exists()
