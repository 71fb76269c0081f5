"""A run of question sets through the very chain that the chat uses, against the tracked baseline."""

import json
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from assistant.chain import Assistant, open_assistant
from assistant.corpus import read_corpus
from assistant.embed import MultilingualEmbeddings, QuestionEmbeddings, SentenceEmbeddings
from assistant.index import build_index
from assistant.records import Answer
from assistant.settings import Settings
from evals.cases import Case, read_cases
from evals.metrics import Score, score

BASELINE = Path(__file__).parent / "baseline.json"
# Share of the answers that may flip without a failure: the int8 reranker rounds differently on other processors.
SLACK = 0.01
RUNS = Path(__file__).parent / "runs"


@dataclass(frozen=True, slots=True)
class Result:
    """One case, its answer and the verdict."""

    case: Case
    answer: Answer
    score: Score


def run_evals(
    settings: Settings,
    datasets: Sequence[str],
    *,
    console: Console,
    save: bool = False,
    failures: bool = False,
) -> bool:
    """Run, print and keep the results; return False where fewer are right than in the baseline, less SLACK.

    A corpus other than the one of the default settings is indexed in a temporary folder first.
    """
    cases = read_cases(datasets)
    default = Settings().corpus
    own = settings.corpus.resolve() == default.resolve()
    cases = [case for case in cases if case.corpus != ("originals" if own else "own")]
    if own:
        results = run(open_assistant(settings), cases, console=console)
    else:
        with tempfile.TemporaryDirectory() as folder:
            settings = settings.model_copy(update={"index": Path(folder)})
            build_index(
                settings.corpus,
                settings.index,
                embeddings=SentenceEmbeddings(settings.embedding, threads=settings.threads),
                question_embeddings=QuestionEmbeddings(threads=settings.threads),
                meanings=MultilingualEmbeddings(threads=settings.threads),
                model=settings.embedding,
            )
            results = run(open_assistant(settings), cases, console=console, origins=_origins(default))
    name = settings.corpus.resolve().name
    show(results, name, console=console, failures=failures)
    RUNS.mkdir(exist_ok=True)
    lines = [json.dumps(_row(result), ensure_ascii=False) for result in results]
    (RUNS / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    if save:
        _save(name, results)
        return True
    return _compare(name, results, console)


def run(
    assistant: Assistant,
    cases: Iterable[Case],
    *,
    console: Console | None = None,
    origins: dict[str, str] | None = None,
) -> list[Result]:
    """Ask each question; the first one is asked twice, so that no time holds the loading of a model."""
    cases = list(cases)
    if cases:
        assistant.ask(cases[0].question)
    results = []
    shown = track(cases, "Asking", console=console, transient=True, disable=console is None)
    for case in shown:
        answer = assistant.ask(case.question)
        results.append(Result(case, answer, score(case, answer, assistant.index.sources, origins)))
    return results


def show(results: Sequence[Result], name: str, *, console: Console, failures: bool = False) -> None:
    """Print what was right by set and kind, and the times."""
    table = Table("Set", "Kind", "Right", "Of", "Share", title=f"Answers from {name}", box=None)
    groups: dict[tuple[str, str], list[Result]] = defaultdict(list)
    for result in results:
        groups[result.case.dataset, result.case.kind].append(result)
        groups[result.case.dataset, "all"].append(result)
    for (dataset, kind), rows in sorted(groups.items(), key=lambda item: (item[0][0], item[0][1] == "all")):
        right = sum(row.score.right for row in rows)
        style = "bold" if kind == "all" else ""
        table.add_row(dataset, kind, str(right), str(len(rows)), f"{right / len(rows):.0%}", style=style)
    console.print(table)
    exact = sum(result.score.citations_exact for result in results)
    cited = [r.score.source_cited for r in results if r.score.source_cited is not None]
    times = sorted(result.answer.timings_ms["total"] for result in results)
    console.print(
        f"Citations exact in {exact} of {len(results)} answers; a gold source cited in {sum(cited)} of {len(cited)}; "
        f"answer time p50 {statistics.median(times):.0f} ms, p95 {times[int(0.95 * (len(times) - 1))]} ms.",
        soft_wrap=True,
    )
    for result in results if failures else ():
        if not result.score.right:
            console.print(
                f"\n[bold]{result.case.id}[/bold] [{result.case.kind}] {escape(result.case.question.question)}"
            )
            console.print(f"[red]{escape(result.score.why)}[/red]", soft_wrap=True)
            console.print(escape(result.answer.answer[:600]), soft_wrap=True)


def _row(result: Result) -> dict[str, object]:
    return {
        "id": result.case.id,
        "kind": result.case.kind,
        "score": asdict(result.score),
        "answer": result.answer.to_dict(),
    }


def _origins(corpus: Path) -> dict[str, str]:
    """Map the id that an original gets when it is indexed as it is to the id of its document here."""
    documents = read_corpus(corpus).sources
    return {Path(source.original).stem: source.id for source in documents if source.original}


def _save(name: str, results: Sequence[Result]) -> None:
    baseline = _baseline()
    kept = dict(baseline.get(name, {}))
    kept |= {result.case.id: result.score.right for result in results}
    baseline[name] = dict(sorted(kept.items()))
    BASELINE.write_text(json.dumps(baseline, indent=1) + "\n", encoding="utf-8")


def _baseline() -> dict[str, dict[str, bool]]:
    if not BASELINE.is_file():
        return {}
    read: dict[str, dict[str, bool]] = json.loads(BASELINE.read_text(encoding="utf-8"))
    return read


def _compare(name: str, results: Sequence[Result], console: Console) -> bool:
    """Print which answers flipped against the baseline; return False where fewer are right, SLACK aside."""
    before = _baseline().get(name)
    if before is None:
        console.print(f"There is no baseline for {name}: `uccn eval run --save` makes one.")
        return True
    known = [result for result in results if result.case.id in before]
    now_wrong = [result.case.id for result in known if before[result.case.id] and not result.score.right]
    now_right = [result.case.id for result in known if not before[result.case.id] and result.score.right]
    was = sum(before[result.case.id] for result in known)
    now = sum(result.score.right for result in known)
    console.print(f"Baseline {was} right, now {now} of {len(known)}.")
    if now_wrong:
        console.print(f"[red]now wrong:[/red] {', '.join(now_wrong)}", soft_wrap=True)
    if now_right:
        console.print(f"[green]now right:[/green] {', '.join(now_right)}", soft_wrap=True)
    return now >= was - int(SLACK * len(known))
