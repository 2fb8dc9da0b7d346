"""The pages for reading in a real browser: first page, list, parcel, search; both languages, wide and narrow."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from common import clock
from common.audit import set_context
from common.events import NewEvent, append_events
from credit.shipped import load_zones
from customs import desk
from customs.codes.loading import load_shipped
from customs.desk import Officer
from tests.app.people import firms, someone
from tests.browser.looking import PHONE, WIDE, check_accessible, picture
from tests.customs.stored import SELLER, ZONE, order_and_waybill, stored_checklist

FINDING = {
    "rule": "CU2311",
    "severity": "warning",
    "pointer": "/head/grossWeight",
    "message": {"zh": "毛重比运单少0.3千克。看看运单是否含外箱。", "en": "Gross weight is 0.3 kg below the waybill."},
}
MATCH = [
    {"field": "grossWeight", "name": {"zh": "毛重", "en": "Gross weight"}, "checklist": "0.6", "other": "0.9",
     "paper": "waybill", "result": "differs", "tolerance": "0.03"},
    {"field": "qty", "name": {"zh": "数量", "en": "Quantity"}, "checklist": "5", "other": "5", "paper": "order",
     "result": "equal", "line": 1},
]  # fmt: skip


@pytest.fixture
def filled(db_session):
    """One parcel in each state that needs somebody, the first with its papers and a question; one cancelled."""
    at = clock.now()
    set_context(db_session, actor="test", at=at)
    load_zones(db_session, at=at)
    load_shipped(db_session, at=at)
    changes = [
        {"match": MATCH, "findings": [FINDING]},
        {"status": "100"},
        {"status": "2", "waits_for": ["order", "waybill"], "expires_at": at + timedelta(hours=3)},
        {"status": "800", "released_at": at - timedelta(hours=2), "invt_no": "51902026E000000004"},
        {"status": "899", "closed_at": at, "left_at": at, "arrived_at": at, "released_at": at},
        {"status": "100", "withdrawn_at": at},
    ]
    rows = [
        stored_checklist(
            db_session, n, **(one | {"received_at": at - timedelta(hours=n), "app_time": at - timedelta(hours=n)})
        )
        for n, one in enumerate(changes, 1)
    ]
    order_and_waybill(db_session, rows[0], at)
    _history(db_session, rows[0], at)
    li = Officer(1, "李审单", frozenset({ZONE}))
    words = "主刀刃长是多少毫米，出厂是否开刃？"
    desk.decide(db_session, li, rows[0].id, "ask", at=at, reason="goods_description", text=words)
    return rows


def _history(session, row, at):
    say = {"say": {"zh": "单证齐全、比对一致，清单已入库", "en": "Papers complete and matching"}}
    steps = [("checklist.accepted", "party", "2", {}), ("checklist.moved", "rule", "120", say),
             ("checklist.moved", "rule", "300", {})]  # fmt: skip
    append_events(
        session,
        [
            NewEvent(at - timedelta(minutes=30 - n), kind, "checklist", row.id, source, state=state, zone_code=ZONE,
                     consignor_id=SELLER, data=data)
            for n, (kind, source, state, data) in enumerate(steps)
        ],
    )  # fmt: skip


@pytest.fixture
def seller(db_session, filled):
    firms(db_session, 韶关市丹霞优品有限公司=SELLER)
    return someone(db_session, "seller", SELLER, name="陈晓琳")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_for_reading_hold_on_every_screen(visit, filled, seller, lang):
    addresses = {
        "home": "/",
        "list": "/parcels",
        "list-none": "/parcels?status=500",
        "parcel": f"/parcels/{filled[0].id}",
        "parcel-void": f"/parcels/{filled[5].id}",
        "search-none": "/search?q=unknown",
    }
    page = visit(seller, "/", lang=lang)
    for size, suffix in ((WIDE, ""), (PHONE, "-360")):
        page.set_viewport_size(size)
        for name, address in addresses.items():
            page.goto(f"{address}{'&' if '?' in address else '?'}lang={lang}")
            check_accessible(page)
            picture(page, f"parcels-{name}-{lang}{suffix}")


def test_the_main_pages_hold_in_the_dark(visit, db_session, filled, seller):
    page = visit(seller, "/?theme=dark")
    for address in ("/", "/parcels", f"/parcels/{filled[0].id}", "/declare", "/upload", "/rules"):
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        check_accessible(page)
    officer = visit(someone(db_session, "customs_supervisor"), "/desk?theme=dark")
    for address in ("/desk", f"/desk/cases/{filled[0].id}", "/desk/risk"):
        officer.goto(address)
        expect(officer.locator("html")).to_have_attribute("data-bs-theme", "dark")
        check_accessible(officer)


@pytest.mark.parametrize("role", ["zone_manager", "administrator", "auditor", "bank_clerk", "market_officer"])
def test_the_first_page_of_an_agency_holds_on_every_screen(visit, db_session, filled, role):
    page = visit(someone(db_session, role), "/")
    for size, suffix in ((WIDE, ""), (PHONE, "-360")):
        page.set_viewport_size(size)
        for lang in ("zh", "en"):
            page.goto(f"/?lang={lang}")
            check_accessible(page)
            picture(page, f"home-{role}-{lang}{suffix}")


def test_an_officer_finds_a_parcel_by_its_number_and_goes_to_the_desk(visit, db_session, filled):
    page = visit(someone(db_session, "customs_officer"), "/desk")
    page.locator("#q").fill(filled[0].logistics_no)
    page.locator("#q").press("Enter")
    expect(page).to_have_url(f"{page.url.partition('/parcels')[0]}/parcels/{filled[0].id}")
    check_accessible(page)
    picture(page, "parcels-parcel-officer")
    page.get_by_role("link", name="到审单").click()
    expect(page.locator("h1")).to_have_text(filled[0].pre_no)


def test_a_seller_answers_customs_from_the_first_page(visit, filled, seller):
    page = visit(seller, "/")
    page.get_by_role("link", name="回答").first.click()
    page.get_by_role("button", name="发送回答").click()
    expect(page.get_by_role("alert")).to_be_focused()
    check_accessible(page)
    page.locator("#text").fill("主刀刃长 178 毫米，出厂已开刃。")
    page.get_by_role("button", name="发送回答").click()
    expect(page.get_by_role("status")).to_contain_text("已送到海关")
    expect(page.get_by_text("主刀刃长 178 毫米，出厂已开刃。")).to_be_visible()
    check_accessible(page)


def test_the_list_is_narrowed_by_a_state(visit, filled, seller):
    page = visit(seller, "/parcels")
    page.locator("select[name=status]").select_option("800")
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody tr")).to_contain_text("51902026E000000004")
