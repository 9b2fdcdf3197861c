"""Protocols for reading: the list of them, and one as a tree."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text
from rich.tree import Tree

from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Action, Form, Stage, Timescale
from escalate.domain.worktime.allowance import CLOSE, Unit
from escalate.errors import listed
from escalate.output.columns import Columns, Page, Piece, cell, indented
from escalate.output.protocol.in_words import (
    answers_in_words,
    beginning_in_words,
    calendar_lines,
    in_words,
    others_in_words,
    owners_in_words,
    stages_in_words,
    which_counts,
    window_in_words,
    without_a_limit,
)
from escalate.output.terminal import CARD, WIDE, prints_only
from escalate.output.words import TYPED, Called, inert

NO_LINE = "    "


class Branches(Tree):
    """A tree with lines, or without them where nothing can be drawn: then what belongs to something stands further in."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if prints_only():
            self.ASCII_GUIDES = (NO_LINE,) * 4
            self.TREE_GUIDES = [self.ASCII_GUIDES]
        return super().__rich_console__(console, options)


def protocols_table(protocols: Sequence[Protocol], width: int) -> Page:
    """A line for each protocol; a card on a narrow terminal."""
    if width <= CARD:
        return Page([part for protocol in protocols for part in _protocol_card(protocol)])
    wide = width >= WIDE
    table = Columns(
        "Protocol", "Title", *(["For"] if wide else []), "Edition", "Routes", whole=["Protocol", "Edition", "Routes"]
    )
    for protocol in protocols:
        covers = [" and ".join(protocol.covers)] if wide else []
        routes = [(inert(route.key), "") for route in protocol.routes]
        title = cell(protocol.title, protocol.partnership)
        table.add(protocol.id, title, *covers, protocol.edition.dated, routes)
    return Page([table])


def _protocol_card(protocol: Protocol) -> list[Piece | Columns]:
    """Each thing on a line of its own."""
    routes = ", ".join(route.key for route in protocol.routes)
    said = [(protocol.title, ""), (protocol.partnership, "dim"), (f"edition: {protocol.edition.dated}", "")]
    return [(inert(protocol.id), "bold"), indented([*said, (f"routes: {routes}", "")])]


def protocol_tree(protocol: Protocol, route: str | None = None, called: Called = TYPED) -> RenderableType:
    """The ladders, with who owns each stage, what has to be done within what time, and where it is written."""
    head = Text(inert(_keyed(protocol.id, protocol.title, called)), style="bold")
    head.append("".join(f"\n{inert(line)}" for line in _head(protocol, called)), style="not bold")
    trees: list[RenderableType] = [head]
    for way in [protocol.route(route)] if route else protocol.routes:
        top = Text(f"\n{inert(_keyed(f'route {way.key}', way.name, called))}", style="bold")
        if way.cite:
            top.append(f"  [{inert(way.cite)}]", style="not bold dim")
        if way.use:
            top.append(f"\n{inert(way.use)}", style="not bold")
        tree = Branches(top, guide_style="dim")
        if way.cap:
            tree.add(_timescale("the whole of it:", way.cap, protocol, called))
        for stage in protocol.ladder(way.key):
            _add_stage(tree, protocol, stage, called)
        trees.append(tree)
    trees += _beside(protocol, called)
    return Group(*trees)


def _keyed(key: str, said: str, called: Called) -> str:
    """What somebody types, and what it means; the latter alone where nothing is typed."""
    return said if called.by_name else f"{key}: {said}"


def _head(protocol: Protocol, called: Called) -> Iterator[str]:
    """Whose it is, which edition, and what it counts on, a line each."""
    yield f"{protocol.partnership}, for {' and '.join(protocol.covers) or 'whom it concerns'}"
    yield f"From: {protocol.source}"
    edition = protocol.edition
    dates = {"agreed": edition.agreed, "in force from": edition.in_force, "to be reviewed": edition.review}
    yield ", ".join([f"Edition: {edition.dated}", *(f"{what} {when}" for what, when in dates.items() if when)])
    usual, *others = calendar_lines(protocol, called)
    yield f"Working days: those of {usual}"
    yield from (f"Days of its own, {line}" for line in others)
    if not protocol.calendar.hours and any(_asks_for_hours(each) for each in _timescales(protocol)):
        yield f"Working hours: those of the nation's calendar{'' if called.by_name else ' (escalate calendar show)'}"


