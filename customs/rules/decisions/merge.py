"""`customs.merge`: checklists of flag B merged into export declarations (归并), with every line traced to its sources.

Checklists whose heads agree go into one declaration, lines that agree into one line; which fields must agree, and how
many lines a declaration holds, is law. Lines counted in different units are kept apart, because their quantities cannot
be added. Declarations and lines stand in the order in which their first line appears; the line beyond the limit opens
a new declaration. Quantities and amounts are added exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from common.findings import DomainError, Finding, rule
from common.law import Decision, Law, ParameterValue, Trace, step_rule
from common.money import CENT, decimals, plain

DECISION = "customs.merge"
_BASIS = "海关总署公告2018年第194号第十条"

CU0102 = rule(
    "CU0102",
    title=("清单或商品项重复", "A checklist or line stands twice"),
    say=(
        "{what}重复出现，会被重复汇总。每份清单、每个商品项只列一次。",
        "{what} stands twice and would be counted twice. List each checklist and each line once.",
    ),
    basis=_BASIS,
    since="2019-01-01",
)
CU0103 = rule(
    "CU0103",
    title=("汇总申报须用完整商品编码", "Merging needs full HS codes"),
    say=(
        "商品编码“{code}”不是{digits}位。汇总申报（B）的清单请填写完整编码。",
        "HS code “{code}” does not have {digits} digits. Checklists under flag B carry the full code.",
    ),
    basis=_BASIS,
    since="2019-01-01",
)

FLAG = step_rule("CU7041", DECISION, title=("只归并汇总申报的清单", "Only flag-B checklists are merged"), basis=_BASIS)
HEAD = step_rule("CU7042", DECISION, title=("表头相同的归为一份", "Heads that agree share a declaration"), basis=_BASIS)
LINE = step_rule("CU7043", DECISION, title=("表体相同的归为一项", "Lines that agree become one"), basis=_BASIS)
UNIT = step_rule(
    "CU7044",
    DECISION,
    title=("计量单位不同的不相加", "Different units are not added"),
    basis="数量只有在计量单位相同时才能相加",
)
FULL = step_rule(
    "CU7045",
    DECISION,
    title=("商品项数超过上限的另起一份", "Lines beyond the limit open another declaration"),
    basis="海关进出口货物报关单填制规范",
)

FLAG_B = "B"
_EXACT = 60
"""Digits that sums are kept to: more than the longest amount and the most lines together need."""

_HEAD_KEYS = {
    "1": "customs.merge.head_keys.by_consignor",
    "2": "customs.merge.head_keys.by_consignor_and_producer",
}
_LINE_KEYS = "customs.merge.line_keys"
_MAX_LINES = "customs.merge.max_lines"
_FULL_DIGITS = "customs.declaration.hs_digits"

STEP_PARAMETERS: Mapping[str, tuple[str, ...]] = {
    FLAG.id: (_FULL_DIGITS,),
    HEAD.id: tuple(_HEAD_KEYS.values()),
    LINE.id: (_LINE_KEYS,),
    FULL.id: (_MAX_LINES,),
}


_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MergeLine:
    """A checklist's line: number, country of destination, ten-digit code, currency, unit, quantity and amount.

    `unit1` and `unit2` are the statutory units where they are known; `item_name` is given where lines are to be kept
    apart by the firm's own names (itemNameFlag 1).
    """

    no: int
    country: str
    hs: str
    currency: str
    unit: str
    qty: Decimal
    amount: Decimal
    unit1: str = ""
    unit2: str = ""
    item_name: str = ""

    @property
    def apart(self) -> tuple[str, ...]:
        """What keeps lines apart whose dated keys agree: units that cannot be added, and the name."""
        return self.unit, self.unit1, self.unit2, self.item_name


@dataclass(frozen=True, slots=True)
class MergeChecklist:
    """A checklist's head as far as merging asks for it, and its lines; `country` is that of arrival (运抵国).

    `office`, `mode` and `declarant` (declaring office, supervision mode, declaring unit) differ only where checklists
    of several are merged in one go; a declaration never has more than one of each.
    """

    id: str | int
    flag: str
    consignor: str
    transport_mode: str
    producer: str
    country: str
    exit_office: str
    lines: Sequence[MergeLine]
    office: str = ""
    mode: str = ""
    declarant: str = ""


@dataclass(frozen=True, slots=True)
class MergeFacts:
    """`summary_flag`: "1" merges by consignor alone, "2" by consignor and producer."""

    summary_flag: str
    checklists: Sequence[MergeChecklist]


@dataclass(slots=True)
class _Merged:
    """A line of a declaration while it grows."""

    first: MergeLine
    qty: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)
    sources: list[list[Any]] = field(default_factory=list)

    def add(self, checklist: MergeChecklist, line: MergeLine) -> None:
        self.qty += line.qty
        self.amount += line.amount
        self.sources.append([checklist.id, line.no])

    def view(self) -> dict[str, Any]:
        one = self.first
        return {
            "country": one.country,
            "hs": one.hs,
            "currency": one.currency,
            "unit": one.unit,
            "qty": plain(self.qty),
            "amount": money(self.amount),
            "from": self.sources,
        }


@dataclass(slots=True)
class _Grower:
    """Declarations while they grow: which one of each head is open, and where each kind of line went."""

    head_keys: Sequence[str]
    line_keys: Sequence[str]
    max_lines: int
    declarations: list[tuple[dict[str, str], list[_Merged]]] = field(default_factory=list)
    opened: dict[_Key, list[_Merged]] = field(default_factory=dict)
    placed: dict[tuple[_Key, _Key, _Key], _Merged] = field(default_factory=dict)
    full: int = 0

    def add(self, checklist: MergeChecklist) -> None:
        head = (checklist.office, checklist.mode, checklist.declarant, *_key(checklist, self.head_keys))
        for line in checklist.lines:
            key = (head, _key(line, self.line_keys), line.apart)
            found = self.placed.get(key)
            if found is None:
                found = self.placed[key] = _Merged(line)
                self._room(checklist, head).append(found)
            found.add(checklist, line)

    def _room(self, checklist: MergeChecklist, head: _Key) -> list[_Merged]:
        room = self.opened.get(head)
        if room is not None and len(room) < self.max_lines:
            return room
        self.full += room is not None
        room = self.opened[head] = []
        self.declarations.append((dict(zip(self.head_keys, _key(checklist, self.head_keys), strict=True)), room))
        return room


def merge(facts: MergeFacts, law: Law, on: date) -> Decision:
    """Outcome: `declarations`, each with `head` and `lines`; `from` of a line lists `[checklist id, line no]`.

    Raises `DomainError` with all findings for doubles and shortened codes, `UnknownLawError` before the rule.
    """
    trace = Trace(law, on)
    head_keys, line_keys = trace.value(_HEAD_KEYS[facts.summary_flag]), trace.value(_LINE_KEYS)
    most, digits = trace.value(_MAX_LINES), trace.value(_FULL_DIGITS)
    findings = check(facts, digits.integer)
    if findings:
        raise DomainError(*findings)
    with localcontext(prec=_EXACT):
        return _declarations(trace, facts, (head_keys, line_keys, most, digits))


def _declarations(trace: Trace, facts: MergeFacts, values: tuple[ParameterValue, ...]) -> Decision:
    head_keys, line_keys, most, digits = values
    merged = [one for one in facts.checklists if one.flag == FLAG_B]
    grower = _Grower(head_keys.codes, line_keys.codes, most.integer)
    for one in merged:
        grower.add(one)
    left_out = [one.id for one in facts.checklists if one.flag != FLAG_B]
    trace.step(FLAG, bool(merged), digits, merged=len(merged), left_out=left_out)
    trace.step(HEAD, bool(merged), head_keys, summary_flag=facts.summary_flag, heads=len(grower.opened))
    trace.step(LINE, bool(merged), line_keys, lines=sum(len(one.lines) for one in merged), merged=len(grower.placed))
    trace.step(UNIT, _units_differ(grower))
    trace.step(FULL, grower.full > 0, most, further_declarations=grower.full)
    return trace.decide(
        DECISION,
        declarations=[{"head": head, "lines": [line.view() for line in lines]} for head, lines in grower.declarations],
    )


def check(facts: MergeFacts, digits: int) -> list[Finding]:
    """Everything that would be counted twice or cannot be merged, with pointers into the facts."""
    findings = []
    seen: set[str | int] = set()
    for index, one in enumerate(facts.checklists):
        if one.id in seen:
            findings.append(CU0102.at(f"/checklists/{index}/id", what=one.id))
        seen.add(one.id)
        findings += _check_lines(one, f"/checklists/{index}/lines", digits)
    return findings


def _check_lines(checklist: MergeChecklist, pointer: str, digits: int) -> list[Finding]:
    findings = []
    numbers: set[int] = set()
    for index, line in enumerate(checklist.lines):
        if line.no in numbers:
            findings.append(CU0102.at(f"{pointer}/{index}/no", what=f"{checklist.id}–{line.no}"))
        numbers.add(line.no)
        if checklist.flag == FLAG_B and len(line.hs) != digits:
            findings.append(CU0103.at(f"{pointer}/{index}/hs", code=line.hs, digits=digits))
    return findings


def money(amount: Decimal) -> str:
    """An exact amount as text with at least two decimals."""
    written = plain(amount)
    return format(amount.quantize(CENT), "f") if decimals(written) < 2 else written


def _key(one: MergeChecklist | MergeLine, fields: Sequence[str]) -> _Key:
    return tuple(getattr(one, name) for name in fields)


def _units_differ(grower: _Grower) -> bool:
    """Whether any line stands apart from one that agrees with it in everything but the unit."""
    units = {(head, line, apart[-1]) for head, line, apart in grower.placed}
    return len(units) < len(grower.placed)
