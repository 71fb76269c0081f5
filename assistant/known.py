"""English questions that are known to be answered, and those among them that a question in any language may mean."""

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
class _Form:
    """One way to ask something; `reading` is the question that the rest of the pipeline reads, '' for none."""

    asked: str
    reading: str
    in_documents: bool = False

    @property
    def slots(self) -> frozenset[str]:
        return frozenset(_SLOT.findall(self.asked))


class KnownQuestions:
    """The forms of the questions that facts and table answer, and the questions expected of statements."""

    def __init__(
        self, embeddings: MultilingualEmbeddings, expected: Sequence[str] = (), vectors: Vectors | None = None
    ) -> None:
        """Take the expected questions and, where the index holds them, their vectors, one row a question."""
        self._embeddings = embeddings
        self._expected = list(expected)
        self._vectors = vectors
        self._outside: Vectors | None = None
        self._filled = lru_cache(maxsize=512)(self._fill)

    def forms(self, question: str, slots: Mapping[str, str]) -> list[Known]:
        """Return the questions of facts and table with these slots and no other, the nearest first.

        What is nearest to a question of another kind comes as '' in its place.
        """
        forms, vectors = self._filled(tuple(sorted(slots.items())))
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
            self._vectors = self._embeddings.vectors(self._expected)
        cosines = self._vectors @ self._embeddings.vector(question)
        best = numpy.argsort(-cosines, kind="stable")[:k]
        return [Known(self._expected[i], float(cosines[i])) for i in best]

    def elsewhere(self, question: str) -> float:
        """Return how near a question is to the nearest of those about something else than the Network."""
        if self._outside is None:
            self._outside = self._embeddings.vectors(_questions()["elsewhere"])
        return float((self._outside @ self._embeddings.vector(question)).max())

    def _fill(self, slots: tuple[tuple[str, str], ...]) -> tuple[list[_Form], Vectors]:
        names = frozenset(name for name, _ in slots)
        forms = [form for form in _forms() if form.slots == names]
        texts = [form.asked.format(**dict(slots)) for form in forms]
        return forms, self._embeddings.vectors(texts)


@cache
def _questions() -> dict[str, Any]:
    with (FOLDER / "en.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def _forms() -> tuple[_Form, ...]:
    known = _questions()
    answered = [(group, group[0], name == "in_documents") for name in _ANSWERED for group in known[name]]
    others = [([other], "", False) for other in known["others"]]
    return tuple(
        _Form(asked, chosen, in_documents)
        for group, reading, in_documents in (*answered, *others)
        for form in group
        for asked in _variants(form)
        for chosen in _of_same_slots(asked, reading)
    )


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