def _timescales(protocol: Protocol) -> Iterator[Timescale]:
    """Every timescale there is."""
    yield from (route.cap for route in protocol.routes if route.cap)
    yield from (timescale for action in protocol.actions for timescale in action.timescales)


def _asks_for_hours(timescale: Timescale) -> bool:
    """Whether it matters to a timescale when offices open or close."""
    within = timescale.within
    return within.by == CLOSE or within.unit is Unit.WORKING_HOUR


def _add_stage(tree: Tree, protocol: Protocol, stage: Stage, called: Called) -> None:
    label = Text(_heading(f"stage {stage.key}: {inert(stage.name)}", called), style="bold")
    label.append(f"  [{inert(stage.cite)}]", style="not bold dim")
    label.append(f"\nowner: {inert(stage.owner)}", style="not bold")
    for other in owners_in_words(stage, called):
        label.append(f"\nowner: {inert(other)}", style="not bold")
    if stage.counterpart:
        label.append(f"\nwith: {inert(stage.counterpart)}", style="not bold")
    branch = tree.add(label)
    if stage.not_owner_of:
        branch.add(
            Text(f"not whoever was responsible at {inert(stages_in_words(stage.not_owner_of, protocol, called))}")
        )
    if stage.needs:
        needed = listed([called.action(each) for each in stage.needs], "and")
        branch.add(Text(f"needed before it: {inert(needed)}"))
    for action in stage.actions:
        branch.add(_action(protocol, stage, action, called))
    for reminder in stage.reminders:
        branch.add(Text(inert(reminder), style="dim"))
    if stage.reading:
        branch.add(Text(f"reading: {inert(stage.reading)}", style="dim italic"))
    branch.add(
        Text(
            f"next: {inert(stages_in_words(stage.next, protocol, called))}" if stage.next else "Last stage",
            style="bold",
        )
    )


def _action(protocol: Protocol, stage: Stage | None, action: Action, called: Called) -> Text:
    """What has to be done, and below it all that the protocol says about it."""
    when = f" (if {inert(called.condition(action.when.text))})" if action.when else ""
    label = Text.assemble((f"{inert(action.name)}{when}", "bold" if called.by_name else "not bold"))
    if not called.by_name:
        label = Text(action.key, style="bold").append(": ").append(label)
    if action.timescales and action.cite and action.cite not in [each.cite for each in action.timescales]:
        label.append(f"  [{inert(action.cite)}]", style="not bold dim")
    owner = action.owner if stage is None or action.owner != stage.owner else None
    before = {
        "by: {}": owner and (f"{owner}, on the {action.side} side" if action.side else owner),
        "by the {} side": not owner and action.side,
        "{}": action.window and window_in_words(action, protocol, called),
        "only if stage {} was reached": action.if_reached,
        "{}:": which_counts(action, protocol),
    }
    closes = action.window and action.timescales and "may be used until then; not overdue afterwards"
    after = {
        "{}": closes,
        "once that has passed: {}": action.once_passed,
        "from then on also with: {}": action.then_owner,
    }
    others = (_plain(f"by: {each}") for each in owners_in_words(action, called))
    lines = [*others, *_said(before), *_limits(protocol, stage, action, called), *_said(after)]
    if action.reading:
        lines.append(Text(f"reading: {inert(action.reading)}", style="not bold dim italic"))
    if action.form:
        name = next(form.name for form in protocol.forms if form.key == action.form)
        lines.append(_plain(f"needs the form{'' if called.by_name else f' {action.form}'}: {name}"))
    lines += [_plain(f"contact: {contact}") for contact in protocol.reached_through(action)]
    for line in lines:
        label.append("\n").append(line)
    return label


def _said(values: Mapping[str, object]) -> Iterator[Text]:
    """A line for each thing that is said, by how the line reads."""
    return (_plain(line.format(value)) for line, value in values.items() if value)


def _plain(text: str) -> Text:
    return Text(inert(text), style="not bold")


