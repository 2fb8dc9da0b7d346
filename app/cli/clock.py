"""`flask clock show|run-due`: what time it is on the platform, and running what has become due."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from app import jobs
from app.jobs_tables import JobRun
from app.session import sessions, unit_of_work
from common import clock as platform_clock


@click.group()
def clock() -> None:
    """The platform's clock and its periodic jobs."""


@clock.command("show")
@with_appcontext
def show() -> None:
    """Print the platform's time and when each job last ran."""
    moved = platform_clock.offset()
    click.echo(f"{platform_clock.now().isoformat(timespec='seconds')}  moved by {int(moved.total_seconds())} s")
    with unit_of_work() as session:
        jobs.register(session)
        rows = {row.name: row for row in session.scalars(select(JobRun))}
    for job in jobs.JOBS:
        row = rows[job.name]
        last = row.last_run_at.isoformat(timespec="seconds") if row.last_run_at else "never"
        failed = f"  failed: {row.last_error}" if row.last_error else ""
        click.echo(f"{job.name}  {job.schedule.words}  last {last}{failed}")


@clock.command("run-due")
@click.pass_context
@with_appcontext
def run_due(context: click.Context) -> None:
    """Run every job that is due now and print what ran; exit code 1 when one failed."""
    with unit_of_work() as session:
        jobs.register(session)
    ran = jobs.run_due(sessions(), platform_clock.now())
    for one in ran:
        count = "" if one.count is None else f"  {one.count}"
        click.echo(f"{one.name}{count}  {one.ms} ms{f'  failed: {one.error}' if one.error else ''}")
    if not ran:
        click.echo("nothing is due")
    if any(one.error for one in ran):
        context.exit(1)
