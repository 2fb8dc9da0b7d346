"""Declaring one parcel in a form: an order and a checklist, each one message on the road that everybody's takes.

The page never keeps a draft of its own: what was sent can be read back from the inbox, so the answer's address shows
the form again with every finding at its field, however long the answer took. What was accepted is not sent twice; what
was changed goes as a change.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import Role, allow, person
from app.api.messages import SY0100, incoming_of, seen_message
from app.files.messages import issued_guid, message_bytes
from app.i18n import lang, said, t
from app.session import unit_of_work
from app.tasks.bell import ring
from app.warehouses import eyes
from app.web import declare_form as form_of
from app.web.declare_form import CHECKLIST, HEAD, LINE, ORDER, Values
from app.web.forms import whole_number
from app.web.waiting import wait_for
from common import clock
from common.findings import NotFoundError, Severity
from credit.listing import SubjectFilters, find_subjects
from credit.subjects import SubjectFacts, subject_by_id, zone_offices
from customs.codes import Codes, HsCode, codes_snapshot
from customs.intake.inbox import JSON, RECEIVED, receive
from customs.messages.fields import MESSAGES
from customs.rules.settling import waits_text
from customs.rules.warehouses import BUSINESSES
from customs.tables import Checklist, Message
from customs.warehouses.naming import usable_warehouses

blueprint = Blueprint("declare", __name__, url_prefix="/declare")

DECLARANTS = (Role.SELLER, Role.PLATFORM, Role.AGENT)
MOST_ID = 2**53 - 1
HITS = 12
NEW, CHANGE = "1", "2"
DRAFT, FILED = "1", "2"
_ISSUED = ("guid", "appType", "appStatus")
_FORM = re.compile("[0-9a-f]{32}")
_OWN = ("orderNo", "logisticsNo", "copNo", "ieDate")
"""Fields that a copy does not take over."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What was sent from this form before: the message's id, its document, whether and how it was accepted."""

    id: int
    document: Mapping[str, Any]
    accepted: bool
    draft: bool


@dataclass(slots=True)
class Shown:
    """The form as it is to be shown: values, sentences by field, what concerns no field, hits of code searches."""

    values: Values
    wrong: dict[str, str] = field(default_factory=dict)
    summary: list[tuple[str, str]] = field(default_factory=list)
    hits: dict[int, Sequence[HsCode]] = field(default_factory=dict)
    told: set[tuple[str, str]] = field(default_factory=set)
    focus: str = ""
    order: int = 0
    checklist: int = 0
    form: str = ""


