"""What goes in a form, for each thing that a protocol file can ask for in one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from escalate.domain.case.details import SIDES, TEXTS
from escalate.domain.case.documents import is_document
from escalate.domain.case.entries import ADVANCED, AGREED, DONE, NOTED, Entry, effective
from escalate.domain.case.grounds import Ground
from escalate.domain.case.model import Assigned, Case, Stay
from escalate.domain.case.people import held_on
from escalate.domain.deadlines.case_file import CaseFile
from escalate.domain.worktime.clock import london_date, read_instant
from escalate.output.case.sentences import sentence
from escalate.output.names import Named
from escalate.output.words import DAY_NOT_KNOWN, full, in_full, spoken_identity


@dataclass(frozen=True, slots=True)
class Filling:
    """What a form is filled in from."""

    file: CaseFile
    """The case."""
    now: datetime
    """When it is filled in, as an instant."""
    by: str | None
    """Who fills it in; None where nobody said more than the name of an account."""


Value = Callable[[Filling], list[str]]
"""The lines that go in; none where nothing is known."""


def is_withheld(filling: Filling, source: str) -> bool:
    """Whether what would go in is recorded, and was not asked for."""
    case = filling.file.case
    side, _, name = source.partition("-")
    if side in ("raising", "receiving"):
        holders = (each for each in _held_today(filling) if each.side == side)
        return any(name in case.history[each.entry - 1].withheld for each in holders)
    name = "born" if source == "age" else source
    return name in case.said_in and case.said(name) is None


def _held_today(filling: Filling) -> list[Assigned]:
    """Who holds each side on the day on which the form is filled in."""
    case = filling.file.case
    return held_on(london_date(filling.now), case.assigned_on(case.stay.occasion))


# -- the case, the person and the agencies --------------------------------------------------------------------------------


def _reference(filling: Filling) -> list[str]:
    """The reference here, and the one of the log the case was taken over from."""
    case = filling.file.case
    before = case.history[0].data.get("imported", {}).get("reference")
    return [f"{case.ref} ({before} in the log before)" if before else case.ref]


def _said(name: str) -> Value:
    """The words or the identity of that name."""
    return lambda filling: _if_any(spoken_identity(name, filling.file.case.said(name)))


def _side(name: str) -> Value:
    """The subject or one of the two agencies."""
    return lambda filling: _if_any(getattr(filling.file.case, name))


def _if_any(said: str | None) -> list[str]:
    return [said] if said else []


def _age(filling: Filling) -> list[str]:
    said = filling.file.case.said("born")
    if said is None:
        return []
    born, today = date.fromisoformat(said), london_date(filling.now)
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return ["not yet born" if born > today else str(age)]


def _agencies(filling: Filling) -> list[str]:
    case = filling.file.case
    sides = ((case.raising_agency, "raised it"), (case.receiving_agency, "it was raised with them"))
    return [*[f"{agency} ({what})" for agency, what in sides if agency], *case.involved]


def _holder(side: str, part: str) -> Value:
    """The name, role, e-mail address or telephone number of who holds a side."""

    def lines(filling: Filling) -> list[str]:
        case = filling.file.case
        holders = (each for each in case.holders(case.stay.occasion, london_date(filling.now)) if each.side == side)
        return [said for each in holders if (said := getattr(each, part))]

    return lines


def _other_holders(filling: Filling) -> list[str]:
    """Who holds the sides but the raising one; a name that was not asked for is said to be left out."""
    case, lines = filling.file.case, []
    for assigned in _held_today(filling):
        if assigned.side == "raising":
            continue
        each = case.holder(assigned)
        agency = case.receiving_agency if each.side == "receiving" else each.side
        left_out = ["(name left out)"] if "name" in case.history[assigned.entry - 1].withheld else []
        lines.append(
            ", ".join([*left_out, *[part for part in (each.name, each.role, agency, each.email, each.phone) if part]])
        )
    return lines


def _themes(filling: Filling) -> list[str]:
    return _if_any("; ".join(map(filling.file.protocol.theme_name, filling.file.case.themes)))


def _facts(filling: Filling) -> list[str]:
    asks = {fact.key: fact.ask for fact in filling.file.protocol.facts}
    return [f"{asks.get(key, key)} {answer}" for key, answer in filling.file.case.answers.items()]


# -- when what happened ---------------------------------------------------------------------------------------------------


def _concern(filling: Filling) -> list[str]:
    """When the concern arose, where somebody said so."""
    case = filling.file.case
    given = case.concern_entry > 1 or case.history[0].data["concern_at"]
    return [_when(case.concern_at)] if given else []


def _stage(filling: Filling) -> list[str]:
    stay = filling.file.case.stay
    return [f"{stay.stage}: {_stage_name(filling.file, stay)}"]


def _stage_name(file: CaseFile, stay: Stay) -> str:
    return file.protocol.stage(stay.route, stay.stage).name


def _resolved_stage(filling: Filling) -> list[str]:
    return _stage(filling) if filling.file.case.status == "resolved" else []


def _resolved_at(filling: Filling) -> list[str]:
    at = filling.file.case.resolved_at
    return [_when(at)] if at else []


def _stages(filling: Filling) -> list[str]:
    """Each stage with when it began and ended, and what came of it."""
    stays = filling.file.case.stays
    lines = []
    for stay, following in zip(stays, (*stays[1:], None), strict=True):
        if stay.skipped:
            lines.append(f"Stage {', '.join(stay.skipped)}: skipped")
        began = f"Stage {stay.stage} ({_stage_name(filling.file, stay)}): {_when(stay.entered_at)}"
        lines.append(f"{began}{_end_of_stage(filling.file.case, stay, following)}")
    return lines


def _end_of_stage(case: Case, stay: Stay, following: Stay | None) -> str:
    """When and how a stage ended."""
    if following:
        return f" to {_when(following.entered_at)}, {following.because}{_after_colon(case.history[following.entry - 1].said('text'))}"
    if stay.left_at:
        ended = f" to {_when(case.closed_at)}" if case.closed_at else f", {DAY_NOT_KNOWN}"
        return f"{ended}, {case.status}{_after_colon(case.said('how'))}"
    return ", not ended"


def _after_colon(text: str | None) -> str:
    return f": {_one_line(text)}" if text else ""


def _happened(*kinds: str) -> Value:
    """What happened, of these kinds, in the order it did."""

    def lines(filling: Filling) -> list[str]:
        entries = [entry for entry in effective(filling.file.case.history) if entry.kind in kinds]
        return [_happening(filling.file, entry) for entry in sorted(entries, key=lambda entry: entry.at)]

    return lines


def _happening(file: CaseFile, entry: Entry) -> str:
    """When something happened, and what; of a note taken over from a log only the taking over is dated."""
    when = "" if "undated" in entry.data else f"{_when(entry.at)}: "
    said = "; ".join(_one_line(text) for field, text in entry.words.items() if not is_document(field))
    if entry.kind == NOTED:
        return f"{when}{said}"
    if entry.kind == ADVANCED:
        return f"{when}{_escalated(file, entry)}{_after_colon(said)}"
    return f"{when}{_by_name(file, entry) or sentence(entry, Named(file.protocol))}{_after_colon(said)}"


def _escalated(file: CaseFile, entry: Entry) -> str:
    """To which stage a case went, by its name and in the words of whoever fills in the form."""
    stage, ground = entry.data["stage"], str(entry.data["because"])
    why = "" if ground == Ground.UNRESOLVED else f", {ground.replace('-', ' ')}"
    return f"Escalated to stage {stage} ({file.protocol.stage(entry.data['route'], stage).name}){why}"


def _by_name(file: CaseFile, entry: Entry) -> str | None:
    """What was done or agreed, by the action's name: whoever gets the form knows no keys."""
    data = entry.data
    names = [
        each.action_name
        for each in file.deadlines
        if (each.action, each.occasion.number) == (data.get("action"), data.get("visit"))
    ]
    if not names:
        return None
    return (
        f"Done: {names[0]}" if entry.kind == DONE else f"Agreed {in_full(read_instant(data['until']))} for: {names[0]}"
    )


