"""Which stage the words of a cell mean: read where that is clear, and otherwise said why it is not."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from escalate.domain.importing.headings import folded
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Stage
from escalate.errors import listed

SEVERAL_STAGES = "names more than one stage, and not clearly the one it is at: say the last stage alone"
DOUBT = "has a word that may mean it is not at that stage: say the stage alone"
ANOTHERS_NAME = "has the number of one stage and the name of another: say the stage alone"

_TOKEN = re.compile(r"[^\W_]+(?:-[^\W\d_]+)*|→|=>|->|>|[&/+,;:()?–—-]")
_STAGE_WORDS = ("stage", "stages", "step", "level", "stg", "st", "tier")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_JOINED = re.compile(r"(?:stage|step|level|stg|st|s|l)(\d+[a-z]?)")
_NUMBER = re.compile(r"\d+[a-z]?")
_WORDS = {
    word: str(n)
    for n, words in enumerate(("zero", "one first", "two second", "three third", "four fourth", "five fifth", "six sixth", "seven seventh"))
    for word in words.split()
}  # fmt: skip
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5", "vi": "6", "vii": "7"}
_GOES_UP = {"→", "=>", "->", ">", "then", "now"}
_MOVES = {"escalated", "moved", "went", "gone", "progressed", "up"}
_BESIDE = {"to", "stage", "on", "at", "is", "(", ")", ",", ";", ":", "-", "–", "—", *_GOES_UP, *_MOVES}
_DOUBTS = {
    "not", "no", "before", "pre", "prior", "awaiting", "pending", "requested", "request", "possible", "possibly", "proposed", "planned", "skipped", "without",
    "never", "declined", "refused", "below", "above", "under", "over", "or", "between", "query", "tbc", "?", "unless", "if", "until", "due", "next", "preparing", "ready",
}  # fmt: skip


_ENDED = {"closed", "resolved", "withdrawn", "completed", "complete", "concluded", "finished", "ended", "nfa"}


class StageMeant(NamedTuple):
    """What a cell says of the stage: one of the first two is given."""

    stage: Stage | None = None
    """The stage."""
    why_not: str | None = None
    """Why none is read, as the end of a sentence."""
    perhaps: Stage | None = None
    """Where none is read, the last that is named, if any is."""


def stage_meant(protocol: Protocol, route: str, said: str) -> StageMeant:
    """`2`, `Stage 2`, `2: line managers`, `main:2`, `S2`, `2nd`, `Stage Two`, `2 → 3`, or the name of a stage."""
    plain = " ".join(said.split())
    ladder = protocol.ladder(route)
    if found := protocol.find(route, plain) or _named(ladder, plain):
        return StageMeant(found)
    tokens = _TOKEN.findall(plain.casefold())
    mentions = _mentions(tokens, {stage.key.casefold() for stage in ladder})
    keys = listed([stage.key for stage in ladder], "and")
    unknown = StageMeant(why_not=f"names no stage of {protocol.id}, which has {keys}")
    elsewhere = re.match(r"([a-z0-9-]+:[a-z0-9-]+)(?=$|[\s.,(–-])", plain, re.IGNORECASE)
    if elsewhere and (found := protocol.find(route, elsewhere[1])):
        return StageMeant(found)
    if not mentions:
        return unknown
    stages = [protocol.find(route, key) for _, key in mentions]
    named = [stage for stage in stages if stage]
    if len(named) != len(stages):
        return unknown if len({key for _, key in mentions}) == 1 else StageMeant(why_not=SEVERAL_STAGES)
    last = named[-1]
    if _DOUBTS & set(tokens):
        return StageMeant(why_not=DOUBT)
    if len({stage.key for stage in named}) > 1 and not _goes_up(
        tokens, mentions, [ladder.index(each) for each in named]
    ):
        return StageMeant(why_not=SEVERAL_STAGES, perhaps=max(named, key=ladder.index))
    rest = " ".join(tokens[mentions[-1][0] + 1 :]).strip(" ,;:()–—-")
    other = _named(ladder, rest) if rest else None
    if other and other != last:
        return StageMeant(why_not=ANOTHERS_NAME)
    return StageMeant(last)


def says_ended(said: str) -> bool:
    """Whether a cell of a stage has a word that says its case has ended."""
    return bool(_ENDED & set(_TOKEN.findall(said.casefold())))


def _named(ladder: Sequence[Stage], said: str) -> Stage | None:
    """The only stage of that name."""
    plain = folded(said)
    found = [stage for stage in ladder if plain and folded(stage.name) == plain]
    return found[0] if len(found) == 1 else None


def _mentions(tokens: Sequence[str], keys: set[str]) -> list[tuple[int, str]]:
    """Where in a cell stages are named, and by what key each."""
    found = []
    for at, token in enumerate(tokens):
        after_word = at > 0 and (
            tokens[at - 1] in _STAGE_WORDS or (at > 1 and tokens[at - 1] in ":-" and tokens[at - 2] in _STAGE_WORDS)
        )
        alone = len(tokens) == 1
        before_word = at + 1 < len(tokens) and tokens[at + 1] in _STAGE_WORDS
        number = _ORDINAL.fullmatch(token) or _JOINED.fullmatch(token)
        if number:
            found.append((at, number[1]))
        elif _NUMBER.fullmatch(token):
            found.append((at, token))
        elif token in _WORDS and (after_word or alone or before_word):
            found.append((at, _WORDS[token]))
        elif token in _ROMAN and after_word:
            found.append((at, _ROMAN[token]))
        elif token in keys and not token.isdigit() and (after_word or at == 0):
            found.append((at, token))
    return found


def _goes_up(tokens: Sequence[str], mentions: Sequence[tuple[int, str]], places: Sequence[int]) -> bool:
    """Whether a cell clearly names stages one after the other, and the last of them as the one it is at."""
    if list(places) != sorted(set(places)):
        return False
    for (one, _), (other, _) in pairwise(mentions):
        between = set(tokens[one + 1 : other])
        if not between <= _BESIDE or not between & (_GOES_UP | (_MOVES if "to" in between else set())):
            return False
    return not any(token.isalnum() for token in tokens[mentions[-1][0] + 1 :])
