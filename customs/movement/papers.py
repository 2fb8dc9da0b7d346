"""What arrival notices, master lists and departure notices have in common: parts, numbers, changes, locks, rows.

A paper too big for one message comes in parts: the same copNo, msgSeqNo 1, 2, 3 … of msgCount. Each part is a row with
a business key of its own and takes effect when it is received; a part that has not come is seen by those after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, text
from sqlalchemy.orm import Session

from common.db import lock_keys
from credit.subjects import OfficeFacts, zone_offices
from customs.intake.batch import Batch, Filed
from customs.intake.papers import CHANGE, DELETE, DRAFT, NEW, Held, Judge, change_row, common, is_draft, note
from customs.movement.parcels import Key, Parcels, locks
from customs.rules import movement as rules
from customs.rules.moves import State

PartKey = tuple[int, str, int]
"""(filer's id, copNo, msgSeqNo)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of movement paper: `name` is its key kind and its table, `parent` the lines' column that names it.

    `owner` is the role of who files it; `state` what it comes to when it is taken in.
    """

    name: str
    model: Any
    lines: Any
    owner: str
    state: str

    @property
    def parent(self) -> str:
        """The column of the lines that names the paper."""
        return f"{self.name}_id"

    @property
    def line_table(self) -> str:
        """The table of the lines."""
        return f"{self.name}_line"


@dataclass(frozen=True, slots=True)
class Part:
    """A stored part: what judging needs, and what it says now."""

    held: Held
    revision: int
    received_at: datetime
    carrier_id: int
    msg_count: int
    numbers: tuple[str, ...] = ()
    """Waybills that took effect by it; none while it is a draft."""

    @property
    def id(self) -> int:
        """The paper's id."""
        return self.held.id

    @property
    def keys(self) -> list[Key]:
        """The parcels that took effect by it."""
        return [(self.carrier_id, number) for number in self.numbers]


@dataclass(slots=True)
class Plan:
    """One document that may be done: new (no `parts`), a change of one part, or a deletion of one or all parts."""

    one: Filed
    verdict: str
    parts: list[Part] = field(default_factory=list)
    outcomes: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    """Per waybill number: what naming it led to, and the rule that stopped it."""

    @property
    def carrier_id(self) -> int:
        """The logistics firm that the document names."""
        return self.one.parties["carrier"].id

    @property
    def keys(self) -> list[Key]:
        """The parcels that the document names, in its order."""
        return [(self.carrier_id, line["logisticsNo"]) for line in self.one.doc.lines]

    @property
    def dropped(self) -> list[tuple[Part, Key]]:
        """Parcels that took effect before and that the document no longer names."""
        named = set() if self.verdict == DELETE else set(self.keys)
        return [(part, key) for part in self.parts for key in part.keys if key not in named]

    @property
    def effective(self) -> bool:
        """Whether the document does something to its parcels: not a draft, not a deletion."""
        return self.verdict != DELETE and not is_draft(self.one)


_PARTS = text(
    "SELECT k.owner_id, k.cop_no, k.msg_seq_no, k.msg_count, k.paper_id FROM "
    "unnest(CAST(:owners AS bigint[]), CAST(:numbers AS text[])) AS w(owner_id, cop_no) "
    "JOIN movement_key AS k ON k.kind = :kind AND k.owner_id = w.owner_id AND k.cop_no = w.cop_no"
)
_CLAIM = text(
    "INSERT INTO movement_key (kind, owner_id, cop_no, msg_seq_no, msg_count, paper_id) "
    "SELECT CAST(:kind AS text), * FROM unnest(CAST(:owners AS bigint[]), CAST(:numbers AS text[]), "
    "CAST(:sequences AS int[]), CAST(:counts AS int[]), CAST(:ids AS bigint[])) "
    "ON CONFLICT (kind, owner_id, cop_no, msg_seq_no) DO UPDATE SET msg_count = EXCLUDED.msg_count"
)
_RELEASE = text("DELETE FROM movement_key WHERE kind = :kind AND paper_id = ANY(CAST(:ids AS bigint[]))")


class Offices:
    """The offices of pilot zones by day; each day is read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._days: dict[date, Mapping[str, OfficeFacts]] = {}

    def place(self, one: Filed) -> bool:
        """Fill in the zone of the document's office and who decides there; False with a finding where there is none."""
        if one.on not in self._days:
            self._days[one.on] = zone_offices(self._session, one.on)
        office = self._days[one.on].get(one.head("customsCode"))
        if office is None:
            one.findings.append(rules.OFFICE_NOT_OPEN.at(one.at_head("customsCode"), office=one.head("customsCode")))
            return False
        one.zone_code, one.relayed = office.zone_code, office.mode == "relay"
        return True


def placed(batch: Batch) -> list[Filed]:
    """The batch's open documents that name an office of a zone, with zone and who decides there filled in."""
    offices = Offices(batch.session)
    return [one for one in list(batch.open()) if offices.place(one)]


class Desk:
    """The papers of one kind in one batch: locked, judged, and written when their parcels have been worked on."""

    def __init__(self, batch: Batch, kind: Kind, documents: Sequence[Filed]) -> None:
        self.batch, self.kind, self.documents = batch, kind, documents
        self.keys = {one.doc.index: self._key(one) for one in documents}
        seen = self._stored()
        lock_keys(batch.session, [*self._paper_locks(), *locks(self._parcel_keys(seen.values()))])
        self.stored = self._stored()
        self._meanwhile = {
            key for key, part in self.stored.items() if key not in seen or seen[key].revision != part.revision
        }
        self.parcels = Parcels.load(batch.session, self._parcel_keys(self.stored.values()), batch.at)
        self._ids = iter(batch.ids(len(documents)))
        self._claims: list[tuple[PartKey, int, int]] = []
        self._released: list[int] = []

    def _key(self, one: Filed) -> PartKey:
        return one.parties[self.kind.owner].id, one.head("copNo"), int(one.head("msgSeqNo"))

    def _paper_locks(self) -> list[str]:
        return [f"{self.kind.name}:{owner}:{number}" for owner, number, _ in self.keys.values()]

    def _parcel_keys(self, stored: Iterable[Part]) -> list[Key]:
        named = [(one.parties["carrier"].id, line["logisticsNo"]) for one in self.documents for line in one.doc.lines]
        return named + [key for part in stored for key in part.keys]

    def _stored(self) -> dict[PartKey, Part]:
        """The live parts of every copNo that the batch names."""
        if not self.keys:
            return {}
        asked = sorted({(owner, number) for owner, number, _ in self.keys.values()})
        rows = self.batch.session.execute(
            _PARTS,
            {"kind": self.kind.name, "owners": [one[0] for one in asked], "numbers": [one[1] for one in asked]},
        ).all()
        papers = self._papers([row.paper_id for row in rows])
        return {
            (row.owner_id, row.cop_no, row.msg_seq_no): papers[row.paper_id] for row in rows if row.paper_id in papers
        }

    def _papers(self, ids: Sequence[int]) -> dict[int, Part]:
        if not ids:
            return {}
        table, lines = self.kind.name, self.kind.line_table
        found = self.batch.session.execute(
            text(
                "SELECT p.id, p.status, p.app_time, p.pre_no, p.revision, p.received_at, p.carrier_id, p.msg_count, "  # noqa: S608 - our own names
                f"(SELECT array_agg(l.logistics_no ORDER BY l.gnum) FROM {lines} AS l "
                f"WHERE l.{self.kind.parent} = p.id AND l.outcome IN ('arrived', 'tied', 'left')) AS numbers "
                f"FROM {table} AS p WHERE p.id = ANY(CAST(:ids AS bigint[]))"
            ),
            {"ids": list(ids)},
        )
        return {
            row.id: Part(
                Held(row.id, row.status, row.app_time, row.pre_no, None),
                row.revision,
                row.received_at,
                row.carrier_id,
                row.msg_count,
                tuple(row.numbers or ()),
            )
            for row in found
        }

    def plans(self) -> list[Plan]:
        """The documents that may be done, in order; the others have their findings."""
        judge = Judge(rules.PAPERS[self.kind.name], self.batch, "copNo")
        found = []
        for one in self.documents:
            plan = self._plan(judge, one)
            if plan is not None:
                found.append(plan)
        return found

    def _plan(self, judge: Judge, one: Filed) -> Plan | None:
        key = self.keys[one.doc.index]
        if one.app_type == DELETE and key[2] == 0:
            parts = {at: part for at, part in sorted(self.stored.items()) if at[:2] == key[:2]}
        else:
            parts = {key: self.stored[key]} if key in self.stored else {}
        newest = max(parts.values(), key=lambda part: part.held.app_time, default=None)
        verdict = judge.verdict(one, key, newest.held if newest else None)
        if verdict is None:
            return None
        if self._meanwhile & set(parts):
            one.findings.append(rules.CHANGED_MEANWHILE.at(one.at_head("copNo")))
            return None
        if verdict != DELETE and not self._counts_agree(one, key):
            return None
        return Plan(one, verdict, list(parts.values()))

    def _counts_agree(self, one: Filed, key: PartKey) -> bool:
        count = int(one.head("msgCount"))
        others = {part.msg_count for at, part in self.stored.items() if at[:2] == key[:2] and at != key}
        others |= {claimed for at, claimed, _ in self._claims if at[:2] == key[:2] and at != key}
        if others <= {count}:
            return True
        one.findings.append(
            rules.OTHER_COUNT.at(
                one.at_head("msgCount"), number=one.head("copNo")[:60], before=min(others - {count}), count=count
            )
        )
        return False

    def id_for(self, plan: Plan) -> int:
        """The id of the paper that the plan writes."""
        one = plan.one
        if one.id is None:
            one.id = plan.parts[0].id if plan.parts else next(self._ids)
        return one.id

    def write(self, plan: Plan, contents: Mapping[str, Any], **line_columns: Mapping[str, Any]) -> None:
        """Queue the paper's row, lines, key and event. `line_columns`: further columns, each by waybill number."""
        one, id = plan.one, self.id_for(plan)
        relayed = self._relays(plan)
        state = State.DRAFT if is_draft(one) else self._taken(relayed)
        values = self._head(one) | dict(contents)
        lines = self._lines(plan, id, line_columns)
        if plan.parts:
            header = {
                "message_id": self.batch.message_id,
                "guid": one.head("guid"),
                "app_time": one.app_time,
                "status": state,
                "note": one.optional("note"),
            }
            data: dict[str, Any] = {"changed": change_row(self.batch.session, self.kind.model, id, header | values)}
            mapped = self.kind.lines.__table__
            self.batch.session.execute(delete(mapped).where(mapped.c[self.kind.parent] == id))
        else:
            row = common(self.batch, one, one.zone_code or self.batch.sender_zone)
            self.batch.add(self.kind.name, row | values | {"status": state})
            data = {}
        for line in lines:
            self.batch.add(self.kind.line_table, line)
        key = self.keys[one.doc.index]
        self._claims.append((key, values["msg_count"], id))
        if relayed and not is_draft(one):
            self.batch.outgoing.add((self.kind.name, id))
        self._accept(plan, state, data | {"parts": self._parts(one, key), "outcomes": _counted(plan)})

    def _accept(self, plan: Plan, state: str, data: Mapping[str, Any]) -> None:
        one, name = plan.one, self.kind.name
        if plan.parts and plan.parts[0].held.status != DRAFT:
            note(self.batch, one, kind=f"{name}.changed", subject_type=name, state=state, **data)
        else:
            self.batch.accept(one, kind=f"{name}.accepted", subject_type=name, state=state, **data)

    def withdraw(self, plan: Plan) -> None:
        """Queue the deletion of the paper; its number is free again."""
        one, name, relayed = plan.one, self.kind.name, self._relays(plan)
        self.id_for(plan)
        for part in plan.parts:
            header = {"message_id": self.batch.message_id, "app_time": one.app_time, "withdrawn_at": self.batch.at}
            change_row(self.batch.session, self.kind.model, part.id, header)
            self._released.append(part.id)
            if relayed:
                self.batch.outgoing.add((name, part.id))
        note(self.batch, one, kind=f"{name}.withdrawn", subject_type=name, state=self._taken(relayed))

    def _relays(self, plan: Plan) -> bool:
        """Whether customs' own system must hear of it: by its office, or for a checklist declared there before."""
        checklists = [self.parcels.get(key).checklist for key in [*plan.keys, *(key for _, key in plan.dropped)]]
        return plan.one.relayed or any(one is not None and not one.here for one in checklists)

    def _taken(self, relayed: bool) -> str:
        """The state of a paper that was taken in: where customs' own system decides it waits for its answer."""
        return State.DECLARED if relayed else self.kind.state

    def finish(self) -> None:
        """Write parcels and keys; hand events and moves to the batch."""
        if self._released:
            self.batch.session.execute(_RELEASE, {"kind": self.kind.name, "ids": self._released})
        if self._claims:
            self.batch.session.execute(
                _CLAIM,
                {
                    "kind": self.kind.name,
                    "owners": [key[0] for key, _, _ in self._claims],
                    "numbers": [key[1] for key, _, _ in self._claims],
                    "sequences": [key[2] for key, _, _ in self._claims],
                    "counts": [count for _, count, _ in self._claims],
                    "ids": [id for _, _, id in self._claims],
                },
            )
        self.parcels.save()
        self.batch.events += self.parcels.events
        self.batch.walks += self.parcels.walks

    def _parts(self, one: Filed, key: PartKey) -> dict[str, Any]:
        """Which parts are here; those before this one that are not become a warning."""
        received = {at[2] for at in [*self.stored, *(claim[0] for claim in self._claims)] if at[:2] == key[:2]}
        count = int(one.head("msgCount"))
        missing = rules.missing_parts(count, received)
        skipped = [number for number in missing if number < key[2]]
        if skipped:
            one.findings.append(
                rules.PARTS_MISSING.at(
                    one.at_head("msgSeqNo"),
                    number=one.head("copNo")[:60],
                    count=count,
                    missing="、".join(str(number) for number in skipped[:20]),
                )
            )
        return {"count": count, "number": key[2], "missing": missing[:100]}

    def _head(self, one: Filed) -> dict[str, Any]:
        return {
            "customs_code": one.head("customsCode"),
            "cop_no": one.head("copNo"),
            "traf_mode": one.head("trafMode"),
            "bill_no": one.optional("billNo"),
            "carrier_id": one.parties["carrier"].id,
            "logistics_code": one.head("logisticsCode"),
            "logistics_name": one.head("logisticsName"),
            "msg_count": int(one.head("msgCount")),
            "msg_seq_no": int(one.head("msgSeqNo")),
        }

    def _lines(self, plan: Plan, id: int, line_columns: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
        found = []
        for line in plan.one.doc.lines:
            number = line["logisticsNo"]
            outcome, rule = plan.outcomes.get(number, ("draft", None))
            row = {
                self.kind.parent: id,
                "gnum": int(line["gnum"]),
                "logistics_no": number,
                "total_package_no": line.get("totalPackageNo") or None,
                "outcome": outcome,
                "rule": rule,
                "note": line.get("note") or None,
            }
            found.append(row | {column: by_number.get(number) for column, by_number in line_columns.items()})
        return found


def _counted(plan: Plan) -> dict[str, int]:
    found: dict[str, int] = {}
    for outcome, _ in plan.outcomes.values():
        found[outcome] = found.get(outcome, 0) + 1
    return found


__all__ = ["CHANGE", "DELETE", "NEW", "Desk", "Kind", "Offices", "Part", "PartKey", "Plan", "placed"]
