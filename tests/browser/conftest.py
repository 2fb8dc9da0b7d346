"""A live server on the test's own transaction, and Chromium; `looking.py` has axe and pictures.

    def test_the_list(db_session, visit):
        page = visit(someone(db_session, "seller", 7), "/parcels", lang="en")
        check_accessible(page)
        picture(page, "parcels-en")

What a page commits is rolled back after the test. Requests run one at a time, because they share one connection.
"""

import os
import threading
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.app.people import PASSWORD
from tests.browser.looking import PHONE, WIDE

PATIENCE_MS = 120_000
"""How long a page may take on a busy machine before a test gives up; nothing waits when it need not."""
QUIET = ("--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync")

expect.set_options(timeout=30_000)

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


class _Quiet(WSGIRequestHandler):
    """A request handler that writes no log."""

    def log_request(self, *_):
        """Say nothing."""


class _OneAtATime:
    """The application behind a lock; a browser opens several connections at once."""

    def __init__(self, app):
        self.app = app
        self.lock = threading.Lock()

    def __call__(self, environ, start_response):
        with self.lock:
            return self.app(environ, start_response)


@pytest.fixture
def site(app):
    """The address of the application, served on the test's transaction."""
    server = make_server("127.0.0.1", 0, _OneAtATime(app), threaded=True, request_handler=_Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def chromium():
    """The system's Chromium, started once."""
    if not Path(CHROMIUM).exists():
        pytest.fail(f"{CHROMIUM} is missing: install the Debian package chromium, or name one in CHROMIUM")
    with sync_playwright() as playwright:
        flags = [*QUIET, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, site):
    """A tab of its own at 1,440 pixels; a script error fails the test."""
    context = chromium.new_context(base_url=site, viewport=WIDE, locale="zh-CN", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    opened = context.new_page()
    errors = []

    def failed(error):  # a method of a list cannot carry the mark that playwright sets on its handlers
        errors.append(error)

    opened.on("pageerror", failed)
    yield opened
    context.close()
    assert not errors


def _sign_out(page):
    """Forget the session, after ending what the page before still asks for: its answer would bring it back."""
    page.goto("about:blank")
    page.context.clear_cookies()


@pytest.fixture
def visit(page, db_session):
    """Open an address as somebody: `visit(who, "/parcels", lang="en", phone=True)` signs in and gives the page."""

    def go(who, path, *, lang="zh", phone=False):
        db_session.flush()
        page.set_viewport_size(PHONE if phone else WIDE)
        _sign_out(page)
        page.goto("/login?" + urlencode({"next": path, "lang": lang}))
        if not page.locator("#login").count():  # an icon that was still on its way brought the session back
            _sign_out(page)
            page.goto("/login?" + urlencode({"next": path, "lang": lang}))
        page.fill("#login", who.login)
        page.fill("#password", PASSWORD)
        page.click("main button[type=submit]")
        page.wait_for_url(lambda url: "/login" not in url)
        expect(page.locator("h1")).to_be_visible()
        return page

    return go
