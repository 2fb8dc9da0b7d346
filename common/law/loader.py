"""Reads parameter files and refuses what it does not understand, naming file, key and day.

All scalars are read as text (YAML would take `NO` for false and `0101.21` for a float) and converted by the type the
file declares. A file holds one parameter's whole history:

    description: {zh: …, en: …}
    type: decimal            # decimal, integer, boolean, text, list
    unit: CNY
    values:
      - from: 2020-07-01
        to: 2024-12-14       # optional; without it the value holds until the next one starts
        value: 5000.00
        document: …
        article: …
        status: verified     # or unverified
        note: {zh: …, en: …} # optional
      - from: 2028-01-01     # optional last entry: from this day there is no value
        ends: true
        document: …
        article: …
        status: verified
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from common.findings import Text
from common.law.values import Parameter, ParameterValue, Status, Value
from common.money import parse_decimal


class LawFileError(Exception):
    """A parameter file is not as it must be; the message names the file, the key and, where it has one, the day."""


class _TextLoader(yaml.CBaseLoader):
    """Scalars as text; a key given twice is an error instead of a silent last word."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """A mapping whose keys are all different."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key in keys:
            if keys.count(key) > 1:
                raise LawFileError(f"key {key!r} stands twice (line {node.start_mark.line + 1})")
        return super().construct_mapping(node, deep=True)


_TOP = {"description", "type", "unit", "values"}
_ENTRY = {"from", "to", "value", "ends", "document", "article", "status", "note"}
_REFERENCE = ("from", "document", "article", "status")
_BOOLEANS = {"true": True, "false": False}


def read_yaml(path: Path) -> Any:
    """The file's content, all scalars as text; raises `LawFileError` naming the file."""
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=_TextLoader)  # noqa: S506 - builds on CBaseLoader
    except (yaml.YAMLError, LawFileError) as error:
        raise LawFileError(f"{path}: {error}") from error


def load_parameter(path: Path, name: str) -> Parameter:
    """One parameter from its file; `name` is the dotted path. Raises `LawFileError`."""
    try:
        content = read_yaml(path)
        return parse_parameter(name, content, str(path))
    except LawFileError as error:
        raise error if str(error).startswith(str(path)) else LawFileError(f"{path}: {error}") from error


def load_folder(folder: Path, prefix: str) -> dict[str, Parameter]:
    """Every parameter below `folder`, by name; `zone_defaults.yaml` is another kind of file and is left out."""
    found: dict[str, Parameter] = {}
    for path in sorted(folder.rglob("*.yaml")):
        if path.name == "zone_defaults.yaml":
            continue
        parts = path.relative_to(folder).with_suffix("").parts
        name = ".".join((prefix, *parts))
        found[name] = load_parameter(path, name)
    return found


def parse_parameter(name: str, content: Any, source: str = "") -> Parameter:
    """A parameter from already read text; checks keys, types, references and the order of days."""
    top = _mapping(content, "the file", required=_TOP, allowed=_TOP)
    description = read_text(top["description"], "description")
    kind, unit = _word(top["type"], "type"), _word(top["unit"], "unit")
    entries = top["values"]
    if not isinstance(entries, list) or not entries:
        raise LawFileError("key 'values' must be a list with at least one value")
    values = _dated(name, kind, unit, [_entry(one) for one in entries])
    return Parameter(name, kind, unit, description, tuple(values), source)


def convert(kind: str, raw: Any, where: str) -> Value:
    """`raw` text as the declared type; raises `LawFileError` naming `where`."""
    if kind == "list":
        if not isinstance(raw, list) or not all(isinstance(one, str) and one for one in raw):
            raise LawFileError(f"{where}: a list of words was declared, {raw!r} is none")
        if len(set(raw)) != len(raw):
            raise LawFileError(f"{where}: a word stands twice in the list")
        return tuple(raw)
    if not isinstance(raw, str) or not raw:
        raise LawFileError(f"{where}: {kind} was declared, {raw!r} is none")
    return _scalar(kind, raw, where)


