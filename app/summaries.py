"""What the API, the pages and the jobs of summaries share: who sees which, and filing an application (CEB701).

Whatever files an application, it is a message in the inbox like any firm's own: there is no second road.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.access import Person, Role, person
from app.access.scope import visible_to
from app.files.messages import issued_guid, message_bytes
from common import clock
from common.clock import CHINA, china_day
from credit.subjects import SubjectFacts, subject_by_id
from customs.intake.inbox import JSON, Incoming, receive
from customs.intake.process import work
from customs.summary import drafting
from customs.summary.drafting import Overdue
from customs.tables import Message, SummaryApplication

TYPE = "CEB701"
FILERS = (Role.SELLER, Role.AGENT, Role.PLATFORM)
OFFICERS = (Role.CUSTOMS_OFFICER, Role.CUSTOMS_SUPERVISOR)
AGENCIES = (*OFFICERS, Role.TAX_OFFICER, Role.ZONE_MANAGER, Role.AUDITOR, Role.ADMINISTRATOR)
READERS = (*FILERS, *AGENCIES)
BY_PLATFORM = 0
"""The account under which the platform itself files what a standing mandate lets it file."""


def scope(who: Person | None = None) -> ColumnElement[bool]:
    """The applications that a person may see: a firm those it has to do with, an agency those of its zones."""
    return visible_to(who or person()).rows(
        SummaryApplication.zone_code,
        SummaryApplication.consignor_id,
        SummaryApplication.declarant_id,
        SummaryApplication.decl_agent_id,
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """An application as somebody wants it: by the numbers of checklists, or by a span of closing.

    `form` is drawn once for a form or request: sent twice under the same one, it is one message.
    """

    declarant: SubjectFacts
    consignor: SubjectFacts
    customs_code: str
    numbers: Sequence[str] = ()
    start: datetime | None = None
    end: datetime | None = None
    loct_no: str = ""
    by_producer: bool = False
    by_name: bool = False
    decl_agent: SubjectFacts | None = None
    cop_no: str = ""
    form: str = field(default_factory=lambda: secrets.token_hex(16))


def message_of(wish: Wish, at: datetime) -> bytes:
    """The application as a message in the JSON form."""
    cop_no = wish.cop_no or f"H{at.astimezone(CHINA):%Y%m%d}{wish.form[:12].upper()}"
    unit = wish.decl_agent or wish.declarant
    head: dict[str, str] = {
        "guid": issued_guid(wish.form, TYPE, "document"),
        "appType": "1",
        "appTime": _stamp(at),
        "appStatus": "2",
        "customsCode": wish.customs_code,
        "copNo": cop_no,
        **_named("agent", wish.declarant),
        **_named("ebc", wish.consignor),
        **_named("declAgent", unit),
        "summaryFlag": "2" if wish.by_producer else "1",
        "itemNameFlag": "1" if wish.by_name else " ",
        "msgCount": "1",
        "msgSeqNo": "1",
    }
    if wish.loct_no:
        head["loctNo"] = wish.loct_no
    if wish.start and wish.end:
        head |= {"startTime": _stamp(wish.start), "endTime": _stamp(min(wish.end, at))}
    document: dict[str, Any] = {"head": head}
    if wish.numbers:
        document["lines"] = [{"invtNo": number} for number in wish.numbers]
    return message_bytes(TYPE, message_guid(wish), [document])


def message_guid(wish: Wish) -> str:
    """The number of the wish's message: one for each form, whatever time it is sent."""
    return issued_guid(wish.form, TYPE)


def _named(part: str, firm: SubjectFacts) -> dict[str, str]:
    return {f"{part}Code": firm.customs_code or firm.uscc or "", f"{part}Name": firm.name}


def _stamp(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%Y%m%d%H%M%S")


def wish_of_draft(session: Session, row: SummaryApplication, declarant_id: int, at: datetime) -> Wish:
    """The application that takes a draft over: filed by its own declarant it keeps the draft's number."""
    today = china_day(at)
    declarant = subject_by_id(session, declarant_id, today)
    wish = Wish(
        declarant=declarant,
        consignor=subject_by_id(session, row.consignor_id, today),
        customs_code=row.customs_code,
        start=row.start_time,
        end=row.end_time,
        form=issued_guid("draft", row.id, declarant_id, row.revision, _stamp(at)[:12]).replace("-", ""),
    )
    return replace(wish, cop_no=row.cop_no) if declarant_id == row.declarant_id else wish


def file_overdue(session: Session, one: Overdue, at: datetime) -> bool:
    """File a draft under the standing mandate that its consignor gave; whether it was accepted."""
    assert one.agent_id is not None
    wish = wish_of_draft(session, one.row, one.agent_id, at)
    incoming = Incoming(message_of(wish, at), JSON, one.agent_id, BY_PLATFORM, one.row.zone_code)
    message = session.get_one(Message, receive(session, incoming, at).id)
    work(session, message, at)
    filed = message.documents[0]["id"] if message.accepted else None
    if filed is None:
        return False
    drafting.filed_by_mandate(session, session.get_one(SummaryApplication, filed), one, at)
    return True


def look_after(session: Session, at: datetime) -> int:
    """The daily round: draft what nobody applied for, file or report what is due, take back what is empty."""
    done = drafting.close_empty(session, at) + drafting.draft_unfiled(session, at)
    for one in drafting.overdue(session, at):
        if one.agent_id is None or not file_overdue(session, one, at):
            drafting.report(session, one, at)
        done += 1
    drafting.close_empty(session, at)
    return done


def month_now() -> str:
    """The running month, `YYYY-MM`."""
    return f"{clock.today():%Y-%m}"
