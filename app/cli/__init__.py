"""The command line: `flask zone|messages|codes|rates|clock|audit …` on the same functions as the API."""

COMMANDS: list[str] = []
"""`module:attribute` of each click group."""
