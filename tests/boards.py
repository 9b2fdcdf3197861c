"""Thirty cases over Christmas under the five protocols, mixed as an office has them: for the board, and for whoever looks at one."""

from pathlib import Path

from tests.driver import Office

NOW = "2026-12-23T09:30"
"""The Wednesday before Christmas, on which they are looked at."""

AGENCIES = ("Hull University Teaching Hospitals", "Humberside Police", "St Mary's Primary School", "City Health Care")
COUNCILS = ("Hull City Council", "Children's Services", "Adult Care", "North Lincolnshire Council")

CASES: tuple[tuple[str, str, tuple[str, ...], tuple[tuple[str, str], ...]], ...] = (
    # protocol, when it is raised, options of `open`, and what happens then: when, and the line without the case
    ("hull-east-riding", "2026-12-21T10:00", ("--fact", "severity=high"), ()),
    ("hull-east-riding", "2026-12-16T10:00", ("--fact", "severity=low"), (("2026-12-16T15:00", "done {} discussion"), ("2026-12-18T11:00", "advance {}"))),
    ("north-yorkshire", "2026-12-22T09:00", (), ()),
    ("north-yorkshire", "2026-12-14T09:00", (), (("2026-12-17T09:00", "advance {} --because no-response"),)),
    ("lincolnshire", "2026-12-21T14:00", ("--fact", "population=child"), ()),
    ("lincolnshire", "2026-12-10T14:00", ("--fact", "population=adult"), (("2026-12-10T16:00", "done {} discussion"), ("2026-12-15T10:00", "advance {}"))),
    ("north-east-lincolnshire", "2026-12-22T16:00", (), ()),
    ("north-east-lincolnshire", "2026-12-18T16:00", (), (("2026-12-21T09:00", "advance {}"),)),
    ("herefordshire", "2026-12-15T10:00", ("--fact", "protection-plan=yes"), (("2026-12-16T10:00", "advance {}"),)),
    ("herefordshire", "2026-12-21T10:00", ("--fact", "immediate-risk=yes"), ()),
    ("hull-east-riding", "2026-11-30T10:00", ("--fact", "severity=medium"), (("2026-12-02T10:00", "done {} discussion"), ("2026-12-04T10:00", "advance {}"), ("2026-12-09T10:00", "advance {} --because no-response"))),
    ("hull-east-riding", "2026-12-22T15:30", ("--fact", "immediate-risk=yes"), ()),
    ("north-yorkshire", "2026-12-18T13:00", (), (("2026-12-21T13:00", "note {} x"),)),
    ("north-yorkshire", "2026-12-07T09:00", (), (("2026-12-09T09:00", "advance {}"), ("2026-12-14T09:00", "advance {}"), ("2026-12-21T09:00", "agree {} 2026-12-29T12:00"))),
    ("lincolnshire", "2026-12-17T11:00", (), (("2026-12-18T11:00", "done {} discussion"),)),
    ("lincolnshire", "2026-12-22T11:00", ("--fact", "population=adult"), (("2026-12-22T12:00", "assign {} raising --role Manager"),)),
    ("north-east-lincolnshire", "2026-12-14T10:00", ("--route", "serious-case"), ()),
    ("north-east-lincolnshire", "2026-12-22T09:00", ("--route", "conference-majority"), ()),
    ("herefordshire", "2026-12-22T10:00", ("--fact", "protection-plan=no"), (("2026-12-23T08:55", "advance {}"),)),
    ("herefordshire", "2026-12-01T10:00", ("--fact", "protection-plan=yes"), (("2026-12-02T10:00", "advance {}"), ("2026-12-08T10:00", "advance {}"), ("2026-12-10T10:00", "done {} template-sent"))),
    ("hull-east-riding", "2026-12-22T12:00", (), ()),
    ("hull-east-riding", "2026-12-18T12:00", ("--fact", "severity=low"), (("2026-12-21T09:00", "done {} discussion"), ("2026-12-22T09:00", "resolve {}"))),
    ("north-yorkshire", "2026-12-22T17:45", (), ()),
    ("lincolnshire", "2026-12-19T11:00", ("--fact", "population=child"), ()),
    ("lincolnshire", "2026-12-08T11:00", ("--fact", "population=child"), (("2026-12-08T12:00", "done {} discussion"), ("2026-12-11T11:00", "advance {}"), ("2026-12-17T11:00", "advance {}"))),
    ("north-east-lincolnshire", "2026-12-21T10:00", (), (("2026-12-22T10:00", "advance {}"), ("2026-12-23T09:00", "advance {}"))),
    ("herefordshire", "2026-12-17T10:00", (), (("2026-12-17T11:00", "advance {}"), ("2026-12-18T10:00", "agree {} 2026-12-24T12:00"))),
    ("herefordshire", "2026-12-20T21:00", ("--fact", "allegation=yes"), (("2026-12-21T09:00", "done {} lado-referral"), ("2026-12-21T10:00", "advance {}"))),
    ("hull-east-riding", "2026-12-10T10:00", ("--fact", "severity=high"), (("2026-12-11T10:00", "advance {}"), ("2026-12-12T10:00", "undo {}"))),
    ("north-yorkshire", "2026-12-21T11:00", (), (("2026-12-21T11:05", "set {} involved=Education"),)),
)  # fmt: skip


def play_christmas(run: Office, place: Path) -> None:
    """Records the thirty cases."""
    for number, (protocol, raised, options, then) in enumerate(CASES, 1):
        sides = ("--from", AGENCIES[number % 4], "--to", COUNCILS[number % 3])
        run.did(place, "open", protocol, "--subject", f"M-{1000 + 37 * number}", *sides, *options, now=raised)
        for when, line in then:
            run.did(place, *line.format(number).split(), now=when)
