"""One run of the simulator: papers go out in any order, released parcels arrive and leave, and a tally is kept."""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from common import clock
from common.money import plain
from simulator import papers
from simulator.client import Client
from simulator.papers import ABROAD, BAD, Document, Flavour, Parcel, make_parcel
from simulator.world import GOODS

CARRIER = "logistics"
MOST = 100
"""Documents in one message."""

RELEASED = "800"
SETTLED = frozenset({"100", "899"})
WATCHED = 2_000
"""So many unsettled parcels are asked for; older ones are left to themselves."""

UNANSWERED = "—"
_TELL_S = 5.0


@dataclass(slots=True)
class Play:
    """A run with its chance, its parcels and what it sent.

    `chance` makes parcels and the order of their papers, `luck` what becomes of them later: that hangs on the
    platform's answers and their time, and must not change which parcels a seed makes.
    `bad_share` of the parcels have something wrong; `xml_share` of the messages go in XML; `again_share` of the
    groups have their checklists filed once more under a new number, which the platform must refuse.
    """

    client: Client
    run: str
    chance: random.Random
    bad_share: float = 0.1
    xml_share: float = 0.0
    again_share: float = 0.0
    luck: random.Random = field(default_factory=lambda: random.Random(0))
    parcels: list[Parcel] = field(default_factory=list)
    messages: Counter[str] = field(default_factory=Counter)
    waiting: deque[tuple[str, int]] = field(default_factory=deque)
    """Sender and id of messages that the platform may still be working on, oldest first."""
    papers_sent: int = 0

    def make(self, count: int) -> list[Parcel]:
        """New parcels, spread over the zones."""
        zones = sorted(GOODS)
        return [self.make_one(self.chance.choice(zones)) for _ in range(count)]

    def make_one(self, zone: str, flavour: Flavour | None = None) -> Parcel:
        """One new parcel of a zone, of the flavour or as chance has it."""
        made = make_parcel(self.chance, self.run, len(self.parcels), zone, self.bad_share, flavour)
        self.parcels.append(made)
        return made

    def file(self, parcels: Sequence[Parcel]) -> None:
        """Send orders, waybills and checklists of these parcels, in an order drawn by chance, late papers last."""
        steps: list[Callable[[Sequence[Parcel], bool], None]] = [self._orders, self._waybills, self._checklists]
        self.chance.shuffle(steps)
        for late in (False, True):
            for step in steps:
                step(parcels, late)
        if self.chance.random() < self.again_share:
            self._checklists_again(parcels)

    def _orders(self, parcels: Sequence[Parcel], late: bool) -> None:
        coming = [one for one in parcels if (one.late == "order") == late]
        for filer, group in _by(coming, lambda one: one.platform or one.seller):
            orders = [papers.order(one, self.client.firm(one.seller), self._platform(one)) for one in group]
            self._send(filer, "CEB303", orders)

    def _waybills(self, parcels: Sequence[Parcel], late: bool) -> None:
        coming = [one for one in parcels if one.flavour is not Flavour.NO_WAYBILL and (one.late == "waybill") == late]
        carrier = self.client.firm(CARRIER)
        self._send(CARRIER, "CEB505", [papers.waybill(one, carrier) for one in coming])

    def _checklists(self, parcels: Sequence[Parcel], late: bool) -> None:
        if late:
            return
        for declarant, group in _by(parcels, lambda one: one.declarant):
            for start in range(0, len(group), MOST):
                part = group[start : start + MOST]
                sent = self._send(declarant, "CEB603", [self._checklist(one) for one in part])
                for place, one in enumerate(part):
                    one.checklist_message, one.place = sent[0], place

    def _checklists_again(self, parcels: Sequence[Parcel]) -> None:
        for declarant, group in _by(parcels, lambda one: one.declarant):
            self._send(declarant, "CEB603", [self._checklist(one) for one in group], salt="again")

    def _checklist(self, one: Parcel) -> Document:
        firm, agent = self.client.firm(one.seller), self.client.firm(one.declarant)
        carrier, day = self.client.firm(CARRIER), clock.today().strftime("%Y%m%d")
        return papers.checklist(one, firm, carrier, day, agent, self._platform(one))

    def _platform(self, one: Parcel) -> Mapping[str, Any] | None:
        return None if one.platform == ABROAD else self.client.firm(one.platform)

    def _send(self, key: str, type: str, documents: Sequence[Document], salt: str = "") -> list[int]:
        ids = []
        for start in range(0, len(documents), MOST):
            part = documents[start : start + MOST]
            guid = self.client.guid(type, part, salt)
            ids.append(self.client.send(key, type, part, guid=guid, stamp=self._stamp(guid, part)))
            self.waiting.append((key, ids[-1]))
            self.messages[type] += 1
        self.papers_sent += len(documents)
        return ids

    def _stamp(self, guid: str, documents: Sequence[Document]) -> str:
        """The filing time of a message that goes in XML; empty for JSON, which alone can carry extras."""
        extras = any(set(one) - {"head", "lines"} for one in documents)
        in_xml = int(guid[:4], 16) < self.xml_share * 0x10000
        return clock.now().strftime("%Y%m%d%H%M%S") if in_xml and not extras else ""

    def look(self) -> Counter[str]:
        """Ask where every checklist stands that is not settled; the tally by state."""
        unsettled = [one for one in self.parcels if one.checklist_message and not _settled(one)][-WATCHED:]
        for (declarant, id), group in _by(unsettled, lambda one: (one.declarant, one.checklist_message)):
            documents = self.client.message(declarant, id).get("documents", [])
            for one in group:
                if one.place < len(documents):
                    one.status = documents[one.place]["current_status"]
        return Counter(one.status or UNANSWERED for one in self.parcels)

    def move(self, share: float = 1.0) -> None:
        """Bring a share of the released parcels to their sites and over the border, under one bill per declarant."""
        released = [one for one in self.parcels if one.status == RELEASED and self.luck.random() < share]
        self.arrive(released)
        self.settle()
        carrier = self.client.firm(CARRIER)
        for _, group in _by(released, lambda one: one.zone):
            left_at = clock.now().strftime("%Y%m%d%H%M%S")
            self._send(CARRIER, "CEB509", [papers.departure(group, carrier, self._number("LJ"), left_at)])

    def arrive(self, parcels: Sequence[Parcel]) -> None:
        """Arrival at the site, now and then with weights from its scale, and the declarant's master list."""
        carrier = self.client.firm(CARRIER)
        for operator, group in _by(parcels, lambda one: one.operator):
            scale = {one.waybill_no: self._weighed(one) for one in group} if self.luck.random() < 0.25 else None
            arrival = papers.arrival(group, self.client.firm(operator), carrier, self._number("YD"), scale)
            self._send(operator, "CEB507", [arrival])
        for (_, declarant), group in _by(parcels, lambda one: (one.zone, one.declarant)):
            firm = self.client.firm(declarant)
            self._send(declarant, "CEB607", [papers.master_list(group, firm, carrier, self._number("ZF"))])

    def _weighed(self, one: Parcel) -> str:
        share = Decimal(self.luck.randint(98, 102)) / 100
        return plain((one.gross * share).quantize(papers.GRAM))

    def _number(self, kind: str) -> str:
        return f"{kind}{self.run}{self.client.sent:05d}"

    def settle(self, seconds: float = 15.0) -> None:
        """Wait until the platform has worked on everything that was sent, at most so long; then look."""
        until = time.monotonic() + seconds
        while self.waiting and time.monotonic() < until:
            key, id = self.waiting[0]
            if self.client.message(key, id).get("state") == "received":
                time.sleep(0.2)
            else:
                self.waiting.popleft()
        self.look()


