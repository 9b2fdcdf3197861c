"""The board that the digest makes anew each morning, in the place of the one of the day before."""

import os
from contextlib import AbstractContextManager
from pathlib import Path
from stat import S_IMODE

from escalate.commands.shared.afterwards import followed_by
from escalate.commands.shared.board import BoardAsked, board_of, write_board
from escalate.commands.shared.session import Session
from escalate.commands.shared.written import destination
from escalate.errors import EscalateError, Refused
from escalate.output.board.page import ENDINGS, is_board
from escalate.output.terminal import complain
from escalate.storage.store import Store


def board_file(named: str) -> Path:
    """The file that somebody named for the board. Raises BadInput for what no page is called."""
    path, _ = destination(named, ENDINGS, force=False, as_json=False)
    return path or Path(named)


def followed_by_board(
    here: Session, store: Store, path: Path, asked: BoardAsked, *, dry_run: bool
) -> AbstractContextManager[None]:
    """Make the board once the digest inside is out. Ends with status 1 where it cannot be made, which is said.

    A dry run only looks whether it could be.
    """
    return followed_by(lambda: _made(here, store, path, asked, dry_run=dry_run))


def _made(here: Session, store: Store, path: Path, asked: BoardAsked, *, dry_run: bool) -> bool:
    """Whether the board was made; if not, that is said."""
    try:
        _refuse_other(path)
        if not dry_run:
            _replace(here, store, path, asked)
    except EscalateError as problem:
        complain(f"No new board was made: {problem.sentence}")
        return False
    return True


def _refuse_other(path: Path) -> None:
    """Raise Refused where there is something else than a board, or nowhere to put one."""
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise Refused(f"{path.parent} is not a folder you can write to.")
    if path.is_file() and not is_board(path.read_bytes()):
        raise Refused(
            f"{path} is there already and is not a board, so it was left alone: name another file with --board."
        )


def _replace(here: Session, store: Store, path: Path, asked: BoardAsked) -> None:
    """Make the board; who could read the one before can read this one. Raises Refused, StoreError."""
    mode = S_IMODE(path.stat().st_mode) if path.is_file() else None
    made, about = board_of(here, store, asked)
    write_board(here, path, made, about, force=True)
    if mode is not None and os.name == "posix":
        path.chmod(mode)
