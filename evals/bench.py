"""`make bench`: this assistant beside LangChain's RAG tutorial and a bare encoder, in speed, memory and finds."""

import argparse
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from assistant.errors import AssistantError
from assistant.settings import Settings
from evals.cases import Case, read_cases
from evals.metrics import bears_answer
from evals.pipelines import BARE, JUDGED, OURS, TUTORIAL, WITHOUT, Found, Report, Step, Task
from evals.runs import RUNS
from evals.totals import percentile

COMPARED = (OURS, TUTORIAL)
ROUNDS = 2
CLIENTS = 8  # that ask at once
LIBRARIES = ("langchain_chroma", "langchain_huggingface", "langchain_text_splitters", "matplotlib")
CHILD = (sys.executable, "-m", "evals.pipelines")
NOTES = (
    "Both read the same cleaned documents, with the same embedding weights and the same number of threads.",
    "Index time and cold start are medians of {rounds} fresh processes, imports included, the two in turn.",
    "Each answers every question once, warm, in {rounds} rounds in turn. A follow-up goes to both as the "
    "standalone question that this assistant makes of it.",
    f"{CLIENTS} clients ask the same questions at once, each its next one when it has its answer.",
    "The bare encoder gets every text of this assistant's index, longest first, from the same encoders, and stores "
    "nothing; imports are left out of both times.",
    "* The tutorial has no language model here: its answer is the list of 4 passages that it retrieves. "
    "This assistant's is composed, cited and checked.",
    f"Retrieval takes {JUDGED} passages of both. An answer stands in a passage of a right document that has "
    "an accepted wording.",
)


class BenchError(AssistantError):
    """The bench cannot run, or one of its children failed."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Everything that was measured of one pipeline."""

    builds: list[Report] = field(default_factory=list)
    firsts: list[Report] = field(default_factory=list)
    asks: list[Report] = field(default_factory=list)
    together: list[Report] = field(default_factory=list)
    ranks: dict[str, int] = field(default_factory=dict)  # id of an answerable case -> `rank`

    @property
    def answer_ms(self) -> list[float]:
        """The time of each answer."""
        times = (asked.answer_ms for report in self.asks for asked in report.asked)
        return [time_ms for time_ms in times if time_ms is not None]

    @property
    def together_ms(self) -> list[float]:
        """The time of each answer where several ask at once."""
        return [asked.answer_ms or 0.0 for report in self.together for asked in report.asked]

    @property
    def routes(self) -> dict[str, list[float]]:
        """The times of answers by route, one client."""
        found: dict[str, list[float]] = {}
        for asked in (asked for report in self.asks for asked in report.asked if asked.answer_ms is not None):
            found.setdefault(asked.route, []).append(asked.answer_ms or 0.0)
        return found

    @property
    def retrieve_ms(self) -> list[float]:
        """The time of each retrieval."""
        return [asked.retrieve_ms for report in self.asks for asked in report.asked]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison."""

    name: str
    unit: str
    ours: float
    theirs: float
    beside: str = TUTORIAL

    @property
    def ratio(self) -> float | None:
        """Ours as a multiple of the other's; None where that is 0."""
        return self.ours / self.theirs if self.theirs else None


def rank(case: Case, passages: Sequence[Found]) -> int:
    """Return the place of the first passage that bears the answer, from 1; 0 where none does."""
    places = (n for n, found in enumerate(passages, 1) if bears_answer(case, found.source_id, found.text))
    return next(places, 0)


def share_within(ranks: Mapping[str, int], places: int) -> float:
    """Return the share of cases whose answer stands within the first `places` passages."""
    return sum(0 < place <= places for place in ranks.values()) / len(ranks) if ranks else 0.0


def run_child(task: Task, command: Sequence[str] = CHILD) -> Report:
    """Do a task in a fresh process; raise BenchError with its last words where it fails."""
    threads = str(task.threads)
    limits = {"OMP_NUM_THREADS": threads, "RAYON_NUM_THREADS": threads, "HF_HUB_OFFLINE": "1"}
    given = replace(task, began=time.time()).to_json()
    environment = os.environ | limits
    done = subprocess.run(command, input=given, env=environment, capture_output=True, text=True, check=False)
    try:
        done.check_returncode()
        return Report.from_json(done.stdout.splitlines()[-1])
    except (subprocess.CalledProcessError, ValueError, LookupError, TypeError) as error:
        words = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise BenchError(f"{task.pipeline}: {task.step} failed, mend it and run `make bench`: {words}") from error


