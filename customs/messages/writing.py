"""Writing messages from the field table: what firms send. Used by the web form, the simulator and tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from customs.messages import xml_text
from customs.messages.fields import MESSAGES, SUBSCRIBE_FIELDS, TRANSFER_FIELDS, MessageSpec


@dataclass(frozen=True, slots=True)
class NewDocument:
    """A document to be written: element texts of the head and of each line."""

    head: Mapping[str, str]
    lines: Sequence[Mapping[str, str]] = field(default=())


def message_xml(
    type: str,
    documents: Sequence[NewDocument],
    base_transfer: Mapping[str, str],
    guid: str,
    *,
    version: str = "1.0",
    subscriptions: Sequence[Mapping[str, str]] = (),
) -> bytes:
    """One message of `type` (`CEB603`) as UTF-8 XML, elements in the standard's order.

    Optional elements that are not given are left out, required ones are written empty: what comes out is well-formed
    and complete, not necessarily faultless. Raises `KeyError` for an unknown type and `ValueError` for an element
    that the message does not have.
    """
    spec = MESSAGES[type]
    body = "".join(_document(spec, one) for one in documents)
    body += xml_text.document("BaseTransfer", xml_text.elements(TRANSFER_FIELDS, base_transfer))
    for one in subscriptions:
        body += xml_text.document("BaseSubscribe", xml_text.elements(SUBSCRIBE_FIELDS, one))
    return xml_text.message(spec.root, guid, version, body)


def message_json(type: str, documents: Sequence[NewDocument], guid: str) -> dict[str, object]:
    """The same message in the JSON form of interfaces.md §2, ready for `json.dumps`."""
    return {
        "type": type,
        "guid": guid,
        "documents": [
            {"head": dict(one.head), **({"lines": [dict(line) for line in one.lines]} if one.lines else {})}
            for one in documents
        ],
    }


def outgoing_xml(type: str, documents: Sequence[NewDocument], guid: str) -> bytes:
    """A message that customs sends to firms (CEB792), which has no sender's envelope, as UTF-8 XML.

    Raises `KeyError` for an unknown type and `ValueError` for an element that the message does not have.
    """
    spec = MESSAGES[type]
    return xml_text.message(spec.root, guid, "1.0", "".join(_document(spec, one) for one in documents))


def _document(spec: MessageSpec, one: NewDocument) -> str:
    """One document element."""
    unknown = (set(one.head) - set(spec.head_by_name)) | {
        key for line in one.lines for key in line if key not in spec.list_by_name
    }
    if unknown:
        raise ValueError(f"{spec.type} has no {', '.join(sorted(unknown))}")
    head = xml_text.elements(spec.head_fields, one.head)
    if spec.head is None:
        return xml_text.document(spec.element, head)
    lines = "".join(xml_text.document(spec.list or "", xml_text.elements(spec.list_fields, line)) for line in one.lines)
    return xml_text.document(spec.element, xml_text.document(spec.head, head) + lines)
