"""A real browser for tests of pages: Chromium without a window, and what it finds in a page."""

import base64
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

needs_a_browser = [
    pytest.mark.system,
    pytest.mark.skipif(
        not (shutil.which("chromium") and shutil.which("chromedriver")),
        reason="chromium and chromedriver are not installed",
    ),
]

ROOT = Path(__file__).parent.parent.parent
ARTEFACTS = ROOT / "build"
AXE = ROOT / ".axe" / "package" / "axe.min.js"
"""The checker of accessibility, which `make test-system` brings."""

PATIENCE = 60  # seconds for the browser to start


class Browser:
    """Chromium without a window, driven by WebDriver's plain HTTP."""

    def __init__(self, port: int, profile: Path) -> None:
        self._at = f"http://127.0.0.1:{port}/session"
        options = {
            "binary": shutil.which("chromium"),
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--force-color-profile=srgb",
                     "--hide-scrollbars", "--window-size=1100,900", f"--user-data-dir={profile}"],
        }  # fmt: skip
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        started = self._ask("POST", "", {"capabilities": {"alwaysMatch": wanted}})
        self._at += f"/{started['sessionId']}"

    def open(self, path: Path) -> None:
        self._ask("POST", "/url", {"url": path.as_uri()})

    def run(self, script: str, *arguments: Any) -> Any:
        return self._ask("POST", "/execute/sync", {"script": script, "args": arguments})

    def run_late(self, script: str, *arguments: Any) -> Any:
        """What a script hands to its last argument, a function, when it is done."""
        return self._ask("POST", "/execute/async", {"script": script, "args": arguments})

    def log(self, kind: str) -> list[Any]:
        found: list[Any] = self._ask("POST", "/se/log", {"type": kind})
        return found

    def requests(self) -> list[str]:
        """Every address that was asked for since the last time."""
        events = [json.loads(each["message"])["message"] for each in self.log("performance")]
        return [each["params"]["request"]["url"] for each in events if each["method"] == "Network.requestWillBeSent"]

    def command(self, name: str, **parameters: Any) -> Any:
        return self._ask("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def look(self, width: int, height: int = 900, *, dark: bool = False, media: str = "") -> None:
        """Take the size of a window, light or dark, of a screen or of paper (`print`)."""
        self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.command("Emulation.setEmulatedMedia", media=media, features=[scheme])

    def picture(self, first: str = "body", last: str = "body") -> bytes:
        """The page as PNG, or what stands on it from one element to another, up to a height that can be looked at."""
        top, bottom = self.run(
            "const [first, last] = [...arguments].map(each => document.querySelector(each).getBoundingClientRect());"
            " return [first.top + scrollY, last.bottom + scrollY];",
            first, last,
        )  # fmt: skip
        size = self.command("Page.getLayoutMetrics")["cssContentSize"]
        y, end = (0, size["height"]) if first == "body" else (top, bottom)
        clip = {"x": 0, "y": y, "width": size["width"], "height": min(end - y, 8000), "scale": 1}
        whole = self.command("Page.captureScreenshot", captureBeyondViewport=True, format="png", clip=clip)
        return base64.b64decode(whole["data"])

    def paper(self) -> bytes:
        """The page as it is printed, as PDF."""
        return base64.b64decode(self.command("Page.printToPDF", preferCSSPageSize=True)["data"])

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
    with browsing(tmp_path_factory.mktemp("profile")) as browser:
        yield browser


@contextmanager
def browsing(profile: Path) -> Iterator[Browser]:
    """A browser that keeps what it has to keep in a folder of its own."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    driver = subprocess.Popen(["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        browser = _started(port, profile)
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


def kept(name: str, content: bytes) -> Path:
    """Keeps a picture of what was seen, for whoever wants to look."""
    path = ARTEFACTS / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
