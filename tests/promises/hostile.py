"""An office in which somebody has put hostile text wherever text can be put: a protocol and a case for each of them."""

import contextlib
import io
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer

from escalate.cli import app
from tests.forked import Run, Runs
from tests.promises.payloads import PAYLOADS, WITH_NUL, Payload

OPENED, LATER, NOW = "2026-11-16T09:00", "2026-11-17T10:00", "2026-11-24T10:00"
LONGEST_THEME = 60
COMMAND = typer.main.get_command(app)
MOST_IN_PROTOCOL = 500
"""Of a payload that is longer, a protocol file holds the beginning: it has it in forty places, and may have 200 kB in all."""


@dataclass
class Office:
    """A folder with a database, protocols and settings of its own, and what runs escalate in it."""

    folder: Path
    run_it: Runs

    @property
    def database(self) -> Path:
        return self.folder / "cases.db"

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of ours but the path."""
        return {
            "PATH": os.environ["PATH"], "HOME": str(self.folder), "ESCALATE_DB": str(self.database), "ESCALATE_NOW": NOW,
            "ESCALATE_PROTOCOLS": str(self.folder / "protocols"), "ESCALATE_CONFIG": str(self.folder / "config.toml"),
            "ESCALATE_BY": "tests", "TERM": "xterm-256color", "PAGER": "cat",
        }  # fmt: skip

    def run(
        self,
        *arguments: str | bytes,
        stdin: bytes = b"",
        columns: int | None = None,
        environment: Mapping[str, str] = {},
    ) -> Run:
        return self.run_it(
            *arguments,
            environment=self.environment | dict(environment),
            folder=self.folder,
            stdin=stdin,
            columns=columns,
        )


def protocol_text(payload: Payload, key: str) -> str:
    """A protocol file that has the text in every place where one may stand, its calendar among them."""
    said = _toml(payload.cut(MOST_IN_PROTOCOL))
    theme = _toml(payload.cut(200))
    return f"""
id = "{key}"
title = {said}
partnership = {said}
covers = ["children"]
source = {said}
not_for = [{said}]
reminders = [{{ text = {said}, cite = {said} }}]
facts = [{{ key = "severity", ask = {said}, answers = ["low", "high"], cite = {said} }}]
moments = [{{ key = "meeting", ask = {said}, cite = {said} }}]
themes = [{{ key = "drift", name = {theme}, cite = {said} }}]

[edition]
dated = "2026-01"

[[contacts]]
key = "desk"
role = {said}
area = {said}
email = {said}
phone = {said}
cite = {said}

[calendar]
name = "england-and-wales"
closures = [{{ on = 2026-11-18, name = {said} }}]

[[routes]]
key = "main"
name = {said}
use = {said}
starts = "1"
cite = {said}
cap = {{ within = "90 days", from = "raised", cite = {said}, reading = {said} }}

[[stages]]
key = "1"
name = {said}
owner = {said}
counterpart = {said}
next = ["2"]
cite = {said}
reading = {said}
reminders = [{said}]

  [[stages.actions]]
  key = "talk"
  name = {said}
  owner = {said}
  contacts = ["desk"]
  form = "form"
  side = "receiving"
  cite = {said}
  once_passed = {said}
  then_owner = {said}
  timescales = [{{ within = "1 to 3 working days", from = "stage", cite = {said}, reading = {said} }}]

  [[stages.actions]]
  key = "resolve"
  name = {said}
  ends_stage = true
  timescales = [{{ within = "20 working days", from = "stage", cite = {said} }}]

[[stages]]
key = "2"
name = {said}
owner = {said}
next = []
cite = {said}

  [[stages.actions]]
  key = "tell"
  name = {said}
  timescales = [{{ within = "24 hours", from = "meeting", failing_that = "stage", cite = {said} }}]

[[standing_actions]]
key = "danger"
name = {said}
owner = {said}
when = "severity is high"
contacts = ["desk"]
timescales = [{{ within = "immediately", from = "known", cite = {said} }}]

[[after_resolution]]
key = "share"
name = {said}
owner = {said}
timescales = [{{ within = "5 working days", from = "resolved", cite = {said} }}]

[[forms]]
key = "form"
name = {said}
send_to = {said}
cite = {said}

