"""The ledger of goods in an overseas warehouse: what an entry may say, and that stock never falls below zero (CU6431+).

One ledger per checklist line, in the line's declared unit. Goods arrive, at most as many as were declared; they are
sold, come back to China (returned), are destroyed or lost. An entry is never changed: another one of the same kind
takes back part or all of it, on a day of its own. A sale that a buyer undoes is such an entry.

Stock holds as of the end of every day: on no day may more have gone than had come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate

from common.findings import Finding, Text, rule
from common.money import parse_decimal, plain

_HOUSE = "平台海外仓台账规则"

BAD_QTY = rule(
    "CU6431",
    title=("数量不可用", "Unusable quantity"),
    say=(
        "数量“{found}”不可用：须大于0，最多14位整数、5位小数。",
        "The quantity “{found}” will not do: above 0, at most 14 digits before the point and 5 behind.",
    ),
    basis=_HOUSE,
    kind="format",
)
UNKNOWN_KIND = rule(
    "CU6432",
    title=("没有这种记录", "No such kind of entry"),
    say=(
        "“{found}”不是记录种类。可用：arrived（入仓）、sold（销售）、returned（退运回国）、destroyed（销毁）、lost（灭失）。",
        "“{found}” is no kind of entry. There are: arrived, sold, returned (to China), destroyed, lost.",
    ),
    basis=_HOUSE,
    kind="format",
)
NO_SUCH_LINE = rule(
    "CU6433",
    title=("没有这项商品", "No such line"),
    say=(
        "没有您可以登记的清单{number}第{gnum}项商品。请核对清单编号和商品序号。",
        "There is no line {gnum} of checklist {number} that you may record for. Check the customs number and the line.",
    ),
    basis=_HOUSE,
)
NOT_CLOSED = rule(
    "CU6434",
    title=("清单尚未结关", "The checklist is not closed"),
    say=(
        "清单{number}尚未结关，货物不可能已入仓。请在离境结关后登记。",
        "Checklist {number} is not closed yet, so its goods cannot be in the warehouse. Record them once it is.",
    ),
    basis=_HOUSE,
)
NOT_FOR_WAREHOUSE = rule(
    "CU6435",
    title=("不是出口海外仓的清单", "Not an export to an overseas warehouse"),
    say=(
        "清单{number}的监管方式是{mode}，不是出口海外仓（9810或1210批量）。请核对清单编号。",
        "Checklist {number} goes under {mode}, which is no export to an overseas warehouse (9810, or 1210 in bulk). "
        "Check the number.",
    ),
    basis=_HOUSE,
)
OTHER_WAREHOUSE = rule(
    "CU6436",
    title=("货物在另一个海外仓", "The goods belong to another warehouse"),
    say=(
        "清单{number}第{gnum}项的货物属于海外仓{other}，不能登记在本仓。请在该仓登记。",
        "Line {gnum} of checklist {number} belongs to warehouse {other}. Record it there.",
    ),
    basis=_HOUSE,
)
IN_FUTURE = rule(
    "CU6437",
    title=("日期在将来", "The day lies ahead"),
    say=("日期{day}在将来。请填写实际发生的日期。", "{day} lies ahead. Enter the day on which it happened."),
    basis=_HOUSE,
    kind="format",
)
BEFORE_LEAVING = rule(
    "CU6438",
    title=("早于离境", "Before the goods left"),
    say=(
        "日期{day}早于清单{number}的离境日{left}。请更正日期。",
        "{day} lies before the goods of checklist {number} left China on {left}. Correct the day.",
    ),
    basis=_HOUSE,
)
MORE_THAN_DECLARED = rule(
    "CU6439",
    title=("入仓多于申报", "More arrived than was declared"),
    say=(
        "清单{number}第{gnum}项到{day}入仓合计{found}，多于申报数量{declared}。请更正数量；申报有误的先修改清单。",
        "By {day} {found} would have arrived of line {gnum} of checklist {number}, more than the {declared} declared. "
        "Correct the quantity, or have the checklist amended first.",
    ),
    basis=_HOUSE,
)
BELOW_ZERO = rule(
    "CU6440",
    title=("库存不足", "Not enough in stock"),
    say=(
        "清单{number}第{gnum}项到{day}入仓{arrived}，销售、退运、销毁和灭失合计{gone}，库存不能小于零。请更正数量或日期。",
        "By {day} {arrived} had arrived of line {gnum} of checklist {number}, and {gone} would have gone: stock cannot "
        "fall below zero. Correct quantity or day.",
    ),
    basis=_HOUSE,
)
PROOF_NEEDED = rule(
    "CU6441",
    title=("须附凭证", "Proof is needed"),
    say=(
        "{kind}的记录须附凭证文件。请上传。",
        "An entry of kind “{kind}” needs a file that proves it. Upload one.",
    ),
    basis=_HOUSE,
)
PROOF_UNKNOWN = rule(
    "CU6444",
    title=("没有这个凭证", "No such proof"),
    say=(
        "没有编号为{id}的凭证文件，或者它属于另一家企业。请先上传。",
        "There is no proof number {id}, or it is another firm's. Upload it first.",
    ),
    basis=_HOUSE,
)
NOT_CORRECTABLE = rule(
    "CU6445",
    title=("不能更正这条记录", "The entry cannot be corrected"),
    say=(
        "没有可以更正的第{id}号记录：不存在、不是您的，或它本身就是更正。请从台账中选择。",
        "There is no entry {id} to correct: it does not exist, is not yours, or is a correction itself. "
        "Choose one from the ledger.",
    ),
    basis=_HOUSE,
)
TAKEN_BACK = rule(
    "CU6446",
    title=("更正多于原记录", "More is taken back than was entered"),
    say=(
        "第{id}号记录还可更正{left}，这里写了{found}。请更正数量。",
        "Of entry {id} {left} can still be taken back; {found} was asked. Correct the quantity.",
    ),
    basis=_HOUSE,
    kind="processing",
)
BEFORE_CORRECTED = rule(
    "CU6447",
    title=("更正早于原记录", "Corrected before it happened"),
    say=(
        "更正的日期{day}早于第{id}号记录的日期{first}。请更正日期。",
        "{day} lies before entry {id}, which is of {first}. Correct the day.",
    ),
    basis=_HOUSE,
)
REFERENCE_USED = rule(
    "CU6448",
    title=("凭据编号已登记", "The reference is on record"),
    say=(
        "凭据编号“{reference}”的同一项{kind}已登记，不会重复计算。请核对，或去掉这一行。",
        "“{kind}” under reference “{reference}” is on record for this line and is not counted twice. "
        "Check it, or leave this row out.",
    ),
    basis=_HOUSE,
    kind="processing",
)
RECORDED_BEFORE = rule(
    "CU6449",
    title=("已经登记过", "Recorded before"),
    say=(
        "这个文件（或这次提交）已于{since}登记，共{count}条，没有重复登记。要登记新的变动，请用新的文件或重新打开页面。",
        "This file, or this very form, was recorded on {since} with {count} entries; nothing was recorded twice. "
        "For anything new use another file, or open the page again.",
    ),
    basis=_HOUSE,
    kind="processing",
)
NOT_IN_USE = rule(
    "CU6450",
    title=("当日不能使用该海外仓", "The warehouse could not be used that day"),
    say=(
        "{firm}在{day}不能使用该海外仓（登记：{days}）。请核对日期或使用权。",
        "{firm} could not use the warehouse on {day} (registered for {days}). Check the day, or who may use it.",
    ),
    basis=_HOUSE,
)
NOTE_NEEDED = rule(
    "CU6451",
    title=("须写明说明", "A note is needed"),
    say=(
        "更正、销毁和灭失须写明原因（1至{most}字）。",
        "Corrections, destroyed and lost goods need a note that says why (1 to {most} characters).",
    ),
    basis=_HOUSE,
    kind="format",
)
ENTRY_COUNT = rule(
    "CU6452",
    title=("记录条数不符", "Wrong number of entries"),
    say=("一次登记1至{most}条，这里有{found}条。", "1 to {most} entries at once; here are {found}. Split them."),
    basis=_HOUSE,
    kind="format",
)
UNUSABLE_TEXT = rule(
    "CU6453",
    title=("文字不能保存", "Text that cannot be kept"),
    say=(
        "凭据编号最多{most}字、说明最多{most}字，不含控制字符。",
        "Reference and note have at most {most} characters and no control characters.",
    ),
    basis=_HOUSE,
    kind="format",
)
HOME_ALREADY = rule(
    "CU6454",
    title=("退货已登记", "The goods return is on record"),
    say=(
        "清单{number}第{gnum}项有{qty}随退货{reference}回国，办结时已登记（第{id}号记录），不会重复计算。按退货手续回国的货物"
        "不必登记；不走退货手续、另行进境的，请注明“另行进境”（apart）。",
        "{qty} of line {gnum} of checklist {number} came home by goods return {reference} and were recorded with it "
        "(entry {id}); they are not counted twice. What comes back by a goods return need not be entered; say "
        "“apart” of goods that came back in another way.",
    ),
    basis=_HOUSE,
    kind="processing",
)
CAME_HOME = rule(
    "CU6455",
    title=("已随退货回国，不能冲回", "It came home by a goods return"),
    say=(
        "第{id}号记录有{home}已由办结的退货证实，只能再冲回{left}，这里写了{found}。请更正数量。",
        "A completed goods return proves {home} of entry {id}, so {left} can still be taken back; {found} was asked. "
        "Correct the quantity.",
    ),
    basis=_HOUSE,
    kind="processing",
)


class Kind(StrEnum):
    """What happened to goods in the warehouse."""

    ARRIVED = "arrived"
    SOLD = "sold"
    RETURNED = "returned"
    DESTROYED = "destroyed"
    LOST = "lost"


KINDS: Mapping[str, Text] = {
    Kind.ARRIVED: Text("入仓", "Arrived"),
    Kind.SOLD: Text("销售", "Sold"),
    Kind.RETURNED: Text("退运回国", "Returned to China"),
    Kind.DESTROYED: Text("销毁", "Destroyed"),
    Kind.LOST: Text("灭失", "Lost"),
}
EXPLAINED = frozenset({Kind.DESTROYED, Kind.LOST})
"""Kinds that need a note."""

MOST_ENTRIES = 5000
MOST_NOTE = 300
_MOST_QTY = Decimal(10) ** 14
_PLACES = 5
_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Posting:
    """One entry as balances see it: signed quantity, below zero where it takes back an earlier entry."""

    kind: str
    qty: Decimal
    day: date


@dataclass(frozen=True, slots=True)
class Balance:
    """What became of a line's goods until the end of a day; quantities in its declared unit."""

    arrived: Decimal = _NOTHING
    sold: Decimal = _NOTHING
    returned: Decimal = _NOTHING
    destroyed: Decimal = _NOTHING
    lost: Decimal = _NOTHING

    @property
    def gone(self) -> Decimal:
        """All that is no longer there."""
        return self.sold + self.returned + self.destroyed + self.lost

    @property
    def stock(self) -> Decimal:
        """What lies there."""
        return self.arrived - self.gone


