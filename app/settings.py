"""Settings of a process, read once from the environment; a missing or wrong value stops the start by its name.

Where `DATABASE_URL` is not set, `var/run.env` is read first: it is written by `make run`, so that `flask …` in a second
terminal works on the running installation.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
"""The folder of the checkout."""

MIN_SECRET = 16
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off", ""})


class SettingsError(Exception):
    """A setting is missing or wrong; the message names the variable and says what it takes."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process is told by its environment."""

    database_url: str = field(repr=False)
    """`DATABASE_URL`: postgresql://…"""
    broker_url: str | None = field(repr=False)
    """`BROKER_URL`: redis://… of the Celery broker; None where nothing is sent to workers (tests)."""
    secret_key: str = field(repr=False)
    """`SECRET_KEY`: signs page sessions, at least 16 characters."""
    port: int = 8000
    """`PORT`."""
    demo: bool = False
    """`ZONE_DEMO`: samples and a moved clock are allowed."""
    clock_offset_s: float = 0.0
    """`ZONE_CLOCK_OFFSET`: seconds that the clock runs ahead of the real one; demo only."""
    max_body_bytes: int = 16 * 1024 * 1024
    """`MAX_BODY_BYTES`: the largest request taken in."""
    data_dir: Path = ROOT / "var"
    """`ZONE_VAR`: logs, demo accounts, run files."""
    bench: bool = False
    """`ZONE_BENCH`: no rate limits."""


def load_settings(env: Mapping[str, str] | None = None) -> Settings:
    """The settings in `env` (the process's own by default, with `var/run.env` under it); raises `SettingsError`."""
    given = _environment() if env is None else env
    settings = Settings(
        database_url=_database_url(given),
        broker_url=given.get("BROKER_URL") or None,
        secret_key=_secret(given),
        port=_whole(given, "PORT", 8000, 1, 65535),
        demo=_truth(given, "ZONE_DEMO"),
        clock_offset_s=_seconds(given, "ZONE_CLOCK_OFFSET"),
        max_body_bytes=_whole(given, "MAX_BODY_BYTES", 16 * 1024 * 1024, 1024, 1 << 30),
        data_dir=Path(given.get("ZONE_VAR") or ROOT / "var"),
        bench=_truth(given, "ZONE_BENCH"),
    )
    if settings.clock_offset_s and not settings.demo:
        raise SettingsError(
            "ZONE_CLOCK_OFFSET moves the clock, which is for the demo only: set ZONE_DEMO=1 or unset it"
        )
    return settings


def read_env_file(path: Path) -> dict[str, str]:
    """NAME=value lines of a file; empty where there is none or it is not ours to read."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (FileNotFoundError, PermissionError):
        return {}
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def _environment() -> Mapping[str, str]:
    if os.environ.get("DATABASE_URL"):
        return os.environ
    kept = read_env_file(Path(os.environ.get("ZONE_VAR") or ROOT / "var") / "run.env")
    return {**kept, **os.environ}


def _database_url(env: Mapping[str, str]) -> str:
    url = env.get("DATABASE_URL", "")
    if not url:
        raise SettingsError("DATABASE_URL is missing: start the platform with make run, or set postgresql://…")
    if not url.startswith(("postgresql://", "postgresql+psycopg://")):
        raise SettingsError("DATABASE_URL must start with postgresql://")
    return url


def _secret(env: Mapping[str, str]) -> str:
    secret = env.get("SECRET_KEY", "")
    if len(secret) < MIN_SECRET:
        raise SettingsError(f"SECRET_KEY must have at least {MIN_SECRET} characters")
    return secret


def _whole(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    written = env.get(name) or str(default)
    if not written.isascii() or not written.isdigit() or not low <= int(written) <= high:
        raise SettingsError(f"{name} must be a whole number from {low} to {high}, not {written!r}")
    return int(written)


def _seconds(env: Mapping[str, str], name: str) -> float:
    written = env.get(name) or "0"
    try:
        seconds = float(written)
    except ValueError:
        seconds = float("nan")
    if not abs(seconds) < 100 * 366 * 86400:
        raise SettingsError(f"{name} must be seconds within a hundred years, not {written!r}")
    return seconds


def _truth(env: Mapping[str, str], name: str) -> bool:
    written = env.get(name, "").strip().lower()
    if written not in _TRUE | _FALSE:
        raise SettingsError(f"{name} must be 1 or 0, not {written!r}")
    return written in _TRUE
