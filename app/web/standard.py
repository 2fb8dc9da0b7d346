"""The message standard as this platform checks it: field tables, schemas and templates, open to everybody."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from app.access import allow_everyone
from app.files import rules
from app.files.columns import TYPES
from app.files.writing import template
from app.i18n import said, t
from app.session import unit_of_work
from common import clock
from common.findings import NotFoundError
from customs.codes import codes_snapshot
from customs.codes.specs import SPECS
from customs.messages.fields import MESSAGES, FieldSpec, MessageSpec
from customs.messages.schema import EDITION, message_schema

blueprint = Blueprint("standard", __name__, url_prefix="/standard")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("")
@allow_everyone
def index() -> str:
    """All messages with what can be downloaded of each."""
    incoming = [spec for spec in MESSAGES.values() if spec.direction == "in"]
    outgoing = [spec for spec in MESSAGES.values() if spec.direction == "out"]
    return render_template(
        "standard/index.html", incoming=incoming, outgoing=outgoing, with_template=frozenset(TYPES), edition=EDITION
    )


@blueprint.get("/<type>")
@allow_everyone
def message(type: str) -> str:
    """The field table of one message in both languages."""
    spec = _spec(type)
    parts = [(t("standard.head"), spec.head_fields), (t("standard.line"), spec.list_fields)]
    return render_template(
        "standard/message.html",
        spec=spec,
        parts=[(name, fields) for name, fields in parts if fields],
        contents=_contents,
        with_template=type in TYPES,
    )


@blueprint.get("/<type>.xsd")
@allow_everyone
def schema_file(type: str) -> Response:
    """The generated schema of one message."""
    return _download(message_schema(_spec(type).type).encode(), "application/xml", f"{type}.xsd")


@blueprint.get("/<type>.xlsx")
@allow_everyone
def template_file(type: str) -> Response:
    """The empty spreadsheet of one message, with the codes of today."""
    if type not in TYPES:
        raise NotFoundError(rules.NO_TEMPLATE.at("", type=type[:20]))
    with unit_of_work() as session:
        codes = codes_snapshot(session)
    return _download(template(type, codes, clock.today()), XLSX, f"{type}.xlsx")


def _spec(type: str) -> MessageSpec:
    if type not in MESSAGES:
        raise NotFoundError(rules.NO_TEMPLATE.at("", type=type[:20]))
    return MESSAGES[type]


def _contents(field: FieldSpec) -> str:
    """What a field may hold beyond its type, and why where the standard says two things."""
    note = said(field.note) if field.note else ""
    return " · ".join(part for part in (_allowed(field), note) if part)


def _allowed(field: FieldSpec) -> str:
    if field.values:
        return t("standard.one_of", values=" / ".join(field.values))
    if field.codes in SPECS:
        return t("standard.table_of", name=said(SPECS[field.codes or ""].title))
    return {"instant": "YYYYMMDDhhmmss", "day": "YYYYMMDD", "milliseconds": "YYYYMMDDhhmmssSSS"}.get(
        field.holds or "", ""
    )


def _download(content: bytes, mimetype: str, name: str) -> Response:
    file = Response(content, mimetype=mimetype)
    file.headers.set("Content-Disposition", "attachment", filename=name)
    return file
