"""What a build that was killed leaves to the next one."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy
import pytest
from small import WordEmbeddings, write_document

from assistant.index import JOURNAL, build_index, open_index
from assistant.journal import Journal

ROWS = {"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0]}


@pytest.fixture
def path(tmp_path):
    journal = Journal(tmp_path / "rows", "encoder 1")
    journal.add("units", list(ROWS), list(ROWS.values()))
    journal.close()
    return tmp_path / "rows"


def read(path, identity="encoder 1", collection="units"):
    journal = Journal(path, identity)
    found = journal.of(collection, {"id a": "a", "id b": "b", "id c": "c"})
    journal.close()
    return {id_: list(map(float, row)) for id_, row in found.items()}


def test_vectors_are_found_again_by_text(path):
    assert read(path) == {"id a": ROWS["a"], "id b": ROWS["b"]}


def test_another_encoder_or_collection_finds_none(path):
    assert read(path, collection="passages") == {}
    assert read(path, identity="encoder 2") == {}
    assert read(path) == {}, "the other encoder began the file anew"


@pytest.mark.parametrize("missing", range(1, 49))
def test_a_row_that_is_cut_off_anywhere_is_none_and_the_rest_serves(path, missing):
    path.write_bytes(path.read_bytes()[:-missing])

    assert read(path) == {"id a": ROWS["a"]}

    journal = Journal(path, "encoder 1")
    journal.add("units", ["b"], numpy.array([ROWS["b"]]))
    journal.close()
    assert read(path) == {"id a": ROWS["a"], "id b": ROWS["b"]}


def test_a_file_of_another_kind_is_begun_anew(path):
    path.write_bytes(b"no journal")

    assert read(path) == {}


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from small import WordEmbeddings
from assistant import index

index.BATCH = 40

class Killed(WordEmbeddings):
    calls = 0
    def embed_documents(self, texts):
        Killed.calls += 1
        if Killed.calls == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().embed_documents(texts)

index.build_index(Path(sys.argv[1]), Path(sys.argv[2]), embeddings=Killed(), model="words")
"""


def test_a_killed_build_goes_on_where_it_stopped(corpus_folder, tmp_path):
    write_document(corpus_folder, "torbeck", "Torbeck", "2021", " ".join(f"Hall {n} has seats." for n in range(200)))
    script, index_folder, tests = tmp_path / "killed.py", tmp_path / "index", Path(__file__).parent
    script.write_text(KILLED)
    command = [sys.executable, str(script), str(corpus_folder), str(index_folder), str(tests.parent), str(tests)]
    assert subprocess.run(command, timeout=120).returncode == -signal.SIGKILL
    assert (index_folder / JOURNAL).is_file()

    report = build_index(corpus_folder, index_folder, embeddings=WordEmbeddings(), model="words")

    whole = report.passages + report.units
    assert 0 < whole - report.embedded <= 80, "the texts of the two batches before the kill are not encoded again"
    assert not (index_folder / JOURNAL).exists()
    assert not list(index_folder.glob("building-*"))
    index = open_index(index_folder, "words")
    found, score = index.search_units(WordEmbeddings().embed_query("Torbeck: Hall 7 has seats."), 1)[0]
    assert found.startswith("torbeck")
    assert score > 0.5
