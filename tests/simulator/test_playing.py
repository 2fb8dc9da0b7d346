"""The simulator: repeatable from its seed, believable to the platform, and honest in its tally."""

import json
import random

import pytest

from common import clock
from customs.intake.process import process_message
from simulator import papers
from simulator.client import Client
from simulator.papers import Flavour, make_parcel
from simulator.playing import Play, play_samples
from simulator.world import GOODS, OFFICES
from tests.road.conftest import road, road_app, road_folder, road_url  # noqa: F401 - the road's fixtures


class OnTheRoad(Client):
    """The simulator's client, on the application itself and with a worker of the test's own."""

    def call(self, method, path, key, raw=None, content_type=""):
        answer = self.road.client.open(
            path, method=method, data=raw, content_type=content_type or None, headers=self.road.headers(key)
        )
        body = answer.get_json()
        if method == "POST" and answer.status_code in (200, 202):
            process_message(self.road.factory, body["id"], clock.now())
        return answer.status_code, body


def play(road, seed, run):  # noqa: F811 - the fixture above
    client = OnTheRoad.open("http://platform", road.accounts_file, run)
    client.road = road
    return Play(client, run, random.Random(seed))


@pytest.fixture
def here(road, road_folder):  # noqa: F811 - the fixtures above
    road.accounts_file = road_folder / "demo-accounts.json"
    return road


def test_the_same_seed_makes_the_same_parcels():
    one, two = (
        [make_parcel(random.Random(3), "R", n, zone, 0.5) for n, zone in enumerate(sorted(GOODS))] for _ in range(2)
    )
    assert one == two
    assert {parcel.zone for parcel in one} == set(OFFICES)


def test_a_good_parcel_of_every_article_passes_every_check(here):
    chance = random.Random(1)
    made = play(here, 1, f"G{chance.randint(0, 9)}{clock.now():%M%S%f}")
    for zone in sorted(GOODS):
        for _ in range(3):
            made.parcels.append(make_parcel(chance, made.run, len(made.parcels), zone, 0))
    made.file(made.parcels)
    states = made.look()
    assert set(states) <= {"300", "500", "800"}, states


def test_bad_parcels_end_where_they_must(here):
    made = play(here, 2, f"B{clock.now():%M%S%f}")
    chance = random.Random(5)
    while {one.flavour for one in made.parcels} != set(Flavour):
        made.parcels.append(make_parcel(chance, made.run, len(made.parcels), "440200", 0.9))
    made.file(made.parcels)
    made.look()
    for one in made.parcels:
        if one.flavour in (Flavour.LIGHT, Flavour.OTHER_PRICE):
            assert one.status == "100", one
        elif one.flavour is Flavour.NO_WAYBILL:
            assert one.status == "2", one
        elif one.flavour is not Flavour.GOOD:
            assert one.status.startswith("-60"), one


def test_the_samples_show_every_stage(here):
    made = play(here, 1, f"S{clock.now():%M%S%f}")
    states = play_samples(made, 40)
    assert {"2", "100", "800", "899"} <= set(states), states


def test_a_run_repeated_is_answered_by_the_first(here):
    run = f"A{clock.now():%M%S%f}"
    first, second = play(here, 4, run), play(here, 4, run)
    for one in (first, second):
        one.file(one.make(6))
    assert [p.checklist_message for p in first.parcels] == [p.checklist_message for p in second.parcels]
    assert json.dumps(papers.order(first.parcels[0], {"customs_code": "x", "name": "y"}))
