"""The official schema and samples, which lie beside the checkout where they are to be had at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from lxml import etree

STANDARD = Path(__file__).resolve().parents[3] / "shared" / "ceb"
EXPORT, IMPORT = "海关跨境出口业务节点报文定义202205.xsd", "海关跨境进口业务节点报文定义202205.xsd"


def official(folder):
    """A folder of the official material; the test is skipped, saying why, where it is not there."""
    found = STANDARD / folder
    if not found.is_dir():
        pytest.skip(f"the official {folder} are not at ../shared/ceb: conformance is not shown by this run")
    return found


@pytest.fixture(scope="session")
def export_schema():
    """The schema of export messages and their responses, 202205."""
    return etree.XMLSchema(etree.parse(official("xsd202205") / EXPORT))


@pytest.fixture(scope="session")
def import_schema():
    """The schema of import messages, which also holds CEB900."""
    return etree.XMLSchema(etree.parse(official("xsd202205") / IMPORT))


@pytest.fixture(scope="session")
def sample():
    """The bytes of the official sample of a type."""
    folder = official("samples202205")
    return lambda type: (folder / f"gacc202205_{type}.xml").read_bytes()


@pytest.fixture(scope="session")
def faults():
    """What a schema finds wrong with a message, as texts; empty for a valid one."""

    def of(schema, raw):
        root = etree.fromstring(raw)
        return [] if schema.validate(root) else [one.message for one in schema.error_log]

    return of
