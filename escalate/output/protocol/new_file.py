"""What is said when somebody begins a protocol file: which ladders there are to begin from, and what to do next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from escalate.domain.authoring.summary import in_a_line
from escalate.domain.authoring.template import MARK
from escalate.domain.protocol.model import Protocol
from escalate.wording import as_typed, how_many


def choice_of(protocols: Sequence[Protocol]) -> str:
    """The protocols by numbers, a line each."""
    width = max(len(each.id) for each in protocols)
    return "\n".join(f"{n}  {each.id:{width}}  {in_a_line(each)}" for n, each in enumerate(protocols, 1))


@dataclass(frozen=True, slots=True)
class NewFile:
    """A protocol file just made."""

    id: str
    """The id of the new protocol."""
    path: Path
    """Where it was written."""
    like: Protocol
    """What it was copied from."""
    guide: Path
    """How to go on: the guide to writing a protocol file."""
    schema: Path
    """Beside it, for editors."""
    schema_is_old: bool
    """The schema is that of another version of escalate."""
    marks: int
    """How many places to look at there are."""
    look_at: Sequence[int]
    """The lines, from 1 on, with what may be an address or a telephone number."""

    @property
    def document(self) -> dict[str, object]:
        """`protocol new --json`."""
        return {
            "id": self.id,
            "file": str(self.path),
            "like": self.like.id,
            "schema": str(self.schema),
            "guide": str(self.guide),
            "look_at": list(self.look_at),
        }

    def page(self, *, found_by_id: bool, named: bool) -> str:
        """What was made, and what to do next; `named`: somebody said what to copy it from."""
        return "\n".join(self._lines(self.id if found_by_id else as_typed(str(self.path)), named))

    def _lines(self, said: str, named: bool) -> Iterator[str]:
        why = "" if named else "; with --like another, of those that escalate protocol list has"
        yield f"{self.path}: copied from {self.like.id}{why}."
        yield f"It works as it is, but says what {self.like.id} says. {how_many(self.marks, 'place')} to look at are marked {MARK}."
        if left_out := list(self._left_out()):
            yield f"Left out: {', and '.join(left_out)}."
        if self.look_at:
            yield f"Look at {'lines' if self.look_at[1:] else 'line'} {', '.join(map(str, self.look_at))}: there may be an address or a number of theirs."
        if self.schema_is_old:
            yield f"{self.schema.name} beside it is of another version of escalate: it stays, and --force replaces it."
        yield f"What to do next is in the guide: {self.guide}"
        yield ""
        yield f"  escalate protocol check {as_typed(str(self.path))}"
        yield f"  escalate protocol show {said}"
        yield f"  escalate plan {said}"

    def _left_out(self) -> Iterator[str]:
        contacts = [each for each in self.like.contacts if each.area or each.email or each.phone]
        if contacts:
            yield f"how to reach {how_many(len(contacts), 'contact')} (their roles stay)"
        forms = [form for form in self.like.forms if form.send_to]
        if forms:
            yield f"where {how_many(len(forms), 'form')} {'goes' if len(forms) == 1 else 'go'}"
