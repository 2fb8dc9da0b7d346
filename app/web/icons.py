"""Icons of the pages: Tabler's outline drawings, the used ones inlined once per page.

The drawings come from the installed front-end files (`app/static/vendor/icons/outline.json`, a file of @tabler/icons)
and are never committed. Where the file is missing, a page shows its words without icons.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from flask import Flask, g
from markupsafe import Markup, escape

_DRAWINGS = Path(__file__).parent.parent / "static" / "vendor" / "icons" / "outline.json"


@lru_cache(maxsize=1)
def drawings() -> dict[str, str]:
    """Every known icon as the inside of an SVG, by name; empty where the front-end files are not installed."""
    if not _DRAWINGS.exists():
        return {}
    nodes = json.loads(_DRAWINGS.read_text(encoding="utf-8"))
    return {name: "".join(_element(tag, attributes) for tag, attributes in parts) for name, parts in nodes.items()}


def _element(tag: str, attributes: dict[str, str]) -> str:
    return f"<{tag} " + " ".join(f'{name}="{value}"' for name, value in attributes.items()) + "/>"


def icon(name: str, css: str = "") -> Markup:
    """One icon, hidden from screen readers: the word beside it carries the meaning."""
    g.setdefault("icons", set()).add(name)
    classes = f"z-icon {css}".strip()
    return Markup('<svg class="{}" aria-hidden="true" viewBox="0 0 24 24"><use href="#i-{}"/></svg>').format(
        escape(classes), escape(name)
    )


def icon_symbols() -> Markup:
    """The drawings of all icons used so far on this page, to stand once before its end."""
    known = drawings()
    symbols = [
        f'<symbol id="i-{name}" viewBox="0 0 24 24">{known[name]}</symbol>'
        for name in sorted(g.get("icons", set()))
        if name in known
    ]
    return Markup(f'<svg hidden aria-hidden="true">{"".join(symbols)}</svg>')  # noqa: S704 - installed drawings only


def install(app: Flask) -> None:
    """Give templates `icon(name)` and `icon_symbols()`."""
    app.jinja_env.globals.update(icon=icon, icon_symbols=icon_symbols)
