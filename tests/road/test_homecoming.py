"""Goods that come home from a warehouse by a goods return: on its ledger once, whoever is first to say so."""

from __future__ import annotations

import secrets
import threading

import pytest
from sqlalchemy import select

from common import clock
from common.events import Event
from customs.tables import ReturnedLine
from customs.warehouses.homecoming import settle
from tests.road.returns import decide, request, tally
from tests.road.test_return_pages import page
from tests.road.test_warehouse_stock import DAY, ago, close, entry, found, ledger, post, proof, stock
from tests.road.warehousing import Export, warehouse


@pytest.fixture
def lying(road):
    """A warehouse, a closed export of two shirts that names it, and a proof; nothing is recorded yet."""
    house = warehouse(road)
    parcel = Export(road, "9810", type="W")
    parcel.file(named=house["name"]["zh"])
    at = clock.now() - 30 * DAY
    row = close(road, parcel, released_at=at, invt_no=f"51902026E{secrets.randbelow(10**9):09d}")
    return house, row, proof(road).get_json()["id"]


def come_home(road, row, qty, *, release=True):
    """A goods return of so many shirts, tallied and, if asked, released; gives its id."""
    sent = road.send("seller", "CEB213", request(road, {"invt_no": row.invt_no}, qty, ebpCode=row.ebp_code))
    assert sent["counts"]["accepted"] == 1, sent["documents"][0]["findings"]
    id = sent["documents"][0]["id"]
    waybill = road.get("seller", f"/api/v1/goods-returns/{id}").get_json()["logistics_no"]
    told = road.send("operator", "CEB215", tally(road, waybill))
    assert told["counts"]["accepted"] == 1, told
    if release:
        assert decide(road, id, "release").status_code == 200
    return id


def shown(road, house, row):
    """The entries `returned` of the line: quantity, quantity proven by returns, and those returns."""
    rows = [one for one in ledger(road, house, row) if one["kind"] == "returned"]
    return [(one["qty"], one["home_qty"], one["goods_return_ids"]) for one in rows]


def waits(road, house, row):
    path = f"/api/v1/warehouses/{house['id']}/lines/{row.id}/1/entries"
    return [(one["goods_return_id"], one["qty"]) for one in road.get("seller", path).get_json()["waiting"]]


def counted(road, house):
    (item,) = stock(road, house)["items"]
    return item["returned"], item["stock"], item["expected"]


def test_a_completed_return_takes_its_goods_off_the_ledger_and_nobody_enters_them_again(road, lying):
    house, row, paper = lying
    post(road, house, entry(row, "arrived", "2", 20, proof_id=paper))
    back = come_home(road, row, "1")
    assert shown(road, house, row) == [("1", "1", [back])]
    assert counted(road, house) == ("1", "1", "0")
    by_hand = entry(row, "returned", "1", 5, proof_id=paper)
    assert found(post(road, house, by_hand)) == [("CU6454", "/entries/0/kind")]
    made = ledger(road, house, row)[-1]
    away = {"corrects": made["id"], "qty": "1", "day": ago(0), "note": "写错"}
    assert found(post(road, house, away)) == [("CU6455", "/entries/0/qty")]
    assert counted(road, house) == ("1", "1", "0")
    # goods that came back as an ordinary import are other goods
    assert post(road, house, by_hand | {"apart": True}).status_code == 201
    assert counted(road, house) == ("2", "0", "0")


def test_what_was_entered_by_hand_first_is_what_the_return_brings_home(road, lying):
    house, row, paper = lying
    post(road, house, entry(row, "arrived", "2", 20, proof_id=paper), entry(row, "returned", "2", 9, proof_id=paper))
    back = come_home(road, row, "1")
    assert shown(road, house, row) == [("2", "1", [back])]
    assert counted(road, house) == ("2", "0", "0")
    held = ledger(road, house, row)[-1]["id"]

    def take_back(qty):
        return post(road, house, {"corrects": held, "qty": qty, "day": ago(1), "note": "只发回一件"})

    assert found(take_back("2")) == [("CU6455", "/entries/0/qty")]
    assert take_back("1").status_code == 201
    assert counted(road, house) == ("1", "1", "0")
    again = come_home(road, row, "1")
    assert shown(road, house, row)[-1] == ("1", "1", [again])
    assert counted(road, house) == ("2", "0", "0")


