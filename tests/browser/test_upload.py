"""Uploading, and reading one's messages, in a real browser: both languages, wide and on a phone, faultless for axe."""

import pytest
from playwright.sync_api import expect

from app.session import sessions
from common import clock
from customs.codes.loading import load_shipped
from customs.intake.inbox import unprocessed
from customs.intake.process import process_message
from tests.app.files.books import book, order
from tests.app.people import someone
from tests.browser.looking import PHONE, check_accessible, picture
from tests.customs.batches import firms


@pytest.fixture
def seller(db_session):
    """Somebody of a seller's firm, with codes and firms in the database."""
    known = firms(db_session)
    load_shipped(db_session, at=clock.now())
    return someone(db_session, "seller", known.seller.id), known


@pytest.fixture
def at_once(app, monkeypatch):
    """A worker that answers before the page does."""
    for place in ("app.web.upload", "app.web.declare", "app.api.messages"):
        monkeypatch.setattr(f"{place}.ring", lambda id: process_message(sessions(), id, clock.now()))


def work():
    """Let a worker do all that waits."""
    with sessions()() as session:
        waiting = unprocessed(session, clock.now())
    for message_id in waiting:
        process_message(sessions(), message_id, clock.now())


def workbook(known, count=4):
    """Orders of the seller, two of them with faults."""
    code, name = known.seller.customs_code, known.seller.name
    parties = {"ebpCode": "无", "ebpName": "Marketplace", "ebcCode": code, "ebcName": name}
    faults = {1: {"currency": 142}, 2: {"goodsValue": "32", "OrderList/unit": "11"}}
    return book("CEB303", [order(f"FY-1123-{n:05d}", **parties, **faults.get(n, {})) for n in range(count)])


def hand_in(page, raw, name="双十一补报.xlsx"):
    """Choose a file and send it."""
    page.set_input_files("#file", {"name": name, "mimeType": "application/octet-stream", "buffer": raw})
    page.click("main form[enctype] button[type=submit]")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_file_is_uploaded_and_its_answer_read(seller, visit, at_once, lang):
    who, known = seller
    page = visit(who, "/upload", lang=lang)
    check_accessible(page)
    hand_in(page, workbook(known))
    expect(page.locator("h1")).to_contain_text("2")
    check_accessible(page)
    picture(page, f"upload-answer-{lang}")
    page.set_viewport_size(PHONE)
    check_accessible(page)
    picture(page, f"upload-answer-{lang}-360")
    page.goto("/upload")
    check_accessible(page)
    picture(page, f"upload-{lang}-360")


def test_the_marked_file_comes_down(seller, visit, at_once):
    who, known = seller
    page = visit(who, "/upload")
    hand_in(page, workbook(known))
    with page.expect_download() as coming:
        page.click(".z-acts a")
    assert coming.value.suggested_filename == "双十一补报-标错.xlsx"


def test_the_page_turns_into_the_answer_by_itself(seller, visit):
    who, known = seller
    page = visit(who, "/upload")
    hand_in(page, workbook(known))
    expect(page.locator("[data-waiting]")).to_be_visible()
    check_accessible(page)
    picture(page, "upload-progress-zh")
    page.context.set_offline(True)
    work()
    page.context.set_offline(False)
    expect(page.locator("h1")).to_contain_text("要改")


def test_a_refused_file_takes_the_reader_to_the_reason(seller, visit):
    who, _ = seller
    page = visit(who, "/upload", lang="en")
    hand_in(page, b"a,b\n1,2\n", "list.csv")
    expect(page.get_by_role("alert")).to_be_focused()
    check_accessible(page)
    picture(page, "upload-refused-en")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_message_and_the_list_of_messages(seller, visit, at_once, lang):
    who, known = seller
    page = visit(who, "/upload", lang=lang)
    hand_in(page, workbook(known))
    page.goto("/messages")
    check_accessible(page)
    picture(page, f"messages-{lang}")
    page.click("main tbody a")
    check_accessible(page)
    picture(page, f"message-{lang}")
    page.set_viewport_size(PHONE)
    check_accessible(page)
    picture(page, f"message-{lang}-360")
    page.goto("/messages")
    check_accessible(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_standard_is_read_without_signing_in(page, lang):
    page.goto(f"/standard?lang={lang}")
    check_accessible(page)
    picture(page, f"standard-{lang}")
    page.goto("/standard/CEB603")
    check_accessible(page)
    picture(page, f"standard-603-{lang}")
    page.set_viewport_size(PHONE)
    check_accessible(page)
    page.goto("/standard")
    check_accessible(page)
