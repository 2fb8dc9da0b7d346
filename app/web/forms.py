"""A form that was sent: its values, what was refused and at which field, and days and numbers read from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from flask import request

from app.i18n import said
from common.clock import day_written
from common.findings import DomainError, Finding, rule

MOST = 100
"""Characters that a one-line field may hold."""

SY0605 = rule(
    "SY0605",
    title=("日期写法不对", "Not a day"),
    say=(
        "“{value}”不是日期。请按YYYY-MM-DD填写，例如2026-11-24。",
        "“{value}” is no day. Write it as YYYY-MM-DD, such as 2026-11-24.",
    ),
    basis="平台页面约定",
    kind="format",
)
SY0606 = rule(
    "SY0606",
    title=("没有填写", "Nothing entered"),
    say=("请填写“{what}”。", "Enter “{what}”."),
    basis="平台页面约定",
    kind="format",
)

SY0607 = rule(
    "SY0607",
    title=("文字不能保存", "Text that cannot be kept"),
    say=("这一栏最多{most}个字，不含控制字符。", "At most {most} characters here, no control characters."),
    basis="平台页面约定",
    kind="format",
)


@dataclass(frozen=True, slots=True)
class FormState:
    """What a page shows of a form: values as written, and findings at the fields that their pointers name.

    `prefix` stands before the names of the form's fields, so that several forms of a page have ids of their own.
    """

    prefix: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    findings: Sequence[Finding] = ()

    def get(self, name: str, otherwise: str = "") -> str:
        """What was written into a field; `otherwise` before the form was sent."""
        return self.values.get(self.prefix + name, otherwise)

    def wrong(self, name: str) -> str:
        """The sentence at a field, empty where nothing is wrong there."""
        return next((said(one.message) for one in self.findings if self._field(one) == self.prefix + name), "")

    @property
    def errors(self) -> list[tuple[str, str]]:
        """Every refusal with the field that it is about."""
        return [(said(one.message), self._field(one)) for one in self.findings]

    def _field(self, finding: Finding) -> str:
        name = finding.pointer.rpartition("/")[2]
        return next((one for one in (self.prefix + name, name) if one and one in self.values), "")


EMPTY = FormState()


def sent(prefix: str = "", error: DomainError | None = None) -> FormState:
    """The form of the request, with the refusal it met."""
    return FormState(prefix, dict(request.form.items()), tuple(error.findings) if error else ())


def text_of(name: str, most: int = MOST) -> str:
    """A field of the request's form without spaces around it; raises `DomainError` where it cannot be kept."""
    written = request.form.get(name, "").strip()
    if len(written) > most or "\0" in written:
        raise DomainError(SY0607.at(f"/{name}", most=most))
    return written


def day_of(name: str) -> date:
    """A day from the form; raises `DomainError` at the field."""
    found = day_or_none(name)
    if found is None:
        raise DomainError(SY0605.at(f"/{name}", value="—"))
    return found


def day_or_none(name: str) -> date | None:
    """A day from the form, None where the field is empty; raises `DomainError` at the field."""
    written = text_of(name)
    if not written:
        return None
    try:
        return day_written(written)
    except ValueError:
        raise DomainError(SY0605.at(f"/{name}", value=written[:20])) from None


def number_or_none(name: str) -> int | None:
    """A record's number from a choice, None where nothing was chosen."""
    return whole_number(text_of(name))


def required(name: str, what: str, most: int = MOST) -> str:
    """A field that must be filled in; raises `DomainError` at the field, naming it as `what`."""
    written = text_of(name, most)
    if not written:
        raise DomainError(SY0606.at(f"/{name}", what=what))
    return written


ID_DIGITS = 16
"""Ids have at most as many digits (`common.db.ID_STRIDE`)."""


def whole_number(written: str, digits: int = ID_DIGITS) -> int | None:
    """A number as a browser sends it; None for what is none, or longer than `digits` and so none of its kind."""
    return int(written) if written.isascii() and written.isdigit() and len(written) <= digits else None


def asked_number(name: str, digits: int = ID_DIGITS) -> int | None:
    """A number from the address; None where there is none."""
    return whole_number(request.args.get(name, ""), digits)


def asked_cursor() -> int | None:
    """Where a page of a list begins, from the address; None for the first page and for what is no place in a list."""
    return asked_number("after")
