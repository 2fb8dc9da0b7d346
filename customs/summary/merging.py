"""Merging closed lines into declarations (归并), set-based: what the pure decision `customs.merge` says, for millions.

The database groups the lines of an application and adds them up; only the groups, a few dozen, come here to be put in
order and cut into declarations; the sources are written by the database again. An application's lines are those of the
checklists it names, or of all that were closed within its range, as far as they still count and are in no live
declaration.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.clock import CHINA, china_day
from common.db import copy_rows, month_floor, new_ids
from common.law import Law
from customs.summary.numbers import decl_seq_nos
from customs.tables import SummaryApplication

LINE_ROOM = 1000
_PLACE = f"(l.checklist_id * {LINE_ROOM} + l.gnum)"
"""A line's place in the order; line numbers of one checklist stay below the room."""

_HEAD_PARAMETERS = {
    "1": "customs.merge.head_keys.by_consignor",
    "2": "customs.merge.head_keys.by_consignor_and_producer",
}
_PRODUCER = "CASE WHEN l.owner_code = 'NO' THEN 'NO ' || l.owner_name ELSE l.owner_code END"
"""A producer that customs does not know has no code (NO): then its name tells it apart."""

_HEAD_COLUMNS = {
    "consignor": ("consignor_id", "l.consignor_id"),
    "transport_mode": ("traf_mode", "l.traf_mode"),
    "producer": ("producer", _PRODUCER),
    "country": ("country", "l.country"),
    "exit_office": ("port_code", "l.port_code"),
}
"""What the dated law calls the fields of a head: its name in a group, and where it is found on a closed line `l`."""

_HEAD_ALWAYS = ("trade_mode", "declarant_id")
"""Always in the head, beside the application itself, which has one consignor, declaring office and declaring unit."""

_LINE_COLUMNS = {"country": "destination", "hs": "gcode", "currency": "currency"}
_LINE_ALWAYS = ("unit", "unit1", "unit2")
"""Quantities in different units cannot be added."""

FIRST_STATE = "1"
"""decState of a declaration that is only drafted; customs publishes no table of its values."""

_RANGED = "l.closed_on BETWEEN :first_day AND :last_day AND l.id >= :floor"
_LISTED = (
    "l.checklist_id IN (SELECT c.id FROM summary_application_part AS p "
    "CROSS JOIN LATERAL unnest(p.invt_nos) AS n(invt_no) JOIN checklist AS c ON c.invt_no = n.invt_no "
    "WHERE p.application_id = :application)"
)
_WITHIN_HOURS = (
    "EXISTS (SELECT FROM checklist AS c WHERE c.id = l.checklist_id AND c.closed_at >= :start AND c.closed_at < :past "
    "AND (CAST(:loct_no AS text) IS NULL OR c.loct_no = :loct_no))"
)
"""Asked only of ranges that begin or end within a day, or name a site: whole days are told by the line's own day."""

STILL_COUNTS = (
    "l.sign = 1 AND NOT EXISTS (SELECT FROM closed_line AS r WHERE r.sign = -1 "
    "AND r.checklist_id = l.checklist_id AND r.gnum = l.gnum AND r.id > l.id)"
)
"""The row of a closed line that counts now: not taken back since."""

IN_NO_DECLARATION = (
    "NOT EXISTS (SELECT FROM declaration_source AS s WHERE s.live AND s.checklist_id = l.checklist_id "
    "AND s.gnum = l.gnum OFFSET 0)"
)
"""Each line is looked up in the unique index (OFFSET 0 keeps it from being joined): while a month is being summarised
the statistics say that no source is there, and a join planned for none reads the whole table for every line."""

_OVERLAPPING = text(
    "SELECT EXISTS (SELECT FROM declaration AS d WHERE d.consignor_id = :consignor AND d.customs_code = :office "
    "AND d.cancelled_at IS NULL AND d.closed_from <= :last_day AND d.closed_to >= :first_day)"
)
"""Whether any line of the range can be in a live declaration at all: mostly a month is summarised once."""

_SUMS = ("qty", "qty1", "qty2", "amount", "gross_weight", "net_weight")

_PLAN = text(
    "SELECT set_config('work_mem', '256MB', true), set_config('enable_sort', 'off', true), "
    "set_config('enable_seqscan', 'off', true)"
)
_AS_BEFORE = text("SELECT set_config('enable_sort', 'on', true), set_config('enable_seqscan', 'on', true)")
"""By index always, for the reason above; and sorting many lines by a dozen texts takes longer than hashing them."""

_GROUPS = """
SELECT g.*, f.zone_code AS of_zone, f.owner_code, f.owner_name, f.traf_mode AS of_traf_mode, f.country AS of_country,
       f.port_code AS of_port_code, f.destination AS of_destination, f.gcode AS of_gcode, f.gname, f.item_name,
       f.currency AS of_currency
FROM (SELECT {columns} FROM merge_group) AS g
CROSS JOIN LATERAL (SELECT l.* FROM closed_line AS l
                    WHERE l.checklist_id = g.first / :room AND l.gnum = g.first % :room AND l.sign = 1
                    ORDER BY l.id DESC LIMIT 1) AS f
ORDER BY g.first
"""
"""The groups without their sources, each with what its first line says."""

