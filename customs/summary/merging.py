"""Merging closed lines into declarations (归并), set-based: what the pure decision `customs.merge` says, for millions.

The database groups the lines and adds them up; only the groups, a few thousand, come here to be put in order and cut
into declarations; the sources are written by the database again. An application's lines are those of the checklists
it names, or of all that were closed within its range, as far as they still count and are in no live declaration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from common.clock import CHINA, china_day
from common.db import copy_rows, month_floor, new_ids
from common.law import Law
from customs.summary.numbers import decl_seq_nos

LINE_ROOM = 1000
"""Line numbers of one checklist stay below this: a line's place in the order is checklist id × room + number."""

LISTED, RANGED = "list", "range"

_HEAD_PARAMETERS = {
    "1": "customs.merge.head_keys.by_consignor",
    "2": "customs.merge.head_keys.by_consignor_and_producer",
}
_HEAD_COLUMNS = {
    "consignor": "consignor_id",
    "transport_mode": "traf_mode",
    "producer": "producer",
    "country": "country",
    "exit_office": "port_code",
}
"""What the dated law calls the fields of a head, as columns of `_LINES`."""

_HEAD_ALWAYS = ("trade_mode", "declarant_id")
"""Always in the head, beside the application itself, which has one consignor, declaring office and declaring unit."""

_LINE_COLUMNS = {"country": "destination", "hs": "gcode", "currency": "currency"}
_LINE_ALWAYS = ("unit", "unit1", "unit2")
"""Quantities in different units cannot be added."""

FIRST_STATE = "1"
"""decState of a declaration that is only drafted; customs publishes no table of its values."""

_PICKED = {
    RANGED: (
        "JOIN closed_line AS l ON l.consignor_id = a.consignor_id AND l.customs_code = a.customs_code "
        "AND l.closed_on BETWEEN :first_day AND :last_day AND l.id >= :floor"
    ),
    LISTED: (
        "JOIN summary_application_part AS p ON p.application_id = a.id "
        "CROSS JOIN LATERAL unnest(p.invt_nos) AS n(invt_no) "
        "JOIN checklist AS c ON c.invt_no = n.invt_no "
        "JOIN closed_line AS l ON l.checklist_id = c.id AND l.consignor_id = a.consignor_id "
        "AND l.customs_code = a.customs_code"
    ),
}
"""Where lines of applications come from; a range is written out so that the database can tell how much it holds."""

STILL_COUNTS = (
    "l.sign = 1 AND NOT EXISTS (SELECT FROM closed_line AS r WHERE r.sign = -1 "
    "AND r.checklist_id = l.checklist_id AND r.gnum = l.gnum AND r.id > l.id)"
)
"""The row of a closed line that counts now: not taken back since."""

IN_NO_DECLARATION = (
    "NOT EXISTS (SELECT FROM declaration_source AS s WHERE s.live AND s.checklist_id = l.checklist_id "
    "AND s.gnum = l.gnum)"
)

_WITHIN_HOURS = (
    "EXISTS (SELECT FROM checklist AS c WHERE c.id = l.checklist_id "
    "AND c.closed_at >= a.start_time AND c.closed_at < a.end_time + interval '1 second' "
    "AND (a.loct_no IS NULL OR c.loct_no = a.loct_no))"
)
"""Asked only of ranges that begin or end within a day, or name a site: whole days are told by the line's own day."""

_SUMS = ("qty", "qty1", "qty2", "amount", "gross_weight", "net_weight")

_HASHING = text(
    "SELECT set_config('work_mem', '256MB', true), set_config('enable_sort', 'off', true), "
    "set_config('enable_mergejoin', 'off', true)"
)
_AS_BEFORE = text("SELECT set_config('enable_sort', 'on', true), set_config('enable_mergejoin', 'on', true)")
"""Sorting a million lines by a dozen texts takes longer than hashing them; the planner cannot know their number."""

_FIRST = """
SELECT g.application_id, g.first, {keys}, g.qty, g.qty1, g.qty2, g.amount, g.gross_weight, g.net_weight,
       g.closed_from, g.closed_to, f.zone_code AS of_zone, f.owner_code, f.owner_name,
       f.traf_mode AS of_traf_mode, f.country AS of_country,
       f.port_code AS of_port_code, f.destination AS of_destination, f.gcode AS of_gcode, f.gname, f.item_name,
       f.currency AS of_currency, a.consignor_id AS of_consignor, a.declarant_id AS of_declarant,
       a.customs_code AS of_office, a.summary_flag, a.item_name_flag
FROM merge_group AS g
JOIN summary_application AS a ON a.id = g.application_id
CROSS JOIN LATERAL (SELECT l.* FROM closed_line AS l
                    WHERE l.checklist_id = g.first / :room AND l.gnum = g.first % :room AND l.sign = 1
                    ORDER BY l.id DESC LIMIT 1) AS f
ORDER BY g.application_id, g.first
"""

