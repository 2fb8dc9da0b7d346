"""Texts that no table can hold are refused at the door, wherever they stand, with a finding that says where."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"decision": "reject", "text": "a\\u0000b"}', "/text"),
        (b'{"decision": "\\ud800"}', "/decision"),
        (b'{"lines": [{"a": 1}, {"b": ["\\uDFFF"]}]}', "/lines/1/b/0"),
        (b'{"\\ud83d": 1}', "/�"),
    ],
)
def test_json_with_half_a_character_or_nul_is_refused_with_its_place(client, body, pointer):
    answer = client.post("/api/v1/checklists/1/decisions", data=body, content_type="application/json")
    assert answer.status_code == 422
    assert [(one["rule"], one["pointer"]) for one in answer.get_json()["findings"]] == [("SY0025", pointer)]


def test_a_whole_character_outside_the_basic_plane_is_a_text_like_any_other(client):
    body = b'{"decision": "\\ud83d\\ude00"}'
    answer = client.post("/api/v1/checklists/1/decisions", data=body, content_type="application/json")
    assert answer.status_code == 401  # nobody signed in: the text was not what stopped it


@pytest.mark.parametrize("body", [b'{"a": "\\u0000"', b"\\u0000", b"[" * 100_000 + b'"\\u0000"', b'"\\ud800'])
def test_what_is_no_json_is_left_to_the_route(client, body):
    answer = client.post("/api/v1/checklists/1/decisions", data=body, content_type="application/json")
    assert answer.status_code == 401


def test_an_address_and_a_form_with_nul_are_refused(client):
    assert client.get("/api/v1/checklists?order_no=a%00b").get_json()["findings"][0]["rule"] == "SY0025"
    refused = client.post("/login", data={"login": "a\x00b", "password": "x"})
    assert refused.status_code == 422


def test_messages_answer_for_their_own_texts(client):
    body = b'{"type": "CEB303", "documents": [{"head": {"orderNo": "\\u0000"}}]}'
    assert client.post("/api/v1/messages", data=body, content_type="application/json").status_code == 401
