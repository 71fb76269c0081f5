import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import chromadb
import pytest
from chromadb.config import Settings as ChromaSettings
from small import LISVALE, WordEmbeddings, write_document

from assistant.errors import CorpusError, IndexMissing, IndexStale, IndexUnusable
from assistant.index import _at_rest, asked_unit, build_index, open_index, split_unit_id, stale_reason, unit_id

MODEL = "words"


@pytest.fixture
def index_folder(tmp_path):
    return tmp_path / "index"


@pytest.fixture
def build(corpus_folder, index_folder):
    """Build the small corpus; return what the build did and the texts that it embedded."""

    def run(**options):
        embeddings = WordEmbeddings()
        report = build_index(corpus_folder, index_folder, embeddings=embeddings, **{"model": MODEL, **options})
        return report, embeddings.texts

    return run


QUESTIONS = """\
document,statement,language,questions
lisvale-music,Lisvale has 14 concert halls.,en,places to hear an orchestra|Where do people play?
network-2018,The Network was created in 2004.,en,Since when has it been going?
"""


@pytest.fixture
def expect(corpus_folder):
    """Write the expected questions of the small corpus."""

    def write(table=QUESTIONS):
        (corpus_folder / "questions.csv").write_text(table, encoding="utf-8")

    write()
    return write


def run_script(script, *arguments):
    paths = (Path(__file__).parent.parent, Path(__file__).parent)
    command = [sys.executable, script, *arguments, *paths]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, check=False)


def nearest(index_folder, question, k=1):
    index = open_index(index_folder, MODEL)
    found = index.search_units(WordEmbeddings().embed_query(question), k)
    texts = []
    for id_, _ in found:
        passage_id, number = split_unit_id(id_)
        texts.append(index.passages[passage_id].units[number].text)
    return texts


def test_a_first_build_embeds_every_passage_and_unit_once(build, index_folder):
    report, texts = build()

    assert report.added == ("lisvale-music", "network-2018", "network-2022")
    assert (report.changed, report.removed, report.unchanged) == ((), (), ())
    assert len(texts) == report.embedded == report.passages + report.units
    assert not report.up_to_date
    assert [path.name for path in index_folder.glob("building-*")] == []


def test_what_was_indexed_is_found_and_stands_in_its_source(build, index_folder):
    build()

    index = open_index(index_folder, MODEL)

    assert nearest(index_folder, "More than 2,500 musicians work in Lisvale")[0].startswith("More than 2,500")
    for passage in index.passages.values():
        source = index.sources[passage.source_id]
        assert source.text[passage.start : passage.end] == passage.text
        assert all(source.text[unit.start : unit.end] == unit.text for unit in passage.units)


def test_search_returns_similarities_best_first(build, index_folder):
    build()

    index = open_index(index_folder, MODEL)
    found = index.search_passages(WordEmbeddings().embed_query("member cities of the Network"), 3)

    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)
    assert all(-1.001 <= score <= 1.001 for score in scores)
    assert len(index.search_passages([1.0] * WordEmbeddings.SIZE, 1000)) == len(index.passages)


def test_nothing_is_embedded_or_written_where_nothing_changed(build, index_folder):
    build()
    before = sorted(path.name for path in index_folder.iterdir())

    report, texts = build()

    assert report.up_to_date
    assert texts == []
    assert len(report.unchanged) == 3
    assert sorted(path.name for path in index_folder.iterdir()) == before


def test_only_what_is_new_in_a_changed_document_is_embedded(build, corpus_folder, index_folder):
    build()
    changed = LISVALE.replace("More than 2,500 musicians", "More than 2,700 musicians")
    write_document(corpus_folder, "lisvale-music", "Lisvale, City of Music", "2020", changed)

    report, texts = build()

    assert (report.changed, report.added, report.removed) == (("lisvale-music",), (), ())
    assert report.unchanged == ("network-2018", "network-2022")
    assert report.embedded == len(texts) <= 6, "one passage and its units"
    assert any("2,700" in text for text in texts)
    assert not any("member cities" in text for text in texts)
    assert "2,700" in nearest(index_folder, "More than 2,700 musicians work in Lisvale")[0]


