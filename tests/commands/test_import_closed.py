"""Closed history that comes from a log: nothing of it is owed, and verdicts stand only where the log says when."""

import json
import secrets
from pathlib import Path
from typing import Any

import pytest

from escalate.domain.case.entries import Entry
from escalate.domain.importing import rows
from tests.commands.test_doctor import findings
from tests.commands.test_import import NOW, run, shown, table, taken
from tests.driver import unit
from tests.sizes import sampled

HEAD = ["Ref", "Date raised", "Unique ID", "From", "To", "Stage", "Status", "Date resolved"]
CLOSED = [
    ["1", "03/06/2019", "X1", "Health", "Social Care", "2", "Closed", "12/06/2019"],
    ["2", "14/01/2025", "X2", "School", "Social Care", "1", "Closed", "15/01/2025"],
    ["3", "01/09/2026", "X3", "Health", "Social Care", "3", "Closed", "10/09/2026"],
    ["4", "23/11/2026", "X4", "Police", "Social Care", "1", "Open", ""],
]


def standings(folder: Path, case: str) -> dict[str, str]:
    return {each["action"]: each["standing"] for each in shown(folder, case)["deadlines"]}


def quarter(folder: Path, which: str) -> Any:
    return json.loads(run(folder, "report", "--quarter", which, "--format", "json").stdout)


def test_closed_cases_have_no_live_duties_and_no_verdicts_that_nobody_can_know(tmp_path: Path) -> None:
    found = taken(tmp_path, table(tmp_path, HEAD, *CLOSED), "--protocol", "hull-east-riding", "--write")
    assert {each["case"] for each in json.loads(run(tmp_path, "due", "--json").stdout)} == {"E0004"}
    for case in ("1", "2", "3"):
        assert set(standings(tmp_path, case).values()) == {"not-known"}
        assert all(each["due_at"] is None for each in shown(tmp_path, case)["deadlines"])
    assert (
        "raised before the edition that it is kept under was in force: edition 2025-06" in found["rows"][0]["remarks"]
    )
    assert not any("in force" in remark for remark in found["rows"][2]["remarks"])
    report = quarter(tmp_path, "2026/27 Q2")
    assert (report["stages"]["total"]["fell_due"], report["actions"]["total"]["fell_due"], report["overdue_count"]) == (
        0,
        0,
        0,
    )
    assert [(each["all"], each["not_known"], each["missed"], each["ceased"]) for each in report["ended"]] == [
        (1, 1, 0, 0)
    ] * 3
    assert run(tmp_path, "verify").status == 0


DATED = ["Ref", "Date raised", "Unique ID", "From", "To", "Stage 1 date", "Stage 2 date", "Status", "Date resolved"]


def test_a_verdict_stands_where_the_log_says_when_a_stage_began_and_ended(tmp_path: Path) -> None:
    row = [
        "1",
        "03/08/2026 09:00",
        "X1",
        "Health",
        "Social Care",
        "03/08/2026 09:00",
        "05/08/2026 10:00",
        "Closed",
        "20/08/2026 12:00",
    ]
    taken(tmp_path, table(tmp_path, DATED, row), "--protocol", "herefordshire", "--write")
    ends = [(each["stage"], each["standing"]) for each in shown(tmp_path)["deadlines"] if each["action"] == "resolve"]
    assert ends == [("1", "met"), ("2", "met-late")]
    assert set(standings(tmp_path, "1").values()) == {"met-late", "not-known"}
    total = quarter(tmp_path, "2026/27 Q2")["stages"]["total"]
    assert (total["fell_due"], total["met_in_time"], total["met_late"]) == (2, 1, 1)


def test_what_ended_in_time_whenever_it_began_is_met(tmp_path: Path) -> None:
    rows = [
        ["1", "02/11/2026", "X1", "Health", "Social Care", "1", "Closed", day] for day in ("05/11/2026", "06/11/2026")
    ]
    rows[1][0] = "2"
    taken(tmp_path, table(tmp_path, HEAD, *rows), "--protocol", "herefordshire", "--write")
    assert [standings(tmp_path, case)["resolve"] for case in "12"] == ["met", "not-known"]


