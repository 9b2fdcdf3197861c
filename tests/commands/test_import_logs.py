"""Logs as offices keep them: what stands there is read as somebody means it, or refused with the cell, and never silently something else."""

import json
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

from tests.commands.test_import import NOW, run, shown, table, taken
from tests.sizes import sampled

HEAD = ["Ref", "Date raised", "Subject", "From", "To"]
PLAIN = ["1", "1/10/2026", "M-1", "A school", "Children's Services"]
UNDER = ("--protocol", "herefordshire")


def one(folder: Path, cells: dict[str, Any], *options: str, name: str = "log.csv") -> dict[str, Any]:
    """What becomes of one row, with all the columns of HEAD unless it says otherwise."""
    whole = {**dict(zip(HEAD, PLAIN, strict=True)), **cells}
    path = table(folder, list(whole), list(whole.values()), name=name)
    found: dict[str, Any] = taken(folder, path, *UNDER, *options, "--write")["rows"][0]
    return found


def excel(folder: Path, rows: Sequence[Sequence[Any]], change: Callable[[Any], None] | None = None) -> str:
    """An Excel file of one sheet, after something was done to it."""
    book: Any = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book.active)
    book.save(folder / "log.xlsx")
    return "log.xlsx"


def remarks(found: dict[str, Any]) -> str:
    return "; ".join(found["remarks"])


# -- dates


MONTH_FIRST = [["9/4/2026", "9/11/2026"], ["9/16/2026", "9/30/2026"], ["11/3/2026", ""], ["11/17/2026", ""]]


def dated(folder: Path, dates: Sequence[Sequence[Any]], *options: str) -> list[dict[str, Any]]:
    rows = [[str(n), each[0], f"M-{n}", "A school", "Police", each[1]] for n, each in enumerate(dates)]
    found: list[dict[str, Any]] = taken(folder, table(folder, [*HEAD, "Date resolved"], *rows), *UNDER, *options)[
        "rows"
    ]
    return found


def test_a_column_with_the_month_first_is_read_so_and_said_to_be(tmp_path: Path) -> None:
    found = dated(tmp_path, MONTH_FIRST)
    assert [row["raised_at"][:10] for row in found] == ["2026-09-04", "2026-09-16", "2026-11-03", "2026-11-17"]
    assert [row["closed_at"] and row["closed_at"][:10] for row in found] == ["2026-09-11", "2026-09-30", None, None]
    assert '"Date raised" has the month first, as rows 3 and 5 prove' in remarks(found[2])


def test_a_column_that_proves_nothing_is_read_like_those_beside_it(tmp_path: Path) -> None:
    found = dated(tmp_path, [["9/4/2026", "9/11/2026"], ["9/16/2026", "10/3/2026"]])
    assert [row["closed_at"][:10] for row in found] == ["2026-09-11", "2026-10-03"]
    assert "as other columns of the sheet prove" in remarks(found[0])


def test_where_cells_contradict_each_other_nothing_of_the_column_is_taken(tmp_path: Path) -> None:
    found = dated(tmp_path, [["9/4/2026", ""], ["9/16/2026", ""], ["16/9/2026", ""]])
    assert [row["outcome"] for row in found] == ["bad"] * 3
    assert "has the day first in row 4 and the month first in row 3, so none of it is taken" in found[0]["reason"]
    said = dated(tmp_path, [["9/4/2026", ""], ["9/16/2026", ""], ["16/9/2026", ""]], "--dates", "month-first")
    assert [row["outcome"] for row in said] == ["would-open", "would-open", "bad"]
    assert said[0]["raised_at"][:10] == "2026-09-04"


def test_the_month_first_can_be_said_where_nothing_proves_it(tmp_path: Path) -> None:
    assert dated(tmp_path, [["9/4/2026", ""]])[0]["raised_at"][:10] == "2026-04-09"
    assert dated(tmp_path, [["9/4/2026", ""]], "--dates", "month-first")[0]["raised_at"][:10] == "2026-09-04"


@pytest.mark.parametrize("text", ["16/09/2026", "09/16/2026"])
def test_text_that_excel_could_not_read_beside_dates_that_it_may_have_turned_is_refused(
    tmp_path: Path, text: str
) -> None:
    rows = [
        [str(n), each, f"M-{n}", "A school", "Police"]
        for n, each in enumerate([datetime(2026, 4, 9), text, datetime(2026, 3, 11)])
    ]
    found = taken(tmp_path, excel(tmp_path, [HEAD, *rows]), *UNDER)["rows"]
    assert [row["outcome"] for row in found] == ["bad"] * 3
    assert "the wrong way round, as in rows 2 and 4" in found[0]["reason"]


def test_real_dates_that_nothing_turned_stand_beside_text(tmp_path: Path) -> None:
    rows = [
        [str(n), each, f"M-{n}", "A school", "Police"] for n, each in enumerate([datetime(2026, 4, 19), "16/09/2026"])
    ]
    found = taken(tmp_path, excel(tmp_path, [HEAD, *rows]), *UNDER)["rows"]
    assert [row["raised_at"][:10] for row in found] == ["2026-04-19", "2026-09-16"]


