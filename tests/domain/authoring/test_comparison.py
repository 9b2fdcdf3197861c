"""Two editions of a protocol, or two protocols, side by side: what differs, on the page and on one time axis."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from escalate.domain.authoring.comparison import Topic, differences
from escalate.domain.authoring.two_plans import What, axis
from escalate.domain.deadlines.plan import plan
from escalate.domain.protocol.conditions import Condition, parse_condition
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import field_names
from escalate.domain.worktime.allowance import Reckoning, Unit
from escalate.domain.worktime.read_allowance import parse_protocol_allowance
from escalate.output.protocol.compare_document import comparison_document
from escalate.output.protocol.comparison import place
from escalate.output.protocol.in_words import in_words
from escalate.storage.files.protocols import all_protocols, parse_protocol, shipped_folder
from tests import driver
from tests.calendars import ENGLAND, at, shown
from tests.command_line import Ran
from tests.kept import same_as_kept
from tests.sizes import later, sampled

HULL, HEREFORDSHIRE, LINCOLNSHIRE = (
    (shipped_folder() / f"{name}.toml").read_text(encoding="utf-8")
    for name in ("hull-east-riding", "herefordshire", "lincolnshire")
)
SHIPPED = [file.protocol for file in all_protocols(shipped_folder())[0]]


def changed(text: str, *changes: tuple[str, str]) -> str:
    """A file with the first of each old text replaced; each has to be there."""
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def found(one: str, other: str, *routes: str) -> list[tuple[str, str, Any, Any]]:
    """What differs between two files, as a script sees it: kind, place, and both values."""
    pair = parse_protocol(one, "one.toml"), parse_protocol(other, "other.toml")
    document = comparison_document(*pair, differences(*pair, routes), None, None)
    return [(each["kind"], each["place"], each["one"], each["other"]) for each in document["differences"]]


@pytest.mark.parametrize("protocol", SHIPPED, ids=lambda protocol: protocol.id)
def test_a_protocol_does_not_differ_from_itself(protocol: Protocol) -> None:
    assert differences(protocol, protocol) == []


STAGE_5 = '[[stages]]\nroute = "main"\nkey = "5"'
NEW_STAGE = """[[stages]]
route = "main"
key = "4a"
name = "Chief officers"
owner = "Chief officer"
next = []
cite = "4"
  [[stages.actions]]
  key = "resolve"
  name = "Meet"
  ends_stage = true
    [[stages.actions.timescales]]
    within = "2 days"
    from = "stage"
    cite = "4"

