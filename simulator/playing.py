"""One run of the simulator: papers go out in any order, released parcels arrive and leave, and a tally is kept."""

from __future__ import annotations

import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from common import clock
from common.money import plain
from simulator import papers
from simulator.client import Client
from simulator.papers import ABROAD, CASH, Document, Flavour, Parcel, make_parcel
from simulator.world import CARRIER, GOODS

MOST = 100
"""Documents in one message."""

RELEASED = "800"
CANCELLABLE = frozenset({"399", RELEASED})
"""States of checklists that have a number of customs and whose goods have not left."""

REASONS = ("买家取消订单", "商品缺货，无法发货", "申报内容有误，重新申报")
CANCEL_SHARE = 0.03
"""Share of the released parcels that their declarant asks to cancel instead."""

_PAYMENT_RECEIPT = "payment_receipt"
CLOSED = "899"
SETTLED = frozenset({"100", CLOSED})
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
    groups have their checklists filed once more under a new number, which the platform must refuse. Where `begun` is
    given, every time written is told from it, so that a run played again sends the very same bytes.
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
    begun: datetime | None = None
    _numbers: Counter[str] = field(default_factory=Counter)

    @property
    def now(self) -> datetime:
        """The time written into papers, China time."""
        return (self.begun or clock.now()).astimezone(clock.CHINA)

    def make(self, count: int) -> list[Parcel]:
        """New parcels, spread over the zones."""
        zones = sorted(GOODS)
        return [self.make_one(self.chance.choice(zones)) for _ in range(count)]

    def make_one(self, zone: str, flavour: Flavour | None = None) -> Parcel:
        """One new parcel of a zone, of the flavour or as chance has it."""
        offices = self.client.offices()
        made = make_parcel(self.chance, self.run, len(self.parcels), zone, offices, self.bad_share, flavour)
        if made.mode == "9810":
            self._bind(made)
        self.parcels.append(made)
        return made

    def _bind(self, one: Parcel) -> None:
        """An export to an overseas warehouse names one that its seller may use, and goes where that stands."""
        houses = self.client.warehouses(one.seller)
        if houses:
            house = houses[len(self.parcels) % len(houses)]
            one.warehouse, one.country, one.platform = house["name"]["zh"], house["country"], ABROAD

    def file(self, parcels: Sequence[Parcel]) -> None:
        """Send all papers of these parcels, in an order drawn by chance, late papers last."""
        steps: list[Callable[[Sequence[Parcel], bool], None]]
        steps = [self._orders, self._waybills, self._receipts, self._checklists]
        self.chance.shuffle(steps)
        for late in (False, True):
            for step in steps:
                step(parcels, late)
        if self.chance.random() < self.again_share:
            self._checklists_again(parcels)

    def _orders(self, parcels: Sequence[Parcel], late: bool) -> None:
        coming = [one for one in parcels if (one.late == "order") == late]
        for filer, group in by(coming, lambda one: one.platform or one.seller):
            orders = [papers.order(one, self.client.firm(one.seller), self._platform(one)) for one in group]
            self.send(filer, "CEB303", orders)

    def _waybills(self, parcels: Sequence[Parcel], late: bool) -> None:
        coming = [one for one in parcels if one.flavour is not Flavour.NO_WAYBILL and (one.late == "waybill") == late]
        carrier = self.client.firm(CARRIER)
        self.send(CARRIER, "CEB505", [papers.waybill(one, carrier) for one in coming])

    def _receipts(self, parcels: Sequence[Parcel], late: bool) -> None:
        """The receipts that the law asks for, and some that it does not; by payment institution or seller."""
        coming = [one for one in parcels if (one.late == "receipt") == late and self._has_receipt(one)]
        for filer, group in by(coming, lambda one: one.seller if one.payer in ("", CASH) else one.payer):
            self.send(filer, "CEB403", [self._receipt(one) for one in group])

    def _has_receipt(self, one: Parcel) -> bool:
        required = self.client.required_papers(one.mode, self.now.date().isoformat())
        return _PAYMENT_RECEIPT in required or (one.receipt and one.mode != "9810")

    def _receipt(self, one: Parcel) -> Document:
        payer = None if one.payer == CASH else self.client.firm(one.payer or "payment")
        credited = self.now.strftime("%Y%m%d000000")
        return papers.receipt(one, self.client.firm(one.seller), self._platform(one), payer, credited)

    def _checklists(self, parcels: Sequence[Parcel], late: bool) -> None:
        if late:
            return
        for declarant, group in by(parcels, lambda one: one.declarant):
            for start in range(0, len(group), MOST):
                part = group[start : start + MOST]
                sent = self.send(declarant, "CEB603", [self._checklist(one) for one in part])
                for place, one in enumerate(part):
                    one.checklist_message, one.place = sent[0], place

    def _checklists_again(self, parcels: Sequence[Parcel]) -> None:
        for declarant, group in by(parcels, lambda one: one.declarant):
            self.send(declarant, "CEB603", [self._checklist(one) for one in group], salt="again")

    def _checklist(self, one: Parcel) -> Document:
        firm, agent = self.client.firm(one.seller), self.client.firm(one.declarant)
        carrier, day = self.client.firm(CARRIER), self.now.strftime("%Y%m%d")
        return papers.checklist(one, firm, carrier, day, agent, self._platform(one))

    def _platform(self, one: Parcel) -> Mapping[str, Any] | None:
        return None if one.platform == ABROAD else self.client.firm(one.platform)

    def send(self, key: str, type: str, documents: Sequence[Document], salt: str = "") -> list[int]:
        """Send documents of a type as an account, a hundred to a message at most; gives the messages' ids."""
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
        return self.now.strftime("%Y%m%d%H%M%S") if in_xml and not extras else ""

    def look(self) -> Counter[str]:
        """Ask where every checklist stands that is not settled; the tally by state."""
        unsettled = [one for one in self.parcels if one.checklist_message and not _settled(one)][-WATCHED:]
        for (declarant, id), group in by(unsettled, lambda one: (one.declarant, one.checklist_message)):
            documents = self.client.message(declarant, id).get("documents", [])
            for one in group:
                if one.place < len(documents):
                    one.status = documents[one.place]["current_status"]
                    one.checklist = documents[one.place]["id"] or 0
        return Counter(one.status or UNANSWERED for one in self.parcels)

    def move(self, share: float = 1.0) -> None:
        """Bring a share of the released parcels to their sites and over the border; cancel a few instead."""
        ready = [one for one in self.parcels if one.status == RELEASED and not one.cancelling]
        moving = [one for one in ready if self.luck.random() < share]
        self.cancel([one for one in moving if self.luck.random() < CANCEL_SHARE])
        moving = [one for one in moving if not one.cancelling]
        weighed = {operator for operator in {one.operator for one in moving} if self.luck.random() < 0.25}
        self.arrive(moving, {one.waybill_no: self._weighed(one) for one in moving if one.operator in weighed})
        self.settle()
        self.depart(moving)

    def arrive(self, parcels: Sequence[Parcel], scale: Mapping[str, str]) -> None:
        """Arrival at the site, with the weights (kg) of the waybills that its `scale` knows, and the master lists."""
        carrier = self.client.firm(CARRIER)
        for operator, group in by(parcels, lambda one: one.operator):
            weighed = {one.waybill_no: scale[one.waybill_no] for one in group if one.waybill_no in scale}
            number = self._number("YD", group)
            self.send(operator, "CEB507", [papers.arrival(group, self.client.firm(operator), carrier, number, weighed)])
        for (_, declarant), group in by(parcels, lambda one: (one.zone, one.declarant)):
            firm, number = self.client.firm(declarant), self._number("ZF", group)
            self.send(declarant, "CEB607", [papers.master_list(group, firm, carrier, number)])

    def depart(self, parcels: Sequence[Parcel]) -> None:
        """The carrier tells that these parcels left, zone by zone."""
        carrier = self.client.firm(CARRIER)
        for _, group in by(parcels, lambda one: one.zone):
            number, left_at = self._number("LJ", group), self._left_at(group).strftime("%Y%m%d%H%M%S")
            self.send(CARRIER, "CEB509", [papers.departure(group, carrier, number, left_at)])

    def _left_at(self, group: Sequence[Parcel]) -> datetime:
        """Now; in a run that is told from its beginning, the moment at which the platform let the last of them go."""
        if self.begun is None:
            return self.now
        days = [self.client.checklist(one.declarant, one.checklist)["days"] for one in group]
        free = [datetime.fromisoformat(day[name]) for day in days for name in ("arrived", "released") if day[name]]
        return max([self.begun, *free]).astimezone(clock.CHINA)

    def cancel(self, parcels: Iterable[Parcel]) -> None:
        """The declarants ask to cancel checklists of these parcels that have a number of customs and have not left."""
        for one in parcels:
            number = self.client.checklist(one.declarant, one.checklist)["invt_no"]
            if not number or one.status not in CANCELLABLE:
                continue
            firm, agent = self.client.firm(one.seller), self.client.firm(one.declarant)
            reason = REASONS[int(one.number[-3:]) % len(REASONS)]
            self.send(one.declarant, "CEB605", [papers.cancellation(one, firm, agent, number, reason)])
            one.cancelling = True

    def _weighed(self, one: Parcel) -> str:
        share = Decimal(self.luck.randint(98, 102)) / 100
        return plain((one.gross * share).quantize(papers.GRAM))

    def _number(self, kind: str, group: Sequence[Parcel]) -> str:
        """The number of a paper of movement: that of its first parcel, counted on where it travels again."""
        own = f"{kind}{group[0].number}"
        self._numbers[own] += 1
        return own if self._numbers[own] == 1 else f"{own}-{self._numbers[own]}"

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


def by(parcels: Iterable[Parcel], key: Callable[[Parcel], Any]) -> list[tuple[Any, list[Parcel]]]:
    """Parcels in groups that have a key in common, in order of their first."""
    groups: dict[Any, list[Parcel]] = {}
    for one in parcels:
        groups.setdefault(key(one), []).append(one)
    return list(groups.items())


def play_on(
    play: Play,
    rate: float,
    count: int | None,
    say: Callable[[str], None],
    also: Callable[[Play], object] = lambda _: None,
) -> Counter[str]:
    """Send `rate` parcels a second until `count` are out (None: for ever); what is released moves on, then `also`.

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
            also(play)
            told = time.monotonic()
    play.settle()
    play.move(share=0.9)
    play.settle()
    also(play)
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
