"""The forms protocols ask for: what can go in one, how that comes to be known, and which action it is needed for."""

from typing import TYPE_CHECKING, NamedTuple

from escalate.domain.case.details import TEXTS

if TYPE_CHECKING:
    from escalate.domain.deadlines.case_file import CaseFile
    from escalate.domain.deadlines.model import Deadline
    from escalate.domain.protocol.model import Action, Form, Protocol


class Source(NamedTuple):
    """Something of a case that can go in a form, and the command that records it: `set {case} subject=REFERENCE`."""

    says: str
    record: str | None = None
    once_resolved: bool = False


_RAISING = 'assign {case} raising - --role "ROLE" --email -'

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
    "by": Source("who fills it in"),
    "today": Source("the day it is filled in"),
    "by-hand": Source("nothing escalate keeps: left empty to be filled in"),
}
"""What can go in a form, by the names protocol files use."""


def action_of(protocol: "Protocol", deadline: "Deadline") -> "Action | None":
    """The action of a protocol that a deadline is of."""
    if deadline.visit > 0:
        stage = protocol.find(deadline.route, deadline.stage)
        actions = stage.actions if stage else ()
    else:
        actions = (*protocol.after_resolution, *protocol.standing_actions)
    return next((action for action in actions if action.key == deadline.action), None)


def owing(file: "CaseFile", form: str | None = None) -> "list[tuple[Deadline, str]]":
    """What is still to be done with a form, or with the one named, and the key of the form; the latest stage last."""
    found = []
    for deadline in file.deadlines:
        action = action_of(file.protocol, deadline) if deadline.met_at is None else None
        if action and action.form and form in (None, action.form):
            found.append((deadline, action.form))
    return found


def form_meant(forms: "tuple[Form, ...]", said: str) -> "Form | None":
    """A form by its key, or by the only ending of one: `2` for `appendix-2`."""
    plain = said.strip().casefold()
    named = [form for form in forms if form.key.casefold() == plain]
    meant = named or [form for form in forms if plain and form.key.casefold().endswith(plain)]
    return meant[0] if len(meant) == 1 else None
