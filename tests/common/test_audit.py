"""The audit trail: the trigger writes it, nobody changes it, sealing misses nothing and shows every change."""

import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from common.audit import AuditEntry, Deed, record, set_context
from common.audit_seals import seal, verify
from common.clock import CHINA
from credit.tables import Zone

AT = datetime(2026, 11, 24, 10, 0, tzinfo=CHINA)
ZONE = "999900"


def a_zone(name="甲"):
    return Zone(code=ZONE, name_zh=name, name_en="A", approved_on=AT.date())


def entries(session, subject_type="zone"):
    query = select(AuditEntry).where(AuditEntry.subject_type == subject_type, AuditEntry.subject_id == ZONE)
    return session.scalars(query.order_by(AuditEntry.id)).all()


def test_a_change_is_written_with_actor_instant_request_before_and_after(db_session):
    set_context(db_session, actor="account:7", at=AT, request_id="r-1")
    zone = a_zone()
    db_session.add(zone)
    db_session.flush()
    zone.name_zh = "乙"
    db_session.flush()
    added, changed = entries(db_session)
    assert (added.action, added.before, added.after["name_zh"]) == ("insert", None, "甲")
    assert (changed.action, changed.before["name_zh"], changed.after["name_zh"]) == ("change", "甲", "乙")
    assert (changed.actor, changed.at, changed.request_id) == ("account:7", AT, "r-1")


def test_a_change_that_changes_nothing_leaves_no_entry(db_session):
    set_context(db_session, actor="account:7", at=AT)
    db_session.add(a_zone())
    db_session.flush()
    db_session.execute(text("UPDATE zone SET name_zh = name_zh WHERE code = :code"), {"code": ZONE})
    assert len(entries(db_session)) == 1


def test_an_audited_table_is_not_changed_without_an_actor(db_session):
    db_session.execute(text("SELECT set_config('zone.actor', '', true), set_config('zone.now', '', true)"))
    db_session.add(a_zone())
    with pytest.raises(DBAPIError, match="audited"):
        db_session.flush()


def test_secrets_do_not_reach_the_trail(db_session):
    set_context(db_session, actor="account:7", at=AT)
    db_session.execute(
        text(
            "INSERT INTO account (login, name, role, zones, password_hash, session_serial, created_at) "
            "VALUES ('t', 't', 'auditor', '{}', 'the-hash', 1, :at)"
        ),
        {"at": AT},
    )
    found = db_session.scalars(select(AuditEntry).where(AuditEntry.subject_type == "account")).all()
    assert found
    assert all("the-hash" not in str(one.after) for one in found)


@pytest.mark.parametrize(
    "what", ["UPDATE audit_entry SET actor = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_seal"]
)
def test_the_trail_is_only_added_to(db_session, what):
    with pytest.raises(DBAPIError, match="only added to"):
        db_session.execute(text(what))


@pytest.fixture
def committed(engine):
    """Sessions that really commit: sealing looks at finished transactions. What they leave is removed."""
    yield lambda: Session(engine)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("DELETE FROM audit_seal"))
        connection.execute(text("DELETE FROM audit_entry"))


def note(session, number, zone=None):
    record(session, Deed("read", "subject", str(number), zone), actor="account:7", at=AT)


def sealed(committed, minutes=0):
    with committed() as session, session.begin():
        return seal(session, at=AT + timedelta(minutes=minutes))


def quiet(committed):
    """Return once every transaction that is open now has ended.

    Other workers' tests run on the same server, and sealing stops before the oldest open transaction of them all.
    """
    with committed() as session, session.begin():
        mark = int(session.execute(text("SELECT pg_current_xact_id()::text")).scalar_one())
    for _ in range(2000):
        with committed() as session:
            oldest = int(session.execute(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")).scalar_one())
        if oldest > mark:
            return
        time.sleep(0.05)
    raise AssertionError("a transaction stays open")


def verdict(committed):
    with committed() as session:
        return verify(session)


def test_finished_entries_are_sealed_once_and_hold(committed):
    with committed() as session, session.begin():
        note(session, 1)
        note(session, 2)
    quiet(committed)
    assert sealed(committed) == 1
    assert sealed(committed, 1) == 0
    found = verdict(committed)
    assert (found.seals, found.entries, found.broken) == (1, 2, ())


def test_an_entry_committed_late_falls_into_a_later_seal(committed):
    late = committed()
    note(late, 1)
    late.flush()  # takes its number now, commits after the others were sealed
    with committed() as session, session.begin():
        note(session, 2)
    sealed(committed)
    assert verdict(committed).entries == 0
    late.commit()
    late.close()
    quiet(committed)
    sealed(committed, 1)
    found = verdict(committed)
    assert (found.entries, found.broken) == (2, ())


@pytest.mark.parametrize(
    ("tampering", "why"),
    [
        ("UPDATE audit_entry SET actor = 'account:8' WHERE subject_id = '2'", "entries"),
        ("DELETE FROM audit_entry WHERE subject_id = '2'", "entries"),
        ("UPDATE audit_entry SET at = at + interval '1 second' WHERE subject_id = '2'", "entries"),
        (
            "INSERT INTO audit_entry (xid, at, actor, action, subject_type, subject_id) "
            "SELECT xid, at, actor, action, subject_type, '9' FROM audit_entry WHERE subject_id = '2'",
            "entries",
        ),
        ("UPDATE audit_seal SET entries = 7 WHERE seq = 2", "seal"),
        ("DELETE FROM audit_seal WHERE seq = 1", "chain"),
    ],
)
def test_every_tampering_breaks_the_chain_at_its_first_link(committed, engine, tampering, why):
    for number in (1, 2, 3):
        with committed() as session, session.begin():
            note(session, number)
        quiet(committed)
        sealed(committed, number)
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(tampering))
    found = verdict(committed)
    assert [(one.seq, one.why) for one in found.broken] == [(2, why)]
