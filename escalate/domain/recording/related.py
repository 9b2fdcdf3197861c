"""Cases that belong together, such as those of siblings or about the same decision: each says so of the other."""

from collections.abc import Iterable

from escalate.domain.case.entries import Entry
from escalate.domain.case.model import Case
from escalate.domain.case.status import VOID
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.recording.agencies import is_called
from escalate.domain.recording.details import Details, set_details
from escalate.domain.recording.request import Recording
from escalate.errors import Refused


def unlike(before: Case | None, after: Case) -> list[str]:
    """The cases that one belongs together with now and did not before, or the other way round, by their references."""
    was, now = before.related if before else (), after.related
    return [*(ref for ref in now if ref not in was), *(ref for ref in was if ref not in now)]


def says_so_too(case: Case, other: CaseFile, recording: Recording, *, same_readers: bool) -> Entry | None:
    """The entry with which the other case says what one says of it: that they belong together, or do so no more.

    None where it says that already. With `same_readers` only cases between the same agencies are put together: who sees the one would learn
    of the other by it. Raises Refused.
    """
    ref, there = case.ref, other.case
    if there.ref == ref:
        raise Refused(f"{ref} cannot be related to itself: name another case.")
    is_related = there.ref in case.related
    if is_related == (ref in there.related) or (not is_related and there.status == VOID):
        return None
    if is_related and same_readers and not _have_same_sides(case, there):
        raise Refused(
            f"{ref} and {there.ref} are not between the same two agencies, and on a server one of these would learn of a case that it does not see:"
            " only cases between the same agencies can be related there. Nothing was recorded."
        )
    related = (*there.related, ref) if is_related else tuple(each for each in there.related if each != ref)
    return set_details(other.protocol, there, recording._replace(at=recording.now), {}, Details(related=related))


def between_the_same(
    raised: Iterable[tuple[str, str | None, str | None]], raising: str | None, receiving: str | None
) -> list[str]:
    """Those of some cases that are between the same two agencies, whichever raised them, by their references; each is given with its two sides."""
    return [ref for ref, *sides in raised if _sides_match((raising, receiving), (sides[0], sides[1]))]


def _have_same_sides(one: Case, other: Case) -> bool:
    return _sides_match((one.raising_agency, one.receiving_agency), (other.raising_agency, other.receiving_agency))


def _sides_match(ours: tuple[str | None, str | None], theirs: tuple[str | None, str | None]) -> bool:
    return any(all(_is_same(*pair) for pair in zip(ours, each, strict=True)) for each in (theirs, theirs[::-1]))


def _is_same(one: str | None, other: str | None) -> bool:
    return is_called(one, other) if one and other else one == other
