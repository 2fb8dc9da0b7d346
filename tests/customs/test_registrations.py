"""Exports declared elsewhere and registered here: checks, who may, once only, matched, never counted as ours."""

import copy
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from common.clock import CHINA
from common.events import Event
from common.findings import ConflictError, DomainError, NotAllowedError
from credit.mandates import NewMandate, grant
from customs.messages.reading import DoorFault
from customs.messages.responses import response_xml
from customs.messages.writing import NewDocument, message_xml
from customs.registrations import from_json, from_xml, lines_of, match_open, register
from customs.registrations.matching import missing
from customs.tables import Checklist, ExportRegistration, Parcel, Sale, SaleOrder, SaleOrderLine, Waybill
from tests.customs.batches import firms
from tests.customs.messages.papers import CODES, FAULTLESS, TRANSFER
from tests.customs.stored import ZONE, stored_checklist

AT = datetime(2026, 12, 2, 10, 0, tzinfo=CHINA)
NUMBER = "53012026E000000001"
RETURNED = "20261125180000123"


@pytest.fixture(autouse=True)
def codes(monkeypatch):
    monkeypatch.setattr("customs.registrations.registering.codes_snapshot", lambda session: CODES)


@pytest.fixture
def known(db_session):
    return firms(db_session)


def declared(known, head=None, lines=None):
    """The JSON document of a checklist that the seller's broker declared in Shenzhen (5301)."""
    made = FAULTLESS["CEB603"]
    seller = {"ebcCode": known.seller.customs_code, "ebcName": known.seller.name}
    own = {
        "customsCode": "5301",
        "ebpCode": "无",
        "ebpName": "境外平台",
        "logisticsCode": known.carrier.customs_code,
        "logisticsName": known.carrier.name,
        **seller,
    }
    rows = [dict(line) for line in made.lines]
    for n, changes in (lines or {}).items():
        rows[n] |= changes
    return {"head": {**made.head, **own, **(head or {})}, "lines": rows}


def told(document, number=NUMBER, **changes):
    given = {"status": "800", "time": RETURNED, "info": "放行", "response": None, "at": AT} | changes
    return from_json(copy.deepcopy(document), number, **given)


def registered(session, known, document=None, *, by=None, number=NUMBER, at=AT, **changes):
    asked = told(document or declared(known), number, **changes)
    return register(session, asked, sender_id=by or known.seller.id, actor="account:8", at=at)


def rules_of(error):
    return {(one.rule, one.pointer.rpartition("/")[2]) for one in error.value.findings}


def test_an_export_declared_elsewhere_is_kept_with_its_lines_and_customs_answer(db_session, known):
    done = registered(db_session, known)
    row = done.row
    assert done.created
    assert (row.invt_no, row.source, row.zone_code, row.customs_code) == (NUMBER, "elsewhere", ZONE, "5301")
    assert (row.consignor_id, row.declarant_id, row.sender_id) == (known.seller.id, None, known.seller.id)
    assert (row.state, row.return_info, row.export_on) == ("800", "放行", date(2026, 11, 25))
    assert row.return_time == datetime(2026, 11, 25, 18, 0, 0, 123000, tzinfo=CHINA)
    lines = lines_of(db_session, row.id)
    assert (lines[0].gnum, lines[0].gcode) == (1, "6911101900")
    assert row.total_price == sum(one.total_price for one in lines)
    event = db_session.scalars(select(Event).where(Event.subject_id == row.id)).one()
    assert (event.kind, event.source, event.state) == ("export_registration.accepted", "party", "800")


def test_it_is_no_checklist_and_claims_no_order_or_waybill(db_session, known):
    registered(db_session, known)
    for table in (Checklist, Sale, Parcel):
        assert db_session.scalar(select(func.count()).select_from(table)) == 0


def test_the_same_export_twice_is_one(db_session, known):
    first = registered(db_session, known)
    again = registered(db_session, known, at=AT + timedelta(days=1))
    assert (again.created, again.changed, again.row.id) == (False, False, first.row.id)
    shorter = declared(known, {"grossWeight": "2.40000", "guid": "A" * 36, "appType": "1"})
    assert registered(db_session, known, shorter).created is False
    assert db_session.scalar(select(func.count()).select_from(ExportRegistration)) == 1


def test_a_differing_repeat_is_refused_and_says_where(db_session, known):
    registered(db_session, known)
    other = declared(known, {"grossWeight": "2.5"}, {0: {"gname": "瓷碗"}})
    with pytest.raises(ConflictError) as error:
        registered(db_session, known, other)
    assert error.value.findings[0].rule == "CU8108"
    assert "grossWeight、1/gname" in error.value.findings[0].message.zh


def test_a_newer_answer_of_customs_brings_the_registration_up_to_date_an_older_one_does_not(db_session, known):
    registered(db_session, known)
    newer = registered(db_session, known, status="899", time="20261126090000000", info="结关")
    assert (newer.changed, newer.row.state, newer.row.return_info) == (True, "899", "结关")
    older = registered(db_session, known, status="399", time="20261125080000000", info="审结")
    assert (older.changed, older.row.state) == (False, "899")


