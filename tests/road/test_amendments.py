"""Amending and cancelling on the road: from a seller's request to what the office and the site do with it."""

from __future__ import annotations

import io
import threading
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from common import clock
from common.audit import set_context
from credit.tables import Mandate
from customs.intake.process import process_message
from customs.tables import Checklist, MandateEnd
from tests.road.test_movement import arrival

PDF = b"%PDF-1.7 proof"


def released(road, *, arrived=False):
    """A parcel at 399 or 800, whatever its tier: an officer lets go what was picked. Gives parcel, id and status."""
    parcel = road.sale()
    parcel.send_order()
    parcel.send_waybill()
    if arrived:
        arrival(road, [parcel.waybill_no])
    sent = parcel.send_checklist()
    id = sent["documents"][0]["id"]
    status = parcel.status(sent)
    if status in ("300", "500"):
        body = {"decision": "release", "reason": "other", "text": "查验无异常"}
        done = road.post("customs_supervisor", f"/api/v1/checklists/{id}/decisions", body)
        assert done.status_code == 200, done.get_json()
        status = done.get_json()["status"]
    return parcel, id, status


def ask(road, path, body, key="seller"):
    """File a request through the API and let a worker take it in; gives the first document's answer."""
    answer = road.post(key, path, body)
    assert answer.status_code == 202, answer.get_json()
    message = answer.get_json()["message_id"]
    process_message(road.factory, message, clock.now())
    return road.get(key, f"/api/v1/messages/{message}").get_json()["documents"][0]


def prove(road, path, key="seller", content=PDF, name="证明.pdf"):
    return road.client.post(
        f"{path}/proofs",
        data={"file": (io.BytesIO(content), name)},
        headers=road.headers(key),
        content_type="multipart/form-data",
    )


def rules_of(document):
    return [one["rule"] for one in document["findings"]]


def test_what_is_possible_and_what_it_causes_is_told_before_anybody_starts(road):
    _, id, status = released(road)
    told = road.get("seller", f"/api/v1/checklists/{id}/changes?fields=gcode").get_json()
    assert told["status"] == status
    assert [one["action"] for one in told["possible"]] == ["amendment", "cancellation"]
    assert (told["may_change"], told["may_cancel"], told["needs_request"]) == (True, True, True)
    assert [one["effect"] for one in told["effects"]] == ["tier", "release", "tax"]
    assert [one["ground"] for one in told["grounds"]][:2] == ["shut_out_part", "transport_change"]
    assert {one["field"] for one in told["fields"]} == {"gcode"}
    whole = road.get("seller", f"/api/v1/checklists/{id}/changes").get_json()
    assert {one["field"]: one["changeable"] for one in whole["fields"] if one["line"] is None}["orderNo"] is False
    unknown = road.get("seller", f"/api/v1/checklists/{id}/changes?fields=nonsense")
    assert (unknown.status_code, unknown.get_json()["findings"][0]["rule"]) == (422, "CU6228")


def test_a_stranger_and_a_carrier_learn_nothing_of_changes(road):
    _, id, _ = released(road)
    assert road.get("seller2", f"/api/v1/checklists/{id}/changes").status_code == 404
    assert road.post("seller2", f"/api/v1/checklists/{id}/amendments", {}).status_code == 404
    assert road.get("logistics", f"/api/v1/checklists/{id}/changes").status_code == 403


def test_an_amendment_is_filed_proven_and_approved(road):
    _, id, _ = released(road)
    body = {"ground": "transport_change", "head": {"trafMode": "4", "billNo": "B-77"}}
    document = ask(road, f"/api/v1/checklists/{id}/amendments", body)
    assert (document["status"], rules_of(document)) == ("120", [])
    path = f"/api/v1/amendments/{document['id']}"
    shown = road.get("seller", path).get_json()
    assert {(one["field"], one["before"], one["after"]) for one in shown["changes"]} == {
        ("trafMode", "5", "4"),
        ("billNo", None, "B-77"),
    }
    assert road.post("customs_officer", f"{path}/decisions", {"decision": "approve"}).status_code == 422
    assert prove(road, path).status_code == 201
    done = road.post("customs_officer", f"{path}/decisions", {"decision": "approve"})
    assert (done.status_code, done.get_json()["outcome"]) == (200, "approved")
    now = road.get("seller", f"/api/v1/checklists/{id}").get_json()
    assert (now["head"]["traf_mode"], now["head"]["bill_no"], now["head"]["revision"]) == ("4", "B-77", 2)
    kinds = [one["kind"] for one in now["events"]]
    assert "checklist.amendment_requested" in kinds and "checklist.amended" in kinds


