"""Writing responses (回执): CEB304 … 608, 702, 792, 214, 216 and CEB900 (message standard §4, §5, §8.5).

A response repeats the identifying elements of its document. Values that are valid under the version of 2018 only (a
waybill number of 33 to 80 characters, a platform code of 19 to 50) are repeated whole: cut short they would name
nothing; the response then follows the schema of 2018.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

import xmltodict

from common.clock import CHINA
from common.findings import Finding, Severity
from customs.messages import xml_text
from customs.messages.fields import CEB, MESSAGES, FieldSpec, MessageSpec

_INFO = {
    type: spec.head_by_name["returnInfo"].most for type, spec in MESSAGES.items() if "returnInfo" in spec.head_by_name
}

MAX_INFO_900 = _INFO.pop("CEB900")
"""The most characters of returnInfo in a CEB900."""

INFO_LENGTH = min(_INFO.values())
"""The most characters of returnInfo in a response to a document."""

MAX_ORIGINAL = 1_000_000
"""The most characters of the original message that a CEB900 repeats."""

_ORDER = ("signature", "format", "business", "processing")
_DOOR_CODES = {"signature": "-1004", "format": "-0002"}
_DONE = {"1": "新增申报成功", "2": "变更申报成功", "3": "删除申报成功"}


def return_time(at: datetime) -> str:
    """An aware instant as responses write it: 17 digits, China time, milliseconds."""
    local = at.astimezone(CHINA)
    return local.strftime("%Y%m%d%H%M%S") + f"{local.microsecond // 1000:03d}"


def return_info(findings: Iterable[Finding], most: int = INFO_LENGTH) -> str:
    """`[Code:<rule>;Desc:<text>]` for each error, then each warning; cut at `most` characters with `…`."""
    ranked = sorted(findings, key=lambda f: f.severity is not Severity.ERROR)
    text = xml_text.legal("".join(f"[Code:{f.rule};Desc:{f.message.zh}]" for f in ranked))
    return text if len(text) <= most else text[: most - 1] + "…"


def success_info(app_type: str, guid: str) -> str:
    """The text of a first answer without errors, as the official samples put it."""
    return f"{_DONE.get(app_type, _DONE['1'])}[{guid}]"


def error_code(spec: MessageSpec, findings: Iterable[Finding]) -> str:
    """The returnStatus of a refused document: the first code of the range of its earliest failed stage.

    Stages in order: signature, format, business, processing. Raises `ValueError` when no finding is an error.
    """
    kinds = {f.kind for f in findings if f.severity is Severity.ERROR}
    for kind in _ORDER:
        if kind in kinds:
            return str(spec.error_codes[kind])
    raise ValueError("no error among the findings")


def echo(spec: MessageSpec, head: Mapping[str, str]) -> dict[str, str] | None:
    """The elements that the response repeats; None where one is unusable, so that a CEB900 must answer.

    Unusable: required in the document and absent or empty, or not fitting the response's own type.
    """
    response = MESSAGES[spec.response or ""]
    values = {}
    for name in spec.echo:
        value = head.get(name, "")
        target = response.head_by_name[name]
        if (spec.head_by_name[name].required and not value.strip()) or not fits(target, value):
            return None
        values[name] = value
    return values


def fits(spec: FieldSpec, value: str) -> bool:
    """Whether a response element can hold `value` under either version."""
    if xml_text.ILLEGAL.search(value):
        return False
    if not value and not spec.required:
        return True
    if spec.kind == "integer":
        return value.isascii() and value.isdigit() and len(value) <= spec.most
    return spec.least <= len(value) <= spec.most


def response_xml(type: str, rows: Sequence[Mapping[str, str]], guid: str | None = None) -> bytes:
    """1 to 100 responses of one flat type (all but CEB792) as a CEB message; `rows` hold element texts.

    Raises `ValueError` for a number of rows that the standard does not allow, or a value that does not fit.
    """
    spec = MESSAGES[type]
    if not 1 <= len(rows) <= 100:
        raise ValueError(f"{type} holds 1 to 100 responses, not {len(rows)}")
    message = {
        "@guid": guid or str(uuid.uuid4()).upper(),
        "@version": "1.0",
        "@xmlns:ceb": CEB,
        f"ceb:{spec.element}": [_response(spec, row) for row in rows],
    }
    written: str = xmltodict.unparse({f"ceb:{spec.root}": message}, encoding="UTF-8")
    return written.replace("\r", "&#13;").encode()  # a bare CR would be read back as LF


def _response(spec: MessageSpec, row: Mapping[str, str]) -> dict[str, str]:
    """One response's elements; what it has no field for, and an empty optional element, is left out."""
    for field in spec.head_fields:
        if not fits(field, row.get(field.element, "")):
            raise ValueError(f"{spec.type}: {field.element} cannot hold {row.get(field.element)!r}")
    written = {field.element: row.get(field.element, "") for field in spec.head_fields}
    return {f"ceb:{name}": text for name, text in written.items() if text or spec.head_by_name[name].required}


def door_code(findings: Iterable[Finding]) -> str:
    """The returnStatus of a CEB900: the platform's error codes (message standard §5, table 7-1) below zero."""
    kinds = {f.kind for f in findings}
    return next((_DOOR_CODES[kind] for kind in _ORDER if kind in kinds and kind in _DOOR_CODES), "-0001")


def ceb900_fields(
    findings: Sequence[Finding], at: datetime, *, message_type: str | None = None, status: str | None = None
) -> dict[str, str]:
    """The elements of a CEB900 but the original message; `status` is a code of the document's own range, if known."""
    known = MESSAGES.get(message_type or "")
    return {
        "guid": str(uuid.uuid4()).upper(),
        "returnStatus": status or door_code(findings),
        "returnInfo": return_info(findings, MAX_INFO_900),
        "returnTime": return_time(at),
        "oriCopMsgId": "",
        "oriMessageType": known.root if known else "Unknown",
    }


def ceb900(fields: Mapping[str, str], original: bytes, guid: str | None = None) -> bytes:
    """The format response (报文格式校验回执) to a message, or a document, that its own response type cannot answer.

    `fields` are those of `ceb900_fields`; `original` the bytes as received, repeated up to `MAX_ORIGINAL` characters.
    Bytes that are not UTF-8 and characters that XML forbids are replaced or left out. Raises `ValueError` for a field
    that does not fit.
    """
    text = original.decode("utf-8-sig", errors="replace")[:MAX_ORIGINAL]
    spec = MESSAGES["CEB900"]
    row = {name: fields.get(name, "") for name in spec.head_by_name if name != "oriBizMessage"}
    for name, value in row.items():
        if not fits(spec.head_by_name[name], value):
            raise ValueError(f"CEB900: {name} cannot hold {value!r}")
    written = "".join(xml_text.element(name, value) for name, value in row.items())
    body = xml_text.document("MessageReturn", f"{written}<ceb:oriBizMessage>{xml_text.cdata(text)}</ceb:oriBizMessage>")
    return xml_text.message("CEB900Message", guid or str(uuid.uuid4()).upper(), "1.0", body)
