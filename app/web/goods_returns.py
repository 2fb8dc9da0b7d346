"""Pages of goods returns: what can come back, the request, one return from every side, the tally."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app import returning
from app.access import Role, allow, person
from app.api.desk import OFFICERS, officer, party
from app.api.fields import own_enterprise
from app.api.goods_return_views import seen
from app.api.goods_returns import FILERS, READERS, keep_upload, sent_file
from app.files.messages import issued_guid
from app.i18n import lang, said, t
from app.proof_files import proof_hint
from app.session import unit_of_work
from app.web.forms import EMPTY, FormState, asked_cursor, text_of
from app.web.return_forms import (
    GROUNDS,
    options,
)
from app.web.return_views import ladder, look, shown_clock, stands, timeline
from app.web.site_papers import own_message, own_number
from app.web.waiting import wait_for
from common import clock
from common.findings import DomainError, NotFoundError
from common.money import parse_decimal, plain
from credit.subjects import subject_by_id
from customs.codes import codes_snapshot
from customs.intake.inbox import RECEIVED
from customs.proof_files import proof_limits
from customs.returns import deciding, grounds, reading
from customs.returns.reading import ReturnDetail, ReturnFilters
from customs.rules.return_findings import TALLY_QUANTITY
from customs.rules.returns import (
    CERTIFICATES,
    CHANGEABLE,
    DECISIONS,
    MAX_TEXT,
    OPEN,
    PROOFS,
    REASON_KINDS,
    RELAY,
    Grounds,
    ReturnState,
    decisions_from,
)
from customs.tables import GoodsReturn, GoodsReturnLine, Message

blueprint = Blueprint("goods_returns", __name__, url_prefix="/returns")

PAGE = 50
MOST_ID = 2**53 - 1
TALLY = "CEB215"
_ID = f"<int(max={MOST_ID}):return_id>"


# --- lists


@blueprint.get("")
@allow(*READERS)
def index() -> str:
    """The returns that the asking person has to do with, newest first; what waits for them unless all are asked for."""
    stage = request.args.get("stage", _first_stage())
    wanted = request.args.get("q", "").strip()[:80]
    after = asked_cursor() or None
    filters = ReturnFilters(stage=stage if stage in reading.STAGES else None)
    if wanted:
        filters = ReturnFilters(number=wanted)
    with unit_of_work() as session:
        rows = reading.list_returns(session, returning.visible(session), filters, after=after, limit=PAGE)
    return render_template(
        "returns/index.html",
        rows=[(row, look(row), t(f"returns.next.{stands(row)}")) for row in rows],
        stage=stage,
        wanted=wanted,
        stages=_stages(stage),
        first=url_for("goods_returns.index", stage=stage) if after else None,
        next=url_for("goods_returns.index", stage=stage, after=rows[-1].id) if len(rows) == PAGE else None,
        files=person().role in FILERS,
        counts=person().role in returning.COUNTERS,
        today=clock.today(),
    )


def _first_stage() -> str:
    role = person().role
    if role in OFFICERS:
        return "to_decide"
    return "to_tally" if role == Role.OPERATOR else "open"


def _stages(here: str) -> list[tuple[str, str, None, bool]]:
    order = dict.fromkeys([_first_stage(), "completed", "all"])
    return [(t(f"returns.stage.{one}"), url_for("goods_returns.index", stage=one), None, one == here) for one in order]


# --- one return


@blueprint.get(f"/{_ID}")
@allow(*READERS)
def show(return_id: int) -> str:
    """One return: where it stands, the two clocks, lines and tally, grounds, what happened; what the person may do."""
    return _show(return_id, EMPTY)


def _show(return_id: int, form: FormState) -> str:
    role, on = person().role, clock.today()
    with unit_of_work() as session:
        found = reading.detail(session, returning.visible(session), return_id)
        row = found.row
        seen(row)
        tables = codes_snapshot(session)
        units = {line.unit: tables.name("unit", line.unit, lang(), on) for line in found.lines}
        choices = options(session) if role in FILERS else None
        currencies = {one.currency: tables.name("currency", one.currency, lang(), on) for one in found.returned}
        country = tables.name("country", row.country, lang(), on)
        proof = proof_hint(proof_limits(session, row.zone_code, on))
        tallied = _tally_findings(session) if role == Role.OPERATOR else []
    open_ = row.completed_at is None and row.withdrawn_at is None
    return render_template(
        "returns/show.html",
        row=row,
        form=form,
        found=found,
        look=look(row),
        stands=t(f"returns.stands.{stands(row)}", words=row.answer or ""),
        steps=ladder(row),
        clocks=[shown_clock(one) for one in returning.clocks_of(row, found.lines, on)],
        reliefs={line.gnum: returning.line_relief(row, line, on) for line in found.lines},
        units=units,
        currencies=currencies,
        country=country,
        happened=timeline(found.events),
        now=clock.now(),
        grounds=_grounds_words(row),
        options=choices,
        may_change=role in FILERS and open_ and row.status in CHANGEABLE and row.tally_id is None,
        may_say=role in FILERS and open_ and row.status in (ReturnState.DRAFT, *OPEN),
        decisions=_decisions(row) if role in OFFICERS and open_ and row.decides != RELAY else [],
        plain=plain,
        may_tally=role == Role.OPERATOR and open_ and row.tally_id is None and row.status != ReturnState.REJECTED,
        tallied=tallied,
        operator=role == Role.OPERATOR,
        proof=proof,
        most_text=MAX_TEXT,
    )


def _grounds_words(row: GoodsReturn) -> list[tuple[str, str, bool]]:
    reason, proof = REASON_KINDS.get(row.reason_kind or ""), PROOFS.get(row.proof_kind or "")
    certificate = CERTIFICATES.get(row.certificate_kind or "")
    return [
        (t("returns.reason_kind"), said(reason), False),
        (t("returns.proof_kind"), said(proof[1]) if proof else "", False),
        (t("returns.reason"), row.reason, False),
        (t("returns.certificate_kind"), said(certificate), False),
        (t("returns.certificate_no"), row.certificate_no or "", True),
    ]


def _decisions(row: GoodsReturn) -> list[tuple[str, str, str]]:
    words = [(word, said(DECISIONS[word][1])) for word in decisions_from(row.status)]
    return [(word, name, t(f"returns.decision.{word}")) for word, name in words]


def _tally_findings(session: Session) -> list[dict[str, Any]]:
    """The findings of a tally that was just sent from this page."""
    written = request.args.get("tally", "")
    if not written.isdecimal() or len(written) > 16:
        return []
    message = own_message(session, person(), int(written), TALLY)
    return [one for document in message.documents for one in document["findings"]]


@blueprint.post(f"/{_ID}/grounds")
@allow(*FILERS)
def say_grounds(return_id: int) -> AnyResponse | tuple[str, int]:
    """Say why the goods come back, with what it is proved, and the tax office's certificate."""
    try:
        given = Grounds(*(text_of(name, 60) or None for name in GROUNDS))
        with unit_of_work() as session:
            scope = returning.visible(session)
            grounds.state_grounds(session, party(), scope, return_id, given, at=clock.now())
    except NotFoundError:
        raise
    except DomainError as error:
        return _show(return_id, _at_fields(error)), error.status
    flash(t("returns.grounds_said"), "good")
    return redirect(url_for("goods_returns.show", return_id=return_id))


