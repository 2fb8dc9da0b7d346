"""Owner × object: whatever stands in a path as a number, another enterprise gets “not found” for it."""

from datetime import timedelta

from common import clock
from tests.road.returns import request
from tests.road.test_movement import arrival, departure, released
from tests.road.warehousing import warehouse


def things(road):
    """One of everything that belongs to somebody: path → the accounts that may see it."""
    parcel, sent = released(road)
    came = arrival(road, [parcel.waybill_no])
    left = departure(road, [parcel.waybill_no])
    checklist = sent["documents"][0]["id"]
    mandate = road.get("seller", "/api/v1/mandates").get_json()["items"][0]["id"]
    return {
        f"/api/v1/messages/{sent['id']}": ("seller",),
        f"/api/v1/messages/{sent['id']}/responses": ("seller",),
        f"/messages/{sent['id']}": ("seller",),
        f"/api/v1/checklists/{checklist}": ("seller", "logistics"),
        f"/api/v1/checklists/{checklist}/questions": ("seller",),
        f"/api/v1/mandates/{mandate}": ("seller",),
        f"/api/v1/arrivals/{came['documents'][0]['id']}": ("operator", "logistics"),
        f"/api/v1/departures/{left['documents'][0]['id']}": ("logistics",),
        f"/api/v1/goods-returns/{goods_return(road, checklist)}": ("seller", "operator"),
        f"/api/v1/checklists/{checklist}/changes": ("seller",),
        f"/api/v1/amendments/{(asked := amendment(road))}": ("seller",),
        f"/requests/amendment/{asked}": ("seller",),
        f"/api/v1/warehouses/{(house := warehouse(road)['id'])}": ("seller", "agent"),
        f"/api/v1/warehouses/{house}/lines": ("seller", "agent"),
        f"/api/v1/warehouses/{house}/stock": ("seller", "agent"),
        f"/warehouses/{house}": ("seller", "agent"),
        f"/warehouses/{house}/record": ("seller", "agent"),
    }


def amendment(road):
    """A request to amend a released checklist."""
    parcel, _ = released(road)
    later = (clock.now() + timedelta(seconds=2)).strftime("%Y%m%d%H%M%S")
    changed = parcel.checklist(appType="2", appTime=later, note="更正")
    return road.send("seller", "CEB603", changed)["documents"][0]["id"]


def goods_return(road, checklist):
    """A return of a closed checklist."""
    number = road.get("seller", f"/api/v1/checklists/{checklist}").get_json()["invt_no"]
    return road.send("seller", "CEB213", request(road, {"invt_no": number}))["documents"][0]["id"]


def test_owners_see_their_things_and_strangers_find_nothing(road):
    found = things(road)
    for path, owners in found.items():
        for owner in owners:
            assert road.get(owner, path).status_code == 200, (path, owner)
        for stranger in ("seller2", "seller_441600", "operator_441600", "payment"):
            assert road.get(stranger, path).status_code in (403, 404), (path, stranger)


def test_changing_anothers_things_finds_nothing_either(road):
    _, sent = released(road)
    checklist = sent["documents"][0]["id"]
    answer = road.post("seller2", f"/api/v1/checklists/{checklist}/answers", {"text": "mine"})
    assert answer.status_code == 404
    mandate = road.get("seller", "/api/v1/mandates").get_json()["items"][0]["id"]
    assert road.post("seller2", f"/api/v1/mandates/{mandate}/revoke", {}).status_code == 404
    own = road.get("seller", "/api/v1/accounts").get_json()["items"][0]["id"]
    assert road.post("seller2", f"/api/v1/accounts/{own}/disable", {}).status_code == 404
