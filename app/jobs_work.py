"""What the periodic jobs do: each a thin call of a use case, with its counts and limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app import summaries
from app.tasks import bell
from common import audit_seals
from common.clock import china_day
from common.partitions import ensure_ahead
from customs import matching
from customs.amendments import mandates
from customs.desk.expiry import expire_early
from customs.intake import inbox
from customs.proof.checking import check_months
from customs.registrations import match_open
from customs.risk.history import refresh_history as refresh

OVERDUE = timedelta(seconds=5)
"""A message this old should have been worked on: its task may be lost."""
RING_AGAIN = timedelta(seconds=30)
"""How long a message that was rung for is left in peace."""
SWEPT = 2000
BATCHES = 20


class _Rung:
    """Messages that this process rang for lately, so that a long queue is not rung for again at every sweep."""

    at: dict[int, datetime] = {}  # noqa: RUF012 - the process's memory


def sweep(session: Session, at: datetime) -> int:
    """Ring for messages whose task was lost (a killed worker, an empty broker); how many were rung for."""
    waiting = inbox.unprocessed(session, at - OVERDUE, SWEPT)
    due = [one for one in waiting if one not in _Rung.at or not _Rung.at[one] <= at < _Rung.at[one] + RING_AGAIN]
    kept = {one: _Rung.at[one] for one in waiting if one in _Rung.at}
    rung = 0
    for one in due:
        if not bell.ring(one):
            break  # the broker is away: the next sweep goes on from here
        kept[one], rung = at, rung + 1
    _Rung.at = kept
    return rung


def seal_audit(session: Session, at: datetime) -> int:
    """Seal the finished audit entries of every zone."""
    return audit_seals.seal(session, at=at)


def expire_waiting(session: Session, at: datetime) -> int:
    """Reject checklists whose papers never came."""
    return _until_none(matching.expire_waiting, session, at)


def retry_undetermined(session: Session, at: datetime) -> int:
    """Settle again checklists that wait for a customs rate which may have been loaded since."""
    return matching.retry_undetermined(session, at)


def match_registrations(session: Session, at: datetime) -> int:
    """Match registered exports with papers that came after them."""
    return match_open(session, at)


def expire_early_declarations(session: Session, at: datetime) -> int:
    """Reject checklists declared early whose goods never came."""
    return _until_none(expire_early, session, at)


def _until_none(work: Callable[[Session, datetime], int], session: Session, at: datetime) -> int:
    done = 0
    for _ in range(BATCHES):
        some = work(session, at)
        done += some
        if not some:
            break
    return done


def end_mandates(session: Session, at: datetime) -> int:
    """Tell of mandates that end, and pass what ended ones left open on to the consignor."""
    return mandates.run(session, at)


def forget_keys(session: Session, at: datetime) -> int:
    """Forget Idempotency-Keys after their day."""
    return inbox.forget_keys(session, at)


def partitions_ahead(session: Session, at: datetime) -> None:
    """Make the coming months' partitions."""
    ensure_ahead(session, china_day(at))


def look_after_summaries(session: Session, at: datetime) -> int:
    """Draft what nobody applied for; on the due day file it under a standing mandate or tell both parties."""
    return summaries.look_after(session, at)


def refresh_history(session: Session, at: datetime) -> None:
    """Work out anew what the risk factors compare with."""
    refresh(session, at)


def check_proofs(session: Session, at: datetime) -> int:
    """Prove the months that may have changed; how many differences stand open."""
    return check_months(session, at)
