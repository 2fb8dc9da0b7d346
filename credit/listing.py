"""Finding subjects for lists: by zone, role, name or code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from credit.subjects import SubjectFacts, subjects_by_ids
from credit.tables import Subject, SubjectCode, SubjectName, SubjectRole, SubjectTrait, ZoneMembership


@dataclass(frozen=True, slots=True)
class SubjectFilters:
    """What is wanted; an empty filter lets everything through. `text` is part of a name, or a whole code."""

    zone_code: str = ""
    role: str = ""
    kind: str = ""
    text: str = ""


def find_subjects(
    session: Session, filters: SubjectFilters, on: date, *, after: int = 0, limit: int = 100
) -> list[SubjectFacts]:
    """A page of subjects as they are on the day, by id."""
    query = select(Subject.id).where(Subject.id > after).order_by(Subject.id).limit(limit)
    if filters.kind:
        query = query.where(Subject.kind == filters.kind)
    if filters.zone_code:
        query = query.where(_has(ZoneMembership, on, ZoneMembership.zone_code == filters.zone_code))
    if filters.role:
        query = query.where(_has(SubjectRole, on, SubjectRole.role == filters.role))
    if filters.text:
        named = _has(SubjectName, None, SubjectName.name.contains(filters.text, autoescape=True))
        query = query.where(or_(named, _has(SubjectCode, None, SubjectCode.code == filters.text.upper())))
    ids = session.scalars(query).all()
    found = subjects_by_ids(session, ids, on)
    return [found[one] for one in ids]


def _has(table: Any, on: date | None, condition: Any) -> Any:
    query = select(table.id).where(table.subject_id == Subject.id, condition)
    if on is not None:
        query = query.where(table.valid_from <= on, or_(table.valid_to.is_(None), table.valid_to >= on))
    return query.exists()


def history(session: Session, subject_id: int) -> list[dict[str, Any]]:
    """Every dated row of a subject, newest first: what, value, from, to."""
    sources: tuple[tuple[Any, Any, Any], ...] = (
        (SubjectName, "name", SubjectName.name),
        (SubjectCode, SubjectCode.scheme, SubjectCode.code),
        (SubjectRole, "role", SubjectRole.role),
        (SubjectTrait, SubjectTrait.trait, SubjectTrait.value),
        (ZoneMembership, "zone", ZoneMembership.zone_code),
    )
    rows: list[dict[str, Any]] = []
    for table, what, value in sources:
        found: list[Any] = list(session.scalars(select(table).where(table.subject_id == subject_id)))
        for row in found:
            rows.append(
                {
                    "what": what if isinstance(what, str) else getattr(row, what.key),
                    "value": getattr(row, value.key),
                    "from": row.valid_from,
                    "to": row.valid_to,
                }
            )
    return sorted(rows, key=lambda row: (row["from"], row["what"]), reverse=True)
