"""The facts of a decision, declared field by field: read strictly, described for the interface, shown as a form.

Reading never stops at the first fault: every fault of the whole body is noted with its pointer. A field's kind says
what JSON it takes and what it gives: decimals and days are text in JSON and `Decimal` and `date` afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Protocol

from app.what_if import faults
from common.clock import day_written
from common.findings import Finding, FindingRule, Text
from common.money import parse_decimal

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOST_TEXT = 100
_ECHO = 60
_MOST_ENTRIES = 100_000

JsonSchema = dict[str, Any]
Knows = Callable[[str, str], bool]
"""Whether a code table holds a code: (table, code)."""


@dataclass(slots=True)
class Reading:
    """One body being read: the code tables, and the faults found so far."""

    knows: Knows
    faults: list[Finding] = field(default_factory=list)

    def fault(self, rule: FindingRule, pointer: str, **facts: Any) -> Any:
        """Note a fault; gives None, which then stands for the value."""
        self.faults.append(rule.at(pointer, **facts))
        return None


class Kind(Protocol):
    """What a field may hold."""

    def read(self, raw: Any, pointer: str, reading: Reading) -> Any:
        """The value of `raw`, or a noted fault and None."""

    def schema(self) -> JsonSchema:
        """How the interface description says it."""


@dataclass(frozen=True, slots=True)
class Words:
    """Free text; with `pattern`, text of that form, which `form` describes."""

    most: int = _MOST_TEXT
    pattern: str | None = None
    form: Text | None = None

    def read(self, raw: Any, pointer: str, reading: Reading) -> str | None:
        """The text as given."""
        if not isinstance(raw, str) or not raw.strip() or len(raw) > self.most:
            return reading.fault(faults.SY0302, pointer, most=self.most)
        if self.pattern and not re.fullmatch(self.pattern, raw):
            return reading.fault(faults.SY0313, pointer, form=self.form)
        return raw

    def schema(self) -> JsonSchema:
        """A string."""
        said: JsonSchema = {"type": "string", "minLength": 1, "maxLength": self.most}
        return said | ({"pattern": f"^{self.pattern}$"} if self.pattern else {})


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some words."""

    options: tuple[str, ...]

    def read(self, raw: Any, pointer: str, reading: Reading) -> str | None:
        """The word as given."""
        if not isinstance(raw, str) or raw not in self.options:
            return reading.fault(faults.SY0306, pointer, options="、".join(self.options))
        return raw

    def schema(self) -> JsonSchema:
        """An enumeration."""
        return {"type": "string", "enum": list(self.options)}


@dataclass(frozen=True, slots=True)
class Number:
    """Money, a rate or a quantity: a plain decimal in quotes; not negative, or above zero where `positive`."""

    positive: bool = False
    signed: bool = False

    def read(self, raw: Any, pointer: str, reading: Reading) -> Decimal | None:
        """The exact number."""
        found = parse_decimal(raw) if isinstance(raw, str) else None
        if found is None:
            return reading.fault(faults.SY0303, pointer)
        if self.signed or found > 0 or (found == 0 and not self.positive):
            return found
        least = Text("大于0", "above 0") if self.positive else Text("不小于0", "of 0 or more")
        return reading.fault(faults.SY0308, pointer, least=least)

    def schema(self) -> JsonSchema:
        """A decimal string."""
        return {"type": "string", "pattern": r"^-?[0-9]{1,14}(\.[0-9]{1,10})?$", "example": "5000.00"}


@dataclass(frozen=True, slots=True)
class Whole:
    """A JSON integer."""

    least: int = 0
    most: int = 2**53

    def read(self, raw: Any, pointer: str, reading: Reading) -> int | None:
        """The integer as given."""
        if not isinstance(raw, int) or isinstance(raw, bool) or not self.least <= raw <= self.most:
            return reading.fault(faults.SY0304, pointer, least=self.least, most=self.most)
        return raw

    def schema(self) -> JsonSchema:
        """An integer."""
        return {"type": "integer", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True, slots=True)