@blueprint.url_value_preprocessor
def limit_body(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """No form is larger than a message."""
    request.max_content_length = request.max_form_memory_size = current_app.config["MAX_BODY_BYTES"]


@blueprint.get("")
@allow(*DECLARANTS)
def form() -> str:
    """An empty form with what is known of the firm; `?like=<order>-<checklist>` copies a parcel declared before."""
    like = re.fullmatch(r"([0-9]{1,16})-([0-9]{1,16})", request.args.get("like", ""))
    with unit_of_work() as session:
        values = _defaults(session)
        if like:
            order, checklist = _sent(session, int(like[1]), ORDER), _sent(session, int(like[2]), CHECKLIST)
            copied = form_of.values_of(order.document, checklist.document)
            values |= {key: text for key, text in copied.items() if key not in _OWN}
        return _page(session, Shown(values))


@blueprint.post("")
@allow(*DECLARANTS)
def submit() -> str | Response:
    """Send the parcel's papers, or change the form: another line, one line less, a search for a code, a code taken."""
    values = form_of.given(request.form)
    shown = Shown(values, order=_number("order"), checklist=_number("checklist"), form=_form_id())
    action = request.form.get("action", "send")
    with unit_of_work() as session:
        if request.form.get("take"):
            _take_code(codes_snapshot(session), shown, request.form["take"])
            return _page(session, shown)
        if action not in ("send", "draft"):
            _edit(codes_snapshot(session), shown, action)
            return _page(session, shown)
        values["logisticsName"] = _carriers(session).get(values["logisticsCode"], "")
        sent, rung = _send(session, shown, draft=action == "draft")
    for message_id in rung:
        ring(message_id)
    wait_for(rung)
    return redirect(url_for("declare.answer", order_id=sent[0], checklist_id=sent[1]), code=303)


@blueprint.get("/codes")
@allow(*DECLARANTS)
def codes() -> str:
    """The codes that fit what is typed into a line's code field, to be put under it."""
    n = _number("n", request.args)
    with unit_of_work() as session:
        hits = codes_snapshot(session).hs_search(request.args.get(f"gcode-{n}", "").strip(), clock.today(), HITS)
    return render_template("declare/codes.html", n=n, hits=hits, asked=True)


@blueprint.get(f"/<int(max={MOST_ID}):order_id>/<int(max={MOST_ID}):checklist_id>")
@allow(*DECLARANTS)
def answer(order_id: int, checklist_id: int) -> str:
    """What became of the parcel: waiting, the form with its findings, or where it stands and what comes next."""
    with unit_of_work() as session:
        order, checklist = _own(session, order_id, ORDER), _own(session, checklist_id, CHECKLIST)
        if RECEIVED in (order.state, checklist.state):
            return render_template("declare/waiting.html")
        sent = [_prior(one) for one in (order, checklist)]
        if not all(one.accepted for one in sent) or request.args.get("edit"):
            return _again(session, (order, checklist), sent)
        row = session.get(Checklist, checklist.documents[0]["id"])
        return _done(order, checklist, row)


def _done(order: Message, checklist: Message, row: Checklist | None) -> str:
    waits = [] if row is None else row.waits_for
    return render_template(
        "declare/done.html",
        order=order,
        checklist=checklist,
        row=row,
        order_no=order.documents[0]["key"]["orderNo"],
        draft=checklist.documents[0]["status"] == DRAFT,
        waits=said(waits_text(waits)) if waits else "",
        carrier="waybill" in waits,
        warnings=[one for message in (order, checklist) for one in message.documents[0]["findings"]],
        differences=[] if row is None else row.findings,
    )


def _again(session: Session, messages: Sequence[Message], sent: Sequence[Prior]) -> str:
    """The form as it was sent, with every finding at its field."""
    shown = Shown(form_of.values_of(*(one.document for one in sent)), order=sent[0].id, checklist=sent[1].id)
    for message in messages:
        _findings(shown, message)
    return _page(session, shown)


def _findings(shown: Shown, message: Message) -> None:
    """Findings to sentences at fields; what both papers say of one field is said once, consequences not at all."""
    found = message.documents[0]["findings"] if message.documents else message.envelope
    for one in found:
        name, sentence = form_of.field_of(one["pointer"]), one["message"][lang()]
        if one["severity"] != Severity.ERROR or form_of.is_consequence(one["pointer"], shown.values):
            continue
        if (one["rule"], name or sentence) in shown.told:
            continue
        shown.told.add((one["rule"], name or sentence))
        shown.summary.append((sentence, name))
        if name:
            shown.wrong[name] = f"{shown.wrong[name]} {sentence}" if name in shown.wrong else sentence


# --- sending


def _send(session: Session, shown: Shown, *, draft: bool) -> tuple[list[int], list[int]]:
    """The ids of the two messages, and those for which a worker must be rung."""
    sent, rung = [], []
    for type, document, before in (
        (ORDER, form_of.order_of(shown.values), shown.order),
        (CHECKLIST, form_of.checklist_of(shown.values), shown.checklist),
    ):
        prior = _sent(session, before, type) if before else None
        app_type = _app_type(type, document, prior, draft)
        if app_type is None:
            assert prior is not None
            sent.append(prior.id)
            continue
        raw = _message(type, document, shown.form, app_type, DRAFT if draft else FILED)
        received = receive(session, incoming_of(person(), raw, JSON), clock.now())
        sent.append(received.id)
        if not received.repeat:
            rung.append(received.id)
    return sent, rung


def _app_type(type: str, document: Mapping[str, Any], prior: Prior | None, draft: bool) -> str | None:
    """New, or a change of what was accepted before; None where that says the same already."""
    if prior is None or not prior.accepted:
        return NEW
    if _key(type, document) != _key(type, prior.document):
        return NEW
    if _plain(document) == _plain(prior.document) and prior.draft == draft:
        return None
    # a draft is filed by sending it once more as new
    return NEW if prior.draft else CHANGE


def _message(type: str, document: Mapping[str, Any], form: str, app_type: str, status: str) -> bytes:
    """One message. Its number depends on the form and its contents: sent twice by a double click, it is one message."""
    content = json.dumps([document, app_type, status], ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    issued = {"guid": issued_guid(form, type, digest, "document"), "appType": app_type, "appStatus": status}
    filled = {**document, "head": {**issued, **document["head"]}}
    return message_bytes(type, issued_guid(form, type, digest), [filled])


def _key(type: str, document: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(document["head"].get(element, "") for element in MESSAGES[type].key)


def _plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document without what is issued for each sending."""
    head = {key: text for key, text in document["head"].items() if key not in _ISSUED}
    return {**document, "head": head}


def _own(session: Session, message_id: int, type: str) -> Message:
    """A message of this type that the person's firm sent from a page; raises `NotFoundError` for any other."""
    message = seen_message(session, message_id)
    if message.type != type or message.content_type != JSON or message.sender_id != person().enterprise_id:
        raise NotFoundError(SY0100.at(""))
    return message


def _sent(session: Session, message_id: int, type: str) -> Prior:
    return _prior(_own(session, message_id, type))


def _prior(message: Message) -> Prior:
    document = json.loads(message.raw)["documents"][0]
    answered = message.documents[0] if message.documents else None
    errors = answered is None or any(one["severity"] == Severity.ERROR for one in answered["findings"])
    return Prior(message.id, document, not errors, answered is not None and answered["status"] == DRAFT)


# --- the form


def _defaults(session: Session) -> Values:
    """What is known without asking: the firm in its roles, its zone's office, today, and what most parcels have."""
    who, today = person(), clock.today()
    assert who.enterprise_id is not None
    firm = subject_by_id(session, who.enterprise_id, today)
    offices = _offices(session, who.zone_code)
    office = offices[0][0] if offices else ""
    return {
        "lines": "1",
        "currency": "142",
        "freight": "0",
        "insuredFee": "0",
        "packNo": "1",
        "wrapType": "2",
        "tradeMode": "9610",
        "statisticsFlag": "A",
        "ieDate": today.isoformat(),
        "customsCode": office,
        "portCode": office,
        "copNo": f"{today:%Y%m%d}{secrets.token_hex(4).upper()}",
        "barCode-0": "无",
        **_parties(firm),
    }


def _parties(firm: SubjectFacts) -> Values:
    """The firm where its roles put it: as seller with its own site, and as declarant where it is filed as one."""
    code = firm.customs_code or firm.uscc or ""
    found: Values = {}
    named = {
        "ebc": bool(firm.roles & {"seller", "platform"}),
        "owner": "seller" in firm.roles,
        "ebp": "platform" in firm.roles,
        "agent": firm.filing == "declaring_unit",
    }
    for part, known in named.items():
        if known:
            found |= {f"{part}Code": code, f"{part}Name": firm.name}
    return found


def _edit(tables: Codes, shown: Shown, action: str) -> None:
    """Another line, one line less, or a search."""
    verb, _, written = action.partition(":")
    count = form_of.line_count(shown.values)
    n = min(whole_number(written) or 0, count - 1)
    if verb == "add" and count < form_of.MOST_LINES:
        shown.values |= {"lines": str(count + 1), f"barCode-{count}": "无"}
        shown.focus = f"itemName-{count}"
    elif verb == "remove":
        shown.values = form_of.without_line(shown.values, n)
    elif verb == "search":
        shown.hits[n] = tables.hs_search(shown.values.get(f"gcode-{n}", ""), clock.today(), HITS)
        shown.focus = f"gcode-{n}"


def _take_code(tables: Codes, shown: Shown, taken: str) -> None:
    """A code from the list goes into its line, and with it its name and units where the table knows them."""
    line, _, code = taken.partition(":")
    n = whole_number(line)
    if n is None or not re.fullmatch("[0-9]{10}", code):
        return
    found = tables.hs10(code, clock.today())
    shown.values[f"gcode-{n}"] = code
    shown.focus = f"gname-{n}"
    if found is None:
        return
    shown.values |= {f"{name}-{n}": text for name, text in (("unit1", found.unit1), ("unit2", found.unit2)) if text}
    shown.values[f"gname-{n}"] = shown.values.get(f"gname-{n}") or found.name_zh


def _page(session: Session, shown: Shown) -> str:
    tables, today = codes_snapshot(session), clock.today()
    wanted = {one.table for _, one in form_of.all_fields(shown.values) if one.table}
    options = {table: _options(tables, table) for table in wanted}
    modes = MESSAGES[CHECKLIST].head_by_name["tradeMode"].values
    options["carrier"] = list(_carriers(session).items())
    options["office"] = _offices(session, person().zone_code)
    options["mode"] = [(mode, f"{tables.name('trade_mode', mode, lang(), today)} {mode}") for mode in modes]
    options["warehouse"] = _warehouses(session)
    options["business"] = [(word, t(f"declare.business.{word}")) for word in BUSINESSES]
    shown.form = shown.form or secrets.token_hex(16)
    return render_template(
        "declare/form.html",
        shown=shown,
        values=shown.values,
        sections=HEAD,
        line=LINE,
        count=form_of.line_count(shown.values),
        options=options,
        total=lambda n: form_of.total(shown.values, n),
    )


def _carriers(session: Session) -> dict[str, str]:
    """The logistics firms registered here: names by code."""
    found = find_subjects(session, SubjectFilters(role="logistics"), clock.today())
    return {one.customs_code or one.uscc or "": one.name for one in found}


def _warehouses(session: Session) -> list[tuple[str, str]]:
    """The overseas warehouses that the person's firm, or one that gave it a mandate, may use today."""
    at = clock.now()
    firms = sorted(eyes(session, at).firms)
    found = {one.id: one.shown for firm in firms for one in usable_warehouses(session, firm, clock.today())}
    return [(str(id), f"{shown}（{id}）") for id, shown in sorted(found.items())]


def _options(tables: Codes, table: str) -> list[tuple[str, str]]:
    today = clock.today()
    entries = [one for one in tables.entries(table) if one.holds(today)]
    return [(one.code, f"{one.code} {one.name(lang())}") for one in entries]


def _offices(session: Session, zone_code: str | None) -> list[tuple[str, str]]:
    """The customs offices of the person's zone."""
    today = clock.today()
    tables = codes_snapshot(session)
    found = [one for one in zone_offices(session, today).values() if one.zone_code == zone_code]
    return [
        (one.office_code, f"{one.office_code} {tables.name('customs_office', one.office_code, lang(), today)}")
        for one in sorted(found, key=lambda one: one.office_code)
    ]


def _number(name: str, fields: Mapping[str, str] | None = None) -> int:
    written = (request.form if fields is None else fields).get(name, "")
    return whole_number(written) or 0


def _form_id() -> str:
    written = request.form.get("form", "")
    return written if _FORM.fullmatch(written) else secrets.token_hex(16)