_PLACED = (
    "unnest(CAST(:firsts AS bigint[]), CAST(:declarations AS bigint[]), CAST(:line_nos AS int[])) "
    "AS m(first, declaration_id, line_no) JOIN merge_group AS g ON g.first = m.first"
)
"""The groups with their places in declarations."""

_SOURCES = text(
    "INSERT INTO declaration_source (checklist_id, gnum, declaration_id, line_no, live) "  # noqa: S608 - our own text
    f"SELECT u.place / {LINE_ROOM}, u.place % {LINE_ROOM}, m.declaration_id, m.line_no, true FROM {_PLACED} "
    "CROSS JOIN LATERAL unnest(g.places) AS u(place) ORDER BY u.place"
)
"""In the order of the unique index: filling it in order is several times faster than at random."""

_COUNTED = text(
    f"SELECT m.declaration_id, count(DISTINCT u.place / {LINE_ROOM}) AS checklists "  # noqa: S608 - our own text
    f"FROM {_PLACED} CROSS JOIN LATERAL unnest(g.places) AS u(place) GROUP BY m.declaration_id"
)

_DECLARATION = (
    "id", "application_id", "decl_seq_no", "zone_code", "customs_code", "trade_mode", "consignor_id", "declarant_id",
    "owner_code", "owner_name", "traf_mode", "country", "port_code", "gross_weight", "net_weight", "checklists",
    "made_at", "dec_state", "closed_from", "closed_to",
)  # fmt: skip
_LINE = (
    "declaration_id", "line_no", "destination", "gcode", "gname", "currency", "unit", "unit1", "unit2", *_SUMS,
)  # fmt: skip
Keys = Mapping[str, tuple[str, bool]]
"""By name in a group: the expression over a closed line `l`, and whether it is of the declaration's head."""


@dataclass(frozen=True, slots=True)
class Made:
    """A declaration that merging made: its id, its number and its lines' count."""

    id: int
    decl_seq_no: str
    lines: int


def merge(session: Session, row: SummaryApplication, busy: Sequence[int], law: Law, *, at: datetime) -> list[Made]:
    """Merge the lines of an application into declarations and write everything; gives the declarations made.

    The application and its parts must be written, and the caller holds the consignor's lock
    (`customs.summary.lock_name`). `busy` are declarants of the consignor whose checklists are theirs to summarise (see
    `customs.summary.listed`). An application without any line left makes none. Raises `UnknownLawError` on days
    before the rule.
    """
    on = china_day(at)
    keys = key_columns(law, on, row.summary_flag, row.item_name_flag)
    most = law.value("customs.merge.max_lines", on).integer
    _group(session, row, busy, keys)
    columns = ", ".join([*keys, "first", *_SUMS, "closed_from", "closed_to"])
    groups = session.execute(text(_GROUPS.format(columns=columns)), {"room": LINE_ROOM}).all()
    drafted = cut(groups, [name for name, (_, of_head) in keys.items() if of_head], most)
    made = _write(session, row, drafted, at) if drafted else []
    session.execute(text("DROP TABLE merge_group"))
    return made


def anything(session: Session, row: SummaryApplication, busy: Sequence[int]) -> bool:
    """Whether an application would make a declaration now; nothing is written."""
    source, facts = _source(session, row, busy)
    return bool(session.scalar(text(f"SELECT EXISTS (SELECT {source})"), facts))


def key_columns(law: Law, on: date, summary_flag: str, item_name_flag: str) -> Keys:
    """What tells the groups of an application apart.

    The producer counts under summaryFlag 2 only, the item's name where itemNameFlag is 1.
    """
    found = {one: (f"l.{one}", True) for one in _HEAD_ALWAYS}
    for word in law.value(_HEAD_PARAMETERS[summary_flag], on).codes:
        name, expression = _HEAD_COLUMNS[word]
        found[name] = (expression, True)
    words = law.value("customs.merge.line_keys", on).codes
    found |= {_LINE_COLUMNS[word]: (f"l.{_LINE_COLUMNS[word]}", False) for word in words}
    found |= {one: (f"l.{one}", False) for one in _LINE_ALWAYS}
    if item_name_flag == "1":
        found["named"] = ("l.item_name", False)
    return found


