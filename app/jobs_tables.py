"""When each periodic job last ran, and what stopped it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column

from common.db import Base


class JobRun(Base):
    """One job of `app.jobs`; its row is the lock by which only one scheduler runs it at a time."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    every: Mapped[str] = mapped_column(Text)
    """How often, in words; for people who look at the table."""
    last_run_at: Mapped[datetime | None]
    """When it last ended well, by the platform's clock."""
    tried_at: Mapped[datetime | None]
    """When it was last begun."""
    last_error: Mapped[str | None] = mapped_column(Text)
    """Why it last failed; empty once it ends well."""
    last_ms: Mapped[int | None]
    last_count: Mapped[int | None]
    """What it reported: how many records it worked on."""
