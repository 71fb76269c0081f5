"""An outline as a Word file with footnotes at the foot of each page."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.oxml.parser import parse_xml
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from lxml import etree

from assistant import strings
from assistant.export.outline import Block, Note, Outline, Run

FONT, FONT_EAST_ASIAN = "Arial", "Microsoft YaHei"  # each has the letters that the other lacks
_FOOTNOTES = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
# Of Latin letters; Chinese and Arabic ones are told apart below.
_LOCALES = {"en": "en-GB", "fr": "fr-FR", "es": "es-ES", "pt": "pt-BR", "zh": "en-GB", "ar": "ar-SA", "ru": "ru-RU"}
_STYLES = {"title": "Title", "heading": "Heading 1", "paragraph": "Normal", "about": "Normal", "remark": "Normal"}
_SOFT = RGBColor(0x4A, 0x55, 0x63)
_ARABIC = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")
# Stretches of one direction: a word keeps the spaces and signs behind it that are of neither.
_STRETCH = re.compile(
    r"[^\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]+|[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff][^A-Za-z]*"
)
_NOT_IN_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_word(outline: Outline) -> bytes:
    """Return the file."""
    document = docx.Document()
    writer = _Writer(document, outline)
    outline.draw(writer.paragraph, writer.table)
    writer.finish()
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


class _Writer:
    """Writes blocks into a document, and its notes as a part of their own, which python-docx does not know."""

    def __init__(self, document: Document, outline: Outline) -> None:
        self._document = document
        self._outline = outline
        self._notes = {note.number: note for note in outline.notes}
        self._met: list[Note] = []  # notes in the order of their footnotes
        document.core_properties.title = _clean(outline.title)
        document.core_properties.author = strings.NAME
        document.core_properties.comments = ""
        section = document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.5)
        for name in ("Normal", "Title", "Heading 1"):
            self._style(name)

    def _style(self, name: str) -> None:
        style = self._document.styles[name]
        style.font.name = FONT
        style.font.color.rgb = RGBColor(0x1E, 0x29, 0x37)
        style.font.size = Pt({"Normal": 11, "Title": 20, "Heading 1": 14}[name])
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for slot in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            fonts.attrib.pop(qn(slot), None)
        fonts.set(qn("w:cs"), FONT)
        fonts.set(qn("w:eastAsia"), FONT_EAST_ASIAN)
        style.paragraph_format.space_after = Pt(6)

    def paragraph(self, block: Block) -> None:
        if block.kind == "item":
            style = "List Number" if block.number and block.ticked is None else "List Bullet"
            depth = min(block.depth, 3)
            style += f" {depth}" if depth > 1 else ""
        else:
            style = _STYLES[block.kind]
        if block.ticked is not None:
            box = "☑ " if block.ticked else "☐ "
            written = self._document.add_paragraph()
            written.paragraph_format.left_indent = Cm(0.6)
            written.paragraph_format.first_line_indent = Cm(-0.6)
            self._write(written, (Run(box), *block.runs), block)
            return
        self._write(self._document.add_paragraph(style=style), block.runs, block)

    def table(self, blocks: Sequence[Block]) -> None:
        width = max(len(block.cells) for block in blocks)
        table = self._document.add_table(rows=0, cols=width, style="Table Grid")
        if self._outline.right_to_left:
            table._tbl.tblPr.append(OxmlElement("w:bidiVisual"))
        for block in blocks:
            row = table.add_row()
            if block.head:
                row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
            for cell, runs in zip(row.cells, block.cells, strict=False):
                bold = tuple(Run(run.text, True, run.italic, run.note) for run in runs) if block.head else runs
                self._write(cell.paragraphs[0], bold, block)
        self._document.add_paragraph()

    def _write(self, paragraph: Paragraph, runs: Iterable[Run], block: Block) -> None:
        turned = self._outline.right_to_left
        if turned:
            paragraph._p.get_or_add_pPr().append(OxmlElement("w:bidi"))
        quiet = block.kind in ("about", "remark")
        for run in runs:
            if run.note:
                self._mark(paragraph, run.note)
                continue
            for text in _STRETCH.findall(_clean(run.text)) if turned else [_clean(run.text)]:
                written = paragraph.add_run()
                for place, line in enumerate(text.split("\n")):
                    if place:
                        written.add_break()
                    written.add_text(line)
                written.bold, written.italic = run.bold or None, run.italic or None
                if quiet:
                    written.font.color.rgb, written.font.size = _SOFT, Pt(10)
                self._say_language(written._r, text)

    def _say_language(self, run: etree._Element, text: str) -> None:
        properties = run.get_or_add_rPr()
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), _LOCALES[self._outline.language])
        if self._outline.language == "zh":
            language.set(qn("w:eastAsia"), "zh-CN")
        if _ARABIC.search(text):
            properties.append(OxmlElement("w:rtl"))
            language.set(qn("w:bidi"), "ar-SA")
        properties.append(language)

    def _mark(self, paragraph: Paragraph, number: int) -> None:
        """Put a footnote behind what was written; a note that was met before is referred to by its number."""
        if self._notes[number] in self._met:
            place = self._met.index(self._notes[number]) + 1
            for element in _reference(f"_Note{place}", place):
                paragraph._p.append(element)
            return
        self._met.append(self._notes[number])
        place = len(self._met)
        for xml in (
            f'<w:bookmarkStart {nsdecls("w")} w:id="{place}" w:name="_Note{place}"/>',
            f'<w:r {nsdecls("w")}><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
            f'<w:footnoteReference w:id="{place}"/></w:r>',
            f'<w:bookmarkEnd {nsdecls("w")} w:id="{place}"/>',
        ):
            paragraph._p.append(parse_xml(xml))

    def finish(self) -> None:
        """Add the part that holds the footnotes."""
        root = parse_xml(
            f"<w:footnotes {nsdecls('w')}>"
            '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
            '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p>'
            "</w:footnote></w:footnotes>"
        )
        for place, note in enumerate(self._met, 1):
            root.append(self._footnote(place, note))
        data = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
        package = self._document.part.package
        part = Part(PackURI("/word/footnotes.xml"), _FOOTNOTES, data, package)
        self._document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)

    def _footnote(self, place: int, note: Note) -> etree._Element:
        footnote = OxmlElement("w:footnote")
        footnote.set(qn("w:id"), str(place))
        paragraph = OxmlElement("w:p")
        footnote.append(paragraph)
        style = '<w:rPr><w:vertAlign w:val="superscript"/><w:sz w:val="18"/></w:rPr>'
        paragraph.append(parse_xml(f"<w:r {nsdecls('w')}>{style}<w:footnoteRef/></w:r>"))
        quote = " / ".join(note.quote)
        said = [
            f" “{quote}” " if quote else " ",
            f"{note.about}. ",
            f"{note.place}. " if note.place else "",
            f"{note.url} " if note.url else "",
        ]
        for text in filter(None, (*said, note.unchecked)):
            run = parse_xml(
                f'<w:r {nsdecls("w")}><w:rPr><w:sz w:val="18"/></w:rPr><w:t xml:space="preserve"></w:t></w:r>'
            )
            run.find(qn("w:t")).text = _clean(text)
            paragraph.append(run)
        return footnote


def _reference(bookmark: str, place: int) -> Iterator[etree._Element]:
    """Yield the runs of a field that shows a footnote's number again, as Word writes a cross-reference to it."""
    style = '<w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
    for inner in (
        '<w:fldChar w:fldCharType="begin"/>',
        f'<w:instrText xml:space="preserve"> NOTEREF {bookmark} \\h </w:instrText>',
        '<w:fldChar w:fldCharType="separate"/>',
        f"<w:t>{place}</w:t>",
        '<w:fldChar w:fldCharType="end"/>',
    ):
        yield parse_xml(f"<w:r {nsdecls('w')}>{style}{inner}</w:r>")


def _clean(text: str) -> str:
    """Return a text without the characters that XML cannot hold."""
    return _NOT_IN_XML.sub("", text)
