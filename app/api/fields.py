"""Schemas and small readers that several API modules share."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

import marshmallow as ma

from app.access import Person, Role, person
from app.access.rules import SY0003
from common.clock import CHINA, FIRST_DAY, LAST_DAY
from common.findings import NotAllowedError

MONTH = ma.validate.Regexp(r"^(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])\Z")
"""A month `YYYY-MM`, within the days that may be named."""


class Day(ma.fields.Date):
    """A day that may be named: from 1900 to 2999, so that the days around it exist too."""

    def __init__(self, **options: Any) -> None:
        super().__init__(validate=ma.validate.Range(FIRST_DAY, LAST_DAY), **options)


class Instant(ma.fields.AwareDateTime):
    """An instant of such a day; without a zone it is China time."""

    def __init__(self, **options: Any) -> None:
        first, last = (datetime.combine(day, time(), CHINA) for day in (FIRST_DAY, LAST_DAY))
        super().__init__(default_timezone=CHINA, validate=ma.validate.Range(first, last), **options)


class PageQuery(ma.Schema):
    """A page of a list: `after` is the `next` of the page before."""

    after = ma.fields.Integer(load_default=0, validate=ma.validate.Range(0, 2**53))
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 500))


class DayQuery(ma.Schema):
    """The day that is asked about; today without it."""

    on = Day(load_default=None, allow_none=True)


def page_view(items: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    """A page of a list ordered by id, with the cursor of the next one."""
    return {"items": items, "next": items[-1]["id"] if len(items) == limit else None}


def administrator() -> bool:
    """Whether the asking person looks after the installation."""
    return person().role == Role.ADMINISTRATOR


def own_enterprise(who: Person) -> int:
    """The id of the person's enterprise; raises `NotAllowedError` where there is none."""
    if who.enterprise_id is None:
        raise NotAllowedError(SY0003.at(""))
    return who.enterprise_id
