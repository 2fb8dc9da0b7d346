"""Rules of the supervised site (监管作业场所): the scale, records of what is found, cases (CU4015, CU4061 and after).

Pure: `customs.movement` looks the facts up, asks here, and writes what is answered. Weights are in kg.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from common.findings import Finding, Severity, Text, rule
from common.law import step_rule
from common.money import plain

_HOUSE = "平台移动监管规则"

WEIGHT_OFF = rule(
    "CU4015",
    title=("过磅重量与申报不符", "Weighed and declared weight differ"),
    say=(
        "运单“{number}”过磅{weighed}千克，申报毛重{declared}千克，超出允许差{tolerance}千克，暂扣在场。"
        "请重新过磅，或等候海关处理。",
        "Waybill “{number}” weighs {weighed} kg against {declared} kg declared, more than the {tolerance} kg allowed: "
        "held at the site. Weigh it again or wait for customs.",
    ),
    basis=_HOUSE,
    severity=Severity.WARNING,
)
RECORD_NEEDS_WAYBILL = rule(
    "CU4061",
    title=("须写明物流企业和运单", "Carrier and waybill are needed"),
    say=(
        "登记{kind}的包裹须写明物流企业代码和运单编号；面单无法识别的，请登记为无法识别的包裹。",
        "A {kind} parcel is recorded with carrier code and waybill number; if the label cannot be read, record it as "
        "unreadable.",
    ),
    basis=_HOUSE,
    kind="format",
)
UNKNOWN_CARRIER = rule(
    "CU4062",
    title=("没有这家物流企业", "No such logistics firm"),
    say=(
        "代码“{code}”不是当日登记的物流企业。请核对。",
        "“{code}” is no logistics firm registered that day. Check it.",
    ),
    basis=_HOUSE,
)
SURPLUS_DECLARED = rule(
    "CU4063",
    title=("该包裹有清单", "The parcel has a checklist"),
    say=(
        "运单“{number}”已有清单，不是多出的包裹。请报送运抵单。",
        "Waybill “{number}” has a checklist, so it is not a surplus parcel. File an arrival notice.",
    ),
    basis=_HOUSE,
    kind="processing",
)
MISSING_UNKNOWN = rule(
    "CU4064",
    title=("没有单证预告该包裹", "No paper announces the parcel"),
    say=(
        "没有单证写明运单“{number}”应在本场所，或它已离境，不能登记为短少。请核对运单编号。",
        "No paper says that waybill “{number}” should be at this site, or it has left: it cannot be missing. "
        "Check the number.",
    ),
    basis=_HOUSE,
    kind="processing",
)
RECORD_OPEN = rule(
    "CU4065",
    title=("已登记", "On record already"),
    say=(
        "运单“{number}”已有未了结的同类登记。请在原登记上处理。",
        "Waybill “{number}” has an open record of this kind. Work on that one.",
    ),
    basis=_HOUSE,
    kind="processing",
)
RECORD_NOT_FOUND = rule(
    "CU4066",
    title=("没有这条登记", "No such record"),
    say=(
        "没有这条登记，或者它不在您的范围内。请从列表中选择。",
        "There is no such record, or it is not yours to see. Choose one from the list.",
    ),
    basis=_HOUSE,
)
RECORD_RESOLVED = rule(
    "CU4067",
    title=("登记已了结", "The record is resolved"),
    say=("该登记已于{since}了结，不能再改动。", "The record was resolved on {since} and cannot be changed."),
    basis=_HOUSE,
    kind="processing",
)
NOT_AT_SITE = rule(
    "CU4068",
    title=("包裹不在您的场所", "Not at your site"),
    say=(
        "运单“{number}”没有运抵您经营的场所，或已离境。请核对运单编号。",
        "Waybill “{number}” has not arrived at a site of yours, or has left. Check the number.",
    ),
    basis=_HOUSE,
)
BAD_WEIGHT = rule(
    "CU4069",
    title=("重量不可用", "Unusable weight"),
    say=(
        "过磅重量须为大于0的千克数，最多14位整数、5位小数。请重新填写。",
        "The weighed gross is a number of kg above 0, at most 14 digits before the point and 5 behind. Enter it again.",
    ),
    basis=_HOUSE,
    kind="format",
)
INCIDENT_NOT_FOUND = rule(
    "CU4070",
    title=("没有这个案件", "No such case"),
    say=(
        "没有这个案件，或者它不在您的范围内。请从列表中选择。",
        "There is no such case, or it is not yours to see. Choose one from the list.",
    ),
    basis=_HOUSE,
)
INCIDENT_CLOSED = rule(
    "CU4071",
    title=("案件已办结", "The case is closed"),
    say=("案件已由{who}于{since}办结。", "{who} closed the case on {since}."),
    basis=_HOUSE,
    kind="processing",
)
NOT_HELD = rule(
    "CU4072",
    title=("没有暂扣", "Not held"),
    say=("该清单的包裹没有暂扣在场。", "The parcel of this checklist is not held at the site."),
    basis=_HOUSE,
    kind="processing",
)
HOLD_LIFTED = step_rule("CU4105", "customs.movement", title=("解除在场暂扣", "Site hold lifted"), basis=_HOUSE).id


class RecordKind(StrEnum):
    """What a site operator finds."""

    SURPLUS = "surplus"
    MISSING = "missing"
    UNREADABLE = "unreadable"


RECORD_NAMES: Mapping[str, Text] = {
    RecordKind.SURPLUS: Text("多出", "surplus"),
    RecordKind.MISSING: Text("短少", "missing"),
    RecordKind.UNREADABLE: Text("无法识别", "unreadable"),
}


@dataclass(frozen=True, slots=True)
class WeightHold:
    """Why a parcel is held: what was declared, what the scale said, and how far apart they may be (kg)."""

    declared: Decimal
    weighed: Decimal
    tolerance: Decimal

    def finding(self, pointer: str, number: str) -> Finding:
        """What the site operator is told."""
        return WEIGHT_OFF.at(pointer, number=number, **self._texts())

    def as_dict(self, since: datetime) -> dict[str, object]:
        """What is kept in `Checklist.site_hold`."""
        return {"reason": "weight", "rule": WEIGHT_OFF.id, "since": since.isoformat(), **self._texts()}

    def say(self) -> Text:
        """What the party is told."""
        return Text(
            "过磅{weighed}千克与申报毛重{declared}千克相差过大，包裹暂扣在监管作业场所",
            "The parcel weighs {weighed} kg against {declared} kg declared and is held at the supervised site",
        ).format(**self._texts())

    def _texts(self) -> dict[str, str]:
        return {
            "declared": plain(self.declared),
            "weighed": plain(self.weighed),
            "tolerance": plain(self.tolerance),
        }


def weight_hold(declared: Decimal, weighed: Decimal | None, *, share: Decimal, floor: Decimal) -> WeightHold | None:
    """Whether the scale and the checklist's gross weight differ too much; None where they do not, or nobody weighed.

    The tolerance is `share` of the declared weight but at least `floor` kg; a difference of exactly that is allowed.
    """
    if weighed is None:
        return None
    tolerance = max(declared * share, floor)
    return WeightHold(declared, weighed, tolerance) if abs(weighed - declared) > tolerance else None
