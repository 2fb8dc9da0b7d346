"""The working-day calendar of this installation: the administrator's table first, then what a library publishes.

`chinesecalendar` carries the arrangements of past years up to the last published one. A year that the administrator
has loaded is taken from the table alone, so that a correction or a newer arrangement always wins.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from chinese_calendar.constants import holidays, workdays
from sqlalchemy.orm import Session

from common.holidays import holiday_days, loaded_years
from common.workdays import WorkCalendar


@lru_cache(maxsize=1)
def published_calendar() -> WorkCalendar:
    """The arrangements that come with the library."""
    days = dict.fromkeys(holidays, True) | dict.fromkeys(workdays, False)
    return WorkCalendar(days, frozenset(day.year for day in days))


def work_calendar(session: Session) -> WorkCalendar:
    """The calendar to count working days with in this session."""
    return merged(holiday_days(session), loaded_years(session))


def merged(loaded: dict[date, bool], years: frozenset[int]) -> WorkCalendar:
    """The published calendar with the loaded years put in place of its own."""
    published = published_calendar()
    kept = {day: off for day, off in published.days.items() if day.year not in years}
    return WorkCalendar(kept | loaded, published.years | years)