{chr(10).join(_field(said, source) for source in FORM_SOURCES)}
"""


FORM_SOURCES = ("case", "subject", "name", "address", "from", "to", "agencies", "raising-name", "raising-role", "others", "theme", "about",
                "desired-outcome", "level-current", "level-perceived", "lessons", "how", "facts", "stages", "progress", "by")  # fmt: skip


def _field(said: str, source: str) -> str:
    return f'[[forms.fields]]\nheading = {said}\nsource = "{source}"\nsection = {said}\nhint = {said}\n'


def _toml(text: str) -> str:
    """A text in quotes as TOML has it."""
    return '"' + "".join(_escaped(character) for character in text) + '"'


def _escaped(character: str) -> str:
    if character in '"\\' or not character.isprintable():
        return f"\\U{ord(character):08x}"
    return character


def key_of(number: int) -> str:
    """The id of the protocol of the payload of that number."""
    return f"p{number:03}"


def make_office(folder: Path) -> None:
    """The files of an office: protocols, settings and a database. Made in this process, which spares a thousand processes."""
    (folder / "protocols").mkdir(parents=True)
    for number, payload in enumerate((*PAYLOADS, *WITH_NUL), 1):
        text = protocol_text(payload, key_of(number))
        (folder / "protocols" / f"{key_of(number)}.toml").write_text(text, encoding="utf-8")
    fixed = {
        "ESCALATE_DB": str(folder / "cases.db"), "ESCALATE_PROTOCOLS": str(folder / "protocols"), "ESCALATE_CONFIG": str(folder / "config.toml"),
        "HOME": str(folder),
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patched:
        for name, value in fixed.items():
            patched.setenv(name, value)
        for number, payload in enumerate((*PAYLOADS, *WITH_NUL), 1):
            if payload in WITH_NUL:
                _do(patched, OPENED, "tests", "open", _path(folder, number), "--about", "Thresholds")
            else:
                _fill(patched, folder, number, payload)


def _fill(patched: pytest.MonkeyPatch, folder: Path, number: int, payload: Payload) -> None:
    """A case with a payload in everything that can be said of one, and what else happens in it by turns."""
    case, text = str(number), payload.text
    by = payload.cut(2_000)
    words = [f"{name}={text}" for name in ("desired-outcome", "level-current", "level-perceived", "lessons")]
    whose = [f"{name}={text}" for name in ("name", "address", "involved")]
    facts = [*words, *whose, f"theme={payload.cut(LONGEST_THEME)}", "severity=high"]
    sides = [f"--subject={text}", f"--from={text}", f"--to={text}", f"--about={text}"]
    _do(patched, OPENED, by, "open", _path(folder, number), *sides, *(f"--fact={fact}" for fact in facts))
    _do(patched, OPENED, by, "note", case, "--", text)
    _do(patched, OPENED, by, "assign", case, "raising", f"--role={text}", "--", text)
    reason = f"--reason={text}"
    happens: Sequence[Sequence[tuple[str, ...]]] = (
        [("advance", case, reason)],
        [("resolve", case, f"--how={text}", f"--lessons={text}")],
        [("withdraw", case, reason)],
        [("done", case, "talk", f"--note={text}")],
        [("agree", case, "30 Nov 2026", reason)],
        [("undo", case, reason)],
        [("resolve", case), ("reopen", case, reason)],
    )
    for words_ in happens[number % len(happens)]:
        _do(patched, LATER, by, *words_)


def _path(folder: Path, number: int) -> str:
    """The protocol by its path: by its id it would be looked for in all the others."""
    return str(folder / "protocols" / f"{key_of(number)}.toml")


def _do(patched: pytest.MonkeyPatch, now: str, by: str, *arguments: str) -> None:
    patched.setenv("ESCALATE_NOW", now)
    patched.setenv("ESCALATE_BY", by)
    with contextlib.redirect_stdout(io.StringIO()):
        COMMAND.main(list(arguments), standalone_mode=False)


def copied(made: Path, to: Path, run_it: Runs) -> Office:
    """An office of one's own, made like another."""
    shutil.copytree(made, to, dirs_exist_ok=True)
    return Office(to, run_it)


def mail_settings(office: Office, port: int, names: Mapping[str, str]) -> None:
    """Settings that send a letter to one reader for each name of an agency."""
    lines = [
        "[mail]",
        'server = "localhost"',
        f"port = {port}",
        'security = "none"',
        'from = "unit@partnership.example"',
        "timeout = 20",
    ]
    for to, agency in names.items():
        lines += ["[[mail.recipients]]", f"to = {json.dumps(to)}", f"agency = {_toml(agency)}"]
    (office.folder / "config.toml").write_text("\n".join(lines), encoding="utf-8")
