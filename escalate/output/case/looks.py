"""Who looked at names, as a table and as a document."""

from collections.abc import Sequence

from escalate.domain.case.look import ASKED, ERASED_LOOKS, ERASED_REASONS, REASON, TAKEN_OVER, Look
from escalate.output.columns import Columns, Page, cell
from escalate.output.documents import Document, instant
from escalate.output.words import full
from escalate.wording import how_many

FEW = 6
"""So many cases are named in a line of the table; of more it says how many."""

CLOCK_SET = "clock set by hand"
"""What is said below the time of a look that was recorded so."""


def looks_table(looks: Sequence[Look], width: int) -> Page:  # noqa: ARG001  # as other pages are made
    """A line for each look, the newest first."""
    table = Columns("When", "Who", "Command", "Cases", "Why")
    for each in looks:
        login = f"login {each.login}" if each.login and each.login != each.by else None
        table.add(
            cell(full(each.at), CLOCK_SET if each.clock else None),
            cell(each.by, login),
            cell(each.command, _options(each)),
            _cases(each),
            cell(*_why(each)),
        )
    return Page([table])


def _cases(look: Look) -> str:
    if len(look.cases) > FEW:
        return f"{how_many(len(look.cases), 'case')}: {', '.join(look.cases[:FEW])} ..."
    return ", ".join(look.cases) or "none"


def _options(look: Look) -> list[str]:
    return [f"--{name} {value}" for name, value in look.data.get("options", {}).items()]


def _why(look: Look) -> tuple[str | None, list[str]]:
    """The reason, and below it what was asked for, or what became of either."""
    if erased := look.data.get(ERASED_LOOKS):
        return f"erased the words of {how_many(len(erased), 'look')}", []
    if erased := look.data.get(ERASED_REASONS):
        return (
            f"erased why {how_many(len(erased), 'change')} of calendars {'was' if len(erased) == 1 else 'were'} made",
            [],
        )
    if taken := look.data.get(TAKEN_OVER):
        return f"took over cases of the file with the head {taken['head'][:20]}...", []
    reason = look.words.get(REASON) or ("erased" if REASON in look.gone else None)
    if asked := look.words.get(ASKED):
        return reason, [f"asked for: {asked}"]
    hidden = "erased" if ASKED in look.gone else "shown with --identify" if ASKED in look.withheld else None
    return reason, [f"what was asked for: {hidden}"] if hidden else []


def look_document(look: Look) -> Document:
    """A look for a script; what was asked for and the reason are null where they are not known, erased or not shown."""
    return {
        "look": look.key,
        "at": instant(look.at),
        "clock_set_by_hand": look.clock is not None,
        "by": look.by,
        "login": look.login,
        "command": look.command,
        "cases": list(look.cases),
        "options": look.data.get("options", {}),
        "reason": look.words.get(REASON),
        "asked": look.words.get(ASKED),
        "withheld": list(look.withheld),
        "gone": list(look.gone),
        "erased": look.data.get(ERASED_LOOKS, []),
        "erased_reasons": look.data.get(ERASED_REASONS, []),
        "taken_over": look.data.get(TAKEN_OVER),
    }
