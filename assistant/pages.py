"""HTML of the conversation, of a source and of the API reference; every outside text is escaped here."""

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
from urllib.parse import quote as url_quote

from markdown_it import MarkdownIt

from assistant import strings
from assistant.corpus import firmest_first
from assistant.records import Answer, Attribution, Citation, Origin, Source

STATIC = Path(__file__).parent / "static"
CARDS_SHOWN = 4  # further sources of one answer fold away
LINES_SHOWN = 4  # further lines of one quote fold away

# Only what an answer needs: no raw HTML, no links, no images.
_MARKDOWN = MarkdownIt("zero", {"breaks": True}).enable(
    ["emphasis", "list", "table", "blockquote", "newline", "escape", "backticks"]
)
_MARKER = re.compile(r"( ?)\[(\d{1,3})\]")
_RULE_ROW = re.compile(r"\|[\s:|-]+\|?")
_LINE_MARKER = re.compile(r"^(?:#{1,6}|[-*+]) +")
_CELL = re.compile(r"\|\s*([^|]*?)\s*(?=\||$)")
_RIGHT_TO_LEFT = ("ar",)
_LABELS = {
    "no_answer": strings.NO_ANSWER,
    "out_of_scope": strings.OUT_OF_SCOPE,
    "clarify": strings.CLARIFY,
    "error": strings.FAILED,
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One question of a conversation and what has come back so far."""

    question: str
    text: str = ""  # Markdown of the answer so far; behind an instant `answer`, of the prose that is to replace it
    progress: str = ""  # what is being done now; empty once settled
    answer: Answer | None = None
    failure: str = ""  # one sentence: why there is no answer


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


def corpus_line(sources: Sequence[Source]) -> str:
    """Say how many documents there are and how recent the newest is."""
    if not sources:
        return strings.CORPUS_EMPTY
    count = strings.ONE_SOURCE if len(sources) == 1 else strings.MANY_SOURCES.format(count=len(sources))
    newest = max(source.date for source in sources)
    return strings.CORPUS.format(sources=count, date=show_date(newest)) if newest else count


def render_head(sources: Sequence[Source]) -> str:
    """Render what stands above the chat: its name, its purpose and the state of the corpus."""
    return f'<h1>{strings.NAME}</h1><p>{strings.PURPOSE}</p><p class="corpus">{escape(corpus_line(sources))}</p>'


def render_disclaimer() -> str:
    """Render what stands below the chat: whose text decides, and whom to ask."""
    return f'<p>{strings.DISCLAIMER} <a href="mailto:{strings.CONTACT}">{strings.CONTACT}</a>.</p>'


def render_conversation(exchanges: Sequence[Exchange]) -> list[str]:
    """Render a conversation, oldest exchange first, one piece of HTML each."""
    return [_exchange(exchange, n) for n, exchange in enumerate(exchanges, start=1)]


def _exchange(exchange: Exchange, number: int) -> str:
    busy = "true" if exchange.progress else "false"
    return (
        f'<article class="exchange" id="exchange-{number}" aria-busy="{busy}">'
        f'<h2 class="question" dir="auto">{_lines(exchange.question)}</h2>'
        f"{_reply(exchange, number)}</article>"
    )


def _reply(exchange: Exchange, number: int) -> str:
    if exchange.answer is not None and not exchange.progress:
        return _answer(exchange.answer, number)
    parts = [_answer(exchange.answer, number)] if exchange.answer is not None else []
    if exchange.text:
        parts.append(f'<div class="answer" dir="auto">{_markdown(exchange.text)}</div>')
    if exchange.progress:
        parts.append(f'<p class="progress">{escape(exchange.progress)}</p>')
    if exchange.failure:
        parts.append(f'<div class="plain error"><p class="label">{strings.FAILED}</p>')
        parts.append(f"<p>{_lines(exchange.failure)}</p></div>")
    return "".join(parts)


def _answer(answer: Answer, number: int) -> str:
    body = _MARKER.sub(lambda found: _marker(found, answer, number), _markdown(answer.answer))
    parts = []
    standalone = answer.standalone_question.strip()
    if standalone and standalone.casefold() != answer.question.strip().casefold():
        parts.append(f'<p class="understood">{strings.UNDERSTOOD} <q dir="auto">{escape(standalone)}</q></p>')
    label = _LABELS.get(answer.status)
    if label:
        parts.append(f'<div class="plain {answer.status}"><p class="label">{label}</p>')
    # An Arabic sentence may open with a Latin name, from which `auto` would take the direction.
    direction = "rtl" if answer.language in _RIGHT_TO_LEFT else "auto"
    parts.append(f'<div class="answer" lang="{escape(answer.language)}" dir="{direction}">{body}</div>')
    parts.extend(f'<p class="note" dir="{direction}">{escape(note)}</p>' for note in answer.notes)
    if label:
        parts.append("</div>")
    if answer.as_of and answer.citations:
        parts.append(f'<p class="badge">{strings.AS_OF.format(date=escape(show_date(answer.as_of)))}</p>')
    if answer.citations:
        parts.append(_sources(answer.citations, number))
    return "".join(parts)


def _marker(found: re.Match[str], answer: Answer, number: int) -> str:
    space, n = found[1] and "\u00a0", int(found[2])  # a marker stays on the line of its sentence
    titles = [citation.title for citation in answer.citations if citation.n == n]
    if not titles:
        return found[0]
    label = escape(strings.MARKER.format(n=n, title=titles[0]))
    return f'{space}<a class="marker" href="#source-{number}-{n}" aria-label="{label}" title="{label}">[{n}]</a>'


def _sources(citations: Sequence[Citation], number: int) -> str:
    cards = [_card(citation, number) for citation in citations]
    shown, folded = cards[:CARDS_SHOWN], cards[CARDS_SHOWN:]
    if len(folded) == 1:
        shown, folded = cards, []
    more = ""
    if folded:
        summary = strings.MORE_SOURCES.format(count=len(folded))
        more = f"<details><summary>{summary}</summary><ol>{''.join(folded)}</ol></details>"
    return (
        f'<section class="sources" aria-label="{strings.SOURCES}"><h3>{strings.SOURCES}</h3>'
        f"<ol>{''.join(shown)}</ol>{more}</section>"
    )


def _card(citation: Citation, number: int) -> str:
    if citation.origins:
        about, read = _origin(citation.origins[0]), strings.READ_IN.format(document=citation.document)
    else:
        facts = (escape(citation.publisher), escape(show_date(citation.date)))
        about, read = _about(_link(citation.title, citation.url), facts), strings.READ
    link = (
        f"api/v1/sources/{url_quote(citation.source_id, safe='')}?start={citation.start}&amp;end={citation.end}#quote"
    )
    label = escape(strings.READ_NAMED.format(read=read, n=citation.n))
    section = f'<span class="section"> · {escape(citation.section)}</span>' if citation.section else ""
    unchecked = "" if citation.verified else f'<p class="note">{strings.UNCHECKED}</p>'
    return (
        f'<li id="source-{number}-{citation.n}" tabindex="-1" value="{citation.n}">'
        f'<span class="n" aria-hidden="true">{citation.n}</span><div>{about}'
        f'<blockquote dir="auto">{_quote(citation.quote)}</blockquote>{unchecked}'
        f'<p class="place" dir="auto"><a class="read" href="{link}" target="_blank" rel="noopener" '
        f'aria-label="{label}">{escape(read)}</a>{section}</p>{_further(citation)}</div></li>'
    )


def _quote(quote: str) -> str:
    lines = [f"<p>{escape(line)}</p>" for line in quote_lines(quote)]
    shown, folded = lines[:LINES_SHOWN], lines[LINES_SHOWN:]
    if len(folded) <= 1:
        return "".join(lines)
    summary = strings.MORE_LINES.format(count=len(folded))
    return f"{''.join(shown)}<details><summary>{summary}</summary>{''.join(folded)}</details>"


def _further(citation: Citation) -> str:
    """Render what a quote rests on besides the firmest, folded."""
    items = "".join(f"<li>{_origin(origin)}</li>" for origin in citation.origins[1:])
    if not items:
        return ""
    return f'<details class="further"><summary>{count_further(citation)}</summary><ul>{items}</ul></details>'


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


def _markdown(text: str) -> str:
    return str(_MARKDOWN.render(text))


def _lines(text: str) -> str:
    return escape(text).replace("\n", "<br>")


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
    parts = [f"<section><h2><code>{escape(name)}</code></h2>{_markdown(operation.get('description', ''))}"]
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
