"""How many cases there are: in all, by protocol, by stage, by agencies and by theme."""

from collections.abc import Callable, Sequence

from escalate.domain.reporting.case_figures import CaseFigures
from escalate.domain.reporting.levels import in_order
from escalate.domain.reporting.model import NOT_RECORDED, ByName, ByPlace, Cases, LadderPlace
from escalate.domain.reporting.places import LadderOrder


def count_cases(cases: Sequence[CaseFigures]) -> Cases:
    """How many cases these are, and how they stood."""
    stood = [each.status for each in cases]
    return Cases(
        all=len(cases),
        opened=sum(each.opened for each in cases),
        open=stood.count("open"),
        resolved=stood.count("resolved"),
        withdrawn=stood.count("withdrawn"),
    )


def by_place(
    cases: Sequence[CaseFigures], place_of: Callable[[CaseFigures], LadderPlace], order: LadderOrder
) -> tuple[ByPlace, ...]:
    """How many cases are at each place, in the order of these."""
    return tuple(ByPlace(place, count_cases(group)) for place, group in order.grouped(cases, place_of))


def by_agencies(cases: Sequence[CaseFigures]) -> tuple[ByName, ...]:
    """How many cases each two agencies have between them, the most first."""
    return _by_name(cases, lambda case: [case.agencies])


def by_raising(cases: Sequence[CaseFigures]) -> tuple[ByName, ...]:
    """How many cases each agency raised, the most first."""
    return _by_name(cases, lambda case: [case.agencies[:1]])


def by_receiving(cases: Sequence[CaseFigures]) -> tuple[ByName, ...]:
    """How many cases were raised with each agency, the most first."""
    return _by_name(cases, lambda case: [case.agencies[1:]])


def by_level(cases: Sequence[CaseFigures]) -> tuple[ByName, ...]:
    """How many cases have each level of need, by its name."""
    return in_order(_by_name(cases, lambda case: [(case.level,)]))


def by_theme(cases: Sequence[CaseFigures]) -> tuple[ByName, ...]:
    """How many cases are about each theme, the most first and those about none last."""
    return _by_name(cases, lambda case: [(theme,) for theme in case.themes])


def _by_name(
    cases: Sequence[CaseFigures], names_of: Callable[[CaseFigures], list[tuple[str, ...]]]
) -> tuple[ByName, ...]:
    """The cases of each name. Names that differ only in capitals or spaces are one, shown as the first case has it."""
    written: dict[tuple[str, ...], tuple[str, ...]] = {}
    groups: dict[tuple[str, ...], list[CaseFigures]] = {}
    for case in cases:
        plain = (tuple(" ".join(name.split()) for name in names) for names in names_of(case))
        for key, names in {tuple(name.casefold() for name in names): names for names in plain}.items():
            written.setdefault(key, names)
            groups.setdefault(key, []).append(case)
    ranked = sorted(groups, key=lambda key: (key == (NOT_RECORDED,), -len(groups[key]), key))
    return tuple(ByName(written[key], count_cases(groups[key])) for key in ranked)
