"""How many requests a caller may send: per token or address, counted in the broker's Valkey or in memory."""

from __future__ import annotations

import hashlib

from flask import Flask, Response, current_app, request
from flask_limiter import Limiter, RequestLimit

from app.access.rules import TooManyError

PER_CALLER = "400 per second; 12000 per minute"
PER_CALLER_IN_DEMO = "600 per second"
SIGN_INS = "20 per minute"
SIGN_INS_IN_DEMO = "300 per minute"


def caller() -> str:
    """Who is counted: the token (as a digest), else the address."""
    header = request.headers.get("Authorization")
    if header:
        return hashlib.sha256(header.encode()).hexdigest()[:32]
    return request.remote_addr or "unknown"


def _too_many(hit: RequestLimit) -> Response:
    raise TooManyError(max(1, int(hit.limit.get_expiry())))


def _sign_ins() -> str:
    return SIGN_INS_IN_DEMO if current_app.config.get("DEMO") else SIGN_INS


limiter = Limiter(key_func=caller, on_breach=_too_many, headers_enabled=False)
limit_sign_ins = limiter.shared_limit(
    _sign_ins, scope="sign-in", key_func=lambda: request.remote_addr or "unknown", methods=["POST"]
)
"""For routes that take a password."""


@limiter.request_filter
def _watching() -> bool:
    """Whoever watches over the installation is never sent away."""
    return request.blueprint == "health"


def install(app: Flask, *, demo: bool, bench: bool, broker_url: str | None = None) -> None:
    """Count requests; not at all under the benchmark."""
    app.config["RATELIMIT_ENABLED"] = not bench
    app.config["RATELIMIT_DEFAULT"] = PER_CALLER_IN_DEMO if demo else PER_CALLER
    app.config["RATELIMIT_STORAGE_URI"] = broker_url or "memory://"
    # a broker that is away must not close the door
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = True
    limiter.init_app(app)
