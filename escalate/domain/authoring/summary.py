"""What kind of ladder a protocol has, in a line: to choose the nearest one to begin from."""

from collections.abc import Iterator

from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Stage
from escalate.errors import listed
from escalate.wording import how_many

_FROM = {
    "concern": "the concern",
    "raised": "the raising of the case",
    "stage": "entry to each stage",
    "stage-entry": "entry to a stage",
    "action": "something done",
    "overdue": "something not done",
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
    anchors = [anchor for stage in protocol.stages if (anchor := _anchor(stage))]
    if not anchors:
        return "no time limits"
    kinds = list(dict.fromkeys(sorted(anchors, key=anchors.count, reverse=True)))
    hardly = "hardly any limits" if len(anchors) * 2 < len(protocol.stages) else "limits"
    every = "every limit" if len(kinds) == 1 and hardly == "limits" and kinds[0] == "concern" else hardly
    return f"{every} from {listed([_FROM[kind] for kind in kinds], 'and')}"


def _anchor(stage: Stage) -> str:
    """What the limit of a stage counts from, failing that included; empty where there is none."""
    for timescale in stage.closing.timescales:
        return (timescale.failing_that or timescale.anchor).kind
    return ""


def _caps(protocol: Protocol) -> Iterator[str]:
    for route in protocol.routes:
        if route.cap:
            yield f"{route.cap.within} for the whole"
