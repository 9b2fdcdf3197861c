"""Where settings and cases are looked for: where platformdirs says, whatever the environment is like."""

from pathlib import Path

import platformdirs
import pytest

from escalate.settings import _folder

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
