"""Every page that escalate writes, in a real browser: on a phone, a tablet and a desk, light and dark, and on paper.

A new page is a line in PAGES. Each is made of a file that has everything, of an empty one and of a hostile one, and has to keep to one
design: accessible, whole at every width, of a size that can be read, and with nothing asked of anybody. Pictures are kept in build/pages.
"""

import re
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.commands.test_report import HOSTILE, LIFE, NOW, Q3, run
from tests.system.browser import AXE, Browser, browser, kept, needs_a_browser, opened

__all__ = ["browser"]  # a fixture, used by its name

pytestmark = needs_a_browser

STRANGE, STRANGER = (str(Path(__file__).parent / f"{name}.toml") for name in ("strange", "stranger"))
"""A protocol that says what nobody would, and another edition of it."""

# What is typed for each page; {page} is the file it is written to, {edition} another edition of a protocol, and without it the page is what is printed. A page that cannot be made of
# some file has other words for that file, or None.
EVERY_FILE = ("full", "empty", "hostile")
PAGES: dict[str, tuple[str, ...] | dict[str, tuple[str, ...] | None]] = {
    "board": ("board", "--output", "{page}"),
    "report": ("report", *Q3, "--output", "{page}"),
    "report-suppressed": ("report", *Q3, "--suppress", "5", "--output", "{page}"),
    "report-year": ("report", "--year", "2026/27", "--commentary", "{words}", "--output", "{page}"),
    "digest": ("digest", "--always", "--format", "html"),
    "disclosure": {
        "full": ("disclose", "--name", "Ada Example", "--output", "{page}"),
        "hostile": ("disclose", "--name", "Eve <b>Hostile</b>", "--output", "{page}"),
    },
    "show": ("show", "1", "--output", "{page}"),
    "show-named": {
        "full": ("show", "4", "--identify", "--output", "{page}"),
        "hostile": ("show", "4", "--identify", "--output", "{page}"),
    },
    "explain": {"full": ("explain", "1", "--output", "{page}"), "hostile": ("explain", "2", "--output", "{page}")},
    "log": ("log", "1", "--output", "{page}"),
    "plan": {
        "full": ("plan", "lincolnshire", "--at", "23 Dec 2026 10:00", "--output", "{page}"),
        "hostile": ("plan", STRANGE, "--at", "23 Dec 2026 10:00", "--output", "{page}"),
    },
    "protocol": {
        "full": ("protocol", "show", "north-east-lincolnshire", "--output", "{page}"),
        "hostile": ("protocol", "show", STRANGE, "--output", "{page}"),
    },
    "differences": {
        "full": ("protocol", "compare", "lincolnshire", "{edition}", "--output", "{page}"),
        "hostile": ("protocol", "compare", STRANGE, STRANGER, "--output", "{page}"),
    },
    "side-by-side": {
        "full": ("protocol", "compare", "hull-east-riding", "north-yorkshire", "--output", "{page}"),
        "hostile": ("protocol", "compare", STRANGE, "lincolnshire", "--output", "{page}"),
    },
    "plans": {
        "full": ("protocol", "compare", "herefordshire", "lincolnshire", "--at", "23 Dec 2026 10:00", "--output", "{page}"),
        "hostile": ("protocol", "compare", STRANGE, "lincolnshire", "--at", "23 Dec 2026 10:00", "--output", "{page}"),
    },
    "certificate": {
        "full": ("erase", "1", "--yes", "--certificate", "{page}"),
        "hostile": ("erase", "--name", "Eve <b>Hostile</b>", "--yes", "--certificate", "{page}"),
    },
}  # fmt: skip
MADE = [
    (name, file)
    for name, lines in PAGES.items()
    for file in EVERY_FILE
    if not isinstance(lines, dict) or lines.get(file)
]

WIDTHS = (390, 768, 1280)
NARROWEST = 320
"""What WCAG wants a page to be whole at: a window of 1280 at 400%."""

LOOKS = [(NARROWEST, False), *((width, dark) for width in WIDTHS for dark in (False, True))]
PAPER = 680
"""How wide A4 is between margins of 15 mm, in CSS pixels."""

UGLY = (
    *HOSTILE,
    "W" * 500,
    "Unterschriftenmappenbeauftragtenstellvertretung " * 6,
    "שלום לכולם, زر المدرسة \u202eabc\u202c",
    "學校與家庭之間的聯絡人" * 20,
    "a\u0301" * 60 + " \x07\x1b]8;;x\x1b\\",
)


def full(path: Path) -> None:
    for now, *arguments in LIFE:
        assert run(path, *arguments, now=now).status == 0
    assert run(path, "set", "4", "name=Ada Example", "born=1 May 2014", "address=1 Long Row").status == 0
    assert run(path, "note", "5", "Ada Example was seen by ada@example.org").status == 0


