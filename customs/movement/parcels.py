"""Parcels with their checklists, read under lock in a fixed number of queries, changed in memory, written at once.

Who works on parcels holds `parcel:{carrier}:{number}` (see `common.db.lock_keys`) for each of them first; the rows of
their checklists are locked here, in id order. Thus two papers that name the same parcel work one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import RowMapping, text
from sqlalchemy.orm import Session

from common.clock import china_day
from common.events import NewEvent
from common.findings import Text
from common.law import law
from customs.intake.waybills import FORGET, months_later
from customs.moves import Moving, Step, lock
from customs.rules.moves import LIVE, State

Key = tuple[int, str]
"""(logistics firm's id, waybill number)."""

TRANSPORT = ("bill_no", "traf_name", "voyage_no", "total_package_no")
"""What a checklist may leave to its master list."""

_PARCELS = text(
    "SELECT p.* FROM unnest(CAST(:carriers AS bigint[]), CAST(:numbers AS text[])) AS k(carrier_id, logistics_no) "
    "JOIN parcel AS p USING (carrier_id, logistics_no)"
)
_CHECKLISTS = text(
    "SELECT id, decides, customs_code, declarant_id, gross_weight, arrived_at, released_at, left_at, held_at, "
    "site_hold, bill_no, traf_name, voyage_no, total_package_no, withdrawn_at "
    "FROM checklist WHERE id = ANY(CAST(:ids AS bigint[]))"
)
_SAVE_PARCELS = text(
    "INSERT INTO parcel (carrier_id, logistics_no, taken_at, arrival_id, arrived_at, site_operator_id, weighed_gross, "
    "master_list_id, departure_id, left_at) SELECT * FROM unnest(CAST(:carrier_id AS bigint[]), "
    "CAST(:number AS text[]), CAST(:taken_at AS timestamptz[]), CAST(:arrival_id AS bigint[]), "
    "CAST(:arrived_at AS timestamptz[]), CAST(:site_operator_id AS bigint[]), CAST(:weighed_gross AS numeric[]), "
    "CAST(:master_list_id AS bigint[]), CAST(:departure_id AS bigint[]), CAST(:left_at AS timestamptz[])) "
    "ON CONFLICT (carrier_id, logistics_no) DO UPDATE SET arrival_id = EXCLUDED.arrival_id, "
    "arrived_at = EXCLUDED.arrived_at, site_operator_id = EXCLUDED.site_operator_id, "
    "weighed_gross = EXCLUDED.weighed_gross, master_list_id = EXCLUDED.master_list_id, "
    "departure_id = EXCLUDED.departure_id, left_at = EXCLUDED.left_at"
)
_PARCEL_COLUMNS = (
    "carrier_id",
    "number",
    "taken_at",
    "arrival_id",
    "arrived_at",
    "site_operator_id",
    "weighed_gross",
    "master_list_id",
    "departure_id",
    "left_at",
)
_SAVE_CHECKLISTS = text(
    "UPDATE checklist AS c SET arrived_at = n.arrived_at, left_at = n.left_at, site_hold = n.site_hold, "
    "bill_no = n.bill_no, traf_name = n.traf_name, voyage_no = n.voyage_no, total_package_no = n.total_package_no "
    "FROM unnest(CAST(:id AS bigint[]), CAST(:arrived_at AS timestamptz[]), CAST(:left_at AS timestamptz[]), "
    "CAST(:site_hold AS jsonb[]), CAST(:bill_no AS text[]), CAST(:traf_name AS text[]), CAST(:voyage_no AS text[]), "
    "CAST(:total_package_no AS text[])) AS n(id, arrived_at, left_at, site_hold, bill_no, traf_name, voyage_no, "
    "total_package_no) WHERE c.id = n.id"
)
_CHECKLIST_COLUMNS = ("id", "arrived_at", "left_at", *TRANSPORT)


@dataclass(slots=True)
class ChecklistAtHand:
    """A live checklist whose row is locked; changing a field here changes the row when all is saved.

    `status` follows the moves queued so far. Weights in kg.
    """

    moving: Moving
    status: str
    decides: str
    customs_code: str
    declarant_id: int
    gross_weight: Decimal
    arrived_at: datetime | None
    released_at: datetime | None
    left_at: datetime | None
    held_at: datetime | None
    site_hold: dict[str, Any] | None
    bill_no: str | None
    traf_name: str | None
    voyage_no: str | None
    total_package_no: str | None

    @property
    def id(self) -> int:
        """The checklist's id."""
        return self.moving.id

    @property
    def here(self) -> bool:
        """Whether its state is decided on this platform."""
        return self.decides == "here"


@dataclass(slots=True)
class ParcelAtHand:
    """A parcel whose key is locked. `checklist` is the live one that names it, if there is one; weights in kg."""

    carrier_id: int
    number: str
    taken_at: datetime
    known: bool = False
    waybill_id: int | None = None
    checklist: ChecklistAtHand | None = None
    arrival_id: int | None = None
    arrived_at: datetime | None = None
    site_operator_id: int | None = None
    weighed_gross: Decimal | None = None
    master_list_id: int | None = None
    departure_id: int | None = None
    left_at: datetime | None = None

    @property
    def key(self) -> Key:
        """(logistics firm's id, waybill number)."""
        return self.carrier_id, self.number

    @property
    def left(self) -> bool:
        """Whether the parcel has left the country."""
        return self.left_at is not None or (self.checklist is not None and self.checklist.status == State.CLOSED)


@dataclass(slots=True)
class Parcels:
    """The parcels that one batch or one use case works on, with what is to be written for them."""

    session: Session
    at: datetime
    found: dict[Key, ParcelAtHand] = field(default_factory=dict)
    events: list[NewEvent] = field(default_factory=list)
    walks: list[tuple[Moving, Sequence[Step]]] = field(default_factory=list)
    _parcels: dict[Key, ParcelAtHand] = field(default_factory=dict)
    _checklists: dict[int, ChecklistAtHand] = field(default_factory=dict)

    @classmethod
    def load(cls, session: Session, keys: Iterable[Key], at: datetime) -> Parcels:
        """Read the parcels of these keys, which must be locked, and lock their checklists."""
        wanted = sorted(set(keys))
        this = cls(session, at)
        if not wanted:
            return this
        asked = {"carriers": [key[0] for key in wanted], "numbers": [key[1] for key in wanted]}
        rows = session.execute(_PARCELS, asked).mappings().all()
        checklists = _checklists(session, [row["checklist_id"] for row in rows if row["checklist_id"] is not None])
        for row in rows:
            this.found[row["carrier_id"], row["logistics_no"]] = _parcel(row, checklists)
        return this

    def get(self, key: Key) -> ParcelAtHand:
        """The parcel; one that nobody has named before is new."""
        return self.found.setdefault(key, ParcelAtHand(key[0], key[1], self.at))

    def renew(self, parcel: ParcelAtHand) -> ParcelAtHand:
        """The parcel, or a new one where it has left and its number may be used again (six months)."""
        if not parcel.left:
            return parcel
        day = china_day(self.at)
        months = law().value("customs.waybill.unique_months", day).integer
        if day < months_later(china_day(parcel.taken_at), months):
            return parcel
        self.session.execute(FORGET, {"carriers": [parcel.carrier_id], "numbers": [parcel.number]})
        self.found[parcel.key] = ParcelAtHand(parcel.carrier_id, parcel.number, self.at)
        return self.found[parcel.key]

    def changed(self, parcel: ParcelAtHand) -> None:
        """Say that the parcel, or its checklist, is to be written."""
        self._parcels[parcel.key] = parcel
        if parcel.checklist is not None:
            self._checklists[parcel.checklist.id] = parcel.checklist

    def walk(self, checklist: ChecklistAtHand, steps: Sequence[Step]) -> None:
        """Queue moves of a checklist."""
        if steps:
            self.walks.append((checklist.moving, steps))
            checklist.status = steps[-1].state

    def tell(
        self, checklist: ChecklistAtHand, kind: str, *, source: str, actor: str, rule: str, say: Text, **data: Any
    ) -> None:
        """Queue an event of a checklist that is not a move."""
        moving = checklist.moving
        self.events.append(
            NewEvent(
                at=self.at,
                kind=kind,
                subject_type="checklist",
                subject_id=moving.id,
                source=source,
                actor=actor,
                rule=rule,
                zone_code=moving.zone_code,
                consignor_id=moving.consignor_id,
                declarant_id=moving.declarant_id,
                sender_id=moving.sender_id,
                data={"say": say.as_dict(), **data},
            )
        )

    def save(self) -> None:
        """Write parcels and checklists; events and moves are the caller's."""
        parcels, checklists = list(self._parcels.values()), list(self._checklists.values())
        if parcels:
            self.session.execute(_SAVE_PARCELS, _columns(parcels, _PARCEL_COLUMNS))
        if checklists:
            holds = [msgspec.json.encode(one.site_hold).decode() if one.site_hold else None for one in checklists]
            self.session.execute(_SAVE_CHECKLISTS, _columns(checklists, _CHECKLIST_COLUMNS) | {"site_hold": holds})


def locks(keys: Iterable[Key]) -> list[str]:
    """How the keys of parcels are locked."""
    return [f"parcel:{carrier}:{number}" for carrier, number in keys]


def _checklists(session: Session, ids: Sequence[int]) -> dict[int, ChecklistAtHand]:
    """The live checklists among `ids`, locked; facts are read once the locks are held."""
    if not ids:
        return {}
    moving = lock(session, ids)
    found = {}
    for row in session.execute(_CHECKLISTS, {"ids": sorted(moving)}).mappings():
        status = moving[row["id"]].status or ""
        if status not in LIVE or row["withdrawn_at"] is not None:
            continue
        facts = {name: row[name] for name in row if name not in ("id", "withdrawn_at")}
        found[row["id"]] = ChecklistAtHand(moving=moving[row["id"]], status=status, **facts)
    return found


def _parcel(row: RowMapping, checklists: Mapping[int, ChecklistAtHand]) -> ParcelAtHand:
    return ParcelAtHand(
        carrier_id=row["carrier_id"],
        number=row["logistics_no"],
        taken_at=row["taken_at"],
        known=True,
        waybill_id=row["waybill_id"],
        checklist=checklists.get(row["checklist_id"]),
        arrival_id=row["arrival_id"],
        arrived_at=row["arrived_at"],
        site_operator_id=row["site_operator_id"],
        weighed_gross=row["weighed_gross"],
        master_list_id=row["master_list_id"],
        departure_id=row["departure_id"],
        left_at=row["left_at"],
    )


def _columns(rows: Sequence[Any], names: Sequence[str]) -> dict[str, list[Any]]:
    return {name: [getattr(row, name) for row in rows] for name in names}
