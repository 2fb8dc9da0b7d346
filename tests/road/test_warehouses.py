"""Overseas warehouses on the road: B2B and bonded checklists by date, the register, and the ledger of goods there."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from common import clock
from common.audit import set_context
from common.events import Event
from common.law.zones import set_zone_parameter
from customs.tables import SaleOrder
from tests.road.papers import number
from tests.road.warehousing import BONDED, HOME, ZONE, Export, bonded_lines, rules, stored_row, warehouse

_SINCE = ("subject_code", "subject_name", "subject_role", "subject_trait", "zone_membership", "zone_office")


@pytest.fixture
def old_papers(road):
    """Papers of any day since 2020 are taken in: no zone minds their age, and firms and offices are there."""
    with road.factory() as session, session.begin():
        set_context(session, actor="test", at=clock.now())
        row = set_zone_parameter(
            session,
            None,
            "customs.message.max_days_behind",
            "0",
            valid_from=date(2020, 1, 1),
            document="测试",
            set_by="test",
            at=clock.now(),
        )
        before = {table: _moved(session, table) for table in _SINCE}
    yield
    with road.factory() as session, session.begin():
        set_context(session, actor="test", at=clock.now())
        session.execute(text("DELETE FROM zone_parameter WHERE id = :id"), {"id": row.id})
        for table, rows in before.items():
            for id, first in rows:
                session.execute(text(f"UPDATE {table} SET valid_from = :day WHERE id = :id"), {"day": first, "id": id})


def _moved(session, table):
    rows = session.execute(text(f"SELECT id, valid_from FROM {table} WHERE valid_from > '2020-01-01'")).all()
    session.execute(text(f"UPDATE {table} SET valid_from = '2020-01-01' WHERE valid_from > '2020-01-01'"))
    return [tuple(row) for row in rows]


# --- 9710 and 9810


@pytest.mark.parametrize(("mode", "type"), [("9710", "B"), ("9810", "W")])
def test_a_b2b_checklist_meets_an_order_of_its_own_type(road, mode, type):
    parcel = Export(road, mode, type=type)
    sent = parcel.file()
    assert rules(sent) == (["CU6401"] if mode == "9810" else [])
    assert parcel.status(sent) in ("300", "500", "800")
    with road.factory() as session:
        row = stored_row(road, parcel)
        assert session.get(SaleOrder, row.order_id).order_type == type


@pytest.mark.parametrize(("mode", "type"), [("9710", "W"), ("9810", "B"), ("9710", "E"), ("1210", "W")])
def test_an_order_of_another_type_is_a_mismatch(road, mode, type):
    parcel = Export(road, mode, type=type)
    bonded = {"iacCode": HOME, "iacName": "区内仓", "emsNo": "T5190W000001"} if mode == "1210" else {}
    line = {**parcel.checklist()["lines"][0], **({"itemRecordNo": "BA-1"} if bonded else {})}
    sent = parcel.file(lines=[line], **bonded)
    assert parcel.status(sent) == "100"
    assert [one["rule"] for one in rejection(road, parcel)] == ["CU2302"]


def rejection(road, parcel):
    with road.factory() as session:
        row = stored_row(road, parcel)
        event = session.scalars(select(Event).where(Event.subject_id == row.id, Event.state == "100")).one()
        return event.data["findings"]


@pytest.mark.parametrize("mode", ["9710", "9810"])
@pytest.mark.parametrize(("price", "found"), [("2500", []), ("2500.01", ["CU0208"])])
def test_a_b2b_ticket_goes_on_a_checklist_up_to_5000_yuan_inclusive(road, mode, price, found):
    parcel = Export(road, mode, type="B")
    total = str(Decimal(price) * 2)
    line = {**parcel.checklist()["lines"][0], "price": price, "totalPrice": total}
    sent = road.send("seller", "CEB603", parcel.checklist(lines=[line]))
    assert [one for one in rules(sent) if one != "CU6401"] == found


@pytest.mark.parametrize(
    ("gcode", "found"),
    [("6109100021", []), ("6109100000", []), ("6109000000", ["CU0206"]), ("610910", ["CU1103"])],
)
def test_six_digits_filled_with_zeros_suffice_under_b2b_and_four_are_looked_at_by_an_officer(road, gcode, found):
    parcel = Export(road, "9710", type="B")
    line = {**parcel.checklist()["lines"][0], "gcode": gcode}
    assert rules(road.send("seller", "CEB603", parcel.checklist(lines=[line]))) == found


@pytest.mark.parametrize(
    ("day", "found"),
    [
        (date(2024, 12, 14), ["CU6401", "CU6406"]),
        (date(2024, 12, 15), ["CU6401"]),
    ],
)
def test_k20_the_warehouse_filing_is_asked_for_until_2024_12_14_and_booking_data_stays(road, old_papers, day, found):
    parcel = Export(road, "9810", type="W", on=day)
    sent = parcel.file()
    assert rules(sent) == found
    assert sent["documents"][0]["status"] == ("-603001" if "CU6406" in found else "2")
    if "CU6406" not in found:
        assert stored_row(road, parcel).order_id is not None


def test_k20_a_firm_whose_filing_is_on_record_exports_before_that_day(road, old_papers):
    body = {"code": HOME, "filing_no": "HWC-2023-001", "valid_from": "2023-01-01", "valid_to": "2023-06-30"}
    assert road.post("zone_manager", "/api/v1/warehouse-filings", body).status_code == 201
    inside = Export(road, "9810", type="W", on=date(2023, 6, 30)).file()
    after = Export(road, "9810", type="W", on=date(2023, 7, 1)).file()
    assert (rules(inside), rules(after)) == (["CU6401"], ["CU6401", "CU6406"])


def test_without_its_booking_a_9810_checklist_waits_for_it(road):
    parcel = Export(road, "9810", type="W")
    road.send("logistics", "CEB505", parcel.waybill())
    sent = road.send("seller", "CEB603", parcel.checklist())
    assert parcel.status(sent) == "2"
    assert stored_row(road, parcel).waits_for == ["order"]


# --- 1210 as two businesses


def test_a_1210_parcel_is_retail_and_meets_an_order(road):
    parcel = Export(road, "1210", type="E")
    sent = parcel.file(lines=bonded_lines(parcel), **BONDED)
    assert rules(sent) == []
    row = stored_row(road, parcel)
    assert (row.business, row.warehouse_id) == ("parcel", None)
    assert parcel.status(sent) in ("300", "500", "800")


@pytest.mark.parametrize("by", ["name", "number"])
def test_1210_in_bulk_names_its_warehouse_and_meets_a_booking(road, by):
    house = warehouse(road)
    extras = {"warehouse_id": str(house["id"])} if by == "number" else {}
    parcel = Export(road, "1210", type="W", extras=extras)
    named = house["name"]["en"] if by == "name" else None
    sent = parcel.file(lines=bonded_lines(parcel), named=named, **BONDED)
    assert rules(sent) == []
    row = stored_row(road, parcel)
    assert (row.business, row.warehouse_id) == ("bulk", house["id"])
    assert parcel.status(sent) in ("300", "500", "800")


def test_1210_in_bulk_without_a_warehouse_says_which_there_are(road):
    house = warehouse(road)
    parcel = Export(road, "1210", type="W", extras={"business": "bulk"})
    sent = parcel.file(lines=bonded_lines(parcel), **BONDED)
    assert rules(sent) == ["CU6403"]
    finding = sent["documents"][0]["findings"][0]
    assert finding["pointer"] == "/Inventory/0/InventoryHead/ebpName"
    assert house["name"]["en"] in finding["message"]["en"]


@pytest.mark.parametrize("extras", [{}, {"business": "bulk"}])
@pytest.mark.parametrize("missing", ["iacCode", "iacName", "emsNo"])
def test_either_1210_business_needs_its_fields(road, extras, missing):
    parcel = Export(road, "1210", type="E", extras=extras)
    head = {name: value for name, value in BONDED.items() if name != missing}
    document = parcel.checklist(**head) | extras
    found = rules(road.send("seller", "CEB603", document))
    assert found.count("CU1215") == 2  # the field of the head, and the line's item record


def test_receipt_data_was_asked_for_retail_and_never_for_bulk(road, old_papers):
    house, day = warehouse(road), date(2024, 12, 14)
    retail = Export(road, "1210", type="E", on=day)
    retail.file(lines=bonded_lines(retail), **BONDED)
    bulk = Export(road, "1210", type="W", on=day)
    bulk.file(lines=bonded_lines(bulk), named=house["name"]["zh"], **BONDED)
    assert stored_row(road, retail).waits_for == ["payment_receipt"]
    assert stored_row(road, bulk).waits_for == []


@pytest.mark.parametrize(
    ("mode", "extras", "found"),
    [
        ("9610", {"business": "bulk"}, ["CU6404"]),
        ("9810", {"warehouse_id": "no number"}, ["CU6408"]),
        ("9810", {"warehouse_id": ["7"]}, ["CU1038"]),
        ("1210", {"business": "wholesale"}, ["CU6404"]),
    ],
)
def test_extras_that_make_no_sense_are_said_at_their_place(road, mode, extras, found):
    parcel = Export(road, mode, type="E", extras=extras)
    head = BONDED if mode == "1210" else {}
    document = parcel.checklist(lines=bonded_lines(parcel), **head) | extras
    sent = road.send("seller", "CEB603", document)
    assert [one for one in rules(sent) if one != "CU6401"] == found
    assert sent["documents"][0]["findings"][0]["pointer"] == f"/Inventory/0/{next(iter(extras))}"


def test_orders_know_nothing_of_warehouse_extras(road):
    parcel = Export(road, "9810", type="W")
    sent = road.send("seller", "CEB303", parcel.order(orderType="W") | {"warehouse_id": "1"})
    assert rules(sent) != []


# --- the register, and what 9810 says about it


def test_a_9810_checklist_names_a_warehouse_of_the_register(road):
    house = warehouse(road)
    parcel = Export(road, "9810", type="W")
    sent = parcel.file(named=house["name"]["zh"])
    assert rules(sent) == []
    assert stored_row(road, parcel).warehouse_id == house["id"]


def test_an_unconfirmed_one_and_another_country_are_warned_of(road):
    house = warehouse(road, confirm=False, country="305")
    sent = Export(road, "9810", type="W").file(named=house["name"]["en"].upper())
    assert rules(sent) == ["CU6402", "CU6407"]
    assert sent["documents"][0]["status"] == "2"


def test_a_refused_and_an_ended_one_are_none(road):
    refused, ended = warehouse(road, confirm=False), warehouse(road)
    path = f"/api/v1/warehouses/{refused['id']}/decision"
    assert road.post("zone_manager", path, {"confirm": False}).status_code == 422
    assert road.post("zone_manager", path, {"confirm": False, "reason": "地址查无此处"}).status_code == 200
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    assert road.post("seller", f"/api/v1/warehouses/{ended['id']}/end", {"last_day": yesterday}).status_code == 200
    for house in (refused, ended):
        sent = Export(road, "9810", type="W").file(named=house["name"]["zh"])
        assert rules(sent) == ["CU6401"]


def test_where_the_zone_says_so_an_unregistered_warehouse_is_refused(road):
    with road.factory() as session, session.begin():
        set_context(session, actor="test", at=clock.now())
        row = set_zone_parameter(
            session,
            ZONE,
            "customs.warehouse.must_be_registered",
            "true",
            valid_from=clock.today(),
            document="测试",
            set_by="test",
            at=clock.now(),
        )
    try:
        sent = Export(road, "9810", type="W").file()
        assert rules(sent) == ["CU6401"]
        assert sent["documents"][0]["status"].startswith("-")
    finally:
        with road.factory() as session, session.begin():
            set_context(session, actor="test", at=clock.now())
            session.execute(text("DELETE FROM zone_parameter WHERE id = :id"), {"id": row.id})


def test_another_firm_uses_a_warehouse_only_by_leave_and_while_it_lasts(road):
    house = warehouse(road)
    path = f"/api/v1/warehouses/{house['id']}"
    assert road.get("seller2", path).status_code == 404
    assert rules(Export(road, "9810", type="W", seller="seller2").file(named=house["name"]["zh"])) == ["CU6401"]
    other = road.firm("seller2")["customs_code"]
    made = road.post("seller", f"{path}/users", {"code": other, "valid_from": "2020-01-01"})
    assert made.status_code == 201
    again = road.post("seller", f"{path}/users", {"code": other, "valid_from": "2026-01-01"})
    assert (again.status_code, again.get_json()["findings"][0]["rule"]) == (409, "CU6420")
    assert rules(Export(road, "9810", type="W", seller="seller2").file(named=house["name"]["zh"])) == []
    assert road.get("seller2", path).status_code == 200
    # who may use it does not decide who may
    refused = road.post("seller2", f"{path}/users", {"code": other, "valid_from": "2026-01-01"})
    assert (refused.status_code, refused.get_json()["findings"][0]["rule"]) == (403, "CU6418")
    user = made.get_json()["id"]
    yesterday = (clock.today() - timedelta(days=1)).isoformat()
    assert road.post("seller", f"{path}/users/{user}/end", {"last_day": yesterday}).status_code == 200
    assert rules(Export(road, "9810", type="W", seller="seller2").file(named=house["name"]["zh"])) == ["CU6401"]


def test_a_firm_that_may_use_a_warehouse_does_not_see_who_else_may(road):
    house = warehouse(road)
    path = f"/api/v1/warehouses/{house['id']}"
    for key in ("seller2", "agent"):
        code = road.firm(key)["customs_code"]
        road.post("seller", f"{path}/users", {"code": code, "valid_from": "2020-01-01"})
    assert len(road.get("seller", path).get_json()["users"]) == 3
    assert [one["subject_id"] for one in road.get("seller2", path).get_json()["users"]] == [road.firm("seller2")["id"]]


def test_a_registration_is_decided_once_and_in_its_own_zone_only(road):
    house = warehouse(road)
    path = f"/api/v1/warehouses/{house['id']}/decision"
    again = road.post("zone_manager", path, {"confirm": False, "reason": "x"})
    assert (again.status_code, again.get_json()["findings"][0]["rule"]) == (409, "CU6417")
    elsewhere = warehouse(road, key="seller_445100", confirm=False)
    assert (
        road.post("zone_manager", f"/api/v1/warehouses/{elsewhere['id']}/decision", {"confirm": True}).status_code
        == 404
    )
    assert road.get("customs_officer", f"/api/v1/warehouses/{elsewhere['id']}").status_code == 404


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"country": "142"}, ["CU6413"]),
        ({"country": "ZZZ"}, ["CU6413"]),
        ({"holding": "leased"}, ["CU6414"]),
        ({"holding": "leased", "lease_until": "2019-01-01"}, ["CU6414"]),
        ({"holding": "owned", "lease_until": "2030-01-01"}, ["CU6414"]),
        ({"holding": "borrowed"}, ["CU6414"]),
        ({"name_zh": " ", "address": "a\u0007b"}, ["CU6412", "CU6412"]),
    ],
)
def test_a_registration_says_everything_that_is_wrong(road, changes, found):
    body = {
        "name_zh": number("仓"),
        "name_en": "X",
        "country": "502",
        "address": "A",
        "operator": "O",
        "holding": "owned",
        "valid_from": "2026-01-01",
    } | changes
    refused = road.post("seller", "/api/v1/warehouses", body)
    assert refused.status_code == 422
    assert [one["rule"] for one in refused.get_json()["findings"]] == found


def test_the_same_warehouse_is_registered_once_by_a_firm(road):
    house = warehouse(road)
    again = road.post(
        "seller",
        "/api/v1/warehouses",
        {
            "name_zh": house["name"]["zh"],
            "name_en": "another",
            "country": "502",
            "address": "A",
            "operator": "O",
            "holding": "owned",
            "valid_from": "2026-01-01",
        },
    )
    assert (again.status_code, again.get_json()["findings"][0]["rule"]) == (409, "CU6416")


def test_of_two_who_decide_or_register_at_the_same_moment_one_is_told_that_it_is_done(road):
    waits = warehouse(road, confirm=False)
    path = f"/api/v1/warehouses/{waits['id']}/decision"
    again = {key: waits[key] for key in ("country", "address", "operator", "holding", "valid_from")}
    again |= {"name_zh": number("双仓"), "name_en": number("Twin")}

    def call(one):
        key, place, body = one
        return road.app.test_client().post(place, json=body, headers=road.headers(key))

    deciding = [("zone_manager", path, {"confirm": True}), ("zone_manager", path, {"confirm": False, "reason": "不全"})]
    registering = [("seller", "/api/v1/warehouses", again)] * 2
    for calls, done in ((deciding, 200), (registering, 201)):
        with ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(call, calls))
        assert sorted(one.status_code for one in answers) == [done, 409]
        told = next(one.get_json()["findings"] for one in answers if one.status_code == 409)
        assert [one["rule"] for one in told] == ["CU6417" if done == 200 else "CU6416"]
