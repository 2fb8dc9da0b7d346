"""Accounts and tokens as rows: finding who is behind a token or session, making and revoking tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.access.passwords import MIN_LENGTH, check_password, digest, hash_password, new_secret
from app.access.persons import Person
from app.access.roles import ENTERPRISE, Role
from app.access.rules import SY0005, SY0011, SY0012, SY0013, SY0014, SY0015
from app.access.tables import Account, ApiToken
from common.clock import china_day
from common.findings import ConflictError, DomainError, NotAllowedError, NotFoundError

_PERSON = (
    "SELECT a.id, a.login, a.name, a.role, a.level, a.enterprise_id, a.zone_code, a.zones, a.session_serial, "
    "n.name AS firm FROM account AS a {how} LEFT JOIN LATERAL (SELECT name FROM subject_name "
    "WHERE subject_id = a.enterprise_id AND valid_from <= :on AND (valid_to IS NULL OR valid_to >= :on) "
    "ORDER BY valid_from DESC, id DESC LIMIT 1) AS n ON true WHERE a.disabled_at IS NULL AND {which}"
)
_BY_TOKEN = text(
    _PERSON.format(
        how="JOIN api_token AS t ON t.account_id = a.id",
        which="t.digest = :digest AND t.revoked_at IS NULL AND (t.expires_at IS NULL OR t.expires_at > :at)",
    )
)
_BY_ID = text(_PERSON.format(how="", which="a.id = :id AND a.session_serial = :serial"))


def person_by_token(session: Session, token: str, *, at: datetime) -> Person | None:
    """The person behind a bearer token that is known, in force and of an account in use."""
    row = session.execute(_BY_TOKEN, {"digest": digest(token), "at": at, "on": china_day(at)}).one_or_none()
    return _person(row, "token") if row else None


def person_by_session(session: Session, account_id: int, serial: int, *, at: datetime) -> Person | None:
    """The person behind a page session; None once the account is disabled or its sessions were ended."""
    facts = {"id": account_id, "serial": serial, "on": china_day(at)}
    row = session.execute(_BY_ID, facts).one_or_none()
    return _person(row, "session") if row else None


def _person(row: Any, via: str) -> Person:
    return Person(
        account_id=row.id,
        name=row.name,
        role=Role(row.role),
        enterprise_id=row.enterprise_id,
        zone_code=row.zone_code,
        zones=frozenset(row.zones),
        via=via,
        login=row.login,
        level=row.level,
        firm_name=row.firm,
    )


def add_account(
    session: Session,
    *,
    login: str,
    name: str,
    role: Role,
    password: str,
    at: datetime,
    enterprise_id: int | None = None,
    level: str | None = None,
    zone_code: str | None = None,
    zones: Sequence[str] = (),
) -> Account:
    """A new account; refuses a taken login, a short password and an account that does not fit its role."""
    _check_fit(role, enterprise_id)
    check_new_password(password)
    if session.scalar(select(Account.id).where(Account.login == login)) is not None:
        raise ConflictError(SY0013.at("/login", login=login))
    account = Account(
        login=login,
        name=name,
        role=role.value,
        level=(level or "clerk") if role in ENTERPRISE else None,
        enterprise_id=enterprise_id,
        zone_code=zone_code,
        zones=sorted(zones),
        password_hash=hash_password(password),
        created_at=at,
    )
    session.add(account)
    session.flush()
    return account


def _check_fit(role: Role, enterprise_id: int | None) -> None:
    if role in ENTERPRISE and enterprise_id is None:
        raise DomainError(SY0015.at("/enterprise_id", role=role.value, needs="enterprise_id"))
    if role not in ENTERPRISE and enterprise_id is not None:
        raise DomainError(SY0015.at("/enterprise_id", role=role.value, needs="enterprise_id = null"))


def check_new_password(password: str) -> None:
    """Refuse a password that is too short; length is what counts."""
    if len(password) < MIN_LENGTH:
        raise DomainError(SY0011.at("/password", least=MIN_LENGTH))


def account_in_reach(session: Session, account_id: int, enterprise_id: int | None) -> Account:
    """An account of the enterprise (None: of anybody), locked; raises `NotFoundError` for any other."""
    account = session.get(Account, account_id, with_for_update=True)
    if account is None or (enterprise_id is not None and account.enterprise_id != enterprise_id):
        raise NotFoundError(SY0014.at(""))
    return account


def set_password(session: Session, account_id: int, present: str, new: str) -> None:
    """Change an account's password, knowing the present one; its page sessions end."""
    account = session.get_one(Account, account_id, with_for_update=True)
    if not check_password(account.password_hash, present):
        raise NotAllowedError(SY0005.at("/present"))
    check_new_password(new)
    account.password_hash = hash_password(new)
    account.session_serial += 1


def disable_account(account: Account, *, at: datetime) -> None:
    """End an account: its sessions and tokens stop working at once."""
    account.disabled_at = account.disabled_at or at
    account.session_serial += 1


def add_token(
    session: Session, account_id: int, label: str, *, at: datetime, days: int | None = None, token: str | None = None
) -> tuple[ApiToken, str]:
    """A new token of an account: the row and the token itself, which is shown this once."""
    secret = token or new_secret()
    row = ApiToken(
        account_id=account_id,
        digest=digest(secret),
        label=label,
        created_at=at,
        expires_at=at + timedelta(days=days) if days is not None else None,
    )
    session.add(row)
    session.flush()
    return row, secret


def tokens_of(session: Session, account_id: int) -> Sequence[ApiToken]:
    """The account's tokens that are not revoked, oldest first."""
    return session.scalars(
        select(ApiToken).where(ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None)).order_by(ApiToken.id)
    ).all()


def revoke_token(session: Session, account_id: int, token_id: int, *, at: datetime) -> None:
    """End one of the account's own tokens at once; raises `NotFoundError` for anybody else's."""
    row = session.scalars(
        select(ApiToken).where(
            ApiToken.id == token_id, ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None)
        )
    ).one_or_none()
    if row is None:
        raise NotFoundError(SY0012.at(""))
    row.revoked_at = at
