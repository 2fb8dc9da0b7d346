"""From the pointer of a message's finding (`/Order/0/OrderList/2/qty`) to the cell that it is about (`Sheet1!K9`)."""

from __future__ import annotations

from collections.abc import Sequence

from app.files.reading import Layout

_LINE = 2
"""A line's number and an element stand behind its list's name."""


def cell_of(layout: Layout, rows: Sequence[int], pointer: str) -> str:
    """The cell of a finding in the document whose lines stand in `rows`; the document's first cell where none fits."""
    steps = pointer.strip("/").split("/")[2:]
    if len(steps) > 1 and steps[1].isdigit():
        n = int(steps[1])
        element = f"{steps[0]}/{steps[2]}" if len(steps) > _LINE else ""
        return layout.cell(rows[n] if n < len(rows) else rows[-1], element)
    if steps[:1] == ["receiver"]:
        return layout.cell(rows[0], ".".join(steps))
    if steps[:1] == ["weighed_gross"]:
        return layout.cell(rows[0], steps[0])
    return layout.cell(rows[0], steps[-1] if steps else "")
