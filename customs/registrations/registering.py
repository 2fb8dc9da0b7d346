"""Registering an export declared elsewhere: checked like a checklist, taken in once, its state following customs'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from common.clock import CHINA, china_day
from common.db import lock_keys, new_ids
from common.events import NewEvent, append_events
from common.findings import ConflictError, DomainError, Finding, NotAllowedError, Severity, has_errors
from credit.subjects import SubjectFacts, mandates_between, subjects_by_codes, zone_offices
from customs.codes import codes_snapshot
from customs.messages.checking import check_document
from customs.messages.document import ReadDocument, cut
from customs.messages.fields import MESSAGES, FieldSpec
from customs.registrations.matching import match_one
from customs.registrations.reading import CHECKLIST, Submission
from customs.relay.writing import column
from customs.rules import registrations as rules
from customs.rules.relay import AHEAD, read_time
from customs.tables import Checklist, ExportRegistration, ExportRegistrationLine

_SPEC = MESSAGES[CHECKLIST]
_PARTIES = ("ebcCode", "ebpCode", "agentCode", "logisticsCode")
_HEAD_AT = f"/{_SPEC.element}/0/{_SPEC.head}"


@dataclass(frozen=True, slots=True)
class Registered:
    """A registration; `created` is false where it was here before, `changed` true where customs' answer is newer."""

    row: ExportRegistration
    created: bool
    changed: bool = False


@dataclass(frozen=True, slots=True)
class _Facts:
    """What the checks found out."""

    on: date
    app_time: datetime
    return_time: datetime
    parties: Mapping[str, SubjectFacts]

    @property
    def consignor(self) -> SubjectFacts:
        return self.parties["ebcCode"]


def register(session: Session, told: Submission, *, sender_id: int, actor: str, at: datetime) -> Registered:
    """Take in an export declared elsewhere, or give the registration that is here already.

    `sender_id` is the firm that registers. A repeat with the same declared content gives the first one, brought up to
    date where its customs response is newer. Raises `DomainError` with all findings, `NotAllowedError` for a firm that
    is neither consignor nor mandated, and `ConflictError` for a number with other content or declared here.
    """
    facts = _checked(session, told, at)
    _may_register(session, facts, sender_id, at)
    lock_keys(session, [f"export:{told.invt_no}"])
    if session.scalars(select(Checklist.id).where(Checklist.invt_no == told.invt_no).limit(1)).first() is not None:
        raise ConflictError(rules.CU8107.at("/invt_no", number=told.invt_no))
    before = session.scalars(
        select(ExportRegistration).where(ExportRegistration.invt_no == told.invt_no).with_for_update()
    ).one_or_none()
    if before is not None:
        return _repeated(session, before, told, facts, actor, at)
    row = _row(session, told, facts, sender_id, actor, at)
    session.add(row)
    session.add_all(_line(row.id, line) for line in told.document.lines)
    session.flush()
    match_one(session, row, at)
    _tell(session, row, "export_registration.accepted", actor, at)
    return Registered(row, created=True)


def lines_of(session: Session, registration_id: int) -> Sequence[ExportRegistrationLine]:
    """The goods lines of a registration in order."""
    table = ExportRegistrationLine
    return session.scalars(select(table).where(table.registration_id == registration_id).order_by(table.gnum)).all()


def _checked(session: Session, told: Submission, at: datetime) -> _Facts:
    """Every check that does not depend on who asks; raises `DomainError` with all findings."""
    document = told.document
    app_time = _app_time(document.head.get("appTime", ""))
    on = china_day(app_time or at)
    findings = [*told.findings, *document.findings, *_contents(session, document, on, at)]
    said = frozenset(finding.pointer for finding in findings if finding.severity is Severity.ERROR)
    findings += rules.incomplete(document.head, document.lines, said)
    parties = subjects_by_codes(session, {document.head.get(name, "") for name in _PARTIES} - {""}, on)
    named = {name: parties[code] for name in _PARTIES if (code := document.head.get(name, "")) in parties}
    return_time = _return_time(told.time)
    findings += _office(session, document, named, on)
    findings += _customs(told, document.head.get("customsCode", ""), app_time, return_time, at)
    if has_errors(findings) or app_time is None or return_time is None:
        raise DomainError(*findings)
    return _Facts(on, app_time, return_time, named)


def _contents(session: Session, document: ReadDocument, on: date, at: datetime) -> list[Finding]:
    """The field table's checks; the numbers that customs gave are no fault here, unlike on a new declaration."""
    bare = {name: value for name, value in document.head.items() if name not in ("preNo", "invtNo")}
    looked_at = ReadDocument(0, document.element, bare, document.lines, list(document.findings))
    return check_document(_SPEC, looked_at, codes_snapshot(session), on, at)


def _office(session: Session, document: ReadDocument, named: Mapping[str, SubjectFacts], on: date) -> list[Finding]:
    consignor = named.get("ebcCode")
    if consignor is None or _zone(consignor) is None:
        code = cut(document.head.get("ebcCode", ""))
        return [rules.CU8106.at(f"{_HEAD_AT}/ebcCode", code=code)]
    office = zone_offices(session, on).get(document.head.get("customsCode", ""))
    if office is not None and office.zone_code in consignor.member_of:
        return [rules.CU8101.at(f"{_HEAD_AT}/customsCode", office=office.office_code)]
    return []


