"""The first page, the list, one parcel and search: what each visitor finds, and what is not theirs."""

from datetime import timedelta
from decimal import Decimal

import pytest

from app.access.roles import ENTERPRISE, Role
from app.api.checklists import READERS
from common import clock
from common.audit import set_context
from common.events import NewEvent, append_events
from credit.shipped import load_zones
from customs import desk
from customs.desk import Officer
from tests.app.people import HOME, firms, someone
from tests.customs.stored import AGENT, AT, OTHER_ZONE, SELLER, STRANGER, ZONE, stored_checklist

PAGES = {"Accept": "text/html"}
CARRIER, PLATFORM = 9, 77


@pytest.fixture
def zones(app, db_session):
    set_context(db_session, actor="test", at=AT)
    load_zones(db_session, at=AT)
    firms(db_session, 卖家=SELLER, 代理=AGENT, 别家=STRANGER, 物流=CARRIER, 平台=PLATFORM)
    return db_session


@pytest.fixture
def seller(zones):
    return someone(zones, "seller", SELLER)


@pytest.fixture
def officer(zones):
    return someone(zones, "customs_officer", name="李审单")


def read(client, who, path, lang="zh"):
    answer = client.get(f"{path}{'&' if '?' in path else '?'}lang={lang}", headers=who.bearer | PAGES)
    return answer.status_code, answer.get_data(as_text=True)


def ask(session, row, text="主刀刃长是多少？"):
    li = Officer(1, "李审单", frozenset({ZONE}))
    return desk.decide(session, li, row.id, "ask", at=clock.now(), reason="goods_description", text=text)


# --- whose parcel it is

OWNERS = [
    ("seller", SELLER, True),
    ("agent", AGENT, True),
    ("logistics", CARRIER, True),
    ("platform", PLATFORM, True),
    ("seller", STRANGER, False),
    ("agent", STRANGER, False),
    ("logistics", STRANGER, False),
    ("operator", STRANGER, False),
]


@pytest.mark.parametrize(("role", "firm", "theirs"), OWNERS)
def test_a_firm_finds_the_parcels_that_name_it_and_no_other(client, zones, role, firm, theirs):
    row = stored_checklist(zones, 1, platform_id=PLATFORM)
    who = someone(zones, role, firm)
    assert read(client, who, f"/parcels/{row.id}")[0] == (200 if theirs else 404)
    assert (row.pre_no in read(client, who, "/parcels")[1]) is theirs
    status, page = read(client, who, f"/search?q={row.order_no}")
    assert status == (302 if theirs else 200)
    assert row.pre_no not in page


@pytest.mark.parametrize("role", sorted(set(READERS) - ENTERPRISE))
@pytest.mark.parametrize(("zone", "status"), [(HOME, 200), (OTHER_ZONE, 404)])
def test_an_agency_finds_the_parcels_of_its_zones(client, zones, role, zone, status):
    row = stored_checklist(zones, 1)
    who = someone(zones, role, zones=(zone,))
    assert read(client, who, f"/parcels/{row.id}")[0] == status
    assert (row.pre_no in read(client, who, "/parcels")[1]) is (status == 200)


def test_the_tier_and_what_names_no_party_are_for_officers(client, zones, seller, officer):
    row = stored_checklist(zones, 1)
    append_events(zones, [NewEvent(AT, "checklist.held", "checklist", row.id, "officer", zone_code=ZONE)])
    assert "审单暂缓" in read(client, officer, f"/parcels/{row.id}")[1]
    assert "z-tier" in read(client, officer, f"/parcels/{row.id}")[1]
    page = read(client, seller, f"/parcels/{row.id}")[1]
    assert "审单暂缓" not in page
    assert "z-tier" not in page
    assert "单证审核" in page, "the reason class is what a seller may see"
    assert "z-tier" not in read(client, seller, "/parcels")[1]


def test_the_carrier_sees_what_concerns_transport(client, zones, seller):
    compared = {"checklist": "31", "other": "31", "result": "equal"}
    match = [
        {"paper": "order", "field": "Line total", "name": {"zh": "单行总价", "en": "Line total"}, **compared},
        {"paper": "waybill", "field": "Packages", "name": {"zh": "包裹件数", "en": "Packages"}, **compared},
    ]
    said = {"severity": "warning", "rule": "CU2311"}
    findings = [
        said | {"pointer": "/Inventory/0/InventoryList/0/totalPrice", "message": {"zh": "单价要看", "en": "Price"}},
        said | {"pointer": "/Inventory/0/InventoryHead/grossWeight", "message": {"zh": "毛重要看", "en": "Weight"}},
    ]
    row = stored_checklist(zones, 1, match=match, findings=findings)
    carrier = read(client, someone(zones, "logistics", CARRIER), f"/parcels/{row.id}")[1]
    whole = read(client, seller, f"/parcels/{row.id}")[1]
    for words in ("单价要看", "单行总价", "订单 303"):
        assert words in whole
        assert words not in carrier
    for words in ("毛重要看", "包裹件数", "运单 505"):
        assert words in carrier


