"""The field tables in docs/messages are those of the program."""

from app.cli.standard import FOLDER, pages


def test_the_pages_in_the_repository_are_current():
    kept = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.md")}
    assert kept == pages(), "run flask messages docs"