def _limits(protocol: Protocol, stage: Stage | None, action: Action, called: Called) -> Iterator[Text]:
    """Within what time it has to be done, a line for each timescale."""
    for timescale in action.timescales:
        yield _timescale("", timescale, protocol, called)
    if not action.timescales:
        cite = action.cite or (stage.cite if stage else "")
        begins = inert(beginning_in_words(action, protocol, called))
        source = (f"  [{inert(cite)}]", "not bold dim")
        yield Text.assemble((begins, "not bold"), (without_a_limit(action, stage), "not bold underline"), source)


def _timescale(what: str, timescale: Timescale, protocol: Protocol, called: Called) -> Text:
    text = Text(inert(f"{what} {in_words(timescale, protocol, called)}".strip()), style="not bold")
    text.append(f"  [{inert(timescale.cite)}]", style="dim")
    if timescale.reading:
        text.append(f"\nreading: {inert(timescale.reading)}", style="dim italic")
    for said, other in zip(others_in_words(timescale, protocol, called), timescale.other_readings, strict=True):
        text.append(f"\nor {inert(said)}", style="not bold")
        text.append(f"\nreading: {inert(other.reading)}", style="dim italic")
    return text


def _beside(protocol: Protocol, called: Called) -> Iterator[RenderableType]:
    """What stands beside the ladders, under a heading each."""
    for title, actions in (("once resolved", protocol.after_resolution), ("at any stage", protocol.standing_actions)):
        yield from _branches(_heading(title, called), [_action(protocol, None, action, called) for action in actions])
    lists = {
        "what it asks about a case": [
            f"{_keyed(fact.key, fact.ask, called)} ({answers_in_words(fact)}){_cited(fact.cite)}"
            for fact in protocol.facts
        ],
        "dates it counts from": [
            f"{_keyed(event.key, event.ask, called)}{_cited(event.cite)}" for event in protocol.dated_events
        ],
        "to keep in mind": [
            f"{each.text}{f' (if {called.condition(each.when.text)})' if each.when else ''}{_cited(each.cite)}"
            for each in protocol.reminders
        ],
        "themes": [f"{_keyed(theme.key, theme.name, called)}{_cited(theme.cite)}" for theme in protocol.themes],
        "contacts": [f"{_keyed(each.key, each.reached_at, called)}{_cited(each.cite)}" for each in protocol.contacts],
        "not for": protocol.not_for,
        "worked examples" if called.by_name else "examples that protocol check plays": [
            f"{each.name}{_cited(each.cite)}" for each in protocol.examples
        ],
    }
    for title, lines in lists.items():
        if title == "themes":
            yield from _forms(protocol.forms, called)
        yield from _branches(_heading(title, called), [Text(inert(line)) for line in lines])


def _heading(title: str, called: Called) -> str:
    """What stands above a part; on paper it is a heading among others."""
    return f"{title[0].upper()}{title[1:]}" if called.by_name else title


def _cited(cite: str | None) -> str:
    return f"  [{cite}]" if cite else ""


def _branches(title: str, things: Sequence[Text]) -> Iterator[Tree]:
    """A tree of things under a title; nothing where there are none."""
    if things:
        tree = Branches(Text(f"\n{title}", style="bold"), guide_style="dim")
        for thing in things:
            tree.add(thing)
        yield tree


def _forms(forms: Sequence[Form], called: Called) -> Iterator[Tree]:
    """Each form, where it goes, and below it what it asks for, in its sections."""
    named = [
        f"{_keyed(form.key, form.name, called)}{f', to: {form.send_to}' if form.send_to else ''}{f', in {form.template}' if form.template else ''}  [{form.cite}]"
        for form in forms
    ]
    for tree in _branches(_heading("forms", called), [Text(inert(name)) for name in named]):
        for branch, form in zip(tree.children, forms, strict=True):
            place = branch
            for field in form.fields:
                place = branch.add(Text(inert(field.section))) if field.section else place
                place.add(
                    Text(
                        inert(f"{field.heading}: {called.key(field.source)}{f' ({field.hint})' if field.hint else ''}")
                    )
                )
        yield tree
