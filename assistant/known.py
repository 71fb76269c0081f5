"""English questions that are known to be answered, and those among them that a question in any language may mean."""

import csv
import itertools
import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy

from assistant.cities import plain
from assistant.embed import MultilingualEmbeddings, Vector, Vectors
from assistant.phrases import FOLDER
from assistant.terms import foreign_stem
from assistant.vocabulary import WORD

WORDINGS = FOLDER / "wordings.csv"  # more wordings of the questions of en.toml, in English and other languages

MOST_WORDINGS = 4  # of one expected question among the nearest

# The names with which forms are stored.
STAND_INS = {
    "city": "Bologna",
    "city2": "Glasgow",
    "country": "Brazil",
    "country2": "Mexico",
    "region": "Africa",
    "field": "Music",
    "field2": "Film",
    "year": "2019",
}
POLLED, VOTES = 36, 3  # expected questions that vote for their statements, and votes of a statement that count
FILLED = 16  # forms, the nearest with stand-ins, that are compared again with the names of the question
MOST_HELD = 20_000  # vectors of forms with names that are kept in memory: 40 MB

_ANSWERED = ("answered", "in_documents")
_OPTIONAL = re.compile(r"\[(.*?)\]")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Known:
    """An English question and how near a question in another language is to it."""

    question: str
    cosine: float
    in_documents: bool = False  # documents answer it, not facts and table
    asked: str = ""  # as it is expected, in any language


@dataclass(frozen=True, slots=True)
class Voted:
    """A statement that several of the questions nearest to a visitor's are expected of."""

    statement: str
    asked: str  # the nearest of them, in any language
    question: str  # the English one that it is read as
    cosine: float  # of the nearest
    strength: float  # sum of the cosines of the nearest VOTES


@dataclass(frozen=True, slots=True)
class Form:
    """One way to ask something; `reading` is the question that the rest of the pipeline reads, '' for none."""

    asked: str
    reading: str
    in_documents: bool = False
    language: str = "en"

    @property
    def slots(self) -> frozenset[str]:
        return _slots(self.asked)


class Expectations(NamedTuple):
    """The questions expected of statements, in every language."""

    asked: Sequence[tuple[str, str]] = ()  # each with the English one that it is read as
    vectors: Vectors | None = None  # one row each, where the index holds them
    statements: Mapping[str, str] = MappingProxyType({})  # that answer, by English question


class KnownQuestions:
    """The forms of the questions that facts and table answer, and the questions expected of statements."""

    def __init__(
        self,
        embeddings: MultilingualEmbeddings,
        expectations: Callable[[], Expectations] = Expectations,
        stored: Callable[[], Vectors | None] = lambda: None,
    ) -> None:
        """Take what reads, at their first use, the expected questions and the vectors of `stored_texts()` if kept."""
        self._embeddings = embeddings
        self._read = expectations
        self._outside: Vectors | None = None
        self._stored = stored
        self._filled: dict[str, Vector] = {}
        self._standing = lru_cache(maxsize=128)(self._stand)
        self._cosines = lru_cache(maxsize=8)(self._compare)
        self._usual = cache(self._usual_words)
        self._formed = cache(self._formed_words)

    @cached_property
    def _expected(self) -> Expectations:
        return self._read()

    @cached_property
    def _held(self) -> dict[str, Vector]:
        stored = self._stored()
        return {} if stored is None else dict(zip(stored_texts(), stored, strict=True))

    @cached_property
    def _vectors(self) -> Vectors:
        if self._expected.vectors is not None:
            return self._expected.vectors
        return self._embeddings.vectors([asked for asked, _ in self._expected.asked])

    def forms(self, question: str, slots: Mapping[str, str], language: str = "en") -> list[Known]:
        """Return the questions of facts and table with these slots and no other, the nearest first.

        They are compared in English and in the language. What is nearest to a question of another kind comes as ''
        in its place.
        """
        asked = self._embeddings.vector(question)
        forms, vectors = self._standing(frozenset(slots), language)
        if not forms:
            return []
        if slots:
            nearest = highest(vectors @ asked, FILLED)
            forms = [forms[i] for i in sorted(nearest)]
            vectors = self._vectors_of([form.asked.format(**slots) for form in forms], self._filled)
        best: dict[str, Known] = {}
        for form, cosine in zip(forms, vectors @ asked, strict=True):
            reading = form.reading.format(**slots)
            if reading not in best or best[reading].cosine < cosine:
                best[reading] = Known(reading, float(cosine), form.in_documents)
        return sorted(best.values(), key=lambda known: (-known.cosine, known.question))

    def expected(self, question: str, k: int) -> list[Known]:
        """Return the `k` expected questions that are the nearest, best first."""
        if not self._expected.asked:
            return []
        cosines = self._cosines(question)
        best: dict[str, Known] = {}
        for i in highest(cosines, k * MOST_WORDINGS):
            asked, reading = self._expected.asked[i]
            best.setdefault(reading, Known(reading, float(cosines[i]), asked=asked))
        return list(best.values())[:k]

    def voted(self, question: str) -> list[Voted]:
        """Return the statements that the nearest expected questions speak for, the strongest first."""
        if not self._expected.asked:
            return []
        cosines = self._cosines(question)
        votes: dict[str, list[tuple[float, str, str]]] = defaultdict(list)
        for i in highest(cosines, POLLED):
            asked, reading = self._expected.asked[i]
            votes[self._expected.statements.get(reading, reading)].append((float(cosines[i]), asked, reading))
        return sorted(
            (
                Voted(statement, *found[0][1:], found[0][0], sum(cosine for cosine, *_ in found[:VOTES]))
                for statement, found in votes.items()
            ),
            key=lambda one: (-one.strength, one.question),
        )

    def usual(self, language: str) -> frozenset[str]:
        """Return the stems of a language, or the signs of Chinese, that stand in a form or an expected question."""
        return self._usual(language)

    def _usual_words(self, language: str) -> frozenset[str]:
        expected = (text for text, reading in self._expected.asked if text != reading)
        return self.formed(language) | _words_in(expected, language)

    def formed(self, language: str) -> frozenset[str]:
        """Return the stems of a language, or the signs of Chinese, that stand in a form of facts and table."""
        return self._formed(language)

    def _formed_words(self, language: str) -> frozenset[str]:
        return _words_in((form.asked for form in forms_of(language) if not form.in_documents), language)

    def elsewhere(self, question: str) -> float:
        """Return how near a question is to the nearest of those about something else than the Network."""
        if self._outside is None:
            self._outside = self._vectors_of(_questions()["elsewhere"], self._held)
        return float((self._outside @ self._embeddings.vector(question)).max())

    def _compare(self, question: str) -> Vector:
        """Return the cosine of each expected question with one of a visitor."""
        cosines: Vector = self._vectors @ self._embeddings.vector(question)
        return cosines

    def _stand(self, names: frozenset[str], language: str) -> tuple[list[Form], Vectors]:
        """Return the forms with these slots, and their vectors with stand-ins in them."""
        forms = [form for form in forms_of("en", language) if form.slots == names]
        return forms, self._vectors_of([_standing(form) for form in forms], self._held)

    def _vectors_of(self, texts: Sequence[str], held: dict[str, Vector]) -> Vectors:
        """Return the vectors of texts; those that are not held yet are encoded and then held."""
        found = {text: held[text] for text in texts if text in held}
        new = [text for text in dict.fromkeys(texts) if text not in found]
        found |= dict(zip(new, self._embeddings.vectors(new), strict=True))
        if len(held) > MOST_HELD:
            held.clear()
        held.update(found)
        return numpy.array([found[text] for text in texts], numpy.float32)