def test_expected_questions_are_stored_with_their_unit_and_found(build, expect, index_folder):
    report, texts = build()

    index = open_index(index_folder, MODEL)
    ((id_, cosine),) = index.search_questions(WordEmbeddings().embed_query("where do people play"), 1)

    passage_id, number = split_unit_id(asked_unit(id_))
    unit = index.passages[passage_id].units[number]
    assert unit.text == "Lisvale has 14 concert halls."
    assert unit.expected == ("places to hear an orchestra", "Where do people play?")
    assert cosine == pytest.approx(1.0, abs=1e-5)
    assert index.expected == [(text, text) for text in (*unit.expected, "Since when has it been going?")]
    assert report.embedded == len(texts) == report.passages + report.units + 3


def test_without_expected_questions_none_is_found(build, index_folder):
    build()

    index = open_index(index_folder, MODEL)

    assert index.expected == []
    assert index.search_questions(WordEmbeddings().embed_query("where do people play"), 5) == []


def test_only_a_changed_question_is_embedded(build, expect):
    build()
    expect(QUESTIONS.replace("Where do people play?", "Where do bands play?"))

    report, texts = build()

    assert texts == ["Where do bands play?"]
    assert report.embedded == 1
    assert not report.up_to_date


def test_questions_of_a_statement_that_is_not_there_are_left_out(build, expect, index_folder):
    expect(QUESTIONS.replace("in 2004", "in 2005"))

    build()

    assert "Since when has it been going?" not in dict(open_index(index_folder, MODEL).expected)


def test_a_question_in_another_language_is_read_as_the_first_english_one_of_its_statement(build, expect, index_folder):
    expect(QUESTIONS + "lisvale-music,Lisvale has 14 concert halls.,fr,Où entend-on un orchestre ?\n")

    _, texts = build()

    index = open_index(index_folder, MODEL)
    assert dict(index.expected)["Où entend-on un orchestre ?"] == "places to hear an orchestra"
    assert "Où entend-on un orchestre ?" not in texts


def test_a_question_in_another_language_alone_leads_nowhere(build, expect, index_folder):
    expect(
        "document,statement,language,questions\nlisvale-music,Lisvale has 14 concert halls.,fr,Combien de salles ?\n"
    )

    build()

    assert open_index(index_folder, MODEL).expected == []


def test_wordings_are_stored_and_go_through_the_encoder_of_questions(build, index_folder):
    of_questions = WordEmbeddings()

    _, others = build(question_embeddings=of_questions, wordings=["Which field is {city}?", "Where is {city}?"])

    index = open_index(index_folder, MODEL)
    assert set(index.wordings()) == {"Which field is {city}?", "Where is {city}?"} == set(of_questions.texts)
    assert not set(of_questions.texts) & set(others)


def test_questions_alone_go_through_the_encoder_of_questions(build, expect):
    of_questions = WordEmbeddings()

    report, others = build(question_embeddings=of_questions)

    assert set(of_questions.texts) == {
        "places to hear an orchestra",
        "Where do people play?",
        "Since when has it been going?",
    }
    assert not set(of_questions.texts) & set(others)
    assert len(others) == report.passages + report.units


def test_an_added_document_is_reported_and_alone_embedded(build, corpus_folder, index_folder):
    build()
    write_document(corpus_folder, "torbeck", "Torbeck", "2021", "Torbeck is a City of Film with nine cinemas.")

    report, texts = build()

    assert report.added == ("torbeck",)
    assert texts
    assert all("Torbeck" in text for text in texts)
    assert nearest(index_folder, "nine cinemas") == ["Torbeck is a City of Film with nine cinemas."]


