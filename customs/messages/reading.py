"""Reading messages: bytes in, documents with their faults out (message standard §2, §3; interfaces.md §2).

At the door stands only what makes reading impossible or dangerous (`DoorFault`). Faults of the envelope refuse the
message; faults inside a document are findings of that document alone, so that it never spoils its neighbours.

Namespaces are told by address, never by prefix. The message does not say whether it follows the version of 2018 or of
202205, so nothing here asks: lengths and types are checked by `checking` against the wider of the two.
"""

from __future__ import annotations

from customs.messages.document import DoorFault, ReadDocument, ReadMessage, SignatureFacts
from customs.messages.json_form import read_json
from customs.messages.xml_form import read_xml

__all__ = ["DoorFault", "ReadDocument", "ReadMessage", "SignatureFacts", "read_json", "read_xml"]
