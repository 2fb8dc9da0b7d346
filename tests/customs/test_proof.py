"""The proof of a month: what holds is said to hold, and every way of losing or doubling a line is found."""

import csv
import hashlib
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from common.events import Event
from customs.closing import correct_lines, reverse_lines
from customs.moves import Step, move
from customs.proof import Month, Scope, prove
from customs.proof.checking import check, check_months, open_differences, proof_of, results, still_holding
from customs.proof.listing import digest
from customs.rules.moves import Cause
from customs.summary import conclude
from customs.summary.states import cancel
from customs.tables import ChecklistLine
from tests.customs.closed import application
from tests.customs.stored import AGENT, AT, OTHER_ZONE, SELLER, STRANGER, ZONE, stored_checklist
from tests.customs.test_closing import second_line

NOVEMBER = Month(2026, 11)
EVERYBODY = Scope()
LATER = AT + timedelta(days=20)


def close(session, number, *, at=AT, lines=1, **changes):
    """A checklist of flag B with some lines, closed."""
    fields = {"status": "800", "flag": "B", "invt_no": f"51902026E{number:09d}", "closed_at": None} | changes
    row = stored_checklist(session, number, **fields)
    for gnum in range(2, lines + 1):
        second_line(session, row, gnum=gnum)
    move(session, row.id, Step("899", Cause.RULE), at=at)
    session.expire_all()
    return row


def summarise(session, number, *checklists, at=LATER):
    """One application over these checklists, merged; gives the declarations made."""
    named = [one.invt_no for one in checklists]
    row = application(session, number, invt_nos=named, cop_no=f"s{number}", declarant_id=checklists[0].declarant_id)
    return conclude(session, row, at=at).made


def proof(session, scope=EVERYBODY, month=NOVEMBER):
    session.flush()
    return prove(session, month, scope, at=LATER)


def rules(found):
    return [one.rule for one in found.differences]


def one_balance(found, flag="B", currency="142"):
    (balance,) = [one for one in found.totals(flag) if one.currency == currency]
    return balance


def adds_up(balance):
    """Lines of the month = declarations, less what they hold of elsewhere, and what is open."""
    together = (balance.declared - balance.elsewhere).plus(balance.open)
    return balance.truth == together and balance.counted == balance.truth


# --- what holds


def test_a_month_without_closings_holds_and_is_empty(db_session):
    found = proof(db_session)
    assert (found.holds, found.checklists, found.lines, found.parts) == (True, 0, 0, ())


def test_lines_in_a_declaration_and_lines_still_open_add_up_to_the_cent_and_the_gram(db_session):
    first, second = close(db_session, 1, lines=3, gross_weight=Decimal("1.00001")), close(db_session, 2, lines=2)
    close(db_session, 3, lines=2)
    close(db_session, 4, flag="A")
    summarise(db_session, 1, first, second)
    found = proof(db_session)
    assert found.holds, found.differences
    balance = one_balance(found)
    assert adds_up(balance)
    # three lists of one line of 150 each, with four lines of 7.5 beside them
    assert (balance.truth.lines, balance.truth.amount) == (7, Decimal(480))
    assert (balance.summarised.lines, balance.open.lines, balance.open.amount) == (5, 2, Decimal("157.5"))
    assert balance.truth.gross == Decimal("1.00001") + Decimal("0.6") * 2
    assert one_balance(found, "A").counted.lines == 1
    assert sum(one.gross for one in found.parts) == Decimal("2.80001")


def test_currencies_are_never_added_to_each_other(db_session):
    row = close(db_session, 1)
    dollars = close(db_session, 2, currency="502")
    db_session.execute(text("UPDATE checklist_line SET currency = '502' WHERE checklist_id = :id"), {"id": dollars.id})
    db_session.execute(text("UPDATE closed_line SET currency = '502' WHERE checklist_id = :id"), {"id": dollars.id})
    summarise(db_session, 1, row, dollars)
    found = proof(db_session)
    assert found.holds
    assert [(one.currency, one.truth.amount, adds_up(one)) for one in found.totals("B")] == [
        ("142", Decimal(150), True), ("502", Decimal(150), True),
    ]  # fmt: skip


def test_a_declaration_over_two_months_is_counted_in_each_by_its_own_lines(db_session):
    october, november = close(db_session, 1, at=AT - timedelta(days=30)), close(db_session, 2)
    (made,) = summarise(db_session, 1, october, november)
    for month in (Month(2026, 10), NOVEMBER):
        found = proof(db_session, month=month)
        assert found.holds, found.differences
        balance = one_balance(found)
        assert adds_up(balance)
        assert (balance.declared.amount, balance.elsewhere.amount) == (Decimal(300), Decimal(150)), made


