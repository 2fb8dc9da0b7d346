"""The JSON form of a message (interfaces.md §2): the same documents, the same pointers, values as strings."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from common.clock import CHINA
from common.findings import Finding
from customs.messages.document import DoorFault, ReadDocument, ReadMessage, cut, known_types
from customs.messages.fields import MESSAGES, FieldSpec, MessageSpec
from customs.messages.limits import MAX_DOCUMENTS
from customs.messages.xml_text import ILLEGAL
from customs.rules import message_door as door

RECEIVER_KEYS = ("name", "telephone", "address", "country", "id_hash")
_MESSAGE_KEYS = {"type", "guid", "version", "documents"}
GROUNDS_KEYS = ("reason", "proof", "certificate", "certificate_no")
TALLY_KEYS = ("invt_no", "gnum", "qty", "condition", "note")
WAREHOUSE_KEYS = ("business", "warehouse_id")
REQUEST_KEYS = ("ground", "known_on")
_OF_TYPE = {
    "CEB213": {"grounds"},
    "CEB215": {"tally"},
    "CEB603": {*WAREHOUSE_KEYS, *REQUEST_KEYS},
    "CEB605": set(REQUEST_KEYS),
}
"""Further keys of a document, by type."""
_DOCUMENT_KEYS = {"head", "lines", "parent_order_no", "receiver", "weighed_gross"}


@dataclass(frozen=True, slots=True)
class _Number:
    """A JSON number, kept as written and never computed with."""

    text: str


class _Twice(dict[str, Any]):
    """A JSON object; `twice` names the keys that stood more than once (the first value is kept)."""

    twice: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> _Twice:
    """A JSON object that remembers repeated keys."""
    made = _Twice()
    twice = []
    for key, value in pairs:
        if key in made:
            twice.append(key)
        else:
            made[key] = value
    made.twice = tuple(twice)
    return made


def _refuse_constant(name: str) -> NoReturn:
    """NaN and Infinity are not JSON."""
    raise ValueError(name)


def read_json(raw: bytes, at: datetime, guid: str | None = None) -> ReadMessage:
    """The message in `raw`, received at the aware instant `at`. Raises `DoorFault`; all else is a finding.

    What the sender left out is issued: the message's guid (`guid` where it was issued before), and per document guid,
    appType 1, appStatus 2, appTime = `at` in China time.
    """
    data = _load(raw)
    spec = _spec(data)
    given = data.get("guid")
    message = ReadMessage(spec.type, given if isinstance(given, str) else guid or issue_guid(), "1.0")
    _envelope(data, spec, message)
    if message.envelope_findings:
        return message
    stamp = at.astimezone(CHINA).strftime("%Y%m%d%H%M%S")
    message.documents = [_document(one, spec, index, stamp) for index, one in enumerate(data["documents"])]
    return message


def probe_json(raw: bytes) -> tuple[str, str | None]:
    """Type and guid of the message in `raw`; raises `DoorFault`."""
    data = _load(raw)
    given = data.get("guid")
    return _spec(data).type, given if isinstance(given, str) else None


def issue_guid() -> str:
    """A new 36-character number, letters upper case."""
    return str(uuid.uuid4()).upper()


def _load(raw: bytes) -> _Twice:
    """The JSON object; raises `DoorFault`."""
    nul = raw.find(b"\0")
    if nul >= 0:
        raise DoorFault(door.NUL_BYTE.at("", position=nul + 1))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DoorFault(door.NOT_UTF8.at("", position=error.start + 1)) from error
    try:
        data = json.loads(
            text, object_pairs_hook=_object, parse_float=_Number, parse_int=_Number, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        raise DoorFault(door.NOT_JSON.at("", line=error.lineno, column=error.colno)) from error
    except RecursionError as error:
        raise DoorFault(door.TOO_DEEP.at("", limit=8)) from error
    except ValueError as error:
        raise DoorFault(door.NOT_JSON.at("", line=1, column=1)) from error
    if not isinstance(data, _Twice):
        raise DoorFault(door.NOT_JSON.at("", line=1, column=1))
    return data


def _spec(data: Mapping[str, Any]) -> MessageSpec:
    """The row of the field table that `type` names; raises `DoorFault`."""
    type_ = data.get("type")
    spec = MESSAGES.get(type_) if isinstance(type_, str) else None
    if spec is None or spec.direction != "in":
        known = "、".join(known_types(MESSAGES))
        raise DoorFault(door.UNKNOWN_ROOT.at("/type", found=cut(_shown(type_)), known=known))
    return spec


def _envelope(data: _Twice, spec: MessageSpec, message: ReadMessage) -> None:
    """Keys, guid, and 1 to 100 documents."""
    found = message.envelope_findings
    for key in [k for k in data if k not in _MESSAGE_KEYS] + list(data.twice):
        found.append(door.UNKNOWN_IN_ENVELOPE.at(f"/{cut(key)}", found=cut(key), type=spec.type))
    if "guid" in data and not (isinstance(data["guid"], str) and len(data["guid"]) == 36):
        length = len(data["guid"]) if isinstance(data["guid"], str) else 0
        found.append(door.BAD_MESSAGE_GUID.at("/guid", length=length))
    documents = data.get("documents")
    if not isinstance(documents, list) or not documents:
        found.append(door.NO_DOCUMENTS.at("/documents", element=spec.element))
    elif len(documents) > MAX_DOCUMENTS:
        found.append(
            door.TOO_MANY_DOCUMENTS.at(f"/documents/{MAX_DOCUMENTS}", found=len(documents), limit=MAX_DOCUMENTS)
        )


def _document(data: Any, spec: MessageSpec, index: int, stamp: str) -> ReadDocument:
    """One document with its findings; what was left out of the head is issued."""
    document = ReadDocument(index, spec.element)
    where = f"/{spec.element}/{index}"
    if not isinstance(data, _Twice):
        document.findings.append(door.NOT_TEXT.at(where, found=spec.element, value=cut(_shown(data))))
        data = _Twice()
    known = _DOCUMENT_KEYS | _OF_TYPE.get(spec.type, set())
    for key in [k for k in data if k not in known] + list(data.twice):
        document.findings.append(door.UNKNOWN_ELEMENT.at(f"{where}/{cut(key)}", found=cut(key), part=spec.element))
    head_at = f"{where}/{spec.head}" if spec.head else where
    document.head = _values(data.get("head"), spec.head_by_name, head_at, document.findings)
    if "head" not in data:
        document.findings.append(door.NO_HEAD.at(head_at, part="head"))
    for element, value in {"guid": issue_guid(), "appType": "1", "appTime": stamp, "appStatus": "2"}.items():
        document.head.setdefault(element, value)
    _lines(data, spec, document, where)
    _extras(data, document, where)
    return document


def _lines(data: Mapping[str, Any], spec: MessageSpec, document: ReadDocument, where: str) -> None:
    """The lines; a line may carry the site's weighed gross of its waybill."""
    lines = data.get("lines", [])
    if not isinstance(lines, list):
        document.findings.append(door.NOT_TEXT.at(f"{where}/lines", found="lines", value=cut(_shown(lines))))
        return
    if spec.flat and lines:
        document.findings.append(door.UNKNOWN_ELEMENT.at(f"{where}/lines", found="lines", part=spec.element))
        return
    for n, line in enumerate(lines):
        at = f"{where}/{spec.list}/{n}"
        weighed = line.pop("weighed_gross", None) if isinstance(line, _Twice) else None
        values = _values(line, spec.list_by_name, at, document.findings)
        document.lines.append(values)
        if weighed is not None:
            _weighed(values.get("logisticsNo", ""), weighed, f"{at}/weighed_gross", document)