@dataclass(frozen=True, slots=True)
class Breach:
    """The first day on which a ledger would not hold."""

    day: date
    balance: Balance
    too_much: bool
    """More arrived than declared; else more gone than arrived."""


def quantity(written: str) -> Decimal | None:
    """A quantity above zero with at most 14 digits before the point and 5 behind; None for anything else."""
    found = parse_decimal(written.strip())
    if found is None or not _NOTHING < found < _MOST_QTY:
        return None
    return found if -_exponent(found) <= _PLACES else None


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def balance(postings: Iterable[Posting], on: date | None = None) -> Balance:
    """The balance at the end of `on`, or of all time."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for one in postings:
        if on is None or one.day <= on:
            sums[one.kind] += one.qty
    return Balance(**{kind: sums[kind] for kind in Kind})


def breach(postings: Sequence[Posting], declared: Decimal) -> Breach | None:
    """The first day whose end breaks the ledger: more arrived than declared, or stock or a kind below zero."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    ordered = sorted(postings, key=lambda one: one.day)
    for place, one in enumerate(ordered):
        sums[one.kind] += one.qty
        if place + 1 < len(ordered) and ordered[place + 1].day == one.day:
            continue
        held = Balance(**{kind: sums[kind] for kind in Kind})
        if held.arrived > declared:
            return Breach(one.day, held, too_much=True)
        if held.stock < 0 or any(sums[kind] < 0 for kind in Kind):
            return Breach(one.day, held, too_much=False)
    return None


