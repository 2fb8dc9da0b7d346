"""The tables that come with the product: complete where they must be, and named as China names places."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from common import clock
from common.currencies import ALPHA_BY_CUSTOMS_CODE
from customs.codes import Codes, codes_snapshot, loading
from customs.codes.loading import load_codes, load_shipped
from customs.codes.specs import SPECS

ON = date(2026, 12, 1)


@pytest.fixture
def shipped(db_session: Session) -> Iterator[Codes]:
    load_shipped(db_session, at=clock.now())
    yield codes_snapshot(db_session)


def test_every_table_but_the_export_duty_list_has_rows(shipped: Codes) -> None:
    counts = shipped.counts()
    assert {table for table in SPECS if not counts.get(table)} == {"hs_export_duty"}


def test_hong_kong_macao_and_taiwan_are_named_as_parts_of_china(shipped: Codes) -> None:
    for code, zh, en in (
        ("110", "中国香港", "Hong Kong, China"),
        ("121", "中国澳门", "Macao, China"),
        ("143", "中国台湾", "Taiwan, China"),
    ):
        assert (shipped.name("country", code, "zh"), shipped.name("country", code, "en")) == (zh, en)
        assert (shipped.name("port", code, "zh"), shipped.name("port", code, "en")) == (zh, en)
    for one in shipped.entries("port"):
        assert "（台湾）" not in one.name_zh and "Province" not in one.name_en


def test_messages_use_the_old_numeric_codes(shipped: Codes) -> None:
    assert shipped.valid("country", "502", ON) and not shipped.valid("country", "USA", ON)
    assert shipped.valid("currency", "142", ON) and not shipped.valid("currency", "CNY", ON)
    assert shipped.customs_code("country", "USA") == "502"
    assert shipped.customs_code("country", "NOR") == "326"


def test_the_currencies_agree_with_those_that_rates_know(shipped: Codes) -> None:
    assert {one.code: one.extra["alpha3"] for one in shipped.entries("currency")} == dict(ALPHA_BY_CUSTOMS_CODE)


def test_the_two_wrong_conversions_of_the_unit_table_are_not_usable(shipped: Codes) -> None:
    units = {one.code: one.extra for one in shipped.entries("unit")}
    assert units["149"] == units["164"] == {}
    assert units["127"] == {"base_unit": "011", "factor": "12"}


def test_every_office_of_the_eight_zones_is_known(shipped: Codes) -> None:
    zones = ("5190", "5198", "6031", "6870", "5103", "6021", "6011", "5178")
    further = ("5191", "5211", "6871", "6872", "5104", "6023", "5196")
    assert all(shipped.valid("customs_office", one, ON) for one in zones + further)
    assert sum(one.extra.get("guangdong") == "1" for one in shipped.entries("customs_office")) == 275
    assert not shipped.valid("customs_office", "0000", ON)


def test_b2b_modes_start_with_their_announcement(shipped: Codes) -> None:
    for mode in ("9710", "9810"):
        assert not shipped.valid("trade_mode", mode, date(2020, 6, 30))
        assert shipped.valid("trade_mode", mode, date(2020, 7, 1))


def test_chapters_have_both_names_and_77_does_not_exist(shipped: Codes) -> None:
    assert not shipped.chapter_exists("77")
    assert all(one.name_zh and one.name_en for one in shipped.entries("hs_chapter"))
    assert len(list(shipped.entries("hs_chapter"))) == 97


def test_each_zone_finds_full_codes_of_its_goods(shipped: Codes) -> None:
    for heading in ("6109", "6911", "8211", "9503"):
        assert shipped.heading(heading) and shipped.hs10_under(heading, ON)
    assert not any(one.verified for one in shipped.hs_rows())


def test_dual_use_codes_need_a_licence_from_the_day_of_their_list(shipped: Codes) -> None:
    found = shipped.hs10("8205400010", date(2026, 1, 1))
    assert found and found.licence
    assert shipped.hs10("8205400010", date(2025, 12, 31)) is None


def test_shipping_twice_changes_nothing(db_session: Session, shipped: Codes) -> None:
    assert load_shipped(db_session, at=clock.now()) == {}
    assert codes_snapshot(db_session) is shipped


def test_a_table_that_an_operator_loaded_whole_gets_no_shipped_codes_back(
    db_session: Session, shipped: Codes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for one in loading.DATA.iterdir():
        (tmp_path / one.name).write_bytes(one.read_bytes())
    raw = "code,name_zh\n1,木箱\n".encode()
    load_codes(db_session, "wrap_type", raw, source="公告", person="administrator", at=clock.now(), whole=True)
    for table in ("wrap_type", "transport_mode"):
        with (tmp_path / f"{table}.csv").open("a") as file:
            file.write("8,新,New,,,新版\n" if table == "wrap_type" else "Q,新,New,,,新版\n")
    monkeypatch.setattr(loading, "DATA", tmp_path)
    assert list(load_shipped(db_session, at=clock.now())) == ["transport_mode"]
    codes = codes_snapshot(db_session)
    assert [one.code for one in codes.entries("wrap_type")] == ["1"]
    assert codes.valid("transport_mode", "Q", ON)


def test_an_operators_code_takes_the_place_of_the_shipped_one(db_session: Session, shipped: Codes) -> None:
    raw = b"code,name_zh,unit1,valid_from,verified\n6911101900,\xe7\x93\xb7\xe9\xa4\x90\xe5\x85\xb7,035,2026-01-01,1\n"
    load_codes(db_session, "hs", raw, source="税则2026", person="administrator", at=clock.now())
    codes = codes_snapshot(db_session)
    found = codes.hs10("6911101900", ON)
    assert found and (found.name_zh, found.verified, found.source) == ("瓷餐具", True, "税则2026")
    assert codes.hs10("6911101900", date(2025, 12, 31)) is None
    assert found.name_en == "Other tableware of porcelain or china"
