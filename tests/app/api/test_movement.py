"""Movement over the API: the demo's routes on real rows, roles, scope, and refusals as problem documents."""

from decimal import Decimal

import pytest

from common.audit import AuditEntry
from customs.amendments.deciding import add_proof, name_ground
from customs.desk import Party
from customs.intake import arrivals, cancellations, departures, master_lists
from customs.rules.files import NewFile
from tests.app.people import someone
from tests.customs.batches import arrival_head, batch, departure_head, firms, list_head, parcel
from tests.customs.stored import AT, OTHER_ZONE
from tests.customs.test_cancellations import head as cancellation_head

API = "/api/v1"


@pytest.fixture
def known(db_session):
    return firms(db_session)


@pytest.fixture
def ask(client, db_session, known):
    """Ask as somebody: `ask("operator", "GET", "/arrivals")` gives status and body."""
    people = {
        "operator": someone(db_session, "operator", known.operator.id),
        "reader": someone(db_session, "operator", known.operator.id, level="read_only"),
        "other_operator": someone(db_session, "operator", known.other_operator.id),
        "logistics": someone(db_session, "logistics", known.carrier.id),
        "agent": someone(db_session, "agent", known.declarant.id),
        "other_agent": someone(db_session, "agent", known.other_declarant.id),
        "seller": someone(db_session, "seller", known.seller.id),
        "officer": someone(db_session, "customs_officer"),
        "supervisor": someone(db_session, "customs_supervisor", name="张主管"),
        "far": someone(db_session, "customs_supervisor", zones=(OTHER_ZONE,)),
        "auditor": someone(db_session, "auditor"),
        "tax": someone(db_session, "tax_officer"),
    }
    db_session.commit()

    def call(who, method, path, body=None):
        answer = client.open(f"{API}{path}", method=method, json=body, headers=people[who].bearer)
        return answer.status_code, answer.get_json()

    return call


def take(session, known, handler, type, sender, *documents, at=AT):
    made = batch(session, known, type, *documents, sender=sender, at=at)
    handler.take(made)
    made.flush()
    session.commit()
    session.expire_all()
    return made.filed


def rules(body):
    return [one["rule"] for one in body["findings"]]


def test_an_arrival_is_read_by_its_operator_its_carrier_and_the_zones_customs(db_session, known, ask):
    parcel(db_session, known, 1, status="399", gross_weight=Decimal("2"))
    document = (arrival_head(known, seq=2, count=2), ["way-1", "x"], {"weighed_gross": {"way-1": "2.1"}})
    (one,) = take(db_session, known, arrivals, "CEB507", known.operator, document)
    for who in ("operator", "reader", "logistics", "officer", "auditor"):
        status, body = ask(who, "GET", "/arrivals")
        assert status == 200
        assert [item["id"] for item in body["items"]] == [one.id]
    item = body["items"][0]
    assert (item["parts"], item["outcomes"]) == ({"number": 2, "count": 2, "missing": [1]}, {"arrived": 2})
    status, body = ask("officer", "GET", f"/arrivals/{one.id}")
    first, second = body["lines"]
    assert (first["logistics_no"], first["status"], first["weighed_gross"], first["held"]) == (
        "way-1",
        "800",
        "2.1",
        False,
    )
    assert (second["logistics_no"], second["status"], second["arrived_at"]) == ("x", None, AT.isoformat())
    read = db_session.query(AuditEntry).filter_by(action="read", subject_type="arrival").all()
    assert [entry.subject_id for entry in read] == [str(one.id)]
    for who in ("other_operator", "far"):
        assert ask(who, "GET", "/arrivals")[1]["items"] == []
        status, body = ask(who, "GET", f"/arrivals/{one.id}")
        assert (status, rules(body)) == (404, ["CU4073"])
    for who in ("seller", "tax"):
        assert ask(who, "GET", "/arrivals")[0] == 403


