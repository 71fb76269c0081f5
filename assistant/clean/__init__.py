"""Cleans text: characters, noise, broken lines, lost structure, and what a text says about itself.

The steps stand in this order: blocks, dates, mend, unwrap, columns, listing, recover, describe.
"""

from assistant.clean.blocks import Block, join_lines, normalise, parse, render, row, rule_row, tidy, without_comments
from assistant.clean.dates import find_date
from assistant.clean.describe import About, describe, guess_language, shorten_title
from assistant.clean.recover import clean_plain, is_noise, recover

__all__ = [
    "About",
    "Block",
    "clean_plain",
    "describe",
    "find_date",
    "guess_language",
    "is_noise",
    "join_lines",
    "normalise",
    "parse",
    "recover",
    "render",
    "row",
    "rule_row",
    "shorten_title",
    "tidy",
    "without_comments",
]
