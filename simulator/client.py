"""Speaking to the platform as its demo accounts, with the standard library only."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from customs.messages.writing import NewDocument, message_xml
from simulator.world import CARRIER, GOODS, operator_of

PAUSE_S = 0.5


class AnswerError(Exception):
    """The platform refused a message whole, or what was asked of it."""


@dataclass(slots=True)
class Client:
    """The public API, called as one demo account or another.

    `namespace` makes the numbers of messages, each from its contents: the same run sends the same ones, so a repeat
    after a lost answer is the same message. `sent` counts them.
    """

    url: str
    accounts: Mapping[str, Mapping[str, Any]]
    namespace: uuid.UUID
    tries: int = 40
    """How often a request is repeated while nobody answers."""
    sent: int = 0
    failures: list[str] = field(default_factory=list)
    _offices: dict[str, str] = field(default_factory=dict)
    _warehouses: dict[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    _asked: dict[tuple[str, str], Sequence[str]] = field(default_factory=dict)

    @classmethod
    def open(cls, url: str, accounts: Path, run: str) -> Client:
        """A client for the accounts of a file (interfaces.md §1: `var/demo-accounts.json`)."""
        entries = json.loads(accounts.read_text(encoding="utf-8"))
        known = {one["key"]: one for one in entries}
        return cls(url.rstrip("/"), known, uuid.uuid5(uuid.NAMESPACE_URL, f"zone-simulator:{run}"))

    def firm(self, key: str) -> Mapping[str, Any]:
        """The enterprise of an account."""
        found: Mapping[str, Any] = self.accounts[key]["enterprise"]
        return found

    def guid(self, type: str, documents: Sequence[Mapping[str, Any]], salt: str = "") -> str:
        """The number of a message: equal contents have equal numbers, so that what is sent again is a repeat."""
        written = json.dumps([type, documents, salt], ensure_ascii=False, sort_keys=True)
        return str(uuid.uuid5(self.namespace, written)).upper()

    def send(
        self, key: str, type: str, documents: Sequence[Mapping[str, Any]], *, guid: str = "", stamp: str = ""
    ) -> int:
        """Send a message as an account; gives its id. Tries again while the platform is away.

        In JSON, or, with the filing time `stamp` (YYYYMMDDhhmmss in China time), in XML.
        """
        self.sent += 1
        number = guid or self.guid(type, documents)
        if stamp:
            return self.send_raw(key, self.as_xml(key, type, documents, number, stamp), "application/xml")
        body = {"type": type, "guid": number, "documents": list(documents)}
        return self.send_raw(key, json.dumps(body, ensure_ascii=False).encode(), "application/json")

    def as_xml(self, key: str, type: str, documents: Sequence[Mapping[str, Any]], guid: str, stamp: str) -> bytes:
        """The message in XML, with all that the platform adds to the JSON form by itself."""
        firm = self.firm(key)
        transfer = {
            "copCode": firm["customs_code"],
            "copName": firm["name"],
            "dxpMode": "DXP",
            "dxpId": firm["dxp_id"],
        }
        filed = {"appType": "1", "appTime": stamp, "appStatus": "2"}
        written = []
        for n, one in enumerate(documents):
            number = str(uuid.uuid5(self.namespace, f"{guid}/{n}")).upper()
            written.append(NewDocument({"guid": number, **filed, **one["head"]}, one.get("lines", ())))
        return message_xml(type, written, transfer, guid)

    def send_raw(self, key: str, raw: bytes, content_type: str) -> int:
        """Send bytes as they are; gives the message's id. Raises `AnswerError`."""
        status, answer = self.call("POST", "/api/v1/messages", key, raw, content_type)
        if status not in (200, 202):
            raise AnswerError(f"{status} {answer}")
        found: int = answer["id"]
        return found

    def message(self, key: str, id: int) -> Mapping[str, Any]:
        """What became of a message."""
        found: Mapping[str, Any] = self.call("GET", f"/api/v1/messages/{id}", key)[1]
        return found

    def checklist(self, key: str, id: int) -> Mapping[str, Any]:
        """One checklist as an account may see it."""
        return self._found("GET", f"/api/v1/checklists/{id}", key)

    def offices(self) -> Mapping[str, str]:
        """The customs office of each zone: the one at which the demo's operator runs the zone's site."""
        if not self._offices:
            operators = {zone: self.firm(operator_of(zone))["id"] for zone in GOODS}
            for zone in self._found("GET", "/api/v1/zones", CARRIER)["items"]:
                for site in zone["sites"]:
                    if site["operator_id"] == operators.get(zone["code"]):
                        self._offices[zone["code"]] = site["office_code"]
        return self._offices

    def required_papers(self, mode: str, day: str) -> Sequence[str]:
        """Which papers the law asks for on a day (YYYY-MM-DD), as the platform tells it."""
        if (mode, day) not in self._asked:
            facts = json.dumps({"trade_mode": mode, "on": day}).encode()
            address = "/api/v1/what-if/customs.required-documents"
            answer = self._found("POST", address, CARRIER, facts, "application/json")
            self._asked[mode, day] = answer["outcome"]["documents"]
        return self._asked[mode, day]

    def warehouses(self, key: str) -> Sequence[Mapping[str, Any]]:
        """The confirmed overseas warehouses that an account's firm may use, by number."""
        if key not in self._warehouses:
            found = self._found("GET", "/api/v1/warehouses?limit=500", key)["items"]
            self._warehouses[key] = [one for one in found if one["state"] == "confirmed"]
        return self._warehouses[key]

    def _found(self, method: str, path: str, key: str, raw: bytes | None = None, content_type: str = "") -> Any:
        status, answer = self.call(method, path, key, raw, content_type)
        if status != 200:
            raise AnswerError(f"{path}: {status} {answer}")
        return answer

    def call(
        self, method: str, path: str, key: str, raw: bytes | None = None, content_type: str = ""
    ) -> tuple[int, Any]:
        """One request; waits and repeats while nobody answers or the platform asks for a pause."""
        headers = {"Authorization": f"Bearer {self.accounts[key]['token']}"}
        if raw is not None:
            headers["Content-Type"] = content_type
        for _ in range(self.tries):
            request = urllib.request.Request(self.url + path, data=raw, headers=headers, method=method)  # noqa: S310 - the platform's own address
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - as above
                    return answer.status, json.loads(answer.read() or b"null")
            except urllib.error.HTTPError as refused:
                if refused.code not in (429, 500, 502, 503):
                    return refused.code, json.loads(refused.read() or b"null")
            except OSError as away:
                self.failures.append(str(away))
            time.sleep(PAUSE_S)
        raise AnswerError(f"no answer from {self.url}{path}")