# --- the list


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=800", "b"),
        ("flag=B", "b"),
        ("trade_mode=1210", "b"),
        ("from=2026-11-25", "b"),
        ("to=2026-11-24", "a"),
        ("number=order-1", "a"),
        ("number=way-2", "b"),
        ("number=cop-2", "b"),
        ("number=B20261124000000001", "a"),
        ("number=51902026E000000002", "b"),
        ("number=nothing", ""),
        ("zone_code=441600", ""),
        ("from=never", "ab"),
        ("number=%00", "ab"),
    ],
)
def test_the_list_is_narrowed_by_each_filter(client, zones, seller, query, found):
    rows = {
        "a": stored_checklist(zones, 1),
        "b": stored_checklist(
            zones, 2, status="800", flag="B", trade_mode="1210", received_at=AT + timedelta(days=1),
            invt_no="51902026E000000002",
        ),
    }  # fmt: skip
    page = read(client, seller, f"/parcels?{query}")[1]
    assert "".join(key for key, row in rows.items() if f"/parcels/{row.id}" in page) == found
    if not found:
        assert "没有符合的包裹" in page


def test_the_list_goes_on_behind_fifty(client, zones, seller):
    for number in range(51):
        stored_checklist(zones, number + 1)
    page = read(client, seller, "/parcels?status=300")[1]
    assert "order-51" in page
    assert "order-1<" not in page
    after = page.partition("after=")[2].partition('"')[0]
    assert "order-1<" in read(client, seller, f"/parcels?status=300&after={after}")[1]


def test_an_empty_list_says_what_will_be_there(client, seller):
    assert "还没有包裹" in read(client, seller, "/parcels")[1]


# --- one parcel


@pytest.mark.parametrize(
    ("changes", "zh", "en"),
    [
        ({"status": "2", "waits_for": ["order", "waybill"], "expires_at": AT + timedelta(days=3)},
         "还缺订单、运单", "Waiting for: order, waybill"),
        ({"status": "2", "waits_for": ["rate:502"]}, "还缺502 的计征汇率", "Waiting for: the customs rate of 502"),
        ({"status": "300"}, "审单员在看", "An officer is looking"),
        ({"status": "399"}, "货到场所就放行", "released once the goods reach"),
        ({"status": "500", "arrived_at": AT}, "要开箱查验", "The goods are to be inspected"),
        ({"status": "100"}, "退单了", "Rejected"),
        ({"status": "800", "site_hold": {"declared": "0.6", "weighed": "0.9"}}, "称重与申报相差太多", "too far from"),
        ({"status": "899"}, "已离境并结关", "Left the country"),
        ({"status": "-621001"}, "处理时出错", "Processing failed"),
    ],
)  # fmt: skip
def test_a_parcel_says_where_it_stands(client, zones, seller, changes, zh, en):
    row = stored_checklist(zones, 1, **changes)
    assert zh in read(client, seller, f"/parcels/{row.id}")[1]
    assert en in read(client, seller, f"/parcels/{row.id}", "en")[1]


def test_findings_and_the_match_of_each_field_are_shown_with_what_differs(client, zones, seller):
    match = [
        {"field": "grossWeight", "name": {"zh": "毛重", "en": "Gross weight"}, "checklist": "0.6", "other": "0.9",
         "paper": "waybill", "result": "differs", "tolerance": "0.03"},
        {"field": "qty", "name": {"zh": "数量", "en": "Quantity"}, "checklist": "5", "other": "5", "paper": "order",
         "result": "equal", "line": 1},
    ]  # fmt: skip
    finding = {
        "rule": "CU2311", "severity": "error", "pointer": "", "message": {"zh": "毛重不一致", "en": "Gross differs"},
    }  # fmt: skip
    row = stored_checklist(zones, 1, match=match, findings=[finding])
    page = read(client, seller, f"/parcels/{row.id}", "en")[1]
    for shown in ("Gross differs", "CU2311", "Gross weight", "Quantity"):
        assert shown in page


def test_what_is_ahead_stands_above_now(client, zones, seller):
    row = stored_checklist(zones, 1, status="800", released_at=AT)
    page = read(client, seller, f"/parcels/{row.id}", "en")[1]
    now = page.index('class="now"')
    assert page.index("The goods reach the site") < now
    assert page.index("Leaves the country, closing") < now


def test_a_parcel_that_does_not_exist_is_not_found(client, seller):
    assert read(client, seller, "/parcels/20261100000000404")[0] == 404


