"""Why goods come back and with what that is proved: the firm says it with the request or later, and adds files."""

from __future__ import annotations

import hashlib
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.clock import china_day
from common.events import NewEvent, append_events, whose
from common.findings import ConflictError, DomainError, NotFoundError
from customs.desk.officers import Party
from customs.proof_files import proof_limits
from customs.returns.reading import Visible, one_return
from customs.rules import return_findings as said
from customs.rules.files import NewFile, checked, room, safe_name
from customs.rules.returns import CERTIFICATES, PROOFS, REASON_KINDS, Grounds, ReturnState, grounds_faults
from customs.tables import GoodsReturn, GoodsReturnFile


def state_grounds(
    session: Session, party: Party, visible: Visible, return_id: int, grounds: Grounds, *, at: datetime
) -> GoodsReturn:
    """Say, or say anew, why the goods come back. Raises `DomainError` for what does not fit, `ConflictError` late."""
    faults = grounds_faults(grounds, "")
    if faults:
        raise DomainError(*faults)
    row = _open(session, visible, return_id)
    before = _shown(row)
    row.reason_kind, row.proof_kind = grounds.reason, grounds.proof
    row.certificate_kind, row.certificate_no = grounds.certificate, grounds.certificate_no
    session.flush()
    say = {"zh": "申请人说明了退货原因和证明", "en": "The party said why the goods come back"}
    append_events(session, [_event(row, party, "goods_return.grounds", say, at, before=before, after=_shown(row))])
    return row


def add_file(
    session: Session, party: Party, visible: Visible, return_id: int, new: NewFile, *, at: datetime
) -> GoodsReturnFile:
    """Keep a proof. Raises `DomainError` for what the zone does not take, or one too many."""
    row = _open(session, visible, return_id)
    limits = proof_limits(session, row.zone_code, china_day(at))
    found = checked(new, limits)
    count = select(func.count()).where(GoodsReturnFile.return_id == row.id)
    room(session.scalars(count).one(), limits)
    shown = safe_name(new.name, f"proof.{found.word}")
    made = GoodsReturnFile(
        return_id=row.id,
        name=shown,
        media_type=found.media_type,
        content=new.content,
        sha256=hashlib.sha256(new.content).digest(),
        added_at=at,
        added_by=f"account:{party.account_id}",
    )
    session.add(made)
    session.flush()
    say = {"zh": f"申请人补充了文件“{shown}”", "en": f"The party added the file “{shown}”"}
    append_events(session, [_event(row, party, "goods_return.file_added", say, at, name=shown)])
    return made


def one_file(session: Session, visible: Visible, return_id: int, file_id: int) -> GoodsReturnFile:
    """A proof of a return that is visible; raises `NotFoundError` for any other."""
    row = one_return(session, visible, return_id)
    query = select(GoodsReturnFile).where(GoodsReturnFile.return_id == row.id, GoodsReturnFile.id == file_id)
    found = session.scalars(query).one_or_none()
    if found is None:
        raise NotFoundError(said.FILE_NOT_FOUND.at(""))
    return found


def _open(session: Session, visible: Visible, return_id: int) -> GoodsReturn:
    row = one_return(session, visible, return_id, lock=True)
    over = row.status in (ReturnState.REJECTED, ReturnState.RELEASED)
    if over or row.completed_at is not None or row.withdrawn_at is not None:
        raise ConflictError(said.RETURN_OVER.at(""))
    return row


def _shown(row: GoodsReturn) -> dict[str, str | None]:
    """The grounds in words, for the history."""
    proof, certificate = PROOFS.get(row.proof_kind or ""), CERTIFICATES.get(row.certificate_kind or "")
    reason = REASON_KINDS.get(row.reason_kind or "")
    return {
        "reason": reason.zh if reason else None,
        "proof": proof[1].zh if proof else None,
        "certificate": certificate.zh if certificate else None,
        "certificate_no": row.certificate_no,
    }


def _event(row: GoodsReturn, party: Party, kind: str, say: dict[str, str], at: datetime, **data: object) -> NewEvent:
    return NewEvent(
        at=at,
        kind=kind,
        subject_type="goods_return",
        subject_id=row.id,
        source="party",
        actor=f"account:{party.account_id}",
        **whose(row),
        data={"say": say, "invt_no": row.invt_no, **data},
    )
