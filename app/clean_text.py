"""Texts that no table can hold are refused before anything reads them: NUL, and halves of a surrogate pair.

Messages are not looked at: what is wrong in a document is a finding of that document. Nor are addresses of pages:
a page that finds nothing says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask, Request, request
from webargs.flaskparser import FlaskParser

from common.findings import DomainError, rule

SY0025 = rule(
    "SY0025",
    title=("文字中有不能保存的字符", "A text with characters that cannot be kept"),
    say=(
        "文字中含有空字符（NUL）或残缺的字符。请删去后重发。",
        "A text contains a NUL or half a character. Take it out and send it again.",
    ),
    basis="平台接口约定",
    kind="format",
)

_BAD = re.compile("[\x00\ud800-\udfff]")
_ESCAPED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""What can make such a text of JSON; raw bytes of either kind are no JSON."""

API = "/api/"


class CleanParser(FlaskParser):
    """What reads the JSON of API requests: as the framework's own, but for texts that no table can hold."""

    def _raw_load_json(self, req: Request) -> Any:
        value = super()._raw_load_json(req)
        if _ESCAPED.search(req.get_data(cache=True)):
            refuse(value)
        return value


def refuse(value: Any) -> None:
    """Raise `DomainError` where a text in a JSON value, a key included, cannot be kept."""
    for pointer, text in _texts(value):
        _refuse(pointer, text)


def check() -> None:
    """Refuse the request where its form or, for the API, its address holds such a text."""
    if request.path.startswith(API):
        for key, value in request.args.items(multi=True):
            _refuse(f"/{key}", key, value)
    elif request.mimetype == "application/x-www-form-urlencoded":
        for key, value in request.form.items(multi=True):
            _refuse(f"/{key}", key, value)


def _refuse(pointer: str, *texts: str) -> None:
    if any(_BAD.search(text) for text in texts):
        raise DomainError(SY0025.at(_BAD.sub("�", pointer)[:200]))


def _texts(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a JSON value with where it stands, keys included."""
    waiting = [(pointer, value)]
    while waiting:
        at, one = waiting.pop()
        if isinstance(one, str):
            yield at, one
        elif isinstance(one, dict):
            yield from ((f"{at}/{key}", key) for key in one)
            waiting += [(f"{at}/{key}", inner) for key, inner in one.items()]
        elif isinstance(one, list):
            waiting += [(f"{at}/{n}", inner) for n, inner in enumerate(one)]


def install(app: Flask) -> None:
    """Look at every request before its route does."""
    app.before_request(check)
