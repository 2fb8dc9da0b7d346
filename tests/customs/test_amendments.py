"""Amendments on the database: a request beside the checklist, an officer's decision, a new revision with its event."""

from datetime import date, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from common.events import Event
from common.findings import ConflictError, DomainError, NotAllowedError, NotFoundError
from customs import closing
from customs.amendments import contents, corrections, deciding, filing, proofs, shut_outs
from customs.amendments.deciding import add_proof, decide, name_ground, withdraw
from customs.amendments.preview import preview
from customs.desk import Officer, Party
from customs.intake.checklist_contents import HEAD, LINE
from customs.movement.sites import Operator
from customs.moves import Step, lock, walk
from customs.rules.files import NewFile
from customs.rules.moves import Cause, State
from customs.summary.states import amend
from customs.tables import (
    Amendment,
    Checklist,
    ChecklistLine,
    ClosedLine,
    Declaration,
    DeclarationLine,
    DeclarationSource,
    Parcel,
    ShutOut,
    SummaryApplication,
    WarehouseEntry,
)
from tests.customs.batches import batch, firms, parcel, rules_of
from tests.customs.stored import AT, OTHER_ZONE, ZONE
from tests.customs.test_goods_returns import Desk

LATER = AT + timedelta(hours=1)
LI = Officer(1, "李审单", frozenset({ZONE}))
CHEN = Officer(3, "陈主管", frozenset({ZONE}), supervisor=True)
FAR = Officer(2, "外区审单", frozenset({OTHER_ZONE}))
PDF = NewFile("证明.pdf", b"%PDF-1.7 proof")


@pytest.fixture
def known(db_session):
    return firms(db_session)


def mine(known):
    return Party(8, "王单证", known.declarant.id)


def head(known, row):
    from tests.customs.batches import stamped

    return {
        "guid": "G", "appType": "2", "appTime": stamped(LATER), "appStatus": "2", "customsCode": "5190",
        "copNo": row.cop_no, "agentCode": known.declarant.customs_code, "ebcCode": known.seller.customs_code,
    }  # fmt: skip


def changed(session, known, row, *, head_values=None, line_values=None, drop=(), extras=None, at=LATER):
    """File an amendment of the checklist with these columns changed; gives the filed document.

    Lines after one that is dropped move up, as the standard numbers them.
    """
    columns = {name: getattr(row, name) for name in (*HEAD, "consignor_id", "declarant_id", "carrier_id")}
    columns |= {"platform_id": None, "currency": row.currency, "total_price": row.total_price, "value_cny": None}
    lines = [
        {"checklist_id": row.id} | {name: getattr(one, name) for name in LINE}
        for one in contents.stored_lines(session, row.id)
        if one.gnum not in drop
    ]
    for number, line in enumerate(lines, 1):
        line.update({"gnum": number} | (line_values or {}))
    columns.update(head_values or {})
    made = batch(session, known, "CEB603", (head(known, row), [], extras or {}), sender=known.declarant, at=at)
    filing.request(made, made.filed[0], row.id, columns, lines)
    made.flush()
    session.expire_all()
    return made.filed[0]


def approved(session, known, row, *, officer=LI, **changes):
    one = changed(session, known, row, **changes)
    assert one.ok, rules_of(one)
    add_proof(session, mine(known), "amendment", one.id, PDF, at=LATER)
    return decide(session, officer, one.id, "approve", at=LATER)


def events(session, kind):
    return session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id)).all()


def refused(error):
    return [one.rule for one in error.value.findings]


@pytest.mark.parametrize("status", ["399", "800"])
def test_a_change_after_conclusion_waits_for_an_officer_and_touches_nothing(db_session, known, status):
    row = parcel(db_session, known, 1, status=status)
    one = changed(db_session, known, row, head_values={"traf_mode": "4"}, extras={"ground": "transport_change"})
    assert (one.status, rules_of(one)) == ("120", [])
    found = db_session.get(Checklist, row.id)
    assert (found.status, found.traf_mode, found.revision) == (status, "5", 1)
    asked = db_session.get(Amendment, one.id)
    assert (asked.outcome, asked.ground, asked.checklist_status) == ("pending", "transport_change", status)
    assert asked.changes == [{"field": "trafMode", "line": None, "before": "5", "after": "4"}]
    assert asked.effects == []  # flag A, and transport is neither matched, assessed nor taxed
    assert events(db_session, "amendment.accepted")[0].state == "120"