DATES = [
    ("September 4, 2026", "2026-09-04T00:00:00+01:00"),
    ("Sep 4 2026", "2026-09-04T00:00:00+01:00"),
    ("25/10/2026 01:30", "2026-10-25T01:30:00+01:00"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "raised_at"), DATES)
def test_a_date_is_read(tmp_path: Path, said: str, raised_at: str) -> None:
    assert one(tmp_path, {"Date raised": said})["raised_at"] == raised_at


def test_the_hour_that_comes_twice_is_said(tmp_path: Path) -> None:
    found = one(tmp_path, {"Date raised": "25/10/2026 01:30"})
    assert '"Date raised" (B2): 01:30 happened twice that night and was read as the first' in remarks(found)


@pytest.mark.parametrize(
    ("said", "reason"),
    [("46344", "it is a number, which a spreadsheet shows as a date only"), ("1/1/1900", "is a day before 1990")],
)
def test_a_date_that_a_spreadsheet_made_of_a_number_is_refused(tmp_path: Path, said: str, reason: str) -> None:
    assert reason in one(tmp_path, {"Date raised": said})["reason"]


@pytest.mark.parametrize("value", ["14:30", "2.30pm", time(14, 30)], ids=str)
def test_a_day_and_its_time_in_two_columns_are_joined(tmp_path: Path, value: Any) -> None:
    path = excel(tmp_path, [[*HEAD, "Time raised"], [*PLAIN, value]])
    found = taken(tmp_path, path, *UNDER, "--write")
    assert (found["columns"][5]["field"], found["rows"][0]["raised_at"]) == ("raised:time", "2026-10-01T14:30:00+01:00")


# -- stages


STAGES = [
    ("Stage 2 - Line manager", "2"), ("2 → 3", "3"), ("Stage 2 then 3", "3"), ("Stage 2 (now 3)", "3"), ("Stage 2 - escalated to stage 3", "3"),
    ("Stage Two", "2"), ("S2", "2"), ("2nd", "2"), ("second", "2"), ("Stage II", "2"), ("stage: 2", "2"), ("2nd stage", "2"), ("Step 2", "2"),
    ("Line manager to line manager", "1"), ("3 - directors", "3"), ("2 -> 3", "3"), ("2.0", None), ("Stage 1 & 2", None), ("Stage 1\nStage 2", None), ("1/2", None), ("1-2", None),
    ("Stage 3 then 2", None), ("not yet stage 3", None), ("Stage 2 or 3", None), ("awaiting stage 3", None), ("Stage 9", None), ("2 - Line manager to line manager", None),
    ("02/03/2026", None), ("02-Mar", None), ("Stage 2 on 3/11/2026", None), ("Stage 1 to 2", None), ("pre stage 1", None),
]  # fmt: skip


@pytest.mark.parametrize(("said", "stage"), sampled(STAGES, 3))
def test_the_words_of_a_stage_are_read_where_they_are_clear(tmp_path: Path, said: str, stage: str | None) -> None:
    found = one(tmp_path, {"Stage": said})
    assert (found["outcome"], found["stage"]) == ("opened" if stage else "bad", stage)
    if stage is None:
        assert '"Stage" (F2) ' in found["reason"]


def test_a_date_that_excel_made_of_a_stage_is_refused_as_one(tmp_path: Path) -> None:
    path = excel(
        tmp_path,
        [
            [*HEAD, "Stage", "Level of need"],
            [*PLAIN, datetime(2026, 3, 2), None],
            ["2", *PLAIN[1:], "2", datetime(2026, 3, 2)],
        ],
    )
    reasons = [row["reason"] for row in taken(tmp_path, path, *UNDER)["rows"]]
    assert reasons[0].startswith('"Stage" (F2) is a date: Excel makes one of what is typed as 2/3')
    assert reasons[1].startswith('"Level of need" (G3) is a date')


def test_a_stage_that_a_cell_does_not_say_is_remarked_on(tmp_path: Path) -> None:
    assert '"Stage" does not name the stage: taken to be at the first' in remarks(one(tmp_path, {"Stage": "N/A"}))


def test_a_column_for_the_date_of_each_stage_is_taken_as_visits(tmp_path: Path) -> None:
    head = [*HEAD, "Stage 1 date", "Date of Stage 2", "Stage 3", "Stage 2 outcome"]
    rows = [[*PLAIN, "1/10/2026", "5/10/2026 11:00", "9/10/2026", "none"], ["2", *PLAIN[1:], "2/10/2026", "", "", ""]]
    found = taken(tmp_path, table(tmp_path, head, *rows), *UNDER, "--write")
    assert [column["field"] for column in found["columns"][5:]] == ["entered:1", "entered:2", "entered:3", None]
    history = [(entry["kind"], entry["at"][:16], entry["data"]["stage"]) for entry in shown(tmp_path)["history"]]
    assert history == [
        ("opened", "2026-10-01T00:00", "1"), ("advanced", "2026-10-05T11:00", "2"), ("advanced", "2026-10-09T00:00", "3"),
    ]  # fmt: skip
    assert (shown(tmp_path, "2")["stage"], shown(tmp_path, "2")["entered_at"][:10]) == ("1", "2026-10-02")


