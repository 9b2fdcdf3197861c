"""How a year, its quarters and the year before add up, which stand side by side in a report: what their readers can work out from each other."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

from escalate.domain.reporting.model import Report
from escalate.domain.reporting.report_sums import ALL_CASES, OPEN_AT_START, TOTAL, ReportSums
from escalate.domain.reporting.suppression import CountKey, Sum

_OPEN_AT_END: CountKey = (ALL_CASES, TOTAL, "open")

_AT_A_MOMENT = (OPEN_AT_START, _OPEN_AT_END)
"""What is so at one moment: quarters have it from each other, and all else a year has from its quarters."""


def beside_key(n: int, key: CountKey) -> CountKey:
    """What a count of the n-th period beside goes by, so that it is not that of the report."""
    return ("beside", n), key


def sums_of(report: Report) -> ReportSums:
    """Every count of a report and of the periods beside it, and every sum that its readers know of."""
    sums = ReportSums(report)
    beside = [ReportSums(each) for each in report.beside]
    for n, each in enumerate(beside):
        sums.include(each, partial(beside_key, n))
    inside = [report.period.first <= each.period.first <= report.period.last for each in report.beside]
    quarters = [n for n, is_quarter in enumerate(inside) if is_quarter]
    if quarters:
        years_before = [n for n, is_quarter in enumerate(inside) if not is_quarter]
        _tie_moments(sums, quarters, years_before)
        for cell in beside[0].counts:
            if cell not in beside[0].unpublished and cell not in _AT_A_MOMENT:
                _tie_year(sums, cell, [beside_key(n, cell) for n in quarters])
    return sums


def _tie_moments(sums: ReportSums, quarters: Sequence[int], years_before: Sequence[int]) -> None:
    """What is open at the end of a period is open at the start of the next. The last quarter ends, or is counted, when the year is."""
    for earlier, later in pairwise(quarters):
        _tie(sums, beside_key(earlier, _OPEN_AT_END), [beside_key(later, OPEN_AT_START)])
    _tie(sums, OPEN_AT_START, [beside_key(quarters[0], OPEN_AT_START)])
    _tie(sums, _OPEN_AT_END, [beside_key(quarters[-1], _OPEN_AT_END)])
    for n in years_before:
        _tie(sums, OPEN_AT_START, [beside_key(n, _OPEN_AT_END)])


def _tie_year(sums: ReportSums, cell: CountKey, in_quarters: Sequence[CountKey]) -> None:
    """What its quarters have together, a year has, or less where one case is in several; and no less than any of them."""
    _tie(sums, cell, in_quarters)
    for each in in_quarters:
        _tie(sums, cell, [each])


def _tie(sums: ReportSums, whole: CountKey, parts: Sequence[CountKey]) -> None:
    """Counts that come to another, or nearly. Where they come to exactly as much, readers may well guess so: it counts as known to them."""
    together = sum(map(sums.counts.__getitem__, parts))
    rest = sums.counts[whole] - together
    if rest == 0:
        sums.sums.append(Sum(whole, tuple(parts)))
    elif rest > 0:
        sums.sums.append(Sum(whole, (*parts, sums.follows(("rest", whole, *parts), rest))))
    else:
        more, name = sums.follows(("more", whole, *parts), -rest), ("together", *parts)
        sums.sums += [Sum(sums.follows(name, together), tuple(parts)), Sum(name, (whole, more))]
