"""The store's contract, over SQLite and over a PostgreSQL server that the tests start."""

import json
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sql
from engines import postgres, until
from fakes import FakeAssistant, running
from test_store import ANSWER, RATING
from typer.testing import CliRunner

from assistant import store as store_module
from assistant.cli import app
from assistant.errors import SettingsError, StoreError
from assistant.settings import Settings
from assistant.store import Store, open_store

NEWEST = "1"
# The tables as the program made them before they had versions.
OLD_LAYOUT = """
CREATE TABLE asked (id INTEGER NOT NULL, at VARCHAR(32) NOT NULL, conversation VARCHAR(64) NOT NULL,
  channel VARCHAR(8) NOT NULL, question TEXT NOT NULL, digest VARCHAR(32) NOT NULL, standalone TEXT NOT NULL,
  language VARCHAR(16) NOT NULL, status VARCHAR(16) NOT NULL, route VARCHAR(16) NOT NULL, answer TEXT NOT NULL,
  sources JSON NOT NULL, milliseconds FLOAT NOT NULL, PRIMARY KEY (id));
CREATE INDEX ix_asked_conversation ON asked (conversation);
CREATE INDEX ix_asked_at ON asked (at);
CREATE TABLE ratings (id INTEGER NOT NULL, at VARCHAR(32) NOT NULL, conversation VARCHAR(64) NOT NULL,
  channel VARCHAR(8) NOT NULL, question TEXT NOT NULL, answer TEXT NOT NULL, verdict VARCHAR(8) NOT NULL,
  reason VARCHAR(60) NOT NULL, comment TEXT NOT NULL, PRIMARY KEY (id));
CREATE INDEX ix_ratings_conversation ON ratings (conversation);
CREATE INDEX ix_ratings_at ON ratings (at);
CREATE TABLE keys (name VARCHAR(16) NOT NULL, value VARCHAR(64) NOT NULL, PRIMARY KEY (name));
INSERT INTO keys VALUES ('digest', '%s');
INSERT INTO asked VALUES (7, '2026-01-02T03:04:05.678+00:00', 'c1', 'chat', 'When?', 'd', 'When?', 'en', 'answered',
  'facts', 'In June.', '["calls"]', 12.5);
""" % ("ab" * 32)  # fmt: skip


