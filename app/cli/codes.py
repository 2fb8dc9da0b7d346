"""`flask codes`: list, show and load code tables."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.cli.refusals import refusals, say_result
from app.session import unit_of_work
from common import clock
from customs.codes import codes_snapshot
from customs.codes.loading import load_codes
from customs.codes.reading import code_periods
from customs.codes.specs import SPECS

DAY = click.DateTime(["%Y-%m-%d"])
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group("codes")
def codes() -> None:
    """Code tables: what customs' codes mean, by date."""


@codes.command("list")
@with_appcontext
def list_tables() -> None:
    """List the tables and how many codes each holds."""
    with unit_of_work() as session:
        counts = codes_snapshot(session).counts()
    for name, spec in SPECS.items():
        click.echo(f"{name:22}{counts.get(name, 0):7}  {spec.title.zh} / {spec.title.en}")


@codes.command("show")
@click.argument("table")
@click.argument("code")
@click.option("--on", type=DAY, help="Only what holds on this day (YYYY-MM-DD).")
@with_appcontext
def show(table: str, code: str, on: datetime | None) -> None:
    """Show one code of a table with all its periods."""
    day: date | None = on.date() if on else None
    with refusals(), unit_of_work() as session:
        for one in code_periods(codes_snapshot(session), table, code, day):
            click.echo(f"{one.code}  {one.start or '…'} – {one.end or '…'}  {one.name_zh} / {one.name_en}")
            click.echo(f"    {one.source}")
            for key, value in one.extra.items():
                click.echo(f"    {key}: {value}")


@codes.command("load")
@click.argument("table")
@click.argument("file", type=FILE)
@click.option("--source", default="", help="The document the rows rest on.")
@click.option("--whole", is_flag=True, help="The file is the whole table: remove what it does not name.")
@with_appcontext
def load(table: str, file: Path, source: str, whole: bool) -> None:
    """Load a CSV file into a table, all of it or nothing."""
    with refusals(), unit_of_work() as session:
        raw = file.read_bytes()
        result = load_codes(session, table, raw, source=source, person="command line", at=clock.now(), whole=whole)
        say_result(table, result)
