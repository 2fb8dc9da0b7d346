"""Amending and cancelling in a browser: a shut-out from both sides, an amendment with its before and after."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from app.session import sessions
from common import clock
from credit.mandates import NewMandate, grant
from customs.amendments import corrections, mandates
from customs.codes.loading import load_shipped
from customs.desk import Officer
from customs.intake.process import process_message
from customs.tables import Checklist, Parcel, ShutOut
from tests.app.people import someone
from tests.browser.looking import PHONE, WIDE, check_accessible, picture
from tests.customs.batches import firms, parcel
from tests.customs.test_amendments import changed
from tests.customs.test_goods_returns import Desk

PDF = {"name": "退关证明.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 proof"}


@pytest.fixture
def known(db_session, app, monkeypatch):
    """Registered firms; messages are worked on as soon as they are rung for."""
    monkeypatch.setattr("app.api.messages.ring", lambda id: process_message(sessions(), id, clock.now()))
    made = firms(db_session)
    load_shipped(db_session, at=clock.now())
    return made


def own(session, known, **changes):
    """A released parcel at the site that the seller declared itself."""
    at = clock.now()
    seller = known.seller
    row = parcel(
        session, known, 1, arrived=at, declarant_id=seller.id, sender_id=seller.id, agent_code=seller.customs_code,
        agent_name=seller.name, ebc_code=seller.customs_code, ebc_name=seller.name, released_at=at, **changes,
    )  # fmt: skip
    session.commit()
    return row


def on_every_screen(page, name):
    """Look at the page wide and narrow."""
    for size, word in ((WIDE, "wide"), (PHONE, "phone")):
        page.set_viewport_size(size)
        check_accessible(page)
        picture(page, f"{name}-{word}")
    page.set_viewport_size(WIDE)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_shut_out_is_walked_from_both_sides(visit, db_session, known, lang):
    row = own(db_session, known)
    seller = someone(db_session, "seller", known.seller.id)
    operator = someone(db_session, "operator", known.operator.id, name="刘场站")
    officer = someone(db_session, "customs_officer", name="李审单")

    page = visit(seller, f"/parcels/{row.id}/change", lang=lang)
    on_every_screen(page, f"change-{lang}")
    page.select_option("#c-ground", "shut_out_whole")
    page.fill("#c-reason", "航班取消，不再出口")
    page.set_input_files("#c-file", PDF)
    page.click("aside button.btn-grave")
    page.wait_for_url("**/requests/cancellation/*")
    expect(page.get_by_role("link", name="退关证明.pdf")).to_be_visible()
    on_every_screen(page, f"request-{lang}")
    address = page.url

    page = visit(operator, "/site/shut-outs", lang=lang)
    expect(page.locator("main")).to_contain_text(row.logistics_no)
    assert page.locator("main form").count() == 0  # nothing can be let out before the approval
    on_every_screen(page, f"shut-outs-before-{lang}")

    page = visit(officer, "/requests", lang=lang)
    on_every_screen(page, f"requests-{lang}")
    page.click(f"a[href='{address[address.index('/requests') :]}']")
    page.click("button[value=approve]")
    expect(page.locator("main")).to_be_visible()
    db_session.expire_all()
    assert db_session.get(Checklist, row.id).status == "100"

    page = visit(operator, "/site/shut-outs", lang=lang)
    page.fill("main input[name=note]", "1 件，交货主")
    on_every_screen(page, f"shut-outs-{lang}")
    page.click("main form button")
    expect(page.locator("main")).to_contain_text("刘场站")
    db_session.expire_all()
    assert db_session.query(ShutOut).one().state == "let_out"
    assert db_session.get(Parcel, (known.carrier.id, row.logistics_no)).site_operator_id is None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_correction_is_asked_on_a_page_and_shown_to_the_party(visit, db_session, known, lang):
    row = own(db_session, known)
    officer = someone(db_session, "customs_officer", name="李审单")
    page = visit(officer, f"/requests/corrections/of/{row.id}", lang=lang)
    on_every_screen(page, f"correction-{lang}")
    page.check("input[name=fields][value=gcode]")
    page.fill("#text", "归类请核对")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/desk/cases/*")
    seller = someone(db_session, "seller", known.seller.id)
    page = visit(seller, f"/parcels/{row.id}/change", lang=lang)
    expect(page.locator("main")).to_contain_text("归类请核对")
    page = visit(seller, f"/parcels/{row.id}", lang=lang)
    expect(page.locator("main .z-note")).to_contain_text("归类请核对")
    on_every_screen(page, f"parcel-asked-{lang}")
    page = visit(seller, "/requests", lang=lang)
    expect(page.locator("main")).to_contain_text("归类请核对")
    page = visit(seller, "/", lang=lang)
    expect(page.locator(".z-todo")).to_contain_text("归类请核对")


def test_what_cannot_be_changed_says_why_before_anybody_starts(visit, db_session, known):
    row = own(db_session, known, status="500")
    seller = someone(db_session, "seller", known.seller.id)
    page = visit(seller, f"/parcels/{row.id}/change", lang="en")
    expect(page.locator("main")).to_contain_text("nothing may be changed until that ends")
    assert page.locator("main form").count() == 0
    check_accessible(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_has_to_remain_of_goods_that_come_back_is_told_before_anybody_starts(visit, db_session, known, lang):
    desk = Desk(db_session, known)
    assert desk.ask("R-1", Decimal(2)).ok
    db_session.commit()
    page = visit(someone(db_session, "agent", known.declarant.id), f"/parcels/{desk.row.id}/change", lang=lang)
    expect(page.locator("main")).to_contain_text("CU6237")
    on_every_screen(page, f"change-returned-{lang}")


def test_open_corrections_are_found_by_their_checklist(db_session, known):
    row = own(db_session, known)
    asking = Officer(1, "李审单", frozenset({"440200"}))
    corrections.ask(db_session, asking, row.id, ["gcode"], "归类请核对", at=clock.now())
    assert [one.words for one in corrections.open_of(db_session, row.id)] == ["归类请核对"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_mandate_that_ends_is_told_to_both_firms_on_their_first_page(visit, db_session, known, lang):
    at = clock.now()
    until = at.date() + timedelta(days=5)
    new = NewMandate(known.seller.id, known.declarant.id, ("*",), at.date() - timedelta(days=30), until)
    grant(db_session, new, by="t", at=at)
    mandates.run(db_session, at)
    for role, firm in (("seller", known.seller.id), ("agent", known.declarant.id)):
        page = visit(someone(db_session, role, firm), "/", lang=lang)
        expect(page.locator("main .z-note")).to_contain_text(known.declarant.name)
        on_every_screen(page, f"mandate-{role}-{lang}")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_table_of_states_stands_on_the_rules_page(visit, db_session, known, lang):
    page = visit(someone(db_session, "seller", known.seller.id), "/rules/changes", lang=lang)
    expect(page.locator("main table tbody tr")).to_have_count(16)
    on_every_screen(page, f"rules-changes-{lang}")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_amendment_shows_each_field_before_and_after(visit, db_session, known, lang):
    row = own(db_session, known)
    lines = {"qty": Decimal(3), "qty1": Decimal(3), "total_price": Decimal(90)}
    asked = changed(db_session, known, row, line_values=lines, extras={"ground": "shut_out_part"}, at=clock.now())
    assert asked.ok, asked.findings
    page = visit(someone(db_session, "customs_officer", name="李审单"), f"/requests/amendment/{asked.id}", lang=lang)
    expect(page.locator("main table").first).to_contain_text("150")
    on_every_screen(page, f"amendment-{lang}")
    page.click("button[value=approve]")
    expect(page.get_by_role("alert")).to_be_visible()  # there is no proof yet
    check_accessible(page)
