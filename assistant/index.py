"""SEAM 2: the index: build, update, open, search.

`index/current` names a version folder that holds the passages, a manifest, and Chroma's files where no server has the
vectors. A build writes a new folder and then replaces `current` in one step, so a reader never sees half an index.
"""

import contextlib
import datetime
import functools
import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import filelock
import numpy
from langchain_core.embeddings import Embeddings

from assistant.adapt import digest, identity
from assistant.chroma import COLLECTIONS, WRITTEN_SECONDS, Chroma, failures, reach, settle, told, vector_files
from assistant.chunk import PASSAGE_WORDS, chunk
from assistant.corpus import Corpus, Tables, file_digests, read_corpus
from assistant.embed import MultilingualEmbeddings, QuestionEmbeddings, Vectors
from assistant.errors import AssistantError, IndexAway, IndexMissing, IndexStale, IndexUnusable
from assistant.journal import Journal
from assistant.lexical import Lexical
from assistant.outage import Outage
from assistant.records import (
    Attribution,
    City,
    Country,
    Expected,
    Fact,
    Group,
    Origin,
    Passage,
    Source,
    Unit,
    Unreadable,
)
from assistant.terms import reading

logger = logging.getLogger(__name__)

FORMAT = 6
ROWS_A_CALL = 2000  # Chroma 1.5.9 takes at most 5461
BATCH = 256  # texts that are encoded while those before them are written
JOURNAL = "building.vectors"
LOCK = "build.lock"
SELF_CHECKS = 20  # stored passages that must find themselves after a build
BUILD_COMMAND = "`uccn index`"
ASKED = "asked.jsonl"  # the expected questions of every language, each with the English one that it is read as
MEANINGS = "meanings.npy"  # their vectors for questions in other languages, in the same order
WORDS = "words"  # folder of BM25 over passages, units and expected questions
MANIFEST_FIELDS = {
    *("format", "model", "adapter", "code", "fingerprint", "files", "documents"),
    *("passages", "units", "questions", "vectors"),
}

Progress = Callable[[int, int], None]  # texts embedded so far, texts in all


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did, by document id."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]
    unchanged: tuple[str, ...]
    unreadable: tuple[Unreadable, ...]
    passages: int
    units: int
    embedded: int  # texts that went through the encoder
    seconds: float
    up_to_date: bool  # nothing had to be written
    note: str = ""  # why answering will be slower than it could be


