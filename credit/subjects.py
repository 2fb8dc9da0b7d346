"""Who somebody is on a day: the facts that intake, risk and the pages ask of subjects, offices, sites and mandates.

Everything here reads in one query and takes the day; nothing writes. Changes are in `credit.registering`,
`credit.zones` and `credit.mandates`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, or_, select, text, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from credit.tables import Mandate, SupervisedSite, ZoneOffice


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """What is known of a subject on a day.

    `filing` is the kind of customs filing (备案): `declaring_unit`, `information` (registration only) or None.
    `names` are all names valid that day, `name` the newest of them; `zone_code` is the zone its papers count for.
    """

    id: int
    kind: str
    name: str
    names: frozenset[str]
    customs_code: str | None
    uscc: str | None
    filing: str | None
    roles: frozenset[str]
    zone_code: str | None
    member_of: frozenset[str]
    customs_grade: str | None
    registered_on: date
    trade_kind: str | None = None
    taxpayer_kind: str | None = None
    dxp_id: str | None = None
    park_id: int | None = None


@dataclass(frozen=True, slots=True)
class OfficeFacts:
    """How a customs office handles a zone's declarations on a day: `decide` here or `relay` to customs' system."""

    office_code: str
    zone_code: str
    mode: str
    early_declaration: bool
    verified: bool
    successor_code: str | None = None


@dataclass(frozen=True, slots=True)
class SiteFacts:
    """A supervised site in operation on a day."""

    office_code: str
    loct_no: str
    name: str
    operator_id: int


_DATED = "valid_from <= :on AND (valid_to IS NULL OR valid_to >= :on)"

_FACTS = f"""
SELECT w.code AS wanted, s.id, s.kind, s.registered_on, s.dxp_id, n.names, c.uscc, c.customs, t.filing,
       t.customs_grade, t.trade_kind, t.taxpayer_kind, r.roles, m.zones, m.home, m.park_id
FROM {{wanted}} AS w
JOIN subject AS s ON s.id = w.subject_id
CROSS JOIN LATERAL (SELECT array_agg(name ORDER BY valid_from DESC, id DESC) AS names
                    FROM subject_name WHERE subject_id = s.id AND {_DATED}) AS n
CROSS JOIN LATERAL (SELECT max(code) FILTER (WHERE scheme = 'uscc') AS uscc,
                           max(code) FILTER (WHERE scheme = 'customs') AS customs
                    FROM subject_code WHERE subject_id = s.id AND {_DATED}) AS c
CROSS JOIN LATERAL (SELECT max(value) FILTER (WHERE trait = 'filing') AS filing,
                           max(value) FILTER (WHERE trait = 'customs_grade') AS customs_grade,
                           max(value) FILTER (WHERE trait = 'trade_kind') AS trade_kind,
                           max(value) FILTER (WHERE trait = 'taxpayer_kind') AS taxpayer_kind
                    FROM subject_trait WHERE subject_id = s.id AND {_DATED}) AS t
CROSS JOIN LATERAL (SELECT array_agg(role) AS roles FROM subject_role WHERE subject_id = s.id AND {_DATED}) AS r
CROSS JOIN LATERAL (SELECT array_agg(zone_code) AS zones, max(zone_code) FILTER (WHERE home) AS home,
                           max(park_id) FILTER (WHERE home) AS park_id
                    FROM zone_membership WHERE subject_id = s.id AND {_DATED}) AS m
