"""Accounts: who can sign in, adding and ending accounts, and which roles bring a second factor."""

from __future__ import annotations

import re

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from app.access import ENTERPRISE, Role, allow, person
from app.access.accounts import account_in_reach, add_account, disable_account
from app.access.keys import identity_keys
from app.access.reads import saw
from app.access.signing_in import require_second_factor, set_up_second_factor
from app.access.tables import Account, RoleSetting
from app.i18n import t
from app.session import unit_of_work
from app.web.forms import EMPTY, FormState, asked_cursor, required, sent, text_of
from common import clock
from common.findings import DomainError, NotFoundError, rule
from credit.refusals import CR0008
from credit.subjects import subjects_by_codes, subjects_by_ids
from credit.zones import all_zones

blueprint = Blueprint("admin_accounts", __name__, url_prefix="/admin/accounts")

READERS = (Role.ADMINISTRATOR, Role.AUDITOR)
PAGE = 50
LEVELS = ("owner", "clerk", "read_only")
_LOGIN = re.compile(r"[A-Za-z0-9._@-]{3,64}")

SY0610 = rule(
    "SY0610",
    title=("登录名写法不对", "Not a usable login"),
    say=(
        "登录名用3至64个字母、数字或._@-，不含空格和汉字。",
        "A login is 3 to 64 letters, digits or ._@- without spaces.",
    ),
    basis="平台页面约定",
    kind="format",
)
SY0611 = rule(
    "SY0611",
    title=("没有这个选项", "No such choice"),
    say=("请从列表中选择。“{value}”不在其中。", "Choose one from the list; “{value}” is not in it."),
    basis="平台页面约定",
    kind="format",
)


@blueprint.get("")
@allow(*READERS)
def index() -> str:
    """Accounts by login, name or role; the form for a new one; the roles with a second factor."""
    return _page(EMPTY)


@blueprint.post("")
@allow(Role.ADMINISTRATOR)
def add() -> Response | tuple[str, int]:
    """Add an account: of an enterprise by its code, or of an agency with its zones."""
    try:
        role, zones = _role(text_of("role")), request.form.getlist("zones")
        login = required("login", t("accounts.login"))
        if not _LOGIN.fullmatch(login):
            raise DomainError(SY0610.at("/login"))
        with unit_of_work() as session:
            firm = _firm(session, text_of("firm", 18))
            known = [one.code for one in all_zones(session)]
            reached = [one for one in known if one in zones] or ([firm[1]] if firm and firm[1] else [])
            account = add_account(
                session,
                login=login,
                name=required("name", t("accounts.name")),
                role=role,
                password=request.form.get("password", ""),
                at=clock.now(),
                enterprise_id=firm[0] if firm else None,
                level=_level(text_of("level")) if role in ENTERPRISE else None,
                zone_code=reached[0] if reached else None,
                zones=reached,
            )
            login = account.login
    except DomainError as error:
        return _page(sent(error=error)), error.status
    flash(t("accounts.added", login=login), "good")
    return redirect(url_for("admin_accounts.index", text=login))


def _role(word: str) -> Role:
    if word not in list(Role):
        raise DomainError(SY0611.at("/role", value=word or "—"))
    return Role(word)


def _level(word: str) -> str:
    if word not in LEVELS:
        raise DomainError(SY0611.at("/level", value=word or "—"))
    return word


def _firm(session: Session, code: str) -> tuple[int, str | None] | None:
    """The enterprise behind a code and its zone, None without a code; raises `DomainError` for an unknown one."""
    if not code:
        return None
    found = subjects_by_codes(session, [code], clock.today()).get(code)
    if found is None:
        raise DomainError(CR0008.at("/firm"))
    return found.id, found.zone_code


@blueprint.post("/<int(max=9007199254740991):account_id>/disable")
@allow(Role.ADMINISTRATOR)
def disable(account_id: int) -> Response:
    """End an account: its sessions and tokens stop at once. One's own is not ended here."""
    if account_id == person().account_id:
        flash(t("accounts.not_own"), "warn")
        return redirect(url_for("admin_accounts.index"))
    with unit_of_work() as session:
        account = account_in_reach(session, account_id, None)
        disable_account(account, at=clock.now())
        login = account.login
    flash(t("accounts.disabled", login=login), "good")
    return redirect(url_for("admin_accounts.index", text=login))


@blueprint.post("/<int(max=9007199254740991):account_id>/second-factor")
@allow(Role.ADMINISTRATOR)
def give_second_factor(account_id: int) -> str:
    """Set up a new authenticator for an account; its address is shown this once."""
    with unit_of_work() as session:
        account = account_in_reach(session, account_id, None)
        address = set_up_second_factor(account, identity_keys())
        return render_template("admin/second_factor.html", login=account.login, address=address)


@blueprint.post("/roles/<role>/second-factor")
@allow(Role.ADMINISTRATOR)
def set_second_factor(role: str) -> Response:
    """Say whether a role signs in with a second factor from now on."""
    if role not in list(Role):
        raise NotFoundError(SY0611.at("/role", value=role[:40]))
    wanted = text_of("required") == "1"
    with unit_of_work() as session:
        require_second_factor(session, Role(role), wanted, by=person().actor, at=clock.now())
    flash(t("accounts.factor_on" if wanted else "accounts.factor_off", role=t(f"role.{role}")), "good")
    return redirect(url_for("admin_accounts.index"))


def _page(form: FormState) -> str:
    asked, after = _asked(), request.args.get("after", "")
    with unit_of_work() as session:
        rows = _accounts(session, asked, asked_cursor() or 0)
        firms = subjects_by_ids(session, {row.enterprise_id for row in rows if row.enterprise_id}, clock.today())
        with_factor = {one.role for one in session.scalars(select(RoleSetting)) if one.second_factor}
        for row in rows:
            saw("account", row.id, zone_code=row.zone_code, owners=[row.enterprise_id])
        return render_template(
            "admin/accounts.html",
            rows=rows,
            firms={id: one.name for id, one in firms.items()},
            next=rows[-1].id if len(rows) == PAGE else None,
            first=not after,
            asked=asked,
            form=form,
            roles=list(Role),
            of_enterprise=ENTERPRISE,
            with_factor=with_factor,
            levels=LEVELS,
            zones=[one.code for one in all_zones(session)],
            chosen_zones=request.form.getlist("zones"),
            may_change=person().role == Role.ADMINISTRATOR,
            me=person().account_id,
        )


def _asked() -> dict[str, str]:
    given = request.args
    role = given.get("role", "")
    return {"text": given.get("text", "").strip()[:64], "role": role if role in list(Role) else ""}


def _accounts(session: Session, asked: dict[str, str], after: int) -> list[Account]:
    query = select(Account).where(Account.id > after).order_by(Account.id).limit(PAGE)
    if asked["role"]:
        query = query.where(Account.role == asked["role"])
    if asked["text"]:
        text = asked["text"]
        query = query.where(
            or_(Account.login.contains(text, autoescape=True), Account.name.contains(text, autoescape=True))
        )
    return list(session.scalars(query))
