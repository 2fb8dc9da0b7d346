"""The catalogue of texts: both languages for every key, every used key written, no key unused."""

import re
from pathlib import Path

import pytest

from app import i18n
from app.web import menu, states
from customs.rules.moves import State

ROOT = Path(__file__).parents[3]
PLACES = re.compile(r"\{(\w+)[^}]*\}")
KEY = re.compile(r"""["']([a-z_]+(?:\.[a-z0-9_]+)+)["']""")
PREFIX = re.compile(
    r"""["']([a-z_]+\.(?:[a-z0-9_]+[._])*)["']\s*(?:~|\+|%)|f["']([a-z_]+\.(?:[a-z0-9_]+[._])*)\{"""
    r"""|Words\(\w+, ["']([a-z_]+\.)["']"""
)


def sources():
    return (path for path in (ROOT / "app").rglob("*") if path.suffix in {".html", ".py"})


def read():
    return "\n".join(path.read_text(encoding="utf-8") for path in sources())


def test_both_languages_name_the_same_facts():
    differing = {
        key: (entry.zh, entry.en)
        for key, entry in i18n.catalogue().items()
        if set(PLACES.findall(entry.zh)) != set(PLACES.findall(entry.en))
    }
    assert not differing


def test_every_key_a_page_asks_for_is_written():
    asked = set(re.findall(r"""\bt\(\s*["']([a-z_]+(?:\.[a-z0-9_]+)+)["']\s*[,)]""", read()))
    assert not asked - set(i18n.catalogue())


def test_no_text_is_written_that_no_page_asks_for():
    text = read()
    named = set(KEY.findall(text))
    families = tuple("".join(found) for found in PREFIX.findall(text))
    unused = {key for key in i18n.catalogue() if key not in named and not key.startswith(families)}
    assert not unused


def test_the_tone_of_the_house_is_kept():
    banned = ("操作成功", "系统异常", "请稍后再试", "你", "successfully", "Please ", " please", "!")
    wrong = {
        key: word for key, entry in i18n.catalogue().items() for word in banned if word in entry.zh or word in entry.en
    }
    assert not wrong


def test_every_role_and_every_menu_line_has_its_words():
    keys = i18n.catalogue()
    lines = [entry for group in menu.MENU for entry in group.entries]
    assert all(entry.text in keys for entry in lines)
    assert all(f"role.{role}" in keys for role in menu.ALL)


@pytest.mark.parametrize("state", list(State))
def test_every_state_has_a_look_of_its_own(state):
    assert states.look(state).code == state
    assert states.look(state).tone in states.TONES


def test_a_negative_code_is_a_processing_error():
    assert states.look("-621001").word == "处理异常"
