"""The XML form of a message: door, envelope, documents.

One parse in C, one pass over the elements in Python; what is rare (attributes, stray text, nesting) is looked for by
XPath over the whole message and only then laid at the right document's door.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from lxml import etree

from common.findings import Finding
from customs.messages.document import DoorFault, ReadDocument, ReadMessage, cut, known_types
from customs.messages.envelope import read_envelope
from customs.messages.fields import CEB, DSIG, MESSAGES, FieldSpec, MessageSpec
from customs.messages.signature import verify
from customs.rules import message_door as door

MAX_DEPTH = 32
_ENCODING = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
_PROLOG = re.compile(r"\s*(<\?|<!--)")
_DOCTYPE = re.compile(r"\s*<!DOCTYPE")
_DEEP = etree.XPath("boolean(" + "/*" * (MAX_DEPTH + 1) + ")")
_NS = {"c": CEB}


def read_xml(raw: bytes, *, responses: bool = False) -> ReadMessage:
    """The message in `raw`. Raises `DoorFault`; everything else is a finding in the result.

    `responses=True` reads what customs' own system answers (CEB304 …) instead of what firms send.
    """
    body = raw.removeprefix(b"\xef\xbb\xbf")
    _check_bytes(body)
    root = _parse(body)
    spec = _spec(root, responses)
    message = ReadMessage(spec.type, root.get("guid", ""), root.get("version", ""))
    holders = read_envelope(root, spec, message)
    if message.envelope_findings:
        return message
    message.documents = [_document(one, spec, index) for index, one in enumerate(holders)]
    _rare_faults(root, spec, message.documents, holders)
    if root.find(f"{{{DSIG}}}Signature") is not None:
        message.signature = verify(body)
    return message


def probe_xml(raw: bytes) -> tuple[str, str | None]:
    """Type and guid of an incoming message, without looking into its documents; raises `DoorFault`."""
    body = raw.removeprefix(b"\xef\xbb\xbf")
    _check_bytes(body)
    root = _parse(body)
    return _spec(root, False).type, root.get("guid")


def _check_bytes(body: bytes) -> None:
    """UTF-8 without NUL, declared as such, and no DTD; raises `DoorFault`."""
    nul = body.find(b"\0")
    if nul >= 0:
        raise DoorFault(door.NUL_BYTE.at("", position=nul + 1))
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DoorFault(door.NOT_UTF8.at("", position=error.start + 1)) from error
    declared = _ENCODING.match(body)
    if declared and declared[1].lower() not in (b"utf-8", b"utf8"):
        raise DoorFault(door.WRONG_ENCODING.at("", found=cut(declared[1].decode())))
    if _has_doctype(text):
        raise DoorFault(door.HAS_DTD.at(""))


def _has_doctype(text: str) -> bool:
    """Whether a DOCTYPE stands before the root element, the only place where it can."""
    at = 0
    while found := _PROLOG.match(text, at):
        closing = "?>" if found[1] == "<?" else "-->"
        end = text.find(closing, found.end())
        if end < 0:
            return False
        at = end + len(closing)
    return _DOCTYPE.match(text, at) is not None


def _parse(body: bytes) -> Any:
    """The root element; raises `DoorFault`."""
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        if "depth" in str(error):
            raise DoorFault(door.TOO_DEEP.at("", limit=MAX_DEPTH)) from error
        line, column = error.position
        raise DoorFault(door.NOT_WELL_FORMED.at("", line=line, column=column)) from error
    if _DEEP(root):
        raise DoorFault(door.TOO_DEEP.at("", limit=MAX_DEPTH))
    return root


def _spec(root: Any, responses: bool) -> MessageSpec:
    """The root's row in the field table; raises `DoorFault` for a foreign namespace or an unknown type."""
    name = etree.QName(root)
    if name.namespace != CEB:
        raise DoorFault(door.WRONG_NAMESPACE.at("", found=cut(name.namespace or "", 80)))
    direction = "out" if responses else "in"
    spec = MESSAGES.get(name.localname.removesuffix("Message"))
    bare = responses and spec is not None and name.localname == spec.type  # as customs' own sample of CEB214 has it
    if spec is None or spec.direction != direction or not (bare or name.localname == spec.root):
        known = "、".join(known_types(MESSAGES, direction))
        raise DoorFault(
            door.UNKNOWN_ROOT.at("", found=cut(name.localname), known=known), guid=cut(root.get("guid", ""))
        )
    return spec


@lru_cache(maxsize=64)
def _table(type: str, line: bool) -> Mapping[str, tuple[int, str, bool]]:
    """By qualified tag: position, element, and whether white space is collapsed (as the schema does for numbers)."""
    spec = MESSAGES[type]
    fields: tuple[FieldSpec, ...] = spec.list_fields if line else spec.head_fields
    return {f"{{{CEB}}}{f.element}": (n, f.element, f.collapse or f.kind != "text") for n, f in enumerate(fields)}