class Day:
    """A day, YYYY-MM-DD."""

    def read(self, raw: Any, pointer: str, reading: Reading) -> date | None:
        """The day."""
        try:
            if isinstance(raw, str) and _DAY.fullmatch(raw):
                return day_written(raw)
        except ValueError:
            pass  # 2026-02-30 is written well and does not exist
        return reading.fault(faults.SY0305, pointer)

    def schema(self) -> JsonSchema:
        """A date string."""
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, slots=True)
class YesNo:
    """True or false."""

    def read(self, raw: Any, pointer: str, reading: Reading) -> bool | None:
        """The boolean as given."""
        return raw if isinstance(raw, bool) else reading.fault(faults.SY0309, pointer)

    def schema(self) -> JsonSchema:
        """A boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Code:
    """A code of a code table, whichever its period."""

    table: str

    def read(self, raw: Any, pointer: str, reading: Reading) -> str | None:
        """The code as given."""
        if not isinstance(raw, str) or not raw or len(raw) > _MOST_TEXT:
            return reading.fault(faults.SY0302, pointer, most=_MOST_TEXT)
        if not reading.knows(self.table, raw):
            return reading.fault(faults.SY0307, pointer, table=self.table, code=raw[:_ECHO])
        return raw

    def schema(self) -> JsonSchema:
        """A string; the description names the table."""
        return {"type": "string", "description": f"code table {self.table}"}


@dataclass(frozen=True, slots=True)
class Identifier:
    """What the asker calls a record: text or an integer, given back as it came."""

    def read(self, raw: Any, pointer: str, reading: Reading) -> str | int | None:
        """The text or integer."""
        whole = isinstance(raw, int) and not isinstance(raw, bool)
        return Whole().read(raw, pointer, reading) if whole else Words().read(raw, pointer, reading)

    def schema(self) -> JsonSchema:
        """A string or an integer."""
        return {"oneOf": [Words().schema(), Whole().schema()]}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one kind."""

    of: Kind
    least: int = 0
    most: int = _MOST_ENTRIES

    def read(self, raw: Any, pointer: str, reading: Reading) -> list[Any] | None:
        """Every entry read."""
        if not isinstance(raw, list) or not self.least <= len(raw) <= self.most:
            return reading.fault(faults.SY0312, pointer, least=self.least, most=self.most)
        return [self.of.read(one, f"{pointer}/{index}", reading) for index, one in enumerate(raw)]

    def schema(self) -> JsonSchema:
        """An array."""
        return {"type": "array", "items": self.of.schema(), "minItems": self.least}


@dataclass(frozen=True, slots=True)
class Field:
    """One key: its name in JSON and in people's words, its kind, whether it may be left out or null."""

    name: str
    kind: Kind
    title: Text
    required: bool = True
    nullable: bool = False
    default: Any = None

    def schema(self) -> JsonSchema:
        """The kind's schema, with the title and null where allowed."""
        said = {"description": f"{self.title.zh} · {self.title.en}"} | self.kind.schema()
        return said | ({"nullable": True} if self.nullable else {})


@dataclass(frozen=True, slots=True)
class Record:
    """An object with known keys."""

    fields: tuple[Field, ...]

    def read(self, raw: Any, pointer: str, reading: Reading) -> dict[str, Any] | None:
        """All values by key, defaults for what was left out; every unknown and missing key is a fault."""
        if not isinstance(raw, dict):
            return reading.fault(faults.SY0310, pointer)
        names = [one.name for one in self.fields]
        for key in raw:
            if key not in names:
                shown = str(key)[:_ECHO]
                reading.fault(faults.SY0300, f"{pointer}/{_escaped(shown)}", key=shown, known="、".join(names))
        return {one.name: self._value(one, raw, f"{pointer}/{one.name}", reading) for one in self.fields}

    @staticmethod
    def _value(one: Field, raw: Mapping[str, Any], pointer: str, reading: Reading) -> Any:
        if one.name not in raw:
            if one.required:
                reading.fault(faults.SY0301, pointer, key=one.name, name=one.title)
            return one.default
        if raw[one.name] is None and one.nullable:
            return None
        return one.kind.read(raw[one.name], pointer, reading)

    def schema(self) -> JsonSchema:
        """An object without further keys."""
        return {
            "type": "object",
            "additionalProperties": False,
            "required": [one.name for one in self.fields if one.required],
            "properties": {one.name: one.schema() for one in self.fields},
        }


def record(*fields: Field) -> Record:
    """An object of these keys."""
    return Record(tuple(fields))


def flat(facts: Record) -> Sequence[Field] | None:
    """The fields where a plain form can ask for all of them, None where the facts hold lists or objects."""
    nested = any(isinstance(one.kind, ListOf | Record) for one in facts.fields)
    return None if nested else facts.fields


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
