"""Looking at names: it is recorded who does, when, at which cases and why, before anything is shown."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from escalate.commands.shared.session import Session
from escalate.domain.case.look import ASKED, REASON
from escalate.errors import BadInput, NotLetIn, Refused, StoreError
from escalate.output.terminal import complain


class LookAsked(NamedTuple):
    """Whether somebody asked to see names, with what, and why."""

    here: Session
    """The run of the command."""
    command: str
    """The command, as it is typed."""
    identify: bool
    """Whether names are to be shown."""
    words: Mapping[str, str]
    """The reason, and what was asked for in words that may be a name."""
    options: Mapping[str, str]
    """The filters that were given, by their names."""

    def record(self, refs: Iterable[str]) -> None:
        """Record that names of these cases are looked at, if they are: before they are shown. Raises Refused, StoreError."""
        if not (self.identify and self.here.has_file()):
            return
        from escalate.storage.store import open_store  # a list without names does without what records

        here, data = self.here, {"options": dict(self.options)} if self.options else {}
        try:
            # A connection of its own: what is read may be a replica, and its errors become sentences.
            with open_store(here.settings.place, clock=here.clock_behind) as store, store.writing():
                store.looks.add(here.settings.by, here.now, self.command, refs, data, self.words)
            here.tell_open_to_others()
        except NotLetIn as problem:  # the server is there, and does not have it
            raise Refused(
                f"Names are not shown, because the server does not let this look be recorded: {problem.sentence}"
            ) from problem
        except StoreError as problem:
            if not here.settings.shows_unrecorded:
                raise Refused(
                    f'Names are not shown, because the look cannot be recorded (unrecorded_access is "refused"): {problem.sentence}'
                ) from problem
            complain(
                f"This look at names could not be recorded: write down who looked, when and why. {problem.sentence}"
            )


def look_asked(
    here: Session, command: str, *, identify: bool, reason: str | None, asked: str | None = None, **options: object
) -> LookAsked:
    """What somebody asks to see; `asked` are words that may be a name. Raises BadInput, and Refused where a reason is required.

    It is asked for before anything is read.
    """
    if reason is not None and not identify:
        raise BadInput("--reason says why names are looked at: say --identify as well, or leave it out.")
    if reason is not None and not reason.strip():
        raise BadInput("--reason is empty: say in a few words why names are looked at.")
    if identify and reason is None and here.settings.requires_reason:
        raise Refused(
            "Say why with --reason: the settings require a reason of everybody who looks at names (access_reason)."
        )
    said = {REASON: " ".join(reason.split()) if reason else None, ASKED: asked}
    return LookAsked(
        here,
        command,
        identify,
        {name: words for name, words in said.items() if words},
        {name.replace("_", "-"): str(value) for name, value in options.items() if value is not None},
    )
