"""What has to be done before a stage: told and listed where it is not, and nobody is held back."""

from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.protocol.parts import Action


def not_done_before(file: CaseFile) -> list[Action]:
    """What the stage of an open case needs and nobody has done yet, in the order of the protocol."""
    if file.case.status != "open":
        return []
    needs = file.protocol.stage(file.case.stay.route, file.case.stay.stage).needs
    done = {each.action for each in file.deadlines if each.met_at} | {each.action for each in file.case.done}
    missing = {each.key: each for each in reversed(list(file.protocol.actions)) if each.key in needs}
    return [missing[key] for key in needs if key not in done]
