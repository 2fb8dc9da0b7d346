"""Decisions with their reasons: the outcome, and in order every condition that was asked on the way to it.

A step rule is declared once with `step_rule(...)` (numbered, like finding rules, and never reused). A decision
function collects its steps in a `Trace`, which also fetches the law, so that no value is used without being shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from common.findings import BOOK, Text
from common.law.store import Law
from common.law.values import ParameterValue, Status, wire


@dataclass(frozen=True, slots=True)
class StepRule:
    """A numbered condition of a decision: what it asks and what it rests on."""

    id: str
    decision: str
    title: Text
    basis: str


DECISION_STEPS: dict[str, StepRule] = {}
"""All step rules by number."""


def step_rule(id: str, decision: str, *, title: tuple[str, str], basis: str) -> StepRule:
    """Declare a condition of `decision`; raises `ValueError` for a number already used by a step or a finding."""
    if id in DECISION_STEPS or id in BOOK.rules:
        raise ValueError(f"rule id {id} is used twice")
    DECISION_STEPS[id] = StepRule(id, decision, Text(*title), basis)
    return DECISION_STEPS[id]


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One condition as it was asked: met, not met, or None when it could not be told or was not asked."""

    rule: str
    title: Text
    met: bool | None
    inputs: Mapping[str, Any]
    parameters: tuple[ParameterValue, ...]

    def as_dict(self) -> dict[str, Any]:
        """The wire shape of interfaces.md §4."""
        return {
            "rule": self.rule,
            "title": self.title.as_dict(),
            "met": self.met,
            "inputs": wire(dict(self.inputs)),
            "parameters": [one.as_dict() for one in self.parameters],
        }


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided and why; `unverified` when any value used still waits for its legal text."""

    decision: str
    outcome: Mapping[str, Any]
    trace: tuple[TraceStep, ...]
    unverified: bool

    def as_dict(self) -> dict[str, Any]:
        """The wire shape of interfaces.md §4."""
        return {
            "decision": self.decision,
            "outcome": wire(dict(self.outcome)),
            "trace": [step.as_dict() for step in self.trace],
            "unverified": self.unverified,
        }


@dataclass(slots=True)
class Trace:
    """Collects the steps of one decision; `on` is the day for which the law is asked."""

    law: Law
    on: date
    steps: list[TraceStep] = field(default_factory=list)

    def value(self, name: str) -> ParameterValue:
        """The law's value on the decision's day; pass it to the step that uses it."""
        return self.law.value(name, self.on)

    def step(self, rule: StepRule, met: bool | None, *parameters: ParameterValue, **inputs: Any) -> bool | None:
        """Record a condition with the facts and values it looked at; gives `met` back for use in an `if`."""
        self.steps.append(TraceStep(rule.id, rule.title, met, inputs, parameters))
        return met

    def decide(self, decision: str, **outcome: Any) -> Decision:
        """The decision with all steps so far."""
        unverified = any(p.status is Status.UNVERIFIED for step in self.steps for p in step.parameters)
        return Decision(decision, outcome, tuple(self.steps), unverified)
