"""Reads a folder of documents into sources; what cannot be read is told by file and reason, and the rest goes on."""

import hashlib
import json
import logging
import os
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from assistant.clean import describe
from assistant.corpus.attribute import attribute
from assistant.corpus.draft import Draft
from assistant.corpus.pdf import read_pdf
from assistant.corpus.tables import TABLES, Tables, read_tables, table_sources
from assistant.corpus.text import read_markdown, read_text
from assistant.corpus.webpage import read_webpage
from assistant.corpus.word import read_word
from assistant.errors import CorpusError
from assistant.records import Origin, Source, Unreadable

logger = logging.getLogger(__name__)

READERS: Mapping[str, Callable[[bytes], Draft]] = {
    ".md": read_markdown,
    ".txt": read_text,
    ".html": read_webpage,
    ".htm": read_webpage,
    ".pdf": read_pdf,
    ".docx": read_word,
}
_LARGEST_MB = 20
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NOT_IN_ID = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class Corpus:
    """All documents of a folder, in the order of their paths, and its tables, each of which is a source too."""

    sources: tuple[Source, ...]
    unreadable: tuple[Unreadable, ...]
    fingerprint: str  # sha256 over sources and tables, whatever their order
    tables: Tables = field(default_factory=Tables)


def read_corpus(folder: Path) -> Corpus:
    """Read `documents/` and the tables of our own corpus, or all documents below any other folder.

    Raise CorpusError where there is none that can be read.
    """
    drafts: dict[str, Draft] = {}
    unreadable: list[Unreadable] = []
    for path in _document_paths(folder):
        name = path.relative_to(folder).as_posix()
        try:
            drafts[name] = _read(path)
        except CorpusError as error:
            unreadable.append(Unreadable(name, str(error)))
    ids, doubles = _ids(drafts)
    unreadable += doubles
    tables, broken = read_tables(folder) if _is_own(folder) else (Tables(), [])
    unreadable += broken
    documents = [_source(ids[name], name, draft, tables.origins) for name, draft in drafts.items() if name in ids]
    if not documents:
        raise CorpusError(_nothing_read(folder, unreadable))
    sources = (*documents, *table_sources(tables))
    ordered = tuple(sorted(unreadable, key=lambda file: file.path))
    return Corpus(sources, ordered, _fingerprint(sources, tables), tables)


def file_digests(folder: Path) -> dict[str, str]:
    """Return the sha256 of each document's and table's bytes by its path, without reading what is in it."""
    digests = {}
    tables = [folder / name for name in TABLES if _is_own(folder) and (folder / name).is_file()]
    for path in (*_document_paths(folder), *tables):
        try:
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError:
            digest = ""
        digests[path.relative_to(folder).as_posix()] = digest
    return digests


def _document_paths(folder: Path) -> list[Path]:
    """Return the documents below a folder in the order of their paths, without hidden files and other formats."""
    if not folder.exists():
        raise CorpusError(f"There is no folder {folder}: name one that holds documents, `uccn index --corpus FOLDER`")
    if not folder.is_dir():
        raise CorpusError(f"{folder} is a file: name the folder that holds it, `uccn index --corpus FOLDER`")
    root = folder / "documents" if _is_own(folder) else folder
    return sorted(_walk(root), key=lambda path: path.as_posix())


def _is_own(folder: Path) -> bool:
    """Say whether a folder is laid out as our own corpus is: documents in a folder of that name, tables beside it."""
    return (folder / "documents").is_dir()


