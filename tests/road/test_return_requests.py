"""Asking for a return: every way to be refused, lists that are matched, the two clocks, the standard's own form."""

import uuid
from datetime import timedelta

from lxml import etree
from sqlalchemy import text

from common import clock
from common.db import new_ids
from credit.subjects import zone_offices
from customs.intake.process import process_message
from customs.messages.writing import NewDocument, message_xml
from tests.road.returns import change, exported, findings, later, left, read, refused, request
from tests.road.test_movement import released

# --- what is refused, and why


def test_bad_requests_are_refused_each_with_its_reason(road):
    export, other = exported(road), road.firm("seller2")
    assert refused(road, export, invtNo="519020269E00000009") == [("CU6301", "invtNo")]
    assert refused(road, export, country="142") == [("CU1219", "country")]
    assert refused(road, export, ieFlag="E") == [("CU1110", "ieFlag")]
    assert refused(road, export, tradeMode="1261") == [("CU6313", "tradeMode")]
    assert refused(road, export, tradeMode="0110") == [("CU1110", "tradeMode")]
    assert refused(road, export, ebpCode=other["customs_code"]) == [("CU6303", "ebpCode")]
    assert refused(road, export, qty="3") == [("CU6311", "qty"), ("CU6311", "qty1"), ("CU6311", "qty2")]
    assert refused(road, export, customsCode="0100") == [("CU4001", "customsCode")]


def test_another_sellers_export_is_refused(road):
    export, firm = exported(road), road.firm("seller2")
    asked = request(road, export, key="seller2", ebcCode=firm["customs_code"], ebcName=firm["name"])
    sent = road.send("seller2", "CEB213", asked)
    assert [one["rule"] for one in sent["documents"][0]["findings"]] == ["CU6302"]


def test_an_agent_without_a_mandate_for_the_firm_may_not_file(road):
    export = exported(road)
    asked = request(road, export, key="seller2")
    sent = road.send("seller2", "CEB213", asked)
    assert [one["rule"] for one in sent["documents"][0]["findings"]] == ["CU2002"]


def test_an_agent_under_a_mandate_files_for_the_firm(road):
    export = exported(road)
    sent = road.send("agent", "CEB213", request(road, export, key="agent"))
    assert sent["counts"]["accepted"] == 1, sent


def line_faults(road, export, **line):
    asked = request(road, export)
    asked["lines"][0] |= line
    asked["lines"][0] = {key: value for key, value in asked["lines"][0].items() if value is not None}
    sent = road.send("seller", "CEB213", asked)
    return [(one["rule"], one["pointer"].rpartition("/")[2]) for one in sent["documents"][0]["findings"]]


def test_a_line_that_is_not_as_exported_is_refused_at_its_field(road):
    export = exported(road)
    assert line_faults(road, export, gnum="2") == [("CU6309", "gnum")]
    assert line_faults(road, export, gcode="6109100022") == [("CU6310", "gcode")]
    assert line_faults(road, export, gname="棉T恤") == [("CU6310", "gname")]
    assert line_faults(road, export, gmodel="无") == [("CU6310", "gmodel")]
    assert line_faults(road, export, unit="007") == [("CU6310", "unit")]
    assert line_faults(road, export, qty2=None, unit2=None) == [("CU6312", "qty2")]
    assert line_faults(road, export, qty2=None) == [("CU1213", "qty2")]
    assert line_faults(road, export, qty="0.5", qty1="1") == [("CU1214", "qty1")]
    assert line_faults(road, export, qty1="-1")[0][1] == "qty1"


def test_an_export_that_has_not_left_is_a_shut_out_and_no_return(road):
    parcel, sent = released(road)
    id = sent["documents"][0]["id"]
    number = road.get("seller", f"/api/v1/checklists/{id}").get_json()["invt_no"]
    answer = road.send("seller", "CEB213", request(road, {"invt_no": number}))
    assert findings(answer) == ["CU6305"]
    change(road, id, status="500")
    assert findings(road.send("seller", "CEB213", request(road, {"invt_no": number}))) == ["CU6304"]
    assert parcel.status(sent) == "500"


