"""What the chat page shows beside an answer: its cities as rows, how its value changed, what may be asked next."""

import re
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain

from assistant.corpus import FACTS_ID, city_statement, place
from assistant.facts import UNKNOWN
from assistant.index import Index
from assistant.known import forms_of
from assistant.phrases import FOLDER, LANGUAGES, phrases_of
from assistant.records import City, Fact, Passage, Unit
from assistant.values import numbers

OFFERED = (
    FOLDER / "offered.txt"
)  # the expected questions that are answered by their statement: evals/offer.py writes it
MOST_NEXT = 3  # questions offered
SHORTEST_QUESTION, LONGEST_QUESTION = 8, 90  # characters of a question that is offered
NEARLY = 4  # words in common for each that is not, in two questions that count as one
LONGEST_SERIES = 12  # values of one thing at different times
_SENTENCE = re.compile(r"[A-ZÀ-Ý¿¡\u0400-\u04ff\u0600-\u06ff\u4e00-\u9fff\d].*[?？؟]")
_CALL = re.compile(r"20\d\d call")
_PERSONAL = re.compile(r"\b(?:I|we|our|us|my|me|you|your)\b", re.IGNORECASE)
_ENGLISH_QUESTION = re.compile(
    r"(?:What|Which|When|Who|Whom|Where|Why|How|Can|Could|Does|Do|Did|Is|Are|Was|Were|Must|May|Has|Have) [^,;:]+"
)

# Readings of `known` that go on from an answer about cities, and from one about the Network or a call.
_AFTER_CITIES = (
    "Which cities of {country} are members?",
    "Which cities joined the Network in {year}?",
    "Which cities are Cities of {field}?",
    "Which country has the most Cities of {field}?",
)
# The same after any answer, each with the attribute of the facts that answer it; '' where the table does.
_OF_CALL = {
    "When was the deadline of the [{year} ]call?": "closing day",
    "How many cities could a country put forward in the [{year} ]call?": "bids a country",
    "When were the results of the [{year} ]call announced?": "result day",
}
_OF_NETWORK = {
    "How many cities are in the Network?": "member cities",
    "Which country has the most member cities?": "",
    "Which creative fields are there?": "creative fields",
}
_NETWORK = "UCCN"  # the subject of its facts


