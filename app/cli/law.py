"""`flask law`: the catalogue of rules and parameters as files, from the same objects as the pages."""

from __future__ import annotations

from pathlib import Path

import click

from app.law_docs import FOLDER, pages
from app.printed import write_architecture


@click.group("law")
def law() -> None:
    """Law as dated data: print the catalogue."""


@law.command("docs")
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    default=FOLDER,
    help="The folder; docs/rules by default.",
)
def docs(into: Path) -> None:
    """Write docs/rules/*.md and the tables of docs/architecture.md anew; files that no page stands for are removed."""
    into.mkdir(parents=True, exist_ok=True)
    written = pages()
    for old in into.glob("*.md"):
        if old.name not in written:
            old.unlink()
    for name, text in written.items():
        (into / name).write_text(text, encoding="utf-8")
    if into == FOLDER:
        write_architecture()
    click.echo(f"{len(written)} files written to {into}")