def test_a_cancelled_declaration_leaves_its_lines_open_again(db_session):
    row = close(db_session, 1)
    (made,) = summarise(db_session, 1, row)
    db_session.execute(text("UPDATE declaration SET cancelled_at = :at"), {"at": LATER})
    db_session.execute(text("UPDATE declaration_source SET live = false WHERE declaration_id = :id"), {"id": made.id})
    found = proof(db_session)
    assert found.holds
    assert one_balance(found).open.lines == 1


def test_a_corrected_line_counts_once_with_its_new_figures(db_session):
    row = close(db_session, 1, lines=2)
    db_session.get(ChecklistLine, (row.id, 2)).qty1 = Decimal(1)
    db_session.flush()
    correct_lines(db_session, row.id, ref=5, at=LATER)
    found = proof(db_session)
    assert found.holds, found.differences
    assert (one_balance(found).counted.lines, adds_up(one_balance(found))) == (2, True)


@pytest.mark.parametrize("days", [2, 20])
def test_a_closing_taken_back_counts_nowhere_and_the_later_one_counts_once(db_session, days):
    row = close(db_session, 1, lines=2)
    reverse_lines(db_session, row.id, ref=3, at=AT + timedelta(days=1))
    row.status, row.closed_at, row.statistics_on = "800", None, None
    found = proof(db_session)
    assert (found.holds, found.lines) == (True, 0)
    again = AT + timedelta(days=days)
    move(db_session, row.id, Step("899", Cause.RULE), at=again)
    db_session.expire_all()
    for month in (NOVEMBER, Month(2026, 12)):
        found = proof(db_session, month=month)
        assert found.holds, found.differences
        assert found.lines == (2 if Month.of(again.date()) == month else 0)


# --- whose lines


def test_everyone_is_shown_the_own_lines_and_no_others(db_session):
    close(db_session, 1)
    close(db_session, 2, consignor_id=STRANGER)
    close(db_session, 3, consignor_id=STRANGER, declarant_id=STRANGER, zone_code=OTHER_ZONE)
    for scope, lines in (
        (Scope(party_id=SELLER), 1),
        (Scope(party_id=AGENT), 2),
        (Scope(party_id=STRANGER), 2),
        (Scope(consignor_id=STRANGER, party_id=AGENT), 1),
        (Scope(zones=frozenset({ZONE})), 2),
        (Scope(zones=frozenset({ZONE}), consignor_id=STRANGER), 1),
        (Scope(zones=frozenset()), 0),
        (EVERYBODY, 3),
    ):
        found = proof(db_session, scope)
        assert (found.lines, found.holds) == (lines, True), scope


# --- what is found


def test_a_line_without_its_row_is_found(db_session):
    row = close(db_session, 1, lines=2)
    db_session.execute(text("DELETE FROM closed_line WHERE checklist_id = :id AND gnum = 2"), {"id": row.id})
    (missing, *rest) = proof(db_session).differences
    assert (missing.rule, missing.gnum, missing.expected, missing.found) == ("CU6101", 2, "1", "0")
    assert {one.rule for one in rest} == {"CU6104"}
    assert "51902026E000000001" in missing.say().zh


def test_a_row_too_many_is_found_whoever_wrote_it(db_session):
    row = close(db_session, 1)
    close(db_session, 2)
    db_session.execute(
        text("CREATE TEMP TABLE twin ON COMMIT DROP AS SELECT * FROM closed_line WHERE checklist_id = :id"),
        {"id": row.id},
    )
    db_session.execute(text("UPDATE twin SET id = id + 100000, gross_weight = 0, net_weight = 0"))
    db_session.execute(text("INSERT INTO closed_line SELECT * FROM twin"))
    (twice,) = proof(db_session).differences
    assert (twice.rule, twice.checklist_id, twice.expected, twice.found) == ("CU6102", row.id, "1", "2")


