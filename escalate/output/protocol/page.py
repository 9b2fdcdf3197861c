"""Protocols for reading: the list of them, and one as a tree."""

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from escalate.domain.protocol.model import Protocol
from escalate.domain.protocol.parts import Action, Form, Stage, Timescale
from escalate.output import tables
from escalate.output.protocol.in_words import in_words, own_calendars, window_in_words
from escalate.output.terminal import WIDE
from escalate.output.words import inert


def protocols_table(protocols: Sequence[Protocol], width: int) -> Table:
    """A line for each protocol."""
    wide = width >= WIDE
    table = tables.table("Protocol", "Title", *(["For"] if wide else []), "Edition", "Routes")
    for protocol in protocols:
        title = Text(inert(protocol.title)).append(f"\n{inert(protocol.partnership)}", style="dim")
        covers = [" and ".join(protocol.covers)] if wide else []
        routes = ", ".join(route.key for route in protocol.routes)
        table.add_row(protocol.id, title, *covers, protocol.edition.dated, routes)
    return table


def protocol_tree(protocol: Protocol, route: str | None = None) -> RenderableType:
    """The ladders, with who owns each stage, what has to be done within what time, and where it is written."""
    head = Text(f"{protocol.id}: {inert(protocol.title)}\n", style="bold")
    head.append(
        f"{inert(protocol.partnership)}. Edition: {_edition(protocol)}. Calendar: {protocol.calendar.name}.",
        style="not bold",
    )
    trees: list[RenderableType] = [head]
    for way in [protocol.route(route)] if route else protocol.routes:
        top = Text(f"\nroute {way.key}: {inert(way.name)}", style="bold")
        if way.use:
            top.append(f"\n{inert(way.use)}", style="not bold")
        tree = Tree(top, guide_style="dim")
        if way.cap:
            tree.add(_timescale("the whole of it:", way.cap, protocol))
        for stage in protocol.ladder(way.key):
            _add_stage(tree, protocol, stage)
        trees.append(tree)
    trees += _beside(protocol)
    return Group(*trees)


def _edition(protocol: Protocol) -> str:
    edition = protocol.edition
    rest = [f"agreed {edition.agreed}" if edition.agreed else "", f"review {edition.review}" if edition.review else ""]
    return ", ".join([edition.dated, *[each for each in rest if each]])


def _add_stage(tree: Tree, protocol: Protocol, stage: Stage) -> None:
    label = Text(f"stage {stage.key}: {inert(stage.name)}", style="bold")
    label.append(f"\nowner: {inert(stage.owner)}", style="not bold")
    if stage.counterpart:
        label.append(f"\nwith: {inert(stage.counterpart)}", style="not bold")
    branch = tree.add(label)
    for action in stage.actions:
        branch.add(_action(protocol, stage, action))
    for reminder in stage.reminders:
        branch.add(Text(inert(reminder), style="dim"))
    if stage.reading:
        branch.add(Text(f"reading: {inert(stage.reading)}", style="dim italic"))
    branch.add(Text(f"then: {', '.join(stage.next)}" if stage.next else "nothing follows", style="bold"))


def _action(protocol: Protocol, stage: Stage | None, action: Action) -> Text:
    """What has to be done, and below it all that the protocol says about it."""
    when = f" (when {inert(action.when.text)})" if action.when else ""
    label = Text(action.key, style="bold").append(f": {inert(action.name)}{when}", style="not bold")
    owner = action.owner if stage is None or action.owner != stage.owner else None
    before = {
        "by: {}": owner,
        "side: {}": action.side,
        "a window: {}; it only closes": action.window and window_in_words(action),
        "whichever is later of:": len(action.timescales) > 1 and action.whichever == "later",
    }
    after = {"once that has passed: {}": action.once_passed, "and then also: {}": action.then_owner}
    lines = [*_said(before), *_limits(protocol, stage, action), *_said(after)]
    if action.reading:
        lines.append(Text(f"reading: {inert(action.reading)}", style="not bold dim italic"))
    if action.form:
        lines.append(_plain(f"form: {next(form.name for form in protocol.forms if form.key == action.form)}"))
    lines += [_plain(f"contact: {contact}") for contact in protocol.reached_through(action)]
    for line in lines:
        label.append("\n").append(line)
    return label


def _said(values: Mapping[str, object]) -> Iterator[Text]:
    """A line for each thing that is said, by how the line reads."""
    return (_plain(line.format(value)) for line, value in values.items() if value)


def _plain(text: str) -> Text:
    return Text(inert(text), style="not bold")


def _limits(protocol: Protocol, stage: Stage | None, action: Action) -> Iterator[Text]:
    """Within what time it has to be done, a line for each timescale."""
    for timescale in action.timescales:
        yield _timescale("", timescale, protocol)
    if not action.timescales:
        cite = action.cite or (stage.cite if stage else "")
        none, source = ("no time limit: agree a date", "not bold underline"), (f"  [{inert(cite)}]", "not bold dim")
        yield Text.assemble(none, source)


def _timescale(what: str, timescale: Timescale, protocol: Protocol) -> Text:
    text = Text(inert(f"{what} {in_words(timescale, protocol)}".strip()), style="not bold")
    text.append(f"  [{inert(timescale.cite)}]", style="dim")
    if timescale.reading:
        text.append(f"\nreading: {inert(timescale.reading)}", style="dim italic")
    return text


def _beside(protocol: Protocol) -> Iterator[RenderableType]:
    """What stands beside the ladders, under a heading each."""
    for title, actions in (("once resolved", protocol.after_resolution), ("at any stage", protocol.standing_actions)):
        yield from _branches(title, [_action(protocol, None, action) for action in actions])
    lists = {
        "facts it asks for": [f"{fact.key}: {fact.ask} ({' / '.join(fact.answers)})" for fact in protocol.facts],
        "moments it counts from": [f"{event.key}: {event.ask}" for event in protocol.dated_events],
        "calendars of its own": own_calendars(protocol),
        "to keep in mind": [
            f"{each.text}{f' (when {each.when.text})' if each.when else ''}  [{each.cite}]"
            for each in protocol.reminders
        ],
        "forms": [line for form in protocol.forms for line in _form(form)],
        "themes": [f"{theme.key}: {theme.name}  [{theme.cite}]" for theme in protocol.themes],
        "contacts": [
            " ".join(part for part in (each.role, each.area and f"({each.area})", each.phone, each.email) if part)
            for each in protocol.contacts
        ],
        "not for": protocol.not_for,
    }
    for title, lines in lists.items():
        yield from _branches(title, [Text(inert(line)) for line in lines])


def _branches(title: str, things: Sequence[Text]) -> Iterator[Tree]:
    """A tree of things under a title; nothing where there are none."""
    if things:
        tree = Tree(Text(f"\n{title}", style="bold"), guide_style="dim")
        for thing in things:
            tree.add(thing)
        yield tree


def _form(form: Form) -> Iterator[str]:
    """A form, where it goes, and below it what it asks for."""
    yield f"{form.key}: {form.name}{f', to: {form.send_to}' if form.send_to else ''}  [{form.cite}]"
    yield from (f"  {field.heading}: {field.source}" for field in form.fields)
