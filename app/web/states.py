"""How a checklist's state looks: icon, tone and word for each of customs' codes.

The words are those of `customs.rules.moves`; this table only adds how they are shown. A negative code is a
processing error (message standard §5).
"""

from __future__ import annotations

from dataclasses import dataclass

from app.i18n import said
from customs.rules.moves import State, name

TONES = ("warn", "bad", "good", "look", "info", "still")


@dataclass(frozen=True, slots=True)
class Look:
    """The tone (colour class), icon and word of a state, with customs' code."""

    tone: str
    icon: str
    word: str
    code: str


_LOOKS: dict[str, tuple[str, str]] = {
    State.DRAFT: ("still", "file-text"),
    State.DECLARED: ("info", "send"),
    State.SENT: ("info", "send"),
    State.SEND_FAILED: ("bad", "plug-connected-x"),
    State.REJECTED: ("bad", "arrow-back-up"),
    State.STORED: ("info", "inbox"),
    State.REVIEW: ("warn", "user-search"),
    State.CONCLUDED: ("info", "clipboard-check"),
    State.INSPECTION: ("look", "package"),
    State.DETAINED_CLEARANCE: ("bad", "ban"),
    State.DETAINED_SMUGGLING: ("bad", "ban"),
    State.DETAINED_LEGAL: ("bad", "ban"),
    State.DETAINED_OTHER: ("bad", "ban"),
    State.SENT_BACK: ("still", "arrow-back-up"),
    State.RELEASED: ("good", "check"),
    State.CLOSED: ("still", "checks"),
}


def look(state: str) -> Look:
    """How `state` is shown in the language of the request; unknown and negative codes are processing errors."""
    tone, icon = _LOOKS.get(state, ("bad", "alert-octagon"))
    return Look(tone, icon, said(name(state)), state)


TIERS: dict[str, tuple[int, str]] = {"low": (1, "tier.low"), "medium": (2, "tier.medium"), "high": (3, "tier.high")}
"""Bars and word of each risk tier."""

FILTERABLE = (
    State.DECLARED,
    State.STORED,
    State.REVIEW,
    State.CONCLUDED,
    State.INSPECTION,
    State.RELEASED,
    State.CLOSED,
    State.REJECTED,
)
"""States offered in list filters, in the order of the road."""