@pytest.mark.parametrize(
    ("column", "value", "expected", "found"),
    [
        ("amount", "149.99", "150", "149.99"),
        ("qty1", "4", "5", "4"),
        ("qty2", "1", "—", "1"),
        ("gcode", "'6109909000'", "6109100021", "6109909000"),
        ("unit2", "'035'", "—", "035"),
        ("gname", "'背心'", "T恤", "背心"),
        ("item_name", "'背心'", "—", "背心"),
        ("owner_code", "'440296M001'", "NO", "440296M001"),
        ("owner_name", "'另一家'", "卖家", "另一家"),
        ("flag", "'A'", "B", "A"),
        ("zone_code", "'441600'", "440200", "441600"),
        ("consignor_id", "999", "101", "999"),
    ],
)
def test_a_row_that_differs_from_its_line_is_found_with_both_figures(db_session, column, value, expected, found):
    row = close(db_session, 1)
    close(db_session, 2)
    db_session.execute(text(f"UPDATE closed_line SET {column} = {value} WHERE checklist_id = :id"), {"id": row.id})
    (one,) = proof(db_session).differences
    assert (one.rule, one.field, one.expected, one.found) == ("CU6103", column, expected, found)
    assert one.say().en


def test_weights_that_were_moved_from_one_checklist_to_another_are_found(db_session):
    first, second = close(db_session, 1), close(db_session, 2)
    for row, change in ((first, "+ 0.001"), (second, "- 0.001")):
        db_session.execute(
            text(f"UPDATE closed_line SET gross_weight = gross_weight {change} WHERE checklist_id = :id"),
            {"id": row.id},
        )
    found = proof(db_session).differences
    assert [(one.rule, one.field, one.expected, one.found) for one in found] == [
        ("CU6104", "gross_weight", "0.6", "0.601"), ("CU6104", "gross_weight", "0.6", "0.599"),
    ]  # fmt: skip


def test_a_row_of_a_checklist_that_is_not_closed_is_found(db_session):
    row = close(db_session, 1)
    row.status, row.closed_at = "800", None
    (one,) = proof(db_session).differences
    assert (one.rule, one.expected, one.found) == ("CU6105", "0", "1")


def test_a_flag_a_line_in_a_declaration_is_found(db_session):
    row, counted = close(db_session, 1), close(db_session, 2, flag="A")
    (made,) = summarise(db_session, 1, row)
    db_session.execute(
        text("INSERT INTO declaration_source VALUES (:checklist, 1, :declaration, 1, true)"),
        {"checklist": counted.id, "declaration": made.id},
    )
    found = proof(db_session)
    assert {"CU6106", "CU6109"} <= set(rules(found))
    assert made.decl_seq_no in next(one.found for one in found.differences if one.rule == "CU6106")


def test_a_live_source_of_a_cancelled_declaration_is_found(db_session):
    row = close(db_session, 1)
    (made,) = summarise(db_session, 1, row)
    db_session.execute(text("UPDATE declaration SET cancelled_at = :at WHERE id = :id"), {"at": LATER, "id": made.id})
    (one,) = proof(db_session).differences
    assert (one.rule, one.gnum, one.found) == ("CU6108", 1, made.decl_seq_no)


@pytest.mark.parametrize("column", ["qty", "qty1", "amount", "gross_weight", "net_weight"])
def test_a_declaration_line_that_differs_from_its_sources_is_found(db_session, column):
    row = close(db_session, 1)
    summarise(db_session, 1, row)
    db_session.execute(text(f"UPDATE declaration_line SET {column} = {column} + 0.01"))
    found = proof(db_session)
    assert set(rules(found)) == {"CU6109"}
    assert {one.field for one in found.differences} == {column}
    if column == "amount":
        assert not adds_up(one_balance(found))


def test_a_source_whose_checklist_was_opened_again_is_found(db_session):
    first, second = close(db_session, 1), close(db_session, 2)
    summarise(db_session, 1, first, second)
    db_session.execute(text("UPDATE checklist SET status = '800', closed_at = NULL WHERE id = :id"), {"id": second.id})
    db_session.expire_all()
    found = proof(db_session)
    assert {"CU6105", "CU6110"} <= set(rules(found))
    one = next(one for one in found.differences if one.rule == "CU6110")
    assert (one.expected, one.found, one.checklist_id) == ("899", "800", second.id)


# --- the listing and the daily check


def test_the_listing_holds_every_line_with_its_summary_and_its_digest_can_be_recomputed(db_session):
    first = close(db_session, 1, lines=2, ebc_name="=卖家")
    close(db_session, 2)
    close(db_session, 3, flag="A")
    (made,) = summarise(db_session, 1, first)
    raw: list[bytes] = []
    found = digest(db_session, NOVEMBER, EVERYBODY, raw.append)
    assert hashlib.sha256(b"".join(raw)).hexdigest() == found == digest(db_session, NOVEMBER, EVERYBODY)
    rows = list(csv.DictReader(io.StringIO(b"".join(raw).decode())))
    assert [(one["invt_no"][-1], one["gnum"], one["state"], one["declaration"]) for one in rows] == [
        ("1", "1", "declared", made.decl_seq_no), ("1", "2", "declared", made.decl_seq_no),
        ("2", "1", "open", ""), ("3", "1", "counted", ""),
    ]  # fmt: skip
    assert rows[0]["consignor_name"] == "'=卖家"
    assert sum(Decimal(one["amount"]) for one in rows) == Decimal("457.5")
    assert sum(Decimal(one["gross_weight"]) for one in rows) == Decimal("1.8")
    assert {one["statistics_rows"] for one in rows} == {"1"}


