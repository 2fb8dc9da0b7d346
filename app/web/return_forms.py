"""The form of a goods-return request: what it holds, how it becomes CEB213 documents, and back for correction.

A page never keeps a draft of its own: what was sent is read back from the inbox, with every finding at its field.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import request
from sqlalchemy.orm import Session

from app.access import person
from app.api.fields import own_enterprise
from app.api.goods_returns import filer_of, with_carrier
from app.files.messages import issued_guid
from app.i18n import lang, said, t
from app.web.forms import FormState
from common import clock
from common.findings import DomainError, Finding, Severity, Text
from common.money import plain
from credit.listing import SubjectFilters, find_subjects
from credit.subjects import zone_offices
from customs.codes import codes_snapshot
from customs.returns import drafting, planning
from customs.returns.planning import Pick
from customs.rules import return_findings
from customs.rules.returns import CERTIFICATES, PROOFS, REASON_KINDS, Grounds
from customs.tables import GoodsReturn, GoodsReturnLine, Message

TYPE = "CEB213"
DRAFT = "1"
HEAD = (
    "customsCode", "loctNo", "logisticsCode", "logisticsNo", "billNo", "trafMode", "trafName", "voyageNo", "portCode",
    "country", "reason", "note",
)  # fmt: skip
GROUNDS = ("reason_kind", "proof_kind", "certificate_kind", "certificate_no")
_PICK = re.compile(r"pick-([0-9]{1,16})-([0-9]{1,4})")
_FORM = re.compile("[0-9a-f]{32}")

Choices = Sequence[tuple[str, str]]


@dataclass(slots=True)
class ReturnForm:
    """The form as it is to be shown: lines to choose from, the quantity wanted of each, the other fields, faults."""

    picks: Sequence[Pick]
    wanted: dict[str, str]
    state: FormState = field(default_factory=FormState)
    refused: Sequence[Finding] = ()
    planned: bool = False
    """Whether the lines were found for a list, so that the firm confirms them."""
    change: int = 0
    """The return that the form changes; 0 for a new request."""

    @property
    def form(self) -> str:
        """The form's own number: sent twice, it is one request."""
        return form_number(self.state.values.get("form", ""))


def form_number(written: str) -> str:
    """A form's own number as it was sent; a new one for anything else."""
    return written if _FORM.fullmatch(written) else secrets.token_hex(16)


def field_of(pick: Pick) -> str:
    """The name of the field that holds a line's quantity."""
    return f"pick-{pick.origin.id}-{pick.known.line.gnum}"


def written_picks() -> dict[str, str]:
    """The quantities of a sent form by field, empty ones left out."""
    return {name: text.strip()[:20] for name, text in request.form.items() if _PICK.fullmatch(name) and text.strip()}


def chosen(session: Session, written: Mapping[str, str]) -> list[Pick]:
    """The lines that a sent form asks for; raises `DomainError` at the fields that hold no quantity."""
    places = {name: found for name in written if (found := _PICK.fullmatch(name))}
    firm = own_enterprise(person())
    offered = planning.of_checklists(session, firm, {int(found[1]) for found in places.values()})
    by_name = {field_of(one): one for one in offered}
    picks: list[Pick] = []
    faults: list[Finding] = []
    for name, text in written.items():
        one = by_name.get(name)
        if one is None or text == "0":
            continue
        row = planning.wanted(1, one.origin.invt_no or "—", None, text)
        if isinstance(row, Finding):
            at, goods = f"/{name}", one.known.line.gname
            faults.append(return_findings.ROW_UNREADABLE.at(at, row=len(picks) + len(faults) + 1, wanted=goods[:40]))
        else:
            picks.append(Pick(0, one.origin, one.known, row.qty))
    if faults:
        raise DomainError(*faults)
    if not picks:
        raise DomainError(return_findings.ROWS_MISSING.at("", most=planning.MOST_ROWS))
    return picks


def documents(
    session: Session, picks: Sequence[Pick], form: str, changed: GoodsReturn | None = None
) -> list[dict[str, Any]]:
    """The documents of a sent form; their numbers depend on the form, so that a double click files once.

    `changed` is the request that the form changes: its own number stays, and only its own export can be meant.
    """
    head = {name: _written(name) for name in HEAD}
    given = Grounds(*(_written(name) or None for name in GROUNDS))
    made = drafting.documents(
        picks,
        with_carrier(session, {name: text for name, text in head.items() if text}),
        filer_of(session, person()),
        given,
        number=f"R{clock.today():%Y%m%d}{form[:12].upper()}",
        draft=request.form.get("action") == "draft",
    )
    if changed is not None:
        made = [one for one in made if one["head"]["invtNo"] == changed.invt_no]
        for one in made:
            one["head"] |= {"coElNo": changed.co_el_no, "appType": "1" if changed.status == DRAFT else "2"}
    for n, one in enumerate(made):
        one["head"]["guid"] = issued_guid(form, TYPE, n, json.dumps(one, ensure_ascii=False, sort_keys=True))
    return made


def _written(name: str) -> str:
    return request.form.get(name, "").replace("\0", "").strip()


def of_return(session: Session, row: GoodsReturn, lines: Sequence[GoodsReturnLine]) -> ReturnForm:
    """The form of a request that is to be changed, as it stands."""
    picks = planning.of_checklists(session, own_enterprise(person()), [row.checklist_id])
    by_gnum = {line.gnum: plain(line.qty) for line in lines}
    wanted = {field_of(one): by_gnum[one.known.line.gnum] for one in picks if one.known.line.gnum in by_gnum}
    values = {name: getattr(row, column) or "" for name, column in _COLUMNS.items()}
    return ReturnForm(picks, wanted, FormState("", values | wanted), change=row.id)


