"""`uccn eval ...`: run, summary, diff, gate, report, compare, check, add, import, export, judge and retrieval."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from assistant.errors import SettingsError

if TYPE_CHECKING:
    from assistant.settings import Settings
    from evals.cases import Case
    from evals.runner import Shown
    from evals.runs import Result, Run
    from evals.totals import Figure

app = typer.Typer(help="Check the answers against sets of questions, and see what changed.", no_args_is_help=True)

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

SetsArgument = Annotated[list[str] | None, typer.Argument(help="Names of sets in evals/datasets.", show_default="all")]
CorpusOption = Annotated[Path | None, typer.Option("--corpus", help="Folder of documents.", show_default="corpus")]
FilterOption = Annotated[
    list[str] | None,
    typer.Option("--filter", help="kind=date, language=fr, set=dev, tag=..., id=net-0*, or words of the question."),
]
LimitOption = Annotated[int, typer.Option("--limit", min=0, help="Ask at most so many, evenly spread; 0: all.")]
WorkersOption = Annotated[
    int, typer.Option("--workers", min=0, help="Processes that ask at once; 0: one for each core, four at most.")
]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", help="Try a setting: passage_words=120. May be given again.")
]
RunArgument = Annotated[str, typer.Argument(help="A run: its name in evals/runs, or its file.")]


@app.command("run")
def run_command(
    sets: SetsArgument = None,
    corpus: CorpusOption = None,
    chosen: FilterOption = None,
    limit: LimitOption = 0,
    workers: WorkersOption = 0,
    changed: SetOption = None,
    name: Annotated[str, typer.Option("--name", help="Name of the run.", show_default="that of the corpus")] = "",
    failures: Annotated[bool, typer.Option("--failures", help="Show each wrong answer.")] = False,
) -> None:
    """Ask every question of the sets and keep the answers as a run."""
    from evals.runs import RUNS, write_run

    settings = _settings(corpus, changed)
    run = _run(settings, _cases(sets, chosen), name=name, limit=limit, workers=workers)
    path = RUNS / f"{run.header.name}.jsonl"
    write_run(run, path)
    _print_summary(run)
    if failures:
        _print_failures(run.results)
    out.print(f"Kept in {escape(os.path.relpath(path))}; results {run.digest}.", soft_wrap=True)


@app.command()
def summary(
    run: RunArgument = "corpus",
    by: Annotated[str, typer.Option("--by", help="Also part by set, kind, language or route.")] = "kind",
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
    failures: Annotated[bool, typer.Option("--failures", help="Show each wrong answer.")] = False,
) -> None:
    """Print the figures of a run, each with its 95 % confidence interval."""
    from dataclasses import asdict

    from evals.totals import all_figures

    read = _read(run)
    if as_json:
        figures = {topic: [asdict(figure) for figure in held] for topic, held in all_figures(read).items()}
        print(json.dumps({"run": asdict(read.header), "digest": read.digest, "figures": figures}, ensure_ascii=False))
        return
    _print_summary(read, by=by)
    if failures:
        _print_failures(read.results)


@app.command()
def diff(
    before: RunArgument,
    after: RunArgument,
    verdicts: Annotated[bool, typer.Option("--verdicts", help="Only answers that became right or wrong.")] = False,
) -> None:
    """Show question by question what changed between two runs, with both answers."""
    from evals.changes import differences, moved

    first, second = _read(before), _read(after)
    flips = differences(first, second)
    for flip in flips:
        if verdicts and flip.turned not in ("now right", "now wrong"):
            continue
        result = flip.after or flip.before
        assert result
        style = {"now right": "green", "now wrong": "red"}.get(flip.turned, "yellow")
        out.print(f"\n[bold]{flip.id}[/bold] [{style}]{flip.turned}[/{style}] {escape(result.case.question.question)}")
        for mark, one, other in (("-", flip.before, flip.after), ("+", flip.after, flip.before)):
            if one:
                why = f"  [dim]{escape(one.score.why)}[/dim]" if one.score.why else ""
                out.print(f"{mark} {escape(_brief(one, other))}{why}", soft_wrap=True)
    counts = {turned: sum(flip.turned == turned for flip in flips) for turned in dict.fromkeys(f.turned for f in flips)}
    told = ", ".join(f"{count} {turned}" for turned, count in counts.items()) or "no answer changed"
    out.print(f"\n{len(first.results)} and {len(second.results)} questions: {told}.", soft_wrap=True)
    for old, new in moved(first, second):
        if _figure(old) != _figure(new):
            out.print(f"Search, {old.name}: {_figure(old)} -> {_figure(new)}", soft_wrap=True)
    _print_grounds(
        [name for name, value in second.header.fingerprints.items() if first.header.fingerprints.get(name) != value],
        "the other run",
    )


@app.command()
def gate(
    run: RunArgument = "corpus",
    accept: Annotated[bool, typer.Option("--accept", help="Make this run the baseline.")] = False,
) -> None:
    """Hold a run against the tracked baseline; exit 1 where fewer are right, but for the 1 % that may flip."""
    from evals.changes import BASELINE, check_gate
    from evals.changes import accept as accept_run

    read = _read(run)
    if accept:
        accept_run(read)
        right = sum(one.score.right for one in read.results)
        out.print(f"{right} of {len(read.results)} right are the baseline now: {escape(os.path.relpath(BASELINE))}")
        return
    found = check_gate(read)
    out.print(
        f"Baseline {found.was} right, now {found.now} of {found.of}; "
        f"citation recall {found.support_was:.3f}, now {found.support_now:.3f}.",
        soft_wrap=True,
    )
    for label, style, ids in (
        ("now wrong", "red", found.now_wrong),
        ("now right", "green", found.now_right),
        ("not in the baseline", "yellow", found.unknown),
    ):
        if ids:
            out.print(f"[{style}]{label}:[/{style}] {', '.join(ids)}", soft_wrap=True)
    _print_grounds(found.changed, "the baseline")
    if not found.holds:
        err.print(
            "[red]error:[/red] Fewer answers are right, or fewer statements supported, than the baseline allows: "
            "`uccn eval report` shows each",
            soft_wrap=True,
        )
        raise typer.Exit(1)


@app.command()
def report(
    run: RunArgument = "corpus",
    against: Annotated[str, typer.Option("--against", help="An older run; shows what changed.")] = "",
    file: Annotated[Path | None, typer.Option("--file", help="Where to write.", show_default="evals/runs")] = None,
) -> None:
    """Write a run as one page that opens offline: figures, plots, and every case with its answer and quotes."""
    from assistant.errors import IndexMissing, IndexStale
    from assistant.index import open_index
    from evals.report import write_report
    from evals.runs import RUNS

    path, settings, passages = file or RUNS / "report.html", _settings(), {}
    with suppress(IndexMissing, IndexStale):  # then the page names the passages, without their texts
        passages = open_index(settings.index, settings.embedding, settings.chroma_url, lazily=True).passages
    write_report(_read(run), path, before=_read(against) if against else None, passages=passages)
    out.print(f"Open {escape(os.path.relpath(path))} in a browser ({path.stat().st_size / 1e6:.1f} MB).")


@app.command()
def compare(
    variants: Annotated[list[str], typer.Argument(help="Settings to try: passage_words=80, or two joined by commas.")],
    sets: Annotated[list[str] | None, typer.Option("--from", help="A set; may be given again.")] = None,
    chosen: FilterOption = None,
    limit: LimitOption = 0,
    workers: WorkersOption = 0,
) -> None:
    """Run the questions under the present settings and under each variant; print them side by side."""
    from evals.changes import differences
    from evals.runs import RUNS, write_run
    from evals.totals import all_figures

    cases = _cases(sets, chosen)
    runs = {"as set": _run(_settings(None, None), cases, name="compare-0", limit=limit, workers=workers)}
    for number, variant in enumerate(variants, 1):
        settings = _settings(None, variant.split(","))
        runs[variant] = _run(settings, cases, name=f"compare-{number}", limit=limit, workers=workers)
    table = Table("", *runs, box=None, title=f"{len(next(iter(runs.values())).results)} questions")
    figures = [{figure.name: figure for held in all_figures(run).values() for figure in held} for run in runs.values()]
    for name in COMPARED:
        if name in figures[0]:
            table.add_row(name, *(_figure(held[name]) if name in held else "" for held in figures))
    first, *others = runs.values()
    turned = [[flip.turned for flip in differences(first, other)] for other in others]
    table.add_row("now right", "", *(str(held.count("now right")) for held in turned))
    table.add_row("now wrong", "", *(str(held.count("now wrong")) for held in turned))
    for run in runs.values():
        write_run(run, RUNS / f"{run.header.name}.jsonl")
    out.print(table)
    out.print(f"Kept as {', '.join(run.header.name for run in runs.values())}: `uccn eval diff` shows each question.")


@app.command()
def check(
    sets: SetsArgument = None,
    file: Annotated[Path | None, typer.Option("--file", help="Check a file that is no set yet.")] = None,
    corpus: CorpusOption = None,
) -> None:
    """Check question sets: gold stands in the corpus, each item passes with its own gold; exit 1 if any does not."""
    from assistant.corpus import read_corpus
    from evals.cases import read_cases, read_file
    from evals.soundness import REFUSALS, check_cases

    cases = read_file(file) if file else read_cases(sets or [])
    asked = [case for case in cases if case.corpus != "originals"]
    sources = {source.id: source for source in read_corpus(_settings(corpus, None).corpus).sources}
    flaws = check_cases(asked, sources)
    for flaw in flaws:
        err.print(f"[red]{escape(flaw.id)}:[/red] {escape(flaw.text)}", soft_wrap=True)
    if flaws:
        err.print(f"{len(flaws)} flaws in {len({flaw.id for flaw in flaws})} of {len(asked)} cases")
        raise typer.Exit(1)
    either = sum(case.status == "answered" and bool(set(case.statuses) & set(REFUSALS)) for case in asked)
    quoted = sum(bool(case.quotes) for case in asked)
    out.print(
        f"{len(asked)} cases: no flaw. {quoted} name the words that answer them; {either} accept a refusal too.",
        soft_wrap=True,
    )


@app.command()
def add(
    key: Annotated[str, typer.Argument(help="Key of a stored question; without one they are listed.")] = "",
    to: Annotated[str, typer.Option("--to", help="The set that gets it.")] = "use",
    kind: Annotated[str, typer.Option(help="Kind of the question.")] = "fact",
    status: Annotated[str, typer.Option(help="Status that an answer should have.", show_default="as stored")] = "",
    accepted: Annotated[
        list[str] | None, typer.Option("--accepted", help="A form of the right answer; may be given again.")
    ] = None,
    required: Annotated[
        list[str] | None, typer.Option("--required", help="Forms parted by |, one of which must stand; again for more.")
    ] = None,
    right: Annotated[bool, typer.Option("--right", help="Today's answer is right: its quotes are the gold.")] = False,
) -> None:
    """Turn a question that somebody asked or rated into a case of a set."""
    from assistant.corpus import read_corpus
    from assistant.store import open_store
    from evals.cases import DATASETS, KINDS, CaseError, read_file, write_cases
    from evals.soundness import check_cases
    from evals.use import case_of, find_stored, stored_questions

    settings = _settings()
    store = open_store(settings)
    if not key:
        found = stored_questions(store)
        for one in found:
            remark = f" [dim]{escape(one.remark)}[/dim]" if one.remark else ""
            out.print(f"[bold]{one.key}[/bold] {one.at[:16]} {escape(one.question)}{remark}", soft_wrap=True)
        if not found:
            out.print("No question is stored: UCCN_KEEP_QUESTIONS=full keeps them; ratings are always kept.")
        return
    if kind not in KINDS:
        raise typer.BadParameter(f"--kind {kind} is none of {', '.join(KINDS)}")
    stored = find_stored(store, key)
    answer = None
    if right:
        from assistant.chain import open_assistant

        answer = open_assistant(settings).ask(stored.question, history=stored.history)
    groups = [[form for form in group.split("|") if form] for group in required or ()]
    case = case_of(stored, dataset=to, kind=kind, status=status, accepted=accepted or (), required=groups, right=answer)
    sources = {source.id: source for source in read_corpus(settings.corpus).sources}
    for flaw in check_cases([case], sources):
        raise CaseError(f"{flaw.id}: {flaw.text}")
    path = DATASETS / f"{to}.jsonl"
    held = read_file(path) if path.is_file() else []
    if any(one.id == case.id for one in held):
        raise CaseError(f"{case.id} stands in {to} already")
    write_cases([*held, case], path)
    out.print(f"{case.id} is in {escape(os.path.relpath(path))}: expects {case.status}.", soft_wrap=True)


@app.command("export")
def export_command(
    form: Annotated[str, typer.Argument(help="ragas, deepeval, beir or trec.")],
    path: Annotated[Path, typer.Argument(help="File to write; for beir and trec a folder.")],
    sets: Annotated[list[str] | None, typer.Option("--from", help="A set; may be given again.")] = None,
    run: Annotated[str, typer.Option("--run", help="Add the answers of this run; trec needs one.")] = "",
) -> None:
    """Write question sets, with the answers of a run, in the format of another tool."""
    from assistant.index import open_index
    from evals import formats
    from evals.cases import read_cases

    settings = _settings()
    if form not in (*formats.WRITERS, "beir", "trec"):
        raise typer.BadParameter(f"{form!r} is none of {', '.join((*formats.WRITERS, 'beir', 'trec'))}")
    if form == "trec" and not run:
        raise typer.BadParameter("trec needs --run")
    read = _read(run) if run else None
    if form == "trec":
        assert read
        count = formats.write_trec(read, path)
    else:
        index = open_index(settings.index, settings.embedding, settings.chroma_url)
        cases = [case for case in read_cases(sets or []) if case.corpus != "originals" and not case.question.as_of]
        if form == "beir":
            count = formats.write_beir(cases, path, index)
        else:
            count = formats.write_rows(form, cases, path, run=read, index=index)
    out.print(f"{count} questions written to {escape(str(path))}.")


@app.command("import")
def import_command(
    file: Annotated[Path, typer.Argument(help="JSON lines with ragas' or deepeval's names, or a folder as BEIR's.")],
    name: Annotated[str, typer.Option("--as", help="Name of the new set in evals/datasets.")],
) -> None:
    """Read a set of ragas, deepeval or BEIR as a new set of ours; what they do not tell is left to fill in."""
    from assistant.index import open_index
    from evals.cases import DATASETS, CaseError, write_cases
    from evals.formats import placed, read_foreign, read_judged

    settings = _settings()
    path = DATASETS / f"{name}.jsonl"
    if path.exists():
        raise CaseError(f"{path} is there already: choose another name")
    index = open_index(settings.index, settings.embedding, settings.chroma_url)
    cases = read_judged(file, name, index) if file.is_dir() else placed(read_foreign(file, name), index)
    write_cases(cases, path)
    out.print(f"{len(cases)} cases in {escape(os.path.relpath(path))}: see `uccn eval check {name}`.", soft_wrap=True)


@app.command()
def retrieval(
    beir: Annotated[Path, typer.Option("--beir", help="Folder with corpus.jsonl, queries.jsonl and qrels/.")],
    split: Annotated[str, typer.Option("--split", help="Which file of qrels/.")] = "test",
    rerank: Annotated[bool, typer.Option("--rerank", help="Also with the cross-encoder over the first ten.")] = False,
) -> None:
    """Run our retriever on any set in BEIR's format and print what it finds."""
    from assistant.embed import SentenceEmbeddings
    from assistant.rerank import Reranker
    from evals.beir import MEASURES, rank_beir, read_beir

    settings = _settings()
    read = read_beir(beir, split)
    embeddings = SentenceEmbeddings(settings.embedding, threads=settings.threads)
    with _progress() as shown:
        ways = rank_beir(
            read,
            embeddings,
            scorer=Reranker(threads=settings.threads).scores if rerank else None,
            progress=shown,
        )
    table = Table(f"{len(read.questions)} questions, {len(read.documents)} documents", *MEASURES, "p50", box=None)
    for way in ways:
        table.add_row(way.name, *(f"{way.values[name]:.3f}" for name in MEASURES), f"{way.milliseconds:.0f} ms")
    out.print(table)


