"""Reads the tables of `corpus/`: sources, cities, countries and dated facts; a broken row is told, the rest is read."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar, get_args

from assistant.records import Attribution, City, Country, Expected, Fact, Firmness, Group, Origin, Source, Unreadable
from assistant.values import is_iso_date, speak_date

TABLES = (
    "sources.csv",
    "cities.csv",
    "countries.csv",
    "groups.csv",
    "subdivisions.csv",
    "facts.csv",
    "questions.csv",
)
CITIES_ID, FACTS_ID = "member-cities", "dated-facts"
SUBDIVISIONS_ID = "member-cities-by-subdivision"
NETWORK_SUBJECT, MEMBERS = "UCCN", "member cities"
LANGUAGES = ("fr", "es", "pt", "zh", "ar", "ru", "de")

_KINDS = (
    "unesco",
    "national commission",
    "government",
    "member city",
    "network",
    "organisation",
    "press",
    "reference",
    "project",
)
_COLUMNS = {
    "sources.csv": "id title publisher url date language kind firmness note",
    "cities.csv": "city country region field year latitude longitude aliases sources confidence note",
    "countries.csv": "country code region adjective demonym aliases " + " ".join(LANGUAGES),
    "groups.csv": "group aliases countries note",
    "subdivisions.csv": "subdivision country aliases cities",
    "facts.csv": "id subject attribute value unit as_of source statement",
    "questions.csv": "document statement language questions",
}
FIRST_YEAR = 2004  # the Network was founded
NO_OPENING = ("", Attribution(0, 0, ()))

Record = TypeVar("Record")
Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Tables:
    """What the tables of a corpus hold, in the order of their rows."""

    origins: Mapping[str, Origin] = field(default_factory=dict)
    cities: tuple[City, ...] = ()
    countries: tuple[Country, ...] = ()
    groups: tuple[Group, ...] = ()
    facts: tuple[Fact, ...] = ()
    expected: tuple[Expected, ...] = ()
    lines: Mapping[tuple[str, str], int] = field(default_factory=dict)  # (file, key of a row) -> line, for messages


def read_tables(folder: Path) -> tuple[Tables, list[Unreadable]]:
    """Read the tables that a corpus folder has, and tell each row that cannot be read by file and line."""
    problems: list[Unreadable] = []
    lines: dict[tuple[str, str], int] = {}

    def read(name: str, make: Callable[[Row], Record], key: Callable[[Record], str]) -> dict[str, Record]:
        found: dict[str, Record] = {}
        for line, row in _rows(folder / name, problems):
            try:
                record = make(row)
                if key(record) in found:
                    raise ValueError(f"{key(record)} stands in line {lines[name, key(record)]} too; remove one of them")
            except ValueError as error:
                problems.append(Unreadable(name, f"line {line}: {error}"))
                continue
            found[key(record)] = record
            lines[name, key(record)] = line
        return found

    origins = read("sources.csv", _origin, lambda origin: origin.id)
    cities = read("cities.csv", lambda row: _city(row, origins), lambda city: f"{city.name}, {city.country}")
    countries = read("countries.csv", _country, lambda country: country.name)
    groups = read("groups.csv", lambda row: _group(row, countries), lambda group: group.name)
    subdivisions = read("subdivisions.csv", lambda row: _subdivision(row, countries, cities), lambda part: part.name)
    facts = read("facts.csv", lambda row: _fact(row, origins), lambda fact: fact.id)
    expected = read("questions.csv", _expected, lambda row: f"{row.document} ({row.language}): {row.statement}")
    tables = Tables(
        origins=origins,
        cities=tuple(cities.values()),
        countries=tuple(countries.values()),
        groups=(*groups.values(), *subdivisions.values()),
        facts=tuple(facts.values()),
        expected=tuple(expected.values()),
        lines=lines,
    )
    return tables, problems


def table_sources(tables: Tables) -> tuple[Source, ...]:
    """Write the tables as sources of one statement a line: cities by country, field, year, and facts by subject.

    The orders of the cities hold the same statements, so that cities that are listed together stand together.
    """
    sources: list[Source] = []
    state = state_of_table(tables)
    for id_, title, order, heading in _ORDERS if tables.cities else ():
        cities = sorted(tables.cities, key=order)
        rows = ((heading(city), city_statement(city), Attribution(0, 0, city.origins, state)) for city in cities)
        text, attributions = _written(_opening(tables), rows)
        sources.append(_table(id_, title, text, attributions, kind="view", path="cities.csv"))
    if parts := [group for group in tables.groups if group.cities]:
        lying = [(group, city) for group in parts for city in tables.cities if lies_in(city, group)]
        rows = (
            (f"{group.name}, {city.country}", city_statement(city), Attribution(0, 0, city.origins, state))
            for group, city in lying
        )
        text, attributions = _written(_opening(tables), rows)
        title = "Member cities of the UNESCO Creative Cities Network, by state, province or region (by GeoNames)"
        sources.append(_table(SUBDIVISIONS_ID, title, text, attributions, kind="view", path="subdivisions.csv"))
    if tables.facts:
        facts = sorted(tables.facts, key=lambda fact: (fact.subject, fact.attribute, fact.as_of, fact.id))
        said = (
            (f"{fact.subject}: {fact.attribute}", fact.statement, Attribution(0, 0, fact.origins, fact.as_of))
            for fact in facts
        )
        text, attributions = _written(NO_OPENING, said)
        title = "Dated facts about the UNESCO Creative Cities Network"
        sources.append(_table(FACTS_ID, title, text, attributions, kind="table", path="facts.csv"))
    return tuple(sources)


_ORDERS: tuple[tuple[str, str, Callable[[City], tuple[str | int, ...]], Callable[[City], str]], ...] = (
    (
        CITIES_ID,
        "Member cities of the UNESCO Creative Cities Network, by country",
        lambda city: (city.region, city.country, city.field, city.year, city.name),
        lambda city: f"Member cities in {city.country}",
    ),
    (
        "member-cities-by-field",
        "Member cities of the UNESCO Creative Cities Network, by field",
        lambda city: (city.field, city.region, city.country, city.year, city.name),
        lambda city: f"Cities of {city.field}",
    ),
    (
        "member-cities-by-year",
        "Member cities of the UNESCO Creative Cities Network, by year of designation",
        lambda city: (city.year, city.field, city.country, city.name),
        lambda city: f"Cities designated in {city.year}",
    ),
)


def city_statement(city: City) -> str:
    """Return the sentence that a row of the table makes, with its note."""
    said = (
        f"{place(city)} ({city.country}) is a UNESCO Creative City of {city.field} and has been a member of the "
        f"UNESCO Creative Cities Network since {city.year}."
    )
    return f"{said} {city.note}" if city.note else said


def lies_in(city: City, group: Group) -> bool:
    """Say whether a city lies in a group of countries, or in a subdivision of one."""
    return city.country in group.countries and (group.cities is None or city.name in group.cities)


def place(city: City) -> str:
    """Return the name of a city without the country that tells it from another of its name."""
    return city.name.removesuffix(f" ({city.country})")


def state_of_table(tables: Tables) -> str:
    """Return the day for which a source states as many member cities as the table has, or ''."""
    published = _published_total(tables)
    return published.as_of if published else ""


def _published_total(tables: Tables) -> Fact | None:
    total = (NETWORK_SUBJECT, MEMBERS, str(len(tables.cities)))
    agreeing = [fact for fact in tables.facts if (fact.subject, fact.attribute, fact.value) == total]
    return max(agreeing, key=lambda fact: fact.as_of, default=None)


def _opening(tables: Tables) -> tuple[str, Attribution]:
    """Return the sentence that opens the table of cities, and what the total in it rests on."""
    published = _published_total(tables)
    if not published:
        return NO_OPENING
    text = f"This table lists all {published.value} member cities as of {speak_date(published.as_of)}."
    return text, Attribution(0, len(text), published.origins, published.as_of)


def _written(
    opening: tuple[str, Attribution], rows: Iterable[tuple[str, str, Attribution]]
) -> tuple[str, tuple[Attribution, ...]]:
    """Return statements line by line under their headings, and what each rests on, at its place."""
    parts = [opening[0]] if opening[0] else []
    attributions = [opening[1]] if opening[0] else []
    length, above = len(opening[0]), ""
    for heading, statement, attribution in rows:
        for part in (f"## {heading}", statement) if heading != above else (statement,):
            length += 2 if parts else 0
            parts.append(part)
            length += len(part)
        above = heading
        attributions.append(replace(attribution, start=length - len(statement), end=length))
    return "\n\n".join(parts), tuple(attributions)


def _table(id_: str, title: str, text: str, attributions: tuple[Attribution, ...], *, kind: str, path: str) -> Source:
    return Source(
        id_,
        title,
        text,
        publisher="UCCN Assistant project",
        as_of=max(attribution.date for attribution in attributions),
        kind=kind,
        path=path,
        attributions=attributions,
    )


def _rows(path: Path, problems: list[Unreadable]) -> Iterator[tuple[int, Row]]:
    """Yield each row with its line; a file without the columns that it needs is one problem."""
    if not path.is_file():
        return
    wanted = _COLUMNS[path.name].split()
    try:
        rows = _numbered(path, problems)
        line, header = next(rows, (1, []))
        if missing := [column for column in wanted if column not in header]:
            problems.append(Unreadable(path.name, f"line {line}: the column {missing[0]!r} is missing; add it"))
            return
        for line, cells in rows:
            if len(cells) != len(header):
                reason = f"line {line}: it has not {len(header)} cells; put quotes around a cell with a comma"
                problems.append(Unreadable(path.name, reason))
                continue
            row = dict(zip(header, cells, strict=True))
            yield line, {column: row[column].strip() for column in wanted}
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Unreadable(path.name, f"it cannot be read as a UTF-8 CSV file ({error}); save it again"))


def _numbered(path: Path, problems: list[Unreadable]) -> Iterator[tuple[int, list[str]]]:
    """Yield the cells of each row with the line on which it begins; tell one with broken quotes and go on behind it."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                reason = f"line {line}: its quotation marks do not match ({error}); write one inside a cell twice"
                problems.append(Unreadable(path.name, reason))
                continue
            if cells is None:
                return
            if cells:
                yield line, cells


