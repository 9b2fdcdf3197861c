"""Two commands:

python -m tests.recorded write OUT.jsonl [--script ESCALATE] [--only NAME]
python -m tests.recorded compare BEFORE.jsonl AFTER.jsonl
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from difflib import unified_diff
from pathlib import Path
from typing import Any

from tests.recorded.playing import Player, Record, alone, place_of_package
from tests.recorded.script import FOLDER, read

SCRIPT = Path(sys.executable).with_name("escalate")
AT_ONCE = os.cpu_count() or 1


def main() -> int:
    """The exit status: of `compare`, 1 where anything differs."""
    parser = argparse.ArgumentParser(prog="python -m tests.recorded", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True)
    writing = commands.add_parser("write", help="run every command line, and write what each said and wrote")
    writing.add_argument("output", type=Path)
    writing.add_argument("--script", type=Path, default=SCRIPT, help="the escalate to run; the one beside this Python")
    writing.add_argument("--only", action="append", help="only the file of this name in lines/; may be repeated")
    comparing = commands.add_parser("compare", help="say what differs between two recordings")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    asked = parser.parse_args()
    if asked.command == "write":
        return write(asked.output, asked.script, asked.only)
    return compare(load(asked.before), load(asked.after))


# -- writing ----------------------------------------------------------------------------------------------------------------


def write(output: Path, script: Path, only: list[str] | None) -> int:
    """Runs every file of lines in a folder of its own, several at once, and writes a line of JSON for each command."""
    began = time.monotonic()
    names = sorted(path.stem for path in FOLDER.glob("*.txt") if not only or path.stem in only)
    player = Player(script.absolute(), place_of_package(script.absolute()))
    with alone(), ProcessPoolExecutor(AT_ONCE) as pool:
        records = [record for played in pool.map(_play, [player] * len(names), names) for record in played]
    with output.open("w", encoding="utf-8") as file:
        for record in records:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
    sys.stdout.write(f"{summary(records)} in {time.monotonic() - began:.0f} s: {output}\n")
    return 0


def _play(player: Player, name: str) -> list[Record]:
    return player.play(name, read(name))


def summary(records: list[Record]) -> str:
    """How many there are, how many say something of their own, and how they ended."""
    ends = [record["status"] for record in records]
    by_status = ", ".join(f"{ends.count(status)} with {status}" for status in sorted(set(ends)))
    distinct = {(tuple(record["words"]), record["columns"]) for record in records}
    return f"{len(records)} lines, {len(distinct)} of them distinct, ended {by_status}"


# -- comparing --------------------------------------------------------------------------------------------------------------


def load(path: Path) -> dict[str, Record]:
    """The records of a file, each by what it is of: the file of lines, the command, and which time it is that it stands there."""
    found: dict[str, Record] = {}
    times: dict[str, int] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        wide = f" ({record['columns']} columns)" if record["columns"] else ""
        name = f"{record['file']}: {' '.join(word if len(word) < 200 else f'{word[:60]}...' for word in record['words'])}{wide}"
        times[name] = times.get(name, 0) + 1
        found[f"{name} #{times[name]}" if times[name] > 1 else name] = record
    return found


def compare(before: dict[str, Record], after: dict[str, Record]) -> int:
    """Prints every command that differs with what differs in it."""
    differing = 0
    for name in list(dict.fromkeys([*before, *after])):
        lines = list(differences(before.get(name), after.get(name)))
        if lines:
            differing += 1
            print(f"== {name}", *lines, sep="\n")  # noqa: T201
    said = f"{differing} of {len(before)} commands differ" if differing else f"No difference in {len(before)} commands"
    print(f"{said}.")  # noqa: T201
    return 1 if differing else 0


def differences(before: Record | None, after: Record | None) -> Iterator[str]:
    """Lines that say what differs; none where nothing does."""
    if before is None or after is None:
        yield "was not there before" if before is None else "is not there any more"
        return
    one, other = dict(flattened("", before)), dict(flattened("", after))
    for key in dict.fromkeys([*one, *other]):
        if key in one and key in other and one[key] != other[key]:
            said = unified_diff(shown(one[key]), shown(other[key]), f"{key} before", f"{key} after", lineterm="")
            yield from list(said) or [f"{key}: {one[key]!r}", f"{key}: {other[key]!r}"]
        elif key not in one or key not in other:
            yield f"{key}: {'was not there before' if key not in one else 'is not there any more'}"


def flattened(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every text in a record by where it stands: `stdout`, `files out.csv text`."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flattened(f"{name} {key}".strip(), inner)
    else:
        yield name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def shown(text: str) -> list[str]:
    """Its lines, ends included, so that a missing line end shows as well; one without any is cut where tags and commas are."""
    lines = text.splitlines(keepends=True)
    return [ascii(part)[1:-1] for line in lines for part in (_cut(line) if len(line) > 400 else [line])]


def _cut(line: str) -> list[str]:
    return line.replace("><", ">\n<").replace(", ", ",\n ").splitlines(keepends=True)


if __name__ == "__main__":
    sys.exit(main())
