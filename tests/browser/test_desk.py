"""The officer's day in a real browser: claim, look, decide; several at once; keys; both languages, wide and narrow."""

from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from common import clock
from common.audit import set_context
from credit.shipped import load_zones
from customs.codes.loading import load_shipped
from customs.tables import Checklist
from tests.app.people import someone
from tests.browser.looking import PHONE, check_accessible, picture
from tests.customs.stored import order_and_waybill, stored_checklist

TRACE = [
    {"rule": "CU3022", "met": True, "inputs": {"value_cny": "4740.00", "limit": "5000"}, "settings": None},
    {"rule": "CU3001", "met": False, "inputs": {}, "settings": None},
    {"rule": "CU3033", "met": None, "inputs": {"lot": "0.512000"}, "settings": None},
]


@pytest.fixture
def filled(db_session):
    """A queue of six: review and inspection, early and late, one held; the first with its papers."""
    at = clock.now()
    set_context(db_session, actor="test", at=at)
    load_zones(db_session, at=at)
    load_shipped(db_session, at=at)
    rows = []
    for n in range(1, 7):
        changes = {
            "received_at": at - timedelta(hours=n),
            "app_time": at - timedelta(hours=n),
            "stored_at": at - timedelta(minutes=50 * n),
            "ebc_name": f"韶关丹霞优品第{n}有限公司",
            "total_price": Decimal(150 * n),
            "value_cny": Decimal(150 * n),
            "tier_trace": TRACE,
        }
        if n == 2:
            changes |= {"status": "500", "tier": "high", "reason_class": "random_check"}
        if n == 3:
            changes |= {"held_at": at, "arrived_at": at - timedelta(hours=1)}
        rows.append(stored_checklist(db_session, n, **changes))
    order_and_waybill(db_session, rows[0], at)
    return rows


@pytest.fixture
def li(db_session, filled):
    return someone(db_session, "customs_officer", name="李审单")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_queue_and_case_hold_on_every_screen(visit, db_session, filled, li, lang):
    page = visit(li, "/desk", lang=lang)
    check_accessible(page)
    picture(page, f"desk-queue-{lang}")
    page.set_viewport_size({"width": 1366, "height": 768})
    check_accessible(page)
    page.set_viewport_size(PHONE)
    check_accessible(page)
    picture(page, f"desk-queue-{lang}-360")
    page.goto(f"/desk/cases/{filled[0].id}?lang={lang}")
    check_accessible(page)
    picture(page, f"desk-case-{lang}-360")
    page.set_viewport_size({"width": 1440, "height": 900})
    check_accessible(page)
    picture(page, f"desk-case-{lang}")


def test_an_officer_claims_the_next_and_rejects_it(visit, db_session, filled, li):
    page = visit(li, "/desk")
    page.get_by_role("button", name="领下一票").click()
    expect(page.locator("h1")).to_have_text(filled[0].pre_no)
    expect(page.get_by_text("您已认领")).to_be_visible()
    page.get_by_role("radio", name="退单").check()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("alert")).to_be_focused()
    check_accessible(page)
    page.get_by_label("理由", exact=True).select_option("weight_doubt")
    page.locator("#text").fill("运单毛重 0.9 千克，清单 0.6 千克。")
    page.get_by_role("radio", name="退单").check()
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_role("status")).to_contain_text("退单")
    assert db_session.scalar(select(Checklist.status).where(Checklist.id == filled[0].id)) == "100"


def test_several_are_released_after_a_preview(visit, db_session, filled, li):
    page = visit(li, "/desk")
    boxes = page.locator("[name=id]")
    for n in range(3):
        boxes.nth(n).check()
    expect(page.get_by_role("region", name="批量操作")).to_contain_text("已选 3 票")
    picture(page, "desk-bulk-ticked")
    page.get_by_role("button", name="预览放行").click()
    expect(page.locator("h1")).to_have_text("放行 2 票，另外 1 票不符合")
    check_accessible(page)
    picture(page, "desk-bulk-preview")
    page.get_by_role("button", name="放行 2 票").click()
    expect(page.locator("h1")).to_have_text("2 票已决定，0 票没有")
    check_accessible(page)
    states = db_session.scalars(select(Checklist.status).order_by(Checklist.id)).all()
    assert states[:3] == ["800", "500", "800"]


def test_keys_move_tick_and_open_and_can_be_turned_off(visit, filled, li):
    page = visit(li, "/desk")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    expect(page.locator("[data-open]").nth(1)).to_be_focused()
    expect(page.locator("[name=id]").nth(0)).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(filled[1].pre_no)
    page.go_back()
    page.get_by_role("button", name="使用快捷键").click()
    page.locator("h1").click()
    page.keyboard.press("n")
    expect(page.locator("h1")).to_have_text("审单队列")
