"""Pages of a warehouse's ledger: recording one entry or a file, and a line's entries with the form of a correction."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Callable
from decimal import Decimal

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.access import allow, person
from app.api.goods_returns import READERS as RETURN_READERS
from app.api.warehouse_views import proof_response
from app.api.warehouses import seen_entries
from app.i18n import said, t
from app.session import unit_of_work
from app.uploads import read_upload
from app.warehouses import (
    KEEPERS,
    MOST_FILE,
    READERS,
    actor,
    eyes,
    kept_upload,
    load_file,
    once,
    proof_words,
    visible_one,
    visible_proof,
)
from app.web.forms import EMPTY, FormState, day_of, number_or_none, sent, text_of
from app.web.warehouses import MOST_ID, MOST_LISTED, ONE, unit_names, words
from common import clock
from common.findings import DomainError, NotFoundError
from common.money import plain
from customs.codes import codes_snapshot
from customs.rules.warehouse_stock import KINDS, MOST_NOTE, NO_SUCH_LINE, Kind
from customs.warehouses.entries import Line, entries_of, home_by_return, taken_back
from customs.warehouses.files import COLUMNS, kept_text
from customs.warehouses.homecoming import waiting
from customs.warehouses.ledger import NewEntry, Recorder, line_of, record
from customs.warehouses.stock import LineStock, line_stocks, one_line

blueprint = Blueprint("warehouse_ledger", __name__, url_prefix="/warehouses")

_LINE = f"{ONE}/lines/<int(max={MOST_ID}):checklist_id>/<int(max=9999):gnum>"


@blueprint.get(f"{ONE}/record")
@allow(*KEEPERS)
def record_form(warehouse_id: int) -> str:
    """The forms that record: one entry, or a file of them."""
    return _record(warehouse_id, EMPTY)


@blueprint.post(f"{ONE}/record")
@allow(*KEEPERS)
def add_entry(warehouse_id: int) -> Response | tuple[str, int]:
    """Record one entry with its proof."""
    try:
        line = _add(warehouse_id, _entry)
    except NotFoundError:
        raise
    except DomainError as error:
        return _record(warehouse_id, sent(error=error)), error.status
    flash(t("warehouses.recorded", n=1), "good")
    return redirect(_line_page(warehouse_id, line), code=303)


@blueprint.post(f"{ONE}/file")
@allow(*KEEPERS)
def add_file(warehouse_id: int) -> Response | tuple[str, int]:
    """Record the entries of a CSV file, with one proof for those rows that name none."""
    at = clock.now()
    try:
        with unit_of_work() as session:
            seen = eyes(session, at)
            visible_one(session, warehouse_id, seen)
            proof_id = kept_upload(session, "file_proof", at)
            raw = read_upload("file", MOST_FILE)
            count = load_file(session, warehouse_id, raw, seen, proof_id=proof_id, at=at).entries
    except NotFoundError:
        raise
    except DomainError as error:
        return _record(warehouse_id, sent(error=error)), error.status
    flash(t("warehouses.recorded", n=count), "good")
    return redirect(url_for("warehouses.show", warehouse_id=warehouse_id), code=303)


@blueprint.get(f"{ONE}/template.csv")
@allow(*KEEPERS)
def template(warehouse_id: int) -> Response:
    """A file with the right header and a row for each line that lies there, to be filled in."""
    with unit_of_work() as session:
        seen = eyes(session, clock.now())
        visible_one(session, warehouse_id, seen)
        lines = line_stocks(session, warehouse_id, seen.goods, clock.today(), limit=MOST_LISTED, unfinished=True)
    written = io.StringIO(newline="")
    rows = csv.writer(written)
    rows.writerow(COLUMNS)
    for line in lines:
        kind = Kind.ARRIVED if line.balance.stock <= 0 else Kind.SOLD
        rows.writerow([kept_text(line.invt_no), line.gnum, kind.value, "", *[""] * (len(COLUMNS) - 4)])
    file = make_response(written.getvalue().encode("utf-8-sig"))
    file.headers["Content-Type"] = "text/csv; charset=utf-8"
    file.headers.set("Content-Disposition", "attachment", filename=f"warehouse-{warehouse_id}.csv")
    return file


@blueprint.get(_LINE)
@allow(*READERS)
def line(warehouse_id: int, checklist_id: int, gnum: int) -> str:
    """The ledger of one line: every entry with its proof, and the form that takes one back."""
    return _line(warehouse_id, checklist_id, gnum, EMPTY)


@blueprint.post(_LINE)
@allow(*KEEPERS)
def correct(warehouse_id: int, checklist_id: int, gnum: int) -> Response | tuple[str, int]:
    """Take back (part of) an entry by another one."""
    try:
        line = _add(warehouse_id, _correction)
    except NotFoundError:
        raise
    except DomainError as error:
        return _line(warehouse_id, checklist_id, gnum, sent(error=error)), error.status
    flash(t("warehouses.recorded", n=1), "good")
    return redirect(_line_page(warehouse_id, line), code=303)


@blueprint.get(f"/proofs/<int(max={MOST_ID}):proof_id>")
@allow(*READERS)
def proof(proof_id: int) -> Response:
    """A proof as it came, as a download."""
    with unit_of_work() as session:
        found = visible_proof(session, proof_id, eyes(session, clock.now()))
        return proof_response(found.content, found.media_type, found.name)


def _add(warehouse_id: int, made: Callable[[int | None], NewEntry]) -> Line:
    """Record the form's entry; gives its line."""
    at = clock.now()
    with unit_of_work() as session:
        seen = eyes(session, at)
        visible_one(session, warehouse_id, seen)
        entry = made(kept_upload(session, "proof", at))
        by = Recorder(actor(), seen.firms, "page", once(text_of("form")))
        return line_of(session, record(session, warehouse_id, [entry], by, at=at))


