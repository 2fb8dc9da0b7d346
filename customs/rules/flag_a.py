"""Whether a checklist may go by the channel it names: flag A (汇总统计) for retail, the checklist at all for B2B.

Both have a value limit and bar goods that need a licence or bear export duty; both let a shortened HS code suffice
inside a zone. A shortened code hides which full code is meant: where any code below it is barred, the full code is
asked for; where the platform's table knows none, a person looks (document review), and nothing passes by default.

Ticket value (单票价值) = Σ totalPrice of all lines, which the standard prices at FOB, in yuan at the customs rate of
the month of `appTime`, unrounded. The documents name the limit but not the price basis; this reading is ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from common.findings import Finding, Severity, Text, has_errors, rule
from common.law import Law
from common.money import plain

_STANDARD = "跨境电子商务出口统一版系统企业对接报文规范，申报业务类型（statisticsFlag）"
_B2B = "海关总署公告2020年第75号"
RENMINBI = frozenset({"142", "CNY"})

CU0201 = rule(
    "CU0201",
    title=("单票价值超过限值", "Ticket value above the limit"),
    say=(
        "本单价值为人民币{value}元，超过{limit}元的限值，不能采用简化申报。请改用汇总申报（B），并填写10位商品编码。",
        "This ticket is worth {value} yuan, above the limit of {limit} yuan for simplified declaration. "
        "Declare it under flag B with full ten-digit codes.",
    ),
    basis=_STANDARD,
)
CU0202 = rule(
    "CU0202",
    title=("综试区外不能简化申报", "No simplified declaration outside a pilot zone"),
    say=(
        "简化申报（A）只适用于综试区内的零售出口。请改用汇总申报（B），并填写10位商品编码。",
        "Simplified declaration (A) is open to retail exports inside a pilot zone only. "
        "Declare under flag B with full ten-digit codes.",
    ),
    basis="海关总署公告2018年第194号",
    since="2019-01-01",
)
CU0203 = rule(
    "CU0203",
    title=("商品编码位数不符", "The HS code has the wrong number of digits"),
    say=(
        "商品编码“{code}”不符合要求。请填写{digits}位编码（后面补0至10位）或完整的10位编码。",
        "HS code “{code}” does not fit. Enter {digits} digits filled with zeros to ten, or the full ten-digit code.",
    ),
    basis=_STANDARD,
)
CU0204 = rule(
    "CU0204",
    title=("商品涉及许可证或出口关税", "The goods need a licence or bear export duty"),
    say=(
        "编码{code}当日{marks}，不能采用简化申报。请改用汇总申报（B）并提供所需证件。",
        "On that day {code} is marked: {marks}. It cannot be declared in simplified form; "
        "use flag B and supply the papers it needs.",
    ),
    basis=_STANDARD,
)
CU0205 = rule(
    "CU0205",
    title=("品目下有受限编码，须填完整编码", "The heading holds barred codes: the full code is needed"),
    say=(
        "{code}之下有受限编码：{candidates}。请填写本商品完整的10位编码。",
        "Some codes under {code} are restricted: {candidates}. Enter the full ten-digit code of these goods.",
    ),
    basis=_STANDARD,
)
CU0206 = rule(
    "CU0206",
    title=("编码无法核对，转单证审核", "The code cannot be checked: document review"),
    say=(
        "平台编码表中没有{code}之下的10位编码，无法核对是否涉证、涉税，本单转人工审核。填写表中已有的完整编码可免于此项审核。",
        "The platform's table holds no ten-digit code for {code}, so licence and duty cannot be checked "
        "and an officer reviews the papers. A full code that the table knows avoids this review.",
    ),
    basis=_STANDARD,
    severity=Severity.WARNING,
)
CU0207 = rule(
    "CU0207",
    title=("缺少当月计征汇率，等待判定", "No customs rate for the month: waiting"),
    say=(
        "平台尚无{currency}在{month}的海关计征汇率，单票价值无法判定，本单等待汇率公布后自动继续。您无需重新申报。",
        "The customs rate of {currency} for {month} is not known yet, so the ticket value cannot be told. "
        "The checklist goes on by itself once the rate is loaded; do not file it again.",
    ),
    basis="计征汇率按月公布",
    severity=Severity.WARNING,
)
CU0208 = rule(
    "CU0208",
    title=("B2B清单超过限值", "B2B checklist above the limit"),
    say=(
        "本单价值为人民币{value}元，超过清单申报{limit}元的限值。请改用报关单申报。",
        "This ticket is worth {value} yuan, above the limit of {limit} yuan for a checklist. "
        "File a customs declaration instead.",
    ),
    basis=_B2B,
    since="2020-07-01",
)
CU0209 = rule(
    "CU0209",
    title=("B2B清单商品涉证或涉税", "B2B checklist goods need a licence or bear duty"),
    say=(
        "编码{code}当日{marks}，9710、9810不能使用清单。请改用报关单申报。",
        "On that day {code} is marked: {marks}. Under 9710 and 9810 it cannot go on a checklist; "
        "file a customs declaration.",
    ),
    basis=_B2B,
    since="2020-07-01",
)
CU0210 = rule(
    "CU0210",
    title=("该监管方式不适用简化申报标志", "Flag A does not apply to this supervision mode"),
    say=(
        "监管方式{mode}不适用简化申报（A）。请核对监管方式和申报业务类型。",
        "Flag A does not apply to supervision mode {mode}. Check the mode and the flag.",
    ),
    basis=_STANDARD,
)


class Eligibility(StrEnum):
    """What the check says: through, refused, not yet to be told (no rate), or an officer must look at the papers."""

    ELIGIBLE = "eligible"
    REFUSED = "refused"
    UNDETERMINED = "undetermined"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """A ten-digit code on the day asked, as far as the platform's table knows it."""

    code: str
    licence: bool = False
    export_duty: bool = False
    refund_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class TicketLine:
    """A checklist line: its code as written, `totalPrice` at FOB, and its currency code."""

    hs: str
    amount: Decimal
    currency: str


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """A checklist as this check sees it.

    `rates`: yuan for one unit of each currency, customs rate of the month of `appTime`; a currency without a rate has
    no entry (renminbi needs none). `codes`: for each code as written, the known ten-digit codes it stands for: itself
    for a full code, all under the heading or subheading for a shortened one, none where the table knows nothing.
    """

    trade_mode: str
    in_zone: bool
    lines: Sequence[TicketLine]
    rates: Mapping[str, Decimal]
    codes: Mapping[str, Sequence[CodeFacts]]