_SOURCES = text(
    "INSERT INTO declaration_source (checklist_id, gnum, declaration_id, line_no, live) "
    "SELECT u.checklist_id, u.gnum, m.declaration_id, m.line_no, true FROM merge_group AS g "
    "JOIN merge_place AS m ON m.application_id = g.application_id AND m.first = g.first "
    "CROSS JOIN LATERAL unnest(g.checklists, g.gnums) AS u(checklist_id, gnum) "
    "ORDER BY u.checklist_id, u.gnum"
)
"""In the order of the unique index: appending to it is several times faster than filling it at random."""

_COUNTED = text(
    "UPDATE declaration AS d SET checklists = n.checklists FROM "
    "(SELECT declaration_id, count(*) AS checklists FROM "
    "(SELECT DISTINCT m.declaration_id, unnest(g.checklists) AS checklist_id FROM merge_group AS g "
    "JOIN merge_place AS m ON m.application_id = g.application_id AND m.first = g.first) AS one "
    "GROUP BY declaration_id) AS n WHERE d.id = n.declaration_id"
)

_DECLARATION = (
    "id", "application_id", "decl_seq_no", "zone_code", "customs_code", "trade_mode", "consignor_id", "declarant_id",
    "owner_code", "owner_name", "traf_mode", "country", "port_code", "gross_weight", "net_weight", "checklists",
    "made_at", "dec_state", "closed_from", "closed_to",
)  # fmt: skip
_LINE = (
    "declaration_id", "line_no", "destination", "gcode", "gname", "currency", "unit", "unit1", "unit2", *_SUMS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Made:
    """A declaration that merging made: its number, the application it comes from, and its lines' count."""

    id: int
    application_id: int
    decl_seq_no: str
    lines: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """An application to merge: the span of closing it asks for, both ends inclusive (None: what its parts name).

    `busy` are declarants of its consignor whose checklists are theirs to summarise (see `customs.summary.listed`).
    """

    id: int
    start: datetime | None = None
    end: datetime | None = None
    loct_no: str | None = None
    busy: tuple[int, ...] = ()

    @property
    def exact(self) -> bool:
        """Whether the hour of closing, or the site, must be asked: the span does not consist of whole days."""
        if self.start is None or self.end is None:
            return False
        hours = tuple(one.astimezone(CHINA).strftime("%H%M%S") for one in (self.start, self.end))
        return hours != ("000000", "235959") or self.loct_no is not None

    @property
    def alike(self) -> tuple[Any, ...]:
        """What applications must have in common to be worked on in one go."""
        days = (china_day(self.start), china_day(self.end)) if self.start and self.end else None
        return days is None, days, self.exact


def merge(session: Session, wanted: Iterable[Wanted], law: Law, *, at: datetime) -> list[Made]:
    """Merge the lines of applications into declarations and write everything; gives the declarations made.

    The applications' rows and parts must be written, no two may cover the same line, and the caller holds the lock of
    every consignor (`customs.summary.lock_name`). An application without any line left makes none. Raises
    `UnknownLawError` before the rule.
    """
    made: list[Made] = []
    for _, some in groupby(sorted(wanted, key=lambda one: (one.alike, one.id)), key=lambda one: one.alike):
        made += _merge(session, list(some), law, at)
    return made


def anything(session: Session, wanted: Wanted) -> bool:
    """Whether an application would make a declaration now; nothing is written."""
    ranged, span = _source(wanted)
    return bool(
        session.scalar(
            text(f"SELECT EXISTS (SELECT {_from(wanted, ranged)})"),
            {**_asked([wanted]), **span},
        )
    )


def _merge(session: Session, wanted: Sequence[Wanted], law: Law, at: datetime) -> list[Made]:
    on = china_day(at)
    keys = key_columns(law, on)
    most = law.value("customs.merge.max_lines", on).integer
    _group(session, wanted, keys)
    query = text(_FIRST.format(keys=", ".join(f"g.{one}" for one in keys)))
    groups = session.execute(query, {"room": LINE_ROOM}).all()
    drafted = cut(groups, _heads(keys), most)
    made = _write(session, drafted, at) if drafted else []
    session.execute(text("DROP TABLE IF EXISTS merge_group, merge_place"))
    return made


def key_columns(law: Law, on: date) -> dict[str, tuple[str, bool]]:
    """By column of the group: the expression over a closed line `l` of application `a`, and whether it is of the head.

    The producer counts under summaryFlag 2 only, the item's name where itemNameFlag is 1.
    """
    of_flag = {flag: law.value(name, on).codes for flag, name in _HEAD_PARAMETERS.items()}
    found = {one: (f"l.{one}", True) for one in _HEAD_ALWAYS}
    for word in dict.fromkeys(one for words in of_flag.values() for one in words):
        column = _HEAD_COLUMNS[word]
        flags = [flag for flag, words in of_flag.items() if word in words]
        plain = _PRODUCER if word == "producer" else f"l.{column}"
        if len(flags) < len(of_flag):
            plain = f"CASE WHEN a.summary_flag = '{flags[0]}' THEN {plain} END"
        found[column] = (plain, True)
    words = law.value("customs.merge.line_keys", on).codes
    found |= {_LINE_COLUMNS[word]: (f"l.{_LINE_COLUMNS[word]}", False) for word in words}
    found |= {one: (f"l.{one}", False) for one in _LINE_ALWAYS}
    found["named"] = ("CASE WHEN a.item_name_flag = '1' THEN l.item_name END", False)
    return found


_PRODUCER = "CASE WHEN l.owner_code = 'NO' THEN 'NO ' || l.owner_name ELSE l.owner_code END"
"""A producer that customs does not know has no code (NO): then its name tells it apart."""


def _heads(keys: Mapping[str, tuple[str, bool]]) -> list[str]:
    return ["application_id", *(name for name, (_, of_head) in keys.items() if of_head)]


def _group(session: Session, wanted: Sequence[Wanted], keys: Mapping[str, tuple[str, bool]]) -> None:
    """Group and add up in one pass; `first` is the place of a group's first line, the arrays are its sources."""
    columns = [f"{expression} AS {name}" for name, (expression, _) in keys.items()]
    ranged, span = _source(wanted[0])
    session.execute(_HASHING)
    session.execute(
        text(
            "CREATE TEMP TABLE merge_group ON COMMIT DROP AS "
            f"SELECT a.id AS application_id, {', '.join(columns)}, "
            f"min(l.checklist_id * {LINE_ROOM} + l.gnum) AS first, "
            f"{', '.join(f'sum(l.{one}) AS {one}' for one in _SUMS)}, "
            "min(l.closed_on) AS closed_from, max(l.closed_on) AS closed_to, "
            "array_agg(l.checklist_id) AS checklists, array_agg(l.gnum) AS gnums "
            f"{_from(wanted[0], ranged)} GROUP BY a.id, {', '.join(expression for expression, _ in keys.values())}"
        ),
        {**_asked(wanted), **span},
    )
    session.execute(_AS_BEFORE)


def _source(like: Wanted) -> tuple[str, dict[str, Any]]:
    """Where the lines of applications like this one come from, with the span written out."""
    if like.start is None or like.end is None:
        return LISTED, {}
    first, last = china_day(like.start), china_day(like.end)
    return RANGED, {"first_day": first, "last_day": last, "floor": month_floor(first)}


def _from(like: Wanted, source: str) -> str:
    conditions = ["l.flag = 'B'", STILL_COUNTS, IN_NO_DECLARATION, *([_WITHIN_HOURS] if like.exact else [])]
    return (
        f"FROM summary_application AS a {_PICKED[source]} WHERE a.id = ANY(CAST(:ids AS bigint[])) "  # noqa: S608 - our own text
        "AND (a.id, l.declarant_id) NOT IN (SELECT * FROM unnest(CAST(:of AS bigint[]), CAST(:busy AS bigint[]))) "
        f"AND {' AND '.join(conditions)}"
    )


def _asked(wanted: Sequence[Wanted]) -> dict[str, Any]:
    return {
        "ids": [one.id for one in wanted],
        "of": [one.id for one in wanted for _ in one.busy],
        "busy": [declarant for one in wanted for declarant in one.busy],
    }


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


def _write(session: Session, drafted: Sequence[Sequence[Any]], at: datetime) -> list[Made]:
    """Declarations and lines by COPY, the sources by the database itself."""
    ids = new_ids(session, len(drafted), china_day(at))
    numbers = decl_seq_nos(session, [groups[0].of_office for groups in drafted], at)
    placed = list(zip(ids, numbers, drafted, strict=True))
    copy_rows(session, "declaration", _DECLARATION, (_declaration(*one, at) for one in placed))
    lines = [(id, number, group) for id, _, groups in placed for number, group in enumerate(groups, 1)]
    copy_rows(session, "declaration_line", _LINE, (_line(*one) for one in lines))
    session.execute(
        text(
            "CREATE TEMP TABLE merge_place (application_id bigint, first bigint, declaration_id bigint, line_no int) "
            "ON COMMIT DROP"
        )
    )
    places = ((group.application_id, group.first, id, number) for id, number, group in lines)
    copy_rows(session, "merge_place", ("application_id", "first", "declaration_id", "line_no"), places)
    session.execute(_SOURCES)
    session.execute(_COUNTED)
    return [Made(id, groups[0].application_id, number, len(groups)) for id, number, groups in placed]


def _declaration(id: int, number: str, groups: Sequence[Any], at: datetime) -> tuple[Any, ...]:
    one = groups[0]
    by_producer = one.summary_flag == "2"
    return (
        id,
        one.application_id,
        number,
        one.of_zone,
        one.of_office,
        one.trade_mode,
        one.of_consignor,
        one.of_declarant,
        one.owner_code if by_producer else None,
        one.owner_name if by_producer else None,
        one.of_traf_mode,
        one.of_country,
        one.of_port_code,
        sum(group.gross_weight for group in groups),
        sum(group.net_weight for group in groups),
        0,
        at,
        FIRST_STATE,
        min(group.closed_from for group in groups),
        max(group.closed_to for group in groups),
    )


def _line(declaration_id: int, line_no: int, one: Any) -> tuple[Any, ...]:
    name = one.item_name if one.item_name_flag == "1" and one.item_name else one.gname
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
