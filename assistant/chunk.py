"""Sources to passages: structure first (headings, lists, tables kept whole), then size."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.records import Passage, Source, Unit, UnitKind

PASSAGE_WORDS = 160  # about 210 tokens: with the context line it fits the 256 that MiniLM reads
LIST_WORDS = 400  # a list or table is parted only above this

_HEADING = re.compile(r"(#{1,6}) +(.+)")
_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)]) +")
_ANNOUNCES = re.compile(r"(?:The |Here (?:is|are) the )?(?:following|below)\b[^.]*\.?$", re.IGNORECASE)
_RULE_ROW = re.compile(r"\|?[\s:|-]+\|?")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’)\]]*(?=\s+[\"'“‘(\[]?[^\Wa-z_])|[。！？；][”’」』）]*")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|No|Nos|vs|approx|ca|cf|etc|e\.g|i\.e|Inc|Ltd|Vol|pp?|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)|\b[A-Z]|(?:^|\s)\d{1,2})\.$"
)


@dataclass(frozen=True, slots=True)
class _Block:
    """A heading, paragraph, list or table, as lines with their offsets in the source."""

    kind: str  # heading, paragraph, list, table
    lines: tuple[tuple[int, str], ...]

    @property
    def start(self) -> int:
        return self.lines[0][0]

    @property
    def end(self) -> int:
        start, line = self.lines[-1]
        return start + len(line)

    @property
    def words(self) -> int:
        return sum(count_words(line) for _, line in self.lines)


def chunk(source: Source, *, passage_words: int = PASSAGE_WORDS) -> list[Passage]:
    """Part a source into passages of at most about `passage_words` words, in reading order.

    A list or table stays whole with the line that introduces it, up to LIST_WORDS. Every passage and
    unit satisfies `source.text[start:end] == text`.
    """
    passages: list[Passage] = []
    seen: Counter[str] = Counter()
    for headings, blocks in _sections(source):
        for group in _pack(blocks, passage_words):
            passages.append(_passage(source, headings, group, seen))
    return passages


def count_words(text: str) -> int:
    """Count words; two characters without spaces between them (Chinese, Japanese) count as one."""
    wide = sum(1 for char in text if "\u3040" <= char <= "\u9fff")
    return len(text.split()) + wide // 2


def _sections(source: Source) -> Iterator[tuple[tuple[str, ...], list[_Block]]]:
    """Yield each heading path with the blocks under it; the document's own title is left out of the path."""
    path: list[tuple[int, str]] = []
    blocks: list[_Block] = []
    for block in _blocks(source.text):
        if block.kind != "heading":
            blocks.append(block)
            continue
        if blocks:
            yield tuple(text for _, text in path), blocks
            blocks = []
        match = _HEADING.fullmatch(block.lines[0][1])
        assert match is not None
        level, text = len(match[1]), match[2].strip()
        path = [(above, title) for above, title in path if above < level]
        if text != source.title:
            path.append((level, text))
    if blocks:
        yield tuple(text for _, text in path), blocks


def _blocks(text: str) -> Iterator[_Block]:
    """Read light Markdown line by line into blocks."""
    lines: list[tuple[int, str]] = []
    kind = ""
    position = 0
    for raw in text.splitlines(keepends=True):
        start, line = position, raw.rstrip()
        position += len(raw)
        now = _line_kind(line)
        if lines and (now != kind or now in ("heading", "")):
            yield _Block(kind, tuple(lines))
            lines = []
        if now:
            lines.append((start, line))
        kind = now
    if lines:
        yield _Block(kind, tuple(lines))


def _line_kind(line: str) -> str:
    if not line.strip():
        return ""
    if _HEADING.fullmatch(line):
        return "heading"
    if line.startswith("|"):
        return "table"
    return "list" if _ITEM.match(line.lstrip()) else "paragraph"


def _pack(blocks: Sequence[_Block], passage_words: int) -> Iterator[list[_Block]]:
    """Join neighbouring blocks up to the size, never parting a list from the line that introduces it."""
    pack: list[_Block] = []
    size = 0
    for together in _with_lead(blocks):
        words = sum(block.words for block in together)
        if pack and size + words > passage_words:
            yield pack
            pack, size = [], 0
        if words > (passage_words if together[-1].kind == "paragraph" else LIST_WORDS):
            yield from _parts(together, passage_words)
            continue
        pack.extend(together)
        size += words
    if pack:
        yield pack


def _with_lead(blocks: Sequence[_Block]) -> Iterator[list[_Block]]:
    """Yield blocks, a list or table together with the paragraph right above it that introduces it."""
    held: _Block | None = None
    for block in blocks:
        if held is not None and block.kind in ("list", "table"):
            yield [held, block]
            held = None
            continue
        if held is not None:
            yield [held]
        held = block if block.kind == "paragraph" and _introduces(block.lines[-1][1]) else None
        if held is None:
            yield [block]
    if held is not None:
        yield [held]


