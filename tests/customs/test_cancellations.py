"""Cancellation requests on the database: where the state allows, who decides, what is free again afterwards."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from common.events import Event
from common.findings import ConflictError, DomainError, NotFoundError
from customs.amendments.deciding import add_proof, name_ground
from customs.desk import Officer, Party
from customs.intake import cancellations
from customs.movement.cancelling import decide_cancellation, decided_by_customs
from customs.rules.files import NewFile
from customs.tables import Cancellation, Checklist, DeskQuestion, MovementKey, Parcel, Sale
from tests.customs.batches import batch, firms, parcel, rules_of, stamped
from tests.customs.stored import AT, OTHER_ZONE, ZONE

LATER = AT + timedelta(hours=1)
LI = Officer(1, "李审单", frozenset({ZONE}))
FAR = Officer(2, "外区审单", frozenset({OTHER_ZONE}))


@pytest.fixture
def known(db_session):
    return firms(db_session)


def stored(session, known, number=1, **changes):
    row = parcel(session, known, number, **({"invt_no": f"51902026E{number:09d}"} | changes))
    session.add(Sale(platform="none:1", order_no=row.order_no, checklist_id=row.id))
    session.flush()
    return row


def head(known, cop_no="X1", number=1, *, app_type="1", at=AT, **more):
    return {
        "guid": f"G-{cop_no}-{app_type}",
        "appType": app_type,
        "appTime": stamped(at),
        "appStatus": "2",
        "customsCode": "5190",
        "copNo": cop_no,
        "invtNo": f"51902026E{number:09d}",
        "reason": "买家取消订单",
        "agentCode": known.declarant.customs_code,
        "agentName": known.declarant.name,
        "ebcCode": known.seller.customs_code,
        "ebcName": known.seller.name,
    } | more


def file(session, known, *heads, at=LATER, sender=None):
    made = batch(session, known, "CEB605", *((one, []) for one in heads), sender=sender or known.declarant, at=at)
    cancellations.take(made)
    made.flush()
    session.expire_all()
    return made.filed


def refused(error):
    return error.value.findings[0].rule


def free(session, known, row):
    return (
        session.get(Parcel, (known.carrier.id, row.logistics_no)).checklist_id,
        session.get(Sale, ("none:1", row.order_no)).checklist_id,
    )


def test_a_checklist_that_is_only_stored_is_cancelled_at_once(db_session, known):
    row = stored(db_session, known, status="120")
    (one,) = file(db_session, known, head(known))
    assert (one.status, rules_of(one)) == ("399", [])
    found = db_session.get(Checklist, row.id)
    assert (found.status, found.withdrawn_at) == ("100", LATER)
    assert free(db_session, known, row) == (None, None)
    event = db_session.scalars(select(Event).where(Event.kind == "checklist.moved")).one()
    assert (event.state, event.source, event.rule, event.data["cancelled"]) == ("100", "rule", "CU4102", True)
    assert event.data["say"]["zh"] == "清单已按撤销申请撤销：买家取消订单"
    kept = db_session.get(Cancellation, one.id)
    assert (kept.outcome, kept.status, kept.checklist_id, kept.checklist_status) == ("approved", "399", row.id, "120")


@pytest.mark.parametrize(("status", "ground"), [("300", None), ("399", "clerical_error"), ("800", "clerical_error")])
def test_from_review_on_an_officer_decides(db_session, known, status, ground):
    row = stored(db_session, known, status=status)
    (one,) = file(db_session, known, head(known))
    if ground:
        asked = Party(8, "王单证", known.declarant.id)
        name_ground(db_session, asked, "cancellation", one.id, ground, at=LATER)
        add_proof(db_session, asked, "cancellation", one.id, NewFile("说明.pdf", b"%PDF-1.7"), at=LATER)
    assert (one.status, rules_of(one)) == ("120", [])
    assert db_session.get(Checklist, row.id).status == status
    db_session.add(
        DeskQuestion(
            checklist_id=row.id,
            zone_code=ZONE,
            reason="other",
            question="?",
            officer_id=1,
            officer_name="李",
            asked_at=AT,
            due_at=LATER,
        )
    )
    done = decide_cancellation(db_session, LI, one.id, "approve", at=LATER)
    db_session.expire_all()
    assert (done.outcome, done.status, done.decided_name, done.decided_at) == ("approved", "399", "李审单", LATER)
    found = db_session.get(Checklist, row.id)
    assert (found.status, found.withdrawn_at, found.claimed_by) == ("100", LATER, None)
    assert free(db_session, known, row) == (None, None)
    assert db_session.scalars(select(DeskQuestion)).one().closed_at == LATER
    moved = db_session.scalars(select(Event).where(Event.kind == "checklist.moved")).one()
    assert (moved.state, moved.source, moved.actor, moved.rule) == ("100", "officer", "account:1", "CU4103")
    decided = db_session.scalars(select(Event).where(Event.kind == "cancellation.decided")).one()
    assert (decided.state, decided.subject_id, decided.declarant_id) == ("399", one.id, known.declarant.id)


def test_what_an_officer_or_the_site_holds_is_never_cancelled_by_itself(db_session, known):
    stored(db_session, known, 1, status="120", held_at=AT)
    stored(db_session, known, 2, status="120", site_hold={"reason": "weight"})
    found = file(db_session, known, head(known, "X1", 1), head(known, "X2", 2))
    assert [one.status for one in found] == ["120", "120"]


def test_a_refusal_needs_words_and_leaves_the_checklist_alone(db_session, known):
    row = stored(db_session, known, status="300")
    (one,) = file(db_session, known, head(known))
    with pytest.raises(DomainError) as error:
        decide_cancellation(db_session, LI, one.id, "refuse", at=LATER)
    assert refused(error) == "CU4059"
    done = decide_cancellation(db_session, LI, one.id, "refuse", at=LATER, text="货物已装车")
    assert (done.outcome, done.status, done.answer) == ("refused", "100", "货物已装车")
    assert db_session.get(Checklist, row.id).status == "300"
    event = db_session.scalars(select(Event).where(Event.kind == "cancellation.decided")).one()
    assert (event.state, event.data["say"]["zh"]) == ("100", "撤销申请未获批准：货物已装车")
    with pytest.raises(ConflictError) as error:
        decide_cancellation(db_session, LI, one.id, "approve", at=LATER)
    assert refused(error) == "CU4056"
    (again,) = file(db_session, known, head(known, "X2"))
    assert again.status == "120"


def test_who_and_what_an_officer_may_decide(db_session, known):
    stored(db_session, known, status="300")
    (one,) = file(db_session, known, head(known))
    with pytest.raises(NotFoundError):
        decide_cancellation(db_session, FAR, one.id, "approve", at=LATER)
    with pytest.raises(NotFoundError):
        decide_cancellation(db_session, LI, 1, "approve", at=LATER)
    with pytest.raises(DomainError) as error:
        decide_cancellation(db_session, LI, one.id, "maybe", at=LATER)
    assert refused(error) == "CU4060"


def test_an_approval_is_refused_when_an_inspection_was_ordered_meanwhile(db_session, known):
    row = stored(db_session, known, status="399")
    (one,) = file(db_session, known, head(known))
    db_session.get(Checklist, row.id).status = "500"
    db_session.flush()
    with pytest.raises(ConflictError) as error:
        decide_cancellation(db_session, LI, one.id, "approve", at=LATER)
    assert refused(error) == "CU4054"
    assert db_session.get(Cancellation, one.id).outcome == "pending"


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"status": "2"}, "CU4054"),
        ({"status": "100"}, "CU4054"),
        ({"status": "500"}, "CU4054"),
        ({"status": "502"}, "CU4054"),
        ({"status": "899"}, "CU4055"),
        ({"status": "800", "left_at": AT}, "CU4055"),
    ],
)
def test_states_that_allow_no_cancellation(db_session, known, changes, rule):
    row = stored(db_session, known, **changes)
    (one,) = file(db_session, known, head(known))
    assert rules_of(one) == [(rule, "error")]
    assert db_session.get(Checklist, row.id).status == changes["status"]
    assert db_session.scalars(select(Cancellation)).all() == []


def test_a_checklist_of_somebody_else_does_not_exist_for_the_asker(db_session, known):
    stored(db_session, known, status="120", declarant_id=known.other_declarant.id)
    theirs, none = file(db_session, known, head(known, "X1"), head(known, "X2", 9))
    assert rules_of(theirs) == rules_of(none) == [("CU4050", "error")]


def test_all_that_is_wrong_is_said_at_once(db_session, known):
    stored(db_session, known, status="500", consignor_id=known.other_declarant.id, customs_code="5191")
    (one,) = file(db_session, known, head(known))
    assert [rule for rule, _ in rules_of(one)] == ["CU4051", "CU4052", "CU4054"]


def test_one_request_at_a_time(db_session, known):
    stored(db_session, known, status="300")
    first, second = file(db_session, known, head(known, "X1"), head(known, "X2"))
    assert (first.status, rules_of(second)) == ("120", [("CU4053", "error")])
    (third,) = file(db_session, known, head(known, "X3"))
    assert rules_of(third) == [("CU4053", "error")]
    (repeat,) = file(db_session, known, head(known, "X1"))
    assert rules_of(repeat) == [("CU2220", "error")]


def test_a_request_may_be_changed_and_taken_back_until_it_is_decided(db_session, known):
    stored(db_session, known, status="300")
    (one,) = file(db_session, known, head(known))
    (two,) = file(db_session, known, head(known, app_type="2", at=LATER, reason="重复申报"))
    assert (two.id, two.status) == (one.id, "120")
    assert db_session.get(Cancellation, one.id).reason == "重复申报"
    later = LATER + timedelta(minutes=1)
    (gone,) = file(db_session, known, head(known, app_type="3", at=later))
    assert (gone.status, rules_of(gone)) == ("399", [])
    kept = db_session.get(Cancellation, one.id)
    assert (kept.outcome, kept.withdrawn_at) == ("withdrawn", LATER)
    assert db_session.scalars(select(MovementKey)).all() == []
    with pytest.raises(ConflictError):
        decide_cancellation(db_session, LI, one.id, "approve", at=LATER)
    (again,) = file(db_session, known, head(known))
    decide_cancellation(db_session, LI, again.id, "refuse", at=LATER, text="不行")
    (late,) = file(db_session, known, head(known, app_type="3", at=later))
    assert rules_of(late) == [("CU4056", "error")]


def test_where_customs_own_system_decides_the_request_waits_for_it(db_session, known):
    row = stored(db_session, known, status="120", decides="relay")
    (one,) = file(db_session, known, head(known))
    assert (one.status, db_session.get(Checklist, row.id).status) == ("2", "120")
    with pytest.raises(ConflictError) as error:
        decide_cancellation(db_session, LI, one.id, "approve", at=LATER)
    assert refused(error) == "CU4058"
    answer = {"words": "撤销申请审核通过", "actor": "customs", "at": LATER}
    done = decided_by_customs(db_session, one.id, approved=True, **answer)
    db_session.expire_all()
    assert (done.outcome, done.status, done.answer) == ("approved", "399", "撤销申请审核通过")
    assert db_session.get(Checklist, row.id).status == "100"
    assert free(db_session, known, row) == (None, None)
    assert decided_by_customs(db_session, one.id, approved=False, **answer) is None


def test_customs_may_refuse_a_relayed_request(db_session, known):
    row = stored(db_session, known, status="800", decides="relay")
    (one,) = file(db_session, known, head(known))
    done = decided_by_customs(db_session, one.id, approved=False, words="不予撤销", actor="customs", at=LATER)
    assert (done.outcome, done.status) == ("refused", "100")
    assert db_session.get(Checklist, row.id).status == "800"


def test_a_draft_request_does_nothing_until_it_is_declared(db_session, known):
    row = stored(db_session, known, status="120")
    (one,) = file(db_session, known, head(known, appStatus="1"))
    assert (one.status, db_session.get(Checklist, row.id).status) == ("1", "120")
    with pytest.raises(NotFoundError):
        decide_cancellation(db_session, LI, one.id, "approve", at=LATER)
    (two,) = file(db_session, known, head(known, at=LATER))
    assert (two.id, two.status, db_session.get(Checklist, row.id).status) == (one.id, "399", "100")
