"""Subjects: who is registered, one with its history and mandates, registering and changing by date."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.access import Role, allow, person
from app.access.keys import identity_keys
from app.access.reads import saw
from app.api.subjects import apply_change
from app.i18n import t
from app.session import unit_of_work
from app.web.admin_zones import actor_names
from app.web.forms import EMPTY, FormState, asked_cursor, day_of, number_or_none, sent, text_of
from app.web.mandates import choices, granted, listed
from common import clock
from common.findings import DomainError, NotFoundError
from credit import mandates, registering
from credit.listing import SubjectFilters, find_subjects, history
from credit.refusals import CR0006, CR0008
from credit.registering import KINDS, ROLES, TRAITS, NewSubject
from credit.subjects import subjects_by_ids
from credit.tables import Mandate
from credit.zones import all_zones, parks_on

blueprint = Blueprint("admin_subjects", __name__, url_prefix="/admin/subjects")

READERS = (Role.ADMINISTRATOR, Role.DATA_STEWARD, Role.ZONE_MANAGER)
KEEPERS = (Role.ADMINISTRATOR, Role.DATA_STEWARD)
PAGE = 50
MOST_MANDATES = 200
CHANGES = ("name", "uscc", "customs_code", *TRAITS, "role", "end_role", "home_zone", "zone", "leave_zone")


@blueprint.get("")
@allow(*READERS)
def index() -> str:
    """A page of subjects by zone, role, kind, part of a name or whole code."""
    asked = _asked()
    after = request.args.get("after", "")
    with unit_of_work() as session:
        rows = find_subjects(
            session,
            SubjectFilters(**asked),
            clock.today(),
            after=asked_cursor() or 0,
            limit=PAGE,
        )
        for row in rows:
            saw("subject", row.id, zone_code=row.zone_code, owners=[row.id])
        zones = [one.code for one in all_zones(session)]
    return render_template(
        "admin/subjects.html",
        rows=rows,
        next=rows[-1].id if len(rows) == PAGE else None,
        asked=asked,
        first=not after,
        zones=zones,
        kinds=KINDS,
        roles=ROLES,
        may_change=person().role in KEEPERS,
    )


def _asked() -> dict[str, str]:
    """The filters of the address; words that are none of ours are left out."""
    given = request.args
    kind, role = given.get("kind", ""), given.get("role", "")
    return {
        "zone_code": given.get("zone", "")[:6],
        "kind": kind if kind in KINDS else "",
        "role": role if role in ROLES else "",
        "text": given.get("text", "").strip()[:100],
    }


@blueprint.get("/new")
@allow(*KEEPERS)
def new() -> str:
    """The form that registers a subject."""
    return _form(EMPTY)


@blueprint.post("/new")
@allow(*KEEPERS)
def register() -> Response | tuple[str, int]:
    """Register a subject from a day on; everything that is wrong is said at once."""
    try:
        asked = NewSubject(
            kind=text_of("kind"),
            name=text_of("name"),
            roles=tuple(request.form.getlist("roles")),
            park_id=number_or_none("park_id"),
            **{name: text_of(name) or None for name in _OPTIONAL},
        )
        on = day_of("on")
        with unit_of_work() as session:
            subject = registering.register_subject(session, asked, on=on, keys=identity_keys())
            subject_id = subject.id
    except DomainError as error:
        return _form(sent(error=error)), error.status
    flash(t("subjects.registered", name=asked.name), "good")
    return redirect(url_for("admin_subjects.show", subject_id=subject_id))


_OPTIONAL = ("uscc", "customs_code", "id_number", "zone_code", "dxp_id", *TRAITS)


def _form(form: FormState) -> str:
    with unit_of_work() as session:
        zones = [one.code for one in all_zones(session)]
        parks = parks_on(session, None, clock.today())
    return render_template(
        "admin/subject_new.html",
        form=form,
        kinds=KINDS,
        roles=ROLES,
        traits=TRAITS,
        zones=zones,
        parks=parks,
        today=clock.today(),
        chosen_roles=request.form.getlist("roles"),
    )


@blueprint.get("/<int(max=9007199254740991):subject_id>")
@allow(*READERS)
def show(subject_id: int) -> str:
    """A subject as it is today, everything that was ever said of it, and its mandates."""
    return _page(subject_id, EMPTY)


@blueprint.post("/<int(max=9007199254740991):subject_id>/changes")
@allow(*KEEPERS)
def change(subject_id: int) -> Response | tuple[str, int]:
    """Change one dated thing from a day on; what took effect before is not rewritten."""
    try:
        what = text_of("what")
        if what not in CHANGES:
            raise DomainError(CR0006.at("/what", value=what, allowed="、".join(CHANGES)))
        on, value = day_of("on"), text_of("value")
        with unit_of_work() as session:
            registering.require_subject(session, subject_id)
            apply_change(session, subject_id, what=what, value=value or None, on=on, park_id=number_or_none("park_id"))
    except NotFoundError:
        raise
    except DomainError as error:
        return _page(subject_id, sent(error=error)), error.status
    flash(t("subjects.changed", what=t(f"subjects.what.{what}"), on=on.isoformat()), "good")
    return redirect(url_for("admin_subjects.show", subject_id=subject_id))


@blueprint.post("/<int(max=9007199254740991):subject_id>/mandates")
@allow(Role.ADMINISTRATOR)
def grant(subject_id: int) -> Response | tuple[str, int]:
    """Write a mandate that this subject gives an agent, on the strength of a paper handed in."""
    try:
        with unit_of_work() as session:
            registering.require_subject(session, subject_id)
            agent = granted(session, subject_id)
    except NotFoundError:
        raise
    except DomainError as error:
        return _page(subject_id, sent(error=error)), error.status
    flash(t("subjects.granted", agent=agent.name), "good")
    return redirect(url_for("admin_subjects.show", subject_id=subject_id))


@blueprint.post("/<int(max=9007199254740991):subject_id>/mandates/<int(max=9007199254740991):mandate_id>/revoke")
@allow(Role.ADMINISTRATOR)
def revoke(subject_id: int, mandate_id: int) -> Response | tuple[str, int]:
    """End a mandate: it covers nothing from today on."""
    try:
        with unit_of_work() as session:
            mandates.mandate_of(session, mandate_id, subject_id)
            mandates.revoke(session, mandate_id, by=person().actor, at=clock.now())
    except NotFoundError:
        raise
    except DomainError as error:
        return _page(subject_id, FormState(findings=tuple(error.findings))), error.status
    flash(t("subjects.revoked"), "good")
    return redirect(url_for("admin_subjects.show", subject_id=subject_id))


def _page(subject_id: int, form: FormState) -> str:
    today = clock.today()
    with unit_of_work() as session:
        facts = subjects_by_ids(session, [subject_id], today).get(subject_id)
        if facts is None:
            raise NotFoundError(CR0008.at(""))
        saw("subject", facts.id, zone_code=facts.zone_code, owners=[facts.id])
        given = mandates.list_mandates(session, subject_id, limit=MOST_MANDATES)
        parks = {park.id: park for park in parks_on(session, None, today)}
        return render_template(
            "admin/subject.html",
            facts=facts,
            id_number=registering.require_subject(session, subject_id).id_number_mask,
            history=history(session, subject_id),
            mandates=listed(session, given),
            ends=_end_of(subject_id),
            chosen_types=request.form.getlist("message_types"),
            form=form,
            today=today,
            changes=[(one, t(f"subjects.what.{one}")) for one in CHANGES],
            traits=TRAITS,
            roles=ROLES,
            types=choices(),
            standing=mandates.STANDING_SUMMARY,
            zones=[one.code for one in all_zones(session)],
            parks=parks,
            setters=actor_names(session, (row.granted_by for row in given)),
            may_change=person().role in KEEPERS,
            may_grant=person().role == Role.ADMINISTRATOR,
        )


def _end_of(subject_id: int) -> Callable[[Mandate], str | None]:
    """Where a mandate of the list is ended; administrators only."""

    def address(row: Mandate) -> str | None:
        if person().role != Role.ADMINISTRATOR or row.revoked_on is not None:
            return None
        return url_for("admin_subjects.revoke", subject_id=subject_id, mandate_id=row.id)

    return address
