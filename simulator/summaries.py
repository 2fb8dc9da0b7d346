"""What becomes of closed flag-B checklists: their declarants apply for the summary of some, the rest waits.

Half of them are left to the platform's drafts. The platform refuses what is summarised already, so a run that is played
again summarises nothing twice.
"""

from __future__ import annotations

from simulator import papers
from simulator.papers import Parcel
from simulator.playing import CLOSED, Play, by

FLAG_B = "B"


def summarise(play: Play) -> int:
    """Apply for the closed flag-B parcels that were not yet, one application per seller, declarant and office."""
    coming = [one for one in play.parcels if one.flag == FLAG_B and one.status == CLOSED and not one.applied_for]
    for one in coming:
        one.applied_for = True
    wanted = [one for one in coming if int(one.number[-1]) % 2 == 0]
    for (declarant, seller, _), group in by(wanted, lambda one: (one.declarant, one.seller, one.declared_at)):
        numbers = [number for one in group if (number := _number(play, one))]
        if numbers:
            firm, agent = play.client.firm(seller), play.client.firm(declarant)
            play.send(declarant, "CEB701", [papers.summary_application(group[0], firm, agent, numbers)])
    return len(wanted)


def _number(play: Play, one: Parcel) -> str:
    found: str | None = play.client.checklist(one.declarant, one.checklist)["invt_no"]
    return found or ""
