"""Law as dated data: every number that comes from law, asked for a day, with its document and article.

`law().value("customs.merge.deadline_day", on)` gives one value with its reference or raises `UnknownLawError`.
Decisions are built with `Trace`, so that every outcome carries the conditions it rests on.
Parameters live in `<domain>/parameters/`; a file's path is the parameter's name.
"""

from common.law.decisions import DECISION_STEPS, Decision, StepRule, Trace, TraceStep, step_rule
from common.law.store import Law, UnknownLawError, law
from common.law.values import Parameter, ParameterValue, Status

__all__ = [
    "DECISION_STEPS",
    "Decision",
    "Law",
    "Parameter",
    "ParameterValue",
    "Status",
    "StepRule",
    "Trace",
    "TraceStep",
    "UnknownLawError",
    "law",
    "step_rule",
]
