"""What a checklist says about warehouses, and the ledger of the goods there."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customs.rules.warehouse_stock import Balance, Kind, Posting, balance, breach, layers, quantity, spare
from customs.rules.warehouses import NamingFacts, UsableWarehouse, in_use, name_warehouse, same_name

LYON = UsableWarehouse(7, "里昂一号仓", "Lyon Hub No. 1", "305", confirmed=True)
OHIO = UsableWarehouse(8, "俄亥俄仓", "Ohio Depot", "502", confirmed=False)


def facts(**changes):
    known = {
        "trade_mode": "9810",
        "written": "里昂一号仓",
        "country": "305",
        "consignor": "卖家",
        "flag": "B",
        "usable": (LYON, OHIO),
    }
    return NamingFacts(**known | changes)


def said(named):
    return [(one.rule, one.severity.value, one.pointer) for one in named.findings]


@pytest.mark.parametrize("written", ["里昂一号仓", "LYON HUB NO.1", "lyon-hub no 1", "Ｌｙｏｎ Hub No. 1"])
def test_a_warehouse_is_known_by_either_name_whatever_its_width_case_and_punctuation(written):
    named = name_warehouse(facts(written=written))
    assert (named.warehouse_id, said(named), named.business) == (7, [], None)


@pytest.mark.parametrize(("wanted", "severity"), [(False, "warning"), (True, "error")])
def test_a_name_that_is_not_registered_is_said_with_those_that_are(wanted, severity):
    named = name_warehouse(facts(written="某地仓", wanted=wanted))
    assert (named.warehouse_id, said(named)) == (None, [("CU6401", severity, "ebpName")])
    assert "里昂一号仓 Lyon Hub No. 1（7）" in named.findings[0].message.zh
    assert "某地仓" in named.findings[0].message.zh


def test_the_register_number_goes_before_the_name_and_an_unknown_one_is_not_replaced_by_it():
    assert name_warehouse(facts(written="里昂一号仓", warehouse_id="8", country="502")).warehouse_id == 8
    named = name_warehouse(facts(warehouse_id="99"))
    assert (named.warehouse_id, said(named)) == (None, [("CU6401", "warning", "warehouse_id")])


@pytest.mark.parametrize("number", ["-7", "7.0", "٧", "x" * 50, "7; --"])
def test_a_register_number_that_is_none_is_refused_once(number):
    assert said(name_warehouse(facts(warehouse_id=number))) == [("CU6408", "error", "warehouse_id")]


def test_an_unconfirmed_warehouse_and_another_country_are_pointed_out():
    named = name_warehouse(facts(written="Ohio Depot"))
    assert said(named) == [("CU6402", "warning", "ebpName"), ("CU6407", "warning", "country")]
    assert named.warehouse_id == 8


def test_other_modes_have_nothing_to_do_with_warehouses():
    assert said(name_warehouse(facts(trade_mode="9710", written="某地仓"))) == []
    assert name_warehouse(facts(trade_mode="9610")).warehouse_id is None


@pytest.mark.parametrize(
    ("changes", "business", "warehouse", "findings"),
    [
        ({"written": "平台"}, "parcel", None, []),
        ({}, "bulk", 7, []),
        ({"written": "平台", "warehouse_id": "7"}, "bulk", 7, []),
        ({"written": "平台", "business": "bulk"}, "bulk", None, [("CU6403", "error", "ebpName")]),
        ({"written": "平台", "warehouse_id": "99"}, "bulk", None, [("CU6403", "error", "warehouse_id")]),
        ({"business": "parcel"}, "parcel", None, []),
        ({"business": "parcel", "warehouse_id": "7"}, "parcel", None, [("CU6404", "error", "business")]),
        ({"business": "wholesale", "written": "平台"}, "parcel", None, [("CU6404", "error", "business")]),
        ({"flag": "A"}, "bulk", 7, [("CU6405", "error", "statisticsFlag")]),
        ({"flag": "A", "written": "平台"}, "parcel", None, []),
    ],
)
def test_1210_is_a_parcel_unless_bulk_is_said_or_a_warehouse_is_named(changes, business, warehouse, findings):
    named = name_warehouse(facts(trade_mode="1210", **changes))
    assert (named.business, named.warehouse_id, said(named)) == (business, warehouse, findings)


def test_the_1210_business_is_for_1210_only():
    assert said(name_warehouse(facts(business="bulk"))) == [("CU6404", "error", "business")]


def test_empty_names_fit_nothing():
    nameless = UsableWarehouse(9, "—", "…", "305", confirmed=True)
    assert same_name("—") == ""
    assert name_warehouse(facts(written="——", usable=(nameless,))).warehouse_id is None


def test_a_warehouse_is_in_use_on_both_of_its_last_days():
    first, last = date(2026, 1, 1), date(2026, 3, 31)
    assert [in_use(first, None, last, one) for one in (date(2025, 12, 31), first, last, date(2026, 4, 1))] == [
        False,
        True,
        True,
        False,
    ]
    assert not in_use(first, date(2026, 2, 1), last, date(2026, 2, 2))


# --- the ledger

DAY = date(2026, 5, 1)


def post(kind, qty, day=0):
    return Posting(kind, Decimal(qty), DAY + timedelta(days=day))


def test_stock_is_what_arrived_less_what_was_sold_returned_destroyed_and_lost():
    entries = [
        *(post("arrived", "10"), post("sold", "3", 1), post("returned", "1", 2)),
        *(post("destroyed", "2", 2), post("lost", "0.5", 3), post("sold", "-1", 4)),
    ]
    assert breach(entries, Decimal(10)) is None
    assert balance(entries, DAY + timedelta(days=2)) == Balance(*map(Decimal, ("10", "3", "1", "2", "0")))
    assert balance(entries).stock == Decimal("4.5")


@pytest.mark.parametrize(
    ("entries", "day", "too_much"),
    [
        ([post("arrived", "10", 3), post("sold", "1", 2)], 2, False),
        ([post("arrived", "10"), post("sold", "6", 1), post("lost", "5", 5)], 5, False),
        ([post("arrived", "6"), post("arrived", "5", 2)], 2, True),
        ([post("arrived", "10"), post("arrived", "-10", 1), post("sold", "1")], 1, False),
    ],
)
def test_no_day_may_end_below_zero_or_above_what_was_declared(entries, day, too_much):
    found = breach(entries, Decimal(10))
    assert (found.day, found.too_much) == (DAY + timedelta(days=day), too_much)


def test_goods_may_arrive_and_be_sold_on_the_same_day_whichever_was_written_first():
    assert breach([post("sold", "2"), post("arrived", "2")], Decimal(2)) is None


_STEP = st.tuples(st.sampled_from(list(Kind)), st.integers(1, 6), st.integers(0, 8), st.booleans())


@settings(max_examples=200, deadline=None)
@given(steps=st.lists(_STEP, max_size=25), declared=st.integers(1, 12))
def test_what_is_let_in_keeps_every_balance_possible_on_every_day(steps, declared):
    kept: list[Posting] = []
    for kind, qty, day, back in steps:
        new = post(kind, -qty if back else qty, day)
        if breach([*kept, new], Decimal(declared)) is None:
            kept.append(new)
    for day in range(10):
        on = DAY + timedelta(days=day)
        held = balance(kept, on)
        assert 0 <= held.stock <= held.arrived <= declared
        assert min(held.sold, held.returned, held.destroyed, held.lost) >= 0
        arrivals = [(one.day, one.qty) for one in kept if one.kind == "arrived" and one.qty > 0 and one.day <= on]
        found = layers(arrivals, held.stock)
        assert sum(qty for _, qty in found) == held.stock
        assert [day for day, _ in found] == sorted(day for day, _ in found)
        assert all(qty > 0 for _, qty in found)


def test_what_came_first_is_taken_to_have_gone_first():
    came = [(DAY + timedelta(days=40), Decimal(4)), (DAY, Decimal(6))]
    assert layers(came, Decimal(7)) == [(DAY, Decimal(3)), (DAY + timedelta(days=40), Decimal(4))]
    assert layers(came, Decimal(3)) == [(DAY + timedelta(days=40), Decimal(3))]
    assert layers(came, Decimal(0)) == []


@pytest.mark.parametrize(
    ("written", "read"),
    [
        *(("1", "1"), (" 2.5 ", "2.5"), ("0.00001", "0.00001"), ("99999999999999", "99999999999999")),
        *((one, None) for one in ("0", "-1", "1e3", "NaN", "1,000", "0.000001", "", "１", "100000000000000", "+1")),
    ],
)
def test_a_quantity_is_plain_and_above_zero(written, read):
    assert quantity(written) == (Decimal(read) if read else None)


def test_what_may_go_on_a_day_is_the_least_that_lies_there_from_that_day_on():
    def on(n):
        return date(2026, 3, n)

    held = [
        Posting("arrived", Decimal(5), on(2)),
        Posting("sold", Decimal(4), on(9)),
        Posting("sold", Decimal(-1), on(12)),
    ]
    assert spare(held, on(1)) == 0
    assert spare(held, on(2)) == 1
    assert spare(held, on(10)) == 1
    assert spare(held, on(12)) == 2
    assert spare([], on(1)) == 0