def _when(at: datetime) -> str:
    """An instant; where it is the first of a day the day alone, as nobody said at what time."""
    return full(at).removesuffix(" 00:00")


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _today(filling: Filling) -> list[str]:
    day = london_date(filling.now)
    return [f"{day.day} {day:%B %Y}"]


VALUES: dict[str, Value] = {
    "case": _reference,
    "name": _said("name"),
    "born": _said("born"),
    "age": _age,
    "address": _said("address"),
    **{typed: _side(name) for typed, name in SIDES.items()},
    "involved": lambda filling: list(filling.file.case.involved),
    "agencies": _agencies,
    **{
        f"{side}-{part}": _holder(side, part)
        for side in ("raising", "receiving")
        for part in ("name", "role", "email", "phone")
    },
    "others": _other_holders,
    "theme": _themes,
    **{name: _said(name) for name in TEXTS},
    "facts": _facts,
    "concern": _concern,
    "raised": lambda filling: [_when(filling.file.case.raised_at)],
    "stage": _stage,
    "stages": _stages,
    "actions": _happened(DONE, ADVANCED),
    "progress": _happened(DONE, ADVANCED, AGREED, NOTED),
    "resolved-stage": _resolved_stage,
    "resolved-at": _resolved_at,
    "partnership": lambda filling: [filling.file.protocol.partnership],
    "protocol": lambda filling: [filling.file.protocol.title],
    "by": lambda filling: _if_any(filling.by),
    "today": _today,
}
"""What goes in, by the names in `SOURCES`; only what is filled in by hand has none."""


# -- stage by stage -------------------------------------------------------------------------------------------------------


def value_of(source: str) -> Value:
    """What goes in for something that a protocol file can ask for; see `form_sources.sources_of`."""
    if source in VALUES:
        return VALUES[source]
    stage, _, part = source.removeprefix("stage-").rpartition("-")
    return lambda filling: [
        line
        for stay, following in _last_stays(filling.file.case, stage)
        for line in _OF_A_STAY[part](filling.file.case, stay, following)
    ]


def _last_stays(case: Case, stage: str) -> list[tuple[Stay, Stay | None]]:
    """The last stay at a stage, with the one after it; none where the case was never there."""
    stays = zip(case.stays, (*case.stays[1:], None), strict=True)
    return [(stay, following) for stay, following in stays if stay.stage == stage][-1:]


def _stay_ended(case: Case, stay: Stay, following: Stay | None) -> list[str]:
    if following:
        return [_when(following.entered_at)]
    return ([_when(case.closed_at)] if case.closed_at else [DAY_NOT_KNOWN]) if stay.left_at else []


def _outcome_of_stay(case: Case, stay: Stay, following: Stay | None) -> list[str]:
    if following:
        said = _one_line(case.history[following.entry - 1].said("text") or "")
        return [said or f"Escalated to stage {following.stage}"]
    if not stay.left_at:
        return []
    return [f"{case.status.capitalize()}{_after_colon(case.said('how'))}"]


_OF_A_STAY: dict[str, Callable[[Case, Stay, Stay | None], list[str]]] = {
    "begun": lambda _, stay, __: [_when(stay.entered_at)],
    "ended": _stay_ended,
    "outcome": _outcome_of_stay,
}
"""What goes in of a stay, by the names in `form_sources.STAGE_PARTS`."""
