"""A run's figures: each metric over all cases and by set, kind, language and route, with a confidence interval."""

import random
import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.stats import binomtest

from evals.metrics import TRUTHFULNESS
from evals.ranking import LEVELS, measure_ranks
from evals.runs import Result, Run

Unit = Literal["share", "score", "ms", "MB", "s"]

CONFIDENCE = 0.95
RESAMPLES = 1000
GROUPS: dict[str, Callable[[Result], str]] = {
    "set": lambda result: result.case.dataset,
    "kind": lambda result: result.case.kind,
    "language": lambda result: result.case.language,
    "route": lambda result: result.answer.route or result.answer.status,
}


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric over some cases; it is left out where it applies to none."""

    name: str
    value: float
    n: int  # cases that it applies to
    low: float | None = None  # 95 % confidence; None for percentiles and the like
    high: float | None = None
    unit: Unit = "share"


def share(name: str, values: Iterable[bool | None]) -> list[Figure]:
    """Return the share of true values with Wilson's interval (Wilson 1927); nothing where none applies."""
    known = [value for value in values if value is not None]
    if not known:
        return []
    interval = binomtest(sum(known), len(known)).proportion_ci(CONFIDENCE, method="wilson")
    return [Figure(name, sum(known) / len(known), len(known), float(interval.low), float(interval.high))]


def mean(name: str, values: Iterable[float | None], unit: Unit = "share") -> list[Figure]:
    """Return the mean with a bootstrap percentile interval (Efron 1979), the same in each run."""
    known = [value for value in values if value is not None]
    if not known:
        return []
    chance = random.Random(0)
    means = sorted(statistics.fmean(chance.choices(known, k=len(known))) for _ in range(RESAMPLES))
    tail = int(RESAMPLES * (1 - CONFIDENCE) / 2)
    return [Figure(name, statistics.fmean(known), len(known), means[tail], means[-1 - tail], unit)]


def percentile(values: Sequence[float], part: float) -> float:
    """Return the value that a part of the values do not exceed, without interpolation."""
    return sorted(values)[int(part * (len(values) - 1))]


def answer_figures(results: Sequence[Result]) -> list[Figure]:
    """Return the figures of answers: verdict, value, list and CRAG's grades."""

    def of_kinds(*kinds: str) -> Iterable[bool | None]:
        return (one.score.value_right for one in results if one.case.kind in kinds)

    return [
        *share("right", (one.score.right for one in results)),
        *mean("truthfulness", (TRUTHFULNESS[one.score.grade] for one in results), "score"),
        *(
            figure
            for grade in TRUTHFULNESS
            for figure in share(f"grade {grade}", (one.score.grade == grade for one in results))
        ),
        *share("value right where answered", (one.score.value_right for one in results)),
        *share("number right where answered", of_kinds("count", "number")),
        *share("date right where answered", of_kinds("date")),
        *mean("list recall", (one.score.list_recall for one in results)),
        *mean("list precision", (one.score.list_precision for one in results)),
        *mean("list F1", (_f1(one.score.list_precision, one.score.list_recall) for one in results)),
    ]


def citation_figures(results: Sequence[Result]) -> list[Figure]:
    """Return the figures of citations."""
    cited = [citation for one in results for citation in one.answer.citations]
    return [
        *share("citations exact", (one.score.citations_exact for one in results)),
        *share("citations verified", (citation.verified for citation in cited)),
        *mean("citation recall", (one.score.claims_supported for one in results)),
        *mean("citation precision", (one.score.quotes_used for one in results)),
        *share("gold source cited", (one.score.source_cited for one in results)),
    ]


def behaviour_figures(results: Sequence[Result]) -> list[Figure]:
    """Return the figures of behaviour: refusals, dates, premises, follow-ups, language, tampering."""
    answerable = [one for one in results if one.case.status == "answered"]
    refusable = [one for one in results if one.case.status in ("no_answer", "out_of_scope")]
    refused = [one for one in results if one.answer.status in ("no_answer", "out_of_scope")]

    def right(*kinds: str) -> Iterable[bool | None]:
        return (one.score.right for one in results if one.case.kind in kinds)

    return [
        *share("refusal recall", (_refuses(one) for one in refusable)),
        *share("refusal precision", (one.score.status_right for one in refused)),
        *share("false refusals", (_refuses(one) and not one.score.status_right for one in answerable)),
        *share("dates named", (one.score.dated for one in results)),
        *share("older state told", right("dated")),
        *share("disagreement told", (one.score.right for one in results if "disagreement" in one.case.tags)),
        *share("false premise corrected", right("premise")),
        *share("follow-up carried", right("followup")),
        *share("language kept", (one.score.language_kept for one in results)),
        *share("tampering resisted", right("injection", "adversarial")),
    ]


def retrieval_figures(results: Sequence[Result]) -> list[Figure]:
    """Return the figures of retrieval over the cases that name documents or words that answer them."""
    found: list[Figure] = []
    for level in LEVELS:
        gold = {one.case.id: getattr(one.retrieved, f"gold_{level}s") for one in results}
        ranked = {one.case.id: getattr(one.retrieved, f"{level}s") for one in results}
        for name, values in measure_ranks(gold, ranked).items():
            found += mean(f"{level} {name}", list(values.values()))
    return found


def cost_figures(run: Run) -> list[Figure]:
    """Return the times and the memory of a run."""
    times = [float(one.answer.timings_ms.get("total", 0)) for one in run.results]
    return [
        Figure("answer p50", percentile(times, 0.5), len(times), unit="ms"),
        Figure("answer p95", percentile(times, 0.95), len(times), unit="ms"),
        Figure("answer longest", max(times), len(times), unit="ms"),
        Figure("memory of a worker", run.header.memory_mb, run.header.workers, unit="MB"),
        Figure("whole run", run.header.seconds, len(times), unit="s"),
    ]


def all_figures(run: Run) -> dict[str, list[Figure]]:
    """Return every figure that applies, by topic."""
    found = {
        "Answers": answer_figures(run.results),
        "Citations": citation_figures(run.results),
        "Behaviour": behaviour_figures(run.results),
        "Retrieval": retrieval_figures(run.results),
        "Cost": cost_figures(run) if run.results else [],
    }
    return {topic: figures for topic, figures in found.items() if figures}


def by_group(results: Sequence[Result], group: str) -> Mapping[str, list[Result]]:
    """Return the results by set, kind, language or route, in the order of their names."""
    grouped: dict[str, list[Result]] = {}
    for one in results:
        grouped.setdefault(GROUPS[group](one), []).append(one)
    return dict(sorted(grouped.items()))


def _refuses(result: Result) -> bool:
    return result.answer.status in ("no_answer", "out_of_scope")


def _f1(precision: float | None, recall: float | None) -> float | None:
    if precision is None or recall is None:
        return None
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
