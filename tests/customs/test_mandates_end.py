"""A mandate that ends: both parties are told in time, papers stay valid, what is open passes to the consignor."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from common.clock import china_day
from common.events import Event
from credit.mandates import NewMandate, grant, revoke
from customs.amendments import corrections, mandates
from customs.desk import Officer
from customs.intake import cancellations, checklists
from customs.tables import Amendment, Checklist, ChecklistKey, Correction, MandateEnd
from tests.customs.batches import START, batch, firms, parcel, rules_of, stamped
from tests.customs.stored import AT, ZONE
from tests.customs.test_amendments import changed

LI = Officer(1, "李审单", frozenset({ZONE}))
TODAY = china_day(AT)


@pytest.fixture
def known(db_session):
    return firms(db_session)


def mandate(session, known, *, until=None, types=("*",)):
    """What the seller lets the declarant file."""
    new = NewMandate(known.seller.id, known.declarant.id, types, START, until)
    return grant(session, new, by="t", at=AT)


def later(days):
    return AT + timedelta(days=days)


def kinds(session):
    events = session.scalars(select(Event).where(Event.subject_type == "mandate").order_by(Event.id))
    return [one.kind for one in events]


def test_both_parties_are_told_ten_days_before_the_last_day_and_once(db_session, known):
    mandate(db_session, known, until=TODAY + timedelta(days=10))
    mandates.run(db_session, later(-1))
    assert kinds(db_session) == []
    mandates.run(db_session, AT)
    mandates.run(db_session, later(1))
    assert kinds(db_session) == ["mandate.ending"]
    event = db_session.scalars(select(Event).where(Event.kind == "mandate.ending")).one()
    assert (event.consignor_id, event.declarant_id) == (known.seller.id, known.declarant.id)
    for firm in (known.seller.id, known.declarant.id):
        (seen,) = mandates.ending(db_session, firm, at=AT)
        assert (seen.passed, seen.row.ends_on) == (False, TODAY + timedelta(days=10))
    assert mandates.ending(db_session, known.other_declarant.id, at=AT) == []


def test_a_revoked_mandate_passes_on_ten_days_after_the_notice(db_session, known):
    revoke(db_session, mandate(db_session, known).id, by="t", at=AT)
    mandates.run(db_session, AT)
    row = db_session.scalars(select(MandateEnd)).one()
    assert (row.ends_on, row.passes_on) == (TODAY - timedelta(days=1), TODAY + timedelta(days=10))
    mandates.run(db_session, later(9))
    assert kinds(db_session) == ["mandate.ending"]
    mandates.run(db_session, later(10))
    assert kinds(db_session) == ["mandate.ending", "mandate.passed_on"]


def test_what_is_open_passes_and_what_was_declared_stays_as_it_is(db_session, known):
    draft = parcel(db_session, known, 1, status="1", released_at=None)
    db_session.add(ChecklistKey(declarant_id=known.declarant.id, cop_no=draft.cop_no, checklist_id=draft.id))
    standing = parcel(db_session, known, 2)
    other = parcel(db_session, known, 3, consignor_id=known.other_declarant.id)
    asked = corrections.ask(db_session, LI, standing.id, ["gcode"], "请核对", at=AT)
    requested = changed(db_session, known, standing, head_values={"note": "更正"}, extras={"ground": "clerical_error"})
    assert requested.ok
    mandate(db_session, known, until=TODAY)
    mandates.run(db_session, AT)
    mandates.run(db_session, later(10))
    row = db_session.scalars(select(MandateEnd)).one()
    assert row.passed == {"drafts": 1, "questions": 0, "corrections": 1, "requests": 1}
    assert db_session.get(Checklist, draft.id).declarant_id == known.seller.id
    assert db_session.get(ChecklistKey, (known.seller.id, draft.cop_no)).checklist_id == draft.id
    assert db_session.get(Checklist, standing.id).declarant_id == known.declarant.id  # its legal effect is untouched
    assert db_session.get(Checklist, other.id).declarant_id == known.declarant.id
    assert db_session.get(Correction, asked.id).declarant_id == known.seller.id
    owner = db_session.scalar(text("SELECT declarant_id FROM amendment WHERE id = :id"), {"id": requested.id})
    assert owner == known.seller.id


def test_what_was_declared_under_an_ended_mandate_is_the_consignors_to_cancel(db_session, known):
    row = parcel(db_session, known, 1)
    head = {
        "guid": "G", "appType": "1", "appTime": stamped(later(11)), "appStatus": "2", "customsCode": "5190",
        "copNo": "X1", "invtNo": row.invt_no, "reason": "不再出口", "agentCode": known.seller.customs_code,
        "agentName": known.seller.name, "ebcCode": known.seller.customs_code, "ebcName": known.seller.name,
    }  # fmt: skip

    def file():
        made = batch(db_session, known, "CEB605", (head, []), sender=known.seller, at=later(11))
        cancellations.take(made)
        return made.filed[0]

    assert rules_of(file()) == [("CU4050", "error")]
    mandate(db_session, known, until=TODAY)
    mandates.run(db_session, AT)
    mandates.run(db_session, later(10))
    assert rules_of(file()) == []


def test_a_mandate_that_another_one_follows_ends_nothing(db_session, known):
    mandate(db_session, known, until=TODAY + timedelta(days=3))
    mandate(db_session, known, types=("*",))
    assert mandates.run(db_session, AT) == 0
    assert kinds(db_session) == []


def test_a_mandate_renewed_during_the_notice_keeps_what_is_open_with_the_agent(db_session, known):
    draft = parcel(db_session, known, 1, status="1", released_at=None)
    mandate(db_session, known, until=TODAY)
    mandates.run(db_session, AT)
    mandate(db_session, known)
    mandates.run(db_session, later(10))
    assert db_session.get(Checklist, draft.id).declarant_id == known.declarant.id
    assert db_session.scalars(select(MandateEnd)).one().passed == {
        "drafts": 0, "questions": 0, "corrections": 0, "requests": 0,
    }  # fmt: skip


def test_a_consignor_asks_for_an_amendment_of_what_an_ended_mandate_declared(db_session, known):
    row = parcel(db_session, known, 1)
    mandate(db_session, known, until=TODAY)
    mandates.run(db_session, AT)
    head = {"appType": "2", "invtNo": row.invt_no, "agentCode": known.seller.customs_code}
    made = batch(
        db_session, known, "CEB603",
        (head | {"guid": "G", "appTime": stamped(later(11)), "appStatus": "2", "copNo": "OWN",
                 "ebcCode": known.seller.customs_code}, []),
        sender=known.seller, at=later(11),
    )  # fmt: skip
    cop = (known.seller.id, "OWN")
    assert checklists._passed_on(made, [(made.filed[0], cop)], {}) == {}
    mandates.run(db_session, later(10))
    found = checklists._passed_on(made, [(made.filed[0], cop)], {})
    assert found[cop].id == row.id
    own = {"declarant_id": known.seller.id, "agent_code": known.seller.customs_code, "cop_no": "OWN", "note": "更正"}
    one = changed(db_session, known, row, head_values=own, extras={"ground": "clerical_error"}, at=later(11))
    assert one.ok, rules_of(one)
    request = db_session.get(Amendment, one.id)
    assert request.declarant_id == known.seller.id
    assert [change["field"] for change in request.changes] == ["note"]
    assert "declarant_id" not in request.proposed["head"]  # the declaration stays with who made it
