"""Who may file which message: every filer of the table passes, everyone else hears why and who could."""

from datetime import date

import pytest

from common.law import UnknownLawError, law
from customs.rules.filing import FILERS, MESSAGE_NAMES, FilingFacts, Sender, may_file

DAY = date(2026, 11, 24)
SELLER, PLATFORM, AGENT, LOGISTICS, PAYMENT, OPERATOR = range(1, 7)
UNIT, INFO = "declaring_unit", "information"
PARTIES = {
    "CEB303": {"ebc": SELLER, "ebp": PLATFORM},
    "CEB403": {"ebc": SELLER, "ebp": PLATFORM, "payment": PAYMENT},
    "CEB505": {"logistics": LOGISTICS},
    "CEB509": {"logistics": LOGISTICS},
    "CEB507": {"operator": OPERATOR, "logistics": LOGISTICS},
    "CEB603": {"ebc": SELLER, "ebp": PLATFORM, "agent": AGENT, "logistics": LOGISTICS},
    "CEB605": {"ebc": SELLER, "agent": AGENT},
    "CEB607": {"agent": AGENT, "logistics": LOGISTICS},
}


def _facts(message, sender, filing=None, roles=(), mandated=False, site=False, **parties):
    return FilingFacts(
        sender=Sender(sender, filing, frozenset(roles)),
        parties=PARTIES[message] | parties,
        mandates=frozenset({(SELLER, message)}) if mandated else frozenset(),
        operates_site=site,
        principal="甲公司",
    )


PASSING = [
    ("CEB303", _facts("CEB303", SELLER)),
    ("CEB303", _facts("CEB303", AGENT, roles=["agent"], mandated=True)),
    ("CEB303", _facts("CEB303", PLATFORM, roles=["platform"], mandated=True)),
    ("CEB403", _facts("CEB403", PAYMENT, roles=["payment"])),
    ("CEB403", _facts("CEB403", SELLER)),
    ("CEB505", _facts("CEB505", LOGISTICS)),
    ("CEB509", _facts("CEB509", LOGISTICS)),
    ("CEB507", _facts("CEB507", OPERATOR, site=True)),
    ("CEB603", _facts("CEB603", SELLER, UNIT, agent=SELLER)),
    ("CEB603", _facts("CEB603", AGENT, UNIT, mandated=True)),
    ("CEB605", _facts("CEB605", AGENT, UNIT, mandated=True)),
    ("CEB607", _facts("CEB607", AGENT, UNIT)),
]
REFUSED = [
    ("CEB303", _facts("CEB303", LOGISTICS), "CU2001"),
    ("CEB303", _facts("CEB303", AGENT, roles=["agent"]), "CU2002"),
    ("CEB303", _facts("CEB303", PLATFORM, roles=["platform"]), "CU2002"),
    ("CEB303", _facts("CEB303", PAYMENT, roles=["payment"]), "CU2001"),
    ("CEB303", _facts("CEB303", AGENT, roles=["agent"], mandated=True, ebc=None), "CU2002"),
    ("CEB403", _facts("CEB403", PAYMENT + 90, roles=["payment"]), "CU2007"),
    ("CEB505", _facts("CEB505", SELLER), "CU2005"),
    ("CEB509", _facts("CEB509", LOGISTICS + 90), "CU2005"),
    ("CEB507", _facts("CEB507", OPERATOR), "CU2006"),
    ("CEB603", _facts("CEB603", SELLER, UNIT), "CU2004"),
    ("CEB603", _facts("CEB603", SELLER, INFO, agent=SELLER), "CU2003"),
    ("CEB603", _facts("CEB603", AGENT, UNIT), "CU2002"),
    ("CEB605", _facts("CEB605", AGENT, UNIT), "CU2002"),
    ("CEB607", _facts("CEB607", AGENT, INFO), "CU2003"),
]


@pytest.mark.parametrize(("message", "facts"), PASSING)
def test_those_of_the_table_may_file(message, facts):
    assert may_file(message, facts, DAY, law()) == []


@pytest.mark.parametrize(("message", "facts", "number"), REFUSED)
def test_everyone_else_hears_why_and_who_could(message, facts, number):
    (finding,) = may_file(message, facts, DAY, law(), head="/X/0/Head")
    assert finding.rule == number
    assert finding.pointer.startswith("/X/0/Head/")
    assert "{" not in finding.message.zh + finding.message.en


def test_every_word_of_the_table_is_known():
    names = [p for p in law().parameters() if p.name.startswith("customs.filing_rights.")]
    assert {one.name.rpartition(".")[2].upper() for one in names} == set(MESSAGE_NAMES)
    assert {word for one in names for value in one.values for word in value.codes} == set(FILERS)


def test_before_the_table_starts_nothing_is_guessed():
    with pytest.raises(UnknownLawError):
        may_file("CEB303", PASSING[0][1], date(2010, 1, 1), law())
