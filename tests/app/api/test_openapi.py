"""The API describes itself, to everybody."""

import re


def test_the_description_names_every_route_of_the_api(app, client):
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    described = answer.get_json()
    assert described["openapi"].startswith("3.")
    routes = {rule.rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/v1/")}
    assert len(described["paths"]) == len({_plain(rule) for rule in routes}), set(map(_plain, routes)) ^ set(
        described["paths"]
    )


def _plain(rule):
    """`/x/<int(max=9):id>` as the description writes it: `/x/{id}`."""
    return re.sub(r"<(?:[^<>]*:)?([^<>:]+)>", r"{\1}", rule)
