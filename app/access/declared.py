"""Access declared where a route is registered: one of three decorators directly under the route decorator.

    @blueprint.get("/desk/queue")
    @allow(Role.CUSTOMS_OFFICER, Role.CUSTOMS_SUPERVISOR)
    def read_queue(): ...

The factory refuses to start with a route that declares nothing (`check_declared`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask

from app.access.roles import Role

View = TypeVar("View", bound=Callable[..., Any])

_ACCESS = "__access__"
_HARMLESS = "__changes_nothing__"

STATIC = frozenset({"static"})
"""Endpoints of the framework itself: files that everybody may read."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may call a route: everyone, everyone signed in (all roles), or some roles."""

    everyone: bool
    roles: frozenset[Role]


class UndeclaredRouteError(Exception):
    """A route says nothing about who may call it."""


def allow(*roles: Role) -> Callable[[View], View]:
    """Only these roles."""
    if not roles:
        raise ValueError("allow() needs a role; allow_everyone and allow_signed_in say the rest")
    return _declare(Access(False, frozenset(roles)))


def allow_signed_in(view: View) -> View:
    """Every account, whatever its role."""
    return _declare(Access(False, frozenset(Role)))(view)


def allow_everyone(view: View) -> View:
    """Everybody, signed in or not."""
    return _declare(Access(True, frozenset(Role)))(view)


def changes_nothing(view: View) -> View:
    """A POST that changes nothing of an enterprise's (what-if, signing out): read-only accounts may call it."""
    setattr(view, _HARMLESS, True)
    return view


def _declare(access: Access) -> Callable[[View], View]:
    def mark(view: View) -> View:
        if hasattr(view, _ACCESS):
            raise ValueError(f"{view.__qualname__} declares its access twice")
        setattr(view, _ACCESS, access)
        return view

    return mark


def access_of(app: Flask, endpoint: str) -> Access | None:
    """What the route behind an endpoint declares, None where it declares nothing."""
    view = app.view_functions.get(endpoint)
    found: Access | None = getattr(view, _ACCESS, None)
    return found


def is_harmless(app: Flask, endpoint: str) -> bool:
    """Whether the route is marked with `changes_nothing`."""
    return bool(getattr(app.view_functions.get(endpoint), _HARMLESS, False))


def check_declared(app: Flask) -> None:
    """Raise `UndeclaredRouteError` naming every endpoint that declares nothing."""
    silent = sorted(
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in STATIC and access_of(app, rule.endpoint) is None
    )
    if silent:
        raise UndeclaredRouteError(f"no access declared for: {', '.join(silent)}")
