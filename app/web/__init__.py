"""The pages: one module per page family; every blueprint is listed here and registered by the factory."""

WEB_BLUEPRINTS: list[str] = []
"""`module:attribute` of each page blueprint."""