def test_a_removed_document_is_gone_from_the_index(build, corpus_folder, index_folder):
    build()
    (corpus_folder / "documents" / "lisvale-music.md").unlink()

    report, texts = build()

    index = open_index(index_folder, MODEL)
    assert report.removed == ("lisvale-music",)
    assert texts == []
    assert "lisvale-music" not in index.sources
    assert not any("musicians" in text for text in nearest(index_folder, "musicians work in Lisvale", 50))


def test_a_new_date_changes_a_document_without_embedding_anything(build, corpus_folder, index_folder):
    build()
    write_document(corpus_folder, "lisvale-music", "Lisvale, City of Music", "2021", LISVALE)

    report, texts = build()

    assert report.changed == ("lisvale-music",)
    assert texts == []
    assert open_index(index_folder, MODEL).sources["lisvale-music"].date == "2021"


def test_a_document_that_moves_to_another_place_in_the_text_keeps_its_vectors(build, corpus_folder):
    build()
    parts = LISVALE.split("\n## ")
    turned = "\n\n## ".join([parts[0], *reversed(parts[1:])])
    write_document(corpus_folder, "lisvale-music", "Lisvale, City of Music", "2020", turned)

    report, texts = build()

    assert report.changed == ("lisvale-music",)
    assert texts == []


def test_rebuild_embeds_everything_again(build):
    first, _ = build()

    _report, texts = build(rebuild=True)

    assert len(texts) == first.embedded


def test_a_vector_of_another_text_under_the_same_id_is_not_kept(build, index_folder):
    build()
    index = open_index(index_folder, MODEL)
    client = chromadb.PersistentClient(str(index.folder / "chroma"), ChromaSettings(anonymized_telemetry=False))
    units = client.get_collection("units", embedding_function=None)
    id_ = unit_id(next(iter(index.passages)), 0)
    units.upsert(ids=[id_], embeddings=[[1.0] + [0.0] * (WordEmbeddings.SIZE - 1)], documents=["as other code read it"])
    manifest = index.folder / "manifest.json"
    manifest.write_text(json.dumps({**index.manifest, "code": "other", "fingerprint": "other"}))

    report, texts = build()

    assert len(texts) == report.embedded == 1


def test_progress_runs_up_to_the_number_of_texts(build):
    seen = []

    report, _ = build(progress=lambda done, total: seen.append((done, total)))

    assert seen[0] == (0, report.embedded)
    assert seen[-1] == (report.embedded, report.embedded)
    assert seen == sorted(seen)


def test_an_unreadable_file_is_reported_and_the_rest_is_indexed(build, corpus_folder, index_folder):
    (corpus_folder / "documents" / "broken.pdf").write_bytes(b"%PDF-1.4 nothing of a PDF follows")
    (corpus_folder / "documents" / "empty.md").write_text("")

    report, _ = build()

    assert sorted(Path(file.path).name for file in report.unreadable) == ["broken.pdf", "empty.md"]
    assert all(file.reason for file in report.unreadable)
    assert len(open_index(index_folder, MODEL).sources) == 3


def test_a_corpus_without_documents_is_refused_and_the_old_index_serves(build, corpus_folder, index_folder):
    build()
    for path in (corpus_folder / "documents").iterdir():
        path.unlink()

    with pytest.raises(CorpusError):
        build()

    assert len(open_index(index_folder, MODEL).sources) == 3


def test_an_index_of_another_model_is_stale_and_names_the_command(build, index_folder):
    build()

    with pytest.raises(IndexStale, match="uccn index"):
        open_index(index_folder, "another")


def test_a_build_with_another_model_embeds_everything_again(build, index_folder):
    first, _ = build()

    _report, texts = build(model="another")

    assert len(texts) == first.embedded
    assert open_index(index_folder, "another").passages


def test_an_index_of_another_format_is_stale(build, index_folder):
    build()
    manifest = open_index(index_folder, MODEL).folder / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "format": 0}))

    with pytest.raises(IndexStale, match="uccn index"):
        open_index(index_folder, MODEL)


