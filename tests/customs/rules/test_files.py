"""Files handed in as proof: what they are is told by their bytes, and their names do no harm."""

from __future__ import annotations

import pytest

from customs.rules.files import FORMATS, MOST_NAME, format_of, safe_name

ALL = [one.word for one in FORMATS]


@pytest.mark.parametrize(
    ("name", "content", "media"),
    [
        ("签收单.PDF", b"%PDF-1.7 ...", "application/pdf"),
        ("a.png", b"\x89PNG\r\n\x1a\n..", "image/png"),
        ("a.jpeg", b"\xff\xd8\xff\xe0", "image/jpeg"),
        ("sales.csv", "订单,数量\n1,2".encode(), "text/csv"),
        ("book.xlsx", b"PK\x03\x04..", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("a.pdf", b"<html>", None),
        ("a.png", b"%PDF-1.7", "application/pdf"),
        ("a.exe", b"MZ", None),
        ("a.csv", b"\xff\xfe\x00", None),
        ("a.svg", b"<svg/>", None),
    ],
)
def test_a_file_is_known_by_its_content_and_by_its_name_where_that_does_not_tell(name, content, media):
    found = format_of(name, content, ALL)
    assert (found.media_type if found else None) == media


def test_a_format_that_is_not_allowed_is_not_taken():
    assert format_of("a.csv", b"a,b", ["pdf", "png"]) is None
    assert format_of("a.zip", b"PK\x03\x04", ALL) is None


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\docs\\签收单.pdf", "签收单.pdf"),
        ('a"b\r\nc;.pdf', "abc.pdf"),
        ("\ud800.png", "png"),
        ("...", "—"),
        ("", "—"),
    ],
)
def test_a_name_keeps_nothing_that_a_header_or_path_could_trip_over(name, safe):
    assert safe_name(name, "—") == safe


def test_a_long_name_keeps_its_ending():
    assert safe_name("x" * 500 + ".pdf").endswith(".pdf")
    assert len(safe_name("x" * 500 + ".pdf")) == MOST_NAME
