"""The official calendar (国务院节假日安排): days off and make-up working days, as an administrator loaded them.

A year counts as loaded when its official arrangement is; only then is a deadline that rests on working days final.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from common.db import Base
from common.reference import versions

NAME = "calendar"
HOLIDAY = "holiday"
WORKDAY = "workday"


class CalendarDay(Base):
    """A day on which the official calendar departs from the week."""

    __tablename__ = "calendar_day"
    __table_args__ = (CheckConstraint(f"kind IN ('{HOLIDAY}', '{WORKDAY}')", name="kind"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    """`holiday`: a day off; `workday`: a Saturday or Sunday on which work is made up (调休上班)."""
    year: Mapped[int]
    """The year whose official arrangement names the day; the last days of December may belong to the next."""
    name_zh: Mapped[str] = mapped_column(String(60))
    name_en: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(200))
    loaded_at: Mapped[datetime]
    loaded_by: Mapped[str] = mapped_column(String(100))


class _Cache:
    """This process's newest reading of the table."""

    version = -1
    days: dict[date, bool] = {}  # noqa: RUF012 - replaced as a whole
    years: frozenset[int] = frozenset()


def holiday_days(session: Session) -> dict[date, bool]:
    """Every loaded day: True for a day off, False for a make-up working day."""
    return _current(session).days


def loaded_years(session: Session) -> frozenset[int]:
    """The years whose official calendar is loaded."""
    return _current(session).years


def _current(session: Session) -> type[_Cache]:
    version = versions(session).get(NAME, 0)
    if _Cache.version != version:
        rows = session.execute(select(CalendarDay.day, CalendarDay.kind, CalendarDay.year)).all()
        _Cache.days = {day: kind == HOLIDAY for day, kind, _ in rows}
        _Cache.years = frozenset(year for _, _, year in rows)
        _Cache.version = version
    return _Cache
