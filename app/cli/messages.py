"""`flask messages …`."""

from __future__ import annotations

import click


@click.group()
def messages() -> None:
    """The platform's messages."""
