"""Why a case goes up a stage."""

from enum import StrEnum


class Ground(StrEnum):
    """Why a case goes up, or begins above the first stage."""

    UNRESOLVED = "unresolved"
    NO_RESPONSE = "no-response"
    URGENT = "urgent"
