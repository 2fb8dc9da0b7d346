"""Before every request: who asks, what the route declares, whether that fits. Nothing runs before this has passed."""

from __future__ import annotations

from flask import Flask, current_app, redirect, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.wrappers import Response

from app.access.accounts import person_by_session, person_by_token
from app.access.declared import STATIC, access_of, check_declared, is_harmless
from app.access.persons import ANONYMOUS, Person, set_person
from app.access.rules import SY0001, SY0002, SY0003, SY0004, SY0009, NotSignedInError
from app.session import unit_of_work
from common import clock
from common.findings import DomainError, NotAllowedError

READING = frozenset({"GET", "HEAD", "OPTIONS"})

csrf = CSRFProtect()
logins = LoginManager()


class SignedIn(UserMixin):
    """What the page session keeps: the account and the serial of its sessions."""

    def __init__(self, who: Person, serial: int) -> None:
        self.person = who
        self.serial = serial

    def get_id(self) -> str:
        """The session's content."""
        return f"{self.person.account_id}:{self.serial}"


class PageExpiredError(DomainError):
    """A form without a valid CSRF token."""

    status = 400


@logins.user_loader
def load_user(kept: str) -> SignedIn | None:
    """The signed-in person of a page session, None when it has ended."""
    account, _, serial = kept.partition(":")
    with unit_of_work() as session:
        who = person_by_session(session, int(account), int(serial), at=clock.now())
    return SignedIn(who, int(serial)) if who else None


def install(app: Flask) -> None:
    """Enforce access on every request of the application."""
    app.config.update(
        SESSION_COOKIE_NAME="zone",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=True,
        PERMANENT_SESSION_LIFETIME=8 * 3600,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    csrf.init_app(app)
    logins.init_app(app)
    app.before_request(enforce)


def enforce() -> Response | None:
    """Let the request through, send a page visitor to sign in, or raise the refusal."""
    endpoint = request.endpoint
    if endpoint is None or endpoint in STATIC:
        return None
    access = access_of(current_app, endpoint)
    if access is None:
        raise NotAllowedError(SY0003.at(""))
    who = identify()
    set_person(who)
    if who.via != "token" and request.method not in READING:
        _check_csrf(who)
    if access.everyone:
        return None
    if not who.signed_in:
        if is_page():
            return redirect(url_for("login.sign_in", next=request.full_path.rstrip("?")))
        raise NotSignedInError(SY0001.at(""))
    if who.role not in access.roles:
        raise NotAllowedError(SY0003.at(""))
    if who.level == "read_only" and request.method not in READING and not is_harmless(current_app, endpoint):
        raise NotAllowedError(SY0004.at(""))
    return None


def identify() -> Person:
    """The person behind the request: a bearer token counts before a page session; a bad token is refused."""
    header = request.headers.get("Authorization", "")
    if header:
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise NotSignedInError(SY0002.at(""))
        with unit_of_work() as session:
            who = person_by_token(session, token.strip(), at=clock.now())
        if who is None:
            raise NotSignedInError(SY0002.at(""))
        return who
    return current_user.person if current_user.is_authenticated else ANONYMOUS


def is_page() -> bool:
    """Whether the request is for a page: answered with a redirect or a page, not with a problem document."""
    return not request.path.startswith("/api/") and "login.sign_in" in current_app.view_functions


def _check_csrf(who: Person) -> None:
    # an API call without a session carries nobody's authority, so there is nothing to forge
    if request.path.startswith("/api/") and not who.signed_in:
        return
    try:
        csrf.protect()
    except CSRFError as error:
        raise PageExpiredError(SY0009.at("")) from error


__all__ = ["SignedIn", "check_declared", "csrf", "enforce", "identify", "install", "is_page", "logins"]
