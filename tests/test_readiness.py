import asyncio
import threading

import pytest
from fakes import FakeAssistant
from small import write_corpus
from test_api import client_of, error_of
from test_refuse import opened

from assistant import readiness
from assistant.chain import TRIAL
from assistant.errors import IndexUnusable
from assistant.readiness import LATE, Readiness
from assistant.store import Store


class FailingAssistant(FakeAssistant):
    """Answers, until `error` is set."""

    error = None

    def probe(self):
        self.asked.append(TRIAL)
        if self.error:
            raise self.error
        return self.answer


@pytest.fixture
def store(tmp_path):
    return Store(f"sqlite:///{tmp_path}/store.sqlite3", "full")


def failures(held, *, times=1):
    async def ask():
        return [await held.failure() for _ in range(times)]

    return asyncio.run(ask())


def test_a_server_that_answers_is_ready_and_asked_often_tries_once(store):
    assistant = FailingAssistant()

    assert failures(Readiness(assistant, store), times=3) == [""] * 3
    assert assistant.asked == [TRIAL]


def test_what_fails_is_told_and_forgotten_once_it_works_again(store):
    assistant = FailingAssistant()
    held = Readiness(assistant, store, held_seconds=0)
    assistant.error = IndexUnusable("Run `uccn index --rebuild`")
    assert failures(held) == ["Run `uccn index --rebuild`"]

    assistant.error = None

    assert failures(held) == [""]


def test_an_error_nobody_foresaw_is_not_shown(store, caplog):
    assistant = FailingAssistant()
    assistant.error = RuntimeError("password")

    (failure,) = failures(Readiness(assistant, store))

    assert "password" not in failure
    assert "password" in caplog.text


def test_a_store_that_cannot_be_written_counts_where_questions_are_kept(tmp_path):
    (tmp_path / "file").write_text("no folder")
    url = f"sqlite:///{tmp_path}/file/store.sqlite3"

    assert failures(Readiness(FakeAssistant(), Store(url, "off"))) == [""]
    assert "UCCN_DATABASE_URL" in failures(Readiness(FakeAssistant(), Store(url, "hashed")))[0]


def test_a_trial_that_hangs_is_told_and_no_other_is_begun(store, monkeypatch):
    monkeypatch.setattr(readiness, "TRIAL_SECONDS", 0.05)
    assistant = FakeAssistant()
    assistant.go.clear()
    held = Readiness(assistant, store, held_seconds=0)
    threads = threading.active_count()

    async def ask():
        said = [await held.failure() for _ in range(3)]
        assistant.go.set()
        while (now := await held.failure()) != "":
            said.append(now)
        return said

    assert set(asyncio.run(ask())) == {LATE}
    assert len(assistant.asked) == 1
    assert threading.active_count() <= threads + 1


def test_readyz_says_what_is_wrong_and_healthz_only_that_the_process_runs():
    assistant = FailingAssistant()
    assistant.error = IndexUnusable("Run `uccn index --rebuild`")
    with client_of(assistant) as client:
        ready, alive = client.get("/readyz"), client.get("/healthz")

    assert (ready.status_code, alive.status_code) == (503, 200)
    assert error_of(ready)["message"] == "Run `uccn index --rebuild`"
    assert int(ready.headers["retry-after"]) > 0


def test_a_server_that_stops_is_not_ready():
    with client_of(FakeAssistant()) as client:
        assert client.get("/readyz").status_code == 200
        client.app.state.workers.close()
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200


def test_the_trial_question_is_answered_by_every_stage(tmp_path):
    assistant = opened(write_corpus(tmp_path / "corpus"), tmp_path / "index")

    assert set(assistant.probe().timings_ms) >= {"understand", "tabulate", "retrieve", "verify"}


@pytest.mark.model
def test_the_project_s_corpus_answers_the_trial_question_from_passages(assistant):
    answer = assistant.probe()

    assert (answer.status, answer.route) == ("answered", "passages")
    assert {"retrieve", "rerank"} <= set(answer.timings_ms)


def test_each_trial_searches_anew_so_that_an_index_that_went_away_is_noticed(tmp_path, monkeypatch):
    assistant = opened(write_corpus(tmp_path / "corpus"), tmp_path / "index")
    assistant.probe()

    def away(*_args, **_kwargs):
        raise IndexUnusable("The index is away")

    monkeypatch.setattr(type(assistant.index), "search_units", away)

    with pytest.raises(IndexUnusable):
        assistant.probe()
