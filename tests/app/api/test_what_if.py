"""What-if over the API: strict facts, all faults at once, the production's answers, nothing written."""

import json

import pytest
from sqlalchemy import func, select

from app.access.roles import Role
from app.what_if import registry
from app.what_if.fields import Field, Record, Whole, flat, record
from common.audit import PLATFORM, AuditEntry, set_context
from common.events import Event
from common.findings import Text
from credit.shipped import load_zones
from customs.codes.loading import load_codes
from tests.app.people import SINCE, someone

CHANNEL = {
    "trade_mode": "9610",
    "zone_code": "440200",
    "ticket_value_cny": "5000.00",
    "export_duty": False,
    "refund_wanted": False,
    "licence": False,
    "inspection": False,
    "on": "2026-11-23",
}
LINE = {"no": 1, "country": "502", "hs": "6109100021", "currency": "USD", "unit": "011", "qty": "2", "amount": "20.00"}
CHECKLIST = {
    "id": 7,
    "flag": "B",
    "consignor": "4402961234",
    "transport_mode": "5",
    "producer": "NO",
    "country": "USA",
    "exit_office": "5141",
    "lines": [LINE],
}
MERGE = {"on": "2026-09-10", "summary_flag": "2", "checklists": [CHECKLIST]}
CODES = {
    "country": "code,name_zh,alpha3,alpha2\n502,美国,USA,US\n",
    "currency": "code,name_zh,alpha3\n502,美元,USD\n",
    "unit": "code,name_zh\n011,件\n",
    "transport_mode": "code,name_zh\n5,航空运输\n",
    "customs_office": "code,name_zh\n5100,广州海关\n5141,广州机场\n",
}


@pytest.fixture
def asking(app, db_session):
    """An officer's bearer header; zones and code tables are there."""
    set_context(db_session, actor=PLATFORM, at=SINCE)
    load_zones(db_session, at=SINCE)
    for table, text in CODES.items():
        load_codes(db_session, table, text.encode(), source="测试", person="administrator", at=SINCE)
    bearer = someone(db_session, Role.TAX_OFFICER).bearer
    db_session.commit()
    return bearer


@pytest.fixture
def ask(client, asking):
    """Post facts, as a dict or as raw bytes, to a decision."""

    def post(decision, facts):
        body = facts if isinstance(facts, bytes) else json.dumps(facts).encode()
        return client.post(f"/api/v1/what-if/{decision}", data=body, content_type="application/json", headers=asking)

    return post


def faults(response):
    assert response.status_code == 422, response.get_data(as_text=True)
    assert response.mimetype == "application/problem+json"
    for one in response.json["findings"]:
        assert one["message"]["zh"] and one["message"]["en"]
    return sorted((one["rule"], one["pointer"]) for one in response.json["findings"])


def test_the_answer_has_outcome_trace_and_legal_reference(ask):
    answer = ask("customs.channel", CHANNEL)
    assert answer.status_code == 200
    found = answer.json
    assert list(found) == ["decision", "outcome", "trace", "unverified"]
    assert found["decision"] == "customs.channel"
    assert found["outcome"] == {"channels": ["A", "B"], "hs_digits": 4, "merged_monthly": False}
    value = next(step for step in found["trace"] if step["rule"] == "CU7004")
    assert value["met"] is True
    assert value["title"]["zh"] and value["title"]["en"]
    assert value["inputs"] == {"ticket_value_cny": "5000.00"}
    (limit,) = value["parameters"]
    assert set(limit) == {"name", "value", "unit", "from", "to", "document", "article", "status"}
    assert (limit["name"], limit["value"], limit["from"], limit["to"], limit["status"]) == (
        "customs.simplified.b2c.max_ticket_cny",
        "5000.00",
        "2018-07-01",
        None,
        "unverified",
    )
    assert found["unverified"] is True


def test_a_decision_that_rests_on_seen_law_alone_is_not_unverified(ask):
    facts = {"trade_mode": "9610", "on": "2026-11-23"}
    assert ask("customs.required-documents", facts).json["unverified"] is False