class Index:
    """An opened version of the index: sources, passages with units, and vector search."""

    def __init__(self, folder: Path, manifest: dict[str, Any], chroma_url: str = "") -> None:
        self.folder = folder
        self.manifest = manifest
        self.sources = {row["id"]: _source(row) for row in _read_lines(folder / "sources.jsonl")}
        self.tables = _tables(folder)
        self.passages = {row["id"]: _passage(row) for row in _read_lines(folder / "passages.jsonl")}
        self._chroma_url = chroma_url
        self._away = Outage("The search", "questions that need it are refused")

    @functools.cached_property
    def _collections(self) -> dict[str, Any]:
        """The collections of Chroma, opened at the first search: facts and table need none.

        Raises IndexUnusable where they are damaged.
        """
        try:
            self._chroma = Chroma(self.folder, self.version, self._chroma_url)  # held: else its files are closed
            found = {name: self._chroma.get(name) for name in COLLECTIONS}
            for collection in found.values():
                with told(self._chroma_url):
                    collection.get(limit=1, include=["embeddings"])  # opens the files of the vectors: damage shows here
        except AssistantError:
            raise
        except Exception as error:  # chromadb raises kinds of its own for a damaged store
            raise _unusable(self.folder.parent, error) from error
        return found

    def open(self) -> None:
        """Open the collections now, where they are not open yet."""
        self._collections  # noqa: B018

    @property
    def version(self) -> str:
        """Which build this is; another build of the same corpus has another."""
        return _version(self.folder)

    @property
    def words(self) -> Path:
        """The folder where BM25 over each kind of text may be kept."""
        return self.folder / WORDS

    @property
    def fingerprint(self) -> str:
        """Identity of corpus, chunking and model together."""
        return str(self.manifest["fingerprint"])

    def check(self) -> None:
        """Raise IndexAway where a search would find no server, or no longer this version on it."""
        if self._chroma_url:
            self._reached("passages", lambda collection: collection.count())

    def search_passages(self, vector: Sequence[float], k: int) -> list[tuple[str, float]]:
        """Return the ids of the `k` nearest passages with their cosine similarity, best first."""
        return self._search("passages", vector, k)

    def search_units(self, vector: Sequence[float], k: int) -> list[tuple[str, float]]:
        """Return the `k` nearest units as `unit_id(passage, i)`, with their cosine similarity, best first."""
        return self._search("units", vector, k)

    def search_questions(self, vector: Sequence[float], k: int) -> list[tuple[str, float]]:
        """Return the `k` nearest expected questions as `question_id(unit, i)`, with their cosine similarity."""
        return self._search("questions", vector, k)

    @functools.cached_property
    def expected(self) -> list[tuple[str, str]]:
        """The expected questions of every language, each once, with the English one that it is read as."""
        return [(row["asked"], row["reading"]) for row in _read_lines(self.folder / ASKED)]

    def question(self, id_: str) -> str:
        """Return an expected question by its id."""
        unit, _, number = id_.rpartition("?")
        passage, place = split_unit_id(unit)
        return self.passages[passage].units[place].expected[int(number)]

    def answered_by(self) -> dict[str, str]:
        """Return for each expected question in English the first statement that answers it, in its context."""
        found: dict[str, str] = {}
        for passage in self.passages.values():
            for unit in passage.units:
                text = unit_text(passage, unit) if unit.expected else ""
                for question in unit.expected:
                    found.setdefault(question, text)
        return found

    def wordings(self) -> dict[str, Sequence[float]]:
        """Return the vectors of the wordings of what facts and table answer, by their text."""
        held = self._reached("wordings", lambda collection: collection.get(include=["embeddings", "documents"]))
        return dict(zip(held["documents"], held["embeddings"], strict=True))

    def meanings(self) -> Vectors | None:
        """Return the multilingual vectors of the expected questions, one row each; None where there are none."""
        path = self.folder / MEANINGS
        vectors: Vectors | None = numpy.asarray(numpy.load(path, mmap_mode="r")) if path.is_file() else None
        return vectors if vectors is not None and len(vectors) == len(self.expected) else None

    def _search(self, name: str, vector: Sequence[float], k: int) -> list[tuple[str, float]]:
        size = self.manifest[name]
        if not size:
            return []
        if not self._away.may_try():
            raise IndexAway(f"The Chroma server at {self._chroma_url} did not answer just now: ask again in a minute")
        found = self._reached(
            name,
            lambda collection: collection.query(
                query_embeddings=[list(vector)], n_results=min(k, size), include=["distances"]
            ),
        )
        rows = zip(found["ids"][0], (found["distances"] or [[]])[0], strict=True)
        return sorted(((id_, 1.0 - distance) for id_, distance in rows), key=lambda row: (-row[1], row[0]))

    def _reached(self, name: str, use: Callable[[Any], Any]) -> Any:
        """Use a collection; take down whether the server answered."""
        try:
            with told(self._chroma_url):
                found = use(self._collections[name])
        except IndexAway as error:
            self._away.failed(error)
            raise
        self._away.worked()
        return found


def unit_id(passage_id: str, number: int) -> str:
    """Return the id under which a passage's unit is stored."""
    return f"{passage_id}/{number}"


def split_unit_id(id_: str) -> tuple[str, int]:
    """Return passage id and unit number."""
    passage_id, _, number = id_.rpartition("/")
    return passage_id, int(number)


def question_id(unit: str, number: int) -> str:
    """Return the id under which an expected question of a unit is stored."""
    return f"{unit}?{number}"


def asked_unit(id_: str) -> str:
    """Return the id of the unit that answers an expected question."""
    return id_.rpartition("?")[0]


def unit_text(passage: Passage, unit: Unit) -> str:
    """Return a unit with what a reader of the page sees above it, the form that is embedded and reranked."""
    label = "" if unit.label in passage.headings else unit.label
    return reading(f"{passage.context}: {label} {unit.text}" if label else f"{passage.context}: {unit.text}")


def passage_text(passage: Passage) -> str:
    """Return a passage with title and headings, the form that is embedded."""
    return reading(f"{passage.context}\n{passage.text}")