def test_an_approved_amendment_is_a_new_revision_with_its_event(db_session, known):
    row = parcel(db_session, known, 1)
    done = approved(db_session, known, row, line_values={"gcode": "6109909099"}, extras={"ground": "clerical_error"})
    assert (done.outcome, done.status, done.decided_name) == ("approved", "399", "李审单")
    found = db_session.get(Checklist, row.id)
    assert (found.revision, found.status) == (2, "800")
    assert contents.stored_lines(db_session, row.id)[0].gcode == "6109909099"
    (amended,) = events(db_session, "checklist.amended")
    assert amended.data["changes"] == [{"field": "gcode", "line": 1, "before": "6109100021", "after": "6109909099"}]
    assert amended.data["decide_again"] == ["tax"]
    assert amended.data["lines_before"][0]["gcode"] == "6109100021"
    assert [one.state for one in events(db_session, "amendment.decided")] == ["399"]


def test_nothing_is_approved_without_a_ground_and_proof(db_session, known):
    row = parcel(db_session, known, 1)
    one = changed(db_session, known, row, head_values={"traf_mode": "4"})
    with pytest.raises(DomainError) as error:
        decide(db_session, LI, one.id, "approve", at=LATER)
    assert refused(error) == ["CU6205"]
    name_ground(db_session, LI, "amendment", one.id, "transport_change", at=LATER)
    with pytest.raises(DomainError) as error:
        decide(db_session, LI, one.id, "approve", at=LATER)
    assert refused(error) == ["CU6206"]
    add_proof(db_session, mine(known), "amendment", one.id, PDF, at=LATER)
    assert decide(db_session, LI, one.id, "approve", at=LATER).outcome == "approved"


def test_a_refusal_needs_words_and_leaves_the_checklist_as_it_is(db_session, known):
    row = parcel(db_session, known, 1)
    one = changed(db_session, known, row, head_values={"traf_mode": "4"}, extras={"ground": "transport_change"})
    with pytest.raises(DomainError):
        decide(db_session, LI, one.id, "refuse", at=LATER)
    done = decide(db_session, LI, one.id, "refuse", at=LATER, text="证明不足")
    assert (done.outcome, done.status, db_session.get(Checklist, row.id).traf_mode) == ("refused", "100", "5")


def test_of_two_decisions_the_second_is_told_who_was_first(db_session, known):
    row = parcel(db_session, known, 1)
    one = changed(db_session, known, row, head_values={"traf_mode": "4"}, extras={"ground": "transport_change"})
    decide(db_session, LI, one.id, "refuse", at=LATER, text="证明不足")
    with pytest.raises(ConflictError) as error:
        decide(db_session, CHEN, one.id, "approve", at=LATER)
    assert refused(error) == ["CU6215"]
    assert "李审单" in error.value.findings[0].message.zh


def test_an_officer_of_another_zone_and_another_firm_find_nothing(db_session, known):
    row = parcel(db_session, known, 1)
    one = changed(db_session, known, row, head_values={"traf_mode": "4"}, extras={"ground": "transport_change"})
    with pytest.raises(NotFoundError):
        decide(db_session, FAR, one.id, "approve", at=LATER)
    stranger = Party(9, "外人", known.other_declarant.id)
    with pytest.raises(NotFoundError):
        add_proof(db_session, stranger, "amendment", one.id, PDF, at=LATER)
    with pytest.raises(NotFoundError):
        withdraw(db_session, stranger, one.id, at=LATER)


