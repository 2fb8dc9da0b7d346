"""What somebody hands in for a registration: the declared checklist, customs' number, and customs' response."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from common.findings import DomainError, Finding
from customs.messages.document import cut
from customs.messages.reading import ReadDocument, ReadMessage, read_json, read_xml
from customs.rules.registrations import CU8109, CU8113

CHECKLIST, RESPONSE = "CEB603", "CEB604"
_SHARED = ("agentCode", "copNo", "ebcCode", "orderNo", "statisticsFlag")
"""What a response repeats of its checklist."""


@dataclass(slots=True)
class Submission:
    """An export as told: the document as read, customs' number, state, time and text; `response` is its XML."""

    document: ReadDocument
    invt_no: str
    status: str
    time: str
    info: str = ""
    response: bytes | None = None
    findings: list[Finding] = field(default_factory=list)


def from_json(
    document: Any, invt_no: str, *, status: str, time: str, info: str, response: bytes | None, at: datetime
) -> Submission:
    """A submission of the JSON form: `document` is `{"head", "lines"}` as in a message (interfaces.md §2).

    Where the head does not say when it was declared, customs' response time stands in. Values of a response given as
    XML are used where they are not given beside it. Raises `DomainError` for a response that cannot be read.
    """
    answer = _response(response) if response else None
    if answer is not None:
        invt_no, status = invt_no or answer.get("invtNo", ""), status or answer.get("returnStatus", "")
        time, info = time or answer.get("returnTime", ""), info or answer.get("returnInfo", "")
    message = read_json(_wrapped(document, time), at)
    if message.envelope_findings:
        raise DomainError(*message.envelope_findings)
    made = Submission(message.documents[0], invt_no, status, time, info, response)
    if answer is not None:
        made.findings = _not_its(answer, made)
    return made


def _wrapped(document: Any, time: str) -> bytes:
    """The document as a message of one, with its declaration time."""
    head = document.get("head") if isinstance(document, dict) else None
    if isinstance(head, dict) and "appTime" not in head and len(time) >= 14:
        document = {**document, "head": {**head, "appTime": time[:14]}}
    return json.dumps({"type": CHECKLIST, "documents": [document]}).encode()


def from_xml(checklist: bytes, response: bytes) -> Submission:
    """A submission of two files: the CEB603 as declared, and customs' CEB604 (its newest answer to this checklist)."""
    document = _only(read_xml(checklist))
    own = document.head
    answer = _response(response, own)
    made = Submission(
        document,
        answer.get("invtNo") or own.get("invtNo", ""),
        answer.get("returnStatus", ""),
        answer.get("returnTime", ""),
        answer.get("returnInfo", ""),
        response,
    )
    made.findings = _not_its(answer, made)
    return made


def _only(message: ReadMessage) -> ReadDocument:
    if message.envelope_findings:
        raise DomainError(*message.envelope_findings)
    if message.type != CHECKLIST or len(message.documents) != 1:
        found = f"{message.type} ({len(message.documents)})"
        raise DomainError(CU8113.at("/checklist", type=CHECKLIST, found=found))
    return message.documents[0]


def _response(raw: bytes, own: Mapping[str, str] | None = None) -> dict[str, str]:
    """The newest answer in a CEB604; of several, one to the checklist at hand."""
    message = read_xml(raw, responses=True)
    if message.envelope_findings:
        raise DomainError(*message.envelope_findings)
    if message.type != RESPONSE:
        raise DomainError(CU8113.at("/response", type=RESPONSE, found=message.type))
    heads = [one.head for one in message.documents]
    mine = [head for head in heads if own is not None and head.get("copNo") == own.get("copNo")]
    return max(mine or heads, key=lambda head: head.get("returnTime", ""))


def _not_its(answer: Mapping[str, str], made: Submission) -> list[Finding]:
    """Where the response names another checklist than the one that is registered."""
    expected = {name: made.document.head.get(name, "") for name in _SHARED} | {
        "invtNo": made.invt_no,
        "returnStatus": made.status,
        "returnTime": made.time,
    }
    return [
        CU8109.at(f"/response/{name}", element=name, found=cut(answer[name]), expected=cut(value))
        for name, value in expected.items()
        if answer.get(name) and answer[name] != value
    ]