def _origin(row: Row) -> Origin:
    _filled(row, "id", "title", "publisher", "firmness")
    if row["firmness"] not in get_args(Firmness):
        raise ValueError(f"firmness {row['firmness']!r} is none of {', '.join(get_args(Firmness))}; choose one")
    if row["kind"] not in _KINDS:
        raise ValueError(f"kind {row['kind']!r} is none of {', '.join(_KINDS)}; choose one")
    return Origin(**{**row, "date": _iso(row["date"], "date")})  # type: ignore[arg-type]


def _city(row: Row, origins: Mapping[str, Origin]) -> City:
    _filled(row, "city", "country", "region", "field", "year", "sources", "confidence")
    if not re.fullmatch(r"20\d\d", row["year"]) or int(row["year"]) < FIRST_YEAR:
        raise ValueError(f"year {row['year']!r} is no year since {FIRST_YEAR}; write it as 2021")
    return City(
        name=row["city"],
        country=row["country"],
        region=row["region"],
        field=row["field"],
        year=int(row["year"]),
        origins=_known(row["sources"], origins),
        firm=row["confidence"] == "high",
        aliases=_several(row["aliases"], "|"),
        latitude=_degrees(row["latitude"], 90),
        longitude=_degrees(row["longitude"], 180),
        note=row["note"],
    )