def _walk(root: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(root, onerror=_log_closed_folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in files:
            if not name.startswith((".", "~$")) and Path(name).suffix.lower() in READERS:
                yield Path(parent, name)


def _log_closed_folder(error: OSError) -> None:
    logger.warning("Folder %s cannot be opened; its documents are left out", error.filename)


def _read(path: Path) -> Draft:
    try:
        if path.stat().st_size > _LARGEST_MB * 2**20:
            raise CorpusError(f"it is larger than {_LARGEST_MB} MB; split it into parts")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise CorpusError("it vanished while the folder was read; run the command again") from error
    except PermissionError as error:
        raise CorpusError("there is no permission to read it; change its mode or its owner") from error
    except OSError as error:
        raise CorpusError(f"it cannot be opened ({error.strerror}); check the disk it lies on") from error
    if not data.strip():
        raise CorpusError("it is empty; put text into it or remove it")
    try:
        draft = READERS[path.suffix.lower()](data)
    except (ArithmeticError, LookupError, MemoryError, RecursionError, TypeError, ValueError) as error:
        logger.exception("The reader of %s failed on %s", path.suffix, path.name)
        raise CorpusError(f"the reader of {path.suffix} files failed on it; open it and save it again") from error
    if not any(char.isalnum() for char in draft.text):
        raise CorpusError("it holds no text below its front matter or outside its pictures; add text or remove it")
    return draft


def _ids(drafts: Mapping[str, Draft]) -> tuple[dict[str, str], list[Unreadable]]:
    """Return an id for each document, its own or one made from its path; and those whose own id cannot stand."""
    ids: dict[str, str] = {}
    unreadable: list[Unreadable] = []
    taken: dict[str, str] = {}
    for name, draft in drafts.items():
        own = draft.stated.get("id", "")
        if not own:
            continue
        if not _ID.fullmatch(own):
            reason = f"its id {own!r} may hold only letters, digits, `-`, `_` and `.`; change it"
            unreadable.append(Unreadable(name, reason))
        elif own.casefold() in taken:
            reason = f"its id {own!r} is that of {taken[own.casefold()]} too; change one of them"
            unreadable.append(Unreadable(name, reason))
        else:
            taken[own.casefold()] = name
            ids[name] = own
    without = [name for name, draft in drafts.items() if not draft.stated.get("id")]
    return {**ids, **_made_ids(without, taken)}, unreadable


def _made_ids(names: Sequence[str], taken: Mapping[str, str]) -> dict[str, str]:
    """Return for each file the first that it has alone: its stem, with its suffix, with its folders, with a hash."""
    made: dict[str, str] = {}
    used = set(taken)
    waiting = list(names)
    for form in (_stem, _stem_and_suffix, _path, _path_and_hash):
        ids = {name: form(name) for name in waiting}
        counts = Counter(id_.casefold() for id_ in ids.values())
        alone = {name for name, id_ in ids.items() if counts[id_.casefold()] == 1 and id_.casefold() not in used}
        made.update({name: ids[name] for name in alone})
        used.update(ids[name].casefold() for name in alone)
        waiting = [name for name in waiting if name not in alone]
    return made


def _stem(name: str) -> str:
    return _slug(Path(name).stem)


def _stem_and_suffix(name: str) -> str:
    return _slug(f"{Path(name).stem}-{Path(name).suffix[1:].lower()}")


def _path(name: str) -> str:
    return _slug(name.replace("/", "-"))


def _path_and_hash(name: str) -> str:
    return f"{_path(name)}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def _slug(text: str) -> str:
    """Return text in the characters of an id; where most of its letters are not Latin, a hash stands for them."""
    letters = unicodedata.normalize("NFKD", text)
    latin = letters.encode("ascii", "ignore").decode()
    slug = _NOT_IN_ID.sub("-", latin).strip("-._")
    lost = sum(char.isalpha() and not char.isascii() for char in letters)
    if slug and lost * 2 <= sum(char.isalpha() for char in letters):
        return slug
    digest = hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:10]
    return f"{slug}-{digest}" if slug else f"document-{digest}"


def _source(id_: str, name: str, draft: Draft, origins: Mapping[str, Origin]) -> Source:
    """Return the source; what the file does not state is taken from its text, for dates only without front matter."""
    text, attributions = attribute(draft.text, origins)
    about = describe(draft.text)
    fields = {"title": about.title or _words_of_name(name), "language": about.language}
    if not draft.complete:
        fields |= {"publisher": about.publisher, "published": about.published, "as_of": about.as_of}
    fields |= {field: value for field, value in draft.stated.items() if value}
    return Source(**{**fields, "id": id_, "text": text, "path": name}, attributions=attributions)


def _words_of_name(name: str) -> str:
    return Path(name).stem.replace("_", " ").replace("-", " ").strip() or name


def _fingerprint(sources: Sequence[Source], tables: Tables) -> str:
    rows = [asdict(source) for source in sorted(sources, key=lambda source: source.id)]
    held = [
        *map(asdict, tables.origins.values()),
        *map(asdict, tables.cities),
        *map(asdict, tables.countries),
        *map(asdict, tables.groups),
        *map(asdict, tables.expected),
    ]
    text = json.dumps([rows, held], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _nothing_read(folder: Path, unreadable: Sequence[Unreadable]) -> str:
    if unreadable:
        first = unreadable[0]
        return f"None of the {len(unreadable)} documents in {folder} can be read (first {first.path}: {first.reason})"
    return f"No document in {folder}: put .md, .txt, .html, .pdf or .docx files there, or name another with --corpus"
