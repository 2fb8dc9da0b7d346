"""The first page and what was cancelled: who is led where, what was released and is still here, what stays visible."""

from datetime import timedelta

import pytest

from app.access.roles import ENTERPRISE, Role
from app.api.messages import READERS as MESSAGE_READERS
from common import clock
from common.audit import set_context
from common.events import NewEvent, append_events
from credit.shipped import load_zones
from tests.app.people import firms, someone
from tests.customs.stored import AGENT, AT, SELLER, STRANGER, ZONE, stored_checklist

PAGES = {"Accept": "text/html"}


@pytest.fixture
def zones(app, db_session):
    set_context(db_session, actor="test", at=AT)
    load_zones(db_session, at=AT)
    firms(db_session, 卖家=SELLER, 代理=AGENT, 别家=STRANGER)
    return db_session


@pytest.fixture
def seller(zones):
    return someone(zones, "seller", SELLER)


def read(client, who, path, lang="zh"):
    answer = client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}", headers=who.bearer | PAGES)
    return answer.status_code, answer.get_data(as_text=True)


def todo(page):
    return page.partition('class="z-todo"')[2].partition("</ol>")[0]


def cancelled(session, number=1):
    """A checklist that was cancelled as asked: at 100, marked, its move on record."""
    row = stored_checklist(session, number, status="100", withdrawn_at=AT)
    event = NewEvent(AT, "checklist.moved", "checklist", row.id, "officer", state="100", zone_code=ZONE,
                     consignor_id=SELLER, data={"cancelled": True})  # fmt: skip
    append_events(session, [event])
    return row


# --- who is led where


def test_nobody_is_led_to_signing_in(client, zones):
    answer = client.get("/", headers=PAGES)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/login")


@pytest.mark.parametrize("role", [Role.BANK_CLERK, Role.MARKET_OFFICER, Role.PARK_OPERATOR, Role.DATA_STEWARD])
def test_who_reads_no_parcels_is_told_what_can_be_done_now(client, zones, role):
    stored_checklist(zones, 1)
    page = read(client, someone(zones, role), "/")[1]
    assert "可以办理的事" in page
    assert "规则目录" in page
    assert "/parcels/" not in page
    assert 'href="/parcels"' not in read(client, someone(zones, role), "/search?q=order-1")[1]


def test_an_administrator_is_shown_the_way_to_the_tables(client, zones):
    page = read(client, someone(zones, "administrator"), "/")[1]
    assert all(f'href="/admin/{table}' in page for table in ("zones", "codes", "rates", "calendar"))


# --- what the site holds for its weight


def test_a_parcel_held_for_its_weight_is_to_be_done_and_named_once(client, zones, seller):
    now = clock.now()
    hold = {"declared": "0.6", "weighed": "0.9"}
    held = stored_checklist(zones, 1, status="800", released_at=now, arrived_at=now, site_hold=hold)
    parties = {"consignor_id": STRANGER, "declarant_id": STRANGER}
    theirs = stored_checklist(zones, 2, status="300", arrived_at=now, site_hold=hold, **parties)
    shown = todo(read(client, seller, "/")[1])
    assert shown.count(f'href="/parcels/{held.id}"') == 2, "its number and its button, in one entry"
    assert "称得0.9千克，申报0.6千克" in shown
    assert "Held at the site for its weight" in todo(read(client, seller, "/", "en")[1])
    assert f"/parcels/{theirs.id}" not in shown


# --- what was released and is still here


def test_what_was_released_stands_on_the_first_page_until_it_leaves(client, zones, seller):
    now = clock.now()
    coming = stored_checklist(zones, 1, status="800", released_at=now, stored_at=now)
    here = stored_checklist(zones, 2, status="800", released_at=now - timedelta(hours=1), arrived_at=now)
    gone = stored_checklist(zones, 3, status="899", released_at=now, left_at=now, closed_at=now)
    theirs = stored_checklist(zones, 4, status="800", released_at=now, consignor_id=STRANGER, declarant_id=STRANGER)
    shown = todo(read(client, seller, "/")[1])
    assert shown.index("已放行、已运抵，还没有离境") < shown.index("已放行，货还没有运抵监管场所"), (
        "the longest released first"
    )
    assert f"/parcels/{coming.id}" in shown
    assert f"/parcels/{here.id}" in shown
    assert f"/parcels/{gone.id}" not in shown
    assert f"/parcels/{theirs.id}" not in shown


