"""Our retriever on any set in BEIR's format, beside its two halves: a public check of the search alone."""

import csv
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy
from langchain_core.embeddings import Embeddings

from assistant.lexical import Lexical
from assistant.retrieve import DEPTH, fuse
from evals.cases import CaseError
from evals.ranking import measure_ranks
from evals.totals import percentile

MEASURES = ("Success@1", "Success@5", "R@10", "R@100", "RR@10", "nDCG@10")
BATCH = 64  # texts given to the encoder at a time
RERANKED = 10

Progress = Callable[[str, int, int], None]
Scorer = Callable[[str, Sequence[str]], list[float]]


@dataclass(frozen=True, slots=True)
class Beir:
    """A set: its documents, its questions, and which documents answer each."""

    documents: dict[str, str]
    questions: dict[str, str]
    gold: dict[str, set[str]]


@dataclass(frozen=True, slots=True)
class Ranked:
    """What one way to search reached."""

    name: str
    values: dict[str, float]  # mean of each measure
    milliseconds: float  # median of a question


def read_beir(folder: Path, split: str = "test") -> Beir:
    """Read a folder with `corpus.jsonl`, `queries.jsonl` and `qrels/SPLIT.tsv`.

    Questions without a judgement are left out. Raises CaseError with file and line.
    """
    documents = {
        str(row["_id"]): f"{row.get('title', '')}\n{row['text']}".strip() for row in _rows(folder / "corpus.jsonl")
    }
    gold: dict[str, set[str]] = {}
    path = folder / "qrels" / f"{split}.tsv"
    if not path.is_file():
        raise CaseError(f"There is no {path}: give a folder in BEIR's format, or another --split")
    with path.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter="\t"), 1):
            if number == 1 and row[-1:] == ["score"]:
                continue
            try:
                question, document, score = row
                if int(score) > 0 and document in documents:
                    gold.setdefault(question, set()).add(document)
            except ValueError as error:
                raise CaseError(f"{path}, line {number}: not `query-id corpus-id score` with tabs: mend it") from error
    asked = {str(row["_id"]): str(row["text"]) for row in _rows(folder / "queries.jsonl")}
    questions = {id_: text for id_, text in asked.items() if id_ in gold}
    if not questions:
        raise CaseError(f"{folder} judges none of its questions: check the ids in qrels/{split}.tsv")
    return Beir(documents, questions, gold)


def rank_beir(
    beir: Beir, embeddings: Embeddings, *, scorer: Scorer | None = None, progress: Progress | None = None
) -> list[Ranked]:
    """Search a set by words, by vectors, by both fused and, with a scorer, with the first ten read again.

    The documents are searched whole, since the set judges whole documents.
    """
    ids, texts = list(beir.documents), list(beir.documents.values())
    words = Lexical(lambda: beir.documents)
    parts = []
    for start in range(0, len(texts), BATCH):
        parts.append(numpy.asarray(embeddings.embed_documents(texts[start : start + BATCH]), dtype=numpy.float32))
        if progress:
            progress("Embedding", min(start + BATCH, len(texts)), len(texts))
    vectors = numpy.concatenate(parts)
    depth = max(DEPTH, 100)

    def by_words(question: str) -> list[str]:
        return [id_ for id_, _ in words.search(question, depth)]

    def by_vectors(question: str) -> list[str]:
        near = vectors @ numpy.asarray(embeddings.embed_query(question), dtype=numpy.float32)
        return [ids[place] for place in numpy.argsort(-near, kind="stable")[:depth]]

    def fused(question: str) -> list[str]:
        return list(fuse((by_words(question), by_vectors(question))))

    def reranked(question: str) -> list[str]:
        assert scorer
        best = fused(question)
        first = best[:RERANKED]
        scores = dict(zip(first, scorer(question, [beir.documents[id_] for id_ in first]), strict=True))
        return sorted(first, key=lambda id_: -scores[id_]) + best[RERANKED:]

    ways: dict[str, Callable[[str], list[str]]] = {"BM25": by_words, "vectors": by_vectors, "fused": fused}
    if scorer:
        ways["fused, first ten reranked"] = reranked
    return [_ranked(name, way, beir, progress) for name, way in ways.items()]


def _ranked(name: str, way: Callable[[str], list[str]], beir: Beir, progress: Progress | None) -> Ranked:
    found, times = {}, []
    for number, (id_, text) in enumerate(beir.questions.items(), 1):
        began = time.perf_counter()
        found[id_] = way(text)
        times.append(1000 * (time.perf_counter() - began))
        if progress:
            progress(name, number, len(beir.questions))
    values = measure_ranks(beir.gold, found, MEASURES)
    means = {measure: sum(held.values()) / len(held) for measure, held in values.items()}
    return Ranked(name, means, percentile(times, 0.5))


def _rows(path: Path) -> Iterator[dict[str, object]]:
    if not path.is_file():
        raise CaseError(f"There is no {path}: give a folder in BEIR's format")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            row["_id"], row["text"]
        except (ValueError, KeyError, TypeError) as error:
            raise CaseError(f"{path}, line {number}: not an object with `_id` and `text` ({error}): mend it") from error
        yield row