def _scalar(kind: str, raw: str, where: str) -> Value:
    if kind == "text":
        return raw
    if kind == "boolean":
        if raw not in _BOOLEANS:
            raise LawFileError(f"{where}: write true or false, not {raw!r}")
        return _BOOLEANS[raw]
    number = parse_decimal(raw)
    if kind == "decimal" and number is not None:
        return number
    if kind == "integer" and number is not None and number == number.to_integral_value() and "." not in raw:
        return int(raw)
    if kind in ("decimal", "integer"):
        raise LawFileError(f"{where}: {raw!r} is not a {kind}")
    raise LawFileError(f"{where}: unknown type {kind!r}")


def read_text(raw: Any, where: str) -> Text:
    """A pair `{zh, en}`, both filled."""
    pair = _mapping(raw, where, required={"zh", "en"}, allowed={"zh", "en"})
    return Text(_word(pair["zh"], f"{where}.zh"), _word(pair["en"], f"{where}.en"))


def _entry(raw: Any) -> dict[str, Any]:
    start = raw.get("from") if isinstance(raw, Mapping) else None
    where = f"value from {start}" if start else "a value without 'from'"
    entry = dict(_mapping(raw, where, required=set(_REFERENCE), allowed=_ENTRY))
    for key in _REFERENCE:
        _word(entry[key], f"{where}: {key}")
    entry["where"] = where
    entry["from"] = _day(entry["from"], where)
    entry["to"] = _day(entry["to"], where) if "to" in entry else None
    if entry.get("ends", "true") != "true" or ("ends" in entry) == ("value" in entry):
        raise LawFileError(f"{where}: give either 'value' or 'ends: true'")
    if entry["status"] not in tuple(Status):
        raise LawFileError(f"{where}: status {entry['status']!r} is neither verified nor unverified")
    return entry


def _dated(name: str, kind: str, unit: str, entries: list[dict[str, Any]]) -> list[ParameterValue]:
    values = []
    for index, entry in enumerate(entries):
        following: date | None = entries[index + 1]["from"] if index + 1 < len(entries) else None
        if "ends" in entry:
            if following or index == 0:
                raise LawFileError(f"{entry['where']}: 'ends' closes the last value, it cannot stand here")
            continue
        values.append(_value(name, kind, unit, entry, _last_day(entry, following)))
    return values


def _last_day(entry: dict[str, Any], following: date | None) -> date | None:
    start: date = entry["from"]
    end: date | None = entry["to"]
    if following is not None and following <= start:
        raise LawFileError(f"{entry['where']}: the next value starts on {following}, not later")
    if end is None:
        return following - timedelta(days=1) if following else None
    if end < start or (following and end >= following):
        raise LawFileError(f"{entry['where']}: last day {end} does not fit its neighbours")
    return end


def _value(name: str, kind: str, unit: str, entry: dict[str, Any], end: date | None) -> ParameterValue:
    return ParameterValue(
        name=name,
        value=convert(kind, entry["value"], entry["where"]),
        unit=unit,
        start=entry["from"],
        end=end,
        document=entry["document"],
        article=entry["article"],
        status=Status(entry["status"]),
        note=read_text(entry["note"], f"{entry['where']}: note") if "note" in entry else None,
    )


def _mapping(raw: Any, where: str, *, required: set[str], allowed: set[str]) -> Mapping[str, Any]:
    if not isinstance(raw, Mapping):
        raise LawFileError(f"{where}: keys and values are expected")
    for key in raw:
        if key not in allowed:
            raise LawFileError(f"{where}: unknown key {key!r}")
    missing = sorted(required - set(raw))
    if missing:
        raise LawFileError(f"{where}: key {missing[0]!r} is missing")
    return raw


def _word(raw: Any, where: str) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise LawFileError(f"{where} is empty")
    return raw


def _day(raw: str, where: str) -> date:
    try:
        return date.fromisoformat(raw)
    except ValueError as error:
        raise LawFileError(f"{where}: {raw!r} is not a day (YYYY-MM-DD)") from error
