"""Turns exchanges into files: Markdown, Word, PDF, and a calendar of the dates that lie ahead."""

from assistant.export.ahead import Ahead, dates_ahead, write_calendar
from assistant.export.checklist import days_of_path, outline_of_path
from assistant.export.markdown import write_markdown
from assistant.export.outline import Block, Exchange, Note, Outline, Run, outline_of

__all__ = [
    "Ahead",
    "Block",
    "Exchange",
    "Note",
    "Outline",
    "Run",
    "dates_ahead",
    "days_of_path",
    "outline_of",
    "outline_of_path",
    "write_calendar",
    "write_markdown",
    "write_pdf",
    "write_word",
]


def write_pdf(outline: Outline) -> bytes:
    """Return a PDF file, as `assistant.export.pdf` writes it; its libraries are loaded with the first one."""
    from assistant.export.pdf import write_pdf

    return write_pdf(outline)


def write_word(outline: Outline) -> bytes:
    """Return a Word file, as `assistant.export.word` writes it; its libraries are loaded with the first one."""
    from assistant.export.word import write_word

    return write_word(outline)
