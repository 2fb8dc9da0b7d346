"""Relay mode on the database: what customs' responses do to checklists and papers, and how far they differ from us."""

from datetime import date, timedelta

import pytest
from lxml import etree
from sqlalchemy import select

from common.events import Event
from common.findings import DomainError
from common.outbox import LEASE, OutboxMessage
from customs.messages.reading import DoorFault
from customs.messages.responses import response_xml, return_time
from customs.relay import differences, differing, fetch, hand_over, report_sent
from customs.rules.relay import Act, Verdict
from customs.tables import Cancellation, CustomsMessage, CustomsResponse, MovementKey, SaleOrder, Waybill
from tests.customs.relaying import CEB, HERE, INVT, LATER, exchanged, moves_of, paper, relayed, response, sent, take
from tests.customs.stored import AT, OTHER_ZONE, ZONE


@pytest.fixture
def known(db_session):
    return exchanged(db_session)


# --- responses


def test_a_response_moves_the_state_with_customs_text_source_day_and_number(db_session, known):
    row = sent(db_session, relayed(db_session, known, 1))
    when = AT + timedelta(hours=2)
    found = take(db_session, response(row, "120", when, info="[Code:1800;Desc:逻辑校验通过]"))
    assert found.counts == {"applied": 1}
    take(db_session, response(row, "800", when + timedelta(minutes=1), invtNo=INVT))
    db_session.refresh(row)
    assert (row.status, row.invt_no, row.stored_at, row.released_at) == (
        "800",
        INVT,
        when,
        when + timedelta(minutes=1),
    )
    last = db_session.scalars(select(Event).where(Event.subject_id == row.id).order_by(Event.id.desc())).first()
    assert (last.source, last.state, last.data["say"]["zh"]) == ("customs", "800", "[Code:2600;Desc:放行]")
    assert last.data["customs"]["status"] == "800"


def test_states_customs_passed_over_are_marked_as_filled_in(db_session, known):
    row = sent(db_session, relayed(db_session, known, 1))
    take(db_session, response(row, "800", LATER, invtNo=INVT))
    events = db_session.scalars(
        select(Event).where(Event.subject_id == row.id, Event.kind == "checklist.moved").order_by(Event.id)
    ).all()
    assert [(e.state, e.data.get("implied", False)) for e in events] == [
        ("3", False),
        ("120", True),
        ("399", True),
        ("800", False),
    ]


def test_no_number_of_ours_is_issued_in_customs_name(db_session, known):
    row = sent(db_session, relayed(db_session, known, 1))
    take(db_session, response(row, "399", LATER))
    db_session.refresh(row)
    assert (row.status, row.invt_no) == ("399", None)
    take(db_session, response(row, "800", LATER + timedelta(minutes=1), invtNo=INVT))
    db_session.refresh(row)
    assert row.invt_no == INVT


def test_the_default_namespace_is_read_like_a_prefix(db_session, known):
    row = sent(db_session, relayed(db_session, known, 1))
    raw = response(row, "120", LATER).replace(b"ceb:", b"").replace(b"xmlns:ceb", b"xmlns")
    assert etree.fromstring(raw).prefix is None
    assert take(db_session, raw).counts == {"applied": 1}


def test_older_responses_are_kept_and_move_nothing(db_session, known):
    row = sent(db_session, relayed(db_session, known, 1))
    take(db_session, response(row, "300", LATER))
    found = take(db_session, response(row, "120", LATER - timedelta(minutes=5)))
    assert found.counts == {"stale": 1}
    assert found.responses[0].findings[0]["rule"] == "CU8002"
    db_session.refresh(row)
    assert row.status == "300"


def test_responses_in_any_order_within_one_message_are_applied_by_their_time(db_session, known):
    row = sent(db_session, relayed(db_session, known, 1))
    late, early = (
        response(row, status, at).decode().split("<ceb:InventoryReturn>")[1].split("</ceb:InventoryReturn>")[0]
        for status, at in (("300", LATER), ("120", LATER - timedelta(minutes=5)))
    )
    both = response(row, "300", LATER).decode()
    both = both.replace(
        "</ceb:CEB604Message>", f"<ceb:InventoryReturn>{early}</ceb:InventoryReturn></ceb:CEB604Message>"
    )
    assert late in both
    assert take(db_session, both.encode()).counts == {"applied": 2}
    assert [state for state, _ in moves_of(db_session, row)] == ["3", "120", "300"]


