"""How wide columns are where there is little room."""

from collections import Counter

import pytest

from escalate.output.columns import Columns, Page


@pytest.mark.parametrize("width", [20, 30, 40, 48, 56, 64, 80, 120])
def test_nothing_is_left_out_and_nothing_stands_beyond_the_edge(width: int) -> None:
    table = Columns("Stage", "", "Entered", "Due", "Standing", whole=["Stage", "Entered", "Due"], low=True)
    row = ("dissent", "Dissenting professional", "Mon 14 Dec 09:00", "Wed 16 Dec", "met-late Thu 17 Dec 12:00")
    table.add(*row)
    lines = [line.rstrip("\n") for line in Page([table]).text(width)]
    assert max(map(len, lines)) <= width
    words = {part for text in (*row, "Stage", "Entered", "Due", "Standing") for part in (*text.split(), "met-", "late")}
    assert {word.rstrip(":") for line in lines for word in line.split()} <= words
    shown = Counter("".join(lines).replace(" ", ""))
    assert Counter("".join(row).replace(" ", "")) <= shown


def test_where_a_column_would_be_narrower_than_it_may_be_each_row_is_a_card() -> None:
    table = Columns("Setting", "What it is", else_cards={"What it is": 16})
    table.add("working_hours", "the working hours a calendar starts out with")
    beside = [line.rstrip("\n") for line in Page([table]).text(31)]
    assert beside[1:] == [
        "working_hours  the working",
        "               hours a calendar",
        "               starts out with",
    ]
    assert list(Page([table]).text(30)) == [
        "working_hours\n", "  What it is: the working\n", "  hours a calendar starts out\n", "  with\n",
    ]  # fmt: skip


def test_where_words_would_be_broken_each_row_is_a_card() -> None:
    table = Columns("Stage", "", "Due")
    table.add("dissent", [("Dissenting professional", ""), ("resolve", "dim")], "Wed 16 Dec")
    table.add("2", "", "no date")
    assert list(Page([table]).text(20)) == [
        "dissent\n", "  Dissenting\n", "  professional\n", "  resolve\n", "  Due: Wed 16 Dec\n", "2\n", "  Due: no date\n",
    ]  # fmt: skip


def test_a_long_word_is_broken_at_its_hyphens_and_slashes() -> None:
    table = Columns("Action", "Place")
    table.add("police-and-safeguarding", "/home/unit/escalate/backups")
    lines = list(Page([table]).text(34))
    assert max(len(line.rstrip("\n")) for line in lines) <= 34
    assert {word for line in lines[1:] for word in line.split()} == {
        "police-and-", "safeguarding", "/home/unit/", "escalate/backups",
    }  # fmt: skip


def test_what_is_to_stay_whole_is_broken_before_words_are() -> None:
    table = Columns("Stage", "", "Entered", whole=["Stage", "Entered"])
    table.add("dissent", "Dissenting professional", "Mon 14 Dec 09:00")
    for width, whole in ((60, True), (39, True), (38, False)):
        assert ("Mon 14 Dec 09:00" in "".join(Page([table]).text(width))) is whole, width
