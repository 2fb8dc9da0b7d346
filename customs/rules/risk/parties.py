"""Factors of the parties: new sellers, customs grade, record of rejections, signs of a bought name (买单出口)."""

from __future__ import annotations

from decimal import Decimal

from common.money import plain
from customs.rules.release import Tier
from customs.rules.risk.factor import Answer, Reason, factor
from customs.rules.risk.facts import Ask, RiskFacts

_BASIS = "平台风险要素"


@factor(
    "CU3011",
    title=("新卖家：结关单数不足", "New seller: few closed checklists"),
    reason=Reason.PARTY,
    basis=_BASIS,
    asks=("new_seller.closed",),
    points="new_seller",
)
def new_seller(facts: RiskFacts, ask: Ask) -> Answer:
    """Fewer closed checklists than asked of a known seller."""
    least = ask("customs.risk.new_seller.closed").integer
    return Answer(facts.seller.closed < least, {"closed": facts.seller.closed})


@factor(
    "CU3012",
    title=("新备案企业", "Newly registered firm"),
    reason=Reason.PARTY,
    basis=_BASIS,
    asks=("new_seller.days",),
    points="new_registration",
)
def new_registration(facts: RiskFacts, ask: Ask) -> Answer:
    """The seller came into the register fewer days ago than asked."""
    if facts.registered_on is None:
        return Answer(None, {})
    days = (facts.on - facts.registered_on).days
    return Answer(days < ask("customs.risk.new_seller.days").integer, {"days": days})


@factor(
    "CU3013",
    title=("海关信用等级为失信", "Dishonest customs grade"),
    reason=Reason.PARTY,
    basis="海关总署令第282号",
    asks=("grades.high",),
    level=Tier.HIGH,
)
def dishonest_grade(facts: RiskFacts, ask: Ask) -> Answer:
    """A grade under which customs inspects; no grade known cannot be told."""
    if facts.grade is None:
        return Answer(None, {})
    return Answer(facts.grade in ask("customs.risk.grades.high").codes, {"grade": facts.grade})


@factor(
    "CU3014",
    title=("退单比例偏高", "Many rejections and mismatches"),
    reason=Reason.PARTY,
    basis=_BASIS,
    asks=("rejections.min_filed", "rejections.share"),
    points="rejections",
)
def rejections(facts: RiskFacts, ask: Ask) -> Answer:
    """The share of the seller's checklists that ended rejected (mismatch, expiry or decision)."""
    if facts.seller.filed < ask("customs.risk.rejections.min_filed").integer:
        return Answer(None, {"filed": facts.seller.filed})
    share = Decimal(facts.seller.rejected) / facts.seller.filed
    inputs = {"filed": facts.seller.filed, "rejected": facts.seller.rejected, "share": plain(round(share, 4))}
    return Answer(share >= ask("customs.risk.rejections.share").decimal, inputs)


@factor(
    "CU3015",
    title=("疑似买单：申报单位代众多卖家申报", "Sign of a bought name: declarant for many sellers"),
    reason=Reason.PARTY,
    basis=_BASIS,
    asks=("bought_name.consignors", "new_seller.closed"),
    points="bought_name",
)
def bought_name(facts: RiskFacts, ask: Ask) -> Answer:
    """Somebody else declares, for unusually many sellers, and this seller has little history of its own."""
    if facts.own_declarant:
        return Answer(False, {})
    many = facts.declarant.consignors >= ask("customs.risk.bought_name.consignors").integer
    unknown = facts.seller.closed < ask("customs.risk.new_seller.closed").integer
    return Answer(many and unknown, {"consignors": facts.declarant.consignors, "closed": facts.seller.closed})


@factor(
    "CU3016",
    title=("生产销售单位未登记", "Producer or selling unit not registered"),
    reason=Reason.PARTY,
    basis=_BASIS,
    points="producer",
)
def unknown_producer(facts: RiskFacts, _ask: Ask) -> Answer:
    """`ownerCode` is NO: who made or sold the goods cannot be followed."""
    return Answer(not facts.producer_known, {})
