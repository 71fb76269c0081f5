"""Joins hard-wrapped lines into paragraphs, and tells list items, dated entries and table rows from running text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from assistant.clean.blocks import is_ideographic, join_lines, row, vocabulary
from assistant.clean.dates import opens_with_date
from assistant.clean.mend import mend_marks

ParagraphKind = Literal["text", "heading", "item", "number", "entry", "row"]

_HEADING = re.compile(r"(#{1,6}) +(?=\S)")
_BULLET = re.compile(r"([•●▪■□◦‣∙·▶►➢✓✔➔*–—-]|o(?= {2}))\s+(?=\S)")
_LONE_BULLET = re.compile(r"[•●▪■◦‣∙·▶►➢✓✔➔-]")
_LETTER_MARK = re.compile(r"\(?[a-hivx]{1,3}\)\s+(?=\S)|[①-⑳]\s*(?=\S)|\(\d{1,2}\)\s+(?=\S)")
_NUMBER = re.compile(r"(\d{1,2})(?:[.)]\s+(?=\S)|[.、](?=[^\W\d_a-z]))")
_ROW = re.compile(r"\|.+\|")
_PHASE = re.compile(r"(?:phase|stage|step|round|étape|fase)\s+(?:[IVX]+|\d{1,2})\b[ :.–—-]*(?=\S)", re.I)
_CELL_GAP = re.compile(r"\s{3,}")
_ENDS_SENTENCE = re.compile(r"[.!?…。！？](?:[\"'”’)\]]|\[\d+\])*$")
_ENDS_OPEN = re.compile(
    r"[,\-–—(/&，、]$"
    r"|\b(?:a|an|and|as|at|by|for|from|in|into|of|on|or|that|the|their|to|with|de|des|du|et|la|le|les|y)$"
)
# A sentence may begin with one of these; inside a running sentence they have no capital.
_CAPITAL_FUNCTION_WORD = re.compile(
    r"(?:A|An|And|As|At|But|By|For|From|If|In|It|Its|On|Or|Since|That|The|Their|These|They|This|To|We|When|Where|Which|With)\b"
)
_OUTSIDE_COLUMN = 1.3  # a line this much longer than the column is no wrapped line
_RAGGED = 0.8  # a wrapped line fills at least this much of the column, with the next word counted


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of plain text, with what its place on the page says about it."""

    text: str
    kind: ParagraphKind = "text"
    mark: str = ""  # as it stands in the text: `•`, `2`, `##`
    gap: int = 0  # blank lines above
    lines: tuple[str, ...] = ()


def unwrap(lines: Sequence[str]) -> list[Paragraph]:
    """Return the paragraphs of tidy lines; the lines of one are joined where the text is hard-wrapped."""
    width = _column_width(lines)
    known = vocabulary("\n".join(lines))
    groups: list[tuple[Paragraph, list[str]]] = []
    for paragraph in _marked(_with_rows(_with_bullets(lines))):
        if groups and _belongs(groups[-1][0], groups[-1][1][-1], paragraph, width):
            groups[-1][1].append(paragraph.text)
        else:
            groups.append((paragraph, [paragraph.text]))
    return [
        Paragraph(join_lines(texts, known), first.kind, first.mark, first.gap, tuple(texts)) for first, texts in groups
    ]


def ends_sentence(text: str) -> bool:
    """Say whether a text ends as a sentence does; a closing quote or bracket may follow."""
    return bool(_ENDS_SENTENCE.search(text[-40:]))


