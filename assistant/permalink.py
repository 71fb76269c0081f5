"""A link to an answer that the server keeps nothing of: the question, and digests of what was answered."""

import base64
import binascii
import hashlib
import re
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import get_args
from urllib.parse import urlencode

from assistant.records import Answer, Passage, Source, Status

VERSION = 1
DIGEST_BYTES = 4  # of a sentence or quote; one of ten thousand statements passes for another once in 400,000 links
MOST = 60  # sentences and quotes that a link holds; a longer list is cut
_HEAD = struct.Struct(">BBHI4sBB")  # version, status, day, corpus, text, counts
_FIRST_DAY = date(2020, 1, 1)
_STATUSES: tuple[Status, ...] = get_args(Status)
_MARKER = re.compile(r"\s*(?<!\\)\[\d{1,3}\]")
_SENTENCE_END = re.compile(r"(?<=[.!?。！？؟])\s+|\n+")


class LinkDamaged(ValueError):
    """What a link says of the answer cannot be read."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a link knows of an answer: when it was given, and digests of its text, its sentences and its quotes."""

    day: str  # ISO
    corpus: str  # the beginning of the corpus's fingerprint
    status: Status
    text: bytes
    sentences: tuple[bytes, ...]
    quotes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """How an answer of today differs from the one that a link was made of."""

    same_text: bool
    same_quotes: bool
    same_corpus: bool
    new_sentences: tuple[str, ...]
    gone_sentences: int
    new_quotes: tuple[int, ...]  # numbers of citations
    stands: tuple["Standing", ...]  # statements quoted then and not now, which are still in the corpus
    gone_quotes: int  # all quotes of then that are no longer used, those of `stands` among them


@dataclass(frozen=True, slots=True)
class Standing:
    """A statement that stands in a source."""

    text: str
    source_id: str
    title: str
    start: int
    end: int


def link_to(answer: Answer, *, corpus: str, today: date, as_of: str = "") -> str:
    """Return the address of an answer, relative to the chat's: what was asked, and what was answered."""
    asked = {"q": answer.standalone_question or answer.question}
    if as_of:
        asked["as_of"] = as_of
    return (
        f"answer?{urlencode({**asked, 'lang': answer.language, 'seen': written(answer, corpus=corpus, today=today)})}"
    )


def written(answer: Answer, *, corpus: str, today: date) -> str:
    """Return what a link holds of an answer, in letters that need no escape in an address."""
    parts = [_digest(sentence) for sentence in sentences(answer.answer)][:MOST]
    quotes = [_digest(citation.quote) for citation in answer.citations][:MOST]
    head = _HEAD.pack(
        VERSION,
        _STATUSES.index(answer.status),
        (today - _FIRST_DAY).days,
        int(corpus[:8] or "0", 16),
        _digest(_plain(answer.answer)),
        len(parts),
        len(quotes),
    )
    return base64.urlsafe_b64encode(head + b"".join(parts) + b"".join(quotes)).rstrip(b"=").decode()


def read(seen: str) -> Seen:
    """Read what a link holds; raise LinkDamaged where it is none of ours."""
    try:
        data = base64.b64decode(seen + "=" * (-len(seen) % 4), altchars=b"-_", validate=True)
        version, status, day, corpus, text, parts, quotes = _HEAD.unpack(data[: _HEAD.size])
        digests = [data[at : at + DIGEST_BYTES] for at in range(_HEAD.size, len(data), DIGEST_BYTES)]
        if version != VERSION or len(data) != _HEAD.size + DIGEST_BYTES * (parts + quotes):
            raise LinkDamaged
        on = date.fromordinal(_FIRST_DAY.toordinal() + day).isoformat()
        return Seen(on, f"{corpus:08x}", _STATUSES[status], text, tuple(digests[:parts]), tuple(digests[parts:]))
    except (binascii.Error, struct.error, ValueError, IndexError) as error:
        raise LinkDamaged from error


def compare(
    seen: Seen, answer: Answer, *, corpus: str, passages: Iterable[Passage], sources: Mapping[str, Source]
) -> Comparison:
    """Compare the answer of today with the one of a link."""
    now = {_digest(sentence): sentence for sentence in sentences(answer.answer)[:MOST]}
    quotes = {_digest(citation.quote): citation.n for citation in answer.citations[:MOST]}
    gone = set(seen.quotes) - quotes.keys()
    return Comparison(
        same_text=seen.text == _digest(_plain(answer.answer)),
        same_quotes=set(seen.quotes) == quotes.keys(),
        same_corpus=seen.corpus == corpus[:8],
        new_sentences=tuple(words for digest, words in now.items() if digest not in seen.sentences),
        gone_sentences=len(set(seen.sentences) - now.keys()),
        new_quotes=tuple(n for digest, n in quotes.items() if digest not in seen.quotes),
        stands=tuple(_standing(gone, passages, sources)) if gone else (),
        gone_quotes=len(gone),
    )


def sentences(text: str) -> list[str]:
    """Return the sentences and items of an answer, without marks."""
    return [words for part in _SENTENCE_END.split(_plain(text)) if (words := part.strip("-*•> \t"))]


def _standing(gone: set[bytes], passages: Iterable[Passage], sources: Mapping[str, Source]) -> Iterator[Standing]:
    left = set(gone)
    for passage in passages:
        for unit in passage.units:
            if (digest := _digest(unit.text)) in left:
                left.discard(digest)
                yield Standing(unit.text, passage.source_id, sources[passage.source_id].title, unit.start, unit.end)


def _plain(text: str) -> str:
    """Return an answer without its markers and marks, which say nothing of their own."""
    return _MARKER.sub("", text).replace("**", "").replace("\\", "").strip()


def _digest(text: str) -> bytes:
    return hashlib.sha256(" ".join(text.split()).encode()).digest()[:DIGEST_BYTES]
