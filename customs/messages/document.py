"""What reading yields: a message, its documents, and the fault that stops one at the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from common.findings import DomainError, Finding
from customs.messages.fields import MESSAGES, MessageSpec
from customs.rules.message_door import UNKNOWN_ROOT


class DoorFault(DomainError):  # noqa: N818 - the word of the interfaces page
    """A message that cannot be read: 422, the raw bytes are kept and answered by a CEB900.

    `type` and `guid` are filled as far as they could be recognised (`CEB603` or None).
    """

    def __init__(self, finding: Finding, *, type: str | None = None, guid: str | None = None) -> None:
        super().__init__(finding)
        self.finding = finding
        self.type = type
        self.guid = guid


@dataclass(frozen=True, slots=True)
class SignatureFacts:
    """What the signature of a message showed: whether it holds over the bytes that were read, and whose it is.

    `findings` are of kind signature and concern every document; `holder` the subject codes that the certificate names;
    `serial` its number in lower-case hex; `method` the signature method's address; `validity` the
    certificate's first and last instant.
    """

    findings: tuple[Finding, ...]
    holder: frozenset[str]
    serial: str | None
    method: str | None
    validity: tuple[datetime, datetime] | None = None

    @property
    def valid(self) -> bool:
        """Whether digest and value hold."""
        return not self.findings


@dataclass(slots=True)
class ReadDocument:
    """One document (单证) of a message: its texts as sent, and what reading already found wrong.

    `head` and `lines` hold the elements that stand in the message, empty ones as `""`. `extras` are additions of the
    JSON form: `parent_order_no`, `receiver`, `weighed_gross` as kilograms by waybill number; of a checklist, `business`
    (1210: `parcel` or `bulk`) and `warehouse_id` (the overseas warehouse's number in the register); of a request to
    amend or cancel, `ground` and `known_on` (the day on which the reason became known); of a return, `grounds`; of its
    tally, `tally` (what was found otherwise than asked for).
    """

    index: int
    element: str
    head: dict[str, str] = field(default_factory=dict)
    lines: list[dict[str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    extras: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class ReadMessage:
    """One message as read. With `envelope_findings` the whole message is refused and answered by a CEB900."""

    type: str
    guid: str
    version: str
    base_transfer: dict[str, str] = field(default_factory=dict)
    documents: list[ReadDocument] = field(default_factory=list)
    envelope_findings: list[Finding] = field(default_factory=list)
    signature: SignatureFacts | None = None

    @property
    def spec(self) -> MessageSpec:
        """The message's row in the field table."""
        return MESSAGES[self.type]

    def unsupported(self) -> Finding:
        """The finding that this type, though of the standard, is not taken here."""
        known = "、".join(known_types(MESSAGES))
        return UNKNOWN_ROOT.at("", found=self.type, known=known)


def cut(value: object, most: int = 40) -> str:
    """A value as findings quote it: printable, on one line, at most `most` characters."""
    text = "".join(c if c.isprintable() else "�" for c in str(value))
    return text if len(text) <= most else text[: most - 1] + "…"


def known_types(specs: Mapping[str, MessageSpec], direction: str = "in") -> list[str]:
    """The message types of one direction, as findings list them."""
    return [spec.type for spec in specs.values() if spec.direction == direction]
