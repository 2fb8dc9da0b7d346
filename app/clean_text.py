"""Texts that no table can hold are refused before anything reads them: NUL, and halves of a surrogate pair.

Messages are not looked at: what is wrong in a document is a finding of that document. What a page's address asks for is
read without such characters: a page that finds nothing says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import Flask, Request, request
from webargs.flaskparser import FlaskParser
from werkzeug.datastructures import ImmutableMultiDict

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

SY0026 = rule(
    "SY0026",
    title=("内容嵌套过深", "The content is nested too deep"),
    say=(
        "JSON内容嵌套过深，无法读取。请按接口说明的结构重发。",
        "The JSON is nested too deep to be read. Send it again in the structure that the interface describes.",
    ),
    basis="平台接口约定",
    kind="format",
)

_BAD = re.compile("[\x00\ud800-\udfff]")
_ESCAPED = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
"""What can make such a text of JSON; raw bytes of either kind are no JSON."""

API = "/api/"


class CleanParser(FlaskParser):
    """What reads the JSON of API requests: as the framework's own, but for what cannot be kept or is too deep."""

    def _raw_load_json(self, req: Request) -> Any:
        try:
            value = super()._raw_load_json(req)
        except RecursionError:
            raise DomainError(SY0026.at("")) from None
        if _ESCAPED.search(req.get_data(cache=True)):
            refuse(value)
        return value


def refuse(value: Any) -> None:
    """Raise `DomainError` where a text in a JSON value, a key included, cannot be kept."""
    for pointer, text in _texts(value):
        _refuse(pointer, text)


def check() -> None:
    """Refuse the request where its path, the API's query or a page's form holds such a text."""
    _refuse("", request.path)
    if request.path.startswith(API):
        for key, value in request.args.items(multi=True):
            _refuse(f"/{key}", key, value)
        return
    if any(_BAD.search(key + value) for key, value in request.args.items(multi=True)):
        asked = request.args.items(multi=True)
        request.args = ImmutableMultiDict([(_BAD.sub("", key), _BAD.sub("", value)) for key, value in asked])
    if request.mimetype == "application/x-www-form-urlencoded":
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
