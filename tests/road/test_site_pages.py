"""The site operator's and the carrier's pages on the whole road: a form is a message, and every parcel is answered."""

import io
import re

import pytest

from common import clock
from customs.intake.process import process_message

PAGES = {"Accept": "text/html"}
ARRIVALS, DEPARTURES = "/site/arrivals", "/site/departures"


def read(road, key, path, lang="zh"):
    answer = road.client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}", headers=road.headers(key) | PAGES)
    return answer.status_code, answer.get_data(as_text=True)


def send(road, key, path, **form):
    return road.client.post(path, data=form, headers=road.headers(key) | PAGES)


def notice(road, key, path, **form):
    """Send a form, let a worker process the message, and read the page that follows."""
    answer = send(road, key, path, **form)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    process_message(road.factory, int(answer.location.rpartition("/")[2]), clock.now())
    return read(road, key, answer.location)[1]


def arrival(road, waybills, **changes):
    return {
        "site": "5190/519001",
        "logisticsCode": road.firm("logistics")["customs_code"],
        "waybills": waybills,
        "trafMode": "4",
        "domesticTrafNo": "粤F12345",
    } | changes


def departure(waybills, **changes):
    return {
        "customsCode": "5190",
        "waybills": waybills,
        "trafMode": "5",
        "leaveTime": clock.now().strftime("%Y-%m-%dT%H:%M:%S"),
        "billNo": "",
    } | changes


def declared(road):
    """A parcel whose papers are all in; faultless, so released unless drawn at random."""
    parcel = road.sale()
    parcel.send_order()
    parcel.send_waybill()
    return parcel, parcel.send_checklist()


def released(road):
    """A parcel that the draw left alone."""
    for _ in range(20):
        parcel, checklist = declared(road)
        if parcel.status(checklist) == "800":
            return parcel, checklist
    raise AssertionError("twenty parcels in a row were drawn")


def row_of(page, number):
    """The table row of a waybill."""
    return next(row for row in re.findall(r"<tr.*?</tr>", page, re.DOTALL) if number in row)


@pytest.mark.parametrize("key", ["seller", "agent", "platform", "customs_officer", "administrator", "auditor"])
def test_only_operators_record_arrivals_and_only_carriers_departures(road, key):
    for path in (ARRIVALS, DEPARTURES, "/site/parcels", "/site/records"):
        assert read(road, key, path)[0] == 403
    for path in (ARRIVALS, DEPARTURES, "/site/weighings", "/site/records"):
        assert send(road, key, path).status_code == 403
    assert read(road, "logistics", ARRIVALS)[0] == 403
    assert read(road, "operator", DEPARTURES)[0] == 403


def test_each_parcel_of_an_arrival_says_what_it_may_do(road):
    good, _ = released(road)
    unknown = f"{good.waybill_no}X"
    page = notice(road, "operator", ARRIVALS, **arrival(road, f"{good.waybill_no} 0.5\n{unknown}\n{good.waybill_no}"))
    assert "运抵 2 票，1 票可以装车" in page
    assert "已放行，可以装车" in row_of(page, good.waybill_no)
    assert "没有清单，不得装运" in row_of(page, unknown)
    assert good.waybill_no in read(road, "operator", f"/site/parcels?q={good.waybill_no}")[1]
    assert "不在您的场所" in read(road, "operator_441600", f"/site/parcels?q={good.waybill_no}")[1]


def test_a_parcel_of_another_weight_stays_until_it_is_weighed_again(road):
    parcel, _ = released(road)
    page = notice(road, "operator", ARRIVALS, **arrival(road, f"{parcel.waybill_no}\t3.2"))
    assert "重量不符，留在场所" in row_of(page, parcel.waybill_no)
    form = {"logistics_code": road.firm("logistics")["customs_code"], "logistics_no": parcel.waybill_no}
    assert send(road, "operator", "/site/weighings", **form, weighed_gross="heavy").status_code == 422
    assert send(road, "operator_441600", "/site/weighings", **form, weighed_gross="0.5").status_code == 404
    assert send(road, "operator", "/site/weighings", **form, weighed_gross="0.5").status_code == 302
    page = read(road, "operator", f"/site/parcels?q={parcel.waybill_no}")[1]
    assert "已放行，可以装车" in row_of(page, parcel.waybill_no)


def test_an_officer_lifts_the_hold_on_the_case_page(road):
    parcel, checklist = released(road)
    notice(road, "operator", ARRIVALS, **arrival(road, f"{parcel.waybill_no} 3.2"))
    id = checklist["documents"][0]["id"]
    path = f"/desk/cases/{id}"
    assert "场所因重量暂扣" in read(road, "customs_officer", path)[1]
    assert send(road, "customs_officer", f"{path}/lift-hold", lift_text="").status_code == 422
    assert send(road, "customs_officer", f"{path}/lift-hold", lift_text="包装加固，已核对").status_code == 302
    page = read(road, "operator", f"/site/parcels?q={parcel.waybill_no}")[1]
    assert "已放行，可以装车" in row_of(page, parcel.waybill_no)


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"waybills": ""}, "至少填写一个运单号"),
        ({"waybills": "W1 0.5 x"}, "第1行"),
        ({"waybills": "\n".join(f"W{n}" for n in range(1001))}, "1000"),
    ],
)
def test_an_unusable_list_is_told_at_the_form(road, form, told):
    answer = send(road, "operator", ARRIVALS, **arrival(road, "") | form)
    assert answer.status_code == 422
    assert told in answer.get_data(as_text=True)


