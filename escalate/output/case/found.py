"""Where in the histories of cases something was found."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from escalate.domain.case.entries import NOTED
from escalate.domain.deadlines.model import CaseLine
from escalate.domain.deadlines.search_results import MARK, Found, Passage
from escalate.output.words import inert


def found_page(found: Sequence[Found]) -> RenderableType:
    """A case, and below it each place where what was looked for stands."""
    return Group(*(part for each in found for part in (_case(each.case), *map(_passage, each.passages))))


def _case(line: CaseLine) -> Text:
    """`E0001  open  stage 2  herefordshire  S-1`."""
    parts = (line.ref, line.status, f"stage {line.stage}", line.protocol, line.subject, line.identity.get("name"))
    return Text("  ".join(inert(part) for part in parts if part), style="bold")


def _passage(passage: Passage) -> Text:
    """Which entry it stands in and in which of its words, and the piece with what was looked for in bold."""
    where = passage.field if passage.field != "text" else "note" if passage.kind == NOTED else passage.kind
    text = Text(f"  entry {passage.entry}, {where}{' (taken back)' if passage.taken_back else ''}: ")
    for n, piece in enumerate(passage.text.split(MARK)):
        text.append(inert(piece), style="bold" if n % 2 else "")
    return text