def test_a_return_of_more_than_was_entered_by_hand_adds_the_rest(road, lying):
    house, row, paper = lying
    post(road, house, entry(row, "arrived", "2", 20, proof_id=paper), entry(row, "returned", "1", 9, proof_id=paper))
    back = come_home(road, row, "2")
    assert shown(road, house, row) == [("1", "1", [back]), ("1", "1", [back])]
    assert counted(road, house) == ("2", "0", "0")


def test_goods_entered_as_coming_back_in_another_way_are_not_those_of_the_return(road, lying):
    house, row, paper = lying
    other = entry(row, "returned", "1", 9, proof_id=paper, apart=True)
    post(road, house, entry(row, "arrived", "2", 20, proof_id=paper), other)
    back = come_home(road, row, "1")
    assert shown(road, house, row) == [("1", "0", []), ("1", "1", [back])]


def test_what_the_ledger_cannot_show_yet_waits_for_the_entry_that_makes_it_possible(road, lying):
    house, row, paper = lying
    back = come_home(road, row, "2")
    assert (shown(road, house, row), waits(road, house, row)) == ([], [(back, "2")])
    assert "还未登记" in page(road, "seller", f"/warehouses/{house['id']}/lines/{row.id}/1")[1]
    assert "还未登记" in page(road, "seller", f"/warehouses/{house['id']}")[1]
    told = road.get("seller", f"/api/v1/warehouses/{house['id']}").get_json()["waiting"]
    assert [(one["goods_return_id"], one["invt_no"], one["qty"]) for one in told] == [(back, row.invt_no, "2")]
    sold = entry(row, "sold", "1", 10, proof_id=paper)
    assert post(road, house, entry(row, "arrived", "2", 20, proof_id=paper), sold).status_code == 201
    assert (shown(road, house, row), waits(road, house, row)) == ([("1", "1", [back])], [(back, "1")])
    sale = next(one for one in ledger(road, house, row) if one["kind"] == "sold")
    undone = {"corrects": sale["id"], "qty": "1", "day": ago(3), "note": "买家退货"}
    assert post(road, house, undone).status_code == 201
    assert (shown(road, house, row), waits(road, house, row)) == ([("1", "1", [back])] * 2, [])
    assert counted(road, house) == ("2", "0", "0")
    assert road.get("seller", f"/api/v1/warehouses/{house['id']}").get_json()["waiting"] == []


def test_settling_again_changes_nothing_and_each_movement_is_one_event(road, lying):
    house, row, paper = lying
    post(road, house, entry(row, "arrived", "2", 20, proof_id=paper))
    back = come_home(road, row, "1")
    for _ in range(2):
        with road.factory() as session, session.begin():
            assert settle(session, [row.id], actor="platform", at=clock.now()) == []
    assert shown(road, house, row) == [("1", "1", [back])]
    with road.factory() as session:
        query = select(Event).where(Event.subject_type == "overseas_warehouse", Event.subject_id == house["id"])
        events = [one for one in session.scalars(query) if one.kind == "warehouse.returned"]
        assert [one.data["goods_return_id"] for one in events] == [back]
        done = session.scalars(
            select(Event).where(Event.kind == "goods_return.completed", Event.subject_id == back)
        ).one()
        assert done.id < events[0].id
        lines = session.scalars(select(ReturnedLine).where(ReturnedLine.return_id == back)).all()
        assert [str(one.qty.normalize()) for one in lines] == ["1"]


def test_a_hand_entry_and_a_completion_at_the_same_moment_count_once(road, lying):
    house, row, paper = lying
    post(road, house, entry(row, "arrived", "2", 20, proof_id=paper))
    back = come_home(road, row, "2", release=False)
    start, answers = threading.Barrier(2), []

    def by_hand():
        start.wait()
        body = {"entries": [entry(row, "returned", "2", 2, proof_id=paper)]}
        path = f"/api/v1/warehouses/{house['id']}/entries"
        answers.append(road.app.test_client().post(path, json=body, headers=road.headers("seller")))

    def by_officer():
        start.wait()
        path = f"/api/v1/goods-returns/{back}/decisions"
        headers = road.headers("customs_officer")
        answers.append(road.app.test_client().post(path, json={"decision": "release"}, headers=headers))

    both = [threading.Thread(target=one) for one in (by_hand, by_officer)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert {one.status_code for one in answers} <= {200, 201, 422}
    assert shown(road, house, row) == [("2", "2", [back])]
    assert counted(road, house) == ("2", "0", "0")