@pytest.mark.parametrize("status", ["500", "501", "502", "503", "599"])
def test_nothing_is_changed_while_an_inspection_or_detention_lasts(db_session, known, status):
    row = parcel(db_session, known, 1, status=status)
    one = changed(db_session, known, row, head_values={"traf_mode": "4"}, extras={"ground": "transport_change"})
    assert rules_of(one) == [("CU6201", "error")]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"extras": {"ground": "because"}, "head_values": {"traf_mode": "4"}}, "CU6204"),
        ({"extras": {"ground": "closing_wrong"}, "head_values": {"traf_mode": "4"}}, "CU6204"),
        ({"extras": {"ground": "clerical_error"}}, "CU6209"),
        ({"extras": {"ground": "clerical_error"}, "head_values": {"order_no": "other"}}, "CU6208"),
        ({"extras": {"ground": "shut_out_part"}, "line_values": {"qty": Decimal(6)}}, "CU6210"),
        ({"extras": {"ground": "shut_out_part", "known_on": "x"}, "line_values": {"qty": Decimal(4)}}, "CU6212"),
        (
            {"extras": {"ground": "shut_out_part", "known_on": "2030-01-01"}, "line_values": {"qty": Decimal(4)}},
            "CU6212",
        ),
    ],
)
def test_what_is_wrong_with_a_request(db_session, known, changes, rule):
    row = parcel(db_session, known, 1)
    assert [found for found, _ in rules_of(changed(db_session, known, row, **changes))] == [rule]
    assert db_session.scalars(select(Amendment)).all() == []


def test_a_second_request_is_refused_while_one_is_pending(db_session, known):
    row = parcel(db_session, known, 1)
    ask = {"head_values": {"traf_mode": "4"}, "extras": {"ground": "transport_change"}}
    first = changed(db_session, known, row, **ask)
    assert [one for one, _ in rules_of(changed(db_session, known, row, **ask))] == ["CU6207"]
    withdraw(db_session, mine(known), first.id, at=LATER)
    assert changed(db_session, known, row, **ask).ok


def test_a_checklist_that_moved_on_since_the_request_is_not_amended(db_session, known):
    row = parcel(db_session, known, 1)
    one = changed(db_session, known, row, head_values={"traf_mode": "4"}, extras={"ground": "transport_change"})
    add_proof(db_session, mine(known), "amendment", one.id, PDF, at=LATER)
    found = db_session.get(Checklist, row.id)
    found.left_at = LATER
    db_session.flush()
    with pytest.raises(ConflictError) as error:
        decide(db_session, LI, one.id, "approve", at=LATER)
    assert refused(error) == ["CU6202"]


@pytest.mark.parametrize(("tier", "status"), [("high", "500"), ("medium", "800"), ("low", "800")])
def test_contents_that_raise_the_tier_are_inspected_before_the_goods_leave(
    db_session, known, monkeypatch, tier, status
):
    row = parcel(db_session, known, 1)
    seen = []

    def assessed(session, checklist_id, *, at):
        seen.append(checklist_id)
        return SimpleNamespace(tier=tier)

    monkeypatch.setattr("customs.amendments.applying.reassess", assessed)
    approved(db_session, known, row, line_values={"gcode": "6109909099"}, extras={"ground": "clerical_error"})
    assert (seen, db_session.get(Checklist, row.id).status) == ([row.id], status)
    if status == "500":
        moved = events(db_session, "checklist.moved")[-1]
        assert (moved.state, moved.source, moved.rule) == ("500", "officer", "CU6274")


def test_an_amended_checklist_is_compared_and_assessed_anew(db_session, known):
    row = parcel(db_session, known, 1, tier=None, tier_trace=None)
    approved(db_session, known, row, line_values={"gcode": "6109909099"}, extras={"ground": "clerical_error"})
    found = db_session.get(Checklist, row.id)
    assert found.tier in ("low", "medium", "high")
    assert found.tier_trace


# --- after closing


def closed(session, known, number=1, **changes):
    row = parcel(
        session, known, number, status="899", left_at=AT, closed_at=AT, statistics_on=date(2026, 11, 24),
        flag="B", **changes,
    )  # fmt: skip
    closing.write_closed_lines(session, [row.id], AT)
    return row


