"""What is installed is fixed by name, version and hash, and says nothing about where one machine fetches it from."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PINNED = re.compile(r"^[a-z0-9]+(-[a-z0-9]+)*==[0-9][A-Za-z0-9.+!]*$")
ADDRESS = re.compile(r"\b[a-z][a-z0-9+.]*://(?!127\.0\.0\.1|\$|…)[^\s\"'`)]+")
SETTING_UP = [
    "Makefile",
    ".ci/run",
    ".npmrc",
    "package.json",
    "requirements.in",
    "requirements-dev.in",
    "scripts/setup.py",
    "scripts/lock.py",
    "scripts/chromium.py",
]


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-node.txt"])
def test_packages_are_pinned_and_nothing_else_is_said(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#") and not PINNED.match(line)] == []


def test_the_front_end_lock_holds_no_address_of_a_registry():
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name}
    assert [name for name, one in packages.items() if "resolved" in one] == []
    assert [name for name, one in packages.items() if not one.get("integrity")] == []


def test_the_front_end_lock_belongs_to_the_package_file():
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    assert lock["packages"][""]["dependencies"] == package["dependencies"]


@pytest.mark.parametrize("name", SETTING_UP)
def test_setting_up_names_no_host(name):
    assert ADDRESS.findall((ROOT / name).read_text(encoding="utf-8")) == []
