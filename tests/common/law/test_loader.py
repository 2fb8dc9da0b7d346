"""The parameter loader refuses what it does not understand, and says where."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from common.law import Law, Status, UnknownLawError
from common.law.loader import LawFileError, load_folder, load_parameter

GOOD = """\
description: {zh: 限值, en: Limit}
type: decimal
unit: CNY
values:
  - {from: 2020-07-01, value: 5000.00, document: 公告1号, article: 第一条, status: verified}
  - {from: 2024-12-15, value: 0.196, document: 公告2号, article: 第二条, status: unverified}
"""


def _load(tmp_path: Path, text: str):
    path = tmp_path / "limit.yaml"
    path.write_text(text, encoding="utf-8")
    return load_parameter(path, "customs.limit")


def test_decimals_are_exact_and_a_value_ends_the_day_before_the_next(tmp_path):
    first, second = _load(tmp_path, GOOD).values
    assert (first.value, str(first.value)) == (Decimal("5000.00"), "5000.00")
    assert (first.start, first.end) == (date(2020, 7, 1), date(2024, 12, 14))
    assert (second.value, second.end, second.status) == (Decimal("0.196"), None, Status.UNVERIFIED)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("unit: CNY", "unit: CNY\nunit: USD", "'unit' stands twice"),
        ("unit: CNY", "units: CNY", "unknown key 'units'"),
        ("unit: CNY\n", "", "'unit' is missing"),
        ("document: 公告2号, ", "", "2024-12-15: key 'document' is missing"),
        ("article: 第二条", "article: ''", "2024-12-15: article is empty"),
        ("article: 第二条", "articel: 第二条", "2024-12-15: unknown key 'articel'"),
        ("value: 0.196", "value: 19.6%", "2024-12-15: '19.6%' is not a decimal"),
        ("value: 0.196", "value: 1e5", "2024-12-15: '1e5' is not a decimal"),
        ("type: decimal", "type: float", "unknown type 'float'"),
        ("status: unverified", "status: maybe", "2024-12-15: status 'maybe'"),
        ("from: 2024-12-15", "from: 2024-02-30", "'2024-02-30' is not a day"),
        ("from: 2024-12-15", "from: 2020-07-01", "not later"),
        ("value: 0.196", "value: 0.196, to: 2024-12-01", "does not fit"),
        ("value: 0.196", "value: 0.196, ends: true", "either 'value' or 'ends: true'"),
        ("en: Limit", "en: ''", "description.en is empty"),
    ],
)
def test_a_bad_file_is_refused_by_name(tmp_path, old, new, says):
    with pytest.raises(LawFileError) as refused:
        _load(tmp_path, GOOD.replace(old, new))
    assert says in str(refused.value)
    assert "limit.yaml" in str(refused.value)


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [("list", "[NO, 0101.21, '010']", ("NO", "0101.21", "010")), ("text", "NO", "NO"), ("text", "12:30", "12:30")],
)
def test_yaml_guesses_nothing(tmp_path, kind, written, value):
    text = GOOD.replace("type: decimal", f"type: {kind}").replace("5000.00", written).replace("0.196", written)
    assert _load(tmp_path, text).values[0].value == value


def test_outside_its_dates_a_parameter_raises_with_name_and_day(tmp_path):
    ended = GOOD + "  - {from: 2026-01-01, ends: true, document: 公告3号, article: 第三条, status: verified}\n"
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "limit.yaml").write_text(ended, encoding="utf-8")
    law = Law(load_folder(tmp_path, "customs"))
    assert law.value("customs.a.limit", date(2025, 12, 31)).decimal == Decimal("0.196")
    for day in (date(2020, 6, 30), date(2026, 1, 1)):
        with pytest.raises(UnknownLawError) as unknown:
            law.value("customs.a.limit", day)
        assert unknown.value.extra == {"parameter": "customs.a.limit", "date": day.isoformat()}
        assert unknown.value.status == 422


def test_a_typed_reader_refuses_another_type(tmp_path):
    value = _load(tmp_path, GOOD).values[0]
    with pytest.raises(TypeError):
        _ = value.codes
