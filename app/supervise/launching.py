"""Starting one child: its account, its session, its death with us, its log."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.supervise.accounts import Account
from app.supervise.death import set_death_signal

TICK_S = 0.02


@dataclass(frozen=True, slots=True)
class Program:
    """One process that an installation consists of."""

    name: str
    command: Sequence[str]
    stop: signal.Signals = signal.SIGTERM
    """What ends it in good order."""
    on_death: signal.Signals = signal.SIGKILL
    """What the kernel sends it when the supervisor is gone."""
    account: Account | None = None
    env: Mapping[str, str] | None = None
    cwd: Path | None = None
    log: Path | None = None
    """Where its output goes; ours where None."""
    grace_s: float = 10.0
    is_server: bool = False
    """Others depend on it: it ends after them."""


def as_child(account: Account | None, on_death: signal.Signals) -> Callable[[], None]:
    """What a child does between fork and exec: drop to the account, then ask to die with its parent."""
    parent = os.getpid()

    def prepare() -> None:
        if account is not None:
            os.setgroups([])
            os.setgid(account.gid)
            os.setuid(account.uid)
        set_death_signal(on_death, parent)

    return prepare


def launch(program: Program) -> subprocess.Popen[bytes]:
    """Start the program in a session of its own, so that Ctrl-C reaches the supervisor alone."""
    output = program.log.open("ab") if program.log else None
    try:
        return subprocess.Popen(
            program.command,
            env=dict(program.env) if program.env is not None else None,
            cwd=program.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
            preexec_fn=as_child(program.account, program.on_death),
        )
    finally:
        if output:
            output.close()


def run_as(account: Account | None, command: Sequence[str], cwd: Path) -> None:
    """Run a short program to its end under the account; raises `CalledProcessError` with what it said."""
    subprocess.run(
        command, cwd=cwd, check=True, capture_output=True, text=True, preexec_fn=as_child(account, signal.SIGKILL)
    )


def end(child: subprocess.Popen[bytes], program: Program, hurry: Callable[[], bool] = lambda: False) -> None:
    """End a child in good order, by force after its grace or when `hurry` says so."""
    if child.poll() is not None:
        return
    child.send_signal(program.stop)
    until = time.monotonic() + program.grace_s
    while child.poll() is None:
        if time.monotonic() > until or hurry():
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        time.sleep(TICK_S)
