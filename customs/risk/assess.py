"""Tiering a batch: every fact is looked up once for all its checklists, then each is asked by the pure rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from common.clock import china_day
from customs.codes import Codes, codes_snapshot
from customs.risk.candidates import Assessment, CandidateChecklist
from customs.risk.history import (
    GoodsKey,
    Tally,
    TallyKey,
    count_on,
    goods_history,
    subject_history,
    tallies,
)
from customs.risk.secrets import secrets_of
from customs.risk.traces import Settings, keep, settings_of
from customs.rules.risk.draw import lot
from customs.rules.risk.facts import GoodsHistory, Others, RiskFacts, RiskLine, SubjectHistory
from customs.rules.risk.tiering import Tiering, tier

NO_PRODUCER = "NO"
"""`ownerCode` of a producer or selling unit that is not registered with customs (message standard)."""


@dataclass(slots=True)
class _Known:
    """Everything looked up for a batch."""

    settings: Mapping[tuple[str, date], Settings]
    goods: Mapping[GoodsKey, GoodsHistory]
    subjects: Mapping[int, SubjectHistory]
    counts: Mapping[TallyKey, Others]
    here: Mapping[TallyKey, Others]
    codes: Codes


def assess_batch(session: Session, new: Sequence[CandidateChecklist], at: datetime) -> list[Assessment]:
    """An assessment for each checklist, in their order, with a fixed number of queries for the batch.

    Counts what it sees; a checklist assessed again (after a change) is not counted against itself.
    """
    if not new:
        return []
    asked = {key: settings_of(session, *key) for key in {(c.zone_code, c.on) for c in new}}
    keep(session, list(asked.values()))
    secrets = secrets_of(session, {china_day(c.received_at) for c in new}, at)
    known = _look_up(session, new, asked, at)
    tierings = [
        tier(_facts(one, known), asked[one.zone_code, one.on], lot(secrets[china_day(one.received_at)], one.id))
        for one in new
    ]
    count_on(session, [*_own_counts(new, asked), *_tier_counts(new, tierings)], at)
    return [_assessment(one, done, asked) for one, done in zip(new, tierings, strict=True)]


def _assessment(one: CandidateChecklist, done: Tiering, settings: Mapping[tuple[str, date], Settings]) -> Assessment:
    trace = [step.as_dict() for step in done.steps]
    trace[0]["settings"] = settings[one.zone_code, one.on].id
    trace[-1]["inputs"] |= {"day": china_day(one.received_at).isoformat(), "checklist": one.id}
    return Assessment(done.tier.value, trace, done.reason.value if done.reason else None)


def _look_up(
    session: Session, new: Sequence[CandidateChecklist], settings: Mapping[tuple[str, date], Settings], at: datetime
) -> _Known:
    own = list(_own_counts(new, settings))
    here: dict[TallyKey, Others] = {}
    since: dict[TallyKey, datetime] = {}
    first = next(iter(settings.values()))
    spans = {
        "seller": timedelta(minutes=first("customs.risk.burst.minutes").integer),
        "receiver": timedelta(days=first("customs.risk.split.days").integer),
        "goods": timedelta(days=first("customs.risk.split.days").integer),
    }
    for count in own:
        key = (count.kind, count.subject_id, count.key)
        so_far = here.get(key, Others())
        here[key] = Others(so_far.count + count.count, so_far.value_cny + count.value_cny)
        since[key] = at - spans[count.kind]
    return _Known(
        settings=settings,
        goods=goods_history(session, {(c.zone_code, gcode[:4], unit) for c in new for gcode, _, unit, _, _ in c.lines}),
        subjects=subject_history(session, {c.consignor.id for c in new} | {c.declarant.id for c in new}),
        counts=tallies(session, since, at, [c.id for c in new]),
        here=here,
        codes=codes_snapshot(session),
    )


def _limit(one: CandidateChecklist, settings: Settings) -> Decimal | None:
    """The ticket limit that a split would evade: of flag A, and of B2B checklists."""
    if one.flag != "A" and one.trade_mode not in ("9710", "9810"):
        return None
    limit = settings.limit(one.trade_mode)
    return limit.decimal if limit else None


def _goods_keys(one: CandidateChecklist) -> list[str]:
    return sorted({f"{gcode}:{one.country}" for gcode, *_ in one.lines})


def _own_counts(new: Sequence[CandidateChecklist], settings: Mapping[tuple[str, date], Settings]) -> Iterator[Tally]:
    """What the batch itself adds to the counts: sellers' checklists, tickets that may be parts of a split sale."""
    for (zone, seller), count in Counter((c.zone_code, c.consignor.id) for c in new).items():
        yield Tally("seller", zone, seller, "", count)
    for one in new:
        asked = settings[one.zone_code, one.on]
        limit = _limit(one, asked)
        if limit is None or one.value_cny is None or one.value_cny > limit:
            continue
        if one.receiver_key:
            kind, keys = "receiver", [one.receiver_key]
        elif one.value_cny >= limit * asked("customs.risk.split.near_share").decimal:
            kind, keys = "goods", _goods_keys(one)
        else:
            continue
        for key in keys:
            yield Tally(kind, one.zone_code, one.consignor.id, key, 1, one.value_cny, one.id)


