"""Accounts and tokens over the API: `/tokens`, `/account`, `/accounts`, `/roles/{role}/second-factor`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import marshmallow as ma
from flask_smorest import Blueprint
from sqlalchemy import select

from app.access import Role, allow, allow_everyone, allow_signed_in, changes_nothing, person
from app.access.accounts import (
    account_in_reach,
    add_account,
    add_token,
    disable_account,
    revoke_token,
    set_password,
    tokens_of,
)
from app.access.keys import identity_keys
from app.access.roles import ENTERPRISE
from app.access.rules import SY0001, SY0016, SY0017, NotSignedInError
from app.access.signing_in import attempt, require_second_factor, set_up_second_factor
from app.access.tables import Account, ApiToken
from app.api.fields import PageQuery, page_view
from app.limits import limit_sign_ins
from app.session import unit_of_work
from common import clock
from common.findings import NotAllowedError, NotFoundError

blueprint = Blueprint("api_accounts", __name__, url_prefix="/api/v1", description="Accounts and tokens")

_TEXT = ma.validate.Length(1, 100)


class TokenBody(ma.Schema):
    """A new token: of the asking account, or of the account whose login and password are given."""

    label = ma.fields.String(load_default="api", validate=ma.validate.Length(1, 60))
    days = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(1, 3660))
    login = ma.fields.String(validate=ma.validate.Length(1, 64))
    password = ma.fields.String(load_default="", validate=ma.validate.Length(max=200))
    code = ma.fields.String(load_default="", validate=ma.validate.Length(max=6))


class TokenSchema(ma.Schema):
    """A token as listed; `token` itself is shown once, when it is made."""

    id = ma.fields.Integer(required=True)
    label = ma.fields.String(required=True)
    created_at = ma.fields.DateTime(required=True)
    expires_at = ma.fields.DateTime(required=True, allow_none=True)
    token = ma.fields.String()


class AccountBody(ma.Schema):
    """A new account; an owner's new accounts belong to the owner's enterprise."""

    login = ma.fields.String(required=True, validate=ma.validate.Regexp(r"^[A-Za-z0-9._@-]{3,64}$"))
    name = ma.fields.String(required=True, validate=_TEXT)
    role = ma.fields.Enum(Role, by_value=True, required=True)
    password = ma.fields.String(required=True, validate=ma.validate.Length(max=200))
    level = ma.fields.String(load_default="clerk", validate=ma.validate.OneOf(["owner", "clerk", "read_only"]))
    enterprise_id = ma.fields.Integer(load_default=None, allow_none=True, validate=ma.validate.Range(1, 2**53))
    zone_code = ma.fields.String(load_default=None, allow_none=True, validate=ma.validate.Length(max=6))
    zones = ma.fields.List(ma.fields.String(validate=ma.validate.Length(max=6)), load_default=list)


class PasswordBody(ma.Schema):
    """A new password; of one's own account with the present one."""

    present = ma.fields.String(required=True, validate=ma.validate.Length(max=200))
    new = ma.fields.String(required=True, validate=ma.validate.Length(max=200))


class SecondFactorBody(ma.Schema):
    """Whether a role signs in with a second factor."""

    required = ma.fields.Boolean(required=True)


@blueprint.post("/tokens")
@allow_everyone
@changes_nothing
@limit_sign_ins
@blueprint.arguments(TokenBody)
@blueprint.response(201, TokenSchema)
def make_token(body: dict[str, Any]) -> dict[str, Any]:
    """Make a token; it is shown this once and kept as a hash."""
    account_id = _who_signs(body)
    with unit_of_work() as session:
        row, token = add_token(session, account_id, body["label"], at=clock.now(), days=body["days"])
        return {**_token_view(row), "token": token}


def _who_signs(body: dict[str, Any]) -> int:
    if "login" in body:
        with unit_of_work() as session:
            outcome = attempt(
                session, body["login"], body["password"], body["code"], keys=identity_keys(), at=clock.now()
            )
        return outcome.required().id
    who = person()
    if not who.signed_in:
        raise NotSignedInError(SY0001.at(""))
    return who.account_id


@blueprint.get("/tokens")
@allow_signed_in
def list_tokens() -> dict[str, Any]:
    """The asking account's tokens in force, without the tokens themselves."""
    with unit_of_work() as session:
        return {"items": TokenSchema(many=True).dump(tokens_of(session, person().account_id))}


@blueprint.delete("/tokens/<int(max=9007199254740991):token_id>")
@allow_signed_in
@changes_nothing
@blueprint.response(204)
def end_token(token_id: int) -> None:
    """Revoke one of the asking account's tokens; it stops working at once."""
    with unit_of_work() as session:
        revoke_token(session, person().account_id, token_id, at=clock.now())