"""
CHANGES: list[tuple[str, str, list[tuple[str, str, Any, Any]]]] = [
    # what is replaced, by what, and every difference there is then
    ('title = "Professional', 'title = "Our professional', [("changed", "title", "Professional Resolution Practice Guidance", "Our professional Resolution Practice Guidance")]),
    ('review = "2026-06"\n', "", [("removed", "edition.review", "2026-06", None)]),
    ('review = "2026-06"\n', 'review = "2026-06"\nin_force = "2025-09-01"\n', [("added", "edition.in_force", None, "2025-09-01")]),
    ('name = "england-and-wales"', 'name = "scotland"', [("changed", "calendar.name", "england-and-wales", "scotland")]),
    ('name = "england-and-wales"', 'name = "england-and-wales"\nhours = "08:30 to 17:00"', [("added", "calendar.hours", None, ["08:30", "17:00"])]),
    ('name = "england-and-wales"', 'name = "england-and-wales"\nbank_holidays = false', [("changed", "calendar.bank_holidays", True, False)]),
    ('name = "england-and-wales"', 'name = "england-and-wales"\nclosures = [{ on = "2026-12-24", name = "closed" }]',
        [("added", "calendar.closures", None, {"first": "2026-12-24", "last": "2026-12-24", "name": "closed", "every_year": False, "until": None})]),
    ('answers = ["high", "medium", "low"]', 'answers = ["high", "low"]', [("changed", "facts[severity].answers", ["high", "medium", "low"], ["high", "low"])]),
    ('starts = "1"', 'starts = "2"', [("changed", "routes[main].starts", "1", "2")]),
    ('counterpart = "Line manager in the other agency"\n', "", [("removed", "stages[main:2].counterpart", "Line manager in the other agency", None)]),
    ('next = ["3"]', 'next = ["3", "4"]', [("changed", "stages[main:2].next", ["3"], ["3", "4"])]),
    ('reminders = ["Put the discussion and its outcome on the person\'s record."]', 'reminders = ["Put the discussion, and its outcome, on the person\'s record.", "Be kind."]', [
        ("changed", "stages[main:1].reminders", "Put the discussion and its outcome on the person's record.", "Put the discussion, and its outcome, on the person's record."),
        ("added", "stages[main:1].reminders", None, "Be kind."),
    ]),
    ('owner = "Line manager of the referring professional, or equivalent"\n', "", [("removed", "stages[main:2].actions[response].owner", "Line manager of the referring professional, or equivalent", None)]),
    ('when = "core-group is yes"\n  cite = "Appendix C, core groups"', 'when = "core-group is no"\n  cite = "Appendix C, core groups"',
        [("changed", "stages[child-protection-plan:dissent].actions[chair-copied].when", "core-group is yes", "core-group is no")]),
    ('phone = "01482 880066"', 'phone = "01482 880067"', [("changed", "contacts[beverley-team].phone", "01482 880066", "01482 880067")]),
    ('heading = "Job title"', 'heading = "Post"', [
        ("removed", "forms[appendix-b].fields[Job title]", {"heading": "Job title", "source": "raising-role", "section": None, "hint": None}, None),
        ("added", "forms[appendix-b].fields[Post]", None, {"heading": "Post", "source": "raising-role", "section": None, "hint": None}),
    ]),
    ('[[themes]]\nkey = "consent"\nname = "Consent"\ncite = "1"\n', "", [("removed", "themes[consent]", {"key": "consent", "name": "Consent", "cite": "1"}, None)]),
    ('cite = "4, heading of the table"', 'cite = "5"', [("changed", "routes[main].cap.cite", "4, heading of the table", "5")]),
    ('cite = "4; Appendix A"', 'cite = "4"', [("changed", "routes[main].cite", "4; Appendix A", "4")]),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), sampled(CHANGES, 3), ids=lambda value: str(value)[:40])
def test_what_is_changed_in_a_file_is_found_and_nothing_else(
    old: str, new: str, expected: list[tuple[str, str, Any, Any]]
) -> None:
    assert found(HULL, changed(HULL, (old, new))) == expected


LIMITS = [
    # what is replaced, by what, and what the limits at each place were and are now
    ('within = "22 working days"', 'within = "20 working days"', [("changed", "routes[main].cap", "22 working days", "20 working days")]),
    ('  [routes.cap]\n  within = "22 working days"\n  from = "raised"\n', '  [routes.cap]\n  within = "22 working days"\n  from = "concern"\n', [("changed", "routes[main].cap", "22 working days", "22 working days")]),
    ('within = "5 working days"', 'within = "3 working days"', [("changed", "stages[main:3].actions[resolve].timescales", "5 working days", "3 working days")]),
    ('    within = "3 days"\n    from = "stage"\n    when = "severity is high"', '    within = "2 days"\n    from = "stage"\n    when = "severity is high"',
        [("changed", "stages[main:7].actions[resolve].timescales", "3 days", "2 days")]),
    ('    within = "3 to 5 days"\n', '    within = "3 to 5 working days"\n', [("changed", "stages[main:7].actions[resolve].timescales", "3 to 5 days", "3 to 5 working days")]),
    (STAGE_5, NEW_STAGE + STAGE_5, [("added", "stages[main:4a].actions[resolve].timescales", None, "2 days")]),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "expected"), LIMITS, ids=lambda value: str(value)[:40])
def test_a_changed_time_limit_comes_first_with_both_figures(
    old: str, new: str, expected: list[tuple[str, str, str | None, str | None]]
) -> None:
    seen = found(HULL, changed(HULL, (old, new)))
    limits = [each for each in seen if each[1].endswith(("timescales", "cap"))]
    assert seen[: len(limits)] == limits
    assert [(kind, place, one and one["within"], other and other["within"]) for kind, place, one, other in limits] == (
        expected
    )


def test_a_new_stage_is_listed_with_what_has_to_be_done_in_it_and_its_limit() -> None:
    pair = parse_protocol(HULL, "a"), parse_protocol(changed(HULL, (STAGE_5, NEW_STAGE + STAGE_5)), "b")
    assert [(each.topic, each.kind.value, [step.key for step in each.place]) for each in differences(*pair)] == [
        (Topic.TIME_LIMITS, "added", ["main:4a", "resolve", ""]),
        (Topic.LADDER, "added", ["main:4a"]),
        (Topic.DUTIES, "added", ["main:4a", "resolve"]),
    ]


def test_the_order_of_stages_is_a_difference_and_that_of_contacts_is_not() -> None:
    first, second = '[[themes]]\nkey = "consent"\nname = "Consent"\ncite = "1"\n', '[[themes]]\nkey = "mental-capacity"'
    assert found(HULL, changed(HULL, (first, ""), (second, f"{first}\n{second}"))) == []
    before, branch_a, branch_b, after = re.split(r"(?=\[\[stages\]\]\nkey = \"4)|(?=# -- once)", LINCOLNSHIRE)
    swapped = before + branch_b + branch_a + after
    keys = [f"main:{key}" for key in ("1", "2", "3", "4a", "4b")]
    assert found(LINCOLNSHIRE, swapped) == [("changed", "stages.order", keys, [*keys[:3], "main:4b", "main:4a"])]


def test_only_the_route_asked_for_is_compared() -> None:
    other = changed(
        HULL,
        ('within = "22 working days"', 'within = "20 working days"'),
        ('key = "dissent"\nname = "Diss', 'key = "dissent"\nname = "A diss'),
    )
    assert [place for _, place, _, _ in found(HULL, other)] == [
        "routes[main].cap",
        "stages[child-protection-plan:dissent].name",
    ]
    assert [place for _, place, _, _ in found(HULL, other, "main")] == ["routes[main].cap"]
    assert [place for _, place, _, _ in found(HULL, other, "child-protection-plan")] == [
        "stages[child-protection-plan:dissent].name"
    ]


# -- nothing that a file can say is passed over ---------------------------------------------------------------------------

EVERYTHING = """
id = "all"
title = "t"
partnership = "p"
covers = ["children"]
source = "s"
not_for = ["Complaints."]
edition = { dated = "2026-06", agreed = "2026-05", review = "2027-06", in_force = "2026-07" }

