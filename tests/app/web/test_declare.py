"""Declaring one parcel in the form: two messages on the common road, findings at the fields, nothing sent twice."""

import json
import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.web.declare_form import HEAD, LINE, checklist_of, field_of, order_of, total, values_of, without_line
from common import clock
from customs.intake.inbox import unprocessed
from customs.intake.process import process_message
from customs.tables import Message
from tests.road.papers import number


@pytest.fixture
def form(road):
    """The form as the demo's seller uses it."""
    return Form(road)


@pytest.fixture
def later():
    """Move the clock on; it is set back after the test."""
    before = clock.offset()
    yield lambda **by: clock.set_offset(clock.offset() + timedelta(**by))
    clock.set_offset(before)


class Form:
    """The form's pages with a token instead of a session, and a worker called by hand."""

    def __init__(self, made, key="seller"):
        self.road, self.key = made, key

    def headers(self, key=None):
        return self.road.headers(key or self.key) | {"Accept": "text/html"}

    def get(self, path, key=None):
        return self.road.client.get(path, headers=self.headers(key))

    def post(self, values, **buttons):
        return self.road.client.post("/declare?lang=zh", data=values | buttons, headers=self.headers())

    def empty(self):
        """What the empty form holds when it comes."""
        return held(self.get("/declare?lang=zh").get_data(as_text=True))

    def filled(self, **changes):
        """A faultless parcel."""
        return (
            self.empty()
            | {
                "orderNo": number("D"),
                "logisticsCode": self.road.firm("logistics")["customs_code"],
                "logisticsNo": number("W"),
                "copNo": number("C"),
                "country": "502",
                "trafMode": "5",
                "grossWeight": "0.5",
                "netWeight": "0.4",
                "itemName-0": "棉T恤",
                "itemNo-0": "TS-01",
                "gcode-0": "6109100021",
                "gname-0": "棉制针织T恤衫",
                "gmodel-0": "针织|男式|棉100%",
                "qty-0": "2",
                "unit-0": "011",
                "price-0": "15.5",
                "qty1-0": "2",
                "unit1-0": "011",
                "qty2-0": "0.4",
                "unit2-0": "035",
            }
            | changes
        )

    def sent(self, values, action="send"):
        """Send, let a worker work, and give the answer's address and page."""
        response = self.post(values, action=action)
        assert response.status_code == 303, response.get_data(as_text=True)
        self.work()
        return response.location, self.get(response.location).get_data(as_text=True)

    def work(self):
        with self.road.factory() as session:
            waiting = unprocessed(session, clock.now())
        for message_id in waiting:
            process_message(self.road.factory, message_id, clock.now())

    def messages(self, location):
        """The two messages of an answer's address."""
        ids = [int(one) for one in re.findall(r"\d+", location)]
        with self.road.factory() as session:
            return [session.scalars(select(Message).where(Message.id == id)).one() for id in ids]


def held(page):
    """The values of a page's form."""
    values = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*? value="([^"]*)"', page))
    values.pop("q", None)
    for name, body in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        values[name] = chosen[1] if chosen else ""
    flag = re.search(r'name="statisticsFlag" value="(\w)"[^>]* checked', page)
    return values | {"statisticsFlag": flag[1] if flag else ""}


def sent_heads(messages):
    return [json.loads(one.raw)["documents"][0]["head"] for one in messages]


def test_what_is_known_of_the_firm_stands_in_the_empty_form(form):
    values, firm = form.empty(), form.road.firm("seller")
    assert {values[name] for name in ("ebcCode", "ebpCode", "agentCode", "ownerCode")} == {firm["customs_code"]}
    assert (values["customsCode"], values["tradeMode"], values["statisticsFlag"]) == ("5190", "9610", "A")


def test_labels_come_from_the_field_table(form):
    page = form.get("/declare?lang=zh").get_data(as_text=True)
    labels = [one.label.zh for section in HEAD for one in section.fields] + [one.label.zh for one in LINE]
    assert all(label in page for label in labels)


def test_a_faultless_parcel_becomes_an_order_and_a_checklist_that_waits_for_its_waybill(form):
    location, page = form.sent(form.filled())
    assert [(one.type, one.accepted) for one in form.messages(location)] == [("CEB303", 1), ("CEB603", 1)]
    assert "还缺运单" in page
    assert "运单由物流企业报送" in page


def test_totals_currencies_and_the_type_of_the_order_follow_from_the_rest(form):
    location, _ = form.sent(form.filled(**{"qty-0": "3", "price-0": "15.5", "qty1-0": "3"}))
    order, checklist = sent_heads(form.messages(location))
    assert (order["goodsValue"], order["orderType"]) == ("46.5", "E")
    assert (checklist["fCurrency"], checklist["fFlag"], checklist["POD"]) == ("142", "3", "502")


@pytest.mark.parametrize(
    ("values", "type"),
    [
        ({"tradeMode": "1210"}, "E"),
        ({"tradeMode": "1210", "business": "bulk"}, "W"),
        ({"tradeMode": "1210", "warehouse_id": "7"}, "W"),
        ({"tradeMode": "1210", "business": "parcel", "warehouse_id": "7"}, "E"),
        ({"tradeMode": "9810", "warehouse_id": "7"}, "W"),
        ({"tradeMode": "9710"}, "B"),
    ],
)
def test_bulk_goods_to_a_warehouse_come_with_a_booking(values, type):
    assert order_of(values)["head"]["orderType"] == type
    checklist = checklist_of(values)
    kept = {name: values[name] for name in ("business", "warehouse_id") if name in values}
    assert {name: checklist[name] for name in ("business", "warehouse_id") if name in checklist} == kept
    assert kept.items() <= values_of(order_of(values), checklist).items()
    assert not {"business", "warehouse_id"} & set(order_of(values))


