"""How the index grows: passages made from the project's own, stored and searched as the assistant does it.

`python -m evals.growth 1000 10000 100000` runs each size in a process of its own, compares Chroma with an exact search,
and draws docs/growth.png. A made passage is two statements of the project's joined, with a name that no other has; its
vector lies between theirs. Questions ask for planted passages by that name, with a vector beside theirs.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy

from assistant.chroma import Chroma
from assistant.embed import Vectors
from assistant.index import open_index
from assistant.lexical import Lexical
from assistant.retrieve import DEPTH
from assistant.settings import Settings

SEED = 2026
ASKED = 100  # questions a size, each for a passage of its own
DISTANCE = 0.7  # of a question's vector from its passage's, before both have length 1
SOURCES = 200  # passages of one source, by which a filtered search is limited
ROWS_A_CALL = 2000
PICTURE = Path("docs/growth.png")
ROUNDS = {"Chroma": "chroma", "Chroma, one source": "filtered", "exact": "exact", "BM25": "bm25"}


def made(count: int, settings: Settings) -> tuple[list[str], Vectors, list[str], Vectors]:
    """Return texts and vectors of passages, and questions with theirs; question i asks for passage i."""
    index = open_index(settings.index, settings.embedding, settings.chroma_url)
    held = index._collections["units"].get(include=["embeddings", "documents"])
    rows = numpy.array(held["embeddings"], numpy.float32)
    chance, noise = random.Random(SEED), numpy.random.default_rng(SEED)
    pairs = [chance.choices(range(len(rows)), k=2) for _ in range(count)]
    texts = [f"Place{n}: {held['documents'][a]} {held['documents'][b]}" for n, (a, b) in enumerate(pairs)]
    first, second = numpy.array(pairs).T
    share = noise.uniform(0.2, 0.8, (count, 1)).astype(numpy.float32)
    vectors = _unit(share * rows[first] + (1 - share) * rows[second] + 0.02 * _noise(noise, count, rows))
    asked = [f"What does Place{n} say of {held['documents'][pairs[n][0]].split(':')[0]}?" for n in range(ASKED)]
    aside = _unit(_noise(noise, ASKED, rows)) * DISTANCE
    return texts, vectors, asked, _unit(vectors[:ASKED] + aside)


def _noise(noise: numpy.random.Generator, count: int, rows: Vectors) -> Vectors:
    return noise.standard_normal((count, rows.shape[1])).astype(numpy.float32)


def _unit(rows: Vectors) -> Vectors:
    return numpy.asarray(rows / numpy.linalg.norm(rows, axis=1, keepdims=True), numpy.float32)


def measure(count: int, settings: Settings) -> dict[str, Any]:
    """Build and search an index of so many passages; times are milliseconds, sizes megabytes."""
    texts, vectors, asked, questions = made(count, settings)
    before = _resident()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        held = Chroma(Path(folder), "grown")  # its files are closed when it goes
        collection = held.create("units")
        for start in range(0, count, ROWS_A_CALL):
            numbers = range(start, min(count, start + ROWS_A_CALL))
            collection.upsert(
                ids=[str(n) for n in numbers],
                embeddings=[vectors[n] for n in numbers],
                documents=[texts[n] for n in numbers],
                metadatas=[{"source_id": f"source-{n // SOURCES}"} for n in numbers],
            )
        stored = time.perf_counter() - began
        disk = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
        began = time.perf_counter()
        words = Lexical(lambda: {str(n): texts[n] for n in range(count)})
        words.search("warm", 1)
        worded = time.perf_counter() - began

        def chroma(i: int, **more: Any) -> list[str]:
            found = collection.query(query_embeddings=[questions[i]], n_results=DEPTH, include=["distances"], **more)
            ids: list[str] = found["ids"][0]
            return ids

        searches: dict[str, Callable[[int], list[str]]] = {
            "chroma": chroma,
            "filtered": lambda i: chroma(i, where={"source_id": f"source-{i // SOURCES}"}),
            "exact": lambda i: _nearest(vectors, questions[i]),
            "bm25": lambda i: [id_ for id_, _ in words.search(asked[i], DEPTH)],
        }
        row: dict[str, Any] = {"passages": count, "disk_mb": disk / 1e6, "store_s": stored, "bm25_build_s": worded}
        found: dict[str, list[list[str]]] = {}
        for name, search in searches.items():
            search(0)
            took = []
            found[name] = []
            for i in range(ASKED):
                began = time.perf_counter()
                found[name].append(search(i))
                took.append(1000 * (time.perf_counter() - began))
            row[f"{name}_p50_ms"] = statistics.median(took)
            row[f"{name}_p95_ms"] = sorted(took)[int(0.95 * (ASKED - 1))]
            row[f"{name}_gold"] = sum(str(i) in ids for i, ids in enumerate(found[name])) / ASKED
        shared = [len(set(a) & set(b)) / DEPTH for a, b in zip(found["chroma"], found["exact"], strict=True)]
        row["recall"] = statistics.mean(shared)
        row["memory_mb"] = _resident() - before
        return row


def _nearest(vectors: Vectors, question: Any) -> list[str]:
    cosines = vectors @ question
    best = numpy.argpartition(-cosines, DEPTH)[:DEPTH]
    return [str(n) for n in best[numpy.argsort(-cosines[best])]]


def _resident() -> float:
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1000


def draw(rows: Sequence[dict[str, Any]], picture: Path) -> None:
    """Draw time of a search, time of a build and memory over the number of passages."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    counts = [row["passages"] for row in rows]
    figure, (times, sizes) = pyplot.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for label, name in ROUNDS.items():
        times.plot(counts, [row[f"{name}_p50_ms"] for row in rows], marker="o", label=label)
    times.set(xscale="log", yscale="log", xlabel="passages", ylabel="milliseconds a search, median")
    for label, name in {
        "disk, MB": "disk_mb",
        "memory, MB": "memory_mb",
        "store in Chroma, s": "store_s",
        "BM25 build, s": "bm25_build_s",
    }.items():
        sizes.plot(counts, [row[name] for row in rows], marker="o", label=label)
    sizes.set(xscale="log", yscale="log", xlabel="passages")
    for axes in (times, sizes):
        axes.grid(alpha=0.3)
        axes.legend()
    figure.savefig(picture, dpi=110)


def main() -> None:
    """Measure each size in a fresh process, print a row each, and draw them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sizes", type=int, nargs="+", help="numbers of passages")
    parser.add_argument("--alone", action="store_true", help="measure the one size here and print it as JSON")
    given = parser.parse_args()
    if given.alone:
        print(json.dumps(measure(given.sizes[0], Settings())))
        return
    rows = []
    for size in given.sizes:
        command = [sys.executable, "-m", "evals.growth", str(size), "--alone"]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        rows.append(json.loads(done.stdout.splitlines()[-1]))
        print(json.dumps({name: round(value, 3) for name, value in rows[-1].items()}), flush=True)
    draw(rows, PICTURE)


if __name__ == "__main__":
    main()
