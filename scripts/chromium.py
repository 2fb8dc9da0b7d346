"""Fails at once, naming the package, where the browser tests would find no Chromium. `CHROMIUM` may name one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    browser = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not Path(browser).exists():
        print(f"test: {browser} is missing: apt-get install chromium, or name one in CHROMIUM", file=sys.stderr)
        sys.exit(1)
