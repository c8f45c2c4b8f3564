"""What should add up: the identities of `data/identities.toml`, whose comments explain them, as records.

It refuses unknown keys and empty identities, because a misspelt identity would silently check nothing.
Whether the metrics exist is checked with the rest of `data/`.
"""

from __future__ import annotations

import tomllib
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError

from analysis.errors import DataError

Parts = Annotated[tuple[str, ...], Field(min_length=1)]


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sum(_Record):
    """A total and the readings of its parts; `exhaustive` when the parts are all there are."""

    name: str
    total: str
    readings: Annotated[tuple[Parts, ...], Field(min_length=1)]
    exhaustive: bool
    least: PositiveInt = 2


class Rate(_Record):
    """A rate, its possible numerators (each a sum) and bases; `stated`: its name says the first base.

    `scale` is what the quotient is multiplied with: 100 for per cent.
    """

    rate: str
    numerators: tuple[Parts, ...]
    denominators: Parts
    stated: bool
    scale: Annotated[Decimal, Field(gt=0, multiple_of=1)] = Decimal(100)


class Change(_Record):
    """A level and the metric that prints its change on the year before in per cent."""

    level: str
    change: str


class Order(_Record):
    """Metrics that are at most another one; not `strict` when carried-over cases may turn it round."""

    larger: str
    smaller: Parts
    strict: bool


class Figures(_Record):
    """Metric ids by what is known of their figures."""

    continuous: frozenset[str] = frozenset()
    shares: frozenset[str] = frozenset()
    accumulating: frozenset[str] = frozenset()
    revised: frozenset[str] = frozenset()
    lasting: frozenset[str] = frozenset()


class Identities(_Record):
    """Everything that the audit checks."""

    sums: tuple[Sum, ...] = Field(default=(), alias="sum")
    rates: tuple[Rate, ...] = Field(default=(), alias="rate")
    changes: tuple[Change, ...] = Field(default=(), alias="change")
    orders: tuple[Order, ...] = Field(default=(), alias="order")
    figures: Figures = Figures()

    @cached_property
    def continuous(self) -> frozenset[str]:
        """The metrics whose plain whole numbers are rounded figures, not counts."""
        rates = {rate.rate for rate in self.rates} | {pair.change for pair in self.changes}
        return self.figures.continuous | self.figures.shares | rates


def load(folder: Path) -> Identities:
    """What should add up; a `DataError` where the file is missing or broken."""
    path = folder / "identities.toml"
    try:
        return Identities.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except FileNotFoundError:
        raise DataError("The file identities.toml must exist", str(path), "restore it from git.") from None
    except ValidationError as error:
        raise DataError("identities.toml must follow its form", str(error), "mend these keys.") from error
    except ValueError as error:
        raise DataError("The file identities.toml must be TOML", str(error), "mend that line.") from error
