"""Summary applications on the road: what is merged, what is refused and why, parts, repeats, two at a time."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from lxml import etree

from common import clock
from common.audit import set_context
from credit.zones import OfficeSetting, set_office
from customs.intake.process import process_message
from customs.messages.responses import response_xml, return_time
from customs.messages.writing import NewDocument, outgoing_xml
from tests.road.papers import number
from tests.road.summaries import application, apply, closed, released, rules


def numbers_of(checklists):
    return [one["invt_no"] for one in checklists]


def test_listed_checklists_become_a_declaration_and_are_answered_702_with_the_number(road):
    two = closed(road, 2)
    sent = apply(road, numbers_of(two))
    assert sent["counts"]["accepted"] == 1, sent
    answers = road.get("seller", sent["links"]["responses"]).get_json()["items"]
    own = [one for one in answers if one["type"] == "CEB702"]
    assert [one["returnStatus"] for one in own] == ["2", "120", "399"]
    assert [len(one["sumNo"]) for one in own] == [0, 0, 18]
    assert sent["documents"][0]["current_status"] == "399"


def test_each_checklist_that_cannot_go_in_is_named_with_its_reason_and_nothing_is_done(road):
    [good], [counted] = closed(road), closed(road, flag="A")
    [stranger] = closed(road, seller="seller2")
    [taken] = closed(road)
    apply(road, [taken["invt_no"]])
    _, waiting = released(road)
    still = road.get("seller", f"/api/v1/checklists/{waiting['documents'][0]['id']}").get_json()
    listed = [good, counted, stranger, taken, still, good]
    sent = apply(road, [*numbers_of(listed), "51902026E999999999"])
    found = sent["documents"][0]["findings"]
    assert [one["rule"] for one in found] == ["CU6002", "CU6007", "CU6006", "CU6001", "CU6008", "CU6007"]
    assert found[0]["pointer"] == "/SummaryApply/0/SummaryApplyList/1/invtNo"
    assert all(one["message"]["zh"] and one["message"]["en"] for one in found)
    assert sent["documents"][0]["status"] == "-703001"
    assert apply(road, [good["invt_no"]])["counts"]["accepted"] == 1


def test_another_office_is_refused(road):
    [one] = closed(road)
    sent = apply(road, [one["invt_no"]], customsCode="5198")
    assert rules(sent) == ["CU6005"]


def test_a_range_needs_both_ends_in_order_and_none_in_the_future(road):
    now = clock.now()
    stamps = {name: (now + timedelta(hours=h)).strftime("%Y%m%d%H%M%S") for name, h in (("a", -2), ("b", -1), ("c", 2))}
    assert rules(apply(road, startTime=stamps["a"])) == ["CU1225"]
    assert rules(apply(road, endTime=stamps["a"])) == ["CU1225"]
    assert rules(apply(road, startTime=stamps["b"], endTime=stamps["a"])) == ["CU1225"]
    assert rules(apply(road, startTime=stamps["a"], endTime=stamps["c"])) == ["CU6011"]
    assert rules(apply(road)) == ["CU1226"]


def test_a_range_takes_what_was_closed_in_it_and_ignores_the_list(road):
    apply(road, startTime="20200101000000", endTime=clock.now().strftime("%Y%m%d%H%M%S"))
    before = clock.now().strftime("%Y%m%d%H%M%S")
    [one] = closed(road)
    ends = (clock.now() + timedelta(seconds=1)).strftime("%Y%m%d%H%M%S")
    sent = apply(
        road, ["51902026E999999999"], startTime=before, endTime=min(ends, clock.now().strftime("%Y%m%d%H%M%S"))
    )
    assert rules(sent) == ["CU6017"], sent
    again = apply(road, [one["invt_no"]])
    assert rules(again) == ["CU6006"]
    empty = apply(road, startTime="20200101000000", endTime="20200102000000")
    assert rules(empty) == ["CU6012"]


def test_a_split_application_waits_for_all_its_parts_and_is_then_merged_as_one(road):
    two = closed(road, 2)
    cop_no = number("S")
    first = apply(road, numbers_of(two[:1]), copNo=cop_no, msgCount="2", msgSeqNo="1")
    assert first["documents"][0]["current_status"] == "2"
    twice = apply(road, numbers_of(two[:1]), copNo=cop_no, msgCount="2", msgSeqNo="2")
    assert rules(twice) == ["CU6008"]
    other = apply(road, numbers_of(two[1:]), copNo=cop_no, msgCount="2", msgSeqNo="2", summaryFlag="2")
    assert rules(other) == ["CU6014"]
    assert rules(apply(road, numbers_of(two[1:]), copNo=cop_no, msgCount="2", msgSeqNo="3")) == ["CU1207"]
    second = apply(road, numbers_of(two[1:]), copNo=cop_no, msgCount="2", msgSeqNo="2")
    assert second["documents"][0]["current_status"] == "399"
    answers = road.get("seller", first["links"]["responses"]).get_json()["items"]
    assert [one["returnStatus"] for one in answers if one["type"] == "CEB702"] == ["2", "120", "399"]


def test_a_draft_is_changed_deleted_or_filed_and_a_concluded_application_is_not(road):
    one, two = closed(road, 2)
    cop_no, other = number("S"), number("S")
    later = [(clock.now() + timedelta(seconds=n)).strftime("%Y%m%d%H%M%S") for n in range(10, 15)]
    draft = apply(road, [one["invt_no"]], copNo=cop_no, appStatus="1")
    assert draft["documents"][0]["current_status"] == "1"
    changed = apply(road, [two["invt_no"]], copNo=cop_no, appStatus="1", appType="2", appTime=later[0])
    assert changed["counts"]["accepted"] == 1, changed
    filed = apply(road, [two["invt_no"]], copNo=cop_no, appTime=later[1])
    assert filed["documents"][0]["current_status"] == "399", filed
    assert rules(apply(road, [one["invt_no"]], copNo=cop_no)) == ["CU2220"]
    assert rules(apply(road, [one["invt_no"]], copNo=cop_no, appType="2", appTime=later[2])) == ["CU6015"]
    assert rules(apply(road, copNo=cop_no, appType="3", appTime=later[2])) == ["CU6015"]
    apply(road, [one["invt_no"]], copNo=other, appStatus="1")
    assert apply(road, copNo=other, appType="3", appTime=later[3])["counts"]["accepted"] == 1
    assert apply(road, [one["invt_no"]], copNo=other)["counts"]["accepted"] == 1


def test_an_agent_applies_under_its_mandate_and_nobody_without_one(road):
    [one] = closed(road)
    assert rules(apply(road, [one["invt_no"]], key="seller2", consignor="seller")) == ["CU2002"]
    sent = apply(road, [one["invt_no"]], key="agent", consignor="seller")
    assert sent["documents"][0]["current_status"] == "399", sent


def test_of_two_applications_in_one_message_the_first_wins_and_the_second_is_told(road):
    [one] = closed(road)
    sent = road.send("seller", "CEB701", application(road, [one["invt_no"]]), application(road, [one["invt_no"]]))
    assert [len(doc["findings"]) for doc in sent["documents"]] == [0, 1]
    assert rules(sent, 1) == ["CU6006"]


def test_each_declaration_is_answered_by_a_result_that_maps_every_line(road):
    two = closed(road, 2)
    sent = apply(road, numbers_of(two))
    answers = road.get("seller", sent["links"]["responses"]).get_json()["items"]
    [result] = [one for one in answers if one["type"] == "CEB792"]
    assert (result["msgCount"], result["msgSeqNo"], len(result["declSeqNo"])) == ("1", "1", 18)
    raw = road.get("seller", result["href"])
    assert raw.status_code == 200, raw.get_json()
    root = etree.fromstring(raw.data)
    space = {"c": "http://www.chinaport.gov.cn/ceb"}
    rows = [{one.tag.split("}")[1]: one.text for one in line} for line in root.findall(".//c:SummaryResultList", space)]
    assert {row["invtNo"] for row in rows} == set(numbers_of(two))
    assert {(row["gseqno"], row["gnum"], row["gcode"]) for row in rows} == {("1", "1", "6109100021")}
    newest = road.get("seller", sent["links"]["responses"], Accept="application/xml")
    assert etree.fromstring(newest.data).tag.endswith("CEB702Message")


def test_the_api_lists_summaries_of_the_month_and_shows_lines_sources_and_paper(road):
    two = closed(road, 2)
    filed = road.post("seller", "/api/v1/summaries", {"customs_code": "5190", "checklists": numbers_of(two)})
    assert filed.status_code == 202, filed.get_json()
    process_message(road.factory, filed.get_json()["message"], clock.now())
    month = f"{clock.today():%Y-%m}"
    listed = road.get("seller", f"/api/v1/summaries?month={month}").get_json()["items"]
    assert (listed[0]["status"], listed[0]["declarations"], listed[0]["checklists"]) == ("399", 1, 2)
    assert road.get("seller", "/api/v1/summaries?month=2020-01").get_json()["items"] == []
    assert road.get("seller", "/api/v1/summaries?month=2020-13").status_code == 422
    shown = road.get("seller", f"/api/v1/summaries/{listed[0]['id']}").get_json()
    [declaration] = shown["declarations"]
    [line] = declaration["lines"]
    assert (line["qty"], line["amount"], declaration["totals"]) == (
        "4",
        "62",
        [{"currency": "142", "amount": "62.00"}],
    )
    assert (declaration["gross_weight"], declaration["checklists"]) == ("1", 2)
    sources = road.get("seller", declaration["links"]["sources"]).get_json()["items"]
    assert [one["checklist_id"] for one in sources] == sorted(one["id"] for one in two)
    paper = road.get("seller", declaration["links"]["paper"])
    assert paper.status_code == 200 and paper.data.startswith(b"%PDF")
    assert road.get("seller2", f"/api/v1/summaries/{listed[0]['id']}").status_code == 404
    assert road.get("seller2", declaration["links"]["paper"]).status_code == 404
    assert road.get("customs_officer", f"/api/v1/summaries/{listed[0]['id']}").status_code == 200
    refused = road.post("seller", "/api/v1/summaries", {"customs_code": "5190"})
    assert refused.status_code == 422


def test_an_officer_cancels_a_declaration_and_its_lines_can_be_summarised_anew(road):
    [one] = closed(road)
    apply(road, [one["invt_no"]])
    [listed, *_] = road.get("seller", "/api/v1/summaries").get_json()["items"]
    [declaration] = road.get("seller", f"/api/v1/summaries/{listed['id']}").get_json()["declarations"]
    where = f"/api/v1/summaries/declarations/{declaration['id']}/amend"
    assert road.post("seller", where, {"reason": "x"}).status_code == 403
    assert road.post("customs_officer", where, {"reason": "企业申请修改"}).get_json()["amended_at"]
    where = f"/api/v1/summaries/declarations/{declaration['id']}/cancel"
    assert road.post("seller", where, {"reason": "x"}).status_code == 403
    assert road.post("customs_officer", where, {"reason": " "}).status_code == 422
    done = road.post("customs_officer", where, {"reason": "企业申请撤销"})
    assert done.status_code == 200 and done.get_json()["cancelled_at"], done.get_json()
    assert road.post("customs_officer", where, {"reason": "again"}).status_code == 409
    assert apply(road, [one["invt_no"]])["documents"][0]["current_status"] == "399"
    events = road.get("seller", f"/api/v1/summaries/{listed['id']}").get_json()["events"]
    assert events[-1]["kind"] == "declaration.cancelled"


def test_customs_later_results_move_the_declaration_older_ones_do_not_and_a_cancelled_one_frees_its_lines(road):
    [one] = closed(road)
    sent = apply(road, [one["invt_no"]])
    answers = road.get("seller", sent["links"]["responses"]).get_json()["items"]
    [head] = [found for found in answers if found["type"] == "CEB792"]
    now = clock.now()

    def customs(seconds, **changes):
        at = (now + timedelta(seconds=seconds)).strftime("%Y%m%d%H%M%S") + "000"
        known = {k: v for k, v in head.items() if k not in ("index", "type", "at", "href")}
        document = NewDocument(known | {"opDate": at, "guid": str(uuid.uuid4()).upper()} | changes)
        raw = outgoing_xml("CEB792", [document], str(uuid.uuid4()).upper())
        headers = road.headers("data_steward") | {"Content-Type": "application/xml"}
        found = road.client.post("/api/v1/customs-responses", data=raw, headers=headers).get_json()
        return found["responses"][0]["outcome"]

    assert customs(20, decState="9", entryId="519020260000000001", decPreNo="P00000000000000001") == "applied"
    assert customs(20, decState="9", msgCount="2", msgSeqNo="2") == "applied"
    assert customs(10, decState="2") == "stale"
    assert customs(30, decState="9", ebcCode="4402960000") == "refused"
    assert customs(31, decState="9", declSeqNo="519020260000000000") == "unmatched"
    number = head["declSeqNo"]
    [listed, *_] = road.get("seller", "/api/v1/summaries").get_json()["items"]
    [shown] = road.get("seller", f"/api/v1/summaries/{listed['id']}").get_json()["declarations"]
    assert (shown["decl_seq_no"], shown["dec_state"], shown["entry_id"]) == (number, "9", "519020260000000001")
    assert shown["amended_at"] is None
    assert customs(35, decState="G") == "applied"
    [shown] = road.get("seller", f"/api/v1/summaries/{listed['id']}").get_json()["declarations"]
    assert (bool(shown["amended_at"]), shown["cancelled_at"]) == (True, None)
    assert "declaration.amended" in {
        event["kind"] for event in road.get("seller", f"/api/v1/summaries/{listed['id']}").get_json()["events"]
    }
    assert customs(40, decState="D") == "applied"
    assert apply(road, [one["invt_no"]])["documents"][0]["current_status"] == "399"


def test_of_two_people_at_the_same_moment_one_wins_and_the_other_is_told(road):
    two = closed(road, 2)
    ids = [
        road.post(key, "/api/v1/messages", {"type": "CEB701", "documents": [document]}).get_json()["id"]
        for key, document in (
            ("seller", application(road, numbers_of(two))),
            ("agent", application(road, numbers_of(two), key="agent")),
            ("seller", application(road, numbers_of(two[:1]))),
        )
    ]
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda id: process_message(road.factory, id, clock.now()), ids))
    answers = [
        road.get(key, f"/api/v1/messages/{id}").get_json()
        for key, id in zip(("seller", "agent", "seller"), ids, strict=True)
    ]
    won = [one for one in answers if one["counts"]["accepted"]]
    told = [one for one in answers if one["counts"]["rejected"]]
    assert (len(won), len(told)) == (1, 2), answers
    assert all(set(rules(one)) == {"CU6006"} for one in told)


@pytest.fixture
def relaying(road):
    """Turns office 5190 to relay and back."""

    def turn(mode):
        with road.factory() as session, session.begin():
            set_context(session, actor="test", at=clock.now())
            setting = OfficeSetting("440200", "5190", clock.today(), mode=mode, early_declaration=True)
            set_office(session, setting, by="test", at=clock.now())

    yield lambda: turn("relay")
    turn("decide")
    for one in road.get("data_steward", "/api/v1/outbox?zone_code=440200").get_json()["items"]:
        road.post("data_steward", f"/api/v1/outbox/{one['id']}/sent", {})


def customs_answers(road, type, document):
    raw = outgoing_xml(type, [document], str(uuid.uuid4()).upper())
    headers = road.headers("data_steward") | {"Content-Type": "application/xml"}
    return road.client.post("/api/v1/customs-responses", data=raw, headers=headers).get_json()["responses"][0]


def test_at_a_relay_office_the_application_goes_out_and_only_customs_concludes_it(road, relaying):
    [one] = closed(road)
    relaying()
    sent = apply(road, [one["invt_no"]])
    assert sent["documents"][0]["current_status"] == "2", sent
    items = road.get("data_steward", "/api/v1/outbox?zone_code=440200").get_json()["items"]
    [out] = [found for found in items if found["type"] == "CEB701"]
    assert one["invt_no"] in out["payload"] and out["checklist_id"] is None

    def stands():
        return road.get("seller", "/api/v1/summaries").get_json()["items"][0]["status"]

    report = f"/api/v1/outbox/{out['id']}/sent"
    assert road.post("data_steward", report, {"failure": "网络中断"}).status_code == 200
    assert stands() == "4"
    assert road.post("data_steward", report, {}).status_code == 200
    assert stands() == "3"
    firm, later = road.firm("seller"), clock.now() + timedelta(seconds=30)
    head = {
        "guid": str(uuid.uuid4()).upper(), "agentCode": firm["customs_code"], "ebcCode": firm["customs_code"],
        "copNo": sent["documents"][0]["key"]["copNo"], "preNo": "B20260101000000001", "msgSeqNo": "1",
        "sumNo": "S20260101000000001", "returnStatus": "399", "returnTime": return_time(later),
        "returnInfo": "[Code:2300;Desc:审核通过]",
    }  # fmt: skip
    raw = response_xml("CEB702", [head])
    headers = road.headers("data_steward") | {"Content-Type": "application/xml"}
    done = road.client.post("/api/v1/customs-responses", data=raw, headers=headers).get_json()
    assert done["responses"][0]["outcome"] == "applied", done
    [listed, *_] = road.get("seller", "/api/v1/summaries").get_json()["items"]
    assert (listed["status"], listed["sum_no"], listed["declarations"]) == ("399", "S20260101000000001", 1)
    [made] = road.get("seller", f"/api/v1/summaries/{listed['id']}").get_json()["declarations"]
    answers = road.get("seller", sent["links"]["responses"]).get_json()["items"]
    [result] = [found for found in answers if found["type"] == "CEB792"]
    known = {key: value for key, value in result.items() if key not in ("index", "type", "at", "href")}
    own = {"declSeqNo": "S20260101000000009", "decState": "2", "opDate": return_time(later + timedelta(seconds=5))}
    assert customs_answers(road, "CEB792", NewDocument(known | own))["outcome"] == "applied"
    [again] = road.get("seller", f"/api/v1/summaries/{listed['id']}").get_json()["declarations"]
    assert (again["id"], again["decl_seq_no"], again["dec_state"]) == (made["id"], "S20260101000000009", "2")


def test_customs_refusal_of_a_relayed_application_leaves_its_checklists_free(road, relaying):
    [one] = closed(road)
    relaying()
    cop_no = number("S")
    apply(road, [one["invt_no"]], copNo=cop_no)
    firm = road.firm("seller")
    head = {
        "guid": str(uuid.uuid4()).upper(), "agentCode": firm["customs_code"], "ebcCode": firm["customs_code"],
        "copNo": cop_no, "preNo": "B20260101000000002", "msgSeqNo": "1", "returnStatus": "100",
        "returnTime": return_time(clock.now() + timedelta(seconds=30)), "returnInfo": "退单",
    }  # fmt: skip
    raw = response_xml("CEB702", [head])
    headers = road.headers("data_steward") | {"Content-Type": "application/xml"}
    done = road.client.post("/api/v1/customs-responses", data=raw, headers=headers).get_json()
    assert done["responses"][0]["outcome"] == "applied", done
    later = (clock.now() + timedelta(seconds=60)).strftime("%Y%m%d%H%M%S")
    assert apply(road, [one["invt_no"]], copNo=cop_no, appType="2", appTime=later)["counts"]["accepted"] == 1
