"""Exports declared elsewhere (别处申报) and registered here: taken in once, matched with papers that are here.

They are kept in tables of their own and are never released, merged or counted as declared at this platform.
"""

from customs.registrations.matching import match_open
from customs.registrations.reading import Submission, from_json, from_xml
from customs.registrations.registering import Registered, line_texts, lines_of, register

__all__ = ["Registered", "Submission", "from_json", "from_xml", "line_texts", "lines_of", "match_open", "register"]
