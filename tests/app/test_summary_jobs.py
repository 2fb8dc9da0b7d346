"""The daily round of summaries: drafts ahead of the deadline, notices and mandates on the due day, nothing twice."""

from datetime import date, datetime

import pytest
from sqlalchemy import func, select, true

from app import summaries
from common.clock import CHINA
from common.events import Event
from common.findings import DomainError, NotAllowedError
from credit.mandates import STANDING_SUMMARY, NewMandate, grant, revoke
from customs.codes.loading import load_shipped
from customs.summary import conclude, drafting, live_declaration_of
from customs.summary.states import cancel
from customs.tables import SummaryApplication
from tests.customs.batches import firms
from tests.customs.closed import MONTH, close_lines

START = date(2024, 1, 1)


def at(day, hour=9):
    return datetime(2026, 9, day, hour, tzinfo=CHINA)


@pytest.fixture
def known(db_session):
    return firms(db_session)


def closed_for(session, known, checklists=2, declarant=None):
    parties = {"consignor_id": known.seller.id, "declarant_id": (declarant or known.declarant).id}
    close_lines(session, [{"checklist": n, **parties} for n in range(1, checklists + 1)])


def mandate(session, known, *types):
    new = NewMandate(known.seller.id, known.declarant.id, types, START)
    return grant(session, new, by="account:1", at=at(1))


def kinds(session):
    query = select(Event.kind, func.count()).where(Event.kind.like("summary.%")).group_by(Event.kind)
    return {kind: n for kind, n in session.execute(query)}


def live(session):
    return session.scalars(select(SummaryApplication).where(SummaryApplication.withdrawn_at.is_(None))).all()


def test_what_nobody_applied_for_is_drafted_on_the_fifth_working_day_once(db_session, known):
    mandate(db_session, known, "CEB603", "CEB701")
    closed_for(db_session, known)
    summaries.look_after(db_session, at(4))
    assert live(db_session) == []
    summaries.look_after(db_session, at(7))
    summaries.look_after(db_session, at(8))
    [row] = live(db_session)
    assert (row.origin, row.status, row.period, row.declarant_id) == ("draft", "1", "2026-08", known.declarant.id)
    [shown] = drafting.drafts(db_session, true(), date(2026, 9, 8))
    assert (shown.checklists, shown.due.due_on) == (2, date(2026, 9, 15))
    assert kinds(db_session) == {"summary.drafted": 1}
    assert live_declaration_of(db_session, [MONTH + 1]) == {}


def test_what_a_declarant_without_mandate_left_passes_on_to_the_consignor(db_session, known):
    closed_for(db_session, known)
    summaries.look_after(db_session, at(7))
    assert [row.declarant_id for row in live(db_session)] == [known.seller.id]


def test_an_agent_who_may_neither_declare_nor_summarise_any_longer_passes_its_checklists_on(db_session, known):
    mandate(db_session, known, "CEB303")
    closed_for(db_session, known)
    summaries.look_after(db_session, at(7))
    [shown] = drafting.drafts(db_session, true(), date(2026, 9, 8))
    assert (shown.row.declarant_id, shown.checklists) == (known.seller.id, 2)


def test_what_a_cancelled_declaration_frees_is_drafted_again_beside_the_draft_that_was_taken_over(db_session, known):
    mandate(db_session, known, "CEB603", "CEB701")
    closed_for(db_session, known)
    summaries.look_after(db_session, at(7))
    [first] = live(db_session)
    first.origin = "party"  # taken over under its own number
    conclude(db_session, first, at=at(8))
    [made] = live_declaration_of(db_session, [MONTH + 1])[MONTH + 1]
    cancel(db_session, made.id, reason="海关已撤销", actor="account:7", at=at(9))
    summaries.look_after(db_session, at(10))
    again = [row for row in live(db_session) if row.id != first.id]
    assert [(row.origin, row.period, row.cop_no != first.cop_no) for row in again] == [("draft", "2026-08", True)]


def test_on_the_due_day_both_are_told_once_and_nothing_is_declared_in_their_name(db_session, known):
    mandate(db_session, known, "CEB603", "CEB701")
    closed_for(db_session, known)
    for day in (7, 14, 15, 16):
        summaries.look_after(db_session, at(day))
    assert kinds(db_session) == {"summary.drafted": 1, "summary.unfiled": 1}
    told = db_session.scalars(select(Event).where(Event.kind == "summary.unfiled")).one()
    assert (told.consignor_id, told.declarant_id, told.data["checklists"]) == (known.seller.id, known.declarant.id, 2)
    assert live_declaration_of(db_session, [MONTH + 1]) == {}


def test_customs_notice_of_a_later_day_goes_before_the_law(db_session, known):
    mandate(db_session, known, "CEB603", "CEB701")
    closed_for(db_session, known)
    given = {"by": "account:9", "at": at(2)}
    with pytest.raises(DomainError):
        drafting.extend(db_session, None, "5190", "2026-08", date(2026, 9, 15), "公告", **given)
    with pytest.raises(NotAllowedError):
        drafting.extend(db_session, frozenset({"441600"}), "5190", "2026-08", date(2026, 9, 20), "公告", **given)
    drafting.extend(db_session, frozenset({"440200"}), "5190", "2026-08", date(2026, 9, 20), "公告", **given)
    for day in (7, 15, 19):
        summaries.look_after(db_session, at(day))
    assert kinds(db_session) == {"summary.drafted": 1}
    summaries.look_after(db_session, at(20))
    assert kinds(db_session)["summary.unfiled"] == 1


def test_a_standing_mandate_files_on_the_due_day_and_not_before(db_session, known):
    load_shipped(db_session, at=at(1))
    mandate(db_session, known, "CEB603", "CEB701", STANDING_SUMMARY)
    closed_for(db_session, known)
    for day in (7, 14):
        summaries.look_after(db_session, at(day))
    assert live_declaration_of(db_session, [MONTH + 1]) == {}
    for day in (15, 16):
        summaries.look_after(db_session, at(day))
    [row] = live(db_session)
    assert (row.origin, row.status, row.period) == ("mandate", "399", "2026-08")
    assert set(live_declaration_of(db_session, [MONTH + 1, MONTH + 2])) == {MONTH + 1, MONTH + 2}
    assert kinds(db_session)["summary.by_mandate"] == 1
    assert "summary.unfiled" not in kinds(db_session)


def test_a_revoked_standing_mandate_files_nothing(db_session, known):
    mandate(db_session, known, "CEB603", "CEB701")
    standing = mandate(db_session, known, STANDING_SUMMARY)
    closed_for(db_session, known)
    summaries.look_after(db_session, at(7))
    revoke(db_session, standing.id, by="account:1", at=at(10))
    summaries.look_after(db_session, at(15))
    assert kinds(db_session) == {"summary.drafted": 1, "summary.unfiled": 1}


def test_a_draft_with_nothing_left_is_taken_back(db_session, known):
    mandate(db_session, known, "CEB603", "CEB701")
    closed_for(db_session, known)
    summaries.look_after(db_session, at(7))
    db_session.execute(SummaryApplication.__table__.metadata.tables["closed_line"].update().values(flag="A"))
    summaries.look_after(db_session, at(8))
    assert live(db_session) == []