def counted(session, row):
    """Quantity per code that counts in the statistics rows of a checklist."""
    found = {}
    for line in session.scalars(select(ClosedLine).where(ClosedLine.checklist_id == row.id)):
        found[line.gcode] = found.get(line.gcode, 0) + line.sign * line.qty
    return {code: qty for code, qty in found.items() if qty}


def test_a_closed_checklist_is_changed_by_a_supervisor_and_by_entries(db_session, known):
    row = closed(db_session, known)
    wrong = changed(db_session, known, row, line_values={"gcode": "6109909099"}, extras={"ground": "clerical_error"})
    assert [one for one, _ in rules_of(wrong)] == ["CU6204"]
    one = changed(db_session, known, row, line_values={"gcode": "6109909099"}, extras={"ground": "closing_wrong"})
    add_proof(db_session, mine(known), "amendment", one.id, PDF, at=LATER)
    with pytest.raises(NotAllowedError) as error:
        decide(db_session, LI, one.id, "approve", at=LATER)
    assert refused(error) == ["CU6217"]
    decide(db_session, CHEN, one.id, "approve", at=LATER)
    assert db_session.get(Checklist, row.id).status == "899"
    assert counted(db_session, row) == {"6109909099": Decimal(5)}
    assert db_session.get(Amendment, one.id).effects == ["summary", "statistics", "tax"]


def test_what_was_closed_since_the_request_is_a_supervisors_to_decide(db_session, known):
    row = parcel(db_session, known, 1)
    one = changed(db_session, known, row, line_values={"gcode": "6109909099"})
    add_proof(db_session, mine(known), "amendment", one.id, PDF, at=LATER)
    walk(db_session, [(lock(db_session, [row.id])[row.id], [Step(State.CLOSED, Cause.RULE)])], at=LATER)
    name_ground(db_session, mine(known), "amendment", one.id, "closing_wrong", at=LATER)
    with pytest.raises(NotAllowedError) as error:
        decide(db_session, LI, one.id, "approve", at=LATER)
    assert refused(error) == ["CU6217"]
    decide(db_session, CHEN, one.id, "approve", at=LATER)
    assert counted(db_session, row) == {"6109909099": Decimal(5)}


def test_a_wrong_code_found_after_the_summary_goes_declaration_first_then_line_then_tax(db_session, known):
    row = closed(db_session, known)
    declared(db_session, known, row)
    ask = {"line_values": {"gcode": "6109909099"}, "extras": {"ground": "closing_wrong"}}
    blocked = changed(db_session, known, row, **ask)
    assert rules_of(blocked) == [("CU6203", "error")]
    assert "D-1" in blocked.findings[0].message.zh
    db_session.scalars(select(DeclarationSource)).one().live = False
    db_session.flush()
    approved(db_session, known, row, officer=CHEN, **ask)
    (amended,) = events(db_session, "checklist.amended")
    assert amended.data["decide_again"] == ["tax"]


def test_a_checklist_in_an_amended_declaration_is_corrected_once_for_that_amendment(db_session, known):
    row = closed(db_session, known)
    declared(db_session, known, row)
    ask = {"line_values": {"qty": Decimal(4)}, "extras": {"ground": "closing_wrong"}}
    assert rules_of(changed(db_session, known, row, **ask)) == [("CU6203", "error")]
    amend(db_session, 1, reason="数量有误", actor="account:1", at=LATER)
    assert approved(db_session, known, row, officer=CHEN, **ask).outcome == "approved"
    assert counted(db_session, row) == {"6109100021": Decimal(4)}
    assert db_session.scalars(select(DeclarationSource)).one().live
    assert db_session.get(DeclarationLine, (1, 1), populate_existing=True).qty == 4
    more = {"line_values": {"qty": Decimal(3)}, "extras": {"ground": "closing_wrong"}, "at": LATER + timedelta(hours=1)}
    assert rules_of(changed(db_session, known, row, **more)) == [("CU6203", "error")]


# --- goods that came back


