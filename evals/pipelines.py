"""The pipelines that `evals.bench` compares, and the child process that runs one of them.

A child reads one Task as JSON from standard input and writes one Report as JSON to standard output. It
imports what its own pipeline needs and nothing else, so that start and memory are that pipeline's alone.
"""

import json
import resource
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from assistant.settings import BUILT_IN_EMBEDDING, Settings
from evals.cases import read_cases

if TYPE_CHECKING:
    from assistant.retrieve import Retriever

OURS, TUTORIAL, BARE = "this assistant", "the tutorial", "the bare encoder"
WITHOUT = WITHOUT_BM25, WITHOUT_UNIT_VECTORS = "without BM25", "without unit vectors"
FIRST_QUESTION = "How many cities are members of the Network?"
JUDGED = 5  # passages of a question that are looked at for its answer

BATCH = 256  # texts that the bare encoder gets at once, as a build of ours gives them

Step = Literal["build", "standalone", "first", "ask", "search", "together"]


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
    clients: int = 1  # how many ask at once, in the step `together`

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
    route: str = ""  # of the answer, or its status where it has none


@dataclass(frozen=True, slots=True)
class Report:
    """What one child process did."""

    seconds: float  # since the process was started
    peak_mb: float
    lengths: tuple[int, ...] = ()  # characters of each passage; only of a build
    standalone: tuple[str, ...] = ()  # one an id, in order
    asked: tuple[Asked, ...] = ()  # one a question, in order
    texts: int = 0  # encoded
    work_seconds: float = 0.0  # of the work alone: the build without imports, all questions together
    opened_seconds: float = 0.0  # from the start of the process until it could take a question

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
            asked.append(Asked(**{**item, "passages": passages}))
        read = {"lengths": tuple(row["lengths"]), "standalone": tuple(row["standalone"]), "asked": tuple(asked)}
        return cls(**{**row, **read})


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did."""

    lengths: tuple[int, ...] = ()  # characters of each passage
    texts: int = 0
    seconds: float = 0.0


class Pipeline(Protocol):
    """What is compared: built once, opened, then asked many times."""

    def build(self) -> Built:
        """Build the index."""

    def open(self) -> None:
        """Open the built index."""

    def warm(self) -> None:
        """Load what is loaded at first use."""

    def retrieve(self, question: str) -> list[Found]:
        """Return passages, best first."""

    def answer(self, question: str) -> str:
        """Do all that an answer needs; return its route, where it has one."""


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

    def build(self) -> Built:
        """Build as `uccn index` does."""
        from assistant.chain import build
        from assistant.index import open_index

        report = build(self._settings)
        index = open_index(self._settings.index, self._settings.embedding, self._settings.chroma_url)
        lengths = tuple(len(passage.text) for passage in index.passages.values())
        return Built(lengths, report.embedded + len(index.expected), report.seconds)

    def open(self) -> None:
        """Open the assistant as every interface does."""
        from assistant.chain import open_assistant

        self._assistant = open_assistant(self._settings)
        if self._without:
            self._assistant.retriever = _weakened(self._assistant.retriever, self._without)

    def warm(self) -> None:
        """Load every model, as a server does at its start."""
        self._assistant.warm()

    def retrieve(self, question: str) -> list[Found]:
        """Understand the question and search."""
        return [Found(hit.passage.source_id, hit.passage.text) for hit in self._assistant.retrieve(question).hits]

    def answer(self, question: str) -> str:
        """Answer with citations, checked."""
        answer = self._assistant.ask(question)
        return answer.route or answer.status

    def standalone(self, ids: Sequence[str]) -> list[str]:
        """Return the questions of these cases in a form that needs no history."""
        cases = {case.id: case for case in read_cases()}
        return [self._assistant.ask(cases[id_].question).standalone_question for id_ in ids]


class Tutorial:
    """The pipeline of LangChain's RAG tutorial up to its language model, with that tutorial's numbers."""

    def __init__(self, task: Task) -> None:
        self._task = task

    def build(self) -> Built:
        """Split, embed and store."""
        from langchain_core.documents import Document
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        from assistant.corpus import read_corpus

        documents = [
            Document(page_content=f"# {source.title}\n\n{source.text}", metadata={"source_id": source.id})
            for source in read_corpus(Path(self._task.corpus)).sources
            if source.kind != "view"  # what we do not search either
        ]
        began = time.perf_counter()
        splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
        splits = splitter.split_documents(documents)
        self.open()
        self._store.add_documents(documents=splits)
        lengths = tuple(len(split.page_content) for split in splits)
        return Built(lengths, len(splits), time.perf_counter() - began)

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

    def warm(self) -> None:
        """Search once."""
        self.answer(FIRST_QUESTION)

    def retrieve(self, question: str) -> list[Found]:
        """Search for as many as are judged of both pipelines."""
        found = self._store.similarity_search(question, k=JUDGED)
        return [Found(document.metadata["source_id"], document.page_content) for document in found]

    def answer(self, question: str) -> str:
        """Search for four, as the tutorial does before its language model reads them."""
        self._store.similarity_search(question, k=4)
        return ""


def encode(task: Task) -> Built:
    """Encode what the index of a task holds, by the encoders that a build uses, and nothing else."""
    from assistant.chroma import COLLECTIONS
    from assistant.embed import MultilingualEmbeddings, QuestionEmbeddings, SentenceEmbeddings
    from assistant.index import open_index

    index = open_index(Path(task.index), BUILT_IN_EMBEDDING)
    plain, asked = SentenceEmbeddings(threads=task.threads), QuestionEmbeddings(threads=task.threads)
    work = []
    for name in COLLECTIONS:
        texts = index._collections[name].get(include=["documents"])["documents"]
        work.append((asked if name in ("questions", "wordings") else plain, sorted(texts, key=len, reverse=True)))
    meanings = [text for text, _ in index.expected]
    began = time.perf_counter()
    for encoder, texts in work:
        for start in range(0, len(texts), BATCH):
            encoder.embed_documents(texts[start : start + BATCH])
    MultilingualEmbeddings(threads=task.threads).vectors(meanings)
    seconds = time.perf_counter() - began
    return Built((), sum(len(texts) for _, texts in work) + len(meanings), seconds)


def _weakened(retriever: "Retriever", without: str) -> "Retriever":
    """Return a retriever over the same index that lacks one of its parts."""
    from assistant.index import Index
    from assistant.lexical import Lexical
    from assistant.retrieve import Retriever

    class VectorsOnly(Retriever):
        def model_post_init(self, context: Any, /) -> None:
            super().model_post_init(context)
            self._passage_words = self._unit_words = self._question_words = Lexical(dict)

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


def perform(task: Task) -> Report:
    """Do one task in this process."""
    if task.pipeline == BARE:
        built = encode(task)
        return _report(task, texts=built.texts, work_seconds=built.seconds)
    pipeline = _pipeline(task)
    if task.step == "build":
        built = pipeline.build()
        return _report(task, lengths=built.lengths, texts=built.texts, work_seconds=built.seconds)
    pipeline.open()
    opened = time.time() - task.began
    if task.step == "standalone":
        assert isinstance(pipeline, Ours)
        return _report(task, standalone=tuple(pipeline.standalone(task.questions)))
    if task.step == "first":
        pipeline.answer(FIRST_QUESTION)
        return _report(task, opened_seconds=opened)
    pipeline.warm()
    if task.step == "together":
        began = time.perf_counter()
        with ThreadPoolExecutor(task.clients) as clients:
            asked = tuple(clients.map(lambda text: _answer(pipeline, text), task.questions))
        return _report(task, asked=asked, work_seconds=time.perf_counter() - began)
    answers = task.step == "ask"
    return _report(task, asked=tuple(_ask(pipeline, text, answers) for text in task.questions))


def _pipeline(task: Task) -> Pipeline:
    if task.pipeline == TUTORIAL:
        return Tutorial(task)
    return Ours(task, without=task.pipeline if task.pipeline in WITHOUT else "")


def _ask(pipeline: Pipeline, question: str, answers: bool) -> Asked:
    began = time.perf_counter()
    passages = pipeline.retrieve(question)
    retrieve_ms = (time.perf_counter() - began) * 1000
    answered = _answer(pipeline, question) if answers else Asked((), 0.0)
    return Asked(tuple(passages[:JUDGED]), retrieve_ms, answered.answer_ms, answered.route)


def _answer(pipeline: Pipeline, question: str) -> Asked:
    began = time.perf_counter()
    route = pipeline.answer(question)
    return Asked((), 0.0, (time.perf_counter() - began) * 1000, route)


def _report(task: Task, **parts: Any) -> Report:
    unit = 1 if sys.platform == "darwin" else 1024  # macOS counts bytes, Linux kibibytes
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
    return Report(time.time() - task.began, peak / 1e6, **parts)


if __name__ == "__main__":
    print(perform(Task.from_json(sys.stdin.read())).to_json())