@pytest.mark.parametrize(
    ("resolved", "standing"), [("02/09/2026", "not-known"), ("06/09/2026", "met-late"), ("01/09/2026 20:00", "met")]
)
def test_days_alone_say_of_hours_only_what_the_rest_of_the_day_does_not_change(
    tmp_path: Path, resolved: str, standing: str
) -> None:
    row = ["1", "01/09/2026", "X1", "Health", "Social Care", "1", "Closed", resolved]
    taken(tmp_path, table(tmp_path, HEAD, row), "--protocol", "hull-east-riding", "--write")
    assert standings(tmp_path, "1")["resolve"] == standing


def test_while_it_was_open_nothing_was_known_of_it_either(tmp_path: Path) -> None:
    row = ["1", "01/06/2026", "X1", "Health", "Social Care", "1", "Closed", "10/09/2026"]
    taken(tmp_path, table(tmp_path, HEAD, row), "--protocol", "hull-east-riding", "--write")
    report = quarter(tmp_path, "2026/27 Q1")
    assert (report["overdue_count"], report["actions"]["total"]["fell_due"]) == (0, 0)
    assert sum(each["not_known"] for each in report["ended"]) == 2


def test_closed_on_a_day_that_is_not_known_is_said_to_be(tmp_path: Path) -> None:
    row = ["1", "01/06/2026", "X1", "Health", "Social Care", "1", "Withdrawn", ""]
    found = taken(tmp_path, table(tmp_path, HEAD, row), "--protocol", "hull-east-riding", "--write")["rows"][0]
    assert (found["status"], found["closed_at"]) == ("withdrawn", None)
    page = run(tmp_path, "show", "1").stdout
    assert "Closed     day not known" in page
    assert "Withdrawn at stage 1, day not known, in the log it was taken over from" in page
    assert (shown(tmp_path)["closed_at"], shown(tmp_path)["status"]) == (None, "withdrawn")
    first, now = (quarter(tmp_path, f"2026/27 {which}")["cases"] for which in ("Q1", "Q3"))
    assert (first["all"], first["opened"], first["withdrawn"], first["open"], now["all"]) == (1, 1, 1, 0, 0)


def test_how_long_a_case_took_is_not_told_of_one_whose_end_has_no_day(tmp_path: Path) -> None:
    row = ["1", "01/06/2026", "X1", "Health", "Social Care", "1", "Resolved", ""]
    taken(tmp_path, table(tmp_path, HEAD, row), "--protocol", "hull-east-riding", "--write")
    assert quarter(tmp_path, "2026/27 Q1")["time_to_resolution"]["total"]["resolved"] == 0


def test_what_is_recorded_later_counts_and_what_comes_of_taking_it_up_again_is_owed(tmp_path: Path) -> None:
    taken(tmp_path, table(tmp_path, HEAD, CLOSED[2]), "--protocol", "hull-east-riding", "--write")
    assert run(tmp_path, "done", "1", "written-escalation", "--at", "2 Sep 2026 10:00").status == 0
    assert standings(tmp_path, "1") == {
        "written-escalation": "met-late",
        "resolve": "not-known",
        "outcome-shared": "not-known",
    }
    assert run(tmp_path, "reopen", "1", "--at", "23 Nov 2026 10:00").status == 0
    assert "resolve" in {each["action"] for each in json.loads(run(tmp_path, "due", "--json").stdout)}


def test_taking_back_the_end_makes_its_duties_live(tmp_path: Path) -> None:
    taken(tmp_path, table(tmp_path, HEAD, CLOSED[2]), "--protocol", "hull-east-riding", "--write")
    run(tmp_path, "undo", "1")
    assert shown(tmp_path)["status"] == "open"
    assert "overdue" in set(standings(tmp_path, "1").values())


def test_explain_says_why_there_is_no_verdict(tmp_path: Path) -> None:
    taken(tmp_path, table(tmp_path, HEAD, CLOSED[2]), "--protocol", "hull-east-riding", "--write")
    said = " ".join(run(tmp_path, "explain", "1", "resolve").stdout.split())
    assert "The log that its case was taken over from does not tell what became of it: nothing of it is owed." in said
    assert run(tmp_path, "explain", "1", "resolve", "--certificate", "date.json").status == 1


