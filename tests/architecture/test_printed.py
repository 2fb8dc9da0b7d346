"""What the documents print from the program is what the program says."""

from app.printed import ARCHITECTURE, with_moves


def test_the_table_of_moves_in_the_architecture_page_is_the_programs():
    text = ARCHITECTURE.read_text(encoding="utf-8")
    assert with_moves(text) == text, "run `flask law docs`"
