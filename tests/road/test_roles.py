"""Roles × routes: the whole table in one place. A route that is not in it, or allows others than it says, fails."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from app.access.declared import STATIC, access_of
from app.access.roles import AGENCY, ENTERPRISE, Role

TABLE = yaml.safe_load((Path(__file__).parent / "routes.yaml").read_text(encoding="utf-8"))
GROUPS = {
    "all": frozenset(Role),
    "enterprise": ENTERPRISE,
    "agency": AGENCY,
    "customs": frozenset({Role.CUSTOMS_OFFICER, Role.CUSTOMS_SUPERVISOR}),
}


def expected(words: str) -> tuple[bool, frozenset[Role]]:
    """`everyone`, or roles and groups of roles by name."""
    if words == "everyone":
        return True, frozenset(Role)
    roles: set[Role] = set()
    for word in words.split():
        roles |= GROUPS[word] if word in GROUPS else {Role(word)}
    return False, frozenset(roles)


def test_the_table_holds_every_route_and_no_other(road_app):
    there = {rule.endpoint for rule in road_app.url_map.iter_rules()} - STATIC
    assert there == set(TABLE)


@pytest.mark.parametrize("endpoint", sorted(TABLE))
def test_a_route_allows_whom_the_table_names(road_app, endpoint):
    access = access_of(road_app, endpoint)
    assert access is not None
    assert (access.everyone, access.roles) == expected(TABLE[endpoint])


def _filled(rule: str) -> str:
    """A route with something in each of its places."""
    rule = re.sub(r"<int\([^)]*\):[^>]+>", "1", rule)
    return re.sub(r"<[^>]+>", "x", rule)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_refused_wherever_the_table_does_not_name_it(road, role):
    headers, client = road.headers(role.value), road.client
    for rule in road.app.url_map.iter_rules():
        if rule.endpoint in STATIC or role in expected(TABLE[rule.endpoint])[1]:
            continue
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = client.open(_filled(rule.rule), method=method, headers=headers)
            assert answer.status_code == 403, (role, method, rule.rule, answer.status_code)


def test_nobody_gets_in_without_signing_in(road):
    client = road.app.test_client()
    for rule in road.app.url_map.iter_rules():
        if rule.endpoint in STATIC or expected(TABLE[rule.endpoint])[0]:
            continue
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            answer = client.open(_filled(rule.rule), method=method)
            # a form without its token is refused before anybody asks who sent it
            refusals = (401,) if rule.rule.startswith("/api/") else (302, 400)
            assert answer.status_code in refusals, (method, rule.rule)
