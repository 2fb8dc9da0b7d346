"""Hostile values over the whole interface: each is answered by a complete problem, none by a stack trace.

The table is the interface itself: every query parameter and every body of the published description gets every hostile
value, as an account that may call it, about a thing that exists.
"""

from __future__ import annotations

import io
import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from app import web
from app.access.declared import STATIC, access_of
from common import clock
from tests.road.owned import everything, filled
from tests.road.summaries import application, closed

HUGE = "9" * 40
QUERY = (
    HUGE, "-1", "9007199254740993", "\u0663", "a%00b", "%ud800", "0-99999999999999999999", "x" * 5000, "9999-12",
    "9999-12-31", "0000-00", "2026-13", "0001-01-01", "9999-12-31T23:59:59Z", "../../etc/passwd",
)  # fmt: skip
DEEP = '{"a":' * 50_000 + "1" + "}" * 50_000
VALUES: tuple[Any, ...] = (
    "a\x00b", "\ud800", 10**40, [["x"] * 10] * 10, {"a": {"b": []}}, ["1"] * 20_000, "x" * 70_000
)  # fmt: skip
NOT_OBJECTS = (
    b"[]", b'"x"', b"1", b"null", b"{", b"\xff\xfe", b"[" * 100_000, DEEP.encode(), b'{"a":NaN}', b'{"a":1,"a":2}'
)  # fmt: skip
CHINESE = re.compile("[\u4e00-\u9fff]")
ENGLISH = re.compile("[a-z]+ [a-z]+ [a-z]+")
POINTER = re.compile("(?:/.*)?|[A-Z]+[0-9]+", re.DOTALL)
"""Where a finding stands: nowhere in particular, a place in the request, or a cell of a file."""


