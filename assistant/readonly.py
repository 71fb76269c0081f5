"""Chroma's files where they can be written, since it opens none that cannot."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

DATABASE = "chroma.sqlite3"


def writable(folder: Path) -> Path:
    """Return the folder of Chroma's files, or a copy of it for the life of this process where it is read-only.

    The copy lies in the system's temporary folder; that of a process that was killed stays there.
    """
    if not (folder / DATABASE).exists() or all(os.access(path, os.W_OK) for path in (folder, folder / DATABASE)):
        return folder
    place = Path(tempfile.mkdtemp(prefix="uccn-index-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    for path in (path for path in folder.rglob("*") if path.is_file()):
        target = place / path.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    return place