@dataclass(frozen=True, slots=True)
class Stretch:
    """Where a quote stands: `source.text[start:end]`."""

    source_id: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Row:
    """A member city as a table, a map or a chart shows it; names of country, region and field in one language."""

    name: str
    country: str
    region: str
    field: str
    field_key: str  # English, the same in every language
    region_key: str
    year: int
    latitude: float | None
    longitude: float | None
    note: str


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a thing, and the day from which or of which it is known."""

    subject: str
    value: str
    unit: str
    as_of: str  # ISO
    number: float | None  # where the value is one


@dataclass(frozen=True, slots=True)
class Exhibit:
    """All that is shown beside one answer."""

    cities: tuple[Row, ...] = ()
    series: tuple[Value, ...] = ()  # oldest first
    next: tuple[str, ...] = ()
    kinds: dict[str, str] = field(default_factory=dict)  # by source id: official, press, ...


class Exhibits:
    """The tables and the expected questions of an index, by the places that an answer quotes."""

    def __init__(self, index: Index, language_of: Callable[[str], str], offered: Container[str]) -> None:
        """Take an index, what tells the language of a question, and the expected questions that may be offered."""
        self._index = index
        self._offered = offered
        self._language_of = language_of
        self._facts = {fact.statement: fact for fact in index.tables.facts}
        self._stated = {(fact.subject, fact.attribute) for fact in index.tables.facts if fact.unit != UNKNOWN}
        decided = [subject for subject, attribute in self._stated if attribute == "result day"]
        self._newest_call = max(filter(_CALL.fullmatch, decided), default="")
        self._names = {country.name: country.names for country in index.tables.countries}
        self._rows: dict[str, list[tuple[int, int, City]]] = {}
        for view in (source for source in index.sources.values() if source.path == "cities.csv"):
            self._rows[view.id] = []
            for city in index.tables.cities:
                if (start := view.text.find(f"\n{city_statement(city)}") + 1) > 0:
                    self._rows[view.id].append((start, start + len(city_statement(city)), city))
        self._passages: dict[str, list[Passage]] = {}
        for passage in index.passages.values():
            self._passages.setdefault(passage.source_id, []).append(passage)
        for passages in self._passages.values():
            passages.sort(key=lambda passage: passage.start)
        self._translated: dict[str, list[str]] = {}
        for asked, reading in index.expected:
            if asked != reading:
                self._translated.setdefault(reading, []).append(asked)

    def cities(self, language: str = "en") -> list[Row]:
        """Return every member city, in the order of the table."""
        return [self._row(city, language) for city in self._index.tables.cities]

    def beside(
        self,
        stretches: Sequence[Stretch],
        *,
        language: str = "en",
        asked: Iterable[str] = (),
        meant: Container[str] = (),
    ) -> Exhibit:
        """Return what belongs beside an answer that quotes these stretches, in a conversation that asked these.

        `meant` are English expected questions that ask the same: a statement that is known to answer one is left out.
        """
        known = [one for one in stretches if one.source_id in self._index.sources]
        cities = self._quoted_cities(known)
        facts = self._quoted_facts(known)
        questions = self._after_cities(cities, language)
        if facts:
            questions += self._after_facts(facts, language)
        questions += self._after_documents(known, language, meant)
        if not facts:
            questions += self._after_facts(facts, language)
        return Exhibit(
            tuple(self._row(city, language) for city in cities),
            _series(facts),
            tuple(_different(questions, asked))[:MOST_NEXT],
            {one.source_id: self._index.sources[one.source_id].kind for one in known},
        )

    def near(self, questions: Iterable[str], *, language: str = "en", asked: Iterable[str] = ()) -> tuple[str, ...]:
        """Return those of some English expected questions that can be offered, in a language, then some of any kind."""
        offered = [*filter(None, (self._worded(question, language) for question in questions))]
        return tuple(_different(offered + self._after_facts((), language), asked))[:MOST_NEXT]

    def _row(self, city: City, language: str) -> Row:
        phrases = phrases_of(language) if language in LANGUAGES else None
        names = self._names.get(city.country, {}).get(language)
        return Row(
            place(city),
            names[0] if names else city.country,
            phrases.regions.get(city.region, city.region) if phrases else city.region,
            _capital(phrases.fields.get(city.field, city.field)) if phrases else city.field,
            city.field,
            city.region,
            city.year,
            city.latitude,
            city.longitude,
            city.note,
        )

    def _quoted_cities(self, stretches: Iterable[Stretch]) -> list[City]:
        found: dict[City, None] = {}
        for one in stretches:
            for start, end, city in self._rows.get(one.source_id, ()):
                if start < one.end and one.start < end:
                    found[city] = None
        return list(found)

    def _quoted_facts(self, stretches: Iterable[Stretch]) -> list[Fact]:
        text = self._index.sources[FACTS_ID].text if FACTS_ID in self._index.sources else ""
        quotes = (text[one.start : one.end] for one in stretches if one.source_id == FACTS_ID)
        return [self._facts[quote] for quote in quotes if quote in self._facts]

    def _after_documents(self, stretches: Sequence[Stretch], language: str, meant: Container[str]) -> list[str]:
        """Return a question for each statement near the quoted ones: of the same passage first, then of the next."""
        found: list[str] = []
        for one in stretches[:2]:
            passages = self._passages.get(one.source_id, [])
            here = next((n for n, passage in enumerate(passages) if passage.end > one.start), len(passages) - 1)
            near = sorted(range(len(passages)), key=lambda n: (abs(n - here), -n))[:4]
            for n in near:
                for unit in passages[n].units:
                    answered = _quoted(one.source_id, unit, stretches) or any(one in meant for one in unit.expected)
                    if not answered and (question := self._of_unit(unit, language)):
                        found.append(question)
        return found

    def _of_unit(self, unit: Unit, language: str) -> str:
        return next(filter(None, (self._worded(question, language) for question in plainest(unit.expected))), "")

    def _worded(self, question: str, language: str) -> str:
        """Return an expected question in a language, '' where it is not expected in that one."""
        own = [question] if language == "en" else self._translated.get(question, ())
        offered = (one for one in own if one in self._offered)
        return next((one for one in offered if language == "en" or self._language_of(one) == language), "")

    def _after_cities(self, cities: Sequence[City], language: str) -> list[str]:
        """Return questions on what the cities of an answer do not share already."""
        if not cities:
            return []
        city = cities[0]
        open_ = {name for name in ("country", "year", "field") if len({getattr(one, name) for one in cities}) > 1}
        if len(cities) == 1:
            open_ = {"country", "year", "field"}
        names = self._names.get(city.country, {}).get(language) or (city.country,)
        field = phrases_of(language).fields.get(city.field, city.field) if language in LANGUAGES else city.field
        slots = {"country": names[0], "year": str(city.year), "field": field}
        return list(_filled(_AFTER_CITIES, {name: slots[name] for name in sorted(open_)}, language))

    def _after_facts(self, quoted: Sequence[Fact], language: str) -> list[str]:
        """Return questions on other attributes of the call that is quoted, else of the newest, and of the Network."""
        calls = [fact.subject for fact in quoted if _CALL.fullmatch(fact.subject)]
        call = next(iter(calls), self._newest_call)
        answered = {(fact.subject, fact.attribute) for fact in quoted}
        of_call = [reading for reading, attribute in _OF_CALL.items() if self._states(call, attribute, answered)]
        of_network = [
            reading
            for reading, attribute in _OF_NETWORK.items()
            if not attribute or self._states(_NETWORK, attribute, answered)
        ]
        readings = of_call + of_network if calls else of_network + of_call
        return list(_filled(readings, {"year": call[:4]} if call else {}, language))

    def _states(self, subject: str, attribute: str, answered: Container[tuple[str, str]]) -> bool:
        """Say whether facts state an attribute that is not answered already."""
        return (subject, attribute) in self._stated and (subject, attribute) not in answered


def _filled(readings: Iterable[str], slots: dict[str, str], language: str) -> Iterable[str]:
    """Yield a wording of each reading with its slots filled in."""
    for reading in readings:
        variants = {reading.replace("[", "").replace("]", ""), re.sub(r"\[.*?\]", "", reading)}
        for form in forms_of(language):
            if form.reading in variants and form.slots <= slots.keys():
                asked = _capital(form.asked.format(**slots))
                if reads_well(asked):
                    yield asked
                    break


def _quoted(source_id: str, unit: Unit, stretches: Iterable[Stretch]) -> bool:
    return any(one.source_id == source_id and one.start < unit.end and unit.start < one.end for one in stretches)


def _series(facts: Sequence[Fact]) -> tuple[Value, ...]:
    """Return the values of one attribute, oldest first; none where the facts tell of fewer than two times."""
    if not facts:
        return ()
    same = [fact for fact in facts if fact.attribute == facts[0].attribute]
    ordered = sorted(same, key=lambda fact: (fact.as_of, fact.id))[-LONGEST_SERIES:]
    if len({fact.as_of for fact in ordered}) < 2:
        return ()
    return tuple(Value(fact.subject, fact.value, fact.unit, fact.as_of, _number(fact.value)) for fact in ordered)


def _number(value: str) -> float | None:
    found = numbers(value)
    return float(found[0].value) if len(found) == 1 and re.fullmatch(r"[\d,. ]+", value) else None


def plainest(questions: Iterable[str]) -> list[str]:
    """Order questions: those that speak of nobody's own city first, then the shorter ones."""
    return sorted(questions, key=lambda question: (bool(_PERSONAL.search(question)), len(question)))


