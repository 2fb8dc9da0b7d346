"""Departure notices on the database: what closes, what is refused, cases, repeats, two at once, any order of events."""

import secrets
import threading
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.supervise import postgres
from common.db import make_engine
from common.events import Event
from common.findings import ConflictError, DomainError, NotFoundError
from common.law.zones import set_zone_parameter
from customs.desk import Officer
from customs.intake import arrivals, departures
from customs.movement import incidents, site_records
from customs.movement.site_records import NewRecord
from customs.movement.sites import Operator
from customs.moves import Step, move
from customs.rules.moves import Cause
from customs.tables import Checklist, Departure, DepartureLine, Incident, MovementKey, Parcel, ShutOut
from tests.customs.batches import arrival_head, batch, departure_head, firms, parcel, rules_of
from tests.customs.stored import AT, OTHER_ZONE, ZONE
from tests.databases import TEMPLATE

LATER = AT + timedelta(hours=2)
HEAD = Officer(3, "张主管", frozenset({ZONE}), supervisor=True)
CLERK = Officer(4, "李审单", frozenset({ZONE}))


@pytest.fixture
def known(db_session):
    return firms(db_session)


def file(session, known, *documents, at=LATER):
    made = batch(session, known, "CEB509", *documents, sender=known.carrier, at=at)
    departures.take(made)
    made.flush()
    session.expire_all()
    return made.filed


def events_of(session, id, type="checklist"):
    found = select(Event).where(Event.subject_id == id, Event.subject_type == type).order_by(Event.id)
    return [(e.kind, e.state) for e in session.scalars(found)]


def cases(session):
    return session.scalars(select(Incident).order_by(Incident.id)).all()


def test_a_released_parcel_leaves_and_its_checklist_is_closed(db_session, known):
    row = parcel(db_session, known, 1, arrived=AT)
    (one,) = file(db_session, known, (departure_head(known), ["way-1"]))
    assert (one.status, rules_of(one)) == ("399", [])
    found = db_session.get(Checklist, row.id)
    assert (found.status, found.left_at, found.closed_at) == ("899", LATER, LATER)
    assert found.statistics_on == LATER.date()
    kept = db_session.get(Parcel, (known.carrier.id, "way-1"))
    assert (kept.departure_id, kept.left_at) == (one.id, LATER)
    moved = db_session.scalars(select(Event).where(Event.kind == "checklist.moved")).one()
    assert (moved.state, moved.source, moved.rule, moved.data["departure_id"]) == ("899", "rule", "CU4101", one.id)
    assert cases(db_session) == []


@pytest.mark.parametrize("status", ["2", "120", "300", "399", "500", "501"])
def test_an_unreleased_parcel_is_refused_and_opens_a_case_at_once(db_session, known, status):
    row = parcel(db_session, known, 1, status=status, arrived=AT)
    (one,) = file(db_session, known, (departure_head(known), ["way-1"]))
    assert rules_of(one) == [("CU4031", "error"), ("CU4039", "error")]
    assert one.findings[0].pointer == "/Departure/0/DepartureList/0/logisticsNo"
    assert db_session.get(Checklist, row.id).status == status
    (case,) = cases(db_session)
    assert (case.checklist_id, case.status, case.zone_code, case.rule) == (row.id, status, ZONE, "CU4031")
    assert (case.carrier_id, case.logistics_no, case.opened_at) == (known.carrier.id, "way-1", LATER)
    assert events_of(db_session, case.id, "incident") == [("incident.opened", None)]
    assert db_session.scalars(select(Departure)).all() == []
    assert db_session.scalars(select(MovementKey)).all() == []


@pytest.mark.parametrize("status", [None, "100"])
def test_a_parcel_without_a_valid_checklist_is_refused_and_opens_a_case(db_session, known, status):
    if status:
        parcel(db_session, known, 1, status=status, arrived=AT)
    (one,) = file(db_session, known, (departure_head(known), ["way-1"]))
    assert rules_of(one)[0] == ("CU4030", "error")
    (case,) = cases(db_session)
    assert (case.checklist_id, case.status, case.zone_code) == (None, None, ZONE)


def test_good_parcels_leave_beside_a_bad_one(db_session, known):
    good = parcel(db_session, known, 1, arrived=AT)
    bad = parcel(db_session, known, 2, status="399", arrived=AT)
    (one,) = file(db_session, known, (departure_head(known), ["way-1", "way-2", "way-3"]))
    assert (one.status, rules_of(one)) == ("399", [("CU4031", "warning"), ("CU4030", "warning")])
    assert {row.id: db_session.get(Checklist, row.id).status for row in (good, bad)} == {good.id: "899", bad.id: "399"}
    assert [case.logistics_no for case in cases(db_session)] == ["way-2", "way-3"]
    lines = db_session.scalars(select(DepartureLine).order_by(DepartureLine.gnum)).all()
    assert [(line.outcome, line.rule, line.checklist_id) for line in lines] == [
        ("left", None, good.id),
        ("refused", "CU4031", bad.id),
        ("refused", "CU4030", None),
    ]


