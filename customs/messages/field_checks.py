"""Checks of single fields: a compiled test per field lets the faultless pass quickly; a fault is then explained."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Protocol

from common.findings import Finding, FindingRule
from customs.messages.document import cut
from customs.messages.fields import MESSAGES, FieldSpec
from customs.messages.limits import CHECKLIST_NUMBER, NUMBER_LENGTHS
from customs.messages.subject_codes import subject_fault
from customs.messages.xml_text import ILLEGAL
from customs.rules import message_fields as rules

_FREE_TEXT = 100
"""A text that may be longer than this is prose: space at its ends does no harm."""

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_FORMATS = {"instant": "%Y%m%d%H%M%S", "day": "%Y%m%d"}
_NO_TOTALS = ("1", "2")
"""Marks of a fee given as a rate or per unit, which the standard's text knows and its schema does not let through."""
_ALSO = {
    "subject": ("", ""),
    "platform": ("（境外平台没有代码的填“无”）", " (a foreign platform without a code: 无)"),
    "producer": ("（未在海关登记的填NO）", " (a producer not registered with customs: NO)"),
}


class CodeTables(Protocol):
    """The dated code tables, as checks need them."""

    def valid(self, table: str, code: str, on: date) -> bool:
        """Whether `code` stands in `table` (`country`, `currency`, `unit` …) on that day."""
        ...

    def heading(self, hs4: str, on: date | None = None) -> object | None:
        """The heading of the first four digits on that day, or None."""
        ...

    def subheading(self, hs6: str, on: date | None = None) -> object | None:
        """The subheading of the first six digits on that day, or None."""
        ...


Extra = Callable[[str, CodeTables, date], bool]


@dataclass(frozen=True, slots=True)
class _Test:
    """A field ready for testing: the pattern of a faultless value, and what a pattern cannot say."""

    spec: FieldSpec
    element: str
    required: bool
    matches: Callable[[str], re.Match[str] | None]
    beyond: Extra | None


@lru_cache(maxsize=4096)
def exists(value: str, form: str) -> bool:
    """Whether the `instant` (YYYYMMDDhhmmss) or `day` (YYYYMMDD) exists."""
    try:
        datetime.strptime(value, _FORMATS[form])  # noqa: DTZ007 - only asked whether it exists
    except ValueError:
        return False
    return True


def _extra(spec: FieldSpec) -> Extra | None:
    """What is asked of the value beyond its pattern."""
    holds, table = spec.holds, spec.codes
    if table:
        return lambda value, codes, on: codes.valid(table, value, on)
    if holds in _FORMATS:
        return lambda value, codes, on: exists(value, holds)
    if holds in _ALSO:
        return lambda value, codes, on: subject_fault(value, holds) is None
    if holds == "port":
        return lambda value, codes, on: codes.valid("port", value, on) or codes.valid("country", value, on)
    if holds == "hs_code":
        return lambda value, codes, on: codes.heading(value[:4], on) is not None
    return None


def _pattern(spec: FieldSpec) -> str:
    """A regular expression that only faultless values match in full; too narrow is safe, too wide is not."""
    if spec.values:
        return "|".join(re.escape(value) for value in spec.values)
    if spec.kind == "integer":
        return rf"0*[1-9][0-9]{{0,{spec.most - 1}}}" if spec.sign == "positive" else rf"[0-9]{{1,{spec.most}}}"
    if spec.kind == "decimal":
        zero = r"(?!0+(?:\.0+)?\Z)" if spec.sign == "positive" else ""
        return rf"{zero}[0-9]{{1,{spec.most - spec.shape.places}}}(?:\.[0-9]{{1,{spec.shape.places}}})?"
    if spec.holds in ("instant", "day"):
        return rf"[0-9]{{{spec.most}}}"
    if spec.holds == "hs_code":
        return "[0-9]{10}"
    if spec.holds == "checklist_number":
        return CHECKLIST_NUMBER.pattern
    least, most = max(spec.least, 1), min(spec.most, 1_000_000)
    plain = r"[^\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
    if spec.most > _FREE_TEXT:
        return rf"(?=.*\S){plain}{{{least},{most}}}" if spec.required else rf"{plain}{{{spec.least},{most}}}"
    ends = r"(?!\s)(?!.*\s\Z)"
    return rf"{ends}{plain}{{{least},{most}}}" + ("" if spec.required or spec.least else "|")


@lru_cache(maxsize=64)
def _tests(type: str, line: bool) -> tuple[_Test, ...]:
    """The compiled tests of a head or line."""
    spec = MESSAGES[type]
    fields = spec.list_fields if line else spec.head_fields
    return tuple(
        _Test(one, one.element, one.required, re.compile(_pattern(one), re.DOTALL).fullmatch, _extra(one))
        for one in fields
    )