def test_the_agent_registers_under_a_mandate_only(db_session, known):
    with pytest.raises(NotAllowedError) as error:
        registered(db_session, known, by=known.declarant.id)
    assert error.value.findings[0].rule == "CU8105"
    mandate = NewMandate(known.seller.id, known.declarant.id, ("CEB603",), date(2026, 1, 1))
    grant(db_session, mandate, by="t", at=AT)
    assert registered(db_session, known, by=known.declarant.id).created


def test_another_firm_cannot_learn_or_take_a_registered_number(db_session, known):
    registered(db_session, known)
    theirs = declared(known, {"ebcCode": known.other_declarant.customs_code, "ebcName": known.other_declarant.name})
    with pytest.raises(ConflictError) as error:
        registered(db_session, known, theirs, by=known.other_declarant.id)
    assert [one.rule for one in error.value.findings] == ["CU8110"]


def test_what_was_declared_at_this_platform_needs_no_registration(db_session, known):
    stored_checklist(db_session, 1, invt_no=NUMBER)
    with pytest.raises(ConflictError) as error:
        registered(db_session, known)
    assert error.value.findings[0].rule == "CU8107"


@pytest.mark.parametrize(
    ("head", "number", "more", "rule", "at"),
    [
        ({"customsCode": "5190"}, "51902026E000000001", {}, "CU8101", "customsCode"),
        ({}, "60212026E000000001", {}, "CU8102", "invt_no"),
        ({}, "", {}, "CU8102", "invt_no"),
        ({}, "53012026I000000001", {}, "CU8102", "invt_no"),
        ({"invtNo": "53012026E000000009"}, NUMBER, {}, "CU8109", "invtNo"),
        ({}, NUMBER, {"status": "120"}, "CU8103", "status"),
        ({}, NUMBER, {"status": "-1"}, "CU8103", "status"),
        ({}, NUMBER, {"time": "20261125"}, "CU8104", "time"),
        ({}, NUMBER, {"time": "20261231000000000"}, "CU8104", "time"),
        ({}, NUMBER, {"time": "20261123000000000"}, "CU8104", "time"),
        ({"ebcCode": "442196D016"}, NUMBER, {}, "CU8106", "ebcCode"),
    ],
)
def test_what_is_wrong_is_told_with_rule_and_place(db_session, known, head, number, more, rule, at):
    with pytest.raises(DomainError) as error:
        registered(db_session, known, declared(known, head), number=number, **more)
    assert (rule, at) in rules_of(error)


@pytest.mark.parametrize(
    ("line", "element"),
    [
        ({"gname": ""}, "gname"),
        ({"unit": ""}, "unit"),
        ({"qty": ""}, "qty"),
        ({"price": "0", "totalPrice": "0"}, "price"),
    ],
)
def test_the_six_registered_facts_must_be_complete(db_session, known, line, element):
    with pytest.raises(DomainError) as error:
        registered(db_session, known, declared(known, lines={0: line}))
    assert element in {place for _, place in rules_of(error)}


def test_all_findings_of_the_field_table_come_at_once(db_session, known):
    document = declared(known, {"country": "999", "netWeight": "9"}, {1: {"gcode": "99"}})
    with pytest.raises(DomainError) as error:
        registered(db_session, known, document, status="100")
    places = {place for _, place in rules_of(error)}
    assert {"country", "gcode", "status"} <= places
    assert len(error.value.findings) >= 4


@pytest.mark.parametrize("document", [None, [], "x", 5, {}, {"head": []}, {"head": {}, "lines": "x"}, {"other": 1}])
def test_documents_of_the_wrong_shape_are_answered(db_session, known, document):
    with pytest.raises(DomainError) as error:
        register(db_session, told(document), sender_id=known.seller.id, actor="a", at=AT)
    assert error.value.findings


def paper(known, **more):
    fields = {
        "message_id": 1,
        "guid": "g",
        "zone_code": ZONE,
        "sender_id": known.seller.id,
        "received_at": AT,
        "app_time": AT,
        "status": "2",
        "pre_no": "P",
        "revision": 1,
    }
    return fields | more


def put_order(session, known, *, consignor=None):
    document = declared(known)
    total = sum(Decimal(line["totalPrice"]) for line in document["lines"])
    row = SaleOrder(
        id=202612 * 10**10 + 1,
        order_type="E",
        order_no=document["head"]["orderNo"],
        ebp_code="无",
        ebp_name="境外平台",
        consignor_id=(consignor or known.seller).id,
        ebc_code="x",
        ebc_name="x",
        goods_value=total,
        freight=Decimal(0),
        currency="142",
        **paper(known),
    )
    session.add(row)
    session.add(Sale(platform=f"none:{known.seller.id}", order_no=row.order_no, order_id=row.id))
    for line in document["lines"]:
        numbers = {name: Decimal(line[name]) for name in ("qty", "price")}
        session.add(
            SaleOrderLine(
                order_id=row.id,
                gnum=int(line["gnum"]),
                item_no=line["itemNo"],
                item_name="x",
                unit=line["unit"],
                currency="142",
                total_price=Decimal(line["totalPrice"]),
                **numbers,
            )
        )
    session.flush()
    return row


