"""What an installation is filled with at start: one step per area, each idempotent and quick when nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session, sessionmaker

from app.demo_accounts import seed_demo
from app.demo_warehouses import seed_warehouses
from common.audit import PLATFORM, set_context
from common.db import transaction
from common.rates_samples import drop_samples, load_samples
from credit.shipped import load_zones
from customs.codes.loading import load_shipped


@dataclass(frozen=True, slots=True)
class Seeding:
    """When the seed runs, and whether this is a demo."""

    at: datetime
    demo: bool
    folder: Path = Path("var")
    """Where the demo's accounts are told."""


Step = Callable[[Session, Seeding], None]


def seed_codes(session: Session, seeding: Seeding) -> None:
    """Code tables that come with the product."""
    load_shipped(session, at=seeding.at)


def seed_rates(session: Session, seeding: Seeding) -> None:
    """Sample rates in a demo; outside it, none may be left."""
    if seeding.demo:
        load_samples(session, at=seeding.at)
    else:
        drop_samples(session, at=seeding.at)


def seed_zones(session: Session, seeding: Seeding) -> None:
    """Zones, parks and offices that come with the product; in a demo also firms and accounts."""
    load_zones(session, at=seeding.at)
    if seeding.demo:
        seed_demo(session, seeding.folder, at=seeding.at)


def seed_overseas(session: Session, seeding: Seeding) -> None:
    """In a demo, overseas warehouses; they need firms and the table of countries."""
    if seeding.demo:
        seed_warehouses(session, at=seeding.at)


STEPS: list[tuple[str, Step]] = [
    ("zones", seed_zones),
    ("codes", seed_codes),
    ("rates", seed_rates),
    ("overseas", seed_overseas),
]


def seed(factory: sessionmaker[Session], seeding: Seeding) -> None:
    """Run every step, each in its own transaction, in order."""
    for _, step in STEPS:
        with transaction(factory) as session:
            set_context(session, actor=PLATFORM, at=seeding.at)
            step(session, seeding)
