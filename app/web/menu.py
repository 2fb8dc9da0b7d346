"""The side menu: one table of entries, by role. Adding a page to the menu means adding one line here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import current_app, request, url_for

TRADERS = frozenset({"seller", "platform", "agent", "logistics", "payment"})
DECLARANTS = frozenset({"seller", "platform", "agent"})
DESK = frozenset({"customs_officer", "customs_supervisor"})
SITE = frozenset({"operator"})
KEEPERS = frozenset({"administrator", "data_steward", "zone_manager"})
ADMINISTRATORS = frozenset({"administrator"})
RISK = frozenset({"customs_supervisor", "auditor"})
INCIDENTS = DESK | {"auditor"}
CARRIERS = frozenset({"logistics"})
PROOFS = frozenset({"seller", "agent", "zone_manager", "auditor"}) | DESK
RELAY = frozenset({"customs_supervisor", "zone_manager", "data_steward", "auditor"})
RETURN_READERS = DESK | {"tax_officer", "forex_officer", "zone_manager", "auditor"}
REGISTER_READERS = frozenset({"tax_officer", "forex_officer", "zone_manager"})
PARCELS = (TRADERS - {"payment"}) | {"tax_officer", "forex_officer", "zone_manager", "auditor", "administrator"}
WAREHOUSES = (TRADERS - {"payment"}) | DESK | REGISTER_READERS | {"auditor"}
SUMMARIES = DECLARANTS | {"tax_officer", "zone_manager", "auditor", "administrator"}
ACCOUNTS = ADMINISTRATORS | {"auditor"}
PARAMETERS = ADMINISTRATORS | {"customs_supervisor", "auditor", "zone_manager"}
ALL = TRADERS | DESK | SITE | KEEPERS | frozenset(
    {"tax_officer", "forex_officer", "bank_clerk", "market_officer", "park_operator", "auditor"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One menu line: the endpoint it opens, its text and icon, who sees it, the family of pages it stands for."""

    endpoint: str
    text: str
    icon: str
    roles: frozenset[str]
    family: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Menu lines under one heading (none for the first)."""

    heading: str | None
    entries: tuple[Entry, ...]


MENU: tuple[Group, ...] = (
    Group(
        None,
        (
            Entry("home.home", "menu.home", "home", ALL - DESK - SITE),
            Entry("upload.upload", "menu.upload", "file-upload", TRADERS | SITE, ("upload.", "messages.", "standard.")),
            Entry("declare.form", "menu.declare", "forms", DECLARANTS, ("declare.",)),
            Entry("parcels.index", "menu.parcels", "packages", PARCELS, ("parcels.",)),
            Entry(
                "goods_returns.index",
                "menu.returns",
                "receipt-refund",
                DECLARANTS,
                ("goods_returns.", "return_requests.", "return_months."),
            ),
            Entry("requests.index", "menu.requests", "file-diff", DECLARANTS, ("requests.", "amendments.")),
            Entry("summaries.index", "menu.summaries", "file-text", SUMMARIES, ("summaries.",)),
            Entry("mandates.index", "menu.mandates", "signature", TRADERS, ("mandates.",)),
            Entry("elsewhere.register", "menu.elsewhere", "books", DECLARANTS | REGISTER_READERS, ("elsewhere.",)),
            Entry(
                "warehouses.index",
                "menu.warehouses",
                "building-warehouse",
                WAREHOUSES,
                ("warehouses.", "warehouse_ledger."),
            ),
            Entry("board.index", "menu.board", "timeline", PROOFS - DESK, ("board.",)),
            Entry("proofs.index", "menu.proofs", "checklist", PROOFS - DESK, ("proofs.",)),
        ),
    ),
    Group(
        "menu.desk",
        (
            Entry("desk.queue", "menu.queue", "list-check", DESK, ("desk.", "desk_case.")),
            Entry("parcels.index", "menu.all_checklists", "packages", DESK, ("parcels.",)),
            Entry("requests.index", "menu.requests_desk", "file-diff", DESK, ("requests.",)),
            Entry("desk_incidents.cancellations", "menu.cancellations", "file-off", DESK),
            Entry(
                "goods_returns.index",
                "menu.returns",
                "receipt-refund",
                RETURN_READERS,
                ("goods_returns.", "return_months."),
            ),
            Entry("summaries.index", "menu.summaries", "file-text", DESK, ("summaries.",)),
            Entry("desk_incidents.index", "menu.incidents", "alert-triangle", INCIDENTS),
            Entry("board.index", "menu.board", "timeline", DESK, ("board.",)),
            Entry("proofs.index", "menu.proofs", "checklist", DESK, ("proofs.",)),
            Entry("relay.overview", "menu.relay", "transfer", RELAY, ("relay.",)),
            Entry("desk_risk.index", "menu.risk", "target", RISK, ("desk_risk.",)),
        ),
    ),
    Group(
        "menu.site",
        (
            Entry("site.arrivals", "menu.arrivals", "building-warehouse", SITE, ("site.arrival",)),
            Entry("site_parcels.index", "menu.at_site", "package", SITE),
            Entry("goods_returns.index", "menu.returns", "receipt-refund", SITE, ("goods_returns.",)),
            Entry("shut_outs.index", "menu.shut_outs", "package-export", SITE),
            Entry("site_parcels.records", "menu.finds", "alert-triangle", SITE),
            Entry("site.departures", "menu.departures", "truck", CARRIERS, ("site.departure",)),
        ),
    ),
    Group(
        "menu.keeping",
        (
            Entry("admin_zones.index", "menu.zones", "map-pin", KEEPERS, ("admin_zones.",)),
            Entry("admin_subjects.index", "menu.subjects", "users", KEEPERS, ("admin_subjects.",)),
            Entry("admin_accounts.index", "menu.accounts", "user-circle", ACCOUNTS, ("admin_accounts.",)),
            Entry("admin_parameters.index", "menu.parameters", "adjustments", PARAMETERS, ("admin_parameters.",)),
            Entry("admin_codes.index", "menu.codes", "table", KEEPERS, ("admin_codes.",)),
            Entry("admin_rates.index", "menu.rates", "currency-dollar", KEEPERS, ("admin_rates.",)),
            Entry("admin_calendar.index", "menu.calendar", "calendar", KEEPERS, ("admin_calendar.",)),
        ),
    ),
    Group("menu.reference", (Entry("rules.index", "menu.rules", "book-2", ALL, ("rules.",)),)),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A menu line ready to be shown."""

    href: str
    text: str
    icon: str
    here: bool


def _shown(entries: tuple[Entry, ...], role: str) -> Iterator[Line]:
    for entry in entries:
        if role in entry.roles and entry.endpoint in current_app.view_functions:
            here = request.endpoint == entry.endpoint or (request.endpoint or "").startswith(entry.family or ("\0",))
            yield Line(url_for(entry.endpoint), entry.text, entry.icon, here)


def menu(role: str) -> list[tuple[str | None, list[Line]]]:
    """Headings and lines for `role`; headings without a line are left out."""
    groups = ((group.heading, list(_shown(group.entries, role))) for group in MENU)
    return [(heading, lines) for heading, lines in groups if lines]


def first_page(role: str) -> str:
    """Where `role` lands after signing in."""
    if role in DESK:
        return url_for("desk.queue")
    if role in SITE:
        return url_for("site.arrivals")
    return url_for("home.home")
