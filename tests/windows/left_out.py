"""What of the tests cannot run under Wine, or on Windows at all, by name and with the reason: `left_out.toml`.

What is left out runs all the same where it ends by itself, and a test that passes though it is listed fails the run: the list is no longer than it has to be.
"""

import tomllib
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

LIST = Path(__file__).with_name("left_out.toml")


class LeftOut:
    """Marks what is listed, for whoever runs the tests on Windows."""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Expects each listed test to fail; those that would not end, or need what cannot even be asked for, do not begin."""
        groups = tomllib.loads(LIST.read_text(encoding="utf-8"))["left_out"]
        for item in items:
            for group in groups:
                if any(_is_meant(item, each) for each in group["tests"]):
                    item.add_marker(
                        pytest.mark.xfail(
                            reason=group["why"], run=group.get("run", True), strict=group.get("strict", True)
                        )
                    )
                    break


def _is_meant(item: pytest.Item, pattern: str) -> bool:
    """Whether a pattern of the list is for a test: `marker:terminal`, or the name of a test, with stars."""
    if pattern.startswith("marker:"):
        return item.get_closest_marker(pattern.removeprefix("marker:")) is not None
    name = item.nodeid.partition("[")[0]
    return fnmatchcase(name, pattern) or fnmatchcase(item.nodeid.replace("[", "<"), pattern.replace("[", "<"))
