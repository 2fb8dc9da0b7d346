"""The catalogue as a whole: numbers, texts, parameters that code asks for, files of `docs/rules/`."""

import ast
import re
from pathlib import Path
from typing import Any

from app import catalogue
from app.catalogue import APART, PACKAGES, Wanted
from app.cli.law import law as law_command
from app.law_docs import FOLDER, pages
from common.findings import BOOK
from common.law import DECISION_STEPS, law
from common.law.zones import zone_defaults
from customs.rules.risk.factor import FACTORS

ROOT = Path(__file__).parents[2]
EVERYTHING = Wanted(risk=True)
NUMBER = re.compile(r"(CU|TX|FX|CR|SY)[0-9]{4}")

NOT_YET_ASKED = {
    "customs.audit.window_years": "shown on the rules page; nothing is decided by it",
    "customs.platform.records_years": "shown on the rules page; retention keeps longer",
    "customs.credit.": "the credit evaluation of another issue asks for it",
    "customs.import.": "imports are declared elsewhere; shown on the rules page",
    "customs.inspect_before_loading.": "an office's practice, shown on the rules page",
    "customs.statistics.": "the statistics of another issue ask for it",
}
"""Parameters, or the beginnings of their names, that no code asks for, with the reason why they stand."""


def sources():
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def strings(path):
    """Every text in a module; what an f-string puts in stands as `*`."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside:
            yield node.value


NAME = re.compile(r"(\*|common|credit|customs|tax|forex)(\.[a-z0-9_]+|\.\*)+")


def asked_names():
    """Dotted names in code that could be parameters."""
    written = {text for path in sources() for text in strings(path) if NAME.fullmatch(text)}
    return written | {name for one in FACTORS for name in (*one.parameters, one.points) if name}


def all_rules() -> list[Any]:
    """Every finding rule and every condition."""
    return [*catalogue.findings(EVERYTHING), *catalogue.steps(EVERYTHING)]


def test_numbers_are_well_formed_and_no_number_means_two_things():
    catalogue.load_rules()
    for number in [*BOOK.rules, *DECISION_STEPS]:
        assert NUMBER.fullmatch(number), number
    assert not set(BOOK.rules) & set(DECISION_STEPS)


def test_every_rule_says_what_it_is_in_both_languages_and_what_it_rests_on():
    for one in all_rules():
        assert one.title.zh.strip() and one.title.en.strip() and one.basis.strip(), one.id
        assert re.search("[\u4e00-\u9fff]", one.title.zh), one.id
        assert not re.search("[\u4e00-\u9fff]", one.title.en), one.id
    for one in catalogue.findings(EVERYTHING):
        assert one.say.zh.strip() and one.say.en.strip(), one.id


def placeholders(text):
    """The facts a sentence names; one that is given in each language counts by its common name."""
    return {re.sub("_(zh|en)$", "", name) for name in re.findall(r"\{(\w+)\}", text)}


def test_both_sentences_of_a_rule_name_the_same_facts():
    differing = [
        one.id for one in catalogue.findings(EVERYTHING) if placeholders(one.say.zh) != placeholders(one.say.en)
    ]
    assert differing == []


def test_programs_that_the_catalogue_does_not_import_declare_no_rules():
    for name in APART:
        for path in (ROOT / name.replace(".", "/")).rglob("*.py"):
            assert not re.search(r"^\w+ = (step_)?rule\(", path.read_text(encoding="utf-8"), re.MULTILINE), path


def test_every_parameter_that_a_step_declares_exists():
    catalogue.load_rules()
    known = [*(one.name for one in law().parameters()), *zone_defaults()]
    for step, names in catalogue.step_parameters().items():
        assert step in DECISION_STEPS
        for name in names:
            assert any(catalogue.stands_for(name, one) for one in known), (step, name)


CALLS = {"value", "ask", "zone_parameter"}


def called_names(path):
    """The literal names that a module hands to `law.value`, `trace.value`, `ask` or `zone_parameter`."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in CALLS:
            for one in node.args:
                if isinstance(one, ast.Constant) and isinstance(one.value, str) and NAME.fullmatch(one.value):
                    yield one.value


def test_every_parameter_that_code_asks_for_exists():
    known = {*(one.name for one in law().parameters()), *zone_defaults()}
    missing = {(str(path.relative_to(ROOT)), name) for path in sources() for name in called_names(path)}
    assert {one for one in missing if one[1] not in known} == set()


def means(pattern, name):
    return re.fullmatch(re.escape(pattern).replace(r"\*", r"[a-z0-9_.]+"), name)


def test_every_parameter_is_asked_for_or_stands_for_a_reason():
    asked = asked_names()
    unused = {
        one.name
        for one in law().parameters()
        if not any(means(name, one.name) for name in asked) and not one.name.startswith(tuple(NOT_YET_ASKED))
    }
    assert unused == set()


def test_every_zone_setting_is_asked_for():
    asked = asked_names()
    assert {name for name in zone_defaults() if not any(means(one, name) for one in asked)} == set()


def test_every_reason_for_a_parameter_that_nothing_asks_for_still_holds():
    names = [one.name for one in law().parameters()]
    for beginning in NOT_YET_ASKED:
        assert any(name.startswith(beginning) for name in names), beginning


def test_every_value_of_the_law_names_document_and_article():
    for one in law().parameters():
        for value in one.values:
            assert value.document.strip() and value.article.strip(), one.name


def test_the_committed_files_are_those_that_flask_law_docs_writes():
    written = pages()
    assert sorted(one.name for one in FOLDER.glob("*.md")) == sorted(written), "run `flask law docs`"
    for name, text in written.items():
        assert (FOLDER / name).read_text(encoding="utf-8") == text, f"{name}: run `flask law docs`"


def test_the_command_writes_the_files_and_removes_what_no_page_stands_for(app, tmp_path):
    (tmp_path / "old.md").write_text("old", encoding="utf-8")
    result = app.test_cli_runner().invoke(law_command, ["docs", "--into", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(pages())


def test_the_files_hold_every_rule_and_parameter():
    text = "\n".join(pages().values())
    for one in all_rules():
        assert one.id in text
    for name in [*(one.name for one in law().parameters()), *zone_defaults()]:
        assert f"`{name}`" in text
