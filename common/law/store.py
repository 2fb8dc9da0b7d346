"""The law of all domains, loaded once per process, asked by name and day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path

from common.findings import DomainError, rule
from common.law.loader import load_folder
from common.law.values import Parameter, ParameterValue

DOMAINS = ("common", "credit", "customs", "tax", "forex")
ROOT = Path(__file__).resolve().parents[2]

CU0001 = rule(
    "CU0001",
    title=("所问日期无已知法定参数", "No known law for the day asked"),
    say=(
        "平台未收录参数“{parameter}”在{on}的法定值。请改用有效期内的日期，或由管理员补充该参数。",
        "The platform knows no value of “{parameter}” for {on}. Ask for a day on which it is in force, "
        "or have the administrator add the value.",
    ),
    basis="设计约定：法定数值均有起止日期，期外不作推定",
)


class UnknownLawError(DomainError):
    """The law of that day is not known; nothing guesses. The problem document names `parameter` and `date`."""

    def __init__(self, parameter: str, on: date) -> None:
        super().__init__(
            CU0001.at("", parameter=parameter, on=on.isoformat()),
            extra={"parameter": parameter, "date": on.isoformat()},
        )
        self.parameter = parameter
        self.on = on


class Law:
    """Parameters by name."""

    def __init__(self, parameters: Mapping[str, Parameter]) -> None:
        self._parameters = dict(parameters)

    def value(self, name: str, on: date) -> ParameterValue:
        """The value of `name` in force on `on`.

        Raises `UnknownLawError` outside its dates and `KeyError` for a name that no file declares (a slip in code).
        """
        found = self._parameters[name].on(on)
        if found is None:
            raise UnknownLawError(name, on)
        return found

    def parameter(self, name: str) -> Parameter | None:
        """The parameter with its whole history, or None."""
        return self._parameters.get(name)

    def parameters(self) -> list[Parameter]:
        """All parameters, by name."""
        return [self._parameters[name] for name in sorted(self._parameters)]


def load_law(root: Path = ROOT) -> Law:
    """Read `<domain>/parameters/` of every domain below `root`; raises `LawFileError` for the first bad file."""
    found: dict[str, Parameter] = {}
    for domain in DOMAINS:
        found |= load_folder(root / domain / "parameters", domain)
    return Law(found)


@lru_cache(maxsize=1)
def law() -> Law:
    """The law this process works with."""
    return load_law()
