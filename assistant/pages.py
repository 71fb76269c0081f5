"""HTML of a source and of the API reference; every outside text is escaped here."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import Any

from markdown_it import MarkdownIt

from assistant import strings
from assistant.corpus import firmest_first
from assistant.records import Attribution, Citation, Origin, Source

STATIC = Path(__file__).parent / "static"
LINES_SHOWN = 4  # further lines of one quote are only counted

# Only what the description of a route needs: no raw HTML, no links, no images.
_MARKDOWN = MarkdownIt("zero", {"breaks": True}).enable(["emphasis", "list", "newline", "escape", "backticks"])
_RULE_ROW = re.compile(r"\|[\s:|-]+\|?")
_LINE_MARKER = re.compile(r"^(?:#{1,6}|[-*+]) +")
_CELL = re.compile(r"\|\s*([^|]*?)\s*(?=\||$)")


def show_date(iso: str) -> str:
    """Write 2023-11-03 as 3 November 2023, 2023-11 as November 2023; anything else stays as it is."""
    try:
        if len(iso) == 10:
            day = date.fromisoformat(iso)
            return f"{day.day} {day:%B %Y}"
        if len(iso) == 7:
            return f"{date.fromisoformat(iso + '-01'):%B %Y}"
    except ValueError:
        pass
    return iso


def show_firmness(origin: Origin) -> str:
    """Say in a plain word how far one may rely on an origin; a copy of a text of UNESCO is said to be one."""
    copied = origin.kind == "unesco" and origin.firmness == "unofficial"
    return strings.COPY_OF_UNESCO if copied else origin.firmness


def quote_lines(quote: str) -> list[str]:
    """Return the lines of a quote that have words, without the marks of headings, items and table rows."""
    lines = (_LINE_MARKER.sub("", line.strip()) for line in quote.splitlines() if not _RULE_ROW.fullmatch(line.strip()))
    return list(filter(None, (line.strip("| ") for line in lines)))


def count_further(citation: Citation) -> str:
    """Say on how many origins a quote rests besides the firmest; of several lines each may have its own."""
    count = len(citation.origins) - 1
    if count < 1:
        return ""
    further = strings.FURTHER_SOURCES.format(count=count) if count > 1 else strings.ONE_FURTHER_SOURCE
    return strings.OF_PARTS.format(further=further) if len(quote_lines(citation.quote)) > 1 else further


def _origin(origin: Origin) -> str:
    firmness = f'<span class="firmness {escape(origin.firmness.split()[0])}">{escape(show_firmness(origin))}</span>'
    date_ = escape(show_date(origin.date)) or strings.UNDATED
    return _about(_link(origin.title, origin.url), (escape(origin.publisher), date_, firmness))


def _about(title: str, facts: Iterable[str]) -> str:
    line = " · ".join(filter(None, facts))
    return f'<p class="title" dir="auto">{title}</p><p class="facts" dir="auto">{line}</p>'


def _link(text: str, url: str) -> str:
    """Render a text that leads to a page elsewhere; an address that is not of the web is left out."""
    if not re.match(r"https?://", url):
        return escape(text)
    return f'<a href="{escape(url)}" target="_blank" rel="noopener noreferrer">{escape(text or url)}</a>'


def render_source(
    source: Source, start: int = 0, end: int = 0, *, origins: Mapping[str, Origin] = MappingProxyType({})
) -> str:
    """Render a source as a page of its own, with `source.text[start:end]` in `<mark id="quote">`.

    Behind each statement stand the numbers of the origins that it rests on, which are listed at the end.
    """
    numbered = _numbered(source, origins)
    count = strings.LISTED.format(count=len(numbered)) if len(numbered) > 1 else strings.ONE_LISTED
    facts = [
        (strings.PUBLISHER, escape(source.publisher)),
        (strings.DATE, escape(show_date(source.date))),
        (strings.ORIGINAL, _link(source.source_title, source.url)),
        (strings.DOCUMENT_SOURCES, f'<a href="#sources">{count}</a>' if numbered else ""),
    ]
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts if value)
    quoted = f'<p class="hint">{strings.QUOTED} <a href="#quote">{strings.SKIP_TO_QUOTE}</a></p>' if end else ""
    text = _Text(source, start, end, numbered)
    body = (
        f'<header><h1 dir="auto">{escape(source.title)}</h1><dl>{rows}</dl>{quoted}</header>'
        f'<main lang="{escape(source.language)}" dir="auto">{text.render()}</main>{_origin_list(numbered)}'
    )
    return _page(source.title, body, language=source.language)


def _numbered(source: Source, origins: Mapping[str, Origin]) -> dict[Origin, int]:
    """Number the origins of a source as a reader meets them, from 1."""
    numbered: dict[Origin, int] = {}
    for held in source.attributions:
        for origin in _firmest_of(held, origins):
            numbered.setdefault(origin, len(numbered) + 1)
    return numbered


def _firmest_of(held: Attribution, origins: Mapping[str, Origin]) -> tuple[Origin, ...]:
    return firmest_first([id_ for id_ in dict.fromkeys(held.origins) if id_ in origins], origins)


def _origin_list(numbered: Mapping[Origin, int]) -> str:
    if not numbered:
        return ""
    items = []
    for origin, n in numbered.items():
        words = origin.note if origin.date else origin.note.removeprefix(strings.UNDATED).lstrip(";, ")
        note = f'<p class="facts" dir="auto">{escape(words)}</p>' if words else ""
        items.append(f'<li id="o{n}">{_origin(origin)}{note}</li>')
    return (
        f'<section id="sources"><h2>{strings.DOCUMENT_SOURCES}</h2><p>{strings.SOURCE_NUMBERS}</p>'
        f"<ol>{''.join(items)}</ol></section>"
    )


@dataclass(frozen=True, slots=True)
class _Line:
    kind: str  # heading, item, row, paragraph
    html: str


class _Text:
    """The light Markdown of a source, rendered line by line, each with its part of the quote marked."""

    def __init__(self, source: Source, start: int, end: int, numbered: Mapping[Origin, int]) -> None:
        self._text, self._start, self._end = source.text, start, end
        origins = {origin.id: origin for origin in numbered}
        notes = {}  # by the offset of the last character of a statement
        for held in source.attributions:
            if firmest := _firmest_of(held, origins):
                notes[held.end - 1] = _note(numbered[origin] for origin in firmest)
        self._notes = sorted(notes.items())

    def render(self) -> str:
        wrap = {"item": ("<ul>", "</ul>"), "row": ('<div class="table"><table>', "</table></div>")}
        parts = []
        for kind, lines in groupby(self._lines(), key=lambda line: line.kind):
            before, after = wrap.get(kind, ("", ""))
            parts.append(before + "".join(line.html for line in lines) + after)
        return "".join(parts).replace("<mark>", '<mark id="quote">', 1)

    def _lines(self) -> Iterator[_Line]:
        offset = 0
        for line in self._text.splitlines(keepends=True):
            first, last = offset + len(line) - len(line.lstrip()), offset + len(line.rstrip())
            words = self._text[first:last]
            notes = self._notes_in(offset, offset + len(line))
            offset += len(line)
            if not words or _RULE_ROW.fullmatch(words):
                continue
            if heading := re.match(r"(#{1,6}) +", words):
                level = min(len(heading[1]) + 1, 6)
                yield _Line("heading", f"<h{level}>{self._marked(first + heading.end(), last, notes)}</h{level}>")
            elif item := re.match(r"[-*+] +", words):
                yield _Line("item", f"<li>{self._marked(first + item.end(), last, notes)}</li>")
            elif words.startswith("|"):
                cells = [
                    self._marked(first + cell.start(1), first + cell.end(1))
                    for cell in _CELL.finditer(words.rstrip("| "))
                ]
                cells[-1:] = ["".join((*cells[-1:], *(note for _, note in notes)))]
                yield _Line("row", f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
            else:
                yield _Line("paragraph", f"<p>{self._marked(first, last, notes)}</p>")

    def _notes_in(self, first: int, last: int) -> list[tuple[int, str]]:
        """Return the notes on a line, each with the offset behind its statement."""
        start = bisect_left(self._notes, (first,))
        reach = bisect_left(self._notes, (last,))
        return [(place + 1, note) for place, note in self._notes[start:reach]]

    def _marked(self, first: int, last: int, notes: Sequence[tuple[int, str]] = ()) -> str:
        """Escape a stretch of the text, mark what of it is quoted, and put each note at its place, unmarked."""
        parts = []
        for place, note in (*notes, (last, "")):
            reach = max(first, min(place, last))
            start, end = max(self._start, first), min(self._end, reach)
            if start < end:
                before, quoted, after = self._text[first:start], self._text[start:end], self._text[end:reach]
                parts.append(f"{escape(before)}<mark>{escape(quoted)}</mark>{escape(after)}")
            else:
                parts.append(escape(self._text[first:reach]))
            parts.append(note)
            first = reach
        return "".join(parts)


def _note(numbers: Iterable[int]) -> str:
    """Render the numbers of the origins behind a statement."""
    links = " ".join(f'<a href="#o{n}">[{n}]</a>' for n in numbers)
    return f"<sup>{links}</sup>"


def render_reference(schema: Mapping[str, Any]) -> str:
    """Render an OpenAPI schema as a plain page, since the usual viewers load their code from outside."""
    info = schema["info"]
    parts = [
        f"<header><h1>{escape(info['title'])}</h1><p>{escape(info.get('description', ''))}</p>",
        '<p><a href="openapi.json">openapi.json</a></p></header><main>',
    ]
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            parts.append(_operation(schema, f"{method.upper()} {path}", operation))
    return _page(info["title"], "".join(parts) + "</main>")


def _operation(schema: Mapping[str, Any], name: str, operation: Mapping[str, Any]) -> str:
    parts = [f"<section><h2><code>{escape(name)}</code></h2>{_MARKDOWN.render(operation.get('description', ''))}"]
    fields = [
        (field["name"], field["schema"], field.get("required", False), field.get("description", ""))
        for field in operation.get("parameters", ())
    ]
    for media in operation.get("requestBody", {}).get("content", {}).values():
        model = _resolve(schema, media["schema"])
        required = model.get("required", ())
        fields += [
            (field, shape, field in required, shape.get("description", ""))
            for field, shape in model.get("properties", {}).items()
        ]
    if fields:
        rows = "".join(
            f"<tr><td><code>{escape(field)}</code></td><td>{escape(_type(shape))}</td>"
            f"<td>{'yes' if needed else ''}</td><td>{escape(text)}</td></tr>"
            for field, shape, needed, text in fields
        )
        parts.append(
            '<div class="table"><table><thead><tr><th>Field</th><th>Type</th><th>Required</th>'
            f"<th>What it is</th></tr></thead><tbody>{rows}</tbody></table></div>"
        )
    answers = "".join(
        f"<li><code>{escape(status)}</code> {_MARKDOWN.renderInline(response.get('description', ''))}</li>"
        for status, response in operation["responses"].items()
    )
    return "".join(parts) + f"<ul>{answers}</ul></section>"


def _resolve(schema: Mapping[str, Any], shape: Mapping[str, Any]) -> Mapping[str, Any]:
    name = str(shape.get("$ref", "")).rpartition("/")[2]
    found: Mapping[str, Any] = schema["components"]["schemas"][name] if name else shape
    return found


def _type(shape: Mapping[str, Any]) -> str:
    if "anyOf" in shape:
        return " or ".join(_type(choice) for choice in shape["anyOf"])
    if shape.get("type") == "array":
        return "list"
    return str(shape.get("type") or str(shape.get("$ref", "any")).rpartition("/")[2])


def _page(title: str, body: str, *, language: str = "en") -> str:
    return (
        f'<!doctype html><html lang="{escape(language)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · {strings.NAME}</title><style>{read_static('page.css')}</style></head>"
        f"<body>{body}</body></html>"
    )


@cache
def read_static(name: str) -> str:
    """Return the text of a file in `static/`."""
    return (STATIC / name).read_text(encoding="utf-8")
