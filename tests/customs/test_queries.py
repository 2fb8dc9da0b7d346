"""Reading checklists on the database: whose rows a viewer finds, by every way of asking, and what is told to whom."""

from datetime import timedelta

import pytest

from common.events import NewEvent, append_events
from customs import desk
from customs.desk import Officer
from customs.queries import checklists as queries
from customs.queries.checklists import Filters
from customs.queries.scope import Viewer
from tests.customs.stored import AGENT, AT, OTHER_ZONE, SELLER, STRANGER, ZONE, stored_checklist

CARRIER, PLATFORM, SENDER = 9, 77, 88
LI = Officer(1, "李审单", frozenset({ZONE}))

VIEWERS = [
    (Viewer(SELLER), True, True),
    (Viewer(AGENT), True, True),
    (Viewer(CARRIER), True, False),
    (Viewer(PLATFORM), True, False),
    (Viewer(STRANGER), False, False),
    (Viewer(None, frozenset({ZONE})), True, True),
    (Viewer(None, frozenset({ZONE, OTHER_ZONE})), True, True),
    (Viewer(None, frozenset({OTHER_ZONE})), False, True),
    (Viewer(None, frozenset()), False, True),
]


@pytest.fixture
def row(db_session):
    return stored_checklist(db_session, 1, platform_id=PLATFORM, status="2", waits_for=["waybill"], expires_at=AT)


@pytest.mark.parametrize(("viewer", "sees", "_"), VIEWERS)
def test_every_way_of_reading_draws_the_same_line(db_session, row, viewer, sees, _):
    found = [row.id] if sees else []
    assert queries.sees(viewer, row) is sees
    assert (queries.detail(db_session, viewer, row.id) is not None) is sees
    assert [one.id for one in queries.list_checklists(db_session, viewer, Filters()).rows] == found
    assert [one.id for one in queries.search(db_session, viewer, row.logistics_no)] == found
    assert queries.counts(db_session, viewer, ["2"], 10) == {"2": len(found)}


@pytest.mark.parametrize(("viewer", "sees", "answers"), VIEWERS)
def test_a_question_is_told_to_those_who_answer_and_to_agencies(db_session, viewer, sees, answers):
    row = stored_checklist(db_session, 1, platform_id=PLATFORM)
    desk.decide(db_session, LI, row.id, "ask", at=AT, reason="goods_description", text="刃长多少？")
    found = queries.detail(db_session, viewer, row.id)
    kinds = [event.kind for event in found.events] if found else []
    assert kinds == (["checklist.asked"] if sees and answers else [])
    assert queries.answers_for(viewer, row) is answers


def test_a_number_of_many_firms_shows_each_its_own(db_session):
    mine = stored_checklist(db_session, 1, order_no="1001")
    stored_checklist(db_session, 2, order_no="1001", consignor_id=STRANGER, declarant_id=STRANGER)
    assert [one.id for one in queries.search(db_session, Viewer(SELLER), "1001")] == [mine.id]


@pytest.mark.parametrize("column", ["order_no", "logistics_no", "cop_no", "invt_no", "pre_no", "parent_order_no"])
def test_a_checklist_is_found_by_each_of_its_numbers(db_session, column):
    row = stored_checklist(db_session, 1, **{column: "SOUGHT"})
    stored_checklist(db_session, 2)
    assert [one.id for one in queries.search(db_session, Viewer(SELLER), " SOUGHT ")] == [row.id]
    assert queries.search(db_session, Viewer(SELLER), " ") == []


def test_a_row_that_names_a_firm_twice_is_counted_once(db_session):
    stored_checklist(db_session, 1, declarant_id=SELLER, platform_id=SELLER)
    assert queries.counts(db_session, Viewer(SELLER), ["300", "800"], 10) == {"300": 1, "800": 0}


def test_counting_stops_at_the_most(db_session):
    for number in (1, 2, 3):
        stored_checklist(db_session, number)
    assert queries.counts(db_session, Viewer(None, frozenset({ZONE})), ["300"], 2) == {"300": 2}


def test_what_waits_comes_by_its_deadline(db_session):
    rows = [
        stored_checklist(db_session, n, status="2", waits_for=["order"], expires_at=AT + timedelta(hours=9 - n))
        for n in (1, 2, 3)
    ]
    stored_checklist(db_session, 4, status="2", waits_for=[])
    found = queries.waiting(db_session, Viewer(SELLER), 2)
    assert [one.id for one in found] == [rows[2].id, rows[1].id]
    assert queries.waiting(db_session, Viewer(STRANGER), 2) == []


def test_open_questions_come_by_their_deadline_to_who_answers(db_session):
    rows = [stored_checklist(db_session, number, sender_id=SENDER) for number in (1, 2)]
    for row, at in zip(rows, (AT + timedelta(hours=1), AT), strict=True):
        desk.decide(db_session, LI, row.id, "ask", at=at, reason="goods_description", text="?")
    for viewer in (Viewer(SELLER), Viewer(AGENT), Viewer(SENDER)):
        assert [row.id for _, row in queries.open_questions(db_session, viewer, 9)] == [rows[1].id, rows[0].id]
    for viewer in (Viewer(CARRIER), Viewer(STRANGER), Viewer(None, frozenset({ZONE}))):
        assert queries.open_questions(db_session, viewer, 9) == []


def test_the_last_sentence_is_the_last_one_said_to_the_party(db_session):
    row = stored_checklist(db_session, 1)

    def said(minute, words, consignor=SELLER):
        data = {"say": {"zh": words, "en": words}} if words else {}
        return NewEvent(AT + timedelta(minutes=minute), "checklist.moved", "checklist", row.id, "rule",
                        consignor_id=consignor, data=data)  # fmt: skip

    append_events(db_session, [said(1, "first"), said(2, "second"), said(3, ""), said(4, "among officers", None)])
    assert queries.last_sentences(db_session, [row.id]) == {row.id: {"zh": "second", "en": "second"}}
