"""Files that prove what happened in a warehouse: kept as they came, once per firm and content."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, undefer

from common.clock import china_day
from common.findings import Finding, NotFoundError
from credit.subjects import subject_by_id
from customs.proof_files import STOCK, proof_limits
from customs.rules import warehouse_stock as rules
from customs.rules.files import Limits, NewFile, checked, safe_name
from customs.tables import WarehouseEntry, WarehouseProof


def limits_of(session: Session, firm_id: int, on: date) -> Limits:
    """What the firm's zone takes as proof."""
    return proof_limits(session, subject_by_id(session, firm_id, on).zone_code, on, STOCK)


def keep(
    session: Session, firm_id: int, new: NewFile, *, actor: str, at: datetime, pointer: str = "/proof"
) -> WarehouseProof:
    """Keep a file of the firm; the same content again is the first one. Raises `DomainError` for a file not taken."""
    found = checked(new, limits_of(session, firm_id, china_day(at)), pointer)
    digest = hashlib.sha256(new.content).hexdigest()
    session.execute(
        insert(WarehouseProof)
        .values(
            subject_id=firm_id,
            sha256=digest,
            name=safe_name(new.name, f"proof.{found.word}"),
            media_type=found.media_type,
            size=len(new.content),
            content=new.content,
            uploaded_by=actor,
            uploaded_at=at,
        )
        .on_conflict_do_nothing(index_elements=["subject_id", "sha256"])
    )
    proof = WarehouseProof
    return session.scalars(select(proof).where(proof.subject_id == firm_id, proof.sha256 == digest)).one()


def known(session: Session, firms: Collection[int], ids: Collection[int]) -> frozenset[int]:
    """Which of the proofs are there and belong to one of the firms."""
    if not ids:
        return frozenset()
    proof = WarehouseProof
    return frozenset(session.scalars(select(proof.id).where(proof.id.in_(set(ids)), proof.subject_id.in_(set(firms)))))


def proof_with_content(session: Session, proof_id: int) -> WarehouseProof:
    """One proof with its bytes; raises `NotFoundError`. Who may see it, the caller asks."""
    proof = WarehouseProof
    row = session.scalars(select(proof).where(proof.id == proof_id).options(undefer(proof.content))).one_or_none()
    if row is None:
        raise NotFoundError(unknown(proof_id))
    return row


def unknown(proof_id: int) -> Finding:
    """What is said where there is no such proof, or it is not the asker's to see."""
    return rules.PROOF_UNKNOWN.at("", id=proof_id)


def users_of(session: Session, proof_id: int) -> list[tuple[str, int]]:
    """Zone and consignor of the entries that the proof stands for."""
    entry = WarehouseEntry
    rows = session.execute(
        select(entry.zone_code, entry.consignor_id).where(entry.proof_id == proof_id).distinct().limit(100)
    )
    return [(row.zone_code, row.consignor_id) for row in rows]