def test_a_case_stands_once_per_parcel_and_repeats_are_told(db_session, known):
    parcel(db_session, known, 1, status="300")
    file(db_session, known, (departure_head(known, "D1"), ["way-1"]), (departure_head(known, "D2"), ["way-1"]))
    file(db_session, known, (departure_head(known, "D3"), ["way-1"]))
    (case,) = cases(db_session)
    kinds = [kind for kind, _ in events_of(db_session, case.id, "incident")]
    assert kinds == ["incident.opened", "incident.repeated", "incident.repeated"]


@pytest.mark.parametrize("hold", [{"site_hold": {"reason": "weight"}}, {"held_at": AT}])
def test_a_parcel_held_at_the_site_does_not_leave_though_released(db_session, known, hold):
    parcel(db_session, known, 1, arrived=AT, **hold)
    (one,) = file(db_session, known, (departure_head(known), ["way-1"]))
    assert rules_of(one)[0] == ("CU4032", "error")
    assert [case.rule for case in cases(db_session)] == ["CU4032"]


def test_goods_that_never_arrived_do_not_leave_where_arrival_is_required(db_session, known):
    parcel(db_session, known, 1)
    (one,) = file(db_session, known, (departure_head(known), ["way-1"]))
    assert rules_of(one)[0] == ("CU4033", "error")
    assert cases(db_session) == []
    set_zone_parameter(
        db_session,
        ZONE,
        "customs.movement.arrival_required",
        "false",
        valid_from=AT.date(),
        document="试",
        set_by="t",
        at=AT,
    )
    (two,) = file(db_session, known, (departure_head(known, "D2"), ["way-1"]))
    assert two.status == "399"


def test_nothing_leaves_before_it_arrived_or_was_released(db_session, known):
    parcel(db_session, known, 1, arrived=AT + timedelta(minutes=90))
    parcel(db_session, known, 2, arrived=AT, released_at=AT + timedelta(minutes=90))
    head = departure_head(known, leave=AT + timedelta(hours=1))
    (one,) = file(db_session, known, (head, ["way-1", "way-2"]))
    assert [rule for rule, _ in rules_of(one)] == ["CU4034", "CU4035", "CU4039"]
    assert [(case.logistics_no, case.rule) for case in cases(db_session)] == [("way-2", "CU4035")]


def test_parts_of_a_second_do_not_count_against_the_carrier(db_session, known):
    instant = LATER.replace(microsecond=900000)
    parcel(db_session, known, 1, arrived=instant, released_at=instant)
    (one,) = file(db_session, known, (departure_head(known, leave=LATER), ["way-1"]))
    assert one.status == "399"


def test_a_departure_that_lies_ahead_is_refused(db_session, known):
    parcel(db_session, known, 1, arrived=AT)
    (one,) = file(db_session, known, (departure_head(known, leave=LATER + timedelta(minutes=16)), ["way-1"]))
    assert rules_of(one) == [("CU4040", "error")]
    (two,) = file(db_session, known, (departure_head(known, leave=LATER + timedelta(minutes=15)), ["way-1"]))
    assert two.status == "399"


def test_a_checklist_of_another_office_does_not_leave_by_this_notice(db_session, known):
    parcel(db_session, known, 1, arrived=AT, customs_code="5191")
    (one,) = file(db_session, known, (departure_head(known), ["way-1"]))
    assert rules_of(one)[0] == ("CU4036", "error")


def test_a_parcel_that_the_site_misses_does_not_leave(db_session, known):
    parcel(db_session, known, 1, arrived=AT)
    operator = Operator(5, "王场站", known.operator.id)
    new = NewRecord("missing", "5190", None, "货架上没有", known.carrier.customs_code, "way-1")
    site_records.record(db_session, operator, new, at=AT)
    (one,) = file(db_session, known, (departure_head(known), ["way-1"]))
    assert rules_of(one)[0] == ("CU4037", "error")


def test_a_repeat_is_a_warning_and_counts_nothing_twice(db_session, known):
    row = parcel(db_session, known, 1, arrived=AT)
    other = parcel(db_session, known, 2, arrived=AT)
    first, second, third = file(
        db_session,
        known,
        (departure_head(known, "D1"), ["way-1"]),
        (departure_head(known, "D2"), ["way-1", "way-2"]),
        (departure_head(known, "D3"), ["way-1"]),
    )
    assert (second.status, rules_of(second)) == ("399", [("CU4038", "warning")])
    assert (third.status, rules_of(third)) == (None, [("CU4038", "warning"), ("CU4039", "error")])
    assert db_session.get(Parcel, (known.carrier.id, "way-1")).departure_id == first.id
    for one in (row, other):
        assert [state for _, state in events_of(db_session, one.id)] == ["899"]


