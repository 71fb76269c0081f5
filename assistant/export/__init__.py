"""Turns exchanges into files: Markdown, Word, PDF, and a calendar of the dates that lie ahead."""

from assistant.export.ahead import Ahead, dates_ahead, write_calendar
from assistant.export.checklist import days_of_path, outline_of_path
from assistant.export.markdown import write_markdown
from assistant.export.outline import Block, Exchange, Note, Outline, Run, outline_of
from assistant.export.pdf import write_pdf
from assistant.export.word import write_word

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
