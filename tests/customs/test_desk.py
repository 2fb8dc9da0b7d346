"""The officers' desk on the database: claims, decisions, questions, the queue, and who may not."""

import threading
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from common.events import Event
from common.findings import ConflictError, DomainError, NotFoundError
from common.law.zones import set_zone_parameter
from customs import desk
from customs.desk import Officer, Party, QueueFilters
from customs.risk import refresh_history
from customs.tables import Checklist, ChecklistLine, DeskDecision, DeskQuestion, RiskGoods, RiskSubject
from tests.customs.stored import AGENT, AT, OTHER_ZONE, SELLER, STRANGER, ZONE, stored_checklist

LI = Officer(1, "李审单", frozenset({ZONE}))
WANG = Officer(2, "王审单", frozenset({ZONE}))
ZHANG = Officer(3, "张主管", frozenset({ZONE}), supervisor=True)
CHEN = Officer(4, "陈主管", frozenset({ZONE}), supervisor=True)
FAR = Officer(5, "外区审单", frozenset({OTHER_ZONE}))
LATER = AT + timedelta(hours=1)


@dataclass(frozen=True)
class Office:
    """What the desk asks of an office."""

    early_declaration: bool


@pytest.fixture(autouse=True)
def offices(monkeypatch):
    """5190 releases before arrival, 5191 does not."""
    monkeypatch.setattr(
        "customs.desk.deciding.zone_offices", lambda session, on: {"5190": Office(True), "5191": Office(False)}
    )


def events_of(session, row, *kinds):
    found = session.scalars(select(Event).where(Event.subject_id == row.id).order_by(Event.id)).all()
    return [event for event in found if not kinds or event.kind in kinds]


def refused(error):
    return error.value.findings[0].rule


# --- decisions


def test_release_after_review_concludes_and_releases_with_a_number_and_events(db_session):
    row = stored_checklist(db_session, 1)
    found = desk.decide(db_session, LI, row.id, "release", at=LATER, reason="papers_clear", text="看过")
    assert (found.status, row.status, row.released_at, row.claimed_by) == ("800", "800", LATER, None)
    assert row.invt_no.startswith("51902026E")
    moves = events_of(db_session, row, "checklist.moved")
    assert [(e.state, e.source, e.actor, e.rule) for e in moves] == [
        ("399", "officer", "account:1", "CU5101"),
        ("800", "officer", "account:1", "CU5101"),
    ]
    assert "看过" not in str(moves[-1].data)


def test_release_before_arrival_waits_at_an_office_without_early_declaration(db_session):
    row = stored_checklist(db_session, 1, customs_code="5191")
    assert desk.decide(db_session, LI, row.id, "release", at=LATER).status == "399"
    with pytest.raises(ConflictError) as error:
        desk.decide(db_session, LI, row.id, "release", at=LATER)
    assert refused(error) == "CU5007"


def test_inspection_is_released_only_once_the_goods_are_there(db_session):
    row = stored_checklist(db_session, 1, status="500", tier="high")
    with pytest.raises(ConflictError) as error:
        desk.decide(db_session, LI, row.id, "release", at=LATER, reason="inspection_clear")
    assert refused(error) == "CU5007"
    row.arrived_at = LATER
    assert desk.decide(db_session, LI, row.id, "release", at=LATER, reason="inspection_clear").status == "800"


def test_inspect_from_review_orders_an_inspection(db_session):
    row = stored_checklist(db_session, 1)
    assert desk.decide(db_session, LI, row.id, "inspect", at=LATER, reason="goods_description").status == "500"
    assert [e.state for e in events_of(db_session, row, "checklist.moved")] == ["399", "500"]


