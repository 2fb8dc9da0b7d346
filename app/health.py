"""Whether the process lives, whether it can work, and its figures: `/healthz`, `/readyz`, `/metrics`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import redis
from flask import Blueprint, Flask, Response, current_app, g, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Histogram, generate_latest
from sqlalchemy import text

from app.access import allow_everyone
from app.session import sessions
from app.settings import ROOT

log = logging.getLogger(__name__)

blueprint = Blueprint("health", __name__)
REGISTRY = CollectorRegistry()
REQUESTS = Counter("zone_requests_total", "Requests answered", ["endpoint", "method", "status"], registry=REGISTRY)
SECONDS = Histogram("zone_request_seconds", "Seconds from request to answer", ["endpoint"], registry=REGISTRY)
BROKER_TIMEOUT_S = 2


@blueprint.get("/healthz")
@allow_everyone
def alive() -> Response:
    """The process answers."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
@allow_everyone
def ready() -> tuple[Response, int]:
    """Database, broker and migrations are as this program needs them; 503 otherwise."""
    checks = {"database": _database(), "migrations": _migrations(), "broker": _broker()}
    well = all(checks.values())
    said = {name: "ok" if passed else "failed" for name, passed in checks.items()}
    return jsonify(status="ok" if well else "failed", checks=said), 200 if well else 503


@blueprint.get("/metrics")
@allow_everyone
def metrics() -> Response:
    """Figures of this process in Prometheus' text form."""
    return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def newest_migration(root: Path = ROOT) -> str:
    """The migration that this program was written for."""
    return (root / "migrations" / "HEAD").read_text(encoding="utf-8").strip()


def _database() -> bool:
    try:
        with sessions()() as session:
            return session.execute(text("SELECT 1")).scalar() == 1
    except Exception:
        log.exception("database not ready")
        return False


def _migrations() -> bool:
    try:
        with sessions()() as session:
            found: Sequence[str] = session.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
        return list(found) == [newest_migration()]
    except Exception:
        log.exception("migrations not ready")
        return False


def _broker() -> bool:
    url = current_app.config["BROKER_URL"]
    if url is None:
        return True
    try:
        client = redis.Redis.from_url(url, socket_timeout=BROKER_TIMEOUT_S, socket_connect_timeout=BROKER_TIMEOUT_S)
        with client:
            return bool(client.ping())
    except redis.RedisError:
        log.exception("broker not ready")
        return False


def _begin() -> None:
    g.began = perf_counter()


def _count(response: Response) -> Response:
    endpoint = request.endpoint or "none"
    REQUESTS.labels(endpoint, request.method, str(response.status_code)).inc()
    if "began" in g:
        SECONDS.labels(endpoint).observe(perf_counter() - g.began)
    return response


def install(app: Flask) -> None:
    """Count every request of the application."""
    app.before_request(_begin)
    app.after_request(_count)
    app.register_blueprint(blueprint)
