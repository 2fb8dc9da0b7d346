"""Checklists (CEB603): from checked documents to rows, events and moves; matching follows once all is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, text, update

from common.clock import china_day
from common.db import lock_keys
from common.findings import Finding, Text
from common.law import UnknownLawError, law
from common.law.zones import zone_parameter
from customs.amendments import contents as content
from customs.amendments import corrections
from customs.amendments import filing as amendments
from customs.amendments.mandates import passed_on
from customs.intake import eligibility, waybills
from customs.intake.batch import Batch, Filed
from customs.intake.checklist_contents import HEAD, contents, lines
from customs.intake.eligibility import Eligibility, Ticket
from customs.intake.papers import (
    CHANGE,
    DELETE,
    NEW,
    Held,
    Judge,
    change_row,
    common,
    is_draft,
    note,
    state_of,
    with_customs,
)
from customs.intake.parties import platform_key
from customs.intake.waybills import months_later
from customs.matching.keys import FREE_PARCEL, FREE_SALE
from customs.moves import event_of, lock
from customs.rules.amendments import WHY, needs_request
from customs.rules.intake import NOT_CHANGEABLE, ORDER_USED, WAYBILL_USED
from customs.rules.moves import LIVE, Cause, State, Step, allowed, name
from customs.tables import Checklist, ChecklistLine

WHAT = Text("清单", "Checklist")
DELETABLE = frozenset({State.DRAFT, State.DECLARED, State.REJECTED})
"""States in which a checklist can be withdrawn without an officer: nobody has worked on it, or it was refused."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The business keys of one checklist."""

    cop: tuple[int, str]
    sale: tuple[str, str]
    parcel: tuple[int, str]

    def locks(self, consignor_id: int) -> list[str]:
        """How the keys are locked."""
        return [
            f"copno:{self.cop[0]}:{self.cop[1]}",
            f"sale:{self.sale[0]}:{self.sale[1]}",
            f"parcel:{self.parcel[0]}:{self.parcel[1]}",
            f"payment:{consignor_id}:{self.sale[1]}",
        ]


_BY_COP = text(
    "SELECT k.declarant_id, k.cop_no, c.id, c.status, c.app_time, c.pre_no, c.consignor_id, c.held_at "
    "FROM unnest(CAST(:declarants AS bigint[]), CAST(:numbers AS text[])) AS w(declarant_id, cop_no) "
    "JOIN checklist_key AS k USING (declarant_id, cop_no) "
    "JOIN checklist AS c ON c.id = k.checklist_id AND c.withdrawn_at IS NULL"
)
_BY_NUMBER = text(
    "SELECT id, status, app_time, pre_no, consignor_id, declarant_id FROM checklist "
    "WHERE invt_no = :number AND consignor_id = :consignor AND withdrawn_at IS NULL"
)
_BY_SALE = text(
    "SELECT s.platform, s.order_no, c.id, c.status, c.zone_code, c.consignor_id, "
    "coalesce(c.invt_no, c.cop_no) AS number "
    "FROM unnest(CAST(:platforms AS text[]), CAST(:numbers AS text[])) AS w(platform, order_no) "
    "JOIN sale AS s USING (platform, order_no) JOIN checklist AS c ON c.id = s.checklist_id AND c.withdrawn_at IS NULL"
)
_BY_PARCEL = text(
    "SELECT p.carrier_id, p.logistics_no, p.taken_at, c.id, c.status, c.consignor_id, "
    "coalesce(c.invt_no, c.cop_no) AS number "
    "FROM unnest(CAST(:carriers AS bigint[]), CAST(:numbers AS text[])) AS w(carrier_id, logistics_no) "
    "JOIN parcel AS p USING (carrier_id, logistics_no) "
    "LEFT JOIN checklist AS c ON c.id = p.checklist_id AND c.withdrawn_at IS NULL"
)
_CLAIM = (
    text(
        "INSERT INTO checklist_key (declarant_id, cop_no, checklist_id) SELECT * FROM "
        "unnest(CAST(:declarants AS bigint[]), CAST(:cops AS text[]), CAST(:ids AS bigint[])) "
        "ON CONFLICT (declarant_id, cop_no) DO UPDATE SET checklist_id = EXCLUDED.checklist_id"
    ),
    text(
        "INSERT INTO sale (platform, order_no, checklist_id) SELECT * FROM "
        "unnest(CAST(:platforms AS text[]), CAST(:orders AS text[]), CAST(:ids AS bigint[])) "
        "ON CONFLICT (platform, order_no) DO UPDATE SET checklist_id = EXCLUDED.checklist_id"
    ),
    text(
        "INSERT INTO parcel (carrier_id, logistics_no, taken_at, checklist_id) "
        "SELECT carrier_id, logistics_no, CAST(:at AS timestamptz), id FROM "
        "unnest(CAST(:carriers AS bigint[]), CAST(:waybills AS text[]), CAST(:ids AS bigint[])) "
        "AS n(carrier_id, logistics_no, id) "
        "ON CONFLICT (carrier_id, logistics_no) DO UPDATE SET checklist_id = EXCLUDED.checklist_id"
    ),
)


