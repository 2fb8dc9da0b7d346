"""Arrival notices on the database: what they set free, parts, repeats, weights, changes and deletions."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from common.events import Event
from credit.zones import set_site
from customs.intake import arrivals
from customs.tables import Arrival, ArrivalLine, Checklist, MovementKey, Parcel
from tests.customs.batches import START, arrival_head, batch, firms, parcel, rules_of
from tests.customs.stored import AT, stored_checklist

LATER = AT + timedelta(hours=1)


@pytest.fixture
def known(db_session):
    return firms(db_session)


def file(session, known, *documents, at=LATER, sender=None):
    made = batch(session, known, "CEB507", *documents, sender=sender or known.operator, at=at)
    arrivals.take(made)
    made.flush()
    session.expire_all()
    return made.filed


def parcel_row(session, known, number):
    return session.get(Parcel, (known.carrier.id, number))


def events_of(session, id, type="checklist"):
    found = select(Event).where(Event.subject_id == id, Event.subject_type == type).order_by(Event.id)
    return [(e.kind, e.state) for e in session.scalars(found)]


def test_an_arrival_releases_what_waited_for_its_goods(db_session, known):
    row = parcel(db_session, known, 1, status="399", customs_code="5190")
    (one,) = file(db_session, known, (arrival_head(known), ["way-1"]))
    assert (one.status, rules_of(one)) == ("399", [])
    found = db_session.get(Checklist, row.id)
    assert (found.status, found.arrived_at, found.released_at) == ("800", AT, LATER)
    assert events_of(db_session, row.id) == [("checklist.arrived", None), ("checklist.moved", "800")]
    kept = parcel_row(db_session, known, "way-1")
    assert (kept.arrival_id, kept.arrived_at, kept.site_operator_id) == (one.id, AT, known.operator.id)
    stored = db_session.get(Arrival, one.id)
    assert (stored.zone_code, stored.loct_no, stored.status) == ("440200", "519001", "399")


@pytest.mark.parametrize(
    ("status", "changes", "after"),
    [
        ("399", {"held_at": AT}, "399"),
        ("500", {"tier": "high"}, "500"),
        ("300", {}, "300"),
        ("2", {}, "2"),
        ("800", {}, "800"),
    ],
)
def test_an_arrival_moves_nothing_that_does_not_only_wait_for_goods(db_session, known, status, changes, after):
    row = parcel(db_session, known, 1, status=status, **changes)
    (one,) = file(db_session, known, (arrival_head(known), ["way-1"]))
    found = db_session.get(Checklist, row.id)
    assert (one.status, found.status, found.arrived_at) == ("399", after, AT)


def test_where_customs_own_system_decides_an_arrival_releases_nothing_and_waits_for_its_answer(db_session, known):
    row = parcel(db_session, known, 1, status="399", decides="relay")
    (one,) = file(db_session, known, (arrival_head(known), ["way-1"]))
    found = db_session.get(Checklist, row.id)
    assert (one.status, found.status, found.arrived_at) == ("2", "399", AT)


def test_an_inspection_hears_that_the_goods_are_there(db_session, known):
    row = parcel(db_session, known, 1, status="500", tier="high")
    file(db_session, known, (arrival_head(known), ["way-1"]))
    event = db_session.scalars(select(Event).where(Event.kind == "checklist.arrived")).one()
    assert event.subject_id == row.id
    assert (event.kind, event.source, event.data["say"]["zh"]) == (
        "checklist.arrived",
        "party",
        "货物已运抵监管作业场所，可以查验",
    )


def test_a_waybill_that_nobody_knows_arrives_all_the_same(db_session, known):
    (one,) = file(db_session, known, (arrival_head(known), ["new-1"]))
    kept = parcel_row(db_session, known, "new-1")
    assert (one.status, kept.arrived_at, kept.checklist_id, kept.waybill_id) == ("399", AT, None, None)


def test_a_rejected_checklist_is_left_alone_but_its_parcel_arrives(db_session, known):
    row = parcel(db_session, known, 1, status="100")
    file(db_session, known, (arrival_head(known), ["way-1"]))
    assert db_session.get(Checklist, row.id).arrived_at is None
    assert parcel_row(db_session, known, "way-1").arrived_at == AT


def test_a_second_arrival_changes_nothing_and_says_so(db_session, known):
    parcel(db_session, known, 1, status="399")
    first, second = file(
        db_session, known, (arrival_head(known, "A1"), ["way-1"]), (arrival_head(known, "A2"), ["way-1", "x"])
    )
    assert (second.status, rules_of(second)) == ("399", [("CU4010", "warning")])
    assert parcel_row(db_session, known, "way-1").arrival_id == first.id
    lines = db_session.scalars(select(ArrivalLine).where(ArrivalLine.arrival_id == second.id)).all()
    assert [(one.logistics_no, one.outcome) for one in lines] == [("way-1", "repeat"), ("x", "arrived")]


# --- office, site, numbers


def test_a_site_of_somebody_else_is_refused(db_session, known):
    (one,) = file(db_session, known, (arrival_head(known, customsCode="5198", loctNo="519801"), ["way-1"]))
    assert rules_of(one) == [("CU4002", "error")]
    assert one.findings[0].pointer == "/Arrival/0/ArrivalHead/loctNo"
    assert parcel_row(db_session, known, "way-1") is None


def test_the_site_is_that_of_the_day(db_session, known):
    set_site(db_session, "5190", "519001", "关闭", None, valid_from=AT.date(), by="t", at=AT)
    (one,) = file(db_session, known, (arrival_head(known), ["way-1"]))
    assert rules_of(one) == [("CU4002", "error")]
    before = AT - timedelta(days=1)
    (two,) = file(db_session, known, (arrival_head(known, at=before), ["way-1"]))
    assert two.status == "399"


def test_one_of_several_sites_must_be_named(db_session, known):
    set_site(db_session, "5190", "519002", "二号", known.operator.id, valid_from=START, by="t", at=AT)
    (one,) = file(db_session, known, (arrival_head(known), ["way-1"]))
    assert rules_of(one) == [("CU4003", "error")]
    (two,) = file(db_session, known, (arrival_head(known, loctNo="519002"), ["way-1"]))
    assert db_session.get(Arrival, two.id).loct_no == "519002"


def test_an_office_of_no_zone_is_refused(db_session, known):
    (one,) = file(db_session, known, (arrival_head(known, customsCode="5141"), ["way-1"]))
    assert rules_of(one) == [("CU4001", "error")]


def test_goods_declared_at_another_office_do_not_arrive_here(db_session, known):
    row = parcel(db_session, known, 1, status="399", customs_code="5191")
    parcel(db_session, known, 2, status="399")
    (one,) = file(db_session, known, (arrival_head(known), ["way-1", "way-2"]))
    assert (one.status, rules_of(one)) == ("399", [("CU4012", "warning")])
    assert db_session.get(Checklist, row.id).arrived_at is None
    assert parcel_row(db_session, known, "way-1").arrived_at is None


def test_a_notice_of_which_nothing_can_arrive_is_refused_whole(db_session, known):
    parcel(db_session, known, 1, status="399", customs_code="5191")
    (one,) = file(db_session, known, (arrival_head(known), ["way-1"]))
    assert rules_of(one) == [("CU4012", "error"), ("CU4013", "error")]
    assert db_session.scalars(select(Arrival)).all() == []
    assert db_session.scalars(select(MovementKey)).all() == []


def test_what_has_left_cannot_arrive(db_session, known):
    parcel(db_session, known, 1, status="899", left_at=AT)
    parcel_row(db_session, known, "way-1").left_at = AT
    db_session.flush()
    (one,) = file(db_session, known, (arrival_head(known), ["way-1"]))
    assert rules_of(one)[0] == ("CU4011", "error")


def test_a_number_may_come_again_after_six_months(db_session, known):
    old = parcel(db_session, known, 1, status="899")
    kept = parcel_row(db_session, known, "way-1")
    kept.taken_at = kept.left_at = AT - timedelta(days=200)
    db_session.flush()
    (one,) = file(db_session, known, (arrival_head(known), ["way-1"]))
    again = parcel_row(db_session, known, "way-1")
    assert (one.status, again.arrived_at, again.left_at, again.checklist_id) == ("399", AT, None, None)
    assert db_session.get(Checklist, old.id).arrived_at is None


def test_an_arrival_without_waybills_asks_for_them(db_session, known):
    (one,) = file(db_session, known, (arrival_head(known), []))
    assert rules_of(one) == [("CU4007", "error")]


# --- parts


def test_each_part_takes_effect_and_a_gap_is_seen(db_session, known):
    first = parcel(db_session, known, 1, status="399")
    third = parcel(db_session, known, 3, status="399")
    (one,) = file(db_session, known, (arrival_head(known, seq=1, count=3), ["way-1"]))
    assert rules_of(one) == []
    (three,) = file(db_session, known, (arrival_head(known, seq=3, count=3), ["way-3"]))
    assert rules_of(three) == [("CU4005", "warning")]
    assert "2" in three.findings[0].message.en
    assert {db_session.get(Checklist, row.id).status for row in (first, third)} == {"800"}
    (two,) = file(db_session, known, (arrival_head(known, seq=2, count=3), ["way-2"]))
    assert rules_of(two) == []
    accepted = db_session.scalars(
        select(Event).where(Event.subject_id == two.id, Event.kind == "arrival.accepted")
    ).one()
    assert accepted.data["parts"] == {"count": 3, "number": 2, "missing": []}


def test_a_part_comes_once_and_agrees_on_the_number_of_parts(db_session, known):
    file(db_session, known, (arrival_head(known, seq=1, count=2), ["way-1"]))
    again, other = file(
        db_session,
        known,
        (arrival_head(known, seq=1, count=2), ["way-9"]),
        (arrival_head(known, seq=2, count=3), ["way-2"]),
    )
    assert rules_of(again) == [("CU2220", "error")]
    assert rules_of(other) == [("CU4004", "error")]
    assert parcel_row(db_session, known, "way-9") is None


# --- weight


def weighed(known, number, weight, **head):
    return arrival_head(known, **head), [number], {"weighed_gross": {number: weight}}


def test_a_weight_within_the_tolerance_holds_nothing(db_session, known):
    row = parcel(db_session, known, 1, status="399", gross_weight=Decimal("2"))
    (one,) = file(db_session, known, weighed(known, "way-1", "2.2"))
    found = db_session.get(Checklist, row.id)
    assert (rules_of(one), found.status, found.site_hold) == ([], "800", None)
    assert parcel_row(db_session, known, "way-1").weighed_gross == Decimal("2.2")


def test_a_weight_beyond_the_tolerance_holds_a_released_parcel(db_session, known):
    row = parcel(db_session, known, 1, status="800", gross_weight=Decimal("2"))
    (one,) = file(db_session, known, weighed(known, "way-1", "2.20001"))
    found = db_session.get(Checklist, row.id)
    assert (one.status, rules_of(one)) == ("399", [("CU4015", "warning")])
    assert found.status == "800"
    assert found.site_hold["reason"] == "weight"
    assert (found.site_hold["declared"], found.site_hold["weighed"], found.site_hold["tolerance"]) == (
        "2",
        "2.20001",
        "0.2",
    )
    assert ("checklist.site_held", None) in events_of(db_session, row.id)


def test_a_parcel_held_for_its_weight_is_not_released_on_arrival(db_session, known):
    row = parcel(db_session, known, 1, status="399", gross_weight=Decimal("2"))
    file(db_session, known, weighed(known, "way-1", "5"))
    assert db_session.get(Checklist, row.id).status == "399"


def test_a_change_with_a_new_weight_lifts_the_hold_and_releases(db_session, known):
    row = parcel(db_session, known, 1, status="399", gross_weight=Decimal("2"))
    file(db_session, known, weighed(known, "way-1", "5"))
    (one,) = file(db_session, known, weighed(known, "way-1", "2.1", app_type="2", at=LATER), at=LATER)
    found = db_session.get(Checklist, row.id)
    assert (one.status, rules_of(one), found.site_hold, found.status) == ("399", [], None, "800")
    assert found.arrived_at == AT


# --- changes and deletions


def test_a_deletion_takes_the_arrival_back_while_nothing_followed(db_session, known):
    row = parcel(db_session, known, 1, status="800")
    (one,) = file(db_session, known, (arrival_head(known), ["way-1"]))
    (gone,) = file(db_session, known, (arrival_head(known, app_type="3", at=LATER), []))
    assert (gone.id, gone.status, rules_of(gone)) == (one.id, "399", [])
    assert db_session.get(Checklist, row.id).arrived_at is None
    kept = parcel_row(db_session, known, "way-1")
    assert (kept.arrival_id, kept.arrived_at) == (None, None)
    assert db_session.get(Arrival, one.id).withdrawn_at == LATER
    (again,) = file(db_session, known, (arrival_head(known), ["way-1"]))
    assert again.status == "399"


@pytest.mark.parametrize("status", ["399", "500"])
def test_a_deletion_is_refused_once_something_followed(db_session, known, status):
    row = parcel(db_session, known, 1, status=status)
    file(db_session, known, (arrival_head(known), ["way-1"]))
    (gone,) = file(db_session, known, (arrival_head(known, app_type="3", at=LATER), []))
    assert rules_of(gone) == [("CU4014", "error")]
    assert db_session.get(Checklist, row.id).arrived_at == AT


def test_a_change_adds_and_removes_waybills(db_session, known):
    parcel(db_session, known, 1, status="800")
    parcel(db_session, known, 2, status="399")
    (one,) = file(db_session, known, (arrival_head(known), ["way-1"]))
    (two,) = file(
        db_session, known, (arrival_head(known, app_type="2", at=LATER, domesticTrafNo="粤F99999"), ["way-2"])
    )
    assert (two.id, two.status, rules_of(two)) == (one.id, "399", [])
    assert parcel_row(db_session, known, "way-1").arrived_at is None
    assert parcel_row(db_session, known, "way-2").arrived_at == LATER
    stored = db_session.get(Arrival, one.id)
    assert (stored.domestic_traf_no, stored.revision) == ("粤F99999", 2)
    lines = db_session.scalars(select(ArrivalLine).where(ArrivalLine.arrival_id == one.id)).all()
    assert [line.logistics_no for line in lines] == ["way-2"]
    assert ("arrival.changed", None) in events_of(db_session, one.id, "arrival")


def test_old_data_and_unknown_numbers_change_nothing(db_session, known):
    file(db_session, known, (arrival_head(known), ["way-1"]))
    stale, unknown = file(
        db_session,
        known,
        (arrival_head(known, app_type="2", at=AT), ["way-2"]),
        (arrival_head(known, "A9", app_type="3", at=LATER), []),
    )
    assert (rules_of(stale), rules_of(unknown)) == ([("CU2223", "error")], [("CU2222", "error")])
    assert parcel_row(db_session, known, "way-2") is None


def test_a_draft_has_no_effect_until_it_is_declared(db_session, known):
    row = parcel(db_session, known, 1, status="399")
    (one,) = file(db_session, known, (arrival_head(known, appStatus="1"), ["way-1"]))
    assert (one.status, db_session.get(Checklist, row.id).arrived_at) == ("1", None)
    (two,) = file(db_session, known, (arrival_head(known, at=LATER), ["way-1"]))
    assert (two.id, two.status, db_session.get(Checklist, row.id).status) == (one.id, "399", "800")


def test_one_bad_notice_does_not_spoil_its_neighbours(db_session, known):
    stored_checklist(db_session, 7)
    bad, good = file(
        db_session, known, (arrival_head(known, customsCode="5141"), ["a"]), (arrival_head(known, "A2"), ["b"])
    )
    assert (bad.status, good.status) == (None, "399")
