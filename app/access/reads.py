"""Reads of somebody else's data: one audit entry per request and subject, written after the answer is ready."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, g
from werkzeug.wrappers import Response

from app.access.persons import person
from app.session import unit_of_work
from common import clock
from common.audit import Deed, record


def saw(subject_type: str, subject_id: int | str, *, zone_code: str | None, owners: Iterable[int | None]) -> None:
    """Say that the asking person is shown a record of `owners`; an owner's own look leaves no entry."""
    who = person()
    if not who.signed_in or (who.enterprise_id is not None and who.enterprise_id in owners):
        return
    seen: dict[tuple[str, str], Deed] = g.setdefault("seen", {})
    seen[subject_type, str(subject_id)] = Deed("read", subject_type, str(subject_id), zone_code)


def write_reads(response: Response) -> Response:
    """Write the entries of this request, unless it was refused."""
    seen: dict[tuple[str, str], Deed] = g.pop("seen", {})
    if seen and response.status_code < 400:
        at, actor, request_id = clock.now(), person().actor, g.get("request_id")
        with unit_of_work() as session:
            for deed in seen.values():
                record(session, deed, actor=actor, at=at, request_id=request_id)
    return response


def install(app: Flask) -> None:
    """Write reads after every request."""
    app.after_request(write_reads)