[calendar]
name = "scotland"
week = ["monday", "tuesday"]
bank_holidays = false
hours = "08:30 to 17:00"
hours_on = { monday = "09:00 to 12:00" }
closures = [{ from = "2026-12-24", to = "2026-12-31", name = "closed" }]
terms = [{ from = "2026-09-01", to = "2026-12-18", name = "autumn" }]

[[calendars]]
key = "school"
name = "scotland"

[[facts]]
key = "abroad"
ask = "Is the person abroad?"
cite = "1"

[[moments]]
key = "hearing"
ask = "When is the hearing?"
cite = "1"

[[routes]]
key = "main"
name = "m"
starts = "1"
use = "always"
cite = "1"
cap = { within = "30 days", from = "raised", cite = "1" }

[[stages]]
key = "1"
name = "n"
owner = "o"
counterpart = "c"
next = []
cite = "1"
reading = "r"
reminders = ["Be kind."]

  [[stages.actions]]
  key = "reply"
  name = "Reply"
  owner = "o"
  when = "abroad is yes"
  form = "f"
  contacts = ["c"]
  whichever = "later"
  side = "receiving"
  once_passed = "It is taken as agreed."
  then_owner = "chair"
  cite = "1"
  reading = "r"

    [[stages.actions.timescales]]
    within = "3 to 10 working days by 12:00"
    from = "hearing"
    failing_that = "stage"
    when = "abroad is no"
    stops_while = "abroad is yes"
    extendable_to = "20 working days"
    cite = "1"
    reading = "r"
    other_readings = [{ within = "1 month", from = "concern", failing_that = "raised", read_by = "Others", reading = "x" }]

    [[stages.actions.timescales]]
    within = "10 school days"
    from = "stage"
    target = "2 school days"
    cite = "1"

  [[stages.actions]]
  key = "ask"
  name = "Ask"
  timescales = [{ every = "6 weeks", from = "stage", cite = "1" }]

  [[stages.actions]]
  key = "papers"
  name = "Send the papers"
  timescales = [{ at_least = "5 clear days", before = "hearing", cite = "1" }]

  [[stages.actions]]
  key = "up"
  name = "Go up"
  window = true
  timescales = [{ within = "5 working days inclusive", from = "stage", cite = "1" }]

[[after_resolution]]
key = "shared"
name = "Share it"
if_reached = "1"

[[standing_actions]]
key = "told"
name = "Tell"
when = "abroad is yes"
timescales = [{ within = "immediately", from = "known", cite = "1" }]

[[reminders]]
text = "Write it down."
when = "abroad is yes"
cite = "1"

[[contacts]]
key = "c"
role = "r"
area = "a"
email = "e@x.example"
phone = "1"
cite = "1"

[[forms]]
key = "f"
name = "F"
send_to = "c"
cite = "1"
fields = [{ heading = "h", source = "subject", section = "s", hint = "x" }]

