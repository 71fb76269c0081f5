"""Each sentence against its quote: what an answer says must stand, word for word, in what it cites."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

from assistant.chunk import sentence_spans
from assistant.compose import OPENINGS, Span, Statement
from assistant.records import Source
from assistant.recount import recounted
from assistant.values import speak_date

_AS_OF = re.compile(r" \(as of (?P<date>[^()]+)\)(?=[.:]?$)")
_JOINTS = re.compile(r": |; | – ")
_CELL = re.compile(r"[^|\n]*[^|\s][^|\n]*")
_MARKER = re.compile(r"^\s*(?:[-*+]|\d{1,3}[.)]|#{1,6}) +")


def supported(statement: Statement, sources: Mapping[str, Source]) -> bool:
    """Say whether every part of a statement stands in its quotes, or as a label in the same source.

    The date in "(as of ...)" must be the date of a cited source. A statement without a span is supported
    only where it opens a list with a heading of its source.
    """
    if not all(_in_bounds(span, sources) for span in statement.spans):
        return False
    if statement.computed:
        return recounted(statement, sources)
    text = statement.text.replace("**", "").removeprefix("- ")
    for opening in OPENINGS:
        text = text.removeprefix(opening)
    when = _AS_OF.search(text)
    if when:
        days = _days(statement, sources)
        if when["date"] not in {speak_date(day) for day in days if day}:
            return False
        text = text[: when.start()] + text[when.end() :]
    text = _plain(text)
    if not text:
        return False
    quotes = [sources[span.source_id].text[span.start : span.end] for span in statement.spans]
    if any(_is_whole(text, quote) for quote in quotes):
        return True
    parts = [_plain(part) for part in _JOINTS.split(text)]
    if not any(_is_whole(parts[-1], quote, joints=True) for quote in quotes):
        return False
    labels = [label for span in statement.spans for label in _labels(sources[span.source_id], span.start)]
    known = all(any(_is_whole(part, held, joints=True) for held in (*quotes, *labels)) for part in parts)
    return known and all(_in_columns(parts, sources[span.source_id], span) for span in statement.spans)


def _days(statement: Statement, sources: Mapping[str, Source]) -> set[str]:
    """Return the dates that the quotes of a statement speak of."""
    return {day for span in statement.spans for day in sources[span.source_id].dates_in(span.start, span.end)}


def _labels(source: Source, start: int) -> list[str]:
    """Return what may be said in front of a quote: of a table row the header, else title, headings and lead line."""
    if header := _header(source, start):
        return [header]
    found, level, leads = [source.title], 7, True
    for line in reversed(source.text[:start].split("\n")):
        depth = len(line) - len(line.lstrip("#"))
        if 0 < depth < level:
            found.append(line.lstrip("# "))
            level, leads = depth, False
        elif leads and line.endswith((":", "：")):
            found.append(line)
            leads = False
    return found


def _header(source: Source, start: int) -> str:
    """Return the header row of the table that a row stands in, or ''."""
    lines = source.text[:start].split("\n")
    if not lines[-1].startswith("|"):
        return ""
    header = lines[-1]
    for line in reversed(lines[:-1]):
        if not line.startswith("|"):
            break
        header = line
    return header


def _in_columns(parts: Sequence[str], source: Source, span: Span) -> bool:
    """Say whether each cell that follows the head of a column is of that column."""
    heads = _cells(_header(source, span.start))
    cells = _cells(source.text[span.start : span.end].split("\n")[0])
    if len(heads) != len(cells):
        return True
    for head, value in pairwise(parts):
        columns = [place for place, name in enumerate(heads) if name == head]
        if columns and not any(_is_whole(value, cells[place], joints=True) for place in columns):
            return False
    return True


def _cells(row: str) -> list[str]:
    return [_plain(cell) for cell in row.strip("| ").split("|")] if row else []


def _in_bounds(span: Span, sources: Mapping[str, Source]) -> bool:
    source = sources.get(span.source_id)
    return source is not None and 0 <= span.start < span.end <= len(source.text)


def _is_whole(text: str, quote: str, *, joints: bool = False) -> bool:
    """Say whether a text is one or more whole pieces of a quote in a row: its sentences, list items and table cells.

    What is cut out of a sentence may say the opposite. With `joints` the parts of a cell or lead are pieces too.
    """
    pieces = _pieces(quote, joints=joints)
    for place, (start, _) in enumerate(pieces):
        for _, end in pieces[place:]:
            said = _plain(_MARKER.sub("", quote[start:end]))
            if said == text:
                return bool(text)
            if len(said) > len(text):
                break
    return False


@lru_cache(maxsize=4096)
def _pieces(quote: str, *, joints: bool) -> tuple[tuple[int, int], ...]:
    """Return where the pieces of a quote stand."""
    found = []
    for line in _CELL.finditer(quote):
        for first, last in sentence_spans(line[0]):
            sentence, at = line[0][first:last], line.start() + first
            cuts = [match.span() for match in _JOINTS.finditer(sentence)] if joints else []
            starts, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(sentence)]
            found += [(at + start, at + end) for start, end in zip(starts, ends, strict=True)]
    return tuple(found)


def _plain(text: str) -> str:
    """Return the text with single spaces, without end marks and without the bars of a table."""
    return re.sub(r"[\s|]+", " ", text).strip(" .:;。：")