def highest(values: Vector, k: int) -> list[int]:
    """Return the places of the `k` highest values, the highest first; of equal ones the first."""
    places = numpy.argpartition(-values, k)[:k] if k < len(values) else numpy.arange(len(values))
    return sorted(places.tolist(), key=lambda place: (-values[place], place))


def words_of(text: str, language: str) -> list[str]:
    """Return the stems of a text in small letters without accents; the signs of Chinese."""
    folded = plain(text)
    return list(folded) if language == "zh" else [foreign_stem(word, language) for word in WORD.findall(folded)]


def _words_in(texts: Iterable[str], language: str) -> frozenset[str]:
    """Return what `words_of` gives for thousands of texts together; each word is folded and stemmed once."""
    spoken = dict.fromkeys(word for text in texts for word in text.split())
    return frozenset(words_of(" ".join(spoken), language))


@cache
def _slots(asked: str) -> frozenset[str]:
    return frozenset(_SLOT.findall(asked))


def stored_texts() -> list[str]:
    """Return the texts whose vectors are worth keeping: every form with its stand-ins, and what lies elsewhere."""
    return list(dict.fromkeys([*map(_standing, _all_forms()), *_questions()["elsewhere"]]))


def _standing(form: Form) -> str:
    return form.asked.format(**STAND_INS)


@cache
def _questions() -> dict[str, Any]:
    with (FOLDER / "en.toml").open("rb") as file:
        return tomllib.load(file)


def forms_of(*languages: str) -> list[Form]:
    """Return the forms of some languages."""
    return [form for form in _all_forms() if form.language in languages]


@cache
def _all_forms() -> tuple[Form, ...]:
    known = _questions()
    forms = []
    for name in _ANSWERED:
        for group in known[name]:
            forms += [form for asked in group for form in _readings(asked, group[0], name == "in_documents", "en")]
    in_documents = {group[0] for group in known["in_documents"]}
    with WORDINGS.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            own = [row["reading"]] if row["language"] == "en" else []
            for asked in (*own, *row["wordings"].split("|")):
                forms += _readings(asked, row["reading"], row["reading"] in in_documents, row["language"])
    forms += [form for asked in known["others"] for form in _readings(asked, "", False, "en")]
    return tuple(dict.fromkeys(forms))


def _readings(asked: str, reading: str, in_documents: bool, language: str) -> Iterator[Form]:
    """Yield what a wording, with and without what it has in brackets, is read as."""
    for variant in _variants(asked):
        for chosen in _of_same_slots(variant, reading):
            yield Form(variant, chosen, in_documents, language)


def _variants(form: str) -> Iterator[str]:
    """Yield a form with and without what stands in brackets."""
    yield from dict.fromkeys((_OPTIONAL.sub(r"\1", form), _OPTIONAL.sub("", form)))


def _of_same_slots(asked: str, reading: str) -> Iterable[str]:
    """Return the variant of a reading that has the slots of the form, at most one."""
    if not reading:
        return [""]
    wanted = set(_SLOT.findall(asked))
    found = (variant for variant in _variants(reading) if set(_SLOT.findall(variant)) == wanted)
    return itertools.islice(found, 1)
