"""The inbox: a message is kept as it came, under its sender and number, before anybody says that it was received.

Whoever sends the same message again gets the first one; whatever cannot be read is kept as well and refused.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from common.clock import china_day
from common.db import lock_keys, new_ids
from common.findings import ConflictError, Finding
from common.partitions import ensure_month
from customs.messages.document import DoorFault
from customs.messages.door import JSON, XML, probe
from customs.messages.json_form import issue_guid
from customs.rules.intake import GUID_TAKEN, KEY_TAKEN
from customs.tables import IdempotencyKey, Message, MessageKey

__all__ = ["JSON", "RECEIVED", "REFUSED", "XML", "Incoming", "Received", "forget_keys", "receive", "unprocessed"]

RECEIVED, PROCESSED, REFUSED = "received", "processed", "refused"
KEYS_KEPT = timedelta(hours=24)
"""How long an `Idempotency-Key` is remembered (interfaces.md §2)."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message at the door: bytes as sent, who sends it, and the zone it counts for."""

    raw: bytes
    content_type: str
    sender_id: int
    account_id: int
    zone_code: str
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Received:
    """What became of it: the message's id, whether it is a repeat, and the fault that stopped it at the door."""

    id: int
    repeat: bool = False
    fault: Finding | None = None


def receive(session: Session, incoming: Incoming, at: datetime) -> Received:
    """Keep a message; the caller commits before it acknowledges, and then rings for a worker.

    Raises `ConflictError` where number or key was used for other bytes: nothing is kept then.
    """
    ensure_month(session, china_day(at))
    digest = hashlib.sha256(incoming.raw).digest()
    first = _by_key(session, incoming, digest)
    if first is not None:
        return Received(first, repeat=True)
    try:
        found = probe(incoming.raw, incoming.content_type)
    except DoorFault as fault:
        return Received(_keep(session, incoming, digest, at, REFUSED, fault=fault), fault=fault.finding)
    guid = found.guid
    if guid is not None:
        first = _by_guid(session, incoming.sender_id, guid, digest)
        if first is not None:
            return Received(first, repeat=True)
    issued = guid or (issue_guid() if incoming.content_type == JSON else None)
    id = _keep(session, incoming, digest, at, RECEIVED, type=found.type, guid=issued)
    if guid is not None:
        session.add(MessageKey(sender_id=incoming.sender_id, guid=guid, message_id=id, sha256=digest))
    session.flush()
    return Received(id)


def _by_key(session: Session, incoming: Incoming, digest: bytes) -> int | None:
    """The message already sent under this Idempotency-Key."""
    if incoming.idempotency_key is None:
        return None
    lock_keys(session, [f"idempotency:{incoming.account_id}:{incoming.idempotency_key}"])
    held = session.get(IdempotencyKey, (incoming.account_id, incoming.idempotency_key))
    if held is None:
        return None
    if held.sha256 != digest:
        raise ConflictError(KEY_TAKEN.at(""))
    return held.message_id


def _by_guid(session: Session, sender_id: int, guid: str, digest: bytes) -> int | None:
    """The message this sender already sent under this number."""
    lock_keys(session, [f"message:{sender_id}:{guid}"])
    held = session.get(MessageKey, (sender_id, guid))
    if held is None:
        return None
    if held.sha256 != digest:
        raise ConflictError(GUID_TAKEN.at("/guid", guid=guid))
    return held.message_id


def _keep(
    session: Session,
    incoming: Incoming,
    digest: bytes,
    at: datetime,
    state: str,
    *,
    type: str | None = None,
    guid: str | None = None,
    fault: DoorFault | None = None,
) -> int:
    id = new_ids(session, 1, china_day(at))[0]
    session.add(
        Message(
            id=id,
            guid=fault.guid if fault else guid,
            type=fault.type if fault else type,
            content_type=incoming.content_type,
            sender_id=incoming.sender_id,
            account_id=incoming.account_id,
            zone_code=incoming.zone_code,
            received_at=at,
            raw=incoming.raw,
            sha256=digest,
            state=state,
            processed_at=at if fault else None,
            envelope=[fault.finding.as_dict()] if fault else [],
        )
    )
    if incoming.idempotency_key is not None:
        session.add(
            IdempotencyKey(
                account_id=incoming.account_id,
                key=incoming.idempotency_key,
                message_id=id,
                sha256=digest,
                at=at,
            )
        )
    session.flush()
    return id


def unprocessed(session: Session, received_before: datetime, limit: int = 500) -> list[int]:
    """Messages still waiting for a worker, oldest first; for the sweep that heals lost tasks."""
    query = select(Message.id).where(Message.state == "received", Message.received_at < received_before)
    return list(session.scalars(query.order_by(Message.received_at).limit(limit)))


def forget_keys(session: Session, at: datetime) -> int:
    """Forget Idempotency-Keys after their day; how many."""
    found = session.execute(delete(IdempotencyKey).where(IdempotencyKey.at < at - KEYS_KEPT))
    return int(getattr(found, "rowcount", 0))
