"""An amended declaration (改单) after one of its checklists was corrected: its lines are added up anew.

Customs amends the declaration first; then the checklist is corrected, and its statistics rows with it
(`customs.closing`). A line whose keys changed goes to the line of the declaration that has the new ones, or to one of
its own while there is room; what belongs in none, or under another head, leaves the declaration and is not summarised
yet. What the declaration said before stays in the event `declaration.restated`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from common.clock import china_day
from common.db import lock_keys
from common.events import append_events
from common.findings import ConflictError
from common.law import law
from common.money import plain
from customs.rules.amendment_findings import IN_SUMMARY
from customs.summary.concluding import declaration_event, lock_name
from customs.summary.live import live_declaration_of
from customs.summary.merging import STILL_COUNTS, key_columns
from customs.tables import Checklist, Declaration, DeclarationLine, SummaryApplication

_KEYED = """
SELECT x.line_no, x.gnum, x.own, l.id IS NOT NULL AS counts, {keys} FROM (
    SELECT DISTINCT ON (s.line_no) s.line_no, s.checklist_id, s.gnum, false AS own FROM declaration_source AS s
    WHERE s.live AND s.declaration_id = :declaration AND s.checklist_id <> :checklist
    UNION ALL
    SELECT s.line_no, s.checklist_id, s.gnum, true FROM declaration_source AS s
    WHERE s.live AND s.declaration_id = :declaration AND s.checklist_id = :checklist
) AS x JOIN declaration AS d ON d.id = :declaration JOIN summary_application AS a ON a.id = d.application_id
LEFT JOIN closed_line AS l ON l.checklist_id = x.checklist_id AND l.gnum = x.gnum AND l.flag = 'B'
    AND l.consignor_id = a.consignor_id AND l.customs_code = a.customs_code AND {counts}
ORDER BY x.own, x.gnum
"""
"""The keys, as they are now, of a checklist's lines in a declaration, and of one other line in each of its lines."""

_PLACE = text(
    "UPDATE declaration_source SET line_no = coalesce(:line_no, line_no), live = CAST(:line_no AS int) IS NOT NULL "
    "WHERE live AND declaration_id = :declaration AND checklist_id = :checklist AND gnum = :gnum"
)

_FIRST_OF = {
    **{name: name for name in ("destination", "gcode", "currency", "unit", "unit1", "unit2")},
    "gname": "CASE WHEN a.item_name_flag = '1' THEN coalesce(nullif(l.item_name, ''), l.gname) ELSE l.gname END",
}
_SUMS = ("qty", "qty1", "qty2", "amount", "gross_weight", "net_weight")
_COUNTED = (
    "FROM declaration_source AS s JOIN declaration AS d ON d.id = s.declaration_id "
    "JOIN summary_application AS a ON a.id = d.application_id "
    "JOIN closed_line AS l ON l.checklist_id = s.checklist_id AND l.gnum = s.gnum "
    f"WHERE s.live AND s.declaration_id = :declaration AND {STILL_COUNTS}"
)


def _first(expression: str) -> str:
    return f"(array_agg({expression} ORDER BY l.checklist_id, l.gnum))[1]"


_ADD_UP = text(
    f"INSERT INTO declaration_line (declaration_id, line_no, {', '.join((*_FIRST_OF, *_SUMS))}) "
    f"SELECT s.declaration_id, s.line_no, {', '.join(_first(one) for one in _FIRST_OF.values())}, "
    f"{', '.join(f'sum(l.{one})' for one in _SUMS)} {_COUNTED} AND s.line_no = ANY(CAST(:lines AS int[])) "
    "GROUP BY s.declaration_id, s.line_no ON CONFLICT (declaration_id, line_no) DO UPDATE SET "
    f"{', '.join(f'{one} = EXCLUDED.{one}' for one in (*_FIRST_OF, *_SUMS))}"
)
"""As merging writes a line: words of its first source, sums of all."""

_EMPTIED = text(
    "DELETE FROM declaration_line AS l WHERE l.declaration_id = :declaration AND NOT EXISTS (SELECT FROM "
    "declaration_source AS s WHERE s.live AND s.declaration_id = l.declaration_id AND s.line_no = l.line_no)"
)
_HEAD = ("traf_mode", "country", "port_code")
_HEAD_AGAIN = text(
    f"UPDATE declaration AS d SET {', '.join(f'{one} = coalesce(n.{one}, d.{one})' for one in _HEAD)}, "  # noqa: S608 - our own text
    "owner_code = CASE WHEN d.owner_code IS NOT NULL THEN coalesce(n.owner_code, d.owner_code) END, "
    "owner_name = CASE WHEN d.owner_code IS NOT NULL THEN coalesce(n.owner_name, d.owner_name) END, "
    "checklists = n.checklists, closed_from = coalesce(n.first_on, d.closed_from), "
    "closed_to = coalesce(n.last_on, d.closed_to), gross_weight = n.gross, net_weight = n.net FROM (SELECT "
    f"{', '.join(_first('l.' + one) + ' AS ' + one for one in (*_HEAD, 'owner_code', 'owner_name'))}, "
    "count(DISTINCT l.checklist_id) AS checklists, min(l.closed_on) AS first_on, max(l.closed_on) AS last_on, "
    f"coalesce(sum(l.gross_weight), 0) AS gross, coalesce(sum(l.net_weight), 0) AS net {_COUNTED}) AS n "
    "WHERE d.id = :declaration"
)
"""A head is its lines'; one whose only checklist was corrected follows it."""


