"""Pages of overseas warehouses: the register, and one warehouse with its stock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import allow, person
from app.api.warehouses import AGES, age_bands, as_of, seen_user
from app.i18n import lang, said, t
from app.session import unit_of_work
from app.warehouses import (
    DECIDERS,
    KEEPERS,
    READERS,
    REGISTRANTS,
    actor,
    eyes,
    visible_one,
)
from app.web.admin_codes import asked_day
from app.web.forms import EMPTY, FormState, day_of, day_or_none, required, sent, text_of
from common import clock
from common.findings import DomainError, NotFoundError
from common.law.zones import zone_parameter
from credit.subjects import SubjectFacts, subjects_by_ids
from customs.codes import codes_snapshot
from customs.rules.warehouse_stock import KINDS, Kind
from customs.rules.warehouses import HOLDINGS, STATES, in_use
from customs.tables import Checklist, OverseasWarehouse, WarehouseFiling, WarehouseUser
from customs.warehouses import register
from customs.warehouses.homecoming import waiting_at
from customs.warehouses.stock import ItemStock, by_item, line_stocks

blueprint = Blueprint("warehouses", __name__, url_prefix="/warehouses")

PAGE = 50
MOST_LISTED = 500
MOST_ID = 2**53 - 1
ONE = f"/<int(max={MOST_ID}):warehouse_id>"

TONES: dict[str, tuple[str, str]] = {
    "registered": ("warn", "clock"),
    "confirmed": ("good", "circle-check"),
    "refused": ("bad", "ban"),
}
KIND_ICONS: dict[str, str] = {
    Kind.ARRIVED: "building-warehouse",
    Kind.SOLD: "circle-check",
    Kind.RETURNED: "arrow-back-up",
    Kind.DESTROYED: "ban",
    Kind.LOST: "alert-triangle",
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A warehouse of the list: its row, and whether it is in use today."""

    row: OverseasWarehouse
    now: bool


@blueprint.get("")
@allow(*READERS)
def index() -> str:
    """The warehouses that one sees, and the form that registers another."""
    return _index(EMPTY)


@blueprint.post("")
@allow(*REGISTRANTS)
def add() -> Response | tuple[str, int]:
    """Register a warehouse for one's firm."""
    try:
        with unit_of_work() as session:
            row = register.register(session, _new(), actor(), codes_snapshot(session), at=clock.now())
    except DomainError as error:
        return _index(sent(error=error)), error.status
    flash(t("warehouses.registered"), "good")
    return redirect(url_for("warehouses.show", warehouse_id=row.id), code=303)


def _new() -> register.NewWarehouse:
    return register.NewWarehouse(
        name_zh=text_of("name_zh", 200),
        name_en=text_of("name_en", 200),
        country=text_of("country"),
        address=text_of("address", 200),
        operator=text_of("operator", 200),
        holding=text_of("holding"),
        valid_from=day_of("valid_from"),
        lease_until=day_or_none("lease_until"),
    )


@blueprint.post("/filings")
@allow(*DECIDERS)
def add_filing() -> Response | tuple[str, int]:
    """Record a firm's filing of its warehouse business."""
    try:
        with unit_of_work() as session:
            register.record_filing(
                session,
                text_of("filing_code", 18),
                text_of("filing_no", 60),
                day_of("filing_from"),
                day_or_none("filing_to"),
                actor(),
                zones=person().zones,
                at=clock.now(),
            )
    except DomainError as error:
        return _index(sent(error=error)), error.status
    flash(t("warehouses.filing_recorded"), "good")
    return redirect(url_for("warehouses.index"), code=303)