def routes(road, found):
    """Every route of the interface with its path, its description, and an account that may call it."""
    described = road.get("seller", "/api/v1/openapi.json").get_json()["paths"]
    for rule in road.app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1/"):
            continue
        name = re.sub(r"<(?:[^<>]*:)?([^<>:]+)>", r"{\1}", rule.rule)
        account = caller(access_of(road.app, rule.endpoint))
        numbered = [one for one in rule.arguments if one.endswith(("_id", "ids"))]
        path = filled(rule, found) if numbered and not rule.rule.startswith(OTHERS) else plain(rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            yield rule.endpoint, method, path, described.get(name, {}).get(method.lower(), {}), account


ACCOUNTS = (
    "seller", "customs_supervisor", "operator", "logistics", "agent", "zone_manager", "data_steward", "auditor",
    "administrator", "tax_officer", "forex_officer",
)  # fmt: skip
CHANGING = frozenset({"api_accounts.end_account", "api_accounts.change_password"})
"""What would end the accounts that the tests ask with."""
OTHERS = ("/api/v1/subjects/", "/api/v1/outbox/")
PLACES = {"month": "2026-10", "table": "country", "kind": "customs", "zone_code": "440200", "day": "2026-11-01"}


def caller(access):
    """An account that may call a route."""
    return next(one for one in ACCOUNTS if access.everyone or one in {role.value for role in access.roles})


def plain(rule):
    return re.sub(r"<(?:[^<>]*:)?([^<>:]+)>", lambda place: PLACES.get(place[1], "1"), rule)


def faults(answer):
    """What an answer to something hostile lacks."""
    if answer.status_code < 400:
        return []
    if answer.status_code >= 500:
        return [answer.status_code]
    body = answer.get_json(silent=True)
    if answer.content_type != "application/problem+json" or not body or not body.get("findings"):
        return [f"{answer.status_code} without findings"]
    lacking = []
    for one in body["findings"]:
        said = one["message"]
        if not CHINESE.search(said["zh"]) or not re.search("[A-Za-z]{2}", said["en"]) or ENGLISH.search(said["zh"]):
            lacking.append(f"{one['rule']} in one language: {said}")
        if not POINTER.fullmatch(one["pointer"]):
            lacking.append(f"pointer {one['pointer'][:60]}")
    return lacking


def asked(road, path, names, value, account):
    return road.client.get(f"{path}?{'&'.join(f'{name}={value}' for name in names)}", headers=road.headers(account))


def test_every_query_parameter_takes_every_value_without_breaking(road):
    """All at once, then without those that were refused: what is left gets as far as the query."""
    wrong = []
    for endpoint, method, path, described, account in routes(road, everything(road)):
        names = [one["name"] for one in described.get("parameters", ()) if one.get("in") == "query"]
        for value in QUERY if method == "GET" and names else ():
            answer = asked(road, path, names, value, account)
            wrong += [(endpoint, value[:40], fault) for fault in faults(answer)]
            refused = {one["pointer"][1:] for one in (answer.get_json(silent=True) or {}).get("findings", ())}
            left = [name for name in names if name not in refused]
            if refused and left:
                wrong += [
                    (endpoint, left, value[:40], fault) for fault in faults(asked(road, path, left, value, account))
                ]
    assert not wrong, "\n".join(map(str, sorted(wrong, key=str)))


def test_no_body_of_a_wrong_shape_is_taken_and_none_breaks(road):
    wrong = []
    for endpoint, method, path, described, account in routes(road, everything(road)):
        if method not in ("POST", "PUT") or endpoint in CHANGING or not described.get("requestBody"):
            continue
        for raw in NOT_OBJECTS:
            answer = road.client.open(
                path, method=method, data=raw, content_type="application/json", headers=road.headers(account)
            )
            if answer.status_code < 400:
                wrong.append((endpoint, method, raw[:20], answer.status_code))
            wrong += [(endpoint, method, raw[:20], fault) for fault in faults(answer)]
    assert not wrong, "\n".join(map(str, sorted(set(wrong), key=str)))


def test_no_field_of_a_body_takes_a_hostile_value(road):
    wrong, schema = [], road.get("seller", "/api/v1/openapi.json").get_json()["components"]["schemas"]
    for endpoint, method, path, described, account in routes(road, everything(road)):
        content = described.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        fields = schema.get(content.get("$ref", "").rpartition("/")[2], {}).get("properties", {})
        if method not in ("POST", "PUT") or not fields or endpoint in CHANGING:
            continue
        for value in VALUES:
            raw = json.dumps(dict.fromkeys(fields, value))
            answer = road.client.open(
                path, method=method, data=raw, content_type="application/json", headers=road.headers(account)
            )
            if answer.status_code < 400:
                wrong.append((endpoint, method, str(value)[:20], answer.status_code))
            wrong += [(endpoint, method, str(value)[:20], fault) for fault in faults(answer)]
    assert not wrong, "\n".join(map(str, sorted(set(wrong), key=str)))


def test_no_word_in_a_path_breaks_a_route(road):
    wrong = []
    for rule in road.app.url_map.iter_rules():
        words = [one for one in rule.arguments if not one.endswith(("_id", "ids"))]
        if not words or rule.endpoint in STATIC or "GET" not in rule.methods:
            continue
        account = caller(access_of(road.app, rule.endpoint))
        for value in (*QUERY, "..%2f..%2fetc", "%0a", "19610"):
            path = re.sub(r"<(?:[^<>]*:)?[^<>:]+>", value, rule.rule)
            answer = road.client.get(path, headers=road.headers(account))
            wrong += [(rule.endpoint, value[:40], fault) for fault in faults(answer) if rule.rule.startswith("/api/")]
            wrong += [(rule.endpoint, value[:40], 500)] * (answer.status_code >= 500)
    assert not wrong, "\n".join(map(str, sorted(wrong, key=str)))


READ = r"(?:args\.get|_asked|asked_day|_day|whole|_number)\(\"(\w+)\""
"""How pages read their addresses."""


def test_no_query_breaks_a_page(road):
    named = sorted({
        name
        for source in Path(web.__file__).parent.glob("*.py")
        for name in re.findall(READ, source.read_text("utf-8"))
    } | {"after", "month", "on", "from", "to", "consignor", "page", "q"})  # fmt: skip
    wrong, found = [], everything(road)
    for rule in road.app.url_map.iter_rules():
        if rule.endpoint in STATIC or rule.rule.startswith("/api/") or "GET" not in rule.methods:
            continue
        access = access_of(road.app, rule.endpoint)
        numbered = any(one.endswith(("_id", "ids")) for one in rule.arguments) and not rule.rule.startswith("/admin/")
        path = filled(rule, found) if numbered else plain(rule.rule)
        headers = road.headers(caller(access)) | {"Accept": "text/html"}
        for value in (HUGE, "a%00b", "9999-12-31", "9999-12", "x" * 5000):
            answer = road.client.get(f"{path}?{'&'.join(f'{name}={value}' for name in named)}", headers=headers)
            wrong += [(rule.endpoint, value[:40])] * (answer.status_code >= 500)
    assert not wrong, "\n".join(map(str, sorted(wrong)))


FAR = "99991231235959"
RANGES = (
    ({"startTime": "20260101000000"}, "an end is missing"),
    ({"endTime": "20260101000000"}, "a start is missing"),
    ({"startTime": "20260201000000", "endTime": "20260101000000"}, "reversed"),
    ({"startTime": "20260101000000", "endTime": FAR}, "to the end of time"),
    ({"startTime": FAR, "endTime": FAR}, "at the end of time"),
    ({"startTime": "00010101000000", "endTime": "00010101000001"}, "at the beginning of time"),
    ({"appTime": FAR}, "filed at the end of time"),
    ({"appTime": "00010101000000"}, "filed at the beginning of time"),
    ({"msgCount": "9" * 40}, "a huge count"),
    ({"msgCount": "999999999", "msgSeqNo": "999999999"}, "the last of many"),
    ({"msgSeqNo": "2"}, "the second of one"),
)


@pytest.mark.parametrize("head", [head for head, _ in RANGES], ids=[said for _, said in RANGES])
def test_a_summary_over_a_range_that_makes_no_sense_is_refused_with_its_place(road, head):
    sent = road.send("seller", "CEB701", application(road, **({"startTime": "", "endTime": ""} | head)))
    assert (sent["state"], sent["counts"]["accepted"]) == ("processed", 0), sent
    for one in sent["documents"][0]["findings"]:
        assert one["pointer"].startswith("/SummaryApply/0")
        assert CHINESE.search(one["message"]["zh"])
        assert one["rule"] != "CU2290", "nobody foresaw this"


def test_a_summary_over_the_api_tells_the_same_of_its_range(road):
    ends = clock.now()
    for span in (
        {"from": ends.isoformat(), "to": (ends - timedelta(days=1)).isoformat()},
        {"from": ends.isoformat()},
        {"from": "0001-01-01T00:00:00+08:00", "to": "9999-12-31T23:59:59-12:00"},
        {"from": "9999-12-31T23:59:59-12:00", "to": "9999-12-31T23:59:59-12:00"},
        {"month": "9999-12"},
        {"checklists": ["1"] * 100_001},
        {"checklists": ["x\x00"]},
    ):
        answer = road.post("seller", "/api/v1/summaries", {"customs_code": "5190"} | span)
        if answer.status_code == 202:
            answer = road.finish(answer)
            assert answer["counts"]["accepted"] == 0, span
        else:
            assert 400 <= answer.status_code < 500, (span, answer.status_code)
            assert faults(answer) == [], span


def test_a_list_of_a_hundred_thousand_numbers_is_answered_at_the_first_thousand_that_cannot_go_in(road):
    (one,) = closed(road)
    numbers = [one["invt_no"], *(f"51902026E{n:09d}" for n in range(900_000_000, 900_099_999))]
    sent = road.send("seller", "CEB701", application(road, numbers))
    assert sent["counts"] == {"documents": 1, "accepted": 0, "rejected": 1}
    told = sent["documents"][0]["findings"]
    assert (len(told), told[0]["pointer"]) == (1001, "/SummaryApply/0/SummaryApplyList/1/invtNo")
    assert (told[-1]["rule"], "98999" in told[-1]["message"]["en"]) == ("CU2291", True)
    assert sent["documents"][0]["status"] == "-703001"


NAMES = (
    "../../etc/passwd.pdf",
    "C:\\Windows\\a.pdf",
    "a/b.pdf",
    "..",
    "x" * 400 + ".pdf",
    "a\nb.pdf",
    "\u202efdp.pdf",
    "",
    " ",
)


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_the_name_of_a_file_leads_nowhere(road, name):
    found = everything(road)
    amendment, back = found["/api/v1/amendments/"]["request_id"], found["/api/v1/goods-returns/"]["return_id"]
    for path in (f"/api/v1/amendments/{amendment}/proofs", f"/api/v1/goods-returns/{back}/files"):
        answer = road.client.post(
            path,
            data={"file": (io.BytesIO(b"%PDF-1.7 " + name.encode() + path.encode()), name)},
            headers=road.headers("seller"),
            content_type="multipart/form-data",
        )
        harmless(answer)
    harmless(
        road.client.post(
            "/api/v1/warehouse-proofs",
            query_string={"name": name},
            data=b"%PDF-1.7 " + name.encode(),
            headers=road.headers("seller") | {"Content-Type": "application/octet-stream"},
        )
    )


def harmless(answer):
    """Refused with its reason, or kept under a name that leads nowhere."""
    if answer.status_code >= 400:
        assert faults(answer) == []
        assert answer.status_code < 500
    else:
        kept = answer.get_json()["name"]
        assert 0 < len(kept) <= 200
        assert not re.search(r"[/\\\x00-\x1f\u202a-\u202e]", kept), kept
