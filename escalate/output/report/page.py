"""The report as one HTML page that needs nothing else: its style, its pictures and its figures are all in it.

It holds no script, and its policy allows nothing to be loaded. Every picture has a title, a description and a table with the
same figures below it; what it says by a pattern it says in letters too.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from escalate.domain.reporting.model import ByName, ByPlace, Cases, Hidden, Report
from escalate.domain.worktime.clock import spoken
from escalate.output.pages import pieces
from escalate.output.report.sections import Section, Several, head, sections, shown, where
from escalate.output.report.timeline import timelines

STYLE = Path(__file__).parent.parent / "templates" / "report.css"


def as_html(report: Report, filters: Mapping[str, str | None]) -> Iterator[str]:
    """The page piece by piece: of many cases it is long, and never held."""
    from markupsafe import Markup

    style = STYLE.read_text(encoding="utf-8")
    return pieces(
        "report.html",
        head=head(report, filters),
        sections=[_Shown(section, report) for section in sections(report)],
        style=Markup(style),  # noqa: S704  (our own file)
        style_hash=Markup(b64encode(sha256(style.encode()).digest()).decode()),  # noqa: S704  (of our own file)
        shown=shown,
        Several=Several,
        made=spoken(report.known_at),
    )


class _Shown:
    """A section with its picture."""

    def __init__(self, section: Section, report: Report) -> None:
        self.section = section
        self.bars = _bars(section, report)
        self.timelines = timelines(report) if section.name == "open-cases" else iter(())


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a bar: which cases it stands for, where it begins and how long it is."""

    kind: str
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of a picture of bars: a label above, the bar, and its figures in words at its end."""

    label: str
    y: float
    pieces: tuple[Piece, ...]
    end: float
    says: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars one below the other."""

    title: str
    description: str
    height: float
    bars: tuple[Bar, ...]


BAR_WIDTH, BAR_HEIGHT, LINE = 500, 16, 46
KINDS = ("open", "resolved", "withdrawn")


def _bars(section: Section, report: Report) -> Bars | None:
    """How many cases reached each stage, or are about each theme; of a hidden count there is no bar, whose length would tell."""
    lines: tuple[ByPlace, ...] | tuple[ByName, ...]
    if section.name == "stage":
        lines = report.by_stage
    elif section.name == "theme":
        lines = report.by_theme
    else:
        return None
    if not lines:
        return None
    named = [(where(each.place) if isinstance(each, ByPlace) else each.names[0], each.cases) for each in lines]
    most = max((cases.all for _, cases in named if isinstance(cases.all, int)), default=1)
    bars = tuple(_bar(n, label, cases, most) for n, (label, cases) in enumerate(named))
    description = "; ".join(f"{bar.label}: {bar.says}" for bar in bars)
    return Bars(f"Cases {section.heading[0].lower()}{section.heading[1:]}", description, LINE * len(bars) + 4, bars)


def _bar(n: int, label: str, cases: Cases, most: int) -> Bar:
    unit = BAR_WIDTH / max(most, 1)
    parts = [(kind, getattr(cases, kind)) for kind in KINDS]
    if isinstance(cases.all, Hidden):
        pieces: list[Piece] = []
    elif any(isinstance(count, Hidden) for _, count in parts):
        pieces = [Piece("all", 0, cases.all * unit)]
    else:
        pieces, x = [], 0.0
        for kind, count in parts:
            if count:
                pieces.append(Piece(kind, round(x, 1), round(count * unit, 1)))
                x += count * unit
    figures = ", ".join(f"{shown(_plain(count))} {kind}" for kind, count in parts)
    says = f"{shown(_plain(cases.all))} ({figures})"
    return Bar(label, n * LINE, tuple(pieces), round(sum(piece.width for piece in pieces), 1), says)


def _plain(count: int | Hidden) -> int | str:
    return count.text if isinstance(count, Hidden) else count