def open_index(index_folder: Path, model: str, chroma_url: str = "", *, lazily: bool = False) -> Index:
    """Open the current version, with its vectors on a Chroma server where an address is given.

    Where it is opened lazily, Chroma's files wait for the first search, and their damage shows there.

    Raises IndexMissing where there is none, IndexStale where it cannot serve `model` or its vectors are elsewhere,
    IndexAway where the server does not answer.
    """
    folder, manifest = _current(index_folder)
    if manifest["format"] != FORMAT:
        raise IndexStale(f"The index in {index_folder} has another format: run {BUILD_COMMAND}")
    if manifest["model"] != model:
        raise IndexStale(
            f"The index in {index_folder} was built with the embedding {manifest['model']!r}, "
            f"not {model!r}: run {BUILD_COMMAND}, or set UCCN_EMBEDDING back"
        )
    if manifest.get("server", False) != bool(chroma_url):
        place, remedy = ("on this disk", "unset") if chroma_url else ("on a Chroma server", "set")
        raise IndexStale(
            f"The index in {index_folder} has its vectors {place}: run {BUILD_COMMAND}, or {remedy} UCCN_CHROMA_URL"
        )
    held = vector_files(folder)
    if any(held.get(path, -1) < size for path, size in manifest["vectors"].items()):
        # Chroma 1.5.9 may end the process where such a file is cut off, so that no error could tell.
        raise _unusable(index_folder, ValueError("a file of vectors is cut off"))
    try:
        index = Index(folder, manifest, chroma_url)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise _unusable(index_folder, error) from error
    if chroma_url or not lazily:
        index.open()
    return index


def current_version(index_folder: Path) -> str:
    """Return which build is current, '' where none is."""
    return _version(index_folder / _read_current(index_folder)) if _read_current(index_folder) else ""


def stale_reason(index_folder: Path, corpus_folder: Path, passage_words: int = PASSAGE_WORDS) -> str:
    """Say in one sentence why the index no longer matches the corpus or the code, or return ''."""
    _, manifest = _current(index_folder)
    if manifest["code"] != _code_digest():
        return f"The index was built by another version of the reader: run {BUILD_COMMAND}"
    if manifest.get("passage_words", PASSAGE_WORDS) != passage_words:
        return f"The index was built with passages of another size: run {BUILD_COMMAND}"
    if not corpus_folder.is_dir():
        return ""
    now, then = file_digests(corpus_folder), manifest["files"]
    if now == then:
        return ""
    changed = sum(now.get(path) != then.get(path) for path in now.keys() | then.keys())
    files = "1 file" if changed == 1 else f"{changed} files"
    return f"{files} of the corpus changed since the index was built: run {BUILD_COMMAND}"


def build_index(
    corpus_folder: Path,
    index_folder: Path,
    *,
    embeddings: Embeddings,
    question_embeddings: Embeddings | None = None,
    meanings: MultilingualEmbeddings | None = None,
    wordings: Sequence[str] = (),
    model: str,
    passage_words: int = PASSAGE_WORDS,
    rebuild: bool = False,
    progress: Progress | None = None,
    chroma_url: str = "",
) -> BuildReport:
    """Bring the index up to date with the corpus; only texts that are new to it are embedded.

    Expected questions, and `wordings` of the questions that facts and table answer, are embedded by
    `question_embeddings`, or by `embeddings` where there are none, and expected questions for visitors in other
    languages by `meanings`, where given.

    The old version serves until the last step, and a build that is killed leaves it as it was. Raises
    CorpusError where there is nothing to read, IndexUnusable where another build runs or the disk is full,
    IndexAway where the Chroma server at `chroma_url` does not answer.
    """
    began = time.perf_counter()
    try:
        index_folder.mkdir(parents=True, exist_ok=True)
        with filelock.FileLock(index_folder / LOCK, timeout=0), told(chroma_url):
            encoders = dict.fromkeys(COLLECTIONS, embeddings)
            if question_embeddings:
                encoders["questions"] = encoders["wordings"] = question_embeddings
            return _build(
                corpus_folder,
                index_folder,
                encoders,
                meanings,
                wordings,
                model,
                passage_words,
                rebuild,
                progress,
                chroma_url,
                began,
            )
    except filelock.Timeout as error:
        raise IndexUnusable(
            f"Another build is writing to {index_folder}: wait until it ends, then run {BUILD_COMMAND}"
        ) from error
    except failures() as error:
        raise IndexUnusable(
            f"The index cannot be written to {index_folder} ({getattr(error, 'strerror', '') or error}): "
            f"make room or set UCCN_INDEX to a folder that can be written, then run {BUILD_COMMAND}"
        ) from error


