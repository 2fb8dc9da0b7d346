"""Arrivals, departures and the keepers' pages in a real browser: both languages, wide and narrow, and one walk."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app.session import sessions
from common import clock
from common.audit import set_context
from credit.registering import NewSubject, register_subject
from credit.shipped import load_zones
from credit.zones import set_site
from customs.codes.loading import load_shipped
from customs.intake.process import process_message
from customs.tables import Message, Parcel
from tests.app.people import HOME, someone
from tests.browser.looking import PHONE, WIDE, check_accessible, picture
from tests.credit.codes import uscc_of
from tests.customs.stored import stored_checklist

SINCE = (clock.now() - timedelta(days=400)).date()


@pytest.fixture
def firms(db_session, app):
    """A site operator with a site, a carrier, and three parcels at the site: released, to be inspected, undeclared."""
    at = clock.now()
    set_context(db_session, actor="test", at=at)
    load_zones(db_session, at=at)
    load_shipped(db_session, at=at)
    made = {}
    for n, (role, name) in enumerate({"operator": "韶关场站有限公司", "logistics": "粤北物流有限公司"}.items(), 1):
        new = NewSubject("firm", name, uscc_of(n), f"440296T{n:03d}", roles=(role,), zone_code=HOME)
        made[role] = register_subject(db_session, new, on=SINCE).id
    set_site(db_session, "5190", "519001", "韶关场", made["operator"], valid_from=SINCE, by="test", at=at)
    for n, status in enumerate(("800", "500"), 1):
        row = stored_checklist(
            db_session, n, carrier_id=made["logistics"], status=status, released_at=at, bill_no="784-1", arrived_at=at
        )
        db_session.add(_parcel(made, row.logistics_no, at, row.id))
    db_session.add(_parcel(made, "way-unknown", at - timedelta(days=3), None))
    db_session.flush()
    return made


def _parcel(made, number, at, checklist_id):
    return Parcel(
        carrier_id=made["logistics"],
        logistics_no=number,
        taken_at=at,
        arrived_at=at,
        site_operator_id=made["operator"],
        checklist_id=checklist_id,
    )


def on_every_screen(page, name, path):
    """Accessible at 1,366 and 360 pixels; pictures at 1,440 and 360."""
    page.set_viewport_size(WIDE)
    page.goto(path)
    picture(page, name)
    page.set_viewport_size({"width": 1366, "height": 768})
    check_accessible(page)
    page.set_viewport_size(PHONE)
    check_accessible(page)
    picture(page, f"{name}-360")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_operators_pages_hold_on_every_screen(visit, db_session, firms, lang):
    page = visit(someone(db_session, "operator", firms["operator"]), "/site/arrivals", lang=lang)
    for name, path in {"arrivals": "/site/arrivals", "at-site": "/site/parcels", "finds": "/site/records"}.items():
        on_every_screen(page, f"site-{name}-{lang}", path)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_carriers_page_holds_on_every_screen(visit, db_session, firms, lang):
    page = visit(someone(db_session, "logistics", firms["logistics"]), "/site/departures", lang=lang)
    on_every_screen(page, f"site-departures-{lang}", "/site/departures?bill=784-1")


def test_an_operator_records_an_arrival_and_sees_what_each_parcel_may_do(visit, db_session, firms):
    page = visit(someone(db_session, "operator", firms["operator"]), "/site/arrivals")
    page.get_by_label("运单", exact=True).fill("NEW0001 0.5\nNEW0002")
    page.get_by_label("境内运输工具编号").fill("粤F12345")
    page.get_by_role("button", name="报送运抵单").click()
    expect(page.locator("h1")).to_have_text("已收下，正在处理")
    check_accessible(page)
    process_message(sessions(), db_session.query(Message.id).order_by(Message.id.desc()).first()[0], clock.now())
    page.get_by_role("link", name="再看一次").click()
    expect(page.locator("h1")).to_have_text("运抵 2 票，0 票可以装车")
    expect(page.get_by_role("row", name="NEW0001")).to_contain_text("没有清单，不得装运")
    check_accessible(page)
    picture(page, "site-arrival-result")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_administrators_pages_hold_on_every_screen(visit, db_session, firms, lang):
    page = visit(someone(db_session, "administrator", name="高管理"), "/admin/zones", lang=lang)
    for name, path in {
        "zones": "/admin/zones",
        "zone": "/admin/zones/440200",
        "subjects": "/admin/subjects",
        "subject": f"/admin/subjects/{firms['operator']}",
        "subject-new": "/admin/subjects/new",
        "accounts": "/admin/accounts",
        "parameters": "/admin/parameters",
        "parameter": "/admin/parameters/customs.match.waiting_hours",
    }.items():
        on_every_screen(page, f"admin-{name}-{lang}", path)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_supervisors_pages_hold_on_every_screen(visit, db_session, firms, lang):
    page = visit(someone(db_session, "customs_supervisor", name="张主管"), "/desk", lang=lang)
    for name, path in {
        "risk": "/desk/risk",
        "incidents": "/desk/incidents",
        "cancellations": "/desk/cancellations",
    }.items():
        on_every_screen(page, f"desk-{name}-{lang}", path)