def _settled(one: Parcel) -> bool:
    """Nothing more comes of a parcel that left, was rejected, or was refused."""
    return one.status in SETTLED or one.status.startswith("-")


def _by(parcels: Iterable[Parcel], key: Callable[[Parcel], Any]) -> list[tuple[Any, list[Parcel]]]:
    groups: dict[Any, list[Parcel]] = {}
    for one in parcels:
        groups.setdefault(key(one), []).append(one)
    return list(groups.items())


def play_samples(play: Play, count: int = 64) -> Counter[str]:
    """Sample parcels for a first start: some of every state, in all zones; the bad ones in turn, so that none lacks."""
    zones = sorted(GOODS)
    made = []
    for n in range(count):
        flavour = BAD[n // 3 % len(BAD)] if n % 3 == 0 else Flavour.GOOD
        made.append(play.make_one(zones[n % len(zones)], flavour))
    play.file(made)
    play.settle()
    released = [one for one in made if one.status == RELEASED]
    play.arrive(released[::4])
    play.move(share=0.5)
    play.settle()
    return play.look()


def play_on(play: Play, rate: float, count: int | None, say: Callable[[str], None]) -> Counter[str]:
    """Send `rate` parcels a second until `count` are out (None: for ever); what is released moves on.

    Groups of 1 to 100 go out together, small ones more often; a group waits until its last parcel is due.
    """
    started, told = time.monotonic(), 0.0
    while count is None or len(play.parcels) < count:
        size = 1 + int(min(MOST, 5 * rate) * play.chance.random() ** 2)
        size = min(size, MOST, count - len(play.parcels) if count is not None else MOST)
        ready = started + (len(play.parcels) + size - 1) / rate
        time.sleep(max(0.0, ready - time.monotonic()))
        play.file(play.make(size))
        if time.monotonic() - told > _TELL_S:
            say(tally_line(play, play.look()))
            play.move(share=0.7)
            told = time.monotonic()
    play.settle()
    play.move(share=0.9)
    play.settle()
    return play.look()


def tally_line(play: Play, states: Mapping[str, int]) -> str:
    """What was sent and where it stands, on one line."""
    shown = "  ".join(f"{state}:{count}" for state, count in sorted(states.items()))
    return f"{len(play.parcels)} parcels, {play.papers_sent} papers, {sum(play.messages.values())} messages | {shown}"


def report(play: Play) -> str:
    """What was sent, by type, and what came of each flavour of parcel, on several lines."""
    lines = [f"{count:6} {type}" for type, count in sorted(play.messages.items())]
    for flavour in Flavour:
        states = Counter(one.status or UNANSWERED for one in play.parcels if one.flavour is flavour)
        if states:
            shown = "  ".join(f"{state}:{count}" for state, count in sorted(states.items()))
            lines.append(f"{states.total():6} {flavour.value}: {shown}")
    return "\n".join(lines)
