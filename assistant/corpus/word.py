"""Reads a Word file: its styles become headings, lists and tables."""

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from assistant.clean import Block, join_lines, normalise, render, row, rule_row, tidy
from assistant.corpus.draft import Draft
from assistant.errors import CorpusError

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table
    from docx.text.paragraph import Paragraph

_LARGEST_UNPACKED_MB = 100
_HEADING_STYLE = re.compile(r"heading ([1-9])", re.I)
_LIST_STYLE = re.compile(r"list (?:bullet|number|paragraph)", re.I)
_NUMBER_STYLE = re.compile(r"list number", re.I)
_BROKEN = (
    "it is no Word (.docx) file, or damaged, or protected by a password; save it again as .docx without a password"
)


def read_word(data: bytes) -> Draft:
    """Read a .docx file; raise CorpusError where it is none or unpacks to more than a text can be."""
    _check_size(data)
    from docx import Document as open_document

    try:
        document = open_document(BytesIO(data))
        text = normalise(render(_blocks(document)))
        title = tidy(document.core_properties.title or "").strip() or _styled_title(document)
    except Exception as error:  # what python-docx, zlib and lxml raise depends on where the damage lies
        raise CorpusError(_BROKEN) from error
    return Draft(text, {"title": title} if title else {})


def _check_size(data: bytes) -> None:
    """Refuse an archive whose parts say that they unpack to more than a document does."""
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            unpacked = sum(part.file_size for part in archive.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise CorpusError(_BROKEN) from error
    if unpacked > _LARGEST_UNPACKED_MB * 2**20:
        raise CorpusError(f"it unpacks to more than {_LARGEST_UNPACKED_MB} MB; remove its pictures and save it again")


def _blocks(document: "Document") -> Iterator[Block]:
    from docx.table import Table

    number = 0
    for part in document.iter_inner_content():
        if isinstance(part, Table):
            yield from _rows(part)
            number = 0
            continue
        block = _block(part, number + 1)
        number = number + 1 if block and block.mark[:-1].isdigit() else 0
        if block:
            yield block


def _block(paragraph: "Paragraph", number: int) -> Block | None:
    text = _one_line(paragraph.text)
    if not text:
        return None
    style = paragraph.style.name if paragraph.style and paragraph.style.name else ""
    if style == "Title":
        return Block("heading", text, "#")
    if heading := _HEADING_STYLE.match(style):
        return Block("heading", text, "#" * min(int(heading[1]), 6))
    if _NUMBER_STYLE.match(style):
        return Block("item", text, f"{number}.")
    if _LIST_STYLE.match(style) or paragraph._p.xpath("./w:pPr/w:numPr"):
        return Block("item", text, "-")
    return Block("paragraph", text)


def _rows(table: "Table") -> Iterator[Block]:
    """Yield the rows of a table, a merged cell once; a table of one column as paragraphs."""
    lines = []
    for line in table.rows:
        texts = {id(cell._tc): _one_line(cell.text) for cell in line.cells}
        if any(texts.values()):
            lines.append(list(texts.values()))
    if all(len(cells) < 2 for cells in lines):
        yield from (Block("paragraph", cells[0]) for cells in lines)
        return
    for number, cells in enumerate(lines):
        yield Block("row", row(cells), "" if number else "first")
        if number == 0 and _is_header(table, lines):
            yield Block("row", rule_row(len(cells)))


def _is_header(table: "Table", lines: list[list[str]]) -> bool:
    """Say whether the first row heads the table: Word says so, or it alone has no figures."""
    if table._tbl.xpath("./w:tr[1]/w:trPr/w:tblHeader"):
        return True
    figures = [any(char.isdigit() for cell in cells for char in cell) for cells in lines]
    return len(lines) > 1 and all(lines[0]) and not figures[0] and sum(figures) * 2 >= len(lines) - 1


def _styled_title(document: "Document") -> str:
    for paragraph in document.paragraphs:
        if paragraph.style and paragraph.style.name == "Title" and paragraph.text.strip():
            return _one_line(paragraph.text)
    return ""


def _one_line(text: str) -> str:
    lines = [" ".join(line.split()) for line in tidy(text).split("\n")]
    lines = [line for line in lines if line]
    return join_lines(lines) if lines else ""