def _document(holder: Any, spec: MessageSpec, index: int) -> ReadDocument:
    """One document with its structural findings."""
    document = ReadDocument(index, spec.element)
    where = f"/{spec.element}/{index}"
    if spec.flat:
        document.head = _values(holder, _table(spec.type, False), where, spec.element, document.findings)
        return document
    head_tag, list_tag = f"{{{CEB}}}{spec.head}", f"{{{CEB}}}{spec.list}"
    heads = 0
    for part in holder:
        if part.tag == list_tag:
            at = f"{where}/{spec.list}/{len(document.lines)}"
            document.lines.append(_values(part, _table(spec.type, True), at, spec.list or "", document.findings))
        elif part.tag == head_tag:
            _read_head(part, spec, document, where, heads)
            heads += 1
        else:
            name = cut(etree.QName(part).localname)
            document.findings.append(door.UNKNOWN_ELEMENT.at(f"{where}/{name}", found=name, part=spec.element))
    if not heads:
        document.findings.append(door.NO_HEAD.at(f"{where}/{spec.head}", part=spec.head))
    return document


def _read_head(part: Any, spec: MessageSpec, document: ReadDocument, where: str, before: int) -> None:
    """The head, which stands once and before the lines; a second one is reported, the first one kept."""
    at = f"{where}/{spec.head}"
    if before:
        document.findings.append(door.REPEATED_ELEMENT.at(at, found=spec.head))
        return
    if document.lines:
        document.findings.append(door.MISPLACED_ELEMENT.at(at, found=spec.head, before=spec.list))
    document.head = _values(part, _table(spec.type, False), at, spec.head or "", document.findings)


def _values(
    parent: Any,
    table: Mapping[str, tuple[int, str, bool]],
    where: str,
    part: str,
    findings: list[Finding],
) -> dict[str, str]:
    """The texts of a head or line by element; unknown, repeated and misplaced elements become findings."""
    values: dict[str, str] = {}
    last, last_name = -1, ""
    for child in parent:
        known = table.get(child.tag)
        if known is None:
            name = cut(etree.QName(child).localname)
            findings.append(door.UNKNOWN_ELEMENT.at(f"{where}/{name}", found=name, part=part))
            continue
        position, name, collapse = known
        if name in values:
            findings.append(door.REPEATED_ELEMENT.at(f"{where}/{name}", found=name))
            continue
        if position < last:
            findings.append(door.MISPLACED_ELEMENT.at(f"{where}/{name}", found=name, before=last_name))
        else:
            last, last_name = position, name
        text = child.text or ""
        values[name] = " ".join(text.split()) if collapse else text
    return values


@lru_cache(maxsize=64)
def _rare(type: str) -> tuple[Any, Any, Any]:
    """XPaths over a message of this type: elements inside fields, stray texts, attributes."""
    spec = MESSAGES[type]
    fields = f"/*/c:{spec.element}" + ("/*" if spec.flat else "/*/*")
    containers = f"/*/c:{spec.element}" + ("" if spec.flat else f"|/*/c:{spec.element}/*")
    texts = "|".join(f"{path}/text()[normalize-space()]" for path in containers.split("|"))
    return (
        etree.XPath(f"{fields}[*]", namespaces=_NS),
        etree.XPath(texts, namespaces=_NS),
        etree.XPath(f"/*/c:{spec.element}/descendant-or-self::*[@*]", namespaces=_NS),
    )


def _rare_faults(root: Any, spec: MessageSpec, documents: list[ReadDocument], holders: list[Any]) -> None:
    """Findings for elements inside fields, text between elements, and attributes, at the documents they stand in."""
    nested, stray, attributes = (find(root) for find in _rare(spec.type))
    if not (nested or stray or attributes):
        return
    index = {holder: n for n, holder in enumerate(holders)}
    for element in nested:
        at, n = _place(element, index, spec)
        documents[n].findings.append(door.NESTED_ELEMENT.at(at, found=etree.QName(element).localname))
    for text in stray:
        parent = text.getparent().getparent() if text.is_tail else text.getparent()
        at, n = _place(parent, index, spec)
        part = etree.QName(parent).localname
        documents[n].findings.append(door.STRAY_TEXT.at(at, part=part, value=cut(text.strip())))
    for element in attributes:
        at, n = _place(element, index, spec)
        name = etree.QName(element).localname
        documents[n].findings.append(door.HAS_ATTRIBUTE.at(at, found=name, value=cut(next(iter(element.attrib)))))


def _place(element: Any, index: Mapping[Any, int], spec: MessageSpec) -> tuple[str, int]:
    """The pointer to an element somewhere in a document, and the document's number."""
    steps: list[str] = []
    for one in _upwards(element):
        if one in index:
            return "/".join([f"/{spec.element}", str(index[one]), *reversed(steps)]), index[one]
        name = etree.QName(one).localname
        if name == spec.list:
            steps.append(str(sum(1 for _ in one.itersiblings(one.tag, preceding=True))))
        steps.append(name)
    raise AssertionError("the element stands in a document")


def _upwards(element: Any) -> Iterator[Any]:
    """The element and its ancestors."""
    yield element
    yield from element.iterancestors()
