"""What became of an uploaded file: counts, causes with examples, and every fault at its cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.files.places import cell_of
from app.files.tables import Upload
from app.files.uploads import layout_of
from common.findings import BOOK, Severity, Text
from customs.intake.inbox import RECEIVED
from customs.rules.intake import KNOWN_KEY
from customs.tables import Message

EXAMPLES = 3
"""Cells named beside a cause."""

_FAULTY = text(
    "SELECT m.id, (d ->> 'index')::int AS place, d -> 'findings' AS findings "
    "FROM message AS m, jsonb_array_elements(m.documents) AS d "
    "WHERE m.id = ANY(CAST(:ids AS bigint[])) AND d -> 'findings' <> '[]' ORDER BY m.id, place"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """One finding at its cell; `document` is the document's place in the file."""

    document: int
    rows: Sequence[int]
    rule: str
    severity: str
    pointer: str
    message: Mapping[str, str]

    @property
    def error(self) -> bool:
        """Whether it stops the document."""
        return self.severity == Severity.ERROR


@dataclass(slots=True)
class Cause:
    """All faults of one rule: in how many documents, and the first cells."""

    rule: str
    title: Text
    error: bool
    documents: set[int] = field(default_factory=set)
    faults: int = 0
    examples: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Counts:
    """Documents by what became of them; `waiting` have no answer yet, `known` were filed before and stay unchanged."""

    documents: int
    accepted: int
    waiting: int
    to_change: int
    known: int

    @property
    def done(self) -> int:
        """Documents with an answer."""
        return self.documents - self.waiting


def counts(session: Session, upload: Upload) -> Counts:
    """The counts alone, cheap enough to be asked every second; documents filed before still count as to be changed."""
    query = select(Message.state, func.sum(Message.accepted), func.sum(Message.rejected)).where(
        Message.id.in_(upload.message_ids)
    )
    found = {
        state: (int(accepted), int(rejected))
        for state, accepted, rejected in session.execute(query.group_by(Message.state))
    }
    accepted = sum(one[0] for one in found.values())
    rejected = sum(one[1] for one in found.values()) + len(upload.held)
    waiting = upload.documents - accepted - rejected if RECEIVED in found else 0
    return Counts(upload.documents, accepted, waiting, upload.documents - accepted - waiting, 0)


def faults(session: Session, upload: Upload) -> list[Fault]:
    """Every finding of the file's documents, in the order of the file."""
    return sorted((*_held(upload), *_answered(session, upload)), key=lambda one: one.document)


def settled_counts(upload: Upload, before: Counts, found: Sequence[Fault]) -> Counts:
    """The counts of a finished upload: what was filed before is told apart from what must be changed."""
    known = len(known_documents(found))
    return Counts(before.documents, before.accepted, before.waiting, before.to_change - known, known)


def known_documents(found: Sequence[Fault]) -> set[int]:
    """Documents whose only error is that they were filed before."""
    by_document: dict[int, set[str]] = {}
    for one in found:
        if one.error:
            by_document.setdefault(one.document, set()).add(one.rule)
    return {document for document, rules in by_document.items() if rules == {KNOWN_KEY.id}}


def causes(found: Sequence[Fault]) -> list[Cause]:
    """The faults by rule: errors before warnings, then by how many documents they concern."""
    by_rule: dict[str, Cause] = {}
    for one in found:
        known = BOOK.rules.get(one.rule)
        title = known.title if known else Text(one.rule, one.rule)
        cause = by_rule.setdefault(one.rule, Cause(one.rule, title, one.error))
        cause.documents.add(one.document)
        cause.faults += 1
        if len(cause.examples) < EXAMPLES:
            cause.examples.append(one)
    return sorted(by_rule.values(), key=lambda one: (not one.error, -len(one.documents), one.rule))


def _held(upload: Upload) -> Iterator[Fault]:
    rows = upload.layout["rows"]
    for one in upload.held:
        document = one["document"]
        for found in one["findings"]:
            yield _fault(document, rows[document], found, found["pointer"])


def _answered(session: Session, upload: Upload) -> Iterator[Fault]:
    layout, rows = layout_of(upload), upload.layout["rows"]
    chunks = dict(zip(upload.message_ids, upload.chunks, strict=True))
    for row in session.execute(_FAULTY, {"ids": upload.message_ids}):
        document = chunks[row.id][row.place]
        for found in row.findings:
            pointer = cell_of(layout, rows[document], found["pointer"])
            yield _fault(document, rows[document], found, pointer)


def _fault(document: int, rows: Sequence[int], found: Mapping[str, Any], pointer: str) -> Fault:
    return Fault(document, rows, found["rule"], found["severity"], pointer, found["message"])