[[themes]]
key = "t"
name = "T"
cite = "1"
"""


def others(value: Any) -> Iterator[Any]:
    """Values that are not this one, of its kind: of a table, one for each field that is changed in it."""
    names = () if isinstance(value, Condition) else field_names(value)
    if names:
        for name in (name for name in names if name != "earlier"):
            yield from (with_other(value, **{name: each}) for each in others(getattr(value, name)))
    elif isinstance(value, tuple):
        yield value[:-1] if value else ("x",)
        yield from ((*value[:i], each, *value[i + 1 :]) for i, item in enumerate(value) for each in others(item))
    else:
        yield another(value)


def with_other(value: Any, **change: Any) -> Any:
    """The value with other fields."""
    return replace(value, **change) if isinstance(value, Protocol) else value._replace(**change)


def another(value: Any) -> Any:
    """Another value of its kind; what may be left out is said."""
    match value:
        case Condition():
            return parse_condition("abroad is not yes")
        case Mapping():
            return {} if value else {"monday": (time(7), time(8))}
        case None | str():
            return "other words" if value else "something"
        case bool():
            return not value
        case int():
            return value + 1
        case Unit() | Reckoning():
            return next(each for each in type(value) if each is not value)
        case date():
            return value + timedelta(days=1)
        case _:
            return time(7)


def test_nothing_that_a_file_can_say_is_passed_over() -> None:
    whole = parse_protocol(EVERYTHING, "all.toml")
    assert differences(whole, whole) == []
    unlike = list(others(whole))
    assert len(unlike) > 200
    assert [each for each in unlike if not differences(whole, each) or not differences(each, whole)] == []


def test_what_bears_on_a_time_limit_is_a_difference_of_time_limits() -> None:
    whole = parse_protocol(EVERYTHING, "all.toml")
    (stage,) = whole.stages
    action = stage.actions[0]
    kept = {"cite", "reading", "other_readings"}
    for field in (name for name in action.timescales[0]._fields if name not in kept):
        for each in others(getattr(action.timescales[0], field)):
            timescales = action.timescales[0]._replace(**{field: each}), *action.timescales[1:]
            actions = action._replace(timescales=timescales), *stage.actions[1:]
            other = replace(whole, stages=(stage._replace(actions=actions),))
            assert [found.topic for found in differences(whole, other)] == [Topic.TIME_LIMITS], field


ALLOWANCES = (
    "24 hours", "24 working hours", "30 minutes", "5 days", "5 working days", "5 school days", "5 clear days", "5 working days inclusive",
    "3 to 5 days", "5 weeks", "5 working weeks", "5 months", "5 years", "immediately", "same day by 12:00", "same day by 16:00",
    "same working day", "same working day by 12:00", "2 days by close of business",
)  # fmt: skip


@pytest.mark.parametrize("field", ["within", "target", "extendable_to"])
def test_two_limits_that_differ_never_read_the_same(field: str) -> None:
    whole = parse_protocol(EVERYTHING, "all.toml")
    limit = whole.stages[0].actions[0].timescales[0]
    changes: list[dict[str, Any]] = [{field: parse_protocol_allowance(text)} for text in ALLOWANCES]
    read = {in_words(limit._replace(**change), whole) for change in changes}
    assert len(read) == len(ALLOWANCES)


# -- two ladders on one time axis -----------------------------------------------------------------------------------------

CHRISTMAS = [
    # counted by hand: 25 December 2026 is a Friday, Boxing Day is kept on Monday 28, New Year's Day is a Friday
    ("herefordshire", "2026-12-30 23:59:59", "due 1"),  # 3 working days from Wed 23: Thu 24, Tue 29, Wed 30
    ("lincolnshire", "2026-12-29 23:59:59", "due 1"),  # 2 working days: Thu 24, Tue 29
    ("lincolnshire", "2027-01-06 23:59:59", "due 2"),  # 5 from Tue 29: Wed 30, Thu 31, Mon 4, Tue 5, Wed 6
    ("herefordshire", "2027-01-07 23:59:59", "due 2"),  # 8 from Wed 23: after Wed 30 come Thu 31, Mon 4 to Thu 7
    ("lincolnshire", "2027-01-08 23:59:59", "due 3"),  # 2 from Wed 6: Thu 7, Fri 8
    ("lincolnshire", "2027-01-11 23:59:59", "due 4a"),  # 1 from Fri 8: Mon 11
    ("herefordshire", "2027-01-14 23:59:59", "due 3"),  # 13: five after Thu 7, Fri 8 to Thu 14
    ("herefordshire", "2027-01-25 23:59:59", "due 4"),  # 20: seven after Thu 14, Fri 15 to Mon 25
]


def test_two_ladders_over_christmas_fall_where_they_were_counted_by_hand() -> None:
    raised = at("2026-12-23 10:00")
    plans = [plan(parse_protocol(text, "x"), ENGLAND, raised) for text in (HEREFORDSHIRE, LINCOLNSHIRE)]
    both = axis(plans[0], plans[1], (ENGLAND, ENGLAND))
    seen = [
        (name, shown(mark.at), f"due {event.stage.key}")
        for mark in both.marks
        for name, events in (("herefordshire", mark.one), ("lincolnshire", mark.other))
        for event in events
        if event.stage and event.due and event.due.ends_stage
    ]
    assert sorted(seen) == sorted(CHRISTMAS)
    assert [shown(end) for end in both.ends] == ["2027-01-25 23:59:59", "2027-01-11 23:59:59"]
    assert [mark.working_days for mark in both.marks][-1] == (20, 20)
    assert [mark.at for mark in both.marks] == sorted({mark.at for mark in both.marks})


def test_what_follows_a_stage_without_a_limit_is_said_to_come_at_the_earliest() -> None:
    raised = at("2026-12-23 10:00")
    planned = plan(parse_protocol(HEREFORDSHIRE, "x"), ENGLAND, raised)
    events = [event for mark in axis(planned, planned, (ENGLAND, ENGLAND)).marks for event in mark.one]
    entered = {event.stage.key: event.earliest for event in events if event.stage and event.what is What.ENTERED}
    assert entered == {"0": False, "1": True, "2": True, "3": True, "4": True}
    assert not any(event.earliest for event in events if event.due)  # every limit counts from the concern


# -- the command ----------------------------------------------------------------------------------------------------------

NEW_EDITION = changed(
    HULL,
    ('dated = "2025-06"\nagreed = "2025-07"\nreview = "2026-06"', 'dated = "2026-06"\nagreed = "2026-07"\nreview = "2027-06"'),
    ('[calendar]\nname = "england-and-wales"', '[calendar]\nname = "england-and-wales"\nclosures = [{ from = "2026-12-24", to = "2026-12-31", name = "Council closed" }]'),
    ('answers = ["high", "medium", "low"]', 'answers = ["high", "low"]'),
    ('within = "22 working days"', 'within = "20 working days"'),
    ('    within = "5 working days"\n    from = "stage"', '    within = "3 working days"\n    from = "stage"'),
    ('  key = "written-escalation"\n', '  key = "letter"\n'),
    ('from = "written-escalation"', 'from = "letter"'),
    (STAGE_5, NEW_STAGE.replace("next = []", 'next = ["5"]') + STAGE_5),
    ('next = ["5"]', 'next = ["4a", "5"]'),
    ('phone = "01482 880066"', 'phone = "01482 880067"'),
    ("go faster where the person's safety needs it", "go faster wherever the person's safety needs it"),
    ('cite = "4, table, stage 4; 5; Appendix A, 4"', 'cite = "4, table, stage 4"'),
)  # fmt: skip


class Desk(driver.Desk):
    """A folder of one's own protocol files, and the command run there."""

    def compare(self, *arguments: str, width: int = 0, now: str = "2026-11-20T10:00") -> Ran:
        return self.office(
            self.path,
            "protocol",
            "compare",
            *arguments,
            now=now,
            ESCALATE_DB="",
            **({"COLUMNS": str(width)} if width else {}),
        )


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


