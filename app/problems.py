"""Refusals and failures on the wire: `application/problem+json` for the API, a plain page for pages (RFC 9457).

All findings at once, nothing internal: an unforeseen error is logged and answered with a sentence only.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import islice
from typing import Any

import msgspec
from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from app.access.rules import TooManyError
from app.schema_words import in_chinese
from common.findings import DomainError, Finding, rule

log = logging.getLogger(__name__)

SY0021 = rule(
    "SY0021",
    title=("请求内容不符合接口定义", "The request does not fit the interface"),
    say=("“{field}”不符合接口定义：{why_zh}", "“{field}” does not fit the interface: {why_en}"),
    basis="平台接口约定",
)
SY0022 = rule(
    "SY0022",
    title=("没有这个地址", "No such address"),
    say=("没有这个地址。请核对链接。", "There is nothing at this address. Check the link."),
    basis="平台接口约定",
)
SY0023 = rule(
    "SY0023",
    title=("请求无法处理", "The request cannot be handled"),
    say=(
        "请求无法处理（{status}）。请按接口说明更正后重发。",
        "The request cannot be handled ({status}). Correct it after the interface description and send it again.",
    ),
    basis="平台接口约定",
)
SY0024 = rule(
    "SY0024",
    title=("平台内部错误", "Internal error"),
    say=(
        "平台未能完成请求，已记录待查。请过几分钟再发；仍不行请报告发生时间。",
        "The platform could not finish the request; the error is on record. "
        "Send it again in a few minutes; if it fails again, report when it happened.",
    ),
    basis="平台接口约定",
)

JSON = "application/problem+json"
_MOST_POINTER, _MOST_NAME, _MOST_SAID = 200, 60, 500
"""Characters of what was sent that an answer repeats."""
_MOST_FINDINGS = 100
"""How many places of one request are told to be wrong; the rest is found when these are right."""


def problem(status: int, findings: tuple[Finding, ...], extra: Mapping[str, Any] | None = None) -> Response:
    """A problem document with all its findings, or the page that says the same."""
    if wants_page():
        page = render_template("errors/refused.html", status=status, findings=findings)
        return Response(page, status, mimetype="text/html")
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": " ".join(one.message.en for one in findings),
        "findings": [one.as_dict() for one in findings],
        **(extra or {}),
    }
    return Response(msgspec.json.encode(body), status, mimetype=JSON)


def wants_page() -> bool:
    """Whether the answer should be a page: outside the API, and asked for by a browser."""
    if request.path.startswith("/api/"):
        return False
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def refused(error: DomainError) -> Response:
    """A use case refused."""
    response = problem(error.status, tuple(error.findings), error.extra)
    if isinstance(error, TooManyError):
        response.headers["Retry-After"] = str(error.retry_after)
    if error.status == HTTPStatus.UNAUTHORIZED and not wants_page():
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def http_error(error: HTTPException) -> Response:
    """The framework refused: unknown address, wrong method, a body that does not fit the schema."""
    status = error.code or 500
    if error.response is not None or status < HTTPStatus.BAD_REQUEST:
        return error.get_response()  # type: ignore[return-value]
    messages = (getattr(error, "data", None) or {}).get("messages")
    told = tuple(islice(_schema_findings(messages), _MOST_FINDINGS)) if messages else (_general(status),)
    response = problem(status, told)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _general(status: int) -> Finding:
    return SY0022.at("") if status == HTTPStatus.NOT_FOUND else SY0023.at("", status=status)


def _schema_findings(messages: Mapping[str, Any], at: str = "") -> Iterator[Finding]:
    for key, told in messages.items():
        # the outermost key says where the value came from (json, query), not where it stands
        pointer = at if not at and key in ("json", "query", "form", "files", "headers", "path") else f"{at}/{key}"
        if isinstance(told, Mapping):
            yield from _schema_findings(told, pointer)
        else:
            for why in told if isinstance(told, list) else [told]:
                yield SY0021.at(
                    pointer[:_MOST_POINTER],
                    field=pointer.rpartition("/")[2][:_MOST_NAME] or "body",
                    why_zh=in_chinese(str(why))[:_MOST_SAID],
                    why_en=str(why)[:_MOST_SAID],
                )


def failed(error: Exception) -> Response:
    """Something nobody foresaw."""
    log.error("request failed", exc_info=error)
    return problem(500, (SY0024.at(""),))


def install(app: Flask) -> None:
    """Answer every error in one of these ways; after flask-smorest, whose handler this replaces."""
    app.register_error_handler(DomainError, refused)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, failed)
