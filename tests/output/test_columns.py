"""How wide columns are where there is little room."""

import pytest

from escalate.output.columns import Columns, Page


@pytest.mark.parametrize("width", [20, 30, 40, 48, 56, 64, 80, 120])
def test_nothing_is_left_out_and_nothing_stands_beyond_the_edge(width: int) -> None:
    table = Columns("Stage", "", "Entered", "Due", "Standing", whole=["Stage", "Entered", "Due"], low=True)
    row = ("dissent", "Dissenting professional", "Mon 14 Dec 09:00", "Wed 16 Dec", "met-late Thu 17 Dec 12:00")
    table.add(*row)
    lines = [line.rstrip("\n") for line in Page([table]).text(width)]
    assert max(map(len, lines)) <= width
    shown = "".join(sorted("".join(lines).replace(" ", "")))
    assert shown == "".join(sorted("StageEnteredDueStanding" + "".join(row).replace(" ", "")))


def test_what_is_to_stay_whole_is_broken_only_where_others_would_be_a_letter_wide() -> None:
    table = Columns("Stage", "", "Entered", whole=["Stage", "Entered"])
    table.add("dissent", "Dissenting professional", "Mon 14 Dec 09:00")
    for width, whole in ((60, True), (32, True), (31, True), (28, False)):
        assert ("Mon 14 Dec 09:00" in "".join(Page([table]).text(width))) is whole, width
