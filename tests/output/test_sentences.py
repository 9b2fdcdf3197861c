"""Every sentence a user can meet stands in one file, `tests/snapshots/sentences.txt`: whoever writes a new one sees it there, among the others.

They are what the source writes: texts of four words and more, and what stands in for what is only known when it is said, in braces; the
help of commands; and the words of pages. Docstrings of anything else, statements of SQL and what only a program reads are left out.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.kept import same_as_kept

PACKAGE = Path(__file__).parents[2] / "escalate"
FEWEST = 4
"""A text of so many words is a sentence."""

WORD = r"(?<![\w./=-])[A-Za-z][a-z'-]*(?![\w/=(])"
SQL = r"^\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|GRANT|REVOKE|PRAGMA|WITH|FROM|WHERE|AND|SET|BEGIN|ORDER|VACUUM|ATTACH)\b"
FOR_PROGRAMS = re.compile(
    r"\\[dsSwbxuU]|\(\?|\[a-z|%Y|^M\{|\bRESTRICT\b|^(Mapping|Sequence|Iterator|Callable)\[|^[a-z’' ]{200,}$|^[a-z|]{60,}$"
)
"""Patterns, types, and lists of words that are looked for."""


def test_every_sentence_is_one_that_somebody_has_read() -> None:
    same_as_kept("sentences.txt", "".join(f"{line}\n" for line in gathered()))


def test_a_sentence_is_found_wherever_it_is_written() -> None:
    tree = ast.parse(
        '"""Not this docstring of a module."""\ndef f(n):\n    "Nor this."\n    return g(f"There are {n.size} of \'em {h(n)} here.")'
    )
    assert list(written_in(tree, is_command=False)) == ["There are {size} of 'em {h} here."]


def gathered() -> Iterator[str]:
    """Each file's sentences under its name, in their order."""
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        if name == "checker.py":
            continue  # a program of its own
        sentences = list(
            dict.fromkeys(written_in(ast.parse(path.read_text(encoding="utf-8")), name.startswith("commands/")))
        )
        if sentences:
            yield f"# {name}"
            yield from sentences
    for path in sorted((PACKAGE / "output" / "templates").glob("*.html")):
        words = re.sub(
            r"\{%.*?%\}|\{#.*?#\}|<style.*?</style>|<[^>]*>", "\n", path.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        sentences = [" ".join(line.split()) for line in words.splitlines() if is_sentence(line)]
        yield f"# output/templates/{path.name}"
        yield from dict.fromkeys(sentences)


def written_in(tree: ast.AST, is_command: bool) -> Iterator[str]:
    """The sentences of a file, in their order; the docstrings of commands are their help."""
    nodes = [*in_order(tree)]
    documents = {
        id(node.body[0].value)
        for node in nodes
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    said_of_fields = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in nodes:
        if (
            isinstance(node, ast.FunctionDef)
            and is_command
            and (said := ast.get_docstring(node))
            and any(arg.arg == "context" for arg in node.args.args)
        ):
            yield " ".join(said.split())
        if id(node) in documents | said_of_fields | parts:
            continue
        if (text := text_of(node)) and is_sentence(text):
            yield " ".join(text.split())


def in_order(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all in it, in the order of the source."""
    to_come = [node]
    while to_come:
        next_ = to_come.pop()
        yield next_
        to_come += reversed([*ast.iter_child_nodes(next_)])


def text_of(node: ast.AST) -> str | None:
    """What a literal says, with the names of what it is filled in with; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else f"{{{name_of(part)}}}" for part in node.values
        )
    return None


def name_of(node: ast.AST) -> str:
    """What a value goes by: `size` of `n.size`, `h` of `h(n)`."""
    if isinstance(node, ast.FormattedValue):
        return name_of(node.value)
    if isinstance(node, ast.Call):
        return name_of(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else "..."


def is_sentence(text: str) -> bool:
    """Whether a text is made of words that people read."""
    return (
        len(re.findall(WORD, text)) >= FEWEST
        and not re.search(SQL, text)
        and not FOR_PROGRAMS.search(text)
        and "{%" not in text
    )
