"""Two at the same moment: a closed checklist is corrected while a summary takes its lines, or goods are asked back."""

import secrets
import threading
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.supervise import postgres
from common.audit import set_context
from common.db import lock_keys, make_engine
from common.findings import ConflictError
from common.law import law
from customs import closing, returns, summary
from customs.amendments.deciding import add_proof, decide
from customs.summary.merging import merge
from customs.tables import DeclarationLine, SummaryApplication
from tests.customs.batches import firms, parcel
from tests.customs.closed import application
from tests.customs.stored import AT
from tests.customs.test_amendments import CHEN, LATER, PDF, changed, mine
from tests.databases import TEMPLATE

CLOSED = {"status": "899", "left_at": AT, "closed_at": AT, "statistics_on": date(2026, 11, 24), "flag": "B"}
WAITING = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


class Office:
    """A database of its own, with one closed checklist, a request to correct it, and an application that names it."""

    def __init__(self, engine):
        self.engine = engine
        with Session(engine, expire_on_commit=False) as session:
            set_context(session, actor="account:7", at=AT)
            self.known = firms(session)
            row = parcel(session, self.known, 1, **CLOSED)
            closing.write_closed_lines(session, [row.id], AT)
            self.checklist, self.consignor = row.id, row.consignor_id
            one = changed(session, self.known, row, line_values={"qty": Decimal(4)}, extras={"ground": "closing_wrong"})
            add_proof(session, mine(self.known), "amendment", one.id, PDF, at=LATER)
            named = application(
                session, 1, invt_nos=[row.invt_no], status="399", consignor_id=row.consignor_id,
                declarant_id=row.declarant_id,
            )  # fmt: skip
            self.amendment, self.application = one.id, named.id
            session.commit()

    def summarise(self, session):
        lock_keys(session, [summary.lock_name(self.consignor)])
        merge(session, session.get_one(SummaryApplication, self.application), (), law(), at=LATER)

    def approve(self, session):
        set_context(session, actor="account:3", at=LATER)
        decide(session, CHEN, self.amendment, "approve", at=LATER)

    def meanwhile(self, act):
        """Begin an act in a session of its own, and give its thread and answers once it waits for somebody's key."""
        answers = []

        def run():
            with Session(self.engine) as session:
                try:
                    act(session)
                    session.commit()
                    answers.append("done")
                except ConflictError as error:
                    answers.append([one.rule for one in error.findings])

        thread = threading.Thread(target=run)
        thread.start()
        with Session(self.engine) as session:
            while thread.is_alive() and not session.scalar(WAITING):
                session.rollback()
        assert thread.is_alive()  # it waits
        return thread, answers


@pytest.fixture
def office(cluster):
    name = f"meanwhile_{secrets.token_hex(4)}"
    postgres.create_database(cluster, name, template=TEMPLATE)
    engine = make_engine(cluster.url(name))
    yield Office(engine)
    engine.dispose()


def declared(office):
    with Session(office.engine) as session:
        return [line.qty for line in session.scalars(select(DeclarationLine))]


def test_a_correction_waits_for_the_summary_under_way_and_is_told_of_it(office):
    with Session(office.engine) as session:
        office.summarise(session)
        thread, answers = office.meanwhile(office.approve)
        session.commit()
    thread.join()
    assert answers == [["CU6203"]]
    assert declared(office) == [Decimal(5)]


def test_a_summary_waits_for_the_correction_under_way_and_takes_the_new_lines(office):
    with Session(office.engine) as session:
        office.approve(session)
        thread, answers = office.meanwhile(office.summarise)
        session.commit()
    thread.join()
    assert answers == ["done"]
    assert declared(office) == [Decimal(4)]


def test_a_correction_waits_for_who_asks_goods_back(office):
    with Session(office.engine) as session:
        lock_keys(session, [returns.lock_name(office.checklist)])
        thread, answers = office.meanwhile(office.approve)
        session.commit()
    thread.join()
    assert answers == ["done"]
