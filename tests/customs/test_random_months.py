"""Random months: release, closing, summary, amendment, cancellation, shut-out and return in any order keep the proof.

Again and again both months are proven, and the figures are held against a plain ledger kept beside the tables.
"""

import itertools
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from common.audit import set_context
from common.findings import ConflictError, DomainError
from common.law import law
from customs.amendments.deciding import add_proof, decide, name_ground, withdraw
from customs.intake import cancellations
from customs.movement.cancelling import decide_cancellation
from customs.moves import Step, move
from customs.proof import Month, Scope, prove
from customs.rules.moves import Cause
from customs.summary.merging import merge
from customs.summary.states import amend, cancel
from customs.tables import Checklist, ChecklistLine, ReturnedLine, Sale
from tests.customs.batches import batch, firms, parcel
from tests.customs.closed import application
from tests.customs.stored import AT
from tests.customs.test_amendments import CHEN, PDF, changed, mine
from tests.customs.test_cancellations import head as cancellation_head
from tests.customs.test_goods_returns import Desk

OCTOBER, NOVEMBER = Month(2026, 10), Month(2026, 11)
DAYS = {OCTOBER: AT - timedelta(days=30), NOVEMBER: AT}
LATER = AT + timedelta(hours=2)
PRICE = Decimal("30.01")
_numbers = itertools.count(1)


@pytest.fixture
def known(db_session):
    return firms(db_session)


@dataclass
class Kept:
    """What the ledger knows of a checklist: channel, quantity, weight, month of closing, declaration, whether void.

    `amended`: customs has amended its declaration since the checklist was last corrected.
    """

    row: Checklist
    flag: str
    qty: Decimal
    gross: Decimal
    month: Month | None = None
    declaration: int | None = None
    amended: bool = False
    void: bool = False


class Returning(Desk):
    """Returns of one of the ledger's exports."""

    def __init__(self, months, row):
        self.session, self.known, self.row, self.clock = months.session, months.known, row, months.clock
        self.papers, self.held, self.back = [], {}, Decimal(0)


