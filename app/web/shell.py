"""What every page needs besides its own content: who is signed in, the menu, the zone, the language switch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request

from app import access, i18n
from app.web import icons, menu, pointers, states

ROLE_ICONS = {
    "seller": "building-store",
    "platform": "building-store",
    "agent": "signature",
    "logistics": "truck",
    "payment": "currency-dollar",
    "operator": "building-warehouse",
    "customs_officer": "shield-check",
    "customs_supervisor": "shield-check",
    "administrator": "tool",
    "auditor": "shield-search",
}


@dataclass(frozen=True, slots=True)
class Visitor:
    """The signed-in person as pages show them."""

    name: str
    role: str
    firm: str | None
    zones: tuple[str, ...]

    @property
    def icon(self) -> str:
        """The icon beside the person's organisation."""
        return ROLE_ICONS.get(self.role, "building-bank")


def visitor() -> Visitor | None:
    """Who is signed in, or None."""
    asking = getattr(access, "person", lambda: None)()
    if asking is None or not asking.account_id:
        return None
    zones = (asking.zone_code,) if asking.zone_code else tuple(sorted(asking.zones))
    return Visitor(asking.name, str(asking.role), getattr(asking, "firm_name", None), zones)


def _context() -> dict[str, Any]:
    who = visitor()
    g.setdefault("icons", set())
    return {
        "who": who,
        "menu_groups": menu.menu(who.role) if who else [],
        "search_text": request.args.get("q", "") if request.endpoint == "parcels.search" else "",
    }


def install(app: Flask) -> None:
    """Texts, icons, states and the signed-in person for every template."""
    i18n.install(app)
    icons.install(app)
    pointers.install(app)
    app.context_processor(_context)
    app.jinja_env.globals.update(look=states.look, TIERS=states.TIERS)
    app.jinja_env.tests["endpoint"] = lambda name: name in app.view_functions
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
