"""BM25 over a fixed list of texts, made at index time and read from its files at the first search."""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy

from assistant.kept import file_sha256
from assistant.terms import stem

IDS = "ids.json"  # of the texts, in their order
SUMS = "sums.json"  # checksum of each file, and what wrote them


class Lexical:
    """BM25 over texts by their ids, opened at the first search; until then scipy is not loaded."""

    def __init__(self, read: Callable[[], Mapping[str, str]], kept: Path | None = None) -> None:
        """Take what reads the texts, and the folder where `keep` may have put what is made of them."""
        self._read = read
        self._kept = kept

    @cached_property
    def _indexed(self) -> tuple[list[str], Any]:
        import bm25s

        if self._kept and _is_whole(self._kept):
            ids = json.loads((self._kept / IDS).read_text(encoding="utf-8"))
            return ids, bm25s.BM25.load(self._kept, mmap=True)
        texts = self._read()
        tokens = _tokens(list(texts.values()))
        if not any(tokens):
            return [], None
        bm25 = bm25s.BM25(method="lucene")
        bm25.index(tokens, show_progress=False)
        return list(texts), bm25

    def keep(self, folder: Path) -> None:
        """Write what searching needs to a new folder; of texts without words nothing is kept."""
        ids, bm25 = self._indexed
        if bm25 is None:
            return
        bm25.save(folder, show_progress=False)
        (folder / IDS).write_text(json.dumps(ids), encoding="utf-8")
        sums = {path.name: file_sha256(path) for path in folder.iterdir()}
        (folder / SUMS).write_text(json.dumps({"by": _maker(), "files": sums}), encoding="utf-8")

    def search(self, question: str, k: int) -> list[tuple[str, float]]:
        """Return the ids of the best `k` texts that share a word with the question, best first."""
        ids, bm25 = self._indexed
        tokens = _tokens([question])[0] if bm25 else []
        if not tokens:
            return []
        scores = bm25.get_scores(tokens)
        able = numpy.flatnonzero(scores > 0)
        if len(able) > k:
            able = able[scores[able] >= numpy.partition(scores[able], -k)[-k]]  # all that tie for the last place
        best = sorted(((float(scores[i]), ids[i]) for i in able), key=lambda row: (-row[0], row[1]))
        return [(id_, score) for score, id_ in best[:k]]


def _is_whole(folder: Path) -> bool:
    """Say whether each file is there as this version of bm25s wrote it."""
    try:
        sums = json.loads((folder / SUMS).read_text(encoding="utf-8"))
        return bool(
            sums["by"] == _maker() and all(file_sha256(folder / name) == sum_ for name, sum_ in sums["files"].items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _maker() -> str:
    import bm25s

    return f"bm25s {bm25s.__version__}"


def _tokens(texts: list[str]) -> Any:
    import bm25s

    return bm25s.tokenize(texts, stopwords="en", stemmer=_stems, show_progress=False, return_ids=False)


def _stems(words: Iterable[str]) -> list[str]:
    return [stem(word) for word in words]
