"""Logs that several processes of one kind share: no line is lost when the file rotates."""

import logging
import multiprocessing
from collections import Counter

from app.logs import SharedFileHandler

LINES = 300
LIMIT = 2000
"""Small, so that the file rotates every few dozen lines."""


def write(path, name):
    """What one process does: its numbered lines, through a handler of its own."""
    handler = SharedFileHandler(path, LIMIT, 1000)
    for number in range(LINES):
        handler.emit(logging.LogRecord("test", logging.INFO, "", 0, f"{name} line {number}", None, None))
    handler.close()


def test_two_processes_writing_past_the_limit_lose_no_line(tmp_path):
    path = tmp_path / "web.log"
    processes = [multiprocessing.get_context("spawn").Process(target=write, args=(path, name)) for name in ("a", "b")]
    for one in processes:
        one.start()
    for one in processes:
        one.join()
        assert one.exitcode == 0
    files = [one for one in tmp_path.glob("web.log*") if one.suffix != ".lock"]
    lines = Counter(line for one in files for line in one.read_text(encoding="utf-8").splitlines())
    assert lines == Counter(f"{name} line {number}" for name in ("a", "b") for number in range(LINES))
    assert len(files) > 2
    assert all(one.stat().st_size <= LIMIT for one in files)


def test_only_so_many_old_files_are_kept(tmp_path):
    handler = SharedFileHandler(tmp_path / "web.log", 100, 2)
    for number in range(40):
        handler.emit(logging.LogRecord("test", logging.INFO, "", 0, f"line {number}", None, None))
    handler.close()
    kept = sorted(one.name for one in tmp_path.iterdir())
    assert kept == ["web.log", "web.log.1", "web.log.2", "web.log.lock"]
    assert "line 39" in (tmp_path / "web.log").read_text(encoding="utf-8")