def test_9710_has_no_return_procedure_and_the_sentence_says_what_to_do(road):
    export = exported(road, trade_mode="9710")
    sent = road.send("seller", "CEB213", request(road, export))
    finding = sent["documents"][0]["findings"][0]
    assert finding["rule"] == "CU6306"
    assert "一般退运" in finding["message"]["zh"]
    assert "ordinary return shipment" in finding["message"]["en"]


def test_after_a_year_from_release_the_procedure_is_over(road):
    export = exported(road, released_at=clock.now() - timedelta(days=367))
    assert refused(road, export) == [("CU6307", "appTime")]
    change(road, export["id"], released_at=clock.now() - timedelta(days=364))
    assert road.send("seller", "CEB213", request(road, export))["counts"]["accepted"] == 1


def test_another_district_takes_back_9610_only(road):
    with road.factory() as session:
        elsewhere = next(code for code in sorted(zone_offices(session, clock.today())) if code[:2] != "51")
    export = exported(road, trade_mode="9810")
    assert refused(road, export, customsCode=elsewhere) == [("CU6308", "customsCode")]
    change(road, export["id"], trade_mode="9610")
    assert road.send("seller", "CEB213", request(road, export, customsCode=elsewhere))["counts"]["accepted"] == 1


def test_the_schemas_old_reading_of_the_mode_is_taken_with_a_warning(road):
    sent = road.send("seller", "CEB213", request(road, exported(road), tradeMode="9610"))
    assert findings(sent) == ["CU6314"]
    assert sent["counts"]["accepted"] == 1
    assert read(road, sent["documents"][0]["id"])["trade_mode"] == "9661"


# --- planning and filing over the API


def transport(**changes):
    return {"traf_mode": "5", "traf_name": "CZ3100", "voyage_no": "CZ3100", "country": "502", "reason": "滞销",
            "grounds": {"reason": "unsold", "proof": "self_declaration"}} | changes  # fmt: skip


def test_a_list_is_matched_oldest_first_and_what_finds_none_is_refused_alone(road):
    first, second = exported(road), exported(road)
    change(road, first["id"], released_at=clock.now() - timedelta(days=40))
    for export in (first, second):
        with road.factory() as session, session.begin():
            session.execute(
                text("UPDATE checklist_line SET item_no = 'BULK-7' WHERE checklist_id = :id"), {"id": export["id"]}
            )
    rows = [{"item_no": "BULK-7", "qty": "3"}, {"item_no": "NO-SUCH", "qty": "1"}, {"item_no": "BULK-7", "qty": "2"}]
    rows += [{"item_no": "BULK-7", "qty": "-1"}]
    made = road.post("seller", "/api/v1/goods-returns/matching", {"rows": rows}).get_json()
    assert [(one["row"], one["checklist_id"], one["qty"]) for one in made["plan"]] == [
        (1, first["id"], "2"),
        (1, second["id"], "1"),
    ]
    told = [(one["row"], one["findings"][0]["rule"]) for one in made["refused"]]
    assert told == [(4, "CU6342"), (2, "CU6340"), (3, "CU6341")]
    assert left(road, first)["pending"] == "0"
    origins = [
        {"checklist_id": one["checklist_id"], "lines": [{"gnum": one["gnum"], "qty": one["qty"]}]}
        for one in made["plan"]
    ]
    body = transport(origins=[*origins, {"invt_no": "519020269E00000009"}])
    answer = road.post("seller", "/api/v1/goods-returns", body)
    assert answer.status_code == 202, answer.get_json()
    given = answer.get_json()
    assert [one["findings"][0]["rule"] for one in given["refused"]] == ["CU6340"]
    for message in given["messages"]:
        process_message(road.factory, message["id"], clock.now())
    shown = road.get("seller", given["messages"][0]["links"]["message"]).get_json()
    assert shown["counts"] == {"documents": 2, "accepted": 2, "rejected": 0}, shown
    assert (left(road, first)["left"], left(road, second)["left"]) == ("0", "1")