@pytest.fixture(scope="module")
def server():
    with postgres() as engine:
        yield engine


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """The address of a database with nothing in it."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/kept/uccn.sqlite3"
    return fresh(request.getfixturevalue("server"))


def fresh(server):
    """Make an empty database on a server."""
    engine = sql.create_engine(server.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        number = connection.scalar(sql.text("SELECT count(*) FROM pg_database"))
        connection.execute(sql.text(f"CREATE DATABASE fresh{number}"))
    engine.dispose()
    return server.url.replace("/postgres", f"/fresh{number}").replace("postgresql:/fresh", "postgresql:/")


def execute(url, statement):
    engine = sql.create_engine(url)
    with engine.begin() as connection:
        rows = connection.execute(sql.text(statement))
        found = rows.all() if rows.returns_rows else []
    engine.dispose()
    return found


def test_what_is_kept_is_read_again_by_another_process(url):
    first = Store(url, "full")
    first.record(ANSWER, conversation="c1", channel="widget")
    first.rate(replace(RATING, conversation="c1"))
    first.close()

    second = Store(url, "full")

    (kept,) = second.asked()
    assert kept.question == "When did the 2021 call close? Write to [e-mail]"
    assert (kept.channel, kept.status, kept.route, kept.sources) == ("widget", "answered", "facts", ("calls",))
    assert kept.milliseconds == 12
    (rating,) = second.ratings()
    assert (rating.verdict, rating.comment) == ("down", "call me at [phone]")
    second.close()


def test_the_newest_comes_first_and_dates_limits_and_conversations_narrow(url):
    store = Store(url, "full")
    for number in range(5):
        store.record(replace(ANSWER, question=f"Question {number}?"), conversation=str(number % 2), channel="api")
    third = store.asked()[2]

    assert [row.question for row in store.asked(limit=2)] == ["Question 4?", "Question 3?"]
    assert third in store.asked(since=third.at)
    assert len(store.asked(since=third.at[:10])) == 5
    assert store.asked(since="2999") == []
    assert {row.question for row in store.asked(conversation="1")} == {"Question 1?", "Question 3?"}
    assert len(store.export("1")["asked"]) == store.forget(conversation="1") == 2
    assert store.forget(before="2020-01-01") == 0
    assert store.forget(before="2999-01-01") == 3
    store.close()


def test_texts_that_a_database_refuses_are_kept_without_what_it_refuses(url):
    store = Store(url, "full")
    nasty = "half \ud83d of a face, NUL \0, \u202eright to left, \U0001f600"

    store.record(replace(ANSWER, question=nasty, standalone_question=nasty, answer=nasty), channel="api")
    store.rate(replace(RATING, question=nasty, comment=nasty, reason=nasty))

    (kept,), (rating,) = store.asked(), store.ratings()
    assert kept.question == kept.answer == rating.comment == "half ? of a face, NUL , \u202eright to left, \U0001f600"
    store.close()


def test_what_is_too_long_is_cut_off(url):
    store = Store(url, "full")

    store.record(replace(ANSWER, answer="a" * 9000, language="x" * 30), conversation="c" * 99, channel="widget")
    store.rate(replace(RATING, reason="r" * 99, comment="c" * 9000, conversation="c" * 99))

    assert len(store.asked()[0].answer) == 8000
    assert len(store.ratings()[0].reason) == 60
    store.close()


def test_processes_that_begin_at_once_make_the_tables_and_the_key_once(url):
    stores = [Store(url, "hashed") for _ in range(6)]

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda store: store.record(ANSWER, channel="api"), stores))

    assert len({row.digest for row in stores[0].asked()}) == 1
    assert len(stores[0].asked()) == 6
    assert execute(url, "SELECT version_num FROM alembic_version") == [(NEWEST,)]
    for store in stores:
        store.close()


def test_the_migrations_make_the_tables_that_the_store_reads(url):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    store = Store(url)
    store.migrate()

    with store._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, store_module._METADATA) == []
    store.close()


def test_a_newer_layout_is_refused_in_one_sentence_and_left_as_it_is(url):
    store = Store(url, "full")
    store.record(ANSWER, channel="api")
    execute(url, "UPDATE alembic_version SET version_num = '999'")

    for use in (Store(url, "full").asked, Store(url).migrate, lambda: Store(url).rate(RATING)):
        with pytest.raises(StoreError, match=r"'999' of a newer version.*UCCN_DATABASE_URL") as caught:
            use()
        assert "\n" not in str(caught.value)

    assert execute(url, "SELECT count(*) FROM asked") == [(1,)]
    store.close()


def test_the_command_tells_the_layout_before_and_after(url, monkeypatch):
    monkeypatch.setenv("UCCN_DATABASE_URL", url)

    first, second = (CliRunner().invoke(app, ["store", "migrate"]).stdout for _ in range(2))

    assert first.strip() == f"The store has layout {NEWEST}, after none."
    assert second.strip() == f"The store has layout {NEWEST}, as before."


def test_a_file_from_before_there_were_versions_is_taken_without_loss(tmp_path):
    path = tmp_path / "old.sqlite3"
    with sqlite3.connect(path) as old:
        old.executescript(OLD_LAYOUT)
    store = Store(f"sqlite:///{path}", "hashed")

    store.record(ANSWER, channel="api")

    new, kept = store.asked()
    assert (kept.id, kept.question, kept.sources, kept.milliseconds) == (7, "When?", ("calls",), 12.5)
    assert new.id == 8
    assert store._key == bytes.fromhex("ab" * 32), "digests go on as they were"
    assert execute(f"sqlite:///{path}", "SELECT version_num FROM alembic_version") == [(NEWEST,)]


def test_a_file_that_may_only_be_read_is_read(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "kept.sqlite3"
    Store(f"sqlite:///{path}", "full").record(ANSWER, channel="api")

    store = Store(f"sqlite:///file:{path}?mode=ro&uri=true", "full")

    assert len(store.asked()) == 1
    with pytest.raises(StoreError, match="readonly"):
        store.record(ANSWER, channel="api")
    assert store.file == path
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_server_that_goes_away_is_one_sentence_and_service_comes_back_with_it(server):
    store = Store(fresh(server), "full")
    store.record(ANSWER, channel="api")

    server.stop()
    with pytest.raises(StoreError, match=r"127\.0\.0\.1.*UCCN_DATABASE_URL") as caught:
        store.record(ANSWER, channel="api")
    server.start()
    store.record(ANSWER, channel="api")

    assert "\n" not in str(caught.value)
    assert len(store.asked()) == 2
    store.close()


def test_answers_are_given_while_the_database_is_away_and_one_line_is_logged(server, monkeypatch, caplog):
    monkeypatch.setattr("assistant.outage.TRIED_SECONDS", 0)
    url = fresh(server)
    Store(url).migrate()
    body = {"question": "When?", "conversation": "c1"}
    rating = {"question": "When?", "answer": "In June.", "verdict": "up"}
    with running(FakeAssistant(), database_url=url, keep_questions="full") as address:
        asked = f"{address}/api/v1/ask"
        before = httpx.post(asked, json=body).status_code
        until(lambda: execute(url, "SELECT 1 FROM asked"))  # it is recorded after it is answered
        server.stop()
        away = [httpx.post(asked, json=body).status_code for _ in range(3)]
        streamed = httpx.post(f"{asked}/stream", json=body)
        rated = httpx.post(f"{address}/api/v1/feedback", json=rating)
        server.start()
        back = httpx.post(asked, json=body).status_code
        rated_again = httpx.post(f"{address}/api/v1/feedback", json=rating)
        until(lambda: len(execute(url, "SELECT 1 FROM asked")) == 2)

    lines = [message for message in caplog.messages if message.startswith("The store")]
    assert (before, away, back) == (200, [200] * 3, 200)
    assert "event: answer" in streamed.text
    assert rated.status_code == 503, "a rating that is lost is told to the one who sends it"
    assert rated_again.status_code == 201
    assert len(lines) == 2
    assert "does not answer, questions are not recorded" in lines[0]
    assert lines[1] == "The store is back; 4 uses went without it"
    assert len(execute(url, "SELECT 1 FROM ratings")) == 1


def test_a_server_that_is_not_there_is_one_sentence_without_the_password():
    store = Store("postgresql://uccn:secret@127.0.0.1:9/uccn", "full")

    with pytest.raises(StoreError, match=r"127\.0\.0\.1:9.*refused.*UCCN_DATABASE_URL") as caught:
        store.asked()

    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_driver_that_is_not_installed_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(SettingsError, match="`postgres` extra"):
        open_store(Settings(database_url="postgresql://uccn@127.0.0.1/uccn"))


def test_a_wheel_would_carry_the_migrations():
    root = Path(__file__).parent.parent
    code = "import json, setuptools; print(json.dumps(setuptools.find_packages(include=['assistant*'])))"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)

    assert {"assistant.migrations", "assistant.migrations.versions"} <= set(json.loads(done.stdout))