def test_the_same_message_again_changes_nothing_and_neither_does_the_same_response_in_another(db_session, known):
    row = sent(db_session, relayed(db_session, known, 1))
    raw = response(row, "120", LATER)
    first = take(db_session, raw)
    again = take(db_session, raw)
    assert (again.repeated, again.message_id, again.counts) == (True, first.message_id, {"applied": 1})
    wrapped = take(db_session, raw.replace(b"A" * 36, b"B" * 36))
    assert (wrapped.repeated, wrapped.responses) == (False, [])
    assert len(db_session.scalars(select(CustomsResponse)).all()) == 1
    assert [state for state, _ in moves_of(db_session, row)] == ["3", "120"]


@pytest.mark.parametrize(
    ("status", "outcome", "rule"),
    [("777", "refused", "CU8003"), ("待定", "refused", "CU8003"), ("2", "noted", None)],
)
def test_unknown_codes_stay_visible_and_move_nothing(db_session, known, status, outcome, rule):
    row = sent(db_session, relayed(db_session, known, 1))
    found = take(db_session, response(row, status, LATER, info="新代码"))
    assert found.counts == {outcome: 1}
    assert [one["rule"] for one in found.responses[0].findings] == ([rule] if rule else [])
    told = db_session.scalars(select(Event).where(Event.kind == "checklist.answered")).one()
    assert (told.source, told.consignor_id, told.data["say"]["zh"]) == ("customs", known.seller.id, "新代码")
    db_session.refresh(row)
    assert row.status == "3"


def test_what_does_not_follow_from_the_state_is_kept_for_a_supervisor(db_session, known):
    row = sent(db_session, relayed(db_session, known, 1))
    take(db_session, response(row, "100", LATER, info="退单"))
    found = take(db_session, response(row, "800", LATER + timedelta(minutes=1)))
    assert found.counts == {"refused": 1}
    assert found.responses[0].findings[0]["rule"] == "CU8004"
    db_session.refresh(row)
    assert row.status == "100"


def test_a_processing_error_fails_sending_and_later_ones_move_nothing(db_session, known):
    row = sent(db_session, relayed(db_session, known, 1))
    found = take(db_session, response(row, "-603001", LATER, info="签名不符"))
    assert [one["rule"] for one in found.responses[0].findings] == ["CU8007"]
    db_session.refresh(row)
    assert row.status == "4"
    take(db_session, response(row, "120", LATER + timedelta(minutes=1)))
    take(db_session, response(row, "-304001", LATER + timedelta(minutes=2), info="重复申报"))
    db_session.refresh(row)
    assert row.status == "120"


@pytest.mark.parametrize("time", ["", "20261124", "20261324101530123", "20991124101530123", "20200101101530123"])
def test_an_unusable_time_moves_nothing_and_breaks_nothing(db_session, known, time):
    row = sent(db_session, relayed(db_session, known, 1))
    found = take(db_session, response(row, "120", time))
    assert found.counts == {"refused": 1}
    assert found.responses[0].findings[0]["rule"] == "CU8005"


def test_a_checklist_is_found_by_customs_own_number_of_the_exchange_or_of_the_checklist(db_session, known):
    row = sent(db_session, relayed(db_session, known, 1))
    take(db_session, response(row, "120", LATER, preNo="DXP000000000000042"))
    by_pre = response(row, "300", LATER + timedelta(minutes=1), copNo=None, preNo="DXP000000000000042")
    assert take(db_session, by_pre).counts == {"applied": 1}
    take(db_session, response(row, "399", LATER + timedelta(minutes=2), invtNo=INVT))
    by_number = response(row, "800", LATER + timedelta(minutes=3), agentCode=None, copNo=None, invtNo=INVT)
    assert take(db_session, by_number).counts == {"applied": 1}
    own = response(row, "899", LATER + timedelta(minutes=4), copNo=None, preNo=row.pre_no)
    assert take(db_session, own).counts == {"applied": 1}
    db_session.refresh(row)
    assert (row.status, row.statistics_on) == ("899", date(2026, 11, 24))