def test_reject_needs_a_reason_and_tells_it_in_both_languages(db_session):
    row = stored_checklist(db_session, 1)
    with pytest.raises(DomainError) as error:
        desk.decide(db_session, LI, row.id, "reject", at=LATER)
    assert refused(error) == "CU5006"
    found = desk.decide(db_session, LI, row.id, "reject", at=LATER, reason="value_doubt", text="请附合同")
    assert found.status == "100"
    say = events_of(db_session, row, "checklist.moved")[-1].data["say"]
    assert say == {
        "zh": "审核退单：申报价格存疑。请附合同",
        "en": "Rejected in review: Declared value in doubt. 请附合同",
    }


def test_a_reason_outside_the_list_is_kept_as_words(db_session):
    row = stored_checklist(db_session, 1)
    desk.decide(db_session, LI, row.id, "reject", at=LATER, reason="forged label", text="see photo")
    kept = db_session.scalars(select(DeskDecision)).one()
    assert (kept.reason, kept.note) == ("other", "forged label: see photo")


@pytest.mark.parametrize(
    ("status", "decision", "rule"),
    [
        ("2", "release", "CU5001"),
        ("2", "reject", "CU5001"),
        ("800", "release", "CU5002"),
        ("899", "inspect", "CU5002"),
        ("100", "release", "CU5002"),
        ("399", "ask", "CU5002"),
        ("800", "inspect", "CU5008"),
        ("501", "lift", "CU5008"),
        ("500", "detain", "CU5008"),
    ],
)
def test_what_the_state_does_not_allow_an_officer(db_session, status, decision, rule):
    row = stored_checklist(db_session, 1, status=status, arrived_at=AT)
    with pytest.raises(ConflictError) as error:
        desk.decide(db_session, LI, row.id, decision, at=LATER, reason="other", text="因为", state="501")
    assert refused(error) == rule
    assert row.status == status


@pytest.mark.parametrize(
    ("decision", "given", "rule"),
    [
        ("approve", {}, "CU5005"),
        ("ask", {"reason": "value_doubt"}, "CU5006"),
        ("release", {"text": "长" * 1001}, "CU5013"),
        ("reject", {"text": "因\0为"}, "CU5013"),
        ("detain", {"reason": "prohibited", "state": "800"}, "CU5014"),
    ],
)
def test_decisions_that_cannot_be_read(db_session, decision, given, rule):
    row = stored_checklist(db_session, 1)
    with pytest.raises(DomainError) as error:
        desk.decide(db_session, ZHANG, row.id, decision, at=LATER, **given)
    assert (refused(error), error.value.status) == (rule, 422)


def test_a_supervisor_records_detention_lifting_and_recall(db_session):
    row = stored_checklist(db_session, 1, status="500", arrived_at=AT)
    given = {"at": LATER, "reason": "prohibited"}
    assert desk.decide(db_session, ZHANG, row.id, "detain", state="502", **given).status == "502"
    assert desk.decide(db_session, ZHANG, row.id, "lift", at=LATER).status == "500"
    assert desk.decide(db_session, ZHANG, row.id, "release", at=LATER).status == "800"
    assert desk.decide(db_session, ZHANG, row.id, "inspect", at=LATER).status == "500"
    assert desk.decide(db_session, ZHANG, row.id, "send_back", **given).status == "700"


def test_what_left_cannot_be_recalled(db_session):
    row = stored_checklist(db_session, 1, status="800", arrived_at=AT, left_at=AT)
    with pytest.raises(ConflictError):
        desk.decide(db_session, ZHANG, row.id, "inspect", at=LATER)


def test_relayed_offices_are_decided_elsewhere(db_session):
    row = stored_checklist(db_session, 1, decides="relay")
    with pytest.raises(ConflictError) as error:
        desk.decide(db_session, LI, row.id, "release", at=LATER)
    assert refused(error) == "CU5004"
    assert desk.queue(db_session, LI, QueueFilters(), at=LATER).rows == []