def test_where_customs_own_system_decides_only_its_response_closes(db_session, known):
    row = parcel(db_session, known, 1, arrived=AT, decides="relay")
    (one,) = file(db_session, known, (departure_head(known), ["way-1"]))
    found = db_session.get(Checklist, row.id)
    assert (one.status, found.status, found.left_at, found.closed_at) == ("2", "800", LATER, None)
    assert events_of(db_session, row.id) == [("checklist.left", None)]
    (again,) = file(db_session, known, (departure_head(known, "D2"), ["way-1"]))
    assert rules_of(again)[0] == ("CU4038", "warning")


def test_parts_close_one_by_one(db_session, known):
    first, second = parcel(db_session, known, 1, arrived=AT), parcel(db_session, known, 2, arrived=AT)
    (two,) = file(db_session, known, (departure_head(known, seq=2, count=2), ["way-2"]))
    assert (two.status, rules_of(two)) == ("399", [("CU4005", "warning")])
    assert (db_session.get(Checklist, first.id).status, db_session.get(Checklist, second.id).status) == ("800", "899")
    (one,) = file(db_session, known, (departure_head(known, seq=1, count=2), ["way-1"]))
    assert (one.status, rules_of(one)) == ("399", [])


def test_a_departure_is_final_but_may_be_added_to(db_session, known):
    parcel(db_session, known, 1, arrived=AT)
    late = parcel(db_session, known, 2, arrived=AT)
    file(db_session, known, (departure_head(known), ["way-1"]))
    (gone,) = file(db_session, known, (departure_head(known, app_type="3", at=LATER), ["way-1"]))
    assert rules_of(gone) == [("CU4041", "error")]
    (less,) = file(db_session, known, (departure_head(known, app_type="2", at=LATER), ["way-2"]))
    assert rules_of(less) == [("CU4041", "error")]
    assert db_session.get(Checklist, late.id).status == "800"
    (more,) = file(db_session, known, (departure_head(known, app_type="2", at=LATER), ["way-1", "way-2"]))
    assert (more.status, rules_of(more), db_session.get(Checklist, late.id).status) == ("399", [], "899")


# --- the supervisor's cases


def test_a_supervisor_closes_a_case_in_words(db_session, known):
    parcel(db_session, known, 1, status="300")
    file(db_session, known, (departure_head(known), ["way-1"]))
    (case,) = incidents.incidents(db_session, {ZONE}, open_only=True, after=0, limit=10)
    with pytest.raises(ConflictError) as error:
        incidents.close(db_session, CLERK, case.id, "查明", at=LATER)
    assert error.value.findings[0].rule == "CU5008"
    with pytest.raises(DomainError):
        incidents.close(db_session, HEAD, case.id, "  ", at=LATER)
    with pytest.raises(NotFoundError):
        incidents.close(db_session, Officer(9, "外区", frozenset({OTHER_ZONE}), True), case.id, "查明", at=LATER)
    closed = incidents.close(db_session, HEAD, case.id, "包裹已追回", at=LATER)
    assert (closed.closed_name, closed.outcome, closed.closed_at) == ("张主管", "包裹已追回", LATER)
    with pytest.raises(ConflictError) as error:
        incidents.close(db_session, HEAD, case.id, "再来", at=LATER)
    assert error.value.findings[0].rule == "CU4071"
    assert incidents.incidents(db_session, {ZONE}, open_only=True, after=0, limit=10) == []


@pytest.mark.parametrize("state", ["requested", "approved"])
def test_goods_with_a_shut_out_that_has_not_ended_do_not_leave(db_session, known, state):
    row = parcel(db_session, known, 1, arrived=AT)
    shut_out(db_session, row, state)
    (one,) = file(db_session, known, (departure_head(known), ["way-1"]))
    assert (one.status, rules_of(one)) == (None, [("CU6234", "error"), ("CU4039", "error")])
    assert db_session.get(Checklist, row.id).status == "800"
    assert [case.rule for case in cases(db_session)] == ["CU6234"]


@pytest.mark.parametrize("state", ["refused", "withdrawn", "let_out", "not_here"])
def test_a_shut_out_that_has_ended_stops_nothing(db_session, known, state):
    row = parcel(db_session, known, 1, arrived=AT)
    shut_out(db_session, row, state)
    (one,) = file(db_session, known, (departure_head(known), ["way-1"]))
    assert (one.status, db_session.get(Checklist, row.id).status) == ("399", "899")


