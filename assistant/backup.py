"""One file with corpus, index, store and settings, and the way back from it."""

import contextlib
import datetime
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any

import filelock

from assistant.corpus import read_corpus
from assistant.errors import AssistantError, BackupError
from assistant.index import LOCK, open_index
from assistant.prepare import MODELS
from assistant.settings import Settings
from assistant.store import open_store

FORMAT = "uccn-backup-1"
MANIFEST = "manifest.json"
STORE = "store.sqlite3"
STAGED, REPLACED, DONE = ".restoring", ".replaced", ".discarded"  # folders beside what is replaced, on the same disk
ARRIVED = ".arrived"  # in REPLACED: names of what took the place of what lies there
BLOCK = 1024 * 1024
SPARE_BYTES = 50 * 1024 * 1024
DAMAGED = "{file} is damaged ({name}): nothing was replaced, use another backup"
FOREIGN = "{file} is no backup of this program, or it is cut off: give a file that `uccn backup` wrote"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a backup holds."""

    made: str  # ISO, UTC
    files: int
    bytes: int
    parts: tuple[str, ...]  # corpus, index, store
    settings: Mapping[str, str]  # without secrets, by variable


@dataclass(frozen=True, slots=True)
class _Part:
    """A folder, and the files of the backup that belong in it."""

    name: str
    folder: Path
    ours: tuple[str, ...]  # patterns of what is replaced there


def backup(settings: Settings, file: Path) -> Summary:
    """Write corpus, opened index, store and settings to a new file; a server may run meanwhile.

    Raises BackupError where the file is there already or cannot be written, and what the corpus, the index or the
    store raise where they cannot be read: what does not open is not worth keeping.
    """
    if file.exists():
        raise BackupError(f"{file} is there already: name a new file")
    read_corpus(settings.corpus)
    version = open_index(settings.index, settings.embedding, settings.chroma_url).folder
    temporary = file.with_name(f"{file.name}.{os.getpid()}.new")
    held: dict[str, dict[str, Any]] = {}
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path in _files(settings.corpus):
                _add(archive, held, path, f"corpus/{path.relative_to(settings.corpus).as_posix()}")
            for folder in (version, settings.index / MODELS):
                for path in _files(folder):
                    _add(archive, held, path, f"index/{path.relative_to(settings.index).as_posix()}")
            with tempfile.TemporaryDirectory(dir=temporary.parent) as place:
                (current := Path(place, "current")).write_text(version.name, encoding="utf-8")
                _add(archive, held, current, "index/current")
                if (store := open_store(settings).file) and store.is_file():
                    _copy_store(store, copy := Path(place, STORE))
                    _add(archive, held, copy, f"store/{STORE}")
            manifest = {
                "format": FORMAT,
                "made": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
                "settings": settings.shown(),
                "files": held,
            }
            archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        _sync(temporary)
        temporary.rename(file)
    except OSError as error:
        raise BackupError(
            f"The backup cannot be written to {file} ({error.strerror}): "
            "make room, or name a file in a folder that can be written"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
    return _summary(manifest)


def restore(settings: Settings, file: Path) -> Summary:
    """Put corpus, index and store of a backup in the places that the settings name.

    Every file is checked and everything is opened before anything is replaced; what was there comes back where the
    new one does not open in its place. No server may run meanwhile. Raises BackupError.
    """
    try:
        with contextlib.ExitStack() as stack:
            archive = stack.enter_context(zipfile.ZipFile(file))
            manifest = _manifest(archive, file)
            settings.index.mkdir(parents=True, exist_ok=True)
            stack.enter_context(filelock.FileLock(settings.index / LOCK, timeout=0))
            parts = _parts(settings, manifest)
            for part in parts:
                _put_back(part)
                stack.callback(shutil.rmtree, part.folder / STAGED, ignore_errors=True)
            _make_room(parts, manifest, file)
            _stage(archive, manifest, parts, file)
            _open({part.name: part.folder / STAGED for part in parts}, settings, STORE)
            _replace(parts, settings)
    except (zipfile.BadZipFile, RuntimeError) as error:
        raise BackupError(FOREIGN.format(file=file)) from error
    except filelock.Timeout as error:
        raise BackupError(f"A build is writing to {settings.index}: wait until it ends, then restore") from error
    except BackupError:
        raise
    except (AssistantError, OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", "") or error
        raise BackupError(f"{file} was not restored, and what was there is as it was ({reason})") from error
    return _summary(manifest)


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder; hidden ones and links are left out."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(parent, name)
            if not name.startswith(".") and not path.is_symlink():
                yield path


def _add(archive: zipfile.ZipFile, held: dict[str, dict[str, Any]], path: Path, name: str) -> None:
    digest, size = hashlib.sha256(), 0
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    info.compress_type = zipfile.ZIP_DEFLATED
    with path.open("rb") as source, archive.open(info, "w", force_zip64=True) as target:
        while block := source.read(BLOCK):
            digest.update(block)
            target.write(block)
            size += len(block)
    held[name] = {"sha256": digest.hexdigest(), "bytes": size}


def _copy_store(store: Path, copy: Path) -> None:
    """Copy a SQLite database in one transaction, whoever writes to it meanwhile."""
    try:
        with contextlib.closing(sqlite3.connect(store)) as source, contextlib.closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.Error as error:
        raise BackupError(f"The store {store} cannot be read ({error}): move it away, then back up the rest") from error


def _manifest(archive: zipfile.ZipFile, file: Path) -> dict[str, Any]:
    """Return the manifest of a backup that has every file which it lists, and no other."""
    foreign = BackupError(FOREIGN.format(file=file))
    try:
        manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
        names = set(manifest["files"])
        known = manifest["format"] == FORMAT
    except (KeyError, ValueError, TypeError) as error:
        raise foreign from error
    if not known or names != set(archive.namelist()) - {MANIFEST} or not all(map(_is_inside, names)):
        raise foreign
    return manifest


def _is_inside(name: str) -> bool:
    """Say whether a name leads to a file below the folder of a part, and nowhere else."""
    path = PurePosixPath(name)
    return len(path.parts) > 1 and path.parts[0] in ("corpus", "index", "store") and not set(path.parts) & {"..", "."}


def _parts(settings: Settings, manifest: Mapping[str, Any]) -> list[_Part]:
    parts = [
        _Part("corpus", settings.corpus, ("[!.]*",)),
        _Part("index", settings.index, ("current", "v-*", "building*", MODELS)),
    ]
    if f"store/{STORE}" in manifest["files"]:
        store = open_store(settings).file
        if store is None:
            raise BackupError("The backup holds a SQLite store and UCCN_DATABASE_URL names another database: unset it")
        parts.append(_Part("store", store.parent, (store.name, f"{store.name}-*")))
    for part in parts:
        part.folder.mkdir(parents=True, exist_ok=True)
    return parts


def _make_room(parts: Iterable[_Part], manifest: Mapping[str, Any], file: Path) -> None:
    """Raise BackupError where a disk has too little room for all that comes; parts may share one."""
    needed = sum(about["bytes"] for about in manifest["files"].values()) + SPARE_BYTES
    for part in parts:
        if (free := shutil.disk_usage(part.folder).free) < needed:
            raise BackupError(
                f"Restoring {file} needs {needed // 10**6} MB on the disk of {part.folder}, which has "
                f"{free // 10**6} MB free: make room first"
            )


def _stage(archive: zipfile.ZipFile, manifest: Mapping[str, Any], parts: Iterable[_Part], file: Path) -> None:
    """Unpack each file beside where it belongs; raise BackupError where one is not what the manifest says."""
    folders = {part.name: part.folder / STAGED for part in parts}
    for folder in folders.values():
        folder.mkdir()
    for name, about in manifest["files"].items():
        part, _, rest = name.partition("/")
        path = folders[part] / rest
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with archive.open(name) as source, path.open("wb") as target:
                digest = _copied(source, target, about["bytes"])
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise BackupError(DAMAGED.format(file=file, name=name)) from error
        if digest != about["sha256"]:
            raise BackupError(DAMAGED.format(file=file, name=name))


def _copied(source: IO[bytes], target: IO[bytes], size: int) -> str:
    """Copy no more than one block beyond so many bytes; return the checksum of what was copied."""
    digest, copied = hashlib.sha256(), 0
    while copied <= size and (block := source.read(BLOCK)):
        digest.update(block)
        target.write(block)
        copied += len(block)
    return digest.hexdigest()


def _open(folders: Mapping[str, Path], settings: Settings, store: str) -> None:
    """Open every part where it lies; raise what fails."""
    read_corpus(folders["corpus"])
    open_index(folders["index"], settings.embedding, settings.chroma_url)
    if "store" in folders:
        with contextlib.closing(sqlite3.connect(folders["store"] / store)) as connection:
            (state,) = connection.execute("PRAGMA integrity_check").fetchone()
        if state != "ok":
            raise BackupError(f"The store of the backup is damaged ({state}): nothing was replaced, use another backup")


def _replace(parts: list[_Part], settings: Settings) -> None:
    """Put what was unpacked in its place and open it there; put back what was there where that fails."""
    store = open_store(settings).file
    try:
        for part in parts:
            (part.folder / REPLACED).mkdir()
            for path in {path for pattern in part.ours for path in part.folder.glob(pattern)}:
                path.rename(part.folder / REPLACED / path.name)
            staged = part.folder / STAGED
            if part.name == "store" and store:
                (staged / STORE).rename(staged / store.name)
            arriving = sorted(path.name for path in staged.iterdir())
            (part.folder / REPLACED / ARRIVED).write_text(json.dumps(arriving), encoding="utf-8")
            for name in arriving:
                (staged / name).rename(part.folder / name)
        _open({part.name: part.folder for part in parts}, settings, store.name if store else "")
    except BaseException:
        for part in parts:
            _put_back(part)
        raise
    for part in parts:
        (part.folder / REPLACED).rename(part.folder / DONE)
        shutil.rmtree(part.folder / DONE, ignore_errors=True)


def _put_back(part: _Part) -> None:
    """Undo a replacement that did not come to its end, also one that was killed."""
    replaced, arrived = part.folder / REPLACED, part.folder / REPLACED / ARRIVED
    if replaced.is_dir():
        for name in json.loads(arrived.read_text(encoding="utf-8")) if arrived.is_file() else ():
            path = part.folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        arrived.unlink(missing_ok=True)
        for path in replaced.iterdir():
            path.rename(part.folder / path.name)
        replaced.rmdir()
    for name in (STAGED, DONE):
        shutil.rmtree(part.folder / name, ignore_errors=True)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _summary(manifest: Mapping[str, Any]) -> Summary:
    files = manifest["files"]
    parts = tuple(sorted({name.partition("/")[0] for name in files}))
    size = sum(about["bytes"] for about in files.values())
    return Summary(manifest["made"], len(files), size, parts, manifest["settings"])
