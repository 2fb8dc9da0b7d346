"""Proof files: one set of limits of the zone holds at every door of the domain, whoever reads the bytes."""

from __future__ import annotations

import pytest
from sqlalchemy import true

from common import clock
from common.findings import DomainError
from common.law.zones import set_zone_parameter
from customs.amendments import deciding
from customs.desk.officers import Party
from customs.returns import grounds
from customs.rules.files import NewFile
from customs.warehouses import proofs
from tests.road.returns import exported, filed
from tests.road.test_amendments import ask, released
from tests.road.warehousing import ZONE

PDF = b"%PDF-1.7 "


@pytest.fixture
def doors(road):
    """What adds a proof to a return, an amendment and a firm's warehouse records; gives the session as well."""
    seller = Party(1, "王单证", road.firm("seller")["id"])
    return_id, _, _ = filed(road, export=exported(road))
    _, id, _ = released(road)
    asked = ask(road, f"/api/v1/checklists/{id}/amendments", {"ground": "clerical_error", "head": {"note": "更正"}})

    def to_return(session, new):
        grounds.add_file(session, seller, true(), return_id, new, at=clock.now())

    def to_amendment(session, new):
        deciding.add_proof(session, seller, "amendment", asked["id"], new, at=clock.now())

    def to_stock(session, new):
        proofs.keep(session, seller.subject_id, new, actor="account:1", at=clock.now())

    with road.factory() as session:
        yield session, (to_return, to_amendment, to_stock)
        session.rollback()


def refused(session, door, size, extra=b""):
    content = PDF + extra
    try:
        door(session, NewFile("proof.pdf", content + b"0" * (size - len(content))))
    except DomainError as error:
        return [one.rule for one in error.findings]
    return []


def test_every_door_takes_five_million_bytes_and_no_more(doors):
    session, all = doors
    assert [refused(session, door, 5_000_001) for door in all] == [["CU6220"]] * 3
    assert [refused(session, door, 5_000_000) for door in all] == [[]] * 3


def test_a_limit_that_the_zone_sets_holds_at_every_door(doors):
    session, all = doors
    for name, value in (("bytes", "100"), ("files", "1"), ("types", "png pdf"), ("stock_types", "png")):
        set_zone_parameter(
            session, ZONE, f"customs.proof_file.{name}", value,
            valid_from=clock.today(), document="测试", set_by="测试", at=clock.now(),
        )  # fmt: skip
    to_return, to_amendment, _ = all
    assert [refused(session, door, 101) for door in all] == [["CU6220"]] * 3
    assert [refused(session, door, 100) for door in all] == [[], [], ["CU6221"]]
    assert [refused(session, door, 100, b"another ") for door in (to_return, to_amendment)] == [["CU6223"]] * 2
