"""What the schema library says is said in Chinese too."""

import inspect
import re

import pytest
from marshmallow import fields, validate

from app.schema_words import in_chinese

PRINTED = re.compile(r'"((?:Not a valid|Must be|Length|Longer|Shorter|Missing|Field may|String does)[^"]*)"')
UNUSED = ("URL", "UUID", "email", "IP", "period", "equal to {other}", "enum", "choice")


def library_sentences():
    """The library's own sentences, their places filled in."""
    for module in (fields, validate):
        for said in PRINTED.findall(inspect.getsource(module)):
            if not any(word in said for word in UNUSED) and "_op}" not in said and "{obj_type}" not in said:
                yield re.sub(r"\{\w+\}", "3", said)


@pytest.mark.parametrize("said", sorted(set(library_sentences())))
def test_every_sentence_of_the_schema_library_is_known(said):
    assert not re.search("[a-z]{3}", in_chinese(said)), said


@pytest.mark.parametrize(
    ("said", "chinese"),
    [
        ("Must be greater than or equal to 1 and less than or equal to 500.", "须在1与500之间。"),
        ("Must be one of: zh, en.", "须为下列之一：zh, en。"),
        ("Not a valid aware datetime.", "不是带时区的时间。"),
        ("Unknown field.", "没有这一项。"),
        ("Invalid JSON body.", "不是正确的JSON。"),
        ("Something new.", "值不符合要求（Something new.）。"),
    ],
)
def test_places_are_filled_in_and_what_is_not_known_is_repeated(said, chinese):
    assert in_chinese(said) == chinese