@dataclass(frozen=True, slots=True)
class _Terms:
    """What differs between retail and B2B."""

    parameter: str
    over_limit: str
    barred: str


_RETAIL = _Terms("customs.simplified.b2c", "CU0201", "CU0204")
_B2B_TERMS = _Terms("customs.simplified.b2b", "CU0208", "CU0209")
_RULES = {one.id: one for one in (CU0201, CU0204, CU0208, CU0209)}


def check_flag_a(facts: TicketFacts, on: date, law: Law, *, head: str = "", lines: str = "") -> Checked:
    """Whether a retail checklist may go under flag A on `on`; all findings at once.

    `head` and `lines` are the pointers of the document's head and of its list of lines. Raises `UnknownLawError`.
    """
    findings = []
    if facts.trade_mode not in ("9610", "1210"):
        findings.append(CU0210.at(f"{head}/tradeMode", mode=facts.trade_mode))
    if not facts.in_zone:
        findings.append(CU0202.at(f"{head}/statisticsFlag"))
    return _check(_RETAIL, facts, on, law, findings, (head, lines))


def check_b2b_checklist(facts: TicketFacts, on: date, law: Law, *, head: str = "", lines: str = "") -> Checked:
    """Whether a 9710 or 9810 ticket may go on a checklist on `on`; pointers and errors as in `check_flag_a`."""
    return _check(_B2B_TERMS, facts, on, law, [], (head, lines))


