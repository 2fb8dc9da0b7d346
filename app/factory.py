"""Builds the web application: settings, database, logs, access, errors, then every listed blueprint and command."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any

from flask import Flask
from flask_smorest import Api

from app import access, clean_text, headers, health, limits, logs, problems
from app.api import API_BLUEPRINTS
from app.cli import COMMANDS
from app.session import bind
from app.settings import Settings, load_settings
from app.tasks import bell
from app.web import WEB_BLUEPRINTS, shell
from common import clock
from common.db import make_engine, session_factory
from customs.intake.receivers import ReceiverKey

_FORM_ROOM = 64 * 1024
"""Bytes of a form around its file: no page reads more than the largest request and these."""

API_TITLE = "跨境电商综试区线上综合服务平台 · Cross-border e-commerce single window"


def create_app(settings: Settings | None = None) -> Flask:
    """The application for `settings` (the environment's by default); refuses to start with an undeclared route."""
    settings = settings or load_settings()
    clock.set_offset(timedelta(seconds=settings.clock_offset_s))
    app = Flask("app", template_folder="templates", static_folder="static")
    _configure(app, settings)
    engine = make_engine(settings.database_url, pool_size=10, max_overflow=10)
    bind(session_factory(engine, ReceiverKey.from_secret(settings.secret_key).info))
    bell.bind(settings.broker_url)
    app.extensions["zone.engine"] = engine
    logs.install(app)
    health.install(app)
    limits.install(app, demo=settings.demo, bench=settings.bench, broker_url=settings.broker_url)
    headers.install(app)
    clean_text.install(app)
    access.install(app)
    shell.install(app)
    _register(app)
    access.check_declared(app)
    return app


def _configure(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=settings.secret_key,
        DEMO=settings.demo,
        BENCH=settings.bench,
        BROKER_URL=settings.broker_url,
        DATA_DIR=settings.data_dir,
        MAX_BODY_BYTES=settings.max_body_bytes,
        MAX_CONTENT_LENGTH=settings.max_body_bytes + _FORM_ROOM,
        API_TITLE=API_TITLE,
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",
        JSON_SORT_KEYS=False,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the default provider has it


def _register(app: Flask) -> None:
    api = Api(app)
    for name in API_BLUEPRINTS:
        api.register_blueprint(_named(name))
    for name in WEB_BLUEPRINTS:
        app.register_blueprint(_named(name))
    for name in COMMANDS:
        app.cli.add_command(_named(name))
    problems.install(app)


def _named(name: str) -> Any:
    module, _, attribute = name.partition(":")
    return getattr(import_module(module), attribute)
