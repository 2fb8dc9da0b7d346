"""`flask rates` and `flask calendar`: show and load exchange rates and the official calendar."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.cli.codes import DAY, FILE
from app.cli.refusals import refusals, say_result
from app.demo import is_demo
from app.session import unit_of_work
from common import clock
from common.holidays import holiday_days, loaded_years
from common.holidays_loading import load_calendar
from common.rates import RateKind
from common.rates import rates as rates_of
from common.rates_loading import load_rates, rate_kind

KIND = click.Choice([kind.value for kind in RateKind])


@click.group("rates")
def rates() -> None:
    """Exchange rates of three kinds: customs (monthly), safe (monthly, to the dollar), tax (daily)."""


@rates.command("show")
@click.argument("kind", type=KIND)
@click.argument("currency")
@click.option("--on", type=DAY, help="The day (YYYY-MM-DD); today if left out.")
@with_appcontext
def show(kind: str, currency: str, on: datetime | None) -> None:
    """Show the rate of a currency on a day."""
    day = on.date() if on else clock.today()
    with unit_of_work() as session:
        held = rates_of(session, rate_kind(kind))
    rate = held.rate(currency, day)
    if rate is None:
        click.echo(f"no {kind} rate of {currency} for {day}", err=True)
        raise SystemExit(1)
    click.echo(f"{currency} {day} {rate:f}{'  (sample, not a real rate)' if held.is_sample(currency, day) else ''}")


@rates.command("load")
@click.argument("kind", type=KIND)
@click.argument("file", type=FILE)
@click.option("--source", default="", help="The publication the rates are taken from.")
@click.option("--sample", is_flag=True, help="Made-up rates; refused outside the demo.")
@with_appcontext
def load(kind: str, file: Path, source: str, sample: bool) -> None:
    """Load a CSV file (currency,period,rate) of one kind, all of it or nothing."""
    with refusals(), unit_of_work() as session:
        result = load_rates(
            session,
            rate_kind(kind),
            file.read_bytes(),
            source=source,
            person="command line",
            at=clock.now(),
            sample=sample,
            demo=is_demo(),
        )
        say_result(kind, result)


@click.group("calendar")
def calendar() -> None:
    """The official calendar: days off and make-up working days."""


@calendar.command("show")
@with_appcontext
def show_calendar() -> None:
    """Show the years loaded and their days."""
    with unit_of_work() as session:
        years, days = sorted(loaded_years(session)), sorted(holiday_days(session).items())
    click.echo(f"loaded: {', '.join(map(str, years)) or 'none'}")
    for day, off in days:
        click.echo(f"{day} {'off' if off else 'working day'}")


@calendar.command("load")
@click.argument("file", type=FILE)
@click.option("--source", default="", help="The State Council's notice.")
@with_appcontext
def load_year(file: Path, source: str) -> None:
    """Load a CSV file (day,kind) of a whole year, all of it or nothing."""
    with refusals(), unit_of_work() as session:
        result = load_calendar(session, file.read_bytes(), source=source, person="command line", at=clock.now())
        say_result("calendar", result)
