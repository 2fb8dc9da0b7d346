"""`flask audit seal|verify`: the chain of hashes over the audit trail."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.session import unit_of_work
from common import clock
from common.audit_seals import seal, verify


@click.group()
def audit() -> None:
    """The audit trail."""


@audit.command("seal")
@with_appcontext
def seal_now() -> None:
    """Seal what has finished since the last seals."""
    with unit_of_work() as session:
        written = seal(session, at=clock.now())
    click.echo(f"seals written: {written}")


@audit.command("verify")
@click.pass_context
@with_appcontext
def verify_chain(context: click.Context) -> None:
    """Check every chain from its first seal; exit code 1 names the first broken link of each zone."""
    with unit_of_work() as session:
        verdict = verify(session)
    click.echo(f"seals that hold: {verdict.seals}, entries covered: {verdict.entries}")
    for one in verdict.broken:
        click.echo(f"broken: zone {one.zone_code}, seal {one.seq} ({one.why})", err=True)
    if verdict.broken:
        context.exit(1)
