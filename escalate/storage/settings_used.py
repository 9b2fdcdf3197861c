"""The settings that decide how a deadline stands, as they were when something was recorded, so that an earlier day can be looked at.

Each person has settings of their own, so they are kept by who recorded. Working hours are not here: every version of a calendar has its own.
This says how something was shown and is no part of the history: the chain of hashes does not cover it.
"""

from collections.abc import Mapping
from datetime import datetime

from escalate.domain.worktime.allowance import Allowance
from escalate.domain.worktime.clock import written
from escalate.errors import BadAllowance
from escalate.storage.interface import Database

AT_RISK = "at_risk"
"""How near a deadline is at risk (rule C9), as the settings file calls it."""


class SettingsUsed:
    """The settings that people had when they recorded something in one file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, by: str, at: datetime, settings: Mapping[str, str]) -> None:
        """Keep the settings with which somebody records something, where they differ from those they had before. Inside `writing`."""
        for name, value in settings.items():
            if self._used(by, name, at) != value:
                self._database.keep_setting(by, name, written(at), value)

    def at_risk(self, by: str, at: datetime) -> Allowance | None:
        """How near a deadline was at risk for somebody at an instant; None where they had recorded nothing by then. Raises NotOurFile."""
        said = self._used(by, AT_RISK, at)
        if said is None:
            return None
        from escalate.domain.worktime.read_allowance import parse_allowance  # only what looks back reads one

        with self._database.undamaged("the settings it keeps", (BadAllowance,)):
            return parse_allowance(said)

    def _used(self, by: str, name: str, at: datetime) -> str | None:
        row = self._database.row("setting_used", by=by, name=name, at=written(at))
        return row["value"] if row else None
