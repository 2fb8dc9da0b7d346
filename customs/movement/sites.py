"""Who works at a supervised site, and which site a paper or a record is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from common.findings import DomainError, Finding
from credit.subjects import SubjectFacts, sites_operated_by, subjects_by_codes
from customs.rules import movement as rules
from customs.rules import site as site_rules


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who acts for a site operator (监管作业场所经营人): the account, and the firm's subject id."""

    account_id: int
    name: str
    subject_id: int

    @property
    def actor(self) -> str:
        """How events name the person."""
        return f"account:{self.account_id}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a paper or a record says it is; `site` may be left out where the operator has one site of the office."""

    office: str
    site: str | None
    office_at: str
    site_at: str


def site_of(sites: frozenset[tuple[str, str]], place: Place, on: date) -> tuple[str | None, Finding | None]:
    """The site meant, among those operated on the day; or the finding that says why none can be meant."""
    own = sorted(site for office, site in sites if office == place.office)
    known = "、".join(f"{office}/{site}" for office, site in sorted(sites)) or "—"
    if place.site is None and len(own) == 1:
        return own[0], None
    if place.site is None and own:
        return None, rules.SITE_NOT_NAMED.at(place.site_at, office=place.office, known="、".join(own))
    if place.site in own:
        return place.site, None
    pointer = place.site_at if place.site else place.office_at
    return None, rules.SITE_NOT_OPERATED.at(
        pointer, office=place.office, site=(place.site or "—")[:20], on=on.isoformat(), known=known
    )


def own_site(session: Session, operator: Operator, office: str, site: str | None, on: date) -> str:
    """The operator's own site of an office on a day; raises `DomainError` with the reason where there is none."""
    sites = sites_operated_by(session, operator.subject_id, on)
    found, fault = site_of(sites, Place(office, site, "/customs_code", "/loct_no"), on)
    if found is None:
        assert fault is not None
        raise DomainError(fault)
    return found


def carrier_by_code(session: Session, code: str, on: date, pointer: str) -> SubjectFacts:
    """The logistics firm behind a code on a day; raises `DomainError` where it is none."""
    found = subjects_by_codes(session, [code], on).get(code)
    if found is None or "logistics" not in found.roles:
        raise DomainError(site_rules.UNKNOWN_CARRIER.at(pointer, code=code[:40]))
    return found
