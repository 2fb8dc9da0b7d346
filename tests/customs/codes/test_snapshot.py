"""Look-ups in code tables: by day, by language, by prefix, with the marks that separate lists add."""

from __future__ import annotations

from datetime import date

from customs.codes import Codes, Entry, HsCode

BEFORE, FROM, LAST, AFTER = date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)


def entry(code: str, start: date | None = None, end: date | None = None, zh: str = "名", en: str = "") -> Entry:
    return Entry(code, zh, en, {}, start, end, "试")


def codes(*entries: tuple[str, Entry], hs: tuple[HsCode, ...] = ()) -> Codes:
    return Codes(1, entries, hs)


def test_a_code_is_valid_from_its_first_to_its_last_day() -> None:
    held = codes(("country", entry("502", FROM, LAST)))
    assert [held.valid("country", "502", on) for on in (BEFORE, FROM, LAST, AFTER)] == [False, True, True, False]


def test_a_code_without_days_is_always_valid() -> None:
    held = codes(("country", entry("502")))
    assert held.valid("country", "502", date(1990, 1, 1)) and held.valid("country", "502", date(2090, 1, 1))


def test_a_code_may_change_its_name_from_one_day_to_the_next() -> None:
    held = codes(("unit", entry("001", None, LAST, "旧")), ("unit", entry("001", AFTER, None, "新")))
    assert held.name("unit", "001", "zh", LAST) == "旧"
    assert held.name("unit", "001", "zh", AFTER) == "新"
    assert held.name("unit", "001", "zh") == "新"


def test_an_unknown_table_or_code_is_never_valid_and_named_by_itself() -> None:
    held = codes()
    assert not held.valid("country", "502", FROM)
    assert not held.valid("no such table", "502", FROM)
    assert held.name("country", "502", "en") == "502"


def test_the_other_language_stands_in_for_a_missing_name() -> None:
    held = codes(("unit", entry("001", zh="台")), ("hs_heading", entry("6109", zh="", en="T-shirts")))
    assert held.name("unit", "001", "en") == "台"
    assert held.name("hs_heading", "6109", "zh") == "T-shirts"


def test_full_codes_under_a_heading_come_in_order_and_only_if_valid_that_day() -> None:
    held = codes(
        hs=(
            HsCode("6109909000", "乙"),
            HsCode("6109100000", "甲", start=FROM),
            HsCode("6110200000", "别"),
        )
    )
    assert [one.code for one in held.hs10_under("6109", FROM)] == ["6109100000", "6109909000"]
    assert [one.code for one in held.hs10_under("6109", BEFORE)] == ["6109909000"]
    assert held.hs10_under("9503", FROM) == []


def test_a_list_of_marks_marks_a_known_code_from_its_day() -> None:
    held = codes(("hs_licence", entry("8205400010", FROM)), hs=(HsCode("8205400010", "螺丝刀"),))
    before, after = held.hs10("8205400010", BEFORE), held.hs10("8205400010", FROM)
    assert before and not before.licence
    assert after and after.licence and after.name_zh == "螺丝刀" and not after.export_duty


def test_a_code_known_only_from_a_list_of_marks_counts_as_known() -> None:
    held = codes(("hs_refund_cancelled", entry("8541430000", FROM)))
    found = held.hs10("8541430000", FROM)
    assert found and found.refund_cancelled and found.unit1 == ""
    assert held.hs10("8541430000", BEFORE) is None
    assert [one.code for one in held.hs10_under("8541", FROM)] == ["8541430000"]


def test_search_goes_by_digits_or_by_words_in_both_languages() -> None:
    held = codes(
        hs=(HsCode("6109100000", "棉制T恤衫", "Cotton T-shirts"), HsCode("9503002100", "动物玩偶", "Animal dolls"))
    )
    assert [one.code for one in held.hs_search("6109", FROM)] == ["6109100000"]
    assert [one.code for one in held.hs_search("t恤", FROM)] == ["6109100000"]
    assert [one.code for one in held.hs_search("DOLL", FROM)] == ["9503002100"]
    assert len(held.hs_search("0", FROM)) == 0
