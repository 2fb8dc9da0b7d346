"""Files that people hand in as proof: what they are by their first bytes, whether they are taken, a harmless name.

What a zone takes is read by `customs.proof_files.proof_limits`; every door checks with `checked` and `room`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from common.findings import DomainError, rule

MOST_NAME = 120

_HOUSE = "平台证明文件规则"

PROOF_TOO_LARGE = rule(
    "CU6220",
    title=("证明文件过大", "The proof file is too large"),
    say=(
        "证明文件最大{limit}字节，这份有{size}字节。请压缩后再传。",
        "A proof file has at most {limit} bytes; this one has {size}. Send a smaller one.",
    ),
    basis=_HOUSE,
    kind="format",
)
PROOF_FORMAT = rule(
    "CU6221",
    title=("证明文件的格式不能用", "A format that proof cannot have"),
    say=(
        "“{name}”不是可用的格式。可用：{known}。文件内容也须与格式相符。",
        "“{name}” is in no format that is taken. Those that are: {known}; the contents must be of that format too.",
    ),
    basis=_HOUSE,
    kind="format",
)
PROOF_EMPTY = rule(
    "CU6222",
    title=("没有文件", "No file"),
    say=(
        "没有收到文件，或者文件是空的。请选择文件再传。",
        "No file came, or it is empty. Choose one and send it again.",
    ),
    basis=_HOUSE,
    kind="format",
)
PROOF_ENOUGH = rule(
    "CU6223",
    title=("证明文件已满", "Enough proof files"),
    say=(
        "一份申请最多{most}个证明文件，不能再加。请联系海关说明。",
        "A request has at most {most} proof files; no more can be added. Tell customs about the rest.",
    ),
    basis=_HOUSE,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a zone takes as proof: bytes of one file, files of one request, and formats by their words."""

    size: int
    files: int
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as it came: the name its sender gives it, and its bytes."""

    name: str
    content: bytes


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


def checked(new: NewFile, limits: Limits, pointer: str = "/file") -> Format:
    """The format of a file that may be kept; raises `DomainError` for one that is empty, too large or of no format."""
    if not new.content:
        raise DomainError(PROOF_EMPTY.at(pointer))
    if len(new.content) > limits.size:
        raise DomainError(PROOF_TOO_LARGE.at(pointer, limit=limits.size, size=len(new.content)))
    found = format_of(new.name, new.content, limits.formats)
    if found is None:
        known = "、".join(word.upper() for word in limits.formats)
        raise DomainError(PROOF_FORMAT.at(pointer, name=safe_name(new.name, "—"), known=known))
    return found


def room(there: int, limits: Limits, pointer: str = "/file") -> None:
    """Refuse one file more than a request may have, where it has `there` already; raises `DomainError`."""
    if there >= limits.files:
        raise DomainError(PROOF_ENOUGH.at(pointer, most=limits.files))


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


def endings_of(formats: Collection[str]) -> list[str]:
    """The endings of files in these formats."""
    return [ending for one in FORMATS if one.word in formats for ending in one.endings]


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
