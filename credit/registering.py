"""Registering subjects and changing what is dated about them (信息备案).

A change closes the open row the day before and adds the next one; a change that does not come after the last one is
refused, so what was decided on stays as it was.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum.cn import ric, uscc

from common.findings import ConflictError, DomainError, Finding, NotFoundError
from credit.identity import IdentityKeys, mask
from credit.refusals import CR0001, CR0002, CR0003, CR0004, CR0005, CR0006, CR0007, CR0008, CR0010
from credit.tables import Park, Subject, SubjectCode, SubjectName, SubjectRole, SubjectTrait, ZoneMembership
from credit.zones import require_zone

KINDS = ("firm", "sole_trader", "individual", "bank", "department")
ROLES = ("seller", "platform", "logistics", "payment", "agent", "operator")
TRAITS: dict[str, tuple[str, ...]] = {
    "filing": ("declaring_unit", "information"),
    "trade_kind": ("producer", "trader"),
    "taxpayer_kind": ("general", "small_scale"),
    "customs_grade": ("高级认证企业", "认证企业", "常规企业", "失信企业", "严重失信企业"),
}
"""Dated facts with one value at a time: kind of customs filing, producer or trader, kind of taxpayer, customs grade."""

_CUSTOMS_CODE = re.compile(r"[0-9]{4}[0-9A-Z]{6}")


@dataclass(frozen=True, slots=True)
class NewSubject:
    """What is said at registration; `id_number` belongs to individuals, the codes to everybody else."""

    kind: str
    name: str
    uscc: str | None = None
    customs_code: str | None = None
    id_number: str | None = None
    roles: tuple[str, ...] = ()
    filing: str | None = None
    trade_kind: str | None = None
    taxpayer_kind: str | None = None
    customs_grade: str | None = None
    zone_code: str | None = None
    park_id: int | None = None
    dxp_id: str | None = None


def register_subject(session: Session, new: NewSubject, *, on: date, keys: IdentityKeys | None = None) -> Subject:
    """Add a subject from `on`; raises `DomainError` with all findings, `ConflictError` for a code already taken."""
    findings = check_new(new)
    if findings:
        raise DomainError(*findings)
    subject = Subject(kind=new.kind, registered_on=on, dxp_id=new.dxp_id)
    if new.id_number:
        _keep_id_number(session, subject, new.id_number, keys)
    session.add(subject)
    session.flush()
    session.add(SubjectName(subject_id=subject.id, name=new.name.strip(), valid_from=on))
    for scheme, code in (("uscc", new.uscc), ("customs", new.customs_code)):
        if code:
            _add_code(session, subject.id, scheme, code, on)
    for role in dict.fromkeys(new.roles):
        session.add(SubjectRole(subject_id=subject.id, role=role, valid_from=on))
    for trait in TRAITS:
        value = getattr(new, trait)
        if value:
            session.add(SubjectTrait(subject_id=subject.id, trait=trait, value=value, valid_from=on))
    if new.zone_code:
        join_zone(session, subject.id, new.zone_code, on=on, park_id=new.park_id, home=True)
    session.flush()
    return subject


def check_new(new: NewSubject) -> list[Finding]:
    """Everything wrong with a registration that can be told without the database."""
    findings = []
    if new.kind not in KINDS:
        findings.append(_not_one_of("/kind", new.kind, KINDS))
    if not new.name.strip():
        findings.append(CR0005.at("/name", missing="名称 name"))
    if new.kind == "individual":
        findings += _check_individual(new)
    elif not new.uscc:
        findings.append(CR0005.at("/uscc", missing="统一社会信用代码 uscc"))
    if new.uscc and not uscc.is_valid(new.uscc):
        findings.append(CR0001.at("/uscc", code=new.uscc))
    if new.customs_code and not _CUSTOMS_CODE.fullmatch(new.customs_code):
        findings.append(CR0002.at("/customs_code", code=new.customs_code))
    findings += [_not_one_of("/roles", role, ROLES) for role in new.roles if role not in ROLES]
    for trait, allowed in TRAITS.items():
        value = getattr(new, trait)
        if value and value not in allowed:
            findings.append(_not_one_of(f"/{trait}", value, allowed))
    return findings


def _check_individual(new: NewSubject) -> list[Finding]:
    if not new.id_number:
        return [CR0005.at("/id_number", missing="身份证号码 id_number")]
    return [] if len(new.id_number) == 18 and ric.is_valid(new.id_number) else [CR0004.at("/id_number")]


def _not_one_of(pointer: str, value: str, allowed: tuple[str, ...]) -> Finding:
    return CR0006.at(pointer, value=value, allowed="、".join(allowed))


def _keep_id_number(session: Session, subject: Subject, number: str, keys: IdentityKeys | None) -> None:
    if keys is None:
        raise ValueError("registering an individual needs the installation's identity keys")
    number = number.upper()
    if find_individual(session, number, keys) is not None:
        raise ConflictError(CR0003.at("/id_number", code=mask(number)))
    subject.id_number_cipher = keys.encrypt(number, secrets.token_bytes(12))
    subject.id_number_hash = keys.hash(number)
    subject.id_number_mask = mask(number)


def find_individual(session: Session, number: str, keys: IdentityKeys) -> Subject | None:
    """The resident individual with this identity number."""
    return session.scalars(select(Subject).where(Subject.id_number_hash == keys.hash(number))).one_or_none()


def rename(session: Session, subject_id: int, name: str, *, on: date) -> None:
    """Give a subject a new name from `on`; the old one stays on record for its days."""
    if not name.strip():
        raise DomainError(CR0005.at("/name", missing="名称 name"))
    require_subject(session, subject_id)
    _close(session, SubjectName, on, subject_id=subject_id)
    session.add(SubjectName(subject_id=subject_id, name=name.strip(), valid_from=on))
    session.flush()


def replace_code(session: Session, subject_id: int, scheme: str, code: str, *, on: date) -> None:
    """Give a subject the successor of its `uscc` or `customs` code from `on`."""
    valid = uscc.is_valid(code) if scheme == "uscc" else bool(_CUSTOMS_CODE.fullmatch(code))
    if not valid:
        raise DomainError((CR0001 if scheme == "uscc" else CR0002).at("/code", code=code))
    require_subject(session, subject_id)
    _close(session, SubjectCode, on, subject_id=subject_id, scheme=scheme)
    _add_code(session, subject_id, scheme, code, on)


def _add_code(session: Session, subject_id: int, scheme: str, code: str, on: date) -> None:
    taken = session.scalar(
        select(SubjectCode.subject_id).where(
            SubjectCode.code == code, SubjectCode.valid_to.is_(None) | (SubjectCode.valid_to >= on)
        )
    )
    if taken is not None:
        raise ConflictError(CR0003.at("/code", code=code))
    session.add(SubjectCode(subject_id=subject_id, scheme=scheme, code=code, valid_from=on))
    session.flush()


def set_trait(session: Session, subject_id: int, trait: str, value: str | None, *, on: date) -> None:
    """Set a trait from `on`, or end it with None; the value it has already is left alone."""
    allowed = TRAITS.get(trait)
    if allowed is None:
        raise DomainError(_not_one_of("/trait", trait, tuple(TRAITS)))
    if value is not None and value not in allowed:
        raise DomainError(_not_one_of("/value", value, allowed))
    require_subject(session, subject_id)
    open_row = _open(session, SubjectTrait, subject_id=subject_id, trait=trait)
    if (open_row.value if open_row else None) == value:
        return
    _close(session, SubjectTrait, on, subject_id=subject_id, trait=trait)
    if value is not None:
        session.add(SubjectTrait(subject_id=subject_id, trait=trait, value=value, valid_from=on))
    session.flush()


def add_role(session: Session, subject_id: int, role: str, *, on: date) -> None:
    """Let a subject play a role from `on`; one it plays already is left alone."""
    if role not in ROLES:
        raise DomainError(_not_one_of("/role", role, ROLES))
    require_subject(session, subject_id)
    if _open(session, SubjectRole, subject_id=subject_id, role=role) is None:
        session.add(SubjectRole(subject_id=subject_id, role=role, valid_from=on))
        session.flush()


def end_role(session: Session, subject_id: int, role: str, *, on: date) -> None:
    """End a role: the day before `on` is its last."""
    _close(session, SubjectRole, on, subject_id=subject_id, role=role)


def join_zone(
    session: Session, subject_id: int, zone_code: str, *, on: date, park_id: int | None = None, home: bool = False
) -> None:
    """Make a subject a member of a zone from `on`; as `home` its former home becomes an ordinary membership."""
    require_zone(session, zone_code)
    park = session.get(Park, park_id) if park_id is not None else None
    if park_id is not None and (park is None or park.zone_code != zone_code):
        raise DomainError(CR0010.at("/park_id"))
    former = _open(session, ZoneMembership, subject_id=subject_id, home=True)
    _close(session, ZoneMembership, on, subject_id=subject_id, zone_code=zone_code)
    if home and former is not None and former.zone_code != zone_code:
        _close(session, ZoneMembership, on, subject_id=subject_id, zone_code=former.zone_code)
        session.add(
            ZoneMembership(
                subject_id=subject_id,
                zone_code=former.zone_code,
                park_id=former.park_id,
                home=False,
                valid_from=on,
            )
        )
    session.add(ZoneMembership(subject_id=subject_id, zone_code=zone_code, park_id=park_id, home=home, valid_from=on))
    session.flush()


def leave_zone(session: Session, subject_id: int, zone_code: str, *, on: date) -> None:
    """End a membership: the day before `on` is its last."""
    _close(session, ZoneMembership, on, subject_id=subject_id, zone_code=zone_code)


def require_subject(session: Session, subject_id: int) -> Subject:
    """The subject; raises `NotFoundError`."""
    subject = session.get(Subject, subject_id)
    if subject is None:
        raise NotFoundError(CR0008.at(""))
    return subject


def _open(session: Session, table: Any, **which: Any) -> Any:
    return session.scalars(select(table).filter_by(**which).where(table.valid_to.is_(None))).one_or_none()


def _close(session: Session, table: Any, on: date, **which: Any) -> None:
    row = _open(session, table, **which)
    if row is None:
        return
    if row.valid_from >= on:
        raise ConflictError(CR0007.at("/on", since=row.valid_from.isoformat()))
    row.valid_to = on - timedelta(days=1)
    session.flush()
