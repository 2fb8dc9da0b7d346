"""What a proof says: figures side by side, and what differs with both figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from common.findings import Text
from customs.rules.proof import place, sentence

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month of closing (结关) in China time."""

    year: int
    month: int

    @classmethod
    def parse(cls, written: str) -> Month | None:
        """The month written `YYYY-MM`; None for anything else."""
        year, dash, month = written.partition("-")
        if dash and len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdigit():
            found = cls(int(year), int(month))
            return found if 2000 <= found.year <= 2099 and 1 <= found.month <= 12 else None
        return None

    @classmethod
    def of(cls, day: date) -> Month:
        """The month of a day."""
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.month, 1)

    @property
    def next(self) -> Month:
        """The month after it."""
        return Month(self.year + self.month // 12, self.month % 12 + 1)

    @property
    def before(self) -> Month:
        """The month before it."""
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose lines are proven: everybody's (None), those of zones, of a consignor, of a declarant, or both together.

    `party_id` names one that may be either: an enterprise looks at what it sold and what it declared for others.
    """

    zones: frozenset[str] | None = None
    consignor_id: int | None = None
    party_id: int | None = None


@dataclass(slots=True)
class Sum:
    """How many lines, worth what in their currency, weighing what in kg."""

    lines: int = 0
    amount: Decimal = ZERO
    gross: Decimal = ZERO
    net: Decimal = ZERO

    def add(self, other: Sum) -> None:
        """Add another sum to this one."""
        self.lines += other.lines
        self.amount += other.amount
        self.gross += other.gross
        self.net += other.net

    def plus(self, other: Sum) -> Sum:
        """Both together, in a sum of its own."""
        return Sum(self.lines + other.lines, self.amount + other.amount, self.gross + other.gross, self.net + other.net)

    def __sub__(self, other: Sum) -> Sum:
        return Sum(self.lines - other.lines, self.amount - other.amount, self.gross - other.gross, self.net - other.net)


@dataclass(slots=True)
class Balance:
    """One currency of one consignor and channel: the closed lines, and where each of them went.

    `truth` is told by the checklists themselves (its weights by their statistics rows, see `Part`), `counted` by the
    statistics rows; `declared` are all lines of the live declarations that hold any of them, `elsewhere` those of them
    that were closed in another month or belong to somebody outside the scope; `open` are not in a declaration yet.
    """

    currency: str
    truth: Sum = field(default_factory=Sum)
    counted: Sum = field(default_factory=Sum)
    summarised: Sum = field(default_factory=Sum)
    open: Sum = field(default_factory=Sum)
    declared: Sum = field(default_factory=Sum)
    elsewhere: Sum = field(default_factory=Sum)

    def merge(self, other: Balance) -> None:
        """Add another balance of the same currency."""
        for name in ("truth", "counted", "summarised", "open", "declared", "elsewhere"):
            getattr(self, name).add(getattr(other, name))


@dataclass(slots=True)
class Part:
    """One zone, consignor, declarant and channel (flag): checklists with their own weights, balances by currency."""

    zone_code: str
    consignor_id: int
    declarant_id: int
    flag: str
    checklists: int = 0
    gross: Decimal = ZERO
    net: Decimal = ZERO
    balances: dict[str, Balance] = field(default_factory=dict)

    def balance(self, currency: str) -> Balance:
        """The balance of a currency, made where there is none."""
        return self.balances.setdefault(currency, Balance(currency))


@dataclass(frozen=True, slots=True)
class Difference:
    """Something that does not hold, by its rule (`customs.rules.proof`), with both figures as written.

    `number` is the checklist's or the declaration's own number, for people; `field` what differs, empty where the rule
    says it all.
    """

    rule: str
    zone_code: str
    consignor_id: int
    declarant_id: int
    number: str
    expected: str
    found: str
    field: str = ""
    checklist_id: int | None = None
    gnum: int | None = None
    declaration_id: int | None = None
    line_no: int | None = None

    @property
    def key(self) -> tuple[object, ...]:
        """What makes it the same difference at the next check."""
        return (self.rule, self.checklist_id, self.gnum, self.declaration_id, self.line_no, self.field)

    def say(self) -> Text:
        """The sentence in both languages."""
        where = place(self.number, gnum=self.gnum, line_no=self.line_no)
        return sentence(self.rule, where=where, field=self.field, expected=self.expected, found=self.found)


@dataclass(frozen=True, slots=True)
class Proof:
    """The proof of one month within a scope, as of an instant.

    `more` counts differences beyond those listed.
    """

    month: Month
    at: datetime
    parts: tuple[Part, ...]
    differences: tuple[Difference, ...]
    more: int = 0

    @property
    def holds(self) -> bool:
        """Whether nothing differs."""
        return not self.differences

    @property
    def checklists(self) -> int:
        """Closed checklists of the month."""
        return sum(one.checklists for one in self.parts)

    @property
    def lines(self) -> int:
        """Their lines."""
        return sum(balance.truth.lines for one in self.parts for balance in one.balances.values())

    def totals(self, flag: str | None = None) -> list[Balance]:
        """Balances over all parts (of one channel), by currency."""
        return balances_of(one for one in self.parts if flag is None or one.flag == flag)


def balances_of(parts: Iterable[Part]) -> list[Balance]:
    """Balances of several parts added up, by currency."""
    found: dict[str, Balance] = {}
    for part in parts:
        for balance in part.balances.values():
            found.setdefault(balance.currency, Balance(balance.currency)).merge(balance)
    return [found[currency] for currency in sorted(found)]