VISITS = [
    ({"Stage 1 date": "5/10/2026", "Stage 2 date": "3/10/2026"}, "is a lower stage than one that is dated before it"),
    ({"Stage 1 date": "1/9/2026"}, '"Stage 1 date" (F2) is before the case was raised'),
    ({"Stage 7 date": "5/10/2026"}, '"Stage 7 date" (F2) dates a stage that herefordshire does not have; it has 0, 1, 2, 3 and 4'),
    ({"Stage": "2", "Stage 3 date": "5/10/2026"}, '"Stage" (F2) names stage 2, and the last that is dated is 3 in "Stage 3 date" (G2)'),
    ({"Stage date": "5/10/2026"}, "says when a stage was reached, and no cell which"),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "reason"), VISITS, ids=str)
def test_dates_of_stages_that_cannot_be_are_refused(tmp_path: Path, cells: dict[str, str], reason: str) -> None:
    assert reason in one(tmp_path, cells)["reason"]


def test_a_log_without_a_day_raised_begins_with_its_first_stage(tmp_path: Path) -> None:
    path = table(tmp_path, ["Ref", "Subject", "Stage 1", "Stage 2"], ["1", "M-1", "1/10/2026", "5/10/2026"])
    found = taken(tmp_path, path, *UNDER, "--write")["rows"][0]
    assert (found["raised_at"][:10], found["stage"]) == ("2026-10-01", "2")


# -- headings and words


def test_headings_that_may_mean_people_or_agencies_are_taken_by_what_stands_below(tmp_path: Path) -> None:
    rows = [
        ["1", "1/10/2026", "M-1", "A school", "Police"],
        ["2", "1/10/2026", "M-2", "Wye Valley NHS Trust", "Housing"],
    ]
    for by, to in (("Raised by", "Escalated to"), ("Referrer", "Against"), ("Escalated by", "With")):
        found = taken(tmp_path, table(tmp_path, [*HEAD[:3], by, to], *rows), *UNDER)
        assert [column["field"] for column in found["columns"][3:]] == ["from", "to"]
    people = [["1", "1/10/2026", "M-1", "Jo Bell", "Cy Cole"], ["2", "1/10/2026", "M-2", "Ada Cole", "Jo Bell"]]
    found = taken(tmp_path, table(tmp_path, [*HEAD[:3], "Raised by", "Escalated to"], *people), *UNDER)
    assert [column["field"] for column in found["columns"][3:]] == ["raising", "receiving"]


def test_a_column_of_yes_and_no_is_an_answer_and_no_date(tmp_path: Path) -> None:
    rows = [[*PLAIN, "Y", "TRUE"], ["2", *PLAIN[1:], "N", "No"]]
    found = taken(tmp_path, table(tmp_path, [*HEAD, "Resolved?", "looked-after"], *rows), *UNDER, "--write")
    assert [row["status"] for row in found["rows"]] == ["resolved", "open"]
    assert shown(tmp_path)["facts"] == {"looked-after": "yes"}
    assert "closed, day not known" in remarks(found["rows"][0])


def test_a_case_that_was_closed_nobody_knows_when_says_from_when_it_is_kept(tmp_path: Path) -> None:
    rows = [*PLAIN, "Y", "A child is not safe"]
    taken(tmp_path, table(tmp_path, [*HEAD, "Resolved?", "Details"], rows), *UNDER, "--write")
    (tmp_path / "config.toml").write_text('[retention]\ndefault = "2 years"\n')
    at = {"ESCALATE_CONFIG": str(tmp_path / "config.toml"), "now": "2030-01-07T10:00"}
    page = " ".join(run.did(tmp_path, "erase", "--due", **at).split())
    due = json.loads(run.did(tmp_path, "erase", "--due", "--json", **at))["due"]
    assert (due[0]["closed_at"], due[0]["kept_from"][:10]) == (None, NOW[:10])
    assert "resolved, day not known: counted from its import" in page


STATUSES = [
    ("NFA", "resolved"), ("No further action", "resolved"), ("ongoing", "open"), ("Awaiting reply from CSC", "open"), ("closed - resolved", "resolved"),
    ("Closed (withdrawn)", "withdrawn"), ("withdrawn", "withdrawn"), ("Re-opened", "open"), ("unresolved", "open"), ("Not resolved", "open"), ("Closed: NFA", "resolved"),
    ("in progress", "open"), ("On hold", "open"), ("open/closed", None), ("not closed, resolved", None), ("Panel", None), ("Resolved - withdrawn", None),
]  # fmt: skip


@pytest.mark.parametrize(("said", "status"), sampled(STATUSES, 3))
def test_the_words_of_a_status_are_read_from_a_table(tmp_path: Path, said: str, status: str | None) -> None:
    found = one(tmp_path, {"Status": said})
    assert (found["outcome"], found["status"]) == ("opened" if status else "bad", status)
    if status is None:
        assert '--value "Status: WORD=resolved"' in found["reason"]
    assert ("no further action is taken as resolved" in remarks(found)) is (
        status == "resolved" and "closed - " not in said
    )