def test_no_index_is_missing_and_names_the_command(tmp_path):
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(IndexMissing, match="uccn index"):
            open_index(folder, MODEL)


def test_a_fresh_index_is_not_stale(build, corpus_folder, index_folder):
    build()

    assert stale_reason(index_folder, corpus_folder) == ""


def test_a_changed_corpus_is_told_with_the_command(build, corpus_folder, index_folder):
    build()
    write_document(corpus_folder, "torbeck", "Torbeck", "2021", "Torbeck is a City of Film.")

    reason = stale_reason(index_folder, corpus_folder)

    assert reason.startswith("1 file of the corpus changed")
    assert "uccn index" in reason
    build()
    assert stale_reason(index_folder, corpus_folder) == ""


def test_an_index_of_other_code_is_told(build, corpus_folder, index_folder):
    build()
    manifest = open_index(index_folder, MODEL).folder / "manifest.json"
    manifest.write_text(json.dumps({**json.loads(manifest.read_text()), "code": "other"}))

    assert "uccn index" in stale_reason(index_folder, corpus_folder)


DAMAGE = {
    "manifest.json cut off": lambda folder: (folder / "manifest.json").write_text('{"format": 1, '),
    "manifest.json empty": lambda folder: (folder / "manifest.json").write_text(""),
    "manifest.json of another kind": lambda folder: (folder / "manifest.json").write_text("[]"),
    "manifest.json without its fields": lambda folder: (folder / "manifest.json").write_text("{}"),
    "manifest.json gone": lambda folder: (folder / "manifest.json").unlink(),
    "passages.jsonl cut off": lambda folder: (folder / "passages.jsonl").write_text('{"id": "a"'),
    "passages.jsonl gone": lambda folder: (folder / "passages.jsonl").unlink(),
    "chroma.sqlite3 overwritten": lambda folder: (folder / "chroma" / "chroma.sqlite3").write_bytes(b"x" * 5000),
    "chroma.sqlite3 gone": lambda folder: (folder / "chroma" / "chroma.sqlite3").unlink(),
}


def forget(folder):
    """Have Chroma open the files below a folder anew; what others of this process have open stays theirs."""
    shared = chromadb.api.client.SharedSystemClient
    for opened in [path for path in shared._identifier_to_system if path.startswith(str(folder))]:
        del shared._identifier_to_system[opened]
        shared._identifier_to_refcount.pop(opened, None)


@pytest.mark.parametrize("damage", DAMAGE, ids=str)
def test_a_damaged_index_says_so_with_the_command_and_a_build_mends_it(build, index_folder, damage):
    build()
    folder = open_index(index_folder, MODEL).folder
    forget(index_folder)  # what another process would see
    DAMAGE[damage](folder)

    with pytest.raises(IndexUnusable, match="uccn index --rebuild"):
        open_index(index_folder, MODEL)

    build(rebuild=True)
    assert nearest(index_folder, "More than 2,500 musicians work in Lisvale")


def test_an_index_that_was_opened_lazily_tells_its_damage_at_the_first_search(build, index_folder):
    build()
    folder = open_index(index_folder, MODEL).folder
    forget(index_folder)
    DAMAGE["chroma.sqlite3 overwritten"](folder)
    index = open_index(index_folder, MODEL, lazily=True)

    with pytest.raises(IndexUnusable, match="uccn index --rebuild"):
        index.search_units(WordEmbeddings().embed_query("musicians"), 1)


def test_damaged_vectors_are_noticed_when_the_index_is_opened(build, corpus_folder, index_folder):
    many = " ".join(f"Hall {number} of Torbeck has {number} seats." for number in range(1100))
    write_document(corpus_folder, "torbeck", "Torbeck", "2021", many)
    build()
    vectors = list(open_index(index_folder, MODEL).folder.glob("chroma/*/data_level0.bin"))
    forget(index_folder)
    for path in vectors:
        path.write_bytes(b"x" * 100)

    with pytest.raises(IndexUnusable, match="uccn index --rebuild"):
        open_index(index_folder, MODEL)

    build()
    assert nearest(index_folder, "Hall 7 of Torbeck")