def take(batch: Batch) -> None:
    """Take in the batch's open documents."""
    documents = list(batch.open())
    keys = {one.doc.index: _keys(one) for one in documents}
    lock_keys(
        batch.session,
        [key for one in documents for key in keys[one.doc.index].locks(one.parties["consignor"].id)],
    )
    held = _by_cop(batch, [one.cop for one in keys.values()])
    held |= _passed_on(batch, [(one, keys[one.doc.index].cop) for one in documents], held)
    judge = Judge(WHAT, batch, "copNo")
    plans = []
    for one in documents:
        before = held.get(keys[one.doc.index].cop)
        verdict = judge.verdict(one, keys[one.doc.index].cop, before)
        if verdict == DELETE and before is not None:
            _withdraw(batch, one, keys[one.doc.index], before)
        elif verdict in (NEW, CHANGE):
            plans.append((one, before))
    _file(batch, plans, keys)


def _keys(one: Filed) -> Keys:
    return Keys(
        cop=(one.parties["declarant"].id, one.head("copNo")),
        sale=(platform_key(one), one.head("orderNo")),
        parcel=(one.parties["carrier"].id, one.head("logisticsNo")),
    )


def _by_cop(batch: Batch, cops: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Held]:
    if not cops:
        return {}
    asked = {"declarants": [one[0] for one in cops], "numbers": [one[1] for one in cops]}
    return {
        (row.declarant_id, row.cop_no): Held(row.id, row.status, row.app_time, row.pre_no, row.consignor_id)
        for row in batch.session.execute(_BY_COP, asked)
    }


def _passed_on(
    batch: Batch, documents: Sequence[tuple[Filed, tuple[int, str]]], held: Mapping[tuple[int, str], Held]
) -> dict[tuple[int, str], Held]:
    """Checklists that another firm declared under a mandate which has ended: their consignor asks for changes now.

    Such a change names the checklist by customs' number (invtNo); it can only be a request, for nothing else would
    leave the declaration with who made it.
    """
    found: dict[tuple[int, str], Held] = {}
    for one, cop in documents:
        if one.app_type != CHANGE or cop in held or not one.head("invtNo"):
            continue
        asked = {"number": one.head("invtNo"), "consignor": one.parties["consignor"].id}
        row = batch.session.execute(_BY_NUMBER, asked).one_or_none()
        if row is None or not needs_request(row.status, law(), china_day(batch.at)):
            continue
        if passed_on(batch.session, row.consignor_id, row.declarant_id, at=batch.at):
            found[cop] = Held(row.id, row.status, row.app_time, row.pre_no, row.consignor_id)
    return found


def _file(batch: Batch, plans: Sequence[tuple[Filed, Held | None]], keys: Mapping[int, Keys]) -> None:
    """Check the documents that are to be written, then write them."""
    used = _Used(batch, [keys[one.doc.index] for one, _ in plans])
    known = Eligibility(batch.session)
    new: list[tuple[Filed, Ticket]] = []
    for one, before in plans:
        own = keys[one.doc.index]
        one.findings += used.faults(one, own, before.id if before else None)
        requested = before is not None and _requested(batch, one, before)
        if before is not None and before.status != State.DRAFT and not requested:
            one.findings += _not_changeable(one, before)
        ticket = _ticket(batch, one, known)
        if ticket is None or not one.ok:
            continue
        used.claim(own, one)
        if before is None:
            new.append((one, ticket))
        elif requested:
            amendments.request(batch, one, before.id, contents(one, ticket), lines(one, before.id))
        else:
            _change(batch, one, own, before, ticket)
    _add(batch, new, keys)


def _requested(batch: Batch, one: Filed, before: Held) -> bool:
    """Whether a change of the held checklist is a request that an officer decides."""
    return not is_draft(one) and needs_request(before.status, law(), china_day(batch.at))


def _ticket(batch: Batch, one: Filed, known: Eligibility) -> Ticket | None:
    try:
        return eligibility.check(batch, one, known)
    except UnknownLawError as unknown:
        one.findings += unknown.findings
        return None


def _not_changeable(one: Filed, before: Held) -> list[Finding]:
    target = state_of(one)
    if allowed(before.status, target, Cause.PARTY):
        return []
    return [_refused(one, before.status, Text("变更", "changed"))]


