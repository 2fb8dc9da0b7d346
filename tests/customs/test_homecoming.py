"""Whatever is recorded by hand, corrected and brought home by returns: each piece stands on the ledger once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from common.audit import set_context
from common.clock import china_day
from common.findings import DomainError
from customs.rules.files import NewFile
from customs.rules.warehouse_stock import Posting, breach
from customs.tables import OverseasWarehouse, ReturnedLine, WarehouseReturn, WarehouseUser
from customs.warehouses import proofs
from customs.warehouses.entries import ledgers, taken_back
from customs.warehouses.homecoming import waiting
from customs.warehouses.ledger import NewEntry, Recorder, record
from customs.warehouses.register import Actor
from tests.customs.batches import firms
from tests.customs.stored import AT, ZONE
from tests.customs.test_goods_returns import WHOLE, Desk

DAY = china_day(AT)
NOTHING = Decimal(0)


@pytest.fixture
def known(db_session):
    return firms(db_session)


class House:
    """A warehouse with one export of five pieces, recorded by hand and by completed returns."""

    def __init__(self, session, known):
        self.session, self.desk = session, Desk(session, known)
        self.row = self.desk.row
        self.row.trade_mode = "9810"
        firm = known.seller.id
        stamp = {"zone_code": ZONE, "valid_from": DAY - timedelta(days=900), "set_by": "test", "set_at": AT}
        names = {"name_zh": "仓", "name_en": "Hub", "country": "502", "address": "A", "operator": "O"}
        house = OverseasWarehouse(
            registered_by=firm, holding="owned", state="confirmed", registered_at=AT, **names, **stamp
        )
        session.add(house)
        session.flush()
        session.add(WarehouseUser(warehouse_id=house.id, subject_id=firm, **stamp))
        session.flush()
        self.row.warehouse_id = house.id
        self.by = Recorder(Actor("account:1", "王单证", firm), frozenset({firm}), "api")
        self.house = house.id
        self.proof = proofs.keep(session, firm, NewFile("a.pdf", b"%PDF-1.7"), actor="account:1", at=AT).id

    def write(self, **what):
        """One entry on the day after closing; False where it is refused."""
        entry = NewEntry("", day=DAY, note="说明", proof_id=self.proof, **what)
        try:
            record(self.session, self.house, [entry], self.by, at=AT + timedelta(hours=9))
        except DomainError:
            return False
        return True

    def step(self, kind, which, qty):
        """One step; what cannot be is refused whole."""
        if kind == "back":
            one = self.desk.ask(f"R-{self.row.id}-{next(self.desk.clock)}", qty)
            if one.ok:
                self.desk.tally(one.head("coElNo"), qty)
                self.desk.decide(one.id, "release")
        elif kind == "correct":
            held = [one for one in self.held() if one.corrects is None]
            if held:
                self.write(corrects=held[which % len(held)].id, qty=str(qty))
        else:
            kind, _, apart = kind.partition(" ")
            self.write(invt_no=self.row.invt_no, gnum=1, kind=kind, qty=str(qty), apart=bool(apart))

    def held(self):
        return ledgers(self.session, [self.row.id]).get((self.row.id, 1), [])

    def check(self):
        held, back = self.held(), taken_back(self.held())
        assert breach([Posting(one.kind, one.qty, one.day) for one in held], WHOLE) is None
        links = self.session.execute(
            select(WarehouseReturn.entry_id, func.sum(WarehouseReturn.qty)).group_by(WarehouseReturn.entry_id)
        )
        home = {row[0]: row[1] for row in links if row[0] in {one.id for one in held}}
        for one in held:
            may = one.kind == "returned" and not one.apart and one.corrects is None
            most = one.qty - back.get(one.id, NOTHING) if may else NOTHING
            assert home.get(one.id, NOTHING) <= most
        came = (
            self.session.scalar(select(func.sum(ReturnedLine.qty)).where(ReturnedLine.checklist_id == self.row.id))
            or NOTHING
        )
        waits = sum((one.qty for one in waiting(self.session, [self.row.id])), NOTHING)
        assert sum(home.values(), NOTHING) + waits == came


STEPS = st.tuples(
    st.sampled_from(["arrived", "arrived", "sold", "returned", "returned apart", "correct", "correct", "back", "back"]),
    st.integers(0, 5),
    st.integers(1, 5).map(Decimal),
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=10))
def test_what_came_home_is_on_the_ledger_once_or_waits_in_any_order_of_events(db_session, known, steps):
    set_context(db_session, actor="test", at=AT)
    house = House(db_session, known)
    for kind, which, qty in steps:
        house.step(kind, which, qty)
        house.check()


def test_all_that_was_declared_arrives_is_sold_and_comes_home(db_session, known):
    set_context(db_session, actor="test", at=AT)
    house = House(db_session, known)
    steps = [("arrived", 5), ("sold", 2), ("returned", 1), ("back", 2), ("returned apart", 1)]
    for kind, qty in steps:
        house.step(kind, 0, Decimal(qty))
        house.check()
    assert [(one.kind, one.qty, one.apart) for one in house.held()] == [
        ("arrived", 5, False),
        ("sold", 2, False),
        ("returned", 1, False),
        ("returned", 1, False),
        ("returned", 1, True),
    ]
    assert not house.write(invt_no=house.row.invt_no, gnum=1, kind="sold", qty="1")
