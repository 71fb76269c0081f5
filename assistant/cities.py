"""The table of member cities: which of its names a text holds, and the rows that a set of conditions leaves."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypedDict

from rapidfuzz import fuzz, process

from assistant.corpus import Tables, lies_in, place
from assistant.errors import QuestionError
from assistant.records import City, Country, Group
from assistant.vocabulary import FIELDS, fields_in

# UNESCO's regions and how people call them; "Europe" is taken for UNESCO's region and the answer says so.
REGIONS: Mapping[str, tuple[str, ...]] = {
    "Africa": (
        "africa",
        "african",
        "unesco's region africa",
        "unesco's africa region",
        "region africa",
        "africa region",
        "african region",
    ),
    "Arab States": ("arab states", "arab world", "arab countries", "arab region", "arab"),
    "Asia and the Pacific": ("asia and the pacific", "asia pacific", "asia", "asian", "pacific"),
    "Europe and North America": ("europe and north america", "europe", "european", "north america"),
    "Latin America and the Caribbean": (
        "latin america and the caribbean",
        "latin america",
        "latin american",
        "south america",
        "south american",
        "caribbean",
    ),
}
LONGEST_NAME = 6  # words
SHORT = 3  # letters of a name of a country that counts only in capitals: EAU, and not eau
SHORTEST_GROUP = 4  # letters; a group of so short a name is written in capitals
SHORTEST_SMALL = 5  # letters; a subdivision of so short a name is written with a capital
TYPO_LETTERS = 6  # a shorter name must be spelt right
TYPO_RATIO = 85  # of 100; one wrong letter in seven
SAME_LETTERS = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ı": "i", "ß": "ss", "æ": "ae", "œ": "oe", "’": "'", "‘": "'", "-": " ", "–": " "}
    | {"ة": "ه", "ى": "ي"}  # written either way at the end of a word
)

_LONGER_NAME = re.compile(r"\b(?:New|East|North|South|West|Saint|San|Santa|Nizhny|Veliky|Fort|Port) $")
_WORD = re.compile(r"(?:[^\W\d_]{1,2}\.){2,}|[^\W_]+(?:'[^\W_]+)*")  # U.K. is one word
# Words that no document has and that are no slip of the name they come near to: found among the 15,000 whole words of
# six letters and more that the encoder bge-small-en-v1.5 knows.
_LOOKALIKES = frozenset(
    """algebra astoria basilica bargain bending cameron channels conception doubling fabian galloway georgina germain
    grandma grandpa hungry liberal meridian panorama portal portland settle settler surname""".split()
)
_NO_SPACES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")  # scripts that write words without spaces


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in a text and what it may mean: cities, or one country, one region of UNESCO, one group of countries."""

    start: int
    end: int
    cities: tuple[City, ...] = ()
    country: str = ""
    region: str = ""
    group: Group | None = None


