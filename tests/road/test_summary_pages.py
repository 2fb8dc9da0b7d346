"""Summaries on the pages: applying by ticks and by month, what was refused, one summary from both sides, notices."""

import re

import pytest

from common import clock
from customs.intake.process import process_message
from tests.road.summaries import apply, closed

MONTH = f"{clock.today():%Y-%m}"


@pytest.fixture
def browse(road):
    """A browser's session signed in as a demo account."""

    def signed_in(key):
        client = road.app.test_client()
        page = client.get("/login").get_data(as_text=True)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        account = road.accounts[key]
        form = {"csrf_token": token, "login": account["login"], "password": account["password"]}
        assert client.post("/login", data=form).status_code in (302, 303)
        return client

    return signed_in


def post(client, page, where, **form):
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).get_data(as_text=True))[1]
    return client.post(where, data={"csrf_token": token, **form})


def filed(road, client, answer):
    """The page that a sent application leads to, once a worker has seen it."""
    where = answer.headers["Location"]
    process_message(road.factory, int(where.rsplit("/", 1)[1]), clock.now())
    return client.get(where, follow_redirects=True).get_data(as_text=True)


def test_a_firm_ticks_checklists_and_sees_the_declaration(road, browse):
    one, other = closed(road, 2)
    client = browse("seller")
    page = client.get("/summaries/new").get_data(as_text=True)
    assert one["invt_no"] in page and other["invt_no"] in page
    consignor = str(road.firm("seller")["id"])
    form = {"consignor": consignor, "office": "5190", "by": "ticked", "checklist": [one["invt_no"]], "form": "a" * 32}
    answer = post(client, "/summaries/new", "/summaries", **form)
    shown = filed(road, client, answer)
    assert re.search(r"\d{8}B\d{9}", shown), shown
    assert other["invt_no"] in client.get("/summaries/new").get_data(as_text=True)
    again = post(client, "/summaries/new", "/summaries", **form)
    assert again.headers["Location"] == answer.headers["Location"]
    parcel = client.get(f"/parcels/{one['id']}").get_data(as_text=True)
    assert re.search(r"\d{8}B\d{9}", parcel)
    assert road.get("seller", f"/api/v1/checklists/{one['id']}").get_json()["declarations"][0]["lines"] == [
        {"gnum": 1, "line_no": 1}
    ]


def test_a_month_is_applied_for_up_to_now_and_what_is_refused_says_why(road, browse):
    closed(road)
    client = browse("seller")
    form = {"consignor": str(road.firm("seller")["id"]), "office": "5190", "by": "month", "month": MONTH}
    shown = filed(road, client, post(client, "/summaries/new", "/summaries", **form, form="b" * 32))
    assert re.search(r"\d{8}B\d{9}", shown), shown
    refused = filed(road, client, post(client, "/summaries/new", "/summaries", **form, form="c" * 32))
    assert "CU6012" in refused
    nothing = post(client, "/summaries/new", "/summaries", **(form | {"by": "ticked"}), form="d" * 32)
    assert nothing.status_code == 422
    bad = post(client, "/summaries/new", "/summaries", **(form | {"month": "2026-13"}), form="e" * 32)
    assert bad.status_code == 422


def test_officers_see_summaries_of_their_zone_amend_and_cancel_declarations_and_record_notices(road, browse):
    [one] = closed(road)
    apply(road, [one["invt_no"]])
    client = browse("customs_officer")
    assert client.get("/summaries").status_code == 200
    [listed, *_] = road.get("seller", "/api/v1/summaries").get_json()["items"]
    [made] = road.get("seller", f"/api/v1/summaries/{listed['id']}").get_json()["declarations"]
    page = f"/summaries/{listed['id']}"
    where = f"/summaries/declarations/{made['id']}"
    assert made["decl_seq_no"] in client.get(page).get_data(as_text=True)
    assert client.get(f"{where}/sources").status_code == 200
    assert client.get(f"{where}.pdf").data.startswith(b"%PDF")
    assert client.get(f"{where}/result.xml").data.startswith(b"<?xml")
    for act, word in (("amend", "已改单"), ("cancel", "已撤销")):
        field = f"{act}-{made['id']}-reason"
        refused = post(client, page, f"{where}/{act}", **{field: ""})
        assert refused.status_code == 422
        assert f'href="#{field}"' in refused.get_data(as_text=True)
        assert post(client, page, f"{where}/{act}", **{field: f"海关{word}"}).status_code == 302
        assert word in client.get(page).get_data(as_text=True)
    assert post(client, page, f"{where}/cancel", **{field: "again"}).status_code == 409
    notices = "/summaries/notices"
    form = {"customs_code": "5190", "period": "2026-08", "due_on": "2026-09-20", "document": "海关总署公告"}
    assert post(client, notices, notices, **(form | {"due_on": "2026-09-01"})).status_code == 422
    assert post(client, notices, notices, **(form | {"customs_code": "0101"})).status_code == 403
    assert post(client, notices, notices, **form).status_code == 302
    assert "2026-08" in client.get(notices).get_data(as_text=True)
    assert browse("seller2").get(page).status_code == 404
