"""Registering an export declared elsewhere: from customs' two files or by a form, the list, and one of them.

The form's labels are the field table's; what a form need not ask for is filled in as a plain parcel has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.access import Person, allow, person
from app.api.fields import own_enterprise
from app.api.registrations import READERS, REGISTRANTS, visible_one, visible_rows
from app.i18n import lang, said, t
from app.session import unit_of_work
from app.uploads import read_upload
from app.web.forms import EMPTY, SY0606, FormState, sent, whole_number
from common import clock
from common.findings import DomainError, Finding
from credit.subjects import subject_by_id
from customs.codes import codes_snapshot
from customs.messages.fields import MESSAGES
from customs.registrations import Submission, from_json, from_xml, line_texts, lines_of, register
from customs.registrations.matching import missing
from customs.rules.moves import name
from customs.rules.registrations import EXPORTED

blueprint = Blueprint("elsewhere", __name__, url_prefix="/elsewhere")

SHOWN = 50
MOST_LINES = 100
_SPEC = MESSAGES["CEB603"]
_HEAD_FIELDS = (
    ("customsCode", "portCode", "ieDate", "tradeMode", "statisticsFlag", "trafMode"),
    ("ebcCode", "ebcName", "agentCode", "agentName", "ownerCode", "ownerName"),
    ("orderNo", "ebpCode", "ebpName", "logisticsCode", "logisticsName", "logisticsNo", "copNo"),
    ("country", "POD", "wrapType", "packNo", "grossWeight", "netWeight", "freight", "fCurrency", "insuredFee"),
)
_LINE_FIELDS = (
    ("itemNo", "gcode", "gname", "gmodel", "country"),
    ("qty", "unit", "qty1", "unit1", "qty2", "unit2"),
    ("price", "totalPrice", "currency"),
)
_PLAIN: Mapping[str, str] = {"fFlag": "3", "iFlag": "3", "ieFlag": "E"}
_START: Mapping[str, str] = {
    "tradeMode": "9610",
    "statisticsFlag": "B",
    "ownerCode": "NO",
    "ebpCode": "无",
    "freight": "0",
    "fCurrency": "142",
    "insuredFee": "0",
    "packNo": "1",
}
_LINE_START: Mapping[str, str] = {"currency": "142"}
_DAY_LENGTH = 10
_SECONDS, _MILLISECONDS = 14, 17


@blueprint.get("", endpoint="register")
@allow(*READERS)
def register_page() -> str:
    """The two files of a declaration to hand in, and what was registered, newest first."""
    return _page(EMPTY)


@blueprint.post("")
@allow(*REGISTRANTS)
def upload() -> Response | tuple[str, int]:
    """Register from the CEB603 and CEB604 files; a refusal is explained above the form."""
    try:
        limit = current_app.config["MAX_BODY_BYTES"]
        checklist, response = read_upload("checklist", limit), read_upload("response", limit)
        for field, raw in (("checklist", checklist), ("response", response)):
            if not raw:
                raise DomainError(SY0606.at(f"/{field}", what=t(f"elsewhere.{field}")))
        return _register(from_xml(checklist, response))
    except DomainError as error:
        given = {"checklist": "", "response": ""}
        return _page(FormState("", given, tuple(error.findings))), error.status


@blueprint.get("/form")
@allow(*REGISTRANTS)
def form() -> str:
    """An empty form, with what is known of one's own firm filled in."""
    return _form(FormState("", _start(person())), 1)


@blueprint.post("/form")
@allow(*REGISTRANTS)
def send_form() -> str | Response | tuple[str, int]:
    """Register what the form says; `more` and `fewer` only change the number of goods lines."""
    lines = _line_count()
    if "more" in request.form or "fewer" in request.form:
        step = 1 if "more" in request.form else -1
        return _form(sent(), min(max(lines + step, 1), MOST_LINES))
    try:
        return _register(_told(lines))
    except DomainError as error:
        placed = DomainError(*(_at_field(one) for one in error.findings))
        return _form(sent(error=placed), lines), error.status


@blueprint.get("/<int(max=9007199254740991):registration_id>")
@allow(*READERS)
def one(registration_id: int) -> str:
    """One registration: what was declared, what customs answered, how papers here compare."""
    with unit_of_work() as session:
        row = visible_one(session, registration_id)
        lines = [line_texts(line) for line in lines_of(session, row.id)]
        codes = codes_snapshot(session)
    labels = {field.element: said(field.name) for field in _SPEC.list_fields}
    shown = [(said(f.name), row.head[f.element]) for f in _SPEC.head_fields if f.element in row.head]
    return render_template(
        "elsewhere/one.html",
        row=row,
        lines=lines,
        labels=labels,
        head_facts=[(label, value, False) for label, value in shown],
        office=codes.name("customs_office", row.customs_code, lang()) or row.customs_code,
        waits=missing(row),
    )


