"""Exports declared elsewhere over the API: who may register and who sees what."""

from datetime import datetime

import pytest
from sqlalchemy import select

from common import clock
from common.audit import AuditEntry
from common.clock import CHINA
from tests.app.people import someone
from tests.customs.batches import firms
from tests.customs.messages.papers import CODES
from tests.customs.stored import OTHER_ZONE
from tests.customs.test_registrations import NUMBER, RETURNED, declared, files

NOW = datetime(2026, 12, 2, 10, 0, tzinfo=CHINA)
PATH = "/api/v1/export-registrations"
OFFICERS = ("customs_officer", "customs_supervisor", "tax_officer", "forex_officer", "zone_manager", "auditor")


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr("customs.registrations.registering.codes_snapshot", lambda session: CODES)


@pytest.fixture
def known(db_session):
    return firms(db_session)


@pytest.fixture
def seller(db_session, known):
    return someone(db_session, "seller", known.seller.id)


def body(known, **changes):
    answer = {"status": "800", "time": RETURNED, "info": "放行"}
    return {"invt_no": NUMBER, "document": declared(known), "response": answer} | changes


def put(client, who, known, **changes):
    return client.post(PATH, headers=who.bearer, json=body(known, **changes))


def test_registering_gives_201_and_a_repeat_200_with_the_same(client, known, seller):
    first = put(client, seller, known)
    assert first.status_code == 201
    assert (first.json["created"], first.json["source"], first.json["status"]) == (True, "elsewhere", "800")
    assert first.json["document"]["head"]["orderNo"] == "HJ2026112400001"
    assert first.json["document"]["lines"][0]["gcode"] == "6911101900"
    assert first.json["waits_for"] == ["order", "waybill"]
    again = put(client, seller, known)
    assert (again.status_code, again.json["created"], again.json["id"]) == (200, False, first.json["id"])


def test_a_differing_repeat_is_a_conflict(client, known, seller):
    put(client, seller, known)
    other = put(client, seller, known, document=declared(known, {"grossWeight": "2.5"}))
    assert (other.status_code, other.json["findings"][0]["rule"]) == (409, "CU8108")


def test_findings_come_all_at_once_as_a_problem(client, known, seller):
    wrong = put(client, seller, known, document=declared(known, {"customsCode": "5190"}), invt_no="x")
    assert wrong.status_code == 422
    assert wrong.mimetype == "application/problem+json"
    assert {"CU8101", "CU8102"} <= {one["rule"] for one in wrong.json["findings"]}


def test_customs_response_may_be_given_as_xml(client, known, seller):
    _, response = files(known)
    done = put(client, seller, known, invt_no="", response={"xml": response.decode()})
    assert (done.status_code, done.json["invt_no"], done.json["status"]) == (201, NUMBER, "800")


@pytest.mark.parametrize(
    "sent", [{}, {"invt_no": NUMBER}, {"document": {}, "response": {}}, {"document": None, "response": {}, "more": 1}]
)
def test_bodies_that_do_not_fit_are_answered(client, seller, sent):
    refused = client.post(PATH, headers=seller.bearer, json=sent)
    assert refused.status_code == 422
    assert refused.json["findings"]


def test_numbers_that_are_no_texts_are_told(client, known, seller):
    refused = put(client, seller, known, document=declared(known, {"grossWeight": 2.4}))
    assert refused.status_code == 422
    assert refused.json["findings"][0]["pointer"] == "/Inventory/0/InventoryHead/grossWeight"


def test_a_firm_without_mandate_may_not_register_for_another(client, db_session, known):
    stranger = someone(db_session, "agent", known.other_declarant.id)
    refused = put(client, stranger, known)
    assert (refused.status_code, refused.json["findings"][0]["rule"]) == (403, "CU8105")


@pytest.mark.parametrize("role", [*OFFICERS, "administrator", "data_steward", "bank_clerk"])
def test_no_agency_registers(client, db_session, known, role):
    who = someone(db_session, role)
    assert put(client, who, known).status_code == 403


@pytest.mark.parametrize("role", ["logistics", "payment", "operator"])
def test_no_other_kind_of_firm_registers_or_reads(client, db_session, known, role):
    who = someone(db_session, role, known.carrier.id)
    assert put(client, who, known).status_code == 403
    assert client.get(PATH, headers=who.bearer).status_code == 403


def test_a_read_only_account_does_not_register(client, db_session, known):
    who = someone(db_session, "seller", known.seller.id, level="read_only")
    assert put(client, who, known).status_code == 403


def test_the_owner_and_the_zone_see_it_nobody_else(client, db_session, known, seller):
    made = put(client, seller, known).json
    one = f"{PATH}/{made['id']}"
    for role in OFFICERS:
        near = someone(db_session, role)
        assert client.get(one, headers=near.bearer).status_code == 200
        assert [row["id"] for row in client.get(PATH, headers=near.bearer).json["items"]] == [made["id"]]
        far = someone(db_session, role, zones=(OTHER_ZONE,))
        assert client.get(one, headers=far.bearer).status_code == 404
        assert client.get(PATH, headers=far.bearer).json["items"] == []
    for role, firm in (("seller", known.other_declarant), ("agent", known.declarant), ("platform", known.operator)):
        stranger = someone(db_session, role, firm.id)
        assert client.get(one, headers=stranger.bearer).status_code == 404
        assert client.get(PATH, headers=stranger.bearer).json["items"] == []
    assert client.get(one, headers=seller.bearer).json["invt_no"] == NUMBER


def test_an_officer_s_look_is_audited_and_the_owner_s_is_not(client, db_session, known, seller):
    made = put(client, seller, known).json
    officer = someone(db_session, "customs_officer")
    client.get(f"{PATH}/{made['id']}", headers=seller.bearer)
    client.get(f"{PATH}/{made['id']}", headers=officer.bearer)
    seen = db_session.scalars(select(AuditEntry).where(AuditEntry.subject_type == "export_registration")).all()
    assert [one.actor for one in seen] == [f"account:{officer.id}"]


def test_the_list_is_narrowed_and_paged(client, known, seller):
    made = put(client, seller, known).json
    for asked, count in (
        (f"invt_no={NUMBER}", 1),
        ("invt_no=other", 0),
        ("exported_from=2026-11-25&exported_to=2026-11-25", 1),
        ("exported_from=2026-11-26", 0),
        ("zone_code=440200", 1),
        (f"after={made['id']}", 0),
    ):
        assert len(client.get(f"{PATH}?{asked}", headers=seller.bearer).json["items"]) == count
    assert client.get(f"{PATH}?limit=1", headers=seller.bearer).json["next"] == made["id"]
