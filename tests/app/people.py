"""People for tests of routes and pages: accounts with a known password and a token, made without hashing each time."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy import text

from app.access.accounts import add_token
from app.access.passwords import hash_password, new_secret
from app.access.roles import ENTERPRISE, Role
from app.access.tables import Account
from common.clock import CHINA
from credit.tables.subjects import SubjectName

HOME = "440200"
PASSWORD = "ein langes Wort"
SINCE = datetime(2026, 1, 5, 9, 0, tzinfo=CHINA)


@dataclass(frozen=True)
class Someone:
    """An account as a test uses it."""

    id: int
    login: str
    token: str
    role: Role
    enterprise_id: int | None
    serial: int

    @property
    def bearer(self):
        """The header that a request of this person carries."""
        return {"Authorization": f"Bearer {self.token}"}


@lru_cache(maxsize=1)
def hashed():
    """The hash of everybody's password."""
    return hash_password(PASSWORD)


def firms(session, **ids):
    """Firms with ids of the test's own choice, by name; they carry no codes."""
    for name, id in ids.items():
        session.execute(
            text("INSERT INTO subject (id, kind, registered_on) OVERRIDING SYSTEM VALUE VALUES (:id, 'firm', :on)"),
            {"id": id, "on": SINCE.date()},
        )
        session.add(SubjectName(subject_id=id, name=name, valid_from=SINCE.date()))
    session.flush()


def someone(session, role, enterprise_id=None, *, zones=(HOME,), level="owner", name=None):
    """An account of `role`: of a firm where the role belongs to one, else of an agency seeing `zones`."""
    role = Role(role)
    secret = new_secret()
    row = Account(
        login=f"{role.value}-{secret[:6].lower()}",
        name=name or role.value,
        role=role.value,
        level=level if role in ENTERPRISE else None,
        enterprise_id=enterprise_id,
        zone_code=zones[0] if zones else None,
        zones=sorted(zones),
        password_hash=hashed(),
        created_at=SINCE,
    )
    session.add(row)
    session.flush()
    add_token(session, row.id, "test", at=SINCE, token=secret)
    return Someone(row.id, row.login, secret, role, enterprise_id, row.session_serial)
