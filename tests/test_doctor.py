import datetime
import os
import shutil
import socket
import subprocess
from pathlib import Path

import pytest
from small import WordEmbeddings, write_corpus

from assistant import doctor
from assistant.doctor import checks, start_notes
from assistant.index import build_index, open_index
from assistant.kept import keep
from assistant.settings import Settings

NOW = datetime.datetime(2026, 11, 22, tzinfo=datetime.UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    corpus = write_corpus(folder / "corpus")
    build_index(corpus, folder / "index", embeddings=WordEmbeddings(), model="words")
    keep(folder / "index" / "models", "encoder", "of words", ".onnx", b"weights")
    return folder


@pytest.fixture
def here(made, tmp_path):
    return Path(shutil.copytree(made, tmp_path / "here"))


def settings_of(here, **options):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"sqlite:///{here}/store/uccn.sqlite3"
    held = {"embedding": "words", "corpus": here / "corpus", "index": here / "index", "database_url": url, "port": port}
    return Settings(**held | options)


def found(settings):
    return {check.what: check for check in checks(settings)}


def seen(settings, what):
    check = found(settings)[what]
    return check.state, check.text


def test_a_sound_place_is_ok_throughout(here):
    held = found(settings_of(here))

    assert {name: check for name, check in held.items() if check.state != "ok"} == {}
    assert {"corpus", "index", "index content", "index state", "clock", "port", "store", "variables"} <= set(held)
    assert not (here / "store").exists(), "looking makes nothing where nothing is kept"


def test_a_file_of_a_model_that_was_altered_is_named(here):
    (path,) = (here / "index" / "models").glob("encoder*")
    path.write_bytes(b"other weights")

    state, text = seen(settings_of(here), "models for serving")

    assert state == "missing"
    assert path.name in text
    assert "run `uccn index`" in text


def test_models_that_are_not_kept_are_a_note(here):
    shutil.rmtree(here / "index" / "models")

    assert seen(settings_of(here), "models for serving")[0] == "note"


def test_a_document_of_the_index_that_was_altered_is_named(here):
    path = open_index(here / "index", "words").folder / "sources.jsonl"
    path.write_text(path.read_text(encoding="utf-8").replace("15 May 2021", "16 May 2021"), encoding="utf-8")

    state, text = seen(settings_of(here), "index content")

    assert (state, "uccn index --rebuild" in text) == ("missing", True)


def test_an_index_that_does_not_match_its_corpus_is_a_note(here):
    (here / "corpus" / "documents" / "new.txt").write_text("The town of Ostby has a new museum of film since 2024.")

    state, text = seen(settings_of(here), "index state")

    assert (state, "uccn index" in text) == ("note", True)


def test_no_index_is_missing_and_what_hangs_on_it_is_not_looked_at(here):
    shutil.rmtree(here / "index")

    held = found(settings_of(here))

    assert held["index"].state == "missing"
    assert not {"index content", "index state", "clock"} & set(held)


@pytest.mark.parametrize(
    ("built", "state"),
    [
        ("2026-11-22T00:00:00+00:00", ""),
        ("2027-06-01T00:00:00+00:00", "missing"),
        ("2006-01-01T00:00:00+00:00", "note"),
    ],
)
def test_a_clock_that_cannot_be_right_is_told(built, state):
    check = doctor._check("clock", lambda: doctor._clock(built, NOW))

    assert check.state == (state or "ok")
    assert ("The clock says 2026-11-22" in check.text) == bool(state)


def test_a_port_in_use_is_a_note(here):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        state, text = seen(settings_of(here, port=taken.getsockname()[1]), "port")

    assert (state, "UCCN_PORT" in text) == ("note", True)


def test_an_address_that_is_not_this_machine_s_is_missing(here):
    state, text = seen(settings_of(here, host="203.0.113.7"), "port")

    assert (state, "UCCN_HOST" in text) == ("missing", True)


def test_a_variable_that_is_no_setting_is_told_with_the_one_it_resembles(here, monkeypatch):
    monkeypatch.setenv("UCCN_PROT", "8000")

    assert seen(settings_of(here), "variables") == ("note", "UCCN_PROT is no setting: did you mean UCCN_PORT?")


@pytest.mark.parametrize(("free_mb", "state"), [(10, "missing"), (51, "ok"), (1000, "ok")])
def test_a_disk_without_room_is_told_with_the_setting(here, monkeypatch, free_mb, state):
    usage = shutil.disk_usage(here)._replace(free=free_mb * 10**6)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage)

    held = found(settings_of(here))

    assert held["store"].state == state
    if state == "missing":
        assert "UCCN_DATABASE_URL" in held["store"].text
        assert "UCCN_INDEX" in held["room for the index"].text


def test_a_disk_too_small_for_a_rebuild_is_a_note(here, monkeypatch):
    usage = shutil.disk_usage(here)._replace(free=60 * 10**6)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda path: usage)
    monkeypatch.setattr(doctor, "_size", lambda folder: 70 * 10**6)

    assert seen(settings_of(here), "room for the index")[0] == "note"


@pytest.mark.parametrize(("keep", "state"), [("off", "note"), ("full", "missing")])
def test_a_store_that_cannot_be_written_is_told(here, monkeypatch, keep, state):
    monkeypatch.setattr(doctor.os, "access", lambda path, mode: False)

    assert seen(settings_of(here, keep_questions=keep), "store")[0] == state


def test_a_store_that_is_no_database_is_missing(here):
    (here / "store").mkdir()
    (here / "store" / "uccn.sqlite3").write_bytes(b"not a database at all, whatever its name" * 30)

    assert seen(settings_of(here, keep_questions="full"), "store")[0] == "missing"


def test_a_server_is_told_at_its_start_of_what_is_not_right(here, monkeypatch):
    settings = settings_of(here)
    assert start_notes(settings, NOW.isoformat()) == []

    monkeypatch.setenv("UCCN_PROT", "8000")
    notes = start_notes(settings, "2099-01-01T00:00:00+00:00")

    assert [note.split(":")[0] for note in notes] == [
        f"The clock says {datetime.datetime.now(datetime.UTC):%Y-%m-%d}, before the index was built (2099-01-01)",
        "UCCN_PROT is no setting",
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts")
def test_a_read_only_disk_is_noticed_by_root_too(here, tmp_path):
    script = (
        f"mount -t tmpfs -o size=1m tmpfs {tmp_path}/ro 2>/dev/null && mount -o remount,ro {tmp_path}/ro || exit 9;"
        f"python3 -c \"import os; print(os.access('{tmp_path}/ro', os.W_OK))\""
    )
    (tmp_path / "ro").mkdir()
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False)
    if done.returncode == 9 or "unshare" in done.stderr:
        pytest.skip("this machine lets nobody mount")

    assert done.stdout.strip() == "False"
