"""A line to the server that can be cut or stalled at any message: a socket of its own, which passes on what comes in both directions.

It knows the protocol as far as where a message ends, so that a cut falls before a message, inside one, after it, or inside the answer.
"""

import contextlib
import select
import shutil
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto
from pathlib import Path
from typing import NamedTuple

SOCKET = ".s.PGSQL.5432"
LATE_SECONDS = 0.3


class Where(Enum):
    """Where in a message the line is cut."""

    BEFORE = auto()
    """The server never gets the message."""
    INSIDE = auto()
    """It gets the first half of it."""
    AFTER = auto()
    """It gets the message, and nobody gets its answer."""
    ANSWER = auto()
    """It gets the message, and the client gets the first half of its answer."""
    LATE = auto()
    """The client's line is cut, and the server gets the message all the same a moment later."""
    STALL = auto()
    """Nothing is passed on any more in any direction, and both ends stay open."""
    STALL_AFTER = auto()
    """The server gets the message; after that nothing is passed on any more."""


class Cut(NamedTuple):
    """Where a connection is cut."""

    where: Where
    """Where in the message."""
    is_it: Callable[[int, bytes], bool]
    """Whether this is the message, by its number in the connection, from 0 (the first says who asks), and its bytes."""


def commits(_: int, message: bytes) -> bool:
    """The message that commits."""
    return b"COMMIT" in message


def numbered(wanted: int) -> Callable[[int, bytes], bool]:
    """The message with a number."""
    return lambda number, _: number == wanted


class Relay:
    """A running line. Made by `relay`."""

    def __init__(self, folder: Path, server: Path) -> None:
        self.folder = folder
        self.messages: list[bytes] = []
        """Every message of the clients so far."""
        self.cuts: list[Cut | None] = []
        """How the next connections are cut, the first first; those after them are not."""
        self.is_gone_after_cuts = False
        """Nobody connects any more once there are no cuts left."""
        self._server = server / SOCKET
        self._listening: socket.socket | None = None
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.listen()

    def listen(self) -> None:
        """Take connections."""
        self._listening = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(FileNotFoundError):
            (self.folder / SOCKET).unlink()
        self._listening.bind(str(self.folder / SOCKET))
        (self.folder / SOCKET).chmod(0o777)
        self._listening.listen(64)
        self._start(self._accept, self._listening)

    def refuse(self) -> None:
        """Take no more connections, as a server that is not there."""
        if self._listening:
            self._listening.close()
            self._listening = None
            (self.folder / SOCKET).unlink()

    def plan(self, cuts: Sequence[Cut | None], *, is_gone_after: bool = False) -> None:
        """Cut the next connections so; `is_gone_after`: the server is not there any more after that."""
        self.cuts[:] = cuts
        self.is_gone_after_cuts = is_gone_after
        self.messages.clear()
        if not self._listening:
            self.listen()

    def close_all(self) -> None:
        """End every connection, those that stall too."""
        for each in self._open:
            _close(each)
        self._open.clear()

    def close(self) -> None:
        """End every connection, and take no more."""
        self.refuse()
        self.close_all()
        for thread in self._threads:
            thread.join(10)

    def _start(self, work: Callable[..., None], *values: object) -> None:
        thread = threading.Thread(target=work, args=values, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self, listening: socket.socket) -> None:
        while self._listening is listening:
            try:
                ready, _, _ = select.select([listening], [], [], 0.05)
                client = listening.accept()[0] if ready else None
            except (OSError, ValueError):
                return
            if client is None:
                continue
            cut = self.cuts.pop(0) if self.cuts else None
            server = socket.socket(socket.AF_UNIX)
            try:
                server.connect(str(self._server))
            except OSError:
                _close(client)
                continue
            self._open += [client, server]
            self._start(self._pass_on, client, server, cut)

    def _pass_on(self, client: socket.socket, server: socket.socket, cut: Cut | None) -> None:
        number, waiting = 0, b""
        with contextlib.suppress(OSError):
            while True:
                ready, _, _ = select.select([client, server], [], [])
                if server in ready:
                    answer = server.recv(65_536)
                    client.sendall(answer)
                    if not answer:
                        break
                if client in ready:
                    said = client.recv(65_536)
                    if not said:
                        break
                    waiting += said
                    while (length := _length(waiting, number)) and length <= len(waiting):
                        message, waiting = waiting[:length], waiting[length:]
                        self.messages.append(message)
                        if cut and cut.is_it(number, message):
                            self._cut(client, server, message, cut.where)
                            return
                        server.sendall(message)
                        number += 1
        _close(client)
        _close(server)

    def _cut(self, client: socket.socket, server: socket.socket, message: bytes, where: Where) -> None:
        if self.is_gone_after_cuts and not self.cuts:
            self.refuse()
        with contextlib.suppress(OSError):
            if where is Where.STALL:
                return
            if where is Where.STALL_AFTER:
                server.sendall(message)
                return
            if where is Where.INSIDE:
                server.sendall(message[: len(message) // 2])
            elif where is Where.AFTER:
                server.sendall(message)
                select.select([server], [], [], 5)
            elif where is Where.ANSWER:
                server.sendall(message)
                answer = server.recv(65_536)
                client.sendall(answer[: len(answer) // 2])
            elif where is Where.LATE:
                _close(client)
                time.sleep(LATE_SECONDS)
                server.sendall(message)
                select.select([server], [], [], 5)
        _close(client)
        _close(server)


def _length(waiting: bytes, number: int) -> int:
    """How long the first message is; 0 where that cannot be told yet. The first of a connection has no letter before its length."""
    begins = 0 if number == 0 else 1
    return begins + int(struct.unpack_from("!I", waiting, begins)[0]) if len(waiting) >= begins + 4 else 0


def _close(each: socket.socket) -> None:
    with contextlib.suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    each.close()


@contextlib.contextmanager
def relay(server: Path) -> Iterator[Relay]:
    """A line to the server whose socket is in a folder."""
    folder = Path(tempfile.mkdtemp(prefix="esc-", dir="/tmp"))
    folder.chmod(0o755)
    made = Relay(folder, server)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder)
