"""The pages: one module per page family; every blueprint is listed here and registered by the factory."""

WEB_BLUEPRINTS: list[str] = [
    "app.web.login:blueprint",
    "app.web.home:blueprint",
    "app.web.parcels:blueprint",
    "app.web.upload:blueprint",
    "app.web.messages:blueprint",
    "app.web.standard:blueprint",
    "app.web.declare:blueprint",
    "app.web.elsewhere:blueprint",
    "app.web.goods_returns:blueprint",
    "app.web.relay:blueprint",
    "app.web.desk:blueprint",
    "app.web.desk_case:blueprint",
    "app.web.desk_risk:blueprint",
    "app.web.desk_incidents:blueprint",
    "app.web.site:blueprint",
    "app.web.site_parcels:blueprint",
    "app.web.rules:blueprint",
    "app.web.admin_zones:blueprint",
    "app.web.admin_subjects:blueprint",
    "app.web.admin_accounts:blueprint",
    "app.web.admin_parameters:blueprint",
    "app.web.admin_codes:blueprint",
    "app.web.admin_rates:blueprint",
    "app.web.admin_calendar:blueprint",
]
"""`module:attribute` of each page blueprint."""