def test_hold_stops_and_unhold_lets_the_arrived_goods_go(db_session):
    row = stored_checklist(db_session, 1, status="399", customs_code="5191")
    desk.decide(db_session, LI, row.id, "hold", at=AT)
    assert row.held_at == AT
    row.arrived_at = LATER
    assert desk.decide(db_session, LI, row.id, "unhold", at=LATER).status == "800"
    assert row.held_at is None
    assert [e.consignor_id for e in events_of(db_session, row, "checklist.held")] == [None]


# --- zones, claims, two at once


@pytest.mark.parametrize("call", ["claim", "release_claim", "decide", "case"])
def test_another_zones_checklist_is_not_there(db_session, call):
    row = stored_checklist(db_session, 1)
    arguments = ("release",) if call == "decide" else ()
    with pytest.raises(NotFoundError):
        getattr(desk, call)(db_session, FAR, row.id, *arguments, at=LATER)


def test_a_claim_keeps_others_off_and_names_who_and_since_when(db_session):
    row = stored_checklist(db_session, 1)
    desk.claim(db_session, LI, row.id, at=AT)
    desk.claim(db_session, LI, row.id, at=LATER)
    assert row.claimed_at == AT
    for attempt in (
        lambda: desk.claim(db_session, WANG, row.id, at=LATER),
        lambda: desk.decide(db_session, WANG, row.id, "release", at=LATER),
        lambda: desk.release_claim(db_session, WANG, row.id, at=LATER),
    ):
        with pytest.raises(ConflictError) as error:
            attempt()
        assert refused(error) == "CU5003"
        assert "李审单" in error.value.findings[0].message.zh
        assert "11-24 10:00" in error.value.findings[0].message.en
    desk.claim(db_session, ZHANG, row.id, at=LATER)
    assert row.claimed_by == ZHANG.account_id
    desk.release_claim(db_session, ZHANG, row.id, at=LATER)
    desk.decide(db_session, WANG, row.id, "release", at=LATER)
    assert row.claimed_by is None


def test_what_is_decided_cannot_be_claimed(db_session):
    row = stored_checklist(db_session, 1)
    desk.decide(db_session, LI, row.id, "release", at=AT)
    with pytest.raises(ConflictError) as error:
        desk.claim(db_session, WANG, row.id, at=LATER)
    assert refused(error) == "CU5011"


def test_of_two_officers_at_the_same_moment_one_wins_and_the_other_is_told(engine):
    with Session(engine) as session, session.begin():
        id = stored_checklist(session, 999_001).id
    told = []

    def second():
        with Session(engine) as session, session.begin():
            try:
                desk.decide(session, WANG, id, "reject", at=LATER, reason="value_doubt")
            except ConflictError as error:
                told.append(error.findings[0])

    try:
        with Session(engine) as session, session.begin():
            desk.decide(session, LI, id, "release", at=LATER)
            thread = threading.Thread(target=second)
            thread.start()
            thread.join(0.5)
            assert thread.is_alive()
        thread.join(10)
        assert [finding.rule for finding in told] == ["CU5011"]
        assert "李审单" in told[0].message.zh
        with Session(engine) as session:
            assert session.get(Checklist, id).status == "800"
    finally:
        with Session(engine) as session, session.begin():
            for table, column in (
                (ChecklistLine, ChecklistLine.checklist_id),
                (DeskDecision, DeskDecision.checklist_id),
                (Event, Event.subject_id),
                (Checklist, Checklist.id),
            ):
                session.execute(delete(table).where(column == id))


# --- countersign


@pytest.fixture
def countersigning(db_session):
    """The zone wants a second person from 100 CNY on."""
    for name, value in (("customs.desk.countersign", "true"), ("customs.desk.countersign_value", "100")):
        set_zone_parameter(
            db_session, ZONE, name, value, valid_from=date(2026, 1, 1), document="测试", set_by="test", at=AT
        )


