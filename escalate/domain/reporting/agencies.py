"""The agencies that the cases kept here name, whatever their part in them."""

from collections.abc import Iterable

from escalate.domain.case.model import Case
from escalate.domain.case.status import VOID


class KnownAgencies:
    """Every agency that is named, as it was written first; capitals and spaces do not tell two apart."""

    def __init__(self) -> None:
        self._written: dict[str, str] = {}

    def learn(self, case: Case) -> None:
        """Notes the agencies of a case, unless it was opened by mistake."""
        if case.status == VOID:
            return
        for name in (case.raising_agency, case.receiving_agency, *case.involved):
            if name and (plain := " ".join(name.split())):
                self._written.setdefault(plain.casefold(), plain)

    def without(self, these: Iterable[str]) -> tuple[str, ...]:
        """The names of all others, in alphabetical order."""
        left_out = {" ".join(name.split()).casefold() for name in these}
        return tuple(self._written[key] for key in sorted(self._written) if key not in left_out)
