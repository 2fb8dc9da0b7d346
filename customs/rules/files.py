"""Files that people hand in as proof: what they are, by their first bytes, and a name that does no harm. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

MOST_NAME = 120


@dataclass(frozen=True, slots=True)
class Format:
    """A format: how it is called, its media type, the endings its files have, and how they begin."""

    word: str
    media_type: str
    endings: tuple[str, ...]
    start: bytes


CSV = "csv"
FORMATS: tuple[Format, ...] = (
    Format("pdf", "application/pdf", (".pdf",), b"%PDF-"),
    Format("png", "image/png", (".png",), b"\x89PNG\r\n\x1a\n"),
    Format("jpeg", "image/jpeg", (".jpg", ".jpeg"), b"\xff\xd8\xff"),
    Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",), b"PK\x03\x04"),
    Format(CSV, "text/csv", (".csv",), b""),
)
"""Text has no mark of its own at its start: CSV comes last and is told by its name and by being UTF-8."""


def format_of(name: str, content: bytes, allowed: Collection[str]) -> Format | None:
    """The format that a file's first bytes tell, where it is one of `allowed`; None for any other.

    Formats that begin like others' (CSV, and XLSX, which is a ZIP) must have the name as well.
    """
    found = next((one for one in FORMATS if one.start and content.startswith(one.start)), None)
    if found is None and _is_text(content):
        found = FORMATS[-1]
    if found is None or found.word not in allowed:
        return None
    by_name = found.word in (CSV, "xlsx")
    return found if not by_name or name.lower().endswith(found.endings) else None


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False


def safe_name(name: str, instead: str = "") -> str:
    """The last part of a file's name without anything that a header, path or page could trip over."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(c for c in last if c.isprintable() and c not in '"<>|:*?;').strip(" .")
    return kept.encode("utf-8", "ignore").decode()[-MOST_NAME:] or instead
