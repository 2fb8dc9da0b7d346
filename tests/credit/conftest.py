"""A session whose changes are audited, with the zones that ship and a way to register firms."""

from datetime import date, datetime

import pytest

from common.audit import set_context
from common.clock import CHINA
from credit.registering import NewSubject, register_subject
from credit.shipped import load_zones
from tests.credit.codes import uscc_of

AT = datetime(2026, 11, 24, 10, 0, tzinfo=CHINA)
START = date(2024, 1, 1)


@pytest.fixture
def session(db_session):
    set_context(db_session, actor="account:7", at=AT, request_id="r-1")
    load_zones(db_session, at=AT)
    return db_session


@pytest.fixture
def firm(session):
    """Register a firm with a valid code of its own: `firm("甲", roles=("seller",))`; gives its id."""
    made = iter(range(1, 100))

    def register(name="韶关甲有限公司", on=START, **changes):
        number = next(made)
        fields = {
            "kind": "firm",
            "name": name,
            "uscc": uscc_of(number),
            "customs_code": f"440296T{number:03d}",
            "roles": ("seller",),
            "filing": "declaring_unit",
            "zone_code": "440200",
        }
        return register_subject(session, NewSubject(**fields | changes), on=on).id

    return register