def test_an_agency_has_no_errands_of_firms_on_its_first_page(client, zones):
    stored_checklist(zones, 1, status="100")
    assert not todo(read(client, someone(zones, "zone_manager"), "/")[1])


# --- what was cancelled


def test_a_cancelled_checklist_stays_in_the_list_marked_and_is_no_errand(client, zones, seller):
    row = cancelled(zones)
    page = read(client, seller, "/parcels?status=100")[1]
    assert f"/parcels/{row.id}" in page
    assert "已作废" in page
    assert not todo(read(client, seller, "/")[1])
    page = read(client, seller, f"/parcels/{row.id}")[1]
    assert "清单已按申请撤销" in page
    assert "改好再报" not in page
    assert client.get("/api/v1/checklists", headers=seller.bearer).get_json()["items"][0]["withdrawn_at"]


@pytest.mark.parametrize("status", ["1", "2"])
def test_what_was_deleted_before_anybody_worked_on_it_is_in_no_list(client, zones, seller, status):
    row = stored_checklist(zones, 1, status=status, withdrawn_at=AT)
    assert f"/parcels/{row.id}" not in read(client, seller, "/parcels")[1]
    assert f"/parcels/{row.id}" not in read(client, seller, "/search?q=order-1")[1]


# --- who acts, where it came from, what can be taken along


@pytest.mark.parametrize(
    ("changes", "zh"),
    [
        ({"status": "100"}, "由申报企业改好再报"),
        ({"status": "300"}, "由海关办理"),
        ({"status": "399"}, "由物流企业把货送到监管场所"),
        ({"status": "800", "arrived_at": AT}, "由物流企业装运出境"),
        ({"status": "899"}, "不用再做什么"),
        ({"status": "2", "waits_for": ["order"], "expires_at": AT}, "缺的单证到齐后自动比对"),
    ],
)
def test_a_parcel_says_who_acts_next(client, zones, seller, changes, zh):
    row = stored_checklist(zones, 1, **changes)
    assert zh in read(client, seller, f"/parcels/{row.id}")[1]


def test_each_entry_of_what_happened_says_where_it_came_from(client, zones, seller):
    row = stored_checklist(zones, 1)
    sources = {"party": "2", "rule": "120", "officer": "399", "customs": "800"}
    append_events(
        zones,
        [
            NewEvent(AT, "checklist.moved", "checklist", row.id, source, state=state, zone_code=ZONE,
                     consignor_id=SELLER)
            for source, state in sources.items()
        ],
    )  # fmt: skip
    happened = read(client, seller, f"/parcels/{row.id}", "en")[1].partition('class="z-line"')[2]
    assert all(words in happened for words in ("filed by a firm", "platform rule", "officer", "customs&#39; response"))


@pytest.mark.parametrize("role", sorted(set(MESSAGE_READERS) - ENTERPRISE))
def test_an_agency_that_reads_messages_may_take_the_responses_along(client, zones, role):
    row = stored_checklist(zones, 1, message_id=7)
    if role in (Role.CUSTOMS_OFFICER, Role.CUSTOMS_SUPERVISOR):
        assert f"/desk/cases/{row.id}" in read(client, someone(zones, role), f"/parcels/{row.id}")[1]
    page = read(client, someone(zones, role), f"/parcels/{row.id}")[1]
    assert "/messages/7/responses.xml" in page
    assert "/messages/7/responses.json" in page


def test_responses_are_offered_to_the_firm_that_sent_the_message_only(client, zones, seller):
    row = stored_checklist(zones, 1, message_id=7)
    assert "/messages/7" in read(client, someone(zones, "agent", AGENT), f"/parcels/{row.id}")[1]
    assert "/messages/7" not in read(client, seller, f"/parcels/{row.id}")[1]
    assert "/desk/cases" not in read(client, seller, f"/parcels/{row.id}")[1]


def test_who_has_not_signed_in_reads_the_standard_and_may_sign_in(client):
    page = client.get("/standard?lang=en", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert 'href="/login?next=/standard"' in page
    assert 'href="/api/v1/openapi.json"' in page
    assert "z-side" not in page


def test_a_payment_institution_is_led_to_its_work_and_not_shown_checklists_it_has_none_of(client, zones):
    status, page = read(client, someone(zones, "payment", STRANGER), "/", "en")
    assert status == 200
    assert 'href="/upload"' in page
    assert "States of checklists" not in page
