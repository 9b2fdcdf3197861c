"""Why a text is not well-formed TOML, in the words of somebody who does not know TOML: what is usually mistyped, by name."""

import re
from collections.abc import Callable
from typing import NamedTuple

CURLY = "\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
"""The quotation marks that word processors put in."""

_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class _Line(NamedTuple):
    """The line at which reading stopped."""

    text: str
    """What stands there, without a remark."""
    key: str
    """What stands before the equals sign; the whole line where there is none."""
    value: str
    """What stands after it; empty where there is none."""
    said: str
    """What tomllib says."""
    stopped: str
    """The character at which it stopped; empty at the end of the text."""
    field: str
    """What it stopped at between two commas in curly brackets, such as `on = 24/12/2026`; empty outside them."""

    @property
    def in_quotes(self) -> str:
        """The value with quotes around it, and none inside."""
        return f'{self.key} = "{self.value.strip(CURLY + chr(34) + chr(39))}"'

    @property
    def field_key(self) -> str:
        """What stands before the colon that should be an equals sign."""
        return self.field.partition(":")[0].strip()

    @property
    def field_in_quotes(self) -> str:
        """The field with quotes around its value."""
        key, _, value = self.field.partition("=")
        return f'{key.strip()} = "{value.strip()}"'

    @property
    def straight(self) -> str:
        """The line with straight quotes."""
        return self.text.translate({ord(each): "\"\"''"[n] for n, each in enumerate(CURLY)})


_OTHER_DATES = (
    r"[0-9]{1,2}[/.-][0-9]{1,2}[/.-][0-9]{2,4}|[0-9]{1,2} [A-Za-z]+ [0-9]{4}|[0-9]{4}[/.-][0-9]{1,2}[/.-][0-9]{1,2}"
)
"""Dates as people write them, in ways that a file cannot have without quotes."""

_CAUSES: tuple[tuple[Callable[[_Line], object], str], ...] = (
    (lambda line: set(CURLY) & {*line.key, *line.value[:1], *line.value[-1:], line.stopped},
        "it has curly quotes, as a word processor puts them in; write straight ones: {line.straight}"),
    (lambda line: re.search(r"'[^']*\w'\w", line.value), "an apostrophe ends the text; put it in double quotes instead of single ones"),
    (lambda line: line.value.startswith((3 * '"', 3 * "'")), "the text that begins with three quotes is not ended by three"),
    (lambda line: line.value.startswith(('"', "[", "{")) and line.value.count('"') % 2,
        "a quote is missing, at the beginning or the end of the text"),
    (lambda line: line.value.count('"') > 2 and not line.value.startswith(("[", "{")),
        "there are quotes within the quotes; write single ones inside, as in 'so'"),
    (lambda line: line.value.startswith('"') and "\\" in line.value,
        "a backslash has a meaning of its own in quotes; write it twice, or put the text in single quotes"),
    (lambda line: line.stopped.isspace() and line.stopped not in " \t\r\n",
        "it has a space that is not an ordinary one, as a word processor or a web page puts in; delete it, and type it again"),
    (lambda line: line.stopped and not line.stopped.isprintable(), "it has a character that no text has; delete it, or the whole line, and type it again"),
    (lambda line: "twice" in line.said and line.text.startswith("[") and not line.text.startswith("[["),
        "this part is there already; say all of it in one place or, where there may be several, begin each with two brackets: [{line.text}]"),
    (lambda line: line.key.startswith("[") and line.value, "begin a new line after the brackets"),
    (lambda line: re.fullmatch(r"\[\[[^\[\]]+\]", line.text) or re.fullmatch(r"\[[^\[\]]+\]\]", line.text),
        "a bracket is missing; one more of a kind begins with two and ends with two: [[{name}]]"),
    (lambda line: re.fullmatch(r"\[+[^\]]*", line.text), "a bracket is missing at the end of the line"),
    (lambda line: line.key.startswith("[") and " " in line.key.strip("[] "), "a name in brackets has no spaces"),
    (lambda line: "overwrite" in line.said, "something is said twice; say it once"),
    (lambda line: line.value.casefold() in ("true", "false", "yes", "no"),
        "write true or false, in small letters and without quotes"),
    (lambda line: line.value and re.fullmatch(r"[0-9][0-9./-]*", line.value),
        "write a date or a number such as this one in quotes, a date with the year first: {line.in_quotes}"),
    (lambda line: "statement" in line.said and line.value.startswith('"'), "there is something after the text; put it within the quotes, or into a line of its own"),
    (lambda line: re.match(r"[\w-]+\s*:", line.field), 'write an equals sign instead of the colon, as in {line.field_key} = "text"'),
    (lambda line: re.search(rf"=\s*(?:{_OTHER_DATES})$", line.field), "write a date with the year first, as in 2026-12-24"),
    (lambda line: re.search(r"""["'\]}\w]\s+[\w-]+\s*=\s*\S""", line.field.partition("=")[2]), "a comma is missing between two fields in curly brackets"),
    (lambda line: re.fullmatch(r"""[\w-]+\s*=\s*[^"'\[{\s].*""", line.field), "write a text in quotes: {line.field_in_quotes}"),
    (lambda line: re.search(r",\s*\}", line.value), "leave out the comma before the closing curly bracket"),
    (lambda line: line.value.count("{") > line.value.count("}"),
        "a curly bracket is not closed; write all that is in curly brackets in one line"),
    (lambda line: re.fullmatch(r"\[\s*[\w-]+\s*=.*", line.value), "a list of parts has curly brackets around each: [{{ one }}, {{ another }}]"),
    (lambda line: "array" in line.said, 'a list is not closed, or a comma is missing between two of its entries; it reads ["one", "two"]'),
    (lambda line: re.match(r"\s*[\w-]+\s*:", line.text), 'write an equals sign instead of the colon, as in {name} = "text"'),
    (lambda line: line.value and line.value[0] not in "\"'[{", "write a text in quotes: {line.in_quotes}"),
    (lambda line: line.text.endswith("="), "there is nothing after the equals sign"),
    (lambda line: not line.value and line.text and not line.text.startswith(("[", "#")),
        'it is neither NAME = "text" nor the beginning of a part; a remark begins with #'),
)  # fmt: skip


