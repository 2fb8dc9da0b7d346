"""Zones, offices and sites by date."""

from datetime import date

import pytest

from common.findings import DomainError, NotFoundError
from credit.shipped import load_zones
from credit.subjects import sites_on, sites_operated_by, zone_offices
from credit.zones import OfficeSetting, all_zones, office_history, parks_on, require_zone, set_office, set_site
from tests.credit.conftest import AT, START

LATER, BEFORE = date(2027, 1, 1), date(2026, 12, 31)
MAIN = {
    "440200": "5190",
    "441600": "5198",
    "441500": "6031",
    "441700": "6870",
    "441800": "5103",
    "445100": "6021",
    "445200": "6011",
    "445300": "5178",
}
UNVERIFIED = {
    "5191": "440200",
    "5211": "441600",
    "6871": "441700",
    "6872": "441700",
    "5104": "441800",
    "6023": "445100",
    "5196": "445300",
}


def test_eight_zones_ship_with_their_main_offices_verified_and_the_others_not(session):
    offices = zone_offices(session, START)
    assert {one.code for one in all_zones(session)} == set(MAIN)
    assert {code for code, one in offices.items() if one.verified} == set(MAIN.values())
    assert all(offices[code].zone_code == zone for zone, code in MAIN.items())
    assert {code: one.zone_code for code, one in offices.items() if not one.verified} == UNVERIFIED


def test_loading_again_adds_nothing(session):
    count = len(parks_on(session, None, START))
    load_zones(session, at=AT)
    assert len(parks_on(session, None, START)) == count
    assert len(office_history(session, "5190")) == 1


def test_a_setting_counts_from_its_day_and_a_second_row_corrects_it(session):
    change = OfficeSetting("440200", "5190", LATER, mode="relay")
    set_office(session, change, by="account:1", at=AT)
    assert zone_offices(session, BEFORE)["5190"].mode == "decide"
    assert zone_offices(session, LATER)["5190"].mode == "relay"
    set_office(session, OfficeSetting("440200", "5190", LATER, mode="decide"), by="account:1", at=AT)
    assert zone_offices(session, LATER)["5190"].mode == "decide"
    assert len(office_history(session, "5190")) == 3


def test_a_closed_office_names_its_successor_and_serves_no_more(session):
    closing = OfficeSetting("440200", "5191", LATER, open=False, successor_code="5190")
    row = set_office(session, closing, by="account:1", at=AT)
    assert "5191" in zone_offices(session, BEFORE)
    assert "5191" not in zone_offices(session, LATER)
    assert row.successor_code == "5190"


def test_an_office_can_pass_to_another_zone(session):
    set_office(session, OfficeSetting("441800", "5191", LATER), by="account:1", at=AT)
    assert zone_offices(session, BEFORE)["5191"].zone_code == "440200"
    assert zone_offices(session, LATER)["5191"].zone_code == "441800"


@pytest.mark.parametrize(
    ("change", "rule"),
    [({"office_code": "519"}, "CR0011"), ({"mode": "guess"}, "CR0006"), ({"successor_code": "x"}, "CR0011")],
)
def test_a_malformed_setting_is_refused(session, change, rule):
    fields = {"zone_code": "440200", "office_code": "5190", "valid_from": LATER} | change
    with pytest.raises(DomainError) as error:
        set_office(session, OfficeSetting(**fields), by="account:1", at=AT)
    assert [one.rule for one in error.value.findings] == [rule]


def test_an_unknown_zone_is_told_which_there_are(session):
    with pytest.raises(NotFoundError) as error:
        require_zone(session, "999999")
    assert "440200" in error.value.findings[0].message.en


def test_a_site_has_one_operator_at_a_time_who_has_that_role(session, firm):
    one, two, seller = firm("甲", roles=("operator",)), firm("乙", roles=("operator",)), firm("丙")
    set_site(session, "5190", "519009", "场所", one, valid_from=START, by="t", at=AT)
    set_site(session, "5190", "519009", "场所", two, valid_from=LATER, by="t", at=AT)
    assert sites_operated_by(session, one, BEFORE) == {("5190", "519009")}
    assert sites_operated_by(session, one, LATER) == frozenset()
    assert sites_operated_by(session, two, LATER) == {("5190", "519009")}
    with pytest.raises(DomainError) as error:
        set_site(session, "5190", "519009", "场所", seller, valid_from=LATER, by="t", at=AT)
    assert error.value.findings[0].rule == "CR0012"
    set_site(session, "5190", "519009", "场所", None, valid_from=LATER, by="t", at=AT)
    assert sites_on(session, LATER) == []
