"""Sizes, colours and paragraph styles of documents: A4, margins 22/20/18 mm, 9.5 pt on 1.7, no italics."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.enums import TA_LEFT, TA_RIGHT
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph

from app.documents.fonts import BOLD, REGULAR

INK, INK_2, ACCENT = HexColor("#16202a"), HexColor("#44525f"), HexColor("#0d4f6c")
LINE, HAIR = HexColor("#7d8b97"), HexColor("#d6dde3")
TOP, SIDE, BOTTOM = 22 * mm, 20 * mm, 18 * mm
RULE, HAIRLINE = 0.35 * mm, 0.2
_CHINESE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]")


def _style(name: str, size: float, leading: float, **more: object) -> ParagraphStyle:
    return ParagraphStyle(
        name, fontName=REGULAR, fontSize=size, leading=size * leading, textColor=INK, alignment=TA_LEFT, **more
    )


TITLE = _style("title", 16, 1.4, spaceAfter=2 * mm)
SUBTITLE = _style("subtitle", 9.5, 1.6, spaceAfter=4 * mm)
HEADING = _style("heading", 12, 1.5, spaceBefore=6 * mm, spaceAfter=2 * mm)
BODY = _style("body", 9.5, 1.7, spaceAfter=2 * mm)
CAPTION = _style("caption", 8.5, 1.5, spaceBefore=3 * mm, spaceAfter=1.2 * mm)
CELL = _style("cell", 8.5, 1.45)
QUIET = _style("quiet", 8.5, 1.45)
NOTE = _style("note", 7.5, 1.6, spaceBefore=1.5 * mm)
for _one in (TITLE, HEADING):
    _one.fontName = BOLD
for _one in (SUBTITLE, QUIET, NOTE):
    _one.textColor = INK_2


def paragraph(text: str, style: ParagraphStyle, *, right: bool = False, bold: bool = False) -> Paragraph:
    """A paragraph of plain text; Chinese breaks between any two signs but the forbidden ones, other text at words.

    What the text holds is shown as it is: nothing in it is taken as markup.
    """
    changes: dict[str, object] = {}
    if _CHINESE.search(text):
        changes["wordWrap"] = "CJK"
    if right:
        changes["alignment"] = TA_RIGHT
    if bold:
        changes["fontName"] = BOLD
    if changes:
        style = ParagraphStyle(f"{style.name}+", parent=style, **changes)
    return Paragraph(escape(text).replace("\n", "<br/>"), style)
