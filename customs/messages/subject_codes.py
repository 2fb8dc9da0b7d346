"""The forms in which documents name firms: customs code, unified social credit code, and the words allowed instead."""

from __future__ import annotations

import re
from functools import lru_cache

from stdnum.cn import uscc

_CUSTOMS_CODE = re.compile(r"[0-9A-Z]{10}")
_PLATFORM_2018 = re.compile(r"[0-9A-Za-z_.\-]{19,50}")
_WORDS = {"platform": "无", "producer": "NO"}


@lru_cache(maxsize=16384)
def subject_fault(code: str, holds: str) -> str | None:
    """What is wrong with a firm's code: `form`, `check_digit`, or None.

    `holds` is `subject`, `platform` (also 无, and the identifiers of 19 to 50 characters of the 2018 version) or
    `producer` (also NO).
    """
    if code == _WORDS.get(holds) or _CUSTOMS_CODE.fullmatch(code):
        return None
    if len(code) == 18 and code.isascii() and code.isalnum() and code == code.upper():
        return None if uscc.is_valid(code) else "check_digit"
    if holds == "platform" and _PLATFORM_2018.fullmatch(code):
        return None
    return "form"