def test_another_number_than_the_recorded_one_is_not_taken_over(db_session, known):
    row = sent(db_session, relayed(db_session, known, 1))
    take(db_session, response(row, "399", LATER, invtNo=INVT))
    found = take(db_session, response(row, "800", LATER + timedelta(minutes=1), invtNo="51902026E000000778"))
    assert [one["rule"] for one in found.responses[0].findings] == ["CU8008"]
    db_session.refresh(row)
    assert (row.status, row.invt_no) == ("800", INVT)


def test_nobody_s_paper_another_zone_s_and_one_decided_here_are_kept_and_told(db_session, known):
    row = relayed(db_session, known, 1, decides="here")
    assert take(db_session, response(row, "120", LATER)).responses[0].findings[0]["rule"] == "CU8006"
    other = take(db_session, response(row, "120", LATER + timedelta(minutes=1)), zones={OTHER_ZONE})
    assert other.counts == {"unmatched": 1}
    assert other.responses[0].subject_id is None
    assert row.status == "2"


def test_an_answer_before_the_report_proves_that_the_message_went_out(db_session, known):
    row = relayed(db_session, known, 1)
    hand_over(db_session, [row.id], AT)
    fetch(db_session, HERE, at=AT)
    assert take(db_session, response(row, "120", LATER)).counts == {"applied": 1}
    assert fetch(db_session, HERE, at=LATER + LEASE) == []
    mine = db_session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "CEB603")).one()
    report_sent(db_session, HERE, mine.id, failure=None, actor="account:5", at=LATER)
    db_session.refresh(row)
    assert row.status == "120"


def test_orders_and_waybills_follow_customs_answers_about_them(db_session, known):
    row = relayed(db_session, known, 1)
    order_answer = {
        "guid": "G" * 36,
        "ebpCode": "无",
        "ebcCode": known.seller.customs_code,
        "orderNo": row.order_no,
        "returnStatus": "120",
        "returnTime": return_time(LATER),
        "returnInfo": "订单入库",
    }
    assert take(db_session, response_xml("CEB304", [order_answer])).counts == {"applied": 1}
    older = order_answer | {"returnStatus": "2", "returnTime": return_time(LATER - timedelta(minutes=1))}
    assert take(db_session, response_xml("CEB304", [older])).counts == {"stale": 1}
    way_answer = {
        "guid": "G" * 36,
        "logisticsCode": known.carrier.customs_code,
        "logisticsNo": row.logistics_no,
        "returnStatus": "399",
        "returnTime": return_time(LATER),
        "returnInfo": "运单审结",
    }
    assert take(db_session, response_xml("CEB506", [way_answer])).counts == {"applied": 1}
    assert db_session.get(SaleOrder, row.order_id).status == "120"
    assert db_session.get(Waybill, row.waybill_id).status == "399"
    told = db_session.scalars(select(Event).where(Event.kind == "waybill.answered")).one()
    assert (told.state, told.source, told.data["say"]["zh"]) == ("399", "customs", "运单审结")


def test_types_without_a_paper_here_are_kept(db_session):
    row = {
        "guid": "G" * 36,
        "agentCode": "X",
        "ebcCode": "Y",
        "copNo": "1",
        "preNo": "P" * 18,
        "msgSeqNo": "1",
        "returnStatus": "399",
        "returnTime": return_time(LATER),
        "returnInfo": "审结",
    }
    assert take(db_session, response_xml("CEB702", [row])).counts == {"unmatched": 1}


@pytest.mark.parametrize("raw", [b"", b"not xml", b"<a/>", f'<CEB603Message xmlns="{CEB}"/>'.encode()])
def test_what_is_no_response_is_refused_and_not_kept(db_session, raw):
    with pytest.raises(DoorFault):
        take(db_session, raw)
    assert db_session.scalars(select(CustomsMessage)).all() == []


def test_a_message_without_responses_is_refused(db_session):
    raw = f'<CEB604Message xmlns="{CEB}" guid="{"A" * 36}" version="1.0"/>'.encode()
    with pytest.raises(DomainError):
        take(db_session, raw)