def test_what_a_word_means_can_be_said(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        {"Status": "Panel", "Stage": "Directors"},
        "--value",
        "Status: panel=open",
        "--value",
        "stage: Directors=3",
    )
    assert (found["status"], found["stage"]) == ("open", "3")
    for value, says in (
        ("Status=open", "does not say what a word means"),
        ("Stat: x=open", 'There is no column "Stat"'),
    ):
        assert says in run(tmp_path, "import", "log.csv", *UNDER, "--value", value).stderr


ODD = [
    ("Concern", ["1/9/2026", "2/9/2026", "ask the school"], "concern-date"), ("Concern", ["Drift", "Thresholds", "2/9/2026"], "about"),
    ("Resolved?", ["Y", "N", "partly"], "ended"), ("Resolved?", ["3/10/2026", "N", "Y"], "resolved"),
    ("Stage 1", ["2/10/2026", "3/10/2026", "w/c 5/10"], "entered:1"), ("Step B", ["2/10/2026", "2/10/2026", "3/10/2026"], "entered:b"),
    ("Stage 1", ["met", "not met", "3/10/2026"], None), ("Time raised", ["10:00", "11.30", "late"], "raised:time"),
]  # fmt: skip


@pytest.mark.parametrize(("heading", "said", "field"), ODD, ids=str)
def test_one_odd_cell_does_not_have_a_column_taken_for_another(
    tmp_path: Path, heading: str, said: list[str], field: str | None
) -> None:
    rows = [[str(n), "1/10/2026", f"M-{n}", *PLAIN[3:], each] for n, each in enumerate(said)]
    found = taken(tmp_path, table(tmp_path, [*HEAD, heading], *rows), *UNDER)
    assert found["columns"][5]["field"] == field
    if field not in (None, "about", "entered:b"):
        assert [heading in (row["reason"] or "") for row in found["rows"]].count(True) == (
            2 if said[0][0] == "3" else 1
        )


def test_a_heading_over_others_tells_apart_what_stands_twice_below_it(tmp_path: Path) -> None:
    over = ["Ref", "Raised by", "", "With", "", "Stage 1", "", "Stage 2", "", "Stage 3", ""]
    under = ["", "Agency", "Name", "Agency", "Name", *["Date", "Outcome"] * 3]
    row = ["1", "A school", "Jo Bell", "Police", "Cy Cole", "1/10/2026", "none", "5/10/2026", "none", "", ""]
    found = taken(tmp_path, table(tmp_path, ["Log of challenges"], over, under, row), *UNDER)
    assert [column["field"] for column in found["columns"]] == [
        "reference", "from", "raising", "to", "receiving", "entered:1", None, "entered:2", None, "entered:3", None,
    ]  # fmt: skip
    assert [(each["row"], each["outcome"], each["stage"]) for each in found["rows"]] == [(4, "would-open", "2")]


def test_an_end_before_the_beginning_names_its_cell(tmp_path: Path) -> None:
    found = one(tmp_path, {"Date resolved": "30/9/2026"})
    assert found["reason"] == '"Date resolved" (F2) is before the case was raised'


# -- rows that are no cases, and cells that say nothing by themselves


def test_what_divides_or_sums_up_a_list_is_left_out_and_listed(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["October 2026"], PLAIN, ["", datetime(2026, 11, 1)], ["2", *PLAIN[1:]], HEAD, ["3", *PLAIN[1:]], ["Total", "", "3"], ["Subtotal for the year", "", "", "5", "4"],
        ["4"], ["", "", "", "", "", "He rang again"],
    ]  # fmt: skip
    path = excel(tmp_path, [[*HEAD, "Notes"], *rows])
    found = taken(tmp_path, path, *UNDER, "--write", "--skip-bad")
    assert [row["outcome"] for row in found["rows"]] == [
        "left-out", "opened", "left-out", "opened", "left-out", "opened", "left-out", "left-out", "left-out", "bad",
    ]  # fmt: skip
    assert found["left_out"] == 6
    page = run(tmp_path, "import", path, *UNDER).stdout
    assert "-  row 4: it has nothing but a date." in page
    assert "-  rows 8 to 9: it is a total." in page
    assert "October" not in page


def test_cells_that_are_merged_down_say_the_same_in_every_row(tmp_path: Path) -> None:
    head = ["Ref", "Protocol", "Date raised", "Subject", "From"]
    rows: list[list[Any]] = [
        ["1", "lincolnshire", "1/10/2026", "M-1", "A school"],
        ["2", None, "2/10/2026", "M-2", "Police"],
    ]
    found = taken(tmp_path, excel(tmp_path, [head, *rows], lambda sheet: sheet.merge_cells("B2:B3")), *UNDER)
    assert [row["protocol"] for row in found["rows"]] == ["lincolnshire", "lincolnshire"]


def test_cells_that_are_merged_over_columns_are_refused_with_the_range(tmp_path: Path) -> None:
    path = excel(tmp_path, [HEAD, PLAIN, ["2", *PLAIN[1:4], None]], lambda sheet: sheet.merge_cells("D3:E3"))
    assert [row["reason"] for row in taken(tmp_path, path, *UNDER)["rows"]] == [
        None, "D3:E3 is merged over several columns: divide it in the sheet",
    ]  # fmt: skip


