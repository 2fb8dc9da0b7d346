"""The draft declaration (报关单草稿) on paper: head, merged lines, where to check it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from app.documents import Column, Document, Row, Words
from app.i18n import money, number
from common.clock import china_day
from customs.codes import Codes, codes_snapshot
from customs.summary.totals import by_currency
from customs.tables import Declaration, DeclarationLine, SummaryApplication


def declaration_pdf(
    session: Session, one: Declaration, row: SummaryApplication, lines: Sequence[DeclarationLine], lang: str
) -> bytes:
    """The declaration as it was drafted, with customs' later numbers; the same content gives the same bytes."""
    tables, on = codes_snapshot(session), china_day(one.made_at)
    say = Words(lang, "summary_paper.")
    paper = Document(
        lang,
        say("title"),
        subtitle=say("cancelled" if one.cancelled_at else "subtitle"),
        running=f"{say('title')} {one.decl_seq_no}",
        mark=one.decl_seq_no,
        wide=True,
    )
    paper.facts(_facts(tables, one, row, lang, on, say), across=2)
    paper.table(_columns(say), [*(_line(tables, line, lang, on) for line in lines)], caption=say("lines"))
    totals = [
        Row([f"{tables.name('currency', code, lang, on)} {code}", money(amount)]) for code, amount in by_currency(lines)
    ]
    paper.table([Column(say("currency"), 2), Column(say("amount"), 2, number=True)], totals, caption=say("totals"))
    paper.note(say("note"))
    return paper.pdf()


def _facts(
    tables: Codes, one: Declaration, row: SummaryApplication, lang: str, on: date, say: Words
) -> list[tuple[str, str]]:
    def named(table: str, code: str) -> str:
        return f"{tables.name(table, code, lang, on)} {code}"

    found = [
        ("decl_seq_no", one.decl_seq_no),
        ("sum_no", row.sum_no or "—"),
        ("entry_id", one.entry_id or "—"),
        ("dec_state", one.dec_state or "—"),
        ("consignor", f"{row.ebc_name} {row.ebc_code}"),
        ("producer", f"{one.owner_name} {one.owner_code}" if one.owner_code else "—"),
        ("decl_agent", f"{row.decl_agent_name} {row.decl_agent_code}"),
        ("declarant", f"{row.agent_name} {row.agent_code}"),
        ("office", named("customs_office", one.customs_code)),
        ("exit_office", named("customs_office", one.port_code)),
        ("trade_mode", named("trade_mode", one.trade_mode)),
        ("traf_mode", named("transport_mode", one.traf_mode)),
        ("country", named("country", one.country)),
        ("checklists", number(one.checklists)),
        ("gross_weight", number(one.gross_weight)),
        ("net_weight", number(one.net_weight)),
        ("closed", _span(one)),
        ("made", on.isoformat()),
    ]
    return [(say(key), value) for key, value in found]


def _columns(say: Words) -> list[Column]:
    return [
        Column(say("no"), 0.6, number=True),
        Column(say("gcode"), 1.5),
        Column(say("gname"), 3),
        Column(say("qty"), 2.1, number=True),
        Column(say("qty1"), 2.1, number=True),
        Column(say("qty2"), 2.1, number=True),
        Column(say("destination"), 1.6),
        Column(say("amount"), 2.2, number=True),
        Column(say("currency"), 1.5),
    ]


def _line(tables: Codes, one: DeclarationLine, lang: str, on: date) -> Row:
    def counted(qty: object, unit: str | None) -> str:
        return f"{number(str(qty))} {tables.name('unit', unit, lang, on)}" if unit and qty is not None else "—"

    return Row(
        [
            str(one.line_no),
            one.gcode,
            one.gname,
            counted(one.qty, one.unit),
            counted(one.qty1, one.unit1),
            counted(one.qty2, one.unit2),
            f"{tables.name('country', one.destination, lang, on)} {one.destination}",
            money(one.amount),
            f"{tables.name('currency', one.currency, lang, on)} {one.currency}",
        ]
    )


def _span(one: Declaration) -> str:
    """The days between which the lines were closed."""
    days = [each.isoformat() for each in (one.closed_from, one.closed_to) if each]
    return " – ".join(dict.fromkeys(days)) or "—"