@app.command()
def judge(
    run: RunArgument,
    judge: Annotated[str, typer.Option("--with", help="ragas or deepeval.")],
    python: Annotated[
        Path | None, typer.Option("--python", help="Python that has the judge.", show_default=".venv-JUDGE/bin/python")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="At most so many answers, evenly spread; 0: all.")] = 20,
) -> None:
    """Ask a language model what it thinks of a run's answers: advisory, never part of the gate."""
    from assistant.index import open_index
    from evals.judges import JUDGES
    from evals.judging import ADVISORY, judge_run, write_judged
    from evals.runs import find_run, fingerprints

    if judge not in JUDGES:
        raise typer.BadParameter(f"--with {judge} is none of {', '.join(JUDGES)}")
    settings = _settings()
    read, path = _read(run), find_run(run).with_suffix(f".{judge}.judged.jsonl")
    python = python or Path(f".venv-{judge}") / "bin" / "python"
    index = open_index(settings.index, settings.embedding, settings.chroma_url)
    with _progress() as shown:
        judged = judge_run(read, judge, python=python, settings=settings, index=index, limit=limit, shown=shown)
    write_judged(judged, read, path)
    if fingerprints(index, settings, ())["index"] != read.header.fingerprints.get("index"):
        _print_grounds(["index"], "this run")
    table = Table(f"{judge} {judged.version}", "", "95 %", "Of", "ours, same answers", "", box=None)
    for figure, ours in judged.figures():
        beside = (ours[0].name, _figure(ours[0])) if ours else ("", "")
        table.add_row(figure.name, _figure(figure), _interval(figure), str(figure.n), *beside)
    out.print(table)
    for one in judged.opinions:
        low = ", ".join(f"{name} {value:.2f}" for name, value in one.scores.items() if value < 0.5)
        if low or one.error:
            out.print(f"{one.result.case.id}: {escape(low or one.error)}", soft_wrap=True)
    out.print(f"{ADVISORY}. Kept in {escape(os.path.relpath(path))}.", soft_wrap=True)


