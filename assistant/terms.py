"""The words of the field: stems, ways in which people say a thing, and the term that the corpus uses."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import Stemmer

from assistant.errors import CorpusError

NETWORK = "UNESCO Creative Cities Network"

# What UNESCO and others give too, by rules of their own.
OTHER_TITLE = re.compile(
    r"\bWorld Heritage\b|\bTentative List\b|\bIntangible (?:Cultural )?Heritage\b|\bGeoparks?\b|\bBiosphere Reserves?\b"
    r"|\bMemory of the World\b|\bLearning Cit(?:y|ies)\b|\bCapitals? of Culture\b",
    re.I,
)

_SHORT_NAME = re.compile(r"\bUCCN\b|(?<!Cities )\b(?<=[Tt]he )Network\b(?! of)")
_DEFINED = re.compile(rf"{NETWORK} \(UCCN\)")


_stemmer = Stemmer.Stemmer("english")
STEMMED = {"fr": "french", "es": "spanish", "pt": "portuguese", "de": "german", "ru": "russian", "ar": "arabic"}


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return the Snowball stem of a lower-case word."""
    return str(_stemmer.stemWord(_american(word)))


def foreign_stem(word: str, language: str) -> str:
    """Return the Snowball stem of a lower-case word of a language of STEMMED."""
    return str(_stemmer_of(STEMMED[language]).stemWord(word))


@cache
def _stemmer_of(name: str) -> Stemmer.Stemmer:
    return Stemmer.Stemmer(name)


def _american(word: str) -> str:
    """Return one spelling for British and American forms, so that centre and center meet."""
    word = re.sub(r"centre", "center", word)
    word = re.sub(r"programme", "program", word)
    return re.sub(r"(?<=\w{4})is(e|ed|es|ing|er|ers|ation|ations)$", r"iz\1", word)


@dataclass(frozen=True, slots=True)
class Glossary:
    """Phrases in the order of their length, each with its term."""

    terms: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> frozenset[str]:
        """The phrases that are one word, in lower case."""
        return frozenset(phrase for phrase, _ in self.terms if phrase.isalpha())

    def canonical(self, text: str, keep: Iterable[tuple[int, int]] = ()) -> str:
        """Return a question with every known phrase replaced by its term; each stretch is replaced once.

        Stretches to keep, the names of places, stay as they are.
        """
        parts, place = [], 0
        for start, end in keep:
            parts += [self._replaced(text[place:start]), text[start:end]]
            place = end
        return "".join((*parts, self._replaced(text[place:])))

    def _replaced(self, text: str) -> str:
        if not self.terms:
            return text
        by_phrase = dict(self.terms)
        pattern = "|".join(re.escape(phrase) for phrase, _ in self.terms)
        matcher = re.compile(rf"(?<![\w@.-])(?:{pattern})(?![\w@-]|\.\w)", re.IGNORECASE)
        return matcher.sub(lambda match: by_phrase[match[0].lower()], _DEFINED.sub(NETWORK, text))


def read_glossaries(path: Path, languages: Iterable[str]) -> dict[str, Glossary]:
    """Read the rows of some languages; a missing file is an empty glossary of each.

    Raises CorpusError with file and line where a row is broken.
    """
    rows: dict[str, dict[str, str]] = {language: {} for language in languages}
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            for row in _rows(csv.DictReader(file), path):
                if row["language"] in rows:
                    rows[row["language"]].setdefault(row["phrase"].lower(), row["term"])
    return {
        language: Glossary(tuple(sorted(held.items(), key=lambda item: (-len(item[0]), item[0]))))
        for language, held in rows.items()
    }


def _rows(reader: "csv.DictReader[str]", path: Path) -> Iterable[dict[str, str]]:
    for row in reader:
        if None in row or not all(row.get(column) for column in ("language", "phrase", "term")):
            raise CorpusError(
                f"{path}, line {reader.line_num}: a row needs language, phrase and term; mend or remove it"
            )
        yield row


def reading(text: str) -> str:
    """Return a source's text as models read it: the Network by its full name, once."""
    return _SHORT_NAME.sub(NETWORK, _DEFINED.sub(NETWORK, text))
