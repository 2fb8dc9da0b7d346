"""Pages of the monthly proof: a firm's own month, a zone's results and consignors, and the files to recompute it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from app.access import Role, allow, person
from app.access.reads import saw
from app.documents.proofs import amount, proof_pdf, rows_of, stamp, weight
from app.i18n import lang, t
from app.proofs import CHECKERS, OVERSEERS, READERS, asked_month, listing_file, named, show
from app.session import unit_of_work
from common import clock
from common.currencies import alpha
from credit.subjects import subjects_by_ids
from customs.proof import Month
from customs.proof.checking import check, count_open, difference_of, open_differences, results
from customs.tables import ProofCheck

blueprint = Blueprint("proofs", __name__, url_prefix="/proofs")


@dataclass(frozen=True, slots=True)
class ConsignorLine:
    """One consignor of a zone's stored result: what closed, what is in declarations, open and counted."""

    id: int
    name: str
    checklists: int
    lines: int
    summarised: int
    open: int
    counted: int


@blueprint.app_context_processor
def _todo() -> dict[str, Any]:
    """For first pages of officers and zone managers: how many differences stand open, asked only where it is shown."""

    def open_proofs() -> int:
        if person().role not in OVERSEERS:
            return 0
        with unit_of_work() as session:
            return count_open(session, person().zones)

    return {"open_proofs": open_proofs}


@blueprint.get("")
@allow(*READERS)
def index() -> str | AnyResponse:
    """An enterprise's running month; for agencies the results of the daily check and what is still open."""
    asked = request.args.get("month")
    if asked:
        return redirect(url_for("proofs.month_page", month=str(asked_month(asked)), consignor=_consignor() or None))
    if person().of_enterprise:
        return redirect(url_for("proofs.month_page", month=str(Month.of(clock.today()))))
    zones = person().zones
    with unit_of_work() as session:
        rows, open_ones = results(session, zones), open_differences(session, zones)
    for one in open_ones:
        saw("proof", f"difference/{one.id}", zone_code=one.zone_code, owners=())
    return render_template(
        "proofs/index.html",
        rows=rows,
        month=str(Month.of(clock.today())),
        open_ones=[(one, difference_of(one).say()) for one in open_ones],
        may_check=person().role in CHECKERS,
    )


def _consignor() -> str:
    return request.args.get("consignor", "").strip()[:40]


@blueprint.get("/<month>")
@allow(*READERS)
def month_page(month: str) -> str:
    """One month: a firm's own, or a consignor's, proven now; without one, a zone's stored result by consignor."""
    asked = asked_month(month)
    if person().role in OVERSEERS and not _consignor():
        return _zone_page(asked)
    with unit_of_work() as session:
        found = show(session, month, _consignor())
    return render_template(
        "proofs/month.html",
        month=str(found.proof.month),
        proof=found.proof,
        shown=found,
        consignor=found.consignor,
        asked=_consignor(),
        flags=[(flag, found.proof.totals(flag)) for flag in ("B", "A")],
        **_writing(),
    )


def _zone_page(month: Month) -> str:
    zones = person().zones
    with unit_of_work() as session:
        kept = results(session, zones, str(month))
        lines = _consignors(session, kept)
        open_ones = [one for one in open_differences(session, zones) if one.period == str(month)]
    for row in kept:
        saw("proof", f"{month}/{row.zone_code}", zone_code=row.zone_code, owners=())
    return render_template(
        "proofs/zone.html",
        month=str(month),
        kept=kept,
        lines=lines,
        open_ones=[(one, difference_of(one).say()) for one in open_ones],
        may_check=person().role in CHECKERS,
        stamp=stamp,
    )


def _consignors(session: Session, kept: Sequence[ProofCheck]) -> list[ConsignorLine]:
    sums: dict[int, list[int]] = {}
    for row in kept:
        for part in row.parts:
            found = sums.setdefault(part["consignor_id"], [0, 0, 0, 0, 0])
            for place, value in enumerate(_counts(part)):
                found[place] += value
    names = subjects_by_ids(session, list(sums), clock.today()) if sums else {}
    lines = [ConsignorLine(id, names[id].name if id in names else f"#{id}", *figures) for id, figures in sums.items()]
    return sorted(lines, key=lambda one: (-one.open, one.id))


def _counts(part: dict[str, Any]) -> tuple[int, int, int, int, int]:
    def lines(name: str) -> int:
        return sum(one[name]["lines"] for one in part["balances"])

    of_a = part["flag"] == "A"
    counted = lines("counted") if of_a else 0
    return part["checklists"], lines("truth"), lines("summarised"), 0 if of_a else lines("open"), counted


def _writing() -> dict[str, Any]:
    def tone(name: str, value: Decimal) -> str:
        return "z-2" if name != "truth" and not value else ""

    return {"rows_of": rows_of, "amount": amount, "weight": weight, "alpha": alpha, "stamp": stamp, "tone": tone}


@blueprint.get("/<month>.csv")
@allow(*READERS)
def listing(month: str) -> Response:
    """Every line as CSV; the first line names the digest of the rest."""
    with unit_of_work() as session:
        return listing_file(session, month, _consignor())


@blueprint.get("/<month>.pdf")
@allow(*READERS)
def printed(month: str) -> Response:
    """The printed proof."""
    with unit_of_work() as session:
        found = show(session, month, _consignor())
    return named(Response(proof_pdf(found, lang()), mimetype="application/pdf"), f"proof-{found.proof.month}.pdf")


@blueprint.post("/<month>/check")
@allow(Role.CUSTOMS_SUPERVISOR, Role.ZONE_MANAGER)
def check_again(month: str) -> AnyResponse:
    """Prove the month of the own zones again at once, instead of waiting for the night."""
    asked = asked_month(month)
    with unit_of_work() as session:
        found = check(session, asked, at=clock.now(), zones=person().zones)
    flash(t("proofs.checked", month=str(asked), n=len(found)), "bad" if found else "good")
    return redirect(url_for("proofs.month_page", month=str(asked)))
