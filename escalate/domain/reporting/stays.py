"""The stages a case has been at, as a picture shows them."""

from datetime import datetime

from escalate.domain.case.occasion import Occasion
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.deadlines.standing import of_the_stage
from escalate.domain.reporting.model import LadderStay


def ladder_stays(file: CaseFile) -> tuple[LadderStay, ...]:
    """Every stay of a case at a stage, in order, with when its limit fell or will fall."""
    return tuple(
        LadderStay(
            stage=stay.stage,
            stage_name=file.protocol.stage(stay.route, stay.stage).name,
            entered_at=stay.entered_at,
            left_at=stay.left_at,
            due_at=_limit_of_stage(file, stay.occasion),
        )
        for stay in file.case.stays
    )


def _limit_of_stage(file: CaseFile, occasion: Occasion) -> datetime | None:
    """When the time of a stage ran out during a stay, or will; None where it has no date."""
    ends = of_the_stage(file.deadlines, occasion)
    return ends.due_at if ends else None
