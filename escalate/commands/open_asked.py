"""What is asked at a terminal of whoever opens a case, with what was used last as the answer that Enter takes.

Only a protocol and agencies are offered: a record number or words of another case would end up in this one by a slip of the finger.
"""

from datetime import datetime

from escalate.commands.shared.asking import asked, asked_until_read, asked_which
from escalate.commands.shared.key_values import Said, checked_subject
from escalate.commands.shared.session import Session
from escalate.commands.shared.store import opened_to_read
from escalate.domain.recording.request import check_concern
from escalate.domain.worktime.clock import read_instant, written
from escalate.storage.files.protocols import all_protocols

NONE = ("-", "none")
"""What says that nothing is known, where Enter takes something."""

SIDES = {"raising": "from", "receiving": "to"}
"""The two sides of a case, and how `open` calls them."""


class Usual:
    """What is offered, from the settings or else from the case opened last."""

    def __init__(self, here: Session) -> None:
        self._here = here
        defaults = here.settings.defaults
        last, own = None, None
        if here.has_file():
            with opened_to_read(here) as store:
                last, own = next(iter(store.lists.cases(1)), None), store.agency
        self.protocol = defaults["protocol"] or (last.protocol if last else "")
        """The id of a protocol, or nothing."""
        agencies = (last.raising_agency or "", last.receiving_agency or "") if last else ("", "")
        self.agencies = _with_own(
            dict(zip(SIDES.values(), agencies, strict=True)), defaults["agency"] or own, SIDES[defaults["side"]]
        )
        """The two agencies, or nothing, by how `open` calls them."""

    def ask_protocol(self) -> str | None:
        """Ask under which protocol a case is opened; None where nobody says."""
        files, _ = all_protocols(self._here.settings.protocols)
        there = {file.protocol.id: file.protocol.partnership for file in files}
        return asked_which("Which protocol?", there, self.protocol if self.protocol in there else "")

    def ask_what_it_is(self, known: Said) -> None:
        """Ask between whom a case is and what it is about, as far as that was not said, and note the answers."""
        for side, question in _AGENCIES.items():
            if side not in known.sides and (agency := self._ask_agency(side, question, known)):
                known.sides[side] = agency
        if "about" not in known.words and (about := asked("What is the disagreement? (or Enter to leave that out)")):
            known.words["about"] = about

    def ask_subject(self, known: Said, *, is_reference: bool) -> None:
        """Ask whom a case is about, and note the answer."""

        def read(said: str) -> str:
            return checked_subject(self._here, said, is_reference=is_reference)

        if subject := asked_until_read("Who is it about? A record number, never a name (or Enter if not known)", read):
            known.sides["subject"] = subject

    def _ask_agency(self, side: str, question: str, known: Said) -> str | None:
        default = self.agencies[side]
        if default.casefold() in {each.casefold() for each in known.sides.values()}:
            default = ""  # the other side already
        said = asked(f"{question} ({'- if' if default else 'or Enter if'} not known)", default)
        return None if said in NONE else said or None

    def ask_concern(self, raised_at: datetime) -> datetime | None:
        """Ask when the concern arose; None where that was when the case was raised."""

        def read(said: str) -> str:
            at = self._here.when(said, "past", raised_at).at
            check_concern(at, raised_at, "the case was raised")
            return written(at)

        moment = asked_until_read("When did the concern arise? (a date, or Enter if when the case was raised)", read)
        return read_instant(moment) if moment else None


def _with_own(agencies: dict[str, str], own: str | None, side: str) -> dict[str, str]:
    """The agencies of the last case, with the own one on its side; the other is whoever stood across from it."""
    if not own:
        return agencies
    others = [each for each in agencies.values() if each.casefold() != own.casefold()]
    other = agencies[next(name for name in agencies if name != side)]
    return {name: own if name == side else (other if other in others else next(iter(others), "")) for name in agencies}


_AGENCIES = {"from": "Which agency raises it?", "to": "Which agency is it raised with?"}
