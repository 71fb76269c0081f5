"""The application path: what a city does, step by step, each line a statement of the corpus (reads corpus/path.csv).

The table stands beside the tables of the corpus and not among them: its lines only name statements that are in the
index, so a change to it needs no new index.
"""

import csv
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path

from assistant.corpus import firmest_first
from assistant.index import Index
from assistant.records import Origin, Passage, Unit, Unreadable

logger = logging.getLogger(__name__)

FILE = "path.csv"
COLUMNS = ("part", "step", "task", "who", "call", "document", "statement")
PARTS = ("path", "change", "next")
ACTORS = ("city", "commission", "unesco", "experts", "director_general")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of `path.csv`: where a statement stands on the path."""

    part: str  # `path` the steps, `change` what was otherwise in other calls, `next` what is known of the next call
    step: str
    task: str
    who: str  # of ACTORS; empty where nobody acts
    call: str  # year of the call that the statement speaks of; empty where of none or all
    document: str
    statement: str
    number: int  # line of the file


@dataclass(frozen=True, slots=True)
class Line:
    """A statement on the path, with what it rests on."""

    text: str
    source_id: str
    start: int  # offsets in the source's text
    end: int
    document: str  # title of the source
    section: str
    call: str
    date: str  # ISO, that it speaks of
    origins: tuple[Origin, ...]  # firmest first

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells of a row of a table; one for a sentence."""
        return tuple(cell.strip() for cell in self.text.split(" | "))


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done, and the statements that say so."""

    id: str
    who: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the path, or one thing that changed from call to call."""

    id: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True)
class ApplicationPath:
    """The whole path, in the order of the file."""

    steps: tuple[Step, ...] = ()
    changes: tuple[Step, ...] = ()
    next: tuple[Step, ...] = ()
    missing: tuple[Row, ...] = ()  # rows whose statement is not in the index; they are left out

    @cached_property
    def call(self) -> str:
        """The year of the call that the path is of: the latest that its steps speak of."""
        return max((line.call for line in self.lines(self.steps)), default="")

    def lines(self, steps: tuple[Step, ...]) -> Iterator[Line]:
        """Yield every line of some steps."""
        for step in steps:
            for task in step.tasks:
                yield from task.lines


def read_rows(folder: Path) -> tuple[tuple[Row, ...], tuple[Unreadable, ...]]:
    """Read the table of a corpus folder, and tell each row that cannot stand; a corpus without it has no path."""
    file = folder / FILE
    if not file.is_file():
        return (), ()
    rows: list[Row] = []
    problems: list[Unreadable] = []
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened, strict=True)
            if absent := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
                return (), (Unreadable(FILE, f"line 1: the column {absent[0]!r} is missing; add it"),)
            for cells in reader:
                filled = {name: (cells[name] or "").strip() for name in COLUMNS}
                if reason := _unfit(filled):
                    problems.append(Unreadable(FILE, f"line {reader.line_num}: {reason}"))
                else:
                    rows.append(Row(**filled, number=reader.line_num))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problems.append(Unreadable(FILE, f"it cannot be read as a UTF-8 CSV file ({error}); save it again"))
    return tuple(rows), tuple(problems)


def _unfit(cells: Mapping[str, str]) -> str:
    if empty := [name for name in ("part", "step", "task", "document", "statement") if not cells[name]]:
        return f"{empty[0]} is empty; fill it or remove the row"
    if cells["part"] not in PARTS:
        return f"part {cells['part']!r} is none of {', '.join(PARTS)}; choose one"
    if cells["who"] and cells["who"] not in ACTORS:
        return f"who {cells['who']!r} is none of {', '.join(ACTORS)}; choose one"
    if cells["call"] and not (cells["call"].isdigit() and len(cells["call"]) == 4):
        return f"call {cells['call']!r} is no year; write it as 2025, or nothing"
    return ""


def open_path(folder: Path, index: Index) -> ApplicationPath:
    """Return the path of a corpus folder, its statements found in the index; those that are gone are logged."""
    rows, problems = read_rows(folder)
    for problem in problems:
        logger.warning("%s, %s", problem.path, problem.reason)
    wanted = {(row.document, row.statement) for row in rows}
    found: dict[tuple[str, str], tuple[Passage, Unit]] = {}
    for passage in index.passages.values() if wanted else ():
        for unit in passage.units:
            if (passage.source_id, unit.text) in wanted:
                found.setdefault((passage.source_id, unit.text), (passage, unit))
    missing = tuple(row for row in rows if (row.document, row.statement) not in found)
    if missing:
        logger.warning(
            "%d of %d lines of %s are not in the index: `uccn sources --check` says which",
            len(missing),
            len(rows),
            FILE,
        )
    lines = {row: _line(row, *found[row.document, row.statement], index) for row in rows if row not in set(missing)}
    parts = {part: tuple(_steps({row: line for row, line in lines.items() if row.part == part})) for part in PARTS}
    return ApplicationPath(parts["path"], parts["change"], parts["next"], missing)


def _steps(lines: Mapping[Row, Line]) -> Iterator[Step]:
    for step, of_step in groupby(lines, key=lambda row: row.step):
        tasks = (
            Task(task, who, tuple(lines[row] for row in rows))
            for (task, who), rows in groupby(list(of_step), key=lambda row: (row.task, row.who))
        )
        yield Step(step, tuple(tasks))


def _line(row: Row, passage: Passage, unit: Unit, index: Index) -> Line:
    source = index.sources[passage.source_id]
    ids = dict.fromkeys(id_ for held in source.attributed(unit.start, unit.end) for id_ in held.origins)
    return Line(
        text=unit.text,
        source_id=source.id,
        start=unit.start,
        end=unit.end,
        document=source.title,
        section=passage.headings[-1] if passage.headings else "",
        call=row.call,
        date=unit.date or source.date,
        origins=firmest_first(list(ids), index.tables.origins),
    )
