"""Where settings and cases are looked for, where platformdirs says; and that all that can be set is shown and documented."""

import json
import re
from pathlib import Path

import platformdirs
import pytest

from escalate.domain.protocol.shape import ListOf, Shape
from escalate.domain.reporting.recipients import MAIL
from escalate.settings import _KNOWN, _OFFERED, _folder
from tests.driver import Office

ENVIRONMENTS: list[dict[str, str]] = [
    {"HOME": "/home/unit"},
    {"HOME": "/home/unit", "XDG_CONFIG_HOME": "/etc/unit", "XDG_DATA_HOME": "/srv/unit"},
    {"HOME": "/home/unit", "XDG_CONFIG_HOME": "", "XDG_DATA_HOME": ""},
    {"HOME": "/home/unit", "XDG_CONFIG_HOME": "relative", "XDG_DATA_HOME": "./relative"},
    {"HOME": "relative"},
    {"HOME": ""},
    {},
]


@pytest.mark.parametrize("environment", ENVIRONMENTS, ids=str)
def test_the_folders_are_those_that_platformdirs_names(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert _folder("config") == Path(platformdirs.user_config_path("escalate", appauthor=False))
    assert _folder("data") == Path(platformdirs.user_data_path("escalate", appauthor=False))


# -- what can be set


def below(shape: Shape, before: str) -> dict[str, str]:
    """Every key that a table of the settings file can have, with what it says."""
    found: dict[str, str] = {}
    for field in shape.fields:
        inner = field.kind.kind if isinstance(field.kind, ListOf) else None
        found |= (
            below(inner, f"{before}{field.name}.") if isinstance(inner, Shape) else {before + field.name: field.says}
        )
    return found


EVERY_KEY = [*_KNOWN, *(f"defaults.{name}" for name in _OFFERED), *below(MAIL, "mail."), "retention"]
"""Every key that a settings file can have, from what reads it."""

MOST = """
[mail]
server = "smtp.agency.example"
from = "escalate@agency.example"
user = "escalate"
password_file = "{password}"
assigned = true

[[mail.recipients]]
to = "trust@agency.example"
agency = "Wye Valley NHS Trust"
owner = "Head"
protocol = "herefordshire"

[defaults]
agency = "Wye Valley NHS Trust"

[retention]
default = "6 years"
"""


def shown(folder: Path, text: str | None) -> dict[str, dict[str, str]]:
    """What `config --json` shows of a settings file; it says no secret anywhere."""
    file = folder / "config.toml"
    if text is not None:
        (folder / "password").write_text("hunter2\n", encoding="utf-8")
        file.write_text(text.replace("{password}", str(folder / "password")), encoding="utf-8")
    run = Office(now="2026-11-23T10:00")
    page = run.did(folder / "cases.db", "config", ESCALATE_CONFIG=str(file))
    document = run.did(folder / "cases.db", "config", "--json", ESCALATE_CONFIG=str(file))
    assert "hunter2" not in page + document
    found: dict[str, dict[str, str]] = json.loads(document)["settings"]
    assert [name for name in found if name not in page] == []
    return found


def test_config_shows_every_key_that_a_settings_file_can_have(tmp_path: Path) -> None:
    found = shown(tmp_path, MOST)
    plain = {
        re.sub(r"recipients\.[0-9]+", "recipients", name).replace("retention.default", "retention") for name in found
    }
    assert plain == set(EVERY_KEY)
    values = {name: (each["value"], each["source"] == "default") for name, each in found.items()}
    assert values["mail.server"] == ("smtp.agency.example", False)
    assert values["mail.port"] == ("587", True)
    assert values["mail.password_file"] == (str(tmp_path / "password"), False)
    assert values["mail.assigned"] == ("true", False)
    assert values["mail.recipients.1.agency"] == ("Wye Valley NHS Trust", False)
    assert values["mail.ca_file"] == ("", True)


def test_config_names_the_tables_that_nobody_has_written_yet(tmp_path: Path) -> None:
    found = shown(tmp_path, None)
    assert [name for name in ("mail", "retention") if found[name] != {"value": "", "source": "default"}] == []


WITH_A_SECRET = [
    'server = "smtp.agency.example"\npassword = "hunter2"',
    'server = "smtp://unit:hunter2@smtp.agency.example"',
    'server = {name = "smtp.agency.example", password = "hunter2"}',
    'user = ["unit", "hunter2"]',
    '[[mail.recipients]]\nto = {address = "unit@x.example", password = "hunter2"}',
    'recipients = ["hunter2"]',
]


@pytest.mark.parametrize("text", WITH_A_SECRET)
def test_a_password_where_none_belongs_is_not_shown(tmp_path: Path, text: str) -> None:
    assert "mail.server" in shown(tmp_path, f"[mail]\n{text}\n")


def test_every_key_that_a_settings_file_can_have_stands_in_the_readme() -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    (section,) = re.findall(r"^## Settings\n(.*?)^## ", readme, re.DOTALL | re.MULTILINE)
    told = set(re.findall(r"`\[*([a-z_]+)\]*`", section))
    assert {key.rpartition(".")[2] for key in EVERY_KEY} - told == set()
    defaults = [
        default
        for name in ("calendar", "at_risk", "working_hours", "server_timeout")
        if f"`{(default := _KNOWN[name][1]())}`" not in section
    ]
    assert defaults == []
