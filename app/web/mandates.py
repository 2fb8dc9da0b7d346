"""A firm's mandates (代理报关委托书): those it gave and holds, giving one, ending one.

The same list and form, entered on the strength of a paper, stand on a subject's page for administrators.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import Role, allow, person
from app.api.fields import own_enterprise
from app.i18n import said, t
from app.session import unit_of_work
from app.web.forms import EMPTY, FormState, day_of, day_or_none, sent, text_of
from common import clock
from common.findings import DomainError, NotAllowedError
from credit import mandates
from credit.refusals import CR0008, CR0025
from credit.subjects import SubjectFacts, subjects_by_codes, subjects_by_ids
from credit.tables import Mandate
from customs.messages.fields import MESSAGES

blueprint = Blueprint("mandates", __name__, url_prefix="/mandates")

FIRMS = (Role.SELLER, Role.PLATFORM, Role.AGENT, Role.LOGISTICS, Role.PAYMENT)
MOST = 200
"""The most mandates that a page lists; a firm has a handful."""


@blueprint.get("")
@allow(*FIRMS)
def index() -> str:
    """The own firm's mandates, given and held."""
    return _page(EMPTY)


@blueprint.post("")
@allow(*FIRMS)
def grant() -> Response | tuple[str, int]:
    """Give an agent a mandate of the own firm."""
    try:
        with unit_of_work() as session:
            agent = granted(session, own_enterprise(person()))
    except DomainError as error:
        return _page(sent(error=error)), error.status
    flash(t("mandates.granted", agent=agent.name), "good")
    return redirect(url_for("mandates.index"))


@blueprint.post("/<int(max=9007199254740991):mandate_id>/revoke")
@allow(*FIRMS)
def revoke(mandate_id: int) -> Response | tuple[str, int]:
    """End a mandate that the own firm gave: it covers nothing from today on."""
    own = own_enterprise(person())
    with unit_of_work() as session:
        row = mandates.mandate_of(session, mandate_id, own)
        if row.principal_id != own:
            raise NotAllowedError(CR0025.at(""))
    try:
        with unit_of_work() as session:
            mandates.revoke(session, mandate_id, by=person().actor, at=clock.now())
    except DomainError as error:
        return _page(FormState(findings=tuple(error.findings))), error.status
    flash(t("mandates.revoked"), "good")
    return redirect(url_for("mandates.index"))


def _page(form: FormState) -> str:
    own = own_enterprise(person())
    with unit_of_work() as session:
        shown = listed(session, mandates.list_mandates(session, own, limit=MOST))
    return render_template(
        "mandates/index.html",
        given=[one for one in shown if one["row"].principal_id == own],
        held=[one for one in shown if one["row"].agent_id == own],
        ends=lambda row: url_for("mandates.revoke", mandate_id=row.id) if row.revoked_on is None else None,
        never=lambda row: None,
        form=form,
        types=choices(),
        chosen=request.form.getlist("message_types"),
        standing=mandates.STANDING_SUMMARY,
        today=clock.today(),
    )


def granted(session: Session, principal_id: int) -> SubjectFacts:
    """Write the mandate of the request's form and give its agent; raises `DomainError` with what is wrong."""
    code = text_of("agent", 18)
    agent = subjects_by_codes(session, [code], clock.today()).get(code)
    if agent is None:
        raise DomainError(CR0008.at("/agent"))
    types = tuple(request.form.getlist("message_types"))
    asked = mandates.NewMandate(principal_id, agent.id, types, day_of("mandate_from"), day_or_none("mandate_to"))
    mandates.grant(session, asked, by=person().actor, at=clock.now())
    return agent


def choices() -> list[tuple[str, str]]:
    """What a mandate may cover, with its name."""
    types = [(one, _named(one)) for one in mandates.MESSAGE_TYPES]
    return [(mandates.ALL, ""), *types, (mandates.STANDING_SUMMARY, "")]


def _named(type: str) -> str:
    return said(MESSAGES[type].name)


def listed(session: Session, rows: Sequence[Mandate]) -> list[dict[str, Any]]:
    """Mandates with the names of both sides and of their messages, and whether each is in force today."""
    today = clock.today()
    ids = {one for row in rows for one in (row.principal_id, row.agent_id)}
    names = {id: facts.name for id, facts in subjects_by_ids(session, ids, today).items()}
    return [
        {
            "row": row,
            "principal": names.get(row.principal_id, "—"),
            "agent": names.get(row.agent_id, "—"),
            "types": {one: _named(one) for one in row.message_types if one in MESSAGES},
            "now": row.valid_from <= today
            and (row.valid_to is None or row.valid_to >= today)
            and (row.revoked_on is None or row.revoked_on > today),
        }
        for row in rows
    ]
