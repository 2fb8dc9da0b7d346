"""`flask clock …`."""

from __future__ import annotations

import click


@click.group()
def clock() -> None:
    """The platform's clock."""