def test_a_refused_notice_says_why_and_its_form_comes_back(road):
    page = notice(road, "operator", ARRIVALS, **arrival(road, "WRONG0001 0.7", site="5198/519801"))
    assert "运抵单没有被接受" in page
    again = re.search(r'href="(/site/arrivals\?again=\d+)"', page)[1]
    assert "WRONG0001 0.7" in read(road, "operator", again)[1]
    assert read(road, "operator_441600", again)[0] == 404


def test_a_notice_that_waits_for_a_worker_says_so(road):
    answer = send(road, "operator", ARRIVALS, **arrival(road, "WAITS00001"))
    assert "已收下，正在处理" in read(road, "operator", answer.location)[1]
    assert read(road, "operator_441600", answer.location)[0] == 404
    process_message(road.factory, int(answer.location.rpartition("/")[2]), clock.now())


def test_released_parcels_of_a_bill_leave_and_the_others_open_a_case(road):
    good, checklist = released(road)
    bad = f"{good.waybill_no}Y"
    notice(road, "operator", ARRIVALS, **arrival(road, f"{good.waybill_no}\n{bad}"))
    assert good.waybill_no in read(road, "logistics", DEPARTURES)[1]
    page = notice(road, "logistics", DEPARTURES, **departure(f"{good.waybill_no}\n{bad}"))
    assert "离境 1 票" in page
    assert "已离境" in row_of(page, good.waybill_no)
    assert good.status(checklist) == "899"
    assert f">{good.waybill_no}<" not in read(road, "operator", "/site/parcels")[1]
    page = read(road, "customs_supervisor", "/desk/incidents")[1]
    assert bad in page
    case = re.search(rf'/desk/incidents/(\d+)/closing"[^>]*办结 {bad}', page)[1]
    closing = f"/desk/incidents/{case}/closing"
    assert send(road, "customs_officer", closing, text="查明").status_code == 403
    assert send(road, "customs_supervisor", closing, text="").status_code == 422
    assert send(road, "customs_supervisor", closing, text="查明是误扫，货物在场").status_code == 302
    assert bad not in read(road, "customs_supervisor", "/desk/incidents")[1]
    assert "查明是误扫" in read(road, "auditor", "/desk/incidents?all=1")[1]


def test_a_departure_without_a_usable_time_is_told_at_the_form(road):
    answer = send(road, "logistics", DEPARTURES, **departure("W1", leaveTime="morgen"))
    assert answer.status_code == 422
    assert "离境的日期和时刻" in answer.get_data(as_text=True)


def test_finds_are_recorded_and_ended(road):
    form = {"kind": "unreadable", "site": "5190/519001", "description": "面单浸湿，纸箱一件，3号货架"}
    assert send(road, "operator", "/site/records", **form | {"description": ""}).status_code == 422
    assert send(road, "operator", "/site/records", **form | {"kind": "surplus"}).status_code == 422
    assert send(road, "operator", "/site/records", **form).status_code == 302
    page = read(road, "operator", "/site/records")[1]
    assert "面单浸湿" in page
    id = re.search(r"面单浸湿.*?/site/records/(\d+)/resolution", page, re.DOTALL)[1]
    assert "面单浸湿" not in read(road, "operator_441600", "/site/records")[1]
    path = f"/site/records/{id}/resolution"
    assert send(road, "operator_441600", path, note="x").status_code == 404
    assert send(road, "operator", path, note="").status_code == 422
    assert send(road, "operator", path, note="按件数对上了，已退还卖家").status_code == 302
    assert "面单浸湿" not in read(road, "operator", "/site/records")[1]
    assert "已退还卖家" in read(road, "operator", "/site/records?all=1")[1]


def test_a_cancellation_is_decided_on_its_page(road):
    parcel, checklist = released(road)
    firm = road.firm("seller")
    head = {
        "customsCode": "5190",
        "copNo": f"Q{parcel.cop_no}",
        "invtNo": road.get("seller", f"/api/v1/checklists/{checklist['documents'][0]['id']}").get_json()["invt_no"],
        "reason": "买家取消",
        "agentCode": firm["customs_code"],
        "agentName": firm["name"],
        "ebcCode": firm["customs_code"],
        "ebcName": firm["name"],
        "note": "",
    }
    sent = road.send("seller", "CEB605", {"head": {k: v for k, v in head.items() if v}})
    if not sent["documents"][0]["id"]:
        pytest.fail(str(sent["documents"][0]["findings"]))
    page = read(road, "customs_officer", "/desk/cancellations")[1]
    assert head["invtNo"] in page
    assert read(road, "seller", "/desk/cancellations")[0] == 403
    path = re.search(rf'(/desk/cancellations/\d+/decision)"[^>]*办理 {head["invtNo"]}', page)[1]
    assert send(road, "customs_officer", path, decision="refuse", text="").status_code == 422
    lacking = send(road, "customs_officer", path, decision="approve", text="")
    assert (lacking.status_code, "没有写明理由" in lacking.get_data(as_text=True)) == (422, True)
    request = f"/requests/cancellation/{sent['documents'][0]['id']}"
    assert send(road, "seller", f"{request}/ground", ground="clerical_error").status_code == 303
    proof = {"file": (io.BytesIO(b"%PDF-1.7"), "说明.pdf")}
    assert send(road, "seller", f"{request}/proof", **proof).status_code == 303
    assert send(road, "customs_officer", path, decision="approve", text="").status_code == 302
    assert head["invtNo"] not in read(road, "customs_officer", "/desk/cancellations")[1]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_open_in_both_languages(road, lang):
    for key, paths in {
        "operator": (ARRIVALS, "/site/parcels", "/site/records"),
        "logistics": (DEPARTURES,),
        "customs_supervisor": ("/desk", "/desk/incidents", "/desk/cancellations", "/desk/risk"),
    }.items():
        assert {read(road, key, path, lang)[0] for path in paths} == {200}
