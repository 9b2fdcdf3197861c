"""Files of a scheduler that are ours: all of them written, or none."""

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from escalate import durable
from escalate.errors import Refused
from escalate.output.files import making


def put_there(folder: Path, texts: Mapping[str, str]) -> None:
    """Write files of these names into a folder, in the place of any that are there. Raises Refused."""
    try:
        durable.make_folder(folder)
    except OSError as problem:
        raise Refused(f"{folder} cannot be written: {problem.strerror or problem}.") from problem
    with ExitStack() as all_of_them:
        files = [all_of_them.enter_context(making(folder / name, force=True)) for name in texts]
        for file, text in zip(files, texts.values(), strict=True):
            file.write(text.encode())
