"""The XML schema of a message, generated from the field table: equal in meaning to the official one of 202205.

One self-contained file per message, elements in the standard's order, each with its Chinese and English name. Two
things stand differently and mean the same: the signature is any element of its namespace (its own schema is the W3C's
and is not repeated here), and lengths are those of 202205 only, while the platform also takes what was valid in 2018.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from customs.messages.fields import (
    CEB,
    DSIG,
    MESSAGES,
    SUBSCRIBE_FIELDS,
    TRANSFER_FIELDS,
    FieldSpec,
    MessageSpec,
    Shape,
)
from customs.messages.limits import MAX_DOCUMENTS
from customs.messages.xml_text import escaped

EDITION = "202205"
"""The published version of the standard that the generated schemas state."""

DEFAULTS: Mapping[tuple[str, str], str] = {
    ("CEB303", "appStatus"): "1",
    ("CEB303", "freight"): "0",
    ("CEB403", "appStatus"): "1",
    ("CEB505", "appStatus"): "2",
    ("CEB507", "appStatus"): "1",
    ("CEB701", "appStatus"): "2",
}
"""Values that the official schema gives to elements left empty; the platform's checks still ask for them."""

FIXED: Mapping[tuple[str, str], str] = {("CEB603", "fFlag"): "3", ("CEB603", "iFlag"): "3"}
"""Values that the official schema allows alone, where its text allows more (freight and insurance as totals)."""

_INTEGER = "xs:int"


@lru_cache(maxsize=64)
def message_schema(type: str) -> str:
    """The schema of `type` (`CEB603`) as text, UTF-8 declared; raises `KeyError` for an unknown type."""
    spec = MESSAGES[type]
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:ceb="{CEB}" targetNamespace="{CEB}"'
        f' elementFormDefault="qualified" version="{EDITION}">',
        *_root(spec),
        *_document(spec),
    ]
    if spec.direction == "in":
        parts += _envelope()
    parts.append("</xs:schema>")
    return "\n".join(parts) + "\n"


def _root(spec: MessageSpec) -> Iterable[str]:
    """The root element: documents, then, in messages that firms send, what carries and signs them."""
    many = f' maxOccurs="{MAX_DOCUMENTS}"' if spec.type != "CEB900" else ""
    yield f'<xs:element name="{spec.root}">'
    yield _said(spec.name.zh, spec.name.en)
    yield "<xs:complexType><xs:sequence>"
    yield f'<xs:element ref="ceb:{spec.element}"{many}/>'
    if spec.direction == "in":
        yield '<xs:element ref="ceb:BaseTransfer"/>'
        yield '<xs:element ref="ceb:BaseSubscribe" minOccurs="0" maxOccurs="5"/>'
        yield f'<xs:any namespace="{DSIG}" processContents="skip" minOccurs="0"/>'
        yield '<xs:element ref="ceb:ExtendMessage" minOccurs="0"/>'
    yield "</xs:sequence>"
    yield f'<xs:attribute name="guid" use="required">{_simple(Shape("text", 36, 36))}</xs:attribute>'
    yield f'<xs:attribute name="version" use="required">{_simple(Shape("text", 1, 10))}</xs:attribute>'
    yield "</xs:complexType></xs:element>"


def _document(spec: MessageSpec) -> Iterable[str]:
    """The document element with its head and lines, or its fields where it is flat."""
    if spec.head is None:
        yield from _holder(spec.element, spec.name.zh, spec.name.en, spec.head_fields, spec.type)
        return
    yield f'<xs:element name="{spec.element}"><xs:complexType><xs:sequence>'
    yield f'<xs:element ref="ceb:{spec.head}"/>'
    least, most = spec.lines_202205
    yield f'<xs:element ref="ceb:{spec.list}" minOccurs="{least}" maxOccurs="{most or "unbounded"}"/>'
    yield "</xs:sequence></xs:complexType></xs:element>"
    yield from _holder(spec.head, f"{spec.name.zh}表头", f"{spec.name.en}: head", spec.head_fields, spec.type)
    yield from _holder(spec.list or "", f"{spec.name.zh}表体", f"{spec.name.en}: line", spec.list_fields, spec.type)


def _envelope() -> Iterable[str]:
    """BaseTransfer, BaseSubscribe and ExtendMessage."""
    yield from _holder("BaseTransfer", "基础报文传输实体", "Transfer", TRANSFER_FIELDS)
    yield from _holder("BaseSubscribe", "基础回执订阅实体", "Subscription", SUBSCRIBE_FIELDS)
    short = _simple(Shape("text", 0, 30))
    yield '<xs:element name="ExtendMessage"><xs:complexType><xs:sequence>'
    yield f'<xs:element name="name">{short}</xs:element>'
    yield f'<xs:element name="version">{short}</xs:element>'
    yield '<xs:element name="Message"><xs:complexType><xs:sequence>'
    yield '<xs:any namespace="##any" processContents="skip" minOccurs="0"/>'
    yield "</xs:sequence></xs:complexType></xs:element>"
    yield "</xs:sequence></xs:complexType></xs:element>"


def _holder(name: str, zh: str, en: str, fields: Iterable[FieldSpec], type: str = "") -> Iterable[str]:
    """An element that holds fields in their order."""
    yield f'<xs:element name="{name}">'
    yield _said(zh, en)
    yield "<xs:complexType><xs:sequence>"
    for one in fields:
        optional = "" if one.required else ' minOccurs="0"'
        yield f'<xs:element name="{one.element}"{optional}{"" if one.line else _preset(type, one.element)}>'
        yield _said(one.name.zh, one.name.en)
        yield f"{_simple(one.shape, one.collapse)}</xs:element>"
    yield "</xs:sequence></xs:complexType></xs:element>"


def _preset(type: str, element: str) -> str:
    """The attribute for a default or fixed value, empty where there is none."""
    for attribute, table in (("default", DEFAULTS), ("fixed", FIXED)):
        if (type, element) in table:
            return f' {attribute}="{table[type, element]}"'
    return ""


def _simple(shape: Shape, collapse: bool = False) -> str:
    """A simple type of the shape; `collapse`: white space is collapsed before the length is taken."""
    base, facets = _facets(shape)
    if collapse:
        facets = f'{facets}<xs:whiteSpace value="collapse"/>'
    return f'<xs:simpleType><xs:restriction base="{base}">{facets}</xs:restriction></xs:simpleType>'


def _facets(shape: Shape) -> tuple[str, str]:
    if shape.kind == "decimal":
        digits = f'<xs:totalDigits value="{shape.most}"/><xs:fractionDigits value="{shape.places}"/>'
        return "xs:decimal", digits
    if shape.kind == "integer":
        return _INTEGER, f'<xs:totalDigits value="{shape.most}"/>'
    if shape.least == shape.most:
        return "xs:string", f'<xs:length value="{shape.most}"/>'
    least = f'<xs:minLength value="{shape.least}"/>' if shape.least else ""
    most = f'<xs:maxLength value="{shape.most}"/>' if shape.bounded else ""
    return "xs:string", least + most


def _said(zh: str, en: str) -> str:
    """What an element is called, for readers."""
    return (
        f'<xs:annotation><xs:documentation xml:lang="zh">{escaped(zh)}</xs:documentation>'
        f'<xs:documentation xml:lang="en">{escaped(en)}</xs:documentation></xs:annotation>'
    )