def _index(form: FormState) -> str:
    with unit_of_work() as session:
        seen = eyes(session, clock.now())
        rows = register.warehouses(session, seen.warehouses, after=0, limit=MOST_LISTED)
        decides = person().role in DECIDERS
        filings: Sequence[WarehouseFiling] = ()
        if decides:
            filings = register.filings(session, WarehouseFiling.zone_code.in_(sorted(seen.zones)))
        firms = {row.registered_by for row in rows} | {row.subject_id for row in filings}
        names = _names(session, firms)
        codes = codes_snapshot(session)
    today = clock.today()
    return render_template(
        "warehouses/index.html",
        form=form,
        rows=[Shown(row, in_use(row.valid_from, row.valid_to, row.lease_until, today)) for row in rows],
        names=names,
        filings=filings,
        country=_country(codes),
        countries=_countries(codes),
        holdings=[(key, said(name)) for key, name in HOLDINGS.items()],
        may_register=person().role in REGISTRANTS,
        decides=decides,
        today=today,
        **words(),
    )


@blueprint.get(ONE)
@allow(*READERS)
def show(warehouse_id: int) -> str:
    """One warehouse: what is known of it, stock by item with its age, and the lines behind it, as of a day."""
    return _show(warehouse_id, EMPTY)


@blueprint.post(f"{ONE}/decision")
@allow(*DECIDERS)
def decide(warehouse_id: int) -> Response | tuple[str, int]:
    """Confirm or refuse a registration."""

    def change(session: Session) -> None:
        confirm = text_of("decision") == "confirm"
        reason = text_of("reason", 500)
        register.decide(session, warehouse_id, confirm, reason, actor(), zones=person().zones, at=clock.now())

    return _changed(warehouse_id, change, "warehouses.decided")


@blueprint.post(f"{ONE}/end")
@allow(*REGISTRANTS)
def end(warehouse_id: int) -> Response | tuple[str, int]:
    """End the use of one's own warehouse."""

    def change(session: Session) -> None:
        register.end(session, warehouse_id, day_of("last_day"), actor(), at=clock.now())

    return _changed(warehouse_id, change, "warehouses.ended")


@blueprint.post(f"{ONE}/lease")
@allow(*REGISTRANTS)
def lease(warehouse_id: int) -> Response | tuple[str, int]:
    """Enter a new last day of the lease."""

    def change(session: Session) -> None:
        register.renew_lease(session, warehouse_id, day_of("lease_until"), actor(), at=clock.now())

    return _changed(warehouse_id, change, "warehouses.lease_renewed")


@blueprint.post(f"{ONE}/users")
@allow(*REGISTRANTS)
def add_user(warehouse_id: int) -> Response | tuple[str, int]:
    """Let another firm use one's own warehouse."""

    def change(session: Session) -> None:
        code = required("code", t("warehouses.firm_code"), 18)
        start, last = day_of("valid_from"), day_or_none("valid_to")
        register.allow_use(session, warehouse_id, code, start, last, actor(), at=clock.now())

    return _changed(warehouse_id, change, "warehouses.use_granted")


@blueprint.post(f"{ONE}/users/<int(max={MOST_ID}):user_id>/end")
@allow(*REGISTRANTS)
def end_user(warehouse_id: int, user_id: int) -> Response | tuple[str, int]:
    """End another firm's use of one's own warehouse today."""

    def change(session: Session) -> None:
        register.end_use(session, warehouse_id, user_id, clock.today(), actor(), at=clock.now())

    return _changed(warehouse_id, change, "warehouses.use_ended")


def _changed(warehouse_id: int, change: Callable[[Session], None], word: str) -> Response | tuple[str, int]:
    """Do what a form of the warehouse's page asks for; a refusal is told above it."""
    try:
        with unit_of_work() as session:
            change(session)
    except NotFoundError:
        raise
    except DomainError as error:
        return _show(warehouse_id, sent(error=error)), error.status
    flash(t(word), "good")
    return redirect(url_for("warehouses.show", warehouse_id=warehouse_id), code=303)


