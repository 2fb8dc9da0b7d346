"""The simplified channel: value limit, barred goods, shortened codes; nothing passes by default."""

from datetime import date
from decimal import Decimal

import pytest

from common.law import law
from customs.rules.flag_a import CodeFacts, Eligibility, TicketFacts, TicketLine, check_b2b_checklist, check_flag_a

DAY = date(2026, 11, 24)
SHIRT = CodeFacts("6109100021")
LICENSED = CodeFacts("6109909093", licence=True)
DUTIED = CodeFacts("6109909094", export_duty=True)
CANCELLED = CodeFacts("6109909095", refund_cancelled=True)


def _facts(*lines, mode="9610", zone=True, rates=None, **codes):
    rows = [TicketLine(hs, Decimal(amount), currency) for hs, amount, currency in lines]
    known = {"6109100021": [SHIRT], "6109000000": [SHIRT], "6109": [SHIRT]} | {k[1:]: v for k, v in codes.items()}
    return TicketFacts(mode, zone, rows, {"502": Decimal("7.1234")} if rates is None else rates, known)


def _check(facts, check=check_flag_a):
    findings, outcome = check(facts, DAY, law(), head="/h", lines="/l")
    return [(one.rule, one.pointer) for one in findings], outcome


@pytest.mark.parametrize(
    ("facts", "findings", "outcome"),
    [
        (_facts(("6109000000", "5000.00", "142")), [], Eligibility.ELIGIBLE),
        (_facts(("6109", "5000.00", "142")), [], Eligibility.ELIGIBLE),
        (_facts(("6109100021", "4999.99", "142"), ("6109100021", "0.01", "142")), [], Eligibility.ELIGIBLE),
        (_facts(("6109000000", "5000.01", "142")), [("CU0201", "/h")], Eligibility.REFUSED),
        # 701.91 × 7.1234 = 4999.985694; 701.913 × 7.1234 = 5000.0070642: compared before any rounding
        (_facts(("6109000000", "701.91", "502")), [], Eligibility.ELIGIBLE),
        (_facts(("6109000000", "701.913", "502")), [("CU0201", "/h")], Eligibility.REFUSED),
        (_facts(("6109000000", "10", "502"), rates={}), [("CU0207", "/h")], Eligibility.UNDETERMINED),
        (_facts(("6109000000", "10", "142"), zone=False), [("CU0202", "/h/statisticsFlag")], Eligibility.REFUSED),
        (_facts(("6109000000", "10", "142"), mode="9710"), [("CU0210", "/h/tradeMode")], Eligibility.REFUSED),
        (_facts(("610910", "10", "142")), [("CU0203", "/l/0/gcode")], Eligibility.REFUSED),
        (_facts(("9999000000", "10", "142")), [("CU0206", "/l/0/gcode")], Eligibility.REVIEW),
        (_facts(("6109100099", "10", "142")), [("CU0206", "/l/0/gcode")], Eligibility.REVIEW),
        (
            _facts(("6109909093", "10", "142"), _6109909093=[LICENSED]),
            [("CU0204", "/l/0/gcode")],
            Eligibility.REFUSED,
        ),
        (_facts(("6109909095", "10", "142"), _6109909095=[CANCELLED]), [], Eligibility.ELIGIBLE),
        (
            _facts(("6109000000", "10", "142"), _6109000000=[SHIRT, LICENSED, DUTIED, CANCELLED]),
            [("CU0205", "/l/0/gcode")],
            Eligibility.REFUSED,
        ),
    ],
)
def test_flag_a(facts, findings, outcome):
    assert _check(facts) == (findings, outcome)


def test_the_candidates_are_listed_with_their_marks():
    facts = _facts(("6109000000", "10", "142"), _6109000000=[SHIRT, LICENSED, CANCELLED])
    (finding,), _ = check_flag_a(facts, DAY, law())
    assert "6109909093（须许可证件）" in finding.message.zh
    assert "6109909095 (refund cancelled)" in finding.message.en
    assert "6109100021" not in finding.message.en


def test_all_findings_come_at_once():
    facts = _facts(("610910", "9000", "142"), ("9999000000", "1", "300"), zone=False)
    rules, outcome = _check(facts)
    # outside a zone ten digits are asked, and 9999000000 is ten digits that nobody knows
    assert [number for number, _ in rules] == ["CU0202", "CU0207", "CU0203", "CU0206"]
    assert outcome is Eligibility.REFUSED


@pytest.mark.parametrize(
    ("line", "zone", "findings", "outcome"),
    [
        (("6109100000", "5000.00", "142"), True, [], Eligibility.ELIGIBLE),
        (("6109100000", "5000.01", "142"), True, [("CU0208", "/h")], Eligibility.REFUSED),
        (("610910", "10", "142"), False, [("CU0203", "/l/0/gcode")], Eligibility.REFUSED),
        (("6109", "10", "142"), True, [("CU0203", "/l/0/gcode")], Eligibility.REFUSED),
        (("6109909094", "10", "142"), True, [("CU0209", "/l/0/gcode")], Eligibility.REFUSED),
    ],
)
def test_b2b_on_a_checklist(line, zone, findings, outcome):
    facts = _facts(line, mode="9710", zone=zone, _6109100000=[SHIRT], _6109909094=[DUTIED])
    assert _check(facts, check_b2b_checklist) == (findings, outcome)