def shut_out(session, row, state):
    facts = ("zone_code", "customs_code", "carrier_id", "logistics_name", "logistics_no", "declarant_id",
             "consignor_id", "sender_id", "ebc_name")  # fmt: skip
    values = {name: getattr(row, name) for name in facts}
    session.add(ShutOut(checklist_id=row.id, **values, whole=False, goods="T恤", state=state, requested_at=AT))
    session.flush()


# --- two at once


@pytest.fixture
def committed(cluster):
    """A database of its own, with firms and one released parcel that two connections can see."""
    name = f"departures_{secrets.token_hex(4)}"
    postgres.create_database(cluster, name, template=TEMPLATE)
    engine = make_engine(cluster.url(name))
    with Session(engine, expire_on_commit=False) as session:
        known = firms(session)
        row = parcel(session, known, 1, arrived=AT)
        session.commit()
    yield engine, known, row.id
    engine.dispose()


def test_of_two_departures_of_one_parcel_at_once_one_wins(committed):
    engine, known, id = committed
    start, answers = threading.Barrier(2), []

    def run(cop_no):
        with Session(engine) as session:
            made = batch(
                session, known, "CEB509", (departure_head(known, cop_no), ["way-1"]), sender=known.carrier, at=LATER
            )
            start.wait()
            departures.take(made)
            made.flush()
            session.commit()
            answers.append((made.filed[0].status, [rule for rule, _ in rules_of(made.filed[0])]))

    threads = [threading.Thread(target=run, args=(f"D{n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers, key=str) == [("399", []), (None, ["CU4038", "CU4039"])]
    with Session(engine) as session:
        closed = session.scalars(select(Event).where(Event.subject_id == id, Event.state == "899")).all()
        assert len(closed) == 1
        assert session.scalars(select(Incident)).all() == []


# --- any order


ACTS = st.lists(
    st.tuples(st.sampled_from(["arrive", "conclude", "release", "leave", "unarrive"]), st.integers(1, 3)), max_size=12
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_in_any_order_nothing_leaves_unreleased_nothing_leaves_twice_and_days_stand(db_session, known, acts):
    outer = db_session.begin_nested()
    try:
        rows = [parcel(db_session, known, number, status="120").id for number in (1, 2, 3)]
        seen = {}
        for n, (act, number) in enumerate(acts):
            at = AT + timedelta(minutes=10 * (n + 1))
            _do(db_session, known, act, rows[number - 1], f"way-{number}", f"P{n}", at)
            db_session.expire_all()
            for id in rows:
                _check(db_session, id, seen)
    finally:
        outer.rollback()
        db_session.expunge_all()


def _do(session, known, act, id, number, cop_no, at):
    row = session.get(Checklist, id)
    if act == "arrive":
        made = batch(
            session, known, "CEB507", (arrival_head(known, cop_no, at=at), [number]), sender=known.operator, at=at
        )
        arrivals.take(made)
        made.flush()
    elif act == "unarrive":
        kept = session.get(Parcel, (known.carrier.id, number))
        stored = session.scalar(
            select(MovementKey.cop_no).where(MovementKey.kind == "arrival", MovementKey.paper_id == kept.arrival_id)
        )
        if stored:
            head = arrival_head(known, stored, app_type="3", at=at)
            made = batch(session, known, "CEB507", (head, []), sender=known.operator, at=at)
            arrivals.take(made)
            made.flush()
    elif act == "leave":
        head = departure_head(known, cop_no, at=at, leave=at)
        made = batch(session, known, "CEB509", (head, [number]), sender=known.carrier, at=at)
        departures.take(made)
        made.flush()
        released = row.status == "800" and row.arrived_at is not None
        assert (made.filed[0].status == "399") == released
    elif (act, row.status) in (("conclude", "120"), ("release", "399")):
        move(session, id, Step("399" if act == "conclude" else "800", Cause.RULE), at=at)


def _check(session, id, seen):
    row = session.get(Checklist, id)
    events = session.scalars(select(Event).where(Event.subject_id == id, Event.subject_type == "checklist")).all()
    states = [event.state for event in sorted(events, key=lambda e: e.id) if event.state]
    assert states.count("899") <= 1
    if row.left_at is not None:
        assert row.status == "899"
        assert states[-2:] == ["800", "899"]
        assert row.released_at <= row.left_at
        assert row.arrived_at <= row.left_at
    days = (row.stored_at, row.concluded_at, row.released_at, row.left_at, row.closed_at)
    for before, now in zip(seen.get(id, (None,) * 5), days, strict=True):
        assert before is None or before == now
    seen[id] = days
