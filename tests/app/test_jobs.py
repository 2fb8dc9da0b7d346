"""Periodic jobs: due by the platform's clock, once at a time, each on its own."""

import os
import threading
from datetime import datetime, timedelta

import pytest
import redis
from kombu.exceptions import OperationalError
from sqlalchemy import delete, select

from app import jobs, jobs_work
from app.jobs import Daily, Every, Job, run_due, run_one
from app.jobs_tables import JobRun
from app.tasks import bell
from common.clock import CHINA
from common.db import session_factory, transaction

NOON = datetime(2026, 11, 24, 12, tzinfo=CHINA)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def factory(engine):
    """Sessions that really commit: jobs lock rows across transactions."""
    made = session_factory(engine)
    yield made
    with transaction(made) as session:
        session.execute(delete(JobRun))


@pytest.fixture
def listed(factory, monkeypatch):
    """Make these the only jobs, with their rows."""

    def make(**works):
        for name, work in works.items():
            monkeypatch.setattr(jobs_work, name, work, raising=False)
        found = [Job(name, f"app.jobs_work:{name}", Every(MINUTE)) for name in works]
        monkeypatch.setattr(jobs, "JOBS", found)
        with transaction(factory) as session:
            jobs.register(session)
        return found

    return make


def row(factory, name):
    with factory() as session:
        return session.scalars(select(JobRun).where(JobRun.name == name)).one()


def test_every_listed_job_is_there():
    for job in jobs.JOBS:
        assert callable(job.function()), job.name


def test_every_listed_job_runs_on_an_empty_database(factory):
    with transaction(factory) as session:
        jobs.register(session)
    ran = run_due(factory, NOON)
    assert [one.name for one in ran] == [job.name for job in jobs.JOBS]
    assert [one.error for one in ran] == [None] * len(ran)


def test_a_job_runs_when_its_interval_has_passed_and_not_before(factory, listed):
    at = []
    listed(count=lambda _, now: at.append(now))
    for now in (NOON, NOON + MINUTE / 2, NOON + MINUTE):
        run_due(factory, now)
    assert at == [NOON, NOON + MINUTE]


def test_a_clock_set_forward_by_days_runs_a_job_once(factory, listed):
    at = []
    listed(count=lambda _, now: at.append(now))
    for now in (NOON, NOON + timedelta(days=7), NOON + timedelta(days=7)):
        run_due(factory, now)
    assert at == [NOON, NOON + timedelta(days=7)]


@pytest.mark.parametrize(
    ("last", "due"),
    [
        ("2026-11-24T01:59:59", "2026-11-24T02:00:00"),
        ("2026-11-24T02:00:00", "2026-11-25T02:00:00"),
        ("2026-12-31T23:00:00", "2027-01-01T02:00:00"),
    ],
)
def test_a_daily_job_is_due_at_its_hour_of_the_china_day(last, due):
    found = Daily(2).due_at(datetime.fromisoformat(f"{last}+08:00"))
    assert found == datetime.fromisoformat(f"{due}+08:00")


def test_a_failed_job_says_why_undoes_its_changes_and_lets_the_next_run(factory, listed):
    def fail(session, _):
        session.execute(delete(JobRun))
        raise ValueError("no such rate")

    listed(fail=fail, well=lambda _, __: 3)
    ran = run_due(factory, NOON)
    assert [(one.name, one.error, one.count) for one in ran] == [
        ("fail", "ValueError: no such rate", None),
        ("well", None, 3),
    ]
    assert row(factory, "fail").last_run_at is None
    assert row(factory, "fail").last_error == "ValueError: no such rate"
    assert row(factory, "well").last_count == 3


def test_a_failed_job_is_tried_again_after_a_while_and_its_error_goes_when_it_ends_well(factory, listed):
    outcomes = [ValueError("away"), None]

    def shaky(_, __):
        outcome = outcomes.pop(0)
        if outcome:
            raise outcome

    listed(shaky=shaky)
    for now in (NOON, NOON + MINUTE / 2, NOON + MINUTE):
        run_due(factory, now)
    assert outcomes == []
    assert row(factory, "shaky").last_error is None


def test_two_schedulers_never_run_a_job_at_the_same_time(factory, listed):
    begun, ended = threading.Event(), threading.Event()

    def slow(_, __):
        begun.set()
        assert ended.wait(30)

    [job] = listed(slow=slow)
    first = threading.Thread(target=run_one, args=(factory, job, NOON))
    first.start()
    assert begun.wait(30)
    assert run_one(factory, job, NOON) is None
    ended.set()
    first.join(30)
    assert row(factory, "slow").last_run_at == NOON
    assert run_one(factory, job, NOON) is None


def test_the_sweep_rings_once_for_an_overdue_message_and_again_when_nothing_came_of_it(monkeypatch, db_session):
    rung = []
    monkeypatch.setattr(jobs_work._Rung, "at", {})
    monkeypatch.setattr(jobs_work.inbox, "unprocessed", lambda *_: [7, 8])
    monkeypatch.setattr(bell, "ring", lambda one: rung.append(one) or True)
    for seconds in (0, 5, 30):
        jobs_work.sweep(db_session, NOON + timedelta(seconds=seconds))
    assert rung == [7, 8, 7, 8]


def test_the_sweep_stops_at_the_first_message_while_the_broker_is_away(monkeypatch, db_session):
    rung = []
    monkeypatch.setattr(jobs_work._Rung, "at", {})
    monkeypatch.setattr(jobs_work.inbox, "unprocessed", lambda *_: [7, 8])
    monkeypatch.setattr(bell, "ring", lambda one: bool(rung.append(one)))
    assert jobs_work.sweep(db_session, NOON) == 0
    assert jobs_work.sweep(db_session, NOON) == 0
    assert rung == [7, 7]


def test_a_broker_that_is_away_fails_nobody(monkeypatch, broker_url):
    def refuse(*_, **__):
        raise OperationalError("Connection refused")

    monkeypatch.setattr(bell.celery, "send_task", refuse)
    bell.bind(broker_url)
    try:
        assert bell.ring(1) is False
    finally:
        bell.bind(None)


def test_a_rung_bell_reaches_the_broker(broker_url):
    bell.bind(broker_url)
    try:
        assert bell.ring(42) is True
        with redis.Redis.from_url(broker_url) as broker:
            assert b"intake.process" in broker.lpop("celery")
    finally:
        bell.bind(None)


def test_nobody_is_rung_for_without_a_broker():
    assert bell.ring(1) is False


def test_run_due_prints_what_ran_and_then_that_nothing_is_due(app, db_session, monkeypatch):
    monkeypatch.setattr(jobs, "JOBS", [Job("count", "app.jobs_work:count", Every(timedelta(days=1)))])
    monkeypatch.setattr(jobs_work, "count", lambda *_: 5, raising=False)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["clock", "run-due"]).output.startswith("count  5  ")
    assert runner.invoke(args=["clock", "run-due"]).output == "nothing is due\n"
    assert "count  1440 min  last 20" in runner.invoke(args=["clock", "show"]).output


def test_a_job_that_fails_makes_run_due_end_with_1(app, monkeypatch):
    monkeypatch.setattr(jobs, "JOBS", [Job("count", "os:no_such_thing", Every(timedelta(days=1)))])
    assert not hasattr(os, "no_such_thing")
    found = app.test_cli_runner().invoke(args=["clock", "run-due"])
    assert found.exit_code == 1
    assert "AttributeError" in found.output
