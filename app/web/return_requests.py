"""Pages of asking for a return: what can come back, the form, a list matched and confirmed, what became of it.

A form is a message on the one road; nothing here writes returns itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app import returning
from app.access import allow, person
from app.api.fields import own_enterprise
from app.api.goods_returns import FILERS
from app.files.messages import issued_guid
from app.i18n import lang, t
from app.session import unit_of_work
from app.web.forms import EMPTY, FormState, asked_number, number_or_none, sent, text_of
from app.web.return_forms import (
    TYPE,
    ReturnForm,
    again,
    chosen,
    defaults,
    documents,
    field_of,
    form_number,
    of_return,
    options,
    written_picks,
)
from app.web.return_views import shown_clock
from app.web.site_papers import own_message
from app.web.waiting import wait_for
from common import clock
from common.findings import ConflictError, DomainError, NotFoundError
from common.money import plain
from customs.codes import codes_snapshot
from customs.intake.inbox import RECEIVED
from customs.proof_files import proof_limits
from customs.returns import drafting, planning, reading
from customs.returns.planning import Pick
from customs.returns.procedure import is_gone
from customs.rules.return_findings import PAST_CHANGING, RETURN_NOT_FOUND
from customs.rules.returns import CHANGEABLE, state_texts
from customs.tables import GoodsReturn, GoodsReturnLine

blueprint = Blueprint("return_requests", __name__, url_prefix="/returns")

LATELY = 20
MOST_ROWS_TEXT = planning.MOST_ROWS * 120
MOST_ID = 2**53 - 1
_ID = f"<int(max={MOST_ID}):return_id>"
_FORM_PARTS = 5000
"""Fields of a form: one for each line of a long list, and the rest."""


@blueprint.url_value_preprocessor
def limit_body(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Let a long list through."""
    request.max_form_parts = _FORM_PARTS


@blueprint.get("/possible")
@allow(*FILERS)
def possible() -> str:
    """What can come back: the exports that left last, one found by its number, and the form for a list."""
    return _possible(EMPTY)


def _possible(form: FormState) -> str:
    firm, on = own_enterprise(person()), clock.today()
    wanted = request.args.get("q", "").strip()[:20]
    with unit_of_work() as session:
        if wanted:
            ids: Sequence[int] = planning.ids_of_number(session, firm, wanted)
        else:
            ids = [one.id for one in planning.lately_gone(session, firm, limit=LATELY)]
        picks = planning.of_checklists(session, firm, ids)
        order = {id: n for n, id in enumerate(ids)}
        shown = _shown_picks(session, sorted(picks, key=lambda one: order[one.origin.id]))
    return render_template(
        "returns/possible.html", form=form, lines=shown, wanted=wanted, most=planning.MOST_ROWS, today=on
    )


def _shown_picks(session: Session, picks: Sequence[Pick]) -> list[dict[str, Any]]:
    """Lines with their clocks, for tables."""
    tables, on = codes_snapshot(session), clock.today()
    found = []
    for one in picks:
        clocks = returning.clocks_before(one.origin, [one.known.line.gcode], on)
        unit = tables.name("unit", one.known.line.unit, lang(), on)
        shown = [shown_clock(each) for each in clocks] if clocks else []
        asks = is_gone(one.origin) and bool(clocks and clocks[0].open) and one.known.left.positive
        found.append({"pick": one, "unit": unit, "clocks": shown, "field": field_of(one), "asks": asks})
    return found


@blueprint.get("/new")
@allow(*FILERS)
def new() -> str | tuple[str, int]:
    """The form for an export, a line of a declaration, a request to be changed, or a document that was refused."""
    firm = own_enterprise(person())
    with unit_of_work() as session:
        repeat = request.args.get("again", "").partition("-")
        if repeat[2].isdecimal() and repeat[0].isdecimal() and len(repeat[0]) < 17:
            message = own_message(session, person(), int(repeat[0]), TYPE)
            return _form(session, again(session, message, int(repeat[2][:4])))
        if request.args.get("change"):
            row, lines = _changeable(session, asked_number("change") or 0)
            return _form(session, of_return(session, row, lines))
        if request.args.get("declaration"):
            number = request.args["declaration"].strip()[:18]
            picks = planning.of_declaration_line(session, firm, number, asked_number("line", 4) or 0)
        else:
            picks = planning.of_checklists(session, firm, [asked_number("checklist") or 0])
        if not picks:
            raise NotFoundError(RETURN_NOT_FOUND.at(""))
        return _form(session, ReturnForm(picks, {}))


def _changeable(session: Session, return_id: int) -> tuple[GoodsReturn, Sequence[GoodsReturnLine]]:
    """A request of one's own that may still be changed; raises `ConflictError` once customs has decided."""
    found = reading.detail(session, returning.visible(session), return_id)
    if found.row.status not in CHANGEABLE or found.row.tally_id or found.row.withdrawn_at:
        raise ConflictError(PAST_CHANGING.at("", **state_texts(found.row.status)))
    return found.row, found.lines


