"""Relay mode on the database: handing checklists over with their papers, the connector's leases and reports."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from common import outbox
from common.events import Event
from common.findings import ConflictError, DomainError, NotFoundError
from common.outbox import LEASE, OutboxMessage
from customs.messages.reading import read_xml
from customs.messages.responses import response_xml, return_time
from customs.relay import fetch, hand_over, outbox_state, report_sent
from customs.tables import PaymentKey, PaymentReceipt
from tests.customs.relaying import HERE, LATER, exchanged, moves_of, paper, relayed, sent, take
from tests.customs.stored import AT, OTHER_ZONE, ZONE


@pytest.fixture
def known(db_session):
    return exchanged(db_session)


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
