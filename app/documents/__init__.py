"""Printed documents: the one way in which the platform makes PDFs.

A `Document` is filled from top to bottom (title, facts, paragraphs, tables) and gives bytes; the same content gives the
same bytes. Fonts, sizes, running head and foot are decided here and nowhere else, so that all papers look alike.
"""

from app.documents.document import Column, Document, Row
from app.documents.words import Words

__all__ = ["Column", "Document", "Row", "Words"]
