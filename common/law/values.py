"""What a dated parameter is: a name, a type, a unit, and values each with its days and its legal reference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from common.findings import Text

_T = TypeVar("_T")

Value = Decimal | int | bool | str | tuple[str, ...]
"""What a parameter can hold; lists are tuples of text, in the order of the document."""


class Status(StrEnum):
    """Whether the text of the law was seen (or two independent accounts agree), or the value still waits for that."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """One parameter's value on one day, with what it rests on.

    `start` and `end` are the first and last day in force (None: open). The typed readers below refuse, with a
    `TypeError`, a value of another type: a rule that asks for a number must not get a word.
    """

    name: str
    value: Value
    unit: str
    start: date | None
    end: date | None
    document: str
    article: str
    status: Status = Status.VERIFIED
    note: Text | None = None

    @property
    def decimal(self) -> Decimal:
        """The value of a `decimal` parameter, in `unit`."""
        return self._as(Decimal)

    @property
    def integer(self) -> int:
        """The value of an `integer` parameter, in `unit`."""
        if isinstance(self.value, bool):
            raise TypeError(f"{self.name} is a yes or no, not a number")
        return self._as(int)

    @property
    def boolean(self) -> bool:
        """The value of a `boolean` parameter."""
        return self._as(bool)

    @property
    def text(self) -> str:
        """The value of a `text` parameter."""
        return self._as(str)

    @property
    def codes(self) -> tuple[str, ...]:
        """The value of a `list` parameter, in the document's order."""
        return self._as(tuple)

    def _as(self, kind: type[_T]) -> _T:
        if not isinstance(self.value, kind):
            raise TypeError(f"{self.name} is {type(self.value).__name__}, not {kind.__name__}")
        return self.value

    def as_dict(self) -> dict[str, Any]:
        """The wire shape of interfaces.md §4: decimals as text, lists as lists, days as `YYYY-MM-DD`."""
        return {
            "name": self.name,
            "value": wire(self.value),
            "unit": self.unit,
            "from": wire(self.start),
            "to": wire(self.end),
            "document": self.document,
            "article": self.article,
            "status": self.status.value,
        }


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter with its whole history; `values` are in the order of their first days and never overlap."""

    name: str
    type: str
    unit: str
    description: Text
    values: tuple[ParameterValue, ...]
    source: str = ""

    def on(self, day: date) -> ParameterValue | None:
        """The value in force on `day`; None before the first, after the last, or in a gap."""
        for value in self.values:
            if (value.start is None or value.start <= day) and (value.end is None or day <= value.end):
                return value
        return None


def wire(value: Any) -> Any:
    """A value as JSON shows it: decimals as plain text, days in ISO form, tuples as lists, everything else as is."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, tuple | list):
        return [wire(one) for one in value]
    if isinstance(value, frozenset | set):
        return sorted(wire(one) for one in value)
    if isinstance(value, dict):
        return {key: wire(one) for key, one in value.items()}
    return value
