"""Ten spellings of one agency: shown together, and given one name with consent, as an entry in each case."""

import json
from pathlib import Path

import pytest

from escalate.domain.recording.agencies import spelled_alike
from tests.commands.test_import import run, shown, table, taken

HEAD = ["Ref", "Date raised", "Subject", "From", "To", "Others involved"]
SPELLED = ["Children's Social Care", "Childrens Social Care", "CSC", "Children’s  Social Care", "Police"]


@pytest.fixture
def office(tmp_path: Path) -> Path:
    rows = [[str(n), "1/10/2026", f"M-{n}", "A school", name, "CSC"] for n, name in enumerate(SPELLED, 1)]
    taken(tmp_path, table(tmp_path, HEAD, *rows), "--protocol", "herefordshire", "--write")
    return tmp_path


def test_names_that_are_spelled_alike_are_shown_together(office: Path) -> None:
    found = json.loads(run(office, "agency", "list", "--json").stdout)
    assert {"name": "CSC", "raising": 0, "receiving": 1, "involved": 5} in found["agencies"]
    assert [sorted(group) for group in found["alike"]] == [sorted({*SPELLED[:3], "Children’s Social Care"})]
    page = run(office, "agency", "list").stdout
    assert "Spelled much alike" in page
    assert "escalate agency join" in page


@pytest.mark.parametrize(
    ("names", "groups"),
    [
        (["A school", "B school"], 0),
        (["School 12", "School 13"], 0),
        (["Health & Care", "Health and Care"], 1),
        (["Wye Valley NHS Trust", "Wye Valley Trust"], 1),
        (["North Primary School", "South Primary School"], 0),
        (["Police", "Polcie"], 1),
        (["West Mercia Police", "West Mercia Polcie"], 1),
    ],
)
def test_which_names_may_be_one(names: list[str], groups: int) -> None:
    assert len(spelled_alike(names)) == groups


def test_several_names_become_one_in_every_case_and_undo_takes_it_back_there(office: Path) -> None:
    into = ("--into", "Children's Social Care")
    dry = run(office, "agency", "join", "csc", "childrens social care", "Children’s Social Care", *into, "--dry-run")
    assert (dry.status, "would be" in dry.stdout, shown(office, "3")["receiving_agency"]) == (0, True, "CSC")
    assert run(office, "agency", "join", "csc", *into).status == 1  # nobody can be asked
    joined = run(
        office, "agency", "join", "csc", "childrens social care", "Children’s Social Care", *into, "--yes", "--json"
    )
    assert json.loads(joined.stdout)["cases"] == [f"E000{n}" for n in range(1, 6)]
    cases = [shown(office, str(n)) for n in range(1, 6)]
    assert [each["receiving_agency"] for each in cases] == [SPELLED[0]] * 4 + ["Police"]
    assert {tuple(each["involved"]) for each in cases} == {(SPELLED[0],)}
    assert run(office, "verify").status == 0
    run(office, "undo", "3")
    assert shown(office, "3")["receiving_agency"] == "CSC"


def test_a_name_that_no_case_has_is_refused(office: Path) -> None:
    ran = run(office, "agency", "join", "Polise", "--into", "Police", "--yes")
    assert (ran.status, "Police" in ran.stderr) == (1, True)


def test_joined_names_are_read_so_in_the_log_of_the_next_month(office: Path) -> None:
    run(office, "agency", "join", "csc", "--into", "Children's Social Care", "--yes")
    again = [[str(n), "1/10/2026", f"M-{n}", "A school", name, "CSC"] for n, name in enumerate(SPELLED, 1)]
    path = table(office, HEAD, *again, ["9", "2/10/2026", "M-9", "A school", "csc", "CSC; Police"])
    found = taken(office, path, "--write")
    assert [row["outcome"] for row in found["rows"]] == ["already-there"] * 5 + ["opened"]
    assert found["changed"] == 0
    assert '"csc" is called "Children\'s Social Care" here' in found["rows"][5]["remarks"]
    case = shown(office, "6")
    assert (case["receiving_agency"], case["involved"]) == (
        "Children's Social Care",
        ["Children's Social Care", "Police"],
    )


def test_a_name_that_was_joined_follows_when_the_agency_is_renamed_again(office: Path) -> None:
    run(office, "agency", "join", "csc", "--into", "Children's Social Care", "--yes")
    run(office, "agency", "join", "Children's Social Care", "--into", "Childrens Services", "--yes")
    path = table(office, HEAD, ["9", "2/10/2026", "M-9", "A school", "CSC", ""])
    taken(office, path, "--write")
    assert shown(office, "6")["receiving_agency"] == "Childrens Services"
    run(office, "agency", "join", "Childrens Services", "--into", "CSC", "--yes")
    path = table(office, HEAD, ["10", "2/10/2026", "M-10", "A school", "CSC", ""])
    taken(office, path, "--write")
    assert shown(office, "7")["receiving_agency"] == "CSC"


def test_a_changed_row_of_a_joined_agency_is_no_change_of_the_agency(office: Path) -> None:
    run(office, "agency", "join", "csc", "--into", "Children's Social Care", "--yes")
    path = table(office, [*HEAD, "Theme"], ["3", "1/10/2026", "M-3", "A school", "CSC", "CSC; Police", ""])
    (row,) = taken(office, path)["rows"]
    assert [cell["place"] for cell in row["cells"]] == ['"Others involved" (F2)']


def test_a_dry_run_of_a_join_says_nothing_to_the_next_log(office: Path) -> None:
    run(office, "agency", "join", "csc", "--into", "Children's Social Care", "--dry-run")
    taken(office, table(office, HEAD, ["9", "2/10/2026", "M-9", "A school", "CSC", ""]), "--write")
    assert shown(office, "6")["receiving_agency"] == "CSC"


def test_near_spellings_are_shown_after_an_import_with_the_command_that_joins_them(tmp_path: Path) -> None:
    rows = [[str(n), "1/10/2026", f"M-{n}", "A school", name, ""] for n, name in enumerate(SPELLED, 1)]
    path = table(tmp_path, HEAD, *rows)
    shown_together = run(tmp_path, "import", path, "--protocol", "herefordshire", "--write").stdout
    assert "Spelled much alike" in shown_together
    assert "escalate agency join" in shown_together
    assert len(taken(tmp_path, table(tmp_path, HEAD, ["9", "2/10/2026", "M-9", "A school", "CSC", ""]))["alike"]) == 1