AT = ("--at", "23 Dec 2026 10:00")
PAGES = [
    ("editions", ["hull-east-riding"]),
    ("protocols", ["herefordshire", "lincolnshire"]),
    ("axis", ["herefordshire", "lincolnshire", *AT]),
    ("axis-editions", ["hull-east-riding", *AT, "--fact", "severity=high"]),
]


@pytest.mark.parametrize("width", [80, 160])
@pytest.mark.parametrize(("name", "arguments"), PAGES)
def test_a_page_looks_as_it_was_found_right(desk: Desk, name: str, arguments: list[str], width: int) -> None:
    desk.write("new.toml", NEW_EDITION)
    ran = desk.compare(*arguments, width=width)
    assert (ran.status, ran.stderr) == (0, "")
    assert max(len(line) for line in ran.stdout.splitlines()) <= width
    same_as_kept(f"compare-{name}-{width}.txt", ran.stdout)


def test_in_a_pipe_no_text_is_cut_and_no_line_is_filled_up(desk: Desk) -> None:
    ran = desk.compare("herefordshire", "lincolnshire")
    lines = ran.stdout.splitlines()
    assert any(
        "Tell the service director for safeguarding and family support, before stage 3 (when childrens-services is yes): no time limit"
        in line
        for line in lines
    )
    assert all(line == line.rstrip() for line in lines)


WINDOW = (Path(__file__).parents[2] / "shapes" / "window.toml").read_text(encoding="utf-8")
WINDOWS = [
    ("window = true", "a time to go up in"),
    ('window = true\n  leads_to = ["2"]', "a time to go to stage 2"),
    ('window = true\n  outlives = "stage"', "a time to go up in, which goes on after its stage is left"),
    ('window = true\n  leads_to = ["2"]\n  outlives = "case"', "a time to go to stage 2, which goes on after the case is closed"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "words"), WINDOWS)