def _at_fields(error: DomainError) -> FormState:
    """The sent form with findings at its own names."""
    names = dict(zip(("reason", "proof", "certificate", "certificate_no"), GROUNDS, strict=True))
    values = {**dict.fromkeys(GROUNDS, ""), **dict(request.form.items())}
    moved = [
        replace(one, pointer=f"/{names.get(one.pointer.strip('/'), one.pointer.strip('/'))}") for one in error.findings
    ]
    return FormState("", values, moved)


@blueprint.post(f"/{_ID}/files")
@allow(*FILERS)
def add_file(return_id: int) -> AnyResponse | tuple[str, int]:
    """Add a proof."""
    try:
        keep_upload(return_id)
    except NotFoundError:
        raise
    except DomainError as error:
        return _show(return_id, FormState("", {"file": ""}, error.findings)), error.status
    flash(t("returns.file_added"), "good")
    return redirect(url_for("goods_returns.show", return_id=return_id))


@blueprint.get(f"/{_ID}/files/<int(max={MOST_ID}):file_id>")
@allow(*READERS)
def read_file(return_id: int, file_id: int) -> Response:
    """A proof as it was uploaded."""
    return sent_file(return_id, file_id)


@blueprint.post(f"/{_ID}/decision")
@allow(*OFFICERS)
def decide(return_id: int) -> AnyResponse | tuple[str, int]:
    """An officer's decision."""
    try:
        with unit_of_work() as session:
            row = deciding.decide(
                session, officer(), return_id, text_of("decision"), text=text_of("text", 2000), at=clock.now()
            )
    except NotFoundError:
        raise
    except DomainError as error:
        values = {"decision": "", "text": "", **dict(request.form.items())}
        return _show(return_id, FormState("", values, error.findings)), error.status
    flash(t("returns.decided", what=said(DECISIONS[text_of("decision")][1]), number=row.pre_no), "good")
    return redirect(url_for("goods_returns.show", return_id=return_id))


