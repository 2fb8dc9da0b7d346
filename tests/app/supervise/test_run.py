"""`make run` on real servers: starting, starting again, being killed in part and whole."""

import os
import shutil
import signal
import socket
import stat
import tempfile
from pathlib import Path

import pytest

from app.settings import read_env_file
from app.supervise.ports import free_port
from tests.app.supervise.installation import CHILDREN, Installation, wait_for

pytestmark = [pytest.mark.xdist_group("supervise"), pytest.mark.timeout(600)]

FIRST = "2026-12-01T09:00:00+08:00"


@pytest.fixture(scope="module")
def installation():
    """An installation in a folder that the database's account can reach."""
    folder = Path(tempfile.mkdtemp(prefix="zone-supervise-"))
    folder.chmod(0o755)
    found = Installation(folder / "var", free_port())
    found.var.mkdir(mode=0o711)
    (found.var / "samples-sent").touch()  # sample parcels have tests of their own
    yield found
    if found.process and found.process.poll() is None:
        found.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def running(installation):
    """The installation, started again where a test before has ended it."""
    if installation.process is None or installation.process.poll() is not None:
        installation.start(ZONE_NOW=FIRST).wait_ready()
    return installation


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_it_says_ready_when_database_broker_and_migrations_are(running):
    assert running.answers("/readyz")
    assert running.answers("/healthz")


def test_the_modes_of_folders_above_are_left_alone(running):
    assert mode(running.var.parent) == 0o755


def test_what_is_secret_is_readable_by_its_owner_only(running):
    for name in ("run.env", "keys.env", "demo-accounts.json"):
        assert mode(running.var / name) == 0o600, name
    for name in ("run", "log"):
        assert mode(running.var / name) == 0o700, name
    lines = [Path(f"/proc/{pid}/cmdline").read_bytes().decode() for pid in running.left()]
    secrets = read_env_file(running.var / "keys.env").values()
    assert len(secrets) == 2
    assert [line for line in lines if any(secret in line for secret in secrets)] == []


def test_servers_see_nothing_of_our_environment_and_do_not_run_as_root(running):
    for name in ("postgres", "valkey"):
        process = Path(f"/proc/{running.pid(name)}")
        environment = (process / "environ").read_bytes()
        assert b"SECRET_KEY" not in environment
        assert b"DATABASE_URL" not in environment
        assert process.stat().st_uid != 0


def test_a_second_terminal_finds_the_installation_and_its_clock(running):
    said = running.flask("clock", "show")
    assert said.startswith("2026-12-01T")
    assert "audit.seal  1 min" in said
    assert "failed" not in running.flask("clock", "run-due")


def test_a_second_start_in_the_same_folder_is_refused_by_name(running):
    second = Installation(running.var, free_port())
    second.output = running.var.with_suffix(".second")
    said = second.refused()
    assert f"{running.var} is in use" in said
    assert str(running.process.pid) in said
    assert running.answers()


def test_a_taken_port_is_refused_by_its_number_and_nothing_is_made(running, tmp_path):
    said = Installation(tmp_path / "var", running.port).refused()
    assert f"port {running.port} is taken" in said
    assert not (tmp_path / "var" / "postgres").exists()


def test_a_port_that_somebody_else_listens_on_is_refused(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert f"port {port} is taken" in Installation(tmp_path / "var", port).refused()


@pytest.mark.parametrize("name", CHILDREN)
def test_a_killed_child_is_started_again(running, name):
    old = running.pid(name)
    os.kill(old, signal.SIGKILL)
    wait_for(lambda: running.pid(name) != old and running.answers(), running)
    assert f"{name} was ended by SIGKILL; starting it again" in running.said()


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_killed_child_of_a_child_is_replaced(running, name):
    def two():
        found = running.children_of(name)
        return found if len(found) == 2 else None

    victim = min(wait_for(two, running))
    os.kill(victim, signal.SIGKILL)
    wait_for(lambda: victim not in (two() or {victim}) and running.answers(), running)


def test_after_ctrl_c_nothing_is_left_and_the_next_start_has_the_same_data_and_a_clock_that_went_on(running):
    before, said = running.accounts(), running.flask("clock", "show")
    assert running.stop() == 0
    assert running.left() == []
    assert not (running.var / "run.env").exists()
    assert list((running.var / "run").glob("*.pid")) == []
    running.start().wait_ready()
    assert running.accounts() == before
    assert said < running.flask("clock", "show") < "2027"


def test_killing_the_supervisor_ends_everything_and_the_clock_only_goes_forward_at_the_next_starts(running):
    before = running.accounts()
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait()
    running.start(ZONE_NOW="2026-12-24T08:00:00+08:00").wait_ready()
    assert running.accounts() == before
    assert running.flask("clock", "show").startswith("2026-12-24T08:0")
    wait_for(lambda: "daily at 02:00  last 2026-12-24T08:0" in running.flask("clock", "show"), running)
    assert running.stop(signal.SIGTERM) == 0
    assert running.left() == []
    running.start(ZONE_NOW=FIRST).wait_ready()
    assert "the clock goes on from there" in running.said()
    assert running.flask("clock", "show").startswith("2026-12-24T08:")
