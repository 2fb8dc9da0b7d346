"""The API: one module per resource; every blueprint is listed here and registered by the factory."""

from flask_smorest import Blueprint

from app.clean_text import CleanParser

Blueprint.ARGUMENTS_PARSER = CleanParser()  # before any module below declares what it takes

API_BLUEPRINTS: list[str] = [
    "app.api.accounts:blueprint",
    "app.api.amendments:blueprint",
    "app.api.board:blueprint",
    "app.api.checklists:blueprint",
    "app.api.codes:blueprint",
    "app.api.desk:blueprint",
    "app.api.events:blueprint",
    "app.api.goods_returns:blueprint",
    "app.api.mandates:blueprint",
    "app.api.messages:blueprint",
    "app.api.movement:blueprint",
    "app.api.openapi:blueprint",
    "app.api.proofs:blueprint",
    "app.api.rates:blueprint",
    "app.api.registrations:blueprint",
    "app.api.relay:blueprint",
    "app.api.risk:blueprint",
    "app.api.subjects:blueprint",
    "app.api.summaries:blueprint",
    "app.api.warehouses:blueprint",
    "app.api.what_if:blueprint",
    "app.api.zones:blueprint",
]
"""`module:attribute` of each API blueprint, in the order of the printed route table."""