# --- customs' question


def test_the_seller_answers_customs_question_on_the_page(client, zones, seller):
    row = stored_checklist(zones, 1)
    ask(zones, row)
    page = read(client, seller, f"/parcels/{row.id}")[1]
    assert "主刀刃长是多少？" in page
    assert 'name="text"' in page
    answer = client.post(f"/parcels/{row.id}/answer", data={"text": "178 毫米"}, headers=seller.bearer | PAGES)
    assert answer.status_code == 302
    zones.refresh(row)
    assert row.question["answered_at"]
    page = read(client, seller, f"/parcels/{row.id}")[1]
    assert "178 毫米" in page
    assert 'name="text"' not in page


def test_an_empty_answer_is_told_at_the_form(client, zones, seller):
    row = stored_checklist(zones, 1)
    ask(zones, row)
    answer = client.post(f"/parcels/{row.id}/answer", data={"text": " "}, headers=seller.bearer | PAGES)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert 'href="#text"' in page


def test_nobody_else_answers_or_reads_the_question(client, zones):
    row = stored_checklist(zones, 1)
    ask(zones, row)
    carrier = someone(zones, "logistics", CARRIER)
    assert "主刀刃长" not in read(client, carrier, f"/parcels/{row.id}")[1]
    assert "主刀刃长" not in client.get(f"/api/v1/checklists/{row.id}", headers=carrier.bearer).get_data(as_text=True)
    for role, firm, status in (("logistics", CARRIER, 403), ("seller", STRANGER, 404)):
        who = someone(zones, role, firm)
        answer = client.post(f"/parcels/{row.id}/answer", data={"text": "x"}, headers=who.bearer | PAGES)
        assert answer.status_code == status


# --- search


def test_search_shows_all_that_bear_a_number(client, zones, seller):
    rows = [stored_checklist(zones, number, order_no="same") for number in (1, 2)]
    status, page = read(client, seller, "/search?q=same")
    assert status == 200
    assert all(row.pre_no in page for row in rows)


@pytest.mark.parametrize("query", ["", "?q=", "?q=unknown", "?q=%00"])
def test_search_that_finds_nothing_says_what_can_be_found(client, seller, query):
    status, page = read(client, seller, f"/search{query}")
    assert status == 200
    assert "可以查订单号" in page


def test_search_finds_nothing_for_who_may_not_read_parcels(client, zones):
    row = stored_checklist(zones, 1)
    status, page = read(client, someone(zones, "bank_clerk"), f"/search?q={row.order_no}")
    assert (status, row.pre_no in page) == (200, False)


# --- the first page


@pytest.mark.parametrize("role", sorted(Role))
def test_everybody_has_a_first_page(client, zones, role):
    who = someone(zones, role, SELLER if role in ENTERPRISE else None)
    status, _ = read(client, who, "/")
    elsewhere = {Role.CUSTOMS_OFFICER, Role.CUSTOMS_SUPERVISOR, Role.OPERATOR}
    assert status == (302 if role in elsewhere else 200)


def test_the_first_page_puts_the_soonest_deadline_first(client, zones, seller):
    first, second = (stored_checklist(zones, number) for number in (1, 2))
    rejected = stored_checklist(zones, 3, status="100")
    waits = stored_checklist(zones, 4, status="2", waits_for=["waybill"], expires_at=clock.now() + timedelta(hours=2))
    stored_checklist(zones, 5, status="2", waits_for=["waybill"], consignor_id=STRANGER, declarant_id=STRANGER,
                     sender_id=STRANGER, total_price=Decimal(1))  # fmt: skip
    say = {"say": {"zh": "申报价格存疑", "en": "Declared value in doubt"}}
    append_events(zones, [NewEvent(AT, "checklist.moved", "checklist", rejected.id, "officer", state="100",
                                   consignor_id=SELLER, data=say)])  # fmt: skip
    ask(zones, second, "第二问")
    ask(zones, first, "第一问")
    todo = read(client, seller, "/")[1].partition('class="z-todo"')[2].partition("</ol>")[0]
    places = [todo.index(words) for words in ("第二问", "第一问", "申报价格存疑", "还缺运单")]
    assert places == sorted(places)
    assert todo.count("<li>") == 4
    assert f"/parcels/{waits.id}" in todo


def test_with_nothing_to_do_the_first_page_says_so(client, seller):
    assert "现在没有等您办的事" in read(client, seller, "/")[1]


def test_an_agency_sees_how_many_stand_in_each_state(client, zones):
    for number in (1, 2):
        stored_checklist(zones, number)
    stored_checklist(zones, 3, zone_code=OTHER_ZONE)
    page = read(client, someone(zones, "zone_manager"), "/", "en")[1]
    assert "Document review 300<b>2</b>" in page
