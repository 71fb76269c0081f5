"""A run as one self-contained page: figures with their intervals, plots, and every case with its answer and quotes."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from assistant.records import Passage
from evals.changes import Flip, differences
from evals.runs import Result, Run
from evals.totals import GROUPS, Figure, all_figures, by_group, percentile, share

TEMPLATE = "report.html.j2"
TICKS_MS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10000)
HEADLINE = (
    "right",
    "false refusals",
    "refusal recall",
    "citation recall",
    "statement RR@10",
    "answer p50",
    "answer p95",
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a plot: a share with its interval, in percent."""

    label: str
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Strip:
    """How long the answers of one route took, in milliseconds."""

    label: str
    p5: float
    p25: float
    p50: float
    p75: float
    p95: float
    n: int


def write_report(
    run: Run, path: Path, *, before: Run | None = None, passages: Mapping[str, Passage] | None = None
) -> None:
    """Write the page of a run, with the texts of `passages`; with an older run it also shows what changed."""
    flips = differences(before, run) if before else []
    page = render_report(run, flips, before=before, passages=passages)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(page, encoding="utf-8")


def render_report(
    run: Run,
    flips: Sequence[Flip] = (),
    *,
    before: Run | None = None,
    passages: Mapping[str, Passage] | None = None,
) -> str:
    """Return the page; it asks no host for anything and works without scripts, but for the search."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent)
    environment = jinja2.Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["said"] = said
    environment.filters["figure"] = figure_text
    environment.filters["interval"] = interval_text
    environment.globals["log_place"] = log_place
    figures = all_figures(run)
    found = {id_ for one in run.results for id_ in one.retrieved.passages}
    known = {figure.name: figure for held in figures.values() for figure in held}
    return environment.get_template(TEMPLATE).render(
        run=run,
        before=before,
        flips={flip.id: flip for flip in flips},
        turned=_counts([flip.turned for flip in flips]),
        figures=figures,
        headline=[known[name] for name in HEADLINE if name in known],
        plots={group: bars(run.results, group) for group in GROUPS},
        strips=strips(run.results),
        ticks=TICKS_MS,
        results=sorted(run.results, key=lambda one: (one.score.right, one.case.dataset, one.case.id)),
        options={group: list(by_group(run.results, group)) for group in GROUPS},
        passages={id_: passage for id_, passage in (passages or {}).items() if id_ in found},
    )


def bars(results: Sequence[Result], group: str) -> list[Bar]:
    """Return the share of right answers of each set, kind, language or route."""
    found = []
    for label, held in by_group(results, group).items():
        (figure,) = share("right", (one.score.right for one in held))
        found.append(Bar(label, 100 * figure.value, 100 * (figure.low or 0.0), 100 * (figure.high or 0.0), len(held)))
    return found


def strips(results: Sequence[Result]) -> list[Strip]:
    """Return the spread of the times by route, the quickest first."""
    found = []
    for label, held in by_group(results, "route").items():
        times = [max(1.0, float(one.answer.timings_ms.get("total", 0))) for one in held]
        p5, p25, p50, p75, p95 = (percentile(times, part) for part in (0.05, 0.25, 0.5, 0.75, 0.95))
        found.append(Strip(label, p5, p25, p50, p75, p95, len(held)))
    return sorted(found, key=lambda strip: strip.p50)


def log_place(milliseconds: float) -> float:
    """Return where a time stands on the logarithmic axis, from 0 to 100."""
    low, high = math.log10(TICKS_MS[0]), math.log10(TICKS_MS[-1])
    return round(100 * (math.log10(min(max(milliseconds, TICKS_MS[0]), TICKS_MS[-1])) - low) / (high - low), 2)


def said(text: str, id_: str = "") -> Markup:
    """Return an answer's Markdown as HTML: bold, lines, and markers that lead to the quotes of the case."""
    html = str(escape(text))
    html = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html)
    html = re.sub(r"(?<!\\)\[(\d+)\]", rf'<a class="marker" href="#{escape(id_)}-\1">\1</a>', html)
    return Markup(html.replace("\\[", "[").replace("\\]", "]").replace("\n", "<br>"))


def figure_text(figure: Figure) -> str:
    """Write a figure with its unit."""
    return _text(figure, figure.value)


def interval_text(figure: Figure) -> str:
    """Write the interval of a figure, '' where it has none."""
    return (
        ""
        if figure.low is None or figure.high is None
        else f"{_text(figure, figure.low)} – {_text(figure, figure.high)}"
    )


def _text(figure: Figure, value: float) -> str:
    if figure.unit == "share":
        return f"{100 * value:.1f} %"
    return f"{value:.3f}" if figure.unit == "score" else f"{value:,.0f} {figure.unit}"


def _counts(values: Sequence[str]) -> dict[str, int]:
    return {value: values.count(value) for value in dict.fromkeys(values)}
