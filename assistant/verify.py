"""Each sentence against its quote: what an answer says must stand, word for word, in what it cites."""

import re
from collections.abc import Mapping

from assistant.compose import OPENINGS, Span, Statement
from assistant.records import Source
from assistant.recount import recounted
from assistant.values import speak_date

_AS_OF = re.compile(r" \(as of (?P<date>[^()]+)\)(?=[.:]?$)")
_JOINTS = re.compile(r": |; | – ")


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
    quotes = [_plain(sources[span.source_id].text[span.start : span.end]) for span in statement.spans]
    if any(_stands_in(text, quote) for quote in quotes):
        return True
    parts = [_plain(part) for part in _JOINTS.split(text)]
    if not any(_stands_in(parts[-1], quote) for quote in quotes):
        return False
    labels = [_plain(label) for span in statement.spans for label in _labels(sources[span.source_id], span.start)]
    return all(any(_stands_in(part, held) for held in (*quotes, *labels)) for part in parts)


def _days(statement: Statement, sources: Mapping[str, Source]) -> set[str]:
    """Return the dates that the quotes of a statement speak of."""
    return {day for span in statement.spans for day in sources[span.source_id].dates_in(span.start, span.end)}


def _labels(source: Source, start: int) -> list[str]:
    """Return what may be said in front of a quote: for a table row its header, else title, headings and lead lines."""
    lines = source.text[:start].split("\n")
    if lines[-1].startswith("|"):
        header = lines[-1]
        for line in reversed(lines[:-1]):
            if not line.startswith("|"):
                break
            header = line
        return [header]
    return [source.title, *(line for line in lines if line.startswith("#") or line.endswith((":", "：")))]


def _in_bounds(span: Span, sources: Mapping[str, Source]) -> bool:
    source = sources.get(span.source_id)
    return source is not None and 0 <= span.start < span.end <= len(source.text)


def _stands_in(part: str, text: str) -> bool:
    """Say whether a text holds a part as whole words."""
    return bool(part) and re.search(rf"(?<!\w){re.escape(part)}(?!\w)", text) is not None


def _plain(text: str) -> str:
    """Return the text with single spaces, without end marks and without the bars of a table."""
    return re.sub(r"[\s|]+", " ", text).strip(" .:;。：")
