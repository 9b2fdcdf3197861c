"""The page of a report in a real browser: nothing to complain of, nothing fetched, all of it there, also on paper."""

import base64
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from tests.commands.test_report import Q3, cases, hostile, run, written

__all__ = ["cases", "hostile"]  # fixtures, used by their names

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        not (shutil.which("chromium") and shutil.which("chromedriver")),
        reason="chromium and chromedriver are not installed",
    ),
]

ARTEFACTS = Path(__file__).parent.parent.parent / "build"
PATIENCE = 60  # seconds for the browser to start


class Browser:
    """Chromium without a window, driven by WebDriver's plain HTTP."""

    def __init__(self, port: int, profile: Path) -> None:
        self._at = f"http://127.0.0.1:{port}/session"
        options = {
            "binary": shutil.which("chromium"),
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--force-color-profile=srgb",
                     "--window-size=1100,900", f"--user-data-dir={profile}"],
        }  # fmt: skip
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        started = self._ask("POST", "", {"capabilities": {"alwaysMatch": wanted}})
        self._at += f"/{started['sessionId']}"

    def open(self, path: Path) -> None:
        self._ask("POST", "/url", {"url": path.as_uri()})

    def run(self, script: str) -> Any:
        return self._ask("POST", "/execute/sync", {"script": script, "args": []})

    def log(self, kind: str) -> list[Any]:
        found: list[Any] = self._ask("POST", "/se/log", {"type": kind})
        return found

    def requests(self) -> list[str]:
        """Every address that was asked for since the last time."""
        events = [json.loads(each["message"])["message"] for each in self.log("performance")]
        return [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]

    def command(self, name: str, **parameters: Any) -> Any:
        return self._ask("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def close(self) -> None:
        self._ask("DELETE", "")

    def _ask(self, method: str, path: str, body: object = None) -> Any:
        request = Request(
            self._at + path,
            None if body is None else json.dumps(body).encode(),
            {"Content-Type": "application/json"},
            method=method,
        )
        with urlopen(request, timeout=PATIENCE) as answer:
            return json.load(answer)["value"]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        browser = _started(port, tmp_path_factory.mktemp("profile"))
        yield browser
        browser.close()
    finally:
        driver.terminate()
        driver.wait(PATIENCE)


def _started(port: int, profile: Path) -> Browser:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with urlopen(f"http://127.0.0.1:{port}/status", timeout=5) as answer:
                if json.load(answer)["value"]["ready"]:
                    return Browser(port, profile)
        except URLError:
            if time.monotonic() > until:
                raise
        time.sleep(0.2)


def opened(browser: Browser, path: Path) -> None:
    """Opens a page, and holds that it asked for nothing else and that the browser had nothing to say."""
    browser.log("browser"), browser.requests()
    browser.open(path)
    assert browser.requests() == [path.as_uri()]
    assert browser.log("browser") == []


@pytest.mark.parametrize("arguments", [(), ("--suppress", "5")], ids=["all", "suppressed"])
def test_the_page_opens_without_complaint_and_asks_for_nothing(
    browser: Browser, cases: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    opened(browser, written(cases, tmp_path, "report.html", *Q3, *arguments))
    assert browser.run("return document.title") == "Escalations, 2026/27 Q3"
    name = f"report{'-suppressed' if arguments else ''}"
    whole = browser.command("Page.captureScreenshot", captureBeyondViewport=True, format="png", clip={
        "x": 0, "y": 0, "width": 1100, "height": browser.run("return document.documentElement.scrollHeight"), "scale": 1,
    })  # fmt: skip
    paper = browser.command("Page.printToPDF", preferCSSPageSize=True, printBackground=False)
    ARTEFACTS.mkdir(exist_ok=True)
    (ARTEFACTS / f"{name}.png").write_bytes(base64.b64decode(whole["data"]))
    (ARTEFACTS / f"{name}.pdf").write_bytes(base64.b64decode(paper["data"]))
    assert (ARTEFACTS / f"{name}.png").stat().st_size > 20_000
    assert base64.b64decode(paper["data"])[:5] == b"%PDF-"


def test_the_style_holds_under_the_policy_of_the_page(browser: Browser, cases: Path, tmp_path: Path) -> None:
    opened(browser, written(cases, tmp_path, "report.html", *Q3))
    assert browser.run("return getComputedStyle(document.querySelector('table')).borderCollapse") == "collapse"
    assert "hatched" in browser.run("return getComputedStyle(document.querySelector('svg .over')).fill")
    assert browser.run(
        "return [...document.querySelectorAll('svg[role=img]')].every(s => s.getBoundingClientRect().width > 600)"
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


def test_an_empty_report_opens_as_well(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    assert run(tmp_path / "none.db", "report", "--output", str(path)).status == 0
    opened(browser, path)