class Places:
    """Every name of the cities, countries and regions of the tables, in all the languages that they are given in."""

    def __init__(self, tables: Tables, *, words: Iterable[str] = (), names: Iterable[str] = ()) -> None:
        """Take the names; `words` are ordinary words of the corpus, which count as a name only where capitalised.

        `names` are what else the corpus calls by its name: none of them is a misspelt place.
        """
        self.cities = tables.cities
        self.countries = tables.countries
        self._cities: dict[str, list[City]] = defaultdict(list)
        for city in tables.cities:
            for name in dict.fromkeys(map(plain, (city.name, place(city), *city.aliases))):
                self._cities[name].append(city)
        self._countries: dict[str, str] = {}
        for country in tables.countries:
            for name in _country_names(country):
                self._countries.setdefault(plain(name), country.name)
        self._by_name = {country.name: country for country in tables.countries}
        self._regions = {name: region for region, names in REGIONS.items() for name in names}
        self._groups: dict[str, Group] = {}
        named = {*self._cities, *self._countries, *self._regions}
        for group in tables.groups:
            for name in map(plain, (group.name, *group.aliases)):
                if group.cities is None or name not in named:  # Puebla is a city before it is a state
                    self._groups.setdefault(name, group)
        self._known = {*named, *self._groups}
        self._begin = frozenset(
            name.partition(" ")[0] for name in self._known if " " in name
        )  # a name of several words
        self._joined = sorted((name for name in self._known if _NO_SPACES.search(name)), key=len, reverse=True)
        english = [name for city in tables.cities for name in (city.name, place(city))]
        english += [name for country in tables.countries for name in (country.name, *country.aliases)]
        self._spellable = sorted({plain(name) for name in english if len(name) >= TYPO_LETTERS})
        short = (name for country in tables.countries for name in country.aliases)
        self._capitals = {plain(name) for name in short if name.isupper()}  # "US" is a country, "us" is not
        abroad = (name for country in tables.countries for names in country.names.values() for name in names)
        self._capitals |= {plain(name) for name in abroad if name.isupper() and name.isascii() and len(name) <= SHORT}
        self._capitals |= {
            plain(name)
            for group in tables.groups
            for name in (group.name, *group.aliases)
            if name.isupper() or (group.cities is None and len(name) <= SHORTEST_GROUP)  # EU, DACH, SIDS, NSW
        }
        self.words = frozenset(word for name in self._known for word in name.split())
        self._ordinary = {plain(word) for word in words} - {name for name in self._known if " " in name}
        self._others = {plain(name) for name in names}
        self._read = lru_cache(maxsize=2_000)(self._mentions)  # each stage reads the same few texts

    def mentions(self, text: str) -> list[Mention]:
        """Return the names in a text in their order, the longest where several begin at one word."""
        return list(self._read(text))

    def _mentions(self, text: str) -> tuple[Mention, ...]:
        found = list(self._unspaced(text))
        taken = {place for mention in found for place in range(mention.start, mention.end)}
        spans = [match.span() for match in _WORD.finditer(text.translate(_SAME_LENGTH))]
        words = [(start, end) for start, end in spans if taken.isdisjoint(range(start, end))]
        i = 0
        while i < len(words):
            mention, size = self._longest(text, words[i : i + LONGEST_NAME])
            if (
                mention
                and text[slice(*words[i])].lower() == "the"
                and self._longest(text, words[i + 1 : i + 1 + LONGEST_NAME])[0]
            ):
                mention, size = None, 1  # "the Caribbean islands" are more than the Caribbean
            found += [mention] if mention else []
            i += size
        return tuple(sorted(found, key=lambda mention: mention.start))

    def _longest(self, text: str, words: Sequence[tuple[int, int]]) -> tuple[Mention | None, int]:
        """Return the longest name with which some words of a text begin, and how many it takes; at least one."""
        if not words:
            return None, 1
        start, end = words[0]
        begins = plain(text[start:end]) in self._begin or text[end : end + 1] == "."  # U.S is one name
        for size in range(len(words) if begins else 1, 0, -1):
            if mention := self._mention(text, start, words[size - 1][1], size):
                return mention, size
        return None, 1

    def knows(self, name: str) -> bool:
        """Say whether a name stands in the tables, letter by letter."""
        return plain(name) in self._known

    def called(self, mentions: Iterable[Mention]) -> dict[str, re.Pattern[str]]:
        """Return for each country and city that is mentioned what matches any of its names in an English text."""
        found: dict[str, re.Pattern[str]] = {}
        for mention in mentions:
            for city in mention.cities[:1]:
                found[place(city)] = _any_of((place(city), *city.aliases))
            if mention.country and not mention.cities:
                country = self._by_name[mention.country]
                found[country.name] = _any_of((country.name, *country.aliases, *country.adjectives))
        return found

    def _mention(self, text: str, start: int, end: int, size: int) -> Mention | None:
        said = text[start:end]
        name = plain(said).removesuffix("'s")
        if name in self._capitals and not re.sub(r"['’]s$", "", said).isupper():
            return None
        if name not in self._known and size == 1:
            name = self._nearest(name, said)
        if name not in self._known:
            return None
        if size == 1 and name in self._cities and name in self._ordinary and said == said.lower():
            return None
        if name in self._groups:
            group = self._groups[name]
            small = said == said.lower() and said != said.upper()
            if group.cities is not None and small and (len(name) < SHORTEST_SMALL or name in self._ordinary):
                return None
            return Mention(start, end, group=group)
        if name in self._regions:
            return Mention(start, end, region=self._regions[name])
        if name in self._cities:
            if _LONGER_NAME.search(text[:start]):
                return None  # New York is not York
            return Mention(start, end, cities=tuple(self._cities[name]), country=self._countries.get(name, ""))
        return Mention(start, end, country=self._countries[name])

    def _nearest(self, name: str, said: str) -> str:
        """Return the known name that a misspelt word means, or ''."""
        if len(name) < TYPO_LETTERS or name in self._ordinary or name in self._others or name in _LOOKALIKES:
            return ""
        found = process.extractOne(name, self._spellable, scorer=fuzz.ratio, score_cutoff=TYPO_RATIO)
        return str(found[0]) if found and found[0][0] == name[0] else ""

    def _unspaced(self, text: str) -> Iterator[Mention]:
        taken: set[int] = set()
        text = text.translate(_SAME_LENGTH)
        for name in self._joined if _NO_SPACES.search(text) else ():
            for match in re.finditer(re.escape(name), text) if name in text else ():
                if taken.isdisjoint(range(*match.span())):
                    taken |= set(range(*match.span()))
                    cities = tuple(self._cities.get(name, ()))
                    country, group = self._countries.get(name, ""), self._groups.get(name)
                    yield Mention(*match.span(), cities=cities, country=country, group=group)