Checked = tuple[list[Finding], Eligibility]


def ticket_value(facts: TicketFacts) -> tuple[Decimal | None, list[str]]:
    """Σ totalPrice in yuan, unrounded, or None; and the currencies that lack a rate, in order of appearance."""
    missing = list(dict.fromkeys(one.currency for one in facts.lines if _rate(facts, one.currency) is None))
    if missing:
        return None, missing
    return sum((one.amount * (_rate(facts, one.currency) or 0) for one in facts.lines), Decimal(0)), []


def standing_digits(hs: str, digits: int) -> str | None:
    """The leading `digits` of a code shortened to them (bare, or filled with zeros to ten); None for any other."""
    if hs.isdigit() and (len(hs) == digits or (len(hs) == 10 and not hs[digits:].strip("0"))):
        return hs[:digits]
    return None


def _rate(facts: TicketFacts, currency: str) -> Decimal | None:
    return Decimal(1) if currency in RENMINBI else facts.rates.get(currency)


def _check(
    terms: _Terms, facts: TicketFacts, on: date, law: Law, findings: list[Finding], pointers: tuple[str, str]
) -> Checked:
    head, lines = pointers
    limit = law.value(f"{terms.parameter}.max_ticket_cny", on).decimal
    value, missing = ticket_value(facts)
    if value is not None and value > limit:
        findings.append(_RULES[terms.over_limit].at(head, value=plain(value), limit=plain(limit)))
    findings += [CU0207.at(head, currency=one, month=f"{on:%Y-%m}") for one in missing]
    full = law.value("customs.declaration.hs_digits", on).integer
    digits = law.value(f"{terms.parameter}.hs_digits", on).integer if facts.in_zone else full
    for index, line in enumerate(facts.lines):
        findings += _check_code(terms, facts, line.hs, digits, f"{lines}/{index}/gcode")
    return findings, _outcome(findings)


def _check_code(terms: _Terms, facts: TicketFacts, hs: str, digits: int, pointer: str) -> list[Finding]:
    known = facts.codes.get(hs, ())
    exact = [one for one in known if one.code == hs]
    short = standing_digits(hs, digits)
    if exact:
        marks = _marks(exact[0], refund=False)
        return [_RULES[terms.barred].at(pointer, code=hs, marks=marks)] if marks else []
    if short is None and not (hs.isdigit() and len(hs) == 10):
        return [CU0203.at(pointer, code=hs, digits=digits)]
    if not known:
        return [CU0206.at(pointer, code=short or hs)]
    barred = [(one.code, marks) for one in known if (marks := _marks(one, refund=True))]
    return [CU0205.at(pointer, code=short or hs, candidates=_listed(barred))] if barred else []


def _marks(code: CodeFacts, *, refund: bool) -> Text | None:
    """The marks that bar a code; a cancelled refund bars no full code, it only makes the full code necessary."""
    named = [
        text
        for on, text in (
            (code.licence, Text("须许可证件", "licence needed")),
            (code.export_duty, Text("征出口关税", "bears export duty")),
            (refund and code.refund_cancelled, Text("取消出口退税", "refund cancelled")),
        )
        if on
    ]
    return Text("、".join(t.zh for t in named), ", ".join(t.en for t in named)) if named else None


def _listed(barred: Sequence[tuple[str, Text]]) -> Text:
    return Text(
        "；".join(f"{code}（{marks.zh}）" for code, marks in barred),
        "; ".join(f"{code} ({marks.en})" for code, marks in barred),
    )


def _outcome(findings: list[Finding]) -> Eligibility:
    rules = {one.rule for one in findings}
    if has_errors(findings):
        return Eligibility.REFUSED
    if CU0207.id in rules:
        return Eligibility.UNDETERMINED
    return Eligibility.REVIEW if CU0206.id in rules else Eligibility.ELIGIBLE
