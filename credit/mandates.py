"""Granting, revoking and listing mandates (代理报关委托书)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from common.clock import china_day
from common.findings import ConflictError, DomainError, Finding, NotFoundError
from credit.refusals import CR0008, CR0020, CR0021, CR0022, CR0023, CR0024
from credit.tables import Mandate, Subject

MESSAGE_TYPES = ("CEB303", "CEB403", "CEB603", "CEB605", "CEB607", "CEB701", "CEB213")
"""Messages that can be filed under a mandate; a mandate may also name `*` for all of them."""

ALL = "*"

STANDING_SUMMARY = "701-ST"
"""Not a message: lets the agent's summary application be filed on the due day without asking anew. `*` leaves it out:
it is given by name or not at all."""


@dataclass(frozen=True, slots=True)
class NewMandate:
    """Who lets whom file what, both days inclusive; without an end it holds until revoked."""

    principal_id: int
    agent_id: int
    message_types: tuple[str, ...]
    valid_from: date
    valid_to: date | None = None


def grant(session: Session, new: NewMandate, *, by: str, at: datetime) -> Mandate:
    """Write a mandate; raises `DomainError` with all findings."""
    findings = _faults(session, new)
    if findings:
        raise DomainError(*findings)
    mandate = Mandate(
        principal_id=new.principal_id,
        agent_id=new.agent_id,
        message_types=list(dict.fromkeys(new.message_types)),
        valid_from=new.valid_from,
        valid_to=new.valid_to,
        granted_by=by,
        granted_at=at,
    )
    session.add(mandate)
    session.flush()
    return mandate


def _faults(session: Session, new: NewMandate) -> list[Finding]:
    allowed = (*MESSAGE_TYPES, STANDING_SUMMARY, ALL)
    findings = [CR0020.at("/agent")] if new.principal_id == new.agent_id else []
    # an empty list is told the same as a wrong word: which types there are
    for one in new.message_types or ("",):
        if one not in allowed:
            findings.append(CR0021.at("/message_types", value=one, allowed="、".join(allowed)))
    if new.valid_to is not None and new.valid_to < new.valid_from:
        findings.append(CR0022.at("/valid_to"))
    known = set(session.scalars(select(Subject.id).where(Subject.id.in_([new.principal_id, new.agent_id]))))
    parties = (("/principal", new.principal_id), ("/agent", new.agent_id))
    return findings + [CR0008.at(pointer) for pointer, one in parties if one not in known]


def revoke(session: Session, mandate_id: int, *, by: str, at: datetime) -> Mandate:
    """End a mandate: it covers nothing from the day of `at` on; what was accepted before stays."""
    mandate = session.get(Mandate, mandate_id, with_for_update=True)
    if mandate is None:
        raise NotFoundError(CR0023.at(""))
    if mandate.revoked_on is not None:
        raise ConflictError(CR0024.at("", on=mandate.revoked_on.isoformat()))
    mandate.revoked_on, mandate.revoked_by, mandate.revoked_at = china_day(at), by, at
    session.flush()
    return mandate


def mandate_of(session: Session, mandate_id: int, party_id: int | None) -> Mandate:
    """A mandate as one of its parties may see it (None: anybody's); raises `NotFoundError` for a stranger."""
    mandate = session.get(Mandate, mandate_id)
    if mandate is None or (party_id is not None and party_id not in (mandate.principal_id, mandate.agent_id)):
        raise NotFoundError(CR0023.at(""))
    return mandate


def list_mandates(session: Session, party_id: int | None, *, after: int = 0, limit: int = 100) -> Sequence[Mandate]:
    """Mandates a subject gave or holds (None: everybody's), by number."""
    query = select(Mandate).where(Mandate.id > after).order_by(Mandate.id).limit(limit)
    if party_id is not None:
        query = query.where(or_(Mandate.principal_id == party_id, Mandate.agent_id == party_id))
    return session.scalars(query).all()
