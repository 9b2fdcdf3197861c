"""The pictures of bars in a report: where each bar and each piece of it stands, in the units of the picture."""

from collections.abc import Sequence
from dataclasses import dataclass

from escalate.domain.reporting.model import ByName, ByPlace, Cases, Hidden, Report
from escalate.output.report.sections import plain, stage_first
from escalate.output.report.tables import ReportSection
from escalate.output.svg import broken

WIDTH, TYPE, LINE, BAR, GAP = 470, 16, 20, 24, 14
"""How wide a picture is, so that its type can be read on a phone; the size of the type, and how high a line of it, a bar and what is below one are."""

LINES = 3
"""No more lines of type than these stand above a bar."""

STATUSES = ("open", "resolved", "withdrawn")
"""What a bar is made of, from the left."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a bar."""

    kind: str
    """Which cases it stands for: one of STATUSES, or `all`."""
    x: float
    """Where it begins."""
    width: float
    """How long it is."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a picture."""

    label: str
    """What it is of."""
    says: str
    """Its figures."""
    lines: tuple[str, ...]
    """Both as they stand above the bar."""
    y: float
    """Where they begin."""
    foot: float
    """Where the bar ends below."""
    pieces: tuple[Stretch, ...]
    """The bar; nothing where its count is hidden."""


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars one below the other."""

    title: str
    """What they show."""
    description: str
    """The same in words."""
    height: float
    """How high the picture is."""
    bars: tuple[Bar, ...]
    """From above downwards."""


def bars(section: ReportSection, report: Report) -> Bars | None:
    """How many cases reached each stage, or are about each theme; None for a section of something else, or of nothing."""
    named = _named_counts(section, report)
    if not named:
        return None
    most = max((cases.all for _, cases in named if isinstance(cases.all, int)), default=1)
    found: list[Bar] = []
    for label, cases in named:
        found.append(_bar(label, cases, most, found[-1].foot + GAP if found else 0))
    return Bars(
        title=f"Cases {section.heading[0].lower()}{section.heading[1:]}",
        description="; ".join(f"{bar.label}: {bar.says}" for bar in found),
        height=found[-1].foot + 2,
        bars=tuple(found),
    )


def _named_counts(section: ReportSection, report: Report) -> list[tuple[str, Cases]]:
    """The counts that have a picture, and what each is called."""
    lines: dict[str, Sequence[ByPlace | ByName]] = {"stage": report.by_stage, "theme": report.by_theme}
    return [
        (stage_first(report, each.place) if isinstance(each, ByPlace) else each.names[0], each.cases)
        for each in lines.get(section.name, ())
    ]


def _bar(label: str, cases: Cases, most: int, y: float) -> Bar:
    figures = ", ".join(f"{plain(getattr(cases, status))} {status}" for status in STATUSES)
    says = f"{plain(cases.all)} ({figures})"
    lines = (*_cut(broken(label, WIDTH, TYPE), LINES - 1), says)
    return Bar(label, says, lines, y, y + LINE * len(lines) + BAR, _stretches(cases, (WIDTH - 2) / max(most, 1)))


def _cut(lines: list[str], most: int) -> list[str]:
    """The first of some lines, with a mark where there are more."""
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1][:-1]}…"]


def _stretches(cases: Cases, unit: float) -> tuple[Stretch, ...]:
    """A bar. Of a hidden count there is none, as its length would tell; where a part is hidden, there is one of all."""
    parts = [(status, getattr(cases, status)) for status in STATUSES]
    if isinstance(cases.all, Hidden):
        return ()
    if any(isinstance(count, Hidden) for _, count in parts):
        return (Stretch("all", 0, cases.all * unit),)
    stretches, x = [], 0.0
    for status, count in parts:
        if count:
            stretches.append(Stretch(status, round(x, 1), round(count * unit, 1)))
            x += count * unit
    return tuple(stretches)