def _refused(one: Filed, status: str, act: Text) -> Finding:
    state, known = name(status), status if status in WHY else State.SEND_FAILED
    return NOT_CHANGEABLE.at(
        one.at_head("copNo"),
        number=one.head("copNo")[:60],
        state=status,
        state_zh=state.zh,
        state_en=state.en,
        act_zh=act.zh,
        act_en=act.en,
        do_zh=WHY[known].zh,
        do_en=WHY[known].en,
    )


class _Used:
    """Which live checklist uses an order or a waybill already, those of this message included."""

    def __init__(self, batch: Batch, keys: Sequence[Keys]) -> None:
        self.batch = batch
        self.sales: dict[tuple[str, str], tuple[int, str]] = {}
        self.parcels: dict[tuple[int, str], tuple[int, str]] = {}
        self.taken: dict[tuple[int, str], date] = {}
        if keys:
            self._read(keys)

    def _read(self, keys: Sequence[Keys]) -> None:
        session = self.batch.session
        sales = {"platforms": [k.sale[0] for k in keys], "numbers": [k.sale[1] for k in keys]}
        for row in session.execute(_BY_SALE, sales):
            if row.status in LIVE:
                self.sales[row.platform, row.order_no] = (row.id, row.number)
        parcels = {"carriers": [k.parcel[0] for k in keys], "numbers": [k.parcel[1] for k in keys]}
        for row in session.execute(_BY_PARCEL, parcels):
            self.taken[row.carrier_id, row.logistics_no] = china_day(row.taken_at)
            if row.id is not None and row.status in LIVE:
                self.parcels[row.carrier_id, row.logistics_no] = (row.id, row.number)

    def faults(self, one: Filed, keys: Keys, own: int | None) -> list[Finding]:
        """Findings where another live checklist has the order or, within the number's months, the waybill."""
        found = []
        sale = self.sales.get(keys.sale)
        if sale is not None and sale[0] != own:
            found.append(ORDER_USED.at(one.at_head("orderNo"), number=keys.sale[1][:60], checklist=sale[1]))
        parcel = self.parcels.get(keys.parcel)
        if parcel is not None and parcel[0] != own and not self._free_again(one, keys):
            found.append(WAYBILL_USED.at(one.at_head("logisticsNo"), number=keys.parcel[1][:60], checklist=parcel[1]))
        return found

    def _free_again(self, one: Filed, keys: Keys) -> bool:
        months = law().value("customs.waybill.unique_months", one.on).integer
        if china_day(self.batch.at) < months_later(self.taken[keys.parcel], months):
            return False
        asked = {"carriers": [keys.parcel[0]], "numbers": [keys.parcel[1]]}
        self.batch.session.execute(waybills.FORGET, asked)
        self.parcels.pop(keys.parcel, None)
        return True

    def claim(self, keys: Keys, one: Filed) -> None:
        """The next documents of this message see that these keys are used."""
        self.sales[keys.sale] = self.parcels[keys.parcel] = (-1 - one.doc.index, one.head("copNo"))
        self.taken.setdefault(keys.parcel, china_day(self.batch.at))


def _add(batch: Batch, new: Sequence[tuple[Filed, Ticket]], keys: Mapping[int, Keys]) -> None:
    for (one, ticket), id in zip(new, batch.ids(len(new)), strict=True):
        one.id, one.zone_code = id, ticket.zone_code
        row = common(batch, one, ticket.zone_code) | contents(one, ticket) | _waiting(batch, one)
        batch.add("checklist", row | {"findings": msgspec.json.encode(row["findings"]).decode()})
        for line in lines(one, id):
            batch.add("checklist_line", line)
        batch.accept(one, kind="checklist.accepted", subject_type="checklist", state=state_of(one))
        if not is_draft(one):
            batch.touched.add(id)
    _claim(batch, [(one, keys[one.doc.index]) for one, _ in new])


def _claim(batch: Batch, filed: Sequence[tuple[Filed, Keys]]) -> None:
    """Write the business keys; a draft holds its own number only."""
    if not filed:
        return
    live = [(one, key) for one, key in filed if not is_draft(one)]
    for statement, rows in zip(_CLAIM, (filed, live, live), strict=True):
        batch.session.execute(
            statement,
            {
                "ids": [one.id for one, _ in rows],
                "declarants": [key.cop[0] for _, key in rows],
                "cops": [key.cop[1] for _, key in rows],
                "platforms": [key.sale[0] for _, key in rows],
                "orders": [key.sale[1] for _, key in rows],
                "carriers": [key.parcel[0] for _, key in rows],
                "waybills": [key.parcel[1] for _, key in rows],
                "at": batch.at,
            },
        )


