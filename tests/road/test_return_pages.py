"""The pages of goods returns."""

import io

import pytest

from common import clock
from customs.intake.process import process_message
from tests.road.papers import number
from tests.road.returns import exported, filed, left, read

# --- pages: what cannot be done is told at its field, and nothing is half done


def page(road, key, path, data=None, lang="zh"):
    headers = road.headers(key) | {"Accept": "text/html"}
    path = f"{path}{'&' if '?' in path else '?'}lang={lang}"
    answer = (
        road.client.get(path, headers=headers) if data is None else road.client.post(path, data=data, headers=headers)
    )
    return answer.status_code, answer.get_data(as_text=True)


def test_pages_say_what_is_wrong_and_keep_what_was_written(road):
    id, _, _ = filed(road)
    code, text_ = page(road, "customs_officer", f"/returns/{id}/decision", {"decision": "reject", "text": ""})
    assert (code, "请写明理由" in text_) == (422, True)
    code, text_ = page(road, "customs_officer", f"/returns/{id}/decision", {"decision": "", "text": "留着的话"})
    assert (code, "留着的话" in text_) == (422, True)
    grounds = {"reason_kind": "unsold", "proof_kind": "refusal"}
    code, text_ = page(road, "seller", f"/returns/{id}/grounds", grounds, lang="en")
    assert (code, "For the reason “Unsold” the proof is" in text_) == (422, True)
    wrong = {"file": (io.BytesIO(b"MZ"), "proof.pdf")}
    code, text_ = page(road, "seller", f"/returns/{id}/files", wrong)
    assert (code, "可用：PDF、PNG、JPEG" in text_) == (422, True)
    assert read(road, id)["files"] == []
    assert read(road, id)["status"] == "300"


def test_the_sites_form_says_how_many_are_there_and_how_many_of_them_are_altered(road):
    id, _, _ = filed(road, "2")
    path = f"/returns/{id}/tally"
    for wrong in ({"found-1": "zwei"}, {"found-1": "1", "altered-1": "1.5"}, {"found-1": "-1"}):
        code, text_ = page(road, "operator", path, {"found-1": "2", "note-1": "说明"} | wrong)
        assert (code, "理货数量" in text_, "说明" in text_) == (422, True, True)
    assert read(road, id)["lines"][0]["found_qty"] is None
    given = {"found-1": "2", "altered-1": "0.5", "note-1": "半件脏了"}
    headers = road.headers("operator") | {"Accept": "text/html"}
    place = road.client.post(path, data=given, headers=headers).headers["Location"]
    process_message(road.factory, int(place.rpartition("=")[2]), clock.now())
    (line,) = read(road, id)["lines"]
    assert (line["found_qty"], line["altered_qty"], line["found_note"]) == ("2", "0.5", "半件脏了")


def test_a_list_that_finds_nothing_and_a_form_without_quantities_come_back(road):
    code, text_ = page(road, "seller", "/returns/plan", {"rows": "NO-SUCH-ITEM 1"})
    assert (code, "没有您可退的出口清单或商品" in text_, "NO-SUCH-ITEM 1" in text_) == (422, True, True)
    assert page(road, "seller", "/returns/plan", {"rows": " "})[0] == 422
    export = exported(road)
    field = f"pick-{export['id']}-1"
    form = {"form": "0" * 32, "origin": str(export["id"]), "reason": "滞销的货"}
    code, text_ = page(road, "seller", "/returns", form)
    assert (code, "滞销的货" in text_, field in text_) == (422, True, True)
    code, text_ = page(road, "seller", "/returns", form | {field: "1,5"})
    assert (code, "1,5" in text_) == (422, True)
    assert left(road, export)["pending"] == "0"


def test_a_return_is_found_by_any_of_its_numbers_however_long(road):
    waybill = number("RW").ljust(19, "0")[:19]
    id, asked, export = filed(road, logisticsNo=waybill)
    own = read(road, id)["pre_no"]
    for written in (waybill, asked["head"]["coElNo"], own, export["invt_no"]):
        code, text_ = page(road, "seller", f"/returns?q={written}")
        assert (code, f"/returns/{id}" in text_) == (200, True), written
    assert f"/returns/{id}" not in page(road, "seller2", f"/returns?q={waybill}")[1]


