"""How dates, spans and figures are written in both languages."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from app import i18n
from common.clock import CHINA


@pytest.fixture
def page():
    return Flask("page")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("1036", "1,036.00"),
        ("1036.00000", "1,036.00"),
        ("0.12345", "0.12345"),
        ("-5.5", "−5.50"),
        (None, "—"),
    ],
)
def test_money_keeps_every_decimal_that_was_stored(value, written):
    assert i18n.money(Decimal(value) if value else None) == written


@pytest.mark.parametrize(("value", "written"), [("2.00000", "2"), ("3.62000", "3.62"), ("18406", "18,406"), ("0", "0")])
def test_quantities_drop_zeros_only(value, written):
    assert i18n.number(Decimal(value)) == written


def test_days_are_written_as_people_write_them(page):
    with page.test_request_context("/?lang=zh"):
        assert i18n.day(date(2025, 11, 23)) == "2025 年 11 月 23 日"
    with page.test_request_context("/?lang=en"):
        assert i18n.day(date(2025, 11, 23)) == "23 November 2025"


def test_a_moment_is_shown_in_china_time(page):
    with page.test_request_context("/?lang=en"):
        assert i18n.moment(datetime(2024, 12, 31, 17, 5, tzinfo=CHINA)) == "31 December 2024, 17:05"


@pytest.mark.parametrize(
    ("length", "zh", "en"),
    [
        (timedelta(minutes=190), "3 小时 10 分", "3 h 10 min"),
        (timedelta(minutes=9), "9 分钟", "9 min"),
        (timedelta(days=1), "1 天", "1 day"),
        (timedelta(days=2, hours=3), "2 天 3 小时", "2 d 3 h"),
    ],
)
def test_spans_show_two_units(page, length, zh, en):
    with page.test_request_context("/?lang=zh"):
        assert i18n.span(length) == zh
    with page.test_request_context("/?lang=en"):
        assert i18n.span(length) == en


def test_the_browser_decides_where_nobody_chose(page):
    with page.test_request_context("/", headers={"Accept-Language": "en-GB,en;q=0.8"}):
        assert i18n.lang() == "en"
    with page.test_request_context("/", headers={"Accept-Language": "fr"}):
        assert i18n.lang() == "zh"
    with page.test_request_context("/", headers={"Accept-Language": "en", "Cookie": "lang=zh"}):
        assert i18n.lang() == "zh"
