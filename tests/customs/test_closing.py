"""Closing on the database: one statistics row per line, corrections that leave what was, weights to the gram."""

from datetime import date, timedelta
from decimal import Decimal

from alembic.script import ScriptDirectory
from sqlalchemy import delete, select, text

from app.supervise.schema import config
from common.rates import RateKind
from common.rates_loading import load_rates
from customs.closing import correct_lines, reverse_lines
from customs.moves import Step, move
from customs.rules.moves import Cause
from customs.tables import ChecklistLine, ClosedLine
from tests.customs.stored import AT, SELLER, ZONE, stored_checklist

LATER = AT + timedelta(days=9)


def second_line(session, checklist, gnum=2, total="7.5", **changes):
    """A further line of a stored checklist."""
    fields = {
        "checklist_id": checklist.id, "gnum": gnum, "item_no": str(gnum), "item_name": "马克杯", "gcode": "6912001000",
        "gname": "陶瓷杯", "gmodel": "陶瓷", "bar_code": "无", "country": "303", "currency": "142", "qty": Decimal(3),
        "qty1": Decimal("0.9"), "unit": "007", "unit1": "035", "price": Decimal("2.5"), "total_price": Decimal(total),
    } | changes  # fmt: skip
    session.add(ChecklistLine(**fields))
    session.flush()


def closed(session, number, **changes):
    """A checklist that has just left and been closed; gives its row."""
    row = stored_checklist(session, number, status="800", invt_no=f"51902026E{number:09d}", **changes)
    return row, lambda: move(session, row.id, Step("899", Cause.RULE), at=AT)


def rows_of(session, checklist):
    session.expire_all()
    return session.scalars(
        select(ClosedLine).where(ClosedLine.checklist_id == checklist.id).order_by(ClosedLine.id)
    ).all()


def test_closing_writes_each_line_once_with_its_share_of_the_weights(db_session):
    row, close = closed(db_session, 1, gross_weight=Decimal("1.00001"), net_weight=Decimal("0.9"))
    second_line(db_session, row)
    close()
    first, second = rows_of(db_session, row)
    assert [(one.gnum, one.sign, one.cause, one.ref) for one in (first, second)] == [
        (1, 1, "closed", None), (2, 1, "closed", None),
    ]  # fmt: skip
    # 150 : 7.5 is 20 : 1; 1.00001 kg is 100001 units, 95239.05 and 4761.95 of them
    assert (first.gross_weight, second.gross_weight) == (Decimal("0.95239"), Decimal("0.04762"))
    assert first.net_weight + second.net_weight == Decimal("0.9")
    assert (second.closed_on, second.zone_code, second.consignor_id) == (date(2026, 11, 24), ZONE, SELLER)
    assert (second.country, second.destination, second.gcode, second.item_name) == (
        "502",
        "303",
        "6912001000",
        "马克杯",
    )
    assert (second.amount, second.value_cny, second.qty, second.qty1) == (
        Decimal("7.5"), Decimal("7.5"), Decimal(3), Decimal("0.9"),
    )  # fmt: skip


def test_the_value_in_yuan_goes_by_the_rate_of_the_day_of_declaration_and_is_unknown_without_one(db_session):
    load_rates(
        db_session, RateKind.CUSTOMS, b"currency,period,rate\nUSD,2026-10,7.1\n", source="公告", person="test", at=AT
    )
    row, close = closed(db_session, 2, app_time=AT.replace(month=10))
    second_line(db_session, row, currency="502")
    second_line(db_session, row, gnum=3, currency="300")
    close()
    assert [one.value_cny for one in rows_of(db_session, row)] == [Decimal(150), Decimal("53.25"), None]


def test_a_correction_takes_the_old_figures_back_and_writes_the_line_as_it_stands(db_session):
    row, close = closed(db_session, 3)
    second_line(db_session, row)
    close()
    db_session.get(ChecklistLine, (row.id, 2)).gcode = "6911101100"
    db_session.flush()
    assert correct_lines(db_session, row.id, ref=77, at=LATER) == 2
    found = rows_of(db_session, row)
    assert [(one.gnum, one.sign, one.cause, one.gcode) for one in found if one.gnum == 2] == [
        (2, 1, "closed", "6912001000"), (2, -1, "reversed", "6912001000"), (2, 1, "corrected", "6911101100"),
    ]  # fmt: skip
    assert {(one.ref, one.recorded_at) for one in found if one.cause != "closed"} == {(77, LATER)}
    assert {one.closed_on for one in found} == {date(2026, 11, 24)}
    assert sum(one.sign * one.gross_weight for one in found) == Decimal("0.6")


def test_lines_corrected_twice_still_count_once(db_session):
    row, close = closed(db_session, 4)
    close()
    correct_lines(db_session, row.id, ref=1, at=LATER)
    db_session.get(ChecklistLine, (row.id, 1)).qty = Decimal(6)
    db_session.flush()
    correct_lines(db_session, row.id, ref=2, at=LATER)
    found = rows_of(db_session, row)
    assert sum(one.sign for one in found) == 1
    assert sum(one.sign * one.qty for one in found) == Decimal(6)


def test_lines_taken_back_are_taken_back_once(db_session):
    row, close = closed(db_session, 5)
    close()
    assert reverse_lines(db_session, row.id, ref=9, at=LATER) == 1
    assert reverse_lines(db_session, row.id, ref=9, at=LATER) == 0
    assert sum(one.sign for one in rows_of(db_session, row)) == 0


def test_the_migration_writes_for_older_closings_what_closing_writes(db_session):
    for number, total in enumerate(("7.5", "0", "0.00001"), 1):
        row, close = closed(db_session, number, gross_weight=Decimal("1.00001"), net_weight=Decimal("0.7"))
        second_line(db_session, row, total=total)
        second_line(db_session, row, gnum=3, total="33.33333")
        row.total_price = row.value_cny = Decimal("183.33333") + Decimal(total)
        close()
    columns = [one for one in ClosedLine.__table__.columns if one.name != "id"]
    query = select(*columns).order_by(ClosedLine.checklist_id, ClosedLine.gnum)
    written = db_session.execute(query).all()
    db_session.execute(delete(ClosedLine))
    db_session.execute(text(ScriptDirectory.from_config(config("")).get_revision("0014").module.BACKFILL))
    assert db_session.execute(query).all() == written
    assert len(written) == 9
