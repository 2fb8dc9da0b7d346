"""Mandates: both days inclusive, revocable, and none from the day of revocation on."""

from datetime import date, timedelta

import pytest

from common.findings import ConflictError, DomainError, NotFoundError
from credit.mandates import ALL, NewMandate, grant, list_mandates, mandate_of, revoke
from credit.subjects import mandates_between, mandates_held_by
from tests.credit.conftest import AT

TODAY = AT.date()
DAY = timedelta(days=1)


@pytest.fixture
def parties(firm):
    return firm("委托方"), firm("受托方", roles=("agent",))


def given(session, parties, types=("CEB603",), start=TODAY, end=None):
    return grant(session, NewMandate(*parties, types, start, end), by="account:7", at=AT)


def test_a_mandate_holds_from_its_first_to_its_last_day(session, parties):
    given(session, parties, start=TODAY, end=TODAY + DAY)
    held = [bool(mandates_between(session, [parties], TODAY + n * DAY)) for n in (-1, 0, 1, 2)]
    assert held == [False, True, True, False]


def test_a_mandate_is_for_one_direction(session, parties):
    given(session, parties)
    assert mandates_between(session, [parties[::-1]], TODAY) == {}


def test_mandates_of_one_pair_add_up(session, parties):
    given(session, parties, ("CEB603", "CEB605"))
    given(session, parties, ("CEB303",))
    assert mandates_between(session, [parties], TODAY) == {parties: {"CEB303", "CEB603", "CEB605"}}
    assert mandates_held_by(session, parties[1], TODAY) == {(parties[0], t) for t in ("CEB303", "CEB603", "CEB605")}


def test_a_revoked_mandate_covers_nothing_from_that_day_on(session, parties):
    mandate = given(session, parties, (ALL,), start=TODAY - 10 * DAY)
    revoke(session, mandate.id, by="account:7", at=AT)
    assert mandates_between(session, [parties], TODAY - DAY) == {parties: {ALL}}
    assert mandates_between(session, [parties], TODAY) == {}
    with pytest.raises(ConflictError):
        revoke(session, mandate.id, by="account:7", at=AT)


def test_everything_wrong_is_said_at_once(session, parties):
    with pytest.raises(DomainError) as error:
        given(session, (parties[0], parties[0]), ("CEB505",), end=date(2020, 1, 1))
    assert [one.rule for one in error.value.findings] == ["CR0020", "CR0021", "CR0022"]


@pytest.mark.parametrize("types", [(), ("CEB507",), ("*", "CEB900")])
def test_only_messages_filed_under_a_mandate_can_be_named(session, parties, types):
    with pytest.raises(DomainError) as error:
        given(session, parties, types)
    assert {one.rule for one in error.value.findings} == {"CR0021"}


def test_a_stranger_sees_no_mandate_of_others(session, parties, firm):
    mandate, stranger = given(session, parties), firm("外人")
    assert mandate_of(session, mandate.id, parties[1]).id == mandate.id
    with pytest.raises(NotFoundError):
        mandate_of(session, mandate.id, stranger)
    assert list_mandates(session, stranger) == []
    assert [one.id for one in list_mandates(session, None)] == [mandate.id]
