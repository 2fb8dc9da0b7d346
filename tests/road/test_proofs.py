"""The proof of a month on the road: the same figures and digest on page, CSV and PDF; everybody the own lines."""

import csv
import hashlib
import io
from decimal import Decimal

import pytest

from common import clock
from tests.road.test_closing import rows_of
from tests.road.test_movement import arrival, departure, released

MONTH = clock.today().strftime("%Y-%m")


@pytest.fixture
def closed(road):
    """A parcel that has left."""
    parcel, _ = released(road)
    arrival(road, [parcel.waybill_no])
    departure(road, [parcel.waybill_no])
    return parcel


def proof_of(road, key, query=""):
    answer = road.get(key, f"/api/v1/proofs/{MONTH}{query}")
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


def lines_of(raw):
    first, rest = raw.split(b"\n", 1)
    return first.decode(), rest, list(csv.DictReader(io.StringIO(rest.decode())))


def test_page_listing_and_print_show_one_digest_that_can_be_recomputed(road, closed):
    proof = proof_of(road, "seller")
    assert proof["holds"], proof["differences"]
    raw = road.get("seller", f"/api/v1/proofs/{MONTH}.csv").data
    first, rest, lines = lines_of(raw)
    assert hashlib.sha256(rest).hexdigest() == proof["digest"]
    assert first == f"# {MONTH} sha256 {proof['digest']}"
    assert len(lines) == proof["lines"]
    assert sum(Decimal(line["gross_weight"]) for line in lines) == sum(Decimal(one["gross"]) for one in proof["parts"])
    page = road.client.get(f"/proofs/{MONTH}", headers=road.headers("seller")).get_data(as_text=True)
    assert proof["digest"] in page
    again = road.client.get(f"/proofs/{MONTH}.csv", headers=road.headers("seller")).data
    assert again == raw
    printed = road.get("seller", f"/api/v1/proofs/{MONTH}.pdf?lang=en")
    assert printed.mimetype == "application/pdf"
    assert proof["digest"].encode() in printed.data
    mine = [line for line in lines if line["invt_no"] == invt_no(road, closed)]
    assert [(line["state"], line["amount"], line["statistics_rows"]) for line in mine] == [("counted", "31", "1")]


def invt_no(road, parcel):
    found = road.get("seller", f"/api/v1/checklists?order_no={parcel.order_no}").get_json()["items"]
    return found[0]["invt_no"]


def test_a_firm_sees_its_own_lines_an_officer_the_zones_and_a_consignors(road, closed):
    (row,) = rows_of(road, closed)
    seller = road.firm("seller")
    own = proof_of(road, "seller")
    assert {part["consignor"]["id"] for part in own["parts"]} == {seller["id"]}
    stranger = proof_of(road, "agent")
    assert all(seller["id"] != part["consignor"]["id"] or part["declarant"]["id"] != seller["id"]
               for part in stranger["parts"])  # fmt: skip
    for written in (seller["customs_code"], str(seller["id"])):
        found = proof_of(road, "customs_officer", f"?consignor={written}")
        assert {part["consignor"]["id"] for part in found["parts"]} == {row.consignor_id}
        assert found["lines"] == own["lines"]
    zone = proof_of(road, "zone_manager")
    assert {part["zone_code"] for part in zone["parts"]} == {"440200"}
    assert zone["lines"] >= own["lines"]


@pytest.mark.parametrize(
    ("path", "status", "rule"),
    [
        ("/api/v1/proofs/2026-13", 404, "CU6121"),
        ("/api/v1/proofs/20261", 404, "CU6121"),
        ("/api/v1/proofs/x.csv", 404, "CU6121"),
        ("/api/v1/proofs/2026-10?consignor=0000000000", 422, "CU6122"),
        ("/api/v1/proofs/2026-10.pdf?consignor=999999", 422, "CU6122"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_reason(road, path, status, rule):
    answer = road.get("customs_officer", path)
    assert (answer.status_code, [one["rule"] for one in answer.get_json()["findings"]]) == (status, [rule])


def test_a_month_without_closings_is_proven_too(road):
    found = road.get("seller", "/api/v1/proofs/2020-01").get_json()
    assert (found["holds"], found["lines"], found["parts"]) == (True, 0, [])
    page = road.client.get("/proofs/2020-01", headers=road.headers("seller"))
    assert page.status_code == 200


def test_the_supervisor_proves_again_and_both_desks_see_the_result(road, closed):
    for key in ("zone_manager", "customs_supervisor"):
        road.app.config["WTF_CSRF_ENABLED"] = False
        try:
            done = road.client.post(f"/proofs/{MONTH}/check", headers=road.headers(key))
        finally:
            road.app.config["WTF_CSRF_ENABLED"] = True
        assert done.status_code == 302
        for path in ("/proofs", f"/proofs/{MONTH}"):
            page = road.client.get(path, headers=road.headers(key))
            assert page.status_code == 200
            assert MONTH in page.get_data(as_text=True)
    kept, live = proof_of(road, "zone_manager"), proof_of(road, "zone_manager", "?live=true")
    assert kept.pop("at") <= live.pop("at")
    assert kept == live
    shown = road.client.get(f"/proofs/{MONTH}", headers=road.headers("zone_manager")).get_data(as_text=True)
    assert road.firm("seller")["name"] in shown


@pytest.mark.parametrize(("lang", "words"), [("zh", ("1–3 天", "近 30 天")), ("en", ("1–3 days", "last 30 days"))])
def test_the_board_says_in_its_header_how_ages_are_banded_and_who_must_act(road, lang, words):
    released(road)
    for key in ("seller", "customs_officer"):
        found = road.get(key, "/api/v1/board").get_json()
        assert (found["age_days"], found["lately_days"]) == ([1, 3, 7, 30], 30)
        assert found["zones"]
        for lane in found["zones"] + found["consignors"]:
            assert all(len(step["bands"]) == 5 and step["who"]["zh"] and step["who"]["en"] for step in lane["steps"])
        page = road.client.get(f"/board?lang={lang}", headers=road.headers(key)).get_data(as_text=True)
        assert all(word in page for word in words)
