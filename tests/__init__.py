"""The tests of escalate, in the same folders as what they are about."""

import sys

if sys.platform == "win32":
    from tests.windows.unix import name_it_all

    name_it_all()