def test_unknown_elements_are_told_and_stop_nothing(db_session, known):
    row = sent(db_session, relayed(db_session, known, 1))
    found = take(db_session, response(row, "120", LATER, ebpName="平台"))
    assert found.counts == {"applied": 1}
    assert [one["rule"] for one in found.responses[0].findings] == ["CU8014"]


@pytest.mark.parametrize(("status", "outcome", "checklist"), [("399", "approved", "100"), ("100", "refused", "800")])
def test_customs_answer_to_a_cancellation_carries_it_out_or_refuses_it(db_session, known, status, outcome, checklist):
    row = relayed(db_session, known, 1, status="800", invt_no=INVT)
    request = Cancellation(
        id=202611 * 10**10 + 4001,
        customs_code="5190",
        cop_no="cancel-1",
        invt_no=INVT,
        reason="买家取消",
        declarant_id=known.declarant.id,
        agent_code=known.declarant.customs_code,
        agent_name=known.declarant.name,
        consignor_id=known.seller.id,
        ebc_code=known.seller.customs_code,
        ebc_name=known.seller.name,
        checklist_id=row.id,
        checklist_status="800",
        outcome="pending",
        guid="C" * 36,
        **paper(known, 1, sender_id=known.declarant.id),
    )
    db_session.add(request)
    key = {"kind": "cancellation", "owner_id": known.declarant.id, "cop_no": "cancel-1", "msg_seq_no": 1}
    db_session.add(MovementKey(**key, msg_count=1, paper_id=request.id))
    db_session.flush()
    fields = {
        "guid": "G" * 36,
        "agentCode": known.declarant.customs_code,
        "copNo": "cancel-1",
        "preNo": "P" * 18,
        "invtNo": INVT,
        "returnStatus": status,
        "returnTime": return_time(LATER),
        "returnInfo": "撤单审核结果",
    }
    assert take(db_session, response_xml("CEB606", [fields])).counts == {"applied": 1}
    for one in (request, row):
        db_session.refresh(one)
    assert (request.outcome, row.status) == (outcome, checklist)
    later = fields | {"returnTime": return_time(LATER + timedelta(minutes=1))}
    assert take(db_session, response_xml("CEB606", [later])).counts == {"noted": 1}


# --- differences


def test_differences_are_counted_by_tier_and_act(db_session, known):
    treated = {1: ("low", ["120", "800"]), 2: ("low", ["300", "800"]), 3: ("high", ["800"]), 4: ("medium", [])}
    for number, (tier, states) in treated.items():
        row = sent(db_session, relayed(db_session, known, number, tier=tier))
        for minutes, status in enumerate(states):
            take(db_session, response(row, status, LATER + timedelta(minutes=minutes)))
    day = AT.date()
    found = differences(db_session, ZONE, day, day)
    assert {(one.tier, one.done): (one.verdict, one.count) for one in found.cells} == {
        ("low", Act.RELEASED): (Verdict.SAME, 1),
        ("low", Act.REVIEWED): (Verdict.STRICTER, 1),
        ("high", Act.RELEASED): (Verdict.MILDER, 1),
        ("medium", Act.OPEN): (Verdict.OPEN, 1),
    }
    assert found.verdicts == {"same": 1, "stricter": 1, "milder": 1, "open": 1}
    rows, following = differing(db_session, ZONE, day, day)
    assert [(one.tier, one.expected, one.done) for one in rows] == [
        ("low", Act.RELEASED, Act.REVIEWED),
        ("high", Act.INSPECTED, Act.RELEASED),
    ]
    assert following is None
    first, cursor = differing(db_session, ZONE, day, day, limit=1)
    second, _ = differing(db_session, ZONE, day, day, after=cursor, limit=1)
    assert [one.id for one in (*first, *second)] == [one.id for one in rows]


def test_differences_are_those_of_the_zone_and_days_asked_for(db_session, known):
    sent(db_session, relayed(db_session, known, 1))
    day = AT.date()
    assert differences(db_session, OTHER_ZONE, day, day).cells == []
    assert differences(db_session, ZONE, day - timedelta(days=3), day - timedelta(days=1)).cells == []
    with pytest.raises(DomainError):
        differences(db_session, ZONE, day, day - timedelta(days=1))