def empty(path: Path) -> None:
    """As empty as a file can be: its only case was opened by mistake."""
    assert run(path, "open", "lincolnshire", "--from", "Trust", "--to", "Council", now="2026-12-01T09:00").status == 0
    assert run(path, "void", "1", "--reason", "Opened by mistake", "--yes", now="2026-12-01T09:05").status == 0


def hostile(path: Path) -> None:
    for n, text in enumerate(UGLY, 1):
        known = ("--subject", text, "--from", text, "--to", text, "--about", text[:40], "--fact", f"theme={text[:40]}")
        ran = run(path, "open", "lincolnshire", "--about", "Thresholds", *known, now="2026-11-02T09:00")
        assert ran.status == 0, ran.stderr
        if n % 2:
            assert run(path, "resolve", str(n), "--lessons", text, "--how", text, now="2026-11-03T09:00").status == 0
        assert run(path, "set", str(n), "name=Eve <b>Hostile</b>", now="2026-12-01T09:00").status == 0


def another_edition() -> str:
    """Lincolnshire's protocol as a next edition may be: two of its limits are a day longer, and a stage has another name."""
    text = (Path(__file__).parents[2] / "protocols" / "lincolnshire.toml").read_text(encoding="utf-8")
    return text.replace('"2 working days"', '"3 working days"').replace(
        "Manager to manager", "Line manager to line manager"
    )


COMMENTARY = {
    "full": "# What we learned\n\nAgencies rang **before** they wrote.\n\n- Two cases began with a missed call\n- One was *settled* in a day\n\n## Next year\n\n1. Train the leads\n2. Ring first",
    "empty": "Nothing was raised.",
    "hostile": "\n\n".join(("# " + "W" * 300, "<script>alert(1)</script> [x](javascript:alert(1)) ![y](http://example.org/y.png)", "- " * 30 + "deep", *UGLY)),
}  # fmt: skip
"""What a partnership writes about its year, in each file."""

FILES: dict[str, Callable[[Path], None]] = {"full": full, "empty": empty, "hostile": hostile}


@pytest.fixture(scope="module")
def page_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """Makes a page of a file, once."""

    @cache
    def file_of(file: str) -> bytes:
        path = tmp_path_factory.mktemp(file) / "cases.db"
        FILES[file](path)
        return path.read_bytes() if path.exists() else b""

    @cache
    def made(name: str, file: str) -> Path:
        folder = tmp_path_factory.mktemp(f"{name}-{file}")
        (folder / "cases.db").write_bytes(file_of(file))
        page = folder / "page.html"
        lines = PAGES[name]
        line = lines if isinstance(lines, tuple) else lines[file] or ()
        words = folder / "words.md"
        words.write_text(COMMENTARY[file], encoding="utf-8")
        edition = folder / "edition.toml"
        edition.write_text(another_edition(), encoding="utf-8")
        named = {"{page}": page, "{words}": words, "{edition}": edition}
        typed = (str(named.get(each, each)) for each in line)
        ran = run(folder / "cases.db", *typed, now=NOW)
        assert ran.status == 0, ran.stderr
        if not page.exists():
            page.write_text(ran.stdout, encoding="utf-8")
        return page

    return made


# -- what is held of each


@pytest.mark.parametrize(("width", "dark"), LOOKS, ids=[f"{w}-{'dark' if d else 'light'}" for w, d in LOOKS])
@pytest.mark.parametrize(("name", "file"), MADE)
def test_a_page_reads_well(
    browser: Browser, page_of: Callable[[str, str], Path], name: str, file: str, width: int, dark: bool
) -> None:
    browser.look(width, dark=dark)
    opened(browser, page_of(name, file))
    kept(f"pages/{name}-{file}-{width}{'-dark' if dark else ''}.png", browser.picture())
    assert browser.run("return document.documentElement.scrollWidth") <= width
    assert measured(browser, width) == {"small": [], "broken": [], "outside": [], "scrolled": []}


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not here: make test-system brings it, with npm")
@pytest.mark.parametrize(("width", "dark"), LOOKS, ids=[f"{w}-{'dark' if d else 'light'}" for w, d in LOOKS])
@pytest.mark.parametrize(("name", "file"), MADE)
def test_a_page_is_accessible(
    browser: Browser, page_of: Callable[[str, str], Path], name: str, file: str, width: int, dark: bool
) -> None:
    browser.look(width, dark=dark)
    opened(browser, page_of(name, file))
    assert violations(browser) == []