@pytest.mark.usefixtures("countersigning")
def test_a_dear_release_waits_for_a_supervisor_who_is_somebody_else(db_session):
    row = stored_checklist(db_session, 1)
    assert desk.decide(db_session, ZHANG, row.id, "release", at=AT).pending
    assert row.status == "300"
    assert desk.case(db_session, LI, row.id, at=AT).pending.officer_name == "张主管"
    for one in (ZHANG, LI):
        with pytest.raises(ConflictError) as error:
            desk.decide(db_session, one, row.id, "release", at=LATER)
        assert refused(error) == "CU5012"
    assert desk.decide(db_session, CHEN, row.id, "release", at=LATER).status == "800"


@pytest.mark.usefixtures("countersigning")
def test_a_cheap_release_needs_no_second_person(db_session):
    row = stored_checklist(db_session, 1, value_cny=Decimal("99.99"))
    assert desk.decide(db_session, LI, row.id, "release", at=AT).status == "800"


# --- questions


def test_a_question_stops_the_clock_until_it_is_answered(db_session):
    row = stored_checklist(db_session, 1)
    before = desk.case(db_session, LI, row.id, at=AT).clock
    found = desk.decide(db_session, LI, row.id, "ask", at=AT, reason="goods_description", text="刀刃多长？")
    assert (found.status, found.question_id is not None) == ("300", True)
    asked = desk.case(db_session, LI, row.id, at=AT + timedelta(hours=5)).clock
    assert asked.paused
    assert asked.left == before.left
    question = desk.answer(db_session, Party(50, "卖家小陈", SELLER), row.id, " 15厘米 ", at=AT + timedelta(hours=5))
    assert (question.answer, row.question["answered_at"] is not None) == ("15厘米", True)
    after = desk.case(db_session, LI, row.id, at=AT + timedelta(hours=6)).clock
    assert not after.paused
    assert after.left == before.left - timedelta(hours=1)
    kinds = [e.kind for e in events_of(db_session, row)]
    assert kinds == ["checklist.asked", "checklist.answered"]
    assert events_of(db_session, row)[0].data["say"]["zh"] == "海关询问：刀刃多长？"


def test_only_the_parties_may_answer_and_only_what_is_asked(db_session):
    row = stored_checklist(db_session, 1)
    with pytest.raises(ConflictError):
        desk.answer(db_session, Party(50, "卖家", SELLER), row.id, "好", at=LATER)
    desk.decide(db_session, LI, row.id, "ask", at=AT, text="问")
    with pytest.raises(NotFoundError):
        desk.answer(db_session, Party(51, "外人", STRANGER), row.id, "好", at=LATER)
    with pytest.raises(DomainError):
        desk.answer(db_session, Party(50, "卖家", SELLER), row.id, "  ", at=LATER)
    desk.answer(db_session, Party(52, "代理", AGENT), row.id, "好", at=LATER)
    with pytest.raises(ConflictError):
        desk.answer(db_session, Party(50, "卖家", SELLER), row.id, "再答", at=LATER)


def test_deciding_closes_an_open_question(db_session):
    row = stored_checklist(db_session, 1)
    desk.decide(db_session, LI, row.id, "ask", at=AT, text="问")
    desk.decide(db_session, LI, row.id, "release", at=LATER)
    assert row.question is None
    assert db_session.scalars(select(DeskQuestion.closed_at)).one() == LATER


# --- the queue


def test_the_queue_pages_oldest_first_and_only_my_zones(db_session):
    ids = [stored_checklist(db_session, n, status="300" if n % 2 else "500").id for n in range(1, 8)]
    stored_checklist(db_session, 50, zone_code=OTHER_ZONE)
    stored_checklist(db_session, 51, status="800")
    found, after = [], None
    while True:
        page = desk.queue(db_session, LI, QueueFilters(), at=AT, after=after, limit=3)
        found += [row.id for row in page.rows]
        after = page.next
        if after is None:
            break
    assert found == ids


