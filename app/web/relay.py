"""Relay mode for those who supervise: what waits for the connector, where customs differs, what nobody could place."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, render_template, request

from app.access import Role, allow, person
from app.access.reads import saw
from app.api.relay import OVERSEERS, asked_span
from app.i18n import said
from app.session import unit_of_work
from common import clock
from common.clock import day_written
from customs import relay
from customs.messages.fields import MESSAGES
from customs.rules.relay import ACT_NAMES, VERDICT_NAMES

blueprint = Blueprint("relay", __name__, url_prefix="/relay")

DIFFERENCES_SHOWN = 50
TROUBLES_SHOWN = 20
TONES = {"same": ("good", "equal"), "stricter": ("warn", "arrow-up"), "milder": ("look", "arrow-down")}
_STILL = ("still", "minus")


@blueprint.get("")
@allow(*OVERSEERS)
def overview() -> str:
    """The page of one zone and span of days; `after` goes on in the list of differences."""
    zones = sorted(person().zones)
    zone = relay.covered(person().zones, request.args.get("zone") or None) or (zones[0] if zones else "")
    start, end = asked_span(_day("from"), _day("to"))
    start = min(start, end)
    with unit_of_work() as session:
        state = relay.outbox_state(session, [zone])
        found = relay.differences(session, zone, start, end)
        rows, following = relay.differing(session, zone, start, end, after=_number("after"), limit=DIFFERENCES_SHOWN)
        troubles = relay.recorded(session, [zone], unmatched=person().role == Role.DATA_STEWARD, limit=TROUBLES_SHOWN)
    for row in rows:
        saw("checklist", row.id, zone_code=zone, owners=row.owners)
    return render_template(
        "relay/overview.html",
        zones=zones,
        zone=zone,
        start=start,
        end=end,
        backlog=state.backlog[0] if state.backlog else None,
        waiting=state.waiting,
        now=clock.now(),
        found=found,
        rows=rows,
        next=following,
        troubles=troubles,
        acts=_words(ACT_NAMES),
        verdicts=_words(VERDICT_NAMES),
        tones=lambda verdict: TONES.get(verdict, _STILL),
        messages={type: said(spec.name) for type, spec in MESSAGES.items()},
    )


def _words(texts: Any) -> dict[str, str]:
    return {str(code): said(text) for code, text in texts.items()}


def _day(name: str) -> date | None:
    try:
        return day_written(request.args.get(name, ""))
    except ValueError:
        return None


def _number(name: str) -> int:
    written = request.args.get(name, "")
    return int(written) if written.isascii() and written.isdecimal() and len(written) < 17 else 0
