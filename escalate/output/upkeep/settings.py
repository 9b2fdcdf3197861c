"""What is set, and where each setting comes from."""

from collections.abc import Sequence

from escalate.output.columns import Columns, Page, cell


def settings_table(rows: Sequence[tuple[str, str, str, str]]) -> Page:
    """Settings: name, value, where the value comes from, what it is."""
    table = Columns("Setting", "Value", "From", "What it is", else_cards={"What it is": 24})
    for name, value, source, says in rows:
        table.add(name, value or "-", source or "-", cell(says, style="dim"))
    return Page([table])
