"""Declaring one parcel in a real browser: codes found while typing, findings at the fields, both languages, a phone."""

import pytest
from playwright.sync_api import expect

from app.session import sessions
from common import clock
from customs.codes.loading import load_shipped
from customs.intake.process import process_message
from tests.app.people import someone
from tests.browser.looking import PHONE, check_accessible, picture
from tests.customs.batches import firms


@pytest.fixture
def seller(db_session, app, monkeypatch):
    """Somebody of a seller's firm, and a worker that answers before the page does."""
    known = firms(db_session)
    load_shipped(db_session, at=clock.now())
    monkeypatch.setattr("app.web.declare.ring", lambda id: process_message(sessions(), id, clock.now()))
    return someone(db_session, "seller", known.seller.id)


TEXTS = {
    "orderNo": "FY-1123-00418",
    "ebpCode": "无",
    "ebpName": "Marketplace",
    "itemName-0": "棉T恤",
    "itemNo-0": "TS-01",
    "gmodel-0": "针织|男式|棉100%",
    "qty-0": "2",
    "price-0": "15.5",
    "qty1-0": "2",
    "qty2-0": "0.4",
    "logisticsNo": "YB2026112300418",
    "grossWeight": "0.5",
    "netWeight": "0.4",
}
CHOICES = {"unit-0": "011", "country": "502", "trafMode": "5"}


def fill(page, **changes):
    """A parcel's fields; the code is found by its first digits."""
    for name, text in (TEXTS | changes).items():
        page.fill(f"[id='{name}']", text)
    for name, code in CHOICES.items():
        page.select_option(f"[id='{name}']", code)
    page.select_option("#logisticsCode", index=1)
    page.locator("#gcode-0").press_sequentially("610910002")
    page.locator("#codes-0 button").first.click()
    expect(page.locator("#gcode-0")).not_to_have_value("610910002")


def declare(page):
    """Press the button that people see."""
    page.locator("main button[name=action][value=send]:not(.z-vh)").click()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_parcel_is_declared_and_told_what_it_waits_for(seller, visit, lang):
    page = visit(seller, "/declare", lang=lang)
    check_accessible(page)
    picture(page, f"declare-{lang}")
    fill(page)
    declare(page)
    expect(page.locator("h1")).to_contain_text("运单" if lang == "zh" else "waybill")
    check_accessible(page)
    picture(page, f"declare-done-{lang}")
    page.set_viewport_size(PHONE)
    check_accessible(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_must_change_is_reached_from_the_summary(seller, visit, lang):
    page = visit(seller, "/declare", lang=lang, phone=True)
    check_accessible(page)
    fill(page, netWeight="0.9", **{"qty-0": "two"})
    declare(page)
    expect(page.get_by_role("alert")).to_be_focused()
    assert page.title().startswith("错误：" if lang == "zh" else "Error: ")
    check_accessible(page)
    picture(page, f"declare-wrong-{lang}-360")
    page.locator('[role=alert] a[href="#netWeight"]').click()
    expect(page.locator("#netWeight")).to_be_focused()
    page.set_viewport_size({"width": 1440, "height": 900})
    check_accessible(page)
    picture(page, f"declare-wrong-{lang}")


def test_without_javascript_the_form_finds_codes_and_adds_lines(chromium, seller, visit, site):
    page = visit(seller, "/declare")
    cookies = page.context.cookies()
    context = chromium.new_context(base_url=site, java_script_enabled=False)
    context.add_cookies(cookies)
    plain = context.new_page()
    plain.goto("/declare?lang=zh")
    plain.fill("#gcode-0", "T恤")
    plain.click('button[value="search:0"]')
    plain.locator("#codes-0 button").first.click()
    expect(plain.locator("#gcode-0")).not_to_have_value("T恤")
    plain.click('button[value="add"]')
    expect(plain.locator("#gcode-1")).to_be_visible()
    context.close()
