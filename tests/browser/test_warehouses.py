"""Overseas warehouses in a browser: registered, confirmed, goods recorded, loaded, put right; both languages."""

from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from common import clock
from common.clock import CHINA
from customs.codes.loading import load_shipped
from customs.tables import ChecklistLine
from tests.app.people import someone
from tests.browser.looking import PHONE, check_accessible, picture
from tests.customs.batches import firms
from tests.customs.stored import AT, stored_checklist
from tests.customs.test_goods_returns import Desk

PDF = {"name": "签收单.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 received"}


@pytest.fixture
def known(db_session, app):
    """Firms, codes, and the people who look."""
    found = firms(db_session)
    load_shipped(db_session, at=clock.now())
    return found


@pytest.fixture
def seller(db_session, known):
    return someone(db_session, "seller", known.seller.id)


@pytest.fixture
def manager(db_session, known):
    return someone(db_session, "zone_manager")


def ago(days):
    return clock.now() - timedelta(days=days)


def export(session, known, number, warehouse_id, *, qty, days):
    """A closed 9810 checklist that names the warehouse."""
    row = stored_checklist(
        session,
        number,
        status="899",
        trade_mode="9810",
        flag="B",
        consignor_id=known.seller.id,
        ebc_name=known.seller.name,
        invt_no=f"51902026E{number:09d}",
        left_at=ago(days),
        closed_at=ago(days),
        warehouse_id=warehouse_id,
    )
    session.flush()
    line = session.get(ChecklistLine, (row.id, 1))
    line.qty, line.item_no, line.gname = Decimal(qty), f"TS-{number:02d}", "棉制针织T恤衫"
    session.flush()
    return row