def hold(session: Session, checklist_id: int) -> None:
    """Keep a closed checklist's lines from being put into, or freed from, declarations until the transaction ends.

    Raises `ConflictError` where a declaration holds them that customs has not amended.
    """
    row = session.execute(
        select(Checklist.consignor_id, Checklist.invt_no, Checklist.pre_no).where(Checklist.id == checklist_id)
    ).one()
    lock_keys(session, [lock_name(row.consignor_id)])
    held = live_declaration_of(session, [checklist_id]).get(checklist_id, [])
    standing = [one.entry_id or one.decl_seq_no for one in held if one.amended_at is None]
    if standing:
        number = row.invt_no or row.pre_no
        raise ConflictError(IN_SUMMARY.at("", number=number, declarations="、".join(standing)))


def restate(session: Session, checklist_id: int, *, ref: int, at: datetime) -> None:
    """Restate the amended declarations that hold lines of a checklist whose statistics rows were corrected.

    `ref` is the amendment of the checklist; the caller has called `hold`.
    """
    for one in live_declaration_of(session, [checklist_id]).get(checklist_id, []):
        _restate(session, one.id, checklist_id, ref=ref, at=at)


def _restate(session: Session, declaration_id: int, checklist_id: int, *, ref: int, at: datetime) -> None:
    one = session.get_one(Declaration, declaration_id, with_for_update=True, populate_existing=True)
    which = {"declaration": one.id, "checklist": checklist_id}
    on = china_day(one.made_at)
    application = session.get_one(SummaryApplication, one.application_id)
    keys = key_columns(law(), on, application.summary_flag, application.item_name_flag)
    named = ", ".join(f"{expression} AS {name}" for name, (expression, _) in keys.items())
    rows = session.execute(text(_KEYED.format(keys=named, counts=STILL_COUNTS)), which).all()
    own = [row for row in rows if row.own]
    places = placed(
        [row for row in rows if not row.own],
        own,
        [name for name, (_, of_head) in keys.items() if of_head],
        [name for name, (_, of_head) in keys.items() if not of_head],
        most=law().value("customs.merge.max_lines", on).integer,
    )
    lines = {row.line_no for row in own} | {line for line in places.values() if line is not None}
    before = _said(session, one, lines)
    for gnum, line_no in places.items():
        session.execute(_PLACE, {**which, "gnum": gnum, "line_no": line_no})
    session.execute(_ADD_UP, {**which, "lines": sorted(lines)})
    session.execute(_EMPTIED, which)
    session.execute(_HEAD_AGAIN, which)
    session.refresh(one)
    after = _said(session, one, lines)
    if before != after:
        freed = [gnum for gnum, line_no in places.items() if line_no is None]
        facts = {"checklist_id": checklist_id, "amendment_id": ref, "before": before, "after": after, "freed": freed}
        _tell(session, one, facts, at)


def placed(
    others: Sequence[Row[Any]], own: Sequence[Row[Any]], heads: Sequence[str], names: Sequence[str], *, most: int
) -> dict[int, int | None]:
    """Where the lines of a corrected checklist stand in its declaration now, by gnum; None: in it no longer.

    `others` are lines of other checklists, one of each line of the declaration; `heads` and `names` are the columns of
    the keys of head and line; at most `most` lines.
    """
    found: dict[int, int | None] = {}
    head = next((_key(row, heads) for row in others), None)
    lines = {_key(row, names): row.line_no for row in others}
    taken = {row.line_no for row in (*others, *own)}
    for row in own:
        head = head or (_key(row, heads) if row.counts else None)
        if not row.counts or _key(row, heads) != head:
            found[row.gnum] = None
            continue
        key = _key(row, names)
        if key not in lines:
            room = row.line_no if row.line_no not in lines.values() else _free(taken, most)
            if room is None:
                found[row.gnum] = None
                continue
            lines[key] = room
            taken.add(room)
        found[row.gnum] = lines[key]
    return found


def _key(row: Row[Any], names: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in names)


def _free(taken: Collection[int], most: int) -> int | None:
    return next((number for number in range(1, most + 1) if number not in taken), None)


def _said(session: Session, one: Declaration, lines: Collection[int]) -> dict[str, Any]:
    """What a declaration says: its head's figures, and the lines named."""
    query = select(DeclarationLine).where(
        DeclarationLine.declaration_id == one.id, DeclarationLine.line_no.in_(sorted(lines))
    )
    rows = session.scalars(query.order_by(DeclarationLine.line_no).execution_options(populate_existing=True)).all()
    head = ("checklists", "gross_weight", "net_weight", *_HEAD, "owner_code", "owner_name")
    words = ("line_no", *_FIRST_OF, *_SUMS)
    return _written(one, head) | {"lines": [_written(row, words) for row in rows]}


def _written(row: Any, names: Sequence[str]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {
        name: value if value is None or isinstance(value, str | int) else plain(value) for name, value in values.items()
    }


def _tell(session: Session, one: Declaration, facts: Mapping[str, Any], at: datetime) -> None:
    application = session.get_one(SummaryApplication, one.application_id)
    changed, freed = len(facts["after"]["lines"]), len(facts["freed"])
    event = declaration_event(
        application,
        one.id,
        "declaration.restated",
        at,
        data={"decl_seq_no": one.decl_seq_no, **facts},
        say={
            "zh": f"报关单{one.decl_seq_no}已按更正后的清单重列{changed}项，移出清单项{freed}个",
            "en": f"Declaration {one.decl_seq_no} is restated from its corrected checklist. Lines added up anew: "
            f"{changed}; checklist lines that left it: {freed}",
        },
    )
    append_events(session, [event])
