"""Parts of the documents that are printed from the program, so that both always say the same."""

from __future__ import annotations

from pathlib import Path

from app.catalogue import state_rows
from app.settings import ROOT
from customs.rules.amendments import ACTION_NAMES, WHY
from customs.rules.moves import TABLE, Cause, name
from customs.rules.returns import MOVES, STATE_NAMES

ARCHITECTURE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- moves: printed by `flask law docs` -->", "<!-- /moves -->"
BEGIN_STATES, END_STATES = "<!-- changes by state: printed by `flask law docs` -->", "<!-- /changes by state -->"
BEGIN_RETURNS, END_RETURNS = "<!-- moves of returns: printed by `flask law docs` -->", "<!-- /moves of returns -->"
_WHO = {Cause.RULE: "rule", Cause.OFFICER: "officer", Cause.CUSTOMS: "customs' response", Cause.PARTY: "party"}


def moves_table() -> str:
    """The table of moves (`customs/rules/moves.py`) as Markdown."""
    lines = ["| from | to | caused by | when |", "|---|---|---|---|"]
    for one in TABLE:
        start = f"{one.start} {name(one.start).en}" if one.start else "—"
        who = ", ".join(_WHO[cause] for cause in Cause if cause in one.causes)
        lines.append(f"| {start} | {one.end} {name(one.end).en} | {who} | {one.why.en} ({one.why.zh}) |")
    return "\n".join(lines)


def states_table() -> str:
    """What may be changed or cancelled in which state (`customs.amendment.states.*`) as Markdown."""
    lines = ["| state | from | what is possible | why | document |", "|---|---|---|---|---|"]
    for row in state_rows():
        possible = "; ".join(f"{ACTION_NAMES[one].en} ({ACTION_NAMES[one].zh})" for one in row.value.codes)
        state, why = f"{row.state} {name(row.state).en}", WHY[row.state]
        document = f"{row.value.document} {row.value.article} ({row.value.status.value})"
        lines.append(f"| {state} | {row.value.start or ''} | {possible} | {why.en} ({why.zh}) | {document} |")
    return "\n".join(lines)


def returns_table() -> str:
    """The table of moves of a goods return (`customs/rules/returns.py`) as Markdown: from, and to which by whom."""
    lines = ["| from | to | caused by |", "|---|---|---|"]
    starts = {None: "—"} | {state: f"{state} {STATE_NAMES[state].en}" for state in STATE_NAMES}
    for (start, end), causes in MOVES.items():
        who = ", ".join(_WHO[cause] for cause in Cause if cause in causes)
        lines.append(f"| {starts[start]} | {starts[end]} | {who} |")
    return "\n".join(lines)


def with_moves(text: str) -> str:
    """The architecture page with its tables as the program has them; raises `ValueError` without the marks."""
    text = _between(_between(text, BEGIN, END, moves_table()), BEGIN_STATES, END_STATES, states_table())
    return _between(text, BEGIN_RETURNS, END_RETURNS, returns_table())


def _between(text: str, begin: str, end: str, table: str) -> str:
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise ValueError(f"{ARCHITECTURE.name} lacks the marks around a printed table")
    return f"{before}{begin}\n{table}\n{end}{after}"


def write_architecture(path: Path = ARCHITECTURE) -> None:
    """Print the table of moves into the architecture page."""
    path.write_text(with_moves(path.read_text(encoding="utf-8")), encoding="utf-8")
