"""`make lock`: compiles requirements*.txt and package-lock.json anew from their sources, without any address."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import setup  # type: ignore[import-not-found]  # run from its own folder

NOTE = "# Compiled by `make lock`; edit {source}."


def main() -> None:
    """Ask pip and npm what the sources resolve to today, and write it down."""
    for name in ("requirements", "requirements-dev"):
        source, target = setup.ROOT / f"{name}.in", setup.ROOT / f"{name}.txt"
        lines = [NOTE.format(source=source.name), *_resolve(source)]
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [*setup.npm(), "install", "--package-lock-only", "--silent"]
    subprocess.run(command, cwd=setup.ROOT, env=setup.beside(command[0]), check=True)


def _resolve(source: Path) -> list[str]:
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = [
            sys.executable, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--dry-run",
            "--ignore-installed", "--report", report.name, "-r", str(source),
        ]  # fmt: skip
        subprocess.run(command, check=True)
        found = json.loads(Path(report.name).read_text(encoding="utf-8"))
    packages = {_plain(one["metadata"]["name"]): one["metadata"]["version"] for one in found["install"]}
    return [f"{name}=={version}" for name, version in sorted(packages.items())]


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    main()
