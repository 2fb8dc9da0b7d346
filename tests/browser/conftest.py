"""A live server on the test's own transaction, and Chromium; `looking.py` has axe and pictures.

    def test_the_list(db_session, visit):
        page = visit(someone(db_session, "seller", 7), "/parcels", lang="en")
        check_accessible(page)
        picture(page, "parcels-en")

The database holds the zones and codes that come with the product. What a page commits is rolled back after the test.
Requests run one at a time, because they share one connection. A worker has one server and one tab for all its tests,
so that style sheets and scripts are fetched and compiled once; between tests the door is shut and the tab is emptied.
"""

import os
import threading
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from app.supervise import postgres
from common.db import make_engine
from tests.browser.looking import PHONE, WIDE

PATIENCE_MS = 120_000
"""How long a page may take on a busy machine before a test gives up; nothing waits when it need not."""
QUIET = ("--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync")
COOKIE = "zone"

expect.set_options(timeout=30_000)

CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


@pytest.fixture(scope="session")
def shipped_engine(cluster, shipped):
    """Connections to a database of this worker's own with what comes with the product."""
    name = f"shipped_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    postgres.create_database(cluster, name, template=shipped)
    found = make_engine(cluster.url(name))
    yield found
    found.dispose()


@pytest.fixture
def connection(shipped_engine):
    """A connection in a transaction that is rolled back after the test."""
    with shipped_engine.connect() as opened:
        outer = opened.begin()
        yield opened
        outer.rollback()


class _Quiet(WSGIRequestHandler):
    """A request handler that writes no log."""

    def log_request(self, *_):
        """Say nothing."""


class _Door:
    """The application behind a lock, as a browser opens several connections at once; shut between tests."""

    def __init__(self, app):
        self.app = app
        self.lock = threading.Lock()
        self.open = False

    def __call__(self, environ, start_response):
        with self.lock:
            if not self.open:
                start_response("503 Service Unavailable", [])
                return []
            return self.app(environ, start_response)

    def set(self, *, open):
        """Open or shut it, once the request that is inside has ended."""
        with self.lock:
            self.open = open


@pytest.fixture(scope="session")
def door(web):
    """The application, to be served while a test runs; browsers keep its static files."""
    web.config["SEND_FILE_MAX_AGE_DEFAULT"] = 3600
    return _Door(web)


@pytest.fixture(scope="session")
def address(door):
    """Where this worker's server listens."""
    server = make_server("127.0.0.1", 0, door, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def site(app, door, address):
    """The address of the application, served on the test's transaction."""
    door.set(open=True)
    yield address
    door.set(open=False)


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


@pytest.fixture(scope="session")
def tab(chromium, address):
    """This worker's tab."""
    context = chromium.new_context(base_url=address, viewport=WIDE, locale="zh-CN", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def page(tab, site):
    """The tab at 1,440 pixels, nobody signed in and nothing kept from before; a script error fails the test."""
    errors = []

    def failed(error):  # a method of a list cannot carry the mark that playwright sets on its handlers
        errors.append(error)

    tab.on("pageerror", failed)
    tab.set_viewport_size(WIDE)
    yield tab
    tab.remove_listener("pageerror", failed)
    tab.context.set_offline(False)
    if tab.url.startswith(site):
        tab.evaluate("() => { localStorage.clear(); sessionStorage.clear() }")
    _sign_out(tab)
    assert not errors


def _sign_out(page):
    """Forget the session, after ending what the page before still asks for: its answer would bring it back."""
    page.goto("about:blank")
    page.context.clear_cookies()


def _kept_session(app, who):
    """What the cookie of somebody who has signed in holds; signing in itself has tests of its own."""
    client = app.test_client()
    with client.session_transaction() as kept:
        kept.permanent = True
        kept["_user_id"], kept["_fresh"] = f"{who.id}:{who.serial}", True
    return client.get_cookie(COOKIE).value


@pytest.fixture
def visit(page, app, site, db_session):
    """Open an address as somebody: `visit(who, "/parcels", lang="en", phone=True)` signs in and gives the page."""

    def go(who, path, *, lang="zh", phone=False):
        db_session.flush()
        _sign_out(page)
        page.set_viewport_size(PHONE if phone else WIDE)
        page.context.add_cookies([{"name": COOKIE, "value": _kept_session(app, who), "url": site}])
        page.goto(f"{path}{'&' if '?' in path else '?'}{urlencode({'lang': lang})}")
        expect(page.locator("h1")).to_be_visible()
        return page

    return go
