"""Writing XML by hand, safely: escaping, and what XML 1.0 does not allow taken out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from customs.messages.fields import FieldSpec

ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 §2.2 does not allow in a text, NUL and lone surrogates included."""

_ESCAPES = {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord('"'): "&quot;", ord("\r"): "&#13;"}
_RISKY = re.compile('[&<>"\r]')


def legal(text: str) -> str:
    """`text` without the characters that XML 1.0 forbids."""
    return ILLEGAL.sub("", text)


def escaped(text: str) -> str:
    """`text` as element content or attribute value; forbidden characters are left out."""
    clean = legal(text)
    return clean.translate(_ESCAPES) if _RISKY.search(clean) else clean


def cdata(text: str) -> str:
    """`text` as a CDATA section; an end mark inside is split over two sections."""
    return "<![CDATA[" + legal(text).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def element(name: str, text: str) -> str:
    """One element in the CEB namespace under its usual prefix."""
    return f"<ceb:{name}>{escaped(text)}</ceb:{name}>"


def elements(fields: Sequence[FieldSpec], values: Mapping[str, str]) -> str:
    """The fields in the standard's order: required ones always, optional ones where filled or where empty is allowed.

    An optional element that is empty is written only if the schema lets it be empty (message standard §2.4).
    """
    written = []
    for spec in fields:
        value = values.get(spec.element)
        if value is None and not spec.required:
            continue
        if value or spec.required or (spec.kind == "text" and spec.shape.least == 0):
            written.append(element(spec.element, value or ""))
    return "".join(written)


def document(name: str, parts: str) -> str:
    """A container element around finished parts."""
    return f"<ceb:{name}>{parts}</ceb:{name}>"


def message(root: str, guid: str, version: str, body: str) -> bytes:
    """A whole message around its finished body, UTF-8 without BOM."""
    opening = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<ceb:{root} guid="{escaped(guid)}" version="{escaped(version)}"'
        ' xmlns:ceb="http://www.chinaport.gov.cn/ceb" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
    )
    return f"{opening}{body}</ceb:{root}>".encode()
