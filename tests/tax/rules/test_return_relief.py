"""Relief for returned exports on the cases of `tests/cases/tax/`, and its clock on whatever day comes."""

from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.what_if.registry import what_if
from app.what_if.sources import Sources
from common.findings import DomainError
from common.law import UnknownLawError, law
from common.workdays_loading import published_calendar
from tax.rules import STEP_PARAMETERS
from tax.rules.return_relief import months_later

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases/tax/return_relief.yaml").read_text(encoding="utf-8"))
SOURCES = Sources(law(), published_calendar, lambda table, code: True)


def in_json(facts):
    return {key: one.isoformat() if isinstance(one, date) else one for key, one in facts.items()}


def ask(facts):
    return what_if(CASES["decision"]).answer(in_json(facts), SOURCES)


@pytest.mark.parametrize("case", [pytest.param(one, id=one["name"]) for one in CASES["cases"]])
def test_a_case_comes_out_as_its_article_says(case):
    facts = {**CASES["base"], **case["facts"]}
    assert case["article"]
    if "unknown" in case:
        with pytest.raises(UnknownLawError) as caught:
            ask(facts)
        assert caught.value.extra == case["unknown"]
        return
    if "refused" in case:
        with pytest.raises(DomainError) as refused:
            ask(facts)
        assert {one.rule: one.pointer for one in refused.value.findings} == case["refused"]
        return
    found = ask(facts).as_dict()
    assert found["outcome"] == case["outcome"]
    assert [step["rule"] for step in found["trace"] if not step["met"]] == case.get("failed", [])


def test_a_trace_shows_only_parameters_that_its_steps_declare():
    for step in ask(CASES["base"]).trace:
        assert tuple(value.name for value in step.parameters) == STEP_PARAMETERS.get(step.rule, ())


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 24))
def test_a_term_of_months_ends_in_the_month_so_many_later_and_never_on_a_later_day_of_the_month(day, months):
    end = months_later(day, months)
    assert (end.year - day.year) * 12 + end.month - day.month == months
    assert end.day <= day.day
