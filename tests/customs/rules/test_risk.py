"""Factor rules, the tier that follows from them, and the random draw."""

from copy import deepcopy
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from common.law.zones import zone_defaults
from customs.rules.release import Tier, on_arrival, path
from customs.rules.risk.draw import lot
from customs.rules.risk.factor import FACTORS, REASON_NAMES, Reason
from customs.rules.risk.facts import GoodsHistory, Others, Range, RiskFacts, RiskLine, SubjectHistory
from customs.rules.risk.tiering import STEP_PARAMETERS, higher, tier, tier_of_lot

DAY = date(2026, 11, 24)
CASES = yaml.safe_load((Path(__file__).parents[2] / "cases/customs/risk_factors.yaml").read_text(encoding="utf-8"))
NEVER = Decimal("0.999")
GOODS = ("6109", "011")


def ask(name):
    return zone_defaults()[name].value


def ordinary(**changes):
    line = RiskLine("6109100021", Decimal(10), "011", Decimal(100))
    return replace(RiskFacts(DAY, "A", "9610", Decimal(100), Decimal("0.5"), Decimal("0.4"), [line]), **changes)


def facts_of(case):
    given_facts = deepcopy(case)
    value = Decimal(given_facts.pop("value_cny", "100"))
    marks = given_facts.pop("marks", [])
    line = RiskLine("6109100021", Decimal(10), "011", value, None if marks is None else frozenset(marks))
    history = {k: Range(n, Decimal(low), Decimal(high)) for k, (n, low, high) in given_facts.pop("history", {}).items()}
    changes = {"lines": [line], "value_cny": value, "goods": {GOODS: GoodsHistory(**history)} if history else {}}
    for key, raw in given_facts.items():
        changes[key] = _read(key, raw)
    return ordinary(**changes)


def _read(key, raw):
    if key in ("seller", "declarant"):
        usual = raw.pop("usual_per_hour", None)
        return SubjectHistory(**raw, usual_per_hour=Decimal(usual) if usual else None)
    if key in ("same_receiver", "same_goods"):
        return Others(raw[0], Decimal(raw[1]))
    if key in ("gross_weight", "limit_cny"):
        return Decimal(raw)
    return date.fromisoformat(raw) if key == "registered_on" else raw


def _all_cases():
    for rule, kinds in CASES.items():
        for kind, met in (("met", True), ("unmet", False), ("unknown", None)):
            for number, case in enumerate(kinds.get(kind, [])):
                yield pytest.param(rule, case, met, id=f"{rule}-{kind}-{number}")


@pytest.mark.parametrize(("rule", "case", "met"), list(_all_cases()))
def test_factor(rule, case, met):
    (one,) = [f for f in FACTORS if f.step.id == rule]
    assert one.ask(facts_of(case), ask).met is met


def test_every_factor_has_cases_that_meet_it_and_cases_that_do_not():
    assert {f.step.id for f in FACTORS} == set(CASES)
    assert all(kinds["met"] and kinds["unmet"] for kinds in CASES.values())


def test_every_parameter_that_a_step_names_exists_and_every_class_has_its_words():
    assert {name for names in STEP_PARAMETERS.values() for name in names} <= set(zone_defaults())
    assert set(REASON_NAMES) == set(Reason)


def test_factors_ask_only_for_parameters_they_declare():
    for one in FACTORS:
        asked = set()

        def noting(name, asked=asked):
            asked.add(name)
            return ask(name)

        for case in [c for kind in CASES[one.step.id].values() for c in kind]:
            one.ask(facts_of(case), noting)
        assert asked <= set(one.parameters), one.step.id


def test_an_ordinary_parcel_of_a_new_seller_without_history_is_low():
    found = tier(ordinary(registered_on=DAY, producer_known=False), ask, NEVER)
    assert (found.tier, found.reason, found.drawn) == (Tier.LOW, None, False)


@pytest.mark.parametrize(
    ("changes", "expected", "reason"),
    [
        ({"not_checkable": True}, Tier.MEDIUM, Reason.PAPERS),
        ({"grade": "失信企业"}, Tier.HIGH, Reason.PARTY),
        ({"limit_cny": Decimal(5000), "same_receiver": Others(2, Decimal(4950))}, Tier.MEDIUM, Reason.VALUE),
        (
            {"grade": "高级认证企业", "limit_cny": Decimal(5000), "same_receiver": Others(2, Decimal(4950))},
            Tier.LOW,
            None,
        ),
        ({"grade": "高级认证企业", "not_checkable": True}, Tier.MEDIUM, Reason.PAPERS),
    ],
)
def test_tier_and_reason_class(changes, expected, reason):
    found = tier(ordinary(**changes), ask, NEVER)
    assert (found.tier, found.reason) == (expected, reason)


