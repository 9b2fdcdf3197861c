"""The board in a real browser: thirty cases over Christmas, with every card opened; and that it shows when it is out of date."""

from pathlib import Path

import pytest

from tests.boards import NOW, play_christmas
from tests.driver import Office
from tests.system.browser import AXE, Browser, browser, kept, needs_a_browser, opened
from tests.system.test_pages import LOOKS, PAPER, measured, violations

__all__ = ["browser"]  # a fixture, used by its name

pytestmark = needs_a_browser
run = Office()


@pytest.fixture(scope="module")
def christmas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("christmas")
    play_christmas(run, folder)
    run.did(folder, "board", "--output", "board.html", now=NOW)
    return folder


@pytest.mark.parametrize(("width", "dark"), LOOKS, ids=[f"{w}-{'dark' if d else 'light'}" for w, d in LOOKS])
def test_thirty_cases_read_well_with_every_card_opened(
    browser: Browser, christmas: Path, width: int, dark: bool
) -> None:
    browser.look(width, dark=dark)
    opened(browser, christmas / "board.html")
    kept(f"pages/board-christmas-{width}{'-dark' if dark else ''}.png", browser.picture())
    browser.run("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert measured(browser, width) == {"small": [], "broken": [], "outside": [], "scrolled": []}
    if AXE.exists():
        assert violations(browser) == []


def test_thirty_cases_are_few_sheets(browser: Browser, christmas: Path) -> None:
    browser.look(PAPER, media="print")
    opened(browser, christmas / "board.html")
    kept("pages/board-christmas.pdf", browser.paper())
    assert measured(browser, PAPER)["outside"] == []


SHOWN = "return document.getElementById('stale').getClientRects().length > 0"


def test_a_board_that_is_opened_later_says_that_it_is_out_of_date(browser: Browser, tmp_path: Path) -> None:
    run.did(tmp_path, "open", "lincolnshire", "--about", "x")
    run.did(tmp_path, "board", "--output", "new.html")
    browser.look(390)
    opened(browser, tmp_path / "new.html")
    assert not browser.run(SHOWN)
    page = (tmp_path / "new.html").read_text(encoding="utf-8")
    old = tmp_path / "old.html"
    old.write_text(page.replace('data-after="2', 'data-after="1', 1), encoding="utf-8")  # a thousand years ago
    opened(browser, old)
    assert browser.run(SHOWN)
    assert "This page is out of date." in browser.run("return document.getElementById('stale').innerText")
