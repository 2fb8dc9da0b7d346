"""Entries from a CSV file: every fault by row and column; what is sound goes to the one function that records."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from common.csv_files import CU0605, Row, read_rows, refuse
from common.findings import Finding, Text
from customs.tables import WarehouseProof
from customs.warehouses.ledger import NewEntry

REQUIRED = ("invt_no", "gnum", "kind", "qty", "day")
OPTIONAL = ("corrects", "reference", "note", "proof", "apart")
COLUMNS = (*REQUIRED, *OPTIONAL)

_WHOLE = Text("整数", "a whole number")
_DAY = Text("日期，例如2026-01-01", "a day such as 2026-01-01")
_TEXT = Text("按文本格式填写的编号", "a number kept as text")
_APART = Text("空白或1（另行进境）", "empty, or 1 for goods that came back otherwise than by a goods return")
_PROOF = Text("已上传凭证的SHA-256", "the SHA-256 of an uploaded proof")
_MOST_DIGITS = 15
_MADE_A_NUMBER = re.compile(r"[0-9]+[.,][0-9]+([eE][+-]?[0-9]+)?|[0-9][eE]\+[0-9]+")
"""What a spreadsheet makes of customs' number, whose E it takes for a power of ten."""
_QUOTED = re.compile(r'="(.*)"|\'(.*)')


def read_entries(session: Session, raw: bytes, *, firms: Sequence[int], proof_id: int | None) -> list[NewEntry]:
    """The file's rows; `proof_id` stands for rows that name no proof of their own (by its SHA-256).

    A row with `corrects` takes back from that entry, and its line and kind may stay empty.
    Raises `DomainError` with every faulty cell.
    """
    rows, findings = read_rows(raw, REQUIRED, OPTIONAL)
    proofs = _proofs(session, {row.get("proof").lower() for row in rows} - {""}, firms)
    made = [_entry(row, proofs, proof_id, findings) for row in rows]
    refuse(findings)
    return [one for one in made if one is not None]


def kept_text(number: str) -> str:
    """A number written so that a spreadsheet leaves it alone: customs' number would become a power of ten."""
    return f'="{number}"'


def as_text(written: str) -> str:
    """What a cell says, without the marks that keep a spreadsheet from making a number of it."""
    found = _QUOTED.fullmatch(written)
    return (found[1] or found[2] or "") if found else written


def _proofs(session: Session, digests: set[str], firms: Sequence[int]) -> dict[str, int]:
    if not digests:
        return {}
    proof = WarehouseProof
    rows = session.execute(
        select(proof.sha256, func.max(proof.id))
        .where(proof.sha256.in_(digests), proof.subject_id.in_(firms))
        .group_by(proof.sha256)
    )
    return {digest: id for digest, id in rows}


def _entry(row: Row, proofs: dict[str, int], proof_id: int | None, findings: list[Finding]) -> NewEntry | None:
    before = len(findings)
    corrects = _whole(row, "corrects", findings)
    gnum = _whole(row, "gnum", findings, needed=corrects is None)
    day = row.day("day", findings)
    if day is None and len(findings) == before:
        findings.append(_wrong(row, "day", _DAY))
    number = as_text(row.get("invt_no"))
    if _MADE_A_NUMBER.fullmatch(number):
        findings.append(_wrong(row, "invt_no", _TEXT))
    digest = row.get("proof").lower()
    if digest and digest not in proofs:
        findings.append(_wrong(row, "proof", _PROOF))
    apart = row.get("apart")
    if apart not in ("", "1"):
        findings.append(_wrong(row, "apart", _APART))
    if len(findings) > before or day is None:
        return None
    more: dict[str, Any] = {"reference": row.get("reference") or None, "note": row.get("note") or None}
    return NewEntry(
        pointer=f"/{row.number}",
        qty=row.get("qty"),
        day=day,
        kind=row.get("kind"),
        invt_no=number,
        gnum=gnum or 0,
        corrects=corrects,
        proof_id=proofs.get(digest, proof_id),
        apart=apart == "1",
        **more,
    )


def _whole(row: Row, column: str, findings: list[Finding], *, needed: bool = False) -> int | None:
    written = row.get(column)
    if not written and not needed:
        return None
    if written.isascii() and written.isdigit() and len(written) <= _MOST_DIGITS:
        return int(written)
    findings.append(_wrong(row, column, _WHOLE))
    return None


def _wrong(row: Row, column: str, form: Text) -> Finding:
    return CU0605.at(row.at(column), row=row.number, column=column, value=row.get(column)[:40], form=form)
