"""Takes the source ids out of a text, "... on 30 June 2021. [U-NEWS2021; S2]", and keeps what rests on them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from assistant.records import Attribution, Origin

# One or more ids in square brackets behind a sentence, or alone in the last cell of a table row.
_MARK = re.compile(r"[ \t]*\[(?P<ids>[A-Za-z0-9][\w.-]*(?: *; *[A-Za-z0-9][\w.-]*)*)\]")
_COLUMN = re.compile(r"sources?", re.IGNORECASE)
_RULE = re.compile(r"[\s:-]+")


def attribute(text: str, origins: Mapping[str, Origin]) -> tuple[str, tuple[Attribution, ...]]:
    """Return the text without its source ids, and what each stretch of it rests on.

    A mark speaks for its line back to the mark before it, the last cell of a row under the heading
    "Source" for the whole row. Brackets and columns that hold anything but known ids stay as they are.
    """
    if not origins:
        return text, ()
    lines: list[str] = []
    found: list[Attribution] = []
    position = 0
    column = False  # the table in progress has a column of source ids
    given = text.split("\n")
    for number, line in enumerate(given):
        if line.startswith("|"):
            cells = line.strip().strip("|").split("|")
            if not lines or not lines[-1].startswith("|"):
                column = _has_column(takewhile(lambda row: row.startswith("|"), given[number:]), origins)
            parts = [_row(cells, origins)] if column else [(line, ())]
        else:
            parts = _parts(line, origins)
        bare = "".join(part for part, _ in parts)
        offset = position
        for part, ids in parts:
            if ids:
                start = offset + len(part) - len(part.lstrip())
                found.append(Attribution(start, offset + len(part), tuple(ids), newest(ids, origins)))
            offset += len(part)
        lines.append(bare)
        position += len(bare) + 1
    return "\n".join(lines), tuple(found)


def unknown_ids(text: str, origins: Mapping[str, Origin]) -> list[str]:
    """Return the ids in marks that no origin bears; text in brackets that looks like no id is left alone."""
    ids = [id_ for mark in _MARK.finditer(text) for id_ in _ids(mark["ids"])]
    return [id_ for id_ in ids if id_ not in origins and any(char.isupper() or char.isdigit() for char in id_)]


def newest(ids: Sequence[str], origins: Mapping[str, Origin]) -> str:
    """Return the newest date among the origins of these ids, our own remarks aside where there is another; or ''."""
    named = [origins[id_] for id_ in ids]
    others = [origin for origin in named if origin.kind != "project"]
    return max((origin.date for origin in others or named), default="")


def firmest_first(ids: Sequence[str], origins: Mapping[str, Origin]) -> tuple[Origin, ...]:
    """Return the origins of these ids, official ones before press; as they are named where they are as firm."""
    return tuple(sorted((origins[id_] for id_ in ids), key=lambda origin: origin.rank))


def _parts(line: str, origins: Mapping[str, Origin]) -> list[tuple[str, list[str]]]:
    """Return a line part by part without its marks, each with the ids that stood behind it."""
    found: list[tuple[str, list[str]]] = []
    start = 0
    for mark in _MARK.finditer(line):
        ids = _ids(mark["ids"])
        if all(id_ in origins for id_ in ids):
            found.append((line[start : mark.start()], ids))
            start = mark.end()
            if not found[-1][0].strip() and len(found) > 1:  # a second mark behind one sentence
                found.pop()
                found[-1][1].extend(id_ for id_ in ids if id_ not in found[-1][1])
    return [*found, (line[start:], [])]


def _has_column(rows: Iterable[str], origins: Mapping[str, Origin]) -> bool:
    """Say whether the last column of a table is headed "Source" and holds nothing but known ids, one at least."""
    heading, *cells = (row.strip().strip("|").split("|")[-1].strip() for row in rows)
    ids = [id_ for cell in cells if not _RULE.fullmatch(cell) for id_ in _ids(cell.strip("[]"))]
    return bool(_COLUMN.fullmatch(heading) and ids) and all(id_ in origins for id_ in ids)


def _row(cells: Sequence[str], origins: Mapping[str, Origin]) -> tuple[str, list[str]]:
    ids = _ids(cells[-1].strip().strip("[]"))
    kept = cells[:-1]
    if all(_RULE.fullmatch(cell) for cell in cells) or any(id_ not in origins for id_ in ids):
        ids = []  # the rule, and the row of headings
    return f"|{'|'.join(kept)}|", ids


def _ids(text: str) -> list[str]:
    return [part.strip() for part in text.split(";") if part.strip()]
