"""`python -m bench [--quick]`: load a month as the road writes it, measure, check the results, write the figures.

The figures go to `var/bench/latest.json` (machine, rows, figures, ratios). Timings depend on what else the machine
does: run it alone. The run fails where a result is wrong, never because of a time.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any, TypeVar

from sqlalchemy import text
from sqlalchemy.orm import Session, sessionmaker

from app.settings import ROOT
from bench.firms import register
from bench.months import load_month, tidy
from bench.patterns import play_patterns
from bench.place import Place, place
from bench.summaries import apply_for, refused, workers
from common import clock
from common.db import transaction
from customs.proof import Month, Proof, Scope, prove
from customs.queries.board import board
from customs.queries.scope import Viewer

FULL, QUICK = 1_000_000, 50_000
AGES = (1, 3, 7, 30)
"""Bands of the board, in days."""

TABLES = ("checklist", "checklist_line", "closed_line", "declaration", "declaration_line", "declaration_source")
_MB = 1024 * 1024
Result = TypeVar("Result")


def main() -> int:
    """Run; 1 where a result is wrong."""
    parser = argparse.ArgumentParser(description="Measure the platform on a database of its own.")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK:,} checklists instead of {FULL:,}")
    quick = parser.parse_args().quick
    folder = Path(os.environ.get("ZONE_VAR") or ROOT / "var") / "bench"
    machine = _machine()
    _say(f"load average at the start: {machine['load_at_start']}")
    with place(folder / "place") as where:
        figures, rows, wrong = _measure(where, QUICK if quick else FULL, "quick" if quick else "1m")
        machine["postgres"] = _one(where.factory, "SHOW server_version")
    machine |= {"load_at_end": _load(), "quick": quick, "at": clock.now().isoformat(timespec="seconds")}
    written = {"machine": machine, "rows": rows, "figures": figures, "ratios": {}}
    (folder / "latest.json").write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    for name, figure in figures.items():
        _say(f"{name:24} {figure}")
    for one in wrong:
        _say(f"WRONG: {one}")
    return 1 if wrong else 0


def _measure(where: Place, checklists: int, suffix: str) -> tuple[dict[str, str], list[dict[str, Any]], list[str]]:
    first = Month.of(clock.today()).before.first
    patterns = play_patterns(where)
    _say(f"{len(patterns)} parcels went the whole road and are the patterns")
    with transaction(where.factory) as session:
        firms = register(session, patterns, clock.now())
    loaded = load_month(where.factory, patterns, firms, "B", checklists, first, _say)
    beside = load_month(where.factory, patterns, firms, "A", checklists // 10, first, _say)
    tidy(where.factory)
    at = datetime.combine(Month.of(first).next.first, datetime.min.time(), clock.CHINA) + timedelta(days=2)
    messages = apply_for(where.factory, loaded, at)
    with workers(where.url) as pool:
        _, summary_s = _timed(lambda: pool.work(messages, at))
    _say(f"summary: {summary_s:.2f} s")
    wrong = refused(where.factory, messages)
    made = _count(where.factory, "declaration")
    _say(f"{len(messages)} applications of {len(firms)} consignors became {made} declarations")
    tidy(where.factory)
    proof, proof_s = _timed(lambda: _prove(where.factory, first, at))
    again, again_s = _timed(lambda: _prove(where.factory, first, at))
    _say(f"proof: {proof_s:.2f} s, again {again_s:.2f} s")
    zones = frozenset(part.zone_code for part in proof.parts)
    _, board_s = _timed(lambda: show_board(where.factory, zones, at))
    figures = {
        f"summary_run_{suffix}_s": summary_s,
        f"proof_{suffix}_s": max(proof_s, again_s),
        f"board_{suffix}_s": board_s,
    }
    wrong += wrong_of(proof, loaded.checklists + beside.checklists, loaded.lines + beside.lines)
    wrong += [] if again.holds else ["the second proof differs from the first"]
    rows = [{"table": name, "rows": _count(where.factory, name)} for name in TABLES]
    return {name: f"{figure:.2f}" for name, figure in figures.items()}, rows, wrong


def wrong_of(proof: Proof, checklists: int, lines: int) -> list[str]:
    """What the measured runs got wrong; the patterns' own month is another one."""
    found = [f"{one.rule}: {one.say().en}" for one in proof.differences[:5]]
    if (proof.checklists, proof.lines) != (checklists, lines):
        found.append(f"proven {proof.checklists} checklists, {proof.lines} lines; loaded {checklists}, {lines}")
    for balance in proof.totals("B"):
        if balance.open.lines or balance.truth != balance.declared - balance.elsewhere:
            found.append(f"{balance.currency}: not all of it is declared, or the declarations do not add up to it")
    return found


def _timed(work: Callable[[], Result]) -> tuple[Result, float]:
    began = perf_counter()
    return work(), perf_counter() - began


def _prove(factory: sessionmaker[Session], first: date, at: datetime) -> Proof:
    with transaction(factory) as session:
        return prove(session, Month.of(first), Scope(), at=at)


def show_board(factory: sessionmaker[Session], zones: frozenset[str], at: datetime) -> None:
    with transaction(factory) as session:
        board(session, Viewer(None, zones, officer=True), at, ages=AGES, lately=AGES[-1])


def _count(factory: sessionmaker[Session], table: str) -> int:
    return int(_one(factory, f"SELECT count(*) FROM {table}"))  # noqa: S608 - the program's own names


def _one(factory: sessionmaker[Session], query: str) -> str:
    with factory() as session:
        return str(session.execute(text(query)).scalar_one())


def _machine() -> dict[str, Any]:
    cpuinfo = Path("/proc/cpuinfo")
    models = [
        line.partition(":")[2].strip()
        for line in (cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else [])
        if line.startswith("model name")
    ]
    return {
        "cores": os.cpu_count(),
        "cpu": models[0] if models else platform.processor(),
        "memory_mb": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // _MB,
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_at_start": _load(),
    }


def _load() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def _say(line: str) -> None:
    print(f"bench: {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
