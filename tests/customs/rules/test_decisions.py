"""The customs decisions on the cases of `tests/cases/customs/`, and merging on whatever comes."""

import re
from collections import Counter
from copy import deepcopy
from csv import DictReader
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from app.what_if.registry import what_if
from app.what_if.sources import Sources, districts
from common.findings import DomainError
from common.law import UnknownLawError, law
from common.law.values import wire
from common.workdays_loading import published_calendar
from credit.shipped import shipped_zones
from customs.rules.decisions import STEP_PARAMETERS, MergeChecklist, MergeFacts, MergeLine, merge
from customs.rules.decisions.merge import money

ROOT = Path(__file__).parents[3]
CASES = ROOT / "tests/cases/customs"
FILES = ("channel", "required_documents", "summary_due", "goods_return")


class CaseLoader(yaml.SafeLoader):
    """Reads `on` as a word; only true and false are booleans."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the library's own table, by first letter
        letter: [one for one in resolvers if one[0] != "tag:yaml.org,2002:bool"]
        for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


CaseLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("true|false"), list("tf"))


@lru_cache
def read(name):
    return yaml.load((CASES / f"{name}.yaml").read_text(encoding="utf-8"), Loader=CaseLoader)


@lru_cache
def shipped(table):
    """The codes that come with the product, in digits."""
    if table == "zone":
        return frozenset(shipped_zones())
    if table == "district":
        return districts(law())
    with (ROOT / f"customs/codes/data/{table}.csv").open(encoding="utf-8") as file:
        return frozenset(row["code"] for row in DictReader(file))


SOURCES = Sources(law(), published_calendar, lambda table, code: code in shipped(table))


def in_json(value):
    """What a clerk wrote, as the request carries it: days as text."""
    if isinstance(value, dict):
        return {str(key): in_json(one) for key, one in value.items()}
    if isinstance(value, list):
        return [in_json(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def ask(decision, facts):
    return what_if(decision).answer(in_json(facts), SOURCES)


def refusal(case, decision, facts):
    """Check the refusal that a case expects; whether it expects one."""
    if "unknown" in case:
        with pytest.raises(UnknownLawError) as caught:
            ask(decision, facts)
        assert caught.value.extra == case["unknown"]
        return True
    if "refused" in case:
        with pytest.raises(DomainError) as refused:
            ask(decision, facts)
        assert {one.rule: one.pointer for one in refused.value.findings} == case["refused"]
        return True
    return False


def named(names):
    return [
        pytest.param(
            read(name)["decision"], {**read(name)["base"], **case["facts"]}, case, id=f"{name}: {case['name']}"
        )
        for name in names
        for case in read(name)["cases"]
    ]


@pytest.mark.parametrize(("decision", "facts", "case"), named(FILES))
def test_a_case_comes_out_as_its_article_says(decision, facts, case):
    assert case["article"]
    if refusal(case, decision, facts):
        return
    found = ask(decision, facts).as_dict()
    assert found["outcome"] == case["outcome"]
    failed = [step["rule"] for step in found["trace"] if step["met"] is False]
    if "failed" in case:
        assert set(case["failed"]) <= set(failed)


def merge_facts(case):
    base = read("merge")["base"]
    checklists = []
    for name, other in (("L1", "first"), ("L2", "second")):
        line = {**base["line"], **case.get(f"{other}_line", {})}
        head = {"id": name, **base["checklist"], **case.get(other, {})}
        checklists.append({**{k: str(v) for k, v in head.items()}, "lines": [line]})
    return {
        "on": case.get("on", base["on"]),
        "summary_flag": case.get("summary_flag", base["summary_flag"]),
        "checklists": checklists,
    }


@pytest.mark.parametrize("case", [pytest.param(one, id=one["name"]) for one in read("merge")["cases"]])
def test_checklists_merge_as_their_article_says(case):
    facts = merge_facts(case)
    if refusal(case, "customs.merge", facts):
        return
    declarations = ask("customs.merge", facts).as_dict()["outcome"]["declarations"]
    assert [[line["from"] for line in one["lines"]] for one in declarations] == case["from"]
    if "sums" in case:
        assert [[[line["qty"], line["amount"]] for line in one["lines"]] for one in declarations] == case["sums"]
    if "heads" in case:
        assert [one["head"] for one in declarations] == case["heads"]


def dated():
    for one in read("parameters"):
        for day, value in one["on"].items():
            yield pytest.param(one["parameter"], day, value, id=f"{one['parameter']} on {day}")


@pytest.mark.parametrize(("parameter", "day", "expected"), list(dated()))
def test_a_parameter_holds_from_the_day_of_its_document(parameter, day, expected):
    if expected == "unknown":
        with pytest.raises(UnknownLawError) as caught:
            law().value(parameter, day)
        assert (caught.value.parameter, caught.value.on) == (parameter, day)
    else:
        assert wire(law().value(parameter, day).value) == expected


def switches(parameter):
    """The days on both sides of every switch of a parameter."""
    for value in parameter.values:
        yield value.start - timedelta(days=1)
        yield value.start
        if value.end:
            yield value.end


def test_every_switch_of_a_parameter_that_decides_is_a_case():
    asked = {one["parameter"]: set(one["on"]) for one in read("parameters")}
    for names in STEP_PARAMETERS.values():
        for parameter in law().parameters():
            stands_for = {parameter.name, parameter.name.rpartition(".")[0] + ".*"}
            if stands_for & set(names):
                assert set(switches(parameter)) <= asked[parameter.name], parameter.name


def test_every_worked_example_of_customs_is_a_case():
    names = [one["name"] for name in (*FILES, "merge") for one in read(name)["cases"]]
    comments = (CASES / "parameters.yaml").read_text(encoding="utf-8")
    for number in ("01", "02", "04", "06", "08", "10", "12", "14", "16", "18", "20", "22"):
        assert any(name.startswith(f"K-{number} ") for name in names), number
    assert "K-24" in comments


def cases_with_outcome():
    for name in FILES:
        for case in read(name)["cases"]:
            if "outcome" in case:
                yield read(name)["decision"], {**read(name)["base"], **case["facts"]}
    for case in read("merge")["cases"]:
        if "from" in case:
            yield "customs.merge", merge_facts(case)


def test_a_trace_shows_only_parameters_that_its_steps_declare_and_says_when_one_is_unverified():
    for decision, facts in cases_with_outcome():
        found = ask(decision, facts)
        for step in found.trace:
            for value in step.parameters:
                declared = STEP_PARAMETERS[step.rule]
                assert {value.name, value.name.rpartition(".")[0] + ".*"} & set(declared), (step.rule, value.name)
        shown = [value.status for step in found.trace for value in step.parameters]
        assert found.unverified == ("unverified" in shown)


def test_asking_twice_gives_the_same_and_changes_no_facts():
    for decision, facts in cases_with_outcome():
        before = deepcopy(facts)
        assert ask(decision, facts) == ask(decision, facts)
        assert facts == before


# --- merging on whatever comes

WORDS = st.sampled_from(["a", "b"])
AMOUNTS = st.decimals(min_value=0, max_value=10**9, places=5)
LINES: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict, country=WORDS, hs=st.sampled_from([f"61091000{n:02}" for n in range(4)]), currency=WORDS, unit=WORDS,
    qty=AMOUNTS, amount=AMOUNTS,
)  # fmt: skip
HEADS: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict, flag=st.sampled_from("AB"), consignor=WORDS, transport_mode=WORDS, producer=WORDS, country=WORDS,
    exit_office=WORDS, lines=st.lists(LINES, max_size=5),
)  # fmt: skip
ON = date(2026, 9, 10)
HEAD_KEYS = ("consignor", "transport_mode", "producer", "country", "exit_office")
LINE_KEYS = ("country", "hs", "currency", "unit")


def checklist(number, head):
    lines = [MergeLine(no=index, **line) for index, line in enumerate(head["lines"], 1)]
    return MergeChecklist(id=number, **{**head, "lines": lines})


def declarations_of(flag, checklists):
    return merge(MergeFacts(flag, checklists), law(), ON).outcome["declarations"]


@given(st.sampled_from("12"), st.lists(HEADS, max_size=8))
def test_merging_loses_nothing_doubles_nothing_and_keeps_every_sum(flag, heads):
    given_lists = [checklist(number, head) for number, head in enumerate(heads)]
    found = declarations_of(flag, given_lists)
    lines = {(one.id, line.no): (one, line) for one in given_lists if one.flag == "B" for line in one.lines}
    sources = [tuple(pair) for one in found for line in one["lines"] for pair in line["from"]]
    assert Counter(sources) == Counter(lines.keys())
    for one in found:
        for line in one["lines"]:
            joined = [lines[tuple(pair)] for pair in line["from"]]
            assert Decimal(line["qty"]) == sum(part.qty for _, part in joined)
            assert Decimal(line["amount"]) == sum(part.amount for _, part in joined)
            for head, part in joined:
                assert one["head"] == {key: getattr(head, key) for key in one["head"]}
                assert all(line[key] == getattr(part, key) for key in LINE_KEYS)


@given(st.sampled_from("12"), st.lists(HEADS, max_size=8))
def test_what_agrees_is_together_once_and_stands_in_the_order_of_its_first_appearance(flag, heads):
    given_lists = [checklist(number, head) for number, head in enumerate(heads)]
    found = declarations_of(flag, given_lists)
    keys = [key for key in HEAD_KEYS if flag == "2" or key != "producer"]
    assert all(list(one["head"]) == keys for one in found)
    kinds = [
        (tuple(one["head"].values()), tuple(line[key] for key in LINE_KEYS)) for one in found for line in one["lines"]
    ]
    assert len(kinds) == len(set(kinds))
    firsts = [one["lines"][0]["from"][0] for one in found]
    assert firsts == sorted(firsts)
    for one in found:
        order = [line["from"][0] for line in one["lines"]]
        assert order == sorted(order)
        assert all(line["from"] == sorted(line["from"]) for line in one["lines"])


def many(count, *, start=0):
    line: dict[str, Any] = {"country": "502", "currency": "502", "unit": "011", "qty": Decimal(1), "amount": Decimal(1)}
    return [MergeLine(no=n + 1, hs=f"61091{start + n:05}", **line) for n in range(count)]


def of_head(id, lines, **changes):
    head = dict.fromkeys(HEAD_KEYS, "x") | {"flag": "B"} | changes
    return MergeChecklist(id=id, lines=lines, **head)


@pytest.mark.parametrize(("lines", "sizes"), [(50, [50]), (51, [50, 1]), (100, [50, 50]), (101, [50, 50, 1])])
def test_the_line_beyond_the_limit_opens_another_declaration(lines, sizes):
    found = declarations_of("2", [of_head("L", many(lines))])
    assert [len(one["lines"]) for one in found] == sizes
    assert len({tuple(one["head"].items()) for one in found}) == 1


def test_a_line_that_agrees_with_one_of_a_full_declaration_joins_it_there():
    found = declarations_of("2", [of_head("L", many(51)), of_head("M", many(1))])
    assert [len(one["lines"]) for one in found] == [50, 1]
    assert found[0]["lines"][0]["from"] == [["L", 1], ["M", 1]]


def test_a_declaration_stands_where_its_first_line_appears():
    found = declarations_of(
        "2", [of_head("L", many(50)), of_head("M", many(1), consignor="y"), of_head("N", many(1, start=60))]
    )
    assert [one["lines"][0]["from"][0][0] for one in found] == ["L", "M", "N"]


@pytest.mark.parametrize(
    ("amount", "written"), [("5", "5.00"), ("5.1", "5.10"), ("5.125", "5.125"), ("0", "0.00"), ("5.12000", "5.12")]
)
def test_amounts_are_written_exactly_with_two_decimals_at_least(amount, written):
    assert money(Decimal(amount)) == written


def test_the_longest_amounts_are_added_to_the_last_digit():
    line: dict[str, Any] = {"country": "502", "hs": "6109100021", "currency": "502", "unit": "011", "qty": Decimal(1)}
    lines = [MergeLine(no=n, amount=Decimal("99999999999999.9999999999"), **line) for n in range(1, 1001)]
    found = declarations_of("1", [of_head("L", lines)])
    assert found[0]["lines"][0]["amount"] == "99999999999999999.9999999"
