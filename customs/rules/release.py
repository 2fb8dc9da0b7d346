"""Release paths: what follows storing (入库) for each risk tier, and what the arrival of the goods sets free.

Low: concluded, released. Medium: document review (人工审核). High: concluded, inspection ordered (布控查验).
Release may come before the goods only at offices that take early declarations (提前申报); elsewhere a concluded
checklist waits for its arrival notice, which releases it without anybody's hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from common.findings import Text
from common.law import step_rule
from customs.rules.moves import Cause, State, Step


class Tier(StrEnum):
    """Risk tier (风险等级)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


CONCLUDED, RELEASED, WAITS_FOR_GOODS, REVIEW, INSPECTION, INSPECTION_WAITS, ARRIVED, EXPIRED = (
    step_rule(id, "customs.release", title=title, basis="平台放行规则").id
    for id, title in (
        ("CU3101", ("审结", "Concluded")),
        ("CU3102", ("低风险放行", "Low tier: released")),
        ("CU3103", ("审结，待运抵", "Concluded, waiting for the goods")),
        ("CU3104", ("中风险人工审核", "Medium tier: document review")),
        ("CU3105", ("高风险查验", "High tier: inspection")),
        ("CU3106", ("查验，待运抵", "Inspection, waiting for the goods")),
        ("CU3107", ("运抵放行", "Released on arrival")),
        ("CU3108", ("提前申报逾期未运抵", "Declared early and never arrived")),
    )
)

SAYINGS: Mapping[str, Text] = {
    CONCLUDED: Text("清单已审结", "The checklist is concluded"),
    RELEASED: Text("清单放行，货物可以装运出境", "The checklist is released; the goods may be loaded and leave"),
    WAITS_FOR_GOODS: Text(
        "清单已审结，货物尚未运抵；收到运抵单后自动放行",
        "The checklist is concluded and the goods have not arrived; the arrival notice releases it by itself",
    ),
    REVIEW: Text("清单转人工审核，请等候", "An officer reviews the papers; wait for the answer"),
    INSPECTION: Text(
        "货物须查验，请配合监管作业场所安排", "The goods are to be inspected; follow the supervised site's arrangements"
    ),
    INSPECTION_WAITS: Text(
        "货物须查验；货物尚未运抵，请先运抵监管作业场所",
        "The goods are to be inspected and have not arrived; bring them to the supervised site first",
    ),
    ARRIVED: Text("货物已运抵，清单放行", "The goods have arrived; the checklist is released"),
    EXPIRED: Text(
        "提前申报后货物未在{days}日内运抵，清单退单。请在货物备妥后重新申报",
        "Declared early, and the goods did not arrive within {days} days: rejected. Declare again once they are ready",
    ),
}
"""What each leg says to the party; officers' decisions say their own sentences."""


def leg(state: str, rule: str, **facts: object) -> Step:
    """One move made by rule, with its sentence."""
    return Step(state, Cause.RULE, rule=rule, say=SAYINGS[rule].format(**facts).as_dict())


def path(tier: str, *, early_declaration: bool, arrived: bool) -> list[Step]:
    """The moves that follow 入库 (120) for a tier.

    `early_declaration`: whether this office releases before arrival; `arrived`: whether an arrival notice has named
    the waybill. Raises `ValueError` for an unknown tier.
    """
    match Tier(tier):
        case Tier.LOW:
            return release_or_wait(early_declaration=early_declaration, arrived=arrived)
        case Tier.MEDIUM:
            return [leg(State.REVIEW, REVIEW)]
        case Tier.HIGH:
            ordered = INSPECTION if arrived else INSPECTION_WAITS
            return [leg(State.CONCLUDED, CONCLUDED), leg(State.INSPECTION, ordered)]


def release_or_wait(*, early_declaration: bool, arrived: bool) -> list[Step]:
    """Concluded (399) and released (800), or concluded and waiting for the goods."""
    if early_declaration or arrived:
        return [leg(State.CONCLUDED, CONCLUDED), leg(State.RELEASED, RELEASED)]
    return [leg(State.CONCLUDED, WAITS_FOR_GOODS)]


def on_arrival(status: str | None, *, held: bool) -> list[Step]:
    """What the arrival notice sets free: a concluded checklist is released unless an officer holds it."""
    return [leg(State.RELEASED, ARRIVED)] if status == State.CONCLUDED and not held else []
