"""Whether this is a demo: the factory keeps the setting in `app.config["DEMO"]`; without it nothing is one."""

from __future__ import annotations

from flask import current_app


def is_demo() -> bool:
    """Whether the running application may work with samples and a moved clock."""
    return bool(current_app.config.get("DEMO", False))
