"""What kind of ladder a protocol has, in a line: to choose the nearest one to begin from."""

from collections.abc import Iterator

from escalate.domain.protocol.anchors import AnchorKind
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Stage
from escalate.errors import listed
from escalate.wording import how_many

_FROM = {
    AnchorKind.CONCERN: "the concern",
    AnchorKind.RAISED: "the raising of the case",
    AnchorKind.STAGE: "entry to each stage",
    AnchorKind.KNOWN: "what becomes known",
    AnchorKind.STAGE_ENTRY: "entry to a stage",
    AnchorKind.ACTION: "something done",
    AnchorKind.OVERDUE: "something not done",
}


def in_a_line(protocol: Protocol) -> str:
    """`7 stages; limits from entry to each stage; 22 working days for the whole`."""
    return "; ".join([_ladders(protocol), _limits(protocol), *_caps(protocol)])


def _ladders(protocol: Protocol) -> str:
    lengths = sorted(len(protocol.ladder(route.key)) for route in protocol.routes)
    if len(lengths) == 1:
        return how_many(lengths[0], "stage")
    few, many = lengths[0], lengths[-1]
    return f"{len(lengths)} routes of {few if few == many else f'{few} to {many}'} stages"


def _limits(protocol: Protocol) -> str:
    found = [kind for stage in protocol.stages if (kind := _kind_of_anchor(stage))]
    if not found:
        return "no time limits"
    kinds = list(dict.fromkeys(sorted(found, key=found.count, reverse=True)))
    hardly = "hardly any limits" if len(found) * 2 < len(protocol.stages) else "limits"
    every = "every limit" if len(kinds) == 1 and hardly == "limits" and kinds[0] is AnchorKind.CONCERN else hardly
    return f"{every} from {listed([_FROM[kind] for kind in kinds], 'and')}"


def _kind_of_anchor(stage: Stage) -> AnchorKind | None:
    """What kind of thing the limit of a stage counts from, or else falls back on; None where it has no limit."""
    for timescale in stage.closing.timescales:
        return (timescale.failing_that or timescale.anchor).kind
    return None


def _caps(protocol: Protocol) -> Iterator[str]:
    for route in protocol.routes:
        if route.cap:
            yield f"{route.cap.within} for the whole"
