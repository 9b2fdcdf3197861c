"""What a command takes, read from the text of its file: running it would load all that the command needs, and a shell waits."""

import ast
from collections.abc import Iterator, Sequence
from keyword import iskeyword
from pathlib import Path
from typing import NamedTuple

COMMANDS = Path(__file__).parents[1]
"""Where the files of the commands are."""


class Declared(NamedTuple):
    """What a command takes."""

    arguments: list[str]
    """What each argument is called in its help, `CASE` or `ACTION...`, in their order."""
    options: dict[str, str | None]
    """What each option takes, as help calls it; None where it is given or not."""


def found_command(words: Sequence[str]) -> tuple[Path, int] | None:
    """The file of the command that words begin with, and how many words its name has; None where there is none."""
    place = COMMANDS
    for number, word in enumerate(words, 1):
        name = f"{word}_" if iskeyword(word) else word
        if not word.isidentifier() or word == "shared":
            return None
        if (place / f"{name}.py").is_file():
            return place / f"{name}.py", number
        place /= name
        if not place.is_dir():
            return None
    return None


def declared(file: Path) -> Declared:
    """What the command in a file takes."""
    module = ast.parse(file.read_bytes())
    known = dict(_imported(module))
    arguments: list[str] = []
    options: dict[str, str | None] = {}
    for name, annotation in _parameters(module, file.stem.rstrip("_")):
        of = known.get(annotation.id) if isinstance(annotation, ast.Name) else annotation
        if not (isinstance(of, ast.Subscript) and isinstance(of.slice, ast.Tuple)):
            continue  # the context
        kind, call = of.slice.elts
        assert isinstance(call, ast.Call)
        how = ast.unparse(call.func)
        texts = [each.value if isinstance(each, ast.Constant) else None for each in call.args]
        texts += [
            each.value.value for each in call.keywords if each.arg == "metavar" and isinstance(each.value, ast.Constant)
        ]
        called = str(texts[1]) if len(texts) > 1 and texts[1] else ""
        if how in ("argument", "typer.Argument"):
            arguments.append(called or name.rstrip("_").upper())
        elif how == "flag" or ast.unparse(kind) == "bool":
            options |= dict.fromkeys(map(str, texts[:1]))
        else:
            options[str(texts[0])] = called if how == "option" else ""
    return Declared(arguments, options)


def _parameters(module: ast.Module, name: str) -> Iterator[tuple[str, ast.expr | None]]:
    """What the function of a name takes, and what it is declared as."""
    for each in module.body:
        if isinstance(each, ast.FunctionDef) and each.name.rstrip("_") == name:
            yield from ((parameter.arg, parameter.annotation) for parameter in each.args.args)


def _imported(module: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """What several commands share, as far as a module imports it: `Case` and the like, each with what it is declared as."""
    for each in module.body:
        shared = f"{__package__}."
        if isinstance(each, ast.ImportFrom) and each.module and each.module.startswith(shared):
            wanted = {alias.name for alias in each.names if alias.name[0].isupper()}
            file = Path(__file__).with_name(f"{each.module.removeprefix(shared)}.py")
            for there in ast.parse(file.read_bytes()).body if wanted else ():
                if (
                    isinstance(there, ast.Assign)
                    and isinstance(there.targets[0], ast.Name)
                    and there.targets[0].id in wanted
                ):
                    yield there.targets[0].id, there.value
