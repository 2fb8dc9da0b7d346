"""Printed documents: equal bytes for equal content, our own fonts only, Chinese lines that begin as they should."""

import re

import pytest

from app.documents import Column, Document, Row, look
from app.documents.fonts import CANNOT_START, register


def small(lang="zh", rows=3, **options):
    """A document with one of everything."""
    made = Document(lang, "2026 年 10 月核对表", subtitle="韩江卖家 <b>&", mark="SHA-256 3f1c", **options)
    made.facts([("口径", "结关日"), ("币制", "人民币"), ("件数", "3")], across=2)
    made.heading("一　结论")
    made.text("两边合计相等。")
    lines = [Row(["合计", "3"], total=True), *(Row([f"商品{n}", "1.00"]) for n in range(rows))]
    made.table([Column("商品", 3), Column("数量", number=True)], lines, caption="表 1　明细", note="按结关日。")
    return made.pdf()


def test_the_same_content_gives_the_same_bytes():
    assert small() == small()
    assert small() != small("en")


def test_only_the_platforms_own_fonts_are_named_and_embedded():
    names = set(re.findall(rb"/BaseFont /([\w+-]+)", small()))
    assert {name.split(b"+")[-1] for name in names} == {b"NotoSansSC-Regular", b"NotoSansSC-Bold"}
    assert all(b"+" in name for name in names)


def test_a_long_table_runs_over_pages_with_its_head_and_the_language_is_said():
    long = small(rows=200)
    assert len(re.findall(rb"/Type /Page\b", long)) > 3
    assert b"/Lang (zh-Hans-CN)" in long
    assert b"/Lang (en)" in small("en")
    assert b"3f1c" in long[long.index(b"/Subject") :]


@pytest.mark.parametrize("mark", CANNOT_START)
def test_no_chinese_line_begins_with_a_closing_mark(mark):
    register()
    words = look.paragraph(f"单一窗口{mark}" * 40, look.BODY)
    for width in range(60, 120, 3):
        words.wrap(width, 10_000)
        lines = words.blPara.lines
        assert all(line[1] and not "".join(line[1]).startswith(mark) for line in lines), (width, mark)


def test_text_is_never_taken_as_markup():
    register()
    assert look.paragraph("<b>&lt;", look.BODY).getPlainText() == "<b>&lt;"