def _line_page(warehouse_id: int, line: Line) -> str:
    return url_for("warehouse_ledger.line", warehouse_id=warehouse_id, checklist_id=line[0], gnum=line[1])


def _entry(proof_id: int | None) -> NewEntry:
    number, _, gnum = text_of("line").rpartition("/")
    return NewEntry(
        pointer="",
        invt_no=number,
        gnum=int(gnum) if gnum.isascii() and gnum.isdigit() and len(gnum) < 5 else 0,
        kind=text_of("kind"),
        qty=text_of("qty"),
        day=day_of("day"),
        proof_id=proof_id,
        reference=text_of("reference", MOST_NOTE) or None,
        note=text_of("note", MOST_NOTE) or None,
        apart=text_of("apart") == "1",
    )


def _correction(proof_id: int | None) -> NewEntry:
    return NewEntry(
        pointer="",
        corrects=number_or_none("corrects") or 0,
        qty=text_of("qty"),
        day=day_of("day"),
        proof_id=proof_id,
        note=text_of("note", MOST_NOTE) or None,
    )


def _record(warehouse_id: int, form: FormState) -> str:
    with unit_of_work() as session:
        seen = eyes(session, clock.now())
        row = visible_one(session, warehouse_id, seen)
        lines = line_stocks(session, warehouse_id, seen.goods, clock.today(), limit=MOST_LISTED, unfinished=True)
        proof = proof_words(session)
        codes = codes_snapshot(session)
    unit = unit_names(codes)
    return render_template(
        "warehouses/record.html",
        form=form,
        row=row,
        lines=[(f"{one.invt_no}/{one.gnum}", _line_words(one, unit)) for one in lines],
        chosen=request.args.get("line", "")[:60],
        form_key=secrets.token_hex(16),
        today=clock.today(),
        columns=COLUMNS,
        most=MOST_LISTED,
        proof=proof,
        **words(),
    )


def _line_words(one: LineStock, unit: Callable[[str], str]) -> str:
    held = t("warehouses.line_words", stock=plain(one.balance.stock), coming=plain(one.expected), unit=unit(one.unit))
    return f"{one.invt_no} · {one.gnum} · {one.name} · {held}"


def _line(warehouse_id: int, checklist_id: int, gnum: int, form: FormState) -> str:
    with unit_of_work() as session:
        seen = eyes(session, clock.now())
        row = visible_one(session, warehouse_id, seen)
        held = one_line(session, warehouse_id, seen.goods, clock.today(), checklist_id, gnum)
        if held is None:
            raise NotFoundError(NO_SUCH_LINE.at("", number="—", gnum=gnum))
        entries = seen_entries(entries_of(session, warehouse_id, checklist_id, gnum), seen.firms, seen.zones)
        home, waits = home_by_return(session, [checklist_id]), waiting(session, [checklist_id], gnum)
        keeps = person().role in KEEPERS
        proof = proof_words(session) if keeps else None
        codes = codes_snapshot(session)
    back = taken_back(entries)
    left = {
        one.id: one.qty - back.get(one.id, Decimal(0)) - (home[one.id].qty if one.id in home else Decimal(0))
        for one in entries
        if one.corrects is None
    }
    return render_template(
        "warehouses/line.html",
        form=form,
        row=row,
        line=held,
        home=home,
        waiting=waits,
        sees_returns=person().role in RETURN_READERS,
        entries=list(reversed(entries)),
        choices=[
            (one.id, t("warehouses.entry_words", id=one.id, kind=said(KINDS[one.kind]), left=plain(left[one.id])))
            for one in entries
            if left.get(one.id)
        ],
        unit=unit_names(codes),
        keeps=keeps,
        proof=proof,
        form_key=secrets.token_hex(16),
        today=clock.today(),
        **words(),
    )
