"""The pages: one module per page family; every blueprint is listed here and registered by the factory."""

WEB_BLUEPRINTS: list[str] = [
    "app.web.login:blueprint",
    "app.web.admin_codes:blueprint",
    "app.web.admin_rates:blueprint",
    "app.web.admin_calendar:blueprint",
]
"""`module:attribute` of each page blueprint."""