def test_findings_stand_at_their_fields_with_a_summary_above(form):
    _, page = form.sent(form.filled(**{"netWeight": "0.9", "qty-0": "zwei"}))
    assert "<title>错误：" in page
    for name in ("netWeight", "qty-0"):
        assert f'href="#{name}"' in page
        assert f'id="{name}-e"' in page
    assert held(page)["qty-0"] == "zwei"


def test_what_both_papers_say_of_one_field_is_said_once(form):
    _, page = form.sent(form.filled(ebcCode="440296X999"))
    summary = page[page.index('role="alert"') : page.index("</ul>", page.index('role="alert"'))]
    said = re.findall(r'href="#ebcCode">([^<]+)<', summary)
    assert len(said) == len(set(said)) > 0


def test_a_quantity_that_is_no_number_is_told_once_and_its_sums_not_at_all(form):
    _, page = form.sent(form.filled(**{"qty-0": "zwei"}))
    summary = page[page.index('role="alert"') : page.index("</ul>", page.index('role="alert"'))]
    assert re.findall(r'<a href="#([^"]+)"', summary) == ["qty-0"]


def test_a_corrected_form_sends_only_what_must_be_sent_again(form):
    first, page = form.sent(form.filled(netWeight="0.9"))
    second, page = form.sent(held(page) | {"netWeight": "0.4"})
    (order, refused), (same, corrected) = form.messages(first), form.messages(second)
    assert (order.accepted, refused.accepted, corrected.accepted) == (1, 0, 1)
    assert same.id == order.id


def test_a_change_to_an_accepted_order_goes_as_a_change(form, later):
    _, page = form.sent(form.filled(netWeight="0.9"))
    later(seconds=30)
    second, _ = form.sent(held(page) | {"netWeight": "0.4", "price-0": "16"})
    order, checklist = form.messages(second)
    assert [head["appType"] for head in sent_heads((order, checklist))] == ["2", "1"]
    assert (order.accepted, checklist.accepted) == (1, 1)


def test_a_double_click_sends_one_parcel(form):
    values = form.filled()
    first, second = form.post(values, action="send"), form.post(values, action="send")
    assert first.location == second.location


def test_a_draft_is_kept_and_declared_later(form):
    location, page = form.sent(form.filled(), action="draft")
    assert "草稿已存" in page
    again = held(form.get(f"{location}?edit=1").get_data(as_text=True))
    declared, page = form.sent(again)
    assert "还缺运单" in page
    assert [head["appStatus"] for head in sent_heads(form.messages(declared))] == ["2", "2"]


def test_another_parcel_like_this_one_has_numbers_of_its_own(form):
    values = form.filled()
    location, _ = form.sent(values)
    order, checklist = form.messages(location)
    copied = held(form.get(f"/declare?like={order.id}-{checklist.id}").get_data(as_text=True))
    assert (copied["gcode-0"], copied["country"]) == ("6109100021", "502")
    assert (copied["orderNo"], copied["logisticsNo"]) == ("", "")
    assert copied["copNo"] not in ("", values["copNo"])


def test_lines_are_added_and_taken_out_without_losing_anything(form):
    values = held(form.post(form.filled(), action="add").get_data(as_text=True))
    assert (values["lines"], values["gcode-0"], values["gcode-1"]) == ("2", "6109100021", "")
    values = held(form.post(values | {"itemName-1": "第二种"}, action="remove:0").get_data(as_text=True))
    assert (values["lines"], values["itemName-0"]) == ("1", "第二种")


def test_codes_are_found_by_name_and_put_into_their_line(form):
    page = form.post(form.filled(**{"gcode-0": "T恤"}), action="search:0").get_data(as_text=True)
    code = re.search(r'name="take" value="0:(\d{10})"', page)[1]
    values = held(form.post(held(page), take=f"0:{code}").get_data(as_text=True))
    assert values["gcode-0"] == code


def test_codes_are_offered_while_typing(form):
    assert 'value="2:6109' in form.get("/declare/codes?n=2&gcode-2=6109").get_data(as_text=True)


def test_somebody_else_s_parcel_is_not_shown(form):
    location, _ = form.sent(form.filled())
    assert form.get(location, "seller2").status_code == 404
    assert form.get(location, "logistics").status_code == 403


def test_while_a_worker_is_at_it_the_page_asks_again(form):
    location = form.post(form.filled(), action="send").location
    assert "data-waiting" in form.get(location).get_data(as_text=True)
    form.work()


# --- the form's own parts


@pytest.mark.parametrize(
    ("pointer", "name"),
    [
        ("/Order/0/OrderHead/orderNo", "orderNo"),
        ("/Order/0/OrderHead/goodsValue", "price-0"),
        ("/Inventory/0/InventoryList/2/gcode", "gcode-2"),
        ("/Inventory/0/InventoryList/1/totalPrice", "price-1"),
        ("/Inventory/0/InventoryList/1/country", "country"),
        ("/Inventory/0/InventoryHead/fCurrency", "currency"),
        ("/Order/0/receiver/name", "receiver.name"),
        ("/Order/0", ""),
        ("", ""),
    ],
)
def test_a_finding_is_shown_at_the_field_that_decides_it(pointer, name):
    assert field_of(pointer) == name


def test_a_total_is_exact_and_has_at_most_five_decimals():
    assert total({"qty-0": "3", "price-0": "0.1"}, 0) == "0.3"
    assert total({"qty-0": "0.33333", "price-0": "0.33333"}, 0) == "0.11111"
    assert total({"qty-0": "3", "price-0": ""}, 0) == ""


def test_the_last_line_taken_out_leaves_an_empty_one():
    assert without_line({"lines": "1", "qty-0": "2", "orderNo": "O"}, 0)["lines"] == "1"