def matched(road, *rows):
    """What a list comes to: the picks (row, checklist, quantity) and, by row, the rule that refuses it."""
    made = road.post("seller", "/api/v1/goods-returns/matching", {"rows": list(rows)}).get_json()
    picks = [(one["row"], one["checklist_id"], one["qty"]) for one in made["plan"]]
    return picks, {one["row"]: one["findings"][0]["rule"] for one in made["refused"]}


def test_goods_are_found_by_the_number_of_their_checklist_order_or_waybill(road):
    export = exported(road)
    parcel = export["parcel"]
    for number in ({"invt_no": export["invt_no"]}, {"order_no": parcel.order_no}, {"logistics_no": parcel.waybill_no}):
        assert matched(road, number | {"qty": "1"}) == ([(1, export["id"], "1")], {})
        assert matched(road, number | {"gnum": 1, "qty": "2"}) == ([(1, export["id"], "2")], {})
    twice = [{"invt_no": export["invt_no"], "qty": "2"}, {"order_no": parcel.order_no, "qty": "1"}]
    assert matched(road, *twice) == ([(1, export["id"], "2")], {2: "CU6341"})


def test_an_export_that_is_named_and_cannot_come_back_is_refused_with_the_reason(road):
    _, sent = released(road)
    here = road.get("seller", f"/api/v1/checklists/{sent['documents'][0]['id']}").get_json()["invt_no"]
    late = exported(road, released_at=clock.now() - timedelta(days=367))
    b2b, open_ = exported(road, trade_mode="9710"), exported(road)
    rows = [{"invt_no": number, "qty": "1"} for number in (here, late["invt_no"], b2b["invt_no"])]
    rows += [{"invt_no": open_["invt_no"], "gnum": 7, "qty": "1"}, {"invt_no": open_["invt_no"], "qty": "1"}]
    picks, refused_ = matched(road, *rows)
    assert picks == [(5, open_["id"], "1")]
    assert refused_ == {1: "CU6305", 2: "CU6307", 3: "CU6306", 4: "CU6309"}


def test_a_request_without_anything_of_ones_own_is_refused(road):
    export = exported(road)
    body = transport(origins=[{"invt_no": export["invt_no"]}])
    assert road.post("seller2", "/api/v1/goods-returns", body).status_code == 422
    assert road.post("seller", "/api/v1/goods-returns", transport()).status_code == 422
    body = transport(origins=[{"invt_no": export["invt_no"], "lines": [{"gnum": 7, "qty": "1"}]}])
    answer = road.post("seller", "/api/v1/goods-returns", body)
    assert (answer.status_code, answer.get_json()["findings"][0]["rule"]) == (422, "CU6309")


def test_a_request_in_the_form_of_the_standard_goes_the_same_road(road):
    export = exported(road)
    answer = road.post("seller", "/api/v1/goods-returns", {"documents": [request(road, export)]})
    assert answer.status_code == 202
    process_message(road.factory, answer.get_json()["messages"][0]["id"], clock.now())
    assert left(road, export)["pending"] == "1"