def put_waybill(session, known, gross):
    head = declared(known)["head"]
    row = Waybill(
        id=202612 * 10**10 + 2,
        carrier_id=known.carrier.id,
        logistics_code="x",
        logistics_name="x",
        logistics_no=head["logisticsNo"],
        freight=Decimal(0),
        insured_fee=Decimal(0),
        currency="142",
        gross_weight=Decimal(gross),
        pack_no=1,
        goods_info="x",
        consignor_id=known.seller.id,
        **paper(known),
    )
    session.add(row)
    session.add(Parcel(carrier_id=known.carrier.id, logistics_no=row.logistics_no, taken_at=AT, waybill_id=row.id))
    session.flush()
    return row


def test_papers_that_are_here_are_compared_and_stay_free(db_session, known):
    order, way = put_order(db_session, known), put_waybill(db_session, known, "2.4")
    row = registered(db_session, known).row
    assert (row.order_id, row.waybill_id, missing(row)) == (order.id, way.id, [])
    assert {one["result"] for one in row.match} == {"equal"}
    assert row.findings == []
    assert db_session.scalars(select(Sale.checklist_id)).one() is None
    assert (order.status, way.status) == ("2", "2")


def test_a_difference_is_kept_as_a_warning_and_stops_nothing(db_session, known):
    put_waybill(db_session, known, "24")
    row = registered(db_session, known).row
    assert [(one["rule"], one["severity"]) for one in row.findings] == [("CU2311", "warning")]
    assert missing(row) == ["order"]


def test_papers_that_come_later_are_matched_then(db_session, known):
    row = registered(db_session, known).row
    assert (row.match, missing(row)) == (None, ["order", "waybill"])
    put_order(db_session, known)
    assert match_open(db_session, AT) == 1
    assert missing(row) == ["waybill"]
    assert row.match


def test_another_firm_s_order_is_nobody_s_to_compare(db_session, known):
    put_order(db_session, known, consignor=known.other_declarant)
    row = registered(db_session, known).row
    assert (row.order_id, row.match) == (None, None)


def files(known, answers=None, **head):
    document = declared(known, head)
    own = document["head"]
    answer = {
        "guid": "G" * 36,
        "agentCode": own["agentCode"],
        "copNo": own["copNo"],
        "preNo": "PRE000000000000001",
        "invtNo": NUMBER,
        "ebcCode": own["ebcCode"],
        "ebpCode": own["ebpCode"],
        "orderNo": own["orderNo"],
        "statisticsFlag": own["statisticsFlag"],
        "returnStatus": "800",
        "returnTime": RETURNED,
        "returnInfo": "[Code:2600;Desc:放行]",
    }
    checklist = message_xml("CEB603", [NewDocument(own, document["lines"])], TRANSFER, "A" * 36)
    return checklist, response_xml("CEB604", [answer | one for one in (answers or [{}])])


def test_the_two_files_of_a_declaration_are_enough(db_session, known):
    checklist, response = files(known, [{"returnStatus": "399", "returnTime": "20261125170000000"}, {}])
    done = register(db_session, from_xml(checklist, response), sender_id=known.seller.id, actor="a", at=AT)
    assert (done.row.invt_no, done.row.state, done.row.return_info) == (NUMBER, "800", "[Code:2600;Desc:放行]")
    assert done.row.response == response


def test_files_and_json_of_the_same_export_are_one(db_session, known):
    first = registered(db_session, known)
    again = register(db_session, from_xml(*files(known)), sender_id=known.seller.id, actor="a", at=AT)
    assert (again.created, again.row.id) == (False, first.row.id)


def test_the_response_must_be_this_checklist_s(db_session, known):
    checklist, response = files(known, [{"copNo": "another", "orderNo": "another"}])
    with pytest.raises(DomainError) as error:
        register(db_session, from_xml(checklist, response), sender_id=known.seller.id, actor="a", at=AT)
    assert {("CU8109", "copNo"), ("CU8109", "orderNo")} <= rules_of(error)


def test_a_response_beside_json_must_agree_with_what_is_told(db_session, known):
    _, response = files(known)
    assert registered(db_session, known, response=response, status="", time="", info="").row.state == "800"
    with pytest.raises(DomainError) as error:
        registered(db_session, known, response=response, status="899")
    assert ("CU8109", "returnStatus") in rules_of(error)


@pytest.mark.parametrize(
    "swap", [lambda c, r: (r, c), lambda c, r: (c, c), lambda c, r: (b"", r), lambda c, r: (c, b"<x/>")]
)
def test_wrong_files_are_refused_with_a_sentence(db_session, known, swap):
    with pytest.raises((DomainError, DoorFault)) as error:
        from_xml(*swap(*files(known)))
    assert error.value.findings
