"""Twelve logs as offices keep them, with the headings that published forms and logs have and invented data; each knows what every row of it says.

What a row has to become is written beside it: a case (the values by their names in `export json`; an instant by its beginning), a refusal
that names a cell, or nothing, because it is no case.
"""

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill

Says = dict[str, Any]
"""What a case says, by its names in `export json`: of an instant the beginning, as `2026-09-04` or `2026-09-04T14:30`."""

Truth = Says | str | None
"""What a row is: what its case says; the letter of the column whose cell makes it refused; None where it is no case."""

NOT_A_CASE = None
AGENCIES = (
    "Wye Valley NHS Trust", "Children's Services", "West Mercia Police", "Hill Primary School", "Housing Options", "0-19 Public Health Nursing",
    "CAMHS", "Early Help", "Adult Social Care", "Women's Aid", "Probation Service", "St Mary's C of E School",
)  # fmt: skip
ABOUT = (
    "The referral was closed without a visit", "No strategy meeting was called; we think s47 is met", "Step-down to CIN while the risk is as it was",
    "Plan not progressed – three core groups cancelled", "GP was not told of the outcome", "Disagree with “no further action” after the MARF",
)  # fmt: skip
HOW = (
    "Joint visit agreed",
    "Managers met; plan amended",
    "Threshold was explained, and accepted",
    "Case re-opened to assessment",
)
THEMES = ("Decisions at the front door", "Drift and delay", "Voice of the child", "Sharing information")


@dataclass
class MadeSheet:
    """A sheet while it is made."""

    name: str | None = None
    """Its name, where a file has several that are read."""
    rows: list[Sequence[Any]] = field(default_factory=list)
    """What stands in it."""
    truth: dict[int, Truth] = field(default_factory=dict)
    """What each row below the headings is, by its number."""

    def above(self, *rows: Sequence[Any]) -> None:
        """Add rows that say nothing of cases: titles and headings."""
        self.rows += rows

    def add(self, cells: Sequence[Any], truth: Truth) -> int:
        """Add a row, and what it is. Returns its number."""
        self.rows.append(cells)
        self.truth[len(self.rows)] = truth
        return len(self.rows)


@dataclass
class MadeLog:
    """A log with what is true of it."""

    file: str
    """What the file is called."""
    options: tuple[str, ...]
    """What is said of it on the command line."""
    sheets: list[MadeSheet]
    """Its sheets that hold cases."""
    write: Callable[[Path], None]
    """Writes the file."""
    unused: tuple[str, ...] = ()
    """The headings of columns that are said not to be taken over."""

    @property
    def truth(self) -> dict[tuple[str | None, int], Truth]:
        """What each row is, by its sheet and number."""
        return {(sheet.name, number): each for sheet in self.sheets for number, each in sheet.truth.items()}


class Cases:
    """Draws cases as logs have them."""

    def __init__(self, seed: int, first: date = date(2026, 4, 2), *, pace: float = 1) -> None:
        """`pace` is how often a case is raised on a later day than the one before."""
        self._chance, self._day, self._pace = Random(seed), first, pace
        self._numbers = count(1)

    def draw(self, *, stages: Sequence[str], closed: float = 0.5) -> dict[str, Any]:
        """A case: its number, days, agencies, stage and words; `closed` of all are resolved."""
        chance = self._chance
        self._day += timedelta(days=chance.randrange(4) if chance.random() < self._pace else 0)
        number = next(self._numbers)
        raising, receiving = chance.sample(AGENCIES, 2)
        raised = self._day
        is_closed = chance.random() < closed
        return {
            "number": number, "subject": f"M{number:05d}", "raised": raised, "concern": raised - timedelta(days=chance.randrange(8)),
            "from": raising, "to": receiving, "stage": chance.choice(stages), "about": chance.choice(ABOUT), "theme": chance.choice(THEMES),
            "closed": raised + timedelta(days=chance.randrange(1, 12)) if is_closed else None, "how": chance.choice(HOW) if is_closed else None,
        }  # fmt: skip

    def some(self, number: int, **options: Any) -> Iterator[dict[str, Any]]:
        """So many cases."""
        for _ in range(number):
            yield self.draw(**options)

    def choice(self, *some: Any) -> Any:
        """One of several things."""
        return self._chance.choice(some)


