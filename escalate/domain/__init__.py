"""What escalate is about: protocols, calendars, histories and deadlines. Standard library only; no clock, no files, no printing.

A module is loaded when it is first named, as `domain.allowance`, so that a command pays only for what it uses.
"""

from typing import TYPE_CHECKING

from escalate.lazily import modules_of

if TYPE_CHECKING:
    from escalate.domain import agenda as agenda
    from escalate.domain import allowance as allowance
    from escalate.domain import axis as axis
    from escalate.domain import calendar as calendar
    from escalate.domain import casefile as casefile
    from escalate.domain import columns as columns
    from escalate.domain import comparison as comparison
    from escalate.domain import copying as copying
    from escalate.domain import counting as counting
    from escalate.domain import coverage as coverage
    from escalate.domain import deadlines as deadlines
    from escalate.domain import decisions as decisions
    from escalate.domain import digest as digest
    from escalate.domain import errors as errors
    from escalate.domain import file_schema as file_schema
    from escalate.domain import forms as forms
    from escalate.domain import health as health
    from escalate.domain import history as history
    from escalate.domain import importing as importing
    from escalate.domain import likeness as likeness
    from escalate.domain import lines as lines
    from escalate.domain import london as london
    from escalate.domain import mailing as mailing
    from escalate.domain import moves as moves
    from escalate.domain import own_calendar as own_calendar
    from escalate.domain import particulars as particulars
    from escalate.domain import period as period
    from escalate.domain import plan as plan
    from escalate.domain import protocol as protocol
    from escalate.domain import protocol_review as protocol_review
    from escalate.domain import report as report
    from escalate.domain import standing as standing
    from escalate.domain import suppression as suppression


__getattr__ = modules_of(__name__)
