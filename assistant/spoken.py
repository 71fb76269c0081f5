"""The rows of the table that the words of a sentence speak of: its fields, its places, its years."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import pairwise

from assistant.cities import REGIONS, plain
from assistant.claims import ANY_FIELD_BUT
from assistant.quoted import Held, Row
from assistant.values import numbers
from assistant.vocabulary import FIELDS

ALWAYS = (0, 9999)  # years
BESIDES = "besides "
OF_REGION = "UNESCO's region "
_NAME_SHAPED = re.compile(r"(?:the )?[^\W\d_a-z][\w'’.-]*(?: (?:of|the|de|[^\W\d_a-z][\w'’.-]*))*")

Said = re.Match[str]


def scope_of(said: Said, held: Held) -> frozenset[Row] | None:
    """Return the rows of the table that a sentence speaks of; None where its words cannot be made out."""
    where, _, besides = (said["where"] or "").partition(BESIDES)
    left_out = {row.name for row in held.besides}
    if set(names_of(besides, left_out)) - {""} != left_out:
        return None
    return rows_in(where.strip(), said["fields"] or "", said["when"] or "", held)


def rows_in(where: str, fields: str, when: str, held: Held) -> frozenset[Row] | None:
    """Return the rows of some places, fields and years but those that are left out."""
    period, inside = period_of(when, held), _inside(where, held)
    if period is None or inside is None:
        return None
    told = fields.removeprefix(ANY_FIELD_BUT).split(" or ") if fields else FIELDS
    known = [name for name in FIELDS if name not in told] if fields.startswith(ANY_FIELD_BUT) else told
    rows = (row for row in inside if row.field in known and period[0] <= row.year <= period[1])
    return frozenset(rows) - held.besides


def period_of(when: str, held: Held) -> tuple[int, int] | None:
    """Return the years that a sentence speaks of, all for the day of the table; None where that day is another."""
    if when.startswith(", as of "):
        return ALWAYS if when.removeprefix(", as of ") in held.days else None
    stated = re.findall(r"\d{4}", when)
    asked = re.findall(r"(?<!\d)\d{4}(?!\d)", held.asked)
    if not stated or (asked and not set(stated) <= set(asked)):
        return None if stated else ALWAYS
    first, last = int(stated[0]), int(stated[-1])
    if " since " in when:
        return first, ALWAYS[1]
    if " after " in when:
        return first + 1, ALWAYS[1]
    if " before " in when:
        return ALWAYS[0], last - 1
    return (ALWAYS[0], last) if " by " in when else (first, last)


def _inside(where: str, held: Held) -> list[Row] | None:
    """Return the rows in the countries or regions that are named; None where these are no names of such."""
    if not where:
        return [*held.table]
    countries_there, _, region = where.rpartition(f" or {OF_REGION}")
    if countries_there:
        parts = _inside(countries_there, held), _of_regions(region, held, alone=False)
        return None if None in parts else [row for rows in parts for row in rows or ()]
    if where.startswith(OF_REGION):
        return _of_regions(where.removeprefix(OF_REGION), held, alone=True)
    known = _countries(held)
    countries: set[str] = set()
    lying: set[Row] = set()
    for part in names_of(where, {*known, *held.subdivisions}):
        if part in held.subdivisions:
            lying.update(held.subdivisions[part])
        elif part in known:
            countries.add(known[part])
        elif _of_question(part, held):
            countries |= held.regions.keys()  # a group of countries, of which the rows tell the members
        elif not _NAME_SHAPED.fullmatch(part) or any(words_of(part) in words_of(name) for name in known):
            return None  # else a country without a row
    return [row for row in held.table if row.country in countries or row in lying]


def _of_regions(where: str, held: Held, *, alone: bool) -> list[Row] | None:
    """Return the rows in the regions, `alone` where no country is named beside them.

    Where the table leaves the regions open, these are all from a country of a region to its last.
    """
    names = names_of(where, REGIONS)
    if not set(names) <= REGIONS.keys() or (alone and not set(held.regions.values()) <= set(names)):
        return None
    if regions := _regions(held.table):
        agreed = held.regions.items() <= regions.items()
        return [row for row in held.table if regions[row.country] in names] if agreed else None
    inside: list[Row] = []
    for name in names:
        spots = [number for number, row in enumerate(held.table) if held.regions.get(row.country) == name]
        inside += held.table[spots[0] : spots[-1] + 1] if spots else ()
    return inside


@lru_cache(maxsize=8)
def _regions(table: tuple[Row, ...]) -> dict[str, str]:
    """Return the region of each country, which the rows do not say, from their order: by region, then by country.

    A country that sorts before the one above it opens a region. Empty where not every region opens like this.
    """
    countries = list(dict.fromkeys(row.country for row in table))
    opens = [later < earlier for earlier, later in pairwise(countries)]
    if sum(opens) != len(REGIONS) - 1:
        return {}
    names = sorted(REGIONS)
    return {country: names[sum(opens[:number])] for number, country in enumerate(countries)}


def _countries(held: Held) -> dict[str, str]:
    """Return the countries of the table by what they are called in a sentence: the United Kingdom too."""
    return {called: row.country for row in held.table for called in (row.country, f"the {row.country}")}


def is_partly_known(where: str, held: Held) -> bool:
    """Say whether not all countries of a place are known: a group of them, or a region that the order leaves open."""
    if where.startswith(OF_REGION):
        return not _regions(held.table)
    known = _countries(held)
    return any(part not in known for part in names_of(where, known) if where)


def _of_question(part: str, held: Held) -> bool:
    return words_of(part) in words_of(held.asked)


def names_of(text: str, known: Iterable[str]) -> list[str]:
    """Return the names of an enumeration; a known one stays whole though it has an "and" in it."""
    held = set(known)
    pieces = re.split(r"(, | and )", text)
    parts: list[str] = []
    at = 0
    while at < len(pieces):
        ends = (end for end in range(len(pieces), at, -2) if "".join(pieces[at:end]) in held)
        end = next(ends, at + 1)
        parts.append("".join(pieces[at:end]))
        at = end + 1
    return parts


def words_of(text: str) -> str:
    """Return the words of a text as names are compared, with a space on both sides of each."""
    words = " ".join(re.findall(r"\w+", plain(text)))
    return f" {words} "


def value_of(count: str) -> int:
    """Return a count in digits or in words; -1 where it is none."""
    if count.isdecimal():
        return int(count)
    read = numbers(count)
    return int(read[0].value) if len(read) == 1 and not read[0].ordinal else -1
