"""Nothing but common/clock knows what time it is: else no demo's clock, no replay and no test could be trusted."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "common", "credit", "customs", "tax", "forex", "migrations", "simulator", "bench")
ALLOWED = {ROOT / "common" / "clock.py"}
CALLS = {
    "datetime": {"now", "today", "utcnow"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime"},
    "func": {"now", "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp"},
}
SQL = re.compile(
    r"\b(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday)\s*\(\s*\)"
    r"|\b(current_date|current_time|current_timestamp|localtime|localtimestamp)\b",
    re.IGNORECASE,
)


def sources():
    return sorted(file for name in PACKAGES for file in (ROOT / name).rglob("*.py") if file not in ALLOWED)


def asks(tree):
    """Lines on which a program asks for the time by itself: in Python, or in SQL that it writes."""
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _owner(node.func) in CALLS:
            if node.func.attr in CALLS[_owner(node.func)]:
                yield node.lineno
        elif _is_text(node) and id(node) not in docs and SQL.search(node.value):
            yield node.lineno


def _is_text(node):
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _owner(function):
    owner = function.value
    return owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")


def test_no_module_asks_for_the_time_by_itself():
    found = [
        f"{file.relative_to(ROOT)}:{line}"
        for file in sources()
        for line in asks(ast.parse(file.read_text(encoding="utf-8")))
    ]
    assert found == [], "take now() and today() from common.clock, and pass them on as at and on"


@pytest.mark.parametrize(
    "line",
    [
        "datetime.now(CHINA)",
        "datetime.datetime.utcnow()",
        "date.today()",
        "time.time()",
        "func.now()",
        "text('SELECT NOW()')",
        "text('INSERT INTO x VALUES (current_timestamp)')",
    ],
)
def test_the_search_finds(line):
    assert list(asks(ast.parse(f"x = {line}"))) == [1]


@pytest.mark.parametrize("line", ["clock.now()", "clock.today()", "x = 'known ()'", "'''says now() in its text'''"])
def test_the_search_leaves_alone(line):
    assert list(asks(ast.parse(line))) == []