@pytest.mark.parametrize(("name", "file"), MADE)
def test_a_page_is_whole_on_paper(browser: Browser, page_of: Callable[[str, str], Path], name: str, file: str) -> None:
    browser.look(PAPER, dark=True, media="print")
    opened(browser, page_of(name, file))
    assert browser.run("return document.documentElement.scrollWidth") <= PAPER
    assert measured(browser, PAPER)["outside"] == []
    assert browser.run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.run(LEFT_WHITE) == []
    pdf = kept(f"pages/{name}-{file}.pdf", browser.paper())
    said = browser.run(
        "document.querySelectorAll('.unseen').forEach(each => each.remove()); return document.body.innerText"
    )
    sizes = re.findall(r"size:\s*([\d.]+) x ([\d.]+)", written_by("pdfinfo", "-l", "999", str(pdf)))
    assert {(round(float(width)), round(float(height))) for width, height in sizes} == {(595, 842)}
    words = re.findall(
        r'xMin="([\d.]+)" .*?xMax="([\d.]+)".*?>(.*?)</word>', written_by("pdftotext", "-bbox", str(pdf), "-")
    )
    assert [word for x, end, word in words if float(x) < 40 or float(end) > 595 - 40] == []
    printed = set(re.findall(r"[a-z]{4,}", written_by("pdftotext", "-layout", str(pdf), "-").casefold()))
    assert {word for word in re.findall(r"[a-z]{4,}", said.casefold()) if len(word) <= 20} - printed == set()


def written_by(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True).stdout.decode()


# -- how it is measured

MEASURES = r"""
const width = arguments[0], found = {small: [], broken: [], outside: [], scrolled: []};
function rects(node, from, length) {
  range.setStart(node, from); range.setEnd(node, from + length);
  return [...range.getClientRects()].filter(each => each.width > 0);
}
const lines = parts => new Set(parts.map(each => Math.round(each.top))).size;
function box_of(element) {
  for (let at = element; at; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (style.display == "grid") return parseFloat(style.gridTemplateColumns.split(" ").at(-1));
    if (!style.display.startsWith("inline") && style.display != "contents")
      return at.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  }
}
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
const range = document.createRange();
for (let node; node = walk.nextNode();) {
  const element = node.parentElement;
  if (!node.data.trim() || element.closest(".unseen, .skip, script, svg title, svg desc")) continue;
  const shown = getComputedStyle(element);
  if (!element.getClientRects().length || shown.visibility == "hidden") continue;
  const drawn = element.closest("svg");
  const size = parseFloat(shown.fontSize) * (drawn ? drawn.getScreenCTM().a : 1);
  if (size < 11.99) found.small.push([node.data.trim().slice(0, 60), size]);
  if (drawn) continue;
  const inside = element.closest("thead") && getComputedStyle(element.closest("thead")).position == "absolute";
  if (inside) continue;
  for (const token of node.data.matchAll(/\S+/gu)) {
    const parts = rects(node, token.index, token[0].length);
    if (!parts.length) continue;
    if (Math.max(...parts.map(each => each.right)) > width + 1 || Math.min(...parts.map(each => each.left)) < -1)
      found.outside.push(token[0].slice(0, 60));
    if (lines(parts) == 1 || parts.reduce((sum, each) => sum + each.width, 0) > box_of(element)) continue;
    for (const word of token[0].matchAll(/[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}\p{N}\p{M}'’]+/gu))
      if (lines(rects(node, token.index + word.index, word[0].length)) > 1) found.broken.push([word[0], element.tagName, element.className]);
  }
}
for (const each of document.querySelectorAll("body *"))
  if (each.scrollWidth > each.clientWidth + 1 && ["auto", "scroll", "hidden"].includes(getComputedStyle(each).overflowX)
      && !each.closest(".unseen, .picture, svg, thead"))
    found.scrolled.push([each.tagName, each.className, each.scrollWidth, each.clientWidth]);
return found;
"""
"""Text under 12 px, words broken though there was room for them, words beyond the edges, and what has to be scrolled sideways (only pictures may)."""


LEFT_WHITE = """
return [...document.querySelectorAll("body *")].filter(each => {
  const style = getComputedStyle(each), ground = style.backgroundColor.match(/[\\d.]+/g).map(Number);
  return ground[3] !== 0 && ground.slice(0, 3).every(light => light < 128) && style.printColorAdjust != "exact";
}).map(each => each.outerHTML.slice(0, 200));
"""
"""Dark grounds that a printer leaves out, so that light type on them is lost."""


def measured(browser: Browser, width: int) -> Any:
    return browser.run(MEASURES, width)


def violations(browser: Browser) -> list[str]:
    """What axe-core finds, by WCAG 2.2 AA and what is good practice."""
    browser.run(AXE.read_text(encoding="utf-8"))
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = browser.run_late(
        "const done = arguments[1]; axe.run(document, {runOnly: arguments[0], resultTypes: ['violations']})"
        ".then(found => done(found.violations.map(each => [each.id, each.nodes.length, each.nodes[0].html, each.nodes[0].failureSummary])))",
        rules,
    )
    return [": ".join(map(str, each)) for each in found]
