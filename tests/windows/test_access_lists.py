"""Who is let in by the list of access that Windows keeps in the place of a mode."""

import sys
from pathlib import Path

import pytest

from escalate.access_lists import others_in

OWNER = "S-1-5-21-1-2-3-1001"
CLOSED = f"O:{OWNER}D:PAI(A;;FA;;;{OWNER})(A;;FA;;;SY)(A;;FA;;;BA)"

LISTS = [
    # list, who is let in beside the owner, and who of them may change something
    (CLOSED, [], []),
    (f"O:{OWNER}G:DUD:AI(A;ID;FA;;;SY)(A;ID;FA;;;BA)(A;ID;FA;;;{OWNER})", [], []),
    ("O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;OW)", [], []),
    (f"O:{OWNER}D:(A;;0x1200a9;;;BU)(A;;FA;;;{OWNER})", ["BU"], []),
    (f"O:{OWNER}D:(A;;FR;;;WD)", ["WD"], []),
    (f"O:{OWNER}D:AI(A;ID;0x1301bf;;;AU)(A;ID;FA;;;SY)", ["AU"], ["AU"]),
    (f"O:{OWNER}D:(A;;FA;;;S-1-5-21-1-2-3-1002)", ["S-1-5-21-1-2-3-1002"], ["S-1-5-21-1-2-3-1002"]),
    (f"O:{OWNER}D:(A;OICIIO;GA;;;CO)(A;CI;FRFX;;;BU)", ["BU"], []),
    (f"O:{OWNER}D:(A;CI;CCDC;;;BU)", ["BU"], ["BU"]),
    (f"O:{OWNER}D:(D;;FA;;;WD)(A;;FA;;;{OWNER})", [], []),
    (f"O:{OWNER}D:(XA;;FR;;;WD;(@User.x == 1))", ["WD"], []),
    (f"O:{OWNER}D:NO_ACCESS_CONTROL", ["WD"], ["WD"]),
    (f"O:{OWNER}", ["WD"], ["WD"]),
    (f"O:{OWNER}D:", [], []),
]


@pytest.mark.parametrize(("written", "others", "writers"), LISTS)
def test_who_is_let_in(written: str, others: list[str], writers: list[str]) -> None:
    assert (others_in(written), others_in(written, who_write=True)) == (others, writers)


@pytest.mark.skipif(sys.platform != "win32", reason="only Windows has such lists")
def test_what_is_closed_is_closed(tmp_path: Path) -> None:
    from escalate.access_lists import close_to_others, list_of

    (tmp_path / "a file").write_text("x", encoding="utf-8")
    for path in (tmp_path / "a file", tmp_path):
        close_to_others(path)
        assert others_in(list_of(path)) == []
    assert (tmp_path / "a file").read_text(encoding="utf-8") == "x"
