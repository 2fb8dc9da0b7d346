"""Rules of goods returns (出口商品退货, CEB213 and CEB215): states, moves, grounds, shares.

What is said about them stands in `return_findings`.

Pure: intake and `customs.returns` look the facts up, ask here, and write what is answered. Whether the procedure is
open at all (mode, year, district) is decided by `customs.return` (`customs.rules.decisions.goods_return`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from common.findings import Finding, Text
from common.money import plain
from customs.rules import return_findings as said
from customs.rules.moves import Cause

PLACES = Decimal("0.00001")
MAX_TEXT = 500

PAPER = Text("退货申请单", "Goods-return request")
TALLY = Text("退运理货明细单", "Return tally")


HERE, RELAY = "here", "relay"
"""Who decides a return: this platform, or customs' own system."""


# --- states and moves


class ReturnState(StrEnum):
    """States of a goods return, the codes that a CEB214 may carry."""

    DRAFT = "1"
    DECLARED = "2"
    REJECTED = "100"
    STORED = "120"
    REVIEW = "300"
    INSPECTION = "500"
    HANDED_OVER = "505"
    SUSPENDED = "600"
    RELEASED = "800"


STATE_NAMES: Mapping[str, Text] = {
    ReturnState.DRAFT: Text("暂存", "Draft"),
    ReturnState.DECLARED: Text("申报中", "Declared"),
    ReturnState.REJECTED: Text("退单", "Rejected"),
    ReturnState.STORED: Text("入库", "Stored"),
    ReturnState.REVIEW: Text("人工审核", "Document review"),
    ReturnState.INSPECTION: Text("查验", "Inspection"),
    ReturnState.HANDED_OVER: Text("移交", "Handed over"),
    ReturnState.SUSPENDED: Text("挂起", "Suspended"),
    ReturnState.RELEASED: Text("放行", "Released"),
}

_S, _P, _R, _O, _C = ReturnState, Cause.PARTY, Cause.RULE, Cause.OFFICER, Cause.CUSTOMS

_DECIDED = (_S.RELEASED, _S.INSPECTION, _S.HANDED_OVER, _S.SUSPENDED, _S.REJECTED)

MOVES: Mapping[tuple[str | None, str], frozenset[Cause]] = {
    (None, _S.DRAFT): frozenset({_P}),
    (None, _S.DECLARED): frozenset({_P}),
    (_S.DRAFT, _S.DRAFT): frozenset({_P}),
    (_S.DRAFT, _S.DECLARED): frozenset({_P}),
    **{(start, _S.DECLARED): frozenset({_P}) for start in (_S.DECLARED, _S.STORED, _S.REVIEW, _S.REJECTED)},
    (_S.DECLARED, _S.STORED): frozenset({_R, _C}),
    (_S.DECLARED, _S.REVIEW): frozenset({_C}),
    (_S.STORED, _S.REVIEW): frozenset({_R, _C}),
    **{(start, end): frozenset({_C}) for start in (_S.DECLARED, _S.STORED) for end in _DECIDED},
    **{
        (start, end): frozenset({_O, _C})
        for start in (_S.REVIEW, _S.INSPECTION, _S.SUSPENDED)
        for end in _DECIDED
        if start != end
    },
    **{(_S.HANDED_OVER, end): frozenset({_O, _C}) for end in (_S.INSPECTION, _S.REJECTED)},
    **{(_S.HANDED_OVER, end): frozenset({_C}) for end in (_S.RELEASED, _S.SUSPENDED)},
    (_S.RELEASED, _S.SUSPENDED): frozenset({_R, _C}),
    **{(_S.RELEASED, end): frozenset({_C}) for end in (_S.INSPECTION, _S.HANDED_OVER)},
}
"""Which state a return may leave for which, and who may cause it; a completed return does not move any more.

Customs' own system may pass states over in its answers, and at its offices a request waits at 申报中 (2) for them.
"""

DECISIONS: Mapping[str, tuple[ReturnState, Text]] = {
    "release": (_S.RELEASED, Text("放行", "Release")),
    "inspect": (_S.INSPECTION, Text("查验", "Inspect")),
    "suspend": (_S.SUSPENDED, Text("挂起", "Suspend")),
    "hand_over": (_S.HANDED_OVER, Text("移交", "Hand over")),
    "reject": (_S.REJECTED, Text("退单", "Reject")),
}
"""What an officer may decide: the state it leads to, and its name."""

NEEDS_TEXT = frozenset({"suspend", "hand_over", "reject"})
"""Decisions that the party must be told the reason of."""

HOLDING = (_S.DECLARED, _S.STORED, _S.REVIEW, _S.INSPECTION, _S.HANDED_OVER, _S.SUSPENDED, _S.RELEASED)
"""States in which a return that is not completed holds its quantities; a draft and a rejected one do not."""

CHANGEABLE = (_S.DRAFT, _S.DECLARED, _S.STORED, _S.REVIEW, _S.REJECTED)
"""States in which the firm may still change its request."""

OPEN = (_S.REVIEW, _S.INSPECTION, _S.HANDED_OVER, _S.SUSPENDED)
"""States in which an officer has something to decide."""


def may_move(start: str | None, end: str, cause: Cause) -> bool:
    """Whether `cause` may move a return from `start` (None: new) to `end`."""
    return cause in MOVES.get((start, end), frozenset())


def decisions_from(start: str) -> list[str]:
    """The decisions that an officer may take about a return at `start`, in the order of the table."""
    return [word for word, (end, _) in DECISIONS.items() if may_move(start, end, Cause.OFFICER)]


# --- modes, grounds

