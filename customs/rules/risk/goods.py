"""Factors of the goods: prices and weights outside what the zone has seen, and codes under control."""

from __future__ import annotations

from decimal import Decimal

from common.money import plain
from customs.rules.release import Tier
from customs.rules.risk.factor import Answer, Reason, factor
from customs.rules.risk.facts import Ask, Range, RiskFacts

_BASIS = "平台风险要素"
THOUSAND = Decimal(1000)


def outside(figure: Decimal, usual: Range, multiple: Decimal) -> bool:
    """Whether a figure lies further than `multiple` times outside the usual range."""
    return figure * multiple < usual.low or figure > usual.high * multiple


@factor(
    "CU3001",
    title=("单位价值偏离本区历史", "Value per unit outside the zone's history"),
    reason=Reason.VALUE,
    basis=_BASIS,
    asks=("history.min_observations", "value.multiple"),
    points="value",
)
def unit_value(facts: RiskFacts, ask: Ask) -> Answer:
    """Value per statutory unit of any line against the heading's history in the zone."""
    least = ask("customs.risk.history.min_observations").integer
    multiple = ask("customs.risk.value.multiple").decimal
    met: bool | None = None
    for number, line in enumerate(facts.lines, 1):
        usual = facts.goods[line.goods].unit_value if line.goods in facts.goods else None
        if usual is None or usual.observations < least or line.value_cny is None or not line.qty1:
            continue
        figure = line.value_cny / line.qty1
        if outside(figure, usual, multiple):
            return Answer(True, {"line": number, **_shown(figure, usual)})
        met = False
    return Answer(met, {})


@factor(
    "CU3002",
    title=("单件重量偏离本区历史", "Weight per piece outside the zone's history"),
    reason=Reason.GOODS,
    basis=_BASIS,
    asks=("history.min_observations", "weight.multiple"),
    points="weight",
)
def piece_weight(facts: RiskFacts, ask: Ask) -> Answer:
    """Gross weight per statutory unit, for checklists with one kind of goods."""
    quantity = sum((line.qty1 for line in facts.lines), Decimal(0))
    figure = facts.gross_weight / quantity if quantity else None
    return _weight(facts, ask, figure, "piece")


@factor(
    "CU3003",
    title=("单位价值重量偏离本区历史", "Weight per value outside the zone's history"),
    reason=Reason.GOODS,
    basis=_BASIS,
    asks=("history.min_observations", "weight.multiple"),
    points="weight",
)
def value_weight(facts: RiskFacts, ask: Ask) -> Answer:
    """Gross weight per 1,000 CNY, for checklists with one kind of goods."""
    figure = facts.gross_weight * THOUSAND / facts.value_cny if facts.value_cny else None
    return _weight(facts, ask, figure, "value")


def _weight(facts: RiskFacts, ask: Ask, figure: Decimal | None, per: str) -> Answer:
    kinds = {line.goods for line in facts.lines}
    history = facts.goods.get(next(iter(kinds))) if len(kinds) == 1 else None
    usual = None if history is None else history.piece_weight if per == "piece" else history.value_weight
    if figure is None or usual is None:
        return Answer(None, {})
    if usual.observations < ask("customs.risk.history.min_observations").integer:
        return Answer(None, {})
    return Answer(outside(figure, usual, ask("customs.risk.weight.multiple").decimal), _shown(figure, usual))


def _shown(figure: Decimal, usual: Range) -> dict[str, object]:
    return {
        "figure": plain(round(figure, 4)),
        "usual_low": plain(usual.low),
        "usual_high": plain(usual.high),
        "observations": usual.observations,
    }


@factor(
    "CU3004",
    title=(
        "商品编码涉证、涉税、取消退税或两用物项",
        "Controlled code: licence, export duty, refund cancelled, dual use",
    ),
    reason=Reason.PAPERS,
    basis="海关法；平台风险要素",
    level=Tier.MEDIUM,
)
def controlled_code(facts: RiskFacts, _ask: Ask) -> Answer:
    """Any line whose code bears a mark on the day; None where no code is known to the table."""
    marked = {line.gcode: sorted(line.marks) for line in facts.lines if line.marks}
    if marked:
        return Answer(True, {"codes": marked})
    return Answer(None if all(line.marks is None for line in facts.lines) else False, {})


@factor(
    "CU3005",
    title=("编码无法核对", "Code cannot be checked"),
    reason=Reason.PAPERS,
    basis="简化申报编码核对规则（CU0206）",
    level=Tier.MEDIUM,
)
def not_checkable(facts: RiskFacts, _ask: Ask) -> Answer:
    """A shortened code under which the table knows no full code: nothing passes by default."""
    return Answer(facts.not_checkable, {})
