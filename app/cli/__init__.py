"""The command line: `flask zone|messages|codes|rates|clock|audit …` on the same functions as the API."""

COMMANDS: list[str] = [
    "app.cli.audit:audit",
    "app.cli.clock:clock",
    "app.cli.standard:messages",
    "app.cli.zone:zone",
    "app.cli.codes:codes",
    "app.cli.rates:rates",
    "app.cli.rates:calendar",
    "app.cli.law:law",
]
"""`module:attribute` of each click group."""
