"""The page of supervision modes: what each asks for on a day, by the law of that day."""

import re

import pytest


def rows(client, on, lang="zh"):
    """The rows of the page as plain text, by mode and business."""
    page = client.get(f"/rules/modes?on={on}&lang={lang}")
    assert page.status_code == 200
    body = page.get_data(as_text=True).partition("<tbody>")[2]
    plain = (re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in body.split("</tr>"))
    return [row for row in plain if row]


def row_of(found, *words):
    (one,) = [row for row in found if all(word in row for word in words)]
    return one


def test_the_two_businesses_of_1210_ask_for_different_papers(client):
    found = rows(client, "2026-11-25")
    parcel, bulk = row_of(found, "1210", "零售包裹"), row_of(found, "1210", "批量出口海外仓")
    assert "E 零售订单" in parcel and "W 订仓单" in bulk
    for field in ("iacCode", "iacName", "emsNo", "itemRecordNo"):
        assert field in parcel and field in bulk
    assert "已登记的海外仓" in bulk and "已登记的海外仓" not in parcel


@pytest.mark.parametrize(("on", "retail", "filing"), [("2024-12-14", True, True), ("2024-12-15", False, False)])
def test_receipts_and_the_warehouse_filing_end_on_their_day(client, on, retail, filing):
    found = rows(client, on)
    assert ("收款单" in row_of(found, "9610")) is retail
    assert ("收款单" in row_of(found, "1210", "零售包裹")) is retail
    assert "收款单" not in row_of(found, "1210", "批量出口海外仓")
    assert ("海外仓业务模式备案" in row_of(found, "9810")) is filing


def test_b2b_has_its_limit_digits_and_districts_by_date(client):
    row = row_of(rows(client, "2020-08-31"), "9710")
    assert "5,000" in row and "6位" in row and " 51 " in row and " 67 " not in row
    assert " 67 " in row_of(rows(client, "2020-09-01"), "9710")
    assert "全国" in row_of(rows(client, "2021-07-01"), "9710")


def test_a_mode_before_its_day_is_not_open(client):
    assert "尚未开办" in row_of(rows(client, "2020-06-30"), "9810")
    assert "Not open on 2020-06-30" in row_of(rows(client, "2020-06-30", "en"), "9810")


@pytest.mark.parametrize("on", ["", "yesterday", "2026-02-30", "0001-01-01", "9999-12-31"])
def test_days_that_are_none_or_far_away_break_nothing(client, on):
    assert client.get(f"/rules/modes?on={on}").status_code in (200, 422)