def says(case: dict[str, Any], *names: str, **more: Any) -> Says:
    """What a case of `Cases` says of the columns of these names, and of whether it is closed."""
    closed = case["closed"]
    found: Says = {
        "raised_at": case["raised"].isoformat(),
        "status": "resolved" if closed else "open",
        "closed_at": closed and closed.isoformat(),
    }
    said = {
        "subject": case["subject"], "raising_agency": case["from"], "receiving_agency": case["to"], "stage": case["stage"], "about": case["about"],
        "concern_at": case["concern"].isoformat(), "how": case["how"], "themes": [case["theme"]],
    }  # fmt: skip
    return found | {name: said[name] for name in names} | more


SIDES = ("raising_agency", "receiving_agency")


def in_csv(
    sheet: MadeSheet, file: str, encoding: str = "utf-8-sig", divider: str = ",", line: str = "\r\n"
) -> Callable[[Path], None]:
    """Writes a sheet as text."""

    def write(folder: Path) -> None:
        text = io.StringIO()
        csv.writer(text, delimiter=divider, lineterminator=line).writerows(sheet.rows)
        (folder / file).write_bytes(text.getvalue().encode(encoding))

    return write


def in_excel(file: str, sheets: Sequence[MadeSheet], *changes: Callable[[Any], None]) -> Callable[[Path], None]:
    """Writes sheets as an Excel file, after something was done to the book."""

    def write(folder: Path) -> None:
        book: Any = openpyxl.Workbook()
        book.remove(book.active)
        for number, sheet in enumerate(sheets, 1):
            made = book.create_sheet(sheet.name or f"Sheet{number}")
            for row in sheet.rows:
                made.append(row)
        for change in changes:
            change(book)
        book.save(folder / file)

    return write


# -- the logs -------------------------------------------------------------------------------------------------------------


def years() -> MadeLog:
    """A sheet a year, a title and a date above the headings, a total below, colours, a hidden row, and sheets that hold no cases."""
    head = [
        "Escalation Ref Number", "Date initial escalation raised", "Unique identifier", "Agency raising concern", "Agency escalated to",
        "Date of initial concern", "Brief details of professional difference (no names please)", "Key themes", "Difference resolved at stage", "Date resolved",
        "Outcome / Summary of resolution", "RAG",
    ]  # fmt: skip
    sheets = []
    for year in (2024, 2025, 2026):
        cases, sheet = Cases(year, date(year, 4, 2)), MadeSheet(str(year))
        sheet.above(
            ["Safeguarding Children Partnership"],
            [f"Log of case resolutions {year}/{year - 1999}", *[None] * 6, "Updated", datetime(2026, 11, 3)],
            [],
            head,
        )
        for each in cases.some(12, stages="0123", closed=1 if year < 2026 else 0.6):
            row = [
                f"HSCP/{year}/{each['number']:03d}", _midnight(each["raised"]), each["subject"], each["from"], each["to"], _midnight(each["concern"]),
                each["about"], each["theme"], cases.choice("Stage {}", "{}", "stage {}", "Stage {} ").format(each["stage"]), _midnight(each["closed"]),
                each["how"], cases.choice("R", "A", "G"),
            ]  # fmt: skip
            sheet.add(row, says(each, *SIDES, "subject", "stage", "about", "concern_at", "how", "themes"))
        sheet.add([], NOT_A_CASE)
        sheet.add(["Total", "=COUNTA(A5:A16)", None, None, None, None, None, None, None, "=COUNT(J5:J16)"], NOT_A_CASE)
        sheets.append(sheet)

    def dressed(book: Any) -> None:
        for name in ("2024", "2025", "2026"):
            made = book[name]
            made.merge_cells("A1:L1")
            made["A1"].font = Font(bold=True, size=18)
            for number in (6, 9):
                made.cell(number, 12).fill = PatternFill("solid", fgColor="FFFF0000")
            made.row_dimensions[8].hidden = True
            made.freeze_panes = "A5"
        book.create_sheet("Guidance", 0).append(["How to fill in this log: a row for each escalation, and no names."])
        lists = book.create_sheet("Lists")
        for row in (["Themes", "Agencies"], *zip(THEMES, AGENCIES, strict=False)):
            lists.append(row)

    return MadeLog("years.xlsx", ("--protocol", "herefordshire"), sheets, in_excel("years.xlsx", sheets, dressed), ("RAG",))  # fmt: skip


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time()) if day else None


