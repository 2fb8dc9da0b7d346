"""A goods return in a real browser from every side: the seller asks, customs releases, the site tallies."""

from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect
from sqlalchemy import text

from app.session import sessions
from common import clock
from common.audit import set_context
from credit.registering import NewSubject, register_subject
from credit.shipped import load_zones
from credit.zones import set_site
from customs.codes.loading import load_shipped
from customs.intake.process import process_message
from customs.tables import ChecklistLine, Message
from tests.app.people import HOME, someone
from tests.browser.looking import PHONE, WIDE, check_accessible, picture
from tests.credit.codes import uscc_of
from tests.customs.stored import stored_checklist

NOW = clock.now()
SINCE = (NOW - timedelta(days=400)).date()
ROLES = {"operator": "韶关场站有限公司", "logistics": "粤北物流有限公司", "seller": "韶关出口有限公司"}


@pytest.fixture
def firms(db_session, app):
    """A seller with three exports that have left (one of 9710), a carrier, and a site."""
    set_context(db_session, actor="test", at=NOW)
    load_zones(db_session, at=NOW)
    load_shipped(db_session, at=NOW)
    made = {}
    for n, (role, name) in enumerate(ROLES.items(), 1):
        filing = "declaring_unit"
        new = NewSubject("firm", name, uscc_of(n), f"440296R{n:03d}", roles=(role,), zone_code=HOME, filing=filing)
        made[role] = register_subject(db_session, new, on=SINCE).id
    set_site(db_session, "5190", "519001", "韶关场", made["operator"], valid_from=SINCE, by="test", at=NOW)
    for n, (mode, days) in enumerate((("9610", 30), ("9610", 200), ("9710", 10)), 1):
        _export(db_session, made, n, mode, NOW - timedelta(days=days))
    db_session.flush()
    return made


def _export(session, made, n, mode, at):
    row = stored_checklist(
        session,
        n,
        status="899",
        trade_mode=mode,
        invt_no=f"51902026E{n:09d}",
        consignor_id=made["seller"],
        declarant_id=made["seller"],
        sender_id=made["seller"],
        carrier_id=made["logistics"],
        ebc_code="440296R003",
        ebc_name=ROLES["seller"],
        agent_code="440296R003",
        agent_name=ROLES["seller"],
        logistics_code="440296R002",
        logistics_name=ROLES["logistics"],
        ebp_code="440296R003",
        ebp_name=ROLES["seller"],
        platform_id=made["seller"],
        released_at=at,
        left_at=at,
        closed_at=at,
    )
    line = session.get(ChecklistLine, (row.id, 1))
    line.qty2, line.unit2 = Decimal(1), "035"


def process_newest(session):
    """Work on the message that came last, as a worker would."""
    process_message(sessions(), session.query(Message.id).order_by(Message.id.desc()).first()[0], clock.now())


def on_every_screen(page, name):
    """Accessible at 1,366 and 360 pixels; pictures at 1,440 and 360."""
    page.set_viewport_size(WIDE)
    picture(page, name)
    page.set_viewport_size({"width": 1366, "height": 768})
    check_accessible(page)
    page.set_viewport_size(PHONE)
    check_accessible(page)
    picture(page, f"{name}-360")
    page.set_viewport_size(WIDE)


def fill_request(page):
    page.get_by_label("退回数量", exact=False).first.fill("2")
    page.get_by_label("运输工具名称").fill("CZ3100")
    page.get_by_label("航班航次").fill("CZ3100")
    page.get_by_label("运单号", exact=True).fill("BACK-0001")
    page.locator("#reason_kind").select_option("returned")
    page.locator("#proof_kind").select_option("refusal")
    page.get_by_label("原因说明").fill("买家拒收")


def test_a_return_from_the_request_to_its_end(visit, db_session, firms):
    seller = someone(db_session, "seller", firms["seller"])
    operator = someone(db_session, "operator", firms["operator"])
    officer = someone(db_session, "customs_officer", name="李审单")
    page = visit(seller, "/returns/possible")
    expect(page.get_by_role("row", name="51902026E000000003")).to_contain_text("不能按退货办理")
    on_every_screen(page, "returns-possible-zh")
    page.get_by_role("row", name="51902026E000000001").get_by_role("link", name="申请退货").click()
    fill_request(page)
    on_every_screen(page, "returns-form-zh")
    page.get_by_role("button", name="申报退货").click()
    expect(page.locator("h1")).to_have_text("已收下，正在处理")
    process_newest(db_session)
    page.get_by_role("link", name="再看一次").click()
    expect(page.locator("h1")).to_contain_text("T恤 自美国退回")
    on_every_screen(page, "returns-show-seller-zh")
    address = page.url

    page = visit(officer, "/returns")
    page.locator("tbody a").first.click()
    page.get_by_text("放行", exact=True).first.wait_for()
    page.locator("input[value=release]").check()
    on_every_screen(page, "returns-show-officer-zh")
    page.get_by_role("button", name="作出决定").click()
    expect(page.locator("#h-stands")).to_contain_text("等监管作业场所理货")

    page = visit(operator, "/returns")
    page.locator("tbody a").first.click()
    on_every_screen(page, "returns-show-operator-zh")
    page.get_by_role("button", name="报送理货明细单").click()
    process_newest(db_session)

    page = visit(seller, address.replace(page.evaluate("location.origin"), ""))
    expect(page.locator("#h-stands")).to_contain_text("退货办结")
    on_every_screen(page, "returns-completed-zh")
    page.goto("/returns/months")
    expect(page.locator("#h-sums")).to_be_visible()
    on_every_screen(page, "returns-month-zh")
    page.goto("/returns/months?lang=en")
    on_every_screen(page, "returns-month-en")
    page.goto("/returns?stage=completed&lang=zh")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.locator("tbody .z-id a, tbody a.z-id").first.click()
    page.locator(".z-ids a").click()
    box = page.locator("section", has=page.locator("#h-returns"))
    expect(box).to_contain_text("还可退 3")
    on_every_screen(page, "returns-parcel-zh")


