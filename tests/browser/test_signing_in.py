"""Signing in, in a real browser, in both languages and on a phone."""

import pytest
from playwright.sync_api import expect

from tests.browser.looking import PHONE, check_accessible, picture


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_sign_in_page_is_accessible(page, lang):
    page.goto(f"/login?lang={lang}")
    check_accessible(page)
    picture(page, f"login-{lang}")
    page.set_viewport_size(PHONE)
    check_accessible(page)


def test_a_wrong_password_is_told_where_the_reader_is(page):
    page.goto("/login?lang=en")
    page.fill("#login", "nobody")
    page.fill("#password", "nothing that fits")
    page.click("main button[type=submit]")
    expect(page.get_by_role("alert")).to_be_focused()
    check_accessible(page)