def test_an_export_whose_goods_come_back_is_amended_down_to_what_came_back(db_session, known):
    desk = Desk(db_session, known)
    desk.row.statistics_on = AT.date()
    closing.write_closed_lines(db_session, [desk.row.id], AT)
    back = desk.ask("R-1", Decimal(2))
    assert back.ok, rules_of(back)
    row, ground = desk.row, {"extras": {"ground": "closing_wrong"}}
    less = {"qty": Decimal(1), "qty1": Decimal(1)}
    refused_ = changed(db_session, known, row, line_values=less, **ground)
    assert rules_of(refused_) == [("CU6235", "error"), ("CU6235", "error")]
    assert rules_of(changed(db_session, known, row, line_values={"unit": "035"}, **ground)) == [("CU6236", "error")]
    assert rules_of(changed(db_session, known, row, extras={"ground": "never_left"})) == [("CU6339", "error")]
    told = preview(db_session, row, at=LATER)
    assert ([one.rule for one in told.blocked], [one.rule for one in told.limits]) == ([], ["CU6237"])
    enough = {"qty": Decimal(3), "qty1": Decimal(3), "qty2": Decimal("0.6")}
    assert approved(db_session, known, row, officer=CHEN, line_values=enough, **ground).outcome == "approved"
    assert not desk.ask("R-2", Decimal(2)).ok
    assert desk.ask("R-3", Decimal(1)).ok


def test_a_line_that_arrived_in_an_overseas_warehouse_keeps_what_arrived(db_session, known):
    row = closed(db_session, known, trade_mode="9810")
    entry = {"batch_id": 1, "warehouse_id": 1, "zone_code": ZONE, "consignor_id": row.consignor_id, "gnum": 1}
    entry |= {"recorded_by": "t", "recorded_at": AT}
    for kind, qty, corrects in (("arrived", 4, None), ("arrived", -1, 1), ("sold", 2, None)):
        day = date(2026, 11, 24)
        db_session.add(
            WarehouseEntry(
                **entry, checklist_id=row.id, kind=kind, qty=Decimal(qty), day=day, corrects=corrects, apart=False
            )
        )
    db_session.flush()
    ground = {"extras": {"ground": "closing_wrong"}}
    assert rules_of(changed(db_session, known, row, line_values={"qty": Decimal(2)}, **ground)) == [("CU6238", "error")]
    assert rules_of(changed(db_session, known, row, line_values={"unit": "035"}, **ground)) == [("CU6238", "error")]
    assert rules_of(changed(db_session, known, row, extras={"ground": "never_left"})) == [("CU6239", "error")]
    assert [one.rule for one in preview(db_session, row, at=LATER).limits] == ["CU6240"]
    assert changed(db_session, known, row, line_values={"qty": Decimal(3)}, **ground).ok  # three arrived


def test_goods_asked_back_since_the_request_are_seen_at_the_decision(db_session, known):
    desk = Desk(db_session, known)
    less = {"qty": Decimal(2), "qty1": Decimal(2), "qty2": Decimal("0.4")}
    one = changed(db_session, known, desk.row, line_values=less, extras={"ground": "closing_wrong"})
    assert one.ok, rules_of(one)
    add_proof(db_session, mine(known), "amendment", one.id, PDF, at=LATER)
    assert desk.ask("R-1", Decimal(4)).ok
    with pytest.raises(ConflictError) as error:
        decide(db_session, CHEN, one.id, "approve", at=LATER)
    assert refused(error) == ["CU6235", "CU6235", "CU6235"]


