"""One run of the simulator: papers go out in any order, released parcels arrive and leave, and a tally is kept."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from common import clock
from simulator import papers
from simulator.client import Client
from simulator.papers import Document, Flavour, Parcel, make_parcel
from simulator.world import GOODS

CARRIER = "logistics"
MOST = 100
"""Documents in one message."""

SETTLED = frozenset({"100", "899"})


@dataclass(slots=True)
class Play:
    """A run with its chance, its parcels and what it sent."""

    client: Client
    run: str
    chance: random.Random
    bad_share: float = 0.1
    parcels: list[Parcel] = field(default_factory=list)
    messages: Counter[str] = field(default_factory=Counter)
    papers_sent: int = 0

    def make(self, count: int) -> list[Parcel]:
        """New parcels, spread over the zones."""
        zones = sorted(GOODS)
        made = []
        for _ in range(count):
            serial = len(self.parcels)
            made.append(make_parcel(self.chance, self.run, serial, self.chance.choice(zones), self.bad_share))
            self.parcels.append(made[-1])
        return made

    def file(self, parcels: Sequence[Parcel]) -> None:
        """Send orders, waybills and checklists of these parcels, in an order drawn by chance."""
        steps: list[Callable[[Sequence[Parcel]], None]] = [self._orders, self._waybills, self._checklists]
        self.chance.shuffle(steps)
        for step in steps:
            step(parcels)

    def _orders(self, parcels: Sequence[Parcel]) -> None:
        for seller, group in _by(parcels, lambda one: one.seller):
            self._send(seller, "CEB303", [papers.order(one, self.client.firm(seller)) for one in group])

    def _waybills(self, parcels: Sequence[Parcel]) -> None:
        coming = [one for one in parcels if one.flavour is not Flavour.NO_WAYBILL]
        carrier = self.client.firm(CARRIER)
        self._send(CARRIER, "CEB505", [papers.waybill(one, carrier) for one in coming])

    def _checklists(self, parcels: Sequence[Parcel]) -> None:
        day, carrier = clock.today().strftime("%Y%m%d"), self.client.firm(CARRIER)
        for seller, group in _by(parcels, lambda one: one.seller):
            firm = self.client.firm(seller)
            for start in range(0, len(group), MOST):
                part = group[start : start + MOST]
                sent = self._send(seller, "CEB603", [papers.checklist(one, firm, carrier, day) for one in part])
                for place, one in enumerate(part):
                    one.checklist_message, one.place = sent[0], place

    def _send(self, key: str, type: str, documents: Sequence[Document]) -> list[int]:
        ids = []
        for start in range(0, len(documents), MOST):
            ids.append(self.client.send(key, type, documents[start : start + MOST]))
            self.messages[type] += 1
        self.papers_sent += len(documents)
        return ids

    def look(self) -> Counter[str]:
        """Ask where every checklist stands that is not settled; the tally by state."""
        open_parcels = [one for one in self.parcels if one.checklist_message and one.status not in SETTLED]
        for (seller, id), group in _by(open_parcels, lambda one: (one.seller, one.checklist_message)):
            documents = self.client.message(seller, id).get("documents", [])
            for one in group:
                if one.place < len(documents):
                    one.status = documents[one.place]["current_status"]
        return Counter(one.status or "—" for one in self.parcels)

    def move(self, share: float = 1.0) -> None:
        """Bring a share of the released parcels to their sites and over the border, under one bill per seller."""
        released = [one for one in self.parcels if one.status == "800" and self.chance.random() < share]
        carrier = self.client.firm(CARRIER)
        for operator, group in _by(released, lambda one: one.operator):
            number = f"{self.run}{self.client.sent:05d}"
            firm = self.client.firm(group[0].seller)
            arrival = papers.arrival(group, self.client.firm(operator), carrier, f"YD{number}")
            self._send(operator, "CEB507", [arrival])
            self._send(group[0].seller, "CEB607", [papers.master_list(group, firm, carrier, f"ZF{number}")])
        self.settle()
        for _, group in _by(released, lambda one: one.zone):
            number = f"{self.run}{self.client.sent:05d}"
            left_at = clock.now().strftime("%Y%m%d%H%M%S")
            self._send(CARRIER, "CEB509", [papers.departure(group, carrier, f"LJ{number}", left_at)])

    def settle(self, seconds: float = 10.0) -> None:
        """Wait until the platform has answered what was sent, at most so long."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            tally = self.look()
            if not tally.get("—"):
                return
            time.sleep(0.3)


def _by(parcels: Iterable[Parcel], key: Callable[[Parcel], Any]) -> list[tuple[Any, list[Parcel]]]:
    groups: dict[Any, list[Parcel]] = {}
    for one in parcels:
        groups.setdefault(key(one), []).append(one)
    return list(groups.items())


def play_samples(play: Play, count: int = 64) -> Counter[str]:
    """Sample parcels for a first start: some of every state, across all zones."""
    play.bad_share = 0.3
    play.file(play.make(count))
    play.settle()
    play.move(share=0.6)
    play.settle(3.0)
    return play.look()


def play_on(play: Play, rate: float, count: int | None, say: Callable[[str], None]) -> Counter[str]:
    """Send `rate` parcels a second until `count` are out (None: for ever); what is released moves on."""
    started, step = time.monotonic(), 0
    while count is None or len(play.parcels) < count:
        due = int((time.monotonic() - started) * rate) + 1 - len(play.parcels)
        if count is not None:
            due = min(due, count - len(play.parcels))
        if due > 0:
            play.file(play.make(min(due, MOST)))
            step += 1
            if step % 10 == 0:
                say(tally_line(play, play.look()))
                play.move(share=0.7)
        else:
            time.sleep(min(0.2, 1 / rate))
    play.settle()
    return play.look()


def tally_line(play: Play, states: Mapping[str, int]) -> str:
    """What was sent and where it stands, on one line."""
    shown = "  ".join(f"{state}:{count}" for state, count in sorted(states.items()))
    return f"{len(play.parcels)} parcels, {play.papers_sent} papers, {sum(play.messages.values())} messages | {shown}"
