"""Relay mode on the database: cancellations, movement papers and summary applications go out and are answered."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from common.events import Event
from common.findings import ConflictError
from common.outbox import LEASE, OutboxMessage
from customs.desk import Officer
from customs.intake import arrivals, cancellations, checklists, departures, master_lists
from customs.movement.cancelling import decide_cancellation
from customs.relay import differences, hand_over, hand_over_papers, outbox_state
from customs.rules.relay import Act, Verdict
from customs.tables import (
    Arrival,
    Cancellation,
    Checklist,
    Departure,
    MasterList,
    Parcel,
    ShutOut,
    SummaryApplication,
    SummaryApplicationPart,
)
from tests.customs.batches import arrival_head, departure_head, list_head, parcel, rules_of, stamped
from tests.customs.relaying import (
    INVT,
    LATER,
    answer,
    events_of,
    exchanged,
    filed,
    paper,
    relay_office,
    relayed,
    response,
    send,
    sent,
    take,
    waiting,
)
from tests.customs.stored import AT, ZONE

EVENING = LATER + timedelta(hours=6)
LI = Officer(1, "李审单", frozenset({ZONE}))


@pytest.fixture
def known(db_session):
    return exchanged(db_session)


def minutes(n):
    return LATER + timedelta(minutes=n)


# --- cancellations


def cancel_head(known, app_type="1", *, at=LATER, **more):
    return {
        "guid": f"{app_type:>036}".replace(" ", "C"),
        "appType": app_type,
        "appTime": stamped(at),
        "appStatus": "2",
        "customsCode": "5190",
        "copNo": "X1",
        "invtNo": INVT,
        "reason": "买家取消订单",
        "agentCode": known.declarant.customs_code,
        "agentName": known.declarant.name,
        "ebcCode": known.seller.customs_code,
        "ebcName": known.seller.name,
    } | more


def cancel(session, known, *args, at=LATER, **more):
    head = cancel_head(known, *args, at=at, **more)
    (one,) = filed(session, known, cancellations, "CEB605", (head, []), sender=known.declarant, at=at)
    return one


def said(known, status, at, **more):
    return answer("CEB606", status, at, agentCode=known.declarant.customs_code, copNo="X1", invtNo=INVT, **more)


@pytest.mark.parametrize("status", ["120", "399", "800"])
def test_a_cancellation_goes_out_in_every_state_and_customs_answer_alone_carries_it_out(db_session, known, status):
    row = relayed(db_session, known, 1, status=status, invt_no=INVT)
    one = cancel(db_session, known)
    assert (one.status, rules_of(one)) == ("2", [])
    ((message, app_type, document),) = waiting(db_session)
    assert (message.kind, message.office, app_type) == ("CEB605", "5190", "1")
    assert document.findings == []
    assert (document.head["invtNo"], document.head["reason"], document.head["copNo"]) == (INVT, "买家取消订单", "X1")
    assert "preNo" not in document.head
    send(db_session, message)
    assert db_session.get(Checklist, row.id).status == status
    with pytest.raises(ConflictError) as error:
        decide_cancellation(db_session, LI, one.id, "approve", at=LATER)
    assert error.value.findings[0].rule == "CU4058"
    assert take(db_session, said(known, "399", minutes(5), info="同意撤单")).counts == {"applied": 1}
    db_session.expire_all()
    asked, found = db_session.get(Cancellation, one.id), db_session.get(Checklist, row.id)
    assert (asked.outcome, asked.status, asked.decided_at, asked.answer) == (
        "approved",
        "399",
        minutes(5),
        "同意撤单",
    )
    assert (found.status, found.withdrawn_at) == ("100", minutes(5))
    assert db_session.get(Parcel, (known.carrier.id, row.logistics_no)).checklist_id is None
    assert events_of(db_session, one.id, "cancellation") == [
        ("cancellation.accepted", "2", "party"),
        ("cancellation.sent", "3", "customs"),
        ("cancellation.decided", "399", "customs"),
        ("cancellation.answered", None, "customs"),
    ]


@pytest.mark.parametrize(
    ("status", "outcome", "rule"),
    [("2", "noted", None), ("3", "noted", None), ("-607001", "noted", "CU8007"), ("777", "refused", "CU8003"),
     ("800", "refused", "CU8009")],
)  # fmt: skip
def test_what_says_neither_yes_nor_no_leaves_a_cancellation_pending(db_session, known, status, outcome, rule):
    row = relayed(db_session, known, 1, status="800", invt_no=INVT)
    one = cancel(db_session, known)
    found = take(db_session, said(known, status, minutes(5)))
    assert found.counts == {outcome: 1}
    assert [each["rule"] for each in found.responses[0].findings] == ([rule] if rule else [])
    assert db_session.get(Cancellation, one.id).outcome == "pending"
    assert take(db_session, said(known, "100", minutes(6), info="不同意")).counts == {"applied": 1}
    assert take(db_session, said(known, "399", minutes(4))).counts == {"stale": 1}
    db_session.expire_all()
    assert (db_session.get(Cancellation, one.id).outcome, db_session.get(Checklist, row.id).status) == (
        "refused",
        "800",
    )


def test_a_cancellation_is_taken_back_only_before_customs_may_have_it(db_session, known):
    relayed(db_session, known, 1, status="800", invt_no=INVT)
    cancel(db_session, known)
    assert cancel(db_session, known, "3", at=minutes(1)).ok
    assert waiting(db_session, minutes(2)) == []
    again = cancel(db_session, known, at=minutes(3))
    ((message, _, _),) = waiting(db_session, minutes(4))
    for app_type, status in (("3", "2"), ("2", "1")):
        refused = cancel(db_session, known, app_type, at=minutes(5), appStatus=status)
        assert rules_of(refused) == [("CU8016", "error")]
    send(db_session, message, failure="网关无响应", at=minutes(6))
    assert [state for kind, state, _ in events_of(db_session, again.id, "cancellation") if kind.endswith("sent")] == [
        "4"
    ]
    assert cancel(db_session, known, "3", at=minutes(7)).ok
    assert db_session.get(Cancellation, again.id).outcome == "withdrawn"
    assert waiting(db_session, EVENING) == []


def test_a_changed_cancellation_replaces_what_waits_and_follows_what_went_out(db_session, known):
    relayed(db_session, known, 1, status="800", invt_no=INVT)
    cancel(db_session, known)
    cancel(db_session, known, "2", at=minutes(1), reason="买家改变主意")
    ((message, app_type, document),) = waiting(db_session, minutes(2))
    assert (app_type, document.head["reason"]) == ("1", "买家改变主意")
    send(db_session, message)
    cancel(db_session, known, "2", at=minutes(3), reason="缺货")
    ((_, app_type, document),) = waiting(db_session, minutes(4))
    assert (app_type, document.head["reason"]) == ("2", "缺货")


def test_a_cancellation_decided_here_is_not_customs_system_s_to_answer(db_session, known):
    relayed(db_session, known, 1, status="800", invt_no=INVT, decides="here")
    one = cancel(db_session, known)
    assert one.status == "120"
    assert waiting(db_session) == []
    found = take(db_session, said(known, "399", minutes(5)))
    assert [each["rule"] for each in found.responses[0].findings] == ["CU8006"]
    assert db_session.get(Cancellation, one.id).outcome == "pending"


def test_a_cancellation_that_passed_on_with_its_mandate_is_found_by_the_codes_it_went_out_with(db_session, known):
    relayed(db_session, known, 1, status="800", invt_no=INVT)
    one = cancel(db_session, known)
    row = db_session.get(Cancellation, one.id)
    row.declarant_id = known.seller.id
    db_session.execute(Cancellation.__table__.metadata.tables["movement_key"].update().values(owner_id=known.seller.id))
    db_session.flush()
    assert take(db_session, said(known, "399", minutes(5))).counts == {"applied": 1}
    db_session.refresh(row)
    assert row.outcome == "approved"


@pytest.mark.parametrize(("status", "state"), [("399", "approved"), ("100", "refused")])
def test_a_shut_out_follows_customs_answer_to_its_cancellation(db_session, known, status, state):
    row = relayed(db_session, known, 1, status="800", invt_no=INVT)
    place = db_session.get(Parcel, (known.carrier.id, row.logistics_no))
    place.checklist_id, place.arrived_at, place.site_operator_id = row.id, AT, known.operator.id
    document = (cancel_head(known), [], {"ground": "shut_out_whole", "known_on": AT.date().isoformat()})
    (one,) = filed(db_session, known, cancellations, "CEB605", document, sender=known.declarant)
    assert one.ok
    assert db_session.scalars(select(ShutOut.state)).all() == ["requested"]
    assert take(db_session, said(known, status, minutes(5))).counts == {"applied": 1}
    assert db_session.scalars(select(ShutOut.state)).all() == [state]


@pytest.mark.parametrize("rejection_first", [True, False])
def test_a_cancelled_checklist_counts_as_customs_treated_it_before(db_session, known, rejection_first):
    row = sent(db_session, relayed(db_session, known, 1, tier="low"))
    take(db_session, response(row, "300", minutes(1)))
    take(db_session, response(row, "800", minutes(2), invtNo=INVT))
    cancel(db_session, known, at=minutes(3))
    answers = [said(known, "399", minutes(5)), response(row, "100", minutes(5))]
    for raw in reversed(answers) if rejection_first else answers:
        take(db_session, raw)
    assert db_session.get(Checklist, row.id, populate_existing=True).withdrawn_at is not None
    found = differences(db_session, ZONE, AT.date(), AT.date())
    assert [(one.tier, one.done, one.verdict, one.count) for one in found.cells] == [
        ("low", Act.REVIEWED, Verdict.STRICTER, 1)
    ]


# --- deleting a checklist


def delete_head(row, at):
    head = {"appType": "3", "appTime": stamped(at), "appStatus": "2", "copNo": row.cop_no, "orderNo": row.order_no}
    head |= {"logisticsNo": row.logistics_no, "agentCode": row.agent_code, "ebcCode": row.ebc_code}
    return head | {"logisticsCode": row.logistics_code, "ebpCode": "无", "guid": row.guid}


def test_a_checklist_that_customs_may_have_is_not_deleted_here(db_session, known):
    row = relayed(db_session, known, 1)
    hand_over(db_session, [row.id], AT)
    waiting(db_session, AT)
    made = (delete_head(row, minutes(1)), [])
    (one,) = filed(db_session, known, checklists, "CEB603", made, sender=known.declarant, at=minutes(1))
    assert rules_of(one) == [("CU8016", "error")]
    assert db_session.get(Checklist, row.id).withdrawn_at is None
    other = relayed(db_session, known, 2)
    hand_over(db_session, [other.id], AT)
    made = (delete_head(other, minutes(1)), [])
    (one,) = filed(db_session, known, checklists, "CEB603", made, sender=known.declarant, at=minutes(1))
    assert one.ok
    assert db_session.get(Checklist, other.id).withdrawn_at is not None


def test_an_answer_to_what_went_out_before_does_not_count_as_sending_the_change(db_session, known):
    row = sent(db_session, relayed(db_session, known, 1))
    take(db_session, response(row, "120", minutes(1)))
    row.status, row.revision = "2", 2
    db_session.flush()
    hand_over(db_session, [row.id], minutes(2))
    take(db_session, response(row, "300", minutes(3)))
    ((_, app_type, _),) = waiting(db_session, minutes(4))
    assert app_type == "2"


# --- movement


def test_an_arrival_goes_out_with_the_waybills_that_took_effect_and_follows_customs_answer(db_session, known):
    relay_office(db_session)
    parcel(db_session, known, 1, status="399", decides="relay")
    parcel(db_session, known, 2, status="399", decides="relay", customs_code="5198")
    parcel(db_session, known, 3, status="399", decides="relay")
    head = arrival_head(known)
    (one,) = filed(db_session, known, arrivals, "CEB507", (head, ["way-1", "way-2", "way-3"]), sender=known.operator)
    assert (one.status, rules_of(one)) == ("2", [("CU4012", "warning")])
    assert db_session.get(Arrival, one.id).status == "2"
    ((message, app_type, document),) = waiting(db_session)
    assert (message.kind, app_type, document.head["ieFlag"], document.head["loctNo"]) == ("CEB507", "1", "E", "519001")
    assert [(line["gnum"], line["logisticsNo"]) for line in document.lines] == [("1", "way-1"), ("2", "way-3")]
    send(db_session, message)
    keys = {"operatorCode": known.operator.customs_code, "logisticsCode": known.carrier.customs_code}
    keys |= {"copNo": "A1", "billNo": "BILL-1", "msgSeqNo": "1"}
    assert take(db_session, answer("CEB508", "399", minutes(5), **keys)).counts == {"applied": 1}
    assert take(db_session, answer("CEB508", "100", minutes(4), **keys)).counts == {"stale": 1}
    db_session.expire_all()
    assert db_session.get(Arrival, one.id).status == "399"
    assert db_session.get(Parcel, (known.carrier.id, "way-1")).arrived_at is not None
    assert [kind for kind, _, _ in events_of(db_session, one.id, "arrival")] == [
        "arrival.accepted",
        "arrival.sent",
        "arrival.answered",
    ]


def test_a_movement_paper_that_went_out_is_deleted_at_customs_too_and_its_answer_is_told(db_session, known):
    relay_office(db_session)
    parcel(db_session, known, 1, status="399", decides="relay")
    (one,) = filed(db_session, known, arrivals, "CEB507", (arrival_head(known), ["way-1"]), sender=known.operator)
    ((message, _, _),) = waiting(db_session)
    send(db_session, message)
    gone = arrival_head(known, app_type="3", at=minutes(1))
    filed(db_session, known, arrivals, "CEB507", (gone, ["way-1"]), sender=known.operator, at=minutes(1))
    ((message, app_type, document),) = waiting(db_session, minutes(2))
    assert (app_type, [line["logisticsNo"] for line in document.lines]) == ("3", ["way-1"])
    send(db_session, message)
    keys = {"operatorCode": known.operator.customs_code, "logisticsCode": known.carrier.customs_code}
    keys |= {"copNo": "A1", "billNo": "BILL-1", "msgSeqNo": "1"}
    assert take(db_session, answer("CEB508", "399", minutes(5), **keys)).counts == {"noted": 1}
    assert events_of(db_session, one.id, "arrival")[-1] == ("arrival.answered", "399", "customs")
    assert db_session.get(Parcel, (known.carrier.id, "way-1")).arrived_at is None


def test_what_never_went_out_is_deleted_here_alone(db_session, known):
    relay_office(db_session)
    parcel(db_session, known, 1, status="399", decides="relay")
    filed(db_session, known, arrivals, "CEB507", (arrival_head(known), ["way-1"]), sender=known.operator)
    gone = arrival_head(known, app_type="3", at=minutes(1))
    filed(db_session, known, arrivals, "CEB507", (gone, ["way-1"]), sender=known.operator, at=minutes(1))
    assert waiting(db_session, minutes(2)) == []
    assert outbox_state(db_session, {ZONE}).backlog == []


def test_a_master_list_goes_out_and_follows_customs_answer(db_session, known):
    relay_office(db_session)
    parcel(db_session, known, 1, status="399", decides="relay")
    (one,) = filed(db_session, known, master_lists, "CEB607", (list_head(known), ["way-1"]), sender=known.declarant)
    ((message, app_type, document),) = waiting(db_session)
    assert (message.kind, app_type, document.head["grossWeight"], document.head["billNo"]) == (
        "CEB607",
        "1",
        "12.5",
        "999-1",
    )
    assert document.findings == []
    keys = {"agentCode": known.declarant.customs_code, "logisticsCode": known.carrier.customs_code, "copNo": "M1"}
    assert take(db_session, answer("CEB608", "120", minutes(5), **keys, billNo="999-1", msgSeqNo="1")).counts == {
        "applied": 1
    }
    assert db_session.get(MasterList, one.id).status == "120"
    hostile = answer("CEB608", "120", minutes(6), **keys, billNo="999-1", msgSeqNo="1")
    assert take(db_session, hostile.replace(b"msgSeqNo>1<", b"msgSeqNo>99999999999<")).counts == {"applied": 1}


def leave(session, known, *args, at=LATER, numbers=("way-1",), **more):
    head = departure_head(known, *args, at=at, leave=LATER, **more)
    (one,) = filed(session, known, departures, "CEB509", (head, list(numbers)), sender=known.carrier, at=at)
    return one


def test_a_departure_goes_out_closes_nothing_here_and_may_be_mended_once_customs_refused_it(db_session, known):
    relay_office(db_session)
    row = parcel(db_session, known, 1, arrived=AT, decides="relay")
    one = leave(db_session, known)
    ((message, _, document),) = waiting(db_session)
    assert (one.status, message.kind, document.head["leaveTime"]) == ("2", "CEB509", stamped(LATER))
    send(db_session, message)
    found = db_session.get(Checklist, row.id)
    assert (found.status, found.left_at) == ("800", LATER)
    assert rules_of(leave(db_session, known, app_type="3", at=minutes(1))) == [("CU4041", "error")]
    keys = {"logisticsCode": known.carrier.customs_code, "copNo": "D1", "msgSeqNo": "1"}
    assert take(db_session, answer("CEB510", "100", minutes(5), info="未放行", **keys)).counts == {"applied": 1}
    assert db_session.get(Departure, one.id).status == "100"
    assert leave(db_session, known, app_type="3", at=minutes(6)).ok
    db_session.expire_all()
    found = db_session.get(Checklist, row.id)
    assert (found.status, found.left_at) == ("800", None)
    gone = db_session.get(Parcel, (known.carrier.id, "way-1"))
    assert (gone.left_at, gone.departure_id) == (None, None)
    ((_, app_type, _),) = waiting(db_session, minutes(7))
    assert app_type == "3"
    assert leave(db_session, known, "D2", at=minutes(8)).ok


def test_a_departure_of_what_customs_has_closed_stays_final(db_session, known):
    relay_office(db_session)
    parcel(db_session, known, 1, arrived=AT, decides="relay")
    one = leave(db_session, known)
    db_session.get(Departure, one.id).status = "100"
    db_session.get(Checklist, 202611 * 10**10 + 1).status = "899"
    db_session.flush()
    assert rules_of(leave(db_session, known, app_type="3", at=minutes(6))) == [("CU4041", "error")]


# --- split papers


def test_the_parts_of_an_application_go_out_as_one_bundle_and_its_sending_is_told_once(db_session, known):
    row = SummaryApplication(
        id=202611 * 10**10 + 7001,
        customs_code="5190",
        cop_no="S1",
        declarant_id=known.declarant.id,
        agent_code=known.declarant.customs_code,
        agent_name=known.declarant.name,
        consignor_id=known.seller.id,
        ebc_code=known.seller.customs_code,
        ebc_name=known.seller.name,
        decl_agent_id=known.declarant.id,
        decl_agent_code=known.declarant.customs_code,
        decl_agent_name=known.declarant.name,
        summary_flag="1",
        item_name_flag=" ",
        msg_count=2,
        origin="party",
        decides="relay",
        guid="S" * 36,
        **paper(known, 1, sender_id=known.declarant.id),
    )
    db_session.add(row)
    for n in (1, 2):
        number = f"51902026E{n:09d}"
        part = {"application_id": row.id, "msg_seq_no": n, "message_id": n, "received_at": AT, "invt_nos": [number]}
        db_session.add(SummaryApplicationPart(**part))
    db_session.flush()
    hand_over_papers(db_session, [("summary_application", row.id)], AT)
    hand_over_papers(db_session, [("summary_application", row.id)], AT)
    found = waiting(db_session, AT)
    assert [(document.head["msgSeqNo"], document.lines) for _, _, document in found] == [
        ("1", [{"invtNo": "51902026E000000001"}]),
        ("2", [{"invtNo": "51902026E000000002"}]),
    ]
    for message, _, _ in found:
        send(db_session, message)
    assert events_of(db_session, row.id, "summary_application") == [("summary.sent", "3", "customs")]


def test_a_paper_that_nobody_reported_comes_again(db_session, known):
    relayed(db_session, known, 1, status="800", invt_no=INVT)
    cancel(db_session, known)
    assert len(waiting(db_session, LATER)) == 1
    assert waiting(db_session, LATER + LEASE / 2) == []
    assert len(waiting(db_session, LATER + LEASE)) == 1
    take(db_session, said(known, "3", minutes(5)))
    assert waiting(db_session, LATER + 2 * LEASE) == []
    kept = db_session.scalars(select(OutboxMessage)).one()
    assert kept.sent_at is not None
    assert len(db_session.scalars(select(Event).where(Event.kind == "cancellation.answered")).all()) == 1