def test_the_other_decisions_answer_too(ask):
    assert ask("customs.summary-due", {"closed_on": "2026-08-31"}).json["outcome"] == {
        "period": "2026-08",
        "due_on": "2026-09-15",
        "provisional": False,
    }
    returned = {"trade_mode": "9610", "released_on": "2026-01-10", "returned_on": "2026-03-31"}
    assert ask("customs.return", {**returned, "exported_at": "51", "returned_at": "79"}).json["outcome"] == {
        "procedure_allowed": True,
        "deadline": "2027-01-10",
    }


def test_merging_gives_codes_and_identifiers_back_as_they_came(ask):
    assert ask("customs.merge", MERGE).json["outcome"] == {
        "declarations": [
            {
                "head": {
                    "consignor": "4402961234",
                    "transport_mode": "5",
                    "producer": "NO",
                    "country": "USA",
                    "exit_office": "5141",
                },
                "lines": [
                    {
                        "country": "502",
                        "hs": "6109100021",
                        "currency": "USD",
                        "unit": "011",
                        "qty": "2",
                        "amount": "20.00",
                        "from": [[7, 1]],
                    }
                ],
            }
        ]
    }


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"ticket_value_cny": 5000}, ("SY0303", "/ticket_value_cny")),
        ({"ticket_value_cny": 5000.0}, ("SY0303", "/ticket_value_cny")),
        ({"ticket_value_cny": "5,000"}, ("SY0303", "/ticket_value_cny")),
        ({"ticket_value_cny": "5e3"}, ("SY0303", "/ticket_value_cny")),
        ({"ticket_value_cny": "NaN"}, ("SY0303", "/ticket_value_cny")),
        ({"ticket_value_cny": ""}, ("SY0303", "/ticket_value_cny")),
        ({"ticket_value_cny": None}, ("SY0303", "/ticket_value_cny")),
        ({"ticket_value_cny": "-0.01"}, ("SY0308", "/ticket_value_cny")),
        ({"export_duty": "false"}, ("SY0309", "/export_duty")),
        ({"licence": 0}, ("SY0309", "/licence")),
        ({"inspection": None}, ("SY0309", "/inspection")),
        ({"on": "2026-02-30"}, ("SY0305", "/on")),
        ({"on": "20261123"}, ("SY0305", "/on")),
        ({"on": "2026-W48-1"}, ("SY0305", "/on")),
        ({"on": 20261123}, ("SY0305", "/on")),
        ({"trade_mode": "1239"}, ("SY0306", "/trade_mode")),
        ({"trade_mode": 9610}, ("SY0306", "/trade_mode")),
        ({"zone_code": "999999"}, ("SY0307", "/zone_code")),
        ({"zone_code": ""}, ("SY0302", "/zone_code")),
        ({"district": "99"}, ("SY0307", "/district")),
        ({"distric": "51"}, ("SY0300", "/distric")),
        ({"a/b~c": 1}, ("SY0300", "/a~1b~0c")),
    ],
)
def test_a_fact_that_is_not_as_it_must_be_is_a_fault_with_its_pointer(ask, change, expected):
    assert faults(ask("customs.channel", {**CHANNEL, **change})) == [expected]


def test_what_is_optional_may_be_left_out_or_null_and_the_zone_may_be_null(ask):
    for change in ({"district": None}, {"district": "51"}, {"zone_code": None}):
        assert ask("customs.channel", {**CHANNEL, **change}).status_code == 200


def test_all_faults_come_at_once(ask):
    assert faults(ask("customs.channel", {"on": "x", "licence": 1, "trade_mode": "9999", "more": 1})) == [
        ("SY0300", "/more"),
        ("SY0301", "/export_duty"),
        ("SY0301", "/inspection"),
        ("SY0301", "/refund_wanted"),
        ("SY0301", "/ticket_value_cny"),
        ("SY0301", "/zone_code"),
        ("SY0305", "/on"),
        ("SY0306", "/trade_mode"),
        ("SY0309", "/licence"),
    ]


