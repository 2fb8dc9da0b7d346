"""The roles of accounts, and the words that sort them."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody does on the platform; enterprises first, then agencies."""

    SELLER = "seller"
    PLATFORM = "platform"
    LOGISTICS = "logistics"
    PAYMENT = "payment"
    AGENT = "agent"
    OPERATOR = "operator"
    CUSTOMS_OFFICER = "customs_officer"
    CUSTOMS_SUPERVISOR = "customs_supervisor"
    TAX_OFFICER = "tax_officer"
    FOREX_OFFICER = "forex_officer"
    BANK_CLERK = "bank_clerk"
    MARKET_OFFICER = "market_officer"
    ZONE_MANAGER = "zone_manager"
    PARK_OPERATOR = "park_operator"
    DATA_STEWARD = "data_steward"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


ENTERPRISE = frozenset({Role.SELLER, Role.PLATFORM, Role.LOGISTICS, Role.PAYMENT, Role.AGENT, Role.OPERATOR})
"""Roles whose accounts belong to an enterprise and see its rows only."""

AGENCY = frozenset(Role) - ENTERPRISE
"""Roles whose accounts belong to an agency (a bank and a park included) and see by zone."""
