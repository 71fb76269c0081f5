"""English questions that are known to be answered, and those among them that a question in any language may mean."""

import csv
import itertools
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy

from assistant.embed import MultilingualEmbeddings, Vectors
from assistant.phrases import FOLDER

WORDINGS = FOLDER / "wordings.csv"  # more wordings of the questions of en.toml, in English and other languages

MOST_WORDINGS = 4  # of one expected question among the nearest

_ANSWERED = ("answered", "in_documents")
_OPTIONAL = re.compile(r"\[(.*?)\]")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Known:
    """An English question and how near a question in another language is to it."""

    question: str
    cosine: float
    in_documents: bool = False  # documents answer it, not facts and table


@dataclass(frozen=True, slots=True)
class Form:
    """One way to ask something; `reading` is the question that the rest of the pipeline reads, '' for none."""

    asked: str
    reading: str
    in_documents: bool = False
    language: str = "en"

    @property
    def slots(self) -> frozenset[str]:
        return frozenset(_SLOT.findall(self.asked))


class KnownQuestions:
    """The forms of the questions that facts and table answer, and the questions expected of statements."""

    def __init__(
        self,
        embeddings: MultilingualEmbeddings,
        expected: Sequence[tuple[str, str]] = (),
        vectors: Vectors | None = None,
    ) -> None:
        """Take the expected questions with what each is read as and, where the index holds them, their vectors."""
        self._embeddings = embeddings
        self._expected = list(expected)
        self._vectors = vectors
        self._outside: Vectors | None = None
        self._filled = lru_cache(maxsize=512)(self._fill)

    def forms(self, question: str, slots: Mapping[str, str], language: str = "en") -> list[Known]:
        """Return the questions of facts and table with these slots and no other, the nearest first.

        They are compared in English and in the language. What is nearest to a question of another kind comes as ''
        in its place.
        """
        forms, vectors = self._filled(tuple(sorted(slots.items())), language)
        if not forms:
            return []
        best: dict[str, Known] = {}
        for form, cosine in zip(forms, vectors @ self._embeddings.vector(question), strict=True):
            reading = form.reading.format(**slots)
            if reading not in best or best[reading].cosine < cosine:
                best[reading] = Known(reading, float(cosine), form.in_documents)
        return sorted(best.values(), key=lambda known: (-known.cosine, known.question))

    def expected(self, question: str, k: int) -> list[Known]:
        """Return the `k` expected questions that are the nearest, best first."""
        if not self._expected:
            return []
        if self._vectors is None:
            self._vectors = self._embeddings.vectors([asked for asked, _ in self._expected])
        cosines = self._vectors @ self._embeddings.vector(question)
        best: dict[str, Known] = {}
        for i in numpy.argsort(-cosines, kind="stable")[: k * MOST_WORDINGS]:
            reading = self._expected[i][1]
            best.setdefault(reading, Known(reading, float(cosines[i])))
        return list(best.values())[:k]

    def elsewhere(self, question: str) -> float:
        """Return how near a question is to the nearest of those about something else than the Network."""
        if self._outside is None:
            self._outside = self._embeddings.vectors(_questions()["elsewhere"])
        return float((self._outside @ self._embeddings.vector(question)).max())

    def _fill(self, slots: tuple[tuple[str, str], ...], language: str) -> tuple[list[Form], Vectors]:
        names = frozenset(name for name, _ in slots)
        forms = [form for form in forms_of("en", language) if form.slots == names]
        texts = [form.asked.format(**dict(slots)) for form in forms]
        return forms, self._embeddings.vectors(texts)


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