COMPARED = (
    *("right", "truthfulness", "value right where answered", "false refusals", "refusal recall"),
    *("citation recall", "citation precision", "source Success@5", "passage RR@10", "statement nDCG@10"),
    *("answer p50", "answer p95", "memory of a worker", "whole run"),
)


def _settings(corpus: Path | None = None, changed: Sequence[str] | None = None) -> "Settings":
    from assistant.settings import Settings

    values: dict[str, Any] = {"corpus": corpus} if corpus else {}
    for given in changed or ():
        name, equals, value = given.partition("=")
        if not equals or name not in Settings.model_fields:
            known = ", ".join(Settings.model_fields)
            raise SettingsError(f"--set {given}: write NAME=VALUE with one of {known}")
        values[name] = value
    return Settings(**values)


def _cases(sets: Sequence[str] | None, chosen: Sequence[str] | None) -> "list[Case]":
    from evals.cases import read_cases
    from evals.choice import choose

    return choose(read_cases(sets or []), chosen or ())


def _run(settings: "Settings", cases: "Sequence[Case]", *, name: str, limit: int, workers: int) -> "Run":
    from evals.runner import run_cases

    workers = workers or min(os.cpu_count() or 1, 4)
    with _progress() as shown:
        return run_cases(settings, cases, name=name, limit=limit, workers=workers, shown=shown)