def _build(
    corpus_folder: Path,
    index_folder: Path,
    encoders: Mapping[str, Embeddings],
    meanings: MultilingualEmbeddings | None,
    wordings: Sequence[str],
    model: str,
    passage_words: int,
    rebuild: bool,
    progress: Progress | None,
    chroma_url: str,
    began: float,
) -> BuildReport:
    old = None if rebuild else _held(index_folder, model, chroma_url)
    if old and old.manifest["adapter"] != identity(QuestionEmbeddings.ADAPTER):
        old = None  # its vectors are another encoder's
    files = file_digests(corpus_folder)
    wanted = {"files": files, "code": _code_digest(), "passage_words": passage_words, "server": bool(chroma_url)}
    known = old.manifest | {"server": old.manifest.get("server", False)} if old else {}
    if old and all(known.get(name) == value for name, value in wanted.items()) and "unreadable" in known:
        return _unchanged(old, time.perf_counter() - began)
    read = read_corpus(corpus_folder)
    files = _at_rest(files, file_digests(corpus_folder))
    searched = (source for source in read.sources if source.kind != "view")  # a view is quoted, and asked as a table
    english = [row for row in read.tables.expected if row.language == "en"]
    expected = {(row.document, row.statement): row.questions for row in english}
    passages = [
        _with_expected(passage, expected)
        for source in searched
        for passage in chunk(source, passage_words=passage_words)
    ]
    fingerprint = _digest([read.fingerprint, model, str(passage_words), _code_digest(), str(FORMAT)])
    before = old.manifest["documents"] if old else {}
    now = {source.id: _digest([repr(source)]) for source in read.sources}
    up_to_date = (
        old is not None
        and old.fingerprint == fingerprint
        and old.manifest["files"] == files
        and known["server"] == bool(chroma_url)
    )
    embedded = 0
    if not up_to_date:
        if chroma_url:
            reach(chroma_url)
        folder = index_folder / f"building-{time.time_ns()}-{fingerprint[:8]}"
        _remove(index_folder.glob("building-*"), chroma_url)
        folder.mkdir()
        if rebuild:
            (index_folder / JOURNAL).unlink(missing_ok=True)
        journal = Journal(
            index_folder / JOURNAL, f"{model} {identity(QuestionEmbeddings.ADAPTER)} {_meanings_digest()}"
        )
        try:
            with contextlib.closing(Chroma(folder, _version(folder), chroma_url, seconds=WRITTEN_SECONDS)) as chroma:
                embedded = _write(folder, read, passages, wordings, old, journal, encoders, chroma, progress)
            if not chroma_url:
                settle(folder)
            asked = _asked(passages, read.tables.expected)
            _write_text(folder / ASKED, _lines({"asked": text, "reading": english} for text, english in asked.items()))
            if meanings:
                numpy.save(folder / MEANINGS, _meanings(list(asked), old, journal, meanings))
        except BaseException:
            journal.close()
            _remove([folder], chroma_url)
            raise
        manifest = {
            "format": FORMAT,
            "model": model,
            "adapter": identity(QuestionEmbeddings.ADAPTER),
            "code": _code_digest(),
            "fingerprint": fingerprint,
            "passage_words": passage_words,
            "files": files,
            "documents": now,
            "passages": len(passages),
            "units": sum(len(passage.units) for passage in passages),
            "questions": sum(len(expected_questions(passage)) for passage in passages),
            "vectors": vector_files(folder),
            "server": bool(chroma_url),
            "meanings": _meanings_digest() if meanings else "",
            "unreadable": [asdict(file) for file in read.unreadable],
            "built": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "build_seconds": round(time.perf_counter() - began, 1),
        }
        _write_text(folder / "manifest.json", json.dumps(manifest, indent=1))
        _switch(index_folder, folder, chroma_url)
        journal.remove()
    return BuildReport(
        added=tuple(sorted(now.keys() - before.keys())),
        changed=tuple(sorted(id_ for id_ in now.keys() & before.keys() if now[id_] != before[id_])),
        removed=tuple(sorted(before.keys() - now.keys())),
        unchanged=tuple(sorted(id_ for id_ in now.keys() & before.keys() if now[id_] == before[id_])),
        unreadable=read.unreadable,
        passages=len(passages),
        units=sum(len(passage.units) for passage in passages),
        embedded=embedded,
        seconds=time.perf_counter() - began,
        up_to_date=up_to_date,
    )


