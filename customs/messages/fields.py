"""The field table of every CEB message: the one source for reading, checks, writing, schema, forms and docs.

`standard/ceb*.yaml` holds one message each, elements in the order of the official schema of 202205; where the first
published version (2018) differs, `type_2018` says how. A message does not say which version it follows, so the gate
takes what is valid under either: `FieldSpec.most` and `FieldSpec.least` are the wider of the two. Type notation of the
files: `C36` exactly 36 characters, `C..60` at most 60, `C1..10` between, `N19,5` decimal with 19 digits of which 5
behind the point, `I5` whole number of at most 5 digits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from common.findings import Text
from common.law.loader import read_text, read_yaml

CEB = "http://www.chinaport.gov.cn/ceb"
"""The namespace of every CEB element, also of the inner ones."""

DSIG = "http://www.w3.org/2000/09/xmldsig#"
"""The namespace of the signature element."""

_TYPE = re.compile(r"^(?:C(\d+)|C(\d*)\.\.(\d+|\*)|N(\d+),(\d+)|I(\d+))$")
_UNBOUNDED = 2**31
_FOLDER = Path(__file__).parent / "standard"


@dataclass(frozen=True, slots=True)
class Shape:
    """A type of the standard: `kind` is text, decimal or integer; lengths in characters, for numbers in digits."""

    kind: str
    least: int
    most: int
    places: int = 0

    @property
    def bounded(self) -> bool:
        """Whether a text of this shape has a greatest length."""
        return self.most < _UNBOUNDED

    @property
    def written(self) -> str:
        """The notation of the files: `C..60`, `N19,5`, `I5`."""
        if self.kind == "decimal":
            return f"N{self.most},{self.places}"
        if self.kind == "integer":
            return f"I{self.most}"
        if self.least == self.most:
            return f"C{self.most}"
        return f"C{self.least or ''}..{self.most if self.bounded else '*'}"

    @classmethod
    def parse(cls, written: str) -> Shape:
        """The shape from its notation (`C..60`, `N19,5`, `I5`); raises `ValueError`."""
        found = _TYPE.match(written)
        if not found:
            raise ValueError(f"unknown type {written!r}")
        exact, least, most, digits, places, whole = found.groups()
        if digits:
            return cls("decimal", 1, int(digits), int(places))
        if whole:
            return cls("integer", 1, int(whole))
        if exact:
            return cls("text", int(exact), int(exact))
        return cls("text", int(least or 0), _UNBOUNDED if most == "*" else int(most))


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One element (元素) of a message.

    `shape` is the type of 202205, `shape_2018` the other version's where it differs. `holds` names a form beyond the
    type (guid, instant, day, milliseconds, subject, platform, producer, port, hs_code, checklist_number, total_mark);
    `codes` a dated code table; `values` a closed list; `sign` positive or not_negative. `line` tells body from head.
    `note` says where text and schema of the standard differ and which is followed.
    """

    element: str
    name: Text
    shape: Shape
    required: bool
    line: bool
    shape_2018: Shape | None = None
    since: str = "2018"
    collapse: bool = False
    holds: str | None = None
    codes: str | None = None
    values: tuple[str, ...] = ()
    sign: str | None = None
    note: Text | None = None

    @property
    def kind(self) -> str:
        """text, decimal or integer."""
        return self.shape.kind

    @property
    def least(self) -> int:
        """The fewest characters that either version accepts."""
        return min(self.shape.least, self.shape_2018.least) if self.shape_2018 else self.shape.least

    @property
    def most(self) -> int:
        """The most characters (digits, for numbers) that either version accepts."""
        return max(self.shape.most, self.shape_2018.most) if self.shape_2018 else self.shape.most


@dataclass(frozen=True)
class MessageSpec:
    """One message type: where its documents stand, what they hold, how they are answered.

    `type` is `CEB603`, `element` the document element (`Inventory`), `head` and `list` its parts or None for a flat
    document, `min_lines`/`max_lines` the body lines that either version accepts (None: unbounded), `key` the elements
    of the business key, `echo` the elements that the response repeats, `error_codes` the first code per kind of
    finding (message standard §5, table of 2018).
    """

    type: str
    name: Text
    direction: str
    element: str
    head: str | None
    list: str | None
    min_lines: int
    max_lines: int | None
    head_fields: tuple[FieldSpec, ...]
    list_fields: tuple[FieldSpec, ...]
    response: str | None = None
    key: tuple[str, ...] = ()
    echo: tuple[str, ...] = ()
    error_codes: Mapping[str, int] = field(default_factory=dict)
    since: str = "2018"
    lines_202205: tuple[int, int | None] = (0, 0)
    lines_2018: tuple[int, int | None] = (0, 0)

    @property
    def root(self) -> str:
        """The root element: `CEB603Message`."""
        return f"{self.type}Message"

    @property
    def flat(self) -> bool:
        """Whether the document holds its fields itself, without head and list."""
        return self.head is None

    @cached_property
    def head_by_name(self) -> Mapping[str, FieldSpec]:
        """The head's fields by element."""
        return MappingProxyType({f.element: f for f in self.head_fields})

    @cached_property
    def list_by_name(self) -> Mapping[str, FieldSpec]:
        """A line's fields by element."""
        return MappingProxyType({f.element: f for f in self.list_fields})

    def at_head(self, index: int, element: str) -> str:
        """The pointer to a head element of document `index`, counted from 0."""
        return f"/{self.element}/{index}/{self.head}/{element}" if self.head else f"/{self.element}/{index}/{element}"

    def at_line(self, index: int, line: int, element: str) -> str:
        """The pointer to an element of a line, both counted from 0."""
        return f"/{self.element}/{index}/{self.list}/{line}/{element}"