def _change(batch: Batch, one: Filed, keys: Keys, before: Held, ticket: Ticket) -> None:
    """A change: new contents, matched anew; what stood there before is kept in the event."""
    moving = lock(batch.session, [before.id])[before.id]
    if not allowed(moving.status, state_of(one), Cause.PARTY):
        one.findings.append(_refused(one, moving.status or "", Text("变更", "changed")))
        return
    one.id, one.zone_code, one.status = before.id, ticket.zone_code, state_of(one)
    values = (
        {"message_id": batch.message_id, "guid": one.head("guid"), "app_time": one.app_time, "status": state_of(one)}
        | contents(one, ticket)
        | _waiting(batch, one)
        | dict(RESET)
    )
    _free(batch, before.id)
    changed = change_row(batch.session, Checklist, before.id, values)
    lines_before = _stored_lines(batch, before.id)
    _corrected(batch, one, before.id, changed)
    batch.session.execute(delete(ChecklistLine).where(ChecklistLine.checklist_id == before.id))
    for line in lines(one, before.id):
        batch.add("checklist_line", line)
    _claim(batch, [(one, keys)])
    step = Step(state_of(one), Cause.PARTY, actor=f"subject:{batch.sender.id}")
    event = event_of(moving, step, batch.at)
    shown = {name: pair for name, pair in changed.items() if name not in _OWN}
    event.kind = "checklist.changed"
    event.data |= {"message_id": batch.message_id, "changed": shown, "lines_before": lines_before}
    batch.events.append(event)
    if not is_draft(one):
        batch.touched.add(before.id)


def _corrected(batch: Batch, one: Filed, checklist_id: int, changed: Mapping[str, Any]) -> None:
    """Strike off what customs asked to be corrected, where this change changes it; the lines are still the old ones."""
    old = content.lines_of(content.stored_lines(batch.session, checklist_id))
    new = content.lines_of(lines(one, checklist_id))
    fields = {change.field for change in content.differences({}, old, {}, new)}
    fields |= {HEAD[name] for name in changed if name in HEAD}
    corrections.done(batch.session, checklist_id, fields=fields, at=batch.at)


RESET: Mapping[str, Any] = {
    "order_id": None,
    "waybill_id": None,
    "payment_id": None,
    "match": None,
    "tier": None,
    "tier_trace": None,
    "reason_class": None,
    "claimed_by": None,
    "claimed_at": None,
    "held_at": None,
    "question": None,
    "site_hold": None,
    "stored_at": None,
    "concluded_at": None,
    "released_at": None,
}
"""What a change takes back: it was said of the old contents."""

_OWN = frozenset(RESET) | {"waits_for", "waiting_since", "expires_at", "findings", "value_cny", "decides"}


def _free(batch: Batch, checklist_id: int) -> None:
    """Let go of the order and the waybill that the stored contents name."""
    for statement in (FREE_SALE, FREE_PARCEL):
        batch.session.execute(text(statement), {"ids": [checklist_id]})


def _stored_lines(batch: Batch, checklist_id: int) -> list[dict[str, str]]:
    rows = batch.session.execute(
        text(
            "SELECT gnum, item_no, gcode, gname, gmodel, country, currency, unit, qty::text, price::text, "
            "total_price::text FROM checklist_line WHERE checklist_id = :id ORDER BY gnum"
        ),
        {"id": checklist_id},
    )
    return [dict(row) for row in rows.mappings()]


def _withdraw(batch: Batch, one: Filed, keys: Keys, before: Held) -> None:
    """Delete a checklist that nobody has worked on yet, or that was refused; its papers are free again."""
    moving = lock(batch.session, [before.id])[before.id]
    if moving.status not in DELETABLE:
        one.findings.append(_refused(one, moving.status or "", Text("删除", "deleted")))
        return
    if with_customs(batch.session, one, "copNo", "checklist", moving):
        return
    one.id, one.zone_code = before.id, moving.zone_code
    values = {"message_id": batch.message_id, "app_time": one.app_time, "withdrawn_at": batch.at, "waits_for": []}
    batch.session.execute(update(Checklist).where(Checklist.id == before.id).values(**values))
    _free(batch, before.id)
    batch.session.execute(
        text("DELETE FROM checklist_key WHERE declarant_id = :declarant AND cop_no = :cop"),
        {"declarant": keys.cop[0], "cop": keys.cop[1]},
    )
    note(batch, one, kind="checklist.withdrawn", subject_type="checklist", state=State.DECLARED)


def _waiting(batch: Batch, one: Filed) -> dict[str, Any]:
    """From when, and until when, the checklist waits for its papers."""
    if is_draft(one):
        return {"waits_for": [], "waiting_since": None, "expires_at": None}
    zone = one.zone_code or batch.sender_zone
    hours = zone_parameter(batch.session, zone, "customs.match.waiting_hours", china_day(batch.at)).integer
    return {"waits_for": [], "waiting_since": batch.at, "expires_at": batch.at + timedelta(hours=hours)}