def test_faults_deep_inside_are_pointed_at(ask):
    line = {**LINE, "no": "1", "qty": 2, "hs": "61091", "currency": "XXX", "unit": "zzz"}
    facts = {
        **MERGE,
        "checklists": [CHECKLIST, {**CHECKLIST, "id": True, "lines": [line]}, 5, {**CHECKLIST, "lines": []}],
    }
    assert faults(ask("customs.merge", facts)) == [
        ("SY0302", "/checklists/1/id"),
        ("SY0303", "/checklists/1/lines/0/qty"),
        ("SY0304", "/checklists/1/lines/0/no"),
        ("SY0307", "/checklists/1/lines/0/currency"),
        ("SY0307", "/checklists/1/lines/0/unit"),
        ("SY0310", "/checklists/2"),
        ("SY0312", "/checklists/3/lines"),
        ("SY0313", "/checklists/1/lines/0/hs"),
    ]


@pytest.mark.parametrize("no", [0, -1, 1.0, True, "1", None])
def test_a_line_number_is_an_integer_from_one(ask, no):
    facts = {**MERGE, "checklists": [{**CHECKLIST, "lines": [{**LINE, "no": no}]}]}
    assert faults(ask("customs.merge", facts)) == [("SY0304", "/checklists/0/lines/0/no")]


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'"text"', b"7", b"[" * 50_000, b'{"a":' * 50_000, b"NaN"]
)
def test_a_body_that_is_no_json_object_is_refused(ask, body):
    assert faults(ask("customs.channel", body)) == [("SY0310", "")]


def test_a_body_that_is_too_large_is_refused(ask):
    assert ask("customs.merge", b" " * (8 * 1024 * 1024 + 1)).status_code == 413


def test_a_day_without_known_law_names_parameter_and_date(ask):
    answer = ask("customs.channel", {**CHANNEL, "on": "2018-12-31"})
    assert answer.status_code == 422
    assert answer.json["parameter"] == "customs.channel.statistics_in_zone"
    assert answer.json["date"] == "2018-12-31"


def test_facts_that_contradict_each_other_are_a_finding(ask):
    facts = {"trade_mode": "9610", "released_on": "2026-01-10", "returned_on": "2026-01-09"}
    assert faults(ask("customs.return", {**facts, "exported_at": "51", "returned_at": "51"})) == [
        ("CU0101", "/returned_on")
    ]


def test_an_unknown_decision_is_not_found_and_names_the_known_ones(ask):
    answer = ask("customs.nothing", {})
    assert answer.status_code == 404
    assert answer.json["decisions"] == list(registry.DECISIONS)
    assert {"customs.channel", "customs.merge"} <= set(answer.json["decisions"])


def test_nobody_asks_without_signing_in(client, asking):
    assert client.post("/api/v1/what-if/customs.channel", json=CHANNEL).status_code == 401


@pytest.mark.parametrize("role", [one for one in Role if one in {Role.AUDITOR, Role.BANK_CLERK, Role.CUSTOMS_OFFICER}])
def test_any_account_may_ask(client, asking, db_session, role):
    bearer = someone(db_session, role).bearer
    answer = client.post("/api/v1/what-if/customs.channel", json=CHANNEL, headers=bearer)
    assert answer.status_code == 200


def test_asking_writes_nothing(ask, db_session):
    def written():
        return [db_session.scalar(select(func.count()).select_from(table)) for table in (Event, AuditEntry)]

    before = written()
    assert ask("customs.channel", CHANNEL).status_code == 200
    assert ask("customs.merge", MERGE).status_code == 200
    assert written() == before


def test_the_interface_description_lists_every_decision_with_facts_and_outcome(app):
    described = app.extensions["flask-smorest"]["apis"][""]["ext_obj"].spec.to_dict()["paths"]
    for name, one in registry.DECISIONS.items():
        said = described[f"/api/v1/what-if/{name}"]["post"]
        facts = said["requestBody"]["content"]["application/json"]["schema"]
        assert set(facts["properties"]) == {field.name for field in one.facts.fields}
        assert facts["additionalProperties"] is False
        outcome = said["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["outcome"]
        assert set(outcome["properties"]) == set(one.outcome)


def test_a_plain_form_can_ask_for_flat_facts_only():
    assert flat(registry.what_if("customs.channel").facts)
    assert flat(registry.what_if("customs.merge").facts) is None
    inner = Field("one", Record((Field("n", Whole(), Text("数", "n")),)), Text("一", "one"))
    assert flat(record(inner)) is None
