"""Checks a corpus for what would make an answer wrong or unreadable: each problem by file and line, with what to do."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.chunk import chunk, count_words
from assistant.corpus import MEMBERS, NETWORK_SUBJECT, Corpus, place, read_corpus, unknown_ids
from assistant.evidence import POINTS_BACK
from assistant.path import FILE as PATH_FILE
from assistant.path import read_rows
from assistant.records import City, Source, Unit
from assistant.values import numbers
from assistant.vocabulary import FIELDS

NEW_CITIES = "new cities"  # of one year; no year has brought new cities twice since totals of them are stated
LONGEST = {"sentence": 40, "item": 50, "row": 90}  # words of a statement; our guide asks for about 30

_DOCUMENT_KINDS = ("official", "member city", "organisation", "press", "unofficial", "compiled")
_STATED = ("id", "title", "publisher", "language", "kind")  # front matter that must not be empty
_LINE_OF_REASON = re.compile(r"line (\d+): ")


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something in a corpus that has to be mended."""

    path: str
    line: int  # from 1; 0 where it concerns the whole file
    text: str  # what is wrong and what to do


def check_corpus(folder: Path) -> tuple[Corpus, list[Problem]]:
    """Read a corpus and return its problems by file and line; raise CorpusError where nothing can be read."""
    corpus = read_corpus(folder)
    found = [_unread(file.path, file.reason) for file in corpus.unreadable]
    found += _repeated(corpus, folder)
    for source in corpus.sources:
        if source.kind not in ("table", "view"):
            found += _document(source, folder, corpus)
    found += [*_cities(corpus), *_facts(corpus), *_totals(corpus), *_expected(corpus), *_path(corpus, folder)]
    return corpus, sorted(set(found))


def _unread(path: str, reason: str) -> Problem:
    line = _LINE_OF_REASON.match(reason)
    return Problem(path, int(line[1]), reason[line.end() :]) if line else Problem(path, 0, reason)


def _document(source: Source, folder: Path, corpus: Corpus) -> Iterator[Problem]:
    raw = _raw(source, folder)
    if raw[0].rstrip() == "---":
        stated = {line.split(":")[0]: line.partition(":")[2].strip(" \"'") for line in raw[: _end_of_front_matter(raw)]}
        for name in _STATED:
            if not stated.get(name):
                yield Problem(source.path, 1, f"the front matter has no {name}: add it")
        if not source.date:
            yield Problem(source.path, 1, "the front matter has no date: fill as_of or published")
        if source.id != Path(source.path).stem:
            yield Problem(source.path, 2, f"the id {source.id!r} is not the file's name: make them the same")
        if source.kind and source.kind not in _DOCUMENT_KINDS:
            yield Problem(source.path, 1, f"kind {source.kind!r} is none of {', '.join(_DOCUMENT_KINDS)}: choose one")
    for number, line in enumerate(raw, 1):
        for id_ in unknown_ids(line, corpus.tables.origins):
            yield Problem(source.path, number, f"the source {id_} is not in sources.csv: add it there or mend the id")
    for unit in _units(source):
        line_number = _line_of(unit, raw)
        words = count_words(unit.text)
        introduces = unit.text.endswith(":")
        if source.kind == "compiled" and not introduces and not source.attributed(unit.start, unit.end):
            yield Problem(source.path, line_number, f"no source behind {_start(unit.text)}: add its id in brackets")
        if words > LONGEST[unit.kind]:
            yield Problem(source.path, line_number, f"{words} words in one {unit.kind}, {_start(unit.text)}: part it")
        if source.kind == "compiled" and unit.kind == "sentence" and POINTS_BACK.match(unit.text):
            text = f"{_start(unit.text)} does not say what it speaks of: name its subject again"
            yield Problem(source.path, line_number, text)


def _repeated(corpus: Corpus, folder: Path) -> Iterator[Problem]:
    """Yield the sentences that two documents share: they would be quoted twice."""
    first: dict[str, str] = {}
    for source in corpus.sources:
        for unit in _units(source) if source.kind == "compiled" else ():
            if unit.kind == "sentence" and not unit.text.endswith(":"):
                other = first.setdefault(unit.text.casefold(), source.path)
                if other != source.path:
                    line = _line_of(unit, _raw(source, folder))
                    yield Problem(source.path, line, f"{_start(unit.text)} stands in {other} too: keep it in one")


def _cities(corpus: Corpus) -> Iterator[Problem]:
    tables = corpus.tables
    countries = {country.name: country for country in tables.countries}
    called: dict[str, list[City]] = defaultdict(list)
    for city in tables.cities:
        for name in {place(city), *city.aliases}:
            called[name.casefold()].append(city)
    for city in tables.cities:
        line = tables.lines["cities.csv", f"{city.name}, {city.country}"]
        country = countries.get(city.country)
        if city.field not in FIELDS:
            yield Problem("cities.csv", line, f"{city.field!r} is no creative field: write one of {', '.join(FIELDS)}")
        if tables.countries and not country:
            yield Problem("cities.csv", line, f"{city.country} is not in countries.csv: add it or mend the name")
        elif country and country.region != city.region:
            text = f"{city.country} is in {country.region} by countries.csv, not in {city.region}: mend one of them"
            yield Problem("cities.csv", line, text)
        if (city.latitude is None) != (city.longitude is None):
            yield Problem("cities.csv", line, "one coordinate without the other: give both or none")
        for alias in city.aliases:
            others = [other.name for other in called[alias.casefold()] if other != city]
            if others and place(city) not in {place(other) for other in called[alias.casefold()] if other != city}:
                yield Problem("cities.csv", line, f"{alias!r} is a name of {others[0]} too: keep it for one of them")


