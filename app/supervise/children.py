"""The running children: started, watched, started again when one dies, ended in order."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from app.supervise.folder import Folder
from app.supervise.launching import Program, end, launch
from app.supervise.refusals import CannotStartError
from app.supervise.stopping import Stopping

DEATHS = 6
WITHIN_S = 60.0
"""A child that dies this often within this time is not started again: everything ends."""
PAUSE_S = 0.25
"""Wait before the first restart; doubled for each further one."""


class GaveUpError(CannotStartError):
    """A child cannot be kept running."""


@dataclass(slots=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    before: Callable[[], None] | None
    deaths: list[float] = field(default_factory=list)
    again_at: float | None = None


class Children:
    """All children of one supervisor, in the order in which they were started."""

    def __init__(self, folder: Folder, stopping: Stopping, say: Callable[[str], None]) -> None:
        """Watch over processes named in `folder` until `stopping`; `say` tells a person what happens."""
        self._folder = folder
        self._stopping = stopping
        self._say = say
        self._children: dict[str, _Child] = {}

    def start(self, program: Program, before: Callable[[], None] | None = None) -> subprocess.Popen[bytes]:
        """Start a program and keep it running; `before` is done before each of its starts."""
        process = self._launch(program, before)
        self._children[program.name] = _Child(program, process, before)
        return process

    def run(self, program: Program) -> int:
        """Run a program to its end while watching over the others; its exit code."""
        process = self._launch(program, None)
        try:
            while process.poll() is None:
                self.watch()
                time.sleep(0.05)
        finally:
            end(process, program)
            self._folder.forget_pid(program.name)
        return process.returncode

    def watch(self) -> None:
        """Start again what has died; raises `GaveUpError` for one that dies again and again, `StopAsked` at the end."""
        self._stopping.check()
        for child in self._children.values():
            if child.again_at is None and child.process.poll() is not None:
                self._died(child)
            if child.again_at is not None and time.monotonic() >= child.again_at:
                child.process, child.again_at = self._launch(child.program, child.before), None

    def end_all(self) -> None:
        """End every child, the last started first; the servers after everything that uses them.

        Being asked once more meanwhile ends all of them at once; the database then recovers at its next start.
        """
        once_more = self._stopping.asked + 1
        children = list(reversed(self._children.values()))
        for child in children:
            if not child.program.is_server and child.process.poll() is None:
                child.process.send_signal(child.program.stop)
        for child in children:
            end(child.process, child.program, hurry=lambda: self._stopping.asked >= once_more)
            self._folder.forget_pid(child.program.name)
        self._children.clear()

    def _launch(self, program: Program, before: Callable[[], None] | None) -> subprocess.Popen[bytes]:
        if before is not None:
            before()
        process = launch(program)
        self._folder.write_pid(program.name, process.pid)
        return process

    def _died(self, child: _Child) -> None:
        now = time.monotonic()
        child.deaths = [at for at in child.deaths if now - at < WITHIN_S] + [now]
        name, how = child.program.name, _how(child.process.returncode)
        if len(child.deaths) >= DEATHS:
            raise GaveUpError(f"{name} {how} for the {DEATHS}th time within a minute: see {child.program.log}")
        child.again_at = now + PAUSE_S * 2 ** (len(child.deaths) - 1)
        self._say(f"{name} {how}; starting it again")


def _how(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with {code}"