def test_a_window_is_read_back_and_laid_beside_others_in_the_same_words(desk: Desk, said: str, words: str) -> None:
    (desk.folder / "one.toml").write_text(WINDOW.replace("window = true", said), encoding="utf-8")
    shown_back = desk.office.did(desk.path, "protocol", "show", "./one.toml")
    assert f"{words}\n" in shown_back
    assert f'of "reply" being done, {words}' in " ".join(desk.compare("./one.toml", "herefordshire").stdout.split())


def test_where_a_window_leads_and_what_it_outlives_are_differences_in_time_limits() -> None:
    pair = [parse_protocol(WINDOW.replace("window = true", said), "w.toml") for said, _ in (WINDOWS[0], WINDOWS[3])]
    assert [
        (each.topic, place(each.place, (pair[0], pair[1])), each.one, each.other)
        for each in differences(pair[0], pair[1])
    ] == [
        (Topic.TIME_LIMITS, "stage 1, going-up, the time to go to", None, ("2",)),
        (Topic.TIME_LIMITS, "stage 1, going-up, goes on after", None, "case"),
    ]


REFUSED = [
    ([], 2, "Missing argument"),
    (["nowhere"], 1, 'There is no protocol "nowhere"'),
    (["herefordshire", "lincolnshir"], 1, "Did you mean lincolnshire"),
    (["herefordshire", "none.toml"], 1, "none.toml cannot be read"),
    (["herefordshire"], 1, "There is only one edition of herefordshire: name what to compare it with"),
    (["hull-east-riding@2025-06"], 1, "There is no edition of hull-east-riding before 2025-06: name the other one, as in hull-east-riding@2026-06."),
    (["hull-east-riding@2024"], 1, 'There is no edition "2024" of hull-east-riding. There is 2025-06 and 2026-06.'),
    (["herefordshire", "lincolnshire", "--route", "zzz"], 1, 'There is no route "zzz" in herefordshire or lincolnshire. There is main.'),
    (["hull-east-riding", "--route", "zzz"], 1, 'There is no route "zzz" in hull-east-riding.'),
    (["herefordshire", "lincolnshire", "--fact", "population=adult"], 2, "give with --at when it would be raised"),
    (["herefordshire", "lincolnshire", "--concern", "1 Nov 2026"], 2, "give with --at when it would be raised"),
    (["herefordshire", "lincolnshire", *AT, "--fact", "severity=high"], 1, 'There is no fact "severity" that herefordshire or lincolnshire asks for.'),
    (["herefordshire", "lincolnshire", *AT, "--fact", "population=horse"], 1, "say population=adult or population=child"),
    (["herefordshire", "lincolnshire", *AT, "--fact", "population"], 2, "does not give a fact"),
    (["herefordshire", "lincolnshire", *AT, "--concern", "24 Dec 2026"], 1, "cannot come after the case is raised"),
    (["herefordshire", "lincolnshire", "--at", "32 Dec 2026"], 2, "cannot be read as a date and time"),
    (["herefordshire", "lincolnshire", "--at", "1 Dec 2199"], 1, "That date cannot be worked out"),
    (["herefordshire", "protocols/broken.toml"], 1, "broken.toml: title: is missing"),
]  # fmt: skip


@pytest.mark.parametrize("as_json", [[], ["--json"]], ids=["page", "json"])
@pytest.mark.parametrize(("arguments", "status", "says"), REFUSED, ids=lambda value: str(value)[:50])
def test_what_cannot_be_compared_is_refused_in_a_sentence(
    desk: Desk, arguments: list[str], status: int, says: str, as_json: list[str]
) -> None:
    desk.write("new.toml", NEW_EDITION)
    desk.write("broken.toml", 'id = "broken"')
    ran = desk.compare(*arguments, *as_json)
    assert (ran.status, ran.stdout) == (status, "")
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr
    assert not (desk.folder / "cases.db").exists()


def editions_named(ran: Ran) -> tuple[str, str]:
    document = json.loads(ran.stdout)
    return document["one"]["edition"], document["other"]["edition"]


def test_one_protocol_alone_is_compared_with_its_edition_before(desk: Desk) -> None:
    desk.write("2026.toml", NEW_EDITION)
    desk.write("2027.toml", NEW_EDITION.replace('dated = "2026-06"', 'dated = "2027-06"'))
    draft = desk.folder / "draft.toml"
    draft.write_text(NEW_EDITION.replace('dated = "2026-06"', 'dated = "2026-11"'), encoding="utf-8")
    for name, expected in (
        ("hull-east-riding", ("2026-06", "2027-06")),
        ("hull-east-riding@2026-06", ("2025-06", "2026-06")),
        ("draft.toml", ("2026-06", "2026-11")),
    ):
        assert editions_named(desk.compare(name, "--json")) == expected