@blueprint.post("/plan")
@allow(*FILERS)
def plan() -> str | tuple[str, int]:
    """Match a list with what can still come back, oldest export first, for the firm to confirm; nothing is filed."""
    try:
        rows, faults = planning.read_rows(text_of("rows", MOST_ROWS_TEXT))
    except DomainError as error:
        return _possible(sent(error=error)), error.status
    with unit_of_work() as session:
        found = planning.plan(session, own_enterprise(person()), rows, on=clock.today())
        refused = [fault for _, fault in sorted([*faults, *found.refused], key=lambda one: one[0])]
        wanted: dict[str, Any] = {}
        for one in found.picks:
            wanted[field_of(one)] = wanted.get(field_of(one), 0) + one.qty
        once = {field_of(one): one for one in found.picks}
        texts = {name: plain(qty) for name, qty in wanted.items()}
        if not once:
            return _possible(FormState("", dict(request.form.items()), refused)), 422
        return _form(session, ReturnForm(list(once.values()), texts, refused=refused, planned=True))


def _form(session: Session, shown: ReturnForm) -> str:
    values = shown.state.values or defaults(shown.picks)
    zone = shown.picks[0].origin.zone_code if shown.picks else None
    state = FormState("", values, shown.state.findings)
    return render_template(
        "returns/form.html",
        form=state,
        number=shown.form,
        lines=_shown_picks(session, shown.picks),
        wanted=shown.wanted,
        refused=[one.as_dict() for one in shown.refused],
        planned=shown.planned,
        change=shown.change,
        options=options(session),
        most=proof_limits(session, zone, clock.today()).files,
    )


@blueprint.post("")
@allow(*FILERS)
def file() -> AnyResponse | str | tuple[str, int]:
    """File the chosen lines, one document per export, on the road of every paper."""
    written, number = written_picks(), form_number(request.form.get("form", ""))
    try:
        with unit_of_work() as session:
            change = number_or_none("change")
            changed = _changeable(session, change)[0] if change else None
            made = documents(session, chosen(session, written), number, changed)
    except DomainError as error:
        return _unsent(written, error), error.status
    guids = (issued_guid(number, TYPE, n, json.dumps(made, sort_keys=True)) for n in range(len(made)))
    ids = returning.file_documents(person(), TYPE, made, guids)
    wait_for(ids)
    return redirect(url_for("return_requests.filed", ids="-".join(map(str, ids))), code=303)


def _unsent(written: Mapping[str, str], error: DomainError) -> str:
    """The form as it was, with what stopped it."""
    with unit_of_work() as session:
        ids = {int(name.split("-")[1]) for name in written}
        ids |= {int(one) for one in request.form.getlist("origin") if one.isdecimal() and len(one) < 17}
        picks = planning.of_checklists(session, own_enterprise(person()), ids)
        state = FormState("", dict(request.form.items()), error.findings)
        return _form(session, ReturnForm(picks, dict(written), state, change=number_or_none("change") or 0))


@blueprint.get("/filed/<ids>")
@allow(*FILERS)
def filed(ids: str) -> str | AnyResponse:
    """What became of a request: each document taken in, or why not, with the way to correct it."""
    numbers = [int(one) for one in ids.split("-") if one.isdecimal() and len(one) < 17]
    with unit_of_work() as session:
        messages = [own_message(session, person(), one, TYPE) for one in numbers]
    if not messages:
        raise NotFoundError(RETURN_NOT_FOUND.at(""))
    if any(one.state == RECEIVED for one in messages):
        return render_template("returns/waiting.html")
    found = [(message, one) for message in messages for one in message.documents]
    if len(found) == 1 and found[0][1]["id"]:
        flash(t("returns.filed_one"), "good")
        return redirect(url_for("goods_returns.show", return_id=found[0][1]["id"]))
    if len(found) == 1:
        return redirect(url_for("return_requests.new", again=f"{messages[0].id}-{found[0][1]['index']}"))
    return render_template(
        "returns/filed.html",
        rows=found,
        accepted=sum(1 for _, one in found if one["id"]),
        envelope=[one for message in messages for one in message.envelope],
    )


@blueprint.post(f"/{_ID}/filing")
@allow(*FILERS)
def file_draft(return_id: int) -> AnyResponse:
    """File a draft as it stands."""
    return _refile(return_id, "1")


@blueprint.post(f"/{_ID}/withdrawal")
@allow(*FILERS)
def withdraw(return_id: int) -> AnyResponse:
    """Delete a request that customs has not decided yet; its quantities are free again."""
    return _refile(return_id, "3")


def _refile(return_id: int, app_type: str) -> AnyResponse:
    """Send a stored request once more, on the road of every paper."""
    with unit_of_work() as session:
        row, lines = _changeable(session, return_id)
        document = drafting.as_filed(row, lines, app_type)
        number = issued_guid(TYPE, row.id, row.revision, app_type, f"{clock.now():%Y%m%d%H%M%S}")
    document["head"]["guid"] = number
    ids = returning.file_documents(person(), TYPE, [document], [number])
    wait_for(ids)
    if app_type == "3":
        with unit_of_work() as session:
            message = own_message(session, person(), ids[0], TYPE)
        if message.documents and message.documents[0]["id"]:
            flash(t("returns.withdrawn"), "good")
            return redirect(url_for("goods_returns.index"))
    return redirect(url_for("return_requests.filed", ids=ids[0]), code=303)