class Months:
    """The tables, and a ledger beside them."""

    def __init__(self, session, known):
        self.session, self.known, self.kept, self.back = session, known, [], Decimal(0)
        self.clock = itertools.count(1)
        self.base = next(_numbers) * 1000

    def do(self, what, which, qty):
        """One step; on nothing where there is nothing to do it on."""
        if what == "release":
            self.release(qty, "A" if which % 3 == 0 else "B")
        elif what == "summarise":
            self.summarise(which)
        elif self.kept:
            getattr(self, what)(self.kept[which % len(self.kept)], qty)

    def release(self, qty, flag):
        number = self.base + len(self.kept) + 1
        gross = (qty / 3).quantize(Decimal("0.00001"))
        row = parcel(
            self.session, self.known, number, arrived=AT, flag=flag, gross_weight=gross, net_weight=gross,
            total_price=qty * PRICE, decides="here",
        )  # fmt: skip
        self.session.add(Sale(platform=f"none:{number}", order_no=row.order_no, checklist_id=row.id))
        self._line(row, qty)
        self.kept.append(Kept(row, flag, qty, gross))

    def _line(self, row, qty):
        line = self.session.get(ChecklistLine, (row.id, 1))
        line.qty = line.qty1 = qty
        line.qty2, line.unit2 = qty / 5, "035"
        line.price, line.total_price = PRICE, qty * PRICE
        self.session.flush()

    def close_october(self, one, qty):
        self._close(one, OCTOBER)

    def close_november(self, one, qty):
        self._close(one, NOVEMBER)

    def _close(self, one, month):
        """The goods leave; only what is released can be closed."""
        try:
            move(self.session, one.row.id, Step("899", Cause.RULE), at=DAYS[month])
        except ConflictError:
            assert one.void or one.month is not None
            return
        assert not one.void and one.month is None
        row = self.session.get_one(Checklist, one.row.id, populate_existing=True)
        row.left_at = DAYS[month]
        self.session.flush()
        one.month = month

    def summarise(self, which):
        """All open flag-B checklists (every other one, or those of a month) go into one application."""
        open_ = [one for one in self.kept if one.flag == "B" and one.month and one.declaration is None]
        chosen = open_[:: 1 + which % 2]
        if not chosen:
            return
        serial = self.base + next(self.clock)
        named = application(
            self.session, serial, invt_nos=[one.row.invt_no for one in chosen], status="399", cop_no=f"s{serial}",
            consignor_id=self.known.seller.id, declarant_id=self.known.declarant.id,
        )  # fmt: skip
        made = merge(self.session, named, (), law(), at=LATER)
        assert len(made) == 1
        for one in chosen:
            one.declaration = made[0].id

    def cancel_declaration(self, one, qty):
        if one.declaration is None:
            return
        gone = one.declaration
        cancel(self.session, gone, reason="海关已撤销", actor="account:1", at=LATER)
        for other in self.kept:
            if other.declaration == gone:
                other.declaration, other.amended = None, False

    def amend_declaration(self, one, qty):
        """Customs amends a declaration: each of its checklists may be corrected once."""
        if one.declaration is None:
            return
        amend(self.session, one.declaration, reason="海关已改单", actor="account:1", at=self.now())
        for other in self.kept:
            other.amended = other.amended or other.declaration == one.declaration

    def now(self):
        """Each time later than the one before."""
        return LATER + timedelta(minutes=next(self.clock))

    def amend(self, one, qty):
        """Another quantity: an officer before closing, a supervisor after it, in a summary once customs amended it."""
        ground = "closing_wrong" if one.month else "clerical_error"
        values = {"qty": qty, "qty1": qty, "qty2": qty / 5, "total_price": qty * PRICE}
        if self._decide(one, line_values=values, head_values={"total_price": qty * PRICE}, ground=ground):
            one.qty = qty

    def shut_out_part(self, one, qty):
        values = {"qty": qty, "qty1": qty, "qty2": qty / 5, "total_price": qty * PRICE}
        if self._decide(one, line_values=values, head_values={"total_price": qty * PRICE}, ground="shut_out_part"):
            assert one.month is None and qty < one.qty
            one.qty = qty

    def never_left(self, one, qty):
        if self._decide(one, ground="never_left"):
            assert one.month is not None
            one.month = one.declaration = None

    def _decide(self, one, *, ground, **changes):
        """File, prove and decide a request; whether it was carried out. What is refused changes nothing."""
        before = self.session.get_one(Checklist, one.row.id, populate_existing=True)
        if before.withdrawn_at is not None:
            return False
        asked = changed(self.session, self.known, before, extras={"ground": ground}, **changes)
        if not asked.ok:
            return False
        add_proof(self.session, mine(self.known), "amendment", asked.id, PDF, at=LATER)
        try:
            decide(self.session, CHEN, asked.id, "approve", at=self.now())
        except (DomainError, ConflictError):
            withdraw(self.session, mine(self.known), asked.id, at=LATER)
            return False
        assert (one.declaration is None or one.amended) and not one.void
        one.amended = False
        return True

    def cancel(self, one, qty):
        """A cancellation of the checklist: granted while the goods are here, never once it is closed."""
        number = int(one.row.invt_no[9:])
        asked_head = cancellation_head(self.known, f"X{next(self.clock)}-{self.base}", number)
        made = batch(self.session, self.known, "CEB605", (asked_head, []), sender=self.known.declarant, at=LATER)
        cancellations.take(made)
        made.flush()
        self.session.expire_all()
        filed = made.filed[0]
        if not filed.ok:
            assert one.void or one.month is not None
            return
        name_ground(self.session, CHEN, "cancellation", filed.id, "clerical_error", at=LATER)
        add_proof(self.session, mine(self.known), "cancellation", filed.id, PDF, at=LATER)
        decide_cancellation(self.session, CHEN, filed.id, "approve", at=LATER)
        assert one.month is None
        one.void = True

    def bring_back(self, one, qty):
        """A part of a closed export comes back; the export and its summary stay as they are."""
        if one.month is None:
            return
        desk = Returning(self, self.session.get_one(Checklist, one.row.id, populate_existing=True))
        number = f"R{next(self.clock)}-{self.base}"
        filed = desk.ask(number, qty)
        if not filed.ok:
            return
        assert qty <= one.qty
        desk.decide(filed.id, "release")
        desk.tally(number, qty)
        self.back += qty

    def check(self):
        """Both months hold, and their figures are the ledger's."""
        self.session.flush()
        for month in (OCTOBER, NOVEMBER):
            found = prove(self.session, month, Scope(consignor_id=self.known.seller.id), at=LATER)
            assert found.holds, found.differences
            for flag in ("A", "B"):
                mine_ = [one for one in self.kept if one.month == month and one.flag == flag]
                balances = found.totals(flag)
                assert len(balances) == bool(mine_)  # all of them in one currency
                if balances:
                    self._figures(balances[0], mine_, flag)
        query = select(func.coalesce(func.sum(ReturnedLine.qty), 0)).where(
            ReturnedLine.consignor_id == self.known.seller.id
        )
        assert self.session.scalars(query).one() == self.back

    def _figures(self, balance, expected, flag):
        amount = sum((one.qty * PRICE for one in expected), Decimal(0))
        gross = sum((one.gross for one in expected), Decimal(0))
        assert (balance.truth.lines, balance.truth.amount, balance.truth.gross) == (len(expected), amount, gross)
        assert balance.counted == balance.truth
        held = [one for one in expected if one.declaration is not None]
        assert balance.summarised.lines == len(held)
        assert balance.summarised.amount == sum((one.qty * PRICE for one in held), Decimal(0))
        if flag == "B":
            assert balance.open.lines == len(expected) - len(held)
            together = (balance.declared - balance.elsewhere).plus(balance.open)
            assert balance.truth == together


