"""The fixed phrases of the languages other than English, one file a language, and how dates and names stand there."""

import datetime
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_timedelta

FOLDER = Path(__file__).parent / "languages"
LANGUAGES = ("fr", "es", "pt", "zh", "ar", "ru", "de")
_DAYS_A_YEAR = 365.25

Table = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of one language; what stands in {braces} in them is filled in."""

    language: str  # ISO 639-1
    day: str  # CLDR pattern of a date
    month: str  # CLDR pattern of a month with its year
    comma: str
    negations: tuple[str, ...]  # words that turn a question round
    harmless: tuple[str, ...]  # words that hold such a word and do not
    follow: tuple[str, ...]  # beginnings of a question that goes on from the one before it
    and_then: tuple[str, ...]  # what stands between two questions of one message
    conjunctions: Table  # "and", "or"
    conditions: str  # a noun with the conditions behind it
    between_conditions: str
    scope: Table
    opening: Table
    claim: Table
    quote: Table
    note: Table
    fields: Table  # by the English name
    regions: Table
    subjects: Table
    attributes: Table

    def date(self, iso: str) -> str:
        """Return an ISO date of any exactness as it is written in this language."""
        if len(iso) == 4:
            return iso
        exact = len(iso) == 10
        day = datetime.date.fromisoformat(iso if exact else f"{iso}-01")
        return str(format_date(day, self.day if exact else self.month, locale=self.language))

    def years(self, count: int) -> str:
        """Return a length of time: 4 ans, 4 года."""
        length = datetime.timedelta(days=count * _DAYS_A_YEAR)
        return str(format_timedelta(length, granularity="year", locale=self.language))

    def listed(self, names: Iterable[str]) -> str:
        """Return names one after the other."""
        return self.comma.join(names)

    def joined(self, names: Sequence[str], conjunction: str) -> str:
        """Return names with a conjunction, "and" or "or", in front of the last."""
        head = self.comma.join(names[:-1])
        return self.conjunctions[conjunction].join(filter(None, (head, *names[-1:])))


@cache
def phrases_of(language: str) -> Phrases:
    """Read the phrases of one of LANGUAGES."""
    with (FOLDER / f"{language}.toml").open("rb") as file:
        held: dict[str, Any] = tomllib.load(file)
    words: dict[str, Any] = {name: tuple(held.pop(name)) for name in ("negations", "harmless", "follow", "and_then")}
    return Phrases(language=language, **words, **held)
