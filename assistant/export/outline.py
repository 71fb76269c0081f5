"""What every exported file holds, before its format: headings, paragraphs, lists, tables, and numbered notes."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.token import Token

from assistant.captions import RIGHT_TO_LEFT, Captions
from assistant.pages import quote_lines, show_firmness
from assistant.records import Answer, Citation
from assistant.values import is_iso_date, speak_date

Kind = Literal["title", "heading", "about", "paragraph", "item", "row", "remark"]

# The Markdown of answers: no raw HTML, no links, no images.
_MARKDOWN = MarkdownIt("zero").enable(["emphasis", "list", "table", "blockquote", "newline", "escape", "backticks"])
_MARKDOWN.disable("text_join")  # so that an escaped bracket stays apart and is no marker
_MARKER = re.compile(r" ?\[(\d{1,3})\]")
_WEB = re.compile(r"https?://\S+")
# In a line from right to left, English in quotation marks keeps them on its own side, and a marker leaves it again.
_LEFT_MARK, _RIGHT_MARK = "\u200e", "\u200f"
_OPENING_QUOTE, _CLOSING_QUOTE = re.compile(r"[“«](?=[A-Za-z0-9])"), re.compile(r"(?<=[A-Za-z0-9.,;:!?)])[”»]")


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer, as a visitor has them before them."""

    question: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of a line in one style, or the number of a note."""

    text: str
    bold: bool = False
    italic: bool = False
    note: int = 0  # number of the note that stands here; 0 for words


@dataclass(frozen=True, slots=True)
class Block:
    """A line of the file: its runs, or the cells of a row of a table."""

    kind: Kind
    runs: tuple[Run, ...] = ()
    cells: tuple[tuple[Run, ...], ...] = ()
    depth: int = 0  # of an item
    number: int = 0  # of an item of a numbered list; 0 where it has a bullet
    ticked: bool | None = None  # of an item of a checklist
    language: str = ""  # where it is not that of the file
    head: bool = False  # of a row: it names the columns


@dataclass(frozen=True, slots=True)
class Note:
    """A source behind a statement: the words quoted, who said them, where and when."""

    number: int  # in the file, from 1
    quote: tuple[str, ...]  # lines; none where the statement itself stands above
    about: str  # title, publisher, date and firmness of the source, in English as the quote is
    place: str = ""  # the document of the corpus, and how many other sources there are
    url: str = ""
    unchecked: str = ""  # says that the words could not be found in the document; empty where they stand there


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole file."""

    title: str
    language: str
    blocks: tuple[Block, ...] = ()
    notes: tuple[Note, ...] = ()
    captions: Captions = field(kw_only=True)

    @property
    def right_to_left(self) -> bool:
        """Whether the file is written in a script from right to left."""
        return self.language in RIGHT_TO_LEFT

    def draw(self, block: Callable[[Block], None], table: Callable[[Sequence[Block]], None]) -> None:
        """Draw the blocks in their order: the rows that follow one another as one table, any other block alone."""
        for kind, group in groupby(self.blocks, key=lambda one: one.kind):
            if kind == "row":
                table(tuple(group))
            else:
                for one in group:
                    block(one)


def outline_of(title: str, exchanges: Sequence[Exchange], captions: Captions, *, today: str) -> Outline:
    """Return the outline of a conversation; notes are numbered through the whole file as they are first met."""
    writer = _Writer(captions)
    blocks = [
        Block("title", (Run(title),)),
        Block("about", (Run(captions.say("export.made", date=captions.date(today))),)),
        Block("about", (Run(captions.say("export.decides")),)),
    ]
    if captions.language != "en" and any(exchange.answer.citations for exchange in exchanges):
        blocks.append(Block("about", (Run(captions.say("export.english_quotes")),)))
    for exchange in exchanges:
        blocks += writer.exchange(exchange)
    return Outline(title, captions.language, tuple(blocks), tuple(writer.notes), captions=captions)


def note_of(citation: Citation, number: int, captions: Captions) -> Note:
    """Return what a note says of a citation: of the firmest source, and how many others there are."""
    about = [citation.title, citation.publisher, english_date(citation.date)]
    place = []
    if citation.origins:
        first = citation.origins[0]
        about = [first.title, first.publisher, english_date(first.date) or "undated", show_firmness(first)]
        place = [captions.say("export.quoted_from", document=citation.document)]
        if further := len(citation.origins) - 1:
            place.append(captions.say("export.further", count=further))
    return Note(
        number,
        tuple(quote_lines(citation.quote)),
        ", ".join(filter(None, about)),
        "; ".join(place),
        citation.url if _WEB.fullmatch(citation.url) else "",
        "" if citation.verified else captions.say("export.unchecked"),
    )


