"""What a checklist is refused for before it waits for anything: filing rights, office, mode, value, codes, units."""

from datetime import timedelta

import pytest

from common import clock
from common.rates import RateKind, Rates
from customs.matching import retry_undetermined


def rules(message, index=0):
    return [finding["rule"] for finding in message["documents"][index]["findings"]]


def line_of(parcel, **changes):
    return [{**parcel.checklist()["lines"][0], **changes}]


def test_an_office_of_another_zone_is_refused_with_those_that_serve_this_one(road):
    sent = road.sale().send_checklist(customsCode="5103")
    assert rules(sent) == ["CU2211"]
    assert sent["documents"][0]["status"] == "-603001"
    assert "5190" in sent["documents"][0]["findings"][0]["message"]["zh"]


@pytest.mark.parametrize(
    ("qty", "price", "total", "expected"), [("2", "2500", "5000", []), ("1", "5000.01", "5000.01", ["CU0201"])]
)
def test_flag_a_takes_tickets_up_to_5000_yuan_inclusive(road, qty, price, total, expected):
    parcel = road.sale()
    lines = line_of(parcel, qty=qty, qty1=qty, price=price, totalPrice=total)
    sent = road.send("seller", "CEB603", {**parcel.checklist(), "lines": lines})
    assert rules(sent) == expected


def test_flag_b_has_no_ticket_limit(road):
    parcel = road.sale(flag="B")
    lines = line_of(parcel, qty="1", qty1="1", price="50000", totalPrice="50000")
    assert rules(road.send("seller", "CEB603", {**parcel.checklist(), "lines": lines})) == []


def test_a_padded_heading_suffices_under_flag_a_or_says_why_not(road):
    parcel = road.sale()
    lines = line_of(parcel, gcode="6109000000")
    sent = road.send("seller", "CEB603", {**parcel.checklist(), "lines": lines})
    assert rules(sent) in ([], ["CU0206"], ["CU0205"])


def test_units_are_those_of_the_code(road):
    parcel = road.sale()
    lines = line_of(parcel, unit1="035", qty1="0.4")
    sent = road.send("seller", "CEB603", {**parcel.checklist(), "lines": lines})
    assert "CU2216" in rules(sent)


def test_a_firm_with_information_registration_only_may_not_declare(road):
    parcel = road.sale()
    firm = road.firm("platform")
    sent = road.send("platform", "CEB603", parcel.checklist(agentCode=firm["customs_code"], agentName=firm["name"]))
    assert rules(sent) == ["CU2003"]


def test_an_agent_declares_under_its_mandate_and_for_nobody_else(road):
    parcel = road.sale()
    agent = road.firm("agent")
    own = {"agentCode": agent["customs_code"], "agentName": agent["name"]}
    assert rules(road.send("agent", "CEB603", parcel.checklist(**own))) == []
    foreign = road.sale(seller="seller2")
    assert rules(road.send("agent", "CEB603", foreign.checklist(**own))) == ["CU2002"]


def test_a_carrier_files_its_own_waybills_only(road):
    parcel = road.sale()
    assert rules(road.send("seller", "CEB505", parcel.waybill())) == ["CU2005"]


def test_an_unknown_firm_is_named(road):
    parcel = road.sale()
    sent = road.send("seller", "CEB603", parcel.checklist(logisticsCode="4402960ZZZ"))
    assert "CU2210" in rules(sent)


def test_a_day_before_known_law_is_refused_not_guessed(road):
    parcel = road.sale()
    sent = road.send("seller", "CEB603", parcel.checklist(appTime="20170601120000"))
    assert sent["documents"][0]["status"].startswith("-60")
    assert sent["counts"]["rejected"] == 1


def test_bad_documents_never_spoil_their_neighbours(road):
    parcels = [road.sale() for _ in range(20)]
    documents = [parcel.order() for parcel in parcels]
    documents[7] = parcels[7].order(goodsValue="99")
    documents[13]["lines"][0]["qty"] = "two"
    sent = road.send("seller", "CEB303", *documents)
    assert sent["counts"] == {"documents": 20, "accepted": 18, "rejected": 2}
    assert [one["index"] for one in sent["documents"] if one["findings"]] == [7, 13]


def test_without_a_rate_the_checklist_waits_with_that_reason_and_goes_on_once_it_is_loaded(road, monkeypatch):
    parcel = road.sale()
    dollars = {"currency": "502", "price": "2", "totalPrice": "4"}
    order = parcel.order(currency="502", goodsValue="4")
    order["lines"][0] |= dollars
    road.send("seller", "CEB303", order)
    parcel.send_waybill()
    with monkeypatch.context() as patched:
        for module in ("customs.intake.eligibility", "customs.matching.settling"):
            patched.setattr(f"{module}.customs_rates", lambda session: Rates(RateKind.CUSTOMS, 0, {}))
        sent = road.send("seller", "CEB603", {**parcel.checklist(), "lines": line_of(parcel, **dollars)})
        assert (rules(sent), parcel.status(sent)) == (["CU0207"], "2")
        assert clock.today().strftime("%Y-%m") in sent["documents"][0]["findings"][0]["message"]["zh"]
    with road.factory() as session, session.begin():
        assert retry_undetermined(session, clock.now() + timedelta(seconds=1)) >= 1
    assert parcel.status(sent) in ("300", "500", "800")
