"""Master lists on the database: ties, transport filled in and changed, what has left, what is somebody else's."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from common.events import Event
from customs.intake import departures, master_lists
from customs.movement import overview
from customs.tables import Checklist, MasterList, MasterListLine, Parcel
from tests.customs.batches import batch, departure_head, firms, list_head, parcel, rules_of
from tests.customs.stored import AT

LATER = AT + timedelta(hours=2)
NEXT_WEEK = AT + timedelta(days=7)


@pytest.fixture
def known(db_session):
    return firms(db_session)


def file(session, known, *documents, at=LATER, bags=None):
    made = batch(session, known, "CEB607", *documents, sender=known.declarant, at=at)
    for one in made.filed:
        for line in one.doc.lines:
            line["totalPackageNo"] = (bags or {}).get(line["logisticsNo"], "")
    master_lists.take(made)
    made.flush()
    session.expire_all()
    return made.filed


def leave(session, known, *numbers, cop_no="D1", at=LATER):
    made = batch(
        session, known, "CEB509", (departure_head(known, cop_no, leave=at), numbers), sender=known.carrier, at=at
    )
    departures.take(made)
    made.flush()
    session.expire_all()
    return made.filed[0]


def transport(session, id):
    row = session.get(Checklist, id)
    return row.bill_no, row.traf_name, row.voyage_no, row.total_package_no


def tied(session, known, number):
    return session.get(Parcel, (known.carrier.id, number)).master_list_id


def changes(session, id):
    found = select(Event).where(Event.subject_id == id, Event.kind == "checklist.transport").order_by(Event.id)
    return [event.data["changed"] for event in session.scalars(found)]


def test_a_list_ties_parcels_and_fills_in_what_checklists_left_open(db_session, known):
    row = parcel(db_session, known, 1, voyage_no="CA981/24")
    (one,) = file(db_session, known, (list_head(known), ["way-1"]), bags={"way-1": "BAG7"})
    assert (one.status, rules_of(one)) == ("120", [])
    assert transport(db_session, row.id) == ("999-1", "CA981", "CA981/24", "BAG7")
    assert tied(db_session, known, "way-1") == one.id
    assert changes(db_session, row.id) == [
        {
            "bill_no": {"before": None, "after": "999-1"},
            "traf_name": {"before": None, "after": "CA981"},
            "total_package_no": {"before": None, "after": "BAG7"},
        }
    ]


def test_a_waybill_without_checklist_is_tied_with_a_warning(db_session, known):
    (one,) = file(db_session, known, (list_head(known), ["way-1"]))
    assert (one.status, rules_of(one)) == ("120", [("CU4020", "warning")])
    assert tied(db_session, known, "way-1") == one.id


def test_what_the_checklist_declares_itself_stays(db_session, known):
    row = parcel(db_session, known, 1, bill_no="888-8")
    (one,) = file(db_session, known, (list_head(known), ["way-1"]))
    assert rules_of(one) == [("CU4024", "warning")]
    assert transport(db_session, row.id)[0] == "888-8"


def test_transport_may_change_until_closing_and_old_data_does_not_count(db_session, known):
    row = parcel(db_session, known, 1, arrived=AT)
    file(db_session, known, (list_head(known), ["way-1"]), bags={"way-1": "B1"})
    newer = list_head(known, app_type="2", at=LATER, trafName="CZ300", voyageNo="CZ300/25", billNo="999-2")
    (two,) = file(db_session, known, (newer, ["way-1"]), bags={"way-1": "B2"})
    assert (two.status, rules_of(two)) == ("120", [])
    assert transport(db_session, row.id) == ("999-2", "CZ300", "CZ300/25", "B2")
    stale = list_head(known, app_type="2", at=LATER - timedelta(minutes=1), billNo="999-3")
    (three,) = file(db_session, known, (stale, ["way-1"]))
    assert rules_of(three) == [("CU2223", "error")]
    assert transport(db_session, row.id)[0] == "999-2"
    assert db_session.get(MasterList, two.id).revision == 2


def test_part_of_a_list_may_leave_and_the_rest_keeps_its_days(db_session, known):
    gone, stays = parcel(db_session, known, 1, arrived=AT), parcel(db_session, known, 2, arrived=AT)
    (one,) = file(db_session, known, (list_head(known), ["way-1", "way-2"]))
    assert leave(db_session, known, "way-1").status == "399"
    newer = list_head(known, app_type="2", at=NEXT_WEEK, billNo="999-2", trafName="CZ300")
    (two,) = file(db_session, known, (newer, ["way-1", "way-2"]), at=NEXT_WEEK)
    assert rules_of(two) == []
    assert transport(db_session, gone.id)[:2] == ("999-1", "CA981")
    assert transport(db_session, stays.id)[:2] == ("999-2", "CZ300")
    found = db_session.get(Checklist, stays.id)
    assert (found.released_at, found.arrived_at, found.stored_at) == (AT, AT, AT)
    view = overview.paper(db_session, "master_list", MasterList.id == one.id, one.id, at=NEXT_WEEK)
    progress = view.progress
    assert (progress.parcels, progress.left, progress.remaining) == (2, 1, 1)
    assert (progress.age_days, progress.oldest_release) == (7, AT)
    leave(db_session, known, "way-2", cop_no="D2", at=NEXT_WEEK)
    view = overview.paper(db_session, "master_list", MasterList.id == one.id, one.id, at=NEXT_WEEK)
    assert (view.progress.remaining, view.progress.age_days, view.progress.oldest_release) == (0, None, None)


def test_what_has_left_cannot_be_taken_off_or_moved_to_another_bill(db_session, known):
    parcel(db_session, known, 1, arrived=AT)
    parcel(db_session, known, 2, arrived=AT)
    (first,) = file(db_session, known, (list_head(known), ["way-1"]))
    leave(db_session, known, "way-1")
    (off,) = file(db_session, known, (list_head(known, app_type="2", at=LATER), ["way-2"]))
    (gone,) = file(db_session, known, (list_head(known, app_type="3", at=LATER), ["way-1"]))
    assert rules_of(off) == rules_of(gone) == [("CU4025", "error")]
    (other,) = file(db_session, known, (list_head(known, "M2", billNo="999-9"), ["way-1", "way-2"]))
    assert (other.status, rules_of(other)) == ("120", [("CU4021", "warning")])
    assert (tied(db_session, known, "way-1"), tied(db_session, known, "way-2")) == (first.id, other.id)
    lines = db_session.scalars(select(MasterListLine).where(MasterListLine.master_list_id == other.id)).all()
    assert [(line.logistics_no, line.outcome) for line in lines] == [("way-1", "refused"), ("way-2", "tied")]
    (alone,) = file(db_session, known, (list_head(known, "M3"), ["way-1"]))
    assert rules_of(alone) == [("CU4021", "error"), ("CU4023", "error")]


def test_a_released_parcel_left_behind_may_go_under_another_bill(db_session, known):
    row = parcel(db_session, known, 1, arrived=AT)
    file(db_session, known, (list_head(known), ["way-1"]))
    (other,) = file(db_session, known, (list_head(known, "M2", billNo="999-9"), ["way-1"]))
    assert (other.status, rules_of(other)) == ("120", [])
    assert transport(db_session, row.id)[0] == "999-9"
    assert tied(db_session, known, "way-1") == other.id


def test_a_checklist_of_another_declarant_is_not_this_lists(db_session, known):
    row = parcel(db_session, known, 1, declarant_id=known.other_declarant.id)
    (one,) = file(db_session, known, (list_head(known), ["way-1"]))
    assert rules_of(one) == [("CU4022", "error"), ("CU4023", "error")]
    assert transport(db_session, row.id)[0] is None


def test_taking_a_parcel_off_and_deleting_the_list_open_the_transport_again(db_session, known):
    first = parcel(db_session, known, 1)
    second = parcel(db_session, known, 2, traf_name="OWN")
    file(db_session, known, (list_head(known), ["way-1", "way-2"]))
    file(db_session, known, (list_head(known, app_type="2", at=LATER), ["way-2"]))
    assert transport(db_session, first.id) == (None, None, None, None)
    assert tied(db_session, known, "way-1") is None
    later = LATER + timedelta(minutes=1)
    (gone,) = file(db_session, known, (list_head(known, app_type="3", at=later), []))
    assert (gone.status, rules_of(gone)) == ("120", [])
    assert transport(db_session, second.id) == (None, "OWN", None, None)
    (again,) = file(db_session, known, (list_head(known), ["way-1"]))
    assert again.status == "120"


def test_a_split_list_can_be_deleted_whole_with_part_number_zero(db_session, known):
    first, second = parcel(db_session, known, 1), parcel(db_session, known, 2)
    file(
        db_session,
        known,
        (list_head(known, seq=1, count=2), ["way-1"]),
        (list_head(known, seq=2, count=2), ["way-2"]),
    )
    (gone,) = file(db_session, known, (list_head(known, app_type="3", seq=0, count=0, at=LATER), []))
    assert (gone.status, rules_of(gone)) == ("120", [])
    for row in (first, second):
        assert transport(db_session, row.id) == (None, None, None, None)
    assert {row.withdrawn_at for row in db_session.scalars(select(MasterList))} == {LATER}
