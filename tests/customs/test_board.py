"""The board of the chain: each record waits at one step, with its age, and nobody sees another's."""

from datetime import timedelta

from sqlalchemy import text

from customs.proof.checking import check_months
from customs.queries.board import STEPS, board
from customs.queries.scope import Viewer
from tests.customs.stored import AGENT, AT, OTHER_ZONE, SELLER, STRANGER, ZONE, stored_checklist
from tests.customs.test_proof import close, summarise

OFFICER = Viewer(None, frozenset({ZONE}), officer=True)
NOW = AT + timedelta(days=5)
SET = {"ages": (1, 3, 7, 30), "lately": 30}


def counts(session, viewer=OFFICER, at=NOW):
    session.flush()
    found = board(session, viewer, at, **SET)
    return {name: sum(lane.steps[name].count for lane in found.zones) for name in STEPS}


def some_of_each(session):
    stored_checklist(session, 1, status="300")
    stored_checklist(session, 2, status="800", released_at=AT)
    stored_checklist(session, 3, status="800", released_at=AT, arrived_at=AT + timedelta(days=4, hours=12))
    stored_checklist(session, 4, status="800", released_at=AT, arrived_at=AT, left_at=AT)
    close(session, 5, flag="A")
    close(session, 6)
    return close(session, 7)


def test_each_checklist_waits_at_one_step_and_summaries_until_customs_numbers_them(db_session):
    row = some_of_each(db_session)
    waiting = {"released": 1, "arrived": 1, "left": 1, "closed": 2, "summarised": 0, "declared": 0}
    assert counts(db_session) == waiting
    (made,) = summarise(db_session, 1, row, at=AT + timedelta(days=1))
    assert counts(db_session) == waiting | {"closed": 1, "summarised": 1}
    db_session.execute(text("UPDATE declaration SET entry_id = 'E1' WHERE id = :id"), {"id": made.id})
    assert counts(db_session) == waiting | {"closed": 1, "declared": 1}


def test_ages_go_into_bands_and_the_oldest_is_named(db_session):
    some_of_each(db_session)
    db_session.flush()
    found = board(db_session, OFFICER, NOW, **SET)
    (lane,) = found.zones
    # released five days ago: more than three, up to seven; arrived half a day ago
    assert lane.steps["released"].bands == [0, 0, 1, 0, 0]
    assert lane.steps["released"].oldest == AT
    assert lane.steps["arrived"].bands == [1, 0, 0, 0, 0]
    assert lane.steps["summarised"].oldest is None
    assert lane.waiting == 5
    assert [(one.consignor_id, one.waiting) for one in found.consignors] == [(SELLER, 5)]


def test_the_bands_are_as_they_were_set(db_session):
    some_of_each(db_session)
    db_session.flush()
    for ages, bands in (((5,), [0, 1]), ((6,), [1, 0]), ((), [1])):
        (lane,) = board(db_session, OFFICER, NOW, ages=ages, lately=30).zones
        assert lane.steps["released"].bands == bands, ages


def test_a_firm_sees_what_it_consigned_or_declared_and_an_agency_its_zones(db_session):
    some_of_each(db_session)
    stored_checklist(db_session, 8, status="800", released_at=AT, consignor_id=STRANGER)
    stored_checklist(db_session, 9, status="800", released_at=AT, zone_code=OTHER_ZONE, declarant_id=STRANGER)
    assert counts(db_session, Viewer(SELLER))["released"] == 2
    assert counts(db_session, Viewer(AGENT))["released"] == 2
    assert counts(db_session, Viewer(STRANGER))["released"] == 2
    assert counts(db_session)["released"] == 2
    assert counts(db_session, Viewer(None, frozenset()))["released"] == 0


def test_months_that_the_proof_found_summarised_are_not_counted_again(db_session):
    old = close(db_session, 1, at=AT - timedelta(days=100))
    assert counts(db_session)["closed"] == 1
    summarise(db_session, 1, old, at=AT - timedelta(days=60))
    late = close(db_session, 2, at=AT - timedelta(days=70))
    check_months(db_session, NOW)
    assert counts(db_session)["closed"] == 1
    summarise(db_session, 2, late, at=NOW)
    check_months(db_session, NOW + timedelta(days=1))
    assert counts(db_session, at=NOW + timedelta(days=1))["closed"] == 0
