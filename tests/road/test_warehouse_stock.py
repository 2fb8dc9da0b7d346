"""The ledger of goods in overseas warehouses: entries through API and file, corrections, two writers, who sees what."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import InternalError, ProgrammingError

from common import clock
from common.audit import set_context
from common.events import Event
from common.law.zones import set_zone_parameter
from customs.tables import Checklist, WarehouseEntry
from tests.road.papers import number
from tests.road.warehousing import ZONE, Export, stored_row, warehouse

PDF = b"%PDF-1.7 receipt "
DAY = timedelta(days=1)


def close(road, parcel, days_ago=30, **changes):
    """Its checklist left China so many days ago and is closed; gives the row."""
    row = stored_row(road, parcel)
    at = clock.now() - days_ago * DAY
    values = {"status": "899", "invt_no": number("51902026E"), "left_at": at, "closed_at": at} | changes
    with road.factory() as session, session.begin():
        session.execute(update(Checklist).where(Checklist.id == row.id).values(**values))
    return stored_row(road, parcel)


@pytest.fixture
def stocked(road):
    """A warehouse, and a closed checklist of two T-shirts that names it."""
    house = warehouse(road)
    parcel = Export(road, "9810", type="W")
    parcel.file(named=house["name"]["zh"])
    return house, close(road, parcel)


def proof(road, key="seller", content=PDF, name="签收单.pdf"):
    return road.client.post(
        f"/api/v1/warehouse-proofs?name={name}",
        data=content,
        headers=road.headers(key) | {"Content-Type": "application/octet-stream"},
    )


def ago(days):
    return (clock.today() - days * DAY).isoformat()


def entry(row, kind, qty, days=10, **more):
    return {"invt_no": row.invt_no, "gnum": 1, "kind": kind, "qty": qty, "day": ago(days), **more}


def post(road, house, *entries, key="seller"):
    return road.post(key, f"/api/v1/warehouses/{house['id']}/entries", {"entries": list(entries)})


def found(answer):
    return [(one["rule"], one["pointer"]) for one in answer.get_json()["findings"]]


def stock(road, house, key="seller", **query):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    return road.get(key, f"/api/v1/warehouses/{house['id']}/stock?{asked}").get_json()


def ledger(road, house, row, key="seller"):
    return road.get(key, f"/api/v1/warehouses/{house['id']}/lines/{row.id}/1/entries").get_json()["items"]


def test_goods_arrive_are_sold_come_back_are_destroyed_and_the_stock_is_told_as_of_any_day(road, stocked):
    house, row = stocked
    paper = proof(road).get_json()["id"]
    before = stock(road, house)["items"]
    assert [(one["expected"], one["stock"]) for one in before] == [("2", "0")]
    answer = post(
        road,
        house,
        entry(row, "arrived", "2", 20, proof_id=paper),
        entry(row, "sold", "0.5", 12, proof_id=paper, reference="A-1"),
        entry(row, "returned", "0.25", 11, proof_id=paper),
        entry(row, "destroyed", "0.25", 10, proof_id=paper, note="过季销毁"),
    )
    assert (answer.status_code, answer.get_json()["entries"]) == (201, 4)
    (item,) = stock(road, house)["items"]
    kinds = ("arrived", "sold", "returned", "destroyed", "lost", "stock", "expected")
    assert [item[kind] for kind in kinds] == ["2", "0.5", "0.25", "0.25", "0", "1", "0"]
    assert (item["item_no"], item["unit"], item["oldest"]) == ("TS-01", "011", ago(20))
    assert item["ages"] == ["1", "0", "0", "0"]
    (earlier,) = stock(road, house, on=ago(12))["items"]
    assert (earlier["stock"], earlier["returned"]) == ("1.5", "0")
    (first,) = stock(road, house, on=ago(21))["items"]
    assert (first["stock"], first["expected"]) == ("0", "2")
    assert stock(road, house, on=ago(31))["items"] == []


def test_each_record_is_an_event_with_the_quantities_of_its_lines(road, stocked):
    house, row = stocked
    paper = proof(road).get_json()["id"]
    assert post(road, house, entry(row, "arrived", "2", proof_id=paper)).status_code == 201
    assert post(road, house, entry(row, "sold", "1", 5, proof_id=paper, reference="S-1")).status_code == 201
    with road.factory() as session:
        events = session.scalars(
            select(Event)
            .where(Event.subject_type == "overseas_warehouse", Event.subject_id == house["id"])
            .order_by(Event.id)
        ).all()
    assert [one.kind for one in events] == [
        "warehouse.registered",
        "warehouse.confirmed",
        "warehouse.arrived",
        "warehouse.sold",
    ]
    sold = events[-1]
    assert (sold.consignor_id, sold.zone_code, sold.source) == (row.consignor_id, row.zone_code, "party")
    (line,) = sold.data["lines"]
    assert sold.data["checklist_id"] == row.id
    assert {key: line[key] for key in ("gnum", "item_no", "kind", "qty", "unit", "day", "reference")} == {
        "gnum": 1,
        "item_no": "TS-01",
        "kind": "sold",
        "qty": "1",
        "unit": "011",
        "day": ago(5),
        "reference": "S-1",
    }


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([("arrived", "2.5", 10)], [("CU6439", "/entries/0")]),
        ([("arrived", "2", 10), ("sold", "1", 12)], [("CU6440", "/entries/1")]),
        ([("arrived", "2", 10), ("sold", "1", 9), ("lost", "1.5", 8)], [("CU6440", "/entries/2")]),
        ([("sold", "1", 10)], [("CU6440", "/entries/0")]),
        ([("arrived", "1", -1)], [("CU6437", "/entries/0/day")]),
        ([("arrived", "1", 31)], [("CU6438", "/entries/0/day")]),
        ([("stolen", "1", 10)], [("CU6432", "/entries/0/kind")]),
        ([("arrived", "-1", 10)], [("CU6431", "/entries/0/qty")]),
        ([("arrived", "1e3", 10), ("sold", "", 10)], [("CU6431", "/entries/0/qty"), ("CU6431", "/entries/1/qty")]),
    ],
)
def test_what_cannot_have_happened_is_refused_whole_with_its_place(road, stocked, entries, expected):
    house, row = stocked
    paper = proof(road).get_json()["id"]
    note = {"note": "说明", "proof_id": paper}
    answer = post(road, house, *(entry(row, kind, qty, days, **note) for kind, qty, days in entries))
    assert (answer.status_code, found(answer)) == (422, expected)
    assert ledger(road, house, row) == []


def test_proof_note_and_line_are_asked_for(road, stocked):
    house, row = stocked
    paper = proof(road, "seller2", PDF + b"2").get_json()["id"]
    answer = post(
        road,
        house,
        entry(row, "arrived", "1"),
        entry(row, "lost", "1", proof_id=paper),
        entry(row, "arrived", "1", gnum=9),
        {"invt_no": "51902026E999999999", "gnum": 1, "kind": "arrived", "qty": "1", "day": ago(1)},
    )
    assert found(answer) == [
        ("CU6441", "/entries/0/proof_id"),
        ("CU6451", "/entries/1/note"),
        ("CU6444", "/entries/1/proof_id"),
        ("CU6433", "/entries/2/invt_no"),
        ("CU6433", "/entries/3/invt_no"),
    ]


def test_goods_of_another_mode_or_not_closed_or_of_another_warehouse_are_not_taken(road, stocked):
    house, row = stocked
    elsewhere = warehouse(road)
    paper = proof(road).get_json()["id"]
    retail = Export(road, "9710", type="B")
    retail.file()
    early = Export(road, "9810", type="W")
    early.file(named=house["name"]["zh"])
    waiting = close(road, early, status="800")
    assert found(post(road, house, entry(close(road, retail), "arrived", "1", proof_id=paper)))[0][0] == "CU6435"
    assert found(post(road, house, entry(waiting, "arrived", "1", proof_id=paper)))[0][0] == "CU6434"
    assert found(post(road, elsewhere, entry(row, "arrived", "1", proof_id=paper)))[0][0] == "CU6436"


def test_goods_that_named_no_warehouse_belong_to_the_one_in_which_they_arrive(road):
    house, other = warehouse(road), warehouse(road)
    parcel = Export(road, "9810", type="W")
    parcel.file(named="没有登记的仓")
    row = close(road, parcel)
    paper = proof(road).get_json()["id"]
    assert post(road, house, entry(row, "arrived", "1", proof_id=paper)).status_code == 201
    assert found(post(road, other, entry(row, "arrived", "1", proof_id=paper))) == [("CU6436", "/entries/0/invt_no")]


def test_arrivals_need_the_use_of_the_warehouse_that_day_and_what_lies_there_may_be_sold_afterwards(road, stocked):
    house, row = stocked
    paper = proof(road).get_json()["id"]
    assert post(road, house, entry(row, "arrived", "1", 20, proof_id=paper)).status_code == 201
    assert road.post("seller", f"/api/v1/warehouses/{house['id']}/end", {"last_day": ago(15)}).status_code == 200
    late = post(road, house, entry(row, "arrived", "1", 14, proof_id=paper))
    assert found(late) == [("CU6450", "/entries/0/day")]
    assert post(road, house, entry(row, "sold", "1", 14, proof_id=paper)).status_code == 201


def test_an_entry_is_put_right_by_another_entry_only(road, stocked):
    house, row = stocked
    paper = proof(road).get_json()["id"]
    post(road, house, entry(row, "arrived", "2", 20, proof_id=paper), entry(row, "sold", "2", 10, proof_id=paper))
    arrived, sold = (one["id"] for one in ledger(road, house, row))

    def back(id, qty, days=5, note="买家退货"):
        return post(road, house, {"corrects": id, "qty": qty, "day": ago(days), "note": note})

    assert found(back(sold, "3")) == [("CU6446", "/entries/0/qty")]
    assert found(back(sold, "1", 11)) == [("CU6447", "/entries/0/day")]
    assert found(back(sold, "1", note="")) == [("CU6451", "/entries/0/note")]
    assert found(back(10**9, "1")) == [("CU6445", "/entries/0/corrects")]
    # what is gone cannot have never arrived
    assert found(back(arrived, "1")) == [("CU6440", "/entries/0")]
    assert back(sold, "1.5").status_code == 201
    correction = ledger(road, house, row)[-1]
    assert (correction["kind"], correction["qty"], correction["corrects"]) == ("sold", "-1.5", sold)
    assert found(back(correction["id"], "1")) == [("CU6445", "/entries/0/corrects")]
    assert found(back(sold, "0.6")) == [("CU6446", "/entries/0/qty")]
    assert [one["stock"] for one in stock(road, house)["items"]] == ["1.5"]
    assert [one["stock"] for one in stock(road, house, on=ago(6))["items"]] == ["0"]


@pytest.mark.parametrize("change", ["UPDATE warehouse_entry SET qty = 9", "DELETE FROM warehouse_entry"])
def test_the_ledger_itself_cannot_be_changed(road, stocked, change):
    with road.factory() as session, pytest.raises((InternalError, ProgrammingError), match="only added to"):
        session.execute(text(change))


def test_of_two_who_sell_the_last_piece_at_the_same_moment_one_is_told_that_it_is_gone(road, stocked):
    house, row = stocked
    paper = proof(road).get_json()["id"]
    post(road, house, entry(row, "arrived", "2", 20, proof_id=paper))
    answers, start = [], threading.Barrier(4)

    def sell():
        client = road.app.test_client()
        start.wait()
        body = {"entries": [entry(row, "sold", "2", 5, proof_id=paper)]}
        path = f"/api/v1/warehouses/{house['id']}/entries"
        answers.append(client.post(path, json=body, headers=road.headers("seller")))

    sellers = [threading.Thread(target=sell) for _ in range(4)]
    for one in sellers:
        one.start()
    for one in sellers:
        one.join()
    assert sorted(one.status_code for one in answers) == [201, 422, 422, 422]
    assert {found(one)[0][0] for one in answers if one.status_code == 422} == {"CU6440"}
    assert [one["stock"] for one in stock(road, house)["items"]] == ["0"]


def test_a_reference_counts_once_for_a_line(road, stocked):
    house, row = stocked
    paper = proof(road).get_json()["id"]
    post(road, house, entry(row, "arrived", "2", 20, proof_id=paper))
    sale = entry(row, "sold", "0.5", proof_id=paper, reference="ORDER-1")
    assert post(road, house, sale).status_code == 201
    assert found(post(road, house, sale)) == [("CU6448", "/entries/0/reference")]
    twice = {**sale, "reference": "ORDER-2"}
    assert found(post(road, house, twice, twice)) == [("CU6448", "/entries/1/reference")]
    # what was taken back whole may be entered again
    sold = ledger(road, house, row)[1]["id"]
    back = {"corrects": sold, "qty": "0.5", "day": ago(5), "note": "数量写错"}
    assert post(road, house, back).status_code == 201
    assert post(road, house, {**sale, "qty": "0.25"}).status_code == 201


def test_a_zone_says_which_entries_need_proof(road, stocked):
    house, row = stocked
    with road.factory() as session, session.begin():
        set_context(session, actor="test", at=clock.now())
        setting = set_zone_parameter(
            session,
            ZONE,
            "customs.warehouse.proof_kinds",
            "arrived destroyed",
            valid_from=clock.today(),
            document="测试",
            set_by="test",
            at=clock.now(),
        )
    try:
        arrived, sold = entry(row, "arrived", "1", 9), entry(row, "sold", "1", 8)
        assert found(post(road, house, arrived, sold)) == [("CU6441", "/entries/0/proof_id")]
        paper = proof(road).get_json()["id"]
        assert post(road, house, {**arrived, "proof_id": paper}, sold).status_code == 201
    finally:
        with road.factory() as session, session.begin():
            set_context(session, actor="test", at=clock.now())
            session.execute(text("DELETE FROM zone_parameter WHERE id = :id"), {"id": setting.id})


def test_the_form_offers_what_lies_there_or_is_on_its_way_and_nothing_else(road, stocked):
    house, row = stocked
    paper = proof(road).get_json()["id"]

    def offered():
        headers = road.headers("seller") | {"Accept": "text/html"}
        shown = road.client.get(f"/warehouses/{house['id']}/record", headers=headers).get_data(as_text=True)
        return f'value="{row.invt_no}/1"' in shown

    assert offered()
    post(road, house, entry(row, "arrived", "2", 20, proof_id=paper), entry(row, "sold", "1", 10, proof_id=paper))
    assert offered()
    post(road, house, entry(row, "sold", "1", 9, proof_id=paper))
    assert not offered()


# --- files


def load(road, house, raw, key="seller", proof_id=None):
    query = f"?proof_id={proof_id}" if proof_id else ""
    path = f"/api/v1/warehouses/{house['id']}/entries.csv{query}"
    return road.client.post(path, data=raw, headers=road.headers(key) | {"Content-Type": "text/csv"})


def test_a_file_is_recorded_by_the_same_function_and_once_only(road, stocked):
    house, row = stocked
    paper = proof(road).get_json()["id"]
    own = proof(road, content=PDF + b"own").get_json()["sha256"]
    raw = (
        "invt_no,gnum,kind,qty,day,reference,note,proof\n"
        f"{row.invt_no},1,arrived,2,{ago(20)},,,{own.upper()}\n"
        f'="{row.invt_no}",1,sold,0.5,{ago(8)},S-9,,\n'
    ).encode("utf-8-sig")
    answer = load(road, house, raw, proof_id=paper)
    assert (answer.status_code, answer.get_json()["entries"]) == (201, 2)
    assert answer.get_json()["sha256"] == hashlib.sha256(raw).hexdigest()
    proofs = [one["proof_id"] for one in ledger(road, house, row)]
    assert proofs[1] == paper and proofs[0] not in (None, paper)
    again = load(road, house, raw, proof_id=paper)
    assert (again.status_code, found(again)) == (409, [("CU6449", "/file")])


def test_a_file_says_every_cell_that_is_wrong_and_writes_nothing(road, stocked):
    house, row = stocked
    raw = (
        "invt_no,gnum,kind,qty,day,proof\n"
        f"{row.invt_no},one,arrived,2,{ago(20)},\n"
        f"5.1902026E+78,1,arrived,1,{ago(20)},\n"
        f"{row.invt_no},1,arrived,1,2026-02-30,\n"
        f"{row.invt_no},1,arrived,1,,\n"
        f"{row.invt_no},1,arrived,1,{ago(20)},abc\n"
    ).encode()
    assert found(load(road, house, raw)) == [
        *(("CU0605", "B2"), ("CU0605", "A3"), ("CU0608", "E4"), ("CU0605", "E5"), ("CU0605", "F6")),
    ]
    assert ledger(road, house, row) == []


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b"", "CU0604"),
        (b"\xff\xfe", "CU0601"),
        (b"invt_no,gnum\n1,1\n", "CU0602"),
        (b"invt_no,gnum,kind,qty,day\n1,1,arrived,1,2026-01-01\n", "CU6433"),
    ],
)
def test_files_that_are_none_are_said_to_be(road, stocked, raw, rule):
    assert found(load(road, stocked[0], raw))[0][0] == rule


# --- proofs


@pytest.mark.parametrize(
    ("content", "name", "rule"),
    [(b"", "a.pdf", "CU6222"), (b"MZ\x90", "a.exe", "CU6221"), (b"<html>", "a.pdf", "CU6221")],
)
def test_files_of_another_kind_prove_nothing(road, content, name, rule):
    answer = proof(road, content=content, name=name)
    assert (answer.status_code, found(answer)) == (422, [(rule, "/proof")])


def test_a_proof_larger_than_five_megabytes_is_refused(road):
    assert proof(road, content=b"%PDF-" + b"0" * (5 * 1024 * 1024)).status_code == 413


def test_a_proof_is_kept_once_and_read_by_those_whom_its_goods_concern(road, stocked):
    house, row = stocked
    content = PDF + row.invt_no.encode()
    first, again = proof(road, content=content).get_json(), proof(road, content=content).get_json()
    assert first == again
    assert first["sha256"] == hashlib.sha256(content).hexdigest()
    path = f"/api/v1/warehouse-proofs/{first['id']}"
    assert road.get("tax_officer", path).status_code == 404
    post(road, house, entry(row, "arrived", "1", proof_id=first["id"]))
    for key, status in (("seller", 200), ("tax_officer", 200), ("seller2", 404), ("logistics", 404)):
        answer = road.get(key, path)
        assert answer.status_code == status, key
    got = road.get("seller", path)
    assert got.data == content
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["X-Content-Type-Options"] == "nosniff"


# --- who sees and does what


def test_firms_see_their_own_goods_and_agencies_those_of_their_zones(road, stocked):
    house, row = stocked
    paper = proof(road).get_json()["id"]
    post(road, house, entry(row, "arrived", "2", 20, proof_id=paper))
    other = road.firm("seller2")["customs_code"]
    path = f"/api/v1/warehouses/{house['id']}"
    road.post("seller", f"{path}/users", {"code": other, "valid_from": "2020-01-01"})
    assert stock(road, house, "seller2")["items"] == []
    assert ledger(road, house, row, "seller2") == []
    for key in ("agent", "customs_officer", "tax_officer", "forex_officer", "zone_manager", "auditor"):
        assert [one["stock"] for one in stock(road, house, key)["items"]] == ["2"], key
    assert road.get("payment", f"{path}/stock").status_code == 403
    assert road.get("seller_445100", f"{path}/stock").status_code == 404


def test_an_agent_records_under_its_mandate_and_nobody_for_others(road, stocked):
    house, row = stocked
    other = road.firm("seller2")["customs_code"]
    road.post("seller", f"/api/v1/warehouses/{house['id']}/users", {"code": other, "valid_from": "2020-01-01"})
    mine, theirs = (proof(road, key, PDF + key.encode()).get_json()["id"] for key in ("agent", "seller2"))
    stranger = post(road, house, entry(row, "arrived", "1", proof_id=theirs), key="seller2")
    assert found(stranger) == [("CU6433", "/entries/0/invt_no")]
    assert post(road, house, entry(row, "arrived", "1", proof_id=mine), key="agent").status_code == 201
    with road.factory() as session:
        written = session.scalars(select(WarehouseEntry).where(WarehouseEntry.checklist_id == row.id)).one()
    assert written.consignor_id == road.firm("seller")["id"]


def test_lines_are_paged_by_checklist_and_line(road):
    house = warehouse(road)
    rows = []
    for _ in range(3):
        parcel = Export(road, "9810", type="W")
        parcel.file(named=house["name"]["zh"])
        rows.append(close(road, parcel))
    path = f"/api/v1/warehouses/{house['id']}/lines"
    first = road.get("seller", f"{path}?limit=2").get_json()
    rest = road.get("seller", f"{path}?limit=2&after={first['next']}").get_json()
    assert [one["checklist_id"] for one in (*first["items"], *rest["items"])] == [row.id for row in rows]
    assert rest["next"] is None
    for bad in ("after=x", "limit=0", "on=yesterday"):
        assert road.get("seller", f"{path}?{bad}").status_code == 422


def test_of_two_who_take_back_the_same_entry_at_the_same_moment_one_is_told_what_is_left(road, stocked):
    house, row = stocked
    paper = proof(road).get_json()["id"]
    post(road, house, entry(row, "arrived", "2", 20, proof_id=paper), entry(row, "sold", "2", 10, proof_id=paper))
    sold = ledger(road, house, row)[1]["id"]
    path = f"/api/v1/warehouses/{house['id']}/entries"
    body = {"entries": [{"corrects": sold, "qty": "1.5", "day": ago(5), "note": "买家退货"}]}

    def take_back(_):
        return road.app.test_client().post(path, json=body, headers=road.headers("seller"))

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(take_back, range(3)))
    assert sorted(one.status_code for one in answers) == [201, 422, 422]
    assert {found(one)[0][0] for one in answers if one.status_code == 422} == {"CU6446"}
    assert [one["stock"] for one in stock(road, house)["items"]] == ["1.5"]