def _tier_counts(new: Sequence[CandidateChecklist], tierings: Sequence[Tiering]) -> Iterator[Tally]:
    pairs = list(zip(new, tierings, strict=True))
    for (zone, name), count in Counter((c.zone_code, t.tier.value) for c, t in pairs).items():
        yield Tally("tier", zone, 0, name, count)
    for (zone, name), count in Counter((c.zone_code, t.tier.value) for c, t in pairs if t.drawn).items():
        yield Tally("drawn", zone, 0, name, count)


def _others(known: _Known, one: CandidateChecklist, kind: str, key: str) -> Others:
    """The seller's other tickets of the key: those of the window and those of this batch, itself left out."""
    place = (kind, one.consignor.id, key)
    before, here = known.counts.get(place, Others()), known.here.get(place)
    if here is None or one.value_cny is None:
        return before
    return Others(before.count + here.count - 1, before.value_cny + here.value_cny - one.value_cny)


def _facts(one: CandidateChecklist, known: _Known) -> RiskFacts:
    settings = known.settings[one.zone_code, one.on]
    seller_key = ("seller", one.consignor.id, "")
    lines = [
        RiskLine(gcode, qty1, unit1, value, _marks(known.codes, gcode, one.on))
        for gcode, qty1, unit1, _, value in one.lines
    ]
    goods = {}
    for line in lines:
        history = known.goods.get((one.zone_code, *line.goods))
        if history:
            goods[line.goods] = history
    return RiskFacts(
        on=one.on,
        flag=one.flag,
        trade_mode=one.trade_mode,
        value_cny=one.value_cny,
        gross_weight=one.gross_weight,
        net_weight=one.net_weight,
        lines=lines,
        own_declarant=one.declarant.id == one.consignor.id,
        producer_known=one.owner_code.upper() != NO_PRODUCER,
        not_checkable=one.not_checkable,
        grade=one.consignor.customs_grade,
        registered_on=one.consignor.registered_on,
        limit_cny=_limit(one, settings),
        goods=goods,
        seller=known.subjects.get(one.consignor.id, SubjectHistory()),
        declarant=known.subjects.get(one.declarant.id, SubjectHistory()),
        hour_count=known.counts.get(seller_key, Others()).count + known.here[seller_key].count,
        same_receiver=_others(known, one, "receiver", one.receiver_key) if one.receiver_key else None,
        same_goods=max((_others(known, one, "goods", key) for key in _goods_keys(one)), key=lambda o: o.value_cny),
    )


def _marks(codes: Codes, gcode: str, on: date) -> frozenset[str] | None:
    """The marks of a full code on the day; None where the table does not know it (shortened codes are intake's)."""
    found = codes.hs10(gcode, on)
    if found is None:
        return None
    marks = {"licence": found.licence, "export_duty": found.export_duty, "refund_cancelled": found.refund_cancelled}
    return frozenset(name for name, borne in marks.items() if borne)
