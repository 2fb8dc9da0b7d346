"""The sample parcels of a first start: one in every state that a newcomer wants to see, made by the public road only.

The home zone, whose officers and site the demo's accounts belong to, shows them all; the other zones a mixture. Played
again from the same beginning, every message is the same to the byte: what a killed start sent is answered as before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum, auto

from common.money import plain
from simulator.papers import BAD, HOME, Flavour, Parcel
from simulator.playing import CLOSED, RELEASED, Play
from simulator.world import GOODS


class Fate(Enum):
    """What becomes of a parcel once customs has answered."""

    STAYS = auto()
    ARRIVES = auto()
    LEAVES = auto()
    HELD = auto()
    CANCELLED = auto()


AT_HOME: Sequence[tuple[Flavour, Fate]] = (
    (Flavour.NO_WAYBILL, Fate.STAYS),
    (Flavour.LIGHT, Fate.STAYS),
    (Flavour.OTHER_PRICE, Fate.STAYS),
    (Flavour.UNCHECKED, Fate.STAYS),
    (Flavour.WATCHED, Fate.ARRIVES),
    (Flavour.WATCHED, Fate.STAYS),
    (Flavour.GOOD, Fate.STAYS),
    (Flavour.GOOD, Fate.ARRIVES),
    (Flavour.GOOD, Fate.HELD),
    (Flavour.GOOD, Fate.CANCELLED),
    (Flavour.GOOD, Fate.LEAVES),
    (Flavour.GOOD, Fate.LEAVES),
)
"""The parcels of the home zone: what is in each, and what becomes of it."""

FATES = (Fate.LEAVES, Fate.STAYS, Fate.ARRIVES, Fate.LEAVES)
INSPECTED = "500"
FREE = frozenset({RELEASED, CLOSED})
ANSWERED_S = 120.0
"""So long the samples wait for the platform's answers; a slow machine is no reason to show less."""


def play_samples(play: Play, count: int = 64) -> Counter[str]:
    """File `count` sample parcels, bring them where they belong, and give the tally by state."""
    cast = [(play.make_one(zone, flavour), fate) for zone, flavour, fate in _cast(count)]
    play.file([one for one, _ in cast])
    play.settle(ANSWERED_S)
    # whoever left already in a run that was cut off belongs to the same papers as then
    free = {fate: [one for one, its in cast if its is fate and one.status in FREE] for fate in Fate}
    inspected = [one for one, fate in cast if fate is Fate.ARRIVES and one.status == INSPECTED]
    arriving = free[Fate.ARRIVES] + free[Fate.HELD] + free[Fate.LEAVES] + inspected
    play.arrive(arriving, _too_heavy(free[Fate.HELD]))
    play.cancel(free[Fate.CANCELLED])
    play.settle(ANSWERED_S)
    play.depart(free[Fate.LEAVES])
    play.settle(ANSWERED_S)
    return play.look()


def _cast(count: int) -> Iterator[tuple[str, Flavour, Fate]]:
    """Zone, flavour and fate of each parcel: the home zone's first, then the others in turn, each third a bad one."""
    for flavour, fate in AT_HOME[:count]:
        yield HOME, flavour, fate
    others = sorted(zone for zone in GOODS if zone != HOME)
    for n in range(count - len(AT_HOME)):
        flavour = BAD[n // 3 % len(BAD)] if n % 3 == 0 else Flavour.GOOD
        yield others[n % len(others)], flavour, FATES[n // len(others) % len(FATES)]


def _too_heavy(parcels: Sequence[Parcel]) -> Mapping[str, str]:
    """What the scale shows (kg) where a parcel is twice as heavy as declared."""
    return {one.waybill_no: plain(one.gross * 2) for one in parcels}
