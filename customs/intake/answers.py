"""Answers to a message: its object with what became of each document, and all responses (回执) of its documents.

The first answer of a document stands in `Message.documents`; later ones are the events of its paper. Reading never
writes, and a response can be fetched again at any time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from common.events import Event
from common.findings import BOOK, Finding, Severity, Text
from customs.intake.inbox import PROCESSED
from customs.messages import responses
from customs.messages.fields import MESSAGES
from customs.summary import results
from customs.tables import Declaration, Message, SummaryApplication

_CURRENT: Mapping[str, str] = {
    "CEB213": "goods_return",
    "CEB215": "return_tally",
    "CEB303": "sale_order",
    "CEB403": "payment_receipt",
    "CEB505": "waybill",
    "CEB507": "arrival",
    "CEB509": "departure",
    "CEB603": "checklist",
    "CEB605": "cancellation",
    "CEB607": "master_list",
    "CEB701": "summary_application",
}
"""Where the present state of a document's paper stands."""


_ISSUED: Mapping[str, str] = {"invt_no": "invtNo", "sum_no": "sumNo"}
"""Numbers that customs issues, as events and as responses name them; empty in a response until then."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One response: of which document, its type, when, and its elements."""

    index: int | None
    type: str
    at: datetime
    fields: Mapping[str, str]


def view(session: Session, message: Message) -> dict[str, Any]:
    """The message's object of interfaces.md §2."""
    states = _current_states(session, message)
    return {
        "id": message.id,
        "guid": message.guid,
        "type": message.type,
        "state": message.state,
        "received_at": message.received_at.isoformat(),
        "counts": {
            "documents": len(message.documents),
            "accepted": message.accepted,
            "rejected": message.rejected,
        },
        "findings": list(message.envelope),
        "documents": [_document_view(one, states) for one in message.documents],
        "links": links(message.id),
    }


def links(message_id: int) -> dict[str, str]:
    """Where a message and its responses are read."""
    return {
        "self": f"/api/v1/messages/{message_id}",
        "responses": f"/api/v1/messages/{message_id}/responses",
    }


def _document_view(one: Mapping[str, Any], states: Mapping[int, str]) -> dict[str, Any]:
    shown = {key: one[key] for key in ("index", "guid", "key", "id", "status", "pre_no", "findings")}
    return shown | {"current_status": states.get(one["id"] or 0, one["status"])}


def _current_states(session: Session, message: Message) -> dict[int, str]:
    table = _CURRENT.get(message.type or "")
    ids = [one["id"] for one in message.documents if one["id"]]
    if table is None or not ids:
        return {}
    query = text(f"SELECT id, status FROM {table} WHERE id = ANY(CAST(:ids AS bigint[]))")  # noqa: S608 - our own names
    return {row.id: row.status for row in session.execute(query, {"ids": ids})}


def all_answers(session: Session, message: Message) -> list[Answer]:
    """Every response to the message, oldest first."""
    if message.state != PROCESSED:
        return list(_refusal(message))
    answers = [_first(message, one) for one in message.documents]
    later = [*_later(session, message), *_results(session, message)]
    return sorted([*answers, *later], key=lambda one: (one.at, one.index or 0))


def newest_answers(session: Session, message: Message) -> list[Answer]:
    """The newest response of each document, in the order of the message."""
    newest: dict[int | None, Answer] = {}
    for one in all_answers(session, message):
        if one.type != results.TYPE:  # a summary result is a message of its own, for each declaration
            newest[one.index] = one
    return [newest[index] for index in sorted(newest, key=lambda n: -1 if n is None else n)]


def _refusal(message: Message) -> Iterator[Answer]:
    """The CEB900 of a message that was refused whole."""
    if message.processed_at is not None:
        findings = [_finding(one) for one in message.envelope]
        fields = responses.ceb900_fields(findings, message.processed_at, message_type=message.type)
        yield Answer(None, "CEB900", message.processed_at, fields | {"guid": _guid(message, None, 0)})


