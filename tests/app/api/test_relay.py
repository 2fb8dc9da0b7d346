"""The connector and its overseers over the API."""

from datetime import timedelta

import pytest

from common import clock
from common.audit import set_context
from common.clock import CHINA
from customs.relay import hand_over
from tests.app.people import someone
from tests.customs.batches import firms
from tests.customs.relaying import INVT, relayed, response
from tests.customs.stored import AT, OTHER_ZONE

NOW = AT + timedelta(hours=4)
EVERYBODY_ELSE = ("customs_officer", "customs_supervisor", "zone_manager", "administrator", "auditor", "tax_officer")


@pytest.fixture(autouse=True)
def later(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW.astimezone(CHINA))


@pytest.fixture
def known(db_session):
    return firms(db_session)


@pytest.fixture
def steward(db_session, known):
    set_context(db_session, actor="platform", at=AT)
    return someone(db_session, "data_steward")


@pytest.fixture
def handed(db_session, known):
    row = relayed(db_session, known, 1)
    hand_over(db_session, [row.id], AT)
    db_session.commit()
    return row


def test_a_checklist_goes_out_and_its_answers_come_back(client, db_session, handed, steward):
    got = client.get("/api/v1/outbox?zone_code=440200", headers=steward.bearer).json
    assert [one["type"] for one in got["items"]] == ["CEB303", "CEB505", "CEB603"]
    assert got["items"][2]["payload"].startswith("<?xml")
    assert got["next"] == got["items"][2]["id"]
    for one in got["items"]:
        done = client.post(f"/api/v1/outbox/{one['id']}/sent", headers=steward.bearer, json={})
        assert (done.status_code, done.json["sent_at"]) == (200, NOW.isoformat())
    db_session.refresh(handed)
    assert handed.status == "3"
    raw = response(handed, "800", AT + timedelta(hours=3), invtNo=INVT)
    took = client.post("/api/v1/customs-responses", headers=steward.bearer, data=raw, content_type="application/xml")
    assert (took.status_code, took.json["type"], took.json["counts"]) == (200, "CEB604", {"applied": 1})
    assert took.json["responses"][0]["subject"] == {"type": "checklist", "id": handed.id}
    again = client.post("/api/v1/customs-responses", headers=steward.bearer, data=raw, content_type="application/xml")
    assert (again.json["repeated"], again.json["id"]) == (True, took.json["id"])
    db_session.refresh(handed)
    assert (handed.status, handed.invt_no) == ("800", INVT)


def test_a_report_of_sent_needs_no_body(client, handed, steward):
    one = client.get("/api/v1/outbox", headers=steward.bearer).json["items"][0]
    assert client.post(f"/api/v1/outbox/{one['id']}/sent", headers=steward.bearer).status_code == 200


def test_a_failure_is_reported_with_its_reason(client, db_session, handed, steward):
    one = client.get("/api/v1/outbox", headers=steward.bearer).json["items"][0]
    failed = client.post(f"/api/v1/outbox/{one['id']}/sent", headers=steward.bearer, json={"failure": "超时"})
    assert (failed.json["failure"], failed.json["sent_at"]) == ("超时", None)
    db_session.refresh(handed)
    assert handed.status == "4"


@pytest.mark.parametrize("role", EVERYBODY_ELSE)
def test_only_the_connector_fetches_reports_and_answers(client, db_session, handed, role):
    who = someone(db_session, role)
    assert client.get("/api/v1/outbox", headers=who.bearer).status_code == 403
    assert client.post("/api/v1/outbox/1/sent", headers=who.bearer, json={}).status_code == 403
    assert client.post("/api/v1/customs-responses", headers=who.bearer, data=b"<a/>").status_code == 403


def test_no_firm_reaches_any_of_it(client, db_session, known, handed):
    seller = someone(db_session, "seller", known.seller.id)
    for path in ("/outbox", "/relay/outbox", "/relay/responses", "/relay/differences"):
        assert client.get(f"/api/v1{path}", headers=seller.bearer).status_code == 403


def test_another_zone_s_connector_sees_and_moves_nothing(client, db_session, handed):
    far = someone(db_session, "data_steward", zones=(OTHER_ZONE,))
    assert client.get("/api/v1/outbox", headers=far.bearer).json["items"] == []
    assert client.get("/api/v1/outbox?zone_code=440200", headers=far.bearer).status_code == 403
    raw = response(handed, "120", AT + timedelta(hours=1))
    took = client.post("/api/v1/customs-responses", headers=far.bearer, data=raw)
    assert took.json["counts"] == {"unmatched": 1}
    db_session.refresh(handed)
    assert handed.status == "2"


def test_the_backlog_is_seen_with_its_age_and_leases_nothing(client, db_session, handed, steward):
    supervisor = someone(db_session, "customs_supervisor")
    seen = client.get("/api/v1/relay/outbox", headers=supervisor.bearer).json
    assert seen["zones"] == [
        {
            "zone_code": "440200",
            "waiting": 3,
            "failed": 0,
            "oldest_at": AT.isoformat(),
            "oldest_age_seconds": 4 * 3600,
        }
    ]
    assert "payload" not in seen["items"][0]
    assert len(client.get("/api/v1/outbox", headers=steward.bearer).json["items"]) == 3


def test_responses_that_moved_nothing_are_listed_strangers_for_the_steward_only(client, db_session, handed, steward):
    stranger = response(handed, "120", AT + timedelta(hours=1), copNo="nobody-s")
    client.post("/api/v1/customs-responses", headers=steward.bearer, data=stranger)
    odd = response(handed, "777", AT + timedelta(hours=1))
    client.post("/api/v1/customs-responses", headers=steward.bearer, data=odd)
    own = client.get("/api/v1/relay/responses", headers=steward.bearer).json["items"]
    assert [one["outcome"] for one in own] == ["refused", "unmatched"]
    supervisor = someone(db_session, "customs_supervisor")
    theirs = client.get("/api/v1/relay/responses", headers=supervisor.bearer).json["items"]
    assert [(one["outcome"], one["status"]) for one in theirs] == [("refused", "777")]


def test_differences_are_read_by_zone_and_days(client, db_session, handed, steward):
    client.post(
        "/api/v1/customs-responses", headers=steward.bearer, data=response(handed, "300", AT + timedelta(hours=1))
    )
    manager = someone(db_session, "zone_manager")
    asked = "/api/v1/relay/differences?zone_code=440200&from=2026-11-24&to=2026-11-24"
    found = client.get(asked, headers=manager.bearer).json
    assert found["verdicts"] == {"same": 0, "stricter": 1, "milder": 0, "open": 0}
    assert found["counts"] == [
        {"tier": "low", "expected": "released", "done": "reviewed", "verdict": "stricter", "count": 1}
    ]
    assert [one["id"] for one in found["items"]] == [handed.id]
    assert client.get(asked.replace("440200", OTHER_ZONE), headers=manager.bearer).status_code == 403
    wrong = client.get("/api/v1/relay/differences?from=2026-11-25&to=2026-11-24", headers=manager.bearer)
    assert (wrong.status_code, wrong.json["findings"][0]["rule"]) == (422, "CU8013")


@pytest.mark.parametrize("raw", [b"", b"\xff\xfe", b"<a/>", b"<!DOCTYPE a><a/>"])
def test_bytes_that_are_no_response_are_refused_with_a_reason(client, steward, raw):
    refused = client.post("/api/v1/customs-responses", headers=steward.bearer, data=raw)
    assert refused.status_code == 422
    assert refused.json["findings"]
