"""The forms protocols ask for: what can go in one, how that comes to be known, and which action it is needed for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from escalate.domain.deadlines.case_file import CaseFile
    from escalate.domain.deadlines.model import Deadline
    from escalate.domain.protocol.model import Protocol
    from escalate.domain.protocol.parts import Action, Form


def action_of(protocol: "Protocol", deadline: "Deadline") -> "Action | None":
    """The action of a protocol that a deadline is of."""
    if deadline.occasion.stay:
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
