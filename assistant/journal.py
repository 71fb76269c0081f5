"""Vectors of a build as they are encoded, so that a build that was killed goes on where it stopped."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

import numpy

KEY = 32  # bytes of a SHA-256


class Journal:
    """A file of rows, each the key of a text, the length of its vector and the vector; a row that is cut off is none.

    Rows are of use to a build with the same encoders alone: `identity` opens the file, and another begins it anew.
    """

    def __init__(self, path: Path, identity: str) -> None:
        self._path = path
        self._held: dict[bytes, Any] = {}
        head = hashlib.sha256(identity.encode()).digest()
        whole = self._read(head) if path.is_file() else 0
        self._file: BinaryIO = path.open("r+b" if whole else "wb")
        self._file.truncate(whole)
        self._file.seek(whole)
        if not whole:
            self._file.write(head)

    def _read(self, head: bytes) -> int:
        """Read the rows; return where the last whole one ends, 0 where the file is another build's."""
        content = self._path.read_bytes()
        if content[:KEY] != head:
            return 0
        end = KEY
        while len(content) >= (start := end + KEY + 4):
            length = 4 * int.from_bytes(content[start - 4 : start], "little")
            if len(content) < start + length:
                break
            self._held[content[end : end + KEY]] = numpy.frombuffer(content, numpy.float32, length // 4, start)
            end = start + length
        return end

    def of(self, collection: str, texts: Mapping[str, str]) -> dict[str, Sequence[float]]:
        """Return the vectors that are known of texts, by id."""
        keys = {id_: _key(collection, text) for id_, text in texts.items()} if self._held else {}
        return {id_: self._held[key] for id_, key in keys.items() if key in self._held}

    def add(self, collection: str, texts: Sequence[str], vectors: Any) -> None:
        """Write the vectors of texts down, one row a text."""
        for text, row in zip(texts, numpy.asarray(vectors, numpy.float32), strict=True):
            self._file.write(_key(collection, text) + len(row).to_bytes(4, "little") + row.tobytes())
        self._file.flush()

    def close(self) -> None:
        """Close the file and leave it to the next build."""
        self._file.close()

    def remove(self) -> None:
        """Remove the file, once the build has ended."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def _key(collection: str, text: str) -> bytes:
    return hashlib.sha256(f"{collection}\0{text}".encode()).digest()
