"""The door: what is asked of raw bytes before they are acknowledged, and nothing more (interfaces.md §2)."""

from __future__ import annotations

from dataclasses import dataclass

from customs.messages.json_form import probe_json
from customs.messages.xml_form import probe_xml

XML = "application/xml"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Probe:
    """A message that can be read: its type (`CEB603`) and the guid it carries, None where it has no usable one."""

    type: str
    guid: str | None


def probe(raw: bytes, content_type: str) -> Probe:
    """Type and guid of the message in `raw` (`XML` or `JSON`); raises `DoorFault`."""
    type_, guid = probe_json(raw) if content_type == JSON else probe_xml(raw)
    return Probe(type_, guid if guid is not None and len(guid) == 36 else None)