def test_a_form_sent_twice_is_one_request(road):
    export = exported(road)
    form = {
        "form": "a" * 26 + f"{export['id'] % 10**6:06d}", f"pick-{export['id']}-1": "1", "trafMode": "5",
        "trafName": "CZ1", "voyageNo": "CZ1", "reason": "滞销", "country": "502", "reason_kind": "unsold",
        "proof_kind": "self_declaration",
    }  # fmt: skip
    headers = road.headers("seller") | {"Accept": "text/html"}
    places = {road.client.post("/returns", data=form, headers=headers).headers["Location"] for _ in range(2)}
    assert len(places) == 1
    message = int(places.pop().rpartition("/")[2])
    process_message(road.factory, message, clock.now())
    assert left(road, export)["pending"] == "1"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_everybody_concerned_opens_the_pages_in_both_languages(road, lang):
    id, _, export = filed(road)
    for key in ("seller", "operator", "customs_officer", "tax_officer", "zone_manager", "auditor"):
        assert page(road, key, "/returns", lang=lang)[0] == 200, key
        assert page(road, key, f"/returns/{id}", lang=lang)[0] == 200, key
    for path in ("/returns/possible", f"/returns/possible?q={export['invt_no']}", f"/returns/new?change={id}"):
        assert page(road, "seller", path, lang=lang)[0] == 200, path
    assert page(road, "seller", f"/parcels/{export['id']}", lang=lang)[0] == 200
    assert page(road, "seller2", f"/returns/new?checklist={export['id']}", lang=lang)[0] == 404
    assert page(road, "seller", "/returns/new?declaration=NONE&line=1", lang=lang)[0] == 404
    assert page(road, "seller2", f"/returns/new?change={id}", lang=lang)[0] == 404


@pytest.mark.parametrize(
    "path",
    [
        "/returns?after=99999999999999999999",
        "/returns?q=%00%F0%9F%93%A6",
        "/returns/possible?q=%00x",
        "/returns?stage=never",
    ],
)
def test_odd_addresses_are_answered_with_a_page(road, path):
    assert page(road, "seller", path)[0] == 200


@pytest.mark.parametrize(
    "path",
    [
        "/returns/new?checklist=99999999999999999999",
        "/returns/new?change=99999999999999999999",
        "/returns/new?declaration=%00&line=99999999",
        "/returns/new?again=99999999999999999999-0",
        "/returns/new?again=1-x",
        "/returns/filed/99999999999999999999-x",
        "/returns/9007199254740991",
    ],
)
def test_addresses_of_nothing_find_nothing(road, path):
    assert page(road, "seller", path)[0] == 404


@pytest.mark.parametrize(
    "body",
    [
        {"documents": [{"head": ["x"]}]},
        {"documents": [{"lines": 5, "grounds": "x"}]},
        {"documents": [{"head": {"invtNo": "\x01", "coElNo": 5}, "lines": [{"gnum": 1.5}], "tally": []}]},
    ],
)
def test_documents_of_any_shape_are_answered_by_findings(road, body):
    answer = road.post("seller", "/api/v1/goods-returns", body)
    assert answer.status_code == 202, answer.get_json()
    id = answer.get_json()["messages"][0]["id"]
    process_message(road.factory, id, clock.now())
    shown = road.get("seller", f"/api/v1/messages/{id}").get_json()
    assert (shown["state"], shown["counts"]["rejected"]) == ("processed", 1)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"origins": []},
        {"origins": [{"checklist_id": -1}]},
        {"origins": [{"invt_no": "x", "lines": [{"gnum": 0, "qty": "1"}]}]},
        {"origins": [{"invt_no": "x"}], "documents": [{}]},
        {"origins": [{"invt_no": "x"}], "grounds": {"reason": "a" * 99}},
        {"origins": [{"invt_no": "x"}], "unknown": 1},
    ],
)
def test_bodies_that_do_not_fit_are_refused(road, body):
    assert road.post("seller", "/api/v1/goods-returns", body).status_code == 422


@pytest.mark.parametrize(
    "raw",
    [
        b'{"origins": [{"invt_no": "\\ud800"}]}',
        b'{"documents": [{"head": {"invtNo": "\\ud800", "coElNo": "\\u0000"}}]}',
    ],
)
def test_characters_that_no_text_holds_are_no_accident(road, raw):
    headers = road.headers("seller")
    answer = road.client.post("/api/v1/goods-returns", data=raw, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.get_json()["findings"][0]["rule"]) == (422, "SY0025")
