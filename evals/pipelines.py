"""The two pipelines that `evals.bench` compares, and the child process that runs one of them.

A child reads one Task as JSON from standard input and writes one Report as JSON to standard output. It
imports what its own pipeline needs and nothing else, so that start and memory are that pipeline's alone.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from assistant.settings import BUILT_IN_EMBEDDING, Settings
from evals.cases import read_cases

if TYPE_CHECKING:
    from assistant.retrieve import Retriever

OURS, TUTORIAL = "this assistant", "the tutorial"
WITHOUT = WITHOUT_BM25, WITHOUT_UNIT_VECTORS = "without BM25", "without unit vectors"
FIRST_QUESTION = "How many cities are members of the Network?"
JUDGED = 5  # passages of a question that are looked at for its answer

Step = Literal["build", "standalone", "first", "ask", "search"]


@dataclass(frozen=True, slots=True)
class Task:
    """What one child process does."""

    pipeline: str
    step: Step
    corpus: str
    index: str
    threads: int
    questions: tuple[str, ...] = ()  # for the step `standalone` ids of cases
    began: float = 0.0  # time.time() just before the process was started

    def to_json(self) -> str:
        """Return the task as one line."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str) -> "Task":
        """Read a task that `to_json` wrote."""
        row = json.loads(line)
        return cls(**{**row, "questions": tuple(row["questions"])})


@dataclass(frozen=True, slots=True)
class Found:
    """One retrieved passage."""

    source_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What a pipeline made of one question, with its times."""

    passages: tuple[Found, ...]
    retrieve_ms: float
    answer_ms: float | None = None  # None where only retrieval was asked for


@dataclass(frozen=True, slots=True)
class Report:
    """What one child process did."""

    seconds: float  # since the process was started
    peak_mb: float
    lengths: tuple[int, ...] = ()  # characters of each passage; only of a build
    standalone: tuple[str, ...] = ()  # one an id, in order
    asked: tuple[Asked, ...] = ()  # one a question, in order

    def to_json(self) -> str:
        """Return the report as one line."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, line: str) -> "Report":
        """Read a report that `to_json` wrote."""
        row = json.loads(line)
        asked = []
        for item in row["asked"]:
            passages = tuple(Found(**found) for found in item["passages"])
            asked.append(Asked(passages, item["retrieve_ms"], item["answer_ms"]))
        lengths, standalone = tuple(row["lengths"]), tuple(row["standalone"])
        return cls(row["seconds"], row["peak_mb"], lengths, standalone, tuple(asked))


class Pipeline(Protocol):
    """What is compared: built once, opened, then asked many times."""

    def build(self) -> list[int]:
        """Build the index and return the length of each passage in characters."""

    def open(self) -> None:
        """Open the built index."""

    def retrieve(self, question: str) -> list[Found]:
        """Return passages, best first."""

    def answer(self, question: str) -> None:
        """Do all that an answer needs."""


class Ours:
    """This project's pipeline through its public pieces; `without` names what its retrieval leaves out."""

    def __init__(self, task: Task, without: str = "") -> None:
        self._without = without
        self._settings = Settings(
            corpus=Path(task.corpus),
            index=Path(task.index),
            embedding=BUILT_IN_EMBEDDING,
            threads=task.threads,
            cached_answers=0,
        )

    def build(self) -> list[int]:
        """Build as `uccn index` does."""
        from assistant.embed import MultilingualEmbeddings, QuestionEmbeddings, SentenceEmbeddings
        from assistant.index import build_index, open_index
        from assistant.prepare import prepare

        settings = self._settings
        embeddings = SentenceEmbeddings(settings.embedding, threads=settings.threads)
        build_index(
            settings.corpus,
            settings.index,
            embeddings=embeddings,
            question_embeddings=QuestionEmbeddings(threads=settings.threads),
            meanings=MultilingualEmbeddings(threads=settings.threads),
            model=settings.embedding,
        )
        prepare(embeddings, settings.index)
        passages = open_index(settings.index, settings.embedding).passages.values()
        return [len(passage.text) for passage in passages]

    def open(self) -> None:
        """Open the assistant as every interface does."""
        from assistant.chain import open_assistant

        self._assistant = open_assistant(self._settings)
        if self._without:
            self._assistant.retriever = _weakened(self._assistant.retriever, self._without)

    def retrieve(self, question: str) -> list[Found]:
        """Understand the question and search."""
        return [Found(hit.passage.source_id, hit.passage.text) for hit in self._assistant.retrieve(question).hits]

    def answer(self, question: str) -> None:
        """Answer with citations, checked."""
        self._assistant.ask(question)

    def standalone(self, ids: Sequence[str]) -> list[str]:
        """Return the questions of these cases in a form that needs no history."""
        cases = {case.id: case for case in read_cases()}
        return [self._assistant.ask(cases[id_].question).standalone_question for id_ in ids]


class Tutorial:
    """The pipeline of LangChain's RAG tutorial up to its language model, with that tutorial's numbers."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def build(self) -> list[int]:
        """Split, embed and store."""
        from langchain_core.documents import Document
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        from assistant.corpus import read_corpus

        documents = [
            Document(page_content=f"# {source.title}\n\n{source.text}", metadata={"source_id": source.id})
            for source in read_corpus(Path(self._task.corpus)).sources
            if source.kind != "view"  # what we do not search either
        ]
        splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
        splits = splitter.split_documents(documents)
        self.open()
        self._store.add_documents(documents=splits)
        return [len(split.page_content) for split in splits]

    def open(self) -> None:
        """Open the store in its folder; torch takes its threads from the environment."""
        from chromadb.config import Settings as ChromaSettings
        from langchain_chroma import Chroma
        from langchain_huggingface import HuggingFaceEmbeddings

        from assistant.models import EMBEDDING, model_folder

        weights = str(model_folder(EMBEDDING))
        self._store: Any = Chroma(
            embedding_function=HuggingFaceEmbeddings(model_name=weights, model_kwargs={"device": "cpu"}),
            persist_directory=self._task.index,
            collection_configuration={"hnsw": {"space": "cosine"}},
            client_settings=ChromaSettings(anonymized_telemetry=False),
        )

    def retrieve(self, question: str) -> list[Found]:
        """Search for as many as are judged of both pipelines."""
        found = self._store.similarity_search(question, k=JUDGED)
        return [Found(document.metadata["source_id"], document.page_content) for document in found]

    def answer(self, question: str) -> None:
        """Search for four, as the tutorial does before its language model reads them."""
        self._store.similarity_search(question, k=4)


def _weakened(retriever: "Retriever", without: str) -> "Retriever":
    """Return a retriever over the same index that lacks one of its parts."""
    from assistant.index import Index
    from assistant.retrieve import Lexical, Retriever

    class VectorsOnly(Retriever):
        def model_post_init(self, context: Any, /) -> None:
            super().model_post_init(context)
            self._passage_words = self._unit_words = self._question_words = Lexical([], [])

    class NoUnitVectors(Index):
        def search_units(self, vector: Sequence[float], k: int) -> list[tuple[str, float]]:
            return []

    index = retriever.index
    kind: type[Retriever] = VectorsOnly if without == WITHOUT_BM25 else Retriever
    return kind(
        index=index if without == WITHOUT_BM25 else NoUnitVectors(index.folder, index.manifest),
        embeddings=retriever.embeddings,
        question_embeddings=retriever.question_embeddings,
    )
