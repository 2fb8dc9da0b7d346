"""`flask zone list|show|set-office|accounts`: zones as they stand on a day, and who has an account."""

from __future__ import annotations

from datetime import date, datetime

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from app.access.tables import Account
from app.cli.refusals import refusals
from app.session import unit_of_work
from common import clock
from credit.subjects import office_rows, sites_on
from credit.tables import ZoneOffice
from credit.zones import MODES, OfficeSetting, all_zones, parks_on, require_zone, set_office

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def zone() -> None:
    """Pilot zones, their offices and accounts."""


@zone.command("list")
@click.option("--on", type=DAY, help="The day that is asked about; today without it.")
@with_appcontext
def list_zones(on: datetime | None) -> None:
    """Print the zones with their offices."""
    day = _day(on)
    with unit_of_work() as session:
        rows = office_rows(session, day)
        for one in all_zones(session):
            offices = " ".join(row.office_code for row in rows if row.zone_code == one.code and row.open)
            click.echo(f"{one.code}  {one.name_zh}  {offices}")


@zone.command("show")
@click.argument("code")
@click.option("--on", type=DAY, help="The day that is asked about; today without it.")
@refusals()
@with_appcontext
def show_zone(code: str, on: datetime | None) -> None:
    """Print one zone: parks, offices, supervised sites."""
    day = _day(on)
    with unit_of_work() as session:
        one = require_zone(session, code)
        click.echo(f"{one.code}  {one.name_zh}  {one.name_en}  {one.approved_on}")
        for park in parks_on(session, code, day):
            click.echo(f"  park {park.id}  {park.name_zh}{'  core' if park.core else ''}")
        offices = [row for row in office_rows(session, day) if row.zone_code == code]
        for row in offices:
            click.echo(f"  office {_office_line(row)}")
        for site in sites_on(session, day):
            if site.office_code in {row.office_code for row in offices}:
                click.echo(f"  site {site.office_code}/{site.loct_no}  {site.name}  operator {site.operator_id}")


@zone.command("set-office")
@click.argument("zone_code")
@click.argument("office_code")
@click.option("--from", "start", type=DAY, required=True, help="The day from which this counts.")
@click.option("--mode", type=click.Choice(MODES), default="decide", show_default=True)
@click.option("--early/--no-early", default=False, help="Whether release may precede arrival.")
@click.option("--open/--closed", "is_open", default=True, help="Whether the office handles the zone's declarations.")
@click.option("--verified/--unverified", default=True, help="Whether the link to the zone is confirmed.")
@click.option("--successor", help="The office that takes over.")
@click.option("--source", default="", help="The document this rests on.")
@refusals()
@with_appcontext
def set_zone_office(
    zone_code: str,
    office_code: str,
    start: datetime,
    mode: str,
    early: bool,
    is_open: bool,
    verified: bool,
    successor: str | None,
    source: str,
) -> None:
    """Say how an office handles a zone's declarations from a day on; earlier settings stay on record."""
    setting = OfficeSetting(zone_code, office_code, start.date(), mode, early, is_open, verified, successor, source)
    with unit_of_work() as session:
        row = set_office(session, setting, by="command line", at=clock.now())
        click.echo(_office_line(row))


@zone.command("accounts")
@with_appcontext
def list_accounts() -> None:
    """Print all accounts, without anything secret."""
    with unit_of_work() as session:
        for row in session.scalars(select(Account).order_by(Account.id)):
            ended = "  disabled" if row.disabled_at else ""
            click.echo(f"{row.id}  {row.login}  {row.role}  {row.level or '-'}  {row.zone_code or '-'}{ended}")


def _day(on: datetime | None) -> date:
    return on.date() if on else clock.today()


def _office_line(row: ZoneOffice) -> str:
    words = [
        row.office_code,
        f"from {row.valid_from}",
        row.mode,
        "early" if row.early_declaration else "after arrival",
        "open" if row.open else "closed",
        "verified" if row.verified else "unverified",
    ]
    return "  ".join([*words, f"successor {row.successor_code}"] if row.successor_code else words)
