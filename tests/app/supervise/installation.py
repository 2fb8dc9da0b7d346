"""An installation in a folder of its own, started as `make run` starts it."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from app.supervise.death import SUPERVISED

ROOT = Path(__file__).resolve().parents[3]
PATIENCE_S = 120
SET_HERE = (
    "DATABASE_URL",
    "BROKER_URL",
    "SECRET_KEY",
    "ZONE_DEMO",
    "ZONE_NOW",
    "ZONE_CLOCK_OFFSET",
    "MAX_BODY_BYTES",
    SUPERVISED,
)
CHILDREN = ("postgres", "valkey", "web", "worker", "scheduler")


class Installation:
    """One `var/` folder and port, and the supervisor that works there."""

    def __init__(self, var, port):
        """Nothing is started yet."""
        self.var, self.port = Path(var), port
        self.process, self.output = None, Path(var).with_suffix(".out")

    def env(self, **given):
        """The environment of a start: this process's without what would change an installation."""
        kept = {name: value for name, value in os.environ.items() if name not in SET_HERE}
        return {**kept, "ZONE_VAR": str(self.var), "PORT": str(self.port), **given}

    def start(self, **given):
        """Start and return without waiting."""
        command = [sys.executable, "-m", "app.supervise.run"]
        with self.output.open("wb") as file:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.env(**given), stdout=file, stderr=subprocess.STDOUT, start_new_session=True
            )
        return self

    def refused(self, **given):
        """Start, expecting a refusal; what it said."""
        self.start(**given)
        assert self.process.wait(PATIENCE_S) == 2
        return self.said()

    def said(self):
        """What the supervisor told the terminal so far."""
        return self.output.read_text(encoding="utf-8")

    def wait_ready(self):
        """Return once the supervisor says that everything is ready."""
        return wait_for(lambda: f"ready http://127.0.0.1:{self.port}" in self.said(), self)

    def answers(self, path="/readyz"):
        """Whether the web server answers well."""
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except OSError:
            return False

    def stop(self, number=signal.SIGINT):
        """Ask for the end and wait for it; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)

    def pid(self, name):
        """A child's process number."""
        return int((self.var / "run" / f"{name}.pid").read_text(encoding="utf-8"))

    def children_of(self, name):
        """Processes that a child has started itself."""
        try:
            lists = [task.joinpath("children") for task in Path(f"/proc/{self.pid(name)}/task").iterdir()]
            return {int(pid) for file in lists for pid in file.read_text().split()}
        except OSError:  # it is just being started again
            return set()

    def left(self):
        """Processes of this installation that run now, also children of children."""
        return [pid for pid in (int(one.name) for one in Path("/proc").glob("[0-9]*")) if self._is_ours(pid)]

    def flask(self, *words):
        """What `flask …` says in a second terminal."""
        command = [sys.executable, "-m", "flask", *words]
        env = {name: value for name, value in self.env().items() if name != "PORT"}
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout

    def accounts(self):
        """The demo's accounts."""
        return json.loads((self.var / "demo-accounts.json").read_text(encoding="utf-8"))

    def _is_ours(self, pid):
        mark = f"{SUPERVISED}={self.var}".encode()
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            return state != "Z" and mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        except OSError:
            return False


def wait_for(found, installation):
    """Return the first true answer of `found`; fails where the supervisor ends first or it takes far too long."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        answer = found()
        if answer:
            return answer
        assert installation.process.poll() is None, installation.said()
        time.sleep(0.05)
    raise AssertionError(f"waited in vain: {installation.said()}")
