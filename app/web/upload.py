"""Handing in a message or a filled spreadsheet, and reading what became of it.

XML and JSON go to the inbox as they are; a spreadsheet is cut into messages of at most one hundred documents, and its
answer page gathers theirs: causes, cells, and the file back with its faults marked.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from app.access import ENTERPRISE, allow, person
from app.api.messages import incoming_of, refusals_audited, take_in
from app.files import rules
from app.files.columns import TYPES
from app.files.outcome import Fault, causes, counts, faults, known_documents, settled_counts
from app.files.sheets import kind_of, open_sheet
from app.files.tables import Upload
from app.files.uploads import hand_in, layout_of, upload_for
from app.files.writing import Mark, marked
from app.i18n import lang, said, t
from app.session import unit_of_work
from app.tasks.bell import ring
from app.uploads import read_upload
from app.web.forms import asked_cursor
from app.web.messages import newest
from app.web.waiting import wait_for
from common import clock
from common.findings import DomainError, Finding
from customs.intake.inbox import JSON, XML
from customs.messages.fields import MESSAGES

blueprint = Blueprint("upload", __name__)

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FAULTS_SHOWN = 25
MOST_ID = 2**53 - 1
_FORM_ROOM = 64 * 1024
"""Bytes of a form around its file."""


@blueprint.url_value_preprocessor
def limit_body(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Refuse a body that is much too large while it is read, before the form's token is looked for."""
    request.max_content_length = current_app.config["MAX_BODY_BYTES"] + _FORM_ROOM


@blueprint.get("/upload")
@allow(*ENTERPRISE)
def upload() -> str:
    """The form, the templates, and what was handed in lately."""
    return _form(())


@blueprint.post("/upload")
@allow(*ENTERPRISE)
def send() -> str | AnyResponse | tuple[str, int]:
    """Take in a file and lead to its answer; a refused one is explained above the form."""
    try:
        return redirect(_take(read_upload("file", current_app.config["MAX_BODY_BYTES"])), code=303)
    except DomainError as error:
        return _form(error.findings), error.status


def _take(raw: bytes) -> str:
    """The address of the answer to what was handed in; raises `DomainError`."""
    name = _name()
    if not raw:
        raise DomainError(rules.EMPTY_FILE.at("", name=name) if name else rules.NO_FILE.at(""))
    kind = kind_of(raw)
    if kind == "sheet":
        return _take_sheet(raw, name)
    with refusals_audited():
        received = take_in(incoming_of(person(), raw, XML if kind == "xml" else JSON))
    if received.repeat:
        flash(t("upload.repeat_message"), "info")
    wait_for([received.id])
    return url_for("messages.message", message_id=received.id)


def _take_sheet(raw: bytes, name: str) -> str:
    incoming = incoming_of(person(), raw, XLSX)
    with unit_of_work() as session:
        handed = hand_in(session, incoming, name, clock.now())
    if handed.repeat:
        flash(t("upload.repeat_file"), "info")
    for message_id in handed.to_ring:
        ring(message_id)
    wait_for(handed.to_ring)
    return url_for("upload.answer", upload_id=handed.id)


def _name() -> str:
    chosen = request.files.get("file")
    return (chosen.filename or "") if chosen else ""


def _form(findings: Sequence[Finding]) -> str:
    with unit_of_work() as session:
        recent = newest(session, 8)
    return render_template(
        "upload/upload.html",
        findings=findings,
        recent=recent,
        templates=[(type, said(MESSAGES[type].name)) for type in TYPES],
        limit=current_app.config["MAX_BODY_BYTES"] // (1024 * 1024),
    )


@blueprint.get(f"/uploads/<int(max={MOST_ID}):upload_id>")
@allow(*ENTERPRISE)
def answer(upload_id: int) -> str:
    """What became of an uploaded file: progress while workers are at it, then counts, causes and cells."""
    with unit_of_work() as session:
        found = upload_for(session, person(), upload_id)
        now = counts(session, found)
        told = [] if now.waiting else faults(session, found)
        shown = settled_counts(found, now, told)
        return render_template("upload/answer.html", **_answer(found, told), counts=shown)


def _answer(found: Upload, told: Sequence[Fault]) -> dict[str, Any]:
    rule = request.args.get("rule", "")
    listed = [one for one in told if not rule or one.rule == rule]
    start = asked_cursor() or 0
    following = start + FAULTS_SHOWN
    return {
        "upload": found,
        "name": said(MESSAGES[found.type].name),
        "causes": causes(told),
        "faults": listed[start:following],
        "total": len(listed),
        "start": start,
        "next": following if following < len(listed) else None,
        "rule": rule,
        "files": _files(told),
        "warnings": found.warnings,
    }


def _files(told: Sequence[Fault]) -> dict[str, int]:
    """How many rows the marked files hold: those to be changed."""
    known = known_documents(told)
    return {"wrong": len({row for one in told if one.error and one.document not in known for row in one.rows})}


@blueprint.get(f"/uploads/<int(max={MOST_ID}):upload_id>/marked.xlsx")
@allow(*ENTERPRISE)
def marked_file(upload_id: int) -> Response:
    """The uploaded rows with a column that says what is wrong: those to be changed, or with `?rows=all` all of them."""
    with unit_of_work() as session:
        found = upload_for(session, person(), upload_id)
        told = faults(session, found)
        content = _marked(found, told, everything=request.args.get("rows") == "all")
        stem = found.name.rpartition(".")[0] or found.name
    name = f"{stem}-{t('upload.marked_name')}.xlsx"
    return send_file(io.BytesIO(content), XLSX, as_attachment=True, download_name=name)


def _marked(found: Upload, told: Sequence[Fault], *, everything: bool) -> bytes:
    known = known_documents(told)
    marks: dict[int, list[Mark]] = {}
    wanted: set[int] = set()
    for one in told:
        row = int("".join(c for c in one.pointer.rpartition("!")[2] if c.isdigit()))
        marks.setdefault(row, []).append(Mark(one.message[lang()], one.pointer))
        if one.error and one.document not in known:
            wanted.update(one.rows)
    rows = sorted(row for rows in found.layout["rows"] for row in rows) if everything else sorted(wanted)
    return marked(open_sheet(found.raw), layout_of(found), rows, marks, t("upload.what_is_wrong"))