def measure(
    settings: Settings, cases: Sequence[Case], folder: Path, *, rounds: int = ROUNDS, console: Console
) -> dict[str, Measures]:
    """Run the pipelines in turn, then ours without some of its parts; return what was measured by name."""
    measures = {name: Measures() for name in (*COMPARED, BARE, *WITHOUT)}
    with Progress(console=console, transient=True) as progress:
        steps = len(COMPARED) * (2 + 3 * rounds) + 1 + rounds + len(WITHOUT)
        bar = progress.add_task("", total=steps)

        def run(name: str, step: Step, index: str = "", questions: Iterable[str] = (), clients: int = 1) -> Report:
            progress.update(bar, description=f"{name}: {step}")
            place = str(folder / (index or name))
            task = Task(name, step, str(settings.corpus), place, settings.threads, tuple(questions), clients=clients)
            report = run_child(task)
            progress.advance(bar)
            return report

        for name in COMPARED:
            run(name, "build")  # brings files into the system's cache, for both alike
        followed = [case.id for case in cases if case.question.history]
        standalone = run(OURS, "standalone", questions=followed).standalone
        texts = {case.id: case.question.question for case in cases} | dict(zip(followed, standalone, strict=True))
        for number in range(rounds):
            part = cases[number::rounds]
            for name in COMPARED:
                measures[name].builds.append(run(name, "build", f"{name} {number}"))
            measures[BARE].builds.append(run(BARE, "build", OURS))
            for name in COMPARED:
                measures[name].firsts.append(run(name, "first"))
            for name in COMPARED:
                take(measures[name], part, run(name, "ask", questions=[texts[case.id] for case in part]))
        for name in COMPARED:
            measures[name].together.append(run(name, "together", questions=texts.values(), clients=CLIENTS))
        for name in WITHOUT:
            take(measures[name], cases, run(name, "search", OURS, texts.values()))
    return measures


def take(measures: Measures, cases: Sequence[Case], report: Report) -> None:
    """Add the report on these cases, and where each answer stood."""
    measures.asks.append(report)
    for case, asked in zip(cases, report.asked, strict=True):
        if case.status == "answered":
            measures.ranks[case.id] = rank(case, asked.passages)


LINES: tuple[tuple[str, str, Callable[[Measures], float]], ...] = (
    ("Index time", "s", lambda m: statistics.median(report.seconds for report in m.builds)),
    ("Cold start, ready", "s", lambda m: statistics.median(report.opened_seconds for report in m.firsts)),
    ("Cold start to first answer *", "s", lambda m: statistics.median(report.seconds for report in m.firsts)),
    ("Answer, p50 *", "ms", lambda m: percentile(m.answer_ms, 0.5)),
    ("Answer, p95 *", "ms", lambda m: percentile(m.answer_ms, 0.95)),
    (f"Answer, {CLIENTS} clients, p50 *", "ms", lambda m: percentile(m.together_ms, 0.5)),
    (f"Answer, {CLIENTS} clients, p95 *", "ms", lambda m: percentile(m.together_ms, 0.95)),
    (f"Answers a second, {CLIENTS} clients *", "", lambda m: _rate(m.together)),
    ("Retrieval alone, p50", "ms", lambda m: percentile(m.retrieve_ms, 0.5)),
    ("Retrieval alone, p95", "ms", lambda m: percentile(m.retrieve_ms, 0.95)),
    ("Peak memory while indexing", "MB", lambda m: max(report.peak_mb for report in m.builds)),
    ("Peak memory while answering", "MB", lambda m: max(report.peak_mb for report in m.asks)),
    (f"Peak memory, {CLIENTS} clients", "MB", lambda m: max(report.peak_mb for report in m.together)),
    ("Passages", "", lambda m: len(m.builds[0].lengths)),
    ("Characters of a passage, median", "", lambda m: statistics.median(m.builds[0].lengths)),
    ("Answer stands in the first passage", "%", lambda m: 100 * share_within(m.ranks, 1)),
    (f"Answer stands in the first {JUDGED}", "%", lambda m: 100 * share_within(m.ranks, JUDGED)),
)


def _rate(reports: Sequence[Report]) -> float:
    return sum(len(report.asked) for report in reports) / sum(report.work_seconds for report in reports)


def _encoded(measures: Measures) -> float:
    """Return the texts that were encoded a second, the median of the builds."""
    return statistics.median(report.texts / report.work_seconds for report in measures.builds)


def compare(measures: Mapping[str, Measures]) -> list[Row]:
    """Return the comparison, line by line."""
    ours, theirs = (measures[name] for name in COMPARED)
    rows = [Row(name, unit, value(ours), value(theirs)) for name, unit, value in LINES]
    rows.insert(1, Row("Texts indexed a second", "", _encoded(ours), _encoded(measures[BARE]), BARE))
    return rows


def markdown(measures: Mapping[str, Measures]) -> str:
    """Return the comparison for the README, ratios first, then the times by route."""
    lines = ["| | Ratio | This assistant | The tutorial |", "|---|---|---|---|"]
    for row in compare(measures):
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        name = row.name if row.beside == TUTORIAL else f"{row.name}, beside {row.beside}"
        lines.append(f"| {name} | {ratio} | {figure(row.ours, row.unit)} | {figure(row.theirs, row.unit)} |")
    lines += ["", "| Route, one client | Answers | p50 | p95 |", "|---|---|---|---|"]
    for route, times in sorted(measures[OURS].routes.items(), key=lambda row: -len(row[1])):
        spread = (figure(percentile(times, part), "ms") for part in (0.5, 0.95))
        lines.append(f"| {route} | {len(times)} | {' | '.join(spread)} |")
    return "\n".join(lines) + "\n"


