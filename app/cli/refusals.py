"""How the command line says no: every finding on its own line, in Chinese and English, and exit code 1."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import click

from common.findings import DomainError
from common.reference import LoadResult


@contextmanager
def refusals() -> Iterator[None]:
    """Turn a refusal into lines on standard error and exit code 1."""
    try:
        yield
    except DomainError as error:
        for one in error.findings:
            place = f" {one.pointer}" if one.pointer else ""
            click.echo(f"{one.rule}{place}: {one.message.zh}\n    {one.message.en}", err=True)
        raise SystemExit(1) from error


def say_result(name: str, result: LoadResult) -> None:
    """One line: what a load did."""
    click.echo(
        f"{name}: {result.added} added, {result.changed} changed, {result.removed} removed, {result.same} as before"
    )