def declared(session, known, row):
    """A live declaration made from the checklist."""
    paper = {
        "message_id": 1, "guid": "G", "zone_code": ZONE, "sender_id": known.declarant.id, "received_at": AT,
        "app_time": AT, "status": "399", "pre_no": "H1", "revision": 1,
    }  # fmt: skip
    party = {"declarant_id": known.declarant.id, "consignor_id": known.seller.id}
    session.add(
        SummaryApplication(
            id=1, **paper, **party, customs_code="5190", cop_no="S1", agent_code="A", agent_name="代理",
            ebc_code="E", ebc_name="卖家", decl_agent_id=1, decl_agent_code="A", decl_agent_name="代理",
            summary_flag="1", item_name_flag="0", msg_count=1, origin="party",
        )
    )  # fmt: skip
    session.add(
        Declaration(
            id=1, application_id=1, decl_seq_no="D-1", zone_code=ZONE, customs_code="5190", trade_mode="9610", **party,
            traf_mode="5", country="502", port_code="5190", gross_weight=1, net_weight=1, checklists=1, made_at=AT,
        )
    )  # fmt: skip
    line = contents.stored_lines(session, row.id)[0]
    session.add(
        DeclarationLine(
            declaration_id=1, line_no=1, destination=line.country, gcode=line.gcode, gname=line.gname,
            currency=line.currency, unit=line.unit, unit1=line.unit1, qty=line.qty, qty1=line.qty1,
            amount=line.total_price, gross_weight=1, net_weight=1,
        )
    )  # fmt: skip
    session.add(DeclarationSource(checklist_id=row.id, gnum=1, declaration_id=1, line_no=1, live=True))
    session.flush()


def test_a_closing_of_goods_that_never_left_is_taken_back(db_session, known):
    row = closed(db_session, known)
    released = row.released_at
    ground = {"extras": {"ground": "never_left"}}
    assert rules_of(changed(db_session, known, row, head_values={"traf_mode": "4"}, **ground)) == [("CU6231", "error")]
    approved(db_session, known, row, officer=CHEN, **ground)
    found = db_session.get(Checklist, row.id)
    assert (found.status, found.left_at, found.closed_at, found.statistics_on) == ("800", None, None, None)
    assert (found.released_at, found.revision) == (released, 1)
    assert counted(db_session, row) == {}
    moved = events(db_session, "checklist.moved")[-1]
    assert (moved.state, moved.source, moved.rule) == (State.RELEASED, Cause.OFFICER, "CU6273")


def test_taking_a_closing_back_leaves_a_parcel_alone_that_uses_the_number_again(db_session, known):
    row = closed(db_session, known)
    used_again = db_session.get(Parcel, (known.carrier.id, row.logistics_no))
    used_again.checklist_id, used_again.left_at = row.id + 1, LATER
    approved(db_session, known, row, officer=CHEN, extras={"ground": "never_left"})
    assert db_session.get(Parcel, (known.carrier.id, row.logistics_no), populate_existing=True).left_at == LATER


def test_statistics_say_what_the_checklist_says_however_often_it_is_corrected(db_session, known):
    row = closed(db_session, known)
    for n, code in enumerate(("6109909099", "6109100021", "6110200090")):
        at = LATER + timedelta(minutes=n)
        one = changed(
            db_session, known, row, line_values={"gcode": code}, extras={"ground": "closing_wrong"}, at=at
        )  # fmt: skip
        add_proof(db_session, mine(known), "amendment", one.id, PDF, at=at)
        decide(db_session, CHEN, one.id, "approve", at=at)
        assert counted(db_session, row) == {code: Decimal(5)}
    approved(db_session, known, row, officer=CHEN, extras={"ground": "never_left"})
    assert counted(db_session, row) == {}
    moving = lock(db_session, [row.id])[row.id]
    walk(db_session, [(moving, [Step(State.CLOSED, Cause.RULE)])], at=LATER + timedelta(hours=1))
    assert counted(db_session, row) == {"6110200090": Decimal(5)}


# --- proof


@pytest.mark.parametrize(
    ("file", "rule"),
    [
        (NewFile("a.pdf", b""), "CU6222"),
        (NewFile("a.pdf", b"<html>not a pdf"), "CU6221"),
        (NewFile("a.exe", b"MZ\x90"), "CU6221"),
        (NewFile("a.pdf", b"%PDF-" + b"x" * 5_000_000), "CU6220"),
    ],
)
def test_a_file_that_is_no_proof_is_refused(db_session, known, file, rule):
    row = parcel(db_session, known, 1)
    one = changed(db_session, known, row, head_values={"traf_mode": "4"}, extras={"ground": "transport_change"})
    with pytest.raises(DomainError) as error:
        add_proof(db_session, mine(known), "amendment", one.id, file, at=LATER)
    assert refused(error) == [rule]


