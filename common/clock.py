"""The only source of the present instant.

Everything that needs "now" asks here; an architecture test forbids `now()` and `today()` elsewhere, SQL included.
In demo mode the clock may run ahead of or behind the real one by a fixed offset (interfaces.md §1, `ZONE_NOW`):
the supervisor computes the offset once and hands it to every process as `ZONE_CLOCK_OFFSET` (seconds).
"""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "CST")
"""China Standard Time: no daylight saving, one zone for the whole country."""


class _Offset:
    """How far this process's clock stands from the real one."""

    value = timedelta(seconds=float(os.environ.get("ZONE_CLOCK_OFFSET", "0")))


def now() -> datetime:
    """The present instant, aware, in China time."""
    return datetime.now(CHINA) + _Offset.value


def today() -> date:
    """The present day in China."""
    return now().date()


def set_offset(offset: timedelta) -> None:
    """Move this process's clock; used by the supervisor, the command line and tests."""
    _Offset.value = offset


def offset() -> timedelta:
    """The offset in force, so that a parent can hand it to its children."""
    return _Offset.value


def china_day(at: datetime) -> date:
    """The China-time day on which an aware instant falls."""
    return at.astimezone(CHINA).date()


FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
"""The days that people may name. Next days, months and zones of any of them are days that exist."""


def day_written(written: str) -> date:
    """A day as people write it (`YYYY-MM-DD`); raises `ValueError` for anything else and for days far away."""
    day = date.fromisoformat(written)
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError(f"{written} is not between {FIRST_DAY} and {LAST_DAY}")
    return day
