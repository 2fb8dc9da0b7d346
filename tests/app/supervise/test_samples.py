"""The sample parcels of a first start: a start after a killed one tells the simulator the same beginning."""

from datetime import timedelta
from types import SimpleNamespace

from app.supervise import programs
from app.supervise.run import _samples_begun
from simulator.__main__ import _arguments


def test_the_beginning_of_the_samples_is_kept_for_the_next_start(tmp_path):
    run = SimpleNamespace(folder=SimpleNamespace(path=tmp_path), offset=timedelta(days=3))
    first = _samples_begun(run)
    run.offset = timedelta(days=5)
    assert _samples_begun(run) == first


def test_the_simulator_reads_the_beginning_that_it_is_told(tmp_path, monkeypatch):
    run = SimpleNamespace(folder=SimpleNamespace(path=tmp_path), offset=timedelta(0))
    begun = _samples_begun(run)
    command = programs.samples({}, tmp_path, begun).command
    monkeypatch.setattr("sys.argv", command[2:])
    asked = _arguments()
    assert asked.samples
    assert asked.begun.isoformat() == begun