def without_homes(mentions: Sequence[Mention]) -> list[Mention]:
    """Return names but for countries and subdivisions in which others of them lie: "Austin, Texas" is one place."""
    cities = [city for mention in mentions for city in mention.cities]
    groups = [mention.group for mention in mentions if mention.group]
    homes = {city.country for city in cities}
    homes |= {name for group in groups if group.cities is not None for name in group.countries}
    homes |= {group.name for group in groups if group.cities and any(lies_in(city, group) for city in cities)}
    return [
        mention
        for mention in mentions
        if mention.cities or (mention.group.name if mention.group else mention.country) not in homes
    ]


class Conditions(TypedDict):
    """What `find` takes."""

    countries: Sequence[str]
    subdivisions: Sequence[Group]
    regions: Sequence[str]
    fields: Sequence[str]
    first_year: int | None
    last_year: int | None


def matching(tables: Tables, *, country: str = "", field: str = "", region: str = "", year: str = "") -> Conditions:
    """Return the conditions for `find` from what a person typed.

    Raises QuestionError where the table knows no such country, field or region, or the year is none.
    """
    mentions = Places(tables).mentions(country)
    groups = [mention.group for mention in mentions if mention.group]
    subdivisions = [group for group in groups if group.cities is not None]
    countries = [mention.country for mention in without_homes(mentions) if mention.country]
    countries += [name for group in groups if group.cities is None for name in group.countries]
    if country and not countries and not subdivisions:
        raise QuestionError(
            f"No country, group or part of a country {country!r} in the tables: write it as in countries.csv, "
            "groups.csv or subdivisions.csv"
        )
    regions = [name for name in REGIONS if region and plain(region) in (plain(name), *REGIONS[name])]
    if region and not regions:
        raise QuestionError(f"No region {region!r}: choose one of {', '.join(REGIONS)}")
    fields = [name for name in FIELDS if field and plain(field) == plain(name)] or list(fields_in(field))
    if field and not fields:
        raise QuestionError(f"No creative field {field!r}: choose one of {', '.join(FIELDS)}")
    span = re.fullmatch(r"(20\d\d)?(?:(-)(20\d\d)?)?", year)
    if span is None or year == "-":
        raise QuestionError(f"{year!r} is no year: write 2021, or a range as 2015-2021")
    first = int(span[1]) if span[1] else None
    last = int(span[3]) if span[3] else None if span[2] else first
    return Conditions(
        countries=countries,
        subdivisions=subdivisions,
        regions=regions,
        fields=fields,
        first_year=first,
        last_year=last,
    )


@lru_cache(maxsize=2_000)
def _any_of(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})s?(?!\w)", re.IGNORECASE)


@lru_cache(maxsize=10_000)
def plain(text: str) -> str:
    """Return a name as names are compared: small letters without accents, hyphens as spaces."""
    letters = unicodedata.normalize("NFKD", text.casefold().translate(SAME_LETTERS))
    bare = "".join(char for char in letters if not unicodedata.combining(char)).translate(SAME_LETTERS)
    return " ".join(bare.replace(".", "").split())


def find(
    cities: Iterable[City],
    *,
    countries: Sequence[str] = (),
    subdivisions: Sequence[Group] = (),
    regions: Sequence[str] = (),
    fields: Sequence[str] = (),
    first_year: int | None = None,
    last_year: int | None = None,
) -> list[City]:
    """Return the rows that meet every condition; several countries, regions or fields are alternatives."""
    return [
        city
        for city in cities
        if (not countries or city.country in countries)
        and (not subdivisions or any(lies_in(city, part) for part in subdivisions))
        and (not regions or city.region in regions)
        and (not fields or city.field in fields)
        and (first_year is None or city.year >= first_year)
        and (last_year is None or city.year <= last_year)
    ]


def _country_names(country: Country) -> Iterator[str]:
    yield from (country.name, *country.aliases, *country.adjectives)
    for names in country.names.values():
        yield from names


# Hyphens to spaces for the parting into words; the text keeps its length, so that offsets hold.
_SAME_LENGTH = str.maketrans({"-": " ", "–": " ", "’": "'", "‘": "'"})
