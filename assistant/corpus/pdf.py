"""Reads a PDF: its text page by page, without running heads and page numbers, with larger type as headings."""

import logging
import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from assistant.clean import clean_plain, recover, tidy
from assistant.corpus.draft import Draft
from assistant.errors import CorpusError

if TYPE_CHECKING:
    from pypdf import PdfReader

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it finds wrong is told in our own sentence
_PAGE_NUMBER = re.compile(r"\W*(?:(?:page|p\.|seite|página)\s*)?\d{1,4}(?:\s*(?:/|of|von|sur|de)\s*\d{1,4})?\W*", re.I)
_DIGITS = re.compile(r"\d+")
_NO_TITLE = re.compile(
    r"untitled.*|\(?anonymous\)?|\(?unspecified\)?|.*\.(?:docx?|pdf|indd|qxd|pptx?|xlsx?)|document\d*", re.I
)
_EDGE_LINES = 2  # at the top and at the foot of a page
_LARGER = 1.15  # times the size of the running text
_LONGEST_HEADING = 160
_FEWEST_LETTERS = 20


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a page and the size of its largest type, in points; 0 where the page does not tell."""

    text: str
    size: float = 0.0


def read_pdf(data: bytes) -> Draft:
    """Read a PDF file; raise CorpusError where it is protected, broken or only a picture of text."""
    from pypdf import PdfReader

    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted:
            _open(reader)
        pages = [_lines(page) for page in reader.pages]
        title = tidy(reader.metadata.title or "").strip() if reader.metadata else ""
    except CorpusError:
        raise
    except Exception as error:  # what pypdf and zlib raise on a damaged file depends on where the damage lies
        raise CorpusError("the PDF is damaged; open it in a viewer and save it again") from error
    if sum(char.isalpha() for page in pages for line in page for char in line.text) < _FEWEST_LETTERS:
        raise CorpusError("scanned: no text layer; run text recognition on it and save it again")
    text = tidy("\n".join(_joined(_without_running_heads(pages))))
    stated = {} if not title or _NO_TITLE.fullmatch(title) else {"title": title}
    return Draft(recover(text) if text.startswith("#") or "\n#" in text else clean_plain(text), stated)


def _open(reader: "PdfReader") -> None:
    """Open a protected file that asks for no password; raise CorpusError where it asks for one."""
    from pypdf.errors import PyPdfError

    try:
        opened = bool(reader.decrypt(""))
    except PyPdfError:  # AES needs a package that is not installed
        opened = False
    if not opened:
        raise CorpusError("it is protected by a password or a cipher; save a copy without protection")


def _lines(page: Any) -> list[_Line]:
    """Return the lines of a page with the size of their type."""
    pieces: list[tuple[str, float]] = []

    def keep(text: str, _user: Sequence[float], matrix: Sequence[float], _font: object, size: float) -> None:
        if text:
            scale = (matrix[2] ** 2 + matrix[3] ** 2) ** 0.5
            pieces.append((text, round(abs(size * scale), 1)))

    plain = page.extract_text(visitor_text=keep)
    if "".join(text for text, _ in pieces).split() != plain.split():
        return [_Line(line) for line in plain.split("\n")]
    lines = [_Line("")]
    for text, size in pieces:
        first, *more = text.split("\n")
        lines[-1] = _Line(lines[-1].text + first, max(lines[-1].size, size if first.strip() else 0.0))
        lines += [_Line(part, size if part.strip() else 0.0) for part in more]
    return lines


def _without_running_heads(pages: Sequence[Sequence[_Line]]) -> list[list[_Line]]:
    """Return the pages without the lines at their edges that most of the pages have, or that only number the page."""
    body = _body_size(line for page in pages for line in page)
    edges = [_edges(page) for page in pages]
    counts = Counter(form for edge in edges for form in {_form(line) for line in edge.values()})
    repeated = {form for form, count in counts.items() if count > 1 and count * 2 > len(pages)}
    return [
        [line for place, line in enumerate(page) if place not in edge or not _is_running(line, repeated, body)]
        for page, edge in zip(pages, edges, strict=True)
    ]


def _edges(page: Sequence[_Line]) -> dict[int, _Line]:
    """Return the first and last filled lines of a page by their place."""
    filled = [(place, line) for place, line in enumerate(page) if line.text.strip()]
    return dict([*filled[:_EDGE_LINES], *filled[-_EDGE_LINES:]])


def _form(line: _Line) -> str:
    return _DIGITS.sub("#", " ".join(line.text.split()).casefold())


def _is_running(line: _Line, repeated: Collection[str], body: float) -> bool:
    """Say whether a line at an edge runs from page to page; a heading with a number, in larger type, does not."""
    if _PAGE_NUMBER.fullmatch(line.text.strip()):
        return True
    form = _form(line)
    return form in repeated and ("#" not in form or line.size < body * _LARGER)


def _joined(pages: Sequence[Sequence[_Line]]) -> list[str]:
    """Return the lines of all pages, with a mark in front of each that is set in larger type."""
    marks = _heading_marks([line for page in pages for line in page if _has_words(line)])
    joined: list[str] = []
    last_mark = ""
    for page in pages:
        for line in page:
            may_head = _has_words(line) and len(line.text.strip()) <= _LONGEST_HEADING
            mark = marks.get(line.size, "") if may_head else ""
            if not line.text.strip():
                joined.append("")
                continue
            if mark and mark == last_mark:
                joined[-1] += f" {line.text.strip()}"  # a heading on two lines
            elif mark:
                joined += ["", f"{mark} {line.text.strip()}"]
            else:
                joined += ["", line.text] if last_mark else [line.text]
            last_mark = mark
    return joined


def _has_words(line: _Line) -> bool:
    """Say whether a line is more than a bullet, a number or a drawn rule."""
    return sum(char.isalpha() for char in line.text) > 1


def _heading_marks(lines: Sequence[_Line]) -> dict[float, str]:
    """Return the mark of each type size that headings have: larger than the running text, and rare."""
    body = _body_size(lines)
    letters: Counter[float] = Counter()
    for line in lines:
        letters[line.size] += len(line.text.strip())
    larger = sorted((size for size in letters if body and size >= body * _LARGER), reverse=True)
    if sum(letters[size] for size in larger) * 3 > sum(letters.values()):
        return {}
    return {size: "#" * min(level, 3) for level, size in enumerate(larger, 1)}


def _body_size(lines: Iterable[_Line]) -> float:
    """Return the size in which most of the text is set, 0 where the pages do not tell."""
    letters: Counter[float] = Counter()
    for line in lines:
        letters[line.size] += len(line.text.strip())
    return letters.most_common(1)[0][0] if letters else 0.0
