"""One's own messages: the list, newest first, and one message with its documents, findings and responses."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, render_template
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access import ENTERPRISE, allow, person
from app.access.scope import visible_to
from app.api.messages import READERS, answer_view, seen_message
from app.files.tables import Upload
from app.files.uploads import upload_of_message
from app.i18n import said
from app.session import unit_of_work
from app.web.forms import asked_cursor
from customs.intake import answers
from customs.intake.inbox import RECEIVED
from customs.messages.fields import MESSAGES
from customs.tables import Message

blueprint = Blueprint("messages", __name__, url_prefix="/messages")

PAGE = 50
MOST_ID = 2**53 - 1


@dataclass(frozen=True, slots=True)
class Handed:
    """One line of a list: a message, or a file with the messages made of it."""

    id: int
    type: str | None
    received_at: datetime
    state: str
    accepted: int
    rejected: int
    upload_id: int | None = None
    file: str | None = None

    @property
    def name(self) -> str:
        """What kind of paper it carries."""
        return said(MESSAGES[self.type].name) if self.type and self.type in MESSAGES else "—"


def newest(session: Session, limit: int, after: int | None = None) -> list[Handed]:
    """The person's messages, newest first; `after` is the last id of the page before."""
    query = (
        select(Message.id, Message.type, Message.received_at, Message.state, Message.accepted, Message.rejected)
        .where(visible_to(person()).rows(Message.zone_code, Message.sender_id))
        .order_by(Message.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(Message.id < after)
    rows = session.execute(query).all()
    made_of = _files(session, [row.id for row in rows])
    return [Handed(*row, *made_of.get(row.id, (None, None))) for row in rows]


def _files(session: Session, message_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """The file behind each message that was made from one."""
    query = select(Upload.id, Upload.name, Upload.message_ids).where(Upload.message_ids.overlap(message_ids))
    return {id: (row.id, row.name) for row in session.execute(query) for id in row.message_ids} if message_ids else {}


@blueprint.get("")
@allow(*ENTERPRISE)
def index() -> str:
    """The list, by cursor."""
    after = asked_cursor()
    with unit_of_work() as session:
        found = newest(session, PAGE + 1, after)
    shown = found[:PAGE]
    following = shown[-1].id if len(found) > PAGE else None
    return render_template("upload/messages.html", rows=shown, next=following, first=after is not None)


@blueprint.get(f"/<int(max={MOST_ID}):message_id>")
@allow(*READERS)
def message(message_id: int) -> str:
    """One message: its state, counts, documents with their findings, and where its responses are."""
    with unit_of_work() as session:
        found = seen_message(session, message_id)
        shown = answers.view(session, found)
        made_of = upload_of_message(session, person(), message_id)
        return render_template(
            "upload/message.html",
            message=found,
            shown=shown,
            name=said(MESSAGES[found.type].name) if found.type and found.type in MESSAGES else "",
            labels=_labels(found.type),
            waiting=found.state == RECEIVED,
            upload=made_of,
        )


@blueprint.get(f"/<int(max={MOST_ID}):message_id>/responses.xml")
@allow(*READERS)
def responses_xml(message_id: int) -> Response:
    """The newest response of each document as one CEB message; 204 where none was written yet."""
    with unit_of_work() as session:
        found = seen_message(session, message_id)
        written = answers.newest_answers(session, found)
        if not written:
            return Response(status=204)
        return _download(answers.as_xml(found, written), "application/xml", f"{message_id}.xml")


@blueprint.get(f"/<int(max={MOST_ID}):message_id>/responses.json")
@allow(*READERS)
def responses_json(message_id: int) -> Response:
    """All responses, oldest first."""
    with unit_of_work() as session:
        found = seen_message(session, message_id)
        items = [answer_view(one) for one in answers.all_answers(session, found)]
    content = json.dumps({"items": items, "state": found.state}, ensure_ascii=False, indent=1)
    return _download(content.encode(), "application/json", f"{message_id}.json")


def _labels(type: str | None) -> dict[str, str]:
    """The names of a message's head elements in the language of the request."""
    return {one.element: said(one.name) for one in MESSAGES[type].head_fields} if type and type in MESSAGES else {}


def _download(content: bytes, mimetype: str, name: str) -> Response:
    file = Response(content, mimetype=mimetype)
    file.headers.set("Content-Disposition", "attachment", filename=name)
    return file