def _held(index_folder: Path, model: str, chroma_url: str) -> Index | None:
    """Return the index as it is, for its vectors; also one on this disk that is to move to a server."""
    for place in dict.fromkeys((chroma_url, "")):
        with contextlib.suppress(IndexUnusable):
            return open_index(index_folder, model, place)
    return None


def _at_rest(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, str]:
    """Return the digests of files, '' for one that changed while it was read: the next build then reads again."""
    paths = sorted({*before, *after})
    return {path: before.get(path, "") if before.get(path, "") == after.get(path) else "" for path in paths}


def _unchanged(old: Index, seconds: float) -> BuildReport:
    """Return the report of a build that finds every file as it was."""
    return BuildReport(
        added=(),
        changed=(),
        removed=(),
        unchanged=tuple(sorted(old.manifest["documents"])),
        unreadable=tuple(Unreadable(**file) for file in old.manifest["unreadable"]),
        passages=old.manifest["passages"],
        units=old.manifest["units"],
        embedded=0,
        seconds=seconds,
        up_to_date=True,
    )


def _meanings(texts: Sequence[str], old: Index | None, journal: Journal, encoder: MultilingualEmbeddings) -> Vectors:
    """Return the multilingual vectors of texts; only those that are known from nowhere are encoded."""
    held: dict[str, Sequence[float]] = {}
    if old and old.manifest.get("meanings") == _meanings_digest() and (rows := old.meanings()) is not None:
        held = dict(zip((asked for asked, _ in old.expected), rows, strict=True))
    held |= journal.of(MEANINGS, {text: text for text in texts if text not in held})
    for batch in _batches([text for text in texts if text not in held], ROWS_A_CALL):
        vectors = encoder.vectors(batch)
        journal.add(MEANINGS, batch, vectors)
        held |= dict(zip(batch, vectors, strict=True))
    return numpy.array([held[text] for text in texts], numpy.float32)


def _meanings_digest() -> str:
    return digest(MultilingualEmbeddings.ADAPTER)


def _write(
    folder: Path,
    read: Corpus,
    passages: Sequence[Passage],
    wordings: Sequence[str],
    old: Index | None,
    journal: Journal,
    encoders: Mapping[str, Embeddings],
    chroma: Chroma,
    progress: Progress | None,
) -> int:
    """Write sources, passages and vectors to a new folder; return how many texts were embedded."""
    _write_text(folder / "sources.jsonl", _lines(asdict(source) for source in read.sources))
    _write_text(folder / "passages.jsonl", _lines(asdict(passage) for passage in passages))
    tables = read.tables
    _write_text(folder / "origins.jsonl", _lines(asdict(origin) for origin in tables.origins.values()))
    _write_text(folder / "cities.jsonl", _lines(asdict(city) for city in tables.cities))
    _write_text(folder / "countries.jsonl", _lines(asdict(country) for country in tables.countries))
    _write_text(folder / "groups.jsonl", _lines(asdict(group) for group in tables.groups))
    _write_text(folder / "facts.jsonl", _lines(asdict(fact) for fact in tables.facts))
    texts = {
        "passages": {passage.id: passage_text(passage) for passage in passages},
        "units": {
            unit_id(passage.id, number): unit_text(passage, unit)
            for passage in passages
            for number, unit in enumerate(passage.units)
        },
        "questions": {id_: text for passage in passages for id_, text in expected_questions(passage).items()},
        "wordings": {f"wording-{number}": text for number, text in enumerate(dict.fromkeys(wordings))},
    }
    total = sum(len(rows) for rows in texts.values())
    kept: dict[str, dict[str, Sequence[float]]] = {}
    for name, rows in texts.items():
        kept[name] = _old_vectors(old, name, rows) if old else {}
        kept[name] |= journal.of(name, {id_: text for id_, text in rows.items() if id_ not in kept[name]})
    done = sum(len(vectors) for vectors in kept.values())
    embedded = total - done
    with ThreadPoolExecutor(1) as writer:  # Chroma writes a batch while the encoder reads the next one
        for name, rows in texts.items():
            collection = chroma.create(name)
            written = writer.submit(_store, collection, kept[name], rows)
            # Longest first: a batch of like lengths pads little, and the bar speeds up instead of slowing down.
            new = sorted(rows.keys() - kept[name].keys(), key=lambda id_: (-len(rows[id_]), id_))
            for batch in _batches(new, BATCH):
                if progress:
                    progress(done, total)
                batch_texts = [rows[id_] for id_ in batch]
                vectors = encoders[name].embed_documents(batch_texts)
                journal.add(name, batch_texts, vectors)
                written.result()
                written = writer.submit(_store, collection, dict(zip(batch, vectors, strict=True)), rows)
                done += len(batch)
            written.result()
    if progress:
        progress(total, total)
    _check(chroma.get("passages"), texts["passages"])
    for name in ("passages", "units", "questions"):
        Lexical(functools.partial(texts.__getitem__, name)).keep(folder / WORDS / name)
    return embedded


