"""The server is killed under load, and comes back: nothing that was acknowledged is lost, and nothing is there by half."""

import functools
import random
import time
from collections import Counter
from typing import NamedTuple

import pytest

from escalate.errors import ConnectionLost, PerhapsRecorded, ServerAway, StoreLocked
from escalate.storage.store import open_store
from tests.server.killable import Killable, killable
from tests.server.office import Office, at_once, figure, note
from tests.sizes import size

pytestmark = pytest.mark.server

KILLED = size(3, 20)
CLIENTS = 6
AWAY_SECONDS = 0.5


class Told(NamedTuple):
    """What a client was told of each note, by its text."""

    recorded: list[str]
    """It was recorded."""
    perhaps: list[str]
    """It may be recorded or not."""
    not_recorded: list[tuple[str, str]]
    """It was not, with the sentence."""


def busy(office: Office, client: int, turn: int, ref: str, until: float) -> Told:
    """Write notes, one after the other, until a moment; begin again where the server goes away."""
    told, number, login = Told([], [], []), 0, ("nora", "carl")[client % 2]
    while time.monotonic() < until:
        text = ""
        try:
            with open_store(office.place(login, 20)) as store:
                while time.monotonic() < until:
                    number += 1
                    text = f"turn {turn} client {client} note {number}"
                    note(store, ref, text)
                    told.recorded.append(text)
                    text = ""
        except PerhapsRecorded:
            told.perhaps.append(text)
        except (
            ConnectionLost,
            ServerAway,
            StoreLocked,
        ) as problem:  # the last: another was faster once it was there again
            if text:
                told.not_recorded.append((text, problem.sentence))
            time.sleep(0.05)
    return told


def killed_meanwhile(server: Killable, seconds: float) -> None:
    """Kill the server after a while, and start it again."""
    time.sleep(seconds)
    server.kill()
    time.sleep(AWAY_SECONDS)
    server.begin()


@pytest.mark.slow
def test_nothing_that_was_acknowledged_is_lost_when_the_server_is_killed() -> None:
    chance = random.Random(16)
    counted: Counter[str] = Counter()
    with killable() as server:
        office = Office(server.database)
        refs = [office.open(("nora", "carl")[n % 2]) for n in range(3)]
        for turn in range(KILLED):
            until = time.monotonic() + 4
            works = [functools.partial(busy, office, n, turn, refs[n % 3], until) for n in range(CLIENTS)]
            told = at_once(works, functools.partial(killed_meanwhile, server, chance.uniform(0.5, 2)))
            server.wait()
            server.database.close()
            office.administrator = server.database.administrator
            texts = office.texts()
            recorded = [text for each in told for text in each.recorded]
            perhaps = [text for each in told for text in each.perhaps]
            not_recorded = [each for one in told for each in one.not_recorded]
            assert [text for text in recorded if texts[text] != 1] == []
            assert [each for each in not_recorded if texts[each[0]] != 0] == []
            assert [text for text in perhaps if texts[text] > 1] == []
            assert recorded
            counted += Counter(recorded=len(recorded), perhaps=len(perhaps), not_recorded=len(not_recorded))
            assert {text for text in texts if text.startswith(f"turn {turn} ")} <= {*recorded, *perhaps}
            assert office.faults() == []
        assert counted["not_recorded"]
    figure(f"killed {KILLED} times under {CLIENTS} clients: {dict(counted)}")
