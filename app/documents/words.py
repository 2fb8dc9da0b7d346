"""The catalogue in the language of a document, which need not be that of the request."""

from __future__ import annotations

from app.i18n import catalogue


class Words:
    """Texts of the catalogue in one language; `family` stands before every key."""

    def __init__(self, lang: str, family: str = "") -> None:
        self.lang, self._family = lang, family

    def __call__(self, key: str, **facts: object) -> str:
        return catalogue()[f"{self._family}{key}"].say(self.lang, facts)
