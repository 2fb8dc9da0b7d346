"""How far the demo's clock stands from the real one, kept in `var/clock.json`.

The clock never runs backwards, because everything stored carries its instants. `ZONE_NOW` sets it forward. Without
it the distance to the real clock stays as it was, so the demo's days pass while it is stopped, too. Where `ZONE_NOW` is
not later than the instant already reached, the clock goes on from that instant: the same command line can be used
again and again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from app.supervise.refusals import CannotStartError
from common.clock import CHINA

NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Kept:
    """What an earlier run left: the distance to the real clock, and the latest instant known to be reached."""

    offset: timedelta
    reached: datetime


def read(path: Path) -> Kept | None:
    """What is kept; None at the first start."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return Kept(timedelta(seconds=float(raw["offset_s"])), datetime.fromisoformat(raw["reached"]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        raise CannotStartError(f"{path} cannot be read: restore it, or remove it to go on by the real clock") from None


def write(path: Path, offset: timedelta, real: datetime) -> None:
    """Keep the distance and the instant reached now."""
    reached = (real + offset).astimezone(CHINA)
    fresh = path.with_name(f"{path.name}.new")
    content = {"offset_s": offset.total_seconds(), "reached": reached.isoformat()}
    fresh.write_text(json.dumps(content), encoding="utf-8")
    fresh.replace(path)


def choose(wanted: datetime | None, kept: Kept | None, real: datetime, demo: bool) -> timedelta:
    """The distance for this start; raises `CannotStartError` where real work would go on from a moved clock."""
    if not demo:
        if kept is not None and kept.offset:
            raise CannotStartError(
                "this folder was used with a moved clock: give real work a folder of its own with ZONE_VAR"
            )
        return NONE
    if wanted is None:
        return kept.offset if kept else NONE
    return (max(wanted, kept.reached) if kept else wanted) - real
