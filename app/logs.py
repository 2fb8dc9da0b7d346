"""Structured logs: one JSON object a line in `var/log/<process>.log`, readable lines on a terminal.

Every line carries what is bound to its context: `request_id` in the web server, `task_id` and `task` in a worker.
"""

from __future__ import annotations

import fcntl
import logging
import logging.handlers
import os
import re
import sys
import uuid
from pathlib import Path

import structlog
from flask import Flask, Response, g, request

REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
MAX_LOG_BYTES = 20 * 1024 * 1024
KEPT_LOGS = 5


def _stamp(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    # real time, also while a demo's clock is moved: a log is compared with other machines' logs
    event["time"] = structlog.processors.TimeStamper(fmt="iso", utc=True)(None, "", {})["timestamp"]
    return event


_SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    _stamp,
]


def _handler(target: logging.Handler, *rendering: structlog.typing.Processor) -> logging.Handler:
    target.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    return target


class SharedFileHandler(logging.handlers.RotatingFileHandler):
    """A rotating file that several processes write: one at a time, and always into the file of the present name.

    The standard handler rotates under the others' feet: they go on writing into the renamed file, and rotate again.
    """

    def __init__(self, path: Path, max_bytes: int, kept: int) -> None:
        super().__init__(path, maxBytes=max_bytes, backupCount=kept, encoding="utf-8", delay=True)
        self._turn = Path(f"{self.baseFilename}.lock")

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line; rotates before it where it would not fit."""
        try:
            # opened anew each time: a lock of an inherited descriptor would not keep a forked sibling out
            with self._turn.open("a") as turn:
                fcntl.flock(turn, fcntl.LOCK_EX)
                self._follow()
                super().emit(record)
        except OSError:
            self.handleError(record)

    def _follow(self) -> None:
        """Leave a file that another process has renamed; it is opened anew when written."""
        if self.stream is None:
            return
        mine = os.fstat(self.stream.fileno())
        try:
            there = Path(self.baseFilename).stat()
        except FileNotFoundError:
            there = None
        if there is None or (there.st_dev, there.st_ino) != (mine.st_dev, mine.st_ino):
            self.stream.close()
            self.stream = None


def configure(process: str, folder: Path | None) -> None:
    """Send this process's log to `folder`/`process`.log as JSON, and to standard error in readable lines."""
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handlers = [_handler(logging.StreamHandler(sys.stderr), structlog.dev.ConsoleRenderer(colors=False))]
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        file = SharedFileHandler(folder / f"{process}.log", MAX_LOG_BYTES, KEPT_LOGS)
        as_json = structlog.processors.JSONRenderer(ensure_ascii=False)
        handlers.append(_handler(file, structlog.processors.format_exc_info, as_json))
    root = logging.getLogger()
    root.handlers = handlers
    root.setLevel(logging.INFO)


def _begin() -> None:
    given = request.headers.get("X-Request-Id", "")
    g.request_id = given if REQUEST_ID.match(given) else uuid.uuid4().hex
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    response.headers["X-Request-Id"] = g.get("request_id", "")
    return response


def install(app: Flask) -> None:
    """Give every request an id (the caller's where it is usable), bound to the log and sent back."""
    app.before_request(_begin)
    app.after_request(_end)
