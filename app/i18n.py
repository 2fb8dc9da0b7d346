"""What pages say: one catalogue of texts, Chinese and English side by side, and how dates and numbers are written.

The texts are in `app/translations/*.yaml`, one file per page family:

    parcel.left:
      zh: 还剩 {n} 票
      en: "{n} parcels left"
      one: "{n} parcel left"      # English only, where the fact `n` is 1

Neither language is a translation of the other word by word. A missing key is an error, never a blank.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from babel.dates import format_date
from flask import Flask, Response, g, has_request_context, request

from common import clock
from common.findings import Text

LANGUAGES = ("zh", "en")
TAGS = {"zh": "zh-Hans-CN", "en": "en"}
"""BCP 47 tags for `lang` attributes."""

COOKIE = "lang"
_FOLDER = Path(__file__).parent / "translations"
_LOCALES = {"zh": "zh_Hans_CN", "en": "en_GB"}
_DAY_PATTERNS = {
    ("zh", True): "y 年 M 月 d 日",
    ("zh", False): "M 月 d 日",
    ("en", True): "d MMMM y",
    ("en", False): "d MMMM",
}
_YEAR = 365 * 24 * 3600


class CatalogueError(Exception):
    """A text is missing, written twice, or lacks one of its languages."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One text of the catalogue in both languages."""

    zh: str
    en: str
    one: str | None = None

    def say(self, lang: str, facts: Mapping[str, Any]) -> str:
        """The sentence in `lang` with its facts; English takes `one` where the fact `n` is 1."""
        pattern = self.zh if lang == "zh" else self.en
        if lang == "en" and self.one is not None and str(facts.get("n")) == "1":
            pattern = self.one
        return pattern.format(**facts) if facts else pattern


def _entries(path: Path) -> Iterator[tuple[str, Entry]]:
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader) or {}  # noqa: S506 - text only
    for key, said in document.items():
        if not isinstance(said, dict) or not said.get("zh") or not said.get("en") or set(said) - {"zh", "en", "one"}:
            raise CatalogueError(f"{path.name}: {key} needs zh and en (and may have one), nothing else")
        yield key, Entry(said["zh"], said["en"], said.get("one"))


@lru_cache(maxsize=1)
def catalogue() -> Mapping[str, Entry]:
    """All texts by key; raises `CatalogueError` for a key written twice or without one of its languages."""
    texts: dict[str, Entry] = {}
    for path in sorted(_FOLDER.glob("*.yaml")):
        for key, entry in _entries(path):
            if key in texts:
                raise CatalogueError(f"{path.name}: {key} is already written elsewhere")
            texts[key] = entry
    return texts


def lang() -> str:
    """The language of this request: `zh` or `en`, decided once (query, cookie, browser; Chinese otherwise)."""
    if not has_request_context():
        return "zh"
    if "lang" not in g:
        g.lang = _chosen()
    chosen: str = g.lang
    return chosen


def _chosen() -> str:
    for said in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if said in LANGUAGES:
            return said
    best = request.accept_languages.best_match(["zh", "zh-CN", "zh-Hans-CN", "en", "en-GB", "en-US"], default="zh")
    return "en" if best.startswith("en") else "zh"


def t(key: str, **facts: Any) -> str:
    """The text of `key` in the language of the request, with its facts filled in."""
    try:
        entry = catalogue()[key]
    except KeyError:
        raise CatalogueError(f"no text for {key}") from None
    return entry.say(lang(), facts)


def said(text: Text | Mapping[str, str] | None) -> str:
    """A two-language text of the domain, or its wire shape, in the language of the request."""
    if text is None:
        return ""
    if isinstance(text, Text):
        return text.zh if lang() == "zh" else text.en
    return text.get(lang()) or text.get("zh", "")


def listed(words: Iterable[str]) -> str:
    """Words one after another, as the language of the request lists them."""
    return t("words.and").join(words)


def day(value: date | datetime | None, *, year: bool | None = None) -> str:
    """A day as people write it: 11 月 23 日 / 23 November; with its year where it is not this one."""
    if value is None:
        return "—"
    on = clock.china_day(value) if isinstance(value, datetime) else value
    with_year = on.year != clock.today().year if year is None else year
    return format_date(on, _DAY_PATTERNS[lang(), with_year], locale=_LOCALES[lang()])


def time(value: datetime | None) -> str:
    """The time of day in China, 14:20."""
    return "—" if value is None else value.astimezone(clock.CHINA).strftime("%H:%M")


def moment(value: datetime | None) -> str:
    """Day and time, the day left out where it is today: 今天 14:20 / today 14:20."""
    if value is None:
        return "—"
    on = clock.china_day(value)
    if on == clock.today():
        return t("time.today", time=time(value))
    return t("time.day", day=day(on), time=time(value))


def span(length: timedelta | None) -> str:
    """A length of time in its two largest units: 3 小时 10 分 / 3 h 10 min."""
    if length is None:
        return "—"
    minutes = max(0, int(length.total_seconds()) // 60)
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        return t("time.days_hours", d=days, h=hours) if hours else t("time.days", n=days)
    if hours:
        return t("time.hours_minutes", h=hours, m=minutes)
    return t("time.minutes", m=minutes)


def number(value: Decimal | int | str | None, places: int | None = None) -> str:
    """A figure with thousands by comma; trailing zeros of a stored quantity are dropped unless `places` is given."""
    if value is None or value == "":
        return "—"
    exact = Decimal(str(value))
    if places is None:
        exact = exact.normalize() if exact != exact.to_integral_value() else exact.quantize(Decimal(1))
        written = f"{exact:,f}"
    else:
        written = f"{exact:,.{places}f}"
    return written.replace("-", "−")


def money(value: Decimal | str | None) -> str:
    """An amount with at least two decimals; none of the stored ones is rounded away."""
    if value is None or value == "":
        return "—"
    exact = Decimal(str(value)).normalize()
    exponent = exact.as_tuple().exponent
    return number(exact, max(2, -exponent if isinstance(exponent, int) else 2))


def remember(response: Response) -> Response:
    """Keep a language or theme chosen in the address for the next pages."""
    for name, allowed in ((COOKIE, LANGUAGES), ("theme", ("light", "dark", "auto"))):
        value = request.args.get(name)
        if value is not None and value in allowed:
            response.set_cookie(name, value, max_age=_YEAR, samesite="Lax", secure=request.is_secure, httponly=False)
    return response


def theme() -> str:
    """`light`, `dark` or `auto`, as chosen by the person; light by default."""
    value = request.args.get("theme") or request.cookies.get("theme", "")
    return value if value in ("light", "dark", "auto") else "light"


def install(app: Flask) -> None:
    """Make the texts and the ways of writing available to every template; check the catalogue at start."""
    catalogue()
    app.after_request(remember)
    app.jinja_env.globals.update(
        t=t, said=said, lang=lang, lang_tag=lambda: TAGS[lang()], theme=theme, other_lang=_other
    )
    app.jinja_env.filters.update(day=day, time=time, moment=moment, span=span, number=number, money=money, said=said)


def _other() -> str:
    """The address of this page in the other language."""
    from urllib.parse import urlencode

    args = [(k, v) for k, v in request.args.items(multi=True) if k != "lang"]
    return f"{request.path}?{urlencode([*args, ('lang', 'en' if lang() == 'zh' else 'zh')])}"
