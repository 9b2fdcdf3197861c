"""The forms that a protocol asks for: which one somebody means, and what is still to be done with one."""

from collections.abc import Sequence

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.model import Deadline
from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Action, Form


def action_of(protocol: Protocol, deadline: Deadline) -> Action | None:
    """The action of a protocol that a deadline is of."""
    if deadline.occasion.stay:
        stage = protocol.find(deadline.route, deadline.stage)
        actions = stage.actions if stage else ()
    else:
        actions = (*protocol.after_resolution, *protocol.standing_actions)
    return next((action for action in actions if action.key == deadline.action), None)


def owing(file: CaseFile, form: str | None = None) -> list[tuple[Deadline, str]]:
    """The deadlines still to be met with a form, or with the one named, each with the key of its form; the latest stage last."""
    found = []
    for deadline in file.deadlines:
        action = action_of(file.protocol, deadline) if deadline.is_open else None
        if action and action.form and form in (None, action.form):
            found.append((deadline, action.form))
    return found


def form_meant(forms: Sequence[Form], said: str) -> Form | None:
    """A form by its key, or by the only ending of one: `2` for `appendix-2`."""
    plain = said.strip().casefold()
    named = [form for form in forms if form.key.casefold() == plain]
    meant = named or [form for form in forms if plain and form.key.casefold().endswith(plain)]
    return meant[0] if len(meant) == 1 else None