def english_date(iso: str) -> str:
    """Return an ISO date as English writes it; anything else as it is."""
    return speak_date(iso) if is_iso_date(iso) else iso


class _Writer:
    """Writes exchanges as blocks and numbers their notes."""

    def __init__(self, captions: Captions) -> None:
        self._captions = captions
        self.notes: list[Note] = []

    def exchange(self, exchange: Exchange) -> Iterator[Block]:
        answer, say = exchange.answer, self._captions.say
        yield Block("heading", (Run(exchange.question),))
        understood = answer.standalone_question.strip()
        if understood and understood.casefold() != exchange.question.strip().casefold():
            yield Block("remark", (Run(say("export.understood", question=understood)),))
        if answer.status != "answered":
            yield Block("remark", (Run(say(f"status.{answer.status}"), bold=True),))
        yield from self._body(answer)
        for remark in answer.notes:
            yield Block("remark", (Run(remark),), language=answer.language)
        if answer.as_of and answer.citations:
            yield Block("remark", (Run(say("shared.as_of", date=self._captions.date(answer.as_of))),))

    def _body(self, answer: Answer) -> Iterator[Block]:
        cited = {citation.n: citation for citation in answer.citations}
        numbers: dict[int, int] = {}

        def number(n: int) -> int:
            if n not in numbers:
                numbers[n] = len(self.notes) + 1
                self.notes.append(note_of(cited[n], numbers[n], self._captions))
            return numbers[n]

        def runs(token: Token) -> tuple[Run, ...]:
            return tuple(_runs(token.children or (), cited, number, answer.language in RIGHT_TO_LEFT))

        kind: Kind = "paragraph"
        lists: list[int] = []  # of each open list the number of its next item, 0 for bullets
        cells: list[tuple[Run, ...]] = []
        head = first = False
        for token in _MARKDOWN.parse(answer.answer):
            match token.type:
                case "bullet_list_open":
                    lists.append(0)
                case "ordered_list_open":
                    lists.append(int(token.attrGet("start") or 1))
                case "bullet_list_close" | "ordered_list_close":
                    lists.pop()
                case "list_item_open":
                    first = True
                case "thead_open" | "thead_close":
                    head = token.type == "thead_open"
                case "tr_open":
                    cells = []
                    kind = "row"
                case "tr_close":
                    yield Block("row", cells=tuple(cells), head=head, language=answer.language)
                    kind = "paragraph"
                case "inline" if kind == "row":
                    cells.append(runs(token))
                case "inline" if lists and first:
                    yield Block("item", runs(token), depth=len(lists), number=lists[-1], language=answer.language)
                    lists[-1] += bool(lists[-1])
                    first = False
                case "inline":
                    yield Block(kind, runs(token), language=answer.language)


def _runs(
    tokens: Sequence[Token], cited: Mapping[int, Citation], number: Callable[[int], int], turned: bool
) -> Iterator[Run]:
    bold = italic = False
    for token in tokens:
        match token.type:
            case "strong_open" | "strong_close":
                bold = token.type == "strong_open"
            case "em_open" | "em_close":
                italic = token.type == "em_open"
            case "softbreak" | "hardbreak":
                yield Run("\n", bold, italic)
            case _:
                done = 0
                markers = _MARKER.finditer(token.content) if token.type == "text" else ()
                for found in markers:
                    if int(found[1]) not in cited:
                        continue
                    if found.start() > done:
                        yield Run(_sided(token.content[done : found.start()], turned), bold, italic)
                    yield Run("", note=number(int(found[1])))
                    done = found.end()
                if token.content[done:]:
                    yield Run(_sided(token.content[done:], turned), bold, italic)


def from_left(text: str, turned: bool) -> str:
    """Return English words so that they keep their full stop where the line runs from right to left."""
    return f"{_LEFT_MARK}{text}{_LEFT_MARK}" if turned else text


def _sided(text: str, turned: bool) -> str:
    if not turned:
        return text
    opened = _OPENING_QUOTE.sub(lambda found: _LEFT_MARK + found[0], text)
    return _CLOSING_QUOTE.sub(lambda found: found[0] + _LEFT_MARK + _RIGHT_MARK, opened)