def test_a_damaged_index_is_built_anew_without_being_told_to(build, index_folder):
    first, _ = build()
    (open_index(index_folder, MODEL).folder / "manifest.json").write_text("{")

    _report, texts = build()

    assert len(texts) == first.embedded
    assert open_index(index_folder, MODEL).passages


def test_a_folder_that_cannot_be_written_is_one_sentence(corpus_folder, tmp_path):
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(IndexUnusable, match="UCCN_INDEX") as caught:
        build_index(corpus_folder, tmp_path / "file" / "index", embeddings=WordEmbeddings(), model=MODEL)

    assert "\n" not in str(caught.value)


FULL_DISK = """
import resource, sys
from pathlib import Path
sys.path[:0] = sys.argv[4:]
from small import WordEmbeddings
from assistant.errors import IndexUnusable
from assistant.index import build_index

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    build_index(Path(sys.argv[1]), Path(sys.argv[2]), embeddings=WordEmbeddings(), model="words")
except IndexUnusable as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on the size of files")
# Chroma writes the empty graph of fewer than 100 rows, 154,800 bytes here, anew each time that it is opened.
@pytest.mark.parametrize("largest", [3_000, 200_000], ids=["in our own files", "in those of Chroma"])
def test_a_disk_without_room_is_one_sentence_and_the_old_index_serves(
    build, corpus_folder, index_folder, tmp_path, largest
):
    build()
    write_document(corpus_folder, "torbeck", "Torbeck", "2021", "Torbeck is a City of Film.")
    script = tmp_path / "full_disk.py"
    script.write_text(FULL_DISK)

    done = run_script(script, corpus_folder, index_folder, largest)

    assert "make room" in done.stdout
    assert done.stdout.count("\n") == 1
    assert "torbeck" not in open_index(index_folder, MODEL).sources
    report, _ = build()
    assert report.added == ("torbeck",)


@pytest.mark.parametrize("stop", [KeyboardInterrupt, RuntimeError], ids=lambda stop: stop.__name__)
def test_a_build_that_is_broken_off_leaves_the_old_index(build, corpus_folder, index_folder, stop):
    build()
    write_document(corpus_folder, "torbeck", "Torbeck", "2021", "Torbeck is a City of Film.")

    class Broken(WordEmbeddings):
        def embed_documents(self, texts):
            raise stop

    with pytest.raises(stop):
        build_index(corpus_folder, index_folder, embeddings=Broken(), model=MODEL)

    assert "torbeck" not in open_index(index_folder, MODEL).sources
    assert nearest(index_folder, "More than 2,500 musicians work in Lisvale")
    report, _ = build()
    assert report.added == ("torbeck",)
    assert list(index_folder.glob("building-*")) == []


def test_a_second_build_at_the_same_time_says_so(build, corpus_folder, index_folder):
    begun, go_on = threading.Event(), threading.Event()

    class Waiting(WordEmbeddings):
        def embed_documents(self, texts):
            begun.set()
            assert go_on.wait(30)
            return super().embed_documents(texts)

    first = threading.Thread(
        target=build_index,
        args=(corpus_folder, index_folder),
        kwargs={"embeddings": Waiting(), "model": MODEL},
    )
    first.start()
    try:
        assert begun.wait(30)
        with pytest.raises(IndexUnusable, match="Another build"):
            build()
    finally:
        go_on.set()
        first.join(30)

    assert open_index(index_folder, MODEL).passages


def test_an_open_index_goes_on_serving_while_another_version_is_built(build, corpus_folder, index_folder):
    build()
    index = open_index(index_folder, MODEL)
    vector = WordEmbeddings().embed_query("musicians work in Lisvale")
    before = index.search_units(vector, 5)
    write_document(corpus_folder, "torbeck", "Torbeck", "2021", "Many musicians work in Torbeck.")

    build()

    assert index.search_units(vector, 5) == before
    assert open_index(index_folder, MODEL).search_units(vector, 5) != before


def test_old_versions_are_cleared_away(build, corpus_folder, index_folder):
    for year in ("2020", "2021", "2022", "2023"):
        write_document(corpus_folder, "lisvale-music", "Lisvale, City of Music", year, LISVALE)
        build()

    assert len(list(index_folder.glob("v-*"))) == 2, "the current one and the one before it"


SLOW_BUILD = """
import sys, time
from pathlib import Path
sys.path[:0] = sys.argv[3:]
import chromadb
from small import WordEmbeddings
from assistant.index import build_index

