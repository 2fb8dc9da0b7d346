"""Working days: what a deadline that "moves to the next working day" rests on. Pure: no session, no clock.

A calendar says of the days it knows whether they are worked: the week decides, except where the official arrangement
(国务院节假日安排) names a day off or a made-up working day (调休上班). A year whose arrangement nobody has loaded is
not known, and no day of it is guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

_SATURDAY = 5


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The official calendar as far as it is known.

    `days`: days on which the arrangement departs from the week, True for a day off, False for a made-up working day.
    `years`: the years whose arrangement is known in whole.
    """

    days: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def knows(self, year: int) -> bool:
        """Whether the year's official arrangement is known."""
        return year in self.years

    def works(self, day: date) -> bool | None:
        """Whether `day` is a working day; None where neither the day nor its year is known."""
        off = self.days.get(day)
        if off is not None:
            return not off
        return day.weekday() < _SATURDAY if self.knows(day.year) else None

    def on_or_after(self, day: date) -> date | None:
        """The first working day that is `day` or later; None where the search meets a day that is not known."""
        works = self.works(day)
        while works is False:
            day += timedelta(days=1)
            works = self.works(day)
        return day if works else None
