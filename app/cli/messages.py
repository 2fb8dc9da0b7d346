"""`flask messages …`: what came in, what became of it, and another try for what still waits."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from sqlalchemy import func, select

from app.access.tables import Account
from app.api.messages import take_in
from app.cli.refusals import refusals
from app.session import sessions, unit_of_work
from common import clock
from common.findings import NotFoundError
from customs.intake import answers
from customs.intake.inbox import JSON, XML, Incoming, unprocessed
from customs.intake.process import process_message
from customs.rules.intake import NO_FIRM
from customs.tables import Message


@click.group()
def messages() -> None:
    """Messages: send, show, responses, waiting, process."""


@messages.command("send")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--login", required=True, help="The enterprise account that sends it.")
def send(file: Path, login: str) -> None:
    """Send a message from FILE (.xml or .json) as an account; it goes through the inbox like any other."""
    with refusals():
        with unit_of_work() as session:
            account = session.scalars(select(Account).where(Account.login == login)).one_or_none()
            if account is None or account.enterprise_id is None or account.zone_code is None:
                raise NotFoundError(NO_FIRM.at("/login"))
            content_type = JSON if file.suffix.lower() == ".json" else XML
            incoming = Incoming(file.read_bytes(), content_type, account.enterprise_id, account.id, account.zone_code)
        received = take_in(incoming)
    click.echo(f"message {received.id}{' (sent before)' if received.repeat else ''}")


@messages.command("show")
@click.argument("message_id", type=int)
def show(message_id: int) -> None:
    """A message's object, as the API gives it."""
    with unit_of_work() as session:
        message = session.scalars(select(Message).where(Message.id == message_id)).one_or_none()
        if message is None:
            raise click.ClickException(f"no message {message_id}")
        click.echo(json.dumps(answers.view(session, message), ensure_ascii=False, indent=1))


@messages.command("responses")
@click.argument("message_id", type=int)
def responses(message_id: int) -> None:
    """The newest response of each document, as a CEB message."""
    with unit_of_work() as session:
        message = session.scalars(select(Message).where(Message.id == message_id)).one_or_none()
        newest = answers.newest_answers(session, message) if message is not None else []
        if message is None or not newest:
            raise click.ClickException(f"no responses to message {message_id} yet")
        sys.stdout.write(answers.as_xml(message, newest).decode())


@messages.command("waiting")
def waiting() -> None:
    """How many messages wait for a worker, and since when the oldest."""
    with unit_of_work() as session:
        count, oldest = session.execute(
            select(func.count(), func.min(Message.received_at)).where(Message.state == "received")
        ).one()
    click.echo(f"{count} waiting" + (f", the oldest since {oldest.isoformat()}" if oldest else ""))


@messages.command("process")
def process() -> None:
    """Work on everything that waits, here and now."""
    with unit_of_work() as session:
        ids = unprocessed(session, clock.now())
    done = sum(process_message(sessions(), id, clock.now()) for id in ids)
    click.echo(f"{done} of {len(ids)} processed")
