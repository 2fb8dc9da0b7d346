"""The person behind a request: found once, by bearer token or page session."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, has_request_context

from app.access.roles import ENTERPRISE, Role


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks. `via` is `token`, `session` or `nobody`; `zones` are the zones whose transactions they may see."""

    account_id: int
    name: str
    role: Role | None
    enterprise_id: int | None = None
    zone_code: str | None = None
    zones: frozenset[str] = frozenset()
    via: str = "nobody"
    login: str = ""
    level: str | None = None
    firm_name: str | None = None

    @property
    def signed_in(self) -> bool:
        """Whether somebody is known behind the request."""
        return self.account_id != 0

    @property
    def of_enterprise(self) -> bool:
        """Whether the person acts for an enterprise, not for an agency."""
        return self.role in ENTERPRISE

    @property
    def actor(self) -> str:
        """How events and the audit trail name the person."""
        return f"account:{self.account_id}" if self.signed_in else "nobody"


ANONYMOUS = Person(0, "", None)
"""Nobody signed in."""


def person() -> Person:
    """The person behind the current request; `ANONYMOUS` outside one or when nobody is signed in."""
    if not has_request_context():
        return ANONYMOUS
    found: Person = g.get("person", ANONYMOUS)
    return found


def set_person(found: Person) -> None:
    """Say who is behind the current request."""
    g.person = found