def test_lists_and_departures_show_how_far_things_have_come(db_session, known, ask):
    parcel(db_session, known, 1, arrived=AT)
    parcel(db_session, known, 2, arrived=AT)
    (bill,) = take(db_session, known, master_lists, "CEB607", known.declarant, (list_head(known), ["way-1", "way-2"]))
    head = departure_head(known, leave=AT)
    (gone,) = take(db_session, known, departures, "CEB509", known.carrier, (head, ["way-1"]))
    for who in ("agent", "logistics", "supervisor"):
        (item,) = ask(who, "GET", "/master-lists")[1]["items"]
        assert (item["id"], item["parcels"], item["left"], item["remaining"]) == (bill.id, 2, 1, 1)
    assert ask("other_agent", "GET", "/master-lists")[1]["items"] == []
    status, body = ask("agent", "GET", f"/master-lists/{bill.id}?limit=1")
    assert (status, [line["status"] for line in body["lines"]], body["next"]) == (200, ["899"], 1)
    status, body = ask("agent", "GET", f"/master-lists/{bill.id}?limit=1&after=1")
    assert [line["status"] for line in body["lines"]] == ["800"]
    (item,) = ask("logistics", "GET", "/departures")[1]["items"]
    assert (item["id"], item["outcomes"], item["leave_time"]) == (gone.id, {"left": 1}, AT.isoformat())
    assert ask("logistics", "GET", f"/departures/{gone.id}")[1]["lines"][0]["left_at"] == AT.isoformat()


def test_a_find_is_recorded_read_with_its_age_and_resolved(db_session, known, ask):
    found = {
        "kind": "surplus",
        "customs_code": "5190",
        "description": "黑色纸箱",
        "logistics_code": known.carrier.customs_code,
        "logistics_no": "W9",
    }
    status, body = ask("operator", "POST", "/site-records", found)
    assert (status, body["kind"], body["name"]["zh"], body["loct_no"], body["age_days"]) == (
        201,
        "surplus",
        "多出",
        "519001",
        0,
    )
    id = body["id"]
    status, body = ask("operator", "POST", "/site-records", found)
    assert (status, rules(body)) == (409, ["CU4065"])
    for who in ("operator", "officer", "auditor"):
        assert [one["id"] for one in ask(who, "GET", "/site-records")[1]["items"]] == [id]
    for who in ("other_operator", "far"):
        assert ask(who, "GET", "/site-records")[1]["items"] == []
    assert ask("reader", "POST", "/site-records", found)[0] == 403
    assert ask("seller", "POST", "/site-records", found)[0] == 403
    assert ask("other_operator", "POST", f"/site-records/{id}/resolution", {"note": "了结"})[0] == 404
    status, body = ask("operator", "POST", f"/site-records/{id}/resolution", {"note": "退回卖家"})
    assert (status, body["resolution"], body["resolution_note"]) == (200, "settled", "退回卖家")
    assert ask("operator", "GET", "/site-records")[1]["items"] == []
    assert len(ask("operator", "GET", "/site-records?all=true&kind=surplus")[1]["items"]) == 1


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/site-records", {"kind": "surplus"}),
        ("/site-records", {"kind": "a\0b", "customs_code": "5190", "description": "x"}),
        ("/site-records", {"kind": "unreadable", "customs_code": "5190", "description": "a\0b"}),
        ("/site-records", {"kind": "unreadable", "customs_code": "5190", "description": "长" * 1001}),
        ("/weighings", {"logistics_code": "L", "logistics_no": "a\0", "weighed_gross": "1"}),
        ("/weighings", {"logistics_code": "L", "logistics_no": "a", "weighed_gross": 1}),
        ("/weighings", {"logistics_code": "L", "logistics_no": "a", "weighed_gross": "NaN"}),
    ],
)
def test_bad_input_is_a_problem_document(ask, path, body):
    status, answer = ask("operator", "POST", path, body)
    assert (status, answer["status"]) == (422, 422)


