"""`make run`: starts one installation, keeps it running, ends it. See docs/decisions/0001 and docs/operations.md."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

from app.supervise import demo_clock, programs, servers
from app.supervise.children import Children
from app.supervise.death import set_death_signal
from app.supervise.folder import Folder, write_env_file
from app.supervise.ports import HOST, reserve
from app.supervise.refusals import CannotStartError
from app.supervise.starting import Start, read_start
from app.supervise.stopping import StopAsked, Stopping
from common import clock

READY_S = 90.0
TICK_S = 0.2
KEEP_CLOCK_S = 30.0


@dataclass(slots=True)
class _Run:
    start: Start
    folder: Folder
    children: Children
    offset: timedelta
    samples_sent: Path


def main() -> int:
    """Run until asked to stop: 0 then; 1 when something cannot be kept running; 2 when the start is refused."""
    parser = argparse.ArgumentParser(description="Start the platform and keep it running.")
    parser.add_argument("--with-parent", action="store_true", help="end when the starting process ends")
    if parser.parse_args().with_parent:
        set_death_signal(signal.SIGTERM, os.getppid())
    clock.set_offset(timedelta(0))
    stopping = Stopping()
    stopping.listen()
    try:
        return _hold_and_run(stopping)
    except CannotStartError as refused:
        _say(f"stopped: {refused}")
        return 2


def _say(line: str) -> None:
    with suppress(OSError):  # nobody reads any more: no reason to end
        print(line, flush=True)


def _hold_and_run(stopping: Stopping) -> int:
    start = read_start(os.environ)
    folder = Folder(start.var)
    for name in folder.end_leftovers():
        _say(f"ended {name}, left over from an earlier start")
    kept_port = reserve(start.port)
    children = Children(folder, stopping, _say)
    offset = _offset(start, folder)
    run = _Run(start, folder, children, offset, folder.path / "samples-sent")
    code = 1
    try:
        _start(run)
        _keep_running(run)
    except StopAsked:
        code = 0
    except (CannotStartError, RuntimeError) as failed:
        _say(f"stopped: {failed}")
    finally:
        _end(run)
        kept_port.close()
    return code


def _offset(start: Start, folder: Folder) -> timedelta:
    kept = demo_clock.read(folder.path / "clock.json")
    offset = demo_clock.choose(start.now, kept, clock.now(), start.demo)
    if start.now and kept and start.now <= kept.reached:
        _say(f"ZONE_NOW is not later than {kept.reached.isoformat(timespec='seconds')}: the clock goes on from there")
    demo_clock.write(folder.path / "clock.json", offset, clock.now())
    return offset


def _start(run: _Run) -> None:
    start, folder, children = run.start, run.folder, run.children
    env = _environment(run)
    if run.offset:
        _say(f"the clock stands at {(clock.now() + run.offset).isoformat(timespec='seconds')}")
    code = children.run(programs.prepare(env, folder.log))
    if code:
        raise CannotStartError(f"the database could not be prepared:\n{_tail(folder.log / 'prepare.out')}")
    children.start(programs.web(start.port, env, folder.log))
    _wait_until_ready(run)
    # after the web server: they would only take the processor from it
    children.start(programs.worker(env, folder.log))
    children.start(programs.scheduler(env, folder.log))
    _say(f"ready http://{HOST}:{start.port}")
    if start.demo and not run.samples_sent.exists() and find_spec("simulator.__main__"):
        _send_samples(run, env)


def _environment(run: _Run) -> dict[str, str]:
    """Start the servers; what every Python process of the installation is told, also kept for a second terminal."""
    start, folder, children = run.start, run.folder, run.children
    for file in folder.log.glob("*.out"):
        shutil.move(file, file.with_suffix(".out.1"))
    database, broker = start.database_url, start.broker_url
    if database:
        servers.check_database(database)
    if broker:
        servers.check_broker(broker)
    told = {
        "DATABASE_URL": database or servers.start_database(folder, children, _say),
        "BROKER_URL": broker or servers.start_broker(folder, children, _say),
        "SECRET_KEY": os.environ.get("SECRET_KEY") or folder.key("SECRET_KEY"),
        "PORT": str(start.port),
        "ZONE_DEMO": "1" if start.demo else "0",
        "ZONE_CLOCK_OFFSET": str(run.offset.total_seconds()),
        "ZONE_VAR": str(folder.path),
    }
    write_env_file(folder.path / "run.env", told)
    inherited = {name: value for name, value in os.environ.items() if name not in ("ZONE_NOW", "MAKEFLAGS")}
    url = f"http://{HOST}:{start.port}"
    return {**inherited, **told, **folder.mark, "ZONE_URL": url, "PYTHONUNBUFFERED": "1"}


def _wait_until_ready(run: _Run) -> None:
    until = time.monotonic() + READY_S
    while not _is_ready(run.start.port):
        run.children.watch()
        if time.monotonic() > until:
            raise CannotStartError(f"the web server is not ready after {READY_S:.0f} s: see {run.folder.log}/web.out")
        time.sleep(0.1)


def _is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{HOST}:{port}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _send_samples(run: _Run, env: dict[str, str]) -> None:
    _say("sending sample parcels")
    code = run.children.run(programs.samples(env, run.folder.log, _samples_begun(run)))
    if code == 0:
        run.samples_sent.write_text(f"{(clock.now() + run.offset).isoformat()}\n", encoding="utf-8")
        _say("the sample parcels are in")
    else:
        _say(f"the sample parcels could not be sent (ended with {code}): see {run.folder.log}/samples.out")


def _samples_begun(run: _Run) -> str:
    """The instant the samples are told from; kept, so that after a killed start they are sent with the same numbers."""
    file = run.folder.path / "samples-begun"
    if not file.exists():
        fresh = file.with_name(f"{file.name}.new")
        fresh.write_text((clock.now() + run.offset).isoformat(timespec="seconds"), encoding="utf-8")
        fresh.replace(file)
    return file.read_text(encoding="utf-8").strip()


def _keep_running(run: _Run) -> None:
    kept_at = time.monotonic()
    while True:
        run.children.watch()
        if time.monotonic() - kept_at >= KEEP_CLOCK_S:
            demo_clock.write(run.folder.path / "clock.json", run.offset, clock.now())
            kept_at = time.monotonic()
        time.sleep(TICK_S)


def _end(run: _Run) -> None:
    _say("ending; Ctrl-C again ends at once")
    run.children.end_all()
    demo_clock.write(run.folder.path / "clock.json", run.offset, clock.now())
    (run.folder.path / "run.env").unlink(missing_ok=True)
    run.folder.forget_pid("supervisor")


def _tail(file: Path, lines: int = 15) -> str:
    try:
        return "\n".join(file.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
