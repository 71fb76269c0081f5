"""Asks question sets through the very chain that the chat uses, in several processes at once."""

import contextlib
import multiprocessing
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from assistant.chain import Assistant, build, open_assistant
from assistant.corpus import read_corpus
from assistant.index import open_index, split_unit_id
from assistant.retrieve import Found
from assistant.settings import Settings
from evals.cases import Case, CaseError
from evals.choice import spread
from evals.gold import gold_statements
from evals.metrics import score
from evals.runs import Header, Result, Retrieved, Run, changed_settings, fingerprints, now

PASSAGES_KEPT, STATEMENTS_KEPT = 10, 20  # of what the search finds

# What an index is built from; a run with another value of one of these needs an index of its own.
BUILT_FROM = ("corpus", "embedding", "passage_words")

Change = Callable[[Assistant], None]
Shown = Callable[[str, int, int], None]  # what is being done, how many are done, of how many


@dataclass(frozen=True, slots=True)
class Judge:
    """Asks one case and judges the answer."""

    assistant: Assistant
    origins: Mapping[str, str] | None = None  # id of an original -> id of its document, where the originals are asked
    retrieval: bool = True

    def __call__(self, case: Case) -> Result:
        """Return the case with its answer, the verdict and what the search found."""
        index = self.assistant.index
        answer, found = self.assistant.ask_and_search(case.question)
        cities = [city.name for city in index.tables.cities]
        verdict = score(case, answer, index.sources, self.origins, cities=cities)
        measured = case.sources or answer.route not in ("facts", "cities")  # else nobody searched, and for no figure
        searched = self.retrieval and case.status == "answered" and measured
        return Result(case, answer, verdict, self._retrieved(case, found()) if searched else Retrieved())

    def _retrieved(self, case: Case, found: Found) -> Retrieved:
        known = self.origins or {}
        passages = self.assistant.index.passages
        gold = [] if self.origins else gold_statements(case, passages.values())
        searched = {known.get(passage.source_id, passage.source_id) for passage in passages.values()}
        sources = dict.fromkeys(known.get(hit.passage.source_id, hit.passage.source_id) for hit in found.hits)
        return Retrieved(
            sources=tuple(sources),
            passages=tuple(hit.passage.id for hit in found.hits[:PASSAGES_KEPT]),
            statements=tuple(found.unit_ids[:STATEMENTS_KEPT]),
            gold_sources=tuple(id_ for id_ in case.sources if id_ in searched),  # a view is asked, not searched
            gold_passages=tuple(dict.fromkeys(split_unit_id(id_)[0] for id_ in gold)),
            gold_statements=tuple(gold),
        )


def ask_all(
    settings: Settings,
    cases: Sequence[Case],
    *,
    workers: int = 1,
    retrieval: bool = True,
    origins: Mapping[str, str] | None = None,
    change: Change | None = None,
) -> Iterator[Result]:
    """Yield each case's result, in order, as soon as it is there.

    `change` is done to the assistant once it is open. Each worker is a process with one thread for its models; with
    one worker the work is done here.
    """
    single = settings.model_copy(update={"threads": 1}) if workers > 1 else settings
    if workers <= 1:
        judge = _opened(single, origins, retrieval, change)
        yield from map(judge, cases)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, context, _start, (single, origins, retrieval, change)) as pool:
        yield from pool.map(_judge, cases, chunksize=2)


_opened_judge: list[Judge] = []  # of this worker process


def _start(settings: Settings, origins: Mapping[str, str] | None, retrieval: bool, change: Change | None) -> None:
    _opened_judge.append(_opened(settings, origins, retrieval, change))


def _judge(case: Case) -> Result:
    return _opened_judge[0](case)


def _opened(settings: Settings, origins: Mapping[str, str] | None, retrieval: bool, change: Change | None) -> Judge:
    assistant = open_assistant(settings)
    assistant.warm()  # no time of an answer holds the loading of a model
    if change:
        change(assistant)
    return Judge(assistant, origins, retrieval)


def run_cases(
    settings: Settings,
    cases: Sequence[Case],
    *,
    name: str = "",
    limit: int = 0,
    workers: int = 1,
    shown: Shown | None = None,
) -> Run:
    """Ask every case of this corpus, or at most `limit` of them, and return the run.

    A corpus, embedding or size of passages other than the default is indexed in a temporary folder first.
    Raises CaseError where no case is left to ask.
    """
    default = Settings()
    own = settings.corpus.resolve() == default.corpus.resolve()
    cases = spread([case for case in cases if case.corpus != ("originals" if own else "own")], limit)
    if not cases:
        raise CaseError("No question is left to ask: widen --filter or name another set")
    with contextlib.ExitStack() as stack:
        if any(getattr(settings, name_) != getattr(default, name_) for name_ in BUILT_FROM):
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "index"
            with contextlib.suppress(OSError):  # what is embedded already need not be embedded again
                shutil.copytree(settings.index, folder)
            settings = settings.model_copy(update={"index": folder})
            build(settings, progress=partial(shown, "Indexing") if shown else None)
        began = time.perf_counter()
        origins = None if own else originals(default.corpus)
        results = []
        for result in ask_all(settings, cases, workers=workers, origins=origins):
            results.append(result)
            if shown:
                shown("Asking", len(results), len(cases))
        index = open_index(settings.index, settings.embedding, settings.chroma_url)
        header = Header(
            name=name or settings.corpus.resolve().name,
            corpus=settings.corpus.resolve().name,
            at=now(),
            fingerprints=fingerprints(index, settings, cases),
            settings=changed_settings(settings),
            seconds=round(time.perf_counter() - began, 1),
            workers=workers,
            memory_mb=_peak_mb(workers),
        )
    return Run(header, tuple(results))


def originals(corpus: Path) -> dict[str, str]:
    """Map the id that an original gets when it is indexed as it is to the id of its document in a corpus."""
    return {Path(source.original).stem: source.id for source in read_corpus(corpus).sources if source.original}


def _peak_mb(workers: int) -> float:
    """Return the peak memory of the largest worker."""
    who = resource.RUSAGE_CHILDREN if workers > 1 else resource.RUSAGE_SELF
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(who).ru_maxrss / unit)
