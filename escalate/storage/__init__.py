"""Everything kept in files: the only place that knows SQL, sqlite-utils, TOML and the holidays library.

A module is loaded when it is first named, as `storage.bank_holidays`, so that a command pays only for what it uses.
"""

from typing import TYPE_CHECKING

from escalate.lazily import modules_of

if TYPE_CHECKING:
    from escalate.storage import backups as backups
    from escalate.storage import bank_holidays as bank_holidays
    from escalate.storage import calendars as calendars
    from escalate.storage import chain as chain
    from escalate.storage import entries as entries
    from escalate.storage import govuk as govuk
    from escalate.storage import lists as lists
    from escalate.storage import passwords as passwords
    from escalate.storage import paths as paths
    from escalate.storage import protocol_files as protocol_files
    from escalate.storage import spreadsheets as spreadsheets
    from escalate.storage import store as store
    from escalate.storage import surroundings as surroundings
    from escalate.storage import toml_files as toml_files


__getattr__ = modules_of(__name__)
