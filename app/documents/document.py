"""A document filled from top to bottom: headings, facts, paragraphs, tables; then its bytes."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.lib.pagesizes import A4, landscape
from reportlab.lib.units import mm
from reportlab.platypus import BaseDocTemplate, Frame, PageTemplate, Table
from reportlab.platypus.flowables import CondPageBreak, Flowable, PageBreak, Spacer

from app.documents import look
from app.documents.fonts import register
from app.documents.look import paragraph
from app.documents.pages import Running, canvas_maker
from app.i18n import TAGS, catalogue


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its head, its share of the width, whether it holds numbers (set to the right)."""

    head: str
    share: float = 1
    number: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table; `total` rows are set bold."""

    cells: Sequence[str]
    total: bool = False


_TOGETHER = 30 * mm
"""A heading or caption moves on where less than this is left: it may not stand alone at the foot of a page."""


class Document:
    """One printed document in one language; its methods add to it in order, `pdf` gives the bytes.

    `title` stands on the first page and in the file's metadata, `subtitle` below it; `running` right in the running
    head; `mark` (a number, a digest) left in the foot of every page. `wide` turns the pages to landscape.
    """

    def __init__(
        self, lang: str, title: str, *, subtitle: str = "", running: str = "", mark: str = "", wide: bool = False
    ) -> None:
        register()
        self.lang, self.title, self.running, self.mark = lang, title, running, mark
        self._size = landscape(A4) if wide else A4
        self._story: list[Flowable] = [paragraph(title, look.TITLE)]
        if subtitle:
            self._story.append(paragraph(subtitle, look.SUBTITLE))

    def heading(self, text: str) -> None:
        """A heading that stays with what follows."""
        self._story += [CondPageBreak(_TOGETHER), paragraph(text, look.HEADING)]

    def text(self, text: str) -> None:
        """A paragraph."""
        self._story.append(paragraph(text, look.BODY))

    def note(self, text: str) -> None:
        """A small paragraph: how figures were made, where they can be checked."""
        self._story.append(paragraph(text, look.NOTE))

    def space(self, millimetres: float) -> None:
        """White space."""
        self._story.append(Spacer(1, millimetres * mm))

    def new_page(self) -> None:
        """What follows begins on a new page."""
        self._story.append(PageBreak())

    def facts(self, pairs: Iterable[tuple[str, str]], *, across: int = 1) -> None:
        """Labels with their values, `across` pairs beside each other."""
        flat = [cell for label, value in pairs for cell in (_quiet(label), paragraph(value, look.CELL))]
        if not flat:
            return
        step = across * 2
        rows = [flat[n : n + step] for n in range(0, len(flat), step)]
        rows[-1] += [""] * (step - len(rows[-1]))
        widths = [self._width / across * share for _ in range(across) for share in (0.28, 0.72)]
        style = [*_PADDING, ("LINEBELOW", (0, 0), (-1, -1), look.HAIRLINE, look.HAIR)]
        self._story.append(Table(rows, colWidths=widths, style=style, hAlign="LEFT"))

    def table(self, columns: Sequence[Column], rows: Iterable[Row], *, caption: str = "", note: str = "") -> None:
        """A table whose head is repeated on every page it runs over; caption above, note below."""
        if caption:
            self._story += [CondPageBreak(_TOGETHER), paragraph(caption, look.CAPTION, bold=True)]
        head = [paragraph(one.head, look.CELL, right=one.number, bold=True) for one in columns]
        body = [_cells(columns, row) for row in rows]
        together = sum(one.share for one in columns)
        widths = [self._width * one.share / together for one in columns]
        self._story.append(Table([head, *body], colWidths=widths, repeatRows=1, style=_RULES, hAlign="LEFT"))
        if note:
            self.note(note)

    @property
    def _width(self) -> float:
        return float(self._size[0] - 2 * look.SIDE)

    def pdf(self) -> bytes:
        """The document's bytes; the document cannot be added to afterwards."""
        texts, out = catalogue(), io.BytesIO()
        running = Running(
            left=texts["documents.platform"].say(self.lang, {}),
            right=self.running or self.title,
            foot=self.mark,
            page=lambda number, of: texts["documents.page"].say(self.lang, {"number": number, "of": of}),
        )
        maker = canvas_maker(running)
        template = BaseDocTemplate(
            out,
            pagesize=self._size,
            leftMargin=look.SIDE,
            rightMargin=look.SIDE,
            topMargin=look.TOP,
            bottomMargin=look.BOTTOM,
            initialFontName=look.REGULAR,
            title=self.title,
            author=running.left,
            subject=self.mark,
            creator=running.left,
            lang=TAGS[self.lang],
        )
        frame = Frame(look.SIDE, look.BOTTOM, self._width, self._size[1] - look.TOP - look.BOTTOM, *[0] * 4, id="whole")
        template.addPageTemplates([PageTemplate(id="page", frames=[frame], pagesize=self._size)])
        template.build(self._story, canvasmaker=maker)
        return out.getvalue()


_PADDING: list[tuple[Any, ...]] = [
    ("LEFTPADDING", (0, 0), (-1, -1), 1.5 * mm),
    ("RIGHTPADDING", (0, 0), (-1, -1), 1.5 * mm),
    ("TOPPADDING", (0, 0), (-1, -1), 0.8 * mm),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1 * mm),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("FONT", (0, 0), (-1, -1), look.REGULAR),  # else every table names a font that is not embedded
]
_RULES: list[tuple[Any, ...]] = [
    *_PADDING,
    ("LINEABOVE", (0, 0), (-1, 0), look.RULE, look.LINE),
    ("LINEBELOW", (0, 0), (-1, 0), look.HAIRLINE, look.LINE),
    ("LINEBELOW", (0, 1), (-1, -2), look.HAIRLINE, look.HAIR),
    ("LINEBELOW", (0, -1), (-1, -1), look.RULE, look.LINE),
]


def _quiet(text: str) -> Flowable:
    return paragraph(text, look.QUIET)


def _cells(columns: Sequence[Column], row: Row) -> list[Flowable]:
    return [
        paragraph(cell, look.CELL, right=column.number, bold=row.total)
        for column, cell in zip(columns, row.cells, strict=True)
    ]