def test_a_held_parcel_is_weighed_again_or_let_go_by_an_officer(db_session, known, ask):
    first = parcel(db_session, known, 1, status="800", gross_weight=Decimal("2"))
    second = parcel(db_session, known, 2, status="800", gross_weight=Decimal("2"))
    weights = {"weighed_gross": {"way-1": "5", "way-2": "5"}}
    take(db_session, known, arrivals, "CEB507", known.operator, (arrival_head(known), ["way-1", "way-2"], weights))
    weighing = {"logistics_code": known.carrier.customs_code, "logistics_no": "way-1", "weighed_gross": "2.1"}
    assert ask("operator", "POST", "/weighings", weighing) == (
        200,
        {"logistics_no": "way-1", "weighed_gross": "2.1", "held": False, "status": "800"},
    )
    path = f"/checklists/{second.id}/site-hold/lifting"
    assert ask("operator", "POST", path, {"text": "称错"})[0] == 403
    assert ask("far", "POST", path, {"text": "称错"})[0] == 404
    assert ask("officer", "POST", path, {"text": ""})[0] == 422
    assert ask("officer", "POST", path, {"text": "称错"})[1] == {"id": second.id, "status": "800", "held": False}
    status, body = ask("officer", "POST", f"/checklists/{first.id}/site-hold/lifting", {"text": "称错"})
    assert (status, rules(body)) == (409, ["CU4072"])


def test_a_case_is_read_by_customs_and_closed_by_a_supervisor(db_session, known, ask):
    row = parcel(db_session, known, 1, status="300")
    head = departure_head(known, leave=AT)
    take(db_session, known, departures, "CEB509", known.carrier, (head, ["way-1"]))
    for who in ("officer", "supervisor", "auditor"):
        (case,) = ask(who, "GET", "/incidents")[1]["items"]
        assert (case["checklist_id"], case["status_then"], case["rule"]) == (row.id, "300", "CU4031")
    assert ask("far", "GET", "/incidents")[1]["items"] == []
    assert ask("logistics", "GET", "/incidents")[0] == 403
    path = f"/incidents/{case['id']}/closing"
    assert ask("officer", "POST", path, {"text": "查明"})[0] == 403
    assert ask("far", "POST", path, {"text": "查明"})[0] == 404
    status, body = ask("supervisor", "POST", path, {"text": "包裹已追回"})
    assert (status, body["closed_by"], body["outcome"]) == (200, "张主管", "包裹已追回")
    assert ask("officer", "GET", "/incidents")[1]["items"] == []
    assert len(ask("officer", "GET", "/incidents?all=true")[1]["items"]) == 1


def test_a_cancellation_is_decided_by_an_officer_of_the_zone(db_session, known, ask):
    parcel(db_session, known, 1, status="399")
    (one,) = take(db_session, known, cancellations, "CEB605", known.declarant, (cancellation_head(known, at=AT), []))
    for who in ("agent", "seller", "officer", "auditor"):
        (item,) = ask(who, "GET", "/cancellations")[1]["items"]
        assert (item["id"], item["outcome"], item["checklist_status"]) == (one.id, "pending", "399")
    for who in ("other_agent", "far"):
        assert ask(who, "GET", "/cancellations")[1]["items"] == []
    path = f"/cancellations/{one.id}/decisions"
    assert ask("agent", "POST", path, {"decision": "approve"})[0] == 403
    assert ask("far", "POST", path, {"decision": "approve"})[0] == 404
    assert ask("officer", "POST", path, {"decision": "refuse"})[0] == 422
    status, body = ask("officer", "POST", path, {"decision": "approve"})
    assert (status, rules(body)) == (422, ["CU6205"])
    filer = Party(8, "王单证", known.declarant.id)
    name_ground(db_session, filer, "cancellation", one.id, "clerical_error", at=AT)
    add_proof(db_session, filer, "cancellation", one.id, NewFile("说明.pdf", b"%PDF-1.7"), at=AT)
    status, body = ask("officer", "POST", path, {"decision": "approve"})
    assert (status, body["outcome"], body["status"]) == (200, "approved", "399")
    status, body = ask("officer", "POST", path, {"decision": "refuse", "text": "不"})
    assert (status, rules(body)) == (409, ["CU4056"])
    assert ask("seller", "GET", "/cancellations")[1]["items"] == []
    assert ask("seller", "GET", "/cancellations?outcome=approved")[1]["items"][0]["id"] == one.id
