"""An outline as a PDF file in Latin, Greek, Cyrillic, Chinese, Arabic and other scripts (the only importer of fpdf2).

The fonts come inside packages, as the models do: Noto Sans with its sisters for other scripts, and WenQuanYi Micro Hei
for Chinese, Japanese and Korean. Only the letters that are used are put into the file.
"""

import importlib.util
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import groupby
from pathlib import Path

from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import FontFace

from assistant import strings
from assistant.errors import ExportError
from assistant.export.outline import Block, Note, Outline, Run

BASE = "NotoSans[wght].ttf"
CHINESE = "wqy-microhei.ttc"
MISSING = "\ufffd"
SIZES = {"title": 18.0, "heading": 13.0, "about": 9.0, "remark": 9.5}
TEXT_SIZE, NOTE_SIZE = 10.5, 8.5
LEADING = 1.45
MARGIN = 22.0  # mm
INK, SOFT, LINE, HEAD = (30, 41, 55), (74, 85, 99), (200, 207, 216), (245, 247, 249)
BOLD_STROKE = 0.028  # of the size; these fonts come in one weight that can be read without long work

_MARKS = re.compile("[\u200e\u200f]")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
_EAST_ASIAN = "\u3000-\u30ff\u3400-\u9fff\uff00-\uffef"
# A line may break behind each word, and around each East Asian letter but in front of its full stop or comma.
_WORD = re.compile(rf"[{_EAST_ASIAN}][。，、：；？！）》」』]*|[^\s{_EAST_ASIAN}]+|\n|\s")

logging.getLogger("fontTools").setLevel(logging.ERROR)  # it tells of every table that it leaves out


def write_pdf(outline: Outline) -> bytes:
    """Return the file; letters that no font here has are shown as a box, and the file says so at its end.

    Raises ExportError where the fonts are not installed.
    """
    texts = [*_texts(outline)]
    fonts = _fonts_for("".join(texts))
    writer = _Writer(outline, fonts)
    outline.draw(writer.block, writer.table)
    writer.notes(outline.notes)
    if lost := {character for character in "".join(texts) if not _drawn_by(character)}:
        writer.remark(outline.captions.say("export.not_drawn", letters=len(lost)))
    return writer.finish()


def _texts(outline: Outline) -> Iterator[str]:
    for block in outline.blocks:
        for runs in (block.runs, *block.cells):
            yield from (run.text for run in runs)
    for note in outline.notes:
        yield from (*note.quote, note.about, note.place, note.url, note.unchecked)


@cache
def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    places = list(found.submodule_search_locations or ()) if found else []
    if not places:
        raise ExportError(f"The fonts of {package} are not installed: run `make run` again, or export to DOCX")
    return Path(places[0])


@cache
def _font_files() -> dict[str, Path]:
    """Return the font files by name, the one to be tried first in front."""
    noto = _folder("manimgx_fonts")
    scripts = sorted(path for path in noto.glob("NotoSans*.ttf") if path.name != BASE and "Italic" not in path.name)
    chinese = next(_folder("paperang_p2_fonts_cjk").rglob(CHINESE))
    return {path.name: path for path in (noto / BASE, chinese, *scripts)}


@cache
def _letters(name: str) -> frozenset[int]:
    with TTFont(_font_files()[name], fontNumber=0, lazy=True) as font:
        return frozenset(font.getBestCmap())


@cache
def _drawn_by(character: str) -> str:
    """Return the first font that has a character; white space and marks of direction need none."""
    if character.isspace() or _MARKS.match(character) or character == "\u200b":
        return BASE
    return next((name for name in _font_files() if ord(character) in _letters(name)), "")


def _fonts_for(text: str) -> list[str]:
    needed = {_drawn_by(character) for character in set(text)} - {"", BASE}
    return [name for name in _font_files() if name in needed]


