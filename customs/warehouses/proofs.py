"""Files that prove what happened in a warehouse: kept as they came, once per firm and content."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, undefer

from common.findings import DomainError, Finding, NotFoundError
from customs.rules import warehouse_stock as rules
from customs.rules.files import format_of, safe_name
from customs.tables import WarehouseEntry, WarehouseProof

MOST_BYTES = 5 * 1024 * 1024
_FORMATS = ("pdf", "png", "jpeg", "xlsx", "csv")


def keep(session: Session, firm_id: int, name: str, content: bytes, *, actor: str, at: datetime) -> WarehouseProof:
    """Keep a file of the firm; the same content again is the first one. Raises `DomainError` for a file not taken."""
    shown = safe_name(name, "—")
    if not content:
        raise DomainError(rules.PROOF_EMPTY.at("/proof", name=shown))
    found = format_of(shown, content, _FORMATS)
    if found is None:
        raise DomainError(rules.PROOF_TYPE.at("/proof", name=shown))
    digest = hashlib.sha256(content).hexdigest()
    session.execute(
        insert(WarehouseProof)
        .values(
            subject_id=firm_id,
            sha256=digest,
            name=shown,
            media_type=found.media_type,
            size=len(content),
            content=content,
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