def spare(postings: Iterable[Posting], on: date) -> Decimal:
    """How much may go on a day without a day's stock falling below zero: the least at the end of any day from it."""
    moves: dict[date, Decimal] = {on: _NOTHING}
    for one in postings:
        day = max(one.day, on)
        signed = one.qty if one.kind == Kind.ARRIVED else -one.qty
        moves[day] = moves.get(day, _NOTHING) + signed
    return min(accumulate(qty for _, qty in sorted(moves.items())))


def layers(arrivals: Iterable[tuple[date, Decimal]], stock: Decimal) -> list[tuple[date, Decimal]]:
    """What lies there, by the day on which it arrived; what came first is taken to have gone first.

    `arrivals` are all that came until the day asked about, corrected ones too; the quantities add up to `stock`.
    """
    came = sorted(arrivals)
    gone = sum((qty for _, qty in came), _NOTHING) - stock
    left: list[tuple[date, Decimal]] = []
    for day, qty in came:
        used = min(gone, qty)
        gone -= used
        if qty > used:
            left.append((day, qty - used))
    return left


def breach_finding(found: Breach, pointer: str, number: str, gnum: int, declared: Decimal) -> Finding:
    """The sentence for a broken ledger."""
    facts = {"number": number, "gnum": gnum, "day": found.day.isoformat()}
    if found.too_much:
        return MORE_THAN_DECLARED.at(pointer, found=plain(found.balance.arrived), declared=plain(declared), **facts)
    held = found.balance
    return BELOW_ZERO.at(pointer, arrived=plain(held.arrived), gone=plain(held.gone), **facts)