@blueprint.get("/account")
@allow_signed_in
def show_own_account() -> dict[str, Any]:
    """Who I am to the platform."""
    who = person()
    return {
        "id": who.account_id,
        "login": who.login,
        "name": who.name,
        "role": who.role,
        "level": who.level,
        "enterprise_id": who.enterprise_id,
        "enterprise_name": who.firm_name,
        "zone_code": who.zone_code,
        "zones": sorted(who.zones),
    }


@blueprint.post("/account/password")
@allow_signed_in
@changes_nothing
@limit_sign_ins
@blueprint.arguments(PasswordBody)
@blueprint.response(204)
def change_password(body: dict[str, Any]) -> None:
    """Change one's own password; page sessions elsewhere end."""
    with unit_of_work() as session:
        set_password(session, person().account_id, body["present"], body["new"])


@blueprint.get("/accounts")
@allow(Role.ADMINISTRATOR, Role.AUDITOR, *ENTERPRISE)
@blueprint.arguments(PageQuery, location="query")
def list_accounts(asked: dict[str, Any]) -> dict[str, Any]:
    """Accounts: all for the administrator and the auditor, those of the own enterprise for everybody else."""
    query = select(Account).where(Account.id > asked["after"]).order_by(Account.id).limit(asked["limit"])
    if person().enterprise_id is not None:
        query = query.where(Account.enterprise_id == person().enterprise_id)
    with unit_of_work() as session:
        return page_view([_account_view(row) for row in session.scalars(query)], asked["limit"])


@blueprint.post("/accounts")
@allow(Role.ADMINISTRATOR, *ENTERPRISE)
@blueprint.arguments(AccountBody)
def make_account(body: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """A new account: by the administrator, or by an owner for the own enterprise and role."""
    who = person()
    if who.of_enterprise:
        _require_owner()
        if body["role"] != who.role or body["enterprise_id"] not in (None, who.enterprise_id):
            raise NotAllowedError(SY0016.at("/role"))
        body |= {"enterprise_id": who.enterprise_id, "zone_code": who.zone_code, "zones": sorted(who.zones)}
    with unit_of_work() as session:
        return _account_view(add_account(session, at=clock.now(), **body)), 201


@blueprint.post("/accounts/<int(max=9007199254740991):account_id>/disable")
@allow(Role.ADMINISTRATOR, *ENTERPRISE)
def end_account(account_id: int) -> dict[str, Any]:
    """End an account: its sessions and tokens stop at once."""
    if person().of_enterprise:
        _require_owner()
    with unit_of_work() as session:
        account = account_in_reach(session, account_id, person().enterprise_id)
        disable_account(account, at=clock.now())
        return _account_view(account)


@blueprint.post("/accounts/<int(max=9007199254740991):account_id>/second-factor")
@allow(Role.ADMINISTRATOR)
def give_second_factor(account_id: int) -> dict[str, str]:
    """Set up a new authenticator for an account; its address (`otpauth://`) is shown this once."""
    with unit_of_work() as session:
        account = account_in_reach(session, account_id, None)
        return {"otpauth": set_up_second_factor(account, identity_keys())}


@blueprint.put("/roles/<role>/second-factor")
@allow(Role.ADMINISTRATOR)
@blueprint.arguments(SecondFactorBody)
def set_second_factor(body: dict[str, Any], role: str) -> dict[str, Any]:
    """Say whether a role signs in with a second factor."""
    wanted = role_named(role)
    with unit_of_work() as session:
        require_second_factor(session, wanted, body["required"], by=person().actor, at=clock.now())
    return {"role": wanted.value, "required": body["required"]}


def role_named(role: str) -> Role:
    """The role of an address; raises `NotFoundError` for a word that is none."""
    if role not in set(Role):
        raise NotFoundError(SY0017.at("", role=role, allowed="、".join(Role)))
    return Role(role)


def _require_owner() -> None:
    if person().level != "owner":
        raise NotAllowedError(SY0016.at(""))


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None


def _token_view(row: ApiToken) -> dict[str, Any]:
    return {"id": row.id, "label": row.label, "created_at": row.created_at, "expires_at": row.expires_at}


def _account_view(row: Account) -> dict[str, Any]:
    return {
        "id": row.id,
        "login": row.login,
        "name": row.name,
        "role": row.role,
        "level": row.level,
        "enterprise_id": row.enterprise_id,
        "zone_code": row.zone_code,
        "zones": list(row.zones),
        "created_at": _moment(row.created_at),
        "disabled_at": _moment(row.disabled_at),
        "second_factor": row.totp_cipher is not None,
    }
