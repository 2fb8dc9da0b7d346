"""An amended declaration: only then are its checklists corrected, and it says what they say, old figures kept."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import delete, select

from common.events import Event
from common.findings import ConflictError, DomainError
from customs.closing import correct_lines, reverse_lines
from customs.summary import live_declaration_of
from customs.summary.results import result_parts, result_xml
from customs.summary.states import amend, cancel
from customs.tables import ChecklistLine, Declaration, DeclarationLine, SummaryApplication
from tests.customs.test_closing import second_line
from tests.customs.test_proof import LATER, adds_up, close, one_balance, proof, summarise

OFFICER = "account:7"
AMENDED = LATER + timedelta(days=1)


def lines_of(session, made):
    session.expire_all()
    query = select(DeclarationLine).where(DeclarationLine.declaration_id == made.id).order_by(DeclarationLine.line_no)
    return session.scalars(query).all()


def line(session, row, gnum=1, **changes):
    found = session.get_one(ChecklistLine, (row.id, gnum))
    for name, value in changes.items():
        setattr(found, name, value)
    session.flush()


def amended(session, made):
    return amend(session, made.id, reason="海关已改单", actor=OFFICER, at=AMENDED)


def holds(session):
    found = proof(session)
    assert found.holds, found.differences
    assert adds_up(one_balance(found))
    return one_balance(found)


def restated(session):
    return session.scalars(select(Event).where(Event.kind == "declaration.restated").order_by(Event.id)).all()


def test_an_amended_declaration_keeps_its_lines_and_says_when_and_why(db_session):
    row = close(db_session, 1)
    (made,) = summarise(db_session, 1, row)
    assert amended(db_session, made).amended_at == AMENDED
    (ref,) = live_declaration_of(db_session, [row.id])[row.id]
    assert (ref.amended_at, ref.lines) == (AMENDED, ((1, 1),))
    (event,) = db_session.scalars(select(Event).where(Event.kind == "declaration.amended")).all()
    assert (event.subject_id, event.source, event.actor, event.data["reason"]) == (
        made.id, "officer", OFFICER, "海关已改单",
    )  # fmt: skip
    assert (
        amend(db_session, made.id, reason="again", actor=OFFICER, at=AMENDED + timedelta(days=1)).amended_at > AMENDED
    )
    holds(db_session)


def test_a_declaration_that_is_cancelled_is_not_amended_and_no_reason_is_no_word(db_session):
    row = close(db_session, 1)
    (made,) = summarise(db_session, 1, row)
    with pytest.raises(DomainError):
        amend(db_session, made.id, reason="  ", actor=OFFICER, at=AMENDED)
    cancel(db_session, made.id, reason="撤销", actor=OFFICER, at=AMENDED)
    with pytest.raises(ConflictError):
        amended(db_session, made)


def test_a_line_in_a_declaration_that_customs_has_not_amended_is_not_corrected(db_session):
    row = close(db_session, 1)
    summarise(db_session, 1, row)
    for change in (correct_lines, reverse_lines):
        with pytest.raises(ConflictError) as refused:
            change(db_session, row.id, ref=5, at=AMENDED)
        assert refused.value.findings[0].rule == "CU6203"
    holds(db_session)


def test_corrected_figures_are_the_declarations_and_the_old_ones_stay_in_its_event(db_session):
    first, second = close(db_session, 1), close(db_session, 2)
    (made,) = summarise(db_session, 1, first, second)
    amended(db_session, made)
    line(db_session, first, qty=Decimal(7), total_price=Decimal("149.99"))
    second.gross_weight = Decimal("0.6")
    first.gross_weight = Decimal("0.60001")
    db_session.flush()
    correct_lines(db_session, first.id, ref=5, at=AMENDED)
    (now,) = lines_of(db_session, made)
    # 150 and 0.6 kg each before; one of them is 149.99 and 0.60001 kg now
    assert (now.amount, now.gross_weight) == (Decimal("299.99"), Decimal("1.20001"))
    assert db_session.get_one(Declaration, made.id).gross_weight == Decimal("1.20001")
    assert holds(db_session).declared.amount == Decimal("299.99")
    (event,) = restated(db_session)
    assert (event.data["amendment_id"], event.data["checklist_id"], event.data["freed"]) == (5, first.id, [])
    assert [event.data[when]["lines"][0]["amount"] for when in ("before", "after")] == ["300", "299.99"]


def test_a_correction_that_changes_nothing_of_the_declaration_restates_nothing(db_session):
    row = close(db_session, 1)
    (made,) = summarise(db_session, 1, row)
    amended(db_session, made)
    correct_lines(db_session, row.id, ref=5, at=AMENDED)
    assert restated(db_session) == []
    holds(db_session)


def test_a_wrong_heading_moves_the_line_within_its_declaration(db_session):
    first, second = close(db_session, 1), close(db_session, 2)
    (made,) = summarise(db_session, 1, first, second)
    amended(db_session, made)
    line(db_session, first, gcode="6109909000")
    correct_lines(db_session, first.id, ref=5, at=AMENDED)
    assert [(one.line_no, one.gcode, one.amount) for one in lines_of(db_session, made)] == [
        (1, "6109100021", Decimal(150)), (2, "6109909000", Decimal(150)),
    ]  # fmt: skip
    line(db_session, second, gcode="6109909000")
    correct_lines(db_session, second.id, ref=6, at=AMENDED)
    assert [(one.line_no, one.gcode, one.amount) for one in lines_of(db_session, made)] == [
        (2, "6109909000", Decimal(300)),
    ]  # fmt: skip
    assert holds(db_session).summarised.lines == 2


def test_a_heading_that_only_this_line_had_changes_where_it_stands(db_session):
    row = close(db_session, 1, lines=2)
    (made,) = summarise(db_session, 1, row)
    amended(db_session, made)
    line(db_session, row, gcode="6109909000")
    correct_lines(db_session, row.id, ref=5, at=AMENDED)
    assert [(one.line_no, one.gcode) for one in lines_of(db_session, made)] == [(1, "6109909000"), (2, "6912001000")]
    holds(db_session)


def test_what_belongs_under_another_head_leaves_the_declaration_and_is_open(db_session):
    first, second = close(db_session, 1), close(db_session, 2)
    (made,) = summarise(db_session, 1, first, second)
    amended(db_session, made)
    first.country = "303"
    db_session.flush()
    correct_lines(db_session, first.id, ref=5, at=AMENDED)
    (now,) = lines_of(db_session, made)
    assert (now.amount, db_session.get_one(Declaration, made.id).checklists) == (Decimal(150), 1)
    assert (holds(db_session).open.lines, live_declaration_of(db_session, [first.id])) == (1, {})
    (again,) = summarise(db_session, 2, first)
    assert again.id != made.id
    assert holds(db_session).open.lines == 0


def test_a_head_whose_only_checklist_was_corrected_follows_it(db_session):
    row = close(db_session, 1)
    (made,) = summarise(db_session, 1, row)
    amended(db_session, made)
    row.country = "303"
    db_session.flush()
    correct_lines(db_session, row.id, ref=5, at=AMENDED)
    assert (len(lines_of(db_session, made)), db_session.get_one(Declaration, made.id).country) == (1, "303")
    holds(db_session)


def test_lines_added_and_lines_gone_are_open_or_out(db_session):
    row = close(db_session, 1, lines=2)
    other = close(db_session, 2)
    (made,) = summarise(db_session, 1, row, other)
    amended(db_session, made)
    db_session.execute(delete(ChecklistLine).where(ChecklistLine.checklist_id == row.id, ChecklistLine.gnum == 2))
    second_line(db_session, row, gnum=3)
    correct_lines(db_session, row.id, ref=5, at=AMENDED)
    assert [one.line_no for one in lines_of(db_session, made)] == [1]
    balance = holds(db_session)
    assert (balance.summarised.lines, balance.open.lines) == (2, 1)


def test_a_closing_taken_back_leaves_its_amended_declaration_with_the_result_saying_so(db_session):
    first, second = close(db_session, 1), close(db_session, 2)
    (made,) = summarise(db_session, 1, first, second)
    amended(db_session, made)
    reverse_lines(db_session, first.id, ref=5, at=AMENDED)
    first.status, first.closed_at, first.statistics_on = "800", None, None
    assert holds(db_session).truth.lines == 1
    one = db_session.get_one(Declaration, made.id)
    application = db_session.get_one(SummaryApplication, one.application_id)
    raw = result_xml(db_session, application, one, 1).decode()
    assert (result_parts(db_session, one), first.invt_no in raw, second.invt_no in raw) == (1, False, True)