def check_fields(
    type: str, line: bool, values: Mapping[str, str], where: str, codes: CodeTables, on: date
) -> list[Finding]:
    """Every fault of the single fields of one head or line; `where` is its pointer."""
    findings: list[Finding] = []
    get = values.get
    for test in _tests(type, line):
        value = get(test.element)
        if value is None:
            if test.required:
                findings.append(_say(rules.MISSING, test.spec, where))
        elif not value and not test.required and test.spec.least == 0 and test.spec.kind == "text":
            continue
        elif not test.matches(value) or (test.beyond is not None and not test.beyond(value, codes, on)):
            findings.append(explain(test.spec, value, where, on))
    return findings


def _say(rule: FindingRule, spec: FieldSpec, where: str, **facts: object) -> Finding:
    """The rule's finding at a field, with the field's names."""
    return rule.at(f"{where}/{spec.element}", name_zh=spec.name.zh, name_en=spec.name.en, element=spec.element, **facts)


def explain(spec: FieldSpec, value: str, where: str, on: date) -> Finding:
    """The one finding that says best what is wrong with a value that failed its test."""
    shown = cut(value)
    if not value.strip() and spec.required:
        return _say(rules.EMPTY, spec, where)
    if ILLEGAL.search(value):
        return _say(rules.CONTROL_CHARACTER, spec, where)
    if spec.kind == "decimal":
        return _explain_decimal(spec, value, where)
    if spec.kind == "integer":
        return _explain_integer(spec, value, where)
    if not spec.least <= len(value) <= spec.most and spec.holds != "checklist_number":
        expected_zh, expected_en = _lengths(spec)
        facts = {"expected_zh": expected_zh, "expected_en": expected_en, "found": len(value), "value": shown}
        return _say(rules.WRONG_LENGTH, spec, where, **facts)
    if value != value.strip() and spec.most <= _FREE_TEXT:
        return _say(rules.SPACE_AROUND, spec, where, value=shown)
    return _explain_form(spec, value, where, on)


def _lengths(spec: FieldSpec) -> tuple[str, str]:
    """The lengths allowed, in both languages."""
    if spec.least == spec.most:
        return f"{spec.most}位", f"{spec.most} characters"
    if spec.least <= 1:
        return f"不超过{spec.most}位", f"at most {spec.most} characters"
    return f"{spec.least}至{spec.most}位", f"{spec.least} to {spec.most} characters"


def _explain_decimal(spec: FieldSpec, value: str, where: str) -> Finding:
    """Why an amount, quantity or weight failed."""
    shown = cut(value)
    if not _DECIMAL.fullmatch(value):
        return _say(rules.NOT_DECIMAL, spec, where, value=shown)
    if value.startswith("-"):
        return _say(rules.NOT_POSITIVE if spec.sign == "positive" else rules.NEGATIVE, spec, where, value=shown)
    whole, _, behind = value.partition(".")
    room = spec.most - spec.shape.places
    if len(whole) > room or len(behind) > spec.shape.places:
        return _say(rules.TOO_MANY_DIGITS, spec, where, whole=room, places=spec.shape.places, value=shown)
    return _say(rules.NOT_POSITIVE, spec, where, value=shown)


def _explain_integer(spec: FieldSpec, value: str, where: str) -> Finding:
    """Why a count failed."""
    if spec.sign == "positive" and re.fullmatch("-[0-9]+|0+", value) and len(value) <= spec.most + 1:
        return _say(rules.NOT_POSITIVE, spec, where, value=cut(value))
    return _say(rules.NOT_INTEGER, spec, where, most=spec.most, value=cut(value))


def _explain_form(spec: FieldSpec, value: str, where: str, on: date) -> Finding:
    """Why a text of the right length failed: its list, its form, or its code table."""
    shown = cut(value)
    if spec.holds == "total_mark" and value in _NO_TOTALS:
        return _say(rules.NOT_A_TOTAL, spec, where, value=shown)
    if spec.values:
        return _say(rules.NOT_LISTED, spec, where, expected="/".join(v for v in spec.values if v.strip()), value=shown)
    if spec.holds in _FORMATS:
        return _say(rules.NO_SUCH_TIME if spec.holds == "instant" else rules.NO_SUCH_DAY, spec, where, value=shown)
    if spec.holds in _ALSO:
        if subject_fault(value, spec.holds) == "check_digit":
            return _say(rules.WRONG_CHECK_DIGIT, spec, where, value=shown)
        also_zh, also_en = _ALSO[spec.holds]
        return _say(rules.NOT_A_SUBJECT, spec, where, value=shown, also_zh=also_zh, also_en=also_en)
    if spec.holds == "hs_code":
        if not re.fullmatch("[0-9]{10}", value):
            return _say(rules.NOT_AN_HS_CODE, spec, where, value=shown)
        return _say(rules.NO_SUCH_HEADING, spec, where, value=shown, on=on.isoformat())
    if spec.holds == "checklist_number":
        least, most = NUMBER_LENGTHS
        return _say(rules.NOT_A_CHECKLIST_NUMBER, spec, where, value=shown, least=least, most=most)
    return _say(rules.NO_SUCH_CODE, spec, where, value=shown, on=on.isoformat())