def _country(row: Row) -> Country:
    _filled(row, "country", "code")
    return Country(
        name=row["country"],
        code=row["code"],
        region=row["region"],
        adjectives=_several(f"{row['adjective']}|{row['demonym']}", "|"),
        aliases=_several(row["aliases"], "|"),
        names={language: _several(row[language], "|") for language in LANGUAGES},
    )


def _group(row: Row, countries: Mapping[str, Country]) -> Group:
    _filled(row, "group", "countries")
    members = _several(row["countries"], "|")
    if unknown := [name for name in members if name not in countries]:
        raise ValueError(f"{unknown[0]} is not in countries.csv; add it there or mend the name")
    return Group(row["group"], _several(row["aliases"], "|"), members, row["note"])


def _subdivision(row: Row, countries: Mapping[str, Country], cities: Mapping[str, City]) -> Group:
    _filled(row, "subdivision", "country")
    if row["country"] not in countries:
        raise ValueError(f"{row['country']} is not in countries.csv; add it there or mend the name")
    inside = _several(row["cities"], "|")
    if unknown := [name for name in inside if f"{name}, {row['country']}" not in cities]:
        raise ValueError(f"{unknown[0]} is no city of {row['country']} in cities.csv; mend the name")
    return Group(row["subdivision"], _several(row["aliases"], "|"), (row["country"],), cities=inside)


def _fact(row: Row, origins: Mapping[str, Origin]) -> Fact:
    _filled(row, "id", "subject", "attribute", "value", "as_of", "source", "statement")
    return Fact(
        id=row["id"],
        subject=row["subject"],
        attribute=row["attribute"],
        value=row["value"],
        unit=row["unit"],
        as_of=_iso(row["as_of"], "as_of"),
        origins=_known(row["source"], origins),
        statement=row["statement"],
    )


def _expected(row: Row) -> Expected:
    _filled(row, "document", "statement", "language", "questions")
    return Expected(row["document"], row["statement"], _several(row["questions"], "|"), row["language"])


def _filled(row: Row, *columns: str) -> None:
    if empty := [column for column in columns if not row[column]]:
        raise ValueError(f"{empty[0]} is empty; fill it or remove the row")


def _iso(stated: str, column: str) -> str:
    if stated and not is_iso_date(stated):
        raise ValueError(f"{column} {stated!r} is no date; write 2021, 2021-06 or 2021-06-30")
    return stated


def _known(ids: str, origins: Mapping[str, Origin]) -> tuple[str, ...]:
    found = _several(ids, ";")
    if unknown := [id_ for id_ in found if id_ not in origins]:
        raise ValueError(f"the source {unknown[0]} is not in sources.csv; add it there or mend the id")
    return found


def _degrees(stated: str, most: int) -> float | None:
    if not stated:
        return None
    try:
        degrees = float(stated)
    except ValueError as error:
        raise ValueError(f"{stated!r} is no number of degrees; write 48.8566, or nothing") from error
    if not abs(degrees) <= most:  # nor `nan`
        raise ValueError(f"{stated} degrees are not within {most}; mend them, or write nothing")
    return degrees


def _several(cell: str, separator: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in cell.split(separator) if part.strip()))
