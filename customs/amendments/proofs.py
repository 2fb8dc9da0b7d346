"""Proof files of requests: bytes with their digest; what a zone takes is limited and no name is believed."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, undefer

from common.clock import china_day
from common.events import NewEvent, whose
from common.findings import ConflictError, NotFoundError
from customs.desk.officers import Party
from customs.proof_files import proof_limits
from customs.rules import amendment_findings as told
from customs.rules.files import NewFile, checked, room, safe_name
from customs.tables import Amendment, Cancellation, ProofFile

Request = Amendment | Cancellation
SUBJECTS: dict[str, type[Request]] = {"amendment": Amendment, "cancellation": Cancellation}


def subject_of(row: Request) -> str:
    """The word by which files and pages know a kind of request."""
    return "amendment" if isinstance(row, Amendment) else "cancellation"


def add_file(session: Session, row: Request, party: Party, new: NewFile, *, at: datetime) -> ProofFile:
    """Keep a proof file of a pending request, whose row must be locked.

    Raises `DomainError` for a file that is empty, too large or of no known format, or one too many, and
    `ConflictError` where the same contents are there already.
    """
    limits = proof_limits(session, row.zone_code, china_day(at))
    kind = checked(new, limits).word
    subject, digest = subject_of(row), hashlib.sha256(new.content).digest()
    there = files_of(session, subject, row.id)
    twice = next((one for one in there if one.sha256 == digest), None)
    if twice is not None:
        raise ConflictError(told.PROOF_TWICE.at("/file", name=twice.name))
    room(len(there), limits)
    file = ProofFile(
        subject_type=subject,
        subject_id=row.id,
        name=safe_name(new.name, f"proof.{kind}"),
        format=kind,
        size=len(new.content),
        sha256=digest,
        content=new.content,
        uploaded_at=at,
        uploaded_by=party.account_id,
        uploaded_name=party.name,
    )
    session.add(file)
    session.flush()
    return file


def find(session: Session, subject: str, request_id: int | None) -> Request | None:
    """A request by kind and id, None where there is none."""
    table = SUBJECTS[subject]
    query: Select[Any] = select(table).where(table.id == request_id)
    found: Request | None = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    return found


def files_of(session: Session, subject: str, subject_id: int) -> Sequence[ProofFile]:
    """The files of a request in the order in which they came, without their bytes."""
    return session.scalars(
        select(ProofFile)
        .where(ProofFile.subject_type == subject, ProofFile.subject_id == subject_id)
        .order_by(ProofFile.id)
    ).all()


def count(session: Session, subject: str, subject_id: int) -> int:
    """How many files a request has."""
    query = select(func.count()).where(ProofFile.subject_type == subject, ProofFile.subject_id == subject_id)
    return session.scalar(query) or 0


def file_of(session: Session, subject: str, subject_id: int, file_id: int) -> ProofFile:
    """One file of a request with its bytes; raises `NotFoundError`."""
    found = session.scalars(
        select(ProofFile)
        .where(ProofFile.id == file_id, ProofFile.subject_type == subject, ProofFile.subject_id == subject_id)
        .options(undefer(ProofFile.content))
    ).one_or_none()
    if found is None:
        raise NotFoundError(told.NOT_FOUND.at(""))
    return found


def file_event(row: Request, file: ProofFile, party: Party, at: datetime) -> NewEvent:
    """The event that keeps that a file came, with its digest."""
    subject = subject_of(row)
    return NewEvent(
        at=at,
        kind=f"{subject}.proof_added",
        subject_type=subject,
        subject_id=row.id,
        source="party",
        actor=f"account:{party.account_id}",
        **whose(row),
        data={"name": file.name, "size": file.size, "sha256": file.sha256.hex(), "checklist_id": row.checklist_id},
    )