@pytest.mark.file_only("imports as an earlier version did")
def test_cases_that_an_earlier_version_closed_and_kept_due_are_said_once_and_come_in_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, file, ended = table(tmp_path, HEAD, *CLOSED), tmp_path / "cases.db", rows._ended

    def overdue() -> set[str]:
        return {each["case"] for each in json.loads(unit.did(file, "due", "--json", now=NOW))} - {"E0004", "E0008"}

    def said() -> list[str]:
        return [each["says"] for each in findings(file, now=NOW) if each["about"] == "Taken over"]

    def as_before(*given: Any, **more: Any) -> Entry:
        entry = ended(*given, **more)
        return entry._replace(data={name: value for name, value in entry.data.items() if name != "taken_over"})

    with monkeypatch.context() as before:
        before.setattr(rows, "_ended", as_before)
        before.setattr(secrets, "token_hex", lambda *_: "")
        unit.did(file, "import", path, "--protocol", "hull-east-riding", "--write", now=NOW)
    assert overdue() == {"E0001", "E0002", "E0003"}
    assert said() == ["E0001, E0002 and E0003 came closed from a log, by an earlier version that kept their duties due"]
    unit.did(file, "import", "--undo", "1", "--write", now=NOW)
    unit.did(file, "import", path, "--write", now=NOW)
    assert overdue() == set()
    assert said() == []


PLAIN = {"Ref": "1", "Date raised": "18/10/2026", "Subject": "M-1", "From": "A school", "To": "Police"}

SAID = [
    ({"Status": "resolved?"}, "is not a status"),
    ({"Status": "? closed"}, "is not a status"),
    ({"Stage": "Stage 2 - resolved"}, "says that it has ended, and no other cell does"),
    ({"Stage": "closed at 2"}, "says that it has ended, and no other cell does"),
    ({"Stage": "2 (withdrawn)"}, "says that it has ended, and no other cell does"),
    ({"Stage": "2 (withdrawn)", "Status": "Withdrawn"}, ("withdrawn", "2")),
    ({"Stage": "2 completed", "Status": "Open"}, ("open", "2")),
    ({"Stage": "2 closed", "Date resolved": "20/10/2026"}, ("resolved", "2")),
    ({"Date resolved": "Ongoing"}, ("open", "0")),
    ({"Date resolved": "Still open"}, ("open", "0")),
    ({"Date resolved": "ongoing", "Status": "Closed"}, '"Date resolved" (F2) says that it goes on'),
    ({"Still open": "N"}, ("resolved", "0")),
    ({"Open?": "Yes"}, ("open", "0")),
    ({"Open?": "no"}, ("resolved", "0")),
    ({"Complete": "Y"}, ("resolved", "0")),
    ({"Is it closed?": "yes"}, ("resolved", "0")),
    ({"Still open": "No", "Status": "Open"}, "do not agree"),
    ({"Still open": "perhaps", "Stage": "1"}, '"Still open" (F2) is neither yes nor no'),
    ({"Status": "N/K"}, ("open", "0")),
    ({"Status": "Closed", "Date resolved": "not recorded"}, ("resolved", "0")),
    ({"S1 date": "19/10/2026", "S2 date": "21/10/2026"}, ("open", "2")),
    ({"Stage one": "19/10/2026"}, ("open", "1")),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "becomes"), sampled(SAID, 3), ids=str)
def test_what_says_that_a_case_has_ended_or_goes_on_is_read_or_refused(
    tmp_path: Path, cells: dict[str, str], becomes: tuple[str, str] | str
) -> None:
    row = PLAIN | cells
    path = table(tmp_path, list(row), list(row.values()))
    (found,) = taken(tmp_path, path, "--protocol", "herefordshire", "--write")["rows"]
    if isinstance(becomes, str):
        assert becomes in found["reason"]
    else:
        assert (found["status"], found["stage"]) == becomes, found["reason"]


def test_sums_with_a_number_below_the_dates_are_left_out(tmp_path: Path) -> None:
    rows_ = [list(PLAIN.values()), ["Total", "1"], ["Average", "12"], ["Total", "tomorrow"]]
    found = taken(tmp_path, table(tmp_path, list(PLAIN), *rows_), "--protocol", "herefordshire")["rows"]
    assert [row["outcome"] for row in found] == ["would-open", "left-out", "left-out", "bad"]
