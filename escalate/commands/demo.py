"""A demonstration: a case under each of the five shipped protocols, in a file that does not last."""

from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import typer

from escalate.commands.shared.counted_on import fresh_calendar
from escalate.commands.shared.options import Json
from escalate.commands.shared.session import Session, session
from escalate.domain.case.entries import Entry
from escalate.domain.deadlines.case_file import CaseFile, case_line, due_lines
from escalate.domain.deadlines.standing import ranked_lines
from escalate.domain.recording.acts import done
from escalate.domain.recording.advancing import advance
from escalate.domain.recording.details import Details
from escalate.domain.recording.opening import open_case
from escalate.domain.recording.request import Recording
from escalate.domain.worktime.clock import spoken
from escalate.output.case.desk import desk_page
from escalate.output.case.lists import cases_table, due_summary
from escalate.output.case.rows import due_document
from escalate.output.columns import EMPTY, Page
from escalate.output.terminal import show, show_json, width
from escalate.storage.files.protocols import find_protocol, shipped_folder
from escalate.storage.store import Store, open_store


class Scene(NamedTuple):
    """A case of the demonstration."""

    protocol: str
    """The id of its protocol."""
    subject: str
    """The reference of the person."""
    raising: str
    """The agency that raises it."""
    receiving: str
    """The agency it is raised with."""
    hours_ago: int
    """How long before now it is raised."""
    facts: dict[str, str]
    """What its protocol asks, and the answers."""
    route: str | None
    """The route, None for the usual one."""
    events: tuple[tuple[str, int, str], ...]
    """What happens then: the command, how many hours before now, and the action."""


# Whatever the day it is shown on: Hull's stage 4 is past its target of 24 hours and not yet past 48, which is at risk, and
# North Yorkshire's stage 1 is past 96 hours, which is overdue.
SCENES = (
    Scene(
        "hull-east-riding",
        "H-1182",
        "Hull University Teaching Hospitals",
        "Hull City Council",
        120,
        {"severity": "high"},
        None,
        (
            ("done", 110, "discussion"),
            ("advance", 100, ""),
            ("done", 80, "response"),
            ("advance", 78, ""),
            ("done", 60, "written-escalation"),
            ("advance", 30, ""),
        ),
    ),
    Scene("north-yorkshire", "NY-204", "A secondary school", "Children and Families", 100, {}, None, ()),
    Scene(
        "lincolnshire",
        "L-77",
        "Lincolnshire Police",
        "Adult Care",
        24 * 8,
        {"population": "adult"},
        None,
        (("done", 24 * 8 - 2, "discussion"), ("advance", 24 * 6, "")),
    ),
    Scene(
        "north-east-lincolnshire",
        "NEL-31",
        "Northern Lincolnshire and Goole",
        "Children's Services",
        40,
        {},
        "individual",
        (("advance", 20, ""),),
    ),
    Scene(
        "herefordshire",
        "M-40213",
        "Wye Valley NHS Trust",
        "Children's Services",
        24 * 9,
        {"protection-plan": "yes"},
        None,
        (("advance", 24 * 8, ""), ("advance", 24 * 6, ""), ("done", 24 * 5, "template-sent")),
    ),
)


def demo(context: typer.Context, as_json: Json = False) -> None:
    """Example: escalate demo"""
    here = session(context)
    with TemporaryDirectory() as folder, open_store(Path(folder) / "demo.db") as store:
        files = [_play(here, store, scene) for scene in SCENES]
    calendars = {file.calendar.name: file.calendar for file in files}
    horizons = {name: here.horizon(calendar, here.now) for name, calendar in calendars.items()}
    lines = ranked_lines([line for file in files for line in due_lines(file)], horizons, here.now)
    if as_json:
        show_json([due_document(line, line.standing) for line in lines])
        return
    show(
        cases_table(
            [case_line(file) for file in files], {line.case.ref: line for line in reversed(lines)}, here.now, width()
        ),
        Page(
            [
                EMPTY,
                *desk_page(lines, calendars.__getitem__, here.now, width()).parts,
                EMPTY,
                (f"{spoken(here.now)}: {due_summary(lines)}", ""),
                ("These cases were made up, and nothing was kept.", ""),
                ("To open a real one: escalate open --help", ""),
            ]
        ),
    )


def _play(here: Session, store: Store, scene: Scene) -> CaseFile:
    """Open a scene's case, and let everything happen to it."""
    file = find_protocol(scene.protocol, shipped_folder())
    with store.writing():
        store.keep_calendars(file.protocol, lambda name: fresh_calendar(here, name), "demo", here.now)
        store.keep_edition(file, here.now)
        opening = open_case(
            store.next_ref(),
            file.protocol,
            file.digest,
            _recording(here, scene.hours_ago),
            Details(scene.subject, scene.raising, scene.receiving),
            route=scene.route,
            facts=scene.facts,
        )
        case = store.append(opening)
        for command, hours_ago, action in scene.events:
            case = store.append(_event(case, command, _recording(here, hours_ago), action))
    return case


def _event(file: CaseFile, command: str, recording: Recording, action: str) -> Entry:
    if command == "done":
        return done(file.protocol, file.case, file.calendar, recording, action)
    return advance(file.protocol, file.case, recording)


def _recording(here: Session, hours_ago: int) -> Recording:
    at = here.now - timedelta(hours=hours_ago)
    return Recording("demo", at, at)
