"""Signing in: password, second factor where the role needs one, and a lock after repeated failures.

A failed attempt is written, so `attempt` returns what happened instead of raising: the caller commits, then refuses.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.passwords import check_password
from app.access.roles import Role
from app.access.rules import SY0005, SY0006, SY0007, SY0008, NotSignedInError
from app.access.tables import Account, RoleSetting, SignInAttempts
from common import clock
from common.audit import Deed, record
from common.findings import Finding
from credit.identity import IdentityKeys

MAX_FAILURES = 8
LOCKED_FOR = timedelta(minutes=15)
_STEP = 30
"""Seconds of one code of an authenticator (RFC 6238)."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The account that signed in, or the finding why not."""

    account: Account | None
    refusal: Finding | None = None

    def required(self) -> Account:
        """The account; raises `NotSignedInError` with the refusal."""
        if self.account is None:
            assert self.refusal is not None
            raise NotSignedInError(self.refusal)
        return self.account


def attempt(
    session: Session, login: str, password: str, code: str = "", *, keys: IdentityKeys, at: datetime
) -> Outcome:
    """Try to sign in; the failure or success is counted and audited."""
    account = session.scalars(
        select(Account).where(Account.login == login, Account.disabled_at.is_(None))
    ).one_or_none()
    tries = _tries(session, account) if account else None
    if tries is not None and tries.locked_until is not None and tries.locked_until > at:
        return Outcome(None, SY0006.at("", until=tries.locked_until.astimezone(clock.CHINA).strftime("%H:%M")))
    if not check_password(account.password_hash if account else None, password):
        return _failed(session, account, tries, SY0005.at("/password"), at)
    assert account is not None
    assert tries is not None
    refusal = _second_factor(session, account, tries, code, keys)
    if refusal is not None:
        return _failed(session, account, tries, refusal, at) if code else Outcome(None, refusal)
    tries.failures, tries.locked_until = 0, None
    _note(session, account, "sign_in", at)
    return Outcome(account)


def _tries(session: Session, account: Account) -> SignInAttempts:
    row = session.get(SignInAttempts, account.id, with_for_update=True)
    if row is None:
        row = SignInAttempts(account_id=account.id, failures=0)
        session.add(row)
        session.flush()
    return row


def _failed(
    session: Session, account: Account | None, tries: SignInAttempts | None, refusal: Finding, at: datetime
) -> Outcome:
    if account is not None and tries is not None:
        tries.failures += 1
        if tries.failures >= MAX_FAILURES:
            tries.failures, tries.locked_until = 0, at + LOCKED_FOR
        _note(session, account, "locked" if tries.locked_until and tries.locked_until > at else "sign_in_failed", at)
    return Outcome(None, refusal)


def _note(session: Session, account: Account, action: str, at: datetime) -> None:
    deed = Deed(action, "account", str(account.id), account.zone_code)
    record(session, deed, actor=f"account:{account.id}", at=at)


def _second_factor(
    session: Session, account: Account, tries: SignInAttempts, code: str, keys: IdentityKeys
) -> Finding | None:
    if account.totp_cipher is None:
        return SY0008.at("/code") if needs_second_factor(session, Role(account.role)) else None
    # authenticators follow the real time, also where a demo's clock is moved
    step = int((clock.now() - clock.offset()).timestamp()) // _STEP
    totp = pyotp.TOTP(keys.decrypt(account.totp_cipher))
    for one in (step, step - 1, step + 1):
        if code and secrets.compare_digest(totp.at(one * _STEP), code) and one > (tries.last_totp_step or 0):
            tries.last_totp_step = one
            return None
    return SY0007.at("/code")


def needs_second_factor(session: Session, role: Role) -> bool:
    """Whether the role signs in with a second factor."""
    setting = session.get(RoleSetting, role.value)
    return setting is not None and setting.second_factor


def require_second_factor(session: Session, role: Role, required: bool, *, by: str, at: datetime) -> None:
    """Say whether a role needs a second factor from now on."""
    setting = session.get(RoleSetting, role.value)
    if setting is None:
        session.add(RoleSetting(role=role.value, second_factor=required, set_by=by, set_at=at))
    else:
        setting.second_factor, setting.set_by, setting.set_at = required, by, at
    session.flush()


def set_up_second_factor(account: Account, keys: IdentityKeys) -> str:
    """Give the account a new authenticator; the `otpauth://` address is shown this once."""
    secret = pyotp.random_base32()
    account.totp_cipher = keys.encrypt(secret, secrets.token_bytes(12))
    return pyotp.TOTP(secret).provisioning_uri(name=account.login, issuer_name="Zone single window")
