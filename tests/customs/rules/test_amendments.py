"""The table of states × actions on its cases, the days of a shut-out, and what a change causes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import yaml

from common.law import law
from customs.rules import amendments as rules
from customs.rules.amendments import Action, Effect, Situation
from customs.rules.cancellation import cancel_refusal, needs_officer
from customs.rules.moves import State

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases/customs/changes.yaml").read_text(encoding="utf-8"))
ON = CASES["day"]


def asked(case):
    """What becomes of a case: free, rematch, request, supervisor, or the rule that refuses."""
    return _cancelled(case) if case["act"] == "cancel" else _changed(case)


def _changed(case):
    status, ground = case["status"], case.get("ground")
    now = Situation(
        "N", status, case.get("left", False), case.get("here", True), tuple(case.get("declarations", ())),
        case.get("pending"),
    )  # fmt: skip
    stopped = rules.blocked(now, law(), ON)
    if stopped:
        return stopped[0].rule
    wrong = rules.ground_fault(ground, status, law(), ON)
    if wrong:
        return wrong.rule
    actions = rules.actions_in(status, law(), ON).codes
    if Action.FREE in actions or Action.REMATCH in actions:
        return "free" if Action.FREE in actions else "rematch"
    return "supervisor" if rules.wants_supervisor(status, law(), ON) else "request"


def _cancelled(case):
    status, ground = case["status"], case.get("ground")
    may = rules.allows(status, Action.CANCELLATION, law(), ON)
    refused = cancel_refusal("N", status, cancellable=may, left=case.get("left", False), pointer="")
    wrong = rules.ground_fault(ground, status, law(), ON, cancelling=True)
    if refused or wrong:
        return (refused or wrong).rule
    return "request" if needs_officer(status, held=False) else "free"


@pytest.mark.parametrize("case", [pytest.param(one, id=one["name"]) for one in CASES["cases"]])
def test_what_a_state_allows(case):
    assert asked(case) == case["outcome"]


@pytest.mark.parametrize("case", [pytest.param(one, id=one["name"]) for one in CASES["shut_outs"]])
def test_a_shut_out_is_asked_for_within_its_days(case):
    found = rules.known_day_faults(
        "shut_out_whole", case["known_on"], date(2026, 11, 10), ON, law(), pointer="/known_on"
    )
    assert [one.rule for one in found] == ([case["outcome"]] if case["outcome"] else [])


def test_every_state_has_its_row_and_its_reason():
    for state in State:
        assert rules.actions_in(state, law(), ON).codes
        assert rules.WHY[state]


def test_every_word_of_the_law_has_a_name():
    for state in State:
        assert set(rules.actions_in(state, law(), ON).codes) <= set(rules.ACTION_NAMES)
    grounds = {
        ground
        for status in ("800", "899")
        for cancelling in (False, True)
        for ground in rules.grounds_for(status, law(), ON, cancelling=cancelling).codes
    }
    assert grounds <= set(rules.GROUND_NAMES)


@pytest.mark.parametrize(
    ("fields", "status", "flag", "effects"),
    [
        ({"gcode"}, "800", "A", [Effect.TIER, Effect.RELEASE, Effect.TAX]),
        ({"gcode"}, "800", "B", [Effect.TIER, Effect.RELEASE, Effect.SUMMARY, Effect.TAX]),
        ({"gcode"}, "899", "B", [Effect.SUMMARY, Effect.STATISTICS, Effect.TAX]),
        ({"gcode"}, "899", "A", [Effect.STATISTICS, Effect.TAX]),
        ({"note"}, "800", "B", []),
        ({"note"}, "120", "B", [Effect.REMATCH, Effect.TIER, Effect.RELEASE]),
        ({"gcode"}, "1", "B", []),
        (
            {"totalPrice"}, "399", "A",
            [Effect.REMATCH, Effect.TIER, Effect.RELEASE, Effect.TAX, Effect.FOREX],
        ),
        ({"gcode"}, "500", "B", []),
    ],
)  # fmt: skip
def test_what_a_change_causes(fields, status, flag, effects):
    assert rules.effects_of(fields, status, flag, law(), ON) == effects
