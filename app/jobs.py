"""Periodic jobs: what runs how often, and running what is due.

A job is a plain function of (session, at). Each runs in a transaction of its own that holds the job's row, so that two
schedulers never run one at the same time. Jobs run by the platform's clock: when a demo's clock is set forward, each
job that has become due meanwhile runs once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib import import_module
from time import perf_counter
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from app.jobs_tables import JobRun
from common.audit import PLATFORM, set_context
from common.clock import CHINA, china_day
from common.db import transaction

log = logging.getLogger(__name__)

RETRY_AFTER = timedelta(minutes=1)
"""How soon a failed job is tried again, unless it runs more often anyway."""
ERROR_LENGTH = 500

Work = Callable[[Session, datetime], int | None]
"""What a job does; it may say how many records it worked on."""


class Schedule(Protocol):
    """When a job is due."""

    @property
    def words(self) -> str:
        """How often, for people."""

    @property
    def retry_after(self) -> timedelta:
        """How soon it is tried again after a failure."""

    def due_at(self, last: datetime) -> datetime:
        """The instant from which it is due again after it last ended well."""


@dataclass(frozen=True, slots=True)
class Every:
    """Again and again after an interval."""

    interval: timedelta

    @property
    def words(self) -> str:
        """How often, for people."""
        seconds = int(self.interval.total_seconds())
        return f"{seconds // 60} min" if seconds % 60 == 0 else f"{seconds} s"

    @property
    def retry_after(self) -> timedelta:
        """How soon it is tried again after a failure."""
        return min(self.interval, RETRY_AFTER)

    def due_at(self, last: datetime) -> datetime:
        """One interval after it last ended well."""
        return last + self.interval


@dataclass(frozen=True, slots=True)
class Daily:
    """Once every China-time day, from an hour on."""

    hour: int

    @property
    def words(self) -> str:
        """How often, for people."""
        return f"daily at {self.hour:02}:00"

    @property
    def retry_after(self) -> timedelta:
        """How soon it is tried again after a failure."""
        return RETRY_AFTER

    def due_at(self, last: datetime) -> datetime:
        """The first such hour after it last ended well."""
        today = self._on(china_day(last))
        return today if last < today else self._on(china_day(last) + timedelta(days=1))

    def _on(self, day: date) -> datetime:
        return datetime.combine(day, time(self.hour), CHINA)


@dataclass(frozen=True, slots=True)
class Job:
    """One periodic job; `work` is `module:function`, looked up when it runs."""

    name: str
    work: str
    schedule: Schedule

    def function(self) -> Work:
        """The function that does the work."""
        module, _, attribute = self.work.partition(":")
        found: Work = getattr(import_module(module), attribute)
        return found


JOBS: list[Job] = [
    Job("messages.sweep", "app.jobs_work:sweep", Every(timedelta(seconds=5))),
    Job("audit.seal", "app.jobs_work:seal_audit", Every(timedelta(minutes=1))),
    Job("matching.expire", "app.jobs_work:expire_waiting", Every(timedelta(minutes=1))),
    Job("registrations.match", "app.jobs_work:match_registrations", Every(timedelta(minutes=5))),
    Job("matching.retry", "app.jobs_work:retry_undetermined", Every(timedelta(minutes=5))),
    Job("desk.expire_early", "app.jobs_work:expire_early_declarations", Every(timedelta(minutes=5))),
    Job("messages.forget_keys", "app.jobs_work:forget_keys", Every(timedelta(hours=1))),
    Job("mandates.end", "app.jobs_work:end_mandates", Daily(1)),
    Job("partitions.ahead", "app.jobs_work:partitions_ahead", Daily(0)),
    Job("proofs.check", "app.jobs_work:check_proofs", Daily(3)),
    Job("summaries.look_after", "app.jobs_work:look_after_summaries", Daily(1)),
    Job("risk.history", "app.jobs_work:refresh_history", Daily(2)),
]
"""All jobs, in the order in which they run when several are due."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What became of one job: records worked on, milliseconds, and why it failed (None when it ended well)."""

    name: str
    count: int | None
    ms: int
    error: str | None


def register(session: Session) -> None:
    """Make the rows of jobs that have none."""
    for job in JOBS:
        row = insert(JobRun).values(name=job.name, every=job.schedule.words)
        session.execute(row.on_conflict_do_update(index_elements=["name"], set_={"every": job.schedule.words}))


def run_due(factory: sessionmaker[Session], at: datetime) -> list[Ran]:
    """Run every job that is due at `at`, one after the other; one that fails does not stop the next."""
    with factory() as session:
        rows = {row.name: row for row in session.scalars(select(JobRun))}
    due = [job for job in JOBS if job.name in rows and is_due(job.schedule, rows[job.name], at)]
    return [ran for job in due if (ran := run_one(factory, job, at)) is not None]


def run_one(factory: sessionmaker[Session], job: Job, at: datetime) -> Ran | None:
    """Run a job if it is due and nobody else is running it; None otherwise."""
    with transaction(factory) as session:
        row = session.scalars(
            select(JobRun).where(JobRun.name == job.name).with_for_update(skip_locked=True)
        ).one_or_none()
        if row is None or not is_due(job.schedule, row, at):
            return None
        ran = _work(session, job, at)
        row.tried_at, row.last_error, row.last_ms = at, ran.error, ran.ms
        if ran.error is None:
            row.last_run_at, row.last_count = at, ran.count
        return ran


def is_due(schedule: Schedule, row: JobRun, at: datetime) -> bool:
    """Whether a job is due: never run, its time has come, or the clock was set back behind its last run."""
    if row.last_error is not None and row.tried_at is not None and row.tried_at <= at:
        return at >= row.tried_at + schedule.retry_after
    if row.last_run_at is None or row.last_run_at > at:
        return True
    return at >= schedule.due_at(row.last_run_at)


def _work(session: Session, job: Job, at: datetime) -> Ran:
    began, count, error = perf_counter(), None, None
    try:
        with session.begin_nested():
            set_context(session, actor=PLATFORM, at=at)
            count = job.function()(session, at)
    except Exception as failed:
        log.exception("job failed", extra={"job": job.name})
        error = f"{type(failed).__name__}: {failed}"[:ERROR_LENGTH]
    return Ran(job.name, count, int((perf_counter() - began) * 1000), error)
