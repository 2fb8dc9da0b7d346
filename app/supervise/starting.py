"""What a start is told by its environment; a wrong value stops it by name before anything is touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from app.settings import ROOT, SettingsError, load_settings
from app.supervise.refusals import CannotStartError

_PLACE = {"DATABASE_URL": "postgresql://", "SECRET_KEY": "x" * 16}
_BROKERS = ("redis://", "rediss://")


@dataclass(frozen=True, slots=True)
class Start:
    """One start of the installation."""

    var: Path
    """`ZONE_VAR`: the installation's folder, absolute."""
    port: int
    """`PORT` of the web server."""
    demo: bool
    """`ZONE_DEMO`, on unless switched off."""
    now: datetime | None
    """`ZONE_NOW`: the instant at which the demo starts."""
    database_url: str | None
    """`DATABASE_URL`: somebody else's database instead of our own."""
    broker_url: str | None
    """`BROKER_URL`: somebody else's broker instead of our own."""


def read_start(env: Mapping[str, str]) -> Start:
    """The start described by `env`; raises `CannotStartError` naming the variable that is wrong."""
    try:
        given = {name: value for name, value in env.items() if value and name != "ZONE_CLOCK_OFFSET"}
        settings = load_settings({**_PLACE, "ZONE_DEMO": "1", **given})
    except SettingsError as wrong:
        raise CannotStartError(str(wrong)) from None
    broker = env.get("BROKER_URL") or None
    if broker and not broker.startswith(_BROKERS):
        raise CannotStartError("BROKER_URL must start with redis:// or rediss://")
    now = _instant(env.get("ZONE_NOW", ""))
    if now and not settings.demo:
        raise CannotStartError("ZONE_NOW moves the clock, which is for the demo only: unset it or unset ZONE_DEMO")
    return Start(
        var=Path(env.get("ZONE_VAR") or ROOT / "var").absolute(),
        port=settings.port,
        demo=settings.demo,
        now=now,
        database_url=env.get("DATABASE_URL") or None,
        broker_url=broker,
    )


def _instant(written: str) -> datetime | None:
    if not written:
        return None
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise CannotStartError(f"ZONE_NOW must be an instant like 2026-12-01T09:00:00+08:00, not {written!r}")
    return found