def expected_questions(passage: Passage) -> dict[str, str]:
    """Return the questions that the units of a passage are expected to answer, by id."""
    return {
        question_id(unit_id(passage.id, number), place): question
        for number, unit in enumerate(passage.units)
        for place, question in enumerate(unit.expected)
    }


def _asked(passages: Iterable[Passage], expected: Iterable[Expected]) -> dict[str, str]:
    """Return every expected question with the English one that it is read as: itself, or the first of its statement."""
    asked: dict[str, str] = {}
    first: dict[tuple[str, str], str] = {}
    for passage in passages:
        asked |= {text: text for text in expected_questions(passage).values()}
        first |= {(passage.source_id, unit.text): unit.expected[0] for unit in passage.units if unit.expected}
    for row in expected:
        reading = first.get((row.document, row.statement))
        for question in row.questions if reading and row.language != "en" else ():
            asked.setdefault(question, reading or "")
    return asked


def _with_expected(passage: Passage, expected: Mapping[tuple[str, str], tuple[str, ...]]) -> Passage:
    """Return the passage with the questions of its units; those of a statement that is none of its are left out."""
    units = (replace(unit, expected=expected.get((passage.source_id, unit.text), ())) for unit in passage.units)
    return replace(passage, units=tuple(units))


def _old_vectors(old: Index, name: str, texts: Mapping[str, str]) -> dict[str, Sequence[float]]:
    """Return the vectors that the old index holds for these texts; other code may have embedded another text."""
    vectors: dict[str, Sequence[float]] = {}
    for batch in _batches(list(texts), ROWS_A_CALL):
        found = old._collections[name].get(ids=list(batch), include=["embeddings", "documents"])
        rows = zip(found["ids"], found["documents"], found["embeddings"], strict=True)
        vectors.update((id_, vector) for id_, text, vector in rows if text == texts[id_])
    return vectors


def _store(collection: Any, vectors: dict[str, Sequence[float]], texts: dict[str, str]) -> None:
    for batch in _batches(list(vectors), ROWS_A_CALL):
        collection.upsert(
            ids=list(batch),
            embeddings=[vectors[id_] for id_ in batch],
            documents=[texts[id_] for id_ in batch],
            metadatas=[{"source_id": id_.split("#")[0]} for id_ in batch],
        )


