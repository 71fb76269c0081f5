"""The command line: `uccn`, the same as `python -m assistant`."""

import csv
import gc
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from assistant import strings
from assistant.errors import AssistantError, QuestionError
from assistant.records import Answer, Question, Turn
from evals.commands import app as evals_app

if TYPE_CHECKING:
    from assistant.backup import Summary
    from assistant.corpus import Corpus
    from assistant.index import BuildReport
    from assistant.settings import Settings

app = typer.Typer(
    help="Answers about the UNESCO Creative Cities Network, each sentence with the words that it rests on.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(evals_app, name="eval")
store_app = typer.Typer(help="What is kept of questions and ratings: show, delete.", no_args_is_help=True)
app.add_typer(store_app, name="store")

CorpusOption = Annotated[Path | None, typer.Option("--corpus", help="Folder of documents.", show_default="corpus")]
AsOfOption = Annotated[str, typer.Option("--as-of", help="Answer from what was known then: 2021, 2021-06 ...")]

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def main() -> None:
    """Run the command line; an error of ours is one sentence and exit 1, wrong usage is exit 2."""
    try:
        app()
    except AssistantError as error:
        err.print(f"[red]error:[/red] {escape(str(error))}", soft_wrap=True)
        sys.exit(1)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Load and open without the garbage collector: there is no garbage yet, and looking takes a fifth of the time.

    What is there at the end is never looked at again.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _settings(**given: Any) -> "Settings":
    from assistant.settings import Settings  # pydantic takes a third of the time that `--help` may take

    return Settings(**given)


@app.command()
def index(
    corpus: CorpusOption = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Embed everything again.")] = False,
) -> None:
    """Bring the index up to date with the documents; only what changed is embedded again."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from assistant.chain import build

    settings = _settings(corpus=corpus) if corpus else _settings()
    columns = (TextColumn("Indexing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        task = bar.add_task("texts", total=None)
        report = build(
            settings,
            rebuild=rebuild,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    _print_report(report)


def _print_report(report: "BuildReport") -> None:
    for name, style in (("added", "green"), ("changed", "yellow"), ("removed", "red")):
        for id_ in getattr(report, name):
            out.print(f"[{style}]{name:8}[/{style}] {escape(id_)}", soft_wrap=True)
    for file in report.unreadable:
        err.print(f"[red]not read[/red] {escape(file.path)}: {escape(file.reason)}", soft_wrap=True)
    if report.note:
        err.print(f"[yellow]note:[/yellow] {escape(report.note)}", soft_wrap=True)
    state = "up to date" if report.up_to_date else "built"
    out.print(
        f"Index {state} in {report.seconds:.1f} s: {len(report.added)} added, {len(report.changed)} changed, "
        f"{len(report.removed)} removed, {len(report.unchanged)} left as they were; {report.passages} passages, "
        f"{report.units} statements, {report.embedded} texts embedded.",
        soft_wrap=True,
    )


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="What you want to know.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer as JSON.")] = False,
    as_of: AsOfOption = "",
    history: Annotated[
        Path | None, typer.Option("--history", help='JSON list of {"role", "content"} said before.')
    ] = None,
    batch: Annotated[
        Path | None, typer.Option("--batch", help="JSONL file of questions; one answer a line, in order.")
    ] = None,
) -> None:
    """Answer a question, with the sources and the words that it rests on."""
    if bool(question.strip()) == bool(batch):
        raise typer.BadParameter("give a question or --batch FILE, one of the two")
    questions = list(_read_batch(batch)) if batch else []
    turns = _read_history(history) if history else ()
    with _uncollected():
        from assistant.chain import open_assistant

        assistant = open_assistant(_settings())
        if assistant.stale:
            err.print(f"[yellow]note:[/yellow] {escape(assistant.stale)}", soft_wrap=True)
        answer = assistant.ask(question, history=turns, as_of=as_of) if not batch else None
    if answer is None:
        for item in questions:
            print(json.dumps(_ask_or_error(assistant, item), ensure_ascii=False), flush=True)
        return
    if as_json:
        print(json.dumps(answer.to_dict(), ensure_ascii=False, indent=1))
    else:
        _print_answer(answer)


def _ask_or_error(assistant: Any, item: Question) -> dict[str, Any]:
    """Answer one question of a batch; one that cannot be taken is an answer with status `error`."""
    try:
        answer: Answer = assistant.ask(item)
    except QuestionError as error:
        answer = Answer(id=item.id, question=item.question, status="error", answer=str(error))
    return answer.to_dict()


def _read_batch(path: Path) -> Iterator[Question]:
    for number, line in enumerate(_text(path).splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            if not isinstance(row["question"], str):
                raise TypeError("the question is not a text")
            yield Question(
                question=row["question"],
                id=str(row.get("id", "")),
                history=tuple(_turns(row.get("history") or [])),
                as_of=str(row.get("as_of") or ""),
                language=str(row.get("language") or ""),
            )
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise QuestionError(
                f'{path}, line {number}: not a question object like {{"id": "1", "question": "..."}} ({error})'
            ) from error


def _read_history(path: Path) -> tuple[Turn, ...]:
    try:
        return tuple(_turns(json.loads(_text(path))))
    except (ValueError, KeyError, TypeError) as error:
        raise QuestionError(f'{path}: not a JSON list of {{"role", "content"}} ({error})') from error


def _turns(rows: list[dict[str, str]]) -> Iterator[Turn]:
    for row in rows:
        if row["role"] not in ("user", "assistant"):
            raise ValueError(f"role {row['role']!r} is neither user nor assistant")
        yield Turn("user" if row["role"] == "user" else "assistant", str(row["content"]))


def _text(path: Path) -> str:
    if not path.is_file():
        raise QuestionError(f"There is no file {path}: give the path of a text file")
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"{path} cannot be read: give a UTF-8 text file") from error


def _print_answer(answer: Answer) -> None:
    from assistant.pages import LINES_SHOWN, count_further, quote_lines, show_firmness

    if answer.standalone_question and answer.standalone_question != answer.question:
        out.print(f"[dim]Understood as: {escape(answer.standalone_question)}[/dim]", soft_wrap=True)
    if out.is_terminal:
        from rich.markdown import Markdown

        out.print(Markdown(answer.answer))
    else:
        plain = answer.answer.replace("**", "").replace("\\[", "[").replace("\\]", "]")
        out.print(escape(plain), soft_wrap=True)
    for note in answer.notes:
        out.print(f"[yellow]{escape(note)}[/yellow]", soft_wrap=True)
    if answer.citations:
        out.print()
    for citation in answer.citations:
        about = [citation.title, citation.publisher, citation.date]
        place = ""
        if citation.origins:
            first = citation.origins[0]
            about = [first.title, first.publisher, first.date or strings.UNDATED, show_firmness(first)]
            place = ", ".join(filter(None, (f"in {citation.document}", count_further(citation))))
        out.print(f"[bold cyan]\\[{citation.n}][/bold cyan] {escape(', '.join(filter(None, about)))}", soft_wrap=True)
        lines = quote_lines(citation.quote)
        more = len(lines) - LINES_SHOWN
        if more > 1:
            lines[LINES_SHOWN:] = [f"... {strings.MORE_LINES.format(count=more)}"]
        quote = "\n     ".join(lines)
        out.print(f"    [italic]“{escape(quote)}”[/italic]", soft_wrap=True)
        if place:
            out.print(f"    [dim]{escape(place)}[/dim]", soft_wrap=True)


@app.command()
def cities(
    country: Annotated[
        str, typer.Option(help="A country, a part of one (Scotland) or a named group, in any of its names.")
    ] = "",
    field: Annotated[str, typer.Option(help="A creative field.")] = "",
    region: Annotated[str, typer.Option(help="A region of UNESCO.")] = "",
    year: Annotated[str, typer.Option(help="Year of designation, or a range: 2015-2021.")] = "",
    count: Annotated[bool, typer.Option("--count", help="Print the number alone.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print a CSV table.")] = False,
    corpus: CorpusOption = None,
) -> None:
    """List the member cities of the table, or those that meet every condition."""
    from assistant.cities import find, matching
    from assistant.corpus import read_corpus, state_of_table

    if as_json and as_csv:
        raise typer.BadParameter("choose --json or --csv, not both")
    tables = read_corpus((_settings(corpus=corpus) if corpus else _settings()).corpus).tables
    found = find(tables.cities, **matching(tables, country=country, field=field, region=region, year=year))
    found.sort(key=lambda city: (city.country, city.field, city.year, city.name))
    if count:
        print(len(found))
    elif as_json:
        for city in found:
            print(json.dumps(asdict(city), ensure_ascii=False))
    elif as_csv:
        names = ("name", "country", "region", "field", "year", "latitude", "longitude", "note")
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows([getattr(city, name) for name in names] for city in found)
    else:
        table = Table("City", "Country", "Field", "Year", box=None)
        for city in found:
            table.add_row(*map(escape, (city.name, city.country, city.field)), str(city.year))
        out.print(table)
        state = f", as of {state_of_table(tables)}" if state_of_table(tables) else ""
        out.print(f"{len(found)} of {len(tables.cities)} member cities{state}, by our count.")


@app.command()
def sources(
    corpus: CorpusOption = None,
    check: Annotated[
        bool, typer.Option("--check", help="Check documents and tables; name file and line, exit 1 if anything.")
    ] = False,
) -> None:
    """List the documents and tables of the corpus, or check them."""
    from assistant.check import check_corpus
    from assistant.corpus import read_corpus

    settings = _settings(corpus=corpus) if corpus else _settings()
    if not check:
        read = read_corpus(settings.corpus)
        _print_sources(read)
        for file in read.unreadable:
            err.print(f"[red]not read[/red] {escape(file.path)}: {escape(file.reason)}", soft_wrap=True)
        return
    read, problems = check_corpus(settings.corpus)
    for problem in problems:
        place = f"{problem.path}, line {problem.line}" if problem.line else problem.path
        err.print(f"[red]{escape(place)}:[/red] {escape(problem.text)}", soft_wrap=True)
    if problems:
        files = len({problem.path for problem in problems})
        err.print(f"{len(problems)} problems in {files} of {len(read.sources)} documents and tables")
        raise typer.Exit(1)
    tables = read.tables
    out.print(
        f"{len(read.sources)} documents and tables, {len(tables.origins)} sources, {len(tables.cities)} cities, "
        f"{len(tables.facts)} dated facts: no problem.",
        soft_wrap=True,
    )


def _print_sources(read: "Corpus") -> None:
    import datetime

    from assistant.chunk import chunk

    table = Table(Column("Id", overflow="fold"), "Title", "Date", "Age", "Passages", "Statements", "Origins", box=None)
    today = datetime.date.today()
    for source in read.sources:
        passages = chunk(source)
        named = {id_ for held in source.attributions for id_ in held.origins}
        months = 12 * today.year + today.month - _month(source.date) if source.date else 0
        age = f"{months // 12} y {months % 12} m" if source.date else ""
        counts = (len(passages), sum(len(passage.units) for passage in passages), len(named) or 1)
        table.add_row(*map(escape, (source.id, source.title, source.date, age)), *map(str, counts))
    (out if out.is_terminal else Console(width=200)).print(table)  # a file or pipe gets each row on one line


def _month(date: str) -> int:
    """Return the months from year 0 to an ISO date; a year alone counts from its January."""
    year, _, rest = date.partition("-")
    return 12 * int(year) + int(rest[:2] or 1)


@app.command()
def gaps(
    since: Annotated[str, typer.Option("--since", help="Only what was asked from this date on: 2026-11-01.")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Show at most so many of each.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print both lists as one JSON object.")] = False,
) -> None:
    """Show what was asked in vain, grouped by meaning, and the old documents that many answers rest on."""
    import datetime

    from assistant.embed import MultilingualEmbeddings
    from assistant.gaps import cluster, staleness
    from assistant.index import open_index
    from assistant.store import open_store

    settings = _settings()
    store = open_store(settings)
    asked, ratings = store.asked(since=since, limit=100_000), store.ratings(since=since, limit=100_000)
    found = cluster(asked, ratings, MultilingualEmbeddings(threads=settings.threads).vectors)[:limit]
    sources = open_index(settings.index, settings.embedding, settings.chroma_url).sources.values()
    stale = staleness(asked, sources, datetime.date.today())[:limit]
    if as_json:
        print(json.dumps({"gaps": [asdict(gap) for gap in found], "stale": [asdict(row) for row in stale]}))
        return
    if not asked and not ratings:
        out.print("Nothing is stored: UCCN_KEEP_QUESTIONS=full keeps questions; ratings are always kept.")
        return
    table = Table("Times", "Asked in vain or rated down", "Also asked as", "How it was answered", box=None)
    for gap in found:
        others = "\n".join(text for text in gap.questions if text != gap.question)
        how = ", ".join(f"{count} {status}" for status, count in gap.statuses.items())
        table.add_row(str(gap.times), *map(escape, (gap.question, others, how)))
    out.print(table)
    table = Table("Answers", "Age in days", "Document", "Date", box=None)
    for row in stale:
        table.add_row(str(row.answers), str(row.days or ""), escape(row.source_id), row.date)
    out.print(table)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", show_default="7860")] = None,
) -> None:
    """Serve the chat page and the HTTP API."""
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    settings = _settings(**given)
    with _uncollected():
        from assistant.api import serve as serve_web
        from assistant.chain import open_assistant
        from assistant.doctor import start_notes

        assistant = open_assistant(settings)
    for note in filter(None, (assistant.stale, *start_notes(settings, assistant.index.manifest["built"]))):
        err.print(f"[yellow]note:[/yellow] {escape(note)}", soft_wrap=True)
    serve_web(assistant, settings)


@app.command()
def key(name: Annotated[str, typer.Argument(help="Who gets it: letters, digits, `-`, `_` and `.`.")]) -> None:
    """Make an API key for a program; it is shown once, and only its hash is kept, in UCCN_API_KEYS."""
    from assistant.keys import new_key, read_key

    text, made = new_key(name)
    entry = f"{made.name}:{made.digest}"
    try:
        read_key(entry)
    except ValueError as error:
        raise typer.BadParameter("use letters, digits, `-`, `_` and `.`, 40 at most") from error
    err.print("The key, to be sent as `Authorization: Bearer KEY`; it cannot be shown again:", soft_wrap=True)
    print(text)
    err.print("Add this to UCCN_API_KEYS, parted by a comma; behind it a rate of its own, such as :60/minute:")
    err.print(entry, soft_wrap=True)


@app.command()
def licences() -> None:
    """List the licences of the packages and models that the program needs."""
    from assistant.licences import licences as found

    rows = found()
    width = max(len(row.name) for row in rows)
    for row in rows:
        out.print(f"{row.name:{width}}  {row.version:14}  {escape(row.licence)}", soft_wrap=True)


@app.command()
def doctor() -> None:
    """Say what is there and what is missing: settings, models, corpus, index, store, disk; exit 1 if anything is."""
    from assistant.doctor import checks

    settings = _settings()
    colours = {"ok": "green", "note": "yellow", "missing": "red"}
    table = Table("", "What", "State", box=None, show_header=False)
    found = list(checks(settings))
    for check in found:
        table.add_row(f"[{colours[check.state]}]{check.state}[/]", check.what, escape(check.text))
    for name, shown in settings.shown().items():
        table.add_row("", name, escape(shown))
    out.print(table)
    if any(check.state == "missing" for check in found):
        raise typer.Exit(1)


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="A new file, such as uccn-2026-11-22.zip.")]) -> None:
    """Write corpus, index, store and settings without secrets to one file; a server may run meanwhile."""
    from assistant.backup import backup as write

    held = write(_settings(), file)
    out.print(f"{escape(str(file))}: {_held(held)}.", soft_wrap=True)
    if "store" not in held.parts:
        err.print("[yellow]note:[/yellow] no store is in it: there is none yet, or its database has its own backup")


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="A file that `uccn backup` wrote.")]) -> None:
    """Replace corpus, index and store by those of a backup, once all of it has been checked; stop the server first."""
    from assistant.backup import restore as put_back

    settings = _settings()
    held = put_back(settings, file)
    out.print(f"Restored {_held(held)}, from {held.made}.", soft_wrap=True)
    now = settings.shown()
    for name, then in held.settings.items():
        if now.get(name, "") != then:
            err.print(f"[yellow]note:[/yellow] {name} was {escape(then) or 'empty'} then", soft_wrap=True)


def _held(held: "Summary") -> str:
    return f"{', '.join(held.parts)}; {held.files} files, {held.bytes / 1e6:.0f} MB unpacked"


@store_app.command("export")
def store_export(conversation: Annotated[str, typer.Argument(help="Id of the conversation.")]) -> None:
    """Print all that is kept of one conversation, as JSON."""
    from assistant.store import open_store

    print(json.dumps(open_store(_settings()).export(conversation), ensure_ascii=False, indent=1))


@store_app.command("forget")
def store_forget(conversation: Annotated[str, typer.Argument(help="Id of the conversation.")]) -> None:
    """Delete all that is kept of one conversation; exit 1 where nothing was."""
    from assistant.store import open_store

    gone = open_store(_settings()).forget(conversation=conversation)
    out.print(f"{gone} rows of conversation {escape(conversation)} deleted.")
    if not gone:
        raise typer.Exit(1)


@store_app.command("migrate")
def store_migrate() -> None:
    """Bring the database to the layout of this version; the first use of it does the same."""
    from assistant.store import open_store

    before, after = open_store(_settings()).migrate()
    had = "as before" if before == after else f"after {before or 'none'}"
    out.print(f"The store has layout {after}, {had}.")


@store_app.command("prune")
def store_prune(
    days: Annotated[
        int | None, typer.Option("--days", min=0, help="Age in days.", show_default="UCCN_KEEP_DAYS")
    ] = None,
) -> None:
    """Delete what is older than it may be kept; run it once a day."""
    import datetime

    from assistant.store import open_store

    settings = _settings()
    age = settings.keep_days if days is None else days
    before = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=age)
    gone = open_store(settings).forget(before=before.isoformat(timespec="milliseconds"))
    out.print(f"{gone} rows older than {age} days deleted.")
