"""Parts of the documents that are printed from the program, so that both always say the same."""

from __future__ import annotations

from pathlib import Path

from app.settings import ROOT
from customs.rules.moves import TABLE, Cause, name

ARCHITECTURE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- moves: printed by `flask law docs` -->", "<!-- /moves -->"
_WHO = {Cause.RULE: "rule", Cause.OFFICER: "officer", Cause.CUSTOMS: "customs' response", Cause.PARTY: "party"}


def moves_table() -> str:
    """The table of moves (`customs/rules/moves.py`) as Markdown."""
    lines = ["| from | to | caused by | when |", "|---|---|---|---|"]
    for one in TABLE:
        start = f"{one.start} {name(one.start).en}" if one.start else "—"
        who = ", ".join(_WHO[cause] for cause in Cause if cause in one.causes)
        lines.append(f"| {start} | {one.end} {name(one.end).en} | {who} | {one.why.en} ({one.why.zh}) |")
    return "\n".join(lines)


def with_moves(text: str) -> str:
    """The architecture page with its table of moves as the program has it; raises `ValueError` without the marks."""
    before, _, rest = text.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"{ARCHITECTURE.name} lacks the marks around the table of moves")
    return f"{before}{BEGIN}\n{moves_table()}\n{END}{after}"


def write_architecture(path: Path = ARCHITECTURE) -> None:
    """Print the table of moves into the architecture page."""
    path.write_text(with_moves(path.read_text(encoding="utf-8")), encoding="utf-8")
