"""The rows of the table that the quotes of a computed statement hold, read from the words of the sources alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from assistant.compose import Statement
from assistant.corpus import CITIES_ID, SUBDIVISIONS_ID, city_statement, place
from assistant.records import City, Source
from assistant.values import numbers, speak_date

_PATTERN = re.escape(city_statement(City("NAME", "COUNTRY", "", "FIELD", 2004, (), firm=True)))
for _part, _words in {"NAME": ".+", "COUNTRY": "[^()]+", "FIELD": ".+", "2004": r"\d{4}"}.items():
    _PATTERN = _PATTERN.replace(_part, f"({_words})")
_ROW = re.compile(rf"^{_PATTERN}(?: .*)?$", re.M)  # behind the row stands its note


@dataclass(frozen=True, slots=True)
class Row:
    """What the sentence of a row says."""

    name: str
    country: str
    field: str
    year: int


@dataclass(frozen=True, slots=True)
class Held:
    """What a sentence may be checked against."""

    rows: frozenset[Row]  # that are quoted
    table: tuple[Row, ...]  # all there are, in the order of the table by region
    regions: Mapping[str, str]  # of the countries of the quoted rows
    subdivisions: Mapping[str, tuple[Row, ...]]  # the rows under the name of each
    among: tuple[Row, ...]  # of which the quoted rows are: those of the subdivisions that they are quoted from, or all
    quotes: tuple[str, ...]
    besides: frozenset[Row]  # that the statement leaves out and names
    stated: int | None  # count that the question claims
    days: frozenset[str]  # of what is quoted, in words
    asked: str


def held_by(statement: Statement, sources: Mapping[str, Source]) -> Held | None:
    """Return what a statement rests on; None where it does not quote the very rows that it counts, each once."""
    quotes = tuple(sources[span.source_id].text[span.start : span.end] for span in statement.spans)
    quoted = [row for quote in quotes for row in rows_of(quote)]
    counted = [_row(city) for city in statement.cities]
    table = rows_of(sources[CITIES_ID].text) if CITIES_ID in sources else ()
    if sorted(map(repr, quoted)) != sorted(map(repr, counted)) or len(set(quoted)) < len(quoted):
        return None
    if not table or not set(quoted) <= set(table):
        return None
    subdivisions = subdivisions_of(sources[SUBDIVISIONS_ID].text) if SUBDIVISIONS_ID in sources else {}
    of_parts = quoted and all(span.source_id == SUBDIVISIONS_ID for span in statement.spans)
    parts = [rows for rows in subdivisions.values() if not set(quoted).isdisjoint(rows)] if of_parts else [table]
    return Held(
        rows=frozenset(quoted),
        table=table,
        regions={city.country: city.region for city in statement.cities},
        subdivisions=subdivisions,
        among=tuple(row for rows in parts for row in rows),
        quotes=quotes,
        besides=frozenset(_row(city) for city in statement.claim.scope.besides) if statement.claim else frozenset(),
        stated=statement.claim.stated if statement.claim else None,
        days=frozenset(
            speak_date(day)
            for span in statement.spans
            for day in sources[span.source_id].dates_in(span.start, span.end)
            if day
        ),
        asked=statement.asked,
    )


def _row(city: City) -> Row:
    return Row(place(city), city.country, city.field, city.year)


@lru_cache(maxsize=64)
def rows_of(text: str) -> tuple[Row, ...]:
    return tuple(Row(name, country, field, int(year)) for name, country, field, year in _ROW.findall(text))


@lru_cache(maxsize=8)
def subdivisions_of(text: str) -> dict[str, tuple[Row, ...]]:
    """Return the rows under each heading of the view by subdivision, by its name: "Scotland, United Kingdom"."""
    below = (part.partition("\n") for part in text.split("\n## ")[1:])
    return {heading.rpartition(", ")[0]: rows_of(rows) for heading, _, rows in below}


def is_whole(held: Held) -> bool:
    """Say whether no row is left out between those that are quoted.

    Every scope of a question is so many countries, subdivisions, fields and years in a row; whatever the scope, a
    row of a quoted country and field from a year between the quoted ones is inside it.
    """
    years = sorted(row.year for row in held.rows)
    countries, fields = {row.country for row in held.rows}, {row.field for row in held.rows}
    return not held.rows or held.rows == {
        row
        for row in held.among
        if row.country in countries
        and row.field in fields
        and years[0] <= row.year <= years[-1]
        and row not in held.besides
    }


def counts_all(held: Held) -> bool:
    """Say whether a quote states as many rows as the table has."""
    return any(number.value == len(held.table) for quote in held.quotes for number in numbers(quote))