def _check(collection: Any, texts: dict[str, str]) -> None:
    """Raise IndexUnusable unless a sample of the stored passages finds itself."""
    ids = sorted(texts)[:: max(1, len(texts) // SELF_CHECKS)]
    if not ids:
        return
    stored = collection.get(ids=ids, include=["embeddings"])
    for id_, vector in zip(stored["ids"], stored["embeddings"], strict=True):
        found = collection.query(query_embeddings=[vector], n_results=min(5, len(texts)))
        if id_ not in found["ids"][0] and found["distances"][0][0] > 1e-4:
            raise IndexUnusable(f"The new index does not find the passage {id_}: run `uccn index --rebuild`")
    if len(stored["ids"]) != len(ids):
        raise IndexUnusable("The new index lost passages while it was written: run `uccn index --rebuild`")


def _switch(index_folder: Path, folder: Path, chroma_url: str) -> None:
    """Make a finished folder the current version in one step; keep the version before it for open readers."""
    previous, name = _read_current(index_folder), f"v-{_version(folder)}"
    folder.rename(index_folder / name)
    temporary = index_folder / "current.new"
    _write_text(temporary, name)
    temporary.replace(index_folder / "current")
    _remove((path for path in index_folder.glob("v-*") if path.name not in (name, previous)), chroma_url)


def _read_current(index_folder: Path) -> str:
    try:
        return (index_folder / "current").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _version(folder: Path) -> str:
    """Return the version that a folder holds, finished or not."""
    return folder.name.removeprefix("building-").removeprefix("v-")


def _current(index_folder: Path) -> tuple[Path, dict[str, Any]]:
    name = _read_current(index_folder)
    if not name:
        raise IndexMissing(f"There is no index in {index_folder} yet: run {BUILD_COMMAND}")
    folder = index_folder / name
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if not isinstance(manifest, dict) or not manifest.keys() >= MANIFEST_FIELDS:
            raise ValueError("fields are missing")
    except (OSError, ValueError) as error:
        raise _unusable(index_folder, error) from error
    return folder, manifest


def _unusable(index_folder: Path, error: Exception) -> IndexUnusable:
    return IndexUnusable(f"The index in {index_folder} is damaged ({type(error).__name__}): run `uccn index --rebuild`")


def _source(row: dict[str, Any]) -> Source:
    attributions = (Attribution(**{**held, "origins": tuple(held["origins"])}) for held in row["attributions"])
    return Source(**{**row, "attributions": tuple(attributions)})


def _tables(folder: Path) -> Tables:
    rows = {
        name: list(_read_lines(folder / f"{name}.jsonl"))
        for name in ("origins", "cities", "countries", "groups", "facts")
    }
    return Tables(
        origins={row["id"]: Origin(**row) for row in rows["origins"]},
        cities=tuple(City(**_tupled(row)) for row in rows["cities"]),
        countries=tuple(
            Country(**_tupled({**row, "names": {language: tuple(said) for language, said in row["names"].items()}}))
            for row in rows["countries"]
        ),
        groups=tuple(Group(**_tupled(row)) for row in rows["groups"]),
        facts=tuple(Fact(**_tupled(row)) for row in rows["facts"]),
    )


def _tupled(row: dict[str, Any]) -> dict[str, Any]:
    """Return the row with tuples for the lists that JSON makes of them."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}


def _passage(row: dict[str, Any]) -> Passage:
    units = tuple(Unit(**_tupled(unit)) for unit in row["units"])
    return Passage(**{**row, "units": units, "headings": tuple(row["headings"])})


def _code_digest() -> str:
    """Identity of the code that decides what stands in the index, and how."""
    home = Path(__file__).parent
    files = [home / f"{name}.py" for name in ("chroma", "chunk", "lexical", "records", "terms")]
    files += [*home.glob("clean/*.py"), *home.glob("corpus/*.py"), *home.glob("languages/*")]
    texts = [path.read_text(encoding="utf-8") for path in sorted(files)]
    return _digest([*texts, identity(QuestionEmbeddings.ADAPTER), digest(MultilingualEmbeddings.ADAPTER)])


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()


def _lines(rows: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _read_lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        rows: list[dict[str, Any]] = json.loads(f"[{','.join(file)}]")  # at once: line by line takes twice as long
    return rows


def _write_text(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _batches(items: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def _remove(folders: Iterable[Path], chroma_url: str) -> None:
    """Delete versions; one whose collections the server does not delete now is left to the next build."""
    for folder in list(folders):
        try:
            if chroma_url:
                Chroma(folder, _version(folder), chroma_url).drop()
        except IndexAway as error:
            logger.warning("An old version of the index stays for now: %s", error)
        else:
            shutil.rmtree(folder, ignore_errors=True)
