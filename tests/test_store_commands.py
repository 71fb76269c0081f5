import json

import pytest
from fakes import answered
from typer.testing import CliRunner

from assistant.cli import app
from assistant.store import Rating, Store


@pytest.fixture
def store(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    monkeypatch.setenv("UCCN_DATABASE_URL", url)
    store = Store(url, keep="full")
    for conversation in ("one", "two"):
        store.record(answered(), conversation=conversation, channel="widget")
    store.rate(Rating("When?", "In June.", "up", conversation="one"))
    return store


def run(*words):
    return CliRunner().invoke(app, ["store", *words])


def test_a_visitor_gets_all_that_is_kept_of_a_conversation(store):
    kept = json.loads(run("export", "one").stdout)

    assert [row["question"] for row in kept["asked"]] == ["When?"]
    assert [row["verdict"] for row in kept["ratings"]] == ["up"]


def test_a_conversation_is_forgotten_and_no_other(store):
    assert "2 rows" in run("forget", "one").stdout

    assert [row.conversation for row in store.asked()] == ["two"]
    assert store.ratings() == []
    assert run("forget", "one").exit_code == 1


def test_what_is_older_than_it_may_be_kept_is_deleted(store):
    assert "0 rows older than 90 days" in run("prune").stdout
    assert len(store.asked()) == 2

    assert "3 rows older than 0 days" in run("prune", "--days", "0").stdout
    assert store.asked() == []
