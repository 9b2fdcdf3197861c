"""What can go in a form, by the names protocol files use, and the command that records each."""

import re
from typing import NamedTuple

from escalate.domain.case.details import TEXTS
from escalate.domain.protocol.model import Protocol


class Source(NamedTuple):
    """Something of a case that can go in a form, and the command that records it: `set {case} subject=REFERENCE`."""

    says: str
    """What it is."""
    record: str | None = None
    """The command line that records it, with `{case}` for the reference; None where no single command does."""
    once_resolved: bool = False
    """It is known only once the case is resolved."""
    otherwise: str | None = None
    """What to do where it is not known and no command records it."""


_RAISING = 'assign {case} raising - --role "ROLE" --email -'
_RECEIVING = 'assign {case} receiving - --role "ROLE" --email -'

SOURCES = {
    "case": Source("the reference of the case"),
    "subject": Source("the reference of the person", "set {case} subject=REFERENCE"),
    "name": Source("the name of the person", "set {case} name=-"),
    "born": Source("the date of birth", "set {case} born=-"),
    "age": Source("the age, worked out from the date of birth", "set {case} born=-"),
    "address": Source("the address of the person", "set {case} address=-"),
    "from": Source("the agency that raised it", "set {case} from=AGENCY"),
    "to": Source("the agency it was raised with", "set {case} to=AGENCY"),
    "involved": Source("other agencies involved", "set {case} involved=AGENCY"),
    "agencies": Source("all agencies that have to do with it", "set {case} from=AGENCY to=AGENCY"),
    "raising-name": Source("who holds it for the agency that raised it", _RAISING),
    "raising-role": Source("their role", _RAISING),
    "raising-email": Source("their e-mail address", _RAISING),
    "raising-phone": Source("their telephone number", f"{_RAISING} --phone -"),
    "receiving-name": Source("who holds it for the agency it was raised with", _RECEIVING),
    "receiving-role": Source("their role", _RECEIVING),
    "receiving-email": Source("their e-mail address", _RECEIVING),
    "receiving-phone": Source("their telephone number", f"{_RECEIVING} --phone -"),
    "others": Source("who holds the other sides, with role and agency", 'assign {case} receiving - --role "ROLE"'),
    "theme": Source("what it is about, to count by", "set {case} theme=THEME"),
    **{
        name: Source(heading, f'set {{case}} {name}="..."')
        for name, heading in TEXTS.items()
        if name not in ("how", "lessons")
    },
    "how": Source(TEXTS["how"], 'set {case} how="..."', once_resolved=True),
    "lessons": Source(TEXTS["lessons"], 'set {case} lessons="..."', once_resolved=True),
    "facts": Source("the answers to what the protocol asks", "set {case} FACT=ANSWER"),
    "concern": Source("when the concern arose", "set {case} concern=WHEN"),
    "raised": Source("when it was raised"),
    "stage": Source("the stage it is at, or ended at"),
    "stages": Source("every stage with its dates and how it ended"),
    "actions": Source("what has been done", "done {case} ACTION"),
    "progress": Source("what has been done, agreed and noted", 'note {case} "..."'),
    "resolved-stage": Source("the stage it was resolved at", once_resolved=True),
    "resolved-at": Source("when it was resolved", once_resolved=True),
    "partnership": Source("the name of the partnership"),
    "protocol": Source("the title of the protocol"),
    "by": Source(
        "who fills it in", otherwise='write by = "YOUR NAME" in the settings file; escalate config says where it is'
    ),
    "today": Source("the day it is filled in"),
    "family": Source("whom in the family it was talked over with: left empty to be filled in"),
    "signature": Source("a line to sign on: left empty"),
    "by-hand": Source("nothing escalate keeps: left empty to be filled in"),
}
"""What can go in a form, by the names protocol files use; of each stage there is more: see `sources_of`."""

BY_HAND = ("family", "signature", "by-hand")
"""What is left empty in a form, to be filled in with a pen."""

OF_NO_CASE = ("partnership", "protocol", "by", "today")
"""What is the same for all cases of a protocol."""

STAGE_PARTS = {
    "begun": "when stage {stage} began",
    "ended": "when stage {stage} ended",
    "outcome": "what came of stage {stage}",
}
"""What can go in a form of each stage: `stage-2-begun` for the stage with the key 2."""


def sources_of(protocol: Protocol) -> dict[str, Source]:
    """What can go in a form of a protocol, by the names its file uses."""
    stages = dict.fromkeys(stage.key for stage in protocol.stages)
    of_stages = {
        f"stage-{stage}-{part}": Source(says.format(stage=stage))
        for stage in stages
        for part, says in STAGE_PARTS.items()
    }
    return {**SOURCES, **of_stages}


def is_name_of_template(said: str) -> bool:
    """Whether somebody named a Word file, and no folder."""
    return re.fullmatch(r"[^/\\\x00-\x1f]*[^/\\\x00-\x1f.][^/\\\x00-\x1f]*\.docx", said, re.IGNORECASE) is not None
