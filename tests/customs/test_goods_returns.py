"""Whatever is asked for, changed, rejected, found and released: no more comes back than was exported, in any unit."""

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from common.audit import set_context
from common.findings import ConflictError
from common.money import plain
from customs.desk import Officer
from customs.intake import refund_applications, refund_tallies
from customs.intake.batch import Batch, Filed
from customs.messages.document import ReadDocument
from customs.messages.fields import MESSAGES
from customs.returns import returnable
from customs.returns.deciding import decide
from customs.rules.returns import HOLDING
from customs.tables import Checklist, ChecklistLine, GoodsReturn, ReturnedLine
from tests.customs.batches import firms, parcel
from tests.customs.stored import AT, ZONE

OFFICER = Officer(1, "李审单", frozenset({ZONE}))
WHOLE = Decimal(5)
_numbers = itertools.count(1)


@pytest.fixture
def known(db_session):
    return firms(db_session)


def export(session, known):
    """A closed export of five pieces, 150.00, with a second quantity of one kilogram."""
    row = parcel(session, known, next(_numbers), status="899", left_at=AT, closed_at=AT)
    line = session.get(ChecklistLine, (row.id, 1))
    line.qty2, line.unit2 = Decimal(1), "035"
    session.flush()
    return row


class Desk:
    """One export with everything that is asked of it, and what that should come to."""

    def __init__(self, session, known):
        self.session, self.known, self.row = session, known, export(session, known)
        self.clock = itertools.count(1)
        self.papers, self.held, self.back = [], {}, Decimal(0)

    def take(self, module, type, head, lines=(), extras=None):
        """File one document with the handler; gives it back."""
        at = AT + timedelta(minutes=next(self.clock))
        spec = MESSAGES[type]
        head = {"guid": "G", "appTime": at.strftime("%Y%m%d%H%M%S"), "appStatus": "2", "customsCode": "5190", **head}
        one = Filed(ReadDocument(0, spec.element, head, list(lines), extras=extras or {}), spec, at.date(), at)
        known = self.known
        one.parties = {"consignor": known.seller, "declarant": known.declarant, "carrier": known.carrier}
        one.parties["operator"] = known.operator
        batch = Batch(self.session, 1, type, known.declarant, ZONE, at, None, [one])
        batch.number("B")
        module.take(batch)
        batch.flush()
        self.session.expire_all()
        return one

    def ask(self, number, qty, app_type="1"):
        line = {
            "gnum": "1", "gcode": "6109100021", "gname": "T恤", "gmodel": "棉", "unit": "011", "unit1": "011",
            "unit2": "035", "qty": plain(qty), "qty1": plain(qty), "qty2": plain(qty / 5),
        }  # fmt: skip
        head = {
            "appType": app_type, "coElNo": number, "invtNo": self.row.invt_no, "ebpCode": "none", "ebpName": "无",
            "ebcCode": "E", "ebcName": "卖家", "agentCode": "A", "agentName": "代理", "logisticsNo": f"W-{number}",
            "logisticsCode": "L", "logisticsName": "物流", "billNo": "B", "ieFlag": "I", "trafMode": "5",
            "trafName": "CZ", "portCode": "5190", "reason": "退", "country": "502", "voyageNo": "1",
        }  # fmt: skip
        grounds = {"grounds": {"reason": "returned", "proof": "refusal"}}
        return self.take(refund_applications, "CEB213", head, [line], grounds)

    def tally(self, number, found):
        head = {
            "appType": "1", "coElNo": f"T-{number}", "operatorCode": "O", "operatorName": "场所", "logisticsCode": "L",
            "logisticsName": "物流", "logisticsNo": f"W-{number}", "billNo": "B", "ieFlag": "I", "trafMode": "5",
            "trafName": "CZ", "voyageNo": "1",
        }  # fmt: skip
        extras = {"tally": [{"gnum": "1", "qty": plain(found)}]}
        return self.take(refund_tallies, "CEB215", head, extras=extras)

    def decide(self, id, decision):
        at = AT + timedelta(minutes=next(self.clock))
        try:
            return decide(self.session, OFFICER, id, decision, at=at, text="理由")
        except ConflictError:
            return None

    # --- what should be

    @property
    def free(self):
        return WHOLE - self.back - sum(self.held.values(), Decimal(0))

    def step(self, kind, which, qty):
        """One step of a history, on the tables and on the paper beside them."""
        if kind == "file":
            self._file(qty)
        elif self.papers:
            self._on(kind, self.papers[which % len(self.papers)], qty)

    def _file(self, qty):
        number = f"R-{self.row.id}-{next(self.clock)}"
        one = self.ask(number, qty)
        assert one.ok == (qty <= self.free), (qty, self.free, one.findings)
        if one.ok:
            self.papers.append((number, one.id))
            self.held[one.id] = qty

    def _on(self, kind, paper, qty):
        number, id = paper
        before = self.session.get(GoodsReturn, id)
        status, open_ = before.status, before.withdrawn_at is None and before.completed_at is None
        if kind == "change":
            one = self.ask(number, qty, "2")
            if one.ok:
                assert qty <= self.free + self.held.get(id, Decimal(0))
                self.held[id] = qty
        elif kind == "delete" and self.ask(number, qty, "3").ok:
            self.held.pop(id, None)
        elif kind == "tally" and open_:
            self.tally(number, qty - 1)
        elif kind in ("release", "reject") and open_:
            moved = self.decide(id, kind)
            if moved is not None and kind == "reject":
                self.held.pop(id, None)
        self._completed(id, status)

    def _completed(self, id, status):
        row = self.session.get(GoodsReturn, id)
        if row.completed_at is not None and id in self.held:
            self.held.pop(id)
            self.back += self.session.scalars(select(ReturnedLine.qty).where(ReturnedLine.return_id == id)).one()

    def check(self):
        one = returnable(self.session, [self.row.id])[self.row.id, 1]
        assert one.left.qty == self.free
        for name in ("qty", "qty1", "qty2"):
            assert getattr(one.left, name) >= 0
        query = select(func.sum(ReturnedLine.qty), func.sum(ReturnedLine.amount), func.sum(ReturnedLine.gross_weight))
        qty, amount, weight = self.session.execute(query.where(ReturnedLine.checklist_id == self.row.id)).one()
        assert (qty or 0) == self.back <= WHOLE
        assert (amount or 0) == 30 * self.back
        assert (weight or 0) == Decimal("0.12") * self.back
        live = select(func.count()).where(GoodsReturn.checklist_id == self.row.id, GoodsReturn.status.in_(HOLDING))
        live = live.where(GoodsReturn.withdrawn_at.is_(None), GoodsReturn.completed_at.is_(None))
        assert self.session.scalars(live).one() == len(self.held)
        assert self.session.get(Checklist, self.row.id).status == "899"


STEPS = st.tuples(
    st.sampled_from(["file", "file", "change", "delete", "tally", "release", "release", "reject"]),
    st.integers(0, 5),
    st.integers(1, 6).map(Decimal),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=12))
def test_the_returns_of_a_line_never_exceed_it_in_any_order_of_events(db_session, known, steps):
    set_context(db_session, actor="test", at=AT)
    desk = Desk(db_session, known)
    for kind, which, qty in steps:
        desk.step(kind, which, qty)
        desk.check()


def test_all_of_a_line_can_come_back_in_three_returns_and_then_nothing_is_left(db_session, known):
    set_context(db_session, actor="test", at=AT)
    desk = Desk(db_session, known)
    for qty in (1, 1, 3):
        desk.step("file", 0, Decimal(qty))
        desk.step("release", len(desk.papers) - 1, Decimal(1))
        desk.tally(desk.papers[-1][0], Decimal(qty))
        desk._completed(desk.papers[-1][1], "800")
        desk.check()
    assert desk.back == WHOLE
    desk.step("file", 0, Decimal(1))
    assert len(desk.papers) == 3