def _values(data: Any, table: Mapping[str, FieldSpec], where: str, findings: list[Finding]) -> dict[str, str]:
    """The texts of a head or line by element; other keys and other kinds of value become findings."""
    if data is None:
        return {}
    if not isinstance(data, _Twice):
        findings.append(door.NOT_TEXT.at(where, found=where.rpartition("/")[2], value=cut(_shown(data))))
        return {}
    values: dict[str, str] = {}
    for key, value in data.items():
        at = f"{where}/{cut(key)}"
        spec = table.get(key)
        if spec is None:
            findings.append(door.UNKNOWN_ELEMENT.at(at, found=cut(key), part=where.rpartition("/")[2]))
        elif value is not None:
            values[key] = _text(value, at, key, findings, spec.collapse or spec.kind != "text")
    findings.extend(door.REPEATED_ELEMENT.at(f"{where}/{cut(key)}", found=cut(key)) for key in data.twice)
    return values


def _text(value: Any, at: str, name: str, findings: list[Finding], collapse: bool = False) -> str:
    """A value as text; a number, truth value, object or control character becomes a finding."""
    if not isinstance(value, str):
        findings.append(door.NOT_TEXT.at(at, found=name, value=cut(_shown(value))))
        return ""
    if ILLEGAL.search(value):
        findings.append(door.ILLEGAL_CHARACTER.at(at, found=name))
        value = ILLEGAL.sub("", value)
    return " ".join(value.split()) if collapse else value


