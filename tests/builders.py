"""Small files of each format, made in a test's own folder."""

import zipfile
from io import BytesIO

import docx
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import getSampleStyleSheet
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    FrameBreak,
    ListFlowable,
    ListItem,
    PageBreak,
    PageTemplate,
    Paragraph,
    SimpleDocTemplate,
)

PROSE = "The port of Lisvale sends its form before the closing date, with a letter of the mayor and one of the guild. "
STYLES = getSampleStyleSheet()


def pdf(*pages, title="Guide for Lisvale", head="Harbour guild - yearly guide"):
    """A PDF whose pages are lists of (style, text), with a running head and page numbers."""

    def frame(canvas, document):
        canvas.drawString(60, 815, head)
        canvas.drawString(280, 20, f"Page {document.page} of {len(pages)}")

    out = BytesIO()
    story = []
    for page in pages:
        for style, text in page:
            flowable = Paragraph(text, STYLES["BodyText" if style == "Bullet" else style])
            story.append(ListFlowable([ListItem(flowable)], bulletType="bullet") if style == "Bullet" else flowable)
        story.append(PageBreak())
    SimpleDocTemplate(out, pagesize=A4, title=title).build(story, onFirstPage=frame, onLaterPages=frame)
    return out.getvalue()


def two_column_pdf(left, right):
    """A PDF of one page with two columns of print."""
    out = BytesIO()
    document = BaseDocTemplate(out, pagesize=A4)
    frames = [Frame(50, 100, 230, 600), Frame(310, 100, 230, 600)]
    document.addPageTemplates(PageTemplate(frames=frames))
    document.build([Paragraph(left, STYLES["BodyText"]), FrameBreak(), Paragraph(right, STYLES["BodyText"])])
    return out.getvalue()


def scanned_pdf():
    """A PDF with a drawing and no letter of text."""
    out = BytesIO()
    canvas = Canvas(out)
    canvas.rect(50, 50, 300, 300, fill=1)
    canvas.save()
    return out.getvalue()


def protected_pdf(password):
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf([("BodyText", PROSE)]))))
    writer.encrypt(password, algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def word(*parts, title=""):
    """A .docx whose parts are (style, text) or tables as lists of rows."""
    document = docx.Document()
    document.core_properties.title = title
    for part in parts:
        if isinstance(part, tuple):
            style, text = part
            document.add_paragraph(text, style=style)
        else:
            table = document.add_table(len(part), len(part[0]))
            for row, cells in zip(table.rows, part, strict=True):
                for cell, text in zip(row.cells, cells, strict=True):
                    cell.text = text
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def with_part(data, name, content):
    """The same archive with one part replaced."""
    out = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, content if part.filename == name else old.read(part.filename))
    return out.getvalue()


def page(body, head="<title>Lisvale | Norland</title>", lang="en"):
    head = f"<head><meta charset='utf-8'>{head}</head>"
    return f"<!doctype html><html lang='{lang}'>{head}<body>{body}</body></html>".encode()
