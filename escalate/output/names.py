"""What the parts of a protocol are called on a page: by names that say what they are, for whoever types nothing."""

from escalate.domain.case.details import SIDES
from escalate.domain.protocol.model import Protocol
from escalate.domain.worktime.calendar import CALENDARS, Calendar
from escalate.output.words import Called, nation, spaced

_SIDES = {**dict.fromkeys(SIDES, ""), "subject": "subject", "from": "raised by", "to": "with"}
"""What is said of the sides on a page, by what is typed for them."""


class Named(Called):
    """By names, for a page."""

    by_name = True

    def __init__(self, protocol: Protocol | None = None, *, names_staff: bool = False) -> None:
        self._protocol, self.names_staff = protocol, names_staff

    def action(self, key: str, stage: str | None = None) -> str:
        """The name of an action; of a dated event its key as words."""
        found = [each for each in self._protocol.actions if each.key == key] if self._protocol else []
        if stage is not None and self._protocol:
            here = [each for step in self._protocol.stages if step.key == stage for each in step.actions]
            found = [each for each in here if each.key == key] or found
        return found[0].name if found else spaced(key)

    def key(self, key: str) -> str:
        """`immediate risk`."""
        return spaced(key)

    def condition(self, text: str) -> str:
        """`immediate risk is yes`."""
        return spaced(text)

    def known(self, key: str, answer: str) -> str:
        """`immediate risk: yes`."""
        return f"{_SIDES.get(key) or spaced(key)}: {answer}"

    def calendar(self, calendar: Calendar) -> str:
        """`England and Wales`; of a protocol's own, whose it is."""
        name, own, _ = calendar.name.partition("#")
        if name in CALENDARS:
            return nation(name)
        whose = self._protocol.partnership if own and self._protocol and self._protocol.id == name else spaced(name)
        kind = calendar.title.partition("/")[2]
        return f"{whose}{f' ({spaced(kind)})' if kind else ''}"
