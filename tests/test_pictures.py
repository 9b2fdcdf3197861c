"""The pictures of README.md are of what escalate shows now."""

from pathlib import Path

import pytest

from tests import pictures

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")

ANEW = "Run make pictures, and look at what changed in them."


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pictures") / "cases.db"
    pictures.make_cases(path)
    return path


def test_the_drawings_are_what_would_be_drawn_now(path: Path) -> None:
    for name, drawing in pictures.drawings(path).items():
        assert drawing == (pictures.FOLDER / name).read_text(encoding="utf-8"), f"{name} is of another version. {ANEW}"


def test_pictures_of_pages_were_taken_of_what_would_be_written_now(path: Path) -> None:
    taken = (pictures.FOLDER / pictures.TAKEN_FROM).read_text(encoding="utf-8")
    assert pictures.taken_from(pictures.pages(path)) == taken, ANEW


def test_each_is_shown_and_small_and_asks_for_nothing() -> None:
    found = sorted(each for each in pictures.FOLDER.iterdir() if each.suffix in {".png", ".svg"})
    assert [each.name for each in found] == ["board.png", "due.svg", "ladder.svg", "report.png"]
    for each in found:
        assert f"(pictures/{each.name})" in README
        assert each.stat().st_size < 100_000
        if each.suffix == ".svg":
            drawn = each.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
            assert "http" not in drawn
            assert "@font-face" not in drawn
