"""Findings: what is wrong with a paper, said completely, in two languages, with a pointer.

A rule is declared once with `rule(...)`; applying it yields a `Finding`. Rules are numbered and never reused
(`CU…` customs, `TX…` tax, `FX…` forex, `CR…` credit, `SY…` the shell). Nothing here reads the clock or a database.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """Whether a finding stops the paper."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Text:
    """One thing said in Chinese and in English; neither is a translation of the other word by word."""

    zh: str
    en: str

    def format(self, **facts: Any) -> Text:
        """Both sentences with the facts filled in; a fact that is itself a `Text` goes in by language."""
        zh = {key: one.zh if isinstance(one, Text) else one for key, one in facts.items()}
        en = {key: one.en if isinstance(one, Text) else one for key, one in facts.items()}
        return Text(self.zh.format(**zh), self.en.format(**en))

    def as_dict(self) -> dict[str, str]:
        """The wire shape: `{"zh", "en"}`."""
        return {"zh": self.zh, "en": self.en}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong (or noteworthy) at one place of one paper."""

    rule: str
    severity: Severity
    pointer: str
    message: Text
    kind: str = "business"

    def as_dict(self) -> dict[str, Any]:
        """The wire shape of interfaces.md §2."""
        return {
            "rule": self.rule,
            "severity": self.severity.value,
            "pointer": self.pointer,
            "message": self.message.as_dict(),
        }


@dataclass(frozen=True, slots=True)
class FindingRule:
    """A numbered check: what it says when it fails, why, and where it comes from.

    `kind` decides the range of the error code in the response: `format`, `business` or `processing`
    (message standard §5, 2018 table); `signature` likewise.
    """

    id: str
    title: Text
    say: Text
    basis: str
    since: date
    severity: Severity = Severity.ERROR
    kind: str = "business"

    def at(self, pointer: str, **facts: Any) -> Finding:
        """This rule's finding at `pointer`, with the facts that its sentences name."""
        return Finding(self.id, self.severity, pointer, self.say.format(**facts), self.kind)


_ID = re.compile(r"^(CU|TX|FX|CR|SY)\d{3,4}$")
_KINDS = ("format", "business", "processing", "signature")


@dataclass(slots=True)
class RuleBook:
    """All finding rules of the product, by id; refuses a number used twice."""

    rules: dict[str, FindingRule] = field(default_factory=dict)

    def add(self, one: FindingRule) -> FindingRule:
        """Register a rule; raises `ValueError` for a bad or reused number or an unknown kind."""
        if not _ID.match(one.id):
            raise ValueError(f"rule id {one.id!r} is not of the form CU1234")
        if one.id in self.rules:
            raise ValueError(f"rule id {one.id} is used twice")
        if one.kind not in _KINDS:
            raise ValueError(f"rule {one.id}: unknown kind {one.kind!r}")
        self.rules[one.id] = one
        return one


BOOK = RuleBook()


def rule(
    id: str,
    *,
    title: tuple[str, str],
    say: tuple[str, str],
    basis: str,
    since: str = "2018-07-01",
    severity: Severity = Severity.ERROR,
    kind: str = "business",
) -> FindingRule:
    """Declare a finding rule: (zh, en) title and sentence, the document it rests on, the day it starts."""
    return BOOK.add(FindingRule(id, Text(*title), Text(*say), basis, date.fromisoformat(since), severity, kind))


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any finding stops the paper."""
    return any(f.severity is Severity.ERROR for f in findings)


class DomainError(Exception):
    """A use case refuses; carries findings, never internals. The shell turns it into problem+json.

    `status` is the HTTP status the shell answers with; `extra` adds members to the problem document.
    """

    status = 422

    def __init__(self, *findings: Finding, extra: Mapping[str, Any] | None = None) -> None:
        super().__init__("; ".join(f.rule for f in findings))
        self.findings = findings
        self.extra = dict(extra or {})


class NotFoundError(DomainError):
    """What was asked for does not exist, or is not the asker's to see."""

    status = 404


class ConflictError(DomainError):
    """Somebody else was first, or the state does not allow it."""

    status = 409


class NotAllowedError(DomainError):
    """The person may not do this."""

    status = 403