def test_the_queue_filters(db_session):
    one = stored_checklist(db_session, 1)
    two = stored_checklist(db_session, 2, status="500", tier="high")
    desk.claim(db_session, LI, one.id, at=AT)
    desk.decide(db_session, LI, one.id, "ask", at=AT, text="问")

    def ids(officer=LI, **filters):
        return [row.id for row in desk.queue(db_session, officer, QueueFilters(**filters), at=AT).rows]

    assert ids(tier="high") == ids(status="500") == ids(unclaimed=True) == [two.id]
    assert ids(mine=True) == ids(asked=True) == [one.id]
    assert ids(answered=True) == ids(WANG, mine=True) == ids(zone_code=OTHER_ZONE) == ids(status="nonsense") == []
    (row,) = desk.queue(db_session, LI, QueueFilters(mine=True), at=AT).rows
    assert (row.claimed_name, row.asked, row.clock.paused) == ("李审单", True, True)
    counted = desk.counts(db_session, LI)
    assert (counted.review, counted.inspection, counted.mine, counted.asked) == (1, 1, 1, 1)


def test_a_case_lists_what_this_person_may_decide(db_session):
    row = stored_checklist(db_session, 1, status="500", arrived_at=AT)
    officer = desk.case(db_session, LI, row.id, at=AT).possible
    supervisor = desk.case(db_session, ZHANG, row.id, at=AT).possible
    assert officer == ["release", "reject", "ask", "hold"]
    assert supervisor == ["release", "reject", "ask", "hold", "detain", "send_back"]


# --- early declarations, history


def test_what_was_declared_early_and_never_came_is_rejected(db_session):
    gone = [stored_checklist(db_session, n, status=s) for n, s in ((1, "399"), (2, "800"), (3, "500"))]
    kept = [
        stored_checklist(db_session, 4, status="800", arrived_at=AT),
        stored_checklist(db_session, 5, status="399", held_at=AT),
        stored_checklist(db_session, 6, status="399", stored_at=AT + timedelta(days=1)),
        stored_checklist(db_session, 7, status="800", decides="relay"),
        stored_checklist(db_session, 8, status="300"),
    ]
    at = AT + timedelta(days=3, seconds=1)
    assert desk.expire_early(db_session, AT + timedelta(days=3)) == 0
    assert desk.expire_early(db_session, at) == 3
    assert desk.expire_early(db_session, at) == 0
    for row in (*gone, *kept):
        db_session.refresh(row)
    assert [row.status for row in gone] == ["100"] * 3
    assert [row.status for row in kept] == ["800", "399", "399", "800", "300"]
    assert "3日" in events_of(db_session, gone[0])[-1].data["say"]["zh"]


def test_history_is_worked_out_from_what_was_released(db_session):
    for n in range(1, 21):
        yesterday = AT - timedelta(days=1, minutes=n)
        stored_checklist(
            db_session, n, status="899" if n > 4 else "100", received_at=yesterday, value_cny=Decimal(100 + n)
        )
    refresh_history(db_session, AT)
    (goods,) = db_session.scalars(select(RiskGoods)).all()
    assert (goods.heading, goods.unit1, goods.unit_n, goods.piece_n) == ("6109", "011", 16, 16)
    assert goods.unit_low == Decimal("21")  # 105 CNY for five pieces
    assert goods.piece_low == goods.piece_high == Decimal("0.12")
    seller = db_session.get(RiskSubject, SELLER)
    assert (seller.filed, seller.closed, seller.rejected, seller.active_days) == (20, 16, 4, 1)
    assert seller.usual_per_hour == 20
    assert db_session.get(RiskSubject, AGENT).consignors == 1


def test_officers_of_two_zones_see_both(db_session):
    stored_checklist(db_session, 1)
    stored_checklist(db_session, 2, zone_code=OTHER_ZONE)
    both = replace(LI, zones=frozenset({ZONE, OTHER_ZONE}))
    assert len(desk.queue(db_session, both, QueueFilters(), at=AT).rows) == 2
