"""Signing in and out on pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response

from app.access import allow_everyone, changes_nothing, person
from app.access.accounts import person_by_session
from app.access.enforcement import SignedIn
from app.access.keys import identity_keys
from app.access.roles import Role
from app.access.rules import SY0007
from app.access.signing_in import Outcome, attempt
from app.limits import limit_sign_ins
from app.session import unit_of_work
from app.web import menu
from common import clock

blueprint = Blueprint("login", __name__)


@blueprint.get("/login")
@allow_everyone
def sign_in() -> str | Response:
    """The form; somebody signed in already goes on."""
    if person().signed_in:
        return redirect(_onward(person().role))
    return _form()


@blueprint.post("/login")
@allow_everyone
@changes_nothing
@limit_sign_ins
def check() -> str | Response | tuple[str, int]:
    """Sign in, or show the form again with the one reason."""
    login = request.form.get("login", "").strip()[:64]
    code = request.form.get("code", "").strip()[:6]
    at = clock.now()
    with unit_of_work() as database:
        outcome = attempt(database, login, request.form.get("password", ""), code, keys=identity_keys(), at=at)
    if outcome.account is None:
        return _form(login, outcome), 401
    account = outcome.account
    with unit_of_work() as database:
        who = person_by_session(database, account.id, account.session_serial, at=at)
    if who is None:  # disabled in between
        return _form(login, outcome), 401
    session.clear()  # a session begun before signing in must not live on
    session.permanent = True
    login_user(SignedIn(who, account.session_serial))
    return redirect(_onward(who.role))


@blueprint.post("/logout")
@allow_everyone
@changes_nothing
def sign_out() -> Response:
    """End this page session."""
    logout_user()
    session.clear()
    return redirect(url_for("login.sign_in"))


def _form(login: str = "", outcome: Outcome | None = None) -> str:
    refusal = outcome.refusal if outcome else None
    return render_template(
        "login/sign_in.html",
        login=login,
        refusal=refusal,
        ask_code=refusal is not None and refusal.rule == SY0007.id,
        onward=request.values.get("next", ""),
    )


def _onward(role: Role | None) -> str:
    """The page somebody wanted before signing in, if it is one of ours; else the first page of the role."""
    wanted = request.values.get("next", "")
    parts = urlsplit(wanted)
    if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme:
        return wanted
    return menu.first_page(role or "")
