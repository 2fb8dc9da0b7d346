"""Several workers at once, in any order: every paper is taken in once and every checklist is stored once."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import func, select, text

from common import clock
from common.db import lock_keys
from common.events import Event
from customs import returns, summary
from customs.intake.process import process_message
from customs.tables import DeclarationSource
from tests.road.returns import request
from tests.road.summaries import application, apply, closed, rules
from tests.road.test_amendments import ask, prove, rules_of


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


SELLER = "seller2"
NAMED = (("Code", "customs_code"), ("Name", "name"))
WAITING = text(
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def at_once(road, key, *acts):
    """Do all acts at the same moment: each waits for a key that is held until all of them wait; gives their answers."""
    with ThreadPoolExecutor(len(acts)) as pool, road.factory() as holding, road.factory() as looking:
        lock_keys(holding, [key])
        running = [pool.submit(act) for act in acts]
        while looking.scalar(WAITING) < len(acts):
            looking.rollback()
            ended = [one for one in running if one.done()]
            assert not ended, [one.result() for one in ended]
        holding.rollback()
        return [one.result() for one in running]


def worked(road, key, type, document, at=None):
    """Send a message now; gives what works on it later and tells what became of its document."""
    sent = road.post(key, "/api/v1/messages", {"type": type, "documents": [document]}).get_json()["id"]

    def work():
        process_message(road.factory, sent, at or clock.now())
        return road.app.test_client().get(f"/api/v1/messages/{sent}", headers=road.headers(key)).get_json()

    return work


def asked(road, key, path, body):
    """What an officer asks later over the API; gives status and rules."""

    def ask():
        answer = road.app.test_client().post(path, json=body, headers=road.headers(key))
        return answer.status_code, [one["rule"] for one in answer.get_json().get("findings", ())]

    return ask


def consignor_key(road):
    return summary.lock_name(road.firm(SELLER)["id"])


def proven(road):
    """The month's proof for the firm holds, whatever happened at the same moment."""
    found = road.get(SELLER, f"/api/v1/proofs/{clock.today():%Y-%m}").get_json()
    assert found["holds"], found["differences"]
    return found


def live_of(road, checklists):
    """How many live declarations hold each checklist's line."""
    with road.factory() as session:
        rows = session.execute(
            select(DeclarationSource.checklist_id, func.count())
            .where(DeclarationSource.checklist_id.in_([one["id"] for one in checklists]), DeclarationSource.live)
            .group_by(DeclarationSource.checklist_id)
        ).all()
    return {id: count for id, count in rows}


def test_the_same_application_twice_at_once_is_one_and_the_other_is_told(road):
    (one,) = closed(road, seller=SELLER)
    document = application(road, [one["invt_no"]], consignor=SELLER, key=SELLER)
    answers = at_once(road, consignor_key(road), *(worked(road, SELLER, "CEB701", document) for _ in range(2)))
    assert sorted(answer["counts"]["accepted"] for answer in answers) == [0, 1]
    told = next(answer for answer in answers if not answer["counts"]["accepted"])
    assert rules(told), told
    assert live_of(road, [one]) == {one["id"]: 1}
    proven(road)


def test_applications_over_overlapping_ranges_at_once_take_every_checklist_once(road):
    some = closed(road, 3, seller=SELLER)
    later = clock.now() + timedelta(hours=1)
    day, end = clock.today().strftime("%Y%m%d"), later.strftime("%Y%m%d%H%M%S")
    acts = [
        worked(
            road, SELLER, "CEB701", application(road, consignor=SELLER, key=SELLER, startTime=start, endTime=end), later
        )
        for start in (f"{day}000000", f"{day}000001")
    ]
    answers = at_once(road, consignor_key(road), *acts)
    assert sorted(answer["counts"]["accepted"] for answer in answers) == [0, 1]
    assert [rules(answer) for answer in answers if not answer["counts"]["accepted"]] == [["CU6012"]]
    assert live_of(road, some) == {one["id"]: 1 for one in some}
    proven(road)


def amendment(road, checklist, **line):
    """A proven request to correct the first line of a closed checklist; gives its path."""
    body = {"ground": "closing_wrong", "lines": [{"gnum": "1"} | line]}
    asked = ask(road, f"/api/v1/checklists/{checklist['id']}/amendments", body, key=SELLER)
    assert not rules_of(asked), asked
    path = f"/api/v1/amendments/{asked['id']}"
    assert prove(road, path, key=SELLER).status_code == 201
    return path


HALF = {"qty": "1", "qty1": "1", "qty2": "0.2", "totalPrice": "15.5"}


def test_a_declaration_is_cancelled_while_its_lines_are_amended_and_the_proof_holds(road):
    (one,) = closed(road, seller=SELLER)
    path = amendment(road, one, **HALF)
    filed = apply(road, [one["invt_no"]], key=SELLER, consignor=SELLER)
    declared = road.get(SELLER, f"/api/v1/summaries/{filed['documents'][0]['id']}").get_json()["declarations"][0]["id"]
    cancel = asked(
        road, "customs_supervisor", f"/api/v1/summaries/declarations/{declared}/cancel", {"reason": "数量有误"}
    )
    approve = asked(road, "customs_supervisor", f"{path}/decisions", {"decision": "approve"})
    cancelled, approved = at_once(road, consignor_key(road), cancel, approve)
    assert cancelled == (200, [])
    assert approved in ((200, []), (409, ["CU6203"]))
    assert live_of(road, [one]) == {}
    now = road.get(SELLER, f"/api/v1/checklists/{one['id']}").get_json()["lines"][0]
    assert now["qty"] == ("1" if approved[0] == 200 else "2")
    proven(road)


def test_of_a_return_and_an_amendment_of_the_same_pieces_at_once_one_wins_and_the_other_is_told(road):
    (one,) = closed(road, seller=SELLER)
    path = amendment(road, one, **HALF)
    firm = road.firm(SELLER)
    parties = {f"{role}{what}": firm[key] for role in ("ebp", "ebc") for what, key in NAMED}
    back = worked(road, SELLER, "CEB213", request(road, one, "2", key=SELLER, **parties))
    approve = asked(road, "customs_supervisor", f"{path}/decisions", {"decision": "approve"})
    taken, (status, told) = at_once(road, returns.lock_name(one["id"]), back, approve)
    if taken["counts"]["accepted"]:
        assert (status, set(told)) == (409, {"CU6235"})
    else:
        assert (status, set(rules(taken))) == (200, {"CU6311"})
    proven(road)
