"""The simulator: repeatable from its seed, believable to the platform, and honest in its tally."""

import json
import random
from datetime import datetime

import pytest

from common import clock
from credit.shipped import shipped_zones
from customs.intake.process import process_message
from simulator import papers
from simulator.client import Client
from simulator.papers import HOME, LOOKED_AT, Flavour, make_parcel
from simulator.playing import Play
from simulator.samples import play_samples
from simulator.stock import stock
from simulator.summaries import summarise
from simulator.world import GOODS


class KilledError(Exception):
    """The play is killed here."""


class OnTheRoad(Client):
    """The simulator's client, on the application itself and with a worker of the test's own.

    `answered` are the ids of the messages sent; it is killed after `stop_after` of them.
    """

    def __init__(self, *given, **named):
        super().__init__(*given, **named)
        self.answered, self.stop_after = [], None

    def send_raw(self, key, raw, content_type):
        if len(self.answered) == self.stop_after:
            raise KilledError
        self.answered.append(super().send_raw(key, raw, content_type))
        return self.answered[-1]

    def call(self, method, path, key, raw=None, content_type=""):
        answer = self.road.client.open(
            path, method=method, data=raw, content_type=content_type or None, headers=self.road.headers(key)
        )
        body = answer.get_json()
        if path == "/api/v1/messages" and answer.status_code in (200, 202):
            process_message(self.road.factory, body["id"], clock.now())
        return answer.status_code, body


OFFICES = {zone: raw["offices"][0]["code"] for zone, raw in shipped_zones().items()}


def play(road, seed, run, **given):
    client = OnTheRoad.open("http://platform", road.accounts_file, run)
    client.road = road
    return Play(client, run, random.Random(seed), **given)


@pytest.fixture
def here(road, road_folder):
    road.accounts_file = road_folder / "demo-accounts.json"
    return road


def test_the_same_seed_makes_the_same_parcels():
    one, two = (
        [make_parcel(random.Random(3), "R", n, zone, OFFICES, 0.5) for n, zone in enumerate(sorted(GOODS))]
        for _ in range(2)
    )
    assert one == two
    assert {parcel.zone for parcel in one} == set(OFFICES)


def test_a_good_parcel_of_every_article_passes_every_check(here):
    chance = random.Random(1)
    made = play(here, 1, f"G{chance.randint(0, 9)}{clock.now():%M%S%f}")
    assert made.client.offices() == OFFICES
    for zone in sorted(GOODS):
        for _ in range(3):
            made.parcels.append(make_parcel(chance, made.run, len(made.parcels), zone, OFFICES))
    made.file(made.parcels)
    states = made.look()
    assert set(states) <= {"300", "500", "800"}, states


def test_bad_parcels_end_where_they_must(here):
    made = play(here, 2, f"B{clock.now():%M%S%f}")
    chance = random.Random(5)
    while {one.flavour for one in made.parcels} != set(Flavour):
        made.parcels.append(make_parcel(chance, made.run, len(made.parcels), "440200", OFFICES, 0.9))
    made.file(made.parcels)
    made.look()
    for one in made.parcels:
        if one.flavour in (Flavour.LIGHT, Flavour.OTHER_PRICE):
            assert one.status == "100", one
        elif one.flavour is Flavour.NO_WAYBILL:
            assert one.status == "2", one
        elif one.flavour in LOOKED_AT:
            assert one.status == STATE[one.flavour], one
        elif one.flavour is not Flavour.GOOD:
            assert one.status.startswith("-60"), one


STATE = {Flavour.UNCHECKED: "300", Flavour.WATCHED: "500"}
"""What the risk rules make of them: a code that cannot be checked is reviewed, a dishonest grade inspected."""


def test_the_samples_show_every_state_in_the_home_zone(here):
    made = play(here, 1, f"S{clock.now():%M%S%f}", begun=clock.now(), xml_share=0.6)
    play_samples(made, 24)
    home = [one for one in made.parcels if one.zone == HOME]
    assert {"2", "100", "300", "500", "800", "899"} == {one.status for one in home}
    seen = {one.number: made.client.checklist(one.declarant, one.checklist) for one in home}
    released = [one for one in seen.values() if one["status"] == "800"]
    assert {bool(one["days"]["arrived"]) for one in released} == {True, False}
    assert [one["site_hold"]["reason"] for one in released if one["site_hold"]] == ["weight"]
    assert [one["waits_for"] for one in seen.values() if one["status"] == "2"] == [["waybill"]]
    assert all(one["findings"] for one in seen.values() if one["status"] == "100")
    assert {one["reason_class"] for one in seen.values() if one["status"] == "500"} == {"party_check"}
    kinds = [event["kind"] for one in seen.values() for event in one["events"]]
    assert "checklist.site_held" in kinds