def _customs(
    told: Submission, office: str, app_time: datetime | None, return_time: datetime | None, at: datetime
) -> list[Finding]:
    """Customs' number, state and time."""
    found = []
    if not rules.number_fits(told.invt_no, office):
        found.append(rules.CU8102.at("/invt_no", number=cut(told.invt_no), office=cut(office) or "—"))
    inside = told.document.head.get("invtNo")
    if inside and inside != told.invt_no:
        facts = {"element": "invtNo", "found": cut(told.invt_no), "expected": cut(inside)}
        found.append(rules.CU8109.at(f"{_HEAD_AT}/invtNo", **facts))
    if told.status not in rules.EXPORTED:
        allowed = "、".join(rules.EXPORTED)
        found.append(rules.CU8103.at("/response/status", status=cut(told.status), allowed=allowed))
    if return_time is None or return_time > at + AHEAD or (app_time is not None and return_time < app_time):
        found.append(rules.CU8104.at("/response/time", time=cut(told.time)))
    return found


def _app_time(written: str) -> datetime | None:
    return _return_time(f"{written}000")


def _return_time(written: str) -> datetime | None:
    parts = read_time(written)
    return datetime(*parts, tzinfo=CHINA) if parts else None


def _zone(consignor: SubjectFacts) -> str | None:
    return consignor.zone_code or min(consignor.member_of, default=None)


def _may_register(session: Session, facts: _Facts, sender_id: int, at: datetime) -> None:
    """The consignor itself, or a firm that holds its mandate for checklists today."""
    consignor, on = facts.consignor, china_day(at)
    if sender_id == consignor.id:
        return
    held = mandates_between(session, [(consignor.id, sender_id)], on).get((consignor.id, sender_id), frozenset())
    if not {CHECKLIST, "*"} & held:
        finding = rules.CU8105.at(f"{_HEAD_AT}/ebcCode", consignor=consignor.name, on=on.isoformat())
        raise NotAllowedError(finding)


def _repeated(
    session: Session, row: ExportRegistration, told: Submission, facts: _Facts, actor: str, at: datetime
) -> Registered:
    if row.consignor_id != facts.consignor.id:
        raise ConflictError(rules.CU8110.at("/invt_no", number=told.invt_no))
    content = rules.content(told.document.head, told.document.lines)
    if rules.digest(content) != row.digest:
        first = rules.content(row.head, [line_texts(line) for line in lines_of(session, row.id)])
        places = rules.differing(first, content)
        raise ConflictError(rules.CU8108.at("/document", number=told.invt_no, fields="、".join(places[:20]) or "—"))
    changed = facts.return_time > row.return_time
    if changed:
        row.state, row.return_time, row.return_info = told.status, facts.return_time, told.info
        row.response, row.changed_at = told.response or row.response, at
        session.flush()
        _tell(session, row, "export_registration.answered", actor, at)
    match_one(session, row, at)
    return Registered(row, created=False, changed=changed)


def _row(
    session: Session, told: Submission, facts: _Facts, sender_id: int, actor: str, at: datetime
) -> ExportRegistration:
    head, lines = told.document.head, told.document.lines
    named = {name: one.id for name, one in facts.parties.items()}
    return ExportRegistration(
        id=new_ids(session, 1, china_day(at))[0],
        invt_no=told.invt_no,
        source=rules.SOURCE,
        zone_code=_zone(facts.consignor),
        customs_code=head["customsCode"],
        consignor_id=facts.consignor.id,
        declarant_id=named.get("agentCode"),
        carrier_id=named.get("logisticsCode"),
        platform_id=named.get("ebpCode"),
        sender_id=sender_id,
        order_no=head["orderNo"],
        ebp_code=head["ebpCode"],
        logistics_no=head["logisticsNo"],
        cop_no=head["copNo"],
        trade_mode=head["tradeMode"],
        flag=head["statisticsFlag"],
        country=head["country"],
        export_on=_day(head["ieDate"]),
        app_time=facts.app_time,
        currency=lines[0]["currency"],
        total_price=sum((Decimal(line["totalPrice"]) for line in lines), Decimal(0)),
        gross_weight=Decimal(head["grossWeight"]),
        pack_no=int(head["packNo"]),
        head={name: value for name, value in head.items() if value},
        digest=rules.digest(rules.content(head, lines)),
        state=told.status,
        return_time=facts.return_time,
        return_info=told.info,
        response=told.response,
        findings=[],
        registered_at=at,
        registered_by=actor,
        changed_at=at,
    )


def _day(written: str) -> date:
    return date(int(written[:4]), int(written[4:6]), int(written[6:8]))


def _line(registration_id: int, line: Mapping[str, str]) -> ExportRegistrationLine:
    values = {column(field.element): _value(field, line.get(field.element, "")) for field in _SPEC.list_fields}
    return ExportRegistrationLine(registration_id=registration_id, **values)


def _value(field: FieldSpec, written: str) -> Any:
    if not written and not field.required:
        return None
    if field.kind == "decimal":
        return Decimal(written)
    return int(written) if field.kind == "integer" else written


def line_texts(line: ExportRegistrationLine) -> dict[str, str]:
    """A stored line as it was told; numbers in their shortest form."""
    found = {}
    for field in _SPEC.list_fields:
        value = getattr(line, column(field.element))
        if value is not None:
            found[field.element] = format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)
    return found


def _tell(session: Session, row: ExportRegistration, kind: str, actor: str, at: datetime) -> None:
    append_events(
        session,
        [
            NewEvent(
                at=at,
                kind=kind,
                subject_type="export_registration",
                subject_id=row.id,
                source="party",
                actor=actor,
                state=row.state,
                zone_code=row.zone_code,
                consignor_id=row.consignor_id,
                declarant_id=row.declarant_id,
                sender_id=row.sender_id,
                data={"invt_no": row.invt_no, "declared": rules.SOURCE, "info": row.return_info},
            )
        ],
    )
