"""A summary walked from both sides in a browser: the firm applies, the officer sees, customs answers, it is printed."""

import uuid
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from app.session import sessions
from app.summaries import look_after
from common import clock
from common.audit import set_context
from credit.registering import NewSubject, register_subject
from credit.shipped import load_zones
from customs import relay
from customs.closing import write_closed_lines
from customs.codes.loading import load_shipped
from customs.intake.process import process_message
from customs.messages.writing import NewDocument, outgoing_xml
from customs.summary.results import result_head
from customs.tables import Declaration, Message, SummaryApplication
from tests.app.people import HOME, someone
from tests.browser.looking import PHONE, WIDE, check_accessible, picture
from tests.credit.codes import uscc_of
from tests.customs.stored import stored_checklist

SINCE = (clock.now() - timedelta(days=400)).date()


@pytest.fixture
def seller(db_session, app):
    """A seller that declares itself, with two flag-B checklists closed today and one closed last month."""
    at = clock.now()
    set_context(db_session, actor="test", at=at)
    load_zones(db_session, at=at)
    load_shipped(db_session, at=at)
    new = NewSubject(
        "firm", "韶关丹霞跨境电商有限公司", uscc_of(1), "440296T001", roles=("seller",), filing="declaring_unit",
        zone_code=HOME,
    )  # fmt: skip
    firm = register_subject(db_session, new, on=SINCE).id
    before = clock.today().replace(day=1) - timedelta(days=3)
    for number, on in enumerate((clock.today(), clock.today(), before), 1):
        row = stored_checklist(
            db_session, number, flag="B", status="899", consignor_id=firm, declarant_id=firm, ebc_name=new.name,
            agent_name=new.name, invt_no=f"51902026E00000000{number}", closed_at=at, statistics_on=on,
        )  # fmt: skip
        write_closed_lines(db_session, [row.id], at)
    db_session.flush()
    return firm


def worked(session):
    """Let a worker take in what was sent."""
    for message in session.query(Message).filter_by(state="received"):
        process_message(sessions(), message.id, clock.now())


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
    page.set_viewport_size(WIDE)


def customs_says(session, **changes):
    """Customs' own result about the declaration, through the zone's connector."""
    one, application = session.query(Declaration).one(), session.query(SummaryApplication).filter_by(status="399").one()
    at = clock.now() + timedelta(minutes=1)
    head = result_head(application, one, 1, 1) | {"opDate": at.strftime("%Y%m%d%H%M%S000")} | changes
    raw = outgoing_xml("CEB792", [NewDocument(head)], str(uuid.uuid4()).upper())
    found = relay.receive(session, [HOME], raw, actor="account:1", at=at)
    assert found.counts == {"applied": 1}


def test_a_summary_is_walked_from_both_sides(visit, db_session, seller):
    firm, officer = someone(db_session, "seller", seller), someone(db_session, "customs_officer")
    page = visit(firm, "/summaries/new", lang="zh")
    page.get_by_label("51902026E000000001").check()
    page.get_by_label("51902026E000000002").check()
    page.get_by_role("button", name="提交汇总申请").click()
    page.wait_for_url("**/summaries/answers/*")
    worked(db_session)
    page.reload()
    page.wait_for_url(lambda url: "answers" not in url)
    expect(page.get_by_text("由 2 票清单归并，1 项")).to_be_visible()
    where = page.url
    page = visit(officer, "/summaries", lang="zh")
    expect(page.get_by_role("cell", name="韶关丹霞跨境电商有限公司").first).to_be_visible()
    customs_says(db_session, decState="9", entryId="519020260000000001")
    page = visit(firm, "/" + where.split("/", 3)[3], lang="zh")
    expect(page.get_by_text("519020260000000001").first).to_be_visible()
    printed = page.request.get(page.get_by_role("link", name="打印草稿").get_attribute("href"))
    assert printed.ok and printed.body().startswith(b"%PDF")
    page = visit(officer, "/" + where.split("/", 3)[3], lang="zh")
    for act, done in (("登记改单", "所含清单可以更正。"), ("撤销报关单", "所含清单可重新汇总。")):
        page.get_by_text(act, exact=True).first.click()
        form = page.locator("form").filter(has=page.get_by_role("button", name=act))
        form.get_by_label("原因").fill("海关已办理")
        form.get_by_role("button", name=act).click()
        expect(page.get_by_text(done).first).to_be_visible()
    page = visit(firm, "/summaries/new", lang="zh")
    expect(page.get_by_label("51902026E000000001")).to_be_visible()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_pages_hold_on_every_screen(visit, db_session, seller, lang):
    look_after(db_session, clock.now())
    firm, officer = someone(db_session, "seller", seller), someone(db_session, "customs_officer")
    page = visit(firm, "/summaries", lang=lang)
    on_every_screen(page, f"summaries-{lang}", "/summaries")
    on_every_screen(page, f"summaries-new-{lang}", "/summaries/new")
    [draft] = db_session.query(SummaryApplication).all()
    on_every_screen(page, f"summaries-draft-{lang}", f"/summaries/{draft.id}")
    on_every_screen(page, f"summaries-home-{lang}", "/")
    page.goto(f"/summaries/{draft.id}")
    page.locator("main .z-note button[type=submit], .z-note button[type=submit]").first.click()
    page.wait_for_url("**/summaries/answers/*")
    worked(db_session)
    page.reload()
    page.wait_for_url(lambda url: "answers" not in url)
    on_every_screen(page, f"summaries-one-{lang}", page.url)
    one = db_session.query(Declaration).one()
    on_every_screen(page, f"summaries-sources-{lang}", f"/summaries/declarations/{one.id}/sources")
    page = visit(officer, "/summaries/notices", lang=lang)
    on_every_screen(page, f"summaries-notices-{lang}", "/summaries/notices")
    on_every_screen(page, f"summaries-officer-{lang}", f"/summaries/{draft.id}")


@pytest.mark.parametrize(
    ("lang", "standing", "give", "end"),
    [("zh", "常年汇总委托", "办理委托", "撤销"), ("en", "standing summary", "Give a", "Revoke")],
)
def test_a_firm_gives_its_standing_mandate_on_a_page_and_ends_it(visit, db_session, seller, lang, standing, give, end):
    new = NewSubject("firm", "乙报关有限公司", uscc_of(2), "440296T002", roles=("agent",), zone_code=HOME)
    register_subject(db_session, new, on=SINCE)
    page = visit(someone(db_session, "seller", seller), "/mandates", lang=lang)
    page.locator("#agent").fill("440296T002")
    page.get_by_label("CEB701").check()
    page.get_by_label(standing).check()
    page.get_by_role("button", name=give).click()
    expect(page.get_by_role("cell", name=standing)).to_be_visible()
    on_every_screen(page, f"mandates-{lang}", "/mandates")
    page.get_by_role("button", name=end).click()
    expect(page.get_by_role("button", name=end)).to_have_count(0)