def test_exports_to_a_warehouse_arrive_there_and_are_sold_in_part(here):
    made = play(here, 4, f"V{clock.now():%M%S%f}")
    while sum(one.mode == "9810" for one in made.parcels) < 6:
        made.make_one(HOME, Flavour.GOOD)
    made.parcels = [one for one in made.parcels if one.mode == "9810"]
    made.file(made.parcels)
    made.look()
    made.move()
    made.look()
    closed = [one for one in made.parcels if one.status == "899"]
    assert closed
    assert stock(made) == len(closed)
    for one in closed:
        checklist = made.client.checklist(one.seller, one.checklist)
        assert checklist["findings"] == []
        house = checklist["head"]["warehouse_id"]
        _, shown = made.client.call("GET", f"/api/v1/warehouses/{house}/lines?limit=500", one.seller)
        lines = [line for line in shown["items"] if line["checklist_id"] == one.checklist]
        assert [line["arrived"] for line in lines] == [str(line.qty) for line in one.lines]
        sold = [str(line.qty // 2) if int(one.number[-1]) % 2 == 0 else "0" for line in one.lines]
        assert [line["sold"] for line in lines] == sold


def test_closed_flag_b_checklists_are_summarised_in_part_and_the_rest_stays_open(here):
    made = play(here, 5, f"Y{clock.now():%M%S%f}")
    while sum(one.flag == "B" for one in made.parcels) < 6:
        made.make_one(HOME, Flavour.GOOD)
    made.parcels = [one for one in made.parcels if one.flag == "B"]
    made.file(made.parcels)
    made.look()
    made.arrive([one for one in made.parcels if one.status == "800"], {})
    made.look()
    made.depart([one for one in made.parcels if one.status == "800"])
    made.look()
    closed = [one for one in made.parcels if one.status == "899"]
    assert closed
    summarise(made)
    for one in closed:
        declared = made.client.checklist(one.declarant, one.checklist)["declarations"]
        assert bool(declared) == (int(one.number[-1]) % 2 == 0)


def test_inspection_of_a_sample_follows_from_the_sellers_grade_alone(here):
    made = play(here, 1, f"W{clock.now():%M%S%f}")
    one = made.make_one(HOME, Flavour.WATCHED)
    made.file([one])
    made.look()
    trace = made.client.checklist("customs_officer", one.checklist)["trace"]
    steps = trace if isinstance(trace, list) else trace["trace"]
    assert [step["inputs"] for step in steps if step["rule"] == "CU3013"] == [{"grade": "失信企业"}]


def test_samples_sent_again_after_a_killed_start_are_answered_by_the_first(here):
    begun = clock.now()
    run = f"K{begun:%M%S%f}"
    cut, again = (play(here, 1, run, begun=begun, xml_share=0.6) for _ in range(2))
    cut.client.stop_after = 9
    with pytest.raises(KilledError):
        play_samples(cut, 24)
    play_samples(again, 24)
    whole = play(here, 1, run, begun=begun, xml_share=0.6)
    play_samples(whole, 24)
    assert cut.client.answered == again.client.answered[:9]
    assert whole.client.answered == again.client.answered
    assert len(set(again.client.answered)) == sum(again.messages.values())


def test_before_receipts_were_dropped_every_parcel_has_one(here):
    made = play(here, 3, f"P{clock.now():%M%S%f}", begun=datetime(2024, 3, 1, 9, 0, tzinfo=clock.CHINA))
    one = made.make_one(HOME, Flavour.UNCHECKED)
    one.receipt = False
    made.file([one])
    assert made.client.required_papers("9610", "2024-03-01") == ["order", "payment_receipt", "waybill"]
    answers = {m["type"]: m["documents"] for m in (made.client.message(key, id) for key, id in made.waiting)}
    assert [document["findings"] for document in answers["CEB403"]] == [[]]


def test_a_released_checklist_is_asked_to_be_cancelled_and_waits_for_an_officer(here):
    made = play(here, 6, f"C{clock.now():%M%S%f}")
    one = made.make_one(HOME, Flavour.GOOD)
    made.file([one])
    made.look()
    made.cancel([one])
    key, id = made.waiting[-1]
    (answer,) = made.client.message(key, id)["documents"]
    assert (answer["status"], answer["findings"]) == ("120", [])
    made.look()
    assert one.status == "800"
    assert one.cancelling


def test_a_run_repeated_is_answered_by_the_first(here):
    run = f"A{clock.now():%M%S%f}"
    first, second = play(here, 4, run), play(here, 4, run)
    for one in (first, second):
        one.file(one.make(6))
    assert [p.checklist_message for p in first.parcels] == [p.checklist_message for p in second.parcels]
    assert json.dumps(papers.order(first.parcels[0], {"customs_code": "x", "name": "y"}))
