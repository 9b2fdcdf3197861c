"""The pictures of README.md: what the five cases of `escalate demo` look like at a terminal and as pages, two days before Christmas.

`make pictures` writes them into `pictures/`. The lists and the ladder are SVG and can be made anywhere; of the pages a browser takes pictures,
and beside them stands from what they were taken, so that a test can tell whether they are of the present version.
"""

import subprocess
import tempfile
from datetime import datetime, timedelta
from hashlib import sha256
from io import StringIO
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from rich.text import Text

from escalate.commands.demo import SCENES
from tests.driver import Office, begin
from tests.system.browser import browsing

FOLDER = Path(__file__).parent.parent / "pictures"

NOW = datetime(2026, 12, 23, 10)

COLUMNS = 96
"""How wide the terminal is."""

TAKEN_FROM = "taken-from.txt"
"""The digest of each page that a picture was taken of."""

run = Office(now=NOW.isoformat(), by="demo", driver=begin)

TERMINAL = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" aria-label="escalate due at a terminal">
<style>
.{unique_id}-matrix {{ font: {char_height}px "Liberation Mono", Menlo, Consolas, monospace; line-height: {line_height}px; white-space: pre; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>{lines}</defs>
<rect fill="#fff" stroke="#8a8f93" stroke-width="2" width="{width}" height="{height}"/>
<g transform="translate({terminal_x}, 26)" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""
"""What Rich makes a picture of a terminal with, without the window around it and without a font from elsewhere."""


class Taken(NamedTuple):
    """A page that a picture is taken of."""

    line: tuple[str, ...]
    """What writes it."""
    width: int
    """How wide the window is."""
    first: str
    """What stands at the top of the picture."""
    last: str
    """What stands at its foot."""


PAGES = {
    "board": Taken(("board", "--output"), 960, "header", ".timeline"),
    "report": Taken(
        ("report", "--quarter", "2026/27 Q3", "--output"), 960, "#open-cases", "[aria-labelledby=open-cases] figure"
    ),
}


def make_cases(path: Path) -> None:
    """The cases of the demonstration, each entry recorded when it happened."""
    lines: list[tuple[int, tuple[str, ...]]] = []
    for n, scene in enumerate(SCENES, 1):
        facts = [word for name, said in scene.facts.items() for word in ("--fact", f"{name}={said}")]
        route = ["--route", scene.route] if scene.route else []
        sides = ("--subject", scene.subject, "--from", scene.raising, "--to", scene.receiving)
        lines.append((scene.hours_ago, ("open", scene.protocol, *sides, *facts, *route)))
        lines += [(ago, (command, str(n), *filter(None, [action]))) for command, ago, action in scene.events]
    for hours_ago, line in lines:
        run.did(path, *line, now=(NOW - timedelta(hours=hours_ago)).isoformat())


def drawings(path: Path) -> dict[str, str]:
    """The pictures that can be made anywhere."""
    ladder = path.with_name("ladder.svg")
    run.did(path, "protocol", "show", "hull-east-riding", "--output", str(ladder), "--force")
    said = run.did(path, "due", COLUMNS=str(COLUMNS), FORCE_COLOR="1", TERM="xterm-256color")
    return {"due.svg": at_a_terminal(f"$ escalate due\n{said}"), "ladder.svg": ladder.read_text(encoding="utf-8")}


def at_a_terminal(said: str) -> str:
    """What a command said, as a picture of a terminal."""
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(said.rstrip("\n")), end="")  # from 15 on, Rich draws the end of the last line
    svg = console.export_svg(title="", theme=DEFAULT_TERMINAL_THEME, code_format=TERMINAL, unique_id="due")
    return "".join(f"{line.rstrip()}\n" for line in svg.splitlines() if line.strip())


def pages(path: Path) -> dict[str, Path]:
    """The pages that pictures are taken of."""
    made = {}
    for name, taken in PAGES.items():
        made[name] = path.with_name(f"{name}.html")
        run.did(path, *taken.line, str(made[name]), "--force")
    return made


def taken_from(made: dict[str, Path]) -> str:
    """From what pictures are taken, a line for each."""
    return "".join(f"{sha256(page.read_bytes()).hexdigest()}  {name}.png\n" for name, page in made.items())


def made_small(picture: bytes) -> bytes:
    """A picture in 32 colours, which is all that a page has."""
    done = subprocess.run(["pngquant", "--nofs", "--strip", "32", "-"], input=picture, capture_output=True, check=True)
    return done.stdout


def main() -> None:
    """Write all of them."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.db"
        make_cases(path)
        for name, drawing in drawings(path).items():
            (FOLDER / name).write_text(drawing, encoding="utf-8")
        made = pages(path)
        with browsing(Path(folder) / "profile") as browser:
            for name, taken in PAGES.items():
                browser.look(taken.width)
                browser.open(made[name])
                (FOLDER / f"{name}.png").write_bytes(made_small(browser.picture(taken.first, taken.last)))
        (FOLDER / TAKEN_FROM).write_text(taken_from(made), encoding="utf-8")


if __name__ == "__main__":
    main()