def _introduces(line: str) -> bool:
    """Say whether a line announces what stands below it."""
    return line.endswith((":", "：")) or bool(_ANNOUNCES.match(line))


def _parts(blocks: Sequence[_Block], passage_words: int) -> Iterator[list[_Block]]:
    """Part overlong blocks at lines, and an overlong paragraph at sentences; repeat nothing."""
    pieces: list[tuple[str, int, str]] = []
    for block in blocks:
        for start, line in block.lines:
            if block.kind == "paragraph":
                pieces.extend(("paragraph", start + a, line[a:b]) for a, b in sentence_spans(line))
            else:
                pieces.append((block.kind, start, line))
    part: list[tuple[str, int, str]] = []
    size = 0
    for piece in pieces:
        words = count_words(piece[2])
        if part and size + words > passage_words:
            yield [_Block(kind, ((start, line),)) for kind, start, line in part]
            part, size = [], 0
        part.append(piece)
        size += words
    if part:
        yield [_Block(kind, ((start, line),)) for kind, start, line in part]


def _passage(source: Source, headings: tuple[str, ...], blocks: Sequence[_Block], seen: Counter[str]) -> Passage:
    start, end = blocks[0].start, blocks[-1].end
    text = source.text[start:end]
    units = tuple(replace(unit, date=source.dates_in(unit.start, unit.end)[-1]) for unit in _units(blocks, headings))
    embedded = (source.title, *headings, text, *(unit.label for unit in units))
    digest = hashlib.sha256("\n".join(embedded).encode()).hexdigest()[:12]
    seen[digest] += 1
    again = f"-{seen[digest]}" if seen[digest] > 1 else ""
    return Passage(
        id=f"{source.id}#{digest}{again}",
        source_id=source.id,
        title=source.title,
        headings=headings,
        text=text,
        start=start,
        end=end,
        units=units,
        date=source.date,
        language=source.language,
    )


def _units(blocks: Sequence[_Block], headings: tuple[str, ...]) -> Iterator[Unit]:
    group = 0
    above = ""  # the line right above, where it introduces what follows
    last_kind = ""
    for block in blocks:
        if block.kind == "paragraph":
            for start, line in block.lines:
                for a, b in sentence_spans(line):
                    yield Unit(line[a:b], start + a, start + b)
            text = block.lines[-1][1]
            above = text[sentence_spans(text)[-1][0] :] if _introduces(text) else ""
        else:
            group += block.kind != last_kind or len(block.lines) > 1
            label = above or (headings[-1] if headings else "")
            kind: UnitKind = "item" if block.kind == "list" else "row"
            lines = _rows(block.lines) if kind == "row" else [(s, line, label) for s, line in block.lines]
            for start, line, extra in lines:
                a, b = _bare(line)
                if b > a:
                    yield Unit(line[a:b], start + a, start + b, kind, group, extra or label)
        last_kind = block.kind


def _rows(lines: Sequence[tuple[int, str]]) -> list[tuple[int, str, str]]:
    """Return the data rows of a table, each with its header row as the label ('' without one)."""
    header = ""
    if len(lines) > 1 and _RULE_ROW.fullmatch(lines[1][1]):
        header = " | ".join(cell.strip() for cell in lines[0][1].strip("| ").split("|"))
        lines = lines[1:]
    return [(start, line, header) for start, line in lines if not _RULE_ROW.fullmatch(line)]


def _bare(line: str) -> tuple[int, int]:
    """Return the span of a line without its list marker or outer bars."""
    start = len(line) - len(line.lstrip())
    marker = _ITEM.match(line, start)
    if marker:
        start = marker.end()
    elif line[start : start + 1] == "|":
        inner = line.strip().strip("|").strip()
        start = line.index(inner) if inner else len(line)
        return start, start + len(inner)
    return start, len(line)


def sentence_spans(line: str) -> list[tuple[int, int]]:
    """Return the spans of the sentences of one line, without the white space between them."""
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _SENTENCE_END.finditer(line):
        if match[0][0] == "." and _ABBREVIATION.search(line[max(start, match.start() - 12) : match.start() + 1]):
            continue
        if line[start : match.end()].strip():
            spans.append(_trim(line, start, match.end()))
        start = match.end()
    if line[start:].strip() or not spans:
        spans.append(_trim(line, start, len(line)))
    return spans


def _trim(line: str, start: int, end: int) -> tuple[int, int]:
    while start < end and line[start].isspace():
        start += 1
    while end > start and line[end - 1].isspace():
        end -= 1
    return start, end