def _register(told: Submission) -> Response:
    """Take it in and lead to its page; a repeat is said to be one."""
    with unit_of_work() as session:
        done = register(session, told, sender_id=own_enterprise(person()), actor=person().actor, at=clock.now())
        id = done.row.id
    said_how = "created" if done.created else "changed" if done.changed else "repeated"
    flash(t(f"elsewhere.{said_how}"), "good" if done.created or done.changed else "info")
    return redirect(url_for("elsewhere.one", registration_id=id), code=303)


def _page(state: FormState) -> str:
    with unit_of_work() as session:
        rows = visible_rows(session, limit=SHOWN, newest_first=True)
    return render_template(
        "elsewhere/register.html",
        rows=[(row, missing(row)) for row in rows],
        form=state,
        may_register=person().role in REGISTRANTS,
        most=SHOWN,
    )


def _form(state: FormState, lines: int) -> str:
    labels = {field.element: said(field.name) for field in _SPEC.head_fields}
    line_labels = {field.element: said(field.name) for field in _SPEC.list_fields}
    return render_template(
        "elsewhere/form.html",
        form=state,
        groups=list(zip(("where", "parties", "papers", "parcel"), _HEAD_FIELDS, strict=True)),
        line_groups=_LINE_FIELDS,
        labels=labels,
        line_labels=line_labels,
        optional=_optional(),
        choices=_choices(),
        states=[(str(one), f"{one} {said(name(one))}") for one in EXPORTED],
        lines=lines,
        line_start=_LINE_START,
    )


def _optional() -> frozenset[str]:
    fields = (*_SPEC.head_fields, *_SPEC.list_fields)
    return frozenset(field.element for field in fields if not field.required)


def _choices() -> dict[str, list[tuple[str, str]]]:
    """The fields that have a short list of values, as choices."""
    flags = [(value, f"{value} {t(f'elsewhere.flag.{value}')}") for value in ("A", "B")]
    modes = [(value, value) for value in _SPEC.head_by_name["tradeMode"].values]
    return {"statisticsFlag": flags, "tradeMode": modes}


def _start(who: Person) -> dict[str, str]:
    """What the form says before anything was written: one's own firm as consignor and declarant."""
    start = dict(_START)
    if who.enterprise_id is None:
        return start
    with unit_of_work() as session:
        firm = subject_by_id(session, who.enterprise_id, clock.today())
    code = firm.customs_code or firm.uscc or ""
    start |= {"agentCode": code, "agentName": firm.name}
    if "seller" in firm.roles:
        start |= {"ebcCode": code, "ebcName": firm.name, "ownerName": firm.name}
    return start


def _line_count() -> int:
    return max(1, min(MOST_LINES, whole_number(request.form.get("lines", "1")) or 1))


def _told(lines: int) -> Submission:
    """The form as a submission: dates and times in the standard's form, plain values where nothing is asked."""
    head = _filled((element for group in _HEAD_FIELDS for element in group), "") | dict(_PLAIN)
    head["iCurrency"] = head.get("fCurrency", "")
    if len(head.get("ieDate", "")) == _DAY_LENGTH:
        head["ieDate"] = head["ieDate"].replace("-", "")
    rows = []
    for n in range(lines):
        line = _filled((element for group in _LINE_FIELDS for element in group), f"l{n}-")
        rows.append({"gnum": str(n + 1), "barCode": "无", **line})
    time = _digits(request.form.get("time", ""))
    declared = _digits(request.form.get("appTime", ""))
    if declared:
        head["appTime"] = declared
    return from_json(
        {"head": head, "lines": rows},
        request.form.get("invt_no", "").strip(),
        status=request.form.get("status", ""),
        time=time + "0" * (_MILLISECONDS - len(time)) if len(time) == _SECONDS else time,
        info=request.form.get("info", "").strip(),
        response=None,
        at=clock.now(),
    )


def _filled(elements: Iterable[str], prefix: str) -> dict[str, str]:
    return {one: value for one in elements if (value := request.form.get(prefix + one, "").strip())}


def _digits(written: str) -> str:
    """A time without its separators: `2026-11-25 18:00:00` as 20261125180000; other writing stays as it is."""
    bare = "".join(c for c in written if c not in "-:. T")
    return bare if bare.isdecimal() else written.strip()


def _at_field(finding: Finding) -> Finding:
    """The finding at the field of the form: `/Inventory/0/InventoryList/2/qty` stands at `l2-qty`."""
    parts = finding.pointer.split("/")
    if _SPEC.list in parts and parts[-1] != parts[-2]:
        return replace(finding, pointer=f"/l{parts[-2]}-{parts[-1]}")
    return finding


def match_tone(row: Mapping[str, Any]) -> tuple[str, str, str]:
    """Tone, icon and word of one compared field."""
    return _TONES.get(row["result"], _TONES["differs"])


_TONES = {
    "equal": ("good", "equal", "elsewhere.match.equal"),
    "within": ("good", "equal", "elsewhere.match.within"),
    "differs": ("bad", "equal-not", "elsewhere.match.differs"),
}
blueprint.add_app_template_global(match_tone, "match_tone")
