"""Several workers at once, in any order: every paper is taken in once and every checklist is stored once."""

import random
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select

from common import clock
from common.events import Event
from customs.intake.process import process_message


def test_workers_that_race_store_every_parcel_once(road):
    parcels = [road.sale() for _ in range(24)]
    ids = []
    for start in range(0, 24, 6):
        group = parcels[start : start + 6]
        for key, type, paper in (
            ("seller", "CEB603", "checklist"),
            ("logistics", "CEB505", "waybill"),
            ("seller", "CEB303", "order"),
        ):
            body = {"type": type, "documents": [getattr(one, paper)() for one in group]}
            ids.append(road.post(key, "/api/v1/messages", body).get_json()["id"])
    asked = ids * 2
    random.Random(7).shuffle(asked)
    with ThreadPoolExecutor(6) as pool:
        did = list(pool.map(lambda id: process_message(road.factory, id, clock.now()), asked))
    for id in ids:
        process_message(road.factory, id, clock.now())
    assert sum(did) <= len(ids)
    states = [
        one["current_status"]
        for id in ids
        for one in road.get("seller", f"/api/v1/messages/{id}").get_json().get("documents", [])
        if "copNo" in one["key"]
    ]
    assert len(states) == 24
    assert set(states) <= {"300", "500", "800"}
    checklists = [
        one["id"]
        for id in ids
        for one in road.get("seller", f"/api/v1/messages/{id}").get_json().get("documents", [])
        if "copNo" in one["key"]
    ]
    with road.factory() as session:
        stored = session.execute(
            select(Event.subject_id, func.count())
            .where(Event.subject_id.in_(checklists), Event.state == "120")
            .group_by(Event.subject_id)
        ).all()
    assert sorted(count for _, count in stored) == [1] * 24


def test_the_same_message_sent_by_many_at_once_is_one(road):
    parcel = road.sale()
    body = {"type": "CEB303", "guid": "A" * 20 + parcel.order_no.rjust(16, "0"), "documents": [parcel.order()]}

    def send(_):
        return road.app.test_client().post("/api/v1/messages", json=body, headers=road.headers("seller"))

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))
    assert {answer.status_code for answer in answers} <= {200, 202}
    assert len({answer.get_json()["id"] for answer in answers}) == 1