"""  # noqa: S608 - no outside input in the text

_BY_CODES = text(
    _FACTS.format(
        wanted=f"(SELECT code, subject_id FROM subject_code WHERE code = ANY(CAST(:codes AS text[])) AND {_DATED})"  # noqa: S608
    )
)
_BY_IDS = text(
    _FACTS.format(wanted="(SELECT one::text AS code, one AS subject_id FROM unnest(CAST(:ids AS bigint[])) AS one)")
)


def subjects_by_codes(session: Session, codes: Collection[str], on: date) -> dict[str, SubjectFacts]:
    """The subjects behind 10-character customs codes or 18-character 统一社会信用代码 valid on the day, by code."""
    if not codes:
        return {}
    rows = session.execute(_BY_CODES, {"codes": sorted(codes), "on": on})
    return {row.wanted: _facts(row) for row in rows}


def subjects_by_ids(session: Session, ids: Collection[int], on: date) -> dict[int, SubjectFacts]:
    """The subjects with these ids as they are on the day."""
    if not ids:
        return {}
    rows = session.execute(_BY_IDS, {"ids": sorted(ids), "on": on})
    return {row.id: _facts(row) for row in rows}


def subject_by_id(session: Session, subject_id: int, on: date) -> SubjectFacts:
    """One subject; raises `KeyError` where there is none (ids come from our own rows)."""
    return subjects_by_ids(session, [subject_id], on)[subject_id]


def _facts(row: Any) -> SubjectFacts:
    names: Sequence[str] = row.names or ()
    return SubjectFacts(
        id=row.id,
        kind=row.kind,
        name=names[0] if names else "",
        names=frozenset(names),
        customs_code=row.customs,
        uscc=row.uscc,
        filing=row.filing,
        roles=frozenset(row.roles or ()),
        zone_code=row.home,
        member_of=frozenset(row.zones or ()),
        customs_grade=row.customs_grade,
        registered_on=row.registered_on,
        trade_kind=row.trade_kind,
        taxpayer_kind=row.taxpayer_kind,
        dxp_id=row.dxp_id,
        park_id=row.park_id,
    )


def mandates_between(
    session: Session, pairs: Iterable[tuple[int, int]], on: date
) -> dict[tuple[int, int], frozenset[str]]:
    """Message types that agents may file on the day, by (principal's id, agent's id); pairs without one are absent."""
    wanted = set(pairs)
    if not wanted:
        return {}
    query = select(Mandate.principal_id, Mandate.agent_id, Mandate.message_types).where(
        tuple_(Mandate.principal_id, Mandate.agent_id).in_(wanted), *_in_force(on)
    )
    found: dict[tuple[int, int], frozenset[str]] = {}
    for principal, agent, types in session.execute(query):
        found[principal, agent] = found.get((principal, agent), frozenset()) | frozenset(types)
    return found


def mandates_held_by(session: Session, agent_id: int, on: date) -> frozenset[tuple[int, str]]:
    """(principal's id, message type) of every mandate the agent holds on the day; type `*` covers all."""
    query = select(Mandate.principal_id, func.unnest(Mandate.message_types)).where(
        Mandate.agent_id == agent_id, *_in_force(on)
    )
    return frozenset((row[0], str(row[1])) for row in session.execute(query))


def agents_of(session: Session, principal_ids: Collection[int], on: date) -> dict[tuple[int, int], frozenset[str]]:
    """Message types that agents may file on the day, by (principal's id, agent's id), of all agents of principals."""
    query = select(Mandate.principal_id, Mandate.agent_id, Mandate.message_types).where(
        Mandate.principal_id.in_(sorted(principal_ids)), *_in_force(on)
    )
    found: dict[tuple[int, int], frozenset[str]] = {}
    for principal, agent, types in session.execute(query):
        found[principal, agent] = found.get((principal, agent), frozenset()) | frozenset(types)
    return found


def _in_force(on: date) -> tuple[Any, ...]:
    return (
        Mandate.valid_from <= on,
        or_(Mandate.valid_to.is_(None), Mandate.valid_to >= on),
        or_(Mandate.revoked_on.is_(None), Mandate.revoked_on > on),
    )


def zone_offices(session: Session, on: date) -> dict[str, OfficeFacts]:
    """The customs offices open to pilot zones on the day, by code: of each the newest row that has started."""
    return {one.office_code: office_facts(one) for one in office_rows(session, on) if one.open}


def office_rows(session: Session, on: date) -> Sequence[ZoneOffice]:
    """Of every office the row that counts on the day, closed ones too."""
    query = (
        select(ZoneOffice)
        .where(ZoneOffice.valid_from <= on)
        .ext(distinct_on(ZoneOffice.office_code))
        .order_by(ZoneOffice.office_code, ZoneOffice.valid_from.desc(), ZoneOffice.id.desc())
    )
    return session.scalars(query).all()


def office_facts(row: ZoneOffice) -> OfficeFacts:
    """The row without its history."""
    return OfficeFacts(
        row.office_code, row.zone_code, row.mode, row.early_declaration, row.verified, row.successor_code
    )


def sites_on(session: Session, on: date) -> list[SiteFacts]:
    """The supervised sites in operation on the day, by office and number."""
    query = (
        select(SupervisedSite)
        .where(SupervisedSite.valid_from <= on)
        .ext(distinct_on(SupervisedSite.office_code, SupervisedSite.loct_no))
        .order_by(
            SupervisedSite.office_code,
            SupervisedSite.loct_no,
            SupervisedSite.valid_from.desc(),
            SupervisedSite.id.desc(),
        )
    )
    return [
        SiteFacts(one.office_code, one.loct_no, one.name, one.operator_id)
        for one in session.scalars(query)
        if one.operator_id is not None
    ]


def sites_operated_by(session: Session, operator_id: int, on: date) -> frozenset[tuple[str, str]]:
    """(office code, `loctNo`) of every site the subject operates on the day."""
    return frozenset((one.office_code, one.loct_no) for one in sites_on(session, on) if one.operator_id == operator_id)
