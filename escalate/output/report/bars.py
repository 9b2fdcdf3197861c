"""The pictures of bars in a report: where each bar and each piece of it stands, in the units of the picture."""

from collections.abc import Sequence
from dataclasses import dataclass

from escalate.domain.reporting.model import ByName, ByPlace, Cases, Hidden, Report
from escalate.output.report.sections import plain, stage_first
from escalate.output.report.tables import ReportSection

BAR_WIDTH, LINE = 500, 56
"""How long the longest bar is, and how far below one line the next one stands."""

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
    """What stands above the bar."""
    y: float
    """Where the line stands."""
    pieces: tuple[Stretch, ...]
    """The bar; nothing where its count is hidden."""
    end: float
    """Where it ends."""
    says: str
    """Its figures, at its end."""


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
    lines = tuple(_bar(n, label, cases, most) for n, (label, cases) in enumerate(named))
    return Bars(
        title=f"Cases {section.heading[0].lower()}{section.heading[1:]}",
        description="; ".join(f"{bar.label}: {bar.says}" for bar in lines),
        height=LINE * len(lines) + 4,
        bars=lines,
    )


def _named_counts(section: ReportSection, report: Report) -> list[tuple[str, Cases]]:
    """The counts that have a picture, and what each is called."""
    lines: dict[str, Sequence[ByPlace | ByName]] = {"stage": report.by_stage, "theme": report.by_theme}
    return [
        (stage_first(report, each.place) if isinstance(each, ByPlace) else each.names[0], each.cases)
        for each in lines.get(section.name, ())
    ]


def _bar(n: int, label: str, cases: Cases, most: int) -> Bar:
    pieces = _stretches(cases, BAR_WIDTH / max(most, 1))
    figures = ", ".join(f"{plain(getattr(cases, status))} {status}" for status in STATUSES)
    end = round(sum(piece.width for piece in pieces), 1)
    return Bar(label, n * LINE, pieces, end, f"{plain(cases.all)} ({figures})")


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
