"""The index's contract, with the vectors on this disk and on a Chroma server that the tests start."""

import contextlib
import socket
import threading
from dataclasses import dataclass

import chromadb
import httpx
import pytest
from chromadb.config import Settings as ChromaSettings
from engines import chroma
from fakes import FakeAssistant, running
from small import LISVALE, WordEmbeddings, write_document

from assistant.chroma import Chroma
from assistant.errors import IndexAway, IndexStale, SettingsError
from assistant.index import build_index, current_version, open_index
from assistant.settings import Settings

MODEL = "words"
MUSICIANS = "More than 2,500 musicians work in Lisvale"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with chroma(tmp_path_factory.mktemp("chroma")) as engine:
        yield engine


@dataclass
class Place:
    """A corpus, and the folder and the server of its index."""

    corpus: object
    folder: object
    url: str

    def build(self, embeddings=None, **options):
        embeddings = embeddings or WordEmbeddings()
        url = options.pop("url", self.url)
        report = build_index(self.corpus, self.folder, embeddings=embeddings, model=MODEL, chroma_url=url, **options)
        return report, embeddings.texts

    def open(self, url=None):
        return open_index(self.folder, MODEL, self.url if url is None else url)

    def write(self, id_, date, body):
        write_document(self.corpus, id_, id_.title(), date, body)


@pytest.fixture(params=["disk", "server"])
def place(request, corpus_folder, tmp_path):
    url = "" if request.param == "disk" else request.getfixturevalue("server").url
    return Place(corpus_folder, tmp_path / "index", url)


@pytest.fixture
def served(corpus_folder, tmp_path, server):
    """A corpus whose index is built on the server."""
    place = Place(corpus_folder, tmp_path / "index", server.url)
    place.build()
    return place


def vector(text):
    return WordEmbeddings().embed_query(text)


def nearest(index, text, k=1):
    found = index.search_units(vector(text), k)
    return [index.passages[id_.rpartition("/")[0]].units[int(id_.rpartition("/")[2])].text for id_, _ in found]


def collections_of(url, version=""):
    client = chromadb.HttpClient("127.0.0.1", int(url.rpartition(":")[2]), settings=ChromaSettings())
    return sorted(one.name for one in client.list_collections() if version in one.name)


def test_what_was_indexed_is_found(place):
    report, texts = place.build(wordings=["Where is {city}?"])

    index = place.open()

    assert nearest(index, MUSICIANS)[0].startswith("More than 2,500 musicians")
    assert report.embedded == len(texts) == report.passages + report.units + 1
    assert len(index.search_passages(vector("Network"), 1000)) == len(index.passages)
    assert set(index.wordings()) == {"Where is {city}?"}
    index.check()


def test_every_row_stands_in_the_graphs_on_the_disk(corpus_folder, tmp_path):
    """Chroma puts the others in anew at each opening, and what it finds then differs from process to process."""
    place = Place(corpus_folder, tmp_path / "index", "")
    report, _ = place.build(wordings=["Where is {city}?", "What is {city}?"])

    heads = [path.read_bytes() for path in place.open().folder.rglob("header.bin")]
    assert sum(int.from_bytes(head[20:28], "little") for head in heads) == report.passages + report.units + 2


def test_a_server_finds_the_same_with_the_same_scores(served, tmp_path):
    there, here = served, Place(served.corpus, tmp_path / "here", "")
    here.build()

    for question in (MUSICIANS, "member cities of the Network", "film", "nothing of this"):
        mine, theirs = (dict(place.open().search_units(vector(question), 1000)) for place in (here, there))
        assert mine == pytest.approx(theirs, abs=1e-6)


def test_what_stands_beside_hundreds_of_rows_of_one_form_is_found(tmp_path):
    rows = [f"Hall {n} of Town {town} has {n} seats." for town in range(3) for n in range(150)]
    others = [MUSICIANS, "The call closes on 3 March.", *(f"{word} is a field" for word in ("film", "music", "design"))]
    texts = others + rows
    vectors = WordEmbeddings().embed_documents(texts)
    store = Chroma(tmp_path, "one")

    lost = []
    for attempt in range(30):  # Chroma's graphs differ from time to time
        collection = store.create(f"rows-{attempt}")
        for start in range(0, len(texts), 100):
            several = slice(start, start + 100)
            collection.add(ids=texts[several], embeddings=vectors[several])
        found = [collection.query(query_embeddings=[vector(text)], n_results=1)["ids"][0] for text in others]
        lost += [text for text, ids in zip(others, found, strict=True) if ids != [text]]

    assert lost == []


