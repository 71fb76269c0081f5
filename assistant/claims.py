"""What a sentence says that the program words itself, in slots, so that any language can word it."""

from dataclasses import dataclass, replace
from typing import Literal

from assistant.records import City, Fact, Group

Spell = Literal["in", "since", "after", "before", "by", "between"]
Opening = Literal["", "yes", "correction"]
Limit = Literal["exactly", "more than", "at least", "fewer than", "at most"]
Claims = Literal[
    "order",  # cities in the order of their designation
    "more",  # one scope has more cities than the other
    "count",  # so many cities of a scope
    "countries",  # so many countries with a city of the scope
    "limited",  # so many countries with so many cities of the scope, "at least 5"
    "each",  # so many countries with a city of each field of the scope, and none of the fields of the other
    "new countries",  # so many countries whose first city is of the scope's year
    "subdivisions",  # so many states, provinces or regions of a country with a city of the scope
    "most",  # the countries or fields with the most cities of the scope
    "fewest",
    "next",  # those that follow, each with its count
    "first",  # the first city or cities of the scope
    "latest",
    "none",  # no city of the scope
    "no entry",  # no city of that name
    "group",  # a line of a list: its cities, all of one country or field where the line is named after that
    "shares",  # a line of a list: countries, each with its count
    "city",  # the row of one city
    "fact",  # a dated fact
    "earlier",  # the values that facts had before
]


@dataclass(frozen=True, slots=True)
class Period:
    """The years of designation that are asked for, both ends inside; None where an end is open."""

    spell: Spell
    first: int | None = None
    last: int | None = None

    @property
    def said(self) -> tuple[int, ...]:
        """The years as a sentence names them: "after 2016" for what begins in 2017."""
        if self.spell == "after" and self.first:
            return (self.first - 1,)
        if self.spell == "before" and self.last:
            return (self.last + 1,)
        return tuple(dict.fromkeys(year for year in (self.first, self.last) if year))

    @property
    def of_joining(self) -> bool:
        """Whether the years are those of designation, not the time up to which members are counted."""
        return self.spell not in ("before", "by")


@dataclass(frozen=True, slots=True)
class Bound:
    """How many cities each of the countries that are asked for has."""

    limit: Limit
    number: int

    def holds(self, count: int) -> bool:
        """Say whether a count keeps to it."""
        return {
            "exactly": count == self.number,
            "more than": count > self.number,
            "at least": count >= self.number,
            "fewer than": count < self.number,
            "at most": count <= self.number,
        }[self.limit]

    def __str__(self) -> str:
        return f"{self.limit} {self.number}"


@dataclass(frozen=True, slots=True)
class Scope:
    """Conditions on cities; several countries, regions or fields are alternatives."""

    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    period: Period | None = None  # None for the state of the table
    besides: tuple[City, ...] = ()  # that meet the conditions and are left out
    group: str = ""  # the group of countries, or the subdivision, that the question names: "the Nordic countries"
    subdivisions: tuple[Group, ...] = ()  # of which only the cities are meant; never beside countries

    @property
    def in_one_country(self) -> bool:
        """Whether all its cities are of one country that the question names, or of its subdivisions."""
        return len({*self.countries, *(name for part in self.subdivisions for name in part.countries)}) == 1

    def of_year(self, year: int) -> "Scope":
        """Return the same with the cities of one year alone."""
        return replace(self, period=Period("in", year, year))


EVERYWHERE = Scope()
ONE_SUBDIVISION, SUBDIVISIONS = "state, province or region", "states, provinces or regions"  # in a sentence
ANY_FIELD_BUT = "any field but "  # in a sentence, in front of the fields that a scope leaves out


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence or list line: its kind, and the slots that this kind needs."""

    kind: Claims
    scope: Scope = EVERYWHERE
    count: int | None = None
    cities: tuple[City, ...] = ()  # that the sentence names
    name: str = ""  # of a group of cities, or of a city that the table does not have
    shares: tuple[tuple[str, int], ...] = ()  # countries or fields, each with its count
    as_of: str = ""  # ISO date of the state that is told
    opens_list: bool = False
    opening: Opening = ""
    facts: tuple[Fact, ...] = ()
    other: Scope = EVERYWHERE  # that has fewer cities, or as many; of the fields that each country lacks
    other_count: int | None = None
    bound: Bound | None = None  # on the number of cities of a country
    stated: int | None = None  # the count that the question claims
    of_rounds: bool = False  # earlier values are those of earlier calls, not of earlier days

    @property
    def of_one_country(self) -> bool:
        """Whether the cities that are named are known to be of one country, which need not be said with each."""
        countries = {city.country for city in self.cities}
        return self.scope.in_one_country or countries == {self.name} or (not self.name and len(countries) == 1)
