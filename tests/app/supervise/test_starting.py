"""What stops a start, each by its name, before anything is touched."""

import os
from datetime import datetime, timedelta

import pytest

from app.supervise import demo_clock
from app.supervise.death import SUPERVISED
from app.supervise.demo_clock import Kept, choose
from app.supervise.folder import Folder
from app.supervise.launching import Program, end, launch
from app.supervise.refusals import CannotStartError
from app.supervise.starting import read_start

REAL = datetime.fromisoformat("2026-11-24T12:00:00+08:00")
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"PORT": "eighty"}, "PORT must be a whole number"),
        ({"PORT": "70000"}, "PORT must be a whole number"),
        ({"ZONE_DEMO": "perhaps"}, "ZONE_DEMO must be 1 or 0"),
        ({"MAX_BODY_BYTES": "-1"}, "MAX_BODY_BYTES must be a whole number"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY must have at least"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL must start with postgresql://"),
        ({"BROKER_URL": "amqp://x"}, "BROKER_URL must start with redis://"),
        ({"ZONE_NOW": "tomorrow"}, "ZONE_NOW must be an instant like"),
        ({"ZONE_NOW": "2026-12-01T09:00:00"}, "ZONE_NOW must be an instant like"),
        ({"ZONE_NOW": "2026-12-01T09:00:00+08:00", "ZONE_DEMO": "0"}, "ZONE_NOW moves the clock"),
    ],
)
def test_a_wrong_setting_stops_the_start_by_its_name(wrong, named):
    with pytest.raises(CannotStartError, match=named):
        read_start(wrong)


def test_without_settings_it_is_a_demo_on_port_8000_in_var():
    start = read_start({})
    assert (start.port, start.demo, start.var.name) == (8000, True, "var")
    assert (start.now, start.database_url, start.broker_url) == (None, None, None)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_stops_the_start_by_name(tmp_path):
    os.chown(tmp_path, 65534, 65534)
    with pytest.raises(CannotStartError, match=f"{tmp_path} belongs to nobody and you are root"):
        Folder(tmp_path)


def test_a_folder_that_cannot_be_made_stops_the_start_by_name(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(CannotStartError, match="file/var cannot be used"):
        Folder(tmp_path / "file" / "var")


def test_a_leftover_is_ended_and_a_stranger_with_a_noted_number_is_left_alone(tmp_path):
    folder = Folder(tmp_path / "var")
    sleep = ["sleep", "300"]
    ours = Program("ours", sleep, env={**os.environ, **folder.mark})
    stranger = Program("stranger", sleep, env={**os.environ, SUPERVISED: "/somewhere/else"})
    running = [(launch(one), one) for one in (ours, stranger)]
    try:
        for child, one in running:
            folder.write_pid(one.name, child.pid)
        folder.write_pid("gone", 2**22 + 1)
        assert folder.end_leftovers() == ["ours"]
        assert running[0][0].wait(10) != 0
        assert running[1][0].poll() is None
        assert [file.name for file in folder.run.glob("*.pid")] == ["supervisor.pid"]
    finally:
        for child, one in running:
            end(child, one)


@pytest.mark.parametrize(
    ("wanted", "kept", "offset"),
    [
        (None, None, 0 * DAY),
        (REAL + 7 * DAY, None, 7 * DAY),
        (REAL - 7 * DAY, None, -7 * DAY),
        (None, Kept(7 * DAY, REAL + 6 * DAY), 7 * DAY),
        (REAL + 9 * DAY, Kept(7 * DAY, REAL + 6 * DAY), 9 * DAY),
        (REAL + 2 * DAY, Kept(7 * DAY, REAL + 6 * DAY), 6 * DAY),
    ],
    ids=["real", "ahead", "behind", "goes on while stopped", "set forward", "never back"],
)
def test_the_demo_clock_is_moved_forward_and_never_back(wanted, kept, offset):
    assert choose(wanted, kept, REAL, demo=True) == offset


def test_real_work_never_goes_on_from_a_moved_clock():
    with pytest.raises(CannotStartError, match="moved clock"):
        choose(None, Kept(DAY, REAL), REAL, demo=False)
    assert choose(None, Kept(0 * DAY, REAL), REAL, demo=False) == 0 * DAY


def test_the_clock_is_kept_as_it_was_written(tmp_path):
    file = tmp_path / "clock.json"
    assert demo_clock.read(file) is None
    demo_clock.write(file, DAY, REAL)
    assert demo_clock.read(file) == Kept(DAY, REAL + DAY)


def test_a_spoilt_clock_stops_the_start_by_name(tmp_path):
    file = tmp_path / "clock.json"
    file.write_text("{", encoding="utf-8")
    with pytest.raises(CannotStartError, match=r"clock\.json cannot be read"):
        demo_clock.read(file)