def _extras(data: Mapping[str, Any], document: ReadDocument, where: str) -> None:
    """What the JSON form may say beside the standard's fields."""
    for name in ("parent_order_no", *WAREHOUSE_KEYS, *REQUEST_KEYS):
        if (written := data.get(name)) is not None:
            document.extras[name] = _text(written, f"{where}/{name}", name, document.findings)
    if (receiver := data.get("receiver")) is not None:
        document.extras["receiver"] = _receiver(receiver, f"{where}/receiver", document.findings)
    if (weighed := data.get("weighed_gross")) is not None:
        _weighed_all(weighed, f"{where}/weighed_gross", document)
    if (grounds := data.get("grounds")) is not None:
        document.extras["grounds"] = _texts(grounds, GROUNDS_KEYS, f"{where}/grounds", document.findings)
    if (tally := data.get("tally")) is not None:
        document.extras["tally"] = _tally(tally, f"{where}/tally", document.findings)


def _tally(data: Any, where: str, findings: list[Finding]) -> list[dict[str, str]]:
    """What a site found of the lines of returns, where the tally is not as asked for."""
    if not isinstance(data, list):
        findings.append(door.NOT_TEXT.at(where, found="tally", value=cut(_shown(data))))
        return []
    return [_texts(one, TALLY_KEYS, f"{where}/{n}", findings) for n, one in enumerate(data)]


def _receiver(data: Any, where: str, findings: list[Finding]) -> dict[str, str]:
    """The receiver's data, which the standard has no field for; used to see split orders only."""
    return _texts(data, RECEIVER_KEYS, where, findings)


def _texts(data: Any, keys: Collection[str], where: str, findings: list[Finding]) -> dict[str, str]:
    """An object of texts beyond the standard's fields; other keys and other kinds of value become findings."""
    part = where.rpartition("/")[2]
    if not isinstance(data, _Twice):
        findings.append(door.NOT_TEXT.at(where, found=part, value=cut(_shown(data))))
        return {}
    values = {}
    for key, value in data.items():
        if key in keys:
            values[key] = _text(value, f"{where}/{key}", key, findings, True)
        else:
            findings.append(door.UNKNOWN_ELEMENT.at(f"{where}/{cut(key)}", found=cut(key), part=part))
    return values


def _weighed_all(data: Any, where: str, document: ReadDocument) -> None:
    """Weighed gross given for the whole document: kilograms by waybill number, or one weight for its one waybill."""
    if isinstance(data, _Twice):
        for number, weight in data.items():
            _weighed(number, weight, f"{where}/{cut(number)}", document)
        return
    number = document.lines[0].get("logisticsNo", "") if document.lines else document.head.get("logisticsNo", "")
    _weighed(number, data, where, document)


def _weighed(number: str, weight: Any, where: str, document: ReadDocument) -> None:
    """One weighed gross, kept by waybill number."""
    text = _text(weight, where, "weighed_gross", document.findings, True)
    document.extras.setdefault("weighed_gross", {})[number] = text


def _shown(value: Any) -> str:
    """A JSON value as a finding shows it."""
    if isinstance(value, _Number):
        return value.text
    if isinstance(value, _Twice):
        return "{…}"
    return "[…]" if isinstance(value, list) else json.dumps(value)
