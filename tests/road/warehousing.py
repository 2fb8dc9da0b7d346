"""Exports to overseas warehouses for tests of the road: papers with their type of order, registered warehouses."""

from sqlalchemy import select

from customs.tables import Checklist
from tests.road.papers import Parcel, number

ZONE = "440200"
HOME = "440296D001"


def rules(message, index=0):
    return [finding["rule"] for finding in message["documents"][index]["findings"]]


def stamp(day, hour=12):
    return f"{day:%Y%m%d}{hour:02d}0000"


class Export(Parcel):
    """A parcel whose order has the type that belongs to its mode, filed on a day."""

    def __init__(self, road, mode, *, type, on=None, office="5190", flag="B", extras=None, **kept):
        super().__init__(road, office=office, mode=mode, flag=flag, **kept)
        self.type, self.day, self.extras = type, on, extras or {}

    def _at(self):
        return {"appTime": stamp(self.day)} if self.day else {}

    def file(self, *, lines=None, order=None, named=None, **head):
        """Order, waybill and checklist; gives the checklist's message. `named` is the warehouse's name (ebpName)."""
        platform = {"ebpCode": "无", "ebpName": named} if named else {}
        booked = self.order(orderType=self.type, **platform, **self._at(), **(order or {}))
        self.booked = self.road.send(self.seller, "CEB303", booked)
        self.road.send("logistics", "CEB505", self.waybill(**self._at()))
        document = self.checklist(lines=lines, **platform, **self._at(), **head) | self.extras
        return self.road.send(self.seller, "CEB603", document)


def stored_row(road, parcel):
    with road.factory() as session:
        return session.scalars(select(Checklist).where(Checklist.cop_no == parcel.cop_no)).one()


BONDED = {"iacCode": HOME, "iacName": "区内仓储企业", "emsNo": "T5190W000001"}


def bonded_lines(parcel):
    return [{**parcel.checklist()["lines"][0], "itemRecordNo": "BA-1"}]


def warehouse(road, key="seller", confirm=True, **changes):
    """Register a warehouse through the API and, if asked, have it confirmed; gives its view."""
    body = {
        "name_zh": f"里昂{number('仓')}",
        "name_en": f"Lyon {number('H')}",
        "country": "502",
        "address": "12 Rue du Port",
        "operator": "Lyon Fulfilment SAS",
        "holding": "third_party",
        "valid_from": "2020-01-01",
    } | changes
    made = road.post(key, "/api/v1/warehouses", body)
    assert made.status_code == 201, made.get_json()
    found = made.get_json()
    if confirm:
        path = f"/api/v1/warehouses/{found['id']}/decision"
        assert road.post("zone_manager", path, {"confirm": True}).status_code == 200
    return found