RETURN_MODES: Mapping[str, str] = {"9610": "9661", "9810": "9661", "1210": "1261"}
"""The supervision mode of the return (退货监管方式) by that of the export."""

OLD_MODES = ("9610", "1210", "1239")
"""What the comment of the schema asks for in tradeMode instead; read as 9661 and 1261."""

REASON_KINDS: Mapping[str, Text] = {
    "unsold": Text("滞销", "Unsold"),
    "returned": Text("退货", "Returned by the buyer"),
}
PROOFS: Mapping[str, tuple[str, Text]] = {
    "self_declaration": ("unsold", Text("企业自行申明", "The firm's own declaration")),
    "platform_record": ("returned", Text("平台退货记录", "The platform's record of the return")),
    "refusal": ("returned", Text("拒收记录", "Record that the buyer refused the parcel")),
    "agreement": ("returned", Text("退货协议", "Agreement on the return")),
}
"""What a reason is proved with: the reason it goes with, and its name."""

CERTIFICATES: Mapping[str, Text] = {
    "repaid": Text("已补税证明", "Certificate that refunded tax was paid back"),
    "not_refunded": Text("未退税证明", "Certificate that no tax was refunded"),
}
"""《出口货物已补税/未退税证明》: which of the two was issued."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """Why goods come back, with what that is proved, and the tax office's certificate; None: not said yet."""

    reason: str | None = None
    proof: str | None = None
    certificate: str | None = None
    certificate_no: str | None = None


# --- what is asked of the rules


def state_texts(state: str, prefix: str = "state") -> dict[str, str]:
    """A state with its names, as sentences use them."""
    name = STATE_NAMES[state]
    return {prefix: state, f"{prefix}_zh": name.zh, f"{prefix}_en": name.en}


def grounds_faults(grounds: Grounds, at: str) -> list[Finding]:
    """What is wrong with the grounds given; `at` is the pointer of the object that holds them."""
    found = []
    for word, value, known in (
        ("reason", grounds.reason, list(REASON_KINDS)),
        ("proof", grounds.proof, list(PROOFS)),
        ("certificate", grounds.certificate, list(CERTIFICATES)),
    ):
        if value is not None and value not in known:
            found.append(said.UNKNOWN_GROUND.at(f"{at}/{word}", value=value[:40], known="、".join(known)))
    if found:
        return found
    if grounds.proof is not None and PROOFS[grounds.proof][0] != grounds.reason:
        found.append(_proof_fault(grounds.reason, f"{at}/proof"))
    number = grounds.certificate_no
    if (grounds.certificate is None) != (number is None) or (number is not None and len(number) > 40):
        found.append(said.CERTIFICATE_NUMBER.at(f"{at}/certificate_no"))
    return found


def _proof_fault(reason: str | None, at: str) -> Finding:
    fitting = [name for kind, name in PROOFS.values() if kind == reason]
    known = Text("、".join(one.zh for one in fitting) or "—", ", ".join(one.en for one in fitting) or "—")
    return said.PROOF_DOES_NOT_FIT.at(at, reason=REASON_KINDS.get(reason or "", Text("—", "—")), known=known)


@dataclass(frozen=True, slots=True)
class Amounts:
    """Quantities of a line in its declared unit and its statutory units; the second is None where it has none."""

    qty: Decimal
    qty1: Decimal
    qty2: Decimal | None

    def minus(self, other: Amounts) -> Amounts:
        """What is left after taking `other` away."""
        second = None if self.qty2 is None else self.qty2 - (other.qty2 or Decimal(0))
        return Amounts(self.qty - other.qty, self.qty1 - other.qty1, second)

    def plus(self, other: Amounts) -> Amounts:
        """Both together."""
        second = None if self.qty2 is None else self.qty2 + (other.qty2 or Decimal(0))
        return Amounts(self.qty + other.qty, self.qty1 + other.qty1, second)

    @property
    def positive(self) -> bool:
        """Whether anything of the declared quantity is there."""
        return self.qty > 0


def share(total: Decimal, whole: Decimal, before: Decimal, part: Decimal) -> Decimal:
    """The share of `total` that `part` of `whole` has after `before`: shares of successive parts add up exactly.

    Five decimals, half up; the last part of the whole takes what the others left.
    """
    return _upto(total, whole, before + part) - _upto(total, whole, before)


def _upto(total: Decimal, whole: Decimal, part: Decimal) -> Decimal:
    return (total * part / whole).quantize(PLACES, ROUND_HALF_UP)


def part_of(whole: Amounts, left: Amounts, qty: Decimal) -> Amounts:
    """The statutory quantities that go with `qty` of a line: in proportion; all that is left with the last piece.

    More than is left stays in proportion, so that a request for too much is refused as such.
    """
    if qty == left.qty:
        return left
    first = _proportion(whole.qty1, whole.qty, qty)
    second = None if whole.qty2 is None else _proportion(whole.qty2, whole.qty, qty)
    if qty > left.qty:
        return Amounts(qty, first, second)
    if second is not None and left.qty2 is not None:
        second = min(second, left.qty2)
    return Amounts(qty, min(first, left.qty1), second)


def _proportion(value: Decimal, whole: Decimal, part: Decimal) -> Decimal:
    return (value * part / whole).quantize(PLACES, ROUND_HALF_UP)


def came_back(asked: Amounts, found: Decimal) -> Amounts:
    """What counts as come back: what was found, but never more than was asked for."""
    return asked if found >= asked.qty else part_of(asked, asked, found)


def quantities(amounts: Amounts) -> dict[str, str | None]:
    """Quantities on the wire."""
    return {
        "qty": plain(amounts.qty),
        "qty1": plain(amounts.qty1),
        "qty2": None if amounts.qty2 is None else plain(amounts.qty2),
    }