def why_not_toml(text: str, said: str) -> str:
    """What is mistyped, with its line, in a text of which tomllib said that it is not well-formed: `line 9: a quote is missing ...`.

    Where none of the usual mistakes is found, what tomllib said.
    """
    where = _AT.search(said)
    lines = text.split("\n")
    number = int(where[1]) if where and where[1] else _last_begun(lines, said)
    line = _line(lines[number - 1], said, int(where[2]) if where and where[2] else 0)
    if "overwrite" in said and (single := _with_one_bracket(lines[: number - 1], line.text)):
        return f"line {single}: there may be several of these, so begin each with two brackets: {line.text}"
    if "overwrite" in said and (orphan := _without_its_own(lines[: number - 1], line.text)):
        return f"line {orphan}: what it is part of does not stand above it; see whether {line.text} is mistyped there, or left out"
    for happened, cause in _CAUSES:
        if happened(line):
            name = re.sub(r"[\[\]\s:].*", "", line.text.strip("[] ")) or "name"
            return f"line {number}: {cause.format(line=line, name=name)}"
    return said


def _without_its_own(before: list[str], header: str) -> int | None:
    """The number of the first line that begins a part of one of a list, such as [[stages.actions]], before any [[stages]]."""
    name = _HEADER.fullmatch(header)
    if name is None:
        return None
    parts = re.compile(rf"\s*\[\[?\s*{re.escape(name[1])}\s*(\.|\]\])")
    since = _last_of(before, name[1].rpartition(".")[0])
    found = next(
        ((n, match[1]) for n, line in enumerate(before, 1) if n > since and (match := parts.match(line))), None
    )
    return found[0] if found and found[1] == "." else None


_HEADER = re.compile(r"\[\[\s*([\w.-]+)\s*\]\]")
"""A line that begins one more of a kind."""


def _last_of(before: list[str], name: str) -> int:
    """The number of the last line that begins one more of a kind; 0 where none does."""
    begun = (n for n, line in enumerate(before, 1) if (match := _HEADER.match(line.strip())) and match[1] == name)
    return max(begun, default=0)


def _with_one_bracket(before: list[str], header: str) -> int | None:
    """The number of the last line that begins one more of a kind with one bracket only: `[facts]` above `[[facts]]`."""
    name = _HEADER.fullmatch(header)
    single = re.compile(rf"\[\s*{re.escape(name[1])}\s*\]" if name else "(?!)")
    return max((n for n, line in enumerate(before, 1) if single.match(line.strip())), default=None)


def _last_begun(lines: list[str], said: str) -> int:
    """The number of the line that was not ended when the text was: the last that begins a text of several lines, or the last of all."""
    begun = [n for n, line in enumerate(lines, 1) if line.count('"""') == 1 or line.count("'''") == 1]
    written = [n for n, line in enumerate(lines, 1) if line.strip()]
    return (begun if "string" in said and begun else written or [1])[-1]


def _line(text: str, said: str, column: int) -> _Line:
    plain = re.sub(r"\s+#[^\"'\]]*$", "", text).strip()
    if re.match(r"""[^"'=]*=[^"'\[{]*\s#""", plain):  # no text was begun before the remark, which may have quotes
        plain = plain.partition("#")[0].strip()
    key, equals, value = plain.partition("=")
    stopped = text[column - 1 : column] if column else ""
    return _Line(plain, key.strip(), value.strip() if equals else "", said, stopped, _field_at(text, column))


def _field_at(text: str, column: int) -> str:
    """What stands between two commas in curly brackets around a column; empty outside of them."""
    before = text[: max(column - 1, 0)]
    if before.count("{") <= before.count("}"):
        return ""
    begun = max(before.rfind("{"), before.rfind(",")) + 1
    return re.split(r"[,}\]]", text[begun:])[0].strip()
