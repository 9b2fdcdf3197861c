"""What people and scripts get to see. Renderers return; `terminal` alone writes.

A module is loaded when it is first named, as `output.cases`, so that a command pays only for what it uses.
"""

from typing import TYPE_CHECKING

from escalate.lazily import modules_of

if TYPE_CHECKING:
    from escalate.output import axis as axis
    from escalate.output import begun as begun
    from escalate.output import calendar_checks as calendar_checks
    from escalate.output import calendars as calendars
    from escalate.output import cases as cases
    from escalate.output import changes as changes
    from escalate.output import columns as columns
    from escalate.output import comparison as comparison
    from escalate.output import digest as digest
    from escalate.output import documents as documents
    from escalate.output import entries as entries
    from escalate.output import exports as exports
    from escalate.output import files as files
    from escalate.output import form_docx as form_docx
    from escalate.output import forms as forms
    from escalate.output import ics as ics
    from escalate.output import imports as imports
    from escalate.output import kept as kept
    from escalate.output import lines as lines
    from escalate.output import lists as lists
    from escalate.output import mishap as mishap
    from escalate.output import pages as pages
    from escalate.output import post as post
    from escalate.output import proof as proof
    from escalate.output import protocols as protocols
    from escalate.output import report as report
    from escalate.output import report_page as report_page
    from escalate.output import report_sheets as report_sheets
    from escalate.output import sentences as sentences
    from escalate.output import tables as tables
    from escalate.output import terminal as terminal
    from escalate.output import words as words


__getattr__ = modules_of(__name__)