_COLUMNS = {
    "customsCode": "customs_code",
    "loctNo": "loct_no",
    "logisticsCode": "logistics_code",
    "logisticsNo": "logistics_no",
    "billNo": "bill_no",
    "trafMode": "traf_mode",
    "trafName": "traf_name",
    "voyageNo": "voyage_no",
    "portCode": "port_code",
    "country": "country",
    "reason": "reason",
    "note": "note",
    **{name: name for name in GROUNDS},
}
"""Where the form's fields stand in a stored request."""


def again(session: Session, message: Message, index: int) -> ReturnForm:
    """The form of a document that was sent, with its findings at their fields."""
    try:
        document = json.loads(message.raw)["documents"][index]
        head, lines = document["head"], document["lines"]
    except (ValueError, KeyError, IndexError, TypeError):
        return ReturnForm((), {})  # sent as XML or by another program: its form was never ours
    firm = own_enterprise(person())
    ids = planning.ids_of_number(session, firm, str(head.get("invtNo", "")).replace("\0", ""))
    picks = planning.of_checklists(session, firm, ids)
    by_gnum = {str(one.known.line.gnum): field_of(one) for one in picks}
    wanted = {by_gnum[line["gnum"]]: line.get("qty", "") for line in lines if line.get("gnum") in by_gnum}
    values = {name: str(head.get(name, "")) for name in HEAD}
    grounds = document.get("grounds", {})
    values |= {name: str(grounds.get(key, "")) for name, key in zip(GROUNDS, _GROUND_KEYS, strict=True)}
    findings = [_moved(one, [line.get("gnum") for line in lines], by_gnum) for one in _errors(message, index)]
    change = planning.return_of(session, firm, str(head.get("coElNo", ""))) if head.get("appType") == "2" else 0
    return ReturnForm(picks, wanted, FormState("", {**values, **wanted}, findings), change=change)


_GROUND_KEYS = ("reason", "proof", "certificate", "certificate_no")


def _errors(message: Message, index: int) -> list[Mapping[str, Any]]:
    """What stops a document; what one quantity says of a line is not said again for its statutory ones."""
    found: dict[tuple[str, str], Mapping[str, Any]] = {}
    for one in message.documents[index]["findings"]:
        if one["severity"] == Severity.ERROR:
            where, _, element = one["pointer"].rpartition("/")
            place = where if element.startswith("qty") else one["pointer"]
            found.setdefault((one["rule"], place), one)
    return list(found.values())


def _moved(one: Mapping[str, Any], gnums: Sequence[str | None], by_gnum: Mapping[str, str]) -> Finding:
    """A stored finding with its pointer at the form's field."""
    steps = one["pointer"].strip("/").split("/")
    name = steps[-1]
    if len(steps) > 3 and steps[-2].isdigit() and int(steps[-2]) < len(gnums):
        name = by_gnum.get(gnums[int(steps[-2])] or "", name)
    elif len(steps) > 2 and steps[2] == "grounds":
        name = dict(zip(_GROUND_KEYS, GROUNDS, strict=True)).get(name, name)
    words = one["message"]
    return Finding(one["rule"], Severity.ERROR, f"/{name}", Text(words["zh"], words["en"]), "business")


@dataclass(frozen=True, slots=True)
class Options:
    """What the form's choices offer."""

    offices: Choices
    carriers: Choices
    modes: Choices
    borders: Choices
    countries: Choices
    reasons: Choices
    proofs: Choices
    certificates: Choices


def options(session: Session) -> Options:
    """The choices in the language of the request; offices are those of the pilot zones."""
    today = clock.today()
    tables = codes_snapshot(session)
    offices = sorted(zone_offices(session, today))
    found = find_subjects(session, SubjectFilters(role="logistics"), today, limit=500)
    return Options(
        offices=[(code, f"{code} {tables.name('customs_office', code, lang(), today)}") for code in offices],
        carriers=[(one.customs_code or one.uscc or "", one.name) for one in found],
        modes=_codes(session, "transport_mode"),
        borders=_codes(session, "customs_office"),
        countries=_codes(session, "country"),
        reasons=[("", t("returns.choose")), *((code, said(name)) for code, name in REASON_KINDS.items())],
        proofs=[("", t("returns.choose")), *((code, _proof(code)) for code in PROOFS)],
        certificates=[("", t("returns.no_certificate")), *((code, said(name)) for code, name in CERTIFICATES.items())],
    )


def _proof(code: str) -> str:
    reason, name = PROOFS[code]
    return t("returns.proof_of", proof=said(name), reason=said(REASON_KINDS[reason]))


def _codes(session: Session, table: str) -> Choices:
    today = clock.today()
    entries = [one for one in codes_snapshot(session).entries(table) if one.holds(today)]
    return [("", t("returns.choose")), *((one.code, f"{one.code} {one.name(lang())}") for one in entries)]


def defaults(picks: Sequence[Pick]) -> dict[str, str]:
    """What the form starts with: as on the export, where all lines are of one or agree."""
    if not picks:
        return {}
    first = picks[0].origin
    same = all(one.origin.country == first.country for one in picks)
    return {
        "customsCode": first.customs_code,
        "logisticsCode": first.logistics_code,
        "trafMode": first.traf_mode,
        "portCode": first.port_code,
        "country": first.country if same else "",
    }