def _show(warehouse_id: int, form: FormState) -> str:
    on = as_of(asked_day())
    after = _cursor()
    with unit_of_work() as session:
        seen = eyes(session, clock.now())
        row = visible_one(session, warehouse_id, seen)
        bands = age_bands(zone_parameter(session, row.zone_code, AGES, on).codes)
        items = by_item(session, warehouse_id, seen.goods, on, bands)
        lines = line_stocks(session, warehouse_id, seen.goods, on, after=after, limit=PAGE)
        waits = waiting_at(session, warehouse_id, seen.goods.rows(Checklist))
        users = [one for one in register.users(session, row.id) if seen_user(row, one)]
        names = _names(session, {row.registered_by, *(one.subject_id for one in users)})
        codes = codes_snapshot(session)
    own = person().enterprise_id == row.registered_by and person().role in REGISTRANTS
    return render_template(
        "warehouses/show.html",
        form=form,
        row=row,
        now=in_use(row.valid_from, row.valid_to, row.lease_until, clock.today()),
        on=on,
        today=clock.today(),
        items=items,
        many=person().enterprise_id is None or len({one.consignor for one in items}) > 1,
        sums=_sums(items),
        bands=_band_words(bands),
        unit=unit_names(codes),
        country=_country(codes),
        lines=lines,
        waiting=waits,
        first=after == (0, 0),
        next=f"{lines[-1].checklist_id}-{lines[-1].gnum}" if len(lines) == PAGE else None,
        users=[(one, names.get(one.subject_id), _still(one)) for one in users],
        names=names,
        own=own,
        keeps=person().role in KEEPERS,
        decides=person().role in DECIDERS and row.zone_code in person().zones,
        **words(),
    )


def _still(user: WarehouseUser) -> bool:
    return user.valid_to is None or user.valid_to > clock.today()


def _sums(items: Sequence[ItemStock]) -> dict[str, int]:
    """How many items lie there, are on their way, and lie there longest."""
    return {
        "items": sum(one.balance.stock > 0 for one in items),
        "coming": sum(one.expected > 0 for one in items),
        "old": sum(bool(one.ages) and one.ages[-1] > 0 for one in items),
    }


def _band_words(bands: Sequence[int]) -> list[str]:
    """The heads of the age columns."""
    if not bands:
        return [t("warehouses.age.all")]
    words = [t("warehouses.age.first", to=bands[0])]
    words += [t("warehouses.age.between", start=start + 1, end=end) for start, end in pairwise(bands)]
    return [*words, t("warehouses.age.last", start=bands[-1])]


def _cursor() -> tuple[int, int]:
    """Where the page of lines begins; anything that is no cursor begins at the start."""
    checklist, _, gnum = request.args.get("after", "").partition("-")
    parts = (checklist, gnum)
    if all(one.isascii() and one.isdigit() and len(one) < 17 for one in parts):
        return int(checklist), min(int(gnum), 9999)
    return 0, 0


@blueprint.app_template_global("warehouses_to_confirm")
def warehouses_to_confirm() -> int:
    """How many registrations wait for the asking zone manager; none for anybody else."""
    if person().role not in DECIDERS:
        return 0
    with unit_of_work() as session:
        return register.waiting(session, person().zones)


# --- words


def words() -> dict[str, Any]:
    """The names of states, kinds and holdings, as the templates use them."""
    return {
        "states": STATES,
        "tones": TONES,
        "kinds": KINDS,
        "kind_icons": KIND_ICONS,
        "holding_names": HOLDINGS,
        "house_name": house_name,
    }


def house_name(row: OverseasWarehouse) -> str:
    """The warehouse's name in the language of the page."""
    return row.name_zh if lang() == "zh" else row.name_en


def _names(session: Session, ids: set[int]) -> dict[int, SubjectFacts]:
    return subjects_by_ids(session, ids, clock.today())


def unit_names(codes: Any) -> Callable[[str], str]:
    """Units of measure by their code, in the language of the page."""
    return lambda code: codes.name("unit", code, lang()) or code


def _country(codes: Any) -> Callable[[str], str]:
    return lambda code: codes.name("country", code, lang()) or code


def _countries(codes: Any) -> list[tuple[str, str]]:
    on: date = clock.today()
    known = [one for one in codes.entries("country") if one.holds(on) and one.code != register.CHINA_CODE]
    return [("", "—"), *sorted(((one.code, f"{one.code} {one.name(lang())}") for one in known), key=lambda one: one[0])]
