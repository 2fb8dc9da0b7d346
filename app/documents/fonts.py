"""The font of documents and the rules of Chinese line breaking that ReportLab lacks."""

from __future__ import annotations

from functools import lru_cache

from reportlab.lib import textsplit
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.platypus import paragraph

from app.settings import ROOT

FOLDER = ROOT / "app" / "static" / "fonts"
REGULAR, BOLD = "NotoSansSC", "NotoSansSC-Bold"
_FILES = {REGULAR: "NotoSansSC-Regular.ttf", BOLD: "NotoSansSC-Bold.ttf"}
CANNOT_START = "，；：？！》〉”’％‰·…"
"""Marks that may not begin a line (GB/T 15834) and that ReportLab's own lists leave out."""


@lru_cache(maxsize=1)
def register() -> None:
    """Make the two faces known to ReportLab, once in a process; set-up has put their files in place."""
    for name, file in _FILES.items():
        pdfmetrics.registerFont(TTFont(name, str(FOLDER / file)))
    pdfmetrics.registerFontFamily(REGULAR, normal=REGULAR, bold=BOLD, italic=REGULAR, boldItalic=BOLD)
    # paragraphs hold a copy of the list under their own name
    textsplit.ALL_CANNOT_START = paragraph.ALL_CANNOT_START = textsplit.ALL_CANNOT_START + CANNOT_START
