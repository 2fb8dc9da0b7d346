"""The Python processes of an installation and how each is started."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from app.settings import ROOT
from app.supervise.launching import Program
from app.supervise.ports import HOST

WEB_PROCESSES = 2
WEB_THREADS = 16
"""Per process; callers that wait for an answer (`?wait=`) hold one each."""
WORKERS = 2


def web(port: int, env: Mapping[str, str], log: Path) -> Program:
    """The web server; it starts its own processes anew when one of them dies."""
    command = [
        "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port),
        "--workers", str(WEB_PROCESSES), "--blocking-threads", str(WEB_THREADS),
        "--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", "5",
        "--working-dir", str(ROOT), "wsgi:app",
    ]  # fmt: skip
    return _python("web", command, env, log)


def worker(env: Mapping[str, str], log: Path) -> Program:
    """The Celery worker."""
    command = [
        "celery", "-A", "app.tasks.worker", "worker", "--pool", "prefork", "--concurrency", str(WORKERS),
        "--without-gossip", "--without-mingle", "--without-heartbeat", "--hostname", "worker@zone",
    ]  # fmt: skip
    return _python("worker", command, env, log)


def scheduler(env: Mapping[str, str], log: Path) -> Program:
    """The process that runs the periodic jobs."""
    return _python("scheduler", ["app.tasks.scheduler"], env, log)


def prepare(env: Mapping[str, str], log: Path) -> Program:
    """Brings the database to what the program needs, then ends."""
    return _python("prepare", ["app.supervise.prepare"], env, log)


def samples(env: Mapping[str, str], log: Path, begun: str) -> Program:
    """Sends the sample parcels through the public API, then ends; the same instant `begun` sends the same messages."""
    return _python("samples", ["simulator", "--samples", "--begun", begun], env, log)


def _python(name: str, words: list[str], env: Mapping[str, str], log: Path) -> Program:
    return Program(name, [sys.executable, "-m", *words], env=env, cwd=ROOT, log=log / f"{name}.out")
