"""Exports declared elsewhere and relay mode in a real browser: both languages, wide and narrow, axe clean."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from common import clock
from customs.registrations import from_json, register
from customs.relay import hand_over, receive
from tests.app.people import someone
from tests.app.web.test_elsewhere import NOW, filled
from tests.browser.looking import check_accessible, picture
from tests.customs.batches import firms
from tests.customs.messages.papers import CODES
from tests.customs.relaying import relayed, response, sent
from tests.customs.stored import AT, ZONE
from tests.customs.test_registrations import NUMBER, RETURNED, declared, files, put_waybill

SIZES = [("zh", False), ("en", False), ("zh", True), ("en", True)]


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr("customs.registrations.registering.codes_snapshot", lambda session: CODES)


@pytest.fixture
def known(db_session):
    return firms(db_session)


@pytest.fixture
def row(db_session, known):
    put_waybill(db_session, known, "24")
    told = from_json(declared(known), NUMBER, status="800", time=RETURNED, info="放行", response=None, at=NOW)
    return register(db_session, told, sender_id=known.seller.id, actor="a", at=NOW).row


@pytest.mark.parametrize(("lang", "phone"), SIZES)
def test_list_form_and_one_are_accessible(db_session, known, row, visit, lang, phone):
    seller = someone(db_session, "seller", known.seller.id)
    for name, path in (("list", "/elsewhere"), ("form", "/elsewhere/form"), ("one", f"/elsewhere/{row.id}")):
        page = visit(seller, path, lang=lang, phone=phone)
        check_accessible(page)
        picture(page, f"elsewhere-{name}-{lang}{'-phone' if phone else ''}")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_refused_form_says_where_and_keeps_what_was_written(db_session, known, visit, lang):
    seller = someone(db_session, "seller", known.seller.id)
    page = visit(seller, "/elsewhere/form", lang=lang)
    for name, value in filled(known, grossWeight="abc").items():
        field = page.locator(f'[id="{name}"]')
        if field.count() and field.evaluate("e => e.tagName") == "INPUT":
            field.fill(value)
    page.click("main form button[type=submit]")
    expect(page.locator("[data-focus]")).to_be_visible()
    expect(page.locator("#grossWeight")).to_have_value("abc")
    check_accessible(page)
    picture(page, f"elsewhere-refused-{lang}")


def test_two_files_are_handed_in(db_session, known, visit):
    seller = someone(db_session, "seller", known.seller.id)
    page = visit(seller, "/elsewhere")
    for field, raw in zip(("checklist", "response"), files(known), strict=True):
        page.set_input_files(f"#{field}", {"name": f"{field}.xml", "mimeType": "application/xml", "buffer": raw})
    page.click("aside button[type=submit], .z-box form button[type=submit]")
    expect(page.locator("h1")).to_have_text(NUMBER)


@pytest.mark.parametrize(("lang", "phone"), SIZES)
def test_the_relay_page_is_accessible(db_session, known, visit, lang, phone):
    first, second = relayed(db_session, known, 1), relayed(db_session, known, 2, tier="high")
    for one in (first, second):
        sent(db_session, one)
    later = AT + timedelta(hours=1)
    for one, status in ((first, "300"), (second, "800"), (first, "777")):
        later += timedelta(minutes=1)
        receive(db_session, {ZONE}, response(one, status, later), actor="a", at=NOW)
    hand_over(db_session, [relayed(db_session, known, 3).id], NOW - timedelta(hours=5))
    page = visit(someone(db_session, "customs_supervisor"), "/relay", lang=lang, phone=phone)
    check_accessible(page)
    picture(page, f"relay-{lang}{'-phone' if phone else ''}")