def test_a_draw_raises_and_says_so():
    found = tier(ordinary(), ask, Decimal("0.0019"))
    assert (found.tier, found.reason, found.drawn) == (Tier.HIGH, Reason.RANDOM, True)
    found = tier(ordinary(), ask, Decimal("0.002"))
    assert (found.tier, found.reason, found.drawn) == (Tier.MEDIUM, Reason.RANDOM, True)
    assert tier(ordinary(), ask, Decimal("0.012")).tier is Tier.LOW


def test_every_tiering_asks_every_factor_and_ends_with_the_draw():
    steps = [s.rule for s in tier(ordinary(), ask, NEVER).steps]
    assert steps == [f.step.id for f in FACTORS] + ["CU3031", "CU3032", "CU3033"]


_some_facts = st.builds(
    lambda flags, closed, grade: ordinary(
        not_checkable=flags[0],
        producer_known=flags[1],
        own_declarant=flags[2],
        grade=grade,
        seller=SubjectHistory(closed=closed),
        declarant=SubjectHistory(consignors=300),
        limit_cny=Decimal(5000),
        same_receiver=Others(1, Decimal(4901)) if flags[3] else None,
    ),
    st.tuples(*[st.booleans()] * 4),
    st.sampled_from([0, 100]),
    st.sampled_from([None, "常规企业", "高级认证企业", "失信企业"]),
)


@given(_some_facts, st.decimals(0, 1, places=4))
def test_one_more_factor_never_lowers_the_tier(facts, drawn):
    before = tier(facts, ask, drawn).tier
    for worse in (
        replace(facts, not_checkable=True),
        replace(facts, producer_known=False),
        replace(facts, registered_on=DAY),
        replace(facts, same_receiver=Others(1, Decimal(4901))),
    ):
        after = tier(worse, ask, drawn).tier
        assert higher(before, after) is after


@given(_some_facts, st.decimals(0, 1, places=4), st.decimals(0, 1, places=4))
def test_a_smaller_lot_never_lowers_the_tier(facts, one, other):
    low, high = tier(facts, ask, min(one, other)).tier, tier(facts, ask, max(one, other)).tier
    assert higher(low, high) is low


def test_lots_fall_evenly_and_the_shares_come_out():
    secret = bytes(range(32))
    drawn = [tier_of_lot(lot(secret, 202611 * 10**10 + n), ask) for n in range(40_000)]
    assert abs(drawn.count(Tier.MEDIUM) / 40_000 - 0.01) < 0.002
    assert abs(drawn.count(Tier.HIGH) / 40_000 - 0.002) < 0.001


def test_a_lot_depends_on_secret_and_checklist_alone():
    # worked out apart: HMAC-SHA256, key 32 × 0x01, message "2026110000000001"
    import hashlib
    import hmac

    digest = hmac.new(b"\x01" * 32, b"2026110000000001", hashlib.sha256).hexdigest()
    expected = Decimal(int(digest[:16], 16)) / Decimal(2**64)
    assert lot(b"\x01" * 32, 2026110000000001) == expected
    assert lot(b"\x02" * 32, 2026110000000001) != expected


@pytest.mark.parametrize(
    ("name", "early", "arrived", "states"),
    [
        ("low", True, False, ["399", "800"]),
        ("low", False, True, ["399", "800"]),
        ("low", False, False, ["399"]),
        ("medium", True, True, ["300"]),
        ("high", True, False, ["399", "500"]),
        ("high", False, True, ["399", "500"]),
    ],
)
def test_paths(name, early, arrived, states):
    assert [step.state for step in path(name, early_declaration=early, arrived=arrived)] == states


def test_inspection_says_when_the_goods_have_not_arrived():
    assert "尚未运抵" in path("high", early_declaration=True, arrived=False)[-1].say["zh"]
    assert "尚未运抵" not in path("high", early_declaration=True, arrived=True)[-1].say["zh"]


def test_arrival_releases_what_is_concluded_and_not_held():
    assert [s.state for s in on_arrival("399", held=False)] == ["800"]
    assert on_arrival("399", held=True) == []
    assert on_arrival("500", held=False) == []