def fill_registration(page):
    for name, text in {
        "name_zh": "里昂一号海外仓",
        "name_en": "Lyon Hub No. 1",
        "address": "12 Rue du Port, 69002 Lyon",
        "operator": "Lyon Fulfilment SAS",
    }.items():
        page.fill(f"#{name}", text)
    page.select_option("#country", "305")
    page.select_option("#holding", "leased")
    page.fill("#lease_until", (clock.today() + timedelta(days=400)).isoformat())
    page.fill("#valid_from", "2025-01-01")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_warehouse_is_registered_confirmed_stocked_and_told(db_session, known, seller, manager, visit, lang):
    page = visit(seller, "/warehouses", lang=lang)
    check_accessible(page)
    picture(page, f"warehouses-empty-{lang}")
    page.click("main form:not(.z-find) button[type=submit]")
    expect(page.get_by_role("alert")).to_be_focused()
    check_accessible(page)
    picture(page, f"warehouses-wrong-{lang}")
    fill_registration(page)
    page.click("main form:not(.z-find) button[type=submit]")
    expect(page.locator("h1")).to_have_text("里昂一号海外仓" if lang == "zh" else "Lyon Hub No. 1")
    house = int(page.url.rpartition("/")[2].partition("?")[0])

    page = visit(manager, f"/warehouses/{house}", lang=lang)
    check_accessible(page)
    picture(page, f"warehouse-decide-{lang}")
    page.click("button[value=confirm]")
    expect(page.locator("button[value=confirm]")).to_have_count(0)

    first = export(db_session, known, 71, house, qty=200, days=300)
    export(db_session, known, 72, house, qty=50, days=20)
    page = visit(seller, f"/warehouses/{house}/record?line={first.invt_no}/1", lang=lang)
    check_accessible(page)
    picture(page, f"warehouse-record-{lang}")
    assert page.locator("#line").input_value() == f"{first.invt_no}/1"
    page.select_option("#kind", "arrived")
    page.fill("#qty", "120")
    page.fill("#day", ago(250).astimezone(CHINA).date().isoformat())
    page.set_input_files("#proof", PDF)
    page.locator("main form[enctype] button[type=submit]").first.click()
    expect(page.locator("#h-ledger")).to_be_visible()

    sales = "invt_no,gnum,kind,qty,day,reference\n" + "".join(
        f"{first.invt_no},1,sold,{n},{ago(200 - n).astimezone(CHINA).date()},FR-{n}\n" for n in (10, 20, 5)
    )
    page.goto(f"/warehouses/{house}/record?lang={lang}")
    page.set_input_files("#file", {"name": "sales.csv", "mimeType": "text/csv", "buffer": sales.encode()})
    page.set_input_files("#file_proof", PDF)
    page.locator("main form[enctype] button[type=submit]").last.click()
    expect(page.locator("#h-stock")).to_be_visible()
    check_accessible(page)
    picture(page, f"warehouse-{lang}")

    page.goto(f"/warehouses/{house}/lines/{first.id}/1?lang={lang}")
    page.fill("#qty", "999")
    page.fill("#note", "买家退货")
    page.locator("main form[enctype] button[type=submit]").click()
    expect(page.get_by_role("alert")).to_be_focused()
    page.fill("#qty", "4")
    options = page.locator("#corrects option")
    page.select_option("#corrects", options.nth(options.count() - 1).get_attribute("value"))
    page.locator("main form[enctype] button[type=submit]").click()
    expect(page.locator("table tbody tr")).to_have_count(5)
    check_accessible(page)
    picture(page, f"warehouse-line-{lang}")
    page.set_viewport_size(PHONE)
    check_accessible(page)
    picture(page, f"warehouse-line-{lang}-360")
    page.goto(f"/warehouses/{house}?lang={lang}")
    check_accessible(page)
    picture(page, f"warehouse-{lang}-360")
    page.goto(f"/warehouses?lang={lang}")
    check_accessible(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_goods_that_came_home_by_a_return_are_told_on_the_ledger(db_session, known, seller, visit, lang):
    page = visit(seller, "/warehouses", lang=lang)
    fill_registration(page)
    page.click("main form:not(.z-find) button[type=submit]")
    house = int(page.url.rpartition("/")[2].partition("?")[0])
    back = Desk(db_session, known)
    back.row.trade_mode, back.row.warehouse_id = "9810", house
    asked = back.ask("R-1", Decimal(2))
    back.tally("R-1", Decimal(2))
    assert back.decide(asked.id, "release").completed_at is not None
    address = f"/warehouses/{house}/lines/{back.row.id}/1?lang={lang}"
    page.goto(address)
    expect(page.locator(".z-note.is-warn")).to_contain_text("2")
    check_accessible(page)
    picture(page, f"warehouse-waits-{lang}")
    page.goto(f"/warehouses/{house}?lang={lang}")
    expect(page.locator(".z-note.is-warn a")).to_have_count(1)
    check_accessible(page)
    picture(page, f"warehouse-waiting-{lang}")
    page.goto(f"/warehouses/{house}/record?line={back.row.invt_no}/1&lang={lang}")
    page.select_option("#kind", "arrived")
    page.fill("#qty", "5")
    page.fill("#day", AT.astimezone(CHINA).date().isoformat())
    page.set_input_files("#proof", PDF)
    picture(page, f"warehouse-apart-{lang}")
    page.locator("main form[enctype] button[type=submit]").first.click()
    expect(page.locator("table tbody tr")).to_have_count(2)
    expect(page.locator(".z-note.is-warn")).to_have_count(0)
    expect(page.locator("table tbody tr").first.get_by_role("link")).to_have_attribute("href", f"/returns/{asked.id}")
    check_accessible(page)
    picture(page, f"warehouse-home-{lang}")
    page.set_viewport_size(PHONE)
    check_accessible(page)
    picture(page, f"warehouse-home-{lang}-360")


def test_other_firms_and_zones_see_nothing_of_it(db_session, known, seller, visit):
    page = visit(seller, "/warehouses")
    fill_registration(page)
    page.click("main form:not(.z-find) button[type=submit]")
    expect(page.locator("h1")).to_have_text("里昂一号海外仓")
    address = page.url.partition("?")[0]
    stranger = someone(db_session, "agent", known.declarant.id)
    elsewhere = someone(db_session, "customs_officer", zones=("441600",))
    for who in (stranger, elsewhere):
        page = visit(who, "/warehouses")
        expect(page.locator("table")).to_have_count(0)
        assert page.goto(address).status == 404


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_supervision_modes_are_told_to_everybody(known, page, lang):
    page.goto(f"/rules/modes?lang={lang}")
    check_accessible(page)
    picture(page, f"modes-{lang}")
    page.set_viewport_size(PHONE)
    check_accessible(page)
