"""Customs' old numeric currency codes beside the alpha-3 ones: messages carry the former, rates are kept by the latter.

The list is closed: the twenty-two currencies that customs accepts in declarations (message standard §6).
"""

from __future__ import annotations

from collections.abc import Mapping

RENMINBI = "CNY"
US_DOLLAR = "USD"

ALPHA_BY_CUSTOMS_CODE: Mapping[str, str] = {
    "110": "HKD",
    "112": "IDR",
    "116": "JPY",
    "121": "MOP",
    "122": "MYR",
    "129": "PHP",
    "132": "SGD",
    "133": "KRW",
    "136": "THB",
    "142": "CNY",
    "143": "TWD",
    "300": "EUR",
    "302": "DKK",
    "303": "GBP",
    "326": "NOK",
    "330": "SEK",
    "331": "CHF",
    "344": "RUB",
    "501": "CAD",
    "502": "USD",
    "601": "AUD",
    "609": "NZD",
}


def alpha(code: str) -> str:
    """The alpha-3 code of a currency given by either code; anything else comes back as it is."""
    return ALPHA_BY_CUSTOMS_CODE.get(code, code)
