"""The page of a report in a real browser: nothing to complain of, nothing fetched, all of it there, also on paper."""

from pathlib import Path

import pytest

from tests.commands.test_report import Q3, cases, hostile, written
from tests.system.browser import Browser, browser, kept, needs_a_browser, opened

__all__ = ["browser", "cases", "hostile"]  # fixtures, used by their names

pytestmark = needs_a_browser


@pytest.mark.parametrize("arguments", [(), ("--suppress", "5")], ids=["all", "suppressed"])
def test_the_page_opens_without_complaint_and_asks_for_nothing(
    browser: Browser, cases: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    opened(browser, written(cases, tmp_path, "report.html", *Q3, *arguments))
    assert browser.run("return document.title") == "Escalations, 2026/27 Q3"
    name = f"report{'-suppressed' if arguments else ''}"
    assert kept(f"{name}.png", browser.picture()).stat().st_size > 20_000
    assert kept(f"{name}.pdf", browser.paper()).read_bytes()[:5] == b"%PDF-"


def test_the_style_holds_under_the_policy_of_the_page(browser: Browser, cases: Path, tmp_path: Path) -> None:
    opened(browser, written(cases, tmp_path, "report.html", *Q3))
    assert browser.run("return getComputedStyle(document.querySelector('table')).borderCollapse") == "collapse"
    assert "hatched" in browser.run("return getComputedStyle(document.querySelector('svg .over')).fill")
    assert browser.run(
        "return [...document.querySelectorAll('svg[role=img]')].every(s => s.getBoundingClientRect().width > 400)"
    )


def test_what_is_drawn_stays_inside_its_picture(browser: Browser, cases: Path, tmp_path: Path) -> None:
    opened(browser, written(cases, tmp_path, "report.html", *Q3))
    outside = browser.run(
        "return [...document.querySelectorAll('svg[role=img]')].flatMap(svg => { const box = svg.getBoundingClientRect();"
        " return [...svg.querySelectorAll('rect, text, path, line')].filter(each => { const at = each.getBoundingClientRect();"
        " return at.left < box.left - 2 || at.right > box.right + 2 || at.top < box.top - 2 || at.bottom > box.bottom + 2; })"
        ".map(each => each.outerHTML); })"
    )
    assert outside == []


def test_a_screen_reader_is_told_what_the_pictures_show(browser: Browser, cases: Path, tmp_path: Path) -> None:
    opened(browser, written(cases, tmp_path, "report.html", *Q3))
    browser.command("Accessibility.enable")
    nodes = browser.command("Accessibility.getFullAXTree")["nodes"]
    named = [(each.get("role", {}).get("value"), each.get("name", {}).get("value", "")) for each in nodes]
    pictures = [name for role, name in named if role in ("image", "img", "graphics-document")]
    assert len(pictures) == 3
    assert "Timeline of the open cases" in pictures[2]
    assert "E0004: stage 1 from Mon 14 Dec 2026 09:00, left in time" in pictures[2]
    assert (
        "stage 2: Manager to manager, Lincolnshire Safeguarding Adults Board and Lincolnshire Safeguarding Children Partnership: 1 (0 open, 1 resolved, 0 withdrawn)"
        in pictures[0]
    )
    assert ("heading", "Escalations, 2026/27 Q3") in named


def test_hostile_text_does_nothing_in_a_browser(browser: Browser, hostile: Path, tmp_path: Path) -> None:
    opened(browser, written(hostile, tmp_path, "report.html", *Q3))
    assert browser.run("return document.scripts.length + document.images.length") == 0
    assert "<script>alert(1)</script>" in browser.run("return document.body.innerText")