def test_a_list_is_matched_oldest_first_and_confirmed_before_anything_is_filed(visit, db_session, firms):
    page = visit(someone(db_session, "seller", firms["seller"]), "/returns/possible", lang="en")
    on_every_screen(page, "returns-possible-en")
    page.locator("#rows").fill("1 7\nnothing-such 1")
    page.get_by_role("button", name="Match").click()
    expect(page.locator("h1")).to_have_text("Confirm the match")
    expect(page.get_by_text("none of your exports")).to_be_visible()
    quantities = page.locator("input[name^=pick-]")
    expect(quantities).to_have_count(2)
    assert [one.input_value() for one in quantities.all()] == ["5", "2"]
    on_every_screen(page, "returns-plan-en")
    assert db_session.query(Message).count() == 0
    quantities.nth(1).fill("6")
    page.get_by_label("Means of transport").fill("CZ3100")
    page.get_by_label("Voyage or flight").fill("CZ3100")
    page.get_by_label("Reason in words").fill("unsold")
    page.locator("#reason_kind").select_option("unsold")
    page.locator("#proof_kind").select_option("self_declaration")
    page.get_by_role("button", name="File the request").click()
    process_newest(db_session)
    page.get_by_role("link", name="Look again").click()
    expect(page.locator("h1")).to_have_text("1 of 2 requests taken in")
    on_every_screen(page, "returns-filed-en")
    page.get_by_role("link", name="Correct and send again").click()
    expect(page.locator("input[name^=pick-]")).to_have_value("6")
    expect(page.locator(".z-wrong")).to_have_count(1)


def test_a_draft_is_kept_filed_changed_and_deleted_on_its_page(visit, db_session, firms):
    page = visit(someone(db_session, "seller", firms["seller"]), "/returns/possible")
    page.get_by_role("row", name="51902026E000000001").get_by_role("link", name="申请退货").click()
    fill_request(page)
    page.get_by_role("button", name="暂存").click()
    process_newest(db_session)
    page.get_by_role("link", name="再看一次").click()
    expect(page.locator("#h-stands")).to_contain_text("暂存")
    _a_second_later(db_session)
    page.get_by_role("button", name="申报退货").click()
    process_newest(db_session)
    page.get_by_role("link", name="再看一次").click()
    expect(page.locator("#h-stands")).to_contain_text("等海关审核")
    page.get_by_role("link", name="变更申请").click()
    expect(page.locator("input[name^=pick-]")).to_have_value("2")
    page.locator("input[name^=pick-]").fill("3")
    _a_second_later(db_session)
    page.get_by_role("button", name="申报退货").click()
    process_newest(db_session)
    page.get_by_role("link", name="再看一次").click()
    expect(page.get_by_role("row", name="T恤")).to_contain_text("3 件")
    on_every_screen(page, "returns-changed-zh")
    _a_second_later(db_session)
    page.get_by_role("button", name="删除申请").click()
    process_newest(db_session)
    page.get_by_role("link", name="再看一次").click()
    page.goto("/returns/possible")
    row = page.get_by_role("row", name="51902026E000000001")
    expect(row.locator("strong")).to_have_text("5")


def _a_second_later(session):
    """A change must be younger than what it changes: filing times are told in seconds."""
    session.execute(text("UPDATE goods_return SET app_time = app_time - interval '2 seconds'"))


def test_a_request_for_too_much_comes_back_with_the_reason_at_its_field(visit, db_session, firms):
    page = visit(someone(db_session, "seller", firms["seller"]), "/returns/possible")
    page.get_by_role("row", name="51902026E000000001").get_by_role("link", name="申请退货").click()
    fill_request(page)
    page.get_by_label("退回数量", exact=False).first.fill("6")
    page.get_by_role("button", name="申报退货").click()
    process_newest(db_session)
    page.get_by_role("link", name="再看一次").click()
    expect(page.locator("input[name^=pick-]")).to_have_value("6")
    expect(page.locator(".z-wrong").first).to_contain_text("只剩5可退")
    on_every_screen(page, "returns-form-refused-zh")


@pytest.mark.parametrize("lang", ["en"])
def test_the_pages_hold_in_english(visit, db_session, firms, lang):
    seller = someone(db_session, "seller", firms["seller"])
    page = visit(seller, "/returns/possible", lang=lang)
    page.get_by_role("row", name="51902026E000000002").get_by_role("link", name="Ask for a return").click()
    on_every_screen(page, "returns-form-en")
    page.goto("/returns")
    on_every_screen(page, "returns-index-en")
