"""The monthly proof and the board in a real browser: both languages, wide and narrow, axe clean."""

from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from common import clock
from common.audit import set_context
from credit.shipped import load_zones
from customs.proof.checking import check_months
from tests.app.people import firms, someone
from tests.browser.looking import check_accessible, picture
from tests.customs.stored import AGENT, AT, SELLER, STRANGER, stored_checklist
from tests.customs.test_proof import close, summarise

SIZES = [("zh", False), ("en", False), ("zh", True), ("en", True)]
NOW = AT + timedelta(days=3)
MONTH = "2026-11"


@pytest.fixture(autouse=True)
def month(db_session, monkeypatch):
    """A month with something of everything, and one thing that differs."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    set_context(db_session, actor="test", at=AT)
    load_zones(db_session, at=AT)
    firms(db_session, 韩江卖家有限公司=SELLER, 代理报关有限公司=AGENT, 别家贸易有限公司=STRANGER)
    first = close(db_session, 1, lines=3, gross_weight=Decimal("1.25"))
    close(db_session, 2, lines=2, closed_at=None)
    close(db_session, 3, flag="A")
    other = close(db_session, 4, consignor_id=STRANGER)
    stored_checklist(db_session, 5, status="800", released_at=AT)
    stored_checklist(db_session, 6, status="800", released_at=AT, arrived_at=NOW - timedelta(hours=3))
    summarise(db_session, 1, first, at=NOW)
    db_session.execute(text("UPDATE closed_line SET amount = 149 WHERE checklist_id = :id"), {"id": other.id})
    check_months(db_session, NOW)
    db_session.flush()


@pytest.mark.parametrize(("lang", "phone"), SIZES)
def test_pages_of_both_sides_are_accessible(db_session, visit, lang, phone):
    suffix = f"{lang}{'-phone' if phone else ''}"
    seller, manager = someone(db_session, "seller", SELLER), someone(db_session, "zone_manager")
    for who, name, path in (
        (seller, "own", f"/proofs/{MONTH}"),
        (seller, "board", "/board"),
        (manager, "results", "/proofs"),
        (manager, "zone", f"/proofs/{MONTH}"),
        (manager, "consignor", f"/proofs/{MONTH}?consignor={STRANGER}"),
        (manager, "board-zone", "/board"),
    ):
        page = visit(who, path, lang=lang, phone=phone)
        check_accessible(page)
        picture(page, f"proofs-{name}-{suffix}")


def test_the_manager_proves_again_after_the_correction_and_the_difference_is_gone(db_session, visit):
    page = visit(someone(db_session, "zone_manager"), f"/proofs/{MONTH}")
    expect(page.get_by_text("CU6103")).to_be_visible()
    db_session.execute(text("UPDATE closed_line SET amount = 150 WHERE amount = 149"))
    db_session.flush()
    page.get_by_role("button", name="现在再核对一次").click()
    expect(page.get_by_text("不符 0 处")).to_be_visible()
    expect(page.get_by_text("CU6103")).to_have_count(0)


def test_a_seller_downloads_the_lines_and_the_print(db_session, visit):
    page = visit(someone(db_session, "seller", SELLER), "/proofs")
    expect(page.get_by_text("全部相符")).to_be_visible()
    for name, suffix in (("下载明细 CSV", ".csv"), ("打印 PDF", ".pdf")):
        with page.expect_download() as download:
            page.get_by_role("link", name=name).click()
        assert download.value.suggested_filename == f"proof-{MONTH}{suffix}"


def test_what_differs_is_among_what_a_manager_and_an_officer_have_to_do(db_session, visit):
    for role, path in (("zone_manager", "/"), ("customs_officer", "/desk")):
        page = visit(someone(db_session, role), path)
        expect(page.get_by_role("heading", name="逐月核对有 1 处不符")).to_be_visible()
        check_accessible(page)
