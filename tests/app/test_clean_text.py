"""Texts that no table can hold are refused, wherever they stand, with a finding that says where."""

from __future__ import annotations

import json

import pytest

from app.clean_text import CleanParser, refuse
from common.findings import DomainError


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"decision": "reject", "text": "a\\u0000b"}', "/text"),
        (b'{"decision": "\\ud800"}', "/decision"),
        (b'{"lines": [{"a": 1}, {"b": ["\\uDFFF"]}]}', "/lines/1/b/0"),
        (b'{"\\ud83d": 1}', "/\ufffd"),
        (b'"\\udc00"', ""),
    ],
)
def test_half_a_character_or_nul_is_refused_with_its_place(app, body, pointer):
    with app.test_request_context("/", method="POST", data=body, content_type="application/json") as context:
        with pytest.raises(DomainError) as error:
            CleanParser()._raw_load_json(context.request)
        assert [(one.rule, one.pointer) for one in error.value.findings] == [("SY0025", pointer)]


@pytest.mark.parametrize("text", ["\U0001f600", "\ufffd", "", "\n\t"])
def test_any_other_text_is_kept_as_it_is(app, text):
    body = json.dumps({"a": [text]})
    refuse(json.loads(body))
    with app.test_request_context("/", method="POST", data=body, content_type="application/json") as context:
        assert CleanParser()._raw_load_json(context.request) == {"a": [text]}


def test_the_interface_reads_json_this_way(app):
    blueprint = app.blueprints["api_registrations"]
    assert isinstance(blueprint.ARGUMENTS_PARSER, CleanParser)


def test_an_address_of_the_interface_and_a_form_with_nul_are_refused(client):
    assert client.get("/api/v1/checklists?order_no=a%00b").get_json()["findings"][0]["rule"] == "SY0025"
    assert client.post("/login", data={"login": "a\x00b", "password": "x"}).status_code == 422
