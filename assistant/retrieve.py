"""Dense and BM25 search over passages and units, fused by reciprocal ranks."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict, PrivateAttr

from assistant.index import Index, asked_unit, expected_questions, passage_text, split_unit_id, unit_id, unit_text
from assistant.lexical import Lexical
from assistant.records import Hit, Passage

RRF_K = 60  # Cormack, Clarke and Buettcher 2009: reciprocal rank fusion with k = 60
DEPTH = 50  # ranks of each list that are fused
LAST = 16  # questions whose nearest expected ones are kept: the stages of an answer ask for some of them again


def fuse(rankings: Iterable[Sequence[str]]) -> dict[str, float]:
    """Return the reciprocal-rank score of every id, best first; ties are broken by id."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, id_ in enumerate(ranking):
            scores[id_] = scores.get(id_, 0.0) + 1.0 / (RRF_K + rank + 1)
    return dict(sorted(scores.items(), key=lambda row: (-row[1], row[0])))


class Found(NamedTuple):
    """What a search brought, both lists best first."""

    hits: Sequence[Hit]
    unit_ids: Sequence[str]  # of the best units of the whole index
    alike: Mapping[str, tuple[float, str]]  # unit -> the nearest question expected of it, with its cosine in front


NOTHING = Found((), (), MappingProxyType({}))


class Retriever(BaseRetriever):
    """The project's search as a LangChain retriever: `invoke(question)` returns documents, best first."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    index: Index
    embeddings: Embeddings
    question_embeddings: Embeddings | None = None  # of the expected questions, where it is another encoder
    k: int = 8
    _passage_words: Lexical = PrivateAttr()
    _unit_words: Lexical = PrivateAttr()
    _question_words: Lexical = PrivateAttr()
    _alike: Callable[[str], Mapping[str, tuple[float, str]]] = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Prepare the word indexes; title and headings count as words of a passage and of its units."""
        self._alike = lru_cache(LAST)(self._nearest)
        passages, words = self.index.passages.values(), self.index.words
        self._passage_words = Lexical(
            lambda: {passage.id: passage_text(passage) for passage in passages}, words / "passages"
        )
        self._unit_words = Lexical(
            lambda: {
                unit_id(passage.id, number): unit_text(passage, unit)
                for passage in passages
                for number, unit in enumerate(passage.units)
            },
            words / "units",
        )
        self._question_words = Lexical(
            lambda: {id_: text for passage in passages for id_, text in expected_questions(passage).items()},
            words / "questions",
        )

    def search(self, question: str, k: int | None = None, *, asked: str = "") -> Found:
        """Return the best `k` passages and the best units of all.

        A unit ranks by its words, by its vector, and by words and vector of the questions expected of it, which
        are compared with `asked`, the question in the visitor's words, where it is given.
        """
        asked = asked or question
        vector = self.embeddings.embed_query(question)
        alike = self.alike(asked)
        by_words = [asked_unit(id_) for id_, _ in self._question_words.search(asked, DEPTH)]
        by_unit = fuse(
            (
                [id_ for id_, _ in self._unit_words.search(question, DEPTH)],
                [id_ for id_, _ in self.index.search_units(vector, DEPTH)],
                list(dict.fromkeys(by_words)),
                list(alike),
            )
        )
        # A passage ranks by its words, by its vector, and by the best of its units.
        best_units = list(dict.fromkeys(split_unit_id(id_)[0] for id_ in by_unit))
        scores = fuse(
            (
                [id_ for id_, _ in self._passage_words.search(question, DEPTH)],
                [id_ for id_, _ in self.index.search_passages(vector, DEPTH)],
                best_units,
            )
        )
        hits = [Hit(self.index.passages[id_], score) for id_, score in scores.items()]
        return Found(hits[: k or self.k], list(by_unit), alike)

    def alike(self, question: str) -> Mapping[str, tuple[float, str]]:
        """Return the units of which the nearest questions are expected, each with its cosine and the question."""
        return self._alike(question)

    def _nearest(self, question: str) -> dict[str, tuple[float, str]]:
        if not self.index.manifest["questions"]:
            return {}
        vector = (self.question_embeddings or self.embeddings).embed_query(question)
        alike: dict[str, tuple[float, str]] = {}
        for id_, cosine in self.index.search_questions(vector, DEPTH):
            alike.setdefault(asked_unit(id_), (cosine, self.index.question(id_)))
        return alike

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [_document(hit.passage, hit.score) for hit in self.search(query).hits]


def _document(passage: Passage, score: float) -> Document:
    return Document(
        id=passage.id,
        page_content=passage.text,
        metadata={
            "source_id": passage.source_id,
            "title": passage.title,
            "section": " > ".join(passage.headings),
            "date": passage.date,
            "start": passage.start,
            "end": passage.end,
            "score": score,
        },
    )
