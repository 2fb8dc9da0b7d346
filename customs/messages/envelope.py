"""The envelope of a message: root attributes, the order of the root's children, BaseTransfer (message standard §2)."""

from __future__ import annotations

from typing import Any

from lxml import etree

from customs.messages.document import ReadMessage, cut
from customs.messages.fields import CEB, DSIG, SUBSCRIBE_FIELDS, TRANSFER_FIELDS, FieldSpec, MessageSpec
from customs.messages.limits import MAX_DOCUMENTS
from customs.rules import message_door as door

_LIMITS = {"BaseTransfer": 1, "BaseSubscribe": 5, "Signature": 1, "ExtendMessage": 1}
_RANKS = {
    f"{{{CEB}}}BaseTransfer": 1,
    f"{{{CEB}}}BaseSubscribe": 2,
    f"{{{DSIG}}}Signature": 3,
    f"{{{CEB}}}ExtendMessage": 4,
}


def read_envelope(root: Any, spec: MessageSpec, message: ReadMessage) -> list[Any]:
    """The document elements; root, transfer and order are checked, faults go to `message.envelope_findings`."""
    _root_attributes(message)
    found = message.envelope_findings
    document_tag = f"{{{CEB}}}{spec.element}"
    ranks = {document_tag: 0, **(_RANKS if spec.direction == "in" else {})}
    documents: list[Any] = []
    others: dict[str, list[Any]] = {name: [] for name in _LIMITS}
    highest = 0
    for child in root:
        rank = ranks.get(child.tag)
        name = etree.QName(child).localname
        if rank is None:
            found.append(door.UNKNOWN_IN_ENVELOPE.at(f"/{cut(name)}", found=cut(name), type=spec.root))
            continue
        if rank < highest:
            found.append(door.MISPLACED_IN_ENVELOPE.at(f"/{name}", found=name))
        highest = max(highest, rank)
        (documents if rank == 0 else others[name]).append(child)
    _counts(documents, others, spec, message)
    _stray_text(root, message)
    if others["BaseTransfer"]:
        message.base_transfer = _part(others["BaseTransfer"][0], "BaseTransfer", TRANSFER_FIELDS, message)
    for subscription in others["BaseSubscribe"]:
        _part(subscription, "BaseSubscribe", SUBSCRIBE_FIELDS, message)
    return documents


def _root_attributes(message: ReadMessage) -> None:
    """guid has 36 characters (not necessarily a UUID), version 1 to 10."""
    if len(message.guid) != 36:
        message.envelope_findings.append(door.BAD_MESSAGE_GUID.at("/@guid", length=len(message.guid)))
    if not 1 <= len(message.version) <= 10:
        message.envelope_findings.append(door.BAD_VERSION.at("/@version", length=len(message.version)))


def _counts(documents: list[Any], others: dict[str, list[Any]], spec: MessageSpec, message: ReadMessage) -> None:
    """1 to 100 documents, one BaseTransfer, the rest not too often."""
    found = message.envelope_findings
    if not documents:
        found.append(door.NO_DOCUMENTS.at(f"/{spec.element}", element=spec.element))
    if len(documents) > MAX_DOCUMENTS:
        found.append(
            door.TOO_MANY_DOCUMENTS.at(f"/{spec.element}/{MAX_DOCUMENTS}", found=len(documents), limit=MAX_DOCUMENTS)
        )
    if spec.direction == "in" and not others["BaseTransfer"]:
        found.append(door.NO_TRANSFER.at("/BaseTransfer"))
    for name, limit in _LIMITS.items():
        if len(others[name]) > limit:
            found.append(door.TWO_TRANSFERS.at(f"/{name}/{limit}", element=name, found=len(others[name]), limit=limit))


def _stray_text(root: Any, message: ReadMessage) -> None:
    """Text directly under the root."""
    pieces = [root.text or "", *(child.tail or "" for child in root)]
    stray = next((piece.strip() for piece in pieces if piece.strip()), "")
    if stray:
        message.envelope_findings.append(door.TEXT_IN_ENVELOPE.at("", value=cut(stray)))


def _part(element: Any, name: str, fields: tuple[FieldSpec, ...], message: ReadMessage) -> dict[str, str]:
    """The texts of BaseTransfer or BaseSubscribe, with findings for everything the schema would refuse."""
    found = message.envelope_findings
    table = {f"{{{CEB}}}{f.element}": (n, f) for n, f in enumerate(fields)}
    values: dict[str, str] = {}
    last = -1
    for child in element:
        position, spec = table.get(child.tag, (-1, None))
        local = cut(etree.QName(child).localname)
        if spec is None or len(child):
            found.append(door.UNKNOWN_IN_ENVELOPE.at(f"/{name}/{local}", found=local, type=name))
        elif position <= last:
            found.append(door.MISPLACED_IN_ENVELOPE.at(f"/{name}/{local}", found=local))
        else:
            last = position
            values[spec.element] = child.text or ""
    for spec in fields:
        _transfer_value(name, spec, values.get(spec.element), message)
    return values


def _transfer_value(part: str, spec: FieldSpec, value: str | None, message: ReadMessage) -> None:
    """One field of the transfer part: there, filled, not too long, and one of its values where there is a list."""
    if value is None and not spec.required:
        return
    text = value or ""
    filled = text.strip() or not spec.required
    if filled and len(text) <= spec.most and (not spec.values or text in spec.values):
        return
    expected = "/".join(spec.values) or f"1–{spec.most}"
    message.envelope_findings.append(
        door.TRANSFER_FAULT.at(
            f"/{part}/{spec.element}", name=spec.name.zh, element=spec.element, expected=expected, value=cut(text)
        )
    )
