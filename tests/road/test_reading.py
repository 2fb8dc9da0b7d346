"""Reading back: the list with its filters, one checklist, the feed; each sees what is theirs."""

import time

import pytest
from sqlalchemy import text

from common import clock
from tests.road.test_movement import released

ITEM = {
    "id", "invt_no", "pre_no", "cop_no", "order_no", "zone_code", "flag", "trade_mode", "status", "received_at",
    "closed_at",
}  # fmt: skip


def listed(road, key, **filters):
    query = "&".join(f"{name}={value}" for name, value in filters.items())
    answer = road.get(key, f"/api/v1/checklists?{query}")
    assert answer.status_code == 200, answer.get_json()
    return answer.get_json()


@pytest.fixture
def parcel(road):
    found, sent = released(road)
    found.id = sent["documents"][0]["id"]
    found.sent = sent
    return found


def test_the_list_finds_a_checklist_by_each_filter_and_shows_the_tier_to_officers_only(road, parcel):
    today = clock.today().isoformat()
    one = listed(road, "seller", order_no=parcel.order_no)["items"][0]
    assert set(one) >= ITEM
    assert "tier" not in one
    for filters in (
        {"cop_no": parcel.cop_no},
        {"invt_no": one["invt_no"]},
        {"order_no": parcel.order_no, "status": "800", "flag": "A", "trade_mode": "9610", "zone_code": "440200"},
        {"order_no": parcel.order_no, "received_from": today, "received_to": today},
    ):
        assert [found["id"] for found in listed(road, "seller", **filters)["items"]] == [parcel.id], filters
    for filters in ({"status": "899"}, {"flag": "B"}, {"closed_month": today[:7]}, {"received_to": "2020-01-01"}):
        assert listed(road, "seller", order_no=parcel.order_no, **filters)["items"] == [], filters
    assert listed(road, "customs_officer", order_no=parcel.order_no)["items"][0]["tier"] == "low"


def test_the_list_goes_on_page_by_page_without_a_gap_or_a_double(road):
    for _ in range(5):
        road.sale().send_checklist()
    whole = [one["id"] for one in listed(road, "seller", limit=200)["items"]]
    read, after = [], {}
    while True:
        page = listed(road, "seller", limit=2, **after)
        read += [one["id"] for one in page["items"]]
        if page["next"] is None or len(read) >= len(whole):
            break
        after = {"after": page["next"]}
    assert read[: len(whole)] == whole
    assert whole == sorted(set(whole), reverse=True)


def test_filters_that_do_not_fit_are_refused_with_their_places(road):
    answer = road.get("seller", "/api/v1/checklists?closed_month=2026-13&flag=C&received_from=yesterday")
    assert answer.status_code == 422
    assert {one["pointer"] for one in answer.get_json()["findings"]} == {"/closed_month", "/flag", "/received_from"}


def test_one_checklist_tells_its_papers_match_and_history(road, parcel):
    found = road.get("seller", f"/api/v1/checklists/{parcel.id}").get_json()
    assert found["papers"]["order"]["order_no"] == parcel.order_no
    assert found["papers"]["waybill"]["logistics_no"] == parcel.waybill_no
    assert found["lines"][0]["total_price"] == "31"
    assert {row["result"] for row in found["match"]} == {"equal"}
    assert [event["state"] for event in found["events"]] == ["2", "120", "399", "800"]
    assert found["days"]["released"] is not None
    assert "trace" not in found
    assert "tier" not in found
    officer = road.get("customs_officer", f"/api/v1/checklists/{parcel.id}").get_json()
    assert officer["trace"]
    assert {"rule", "title", "met", "inputs", "parameters"} <= set(officer["trace"][0])


def test_the_carrier_reads_what_concerns_transport_and_no_price(road, parcel):
    own = road.get("seller", f"/api/v1/checklists/{parcel.id}").get_json()
    found = road.get("logistics", f"/api/v1/checklists/{parcel.id}").get_json()
    assert set(found) == set(own)
    assert found["papers"]["waybill"] == own["papers"]["waybill"]
    assert found["papers"]["order"] is None
    assert found["papers"]["payment_receipt"] is None
    assert {one["paper"] for one in found["match"]} == {"waybill"}
    assert found["head"]["gross_weight"] == own["head"]["gross_weight"]
    assert (found["value_cny"], found["head"]["total_price"]) == (None, None)
    assert {(line["price"], line["total_price"]) for line in found["lines"]} == {(None, None)}
    assert own["lines"][0]["price"] is not None


@pytest.mark.parametrize(
    ("key", "status"),
    [
        ("seller", 200), ("seller2", 404), ("platform", 404), ("agent", 404), ("logistics", 200), ("operator", 404),
        ("seller_441600", 404), ("customs_officer", 200), ("customs_supervisor", 200), ("auditor", 200),
        ("zone_manager", 200), ("bank_clerk", 403),
    ],
)  # fmt: skip
def test_only_those_it_concerns_see_a_checklist(road, parcel, key, status):
    assert road.get(key, f"/api/v1/checklists/{parcel.id}").status_code == status
    if status != 403:
        seen = [one["id"] for one in listed(road, key, order_no=parcel.order_no)["items"]]
        assert seen == ([parcel.id] if status == 200 else [])


def feed(road, key, after=None, limit=1000):
    return road.get(key, f"/api/v1/events?limit={limit}" + (f"&after={after}" if after else "")).get_json()


def end_of_feed(road, key):
    after = None
    while True:
        page = feed(road, key, after)
        if not page["items"]:
            return page["next"]
        after = page["next"]


def wait_for(road, key, after, subject_id, states):
    """The events of one record behind a place of the feed, once all of them are visible.

    Other workers' transactions on the same server hold every feed back while they are open.
    """
    for _ in range(200):
        page = feed(road, key, after)
        found = [one for one in page["items"] if one["subject"]["id"] == subject_id]
        if [one["state"] for one in found] == states:
            return page, found
        time.sleep(0.1)
    raise AssertionError(page["items"])


def test_the_feed_gives_ones_own_events_in_order_and_again_from_the_same_place(road):
    here = end_of_feed(road, "seller")
    _, sent = released(road)
    checklist = sent["documents"][0]["id"]
    page, _ = wait_for(road, "seller", here, checklist, ["2", "120", "399", "800"])
    again = [one["cursor"] for one in feed(road, "seller", here)["items"]]
    assert again[: len(page["items"])] == [one["cursor"] for one in page["items"]]
    strange = [one for one in feed(road, "seller2")["items"] if one["subject"]["id"] == checklist]
    assert strange == []
    assert feed(road, "logistics", None, 1)["items"]


def test_the_feed_stops_before_a_transaction_that_is_still_open(road):
    here = end_of_feed(road, "seller")
    with road.factory() as slow:
        slow.execute(text("SELECT pg_current_xact_id()"))
        order = road.sale().send_order()["documents"][0]["id"]
        seen = [one for one in feed(road, "seller", here)["items"] if one["subject"]["id"] == order]
        assert seen == [], "an event behind an open transaction is not shown yet"
        slow.rollback()
    _, later = wait_for(road, "seller", here, order, ["2"])
    assert [one["kind"] for one in later] == ["order.accepted"]


def test_a_cursor_of_ones_own_making_is_refused(road):
    assert road.get("seller", "/api/v1/events?after=12").status_code == 422
