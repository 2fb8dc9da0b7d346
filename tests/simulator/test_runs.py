"""Runs of the simulator: known goods, the same messages from the same seed, nothing sent twice."""

from __future__ import annotations

import csv
import json
import random
import uuid
from datetime import datetime
from pathlib import Path

import pytest

import customs.codes
from common.clock import CHINA
from credit.shipped import shipped_zones
from simulator import papers
from simulator.__main__ import main
from simulator.client import AnswerError, Client
from simulator.papers import CASH, Flavour
from simulator.playing import Play, play_on, report
from simulator.samples import play_samples
from simulator.stock import stock
from simulator.summaries import summarise
from simulator.world import GOODS, KILOGRAM, ROUTES, UNCHECKED, operator_of, seller_of

DATA = Path(customs.codes.__file__).parent / "data"
OFFICES = {zone: raw["offices"][0]["code"] for zone, raw in shipped_zones().items()}
BEGUN = datetime(2026, 11, 24, 10, 0, 0, tzinfo=CHINA)
KEYS = ["seller", "seller2", "seller3", "platform", "payment", "logistics", "agent", "operator"]
KEYS += [of(zone) for zone in GOODS for of in (seller_of, operator_of)]


def shipped(table):
    """The rows of a shipped code table by code."""
    with (DATA / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


WAREHOUSE = {"id": 7, "state": "confirmed", "country": "305", "name": {"zh": "里昂一号仓", "en": "Lyon Hub"}}


class Paper(Client):
    """A client that posts nowhere; `state` is what becomes of every checklist, `required` what the law asks for."""

    def __init__(self, *given, state="800", required=("order", "waybill")):
        super().__init__(*given)
        self.state, self.required, self.posted = state, required, []

    def send_raw(self, key, raw, content_type):
        self.posted.append((key, content_type, raw))
        return len(self.posted)

    def message(self, key, id):
        return {"state": "processed", "documents": [{"id": id, "current_status": self.state}] * 100}

    def checklist(self, key, id):
        return {
            "invt_no": f"5190{id:014d}",
            "days": {"arrived": None, "released": "2026-11-24T10:00:09.5+08:00"},
        }

    def call(self, method, path, key, raw=None, content_type=""):
        if path.endswith("/zones"):
            return 200, {"items": [self.zone(code, office) for code, office in OFFICES.items()]}
        if path.startswith("/api/v1/warehouses?"):
            return 200, {"items": [WAREHOUSE, {**WAREHOUSE, "id": 8, "state": "registered"}]}
        assert path.endswith("/what-if/customs.required-documents")
        return 200, {"outcome": {"documents": list(self.required)}}

    def zone(self, code, office):
        sites = [("9999", 999), (office, self.firm(operator_of(code))["id"])]
        return {"code": code, "sites": [{"office_code": at, "operator_id": who} for at, who in sites]}


def run(seed=1, state="800", required=("order", "waybill"), **shares):
    """A run that sends to nobody."""
    accounts = {
        key: {"enterprise": {"id": n, "customs_code": f"4402{n:06d}", "name": key, "dxp_id": f"DXPENT{n:010d}"}}
        for n, key in enumerate(dict.fromkeys(KEYS))
    }
    client = Paper("http://nowhere", accounts, uuid.UUID(int=7), state=state, required=required)
    return Play(client, "R", random.Random(seed), **shares)


def heads(play, type):
    """Sender and head of every document of a type that went in JSON."""
    sent = [(key, json.loads(raw)) for key, kind, raw in play.client.posted if kind == "application/json"]
    return [(key, one["head"]) for key, body in sent if body["type"] == type for one in body["documents"]]


@pytest.mark.parametrize("goods", [one for listed in GOODS.values() for one in listed], ids=lambda one: one.item_no)
def test_every_article_has_a_code_of_the_shipped_table_and_its_units(goods):
    known = shipped("hs")[goods.hs]
    assert goods.unit1 == (known["unit1"] or goods.unit1)
    assert goods.unit2 == (known["unit2"] if known["unit1"] else goods.unit2)
    assert {goods.unit, goods.unit1} <= set(shipped("unit"))
    assert goods.unit != KILOGRAM


def test_goods_for_document_review_are_under_a_heading_without_full_codes():
    assert UNCHECKED.hs[:4] in shipped("hs_heading")
    assert not [code for code in shipped("hs") if code.startswith(UNCHECKED.hs[:4])]


def test_goods_leave_through_offices_and_by_transport_that_exist():
    assert {office for _, office in ROUTES} | set(OFFICES.values()) <= set(shipped("customs_office"))
    assert {mode for mode, _ in ROUTES} <= set(shipped("transport_mode"))


def test_a_run_again_sends_the_same_messages():
    first, second = run(), run()
    for one in (first, second):
        play_on(one, 1e9, 150, lambda line: None)
    assert timeless(first) == timeless(second)


def timeless(play):
    """What was posted, but for the departures, which name the second of leaving."""
    return [one for one in play.client.posted if json.loads(one[2])["type"] != "CEB509"]


def test_another_seed_sends_other_parcels():
    first, second = run(1), run(2)
    assert first.make(20) != second.make(20)


@pytest.mark.parametrize("state", ["2", "100", "800"])
def test_what_the_platform_answers_does_not_change_the_parcels_of_a_seed(state):
    one, other = run(state=state), run(state="899")
    for each in (one, other):
        play_on(each, 1e9, 120, lambda line: None)
    assert [p.number for p in one.parcels] == [p.number for p in other.parcels]
    assert [p.lines for p in one.parcels] == [p.lines for p in other.parcels]


def test_no_two_messages_have_the_same_number():
    play = run(again_share=0.5)
    play_on(play, 1e9, 300, lambda line: None)
    numbers = [json.loads(raw)["guid"] for _, _, raw in play.client.posted]
    assert len(numbers) == len(set(numbers)) == sum(play.messages.values())


def test_no_message_holds_more_than_a_hundred_documents():
    play = run()
    play.file(play.make(250))
    sizes = [len(json.loads(raw)["documents"]) for _, _, raw in play.client.posted]
    assert max(sizes) <= 100
    assert sum(sizes) == play.papers_sent


def test_a_run_speaks_both_forms_and_plays_every_part():
    play = run(xml_share=0.5)
    play_on(play, 1e9, 300, lambda line: None)
    assert {kind for _, kind, _ in play.client.posted} == {"application/xml", "application/json"}
    assert {key for key, _, _ in play.client.posted} == set(KEYS)


def test_only_released_parcels_leave():
    play = run(state="300")
    play_on(play, 1e9, 60, lambda line: None)
    assert play.messages["CEB509"] == 0
    released = run(state="800")
    play_on(released, 1e9, 60, lambda line: None)
    assert released.messages["CEB509"] > 0


def test_the_samples_hold_every_flavour_in_every_zone_of_the_eight():
    play = run()
    play_samples(play)
    assert {one.flavour for one in play.parcels} == set(Flavour)
    assert {one.zone for one in play.parcels} == set(OFFICES)
    assert len(play.parcels) == 64


def test_the_report_counts_every_parcel_once():
    play = run(bad_share=0.5)
    play_on(play, 1e9, 80, lambda line: None)
    counted = [line for line in report(play).splitlines() if ":" in line]
    assert sum(int(line.split()[0]) for line in counted) == 80


def test_receipts_come_from_payment_institutions_and_sellers_and_say_what_was_paid():
    play = run(required=("order", "waybill", "payment_receipt"))
    play.file(play.make(200))
    receipts = heads(play, "CEB403")
    orders = {head["orderNo"]: head for _, head in heads(play, "CEB303")}
    assert len(receipts) == 200
    assert {key for key, _ in receipts} > {"payment", "seller", "seller2"}
    for key, head in receipts:
        assert head["charge"] == orders[head["orderNo"]]["goodsValue"]
        assert (head["payName"] == CASH) == ("payCode" not in head)
        assert key != "payment" or head["payName"] == "payment"


def test_where_the_law_asks_for_no_receipt_some_are_filed_all_the_same():
    play = run()
    play.file(play.make(200))
    assert 20 < len(heads(play, "CEB403")) < 120


def test_a_few_released_checklists_are_asked_to_be_cancelled_and_do_not_travel():
    play = run()
    play_on(play, 1e9, 400, lambda line: None)
    asked = [one for one in play.parcels if one.cancelling]
    assert len(asked) == play.messages["CEB605"] > 0
    assert {head["copNo"] for _, head in heads(play, "CEB605")} == {f"CX{one.number}" for one in asked}
    sent = [json.loads(raw) for _, _, raw in play.client.posted]
    left = {line["logisticsNo"] for m in sent if m["type"] == "CEB509" for d in m["documents"] for line in d["lines"]}
    assert not left & {one.waybill_no for one in asked}


@pytest.mark.parametrize("state", ["2", "300", "500", "899"])
def test_nothing_is_cancelled_that_has_no_number_or_has_left(state):
    play = run(state=state)
    play.file(play.make(3))
    play.look()
    play.cancel(play.parcels)
    assert play.messages["CEB605"] == 0


def test_offices_are_those_where_the_demo_operators_have_their_sites():
    assert run().client.offices() == OFFICES


def test_a_platform_that_does_not_tell_the_offices_ends_the_play(monkeypatch):
    play = run()
    monkeypatch.setattr(Paper, "call", lambda *given: (403, {"title": "refused"}))
    with pytest.raises(AnswerError):
        play.make(1)


@pytest.mark.parametrize("share", [0, 0.6])
def test_samples_told_from_the_same_instant_are_the_same_to_the_byte(share):
    first, second = (run(begun=BEGUN, xml_share=share) for _ in range(2))
    for one in (first, second):
        play_samples(one)
    assert first.client.posted == second.client.posted
    assert {"CEB403", "CEB507", "CEB509", "CEB605", "CEB607"} <= set(first.messages)


def test_a_sample_leaves_when_the_platform_let_it_go():
    play = run(begun=BEGUN)
    play_samples(play)
    assert {head["leaveTime"] for _, head in heads(play, "CEB509")} == {"20261124100009"}


def test_without_accounts_the_play_says_what_to_do(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("sys.argv", ["simulator", "--accounts", str(tmp_path / "none.json")])
    assert main() == 2
    assert "make run" in capsys.readouterr().err


def test_exports_to_a_warehouse_name_one_that_the_seller_may_use_and_go_to_its_country():
    play = run(3)
    bound = [one for one in play.make(400) if one.mode == "9810"]
    assert bound
    firm = play.client.firm(bound[0].seller)
    for one in bound:
        assert (one.warehouse, one.country) == ("里昂一号仓", "305")
        head = papers.order(one, firm)["head"]
        assert (head["orderType"], head["ebpCode"], head["ebpName"]) == ("W", "无", "里昂一号仓")
    assert not any(one.warehouse for one in play.parcels if one.mode != "9810")


def test_some_closed_flag_b_checklists_are_applied_for_once_by_seller_declarant_and_office():
    play = run(3)
    closed = [one for one in play.make(200) if one.flag == "B"]
    for n, one in enumerate(closed, 1):
        one.status, one.checklist = "899", n
    wanted = summarise(play)
    assert 0 < wanted < len(closed)
    assert summarise(play) == 0
    named = []
    for key, type, raw in play.client.posted:
        (document,) = json.loads(raw)["documents"]
        head, lines = document["head"], document["lines"]
        assert (type, head["declAgentName"], head["agentName"]) == ("application/json", key, key)
        named += [(line["invtNo"], head["ebcName"], head["customsCode"]) for line in lines]
    numbers = {f"5190{one.checklist:014d}": (one.seller, one.declared_at) for one in closed}
    assert len(named) == len(set(named)) == wanted
    assert all(numbers[number] == (seller, office) for number, seller, office in named)


def test_closed_exports_to_a_warehouse_arrive_there_once_and_every_other_is_sold_in_part():
    play = run(3)
    bound = [one for one in play.make(400) if one.mode == "9810"]
    for one in bound:
        one.status, one.checklist = "899", 5
    posted = []

    def call(method, path, key, raw=None, content_type=""):
        posted.append((path, raw))
        return 201, {"id": 4}

    play.client.call = call
    play.client._warehouses = {one.seller: [WAREHOUSE] for one in bound}
    assert stock(play) == len(bound)
    assert stock(play) == 0
    recorded = [json.loads(raw)["entries"] for path, raw in posted if path == "/api/v1/warehouses/7/entries"]
    assert len(recorded) == len(bound)
    for entries in recorded:
        arrived = {one["gnum"]: int(one["qty"]) for one in entries if one["kind"] == "arrived"}
        sold = {one["gnum"]: int(one["qty"]) for one in entries if one["kind"] == "sold"}
        assert all(0 < qty <= arrived[gnum] for gnum, qty in sold.items())
        assert {one["proof_id"] for one in entries} == {4}
    assert any(one["kind"] == "sold" for entries in recorded for one in entries)
