"""A small corpus in our own words, an embedding readable by eye, and a scorer that counts words."""

import hashlib
import re
from pathlib import Path

from langchain_core.embeddings import Embeddings

from assistant.records import Source

HEADER = """---
id: {id}
title: {title}
publisher: {publisher}
source_title: {title}
url: https://example.org/{id}
published: "{date}"
as_of: "{date}"
language: en
kind: official
original: {id}.txt
---

{body}
"""

LISVALE = """## Lisvale in the Network

Lisvale joined the UNESCO Creative Cities Network in 2011 as a City of Music. It is the second port of Norland.

Lisvale has 14 concert halls. More than 2,500 musicians work in Lisvale.

## Who to write to in Lisvale

The contact of Lisvale is Maren Holt, with the e-mail address music@lisvale.example.org.

## What Lisvale wants to do

The three plans of Lisvale as a City of Music are:

- to open a school for young singers
- to lend instruments to every child
- to invite composers from other member cities
"""
NETWORK_2018 = """## How large the Network is

As of October 2018, the UNESCO Creative Cities Network has 180 member cities.

The Network was created in 2004.
"""
NETWORK_2022 = """## How large the Network is

As of June 2022, the UNESCO Creative Cities Network has 290 member cities.

## Creative cities of Norland

The creative cities of Norland by field, as of June 2022, are:

| Creative field | Number of cities in Norland | Cities |
|---|---|---|
| Music | 1 | Lisvale |
| Film | 2 | Ardmouth, Torbeck |

## The 2021 call for applications

The 2021 call for applications opened on 8 February 2021. The deadline of the 2021 call was 15 May 2021.

An application to the 2021 call must contain:

1. a letter from the mayor of the city
2. a plan for four years
3. a budget for each project
"""
SMALL = {
    "lisvale-music": ("Lisvale, City of Music", "2020", LISVALE),
    "network-2018": ("The Network in 2018", "2018-10", NETWORK_2018),
    "network-2022": ("The Network in 2022", "2022-06", NETWORK_2022),
}


class WordEmbeddings(Embeddings):
    """Counts words: each word adds one to the place that its checksum names; vectors have length 1."""

    SIZE = 256

    def __init__(self) -> None:
        self.texts: list[str] = []  # every text that was embedded, in order

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.texts += texts
        return [self._vector(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return self._vector(text)

    def _vector(self, text: str) -> list[float]:
        counts = [0.0] * self.SIZE
        for word in re.findall(r"\w+", text.lower()) or [""]:
            counts[int(hashlib.sha256(word.encode()).hexdigest(), 16) % self.SIZE] += 1
        length = sum(count * count for count in counts) ** 0.5
        return [count / length for count in counts]


NOT_COUNTED = set(
    "how many much what which when where who does did do is are was were has have had the a an in of to".split()
)


def count_shared_words(question: str, texts) -> list[float]:
    """A scorer: 6 where a text holds every word of the question, -6 where it holds none."""
    words = set(re.findall(r"\w+", question.lower())) - NOT_COUNTED or {""}
    return [12 * len(words & set(re.findall(r"\w+", text.lower()))) / len(words) - 6 for text in texts]


def write_document(folder: Path, id_: str, title: str, date: str, body: str) -> Path:
    """Write one document with its front matter, as corpus/documents holds them."""
    path = folder / "documents" / f"{id_}.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = HEADER.format(id=id_, title=title, publisher="Office of Norland", date=date, body=body.strip())
    path.write_text(text, encoding="utf-8")
    return path


def write_corpus(folder: Path, documents=None) -> Path:
    """Write a corpus folder, the small one where no documents are given."""
    for id_, (title, date, body) in (SMALL if documents is None else documents).items():
        write_document(folder, id_, title, date, body)
    return folder


def small_sources() -> dict[str, Source]:
    """Return the small corpus as sources, without any file."""
    return {
        id_: Source(id=id_, title=title, text=body, publisher="Office of Norland", published=date, as_of=date)
        for id_, (title, date, body) in SMALL.items()
    }
