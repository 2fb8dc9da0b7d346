"""Fails at once, naming the package, where the browser tests would find no Chromium. `CHROMIUM` may name one."""

from __future__ import annotations

import os
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The browser that tests start: the one named by `CHROMIUM`, else the machine's."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((found for name in NAMES if (found := shutil.which(name))), None)


if __name__ == "__main__":
    if find() is None:
        named = os.environ.get("CHROMIUM")
        wrong = f"CHROMIUM={named} is no program; " if named else ""
        print(f"test: {wrong}Chromium is missing: apt-get install chromium", file=sys.stderr)
        sys.exit(1)
