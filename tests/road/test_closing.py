"""What closing leaves behind: one statistics row for each line, whoever decides, and none before."""

from datetime import timedelta

from sqlalchemy import select

from common import clock
from customs.messages.responses import return_time
from customs.tables import Checklist, ClosedLine
from tests.road.papers import number
from tests.road.test_movement import arrival, departure, released
from tests.road.test_relay import answer, receive, relay, relay_office  # noqa: F401 - a fixture


def rows_of(road, parcel):
    with road.factory() as session:
        return session.scalars(
            select(ClosedLine)
            .join(Checklist, Checklist.id == ClosedLine.checklist_id)
            .where(Checklist.cop_no == parcel.cop_no)
        ).all()


def test_departure_writes_the_rows_once_however_often_it_is_told(road):
    parcel, _ = released(road)
    arrival(road, [parcel.waybill_no])
    assert rows_of(road, parcel) == []
    departure(road, [parcel.waybill_no])
    departure(road, [parcel.waybill_no])
    (row,) = rows_of(road, parcel)
    assert (row.gnum, row.sign, row.cause, row.flag, row.trade_mode) == (1, 1, "closed", "A", "9610")
    assert (row.closed_on, row.zone_code) == (clock.today(), "440200")
    assert (str(row.amount), str(row.value_cny), str(row.gross_weight), str(row.net_weight)) == (
        "31.00000", "31.00000", "0.50000", "0.40000",
    )  # fmt: skip


def test_in_relay_mode_customs_own_response_writes_them(road, relay_office):  # noqa: F811 - the fixture
    parcel = road.sale(office=relay_office)
    filed = parcel.send_checklist()
    parcel.send_order()
    parcel.send_waybill()
    relay(road)
    arrival(road, [parcel.waybill_no], office=relay_office)
    departure(road, [parcel.waybill_no], office=relay_office)
    seller, at = road.firm("seller"), clock.now() + timedelta(seconds=1)
    own = {"guid": "G" * 36, "agentCode": seller["customs_code"], "copNo": parcel.cop_no}
    own["invtNo"] = f"5191{clock.today().year}E{int(number('1')[-6:]):09d}"
    for state, after in (("800", 1), ("899", 2)):
        assert rows_of(road, parcel) == []
        said = {"returnTime": return_time(at + timedelta(seconds=after)), "returnInfo": "[Code:2600;Desc:回执]"}
        receive(road, answer("CEB604", "InventoryReturn", **own, returnStatus=state, **said))
    assert parcel.status(filed) == "899"
    assert [one.cause for one in rows_of(road, parcel)] == ["closed"]