def test_nothing_is_written_where_nothing_changed(place):
    place.build()
    version = current_version(place.folder)

    report, texts = place.build()

    assert report.up_to_date
    assert texts == []
    assert current_version(place.folder) == version == place.open().version


def test_only_what_is_new_is_embedded_and_what_is_removed_is_gone(place):
    place.build()
    place.write("torbeck", "2021", "Torbeck is a City of Film with nine cinemas.")
    (place.corpus / "documents" / "network-2018.md").unlink()

    report, texts = place.build()

    assert (report.added, report.removed) == (("torbeck",), ("network-2018",))
    assert texts
    assert all("Torbeck" in text for text in texts)
    assert nearest(place.open(), "nine cinemas") == ["Torbeck is a City of Film with nine cinemas."]
    assert not any("180 member cities" in text for text in nearest(place.open(), "180 member cities", 50))


def test_an_open_index_goes_on_serving_while_another_version_is_built(place):
    place.build()
    index = place.open()
    before = index.search_units(vector(MUSICIANS), 5)
    place.write("torbeck", "2021", "Many musicians work in Torbeck.")

    place.build()

    assert index.search_units(vector(MUSICIANS), 5) == before
    assert index.version != place.open().version == current_version(place.folder)
    assert "Many musicians work in Torbeck." in nearest(place.open(), MUSICIANS, 5)


def test_a_build_that_is_broken_off_leaves_the_old_index_and_is_gone_on_with(place):
    place.build()
    place.write("torbeck", "2021", "Torbeck is a City of Film.")

    class Broken(WordEmbeddings):
        def embed_documents(self, texts):
            if self.texts:
                raise KeyboardInterrupt
            return super().embed_documents(texts)

    with pytest.raises(KeyboardInterrupt):
        place.build(Broken())

    assert "torbeck" not in place.open().sources
    report, texts = place.build()
    assert report.added == ("torbeck",)
    assert len(texts) == 1, "the passage was encoded before it broke off, the statement was not"
    assert list(place.folder.glob("building-*")) == []


def test_rebuild_embeds_everything_again(place):
    first, _ = place.build()

    _, texts = place.build(rebuild=True)

    assert len(texts) == first.embedded
    assert nearest(place.open(), MUSICIANS)


def test_the_server_keeps_two_versions_and_nothing_of_a_build_that_was_killed(served):
    killed = served.folder / "building-1-killed"
    killed.mkdir()
    client = chromadb.HttpClient("127.0.0.1", int(served.url.rpartition(":")[2]), settings=ChromaSettings())
    client.create_collection("uccn-1-killed-passages", embedding_function=None)
    versions = [current_version(served.folder)]

    for year in ("2021", "2022"):
        served.write("lisvale-music", year, LISVALE)
        served.build()
        versions.append(current_version(served.folder))

    assert [len(collections_of(served.url, version)) for version in versions] == [0, 4, 4]
    assert collections_of(served.url, "killed") == []


def test_an_index_on_this_disk_moves_to_a_server_and_back_without_being_encoded_again(served, tmp_path):
    place = Place(served.corpus, tmp_path / "moved", "")
    place.build()

    with pytest.raises(IndexStale, match=r"on this disk: run `uccn index`, or unset UCCN_CHROMA_URL"):
        place.open(served.url)
    report, texts = place.build(url=served.url)

    assert not report.up_to_date
    assert texts == []
    assert nearest(place.open(served.url), MUSICIANS)
    assert not list(place.folder.glob(f"v-{current_version(place.folder)}/chroma"))
    with pytest.raises(IndexStale, match=r"on a Chroma server: run `uccn index`, or set UCCN_CHROMA_URL"):
        place.open("")


def test_a_server_that_holds_another_index_is_told_with_the_remedy(served, tmp_path):
    with chroma(tmp_path / "empty") as empty:
        with pytest.raises(IndexAway, match=r"does not hold this version .*UCCN_CHROMA_URL.*--rebuild") as caught:
            served.open(empty.url)
        assert "\n" not in str(caught.value)

        report, texts = served.build(url=empty.url)

        assert len(texts) == report.embedded > 0
        assert nearest(served.open(empty.url), MUSICIANS)


