"""The report as one HTML page that needs nothing else: its style, its pictures and its figures are all in it.

It holds no script, and its policy allows nothing to be loaded. Every picture has a title, a description and a table with the
same figures below it; what it says by a pattern it says in letters too.
"""

from collections.abc import Iterator, Mapping

from escalate.domain.reporting.model import Report
from escalate.domain.worktime.clock import spoken
from escalate.output.pages import page
from escalate.output.report.bars import bars
from escalate.output.report.commentary import commentary_blocks
from escalate.output.report.sections import head, sections
from escalate.output.report.tables import ReportSection, shown
from escalate.output.report.timeline import timelines


def as_html(report: Report, filters: Mapping[str, str | None]) -> Iterator[str]:
    """The page piece by piece: of many cases it is long, and never held."""
    return page(
        "report.html",
        head=head(report, filters),
        sections=[_Illustrated(section, report) for section in sections(report)],
        commentary=commentary_blocks(report.commentary) if report.commentary else [],
        made=spoken(report.known_at),
    )


class _Illustrated:
    """A section with its pictures."""

    def __init__(self, section: ReportSection, report: Report) -> None:
        self.section = section
        self.rows = (map(shown, row) for row in section.table.rows)
        self.total = list(map(shown, section.table.total)) if section.table.total else None
        self.bars = bars(section, report)
        self.timelines = timelines(report) if section.name == "open-cases" else iter(())