def test_of_a_protocol_named_beside_another_the_edition_in_force_is_taken(desk: Desk) -> None:
    desk.write("new.toml", NEW_EDITION)
    for now, when, expected in (
        ("2026-05-31T10:00", [], "2025-06"),
        ("2026-11-20T10:00", [], "2026-06"),
        ("2026-05-31T10:00", ["--at", "1 Dec 2026"], "2026-06"),
    ):
        ran = desk.compare("herefordshire", "hull-east-riding", *when, "--json", now=now)
        assert editions_named(ran) == ("undated", expected)


def test_the_same_file_twice_has_no_differences(desk: Desk) -> None:
    copy = desk.folder / "copy.toml"
    copy.write_text(f"# a comment is no difference\n{HEREFORDSHIRE}", encoding="utf-8")
    ran = desk.compare("herefordshire", "copy.toml")
    assert ran == Ran(0, "herefordshire: from the first file to the second file\nNo differences.\n", "")
    assert json.loads(desk.compare("herefordshire", "copy.toml", "--json").stdout)["differences"] == []


def test_going_back_to_an_older_edition_is_said(desk: Desk) -> None:
    desk.write("new.toml", NEW_EDITION)
    said = "This goes back from the newer edition to the older"
    assert said in desk.compare("hull-east-riding@2026-06", "hull-east-riding@2025-06").stdout
    assert said not in desk.compare("hull-east-riding@2025-06", "hull-east-riding@2026-06").stdout


def test_a_file_that_extends_another_is_compared_with_it_by_keys(desk: Desk) -> None:
    desk.write("north.toml", 'extends = "herefordshire"\nid = "north"\n[edition]\nreview = "2027"\n')
    desk.write("south.toml", 'extends = "herefordshire"\nid = "south"\n[edition]\nreview = "2028"\n')
    for pair, places in (
        (("herefordshire", "north"), ["id", "edition.review"]),
        (("north", "herefordshire"), ["id", "edition.review"]),
        (("north", "south"), ["id", "edition.review"]),
    ):
        document = json.loads(desk.compare(*pair, "--json").stdout)
        found = [each["place"] for each in document["differences"]]
        assert [place for place in found if not place.startswith("examples[")] == places  # which are not taken over
        assert document["rows"] is None


def test_what_was_given_for_one_of_the_two_only_is_said_and_counts_there(desk: Desk) -> None:
    arguments = ["north-east-lincolnshire", "hull-east-riding", *AT]
    plain = json.loads(desk.compare(*arguments, "--json").stdout)
    ran = desk.compare(*arguments, "--fact", "severity=low", "--route", "serious-case", "--json")
    low = json.loads(ran.stdout)
    assert "Only hull-east-riding asks for severity." in ran.stderr
    assert "hull-east-riding has no route serious-case: its route main is taken." in ran.stderr
    last = [document["ladders"]["other"]["stages"][-1]["due_at"] for document in (plain, low)]
    assert last == [
        "2027-01-14T23:59:59+00:00",
        "2027-01-16T23:59:59+00:00",
    ]  # 3 days from 11 January until that is said, and 5
    assert [low["ladders"][side]["route"] for side in ("one", "other")] == ["serious-case", "main"]


def test_each_takes_the_first_of_the_routes_it_has(desk: Desk) -> None:
    routes = ["--route", "child-protection-plan", "--route", "conference-divided"]
    document = json.loads(desk.compare("hull-east-riding", "north-east-lincolnshire", *routes, "--json").stdout)
    ladders = [row for row in document["rows"] if row["section"] in ("route", "stage")]
    assert [(row["one"] and row["one"]["key"], row["other"] and row["other"]["key"]) for row in ladders] == [
        ("child-protection-plan", "conference-divided"),
        ("dissent", "adjourned"),
        ("quality-assurance", "A"),
        (None, "B"),
        (None, "C"),
    ]