def _group(session: Session, row: SummaryApplication, busy: Sequence[int], keys: Keys) -> None:
    """Group and add up in one pass; `places` are a group's sources, `first` its first."""
    source, facts = _source(session, row, busy)
    columns = [f"{expression} AS {name}" for name, (expression, _) in keys.items()]
    session.execute(_PLAN)
    session.execute(
        text(
            "CREATE TEMP TABLE merge_group ON COMMIT DROP AS "
            f"SELECT {', '.join(columns)}, min({_PLACE}) AS first, array_agg({_PLACE}) AS places, "
            f"{', '.join(f'sum(l.{one}) AS {one}' for one in _SUMS)}, "
            "min(l.closed_on) AS closed_from, max(l.closed_on) AS closed_to "
            f"{source} GROUP BY {', '.join(expression for expression, _ in keys.values())}"
        ),
        facts,
    )
    session.execute(_AS_BEFORE)


def _source(session: Session, row: SummaryApplication, busy: Sequence[int]) -> tuple[str, dict[str, Any]]:
    """The lines of an application as FROM and WHERE over `l`, and the parameters named there."""
    facts: dict[str, Any] = {"consignor": row.consignor_id, "office": row.customs_code, "busy": list(busy)}
    conditions = [
        "l.consignor_id = :consignor AND l.customs_code = :office AND l.flag = 'B'",
        "l.declarant_id <> ALL(CAST(:busy AS bigint[]))",
        STILL_COUNTS,
    ]
    if row.start_time is None or row.end_time is None:
        conditions += [_LISTED, IN_NO_DECLARATION]
        facts["application"] = row.id
    else:
        first, last = china_day(row.start_time), china_day(row.end_time)
        conditions.append(_RANGED)
        facts |= {"first_day": first, "last_day": last, "floor": month_floor(first)}
        if session.scalar(_OVERLAPPING, facts):
            conditions.append(IN_NO_DECLARATION)
        if row.loct_no is not None or not _whole_days(row.start_time, row.end_time):
            conditions.append(_WITHIN_HOURS)
            past = row.end_time + timedelta(seconds=1)
            facts |= {"start": row.start_time, "past": past, "loct_no": row.loct_no}
    return f"FROM closed_line AS l WHERE {' AND '.join(conditions)}", facts


def _whole_days(start: datetime, end: datetime) -> bool:
    return tuple(one.astimezone(CHINA).strftime("%H%M%S") for one in (start, end)) == ("000000", "235959")


def cut(groups: Sequence[Any], heads: Sequence[str], most: int) -> list[list[Any]]:
    """Groups, in order of their first line, as declarations of at most `most` lines, in order of theirs."""
    opened: dict[tuple[Any, ...], list[Any]] = {}
    drafted: list[list[Any]] = []
    for group in groups:
        head = tuple(getattr(group, name) for name in heads)
        room = opened.get(head)
        if room is None or len(room) >= most:
            room = opened[head] = []
            drafted.append(room)
        room.append(group)
    return drafted


def _write(session: Session, row: SummaryApplication, drafted: Sequence[Sequence[Any]], at: datetime) -> list[Made]:
    """Declarations and lines by COPY, the sources by the database itself."""
    ids = new_ids(session, len(drafted), china_day(at))
    numbers = decl_seq_nos(session, row.customs_code, len(drafted), at)
    lines = [(id, no, group) for id, groups in zip(ids, drafted, strict=True) for no, group in enumerate(groups, 1)]
    placed = {
        "firsts": [group.first for _, _, group in lines],
        "declarations": [id for id, _, _ in lines],
        "line_nos": [no for _, no, _ in lines],
    }
    counted = {one.declaration_id: one.checklists for one in session.execute(_COUNTED, placed)}
    made = [Made(*one) for one in zip(ids, numbers, map(len, drafted), strict=True)]
    heads = [_declaration(row, *one, counted[one[0].id], at) for one in zip(made, drafted, strict=True)]
    copy_rows(session, "declaration", _DECLARATION, heads)
    copy_rows(session, "declaration_line", _LINE, (_line(row, *one) for one in lines))
    session.execute(_SOURCES, placed)
    return made


def _declaration(
    row: SummaryApplication, made: Made, groups: Sequence[Any], checklists: int, at: datetime
) -> tuple[Any, ...]:
    one = groups[0]
    by_producer = row.summary_flag == "2"
    return (
        made.id,
        row.id,
        made.decl_seq_no,
        one.of_zone,
        row.customs_code,
        one.trade_mode,
        row.consignor_id,
        row.declarant_id,
        one.owner_code if by_producer else None,
        one.owner_name if by_producer else None,
        one.of_traf_mode,
        one.of_country,
        one.of_port_code,
        sum(group.gross_weight for group in groups),
        sum(group.net_weight for group in groups),
        checklists,
        at,
        FIRST_STATE,
        min(group.closed_from for group in groups),
        max(group.closed_to for group in groups),
    )


def _line(row: SummaryApplication, declaration_id: int, line_no: int, one: Any) -> tuple[Any, ...]:
    name = one.item_name if row.item_name_flag == "1" and one.item_name else one.gname
    return (
        declaration_id,
        line_no,
        one.of_destination,
        one.of_gcode,
        name,
        one.of_currency,
        one.unit,
        one.unit1,
        one.unit2,
        *(getattr(one, column) for column in _SUMS),
    )