@contextmanager
def _progress() -> "Iterator[Shown]":
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("Opening", total=None)
        yield lambda what, done, total: bar.update(task, description=what, completed=done, total=total)


def _read(run: str) -> "Run":
    from evals.runs import find_run, read_run

    return read_run(find_run(run))


def _print_summary(run: "Run", *, by: str = "kind") -> None:
    from evals.totals import GROUPS, all_figures, by_group, share

    if by not in GROUPS:
        raise typer.BadParameter(f"--by {by} is none of {', '.join(GROUPS)}")
    for topic, figures in all_figures(run).items():
        table = Table(topic, "", "95 %", "Of", box=None, title_justify="left")
        for figure in figures:
            interval = (
                f"{_value(figure, figure.low)} to {_value(figure, figure.high)}" if figure.low is not None else ""
            )
            table.add_row(figure.name, _figure(figure), interval, str(figure.n))
        out.print(table)
    table = Table(f"Right, by {by}", "", "95 %", "Of", box=None)
    for group, results in by_group(run.results, by).items():
        (figure,) = share(group, (one.score.right for one in results))
        table.add_row(group, _figure(figure), _interval(figure), str(figure.n))
    out.print(table)
    changed = ", ".join(f"{name}={value}" for name, value in run.header.settings.items())
    out.print(
        f"{len(run.results)} questions on {escape(run.header.corpus)}, {run.header.workers} at once"
        f"{f', with {escape(changed)}' if changed else ''}.",
        soft_wrap=True,
    )


