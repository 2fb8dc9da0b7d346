"""Relay mode on the database: handing over, the connector's leases and reports, customs' responses, differences."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from lxml import etree
from sqlalchemy import select

from common import outbox
from common.events import Event
from common.findings import ConflictError, DomainError, NotFoundError
from common.outbox import LEASE, OutboxMessage
from credit.tables import Subject
from customs.messages.reading import DoorFault, read_xml
from customs.messages.responses import response_xml, return_time
from customs.relay import differences, differing, fetch, hand_over, outbox_state, receive, report_sent
from customs.rules.relay import Act, Verdict
from customs.tables import (
    Cancellation,
    ChecklistKey,
    CustomsMessage,
    CustomsResponse,
    MovementKey,
    Parcel,
    PaymentKey,
    PaymentReceipt,
    Sale,
    SaleOrder,
    SaleOrderLine,
    Waybill,
)
from tests.customs.batches import firms
from tests.customs.stored import AT, OTHER_ZONE, ZONE, stored_checklist

CEB = "http://www.chinaport.gov.cn/ceb"
HERE = {ZONE}
LATER = AT + timedelta(hours=1)
INVT = "51902026E000000777"


@pytest.fixture
def known(db_session):
    found = firms(db_session)
    for number, firm in enumerate((found.seller, found.declarant, found.carrier), 1):
        db_session.get(Subject, firm.id).dxp_id = f"DXPENT{number:010d}"
    return found


def paper(known, number, **more):
    fields = {
        "message_id": 1,
        "zone_code": ZONE,
        "sender_id": known.seller.id,
        "received_at": AT,
        "app_time": AT,
        "status": "2",
        "pre_no": f"X20261124{number:09d}",
        "revision": 1,
    }
    return fields | more


def order(session, known, number, **more):
    row = SaleOrder(
        id=202611 * 10**10 + 1000 + number,
        guid=f"{number:036d}",
        order_type="E",
        order_no=f"order-{number}",
        ebp_code="无",
        ebp_name="境外平台",
        consignor_id=known.seller.id,
        ebc_code=known.seller.customs_code,
        ebc_name=known.seller.name,
        goods_value=Decimal(150),
        freight=Decimal(0),
        currency="142",
        **paper(known, number, **more),
    )
    session.add(row)
    session.add(
        SaleOrderLine(
            order_id=row.id,
            gnum=1,
            item_no="1",
            item_name="T恤",
            unit="011",
            currency="142",
            qty=Decimal(5),
            price=Decimal(30),
            total_price=Decimal(150),
        )
    )
    session.add(Sale(platform=f"none:{known.seller.id}", order_no=row.order_no, order_id=row.id))
    return row


def waybill(session, known, number):
    row = Waybill(
        id=202611 * 10**10 + 2000 + number,
        guid=f"{number:036d}",
        carrier_id=known.carrier.id,
        logistics_code=known.carrier.customs_code,
        logistics_name=known.carrier.name,
        logistics_no=f"way-{number}",
        freight=Decimal(0),
        insured_fee=Decimal(0),
        currency="142",
        gross_weight=Decimal("0.6"),
        pack_no=1,
        goods_info="T恤",
        **paper(known, number, sender_id=known.carrier.id),
    )
    session.add(row)
    session.add(Parcel(carrier_id=known.carrier.id, logistics_no=row.logistics_no, taken_at=AT, waybill_id=row.id))
    return row


def relayed(session, known, number, **changes):
    """A checklist of a relay office, complete, with its order and waybill."""
    sale, way = order(session, known, number), waybill(session, known, number)
    row = stored_checklist(
        session,
        number,
        **{
            "status": "2",
            "decides": "relay",
            "tier": "low",
            "stored_at": None,
            "ebp_code": "无",
            "order_id": sale.id,
            "waybill_id": way.id,
            "consignor_id": known.seller.id,
            "declarant_id": known.declarant.id,
            "sender_id": known.declarant.id,
            "carrier_id": known.carrier.id,
            "agent_code": known.declarant.customs_code,
            "ebc_code": known.seller.customs_code,
            "logistics_code": known.carrier.customs_code,
            "guid": f"{number:036d}",
        }
        | changes,
    )
    session.add(ChecklistKey(declarant_id=row.declarant_id, cop_no=row.cop_no, checklist_id=row.id))
    session.flush()
    return row


def response(row, status, at, *, info="[Code:2600;Desc:放行]", prefix="ceb", **elements):
    """A CEB604 as customs sends it; elements set to None are left out."""
    fields = {
        "guid": f"{status:>036}".replace(" ", "0")[:36],
        "agentCode": row.agent_code,
        "copNo": row.cop_no,
        "preNo": None,
        "invtNo": None,
        "returnStatus": status,
        "returnTime": at if isinstance(at, str) else return_time(at),
        "returnInfo": info,
    } | elements
    body = "".join(f"<{prefix}:{name}>{value}</{prefix}:{name}>" for name, value in fields.items() if value is not None)
    xml = (
        f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?><{prefix}:CEB604Message xmlns:{prefix}="{CEB}" '
        f'guid="{"A" * 36}" version="1.0"><{prefix}:InventoryReturn>{body}</{prefix}:InventoryReturn>'
        f"</{prefix}:CEB604Message>"
    )
    return (xml.replace(f"{prefix}:", "").replace(f"xmlns:{prefix}", "xmlns") if not prefix else xml).encode()


def take(session, raw, at=None, zones=HERE):
    return receive(session, zones, raw, actor="account:5", at=at or LATER + timedelta(hours=12))


def moves_of(session, row):
    events = session.scalars(
        select(Event).where(Event.subject_id == row.id, Event.kind == "checklist.moved").order_by(Event.id)
    )
    return [(event.state, event.source) for event in events]


def sent(session, row):
    """Hand a checklist over and report everything sent; it stands at 3."""
    hand_over(session, [row.id], AT)
    for one in fetch(session, HERE, at=AT):
        report_sent(session, HERE, one.id, failure=None, actor="account:5", at=AT)
    session.refresh(row)
    assert row.status == "3"
    return row


# --- handing over


def test_a_complete_checklist_waits_in_the_outbox_with_order_and_waybill_and_stays_declared(db_session, known):
    row = relayed(db_session, known, 1)
    assert hand_over(db_session, [row.id], LATER) == 1
    rows = db_session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert [one.kind for one in rows] == ["CEB303", "CEB505", "CEB603"]
    assert {(one.zone_code, one.office, one.created_at, one.sent_at) for one in rows} == {(ZONE, "5190", LATER, None)}
    assert row.status == "2"


def test_what_goes_out_is_read_back_with_every_declared_value(db_session, known):
    row = relayed(db_session, known, 1, license_no=None, voyage_no="CZ8888")
    hand_over(db_session, [row.id], LATER)
    payloads = {one.kind: one.payload for one in db_session.scalars(select(OutboxMessage))}
    message = read_xml(payloads["CEB603"])
    assert message.envelope_findings == []
    head, lines = message.documents[0].head, message.documents[0].lines
    assert message.documents[0].findings == []
    assert (head["copNo"], head["customsCode"], head["statisticsFlag"], head["ieFlag"]) == ("cop-1", "5190", "A", "E")
    assert (head["appTime"], head["ieDate"], head["POD"], head["grossWeight"]) == (
        "20261124100000",
        "20261124",
        "502",
        "0.6",
    )
    assert (head["voyageNo"], head["appType"], head["appStatus"]) == ("CZ8888", "1", "2")
    assert "preNo" not in head
    assert "licenseNo" not in head
    assert (lines[0]["gcode"], lines[0]["qty"], lines[0]["totalPrice"]) == ("6109100021", "5", "150")
    assert message.base_transfer["copCode"] == known.declarant.customs_code
    assert read_xml(payloads["CEB303"]).documents[0].lines[0]["itemName"] == "T恤"
    assert read_xml(payloads["CEB505"]).documents[0].head["logisticsNo"] == "way-1"


def test_handing_over_twice_adds_nothing(db_session, known):
    row = relayed(db_session, known, 1)
    hand_over(db_session, [row.id], AT)
    assert hand_over(db_session, [row.id], LATER) == 0
    assert len(db_session.scalars(select(OutboxMessage)).all()) == 3


@pytest.mark.parametrize("changes", [{"decides": "here"}, {"status": "120"}, {"withdrawn_at": AT}])
def test_only_live_checklists_of_relay_offices_at_declared_are_handed_over(db_session, known, changes):
    row = relayed(db_session, known, 1, **changes)
    assert hand_over(db_session, [row.id], LATER) == 0


def test_a_payment_receipt_goes_along_between_order_and_waybill(db_session, known):
    row = relayed(db_session, known, 1)
    receipt = PaymentReceipt(
        id=202611 * 10**10 + 3001,
        guid="P" * 36,
        order_no=row.order_no,
        ebp_code="无",
        ebp_name="境外平台",
        consignor_id=known.seller.id,
        ebc_code=known.seller.customs_code,
        ebc_name=known.seller.name,
        pay_name="PAY",
        charge=Decimal(150),
        currency="142",
        accounting_date=AT,
        **paper(known, 1),
    )
    db_session.add(receipt)
    row.payment_id = receipt.id
    db_session.flush()
    hand_over(db_session, [row.id], LATER)
    rows = db_session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)).all()
    assert [one.kind for one in rows] == ["CEB303", "CEB403", "CEB505", "CEB603"]
    db_session.add(PaymentKey(consignor_id=known.seller.id, order_no=row.order_no, pay_no="", payment_id=receipt.id))
    take(
        db_session,
        response_xml(
            "CEB404",
            [
                {
                    "guid": "G" * 36,
                    "ebcCode": known.seller.customs_code,
                    "orderNo": row.order_no,
                    "returnStatus": "120",
                    "returnTime": return_time(LATER),
                    "returnInfo": "入库",
                }
            ],
        ),
    )
    assert receipt.status == "120"


def test_changed_content_replaces_what_has_not_gone_out(db_session, known):
    row = relayed(db_session, known, 1)
    hand_over(db_session, [row.id], AT)
    row.revision = 2
    db_session.flush()
    hand_over(db_session, [row.id], LATER)
    open_ones = fetch(db_session, HERE, at=LATER)
    assert {one.bundle for one in open_ones} == {f"checklist:{row.id}:2"}
    assert [read_xml(one.payload).documents[0].head["appType"] for one in open_ones] == ["1", "1", "1"]


def test_changed_content_after_sending_is_a_change_and_papers_customs_has_are_not_sent_again(db_session, known):
    row = sent(db_session, relayed(db_session, known, 1))
    row.status, row.revision = "2", 2
    db_session.flush()
    hand_over(db_session, [row.id], LATER)
    (again,) = fetch(db_session, HERE, at=LATER)
    assert again.kind == "CEB603"
    assert read_xml(again.payload).documents[0].head["appType"] == "2"


# --- the connector


def test_the_connector_may_be_away_for_days_and_finds_everything_in_order(db_session, known):
    rows = [relayed(db_session, known, number) for number in (1, 2, 3)]
    for hours, row in enumerate(rows):
        hand_over(db_session, [row.id], AT + timedelta(hours=hours))
    state = outbox_state(db_session, HERE)
    assert [(one.zone_code, one.waiting, one.oldest_at, one.failed) for one in state.backlog] == [(ZONE, 9, AT, 0)]
    assert [one.created_at for one in state.waiting] == sorted(one.created_at for one in state.waiting)
    back = fetch(db_session, HERE, at=AT + timedelta(days=9))
    assert [one.bundle for one in back if one.kind == "CEB603"] == [f"checklist:{row.id}:1" for row in rows]


def test_a_fetched_message_comes_again_when_nobody_reported_it_sent(db_session, known):
    hand_over(db_session, [relayed(db_session, known, 1).id], AT)
    first = [one.id for one in fetch(db_session, HERE, at=AT)]
    assert fetch(db_session, HERE, at=AT + LEASE / 2) == []
    again = fetch(db_session, HERE, at=AT + LEASE)
    assert [one.id for one in again] == first
    assert {one.attempts for one in again} == {2}


def test_after_goes_on_within_a_pass_and_never_passes_over_a_message_never_handed_out(db_session, known):
    hand_over(db_session, [relayed(db_session, known, 1).id], AT)
    page = fetch(db_session, HERE, at=AT, limit=2)
    rest = fetch(db_session, HERE, at=AT + LEASE, after=page[-1].id)
    assert [one.kind for one in rest] == ["CEB603"]
    late = outbox.put(
        db_session,
        [outbox.Outgoing(ZONE, "5190", "CEB603", "checklist", 1, 1, "checklist:1:1", b"x")],
        AT,
    )[0]
    assert late in outbox.lease(db_session, HERE, at=AT, after=late.id + 100)


def test_another_zone_s_connector_gets_nothing_and_reports_nothing(db_session, known):
    hand_over(db_session, [relayed(db_session, known, 1).id], AT)
    assert fetch(db_session, {OTHER_ZONE}, at=AT) == []
    one = fetch(db_session, HERE, at=AT)[0]
    with pytest.raises(NotFoundError):
        report_sent(db_session, {OTHER_ZONE}, one.id, failure=None, actor="account:5", at=AT)


def test_a_checklist_is_sent_once_all_its_messages_are(db_session, known):
    row = relayed(db_session, known, 1)
    hand_over(db_session, [row.id], AT)
    one, two, three = fetch(db_session, HERE, at=AT)
    for message in (three, one):
        report_sent(db_session, HERE, message.id, failure=None, actor="account:5", at=AT)
        db_session.refresh(row)
        assert row.status == "2"
    report_sent(db_session, HERE, two.id, failure=None, actor="account:5", at=LATER)
    db_session.refresh(row)
    assert row.status == "3"
    assert moves_of(db_session, row) == [("3", "customs")]
    report_sent(db_session, HERE, two.id, failure=None, actor="account:5", at=LATER)
    report_sent(db_session, HERE, two.id, failure="too late", actor="account:5", at=LATER)
    db_session.refresh(row)
    assert (row.status, len(moves_of(db_session, row))) == ("3", 1)


def test_a_failure_is_told_and_the_message_comes_again(db_session, known):
    row = relayed(db_session, known, 1)
    hand_over(db_session, [row.id], AT)
    one, two, three = fetch(db_session, HERE, at=AT)
    report_sent(db_session, HERE, one.id, failure="对方网关无响应", actor="account:5", at=AT)
    db_session.refresh(row)
    assert row.status == "4"
    say = db_session.scalars(select(Event).where(Event.subject_id == row.id)).one().data["say"]
    assert "对方网关无响应" in say["zh"]
    assert outbox_state(db_session, HERE).backlog[0].failed == 1
    assert one in fetch(db_session, HERE, at=AT + LEASE)
    for message in (one, two, three):
        report_sent(db_session, HERE, message.id, failure=None, actor="account:5", at=LATER)
    db_session.refresh(row)
    assert row.status == "3"


@pytest.mark.parametrize("failure", ["", "  ", "长" * 501])
def test_a_failure_needs_its_reason(db_session, known, failure):
    hand_over(db_session, [relayed(db_session, known, 1).id], AT)
    one = fetch(db_session, HERE, at=AT)[0]
    with pytest.raises(DomainError) as error:
        report_sent(db_session, HERE, one.id, failure=failure, actor="account:5", at=AT)
    assert error.value.findings[0].rule == "CU8012"


def test_what_was_replaced_cannot_be_reported(db_session, known):
    row = relayed(db_session, known, 1)
    hand_over(db_session, [row.id], AT)
    old = fetch(db_session, HERE, at=AT)[0]
    row.revision = 2
    db_session.flush()
    hand_over(db_session, [row.id], LATER)
    with pytest.raises(ConflictError) as error:
        report_sent(db_session, HERE, old.id, failure=None, actor="account:5", at=LATER)
    assert error.value.findings[0].rule == "CU8011"


def test_a_withdrawn_checklist_is_not_sent(db_session, known):
    row = relayed(db_session, known, 1)
    hand_over(db_session, [row.id], AT)
    row.withdrawn_at = LATER
    db_session.flush()
    assert fetch(db_session, HERE, at=LATER) == []
    assert outbox_state(db_session, HERE).backlog == []


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