def _facts(corpus: Corpus) -> Iterator[Problem]:
    tables = corpus.tables
    for fact in tables.facts:
        line = tables.lines["facts.csv", fact.id]
        held = {number.value for number in numbers(fact.statement)}
        if fact.value.isdigit() and fact.unit != "year" and float(fact.value) not in held:
            yield Problem("facts.csv", line, f"the value {fact.value} is not in the statement: mend one of them")
        if not fact.statement.endswith("."):
            yield Problem("facts.csv", line, "the statement is no whole sentence: end it with a full stop")


def _expected(corpus: Corpus) -> Iterator[Problem]:
    """Yield the expected questions that lead nowhere, or to two statements."""
    tables = corpus.tables
    searched = (source for source in corpus.sources if source.kind != "view")
    stated = {source.id: Counter(unit.text for unit in _units(source)) for source in searched}
    first: dict[tuple[str, str], int] = {}
    for row in tables.expected:
        line = tables.lines["questions.csv", f"{row.document} ({row.language}): {row.statement}"]
        if row.document not in stated:
            yield Problem("questions.csv", line, f"there is no document {row.document!r}: mend the id")
        elif row.statement not in stated[row.document]:
            text = f"{_start(row.statement)} is no statement of {row.document}: write it as it stands there now"
            yield Problem("questions.csv", line, text)
        elif (times := stated[row.document][row.statement]) > 1:
            text = f"{_start(row.statement)} stands {times} times in {row.document}: say in each what it speaks of"
            yield Problem("questions.csv", line, text)
        for question in row.questions:
            other = first.setdefault((row.language, question.casefold()), line)
            if other != line:
                text = f"{_start(question)} is expected in line {other} too: keep it where it is answered best"
                yield Problem("questions.csv", line, text)


def _path(corpus: Corpus, folder: Path) -> Iterator[Problem]:
    """Yield the lines of the application path whose statement is gone, or stands there more than once."""
    rows, unread = read_rows(folder)
    yield from (_unread(file.path, file.reason) for file in unread)
    stated = {source.id: Counter(unit.text for unit in _units(source)) for source in corpus.sources if rows}
    for row in rows:
        if row.document not in stated:
            yield Problem(PATH_FILE, row.number, f"there is no document {row.document!r}: mend the id")
        elif (times := stated[row.document][row.statement]) != 1:
            count = f"stands {times} times in" if times else "is no statement of"
            text = f"{_start(row.statement)} {count} {row.document}: write one as it stands there now"
            yield Problem(PATH_FILE, row.number, text)


def _totals(corpus: Corpus) -> Iterator[Problem]:
    """Yield where the table of cities disagrees with a published total: of the Network, a country, or a field."""
    tables = corpus.tables
    for fact in tables.facts if tables.cities else ():
        counted = _counted(fact.subject, fact.attribute, tables.cities)
        if counted is None or not fact.value.isdigit():
            continue
        year, total = int(fact.as_of[:4]), int(fact.value)
        before, by_then = (sum(city.year <= last for city in counted) for last in (year - 1, year))
        held, least, most = f"{before} before {year} and {by_then} by its end", before, by_then
        if fact.attribute == NEW_CITIES:
            held, least, most = f"{by_then - before} of {year}", by_then - before, by_then - before
        if not least <= total <= most:
            text = (
                f"{fact.subject}, {fact.attribute}: {total} as of {fact.as_of}, but cities.csv has {held}: "
                "mend the table, or say in the statement why they differ and "
                'write the attribute as "stated ..."'
            )
            yield Problem("facts.csv", tables.lines["facts.csv", fact.id], text)


def _counted(subject: str, attribute: str, cities: Iterable[City]) -> list[City] | None:
    """Return the cities that a stated total counts, or None where it is a total of something else."""
    inside = [city for city in cities if subject in (NETWORK_SUBJECT, city.country)]
    if not inside:
        return None
    if attribute in (MEMBERS, NEW_CITIES):
        return inside
    fields = {f"cities of {name.lower()}": name for name in FIELDS}
    return [city for city in inside if city.field == fields[attribute]] if attribute in fields else None


def _units(source: Source) -> Iterator[Unit]:
    for passage in chunk(source):
        yield from passage.units


def _raw(source: Source, folder: Path) -> list[str]:
    return (folder / source.path).read_text(encoding="utf-8-sig", errors="replace").splitlines()


def _end_of_front_matter(raw: Sequence[str]) -> int:
    return next((number for number, line in enumerate(raw) if number and line.rstrip() == "---"), 0)


def _line_of(unit: Unit, raw: Sequence[str]) -> int:
    """Return the line of a unit in its file, or 1: marks such as bold stand in the file alone."""
    cells = _cells_of(unit.text)
    for number, line in enumerate(raw, 1):
        if _cells_of(line)[: len(cells)] == cells if unit.kind == "row" else unit.text[:60] in line:
            return number
    return 1


def _cells_of(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("| ").split("|")]


def _start(text: str) -> str:
    return f"“{text[:60].rstrip()}…”" if len(text) > 60 else f"“{text}”"


def cited_by(corpus: Corpus) -> Mapping[str, int]:
    """Return how many statements of the corpus rest on each origin, by its id."""
    counts: Counter[str] = Counter(dict.fromkeys(corpus.tables.origins, 0))
    for source in corpus.sources:
        for attribution in source.attributions:
            counts.update(attribution.origins)
    return counts