def test_a_formula_that_nobody_calculated_and_one_that_went_wrong_are_refused_with_the_cell(tmp_path: Path) -> None:
    path = excel(tmp_path, [HEAD, [*PLAIN[:4], "=A2"], ["2", *PLAIN[1:4], "#N/A"]])
    reasons = [row["reason"] for row in taken(tmp_path, path, *UNDER)["rows"]]
    assert reasons[0].startswith('"To" (E2) holds a formula that was never worked out')
    assert reasons[1].startswith('"To" (E3) holds an error instead of a value')
    csv = table(tmp_path, HEAD, [*PLAIN[:4], "#REF!"], ["2", *PLAIN[1:4], "########"])
    assert ["holds" in row["reason"] for row in taken(tmp_path, csv, *UNDER)["rows"]] == [True, True]


def test_what_a_sheet_tells_by_looks_is_remarked_on_by_row(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["C2"].font = Font(strike=True)
        sheet["B3"].fill = PatternFill("solid", fgColor="FFFF0000")
        sheet["E4"].comment = Comment("Ring first", "Jo")
        sheet.row_dimensions[5].hidden = True
        sheet.column_dimensions["D"].hidden = True

    rows = [[str(n), *PLAIN[1:]] for n in range(5)]
    path = excel(tmp_path, [HEAD, *rows], change)
    assert [remarks(row).split("; ")[0] for row in taken(tmp_path, path, *UNDER)["rows"]][:4] == [
        "has words that are struck through, read like the others",
        "is coloured otherwise than others: what a colour means is not taken over",
        "has a note on the cell in column E, which is not taken over",
        "is hidden in the sheet, read like the others",
    ]
    assert "Column D is hidden in the sheet, and read like the others." in run(tmp_path, "import", path, *UNDER).stdout


def test_a_reference_is_what_its_number_format_shows(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        for cell, shown_as in (("A2", '"ESC-"0000'), ("A3", "00000"), ("A4", '[>9]"many ";0')):
            sheet[cell].number_format = shown_as

    path = excel(tmp_path, [HEAD, *[[12, *PLAIN[1:]] for _ in range(3)]], change)
    found = taken(tmp_path, path, *UNDER, "--skip-bad", "--write")["rows"]
    assert [shown(tmp_path, case)["history"][0]["data"]["imported"]["reference"] for case in "12"] == [
        "ESC-0012",
        "00012",
    ]
    assert '"Ref" (A4) is shown otherwise than it is kept' in found[2]["reason"]


def test_codes_for_line_breaks_are_decoded(tmp_path: Path) -> None:
    one(tmp_path, {"Concern": "a_x000D_\nb", "Subject": "M_x0031_"})
    assert (shown(tmp_path)["about"], shown(tmp_path)["subject"]) == ("a\nb", "M1")


def test_a_number_that_excel_has_shortened_is_refused(tmp_path: Path) -> None:
    assert '"Subject" (C2) is a number that Excel has shortened' in one(tmp_path, {"Subject": "9.43477E+09"})["reason"]


# -- people where they do not belong


PERSONAL = [
    ({"From": "Ada Canary"}, '"From" (D2) seems to hold the name of a person'),
    ({"To": "Canary, Ada"}, '"To" (E2) seems to hold the name of a person'),
    ({"Other agencies": "Police; Mrs Canary"}, '"Other agencies" (F2) seems to hold the name of a person'),
    ({"Ref": "Ada Canary"}, '"Ref" (A2) seems to hold the name of a person'),
    ({"Theme": "Sarah Canary"}, '"Theme" (F2) seems to hold the name of a person'),
    ({"Subject": "12 Canary Road"}, '"Subject" (C2) seems to hold an address'),
    ({"From": "Canary House, HR1 2AB"}, '"From" (D2) seems to hold an address'),
    ({"Subject": "DOB 3/5/2014"}, '"Subject" (C2) seems to hold a date of birth'),
    ({"Subject": "03/05/2014"}, '"Subject" (C2) is a date'),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "reason"), sampled(PERSONAL, 3), ids=str)
def test_who_somebody_is_does_not_get_into_lists(tmp_path: Path, cells: dict[str, str], reason: str) -> None:
    assert reason in one(tmp_path, cells)["reason"]
    ran = run(tmp_path, "import", "log.csv", *UNDER)
    assert not any(word in ran.stdout + ran.stderr for word in ("Canary", "2014", "HR1"))


def test_a_name_for_a_subject_is_kept_apart(tmp_path: Path) -> None:
    found = one(tmp_path, {"Subject": "Ada Canary"})
    assert "kept apart, as the name" in remarks(found)
    assert (shown(tmp_path)["subject"], shown(tmp_path)["identity"]["name"]) == (None, "Ada Canary")
    assert "Canary" not in run(tmp_path, "show", "1").stdout + run(tmp_path, "import", "log.csv", *UNDER).stdout


@pytest.mark.parametrize(
    "said", ["Jo Canary, Health visiting", "Health visiting (Jo Canary)", "Jo Canary - Health visiting"]
)
def test_a_person_named_with_an_agency_is_kept_apart(tmp_path: Path, said: str) -> None:
    one(tmp_path, {"From": said})
    case = shown(tmp_path)
    assert (case["raising_agency"], case["holders"][0]["name"]) == ("Health visiting", "Jo Canary")
    assert "Canary" not in run(tmp_path, "list").stdout


def test_an_agency_that_looks_like_a_name_can_be_said_to_be_one(tmp_path: Path) -> None:
    assert one(tmp_path, {"From": "Wells Cole"})["outcome"] == "bad"
    assert one(tmp_path, {"From": "Wells Cole"}, "--value", "From: Wells Cole=Wells Cole")["outcome"] == "opened"


PEOPLE = [
    ("From", "jo bell"), ("From", "JO BELL"), ("From", "Dr. A. Canary"), ("From", "Jo B."), ("From", "DSL Jo Canary"), ("From", "PC 1234 Canary"), ("To", "Foster carer Jo Canary"),
    ("To", "Parent of Ada"), ("To", "Ada's mum"), ("To", "Jo Canary @ MASH"), ("From", "jo.canary@school.example"), ("Theme", "Neglect of Sarah Canary"), ("Theme", "Child A. Canary neglect"),
    ("Theme", "Ada Canary"), ("Theme", "Mrs Canary disagrees"), ("Theme", "Moved to HR4 9XY"), ("Subject", "M-1 Ada Canary"), ("Subject", "Ada Canary 12345"), ("Subject", "Canary family"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "said"), sampled(PEOPLE, 3))
def test_somebody_named_in_a_column_that_is_shown_is_refused(tmp_path: Path, column: str, said: str) -> None:
    found = one(tmp_path, {"Theme": "", column: said})
    assert (found["outcome"], "seems to hold" in (found["reason"] or "")) == ("bad", True)
    assert said not in run(tmp_path, "import", "log.csv", *UNDER).stdout


@pytest.mark.parametrize("said", ["ADA CANARY", "ada canary", "Ada", "A. Canary"])
def test_a_name_for_a_subject_is_kept_apart_however_it_is_written(tmp_path: Path, said: str) -> None:
    assert "kept apart, as the name" in remarks(one(tmp_path, {"Subject": said}))


NOBODY = [
    ("From", "St Mary's"), ("From", "Thomas Ferens Academy"), ("From", "John Kyrle High School"), ("From", "Marie Curie"), ("From", "Queen Elizabeth"), ("From", "Humber Teaching"),
    ("From", "Megan Baker house"), ("From", "Martha Trust"), ("To", "Front Door"), ("Theme", "Grace and Hope project"), ("Theme", "Dawn raid"), ("Theme", "Mark of respect"),
    ("Theme", "Child Sexual Exploitation"), ("Subject", "485 777 3456"), ("Subject", "12-34-56"), ("Subject", "Sibling group 3"),
]  # fmt: skip


@pytest.mark.parametrize(("column", "said"), sampled(NOBODY, 3))
def test_what_only_sounds_like_somebody_is_taken(tmp_path: Path, column: str, said: str) -> None:
    found = one(tmp_path, {"Theme": "", column: said})
    assert (found["outcome"], "kept apart" in remarks(found)) == ("opened", False)


# -- files


def open_document(folder: Path, rows: Sequence[str], before: str = "", name: str = "log.ods") -> str:
    spaces = " ".join(
        f'xmlns:{each}="urn:oasis:names:tc:opendocument:xmlns:{each}:1.0"'
        for each in ("office", "table", "text", "style")
    )
    table = f'<table:table table:name="Log">{"".join(rows)}<table:table-row table:number-rows-repeated="1048000"/></table:table>'
    content = f"<office:document-content {spaces}>{before}<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body></office:document-content>"
    with zipfile.ZipFile(folder / name, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", content)
    return name


def words(*cells: str) -> str:
    return "".join(
        f'<table:table-cell office:value-type="string"><text:p>{each}</text:p></table:table-cell>' for each in cells
    )


def test_an_open_document_is_read_with_what_it_tells(tmp_path: Path) -> None:
    date = '<table:table-cell office:value-type="date" office:date-value="{}"><text:p>shown</text:p></table:table-cell>'
    number = (
        '<table:table-cell office:value-type="float" office:value="12"><text:p>ESC-0012</text:p></table:table-cell>'
    )
    noted = '<table:table-cell office:value-type="string" table:style-name="s"><office:annotation><text:p>no</text:p></office:annotation><text:p>A<text:s text:c="2"/>school</text:p><text:p>b</text:p></table:table-cell>'
    struck = '<style:style style:name="s"><style:text-properties style:text-line-through-style="solid"/></style:style>'
    down = '<table:table-cell table:number-rows-spanned="2" office:value-type="string"><text:p>Police</text:p></table:table-cell>'
    rows = [
        f"<table:table-row>{words(*HEAD)}</table:table-row>",
        f'<table:table-row table:visibility="filter">{number}{date.format("2026-10-01T09:30:00")}{words("M-1")}{noted}{down}</table:table-row>',
        f"<table:table-row>{words('2')}{date.format('2026-10-02')}{words('M-2', 'A school')}<table:covered-table-cell/></table:table-row>",
    ]
    found = taken(tmp_path, open_document(tmp_path, rows, struck), *UNDER, "--write")
    assert [(row["outcome"], row["raised_at"]) for row in found["rows"]] == [
        ("opened", "2026-10-01T09:30:00+01:00"), ("opened", "2026-10-02T00:00:00+01:00"),
    ]  # fmt: skip
    assert [shown(tmp_path, n)["receiving_agency"] for n in "12"] == ["Police", "Police"]
    assert shown(tmp_path)["history"][0]["data"]["imported"]["reference"] == "ESC-0012"
    assert all(
        each in remarks(found["rows"][0]) for each in ("struck through", "is hidden", "a note on the cell in column D")
    )


def test_a_damaged_open_document_is_refused(tmp_path: Path) -> None:
    open_document(tmp_path, ["<table:table-row"])
    assert "is damaged, or is protected by a password" in run(tmp_path, "import", "log.ods").stderr


def test_strict_open_xml_is_read(tmp_path: Path) -> None:
    excel(tmp_path, [HEAD, [PLAIN[0], datetime(2026, 10, 1), *PLAIN[2:]]])
    strict = BytesIO()
    with zipfile.ZipFile(tmp_path / "log.xlsx") as source, zipfile.ZipFile(strict, "w") as package:
        for part in source.infolist():
            text = source.read(part).decode()
            for space in ("spreadsheetml", "officeDocument", "drawingml"):
                text = text.replace(
                    f"http://schemas.openxmlformats.org/{space}/2006/", f"http://purl.oclc.org/ooxml/{space}/"
                )
            package.writestr(part.filename, text)
    (tmp_path / "log.xlsx").write_bytes(strict.getvalue())
    assert taken(tmp_path, "log.xlsx", *UNDER)["rows"][0]["raised_at"] == "2026-10-01T00:00:00+01:00"


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
def test_letters_of_another_windows_are_refused_and_not_read_as_others(tmp_path: Path, encoding: str) -> None:
    text = "\n".join([",".join([*HEAD, "Concern"]), ",".join([*PLAIN[:4], "Police", "Zoë naïve café"])])
    (tmp_path / "log.csv").write_bytes(text.encode(encoding))
    assert "save it as CSV UTF-8" in run(tmp_path, "import", "log.csv", *UNDER).stderr


@pytest.mark.parametrize("text", ["café", "rang at £5 a minute", "Zoë", "façade"])
def test_what_dos_writes_is_refused_by_a_single_letter(tmp_path: Path, text: str) -> None:
    rows = "\n".join([",".join([*HEAD, "Concern"]), ",".join([*PLAIN, text])])
    (tmp_path / "log.csv").write_bytes(rows.encode("cp850"))
    assert "save it as CSV UTF-8" in run(tmp_path, "import", "log.csv", *UNDER).stderr
    (tmp_path / "log.csv").write_bytes(rows.encode("cp1252"))
    assert taken(tmp_path, "log.csv", *UNDER, "--write")["opened"] == 1
    assert shown(tmp_path)["about"] == text


SHOWN_AS = [
    ('"ESC-"0000', 12, "ESC-0012"), ("000-000", 123456, "123-456"), ("00\\-00", 1234, "12-34"), ("[Red]0000", 12, "0012"), ('0"/26"', 4, "4/26"), ("#,##0", 1234, "1234"),
    ("### ### ####", 4857773456, "4857773456"), ('0000;"none"', 7, "0007"), ('[<10]"0"0;0', 7, None), ('"A"0;"B"0', -5, None),
]  # fmt: skip


@pytest.mark.parametrize(("shown_as", "number", "reference"), sampled(SHOWN_AS, 3), ids=str)
def test_a_number_is_read_as_its_format_shows_it(
    tmp_path: Path, shown_as: str, number: int, reference: str | None
) -> None:
    def format_it(sheet: Any) -> None:
        sheet["A2"].number_format = shown_as

    rows: list[list[Any]] = [HEAD, [number, datetime(2026, 10, 1), *PLAIN[2:]]]
    found = taken(tmp_path, excel(tmp_path, rows, format_it), *UNDER, "--write", "--skip-bad")["rows"][0]
    if reference is None:
        assert '"Ref" (A2) is shown otherwise than it is kept' in found["reason"]
    else:
        assert shown(tmp_path)["history"][0]["data"]["imported"]["reference"] == reference


@pytest.mark.parametrize(
    ("kept", "said"), [("a_x000D_\nb", "a\nb"), ("a_x005F_x000D_b", "a_x000D_b"), ("a_xZZZZ_b", "a_xZZZZ_b")]
)
def test_what_excel_spells_out_is_read_once(tmp_path: Path, kept: str, said: str) -> None:
    rows: list[list[Any]] = [[*HEAD, "Concern"], [PLAIN[0], datetime(2026, 10, 1), *PLAIN[2:], kept]]
    taken(tmp_path, excel(tmp_path, rows), *UNDER, "--write")
    assert shown(tmp_path)["about"] == said


def test_dates_that_strict_open_xml_keeps_as_text_are_read(tmp_path: Path) -> None:
    excel(tmp_path, [HEAD, [PLAIN[0], datetime(2026, 10, 1, 9, 30), *PLAIN[2:]]])
    changed = BytesIO()
    with zipfile.ZipFile(tmp_path / "log.xlsx") as source, zipfile.ZipFile(changed, "w") as package:
        for part in source.infolist():
            text = source.read(part).decode()
            text = re.sub(
                r'(<c r="B2"[^>]*?)(?: t="n")?>(?:<v>[^<]*</v>)', r'\1 t="d"><v>2026-10-01T09:30:00</v>', text
            )
            package.writestr(part.filename, text)
    (tmp_path / "log.xlsx").write_bytes(changed.getvalue())
    assert taken(tmp_path, "log.xlsx", *UNDER)["rows"][0]["raised_at"] == "2026-10-01T09:30:00+01:00"


def test_a_log_without_headings_shows_nobody(tmp_path: Path) -> None:
    ran = run(
        tmp_path, "import", table(tmp_path, ["7", "Ada Canary", "1/10/2026"], ["8", "Jo Canary", "2/10/2026"]), *UNDER
    )
    assert (ran.status, "Canary" in ran.stdout + ran.stderr, "no row of headings" in ran.stderr) == (1, False, True)


def test_the_document_is_sound_where_nothing_is_taken(tmp_path: Path) -> None:
    found = json.loads(run(tmp_path, "import", table(tmp_path, HEAD, ["Nothing"]), *UNDER, "--json").stdout)
    assert (found["left_out"], found["rows"][0]["outcome"]) == (1, "left-out")


def test_refused_rows_are_written_to_a_file_of_their_own_to_correct_and_import(tmp_path: Path) -> None:
    bad = ["=1+1", "1/10/2026", "0012", "Ada Canary", "Police"]
    path = table(tmp_path, HEAD, PLAIN, bad, ["3", "x", *PLAIN[2:]])
    ran = run(tmp_path, "import", path, *UNDER, "--refused", "refused.xlsx", "--skip-bad", "--write")
    assert "refused.xlsx: 2 rows to correct and import" in ran.stdout
    assert "Canary" not in ran.stdout + ran.stderr
    assert (tmp_path / "refused.xlsx").stat().st_mode & 0o777 == 0o600
    book: Any = openpyxl.load_workbook(tmp_path / "refused.xlsx")
    rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert (rows[0], rows[1][:5]) == ([*HEAD, "Why it was refused"], bad)
    assert rows[1][5].startswith('"From" (D3) seems to hold the name of a person')
    again = run(tmp_path, "import", path, *UNDER, "--refused", "refused.xlsx")
    assert (again.status, "already" in again.stderr or "is there" in again.stderr) == (1, True)
    book.active["D2"], book.active["B3"] = "A school", "2/10/2026"
    book.save(tmp_path / "refused.xlsx")
    found = taken(tmp_path, "refused.xlsx", *UNDER, "--write")
    assert [(row["outcome"], row["subject"]) for row in found["rows"]] == [("opened", "0012"), ("opened", "M-1")]
    assert taken(tmp_path, path, *UNDER, "--skip-bad")["already_there"] == 2


def test_refused_rows_go_into_an_excel_file_and_no_other(tmp_path: Path) -> None:
    ran = run(tmp_path, "import", table(tmp_path, HEAD, PLAIN), *UNDER, "--refused", "refused.csv")
    assert (ran.status, "let its name end in .xlsx" in ran.stderr, (tmp_path / "refused.csv").exists()) == (
        2,
        True,
        False,
    )


def test_the_dates_of_refused_rows_are_read_alike_without_the_rows_that_prove_them(tmp_path: Path) -> None:
    rows = [["1", "9/16/2026", *PLAIN[2:]], ["2", "9/4/2026", "M-2", "Ada Canary", "Police"]]
    run(tmp_path, "import", table(tmp_path, HEAD, *rows), *UNDER, "--refused", "refused.xlsx")
    found = taken(tmp_path, "refused.xlsx", *UNDER, "--value", "From: Ada Canary=Housing")["rows"]
    assert [row["raised_at"][:10] for row in found] == ["2026-09-04"]


def test_a_row_without_a_reference_is_not_opened_twice_because_a_column_was_added(tmp_path: Path) -> None:
    head, row = ["Date raised", "Subject", "From", "To"], PLAIN[1:]
    taken(tmp_path, table(tmp_path, head, row), *UNDER, "--write")
    found = taken(
        tmp_path,
        table(tmp_path, [*head, "Notes"], [*row, "Rang"], ["2/10/2026", *row[1:], ""]),
        *UNDER,
        "--write",
        "--skip-bad",
    )
    assert [each["outcome"] for each in found["rows"]] == ["already-there", "opened"]


@pytest.mark.slow
@pytest.mark.parametrize("heading", ["Raised by", "Level of need", "Stage"])
@pytest.mark.parametrize("piece", ["\x9e", "(", "a(", " ", ". ", "current a ", "Jo Bell, "])
def test_a_cell_of_any_length_is_looked_through_once(tmp_path: Path, heading: str, piece: str) -> None:
    """Where each letter had all that follows looked through again, this would take minutes."""
    log = tmp_path / "log.csv"
    log.write_text(f'Ref,Date raised,{heading}\n1,1/10/2026,"{piece * (30_000 // len(piece))}"\n', encoding="utf-8")
    ran = run(tmp_path / "cases.db", "import", str(log), "--protocol", "hull-east-riding", now=NOW)
    assert ran.status in (0, 1)