class _Writer:
    """Writes blocks down the pages."""

    def __init__(self, outline: Outline, fonts: Sequence[str]) -> None:
        self._outline = outline
        self._turned = outline.right_to_left
        self._pdf = pdf = FPDF(format="A4")
        pdf.set_title(outline.title)
        pdf.set_author(strings.NAME)
        pdf.set_creator(strings.NAME)
        pdf.set_lang(outline.language)
        pdf.set_margins(MARGIN, 20, MARGIN)
        pdf.set_auto_page_break(True, margin=20)
        for name in (BASE, *fonts):
            pdf.add_font(name, "", _font_files()[name], collection_font_number=0)
        pdf.set_fallback_fonts(list(fonts), exact_match=False)
        pdf.add_page()
        self._links = {note.number: pdf.add_link() for note in outline.notes}
        self._set(TEXT_SIZE, INK)

    def _set(self, size: float, colour: tuple[int, int, int]) -> None:
        self._size = size
        self._pdf.set_font(BASE, "", size)
        self._pdf.set_text_color(*colour)

    def _shape(self, text: str, *, turned: bool) -> None:
        """Join letters and mind their direction only where a text needs it: that takes many times as long."""
        joined = turned or any(_drawn_by(character) not in (BASE, CHINESE, "") for character in set(text))
        self._pdf.set_text_shaping(joined, direction="rtl" if turned else "ltr")

    @property
    def _height(self) -> float:
        return self._size * LEADING / self._pdf.k  # of a line, mm

    @contextmanager
    def _weight(self, bold: bool) -> Iterator[None]:
        if not bold:
            yield
            return
        with self._pdf.local_context(
            text_mode="FILL_STROKE", line_width=self._size * BOLD_STROKE / self._pdf.k, draw_color=INK
        ):
            yield

    def block(self, block: Block) -> None:
        pdf = self._pdf
        self._set(SIZES.get(block.kind, TEXT_SIZE), SOFT if block.kind in ("about", "remark") else INK)
        if block.kind == "heading":
            pdf.ln(5)
            if pdf.will_page_break(4 * self._height):
                pdf.add_page()
        runs = block.runs
        if block.kind == "item":
            mark = f"{block.number}. " if block.number else "• "
            if block.ticked is not None:
                mark = "[x] " if block.ticked else "[  ] "
            runs = (Run(mark), *runs)
        bold = block.kind in ("title", "heading")
        with self._indented(5 * block.depth if block.kind == "item" else 0), self._weight(bold):
            self._line(runs)
        pdf.ln({"title": 2.5, "heading": 1.5, "item": 0.8, "about": 0.5}.get(block.kind, 2))

    @contextmanager
    def _indented(self, by: float) -> Iterator[None]:
        pdf = self._pdf
        side = "r_margin" if self._turned else "l_margin"
        before = getattr(pdf, side)
        (pdf.set_right_margin if self._turned else pdf.set_left_margin)(before + by)
        pdf.set_x(pdf.l_margin)
        yield
        (pdf.set_right_margin if self._turned else pdf.set_left_margin)(before)
        pdf.set_x(pdf.l_margin)

    def _line(self, runs: Iterable[Run]) -> None:
        """Write runs one behind the other; from right to left they are one text, which alone keeps their order."""
        pdf = self._pdf
        runs = list(runs)
        if self._turned or any(_RIGHT_TO_LEFT.search(run.text) for run in runs):
            self._shape("", turned=True)
            text = "".join(f"\u200f[{run.note}]\u200f" if run.note else run.text for run in runs)
            pdf.multi_cell(0, self._height, _drawable(text), align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            return
        for run in runs:
            if run.note:
                pdf.char_vpos = "SUP"
                self._word(f" {run.note}", link=self._links[run.note])
                pdf.char_vpos = "LINE"
                continue
            with self._weight(run.bold):
                for word in _WORD.findall(_drawable(run.text)):
                    self._word(word)
        pdf.ln(self._height)

    def _word(self, word: str, *, link: str | int = "") -> None:
        """Write a word where it fits whole, else in the next line; fpdf2's own `write` would break it."""
        pdf = self._pdf
        room = pdf.w - pdf.r_margin - pdf.x - 2 * pdf.c_margin
        if word == "\n" or (pdf.x > pdf.l_margin and pdf.get_string_width(word) > room):
            pdf.ln(self._height)
            if word.isspace():
                return
        for name, letters in groupby(word, key=_drawn_by):  # fpdf2's own fallback loses the size here
            text = "".join(letters)
            self._shape(text, turned=False)
            pdf.set_font(name, "", self._size)
            pdf.write(self._height, text, link=link)
        pdf.set_font(BASE, "", self._size)

    def table(self, blocks: Sequence[Block]) -> None:
        self._set(TEXT_SIZE - 1, INK)
        self._pdf.set_draw_color(*LINE)
        texts = (run.text for block in blocks for cell in block.cells for run in cell)
        self._shape("".join(texts), turned=self._turned)
        width = max(len(block.cells) for block in blocks)
        heads = sum(block.head for block in blocks)
        with self._pdf.table(
            first_row_as_headings=bool(heads),
            headings_style=FontFace(fill_color=HEAD),
            line_height=self._height,
            align="L",
            text_align="R" if self._turned else "L",
        ) as table:
            for block in blocks:
                cells = ["".join(f" [{run.note}]" if run.note else run.text for run in runs) for runs in block.cells]
                cells += [""] * (width - len(cells))
                row = table.row()
                for cell in reversed(cells) if self._turned else cells:
                    row.cell(_drawable(cell))
        self._pdf.ln(3)

    def notes(self, notes: Sequence[Note]) -> None:
        """Write the sources behind all else; each number in the text leads to its own."""
        if not notes:
            return
        pdf = self._pdf
        self.block(Block("heading", (Run(self._outline.captions.say("shared.sources")),)))
        for note in notes:
            self._set(NOTE_SIZE, INK)
            if pdf.will_page_break(3 * self._height):
                pdf.add_page()
            pdf.set_link(self._links[note.number], y=pdf.get_y(), page=pdf.page_no())
            quote = " / ".join(note.quote)
            if quote:
                self._cell(f"{note.number}. “{quote}”")
            pdf.set_text_color(*SOFT)
            self._cell(f"{note.about}." if quote else f"{note.number}. {note.about}.")
            if note.place:
                self._cell(f"{note.place}.", turned=self._turned)
            if note.url:
                pdf.set_text_color(11, 92, 143)
                self._cell(note.url, link=note.url)
            if note.unchecked:
                self._cell(note.unchecked, turned=self._turned)
            pdf.ln(1.5)

    def _cell(self, text: str, *, link: str = "", turned: bool = False) -> None:
        """Write a line of a note; what it quotes is English, from left to right in every file."""
        pdf = self._pdf
        self._shape(text, turned=turned)
        align = "R" if turned else "L"
        pdf.multi_cell(0, self._height, _drawable(text), align=align, link=link, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def remark(self, text: str) -> None:
        self._pdf.ln(4)
        self.block(Block("remark", (Run(text),)))

    def finish(self) -> bytes:
        return bytes(self._pdf.output())


def _drawable(text: str) -> str:
    """Return a text with a box for each letter that no font has."""
    return "".join(character if _drawn_by(character) else MISSING for character in text)
