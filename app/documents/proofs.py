"""The printed proof of a month: conclusion, balances by currency, consignors, what differs, how to recompute it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from app.documents import Column, Document, Row, Words
from app.proofs import Shown
from common.clock import CHINA
from common.currencies import alpha
from customs.proof import Balance, Part, Sum
from customs.proof.figures import balances_of

_CONSIGNORS = 400
"""More consignors than this are summed up in one row: the listing has them all."""


def proof_pdf(shown: Shown, lang: str) -> bytes:
    """The proof as PDF; the same facts give the same bytes."""
    t, proof = Words(lang), shown.proof
    whose = shown.consignor.name if shown.consignor is not None else t("proofs.everybody")
    made = Document(
        lang,
        t("proofs.document", month=str(proof.month)),
        subtitle=whose,
        running=f"{proof.month}",
        mark=f"SHA-256 {shown.digest}",
    )
    made.facts(
        [
            (t("proofs.checklists"), f"{proof.checklists:,}"),
            (t("proofs.lines"), f"{proof.lines:,}"),
            (t("proofs.as_of"), stamp(proof.at)),
            (t("proofs.differences"), f"{len(proof.differences) + proof.more:,}"),
        ],
        across=2,
    )
    made.heading(t("proofs.holds") if proof.holds else t("proofs.differs", n=len(proof.differences) + proof.more))
    made.text(t("proofs.holds_line") if proof.holds else t("proofs.differs_line"))
    _balances(made, t, "B", proof.totals("B"))
    _balances(made, t, "A", proof.totals("A"))
    _consignors(made, t, shown)
    if proof.differences:
        made.heading(t("proofs.differences"))
        rows = [Row([one.rule, getattr(one.say(), lang), one.expected, one.found]) for one in proof.differences]
        columns = [
            Column(t("proofs.rule"), 1),
            Column(t("proofs.what"), 5),
            Column(t("proofs.expected"), 1.3, number=True),
            Column(t("proofs.found"), 1.3, number=True),
        ]
        made.table(columns, rows)
    made.heading(t("proofs.recompute"))
    made.text(t("proofs.recompute_line"))
    made.text(f"SHA-256  {shown.digest}")
    return made.pdf()


def stamp(at: datetime) -> str:
    """An instant in China time, the same in both languages."""
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def amount(value: Decimal) -> str:
    """An amount with at least two decimals, nothing rounded away."""
    return _figure(value, 2)


def weight(value: Decimal) -> str:
    """A weight in kg, exact."""
    return _figure(value, 0)


def _figure(value: Decimal, least: int) -> str:
    exact = value.normalize()
    exponent = exact.as_tuple().exponent
    places = max(least, -exponent if isinstance(exponent, int) else least)
    return f"{exact:,.{places}f}".replace("-", "−")


def _balances(made: Document, t: Words, flag: str, balances: Sequence[Balance]) -> None:
    if not balances:
        return
    made.heading(t(f"proofs.flag_{flag}"))
    columns = [
        Column(t("proofs.item"), 3.4),
        Column(t("proofs.lines"), number=True),
        Column(t("proofs.amount"), 1.8, number=True),
        Column(t("proofs.gross"), 1.5, number=True),
        Column(t("proofs.net"), 1.5, number=True),
    ]
    for balance in balances:
        rows = [
            Row(
                [
                    t(f"proofs.{name}"),
                    f"{one.lines:,}",
                    amount(one.amount),
                    weight(one.gross),
                    weight(one.net),
                ],
                total=name == "truth",
            )
            for name, one in rows_of(flag, balance)
        ]
        made.table(columns, rows, caption=t("proofs.in_currency", currency=alpha(balance.currency)))


def rows_of(flag: str, balance: Balance) -> list[tuple[str, Sum]]:
    """The rows of a balance: for flag A what was counted, for flag B also where every line went."""
    names = ("truth", "counted") if flag == "A" else ("truth", "counted", "declared", "elsewhere", "open")
    return [(name, getattr(balance, name)) for name in names]


def _consignors(made: Document, t: Words, shown: Shown) -> None:
    by_id: dict[int, list[Part]] = {}
    for part in shown.proof.parts:
        by_id.setdefault(part.consignor_id, []).append(part)
    if len(by_id) < 2:
        return
    made.heading(t("proofs.by_consignor"))
    columns = [
        Column(t("proofs.consignor"), 3),
        Column(t("proofs.checklists"), number=True),
        Column(t("proofs.lines"), number=True),
        Column(t("proofs.summarised"), 1.2, number=True),
        Column(t("proofs.open"), 1.2, number=True),
        Column(t("proofs.counted_a"), 1.4, number=True),
    ]
    listed = list(by_id.items())
    rows = [Row(_consignor(shown.name(id), parts)) for id, parts in listed[:_CONSIGNORS]]
    if len(listed) > _CONSIGNORS:
        rest = [part for _, parts in listed[_CONSIGNORS:] for part in parts]
        rows.append(Row(_consignor(t("proofs.others", n=len(listed) - _CONSIGNORS), rest)))
    made.table(columns, rows)


def _consignor(name: str, parts: Sequence[Part]) -> list[str]:
    b = balances_of(one for one in parts if one.flag != "A")
    a = balances_of(one for one in parts if one.flag == "A")
    figures = (
        sum(one.checklists for one in parts),
        sum(one.truth.lines for one in (*a, *b)),
        sum(one.summarised.lines for one in b),
        sum(one.open.lines for one in b),
        sum(one.counted.lines for one in a),
    )
    return [name, *(f"{one:,}" for one in figures)]