STAGE_WORDS = {
    "Practitioner to practitioner": "1", "Line manager to line manager": "2", "2 -> 3": "3", "S4": "4", "Stage Two": "2", "3rd": "3", "Stage 4 (was 3)": "I",
    "Stage 1 & 2": "I", "2/3": "I", "Stage II": "2", "Escalated to stage 3": "3", "Stage 1 then 2 then 3": "3", "Level 2": "2", "not yet escalated": "I",
    "Stage 2 (resolved before stage 3)": "I", "Stage2": "2", "STAGE 5 – Directors": "5", "1st": "1", "Stage Seven": "7", "n/a": "1",
}  # fmt: skip
STATUS_WORDS = {
    "NFA": "resolved", "Ongoing": "open", "Closed – resolved": "resolved", "closed - withdrawn": "withdrawn", "Awaiting response from CSC": "open", "Complete": "resolved",
    "Open / closed": "J", "live": "open", "Panel 12/10": "J",
}  # fmt: skip


def words() -> MadeLog:
    """Days, stages and statuses in words; divided by semicolons, in the letters of Windows."""
    sheet, cases = MadeSheet(), Cases(2)
    sheet.above(
        ["Ref no", "Date of escalation", "Record number", "Escalating agency", "Agency challenged", "Nature of disagreement", "Category", "Resolution date",
         "Current stage", "Case status", "Comments"],
    )  # fmt: skip
    day = ("{0:%A} {0.day} {0:%B} {0.year}", "{0.day} {0:%b} {0:%y}", "{0.day}-{0:%b}-{0:%y}", "{0:%d/%m/%Y}", "{0:%d.%m.%y}", "{0:%Y-%m-%d}", "{0.day}{1} {0:%B} {0.year}")  # fmt: skip
    wanted = [*STAGE_WORDS, *STATUS_WORDS]
    for each, word in zip(cases.some(len(wanted), stages="1", closed=0), wanted, strict=True):
        stage, status = (word, "ongoing") if word in STAGE_WORDS else ("Stage 2", word)
        means, stands = STAGE_WORDS.get(word, "2"), STATUS_WORDS.get(word, "open")
        nth = {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd", 23: "rd", 31: "st"}.get(each["raised"].day, "th")
        row = [
            f"R{each['number']}", cases.choice(*day).format(each["raised"], nth), each["subject"], each["from"], each["to"], each["about"], each["theme"], "",
            stage, status, "Rang the duty desk; to ring again",
        ]  # fmt: skip
        refused = next((meant for meant in (means, stands) if meant in "IJ"), None)
        sheet.add(row, refused or says(each, *SIDES, "subject", "about", "themes", stage=means, status=stands, closed_at=None))  # fmt: skip
    return MadeLog("words.csv", ("--protocol", "hull-east-riding"), [sheet], in_csv(sheet, "words.csv", "cp1252", ";"))


def steps() -> MadeLog:
    """A column for the day of each step, as protocols with steps have them; some days as text, one that is a week, one below an earlier one."""
    sheet, cases = MadeSheet(), Cases(3)
    sheet.above(
        ["No", "Client ID", "Agency escalating", "Agency escalated to", "Step 1 date", "Date of step 2", "Step 3", "Date closed", "Outcome", "Actions"]
    )  # fmt: skip
    for each in cases.some(24, stages="123"):
        days = [each["raised"] + timedelta(days=4 * n) for n in range(int(each["stage"]))]
        ended = each["closed"] and max(each["closed"], days[-1])
        written = [_midnight(day) if each["number"] % 3 else f"{day:%d/%m/%Y}" for day in days]
        visits = [(str(n), day.isoformat()) for n, day in enumerate(days, 1)]
        row = [
            each["number"], each["subject"], each["from"], each["to"], *written, *[None] * (3 - len(days)), _midnight(ended), each["how"],
            f"Rang on {days[0]:%d/%m}",
        ]  # fmt: skip
        sheet.add(row, says({**each, "closed": ended}, *SIDES, "subject", "stage", "how", visits=visits))
    sheet.add([90, "M90001", "CAMHS", "Early Help", datetime(2026, 9, 1), "w/c 7/9/2026"], "F")
    sheet.add(
        [91, "M90002", "CAMHS", "Early Help", datetime(2026, 9, 1), datetime(2026, 9, 9), datetime(2026, 9, 4)], "F"
    )
    sheet.add(
        [92, "M90003", "CAMHS", "Early Help", datetime(2026, 9, 1), "TBC", "n/a"],
        says_open("2026-09-01", "1", "M90003"),
    )
    sheet.add([93, "M90004", "CAMHS", "Early Help", None, None, None], "raised")
    return MadeLog("steps.xlsx", ("--protocol", "lincolnshire"), [sheet], in_excel("steps.xlsx", [sheet]), ("No",))


def says_open(raised: str, stage: str, subject: str | None, **more: Any) -> Says:
    """What a case says that is open."""
    return {"raised_at": raised, "stage": stage, "subject": subject, "status": "open", "closed_at": None} | more


OPEN_DOCUMENT = "urn:oasis:names:tc:opendocument:xmlns:{}:1.0"


def north() -> MadeLog:
    """A sheet of LibreOffice: an agency that stands once over several rows, a hidden row, repeated rows, times in the day's own cell."""
    from tests.commands.test_import_logs import open_document, words

    sheet, cases = MadeSheet(), Cases(4)
    head = [
        "Reference",
        "Date and time raised",
        "NHS number",
        "Referring agency",
        "Receiving agency",
        "Issue",
        "Stage",
        "Closed",
        "Resolution",
    ]
    sheet.above(["Professional challenges"], [], head)
    document = [
        f"<table:table-row>{words('Professional challenges')}</table:table-row>", "<table:table-row><table:table-cell/></table:table-row>",
        f"<table:table-row>{words(*head)}</table:table-row>",
    ]  # fmt: skip
    dated = '<table:table-cell office:value-type="date" office:date-value="{}"><text:p>x</text:p></table:table-cell>'
    for n, each in enumerate(cases.some(18, stages="12")):
        agency = AGENCIES[n // 3]
        raised = datetime.combine(each["raised"], time(9 + n % 8, 15))
        receiving = next(other for other in AGENCIES[6:] if other != agency)
        spanned = '<table:table-cell table:number-rows-spanned="3" office:value-type="string"><text:p>{}</text:p></table:table-cell>'.format(agency.replace("'", "&apos;"))  # fmt: skip
        closed = dated.format(each["closed"]) if each["closed"] else "<table:table-cell/>"
        hidden = ' table:visibility="collapse"' if n == 5 else ""
        document.append(
            f"<table:table-row{hidden}>{words(f'NY-{n + 1}')}{dated.format(raised.isoformat())}{words(each['subject'])}"
            f"{'<table:covered-table-cell/>' if n % 3 else spanned}{words(receiving, each['about'], each['stage'])}{closed}{words(each['how'] or '')}</table:table-row>"
        )
        truth = says(each, "subject", "stage", "about", "how", raised_at=f"{raised:%Y-%m-%dT%H:%M}", raising_agency=agency, receiving_agency=receiving)  # fmt: skip
        sheet.add([f"NY-{n + 1}", raised, each["subject"], agency, receiving, each["about"], each["stage"], each["closed"], each["how"]], truth)  # fmt: skip

    def write(folder: Path) -> None:
        open_document(folder, document, name="north.ods")

    return MadeLog(
        "north.ods", ("--protocol", "north-yorkshire"), [sheet], write
    )  # fmt: skip


def american(rows: int = 400) -> MadeLog:
    """Many rows saved on a computer set to the USA: the month first; months stand between them, with their numbers of rows."""
    sheet, cases = MadeSheet(), Cases(5, date(2022, 1, 3), pace=min(1, 1100 / rows))
    sheet.above(
        ["Log number", "Date opened", "System ID", "From", "To", "Summary", "Stage", "Date closed", "How resolved"]
    )
    month, since = "", 0
    for each in cases.some(rows, stages="ABCD", closed=0.9):
        name = f"{each['raised']:%B %Y}"
        if name != month:
            if month:
                sheet.add(["Subtotal", "", "", "", "", str(since)], NOT_A_CASE)
            sheet.add([name], NOT_A_CASE)
            month, since = name, 0
        since += 1
        days = [day and f"{day.month}/{day.day}/{day.year}" for day in (each["raised"], each["closed"])]
        row = [f"L{each['number']}", days[0], each["subject"], each["from"], each["to"], each["about"], f"Stage {each['stage']}", days[1], each["how"]]  # fmt: skip
        truth = says(each, *SIDES, "stage", "about", "how")
        beyond = max(each["raised"], each["closed"] or each["raised"]) > date(2026, 11, 24)
        sheet.add(row, ("B" if each["raised"] > date(2026, 11, 24) else "H") if beyond else truth)
    return MadeLog(
        "american.csv", ("--protocol", "north-east-lincolnshire"), [sheet], in_csv(sheet, "american.csv"), ("System ID",)
    )  # fmt: skip


def quarters() -> MadeLog:
    """Quarters with the headings again, dividing rows over all columns, an agency merged down over its rows, subtotals and a grand total."""
    sheet, cases = MadeSheet(), Cases(6)
    head = [
        "Agency raising",
        "Agency raised with",
        "Client number",
        "Date escalated",
        "Protocol",
        "Practice issue",
        "Date of resolution",
        "Final outcome",
    ]
    merged: list[str] = []
    sheet.above(head)
    for quarter in (1, 2):
        if quarter > 1:
            sheet.add(head, NOT_A_CASE)
        line = sheet.add([f"Quarter {quarter} 2026/27"], NOT_A_CASE)
        merged.append(f"A{line}:H{line}")
        for agency in AGENCIES[quarter : quarter + 3]:
            first = len(sheet.rows) + 1
            for n, each in enumerate(cases.some(3, stages="1")):
                row = [
                    None if n else agency, AGENCIES[9], each["subject"], _midnight(each["raised"]), None if n else "Lincolnshire", each["theme"],
                    _midnight(each["closed"]), each["how"],
                ]  # fmt: skip
                sheet.add(
                    row,
                    says(
                        each,
                        "themes",
                        "how",
                        raising_agency=agency,
                        receiving_agency=AGENCIES[9],
                        protocol="lincolnshire",
                    ),
                )
            merged += [f"A{first}:A{first + 2}", f"E{first}:E{first + 2}"]
        sheet.add(["Sub-total", None, 9], NOT_A_CASE)
    sheet.add(["Grand total:", None, 18, None, None, None, 7], NOT_A_CASE)
    sheet.add([None, None, None, datetime(2026, 12, 1)], NOT_A_CASE)

    def joined(book: Any) -> None:
        for each in merged:
            book.active.merge_cells(each)

    return MadeLog("quarters.xlsx", (), [sheet], in_excel("quarters.xlsx", [sheet], joined))


def questions() -> MadeLog:
    """Columns of yes and no: whether it is resolved, and what the protocol asks."""
    sheet, cases = MadeSheet(), Cases(7)
    sheet.above(
        ["Ref", "Raised", "Subject", "Raised by", "With", "Looked-after", "Protection plan", "Immediate risk", "Resolved?", "Learning", "Escalation stage"]
    )  # fmt: skip
    for n, each in enumerate(cases.some(20, stages="0123", closed=0)):
        words = [("Y", "yes"), ("No", "no"), ("✓", "yes"), ("TRUE", "yes"), ("n", "no"), ("", None), ("N/A", None)]
        answers = [words[(n + 2 * m) % len(words)] for m in range(3)]
        ended = ("Yes", "N", "y", "no")[n % 4]
        keys = ("looked-after", "protection-plan", "immediate-risk")
        facts = {key: meant for key, (_, meant) in zip(keys, answers, strict=True) if meant}
        row = [n + 1, each["raised"], each["subject"], each["from"], each["to"], *(said for said, _ in answers), ended, "Ring first", int(each["stage"])]  # fmt: skip
        closed = ended.casefold().startswith("y")
        truth = says(
            each, *SIDES, "subject", "stage", facts=facts, status="resolved" if closed else "open", closed_at=None
        )
        sheet.add(row, truth)
    sheet.add([90, date(2026, 9, 1), "M90001", "CAMHS", "Early Help", "maybe", None, None, "N", None, 1], "F")
    sheet.add([91, date(2026, 9, 1), "M90002", "CAMHS", "Early Help", None, None, None, "partly", None, 1], "I")
    return MadeLog("questions.xlsx", ("--protocol", "herefordshire"), [sheet], in_excel("questions.xlsx", [sheet]))


def clock() -> MadeLog:
    """Days and times in columns of their own, as Excel writes "Unicode text"; the hour that comes twice, and the one that does not come."""
    sheet, cases = MadeSheet(), Cases(8)
    sheet.above(
        [
            "Ref",
            "Date raised",
            "Time raised",
            "Subject",
            "From",
            "To",
            "Date of concern",
            "Time of concern",
            "Date closed",
            "Time closed",
        ]
    )
    for n, each in enumerate(cases.some(16, stages="1")):
        hour = 8 + n % 10
        written = (f"{hour:02d}:40", f"{hour}.40", f"{(hour - 1) % 12 + 1}:40 {'pm' if hour > 11 else 'am'}", f"{(hour - 1) % 12 + 1}.40{'pm' if hour > 11 else 'am'}")[n % 4]  # fmt: skip
        closed = each["closed"]
        row = [
            n + 1, f"{each['raised']:%d/%m/%Y}", written, each["subject"], each["from"], each["to"], f"{each['concern']:%d/%m/%Y}", "07:05",
            f"{closed:%d/%m/%y}" if closed else "", "16:30" if closed else "",
        ]  # fmt: skip
        truth = says(
            each, *SIDES, "subject", raised_at=f"{each['raised']}T{hour:02d}:40", concern_at=f"{each['concern']}T07:05",
            closed_at=closed and f"{closed}T16:30",
        )  # fmt: skip
        sheet.add(row, truth)
    plain = ["S90", "CAMHS", "Early Help"]
    sheet.add([90, "25/10/2026", "01:30", *plain], says_open("2026-10-25T01:30:00+01:00", "1", "S90"))
    sheet.add([91, "29/03/2026", "01:30", "S91", *plain[1:]], "B")
    sheet.add([92, "01/09/2026", "25:10", "S92", *plain[1:]], "C")
    sheet.add([93, "", "10:00", "S93", *plain[1:]], "C")
    sheet.add([94, "01/09/2026", "late", "S94", *plain[1:]], "C")
    return MadeLog(
        "clock.txt.csv", ("--protocol", "lincolnshire"), [sheet], in_csv(sheet, "clock.txt.csv", "utf-16", "\t")
    )  # fmt: skip


def register() -> MadeLog:
    """References that a number format makes, formulas that nobody calculated, codes for line breaks, comments, words struck through."""
    sheet, cases = MadeSheet(), Cases(9)
    sheet.above(
        [
            "Escalation number",
            "Date raised",
            "UPN",
            "Originating agency",
            "Against",
            "Concern",
            "Stage",
            "Date resolved",
            "Updates",
        ]
    )
    for each in cases.some(14, stages="123"):
        row = [
            each["number"], _midnight(each["raised"]), each["subject"], each["from"], each["to"], f"{each['about']}_x000D_\nSecond line", each["stage"],
            _midnight(each["closed"]), f"Rang_x000D_\n{each['raised']:%d/%m}: wrote",
        ]  # fmt: skip
        sheet.add(row, says(each, *SIDES, "subject", "stage", about=f"{each['about']}\nSecond line"))
    sheet.add([90, "=B2+5", "M90001", "CAMHS", "Early Help", "x", "1"], "B")
    sheet.add([91, datetime(2026, 9, 1), "M90002", "CAMHS", "Early Help", "#REF!", "1"], "F")
    sheet.add([92, datetime(2026, 9, 1), "M90003", "CAMHS", "Early Help", "y", datetime(2026, 3, 2)], "G")
    sheet.add(
        [93, datetime(2026, 9, 1), 4.85e11, "CAMHS", "Early Help", "y", "1"],
        says_open("2026-09-01", "1", "485000000000"),
    )

    def formatted(book: Any) -> None:
        made = book.active
        for number in range(2, len(sheet.rows) + 1):
            made.cell(number, 1).number_format = '"ESC-"0000'
        made["E3"].comment = Comment("Was Housing until May", "x")
        made["F4"].font = Font(strike=True)

    return MadeLog(
        "register.xlsx", ("--protocol", "herefordshire"), [sheet], in_excel("register.xlsx", [sheet], formatted)
    )


def people() -> MadeLog:
    """All about the child in one cell, people named beside agencies, and what must not be shown in the wrong column."""
    sheet, cases = MadeSheet(), Cases(10)
    sheet.above(
        [
            "Ref",
            "Date raised",
            "Child details",
            "Raised by (agency and name)",
            "Agency to",
            "Theme",
            "Issue of concern",
            "Level of need",
        ]
    )
    people = ("Jo Bell", "Cy Cole", "Ada Marsh")
    for n, each in enumerate(cases.some(12, stages="0", closed=0)):
        person = people[n % 3]
        written = (
            f"{person}, {each['from']}",
            f"{each['from']} ({person})",
            f"{each['from']} - {person}",
            each["from"],
        )[n % 4]
        child = f"Name: Kit Example{'abcdefghijkl'[n]}\nDOB: 3/5/2014 Age: 12 Unique identifier: {each['subject']}"
        row = [
            n + 1,
            each["raised"],
            child,
            written,
            each["to"],
            each["theme"],
            each["about"],
            "Current: 3, proposed: 4",
        ]
        truth = says(
            each, *SIDES, "subject", "themes", "about", level_current="3", level_perceived="4",
            identity={"name": f"Kit Example{'abcdefghijkl'[n]}", "born": "2014-05-03", "address": None},
            holders=[] if n % 4 == 3 else [person],
        )  # fmt: skip
        sheet.add(row, truth)
    wrong: list[tuple[int, Any, str]] = [
        (3, "Jo Canary", "D"), (4, "Mrs Canary", "E"), (5, "Ada Canary, 3/5/2014", "F"), (5, "12 Canary Street", "F"), (4, "Canary, Ada", "E"),
        (3, "Police, born 3/5/2014", "D"), (5, "HR1 2AB", "F"),
    ]  # fmt: skip
    for n, (at, said, letter) in enumerate(wrong, 90):
        row = [n, date(2026, 9, 1), f"Unique identifier: S{n}", "CAMHS", "Early Help", THEMES[0], "x", "3"]
        row[at] = said
        sheet.add(row, letter)
    return MadeLog("people.xlsx", ("--protocol", "herefordshire"), [sheet], in_excel("people.xlsx", [sheet]))


def closed() -> MadeLog:
    """Years of closed cases: years of two digits, closed with no day, days that cannot be."""
    sheet, cases = MadeSheet(), Cases(11, date(2017, 3, 1))
    sheet.above(
        ["Ref", "Date raised", "Unique ID", "Escalating agency", "Agency challenged", "State", "Date closed", "Outcome"]
    )
    for n, each in enumerate(cases.some(20, stages="1", closed=1)):
        undated = n % 4 == 3
        status = ("Closed", "Resolved", "Withdrawn", "Closed - NFA")[n % 4]
        row = [f"{each['raised'].year}-{n}", f"{each['raised']:%d/%m/%y}", each["subject"], each["from"], each["to"], status, "not known" if undated else f"{each['closed']:%d/%m/%y}", each["how"]]  # fmt: skip
        truth = says(
            each, *SIDES, "subject", status="withdrawn" if n % 4 == 2 else "resolved", said_at_the_end=each["how"]
        )
        sheet.add(row, truth | ({"closed_at": None} if undated else {}))
    plain = ["M90", "CAMHS", "Early Help"]
    sheet.add(["90", "01/09/18", *plain, "Closed", "01/08/18", "before it was raised"], "G")
    sheet.add(["91", "00/01/1900", "M91", *plain[1:], "Closed", "", "x"], "B")
    sheet.add(["92", "31/02/19", "M92", *plain[1:], "Closed", "", "x"], "B")
    sheet.add(["93", "01/09/18", "M93", *plain[1:], "Open", "03/09/18", "x"], "F")
    sheet.add(["94", "01/09/2028", "M94", *plain[1:], "Open", "", ""], "B")
    sheet.add(["94", "01/09/18", "M95", *plain[1:], "Closed", "", "the reference again"], "A")
    return MadeLog(
        "closed.csv", ("--protocol", "hull-east-riding"), [sheet], in_csv(sheet, "closed.csv", "utf-8", line="\n")
    )


def wide() -> MadeLog:
    """Two rows of headings: a stage over the day and the outcome of each, a side over its agency and the person's name."""
    sheet, cases = MadeSheet(), Cases(12)
    sheet.above(
        ["Multi-agency escalations, live"],
        [
            "Ref",
            "Identifier",
            "Raised by",
            None,
            "With",
            None,
            "Stage 1",
            None,
            "Stage 2",
            None,
            "Stage 3",
            None,
            "Status",
        ],
        [None, None, "Agency", "Name", "Agency", "Name", "Date", "Outcome", "Date", "Outcome", "Date", "Outcome", None],
    )
    for each in cases.some(16, stages="123"):
        days = [each["raised"] + timedelta(days=3 * n) for n in range(int(each["stage"]))]
        pairs = [cell for day in days for cell in (_midnight(day), "no agreement")]
        status = "Closed" if each["closed"] else "Live"
        row = [
            each["number"],
            each["subject"],
            each["from"],
            "Jo Bell",
            each["to"],
            "Cy Cole",
            *pairs,
            *[None] * (6 - len(pairs)),
            status,
        ]
        visits = [(str(n), day.isoformat()) for n, day in enumerate(days, 1)]
        sheet.add(
            row, says(each, *SIDES, "subject", "stage", closed_at=None, visits=visits, holders=["Jo Bell", "Cy Cole"])
        )

    def joined(book: Any) -> None:
        for each in ("A1:M1", "A2:A3", "B2:B3", "C2:D2", "E2:F2", "G2:H2", "I2:J2", "K2:L2", "M2:M3"):
            book.active.merge_cells(each)

    return MadeLog("wide.xlsx", ("--protocol", "herefordshire"), [sheet], in_excel("wide.xlsx", [sheet], joined),
                   ("Stage 1 Outcome", "Stage 2 Outcome", "Stage 3 Outcome"))  # fmt: skip


LOGS = (years, words, steps, north, american, quarters, questions, clock, register, people, closed, wide)
