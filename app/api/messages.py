"""Messages over the API: taking in, reading back, responses (interfaces.md §2).

The body is read in pieces with our own count: a chunked body above the limit must not be cut silently. A message is
committed before it is acknowledged; the bell that wakes a worker may be lost, the message cannot.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response, current_app, jsonify, request
from flask_smorest import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import ENTERPRISE, Person, Role, allow, person
from app.access.reads import saw
from app.access.scope import visible_to
from app.problems import problem
from app.session import unit_of_work
from app.tasks.bell import ring
from app.uploads import read_body
from common import clock
from common.audit import Deed, record
from common.findings import ConflictError, DomainError, NotAllowedError, NotFoundError, rule
from customs.intake import answers
from customs.intake.inbox import JSON, RECEIVED, XML, Incoming, Received, receive
from customs.rules.intake import BAD_KEY, NO_FIRM
from customs.tables import Message

blueprint = Blueprint("api_messages", __name__, url_prefix="/api/v1", description="CEB messages in, responses out")

READERS = (*ENTERPRISE, Role.CUSTOMS_OFFICER, Role.CUSTOMS_SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR)
MAX_WAIT_S = 30
PAUSES_S = (0.02, 0.03, 0.05, 0.1)
"""Between two looks at a message that somebody waits for."""

_KEY = re.compile(r"[\x21-\x7e]{8,64}")

SY0100 = rule(
    "SY0100",
    title=("没有这份报文", "No such message"),
    say=("没有这份报文，或不是您报送的。", "There is no such message, or it is not yours."),
    basis="平台接口约定",
)
SY0101 = rule(
    "SY0101",
    title=("报文格式类型不支持", "Content type not supported"),
    say=(
        "请用application/xml或application/json报送，现为“{found}”。",
        "Send application/xml or application/json, not “{found}”.",
    ),
    basis="平台接口约定",
    kind="format",
)
SY0102 = rule(
    "SY0102",
    title=("等待时间不对", "The waiting time does not fit"),
    say=("wait须为0至{most}的秒数。", "wait takes 0 to {most} seconds."),
    basis="平台接口约定",
    kind="format",
)


class UnsupportedTypeError(DomainError):
    """Neither XML nor JSON."""

    status = 415


@blueprint.post("/messages")
@allow(*ENTERPRISE)
def send_message() -> Response | tuple[Response, int]:
    """Take in a CEB message in XML or JSON; `?wait=` seconds for the first answer of every document."""
    wait = _wait()
    incoming = _incoming(person())
    with refusals_audited():
        received = take_in(incoming)
    if received.fault is not None:
        refused = {"id": received.id, "links": answers.links(received.id)}
        return problem(422, (received.fault,), refused)
    return _answer(received, wait)


@contextmanager
def refusals_audited() -> Iterator[None]:
    """A refused repeat leaves no message behind, only an entry in the audit trail."""
    try:
        yield
    except ConflictError as refused:
        rules = ", ".join(finding.rule for finding in refused.findings)
        with unit_of_work() as session:
            deed = Deed("refused", "message", "", person().zone_code, {"rules": rules})
            record(session, deed, actor=person().actor, at=clock.now())
        raise


def take_in(incoming: Incoming) -> Received:
    """Keep a message, commit, ring for a worker: the one way in for the API, pages and files."""
    with unit_of_work() as session:
        received = receive(session, incoming, clock.now())
    if not received.repeat and received.fault is None:
        ring(received.id)
    return received


def incoming_of(who: Person, raw: bytes, content_type: str, key: str | None = None) -> Incoming:
    """A message of the person's firm; raises `NotAllowedError` where there is none."""
    if who.enterprise_id is None or who.zone_code is None:
        raise NotAllowedError(NO_FIRM.at(""))
    return Incoming(raw, content_type, who.enterprise_id, who.account_id, who.zone_code, key)


def _incoming(who: Person) -> Incoming:
    content_type = request.mimetype
    if content_type == "text/xml":
        content_type = XML
    if content_type not in (XML, JSON):
        raise UnsupportedTypeError(SY0101.at("", found=content_type[:60] or "—"))
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise DomainError(BAD_KEY.at("/Idempotency-Key"))
    raw = read_body(current_app.config["MAX_BODY_BYTES"])
    return incoming_of(who, raw, content_type, key)


def _wait() -> float:
    written = request.args.get("wait", "0")
    if not re.fullmatch(r"[0-9]{1,2}(\.[0-9]{1,3})?", written) or float(written) > MAX_WAIT_S:
        raise DomainError(SY0102.at("/wait", most=MAX_WAIT_S))
    return float(written)


def _answer(received: Received, wait: float) -> tuple[Response, int]:
    """200 with the object for a repeat or an answered message, else 202."""
    until = time.monotonic() + wait
    for pause in _pauses():
        with unit_of_work() as session:
            message = session.get_one(Message, received.id)
            done = message.state != RECEIVED
            shown = answers.view(session, message)
        if done or time.monotonic() + pause > until:
            break
        time.sleep(pause)
    answered = received.repeat or (wait > 0 and done)
    return jsonify(shown), 200 if answered else 202


def _pauses() -> Iterator[float]:
    yield from PAUSES_S
    while True:
        yield PAUSES_S[-1]


@blueprint.get("/messages/<int(max=9007199254740991):message_id>")
@allow(*READERS)
def read_message(message_id: int) -> dict[str, Any]:
    """What became of a message; one's own, for agencies those of their zones."""
    with unit_of_work() as session:
        return answers.view(session, seen_message(session, message_id))


@blueprint.get("/messages/<int(max=9007199254740991):message_id>/responses")
@allow(*READERS)
def read_responses(message_id: int) -> Response:
    """All responses as JSON, oldest first; as XML the newest response of each document."""
    as_xml = request.accept_mimetypes.best_match([JSON, XML, "text/xml"], default=JSON) != JSON
    with unit_of_work() as session:
        message = seen_message(session, message_id)
        if not as_xml:
            found = answers.all_answers(session, message)
            return jsonify(items=[answer_view(one) for one in found], state=message.state)
        newest = answers.newest_answers(session, message)
        if not newest:
            return Response(status=204)
        return Response(answers.as_xml(message, newest), mimetype=XML)


def answer_view(one: answers.Answer) -> dict[str, Any]:
    """A response as the API shows it."""
    return {"index": one.index, "type": one.type, "at": one.at.isoformat(), **one.fields}


def seen_message(session: Session, message_id: int) -> Message:
    """A message that the asking person may see; raises `NotFoundError` for any other."""
    scope = visible_to(person())
    message = session.scalars(
        select(Message).where(Message.id == message_id, scope.rows(Message.zone_code, Message.sender_id))
    ).one_or_none()
    if message is None:
        raise NotFoundError(SY0100.at(""))
    saw("message", message.id, zone_code=message.zone_code, owners=(message.sender_id,))
    return message
