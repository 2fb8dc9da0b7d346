"""Factors of patterns: bursts of checklists from one seller, and sales split to stay under the ticket limit."""

from __future__ import annotations

from decimal import Decimal

from common.money import plain
from customs.rules.risk.factor import Answer, Reason, factor
from customs.rules.risk.facts import Ask, Others, RiskFacts

_BASIS = "平台风险要素"


@factor(
    "CU3021",
    title=("短时大量申报，远超平常", "A burst far above the seller's usual"),
    reason=Reason.PARTY,
    basis=_BASIS,
    asks=("burst.minutes", "burst.floor", "burst.multiple", "burst.min_days"),
    points="burst",
)
def burst(facts: RiskFacts, ask: Ask) -> Answer:
    """More checklists in the window than the floor, and far more than the seller's own busiest hours.

    Cannot be told of a seller whose usual is not known yet: a busy first day is no sign of anything.
    """
    usual = facts.seller.usual_per_hour
    if usual is None or facts.seller.active_days < ask("customs.risk.burst.min_days").integer:
        return Answer(None, {"count": facts.hour_count})
    allowed = max(
        ask("customs.risk.burst.floor").decimal,
        usual * ask("customs.risk.burst.multiple").decimal * ask("customs.risk.burst.minutes").integer / 60,
    )
    return Answer(facts.hour_count > allowed, {"count": facts.hour_count, "usual_per_hour": plain(usual)})


@factor(
    "CU3022",
    title=("同一收件人多单合计超限", "Split sale: one receiver, together above the limit"),
    reason=Reason.VALUE,
    basis="简化申报限值（customs.simplified.b2c.max_ticket_cny）",
    asks=("split.days",),
    points="split",
)
def split_receiver(facts: RiskFacts, _ask: Ask) -> Answer:
    """The same seller's tickets to one receiver in the window, each within the limit, together above it."""
    if facts.same_receiver is None:
        return Answer(None, {})
    return _split(facts, facts.same_receiver)


@factor(
    "CU3023",
    title=("同类商品多单合计超限", "Split sale: same goods, together above the limit"),
    reason=Reason.VALUE,
    basis="简化申报限值（customs.simplified.b2c.max_ticket_cny）",
    asks=("split.days", "split.near_share"),
    points="split",
)
def split_goods(facts: RiskFacts, ask: Ask) -> Answer:
    """Where no receiver is given: tickets with the same goods to one country, each of them not far below the limit.

    Small tickets do not count, else every shop that sells one thing well would be suspected.
    """
    if facts.same_receiver is not None or facts.limit_cny is None or facts.value_cny is None:
        return Answer(None, {})
    if facts.value_cny < facts.limit_cny * ask("customs.risk.split.near_share").decimal:
        return Answer(False, {})
    return _split(facts, facts.same_goods)


def _split(facts: RiskFacts, others: Others) -> Answer:
    if facts.limit_cny is None or facts.value_cny is None or facts.value_cny > facts.limit_cny:
        return Answer(None, {})
    together: Decimal = facts.value_cny + others.value_cny
    if not others.count:
        return Answer(False, {})
    inputs = {"tickets": others.count + 1, "together_cny": plain(together), "limit_cny": plain(facts.limit_cny)}
    return Answer(together > facts.limit_cny, inputs)
