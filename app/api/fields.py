"""Schemas and small readers that several API modules share."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from app.access import Person, Role, person
from app.access.rules import SY0003
from common.findings import NotAllowedError


class PageQuery(ma.Schema):
    """A page of a list: `after` is the `next` of the page before."""

    after = ma.fields.Integer(load_default=0, validate=ma.validate.Range(0, 2**53))
    limit = ma.fields.Integer(load_default=100, validate=ma.validate.Range(1, 500))


class DayQuery(ma.Schema):
    """The day that is asked about; today without it."""

    on = ma.fields.Date(load_default=None, allow_none=True)


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