def plot(measures: Mapping[str, Measures], picture: Path) -> None:
    """Draw the ratios, and the share of answers within a time, by route."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    rows = [row for row in compare(measures) if row.ratio]
    figure_, (ratios, times) = pyplot.subplots(1, 2, figsize=(12, 5), layout="constrained")
    ratios.barh([row.name.rstrip(" *") for row in rows][::-1], [row.ratio or 0.0 for row in rows][::-1])
    ratios.axvline(1, color="0.3", linewidth=1)
    ratios.set(xscale="log", xlabel="multiple of the tutorial (texts indexed: of the bare encoder)")
    spreads = dict(measures[OURS].routes) | {f"all, {CLIENTS} clients": measures[OURS].together_ms}
    for name, held in spreads.items():
        ordered = sorted(held)
        times.plot(ordered, [(n + 1) / len(ordered) for n in range(len(ordered))], label=f"{name}: {len(ordered)}")
    times.set(xscale="log", xlabel="milliseconds to the answer", ylabel="share of answers")
    for axes in (ratios, times):
        axes.grid(alpha=0.3)
    times.legend()
    figure_.savefig(picture, dpi=110)


def show(measures: Mapping[str, Measures], *, console: Console) -> None:
    """Print both tables and how the figures were taken."""
    ours = measures[OURS]
    console.print(f"{len(ours.answer_ms)} questions\n", markdown(measures), sep="\n", soft_wrap=True, highlight=False)
    parts = _table(
        f"Retrieval, {len(ours.ranks)} answerable questions", "In the first", f"In the first {JUDGED}", "p50"
    )
    for name, measured in ((name, held) for name, held in measures.items() if held.ranks):
        shares = (figure(100 * share_within(measured.ranks, places), "%") for places in (1, JUDGED))
        parts.add_row(name, *shares, figure(percentile(measured.retrieve_ms, 0.5), "ms"))
    console.print(parts)
    for note in notes(measures):
        console.print(note, soft_wrap=True, style="dim", highlight=False)


def notes(measures: Mapping[str, Measures]) -> list[str]:
    """Return how the figures were taken."""
    return [note.format(rounds=len(measures[OURS].builds)) for note in NOTES]


def _table(first: str, *figures: str) -> Table:
    table = Table(first, box=None)
    for name in figures:
        table.add_column(name, justify="right")
    return table


def figure(value: float, unit: str) -> str:
    """Write a number with its unit, to three digits or to one decimal place."""
    return f"{value:.{1 if unit and value < 100 else 0}f} {unit}".rstrip()


def keep(measures: Mapping[str, Measures], path: Path, *, threads: int) -> None:
    """Write every figure, and the times and place of each question, as JSON."""
    path.parent.mkdir(exist_ok=True)
    kept = {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load_at_the_end": os.getloadavg()[0],  # well above 2: something else ran beside the bench
        "threads": threads,
        "notes": notes(measures),
        "rows": [{**asdict(row), "ratio": row.ratio} for row in compare(measures)],
        "pipelines": {
            name: {
                "index_seconds": [report.seconds for report in measured.builds],
                "first_answer_seconds": [report.seconds for report in measured.firsts],
                "answer_ms": measured.answer_ms,
                "together_ms": measured.together_ms,
                "routes_ms": measured.routes,
                "retrieve_ms": measured.retrieve_ms,
                "ranks": measured.ranks,
            }
            for name, measured in measures.items()
        },
    }
    path.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def require(libraries: Sequence[str] = LIBRARIES) -> None:
    """Raise BenchError where a library of the tutorial is not installed."""
    for name in libraries:
        if importlib.util.find_spec(name) is None:
            raise BenchError(f"{name.replace('_', '-')} is not installed: run `make bench`, which installs it first")


def sample(cases: Sequence[Case], count: int) -> list[Case]:
    """Return so many cases, spread over all sets; all where the count is 0."""
    return list(cases[:: max(1, len(cases) // count)][:count] if count else cases)


def main() -> int:
    """Run the bench; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="builds, starts and parts of the questions")
    parser.add_argument("--questions", type=int, default=0, help="ask no more than so many")
    given = parser.parse_args()
    console = Console()
    try:
        require()
        settings = Settings()
        with tempfile.TemporaryDirectory() as folder:
            cases = [
                one for one in read_cases() if one.corpus != "originals" and (one.sources or one.status != "answered")
            ]
            chosen = sample(cases, given.questions)
            measures = measure(settings, chosen, Path(folder), rounds=given.rounds, console=console)
    except AssistantError as error:
        Console(stderr=True).print(f"[red]error:[/red] {escape(str(error))}", soft_wrap=True)
        return 1
    show(measures, console=console)
    keep(measures, RUNS / "bench.json", threads=settings.threads)
    (RUNS / "bench.md").write_text(markdown(measures), encoding="utf-8")
    plot(measures, RUNS / "bench.png")
    console.print(f"Kept in {escape(os.path.relpath(RUNS))}: bench.json, bench.md, bench.png", soft_wrap=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
