"""Every message that the simulator makes is valid under the official schema of 202205, the bad ones included."""

from __future__ import annotations

import random
import uuid
from datetime import datetime

import pytest

from common.clock import CHINA
from simulator.client import Client
from simulator.papers import Flavour
from simulator.playing import Play, play_on
from simulator.samples import play_samples
from simulator.world import GOODS, operator_of, seller_of

FIRMS = ["seller", "seller2", "seller3", "platform", "payment", "logistics", "agent", "operator"]
FIRMS += [of(zone) for zone in GOODS for of in (seller_of, operator_of)]


class Recorder(Client):
    """A client whose platform releases every checklist; it keeps each message in the XML form."""

    def __init__(self, *given):
        super().__init__(*given)
        self.filed, self.xml, self.types = {}, [], set()

    def send(self, key, type, documents, *, guid="", stamp=""):
        self.sent += 1
        number = guid or self.guid(type, documents)
        plain = [{"head": one["head"], "lines": one.get("lines", [])} for one in documents]
        self.xml.append(self.as_xml(key, type, plain, number, stamp or "20261124100000"))
        self.types.add(type)
        self.filed[self.sent] = len(documents)
        return self.sent

    def message(self, key, id):
        return {"state": "processed", "documents": [{"id": id, "current_status": "800"}] * self.filed[id]}

    def checklist(self, key, id):
        return {"invt_no": f"5190{id:014d}", "days": {"arrived": None, "released": "2026-11-24T10:00:09+08:00"}}

    def offices(self):
        return {zone: f"51{n:02d}" for n, zone in enumerate(GOODS)}

    def warehouses(self, key):
        return [{"id": 7, "country": "305", "name": {"zh": "里昂一号仓", "en": "Lyon Hub"}}]

    def required_papers(self, mode, day):
        return ["order", "waybill"]


@pytest.fixture
def play():
    """A run of a seed, against the recorder."""
    firm = {"customs_code": "442196D016", "name": "潮州韩江陶瓷跨境电子商务有限公司", "dxp_id": "DXPENT0004400016"}
    client = Recorder("http://platform", {key: {"enterprise": firm} for key in FIRMS}, uuid.UUID(int=1))
    return Play(client, "R1", random.Random(1), bad_share=0.5, xml_share=0.5, again_share=0.5)


def test_every_message_of_a_run_is_valid(play, export_schema, faults):
    play_on(play, 1e9, 800, print)
    assert {one.flavour for one in play.parcels} == set(Flavour)
    assert {one.mode for one in play.parcels} == {"9610", "1210", "9710", "9810"}
    assert play.client.types == {"CEB303", "CEB403", "CEB505", "CEB507", "CEB509", "CEB603", "CEB605", "CEB607"}
    assert [found for raw in play.client.xml for found in faults(export_schema, raw)] == []


def test_every_message_of_the_samples_is_valid(play, export_schema, faults):
    play.begun = datetime(2026, 11, 24, 10, tzinfo=CHINA)
    play_samples(play)
    assert {one.zone for one in play.parcels} == set(GOODS)
    assert [found for raw in play.client.xml for found in faults(export_schema, raw)] == []
