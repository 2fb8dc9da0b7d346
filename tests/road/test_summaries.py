"""Summary applications on the road: what is merged, what is refused and why, parts, repeats, two at a time."""

from datetime import timedelta

from common import clock
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
