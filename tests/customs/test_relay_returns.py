"""Relay mode on the database: goods returns and tallies go out, and customs' answers (214, 216) alone move them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from common.events import Event
from common.findings import ConflictError
from customs.desk import Officer
from customs.intake import refund_applications, refund_tallies
from customs.returns import returnable
from customs.returns.deciding import decide
from customs.returns.reading import ReturnFilters, for_officers, list_returns
from customs.tables import Checklist, GoodsReturn, GoodsReturnLine, ReturnedLine, ReturnTally
from tests.customs.batches import parcel, rules_of, stamped
from tests.customs.relaying import LATER, answer, events_of, exchanged, filed, relay_office, send, take, waiting
from tests.customs.stored import AT, ZONE

LI = Officer(1, "李审单", frozenset({ZONE}))
INVT = "51902026E000000001"


@pytest.fixture
def known(db_session):
    found = exchanged(db_session)
    relay_office(db_session)
    parcel(db_session, found, 1, status="899", left_at=AT, closed_at=AT, decides="relay")
    return found


def minutes(n):
    return LATER + timedelta(minutes=n)


def ask(session, known, qty="2", app_type="1", *, at=LATER, **more):
    head = {
        "guid": "R" * 36, "appType": app_type, "appTime": stamped(at), "appStatus": "2", "customsCode": "5190",
        "ebpCode": "none", "ebpName": "无", "ebcCode": known.seller.customs_code, "ebcName": known.seller.name,
        "logisticsNo": "W-1", "logisticsCode": known.carrier.customs_code, "logisticsName": known.carrier.name,
        "coElNo": "R1", "invtNo": INVT, "tradeMode": "9661", "agentCode": known.declarant.customs_code,
        "agentName": known.declarant.name, "billNo": "B", "ieFlag": "I", "trafMode": "5", "trafName": "CZ",
        "portCode": "5190", "reason": "买家拒收", "country": "502", "voyageNo": "1",
    } | more  # fmt: skip
    line = {
        "gnum": "1", "gcode": "6109100021", "gname": "T恤", "gmodel": "棉", "qty": qty, "qty1": qty, "unit": "011",
        "unit1": "011",
    }  # fmt: skip
    extras = {"grounds": {"reason": "returned", "proof": "refusal"}, "lines": [line]}
    document = (head, [], extras)
    (one,) = filed(session, known, refund_applications, "CEB213", document, sender=known.declarant, at=at)
    return one


def tally(session, known, *found, app_type="1", at=LATER, **more):
    head = {
        "guid": "T" * 36, "appType": app_type, "appTime": stamped(at), "appStatus": "2", "customsCode": "5190",
        "operatorCode": known.operator.customs_code, "operatorName": known.operator.name,
        "logisticsCode": known.carrier.customs_code, "logisticsName": known.carrier.name, "logisticsNo": "W-1",
        "coElNo": "T1", "billNo": "B", "ieFlag": "I", "trafMode": "5", "trafName": "CZ", "voyageNo": "1",
    } | more  # fmt: skip
    document = (head, [], {"tally": list(found)} if found else {})
    (one,) = filed(session, known, refund_tallies, "CEB215", document, sender=known.operator, at=at)
    return one


def on_return(session, known, status, at, info="海关回执", **more):
    keys = {"agentCode": known.declarant.customs_code, "coElNo": "R1", "invtNo": INVT}
    return take(session, answer("CEB214", status, at, info, **keys | more))


def on_tally(session, known, status, at):
    keys = {"operatorCode": known.operator.customs_code, "logisticsCode": known.carrier.customs_code}
    return take(session, answer("CEB216", status, at, **keys, logisticsNo="W-1", coElNo="T1"))


def returned(session):
    session.expire_all()
    return [(row.qty, row.returned_on) for row in session.scalars(select(ReturnedLine))]


def test_a_return_goes_out_with_every_value_and_moves_by_customs_answers_alone(db_session, known):
    one = ask(db_session, known)
    assert (one.status, one.ok) == ("2", True)
    ((message, app_type, document),) = waiting(db_session)
    assert (message.kind, app_type, document.findings) == ("CEB213", "1", [])
    head = document.head
    assert (head["ieFlag"], head["tradeMode"], head["invtNo"], head["country"]) == ("I", "9661", INVT, "502")
    assert [(line["gnum"], line["qty"], line["unit"]) for line in document.lines] == [("1", "2", "011")]
    assert "preNo" not in head
    send(db_session, message)
    with pytest.raises(ConflictError) as error:
        decide(db_session, LI, one.id, "release", at=LATER)
    assert error.value.findings[0].rule == "CU8015"
    for n, (status, counts) in enumerate([("3", "noted"), ("120", "applied"), ("300", "applied"), ("500", "applied")]):
        assert on_return(db_session, known, status, minutes(n)).counts == {counts: 1}
    assert on_return(db_session, known, "600", minutes(1)).counts == {"stale": 1}
    assert on_return(db_session, known, "800", minutes(10), "放行").counts == {"applied": 1}
    db_session.expire_all()
    row = db_session.get(GoodsReturn, one.id)
    assert (row.status, row.released_at, row.answer, row.completed_at) == ("800", minutes(10), "放行", None)
    assert [state for kind, state, _ in events_of(db_session, one.id, "goods_return") if kind.endswith("moved")] == [
        "120",
        "300",
        "500",
        "800",
    ]
    assert list_returns(db_session, for_officers({ZONE}), ReturnFilters(stage="to_decide")) == []


@pytest.mark.parametrize("tally_first", [True, False])
def test_released_and_tallied_by_customs_a_return_is_completed_on_the_later_day(db_session, known, tally_first):
    one = ask(db_session, known)
    made = tally(db_session, known)
    assert (made.status, rules_of(made)) == ("2", [])
    assert [message.kind for message, _, _ in waiting(db_session)] == ["CEB213", "CEB215"]
    steps = [
        lambda: on_return(db_session, known, "800", minutes(5)),
        lambda: on_tally(db_session, known, "399", minutes(9)),
    ]
    for step in reversed(steps) if tally_first else steps:
        assert returned(db_session) == []
        assert step().counts == {"applied": 1}
    assert returned(db_session) == [(Decimal(2), minutes(9).date())]
    row = db_session.get(GoodsReturn, one.id)
    assert (row.completed_at, row.status, db_session.get(ReturnTally, made.id).status) == (minutes(9), "800", "399")
    assert on_return(db_session, known, "600", minutes(20)).responses[0].findings[0]["rule"] == "CU8004"
    assert db_session.get(Checklist, 202611 * 10**10 + 1).status == "899"


def test_what_a_tally_found_otherwise_is_in_its_note_and_customs_alone_says_what_follows(db_session, known):
    one = ask(db_session, known)
    on_return(db_session, known, "800", minutes(1))
    tally(db_session, known, {"gnum": "1", "qty": "1", "condition": "altered"}, note="缺吊牌", at=minutes(2))
    ((_, _, request), (_, _, document)) = waiting(db_session, minutes(3))
    assert "note" not in request.head
    assert document.head["note"] == f"{INVT}第1项申请2实到1（非原状）；缺吊牌"
    row = db_session.get(GoodsReturn, one.id)
    assert (row.status, row.completed_at) == ("800", None)
    on_tally(db_session, known, "399", minutes(4))
    assert returned(db_session) == [(Decimal(1), minutes(4).date())]
    left = returnable(db_session, [row.checklist_id])[row.checklist_id, 1]
    assert left.left.qty == Decimal(4)


def test_a_tally_that_customs_refuses_is_as_if_it_had_not_been(db_session, known):
    one = ask(db_session, known)
    made = tally(db_session, known)
    on_return(db_session, known, "800", minutes(1))
    assert on_tally(db_session, known, "100", minutes(2)).counts == {"applied": 1}
    db_session.expire_all()
    row = db_session.get(GoodsReturn, one.id)
    assert (row.tally_id, row.completed_at, db_session.get(ReturnTally, made.id).status) == (None, None, "100")
    assert db_session.get(GoodsReturnLine, (one.id, 1)).found_qty is None
    send(db_session, *(message for message, _, _ in waiting(db_session)))
    assert tally(db_session, known, app_type="2", at=minutes(3)).ok
    ((_, app_type, _),) = waiting(db_session, minutes(4))
    assert app_type == "2"
    assert on_tally(db_session, known, "399", minutes(5)).counts == {"applied": 1}
    assert returned(db_session) == [(Decimal(2), minutes(5).date())]


def test_what_customs_has_is_not_deleted_here_and_what_it_refused_is(db_session, known):
    one = ask(db_session, known)
    send(db_session, *(message for message, _, _ in waiting(db_session)))
    assert rules_of(ask(db_session, known, app_type="3", at=minutes(1))) == [("CU8016", "error")]
    on_return(db_session, known, "100", minutes(2), "原清单不符")
    assert db_session.get(GoodsReturn, one.id).status == "100"
    changed = ask(db_session, known, "1", "2", at=minutes(3))
    assert (changed.status, changed.ok) == ("2", True)
    ((message, app_type, document),) = waiting(db_session, minutes(4))
    assert (app_type, document.lines[0]["qty"]) == ("2", "1")
    send(db_session, message)
    on_return(db_session, known, "100", minutes(5), "原清单不符")
    assert ask(db_session, known, app_type="3", at=minutes(6)).ok
    made = tally(db_session, known, at=minutes(7))
    assert rules_of(made)[0][1] == "error"


def test_a_tally_that_customs_has_is_not_deleted_here(db_session, known):
    ask(db_session, known)
    tally(db_session, known)
    waiting(db_session)
    for app_type, status in (("3", "2"), ("2", "1")):
        refused = tally(db_session, known, app_type=app_type, at=minutes(1), appStatus=status)
        assert rules_of(refused) == [("CU8016", "error")]


@pytest.mark.parametrize(
    ("status", "outcome", "rule"),
    [("399", "refused", "CU8009"), ("899", "refused", "CU8009"), ("-213001", "noted", "CU8007"),
     ("新", "refused", "CU8003")],
)  # fmt: skip
def test_what_no_answer_about_a_return_says_is_kept_and_told(db_session, known, status, outcome, rule):
    one = ask(db_session, known)
    found = on_return(db_session, known, status, minutes(1))
    assert found.counts == {outcome: 1}
    assert [each["rule"] for each in found.responses[0].findings] == [rule]
    assert db_session.get(GoodsReturn, one.id).status == "2"
    told = db_session.scalars(select(Event).where(Event.kind == "goods_return.answered")).one()
    assert (told.source, told.declarant_id) == ("customs", known.declarant.id)


def test_an_answer_about_a_return_that_is_decided_here_moves_nothing(db_session, known):
    relay_office(db_session, mode="decide")
    one = ask(db_session, known)
    assert waiting(db_session) == []
    found = on_return(db_session, known, "800", minutes(1))
    assert [each["rule"] for each in found.responses[0].findings] == ["CU8006"]
    assert db_session.get(GoodsReturn, one.id).status == "300"


def test_the_root_of_customs_own_sample_is_read(db_session, known):
    ask(db_session, known)
    keys = {"agentCode": known.declarant.customs_code, "coElNo": "R1", "invtNo": INVT}
    raw = answer("CEB214", "120", minutes(1), **keys).replace(b"CEB214Message", b"CEB214")
    assert take(db_session, raw).counts == {"applied": 1}
