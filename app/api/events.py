"""The feed of events over the API: my records, in order, re-readable (interfaces.md §3)."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint

from app.access import allow_signed_in
from app.api.checklists import event_view
from app.api.viewing import viewer
from app.session import unit_of_work
from common.findings import DomainError, rule
from customs.queries.feed import MOST, PAGE, Cursor, feed

blueprint = Blueprint("api_events", __name__, url_prefix="/api/v1", description="The feed of events")

SY0401 = rule(
    "SY0401",
    title=("游标不对", "Not a cursor"),
    say=(
        "“{value}”不是本接口给出的游标。请用上一页的next，或不填从头读起。",
        "“{value}” is no cursor of this feed. Send the `next` of the page before, or leave it out to begin anew.",
    ),
    basis="平台接口约定",
    kind="format",
)


class FeedQuery(ma.Schema):
    """Where to go on: `after` is the `next` of the page before."""

    after = ma.fields.String(load_default="", validate=ma.validate.Length(max=60))
    limit = ma.fields.Integer(load_default=PAGE, validate=ma.validate.Range(1, MOST))


@blueprint.get("/events")
@allow_signed_in
@blueprint.arguments(FeedQuery, location="query")
def read_events(asked: dict[str, Any]) -> dict[str, Any]:
    """The next events of one's firm or zones; `next` stays the same while nothing new has happened."""
    after = Cursor.parse(asked["after"]) if asked["after"] else None
    if asked["after"] and after is None:
        raise DomainError(SY0401.at("/after", value=asked["after"][:40]))
    who = viewer()
    with unit_of_work() as session:
        found = feed(session, who, after, asked["limit"])
        items = [
            {
                "cursor": str(one.cursor),
                "subject": {"type": one.event.subject_type, "id": one.event.subject_id},
                **event_view(one.event, who),
            }
            for one in found
        ]
    return {"items": items, "next": items[-1]["cursor"] if items else asked["after"] or None}