def test_each_ladder_is_counted_on_its_own_calendar(desk: Desk) -> None:
    desk.write(
        "scots.toml",
        changed(
            HEREFORDSHIRE, ('id = "herefordshire"', 'id = "scots"'), ('name = "england-and-wales"', 'name = "scotland"')
        ),
    )
    ran = desk.compare("herefordshire", "scots", *AT, "--json")
    document = json.loads(ran.stdout)
    due = {side: document["ladders"][side]["stages"][2]["due_at"][:10] for side in ("one", "other")}
    assert due == {"one": "2027-01-07", "other": "2027-01-08"}  # Monday 4 January is a holiday in Scotland
    (mark,) = [each for each in document["axis"] if each["at"].startswith("2027-01-08")]
    assert mark["working_days"] == {"one": 9, "other": 8}
    page = desk.compare("herefordshire", "scots", *AT).stdout
    assert (
        "herefordshire counts on: England and Wales (england-and-wales)\nscots counts on: Scotland (scotland)\n" in page
    )


def test_the_document_has_every_key_and_londons_offset(desk: Desk) -> None:
    desk.write("new.toml", NEW_EDITION)
    keys = {"one", "other", "differences", "rows", "ladders", "axis"}
    summer = ["--at", "26 Jun 2026 10:00"]
    for arguments, filled in (
        (["hull-east-riding"], {"differences"}),
        (["hull-east-riding", *summer], {"differences", "ladders", "axis"}),
        (["herefordshire", "lincolnshire"], {"rows"}),
        (["herefordshire", "lincolnshire", *summer], {"rows", "ladders", "axis"}),
    ):
        document = json.loads(desk.compare(*arguments, "--json").stdout)
        assert document.keys() == keys
        assert {key for key in keys - {"one", "other"} if document[key] is not None} == filled
        for mark in document["axis"] or ():
            assert mark["at"].endswith("+01:00")
            assert mark["one"] or mark["other"]
            events = {
                "what",
                "route",
                "stage",
                "action",
                "ends_stage",
                "target_at",
                "act_by",
                "provisional",
                "earliest",
                "unanswered",
            }
            assert all(event.keys() == events for side in ("one", "other") for event in mark[side])


def test_a_moment_to_come_is_given_to_the_one_that_asks_for_it(desk: Desk) -> None:
    desk.write("all.toml", EVERYTHING)
    said = ["--fact", "hearing=3 Mar 2027 10:00", "--fact", "abroad=no"]
    known = desk.compare("herefordshire", "all", "--at", "14 Dec 2026 10:00", *said)
    assert "Only all asks for hearing." in known.stdout
    assert "papers due" not in desk.compare("herefordshire", "all", "--at", "14 Dec 2026 10:00", width=80).stdout
    assert "(papers) due" in known.stdout
    unknown = desk.compare("herefordshire", "all", "--at", "14 Dec 2026 10:00", width=300)
    assert "papers (stage 1), which counts from hearing" in unknown.stdout


def test_all_that_bears_on_a_limit_is_said_in_its_words(desk: Desk) -> None:
    desk.write("all.toml", EVERYTHING)
    changes = [
        ("10 working days by 12:00", "10 working days by 16:00"),
        ("20 working days", "25 working days"),
        ('target = "2 school days"', 'target = "3 school days"'),
    ]
    (desk.folder / "draft.toml").write_text(changed(EVERYTHING, *changes), encoding="utf-8")
    page = desk.compare("all", "draft.toml").stdout
    assert "Time limits (2)" in page
    for words in ("by 12:00", "by 16:00", "20 working days", "25 working days", "2 school days", "3 school days"):
        assert words in page


ACTIVE = "\\u001b[31m\\u202e[/] [bold]x\\u0000"


@pytest.mark.parametrize("arguments", [[], ["--json"], ["--at", "23 Dec 2026 10:00"]], ids=" ".join)
@pytest.mark.parametrize("width", [80, later(160), later(0)])
def test_whatever_a_file_says_comes_out_inert(desk: Desk, arguments: list[str], width: int) -> None:
    hostile = re.sub(
        r'^(\s*(?:name|owner|counterpart|text|ask|role|area|title|partnership|cite|reading|heading|phone|send_to) = ")(?!england)',
        lambda match: match[1] + ACTIVE,
        HULL,
        flags=re.MULTILINE,
    )
    hostile = changed(
        hostile,
        ('dated = "2025-06"', 'dated = "2026-06"'),
        (
            'name = "england-and-wales"',
            f'name = "england-and-wales"\nclosures = [{{ on = "2026-12-24", name = "{ACTIVE}" }}]',
        ),
    )
    desk.write("hostile.toml", hostile)
    for pair in (["hull-east-riding"], ["herefordshire", "protocols/hostile.toml"]):
        ran = desk.compare(*pair, *arguments, width=width)
        assert (ran.status, ran.stderr if not arguments else "") == (0, "")
        assert not set(ran.stdout + ran.stderr) & {"\x1b", "\u202e", "\x00"}
        assert "[31m" in ran.stdout
        assert "[/] [bold]x" in " ".join(ran.stdout.split())