def test_a_files_name_is_made_harmless_and_its_digest_kept(db_session, known):
    row = parcel(db_session, known, 1)
    one = changed(db_session, known, row, head_values={"traf_mode": "4"}, extras={"ground": "transport_change"})
    new = NewFile('../../etc/pass"wd\r\n.png', b"\x89PNG\r\n\x1a\nrest")
    kept = add_proof(db_session, mine(known), "amendment", one.id, new, at=LATER)
    assert (kept.name, kept.format) == ("passwd.png", "png")
    with pytest.raises(ConflictError) as error:
        add_proof(db_session, mine(known), "amendment", one.id, new, at=LATER)
    assert refused(error) == ["CU6224"]
    assert proofs.file_of(db_session, "amendment", one.id, kept.id).content == new.content


# --- shut-outs


def test_a_shut_out_in_part_is_approved_before_the_goods_are_let_out(db_session, known):
    row = parcel(db_session, known, 1, arrived=AT)
    one = changed(
        db_session, known, row, line_values={"qty": Decimal(3), "qty1": Decimal(3)}, extras={"ground": "shut_out_part"}
    )
    asked = db_session.scalars(select(ShutOut)).one()
    assert (asked.state, asked.whole, asked.goods) == ("requested", False, "T恤 5 → 3")
    site = Operator(5, "刘场站", known.operator.id)
    with pytest.raises(ConflictError) as error:
        shut_outs.let_out(db_session, site, asked.id, "早了", at=LATER)
    assert refused(error) == ["CU6225"]
    add_proof(db_session, mine(known), "amendment", one.id, PDF, at=LATER)
    decide(db_session, LI, one.id, "approve", at=LATER)
    other = Operator(6, "别处", known.other_operator.id)
    with pytest.raises(NotFoundError):
        shut_outs.let_out(db_session, other, asked.id, "x", at=LATER)
    done = shut_outs.let_out(db_session, site, asked.id, "2件放出", at=LATER)
    assert (done.state, done.let_out_name, done.let_out_at) == ("let_out", "刘场站", LATER)
    with pytest.raises(ConflictError) as error:
        shut_outs.let_out(db_session, site, asked.id, "又一次", at=LATER)
    assert refused(error) == ["CU6226"]
    assert db_session.get(Parcel, (known.carrier.id, row.logistics_no)).arrived_at == AT  # the rest is still there
    assert contents.stored_lines(db_session, row.id)[0].qty == 3


def second_line(session, row):
    """Three caps beside the five shirts."""
    first = contents.stored_lines(session, row.id)[0]
    values = {name: getattr(first, name) for name in LINE}
    values |= {"gnum": 2, "item_no": "2", "gcode": "6505009900", "gname": "帽子", "qty": Decimal(3), "qty1": Decimal(3)}
    session.add(ChecklistLine(checklist_id=row.id, **values | {"total_price": Decimal(90)}))
    session.flush()


def test_a_line_that_goes_is_not_confused_with_the_one_that_takes_its_number(db_session, known):
    row = parcel(db_session, known, 1, arrived=AT)
    second_line(db_session, row)
    one = changed(db_session, known, row, drop={1}, extras={"ground": "shut_out_part"})
    assert (one.status, rules_of(one)) == ("120", [])
    asked = db_session.get(Amendment, one.id)
    assert asked.changes == [
        {"field": "gnum", "line": 1, "before": "T恤 × 5", "after": None},
        {"field": "gnum", "line": 2, "before": "2", "after": "1"},
    ]
    assert db_session.scalars(select(ShutOut)).one().goods == "T恤 × 5 → 0"


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"qty": Decimal(5), "qty1": Decimal(5)}, "CU6210"),  # five caps instead of five shirts and three caps
        ({"gname": "手套", "gcode": "6116930000"}, "CU6233"),
        ({"unit": "035"}, "CU6233"),
        ({"qty2": Decimal(1), "unit2": "035"}, "CU6210"),
    ],
)
def test_a_shut_out_in_part_takes_away_and_changes_no_goods(db_session, known, values, rule):
    row = parcel(db_session, known, 1, arrived=AT)
    second_line(db_session, row)
    one = changed(db_session, known, row, drop={1}, line_values=values, extras={"ground": "shut_out_part"})
    assert rule in [found for found, _ in rules_of(one)]
    assert db_session.scalars(select(ShutOut)).all() == []


