"""Runs of the simulator: known goods, the same messages from the same seed, nothing sent twice."""

from __future__ import annotations

import csv
import json
import random
import uuid
from pathlib import Path

import pytest

import customs.codes
from simulator.__main__ import main
from simulator.client import Client
from simulator.papers import Flavour
from simulator.playing import Play, play_on, play_samples, report
from simulator.world import GOODS, KILOGRAM, OFFICES, ROUTES, UNCHECKED, operator_of, seller_of

DATA = Path(customs.codes.__file__).parent / "data"
KEYS = ["seller", "seller2", "platform", "logistics", "agent", "operator"]
KEYS += [of(zone) for zone in GOODS for of in (seller_of, operator_of)]


def shipped(table):
    """The rows of a shipped code table by code."""
    with (DATA / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return {row["code"]: row for row in csv.DictReader(file)}


class Paper(Client):
    """A client that posts nowhere; `state` is what becomes of every checklist."""

    def __init__(self, *given, state="800"):
        super().__init__(*given)
        self.state, self.posted = state, []

    def send_raw(self, key, raw, content_type):
        self.posted.append((key, content_type, raw))
        return len(self.posted)

    def message(self, key, id):
        return {"state": "processed", "documents": [{"current_status": self.state}] * 100}


def run(seed=1, state="800", **shares):
    """A run that sends to nobody."""
    accounts = {
        key: {"enterprise": {"customs_code": f"4402{n:06d}", "name": f"{key}公司", "dxp_id": f"DXPENT{n:010d}"}}
        for n, key in enumerate(dict.fromkeys(KEYS))
    }
    return Play(Paper("http://nowhere", accounts, uuid.UUID(int=7), state=state), "R", random.Random(seed), **shares)


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


def test_without_accounts_the_play_says_what_to_do(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("sys.argv", ["simulator", "--accounts", str(tmp_path / "none.json")])
    assert main() == 2
    assert "make run" in capsys.readouterr().err