def events_of(session, kind):
    return session.scalars(select(Event).where(Event.kind == kind)).all()


def test_the_daily_check_keeps_results_and_raises_a_difference_once_until_it_is_gone(db_session):
    row = close(db_session, 1, at=LATER)
    close(db_session, 2, at=LATER, zone_code=OTHER_ZONE)
    december = Month(2026, 12)
    assert check_months(db_session, LATER) == 0
    (kept,) = results(db_session, [ZONE], str(december))
    assert (kept.checklists, kept.lines, kept.open_lines, kept.differences) == (1, 1, 1, 0)
    assert kept.digest == digest(db_session, december, Scope(zones=frozenset({ZONE})))
    db_session.execute(text("UPDATE closed_line SET amount = 1 WHERE checklist_id = :id"), {"id": row.id})
    assert check_months(db_session, LATER + timedelta(days=1)) == 1
    assert check_months(db_session, LATER + timedelta(days=2)) == 1
    (event,) = events_of(db_session, "proof.differs")
    assert (event.rule, event.zone_code, event.consignor_id, event.data["found"]) == ("CU6103", ZONE, SELLER, "1")
    (one,) = open_differences(db_session, [ZONE])
    assert (one.expected, one.found, one.period) == ("150", "1", "2026-12")
    assert open_differences(db_session, [OTHER_ZONE]) == []
    db_session.execute(text("UPDATE closed_line SET amount = 150 WHERE checklist_id = :id"), {"id": row.id})
    assert check_months(db_session, LATER + timedelta(days=3)) == 0
    assert open_differences(db_session, [ZONE]) == []
    assert len(events_of(db_session, "proof.cleared")) == 1


def test_a_stored_result_is_the_proof_until_something_is_written_about_its_month(db_session):
    def kept():
        db_session.expire_all()
        return still_holding(db_session, ZONE, NOVEMBER)

    first, second = close(db_session, 1, lines=2), close(db_session, 2)
    assert kept() is None  # never checked
    check(db_session, NOVEMBER, at=LATER)
    stored = proof_of(kept())
    again = prove(db_session, NOVEMBER, Scope(zones=frozenset({ZONE})), at=LATER)
    assert stored == again
    (made,) = summarise(db_session, 1, first, at=LATER + timedelta(hours=1))
    assert kept() is None
    check(db_session, NOVEMBER, at=LATER + timedelta(hours=2))
    assert one_balance(proof_of(kept())).summarised.lines == 2
    correct_lines(db_session, second.id, ref=1, at=LATER + timedelta(hours=3))
    assert kept() is None
    check(db_session, NOVEMBER, at=LATER + timedelta(hours=4))
    assert kept() is not None
    cancel(db_session, made.id, reason="撤销", actor="account:7", at=LATER + timedelta(hours=5))
    assert kept() is None
    close(db_session, 3, at=AT - timedelta(days=40))
    check(db_session, NOVEMBER, at=LATER + timedelta(hours=6))
    assert kept() is not None  # what closes in another month does not touch this one
    db_session.execute(text("UPDATE closed_line SET amount = 1 WHERE checklist_id = :id"), {"id": second.id})
    check(db_session, NOVEMBER, at=LATER + timedelta(hours=7))
    assert kept() is None  # what differs is looked at anew


def test_a_month_long_past_is_proven_again_only_when_it_is_touched(db_session):
    def checked():
        db_session.expire_all()
        (one,) = results(db_session, [ZONE], "2026-08")
        return one.checked_at

    row = close(db_session, 1, at=AT - timedelta(days=100))
    for day in (0, 1):
        assert check_months(db_session, LATER + timedelta(days=day)) == 0
        assert checked() == LATER
    correct_lines(db_session, row.id, ref=1, at=LATER + timedelta(hours=30))
    assert check_months(db_session, LATER + timedelta(days=2)) == 0
    assert checked() == LATER + timedelta(days=2)