# --- tally


@blueprint.post(f"/{_ID}/tally")
@allow(Role.OPERATOR)
def tally(return_id: int) -> AnyResponse | tuple[str, int]:
    """Say what of a return was there: a tally of its own on the road of every paper."""
    who = person()
    with unit_of_work() as session:
        found = reading.detail(session, returning.visible(session), return_id)
        firm = subject_by_id(session, own_enterprise(who), clock.today())
    try:
        document = _tally_document(found, firm.customs_code or firm.uscc or "", firm.name)
    except DomainError as error:
        return _show(return_id, FormState("", dict(request.form.items()), error.findings)), error.status
    ids = returning.file_documents(who, TALLY, [document], [issued_guid(TALLY, json.dumps(document, sort_keys=True))])
    wait_for(ids)
    with unit_of_work() as session:
        message = own_message(session, who, ids[0], TALLY)
    flash(*_tally_words(message))
    return redirect(url_for("goods_returns.show", return_id=return_id, tally=ids[0]), code=303)


def _tally_words(message: Message) -> tuple[str, str]:
    if message.state == RECEIVED:
        return t("returns.tally_waits"), "info"
    accepted = bool(message.documents) and message.documents[0]["id"] is not None
    return (t("returns.tallied_now"), "good") if accepted else (t("returns.tally_refused"), "bad")


def _tally_document(found: ReturnDetail, code: str, name: str) -> dict[str, Any]:
    row = found.row
    head = {
        "customsCode": row.customs_code,
        "operatorCode": code,
        "operatorName": name,
        "logisticsCode": row.logistics_code,
        "logisticsName": row.logistics_name,
        "logisticsNo": row.logistics_no,
        "invtNo": row.invt_no,
        "coElNo": own_number("T", clock.now())[:20],
        "billNo": row.bill_no,
        "ieFlag": "I",
        "trafMode": row.traf_mode,
        "trafName": row.traf_name,
        "voyageNo": row.voyage_no,
        "location": request.form.get("location", "").strip()[:250],
    }
    lines = [one for line in found.lines for one in _tally_rows(row, line)]
    document: dict[str, Any] = {"head": {key: text for key, text in head.items() if text}}
    return document | ({"tally": lines} if lines else {})


def _tally_rows(row: GoodsReturn, line: GoodsReturnLine) -> list[dict[str, str]]:
    """What the form says of a line where it is not simply as asked for: a row as exported, a row altered.

    Raises `DomainError` for what is no quantity, or more altered than found.
    """
    qty = _found_qty(f"found-{line.gnum}", plain(line.qty))
    altered = _found_qty(f"altered-{line.gnum}", "0", qty)
    words = request.form.get(f"note-{line.gnum}", "").strip()[:250]
    if qty == line.qty and not altered and not words:
        return []
    parts = [("as_exported", qty - altered), *([("altered", altered)] if altered else [])]
    known = {"invt_no": row.invt_no, "gnum": str(line.gnum)}
    rows = [known | {"qty": plain(part), "condition": word} for word, part in parts if part or not altered]
    return [one | ({"note": words} if words and n == 0 else {}) for n, one in enumerate(rows)]


def _found_qty(name: str, otherwise: str, most: Decimal | None = None) -> Decimal:
    written = request.form.get(name, "").strip() or otherwise
    found = parse_decimal(written)
    if found is None or found < 0 or (most is not None and found > most):
        raise DomainError(TALLY_QUANTITY.at(f"/{name}", value=written[:20]))
    return found