def reads_well(question: str, language: str = "") -> bool:
    """Say whether a question is a whole sentence, neither a few catchwords nor a story; in English one that asks."""
    if not (SHORTEST_QUESTION <= len(question) <= LONGEST_QUESTION and _SENTENCE.fullmatch(question)):
        return False
    return language != "en" or bool(_ENGLISH_QUESTION.fullmatch(question))


@cache
def read_offered() -> frozenset[str]:
    """Return the expected questions that were asked and answered by their statement."""
    return frozenset(OFFERED.read_text(encoding="utf-8").splitlines())


def _different(questions: Iterable[str], asked: Iterable[str]) -> Iterable[str]:
    """Yield each question that is not one of those asked, nor of those before it, in nearly the same words."""
    said = [_gist(question) for question in asked]
    for question in questions:
        gist = _gist(question)
        if not any(_nearly(gist, other) for other in said):
            said.append(gist)
            yield question


def _gist(question: str) -> frozenset[str]:
    """Return the words of a question; of Chinese, which sets no spaces, the pairs of characters."""
    words = re.findall(r"[\u4e00-\u9fff]+|[^\W\u4e00-\u9fff]+", question.casefold())
    parts = ([word[n : n + 2] for n in range(max(1, len(word) - 1))] if word >= "\u4e00" else [word] for word in words)
    return frozenset(chain.from_iterable(parts))


def _nearly(gist: frozenset[str], other: frozenset[str]) -> bool:
    """Say whether two questions have most of their words in common; a number of its own makes another question."""
    apart = gist ^ other
    return len(apart) * NEARLY <= len(gist & other) and not any(word.isdigit() for word in apart)


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