def test_a_change_by_message_at_release_is_a_request_and_not_a_refusal(road):
    parcel, id, _ = released(road)
    later, latest = ((clock.now() + timedelta(seconds=n)).strftime("%Y%m%d%H%M%S") for n in (2, 3))
    changed = parcel.checklist(appType="2", appTime=later, note="改一下备注")
    answer = road.send("seller", "CEB603", changed)["documents"][0]
    assert (answer["status"], rules_of(answer)) == ("120", [])
    assert answer["id"] != id
    shown = road.get("customs_officer", f"/api/v1/amendments/{answer['id']}").get_json()
    assert (shown["ground"], shown["outcome"]) == (None, "pending")
    again = road.send("seller", "CEB603", parcel.checklist(appType="2", appTime=latest, note="又改"))["documents"][0]
    assert rules_of(again) == ["CU6207"]
    told = road.post("customs_officer", f"/api/v1/amendments/{answer['id']}/ground", {"ground": "clerical_error"})
    assert told.get_json()["ground"] == "clerical_error"
    taken_back = road.post("seller", f"/api/v1/amendments/{answer['id']}/withdrawal", {})
    assert taken_back.get_json()["outcome"] == "withdrawn"


def test_a_shut_out_goes_request_approval_papers_then_goods(road):
    parcel, id, status = released(road, arrived=True)
    assert status == "800"
    body = {"cop_no": f"T{parcel.cop_no}"[:30], "reason": "航班取消，不再出口", "ground": "shut_out_whole"}
    document = ask(road, f"/api/v1/checklists/{id}/cancellations", body)
    assert (document["status"], rules_of(document)) == ("120", [])
    mine = next(
        one for one in road.get("operator", "/api/v1/shut-outs?limit=500").get_json()["items"]
        if one["logistics_no"] == parcel.waybill_no
    )  # fmt: skip
    assert (mine["state"], mine["whole"]) == ("requested", True)
    early = road.post("operator", f"/api/v1/shut-outs/{mine['id']}/letting-out", {"note": "放出"})
    assert (early.status_code, early.get_json()["findings"][0]["rule"]) == (409, "CU6225")
    second = ask(road, f"/api/v1/checklists/{id}/cancellations", body | {"cop_no": f"U{parcel.cop_no}"[:30]})
    assert rules_of(second) == ["CU4053"]
    path = f"/api/v1/cancellations/{document['id']}"
    assert prove(road, path).status_code == 201
    assert prove(road, path, key="seller2").status_code == 404
    done = road.post("customs_officer", f"{path}/decisions", {"decision": "approve"})
    assert (done.status_code, done.get_json()["outcome"]) == (200, "approved")
    assert road.get("seller", f"/api/v1/checklists/{id}").get_json()["status"] == "100"
    out = road.post("operator", f"/api/v1/shut-outs/{mine['id']}/letting-out", {"note": "1件放出"})
    assert (out.status_code, out.get_json()["state"]) == (200, "let_out")
    again = road.post("operator", f"/api/v1/shut-outs/{mine['id']}/letting-out", {"note": "1件放出"})
    assert (again.status_code, again.get_json()["findings"][0]["rule"]) == (409, "CU6226")


def test_a_cancellation_without_a_ground_is_asked_for_one(road):
    parcel, id, _ = released(road)
    firm = road.firm("seller")
    shown = road.get("seller", f"/api/v1/checklists/{id}").get_json()
    head = {
        "customsCode": "5190", "copNo": f"V{parcel.cop_no}"[:30], "invtNo": shown["invt_no"], "reason": "报错了",
        "agentCode": firm["customs_code"], "agentName": firm["name"], "ebcCode": firm["customs_code"],
        "ebcName": firm["name"],
    }  # fmt: skip
    document = road.send("seller", "CEB605", {"head": head})["documents"][0]
    assert (document["status"], rules_of(document)) == ("120", [])
    path = f"/api/v1/cancellations/{document['id']}"
    early = road.post("customs_officer", f"{path}/decisions", {"decision": "approve"})
    assert (early.status_code, early.get_json()["findings"][0]["rule"]) == (422, "CU6205")
    part = road.post("seller", f"{path}/ground", {"ground": "shut_out_part"})
    assert part.get_json()["findings"][0]["rule"] == "CU6219"
    assert road.post("seller", f"{path}/ground", {"ground": "clerical_error"}).status_code == 200
    assert prove(road, path).status_code == 201
    assert road.post("customs_officer", f"{path}/decisions", {"decision": "approve"}).status_code == 200


