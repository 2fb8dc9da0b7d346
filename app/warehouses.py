"""What pages and API of overseas warehouses share: who may do what, whose goods a person sees, who acts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from app.access import Role, person
from app.access.reads import saw
from app.api.fields import own_enterprise
from app.proof_files import FileHint, proof_hint, read_proof
from common import clock
from common.clock import china_day
from common.findings import NotFoundError
from credit.subjects import mandates_held_by
from customs.rules.warehouses import NOT_FOUND
from customs.tables import OverseasWarehouse, WarehouseBatch, WarehouseProof, WarehouseUser
from customs.warehouses import proofs
from customs.warehouses.files import read_entries
from customs.warehouses.ledger import Recorder, record
from customs.warehouses.register import Actor, seen_by
from customs.warehouses.stock import Sees

REGISTRANTS = (Role.SELLER, Role.PLATFORM, Role.AGENT, Role.LOGISTICS)
KEEPERS = (Role.SELLER, Role.PLATFORM, Role.AGENT)
DECIDERS = (Role.ZONE_MANAGER,)
READERS = (
    *REGISTRANTS,
    Role.CUSTOMS_OFFICER,
    Role.CUSTOMS_SUPERVISOR,
    Role.TAX_OFFICER,
    Role.FOREX_OFFICER,
    Role.ZONE_MANAGER,
    Role.AUDITOR,
)
CHECKLIST, EVERYTHING = "CEB603", "*"
MOST_FILE = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Eyes:
    """Whose warehouses and goods the asking person sees: of firms (own, and those that gave a mandate), or of zones."""

    firms: frozenset[int]
    zones: frozenset[str]

    @property
    def goods(self) -> Sees:
        """The goods."""
        return Sees(self.firms, self.zones)

    @property
    def warehouses(self) -> ColumnElement[bool]:
        """The condition on warehouses: one of their users is seen."""
        user = WarehouseUser
        return seen_by(or_(user.subject_id.in_(sorted(self.firms)), user.zone_code.in_(sorted(self.zones))))


def eyes(session: Session, at: datetime) -> Eyes:
    """What the asking person sees today."""
    who = person()
    if who.enterprise_id is None:
        return Eyes(frozenset(), frozenset(who.zones) if who.signed_in else frozenset())
    firms = {who.enterprise_id}
    if who.role == Role.AGENT:
        held = mandates_held_by(session, who.enterprise_id, china_day(at))
        firms |= {principal for principal, type in held if type in (CHECKLIST, EVERYTHING)}
    return Eyes(frozenset(firms), frozenset())


def actor() -> Actor:
    """The asking person as the use cases name who acts."""
    who = person()
    return Actor(who.actor, who.name or who.actor, who.enterprise_id)


def visible_one(session: Session, warehouse_id: int, seen: Eyes) -> OverseasWarehouse:
    """One warehouse; raises `NotFoundError` where there is none or it is not the asker's to see."""
    house = OverseasWarehouse
    row = session.scalars(select(house).where(house.id == warehouse_id, seen.warehouses)).one_or_none()
    if row is None:
        raise NotFoundError(NOT_FOUND.at(""))
    shown_to_asker(session, row)
    return row


def shown_to_asker(session: Session, row: OverseasWarehouse) -> None:
    """Leave the audit entry of a look at somebody else's warehouse."""
    user = WarehouseUser
    owners = session.scalars(select(user.subject_id).where(user.warehouse_id == row.id)).all()
    saw("overseas_warehouse", row.id, zone_code=row.zone_code, owners=owners)


def visible_proof(session: Session, proof_id: int, seen: Eyes) -> WarehouseProof:
    """A proof with its bytes: of one's own firm, or of goods that one sees; raises `NotFoundError`."""
    row = proofs.proof_with_content(session, proof_id)
    used = proofs.users_of(session, proof_id)
    zones = [zone for zone, _ in used if zone in seen.zones]
    if row.subject_id not in seen.firms and not zones:
        raise NotFoundError(proofs.unknown(proof_id))
    saw("warehouse_proof", row.id, zone_code=zones[0] if zones else None, owners=[row.subject_id])
    return row


def kept_upload(session: Session, name: str, at: datetime) -> int | None:
    """The proof in a form's file field, kept; None where no file was chosen. Raises `DomainError`."""
    firm = own_enterprise(person())
    new = read_proof(proofs.limits_of(session, firm, china_day(at)), name)
    return proofs.keep(session, firm, new, actor=person().actor, at=at, pointer=f"/{name}").id if new.name else None


def proof_words(session: Session) -> FileHint:
    """What the zone of the asking person's firm takes as proof, for a form."""
    return proof_hint(proofs.limits_of(session, own_enterprise(person()), clock.today()))


def once(key: str | None) -> str | None:
    """The digest of a form's or request's own key, by which it is recorded once; None without a key."""
    return hashlib.sha256(f"key:{key}".encode()).hexdigest() if key else None


def load_file(
    session: Session, warehouse_id: int, raw: bytes, seen: Eyes, *, proof_id: int | None, at: datetime
) -> WarehouseBatch:
    """Record the entries of a CSV file; the same file twice is refused. Raises `DomainError`."""
    entries = read_entries(session, raw, firms=sorted(seen.firms), proof_id=proof_id)
    by = Recorder(actor(), seen.firms, "file", hashlib.sha256(raw).hexdigest())
    return record(session, warehouse_id, entries, by, at=at)