STEPS = st.tuples(
    st.sampled_from(
        ["release", "release", "close_october", "close_november", "close_november", "summarise", "amend_declaration",
         "cancel_declaration", "amend", "shut_out_part", "never_left", "cancel", "bring_back"]
    ),
    st.integers(0, 7),
    st.integers(1, 9).map(Decimal),
)  # fmt: skip


BEGINNING = [
    *(("release", which, Decimal(which + 4)) for which in range(5)),
    *(("close_october", which, Decimal(1)) for which in (1, 2)),
    *(("close_november", which, Decimal(1)) for which in (0, 4)),
]
"""Every example begins with a few exports: three closed for a summary, one counted, one still here."""


ALL = [
    ("summarise", 0, Decimal(1)),
    ("amend", 1, Decimal(2)),  # refused: customs has not amended its declaration
    ("bring_back", 1, Decimal(2)),
    ("cancel", 1, Decimal(1)),
    ("amend_declaration", 1, Decimal(1)),
    ("amend", 4, Decimal(2)),
    ("never_left", 2, Decimal(1)),
    ("cancel_declaration", 1, Decimal(1)),
    ("amend", 1, Decimal(9)),
    ("shut_out_part", 3, Decimal(3)),
    ("cancel", 3, Decimal(1)),
    ("close_november", 3, Decimal(1)),
    ("close_november", 2, Decimal(1)),
    ("summarise", 0, Decimal(1)),
]
"""Every kind of step, each at a place where it can be carried out or must be refused."""


@example(ALL)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, min_size=6, max_size=14))
def test_whatever_happens_in_whatever_order_every_closed_line_is_accounted_for_once(db_session, known, steps):
    with db_session.begin_nested() as example:
        set_context(db_session, actor="test", at=AT)
        months = Months(db_session, known)
        for what, which, qty in BEGINNING:
            months.do(what, which, qty)
        for number, (what, which, qty) in enumerate(steps):
            months.do(what, which, qty)
            if number % 3 == 2:
                months.check()
        months.check()
        example.rollback()
    db_session.expire_all()
