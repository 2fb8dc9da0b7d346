"""Killing any process at any moment while ten thousand parcels come in loses nothing and doubles nothing."""

import os
import random
import shutil
import signal
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import psycopg
import pytest

from app.settings import read_env_file
from app.supervise.ports import free_port
from simulator.client import Client
from simulator.papers import Flavour, make_parcel
from simulator.playing import Play
from tests.app.supervise.installation import Installation, wait_for

pytestmark = [pytest.mark.xdist_group("chaos"), pytest.mark.timeout(900)]

PARCELS, BATCH, SEED = 10_000, 100, 11
PAUSE_S = 2.5
VICTIMS = (
    "a child of worker", "web", "worker", "postgres", "a child of web", "valkey", "scheduler", "the supervisor",
    "a child of worker", "postgres", "web", "worker",
)  # fmt: skip
REFUSED = {Flavour.WRONG_OFFICE, Flavour.NET_ABOVE_GROSS, Flavour.NO_SUCH_HEADING}


@pytest.fixture
def installation():
    """A running installation of the test's own, in a folder that the database's account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="zone-chaos-"))
    folder.chmod(0o755)
    made = Installation(folder / "var", free_port())
    made.var.mkdir(mode=0o711)
    (made.var / "samples-sent").touch()  # only what this test sends is to be counted
    made.start().wait_ready()
    yield made
    if made.process.poll() is None:
        made.stop()
    shutil.rmtree(folder, ignore_errors=True)


def kill(installation, victim):
    """Kill one process by force; the supervisor is started again, everything else starts again by itself."""
    if victim == "the supervisor":
        installation.process.kill()
        installation.process.wait()
        wait_for_end(installation)
        installation.start().wait_ready()
        return
    name = victim.rpartition(" ")[2]
    try:
        pids = sorted(installation.children_of(name)) if victim.startswith("a child") else [installation.pid(name)]
        os.kill(pids[0], signal.SIGKILL)
    except (OSError, IndexError):
        return  # it is just being started again


def wait_for_end(installation):
    """Return once nothing of the installation runs."""
    for _ in range(600):
        if not installation.left():
            return
        Event().wait(0.1)
    raise AssertionError(installation.left())


def send_all(installation):
    """File every parcel, a hundred to a message; the client waits and repeats while the platform is away."""
    chance = random.Random(SEED)
    client = Client.open(f"http://127.0.0.1:{installation.port}", installation.var / "demo-accounts.json", "chaos")
    client.tries = 360  # a whole start lies between two answers
    play = Play(client, "CH", chance)
    zones = ("440200", "441700", "445100")
    for start in range(0, PARCELS, BATCH):
        zone = zones[(start // BATCH) % len(zones)]
        offices = client.offices()
        group = [make_parcel(chance, "CH", start + n, zone, offices, 0.1) for n in range(BATCH)]
        play.parcels += group
        play.file(group)
    return play


def asked(installation, query):
    """Rows of the installation's database."""
    url = read_env_file(installation.var / "run.env")["DATABASE_URL"]
    with psycopg.connect(url, connect_timeout=5) as connection:
        return connection.execute(query).fetchall()


def all_processed(installation):
    """Whether nothing waits any more; False while the database is away."""
    try:
        return asked(installation, "SELECT count(*) FROM message WHERE state = 'received'") == [(0,)]
    except psycopg.Error:
        return False


def test_nothing_is_lost_and_nothing_doubled(installation):
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(send_all, installation)
        for victim in VICTIMS:
            Event().wait(PAUSE_S)
            kill(installation, victim)
        play = sending.result()
    wait_for(lambda: all_processed(installation), installation)
    check_messages(installation, play)
    check_papers(installation, play)
    check_events(installation)


def check_messages(installation, play):
    """Every message acknowledged is there once, with an answer for every document."""
    rows = asked(
        installation,
        "SELECT m.state, m.accepted + m.rejected, jsonb_array_length(m.documents) FROM message AS m "
        "JOIN message_key AS k ON k.message_id = m.id WHERE m.raw LIKE '%CH0%'::bytea",
    )
    assert len(rows) == sum(play.messages.values())
    assert {state for state, _, _ in rows} == {"processed"}
    assert sum(count for _, count, _ in rows) == sum(length for _, _, length in rows) == play.papers_sent


def check_papers(installation, play):
    """Each paper has one row; each parcel stands where its papers put it."""
    numbers = "SELECT count(*), count(DISTINCT {0}) FROM {1} WHERE {0} LIKE '{2}CH%'"
    waybills = sum(one.flavour is not Flavour.NO_WAYBILL for one in play.parcels)
    assert asked(installation, numbers.format("order_no", "sale_order", "DD")) == [(PARCELS, PARCELS)]
    assert asked(installation, numbers.format("logistics_no", "waybill", "YB")) == [(waybills, waybills)]
    stored = dict(asked(installation, "SELECT cop_no, status FROM checklist WHERE cop_no LIKE 'QDCH%'"))
    doubled = asked(
        installation, "SELECT cop_no FROM checklist WHERE cop_no LIKE 'QDCH%' GROUP BY 1 HAVING count(*) > 1"
    )
    assert doubled == []
    states = {flavour: Counter() for flavour in Flavour}
    for one in play.parcels:
        states[one.flavour][stored.get(f"QD{one.number}", "none")] += 1
    assert set(states[Flavour.GOOD]) <= {"300", "500", "800"}, states
    assert set(states[Flavour.NO_WAYBILL]) == {"2"}, states
    for flavour in (Flavour.LIGHT, Flavour.OTHER_PRICE):
        assert set(states[flavour]) == {"100"}, states
    for flavour in REFUSED:
        assert set(states[flavour]) == {"none"}, states


def check_events(installation):
    """No step of any parcel happened twice (a warehouse of the demo may well be granted to several firms)."""
    twice = asked(
        installation,
        "SELECT subject_id, kind, state, count(*) FROM event WHERE state IS NOT NULL AND kind NOT LIKE 'warehouse.%' "
        "GROUP BY 1, 2, 3 HAVING count(*) > 1 LIMIT 5",
    )
    assert twice == []
    orphans = asked(
        installation,
        "SELECT count(*) FROM checklist AS c WHERE NOT EXISTS "
        "(SELECT 1 FROM event AS e WHERE e.subject_id = c.id AND e.kind = 'checklist.accepted')",
    )
    assert orphans == [(0,)]