@pytest.mark.parametrize("use", ["open", "build"])
def test_a_server_that_is_not_there_is_one_sentence_with_its_address(served, use):
    with pytest.raises(IndexAway, match=r"http://127\.0\.0\.1:9 .*start it, or set UCCN_CHROMA_URL") as caught:
        getattr(served, use)(url="http://127.0.0.1:9")

    assert "\n" not in str(caught.value)
    assert nearest(served.open(), MUSICIANS)


def test_a_server_that_says_nothing_is_not_waited_for_without_end(served, monkeypatch):
    monkeypatch.setattr("assistant.chroma.REACHED_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as deaf, pytest.raises(IndexAway, match="timed out"):
        served.open(f"http://127.0.0.1:{deaf.getsockname()[1]}")


def test_a_search_that_the_server_does_not_answer_is_not_waited_for_without_end(served, server, monkeypatch):
    """Between the index and the server stands a relay that falls silent."""
    monkeypatch.setattr("assistant.chroma.ANSWERED_SECONDS", 0.3)
    with relay(server.port) as (port, silent):
        index = open_index(served.folder, MODEL, f"http://127.0.0.1:{port}")
        assert nearest(index, MUSICIANS)
        silent.set()

        with pytest.raises(IndexAway, match="timed out"):
            index.search_units(vector(MUSICIANS), 1)


@contextlib.contextmanager
def relay(port):
    """Pass bytes on to a port until told to be silent; yield the port to connect to, and the event that silences."""
    silent = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not silent.is_set():
                    target.sendall(data)

    def accept():
        with contextlib.suppress(OSError):
            while True:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", port))
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=pump, args=pair, daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    with listener:
        yield listener.getsockname()[1], silent


def test_a_server_that_goes_away_and_comes_back(served, server, monkeypatch, caplog):
    monkeypatch.setattr("assistant.outage.TRIED_SECONDS", 0)
    index = served.open()
    before = index.search_units(vector(MUSICIANS), 5)

    server.stop()
    for _ in range(3):
        with pytest.raises(IndexAway, match="start it, or set UCCN_CHROMA_URL"):
            index.search_units(vector(MUSICIANS), 5)
    with pytest.raises(IndexAway):
        index.check()
    server.start()

    index.check()
    assert index.search_units(vector(MUSICIANS), 5) == before
    assert [message.partition(",")[0] for message in caplog.messages if message.startswith("The search")] == [
        "The search does not answer",
        "The search is back; 4 uses went without it",
    ]


def test_a_server_that_dies_in_a_build_leaves_the_old_index_and_nothing_is_encoded_twice(served, server):
    for number in range(3):
        served.write(
            f"town-{number}", "2021", " ".join(f"Hall {n} of Town {number} has {n} seats." for n in range(150))
        )

    class Killing(WordEmbeddings):
        def embed_documents(self, texts):
            if len(self.texts) > 256:
                server.stop(9)
            return super().embed_documents(texts)

    killing = Killing()
    with pytest.raises(IndexAway, match="start it, or set UCCN_CHROMA_URL") as caught:
        served.build(killing)
    server.start()

    assert "\n" not in str(caught.value)
    assert nearest(served.open(), MUSICIANS), "the old version serves"
    report, texts = served.build()
    assert report.added == ("town-0", "town-1", "town-2")
    assert not set(texts) & set(killing.texts[:256])
    assert served.open()._collections["units"].count() == report.units
    assert nearest(served.open(), MUSICIANS)[0].startswith("More than 2,500")


def test_a_visitor_is_told_to_come_back_and_no_address_of_an_engine(served, server):
    away = FakeAssistant(IndexAway("The Chroma server at http://chroma.internal:8000 does not answer: start it"))
    body = {"question": "When?"}

    with running(away) as address:
        asked = httpx.post(f"{address}/api/v1/ask", json=body)
        streamed = httpx.post(f"{address}/api/v1/ask/stream", json=body)

    assert asked.status_code == 503
    assert asked.headers["retry-after"] == "10"
    assert "again in a minute" in asked.json()["error"]["message"]
    assert "again in a minute" in streamed.text
    assert "internal" not in asked.text + streamed.text


@pytest.mark.parametrize("url", ["chroma:8000", "http://user:secret@chroma", "http://chroma:8000/api", "ftp://chroma"])
def test_an_address_that_is_none_is_named_by_its_variable(url):
    with pytest.raises(SettingsError, match="UCCN_CHROMA_URL"):
        Settings(chroma_url=url)
