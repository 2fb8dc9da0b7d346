"""The database session and the few tools every package needs around it.

Ids of papers carry the month of receipt: `yyyymm * 10**10 + serial`. Large tables are range-partitioned on that id,
so a paper and its lines, events and responses fall into the same month and an id alone is enough to find a row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Engine, MetaData, Numeric, create_engine, text
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

ID_STRIDE = 10**10
"""Serials per month of receipt; ids stay below 2**53, so JSON readers keep them exact."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Base(DeclarativeBase):
    """Base of every mapped table; amounts are exact, instants are aware."""

    metadata = metadata
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy reads this class attribute
        Decimal: Numeric(19, 5),
        datetime: DateTime(timezone=True),
        int: BigInteger,
    }


def make_engine(url: str, **options: Any) -> Engine:
    """An engine for a PostgreSQL URL (`postgresql://…`); psycopg 3 is the driver.

    Nothing is compiled just in time: it costs our queries more than it saves, also those over millions of rows.
    """
    url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    settings = {"options": "-c TimeZone=Asia/Shanghai -c jit=off"}
    return create_engine(url, pool_pre_ping=True, connect_args=settings, **options)


def session_factory(engine: Engine, info: Mapping[str, Any] | None = None) -> sessionmaker[Session]:
    """Sessions that keep loaded values after commit, so that a use case may return its rows.

    `info` is what every session carries in `Session.info`, such as keys of the installation.
    """
    return sessionmaker(engine, expire_on_commit=False, info=dict(info or {}))


@contextmanager
def transaction(factory: sessionmaker[Session]) -> Iterator[Session]:
    """One unit of work: commits when the block ends well, rolls back otherwise."""
    with factory() as session, session.begin():
        yield session


def month_floor(day: date) -> int:
    """The lowest paper id of the month in which `day` lies."""
    return (day.year * 100 + day.month) * ID_STRIDE


def new_ids(session: Session, count: int, day: date) -> list[int]:
    """`count` fresh paper ids received on `day`, in rising order."""
    floor = month_floor(day)
    rows: Iterable[int] = session.execute(
        text("SELECT nextval('paper_serial') FROM generate_series(1, :n)"), {"n": count}
    ).scalars()
    return [floor + serial for serial in rows]


def lock_keys(session: Session, keys: Iterable[str]) -> None:
    """Hold business keys until the transaction ends, in one order for everybody.

    Two messages that name the same order or waybill are thereby worked on one after the other, in whatever order
    they arrive, and neither can miss the other's rows.
    """
    wanted = sorted(set(keys))
    if wanted:
        session.execute(
            text(
                "SELECT count(pg_advisory_xact_lock(k)) FROM "
                "(SELECT DISTINCT hashtextextended(w, 0) AS k FROM unnest(CAST(:keys AS text[])) AS w ORDER BY k) AS s"
            ),
            {"keys": wanted},
        )


def copy_rows(session: Session, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows with COPY inside the session's own transaction; table and columns are never outside input."""
    driver = session.connection().connection.driver_connection
    assert driver is not None
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
