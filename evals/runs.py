"""A run of question sets as it is kept: what it ran on, and every case with its answer and verdict."""

import datetime
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from assistant.adapt import digest
from assistant.embed import QuestionEmbeddings
from assistant.index import Index
from assistant.records import Answer
from assistant.rerank import Reranker
from assistant.settings import Settings
from evals.cases import Case, CaseError
from evals.metrics import Score

RUNS = Path(__file__).parent / "runs"
FORMAT = 2
# Settings that answers depend on, beside the corpus: the others say where things lie, who may come in and how fast.
ANSWERING = ("glossary", "embedding", "passage_words", "reranker", "llm", "llm_base_url")


@dataclass(frozen=True, slots=True)
class Retrieved:
    """Ids that the search found, best first, and those that hold the answer, where the case names its words."""

    sources: tuple[str, ...] = ()
    passages: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    gold_sources: tuple[str, ...] = ()
    gold_passages: tuple[str, ...] = ()
    gold_statements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """One case, its answer and the verdict."""

    case: Case
    answer: Answer
    score: Score
    retrieved: Retrieved = field(default_factory=Retrieved)


@dataclass(frozen=True, slots=True)
class Header:
    """What a run ran on, and how long it took."""

    name: str
    corpus: str  # name of the corpus folder
    at: str  # ISO, UTC
    fingerprints: Mapping[str, str]  # of corpus, index, models, settings, questions
    settings: Mapping[str, str]  # those that differ from the defaults
    seconds: float = 0.0
    workers: int = 1
    memory_mb: float = 0.0  # peak of one worker
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class Run:
    """The header and the results, in the order in which they were asked."""

    header: Header
    results: tuple[Result, ...]

    @property
    def digest(self) -> str:
        """The same for the same answers and verdicts, whatever time they took."""
        rows = [_RESULT.dump_json(replace(one, answer=replace(one.answer, timings_ms={}))) for one in self.results]
        return hashlib.sha256(b"\n".join(rows)).hexdigest()[:16]


_RESULT = TypeAdapter(Result)
_HEADER = TypeAdapter(Header)


def write_run(run: Run, path: Path) -> None:
    """Write a run, its header on the first line and a result on each other."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [_HEADER.dump_json(run.header), *(_RESULT.dump_json(result) for result in run.results)]
    part = path.with_suffix(".part")
    part.write_bytes(b"\n".join(lines) + b"\n")
    part.replace(path)  # whole or not at all


def read_run(path: Path) -> Run:
    """Read a run; raise CaseError where the file is missing or no run of this format."""
    if not path.is_file():
        raise CaseError(f"There is no run at {path}: `uccn eval run` makes one")
    first, *lines = path.read_bytes().splitlines() or [b""]
    try:
        if json.loads(first).get("format") != FORMAT:
            raise ValueError("another format")
        return Run(_HEADER.validate_json(first), tuple(_RESULT.validate_json(line) for line in lines))
    except (ValueError, AttributeError, ValidationError) as error:
        raise CaseError(f"{path} is no run of this version: run `uccn eval run` again") from error


def find_run(name: str, *, folder: Path | None = None) -> Path:
    """Return the file of a run, named by its path or by its name in `evals/runs`."""
    path = Path(name)
    return path if path.suffix else (folder or RUNS) / f"{name}.jsonl"


def fingerprints(index: Index, settings: Settings, cases: Iterable[Case]) -> dict[str, str]:
    """Return what the answers depend on, each as a short digest; two runs with the same ones must be the same."""
    adapters = [digest(QuestionEmbeddings.ADAPTER), digest(Reranker.ADAPTER)]
    glossary = settings.glossary.read_text(encoding="utf-8") if settings.glossary.is_file() else ""
    return {
        "corpus": _digest([index.manifest["files"], glossary]),
        "index": _digest([index.fingerprint]),
        "models": _digest([settings.embedding, settings.reranker, settings.llm, adapters]),
        "settings": _digest(changed_settings(settings)),
        "questions": _digest([repr(case) for case in cases]),
    }


def changed_settings(settings: Settings) -> dict[str, str]:
    """Return the settings that answers depend on, where they differ from the defaults."""
    fields, shown = type(settings).model_fields, settings.shown()
    return {
        name: shown[f"UCCN_{name.upper()}"] for name in ANSWERING if getattr(settings, name) != fields[name].default
    }


def now() -> str:
    """Return the time, ISO, UTC."""
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:12]