def _first(message: Message, one: Mapping[str, Any]) -> Answer:
    """The first response to a document; a CEB900 where its own type cannot repeat what names it."""
    assert message.processed_at is not None
    at = message.processed_at
    findings = [_finding(found) for found in one["findings"]]
    if one["echo"] is None:
        fields = responses.ceb900_fields(findings, at, message_type=message.type, status=one["status"])
        return Answer(one["index"], "CEB900", at, fields | {"guid": _guid(message, one, 0)})
    refused = any(found.severity is Severity.ERROR for found in findings)
    info = (
        responses.return_info(findings)
        if refused
        else responses.success_info(one.get("app_type", "1"), one["guid"] or "")
    )
    return Answer(one["index"], _type(message), at, _fields(message, one, one["status"], at, info, 0))


def _later(session: Session, message: Message) -> Iterator[Answer]:
    """What happened to the documents' papers since."""
    documents: dict[int, list[Mapping[str, Any]]] = {}
    for document in message.documents:
        if document["id"] and document["echo"] is not None:
            documents.setdefault(document["id"], []).append(document)
    query = (
        select(Event)
        .where(Event.subject_id.in_(documents), Event.state.is_not(None), Event.at >= message.received_at)
        .where(Event.kind.not_like("%.accepted"), Event.kind.not_like("%.changed"))
        .order_by(Event.id)
    )
    for event in session.scalars(query):
        for one in documents[event.subject_id]:  # several parts of one application may share a message
            fields = _fields(message, one, event.state or "", event.at, said(event), event.id)
            fields |= {element: event.data[key] for key, element in _ISSUED.items() if event.data.get(key)}
            yield Answer(one["index"], _type(message), event.at, fields)


def _results(session: Session, message: Message) -> Iterator[Answer]:
    """The heads of the summary results (CEB792) of applications; the lists are read by declaration."""
    documents = {one["id"]: one for one in message.documents if one["id"]}
    if message.type != "CEB701" or not documents:
        return
    query = (
        select(Declaration, SummaryApplication)
        .join(SummaryApplication, SummaryApplication.id == Declaration.application_id)
        .where(Declaration.application_id.in_(documents))
        .order_by(Declaration.id)
    )
    for one, application in session.execute(query):
        parts = results.result_parts(session, one)
        for part in range(1, parts + 1):
            head = results.result_head(application, one, part, parts)
            where = {"href": f"/api/v1/summaries/declarations/{one.id}/result?part={part}"}
            yield Answer(documents[application.id]["index"], results.TYPE, one.made_at, head | where)


def said(event: Event) -> str:
    """What an event says as returnInfo: its findings where it has any, else its sentence."""
    findings = event.data.get("findings")
    if findings:
        return responses.return_info([_finding(one) for one in findings])
    say = event.data.get("say") or {}
    code = f"[Code:{event.rule};Desc:{say.get('zh', '')}]" if event.rule else say.get("zh", "")
    most = responses.INFO_LENGTH
    return code if len(code) <= most else code[: most - 1] + "…"


def _fields(
    message: Message, one: Mapping[str, Any], status: str, at: datetime, info: str, serial: int
) -> dict[str, str]:
    return {
        "guid": _guid(message, one, serial),
        **{element: "" for element in _ISSUED.values() if element in MESSAGES[_type(message)].head_by_name},
        **one["echo"],
        "preNo": one["pre_no"],
        "returnStatus": status,
        "returnTime": responses.return_time(at),
        "returnInfo": info,
    }


def _guid(message: Message, one: Mapping[str, Any] | None, serial: int) -> str:
    """A response's own number: the same whenever it is read again."""
    place = 0 if one is None else one["index"] + 1
    raw = f"{message.id:016d}{place:04d}{serial % 10**12:012d}"
    return f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"


def _type(message: Message) -> str:
    return MESSAGES[message.type or ""].response or "CEB900"


def _finding(stored: Mapping[str, Any]) -> Finding:
    said_ = Text(stored["message"]["zh"], stored["message"]["en"])
    return Finding(stored["rule"], Severity(stored["severity"]), stored["pointer"], said_, kind_of(stored["rule"]))


def kind_of(rule_id: str) -> str:
    """The kind of a stored finding, from its rule."""
    known = BOOK.rules.get(rule_id)
    return known.kind if known else "business"


def as_xml(message: Message, answers: Sequence[Answer]) -> bytes:
    """The answers as one CEB message: those of the message's own response type, else its first CEB900."""
    own = [one for one in answers if one.type != "CEB900"]
    if own:
        return responses.response_xml(own[0].type, [one.fields for one in own])
    return responses.ceb900(answers[0].fields, message.raw)