def test_a_shut_out_named_later_says_what_the_goods_were(db_session, known):
    row = parcel(db_session, known, 1, arrived=AT)
    second_line(db_session, row)
    one = changed(db_session, known, row, drop={1})
    name_ground(db_session, LI, "amendment", one.id, "shut_out_part", at=LATER)
    assert db_session.scalars(select(ShutOut)).one().goods == "T恤 × 5 → 0"


def test_a_refused_request_ends_its_shut_out(db_session, known):
    row = parcel(db_session, known, 1, arrived=AT)
    one = changed(
        db_session, known, row, line_values={"qty": Decimal(3), "qty1": Decimal(3)}, extras={"ground": "shut_out_part"}
    )
    decide(db_session, LI, one.id, "refuse", at=LATER, text="不同意")
    assert db_session.scalars(select(ShutOut)).one().state == "refused"


def test_a_shut_out_ends_with_its_ground_and_is_asked_for_anew_with_it(db_session, known):
    row = parcel(db_session, known, 1, arrived=AT)
    less = {"qty": Decimal(3), "qty1": Decimal(3)}
    one = changed(db_session, known, row, line_values=less, extras={"ground": "shut_out_part"})
    for ground, state in (("clerical_error", "withdrawn"), ("shut_out_part", "requested")):
        name_ground(db_session, mine(known), "amendment", one.id, ground, at=LATER)
        assert db_session.scalars(select(ShutOut)).one().state == state
    add_proof(db_session, mine(known), "amendment", one.id, PDF, at=LATER)
    decide(db_session, LI, one.id, "approve", at=LATER)
    assert db_session.scalars(select(ShutOut)).one().state == "approved"
    told = db_session.scalars(select(Event.kind).where(Event.kind.startswith("shut_out")).order_by(Event.id)).all()
    assert told == ["shut_out.requested", "shut_out.withdrawn", "shut_out.requested", "shut_out.approved"]


# --- corrections


def test_a_correction_stays_open_until_the_named_fields_are_changed(db_session, known):
    row = parcel(db_session, known, 1)
    asked = corrections.ask(db_session, LI, row.id, ["gcode", "trafMode"], "请核对归类和运输方式", at=AT)
    assert asked.due_on == date(2026, 11, 29)
    approved(db_session, known, row, head_values={"traf_mode": "4"}, extras={"ground": "transport_change"})
    assert [one.fields for one in corrections.open_of(db_session, row.id)] == [["gcode"]]
    approved(
        db_session, known, db_session.get(Checklist, row.id), line_values={"gcode": "6109909099"},
        extras={"ground": "clerical_error"},
    )  # fmt: skip
    assert corrections.open_of(db_session, row.id) == []
    assert [one.kind for one in events(db_session, "correction.done")] == ["correction.done"]


@pytest.mark.parametrize(
    ("status", "fields", "words", "rules"),
    [
        ("800", [], "请改", ["CU6230"]),
        ("800", ["nonsense"], "请改", ["CU6228"]),
        ("800", ["orderNo"], "请改", ["CU6228"]),
        ("800", ["gcode"], " ", ["CU4059"]),
        ("500", ["gcode"], "请改", ["CU6201"]),
    ],
)
def test_what_an_officer_cannot_ask_for(db_session, known, status, fields, words, rules):
    row = parcel(db_session, known, 1, status=status)
    with pytest.raises(DomainError) as error:
        corrections.ask(db_session, LI, row.id, fields, words, at=AT)
    assert refused(error) == rules


def test_a_decision_word_that_nobody_knows_is_refused(db_session, known):
    with pytest.raises(DomainError):
        deciding.decide(db_session, LI, 1, "maybe", at=LATER)