_ROW = {"zh", "en", "type", "required", "type_2018", "since", "collapse", "holds", "codes", "values", "sign", "note"}
_TOP = {"name", "direction", "element", "since", "head", "list", "lines", "lines_2018", "response", "key", "echo"}


def _field(element: str, row: Mapping[str, Any], line: bool) -> FieldSpec:
    """One row of the table; raises `ValueError` for a key it does not know."""
    if set(row) - _ROW:
        raise ValueError(f"{element}: unknown keys {sorted(set(row) - _ROW)}")
    return FieldSpec(
        element=element,
        name=Text(row["zh"], row["en"]),
        shape=Shape.parse(row["type"]),
        required=row.get("required") == "yes",
        line=line,
        shape_2018=Shape.parse(row["type_2018"]) if "type_2018" in row else None,
        since=row.get("since", "2018"),
        collapse=row.get("collapse") == "yes",
        holds=row.get("holds"),
        codes=row.get("codes"),
        values=tuple(row.get("values", ())),
        sign=row.get("sign"),
        note=read_text(row["note"], element) if "note" in row else None,
    )


def _lines(written: str) -> tuple[int, int | None]:
    """`1..100` or `1..*` as a pair."""
    least, _, most = written.partition("..")
    return int(least), None if most == "*" else int(most)


def _wider(a: tuple[int, int | None], b: tuple[int, int | None]) -> tuple[int, int | None]:
    """The range that holds both."""
    most = None if a[1] is None or b[1] is None else max(a[1], b[1])
    return min(a[0], b[0]), most


def read_message_spec(path: Path) -> MessageSpec:
    """One message from its file (`ceb603.yaml`); raises `ValueError`, or `LawFileError` for bad YAML."""
    data = read_yaml(path)
    unknown = set(data) - _TOP - {"head_fields", "list_fields", "error_codes"}
    if unknown:
        raise ValueError(f"{path.name}: unknown keys {sorted(unknown)}")
    now = _lines(data.get("lines", "0..0"))
    then = _lines(data["lines_2018"]) if "lines_2018" in data else now
    least, most = _wider(now, then)
    return MessageSpec(
        type=path.stem.upper(),
        name=Text(data["name"]["zh"], data["name"]["en"]),
        direction=data["direction"],
        element=data["element"],
        head=data.get("head"),
        list=data.get("list"),
        min_lines=least,
        max_lines=most,
        head_fields=tuple(_field(e, row, False) for e, row in data["head_fields"].items()),
        list_fields=tuple(_field(e, row, True) for e, row in data.get("list_fields", {}).items()),
        response=data.get("response"),
        key=tuple(data.get("key", ())),
        echo=tuple(data.get("echo", ())),
        error_codes={kind: int(code) for kind, code in data.get("error_codes", {}).items()},
        since=data.get("since", "2018"),
        lines_202205=now,
        lines_2018=then,
    )


MESSAGES: Mapping[str, MessageSpec] = MappingProxyType(
    {spec.type: spec for spec in map(read_message_spec, sorted(_FOLDER.glob("ceb*.yaml")))}
)
"""Every message of the standard that this product reads or writes, by type (`CEB603`)."""

TRANSFER_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("copCode", Text("传输企业代码", "Sender code"), Shape("text", 0, 18), True, False, holds="subject"),
    FieldSpec("copName", Text("传输企业名称", "Sender name"), Shape("text", 0, 100), True, False),
    FieldSpec("dxpMode", Text("交换平台", "Exchange platform"), Shape("text", 3, 3), True, False, values=("DXP",)),
    FieldSpec("dxpId", Text("交换用户编号", "Exchange user number"), Shape("text", 0, 30), True, False),
    FieldSpec("note", Text("备注", "Note"), Shape("text", 0, 1000), False, False),
)
"""BaseTransfer (基础报文传输实体), message standard §2.2."""

SUBSCRIBE_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec("status", Text("订阅状态", "Subscribed states"), Shape("text", 0, 100), True, False),
    FieldSpec("dxpMode", Text("交换平台", "Exchange platform"), Shape("text", 3, 3), True, False),
    FieldSpec("dxpAddress", Text("交换用户编号", "Exchange user number"), Shape("text", 0, 100), True, False),
    FieldSpec("note", Text("备注", "Note"), Shape("text", 0, 1000), False, False),
)
"""BaseSubscribe (基础回执订阅实体), message standard §2.2."""
