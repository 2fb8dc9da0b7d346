"""The database's schema: what the program maps, and bringing a database to it by the migrations."""

from __future__ import annotations

import pkgutil
import re
from importlib import import_module

from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData

from app.settings import ROOT
from common.db import Base
from common.partitions import PARTITIONED

PACKAGES = ("common", "credit", "customs", "tax", "forex", "app")
_PARTITION = re.compile(rf"^({'|'.join(PARTITIONED)})_\d{{6}}")


def target_metadata() -> MetaData:
    """Every mapped table: modules named `tables` in the packages, and the kernel's own."""
    for package in PACKAGES:
        root = import_module(package)
        for found in pkgutil.walk_packages(root.__path__, f"{package}."):
            words = found.name.split(".")
            if package == "common" or any(word == "tables" or word.endswith("_tables") for word in words):
                import_module(found.name)
    return Base.metadata


def include_object(_: object, name: str | None, kind: str, reflected: bool, __: object) -> bool:
    """Leave the months' partitions out of comparisons: the program makes them, not the migrations."""
    return not (reflected and kind in ("table", "index") and name and is_partition(name))


def is_partition(name: str) -> bool:
    """Whether a table or index belongs to one month."""
    return bool(_PARTITION.match(name))


def upgrade(url: str, revision: str = "head") -> None:
    """Bring the database to a revision."""
    command.upgrade(config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Take the database back to a revision."""
    command.downgrade(config(url), revision)


def config(url: str) -> Config:
    """Alembic's settings for one database."""
    found = Config(str(ROOT / "alembic.ini"))
    found.set_main_option("script_location", str(ROOT / "migrations"))
    found.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return found