def test_a_declaration_line_leads_to_the_checklist_lines_behind_it(road):
    export = exported(road)
    firm = road.firm("seller")["id"]
    with road.factory() as session, session.begin():
        id = new_ids(session, 1, clock.today())[0]
        session.execute(
            text(
                "INSERT INTO declaration (id, application_id, decl_seq_no, zone_code, customs_code, trade_mode, "
                "consignor_id, declarant_id, traf_mode, country, port_code, gross_weight, net_weight, checklists, "
                "made_at, entry_id) VALUES (:id, 1, :seq, '440200', '5190', '9610', :firm, :firm, '5', '502', '5190', "
                "1, 1, 1, :at, :entry)"
            ),
            {"id": id, "seq": f"S{id}", "firm": firm, "at": clock.now(), "entry": f"E{id}"},
        )
        session.execute(
            text("DELETE FROM declaration_source WHERE checklist_id = :checklist"), {"checklist": export["id"]}
        )
        session.execute(
            text(
                "INSERT INTO declaration_source (checklist_id, gnum, declaration_id, line_no, live) "
                "VALUES (:checklist, 1, :id, 4, true)"
            ),
            {"checklist": export["id"], "id": id},
        )
    path = "/api/v1/goods-returns/returnable?declaration="
    found = road.get("seller", f"{path}E{id}&line=4").get_json()["items"]
    assert [(one["checklist_id"], one["gnum"], one["left"]["qty"]) for one in found] == [(export["id"], 1, "2")]
    assert [one["decision"] for one in found[0]["clocks"]] == ["customs.return", "tax.return-relief"]
    assert road.get("seller", f"{path}E{id}&line=5").status_code == 404
    assert road.get("seller2", f"{path}E{id}&line=4").status_code == 404


# --- the two clocks, and the standard's own form


def clocks(road, export):
    found = road.get("seller", f"/api/v1/goods-returns/returnable?checklist_id={export['id']}").get_json()["items"]
    return found[0]["clocks"]


def test_the_two_clocks_run_side_by_side_each_by_its_rule(road):
    export = exported(road)
    assert [(one["rule"], one["open"]) for one in clocks(road, export)] == [("CU7062", True), ("TX7002", True)]
    gone = clock.now() - timedelta(days=200)
    change(road, export["id"], released_at=gone, left_at=gone, closed_at=gone)
    procedure, relief = clocks(road, export)
    assert (procedure["open"], relief["open"]) == (True, False)
    assert [one["rule"] for one in relief["unmet"]] == ["TX7002"]
    assert procedure["days_left"] > 0 > relief["days_left"]
    assert "2020年第44号" in procedure["document"]
    assert "公告20" in relief["document"]


def test_food_is_told_not_to_be_free_of_tax(road):
    export = exported(road)
    with road.factory() as session, session.begin():
        session.execute(
            text("UPDATE checklist_line SET gcode = '1902303000' WHERE checklist_id = :id"), {"id": export["id"]}
        )
    assert [one["rule"] for one in clocks(road, export)[1]["unmet"]] == ["TX7004"]


def test_the_standards_own_form_goes_the_same_road_and_is_answered_in_it(road):
    export, firm = exported(road), road.firm("seller")
    asked = request(road, export)
    head = {"guid": str(uuid.uuid4()).upper(), "appType": "1", "appTime": later(0), "appStatus": "2", **asked["head"]}
    transfer = {"copCode": firm["customs_code"], "copName": firm["name"], "dxpMode": "DXP", "dxpId": "DXPENT0001"}
    raw = message_xml("CEB213", [NewDocument(head, asked["lines"])], transfer, str(uuid.uuid4()).upper())
    sent = road.client.post(
        "/api/v1/messages", data=raw, content_type="application/xml", headers=road.headers("seller")
    ).get_json()
    process_message(road.factory, sent["id"], clock.now())
    shown = road.get("seller", sent["links"]["self"]).get_json()
    assert findings(shown) == ["CU6319"]
    answer = road.get("seller", sent["links"]["responses"], Accept="application/xml")
    root = etree.fromstring(answer.data)
    assert etree.QName(root).localname == "CEB214Message"
    said = {etree.QName(one).localname: one.text for one in root.iter()}
    assert (said["returnStatus"], said["coElNo"], said["invtNo"]) == ("300", head["coElNo"], export["invt_no"])
