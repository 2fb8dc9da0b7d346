"""Handing in a file: keep it, cut it into messages, put all of them into the inbox in one transaction.

Whoever uploads the same file again gets the first upload. A document whose cells could not be read as they stand is
held back with everything that is wrong with it; its neighbours go their way.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.persons import Person
from app.access.scope import visible_to
from app.files import rules
from app.files.messages import cut_messages
from app.files.places import cell_of
from app.files.reading import FileContents, FileDocument, Layout, read_file
from app.files.tables import Upload
from common.clock import china_day
from common.db import lock_keys
from common.findings import Finding, NotFoundError
from customs.codes import codes_snapshot
from customs.intake.inbox import JSON, Incoming, receive
from customs.messages.checking import check_document
from customs.messages.document import ReadDocument
from customs.messages.fields import MESSAGES

_NAME = 120


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of a file: its upload, whether it is a repeat, and the messages for which a worker must be rung."""

    id: int
    repeat: bool
    to_ring: Sequence[int] = ()


def hand_in(session: Session, incoming: Incoming, name: str, at: datetime) -> Handed:
    """Take in a file; `incoming.raw` is the file. The caller commits, then rings. Raises `DomainError` for no template.

    `name` is shown again to those who uploaded it and used for nothing else.
    """
    digest = hashlib.sha256(incoming.raw)
    lock_keys(session, [f"upload:{incoming.sender_id}:{digest.hexdigest()}"])
    first = session.scalars(
        select(Upload.id).where(Upload.sender_id == incoming.sender_id, Upload.sha256 == digest.digest())
    ).one_or_none()
    if first is not None:
        return Handed(first, repeat=True)
    contents = read_file(incoming.raw)
    ids, chunks = [], []
    for places, raw in cut_messages(contents.type, digest.hexdigest(), contents.documents):
        message = Incoming(raw, JSON, incoming.sender_id, incoming.account_id, incoming.zone_code)
        ids.append(receive(session, message, at).id)
        chunks.append(places)
    upload = Upload(
        sender_id=incoming.sender_id,
        account_id=incoming.account_id,
        zone_code=incoming.zone_code,
        received_at=at,
        name=(PurePath(name.replace("\\", "/")).name or "—").replace("\0", "")[:_NAME],
        raw=incoming.raw,
        sha256=digest.digest(),
        type=contents.type,
        rows=sum(len(one.rows) for one in contents.documents),
        documents=len(contents.documents),
        message_ids=ids,
        chunks=chunks,
        layout=_kept(contents),
        held=_held(session, contents, at),
        warnings=[one.as_dict() for one in contents.warnings],
    )
    session.add(upload)
    session.flush()
    return Handed(upload.id, repeat=False, to_ring=ids)


def upload_for(session: Session, who: Person, upload_id: int) -> Upload:
    """An upload that the person may see; raises `NotFoundError` for any other."""
    found = session.scalars(
        select(Upload).where(Upload.id == upload_id, visible_to(who).rows(Upload.zone_code, Upload.sender_id))
    ).one_or_none()
    if found is None:
        raise NotFoundError(rules.NO_UPLOAD.at(""))
    return found


def upload_of_message(session: Session, who: Person, message_id: int) -> Upload | None:
    """The upload that a message was made from, None where it came by itself."""
    scope = visible_to(who).rows(Upload.zone_code, Upload.sender_id)
    return session.scalars(select(Upload).where(Upload.message_ids.contains([message_id]), scope)).one_or_none()


def layout_of(upload: Upload) -> Layout:
    """The upload's layout as the reader gave it."""
    kept = upload.layout
    return Layout(kept["sheet"], kept["header"], kept["places"])


def _kept(contents: FileContents) -> dict[str, Any]:
    layout = contents.layout
    return {
        "sheet": layout.sheet,
        "header": layout.header,
        "places": dict(layout.places),
        "rows": [one.rows for one in contents.documents],
    }


def _held(session: Session, contents: FileContents, at: datetime) -> list[dict[str, Any]]:
    """The documents that are not filed, each with its cells' findings and whatever else is wrong with its contents."""
    codes = codes_snapshot(session)
    return [
        {
            "document": n,
            "findings": [found.as_dict() for found in (*one.findings, *_contents(contents, one, codes, at))],
        }
        for n, one in enumerate(contents.documents)
        if not one.sound
    ]


def _contents(contents: FileContents, one: FileDocument, codes: Any, at: datetime) -> list[Finding]:
    """The same checks that the document would meet on its road, at the cells they are about; none said twice."""
    spec = MESSAGES[contents.type]
    on = china_day(at)
    issued = {"guid": "0" * 36, "appTime": at.strftime("%Y%m%d%H%M%S"), "appStatus": "2"}
    document = ReadDocument(0, spec.element, {**issued, **one.head}, one.lines)
    said = {found.pointer for found in one.findings}
    found = []
    for finding in check_document(spec, document, codes, on, at):
        pointer = cell_of(contents.layout, one.rows, finding.pointer)
        if pointer not in said:
            found.append(Finding(finding.rule, finding.severity, pointer, finding.message, finding.kind))
    return found
