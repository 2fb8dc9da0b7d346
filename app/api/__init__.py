"""The API: one module per resource; every blueprint is listed here and registered by the factory."""

API_BLUEPRINTS: list[str] = [
    "app.api.codes:blueprint",
    "app.api.desk:blueprint",
    "app.api.rates:blueprint",
    "app.api.risk:blueprint",
]
"""`module:attribute` of each API blueprint, in the order of the printed route table."""
