"""The pages of overseas warehouses on the road: bad forms, double clicks, files to fill in, who is shown which form."""

import csv
import io

import pytest

from tests.road.test_warehouse_stock import ago, entry, ledger, post, proof, stocked  # noqa: F401 - a fixture
from tests.road.warehousing import warehouse

PAGES = {"Accept": "text/html"}


def read(road, key, path):
    answer = road.client.get(path, headers=road.headers(key) | PAGES)
    return answer.status_code, answer.get_data(as_text=True)


def send(road, key, path, files=None, **form):
    data = form | {name: (io.BytesIO(raw), told) for name, (raw, told) in (files or {}).items()}
    return road.client.post(path, data=data, headers=road.headers(key) | PAGES, content_type="multipart/form-data")


def entry_form(row, **changes):
    return {
        "line": f"{row.invt_no}/1",
        "kind": "arrived",
        "qty": "1",
        "day": ago(5),
        "form": "f" * 32,
    } | changes


PDF = {"proof": (b"%PDF-1.7 page", "签收单.pdf")}


def test_a_form_that_is_sent_twice_is_recorded_once(road, stocked):  # noqa: F811 - the fixture above
    house, row = stocked
    path = f"/warehouses/{house['id']}/record"
    first = send(road, "seller", path, PDF, **entry_form(row))
    assert first.status_code == 303
    assert first.location == f"/warehouses/{house['id']}/lines/{row.id}/1"
    again = send(road, "seller", path, PDF, **entry_form(row))
    assert again.status_code == 409
    assert len(ledger(road, house, row)) == 1
    assert send(road, "seller", path, PDF, **entry_form(row, form="0" * 32)).status_code == 303


def test_a_request_with_a_key_is_recorded_once(road, stocked):  # noqa: F811
    house, row = stocked
    paper = proof(road).get_json()["id"]
    body = {"entries": [entry(row, "arrived", "1", proof_id=paper)], "key": f"{row.id}-first"}
    path = f"/api/v1/warehouses/{house['id']}/entries"
    assert road.post("seller", path, body).status_code == 201
    assert road.post("seller", path, body).status_code == 409
    assert len(ledger(road, house, row)) == 1


@pytest.mark.parametrize(
    ("changes", "files"),
    [
        ({"line": ""}, PDF),
        ({"line": "x/99999"}, PDF),
        ({"line": "/"}, PDF),
        ({"kind": "<b>"}, PDF),
        ({"qty": "1e9"}, PDF),
        ({"qty": "1" * 200}, PDF),
        ({"day": "2026-02-30"}, PDF),
        ({"day": ""}, PDF),
        ({"note": "a\0b"}, PDF),
        ({"reference": "r" * 2000}, PDF),
        ({}, {"proof": (b"MZ", "a.exe")}),
        ({}, {"proof": (b"", "a.pdf")}),
        ({}, {}),
    ],
)
def test_a_bad_entry_form_is_answered_with_what_to_change(road, stocked, changes, files):  # noqa: F811
    house, row = stocked
    answer = send(road, "seller", f"/warehouses/{house['id']}/record", files, **entry_form(row, **changes))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert ledger(road, house, row) == []


@pytest.mark.parametrize("changes", [{"corrects": ""}, {"corrects": "9" * 30}, {"qty": "-1"}, {"note": ""}])
def test_a_bad_correction_is_answered_likewise(road, stocked, changes):  # noqa: F811
    house, row = stocked
    paper = proof(road).get_json()["id"]
    post(road, house, entry(row, "arrived", "1", proof_id=paper))
    (written,) = ledger(road, house, row)
    form = {"corrects": str(written["id"]), "qty": "1", "day": ago(1), "note": "更正", "form": "c" * 32} | changes
    answer = send(road, "seller", f"/warehouses/{house['id']}/lines/{row.id}/1", **form)
    assert answer.status_code == 422
    assert len(ledger(road, house, row)) == 1


def test_the_file_to_fill_in_keeps_customs_numbers_and_is_taken_when_filled(road, stocked):  # noqa: F811
    house, row = stocked
    got = road.client.get(f"/warehouses/{house['id']}/template.csv", headers=road.headers("seller"))
    header, line = csv.reader(io.StringIO(got.get_data(as_text=True).lstrip("\ufeff")))
    assert line[:3] == [f'="{row.invt_no}"', "1", "arrived"]
    filled = dict(zip(header, line, strict=True)) | {"qty": "2", "day": ago(5)}
    written = io.StringIO(newline="")
    table = csv.DictWriter(written, header)
    table.writeheader()
    table.writerow(filled)
    files = {"file": (written.getvalue().encode(), "a.csv"), "file_proof": PDF["proof"]}
    assert send(road, "seller", f"/warehouses/{house['id']}/file", files).status_code == 303
    assert [one["qty"] for one in ledger(road, house, row)] == ["2"]


@pytest.mark.parametrize("raw", [b"", b"\xff", b"a,b\n1,2\n"])
def test_a_file_that_is_none_changes_nothing(road, stocked, raw):  # noqa: F811
    house, row = stocked
    answer = send(road, "seller", f"/warehouses/{house['id']}/file", {"file": (raw, "a.csv")})
    assert answer.status_code == 422
    assert ledger(road, house, row) == []


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"name_zh": "仓", "name_en": "W", "country": "502", "address": "A", "operator": "O", "holding": "owned"},
        {"valid_from": "yesterday"},
        {"valid_from": "2026-01-01", "country": "中国", "name_zh": "x" * 500},
    ],
)
def test_a_bad_registration_form_is_answered_with_what_to_change(road, form):
    answer = send(road, "seller", "/warehouses", **form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.get_data(as_text=True)


def test_forms_are_shown_to_those_who_may_send_them(road):
    house = warehouse(road, confirm=False)
    path = f"/warehouses/{house['id']}"
    words = {"seller": ("/end", "/users", "/record"), "zone_manager": ("/decision",), "tax_officer": ()}
    for key, shown in words.items():
        status, page = read(road, key, path)
        assert status == 200
        for part in ("/end", "/users", "/record", "/decision"):
            assert (f'{path}{part}"' in page) is (part in shown), (key, part)
    assert '/warehouses/filings"' in read(road, "zone_manager", "/warehouses")[1]
    assert '/warehouses/filings"' not in read(road, "seller", "/warehouses")[1]


def test_a_zone_manager_is_told_on_the_first_page_what_waits_and_nobody_else(road):
    warehouse(road, confirm=False)
    assert "待确认" in read(road, "zone_manager", "/?lang=zh")[1]
    for key in ("seller", "tax_officer"):
        assert "个海外仓待确认" not in read(road, key, "/?lang=zh")[1]


@pytest.mark.parametrize("query", ["?after=x", "?after=1-2-3", "?after=99999999999999999999-1", "?on=never", "?on="])
def test_addresses_that_make_no_sense_show_the_page_from_the_start(road, query):
    house = warehouse(road)
    assert read(road, "seller", f"/warehouses/{house['id']}{query}")[0] in (200, 422)


def test_the_form_of_one_parcel_offers_warehouses_and_files_bulk_goods_with_a_booking(road):
    house = warehouse(road)
    status, page = read(road, "seller", "/declare")
    assert status == 200
    assert f'<option value="{house["id"]}"' in page
    assert '<option value="bulk"' in page
