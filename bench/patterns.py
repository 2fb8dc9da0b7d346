"""Parcels that really went the whole road, as patterns for loading many: the simulator plays, a worker beside it works.

Every column of a pattern's rows, its match and its trace included, is what intake, matching, tiering and closing wrote.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bench.place import Place
from common import clock
from customs.intake.process import process_message
from customs.rules.moves import State
from customs.tables import Checklist
from simulator.client import Client
from simulator.playing import Play

PARCELS = 240
SEED = 610
_ACCOUNTS = "demo-accounts.json"


class OnTheRoad(Client):
    """The simulator's client on the application itself; each message is worked on at once."""

    web: FlaskClient
    factory: sessionmaker[Session]

    def call(
        self, method: str, path: str, key: str, raw: bytes | None = None, content_type: str = ""
    ) -> tuple[int, Any]:
        """One request in this process."""
        headers = {"Authorization": f"Bearer {self.accounts[key]['token']}"}
        answer = self.web.open(path, method=method, data=raw, content_type=content_type or None, headers=headers)
        body = answer.get_json()
        if path == "/api/v1/messages" and answer.status_code in (200, 202):
            process_message(self.factory, body["id"], clock.now())
        return answer.status_code, body


def _client(accounts: Path, run: str) -> OnTheRoad:
    found = OnTheRoad.open("http://bench", accounts, run)
    assert isinstance(found, OnTheRoad)
    return found


def play_patterns(where: Place, count: int = PARCELS, run: str = "B") -> list[int]:
    """File ordinary parcels and let all that are released leave; the ids of the closed checklists."""
    client = _client(Path(where.folder) / _ACCOUNTS, run)
    client.web, client.factory = where.app.test_client(), where.factory
    play = Play(client, run, random.Random(SEED), bad_share=0.0)
    parcels = play.make(count)
    play.file(parcels)
    play.look()
    released = [one for one in parcels if one.status == State.RELEASED]
    play.arrive(released, {})
    play.look()
    play.depart([one for one in released if one.status == State.RELEASED])
    filed = [one.checklist for one in parcels]
    with where.factory() as session:
        closed = select(Checklist.id).where(Checklist.status == State.CLOSED, Checklist.id.in_(filed))
        return list(session.scalars(closed.order_by(Checklist.id)))
