"""Counts again, from the words of the sources alone, what a sentence says that the program worded over table rows."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from assistant.cities import REGIONS, plain
from assistant.compose import Span, Statement
from assistant.corpus import CITIES_ID, city_statement, place
from assistant.records import City, Source
from assistant.values import dates, numbers, speak_date
from assistant.vocabulary import FIELDS

ALWAYS = (0, 9999)  # years
OF_REGION = "UNESCO's region "
BEFORE_THAT = "Before that: "

_PATTERN = re.escape(city_statement(City("NAME", "COUNTRY", "", "FIELD", 2004, (), firm=True)))
for _part, _words in {"NAME": ".+", "COUNTRY": "[^()]+", "FIELD": ".+", "2004": r"\d{4}"}.items():
    _PATTERN = _PATTERN.replace(_part, f"({_words})")
_ROW = re.compile(rf"^{_PATTERN}(?: .*)?$", re.M)  # behind the row stands its note

_FIELD = "|".join(FIELDS)
_NOUN = rf"(?:member (?:city|cities)|(?:City|Cities) of (?P<fields>(?:{_FIELD})(?: or (?:{_FIELD}))*))"
_WHERE = r"(?: in (?P<where>[^:\d]+?))?"
_WHEN = (
    r"(?P<when>, as of [^,]+?| designated (?:in|since|after) \d{4}| designated from \d{4} to \d{4}"
    r"| before \d{4}| by the end of \d{4})?"
)
_COUNT = r"(?P<count>[\w-]+)"
_ITEM = r"[^()]+ \((?:[^()]+, )?\d{4}\)"
_SHARE = r"[^()]+ \(\d+\)"
_NAME_SHAPED = re.compile(r"(?:the )?[^\W\d_a-z][\w'’.-]*(?: (?:of|the|de|[^\W\d_a-z][\w'’.-]*))*")


@dataclass(frozen=True, slots=True)
class _Row:
    """What the sentence of a row says."""

    name: str
    country: str
    field: str
    year: int


@dataclass(frozen=True, slots=True)
class _Held:
    """What a sentence may be checked against."""

    rows: frozenset[_Row]  # that are quoted
    table: tuple[_Row, ...]  # all there are, in the order of the table by region
    regions: Mapping[str, str]  # of the countries of the quoted rows
    quotes: tuple[str, ...]
    days: frozenset[str]  # of what is quoted, in words
    asked: str


Said = re.Match[str]
Check = Callable[[Said, _Held], bool]


def recounted(statement: Statement, sources: Mapping[str, Source]) -> bool:
    """Say whether a computed statement has one of the known forms and holds over the rows that it quotes.

    Claims about all of the table (most, first, no entry, a whole country) are counted again over all its rows.
    """
    text = statement.text.replace("**", "")
    if not statement.spans:
        return False
    if text.startswith(BEFORE_THAT):
        return _holds_earlier(text.removeprefix(BEFORE_THAT), statement.spans, sources)
    held = _held(statement, sources)
    if held is None or not _is_whole(held):
        return False
    return any((said := form.fullmatch(text)) is not None and check(said, held) for form, check in _FORMS)


def _held(statement: Statement, sources: Mapping[str, Source]) -> _Held | None:
    """Return what a statement rests on; None where it does not quote the very rows that it counts, each once."""
    quotes = tuple(sources[span.source_id].text[span.start : span.end] for span in statement.spans)
    quoted = [row for quote in quotes for row in _rows(quote)]
    counted = [_Row(place(city), city.country, city.field, city.year) for city in statement.cities]
    table = _rows(sources[CITIES_ID].text) if CITIES_ID in sources else ()
    if sorted(map(repr, quoted)) != sorted(map(repr, counted)) or len(set(quoted)) < len(quoted):
        return None
    if not table or not set(quoted) <= set(table):
        return None
    return _Held(
        rows=frozenset(quoted),
        table=table,
        regions={city.country: city.region for city in statement.cities},
        quotes=quotes,
        days=frozenset(
            speak_date(day)
            for span in statement.spans
            for day in sources[span.source_id].dates_in(span.start, span.end)
            if day
        ),
        asked=statement.asked,
    )


@lru_cache(maxsize=64)
def _rows(text: str) -> tuple[_Row, ...]:
    return tuple(_Row(name, country, field, int(year)) for name, country, field, year in _ROW.findall(text))


def _is_whole(held: _Held) -> bool:
    """Say whether no row is left out between those that are quoted.

    Every scope of a question is so many countries, fields and years in a row; whatever the scope, a row of a
    quoted country and field from a year between the quoted ones is inside it.
    """
    years = sorted(row.year for row in held.rows)
    countries, fields = {row.country for row in held.rows}, {row.field for row in held.rows}
    return not held.rows or held.rows == {
        row
        for row in held.table
        if row.country in countries and row.field in fields and years[0] <= row.year <= years[-1]
    }


def _is_count(said: Said, held: _Held) -> bool:
    """5 member cities in Norland."""
    return _value(said["count"]) == len(held.rows) and held.rows == _scope(said, held)


def _is_count_of_countries(said: Said, held: _Held) -> bool:
    """3 countries have a City of Music."""
    return _value(said["count"]) == len({row.country for row in held.rows}) and held.rows == _scope(said, held)


def _is_most(said: Said, held: _Held) -> bool:
    """Norland has the most member cities, 5: the names, and no others, have that many."""
    scope, count = _scope(said, held), _value(said["count"])
    names = _parts(said["names"], {name for row in held.rows for name in (row.country, row.field)})
    kind = _kind(names, held.rows)
    if scope is None or not kind or Counter(getattr(row, kind) for row in held.rows) != dict.fromkeys(names, count):
        return False
    if held.rows != {row for row in scope if getattr(row, kind) in names}:
        return False
    others = Counter(getattr(row, kind) for row in scope - held.rows).values()
    if said["end"] == "most":
        return all(other < count for other in others)
    in_part = kind == "field" and _is_partly_known(said["where"] or "", held)
    return in_part or all(other > count for other in others)


def _is_extreme(said: Said, held: _Held) -> bool:
    """The first City of Film is Ardmouth (Norland), Film, designated in 2006."""
    named = _Row(said["name"], said["country"], said["field"], int(said["year"]))
    return held.rows == {named} and held.rows == _at_the_end(said, held)


def _are_extreme(said: Said, held: _Held) -> bool:
    """The first Cities of Design are 2 of 2014."""
    right = _value(said["count"]) == len(held.rows) and {row.year for row in held.rows} == {int(said["year"])}
    return right and held.rows == _at_the_end(said, held)


def _at_the_end(said: Said, held: _Held) -> frozenset[_Row]:
    """Return the rows of the first or the latest year of a scope."""
    scope = _scope(said, held) or frozenset()
    end = (min if said["end"] == "first" else max)((row.year for row in scope), default=0)
    return frozenset(row for row in scope if row.year == end)


def _is_none(said: Said, held: _Held) -> bool:
    """There is no City of Film in Osterland: the sentence that opens the table is quoted, and counts its rows."""
    return not held.rows and _counts_all(held) and _scope(said, held) == frozenset()


def _has_no_entry(said: Said, held: _Held) -> bool:
    """The table of all 12 member cities has no entry "Xanadu"."""
    names = (name for row in held.table for name in (row.name, row.country))
    known = any(_words_of(said["name"]) in _words_of(name) for name in names)
    total = _value(said["count"]) == len(held.table) and _counts_all(held)
    return not held.rows and total and not known and _period(said["when"] or "", held) is not None


def _is_group(said: Said, held: _Held) -> bool:
    """- Film (2): Ardmouth (2006), Torbeck (2014)."""
    counted = said["count"] is None or _value(said["count"]) == len(held.rows)
    of_group = said["group"] is None or _kind([said["group"]], held.rows) != ""
    if not (held.rows and counted and of_group):
        return False
    items = sorted(re.split(r"(?<=\)), ", said["items"]))
    if items == sorted(f"{row.name} ({row.country}, {row.year})" for row in held.rows):
        return True
    one_country = len({row.country for row in held.rows}) == 1
    return one_country and items == sorted(f"{row.name} ({row.year})" for row in held.rows)


def _are_shares(said: Said, held: _Held) -> bool:
    """- Norland (1), Osterland (2); in "After that come ..." from the most down, or from the fewest up."""
    shares = [(item[1], int(item[2])) for item in re.finditer(r"(.+?) \((\d+)\)(?:, |$)", said["items"])]
    kind = _kind([name for name, _ in shares], held.rows)
    if not kind or Counter(getattr(row, kind) for row in held.rows) != dict(shares) or len(dict(shares)) < len(shares):
        return False
    counts = [count for _, count in shares]
    return not said["after"] or counts in (sorted(counts), sorted(counts, reverse=True))


def _kind(names: Iterable[str], rows: Iterable[_Row]) -> str:
    """Return whether names are all the countries or all the fields of rows; '' where they are neither."""
    for kind in ("country", "field"):
        if set(names) == {getattr(row, kind) for row in rows}:
            return kind
    return ""


def _scope(said: Said, held: _Held) -> frozenset[_Row] | None:
    """Return the rows of the table that a sentence speaks of; None where its words cannot be made out."""
    period, inside = _period(said["when"] or "", held), _inside(said["where"] or "", held)
    if period is None or inside is None:
        return None
    fields = said["fields"].split(" or ") if said["fields"] else FIELDS
    return frozenset(row for row in inside if row.field in fields and period[0] <= row.year <= period[1])


def _period(when: str, held: _Held) -> tuple[int, int] | None:
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


def _inside(where: str, held: _Held) -> list[_Row] | None:
    """Return the rows in the countries or regions that are named; None where these are no names of such."""
    if not where:
        return [*held.table]
    if where.startswith(OF_REGION):
        return _of_regions(where.removeprefix(OF_REGION), held)
    known = _countries(held)
    countries: set[str] = set()
    for part in _parts(where, known):
        if part in known:
            countries.add(known[part])
        elif _of_question(part, held):
            countries |= held.regions.keys()  # a group of countries, of which the rows tell the members
        elif not _NAME_SHAPED.fullmatch(part) or any(_words_of(part) in _words_of(name) for name in known):
            return None  # else a country without a row
    return [row for row in held.table if row.country in countries]


def _of_regions(where: str, held: _Held) -> list[_Row] | None:
    """Return the rows in the regions; where the table leaves these open, all from a country of a region to its last."""
    names = _parts(where, REGIONS)
    if not set(names) <= REGIONS.keys() or not set(held.regions.values()) <= set(names):
        return None
    if regions := _regions(held.table):
        agreed = held.regions.items() <= regions.items()
        return [row for row in held.table if regions[row.country] in names] if agreed else None
    inside: list[_Row] = []
    for name in names:
        spots = [number for number, row in enumerate(held.table) if held.regions.get(row.country) == name]
        inside += held.table[spots[0] : spots[-1] + 1] if spots else ()
    return inside


@lru_cache(maxsize=8)
def _regions(table: tuple[_Row, ...]) -> dict[str, str]:
    """Return the region of each country, which the rows do not say, from their order: by region, then by country.

    A country that sorts before the one above it opens a region. Empty where not every region opens like this.
    """
    countries = list(dict.fromkeys(row.country for row in table))
    opens = [later < earlier for earlier, later in pairwise(countries)]
    if sum(opens) != len(REGIONS) - 1:
        return {}
    names = sorted(REGIONS)
    return {country: names[sum(opens[:number])] for number, country in enumerate(countries)}


def _countries(held: _Held) -> dict[str, str]:
    """Return the countries of the table by what they are called in a sentence: the United Kingdom too."""
    return {called: row.country for row in held.table for called in (row.country, f"the {row.country}")}


def _is_partly_known(where: str, held: _Held) -> bool:
    """Say whether not all countries of a place are known: a group of them, or a region that the order leaves open."""
    if where.startswith(OF_REGION):
        return not _regions(held.table)
    known = _countries(held)
    return any(part not in known for part in _parts(where, known) if where)


def _of_question(part: str, held: _Held) -> bool:
    return _words_of(part) in _words_of(held.asked)


def _parts(text: str, known: Iterable[str]) -> list[str]:
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


def _words_of(text: str) -> str:
    """Return the words of a text as names are compared, with a space on both sides of each."""
    words = " ".join(re.findall(r"\w+", plain(text)))
    return f" {words} "


def _value(count: str) -> int:
    """Return a count in digits or in words; -1 where it is none."""
    if count.isdecimal():
        return int(count)
    read = numbers(count)
    return int(read[0].value) if len(read) == 1 and not read[0].ordinal else -1


def _counts_all(held: _Held) -> bool:
    """Say whether a quote states as many rows as the table has."""
    return any(number.value == len(held.table) for quote in held.quotes for number in numbers(quote))


def _holds_earlier(line: str, spans: Iterable[Span], sources: Mapping[str, Source]) -> bool:
    """Say whether each value of a line of change stands in its own quote, beside the time or the round of that."""
    attributes: set[str] = set()
    subjects: set[str] = set()
    by_round: set[bool] = set()
    for span in spans:
        source = sources[span.source_id]
        subject, _, attribute = _heading(source.text, span.start).partition(": ")
        days = [speak_date(day) for day in source.dates_in(span.start, span.end) if day]
        times = "|".join(re.escape(time) for time in (subject, *days[:1]) if time and len(days) == 1)
        said = re.match(rf"(?P<value>.+?) \((?P<time>{times})\)(?:, |\.$)", line) if times else None
        if said is None or not _stands_in(said["value"], source.text[span.start : span.end]):
            return False
        line = line[said.end() :]
        attributes.add(attribute)
        by_round.add(said["time"] == subject)
        subjects |= set() if said["time"] == subject else {subject}
    return not line and len(attributes) == len(by_round) == 1 and len(subjects) <= 1


def _heading(text: str, start: int) -> str:
    """Return the heading that stands over a place."""
    above = [line for line in text[:start].split("\n") if line.startswith("## ")]
    return above[-1].removeprefix("## ") if above else ""


def _stands_in(value: str, quote: str) -> bool:
    """Say whether a quote holds a value as whole words, and not as a part of a date or of a longer number."""
    inside = [(date.start, date.end) for date in dates(quote)]
    found = re.finditer(rf"(?<!\w)(?<!\d[.,]){re.escape(value)}(?!\w)(?![.,]\d)", quote)
    return any(
        not any(start <= match.start() < end and match.end() - match.start() < end - start for start, end in inside)
        for match in found
    )


_FORMS: tuple[tuple[re.Pattern[str], Check], ...] = (
    (re.compile(rf"By our count there (?:is|are|was|were) {_COUNT} {_NOUN}{_WHERE}{_WHEN}[.:]"), _is_count),
    (
        re.compile(rf"By our count {_COUNT} countr(?:y|ies){_WHERE} (?:has|have) a {_NOUN}{_WHEN}[.:]"),
        _is_count_of_countries,
    ),
    (
        re.compile(
            rf"By our count (?P<names>[^:]+) (?:has|each have) the (?P<end>most|fewest) {_NOUN}{_WHERE}"
            rf", {_COUNT}{_WHEN}\."
        ),
        _is_most,
    ),
    (
        re.compile(
            rf"By our table the (?P<end>first|latest) {_NOUN}{_WHERE}{_WHEN} is (?P<name>.+) "
            r"\((?P<country>[^()]+)\), (?P<field>[^,]+), designated in (?P<year>\d{4})\."
        ),
        _is_extreme,
    ),
    (
        re.compile(
            rf"By our table the (?P<end>first|latest) {_NOUN}{_WHERE}{_WHEN} are {_COUNT} of (?P<year>\d{{4}})[.:]"
        ),
        _are_extreme,
    ),
    (re.compile(rf"By our table there (?:is|was) no {_NOUN}{_WHERE}{_WHEN}\."), _is_none),
    (
        re.compile(
            rf"The table of all {_COUNT} member cities has no entry “(?P<name>[^”]+)”(?P<when>, as of [^,]+)?\."
        ),
        _has_no_entry,
    ),
    (re.compile(rf"- (?:(?P<group>[^():]+) \((?P<count>\d+)\): )?(?P<items>{_ITEM}(?:, {_ITEM})*)"), _is_group),
    (re.compile(rf"(?:- |(?P<after>After that come ))(?P<items>{_SHARE}(?:, {_SHARE})*)\.?"), _are_shares),
)  # fmt: skip
