"""Chroma, in this process or as a server: the collections of a version of the index (the only importer of chromadb).

In this process a version has Chroma's files in its own folder. On a server the name of each collection begins with
the version, so that a build writes beside what others read, and what they read goes on under its name.
"""

import contextlib
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from assistant.errors import IndexAway
from assistant.readonly import writable

COLLECTIONS = ("passages", "units", "questions", "wordings")
REACHED_SECONDS = 3.0  # that a server gets to say that it is there
ANSWERED_SECONDS = 10.0  # that it gets for a search
WRITTEN_SECONDS = 120.0  # that it gets to store some rows
KEPT_FROM = 100  # rows from which Chroma writes its graph to disk while rows come in: fewer take time, more take room
KEPT_LAST = 2  # rows from which it writes it once all are in: the least that it takes
# Of the graph: with Chroma's 16 neighbours, texts that are much alike, as the rows of a table, close themselves off:
# 3 of 40 graphs over 450 rows of one form and 13 other texts did not find one of the others, with 64 none. Of the 50
# nearest statements to 201 questions, a search of 1,000 misses 4 of 10,050 and one of 200 misses 81, of the expected
# questions 3 and 34; it takes 2.5 ms and 3.8, where 200 takes 1.3 and 2.2.
NEIGHBOURS = 64
SEARCHED = 1000
FOLDER = "chroma"  # of Chroma's files, in the folder of a version


class Chroma:
    """The collections of one version of the index, in its folder, or on the server at `url` where there is one.

    `seconds` is what a server gets for each call, ANSWERED_SECONDS where nothing else is said.

    Raises IndexAway where the server does not answer, or does not hold this version.
    """

    def __init__(self, folder: Path, version: str, url: str = "", *, seconds: float | None = None) -> None:
        self.url = url
        self._version = version
        self._client = _server(url, seconds or ANSWERED_SECONDS) if url else _embedded(folder / FOLDER)
        # A closed client lets go of its files; nobody closes an index that others may still read.
        self._close = weakref.finalize(self, self._client.close)
        self._close.atexit = False

    def create(self, name: str) -> Any:
        """Return a new collection, for vectors that are compared by their cosine."""
        graph = {
            "space": "cosine",
            "sync_threshold": KEPT_FROM,
            "max_neighbors": NEIGHBOURS,
            "ef_search": SEARCHED,
        }
        configuration = {"hnsw": graph}
        return self._client.create_collection(self._name(name), embedding_function=None, configuration=configuration)

    def get(self, name: str) -> Any:
        """Return a collection that is there."""
        with told(self.url):
            return self._client.get_collection(self._name(name), embedding_function=None)

    def close(self) -> None:
        """Let go of the files, or of the server."""
        self._close()

    def drop(self) -> None:
        """Delete the collections from the server; those that are not there are none."""
        from chromadb.errors import NotFoundError

        with told(self.url):
            for name in COLLECTIONS:
                with contextlib.suppress(NotFoundError):
                    self._client.delete_collection(self._name(name))

    def _name(self, name: str) -> str:
        return f"uccn-{self._version}-{name}" if self.url else name


@contextlib.contextmanager
def told(url: str) -> Iterator[None]:
    """Tell in one sentence what is wrong with a server; what goes wrong in this process passes as it is."""
    from chromadb.errors import InternalError, NotFoundError

    try:
        yield
    except (httpx.HTTPError, InternalError, NotFoundError) as error:
        if not url:
            raise
        if isinstance(error, NotFoundError):
            raise IndexAway(
                f"The Chroma server at {url} does not hold this version of the index: set UCCN_CHROMA_URL to the "
                "server that does, or run `uccn index --rebuild`"
            ) from error
        raise _away(url, error) from error


def failures() -> tuple[type[Exception], ...]:
    """Return the kinds of error that a disk raises, by way of Chroma too."""
    from chromadb.errors import ChromaError

    return (OSError, ChromaError)


def reach(url: str) -> None:
    """Raise IndexAway where no server says that it is there; chromadb itself waits for it without end."""
    try:
        httpx.get(f"{url}/api/v2/heartbeat", timeout=REACHED_SECONDS).raise_for_status()
    except httpx.HTTPError as error:
        raise _away(url, error) from error


def settle(folder: Path) -> None:
    """Have the graphs in a version's folder written down to their last row.

    Up to KEPT_FROM rows Chroma would put in anew each time that it opens them, each time at other places, and one
    process would find what another does not. It takes a new threshold when it opens a graph.
    """
    with contextlib.closing(_embedded(folder / FOLDER)) as client:
        for collection in client.list_collections():
            collection.modify(configuration={"hnsw": {"sync_threshold": KEPT_LAST}})
    with contextlib.closing(_embedded(folder / FOLDER)) as client:
        for collection in client.list_collections():
            for vector in collection.get(limit=1, include=["embeddings"])["embeddings"]:
                collection.query(query_embeddings=[vector], n_results=1)


def vector_files(folder: Path) -> dict[str, int]:
    """Return the size of each file of a version's folder that holds vectors, by its path in it."""
    files: Sequence[Path] = sorted(folder.glob(f"{FOLDER}/*/*.bin"))
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in files}


def _embedded(folder: Path) -> Any:
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(str(writable(folder)), Settings(anonymized_telemetry=False))


def _server(url: str, seconds: float) -> Any:
    import chromadb
    from chromadb.config import Settings

    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    reach(url)
    try:
        client = chromadb.HttpClient(
            parts.hostname or "", port, ssl=parts.scheme == "https", settings=Settings(anonymized_telemetry=False)
        )
    except (httpx.HTTPError, ValueError) as error:  # the second is chromadb's own
        raise _away(url, error) from error
    client._server._session.timeout = httpx.Timeout(seconds, connect=REACHED_SECONDS)  # type: ignore[attr-defined]
    return client


def _away(url: str, error: Exception) -> IndexAway:
    reason = str(error).partition("\n")[0] or type(error).__name__
    return IndexAway(f"The Chroma server at {url} does not answer ({reason}): start it, or set UCCN_CHROMA_URL")
