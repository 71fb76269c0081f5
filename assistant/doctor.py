"""What is there and what is missing: settings, models, corpus, index, store, disk, port and clock."""

import datetime
import difflib
import hashlib
import os
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from assistant.corpus import read_corpus
from assistant.errors import AssistantError, IndexUnusable, ModelError, SettingsError, StoreError
from assistant.index import Index, open_index, stale_reason
from assistant.kept import file_sha256
from assistant.llm import open_model
from assistant.models import BUILT_IN, BuiltInModel, model_folder
from assistant.prepare import MODELS
from assistant.settings import Settings, variables_set
from assistant.store import open_store

State = Literal["ok", "note", "missing"]

LEAST_MB = 50  # free on the disk of a store or an index; below it writing is about to fail
OLD_DAYS = 3650  # an index is hardly older than that; a clock that says so is ahead


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at and how it stands; `missing` keeps the assistant from its work, a `note` does not."""

    what: str
    state: State
    text: str  # what is there, or what to do next


class _Note(Exception):
    """Something that is not right and keeps nothing from working."""


def checks(settings: Settings) -> Iterator[Check]:
    """Yield every check, one after the other."""
    for model in BUILT_IN:
        yield _check(f"model {model.name}", partial(_model, model))
    yield _check("models for serving", lambda: _kept_models(settings.index / MODELS))
    yield _check("corpus", lambda: f"{len(read_corpus(settings.corpus).sources)} documents in {settings.corpus}")
    opened: list[Index] = []
    yield _check("index", lambda: _opened(settings, opened))
    for index in opened:
        yield _check("index content", partial(_content, index, settings.index))
        yield _check("index state", lambda: _state(settings))
        yield _check("clock", partial(_clock, index.manifest["built"], datetime.datetime.now(datetime.UTC)))
    yield _check("language model", partial(_language_model, settings))
    yield _check("port", lambda: _port(settings))
    yield from _quick(settings)


def start_notes(settings: Settings, built: str) -> list[str]:
    """Return what a server should be told of before it serves, and what takes no time to find out."""
    clock = _check("clock", lambda: _clock(built, datetime.datetime.now(datetime.UTC)))
    return [check.text for check in (clock, *_quick(settings)) if check.state != "ok"]


def _quick(settings: Settings) -> Iterator[Check]:
    yield _check("variables", _variables)
    yield _check("room for the index", lambda: _room("UCCN_INDEX", settings.index, _size(settings.index)))
    yield _check("index folder", lambda: _index_folder(settings))
    yield _check("store", lambda: _store(settings))


def _check(what: str, look: Callable[[], str]) -> Check:
    try:
        return Check(what, "ok", look())
    except _Note as note:
        return Check(what, "note", str(note))
    except AssistantError as error:
        return Check(what, "missing", str(error))


def _model(model: BuiltInModel) -> str:
    return f"{model_folder(model)} ({model.licence})"


def _language_model(settings: Settings) -> str:
    return f"{settings.llm}, not asked yet" if open_model(settings) else "none: UCCN_LLM is empty"


def _kept_models(folder: Path) -> str:
    files = [path for path in sorted(folder.glob("*")) if path.suffix != ".new"]
    if not files:
        raise _Note(f"No models in {folder}: `uccn index` writes them; until then each start takes longer")
    torn = [path.name for path in files if path.stem.rpartition("-")[2] != file_sha256(path)]
    if torn:
        raise ModelError(f"{torn[0]} in {folder} is damaged and is not used: delete it and run `uccn index`")
    return f"{len(files)} files in {folder}, each with its checksum"


def _opened(settings: Settings, opened: list[Index]) -> str:
    opened.append(open_index(settings.index, settings.embedding, settings.chroma_url))
    vectors = f", vectors at {settings.chroma_url}" if settings.chroma_url else ""
    return f"{len(opened[0].passages)} passages in {settings.index}{vectors}, built {opened[0].manifest['built']}"


def _content(index: Index, folder: Path) -> str:
    """Compare each document of the index with the digest that the build wrote down."""
    documents = index.manifest["documents"]
    now = {id_: hashlib.sha256(repr(source).encode()).hexdigest() for id_, source in index.sources.items()}
    if now != documents:
        wrong = sorted(id_ for id_ in now.keys() | documents.keys() if now.get(id_) != documents.get(id_))
        raise IndexUnusable(f"The index in {folder} was altered ({wrong[0]}): run `uccn index --rebuild`")
    return f"{len(documents)} documents as they were built"


def _state(settings: Settings) -> str:
    if reason := stale_reason(settings.index, settings.corpus, settings.passage_words):
        raise _Note(reason)
    return "matches the corpus"


def _clock(built: str, now: datetime.datetime) -> str:
    days = (now - datetime.datetime.fromisoformat(built)).days
    if days < -1:
        raise SettingsError(
            f"The clock says {now:%Y-%m-%d}, before the index was built ({built[:10]}): set it, "
            "since answers say by it which dates have passed"
        )
    if days > OLD_DAYS:
        raise _Note(f"The clock says {now:%Y-%m-%d}, long after the index was built ({built[:10]}): set one of them")
    return f"{now:%Y-%m-%d %H:%M} UTC"


def _port(settings: Settings) -> str:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    place = f"{settings.host}:{settings.port}"
    try:
        socket.create_server((settings.host, settings.port), family=family).close()
    except PermissionError as error:
        raise SettingsError(f"Only root may listen on {place}: set UCCN_PORT to 1024 or more") from error
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno != 98:
            raise SettingsError(f"Cannot listen on {place} ({error.strerror}): set UCCN_HOST") from error
        raise _Note(f"{place} is in use: by this assistant, or stop the other program or set UCCN_PORT") from error
    return f"{place} is free"


def _variables() -> str:
    known = {f"UCCN_{name.upper()}" for name in Settings.model_fields}
    names = variables_set()
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, sorted(known), 1)
            raise _Note(f"{name} is no setting: {f'did you mean {near[0]}?' if near else 'unset it'}")
    return f"{len(names)} of {len(known)} settings are set"


def _index_folder(settings: Settings) -> str:
    if not os.access(_nearest(settings.index), os.W_OK):
        raise _Note(f"{settings.index} cannot be written: it serves, and `uccn index` needs a UCCN_INDEX that can be")
    return f"{settings.index} can be written"


def _store(settings: Settings) -> str:
    store, kept = open_store(settings), settings.keep_questions
    if store.file and not os.access(_nearest(store.file), os.W_OK):
        told = f"{store.file} cannot be written: set UCCN_DATABASE_URL to a file in a folder that can be"
        if kept == "off":
            raise _Note(f"{told}; ratings are lost until then")
        raise StoreError(told)
    if store.file:
        _room("UCCN_DATABASE_URL", store.file, 0)
    try:
        store.probe()
    finally:
        store.close()
    return f"{settings.shown()['UCCN_DATABASE_URL']}, UCCN_KEEP_QUESTIONS={kept}"


def _room(name: str, path: Path, needed: int) -> str:
    """Look at the free room on the disk of a path; `needed` bytes are what a rebuild takes beside what is there."""
    free = shutil.disk_usage(_nearest(path)).free // 10**6
    if free < LEAST_MB:
        raise SettingsError(f"The disk of {path} has {free} MB free: make room, or set {name} to another disk")
    if free < needed // 10**6 + LEAST_MB:
        raise _Note(
            f"The disk of {path} has {free} MB free and a rebuild needs {needed // 10**6}: make room, or set {name}"
        )
    return f"{free} MB free"


def _size(folder: Path) -> int:
    """Return how much the newest version of the index takes."""
    versions = sorted(folder.glob("v-*"))
    return sum(path.stat().st_size for path in versions[-1].rglob("*") if path.is_file()) if versions else 0


def _nearest(path: Path) -> Path:
    """Return a path or the nearest folder above it that is there."""
    return next(one for one in (path, *path.absolute().parents) if one.exists())
