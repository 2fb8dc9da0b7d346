"""Requests made on pages or over the API as what they are: CEB603 (appType 2) and CEB605 on everybody's one road."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import Person
from app.api.messages import incoming_of, take_in
from app.files.messages import issued_guid, message_bytes
from common.clock import CHINA, china_day
from common.findings import DomainError, NotFoundError
from credit.subjects import subject_by_id
from customs.amendments import contents
from customs.amendments.mandates import passed_on
from customs.intake.checklist_contents import HEAD, LINE
from customs.intake.inbox import JSON
from customs.queries.checklists import answers_for
from customs.queries.scope import Viewer
from customs.rules.amendment_findings import NO_CHECKLIST, UNKNOWN_FIELD
from customs.rules.moves import State
from customs.tables import Checklist

AMENDMENT, CANCELLATION = "CEB603", "CEB605"
_STAMP = "%Y%m%d%H%M%S"


def own_checklist(session: Session, who: Viewer, checklist_id: int) -> Checklist:
    """A checklist that the viewer answers for, or that is of the viewer's zones; raises `NotFoundError`."""
    row = session.scalars(select(Checklist).where(Checklist.id == checklist_id)).one_or_none()
    seen = row is not None and (row.zone_code in who.zones if who.enterprise_id is None else answers_for(who, row))
    if row is None or not seen:
        raise NotFoundError(NO_CHECKLIST.at(""))
    return row


def filer_of(session: Session, who: Person, row: Checklist, at: datetime) -> dict[str, str]:
    """Elements that name who asks where that is not who declared: a consignor whose agent's mandate has ended.

    Empty for everybody else; the filing rights decide then.
    """
    if who.enterprise_id != row.consignor_id or row.consignor_id == row.declarant_id:
        return {}
    if not passed_on(session, row.consignor_id, row.declarant_id, at=at):
        return {}
    firm = subject_by_id(session, row.consignor_id, china_day(at))
    number = f"GD{at.astimezone(CHINA):%Y%m%d%H%M%S}{secrets.token_hex(3).upper()}"
    return {"agentCode": firm.customs_code or firm.uscc or "", "agentName": firm.name, "copNo": number}


def changed_document(
    row: Checklist,
    lines: Sequence[Any],
    head: Mapping[str, str],
    changed_lines: Sequence[Mapping[str, str]],
    without: Sequence[int] = (),
) -> dict[str, Any]:
    """The checklist as a CEB603 document with some elements changed; an empty text takes an element away.

    `changed_lines` each name their line by `gnum`; lines in `without` are left out and those after them move up, for
    the standard numbers lines without gaps. Raises `DomainError` for a line or
    an element that the checklist does not have.
    """
    made = contents.document_of(row, lines)
    numbers = {line["gnum"] for line in made["lines"]}
    by_number = {str(one.get("gnum", "")): one for one in changed_lines}
    unknown = [name for name in head if name not in HEAD.values()]
    unknown += [f"gnum {one}" for one in [*by_number, *map(str, without)] if one not in numbers]
    unknown += [name for one in changed_lines for name in one if name not in LINE.values()]
    if unknown:
        raise DomainError(*(UNKNOWN_FIELD.at("/lines", name=name[:40]) for name in dict.fromkeys(unknown)))
    made["head"] = _with(made["head"], head)
    kept = [_with(line, by_number.get(line["gnum"], {})) for line in made["lines"] if int(line["gnum"]) not in without]
    made["lines"] = [line | {"gnum": str(number)} for number, line in enumerate(kept, 1)]
    return made


def _with(texts: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in (dict(texts) | dict(changes)).items() if text != ""}


def file_change(
    who: Person,
    row: Checklist,
    document: dict[str, Any],
    extras: Mapping[str, str],
    at: datetime,
    filer: Mapping[str, str],
) -> int:
    """File a changed checklist; gives the message's id. `filer` is what `filer_of` says."""
    if filer:
        document = document | {"head": document["head"] | dict(filer) | {"invtNo": row.invt_no or ""}}
    app_type = "1" if row.status == State.DRAFT else "2"
    # appTime has whole seconds: a change made within the second of what it changes would be older than that
    later = max(at, row.app_time + timedelta(seconds=1))
    return _file(who, AMENDMENT, document, extras, app_type, f"{row.id}/{row.revision}", later)


def file_cancellation(
    who: Person,
    row: Checklist,
    cop_no: str,
    reason: str,
    extras: Mapping[str, str],
    at: datetime,
    filer: Mapping[str, str],
) -> int:
    """File a request to cancel the checklist; gives the message's id. `filer` is what `filer_of` says."""
    head = {
        "customsCode": row.customs_code,
        "copNo": cop_no,
        "invtNo": row.invt_no or "",
        "reason": reason,
        "agentCode": filer.get("agentCode", row.agent_code),
        "agentName": filer.get("agentName", row.agent_name),
        "ebcCode": row.ebc_code,
        "ebcName": row.ebc_name,
    }
    document: dict[str, Any] = {"head": {name: text for name, text in head.items() if text}}
    return _file(who, CANCELLATION, document, extras, "1", f"{row.id}/{row.revision}", at)


def _file(
    who: Person, type: str, document: dict[str, Any], extras: Mapping[str, str], app_type: str, about: str, at: datetime
) -> int:
    """One message; its numbers depend on who sends what about which revision, and when."""
    stamp = at.astimezone(CHINA).strftime(_STAMP)
    issued = {
        "guid": issued_guid(type, about, who.enterprise_id, stamp, sorted(extras.items()), document, "document"),
        "appType": app_type,
        "appTime": stamp,
        "appStatus": "2",
    }
    filled = document | {"head": issued | document["head"]} | {name: text for name, text in extras.items() if text}
    guid = issued_guid(type, about, who.enterprise_id, stamp, sorted(extras.items()), document)
    return take_in(incoming_of(who, message_bytes(type, guid, [filled]), JSON)).id