def _with_bullets(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines, a bullet alone on its line together with the next."""
    bullet = ""
    for line in lines:
        if _LONE_BULLET.fullmatch(line.strip()):
            bullet = f"{line.strip()} "
        elif bullet and line.strip():
            yield bullet + line.strip()
            bullet = ""
        else:
            yield line


def _with_rows(lines: Iterator[str]) -> Iterator[str]:
    """Yield the lines; three or more that fall into the same number of cells by wide gaps become table rows."""
    pending: list[str] = []
    columns = 0
    for line in lines:
        cells = _CELL_GAP.split(line.strip())
        if len(cells) < 2 or len(cells) != columns:
            yield from _table_or_lines(pending)
            pending, columns = [], len(cells)
        pending.append(line)
    yield from _table_or_lines(pending)


def _table_or_lines(lines: Sequence[str]) -> Iterator[str]:
    cells = [_CELL_GAP.split(line.strip()) for line in lines]
    if len(lines) < 3 or len(cells[0]) < 2 or any(_BULLET.match(first) for first, *_ in cells):
        yield from lines
    else:
        yield from (row(line) for line in cells)


def _marked(lines: Iterator[str]) -> Iterator[Paragraph]:
    """Yield a paragraph a line, its mark told from its text and the empty lines above it counted."""
    gap = 0
    for raw in lines:
        line = mend_marks(" ".join(raw.split()))
        if not line:
            gap += 1
            continue
        yield _paragraph(line, gap)
        gap = 0


def _paragraph(line: str, gap: int) -> Paragraph:
    if match := _HEADING.match(line):
        kind: ParagraphKind = "heading"
    elif match := _BULLET.match(line):
        kind = "item"
    elif match := _NUMBER.match(line):
        kind = "number"
    else:
        match = _LETTER_MARK.match(line)
        kind = "item" if match else "row" if _ROW.fullmatch(line) else "entry" if _opens_entry(line) else "text"
        return Paragraph(line, kind, "", gap)
    return Paragraph(line[match.end() :], kind, match.group(1), gap)


def _opens_entry(line: str) -> bool:
    return len(line) <= 160 and (bool(_PHASE.match(line)) or opens_with_date(line))


def _column_width(lines: Sequence[str]) -> int:
    """Return how many characters fill a line where the text is hard-wrapped, else 0."""
    texts = [line.strip() for line in lines]
    pairs = [(above, below) for above, below in pairwise(texts) if above and below]
    wrapped = sorted(len(above) for above, below in pairs if _runs_on(above, below) and len(above) <= 160)
    if not wrapped or len(wrapped) < min(3, len(pairs)):
        return 0
    return wrapped[int(len(wrapped) * 0.9)]


def _runs_on(above: str, below: str) -> bool:
    """Say whether a sentence plainly goes on from one line to the next."""
    if below[0].islower():
        return above[-1] not in ":;.!?" and not _BULLET.match(below)
    return is_ideographic(above[-1]) and is_ideographic(below[0]) and above[-1] not in "。！？：；"


def _belongs(first: Paragraph, line: str, below: Paragraph, width: int) -> bool:
    """Say whether a line goes on with the paragraph that began with `first` and stands at `line`."""
    if below.kind in ("heading", "item", "row") or first.kind in ("heading", "row"):
        return False
    if below.kind == "number" and (first.kind == "number" or below.gap or not line[-1].islower()):
        return False
    if below.kind == "entry" and (first.kind == "entry" or below.gap or ends_sentence(line) or not width):
        return False
    if below.gap:
        full = width and width * _RAGGED <= len(line) <= width * _OUTSIDE_COLUMN
        return bool(full) and below.gap == 1 and line[-1].isalpha() and below.text[0].islower()
    return _continues(line, below.text, width)


def _continues(above: str, below: str, width: int) -> bool:
    if above[-1] in ":：":
        return False
    if _runs_on(above, below) or _ENDS_OPEN.search(above[-40:]):
        return not width or len(above) <= width * _OUTSIDE_COLUMN or below[0].islower()
    if not width or len(above) > width * _OUTSIDE_COLUMN:
        return False
    first_word = below.split(" ", 1)[0]
    if len(above) + 1 + len(first_word) < width * _RAGGED and not (above.isupper() and below.isupper()):
        return False
    if above[-1] == ";":
        return False
    return ends_sentence(above) or not _CAPITAL_FUNCTION_WORD.match(below)