def _print_failures(results: "Sequence[Result]") -> None:
    for result in results:
        if not result.score.right:
            question = escape(result.case.question.question)
            out.print(f"\n[bold]{result.case.id}[/bold] {escape(f'[{result.case.kind}]')} {question}")
            out.print(f"[red]{escape(result.score.why)}[/red]", soft_wrap=True)
            out.print(escape(result.answer.answer[:600]), soft_wrap=True)


def _print_grounds(changed: Sequence[str], other: str) -> None:
    if changed:
        out.print(f"[yellow]note:[/yellow] {other} was taken on other {', '.join(changed)}.", soft_wrap=True)


def _brief(result: "Result", other: "Result | None") -> str:
    """Return an answer from a little before it differs from another; where its words do not, the quotes that do."""
    text, beside = (_flat(one.answer.answer) if one else "" for one in (result, other))
    if other and text == beside:
        mine, theirs = ([citation.quote for citation in one.answer.citations] for one in (result, other))
        text, beside = (
            f"quotes: {_flat(' | '.join(quote for quote in held if quote not in without))}"
            for held, without in ((mine, theirs), (theirs, mine))
        )
    same = next((place for place, (one, two) in enumerate(zip(text, beside, strict=False)) if one != two), 0)
    start = same - 60 if same > 200 else 0
    shown = text[start : start + 300]
    return f"({result.answer.status}) {'... ' if start else ''}{shown}{' ...' if start + 300 < len(text) else ''}"


def _flat(text: str) -> str:
    return " ".join(text.replace("**", "").split())


def _figure(figure: "Figure") -> str:
    return _value(figure, figure.value)


def _interval(figure: "Figure") -> str:
    return f"{_value(figure, figure.low)} to {_value(figure, figure.high)}" if figure.low is not None else ""


def _value(figure: "Figure", value: float | None) -> str:
    if value is None:
        return ""
    if figure.unit == "share":
        return f"{100 * value:.1f} %"
    return f"{value:.3f}" if figure.unit == "score" else f"{value:.0f} {figure.unit}"