def test_of_two_officers_at_the_same_moment_one_wins_and_the_other_is_told(road):
    _, id, _ = released(road)
    document = ask(road, f"/api/v1/checklists/{id}/amendments", {"ground": "clerical_error", "head": {"note": "更正"}})
    path = f"/api/v1/amendments/{document['id']}"
    assert prove(road, path).status_code == 201
    answers = []

    def decide(key, decision):
        client = road.app.test_client()
        body = {"decision": decision, "text": "意见"}
        answers.append(client.post(f"{path}/decisions", json=body, headers=road.headers(key)))

    threads = [
        threading.Thread(target=decide, args=one)
        for one in (("customs_officer", "approve"), ("customs_officer2", "refuse"))
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(one.status_code for one in answers) == [200, 409]
    late = next(one for one in answers if one.status_code == 409)
    assert late.get_json()["findings"][0]["rule"] == "CU6215"


def test_of_an_amendment_and_a_cancellation_at_the_same_moment_one_is_kept(road):
    parcel, id, _ = released(road)
    first = road.post(
        "seller", f"/api/v1/checklists/{id}/amendments", {"ground": "clerical_error", "head": {"note": "更正"}}
    ).get_json()["message_id"]
    second = road.post(
        "seller",
        f"/api/v1/checklists/{id}/cancellations",
        {"cop_no": f"R{parcel.cop_no}"[:30], "reason": "报错了", "ground": "clerical_error"},
    ).get_json()["message_id"]
    threads = [
        threading.Thread(target=process_message, args=(road.factory, one, clock.now())) for one in (first, second)
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    found = [road.get("seller", f"/api/v1/messages/{one}").get_json()["documents"][0] for one in (first, second)]
    refused = [rules_of(one) for one in found if rules_of(one)]
    assert refused == [["CU6207"]]


@pytest.mark.parametrize(
    ("content", "name", "status"),
    [(b"", "a.pdf", 422), (b"<script>", "a.pdf", 422), (b"%PDF-" + b"0" * 5_000_001, "a.pdf", 413)],
)
def test_hostile_proof_is_refused(road, content, name, status):
    _, id, _ = released(road)
    document = ask(road, f"/api/v1/checklists/{id}/amendments", {"ground": "clerical_error", "head": {"note": "更正"}})
    assert prove(road, f"/api/v1/amendments/{document['id']}", content=content, name=name).status_code == status


def test_a_correction_is_asked_done_by_amendment_and_seen_by_its_party_alone(road):
    _, id, _ = released(road)
    asked = road.post(
        "customs_officer", f"/api/v1/checklists/{id}/corrections", {"fields": ["note"], "text": "请写明用途"}
    )
    assert asked.status_code == 201
    number = asked.get_json()["id"]
    assert number in [one["id"] for one in road.get("seller", "/api/v1/corrections?limit=500").get_json()["items"]]
    assert number not in [one["id"] for one in road.get("seller2", "/api/v1/corrections").get_json()["items"]]
    document = ask(road, f"/api/v1/checklists/{id}/amendments", {"ground": "clerical_error", "head": {"note": "自用"}})
    path = f"/api/v1/amendments/{document['id']}"
    prove(road, path)
    assert road.post("customs_officer", f"{path}/decisions", {"decision": "approve"}).status_code == 200
    assert number not in [one["id"] for one in road.get("seller", "/api/v1/corrections?limit=500").get_json()["items"]]
    gone = road.post("customs_officer", f"/api/v1/corrections/{number}/withdrawal", {})
    assert (gone.status_code, gone.get_json()["findings"][0]["rule"]) == (404, "CU6229")


# --- the pages


PAGES = {"Accept": "text/html"}


@pytest.fixture
def at_once(road, monkeypatch):
    """A worker that answers before the page does."""
    monkeypatch.setattr("app.api.messages.ring", lambda id: process_message(road.factory, id, clock.now()))


def submit(road, key, path, **form):
    return road.client.post(path, data=form, headers=road.headers(key) | PAGES, content_type="multipart/form-data")


def page(road, key, path):
    return road.client.get(path, headers=road.headers(key) | PAGES).get_data(as_text=True)


def test_the_form_of_a_change_is_a_request_with_its_proof(road, at_once):
    _, id, _ = released(road)
    shown = page(road, "seller", f"/parcels/{id}/change?lang=en")
    assert "request an amendment" in shown and "The risk is assessed anew" in shown
    form = {"ground": "clerical_error", "l1-gcode": "6109909091", "file": (io.BytesIO(PDF), "proof.pdf")}
    answer = submit(road, "seller", f"/parcels/{id}/change", **form)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert "/requests/amendment/" in answer.location
    shown = page(road, "customs_officer", f"{answer.location}?lang=en")
    assert "6109100021" in shown and "6109909091" in shown and "proof.pdf" in shown
    assert page(road, "seller2", answer.location).count("6109909091") == 0
    done = submit(road, "customs_officer", f"{answer.location}/decision", decision="approve", text="")
    assert done.status_code == 303, done.get_data(as_text=True)
    lines = road.get("seller", f"/api/v1/checklists/{id}").get_json()["lines"]
    assert lines[0]["gcode"] == "6109909091"


def test_what_is_refused_is_told_at_the_form_and_nothing_is_filed(road, at_once):
    _, id, _ = released(road)
    more = {"l1-qty": "3", "l1-qty1": "3", "l1-totalPrice": "46.5"}
    wrong = submit(road, "seller", f"/parcels/{id}/change", ground="shut_out_part", **more)
    assert wrong.status_code == 422
    assert "部分退关只能减少数量" in wrong.get_data(as_text=True)
    bad = submit(
        road, "seller", f"/parcels/{id}/change", ground="clerical_error", **{"h-note": "更正"},
        file=(io.BytesIO(b"<script>"), "x.pdf"),
    )  # fmt: skip
    assert bad.status_code == 422
    rows = road.get("seller", "/api/v1/amendments?outcome=all&limit=500").get_json()["items"]
    assert id not in [one["checklist_id"] for one in rows]


def test_a_stored_change_page_needs_no_officer(road, at_once):
    parcel = road.sale()
    parcel.send_order()
    sent = parcel.send_checklist()
    id = sent["documents"][0]["id"]
    answer = submit(road, "seller", f"/parcels/{id}/change", **{"h-note": "改一改"})
    assert (answer.status_code, answer.location) == (303, f"/parcels/{id}")
    assert road.get("seller", f"/api/v1/checklists/{id}").get_json()["head"]["note"] == "改一改"


def test_after_its_agents_mandate_has_ended_the_consignor_amends_and_cancels(road, at_once):
    parcel = road.sale()
    agent = road.firm("agent")
    parcel.send_order()
    parcel.send_waybill()
    named = parcel.checklist(agentCode=agent["customs_code"], agentName=agent["name"])
    sent = road.send("agent", "CEB603", named)
    id = sent["documents"][0]["id"]
    assert sent["documents"][0]["findings"] == []
    if road.get("agent", f"/api/v1/checklists/{id}").get_json()["status"] in ("300", "500"):
        body = {"decision": "release", "reason": "other", "text": "查验无异常"}
        road.post("customs_supervisor", f"/api/v1/checklists/{id}/decisions", body)
    body = {"ground": "clerical_error", "head": {"note": "更正"}}
    refused = ask(road, f"/api/v1/checklists/{id}/amendments", body)
    assert rules_of(refused)  # while the mandate stands it is the agent's to file
    with road.factory() as session, session.begin():
        set_context(session, actor="test", at=clock.now())
        row = session.get(Checklist, id)
        session.add(
            MandateEnd(
                mandate_id=10**6, principal_id=row.consignor_id, agent_id=row.declarant_id, ends_on=clock.today(),
                passes_on=clock.today(), noticed_at=clock.now(), passed_at=clock.now(), passed={},
            )
        )  # fmt: skip
        before = {one.id: one.revoked_on for one in session.query(Mandate).all()}
        session.execute(update(Mandate).values(revoked_on=clock.today()))
    try:
        asked = ask(road, f"/api/v1/checklists/{id}/amendments", body)
        assert (asked["status"], rules_of(asked)) == ("120", [])
        taken_back = road.post("seller", f"/api/v1/amendments/{asked['id']}/withdrawal", {})
        assert taken_back.get_json()["outcome"] == "withdrawn"
        why = {"cop_no": f"Z{parcel.cop_no}"[:30], "reason": "报错了", "ground": "clerical_error"}
        cancelled = ask(road, f"/api/v1/checklists/{id}/cancellations", why)
        assert (cancelled["status"], rules_of(cancelled)) == ("120", [])
    finally:
        with road.factory() as session, session.begin():
            set_context(session, actor="test", at=clock.now())
            session.execute(delete(MandateEnd).where(MandateEnd.mandate_id == 10**6))
            for mandate, revoked in before.items():
                session.execute(update(Mandate).where(Mandate.id == mandate).values(revoked_on=revoked))
