"""The page itself: running head with its rule, foot with the mark of the document and “page x of y”."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from app.documents.fonts import REGULAR
from app.documents.look import ACCENT, INK_2, RULE, SIDE

_SIZE = 7.5


@dataclass(frozen=True, slots=True)
class Running:
    """What stands on every page: head left and right, foot left; `page` words the page's number among all."""

    left: str
    right: str
    foot: str
    page: Callable[[int, int], str]


def canvas_maker(running: Running) -> Callable[..., Canvas]:
    """A canvas that draws `running` once the number of pages is known, and gives the same bytes every time."""

    class RunningCanvas(Canvas):
        """Keeps finished pages until the last, because each names their number."""

        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options | {"invariant": 1, "initialFontName": REGULAR})
            self._kept: list[dict[str, Any]] = []

        def showPage(self) -> None:  # noqa: N802 - ReportLab's name
            self._kept.append(dict(self.__dict__))
            self._startPage()

        def save(self) -> None:
            for number, page in enumerate(self._kept, 1):
                self.__dict__.update(page)
                _draw(self, running, number, len(self._kept))
                super().showPage()
            super().save()

    return RunningCanvas


def _draw(canvas: Canvas, running: Running, number: int, of: int) -> None:
    width, height = canvas._pagesize
    canvas.saveState()
    canvas.setFont(REGULAR, _SIZE)
    canvas.setFillColor(INK_2)
    canvas.drawString(SIDE, height - 13 * mm, running.left)
    canvas.drawRightString(width - SIDE, height - 13 * mm, running.right)
    canvas.setStrokeColor(ACCENT)
    canvas.setLineWidth(RULE)
    canvas.line(SIDE, height - 15 * mm, width - SIDE, height - 15 * mm)
    canvas.drawString(SIDE, 10 * mm, running.foot)
    canvas.drawRightString(width - SIDE, 10 * mm, running.page(number, of))
    canvas.restoreState()
