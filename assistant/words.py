"""The words of the chat page in each of its languages, one file a language: static/words/."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "words"
LANGUAGES = ("en", "fr", "es", "pt", "zh", "ar", "ru")
RIGHT_TO_LEFT = ("ar",)

Words = Mapping[str, str | list[str]]


@cache
def words_of(language: str) -> Words:
    """Return the words of one of LANGUAGES by their key; what stands in {braces} in them is filled in."""
    words: Words = json.loads((FOLDER / f"{language}.json").read_text(encoding="utf-8"))
    return words