class Slow(WordEmbeddings):
    def embed_documents(self, texts):
        time.sleep(0.1)
        return super().embed_documents(texts)

while True:
    print("go", flush=True)
    build_index(Path(sys.argv[1]), Path(sys.argv[2]), embeddings=Slow(), model="words", rebuild=True)
"""


def test_an_index_that_is_killed_ten_times_still_answers_each_time(build, corpus_folder, index_folder, tmp_path):
    build()
    question = "More than 2,500 musicians work in Lisvale"
    answer = nearest(index_folder, question)
    script = tmp_path / "slow_build.py"
    script.write_text(SLOW_BUILD)
    tests = Path(__file__).parent
    command = [sys.executable, str(script), str(corpus_folder), str(index_folder), str(tests.parent), str(tests)]
    moments = random.Random(2026)
    left = 0

    for _ in range(10):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as builder:
            assert builder.stdout.readline() == b"go\n"
            time.sleep(moments.uniform(0.0, 0.8))
            assert builder.poll() is None, "the builder is at work when it is killed"
            builder.kill()
        left += any(index_folder.glob("building-*"))
        forget(index_folder)
        assert nearest(index_folder, question) == answer

    assert left, "at least one kill fell into a build"
    build(rebuild=True)
    assert nearest(index_folder, question) == answer
    assert list(index_folder.glob("building-*")) == []
    assert len(list(index_folder.glob("v-*"))) <= 2


def test_a_corpus_folder_that_is_gone_does_not_make_the_index_stale(build, corpus_folder, index_folder, tmp_path):
    build()

    assert stale_reason(index_folder, tmp_path / "gone") == ""


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_is_one_sentence(corpus_folder, tmp_path):
    folder = tmp_path / "closed"
    folder.mkdir(mode=0o500)

    with pytest.raises(IndexUnusable, match="cannot be written"):
        build_index(corpus_folder, folder / "index", embeddings=WordEmbeddings(), model=MODEL)


@pytest.mark.model
def test_the_index_of_the_project_is_built_from_every_document(built_index):
    index = open_index(built_index, "all-MiniLM-L6-v2")
    documents = Path(__file__).parent.parent / "corpus" / "documents"
    views = {f"member-cities{order}" for order in ("", "-by-field", "-by-year", "-by-subdivision")}
    tables = {*views, "dated-facts"}

    assert set(index.sources) == {path.stem for path in documents.glob("*.md")} | tables
    assert stale_reason(built_index, documents.parent) == ""


@pytest.mark.model
def test_every_vector_is_on_disk_so_that_each_opening_finds_the_same(built_index):
    index = open_index(built_index, "all-MiniLM-L6-v2")
    held = {path.parent.name: path.stat().st_size for path in index.folder.glob("chroma/*/data_level0.bin")}

    assert len(held) == 4
    assert min(held.values()) >= len(index.passages) * 384 * 4  # bytes of the smallest collection's vectors


def test_a_file_that_changed_while_it_was_read_counts_as_another():
    before, after = {"a": "1", "b": "2", "gone": "3"}, {"a": "1", "b": "4", "came": "5", "came and went": ""}

    assert _at_rest(before, after) == {"a": "1", "b": "", "came": "", "came and went": "", "gone": ""}
