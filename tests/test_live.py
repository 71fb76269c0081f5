import logging
import threading

import httpx
import pytest
from fakes import SOURCE, FakeAssistant, answered, running

from assistant.errors import IndexAway, IndexStale
from assistant.live import LiveAssistant
from assistant.records import Question

QUESTION = Question("When?")


class Versions:
    """A folder of indexes, each with an assistant of its own."""

    def __init__(self, *answers):
        self.opened = [self._assistant(number, answer) for number, answer in enumerate(answers)]
        self.number = 0
        self.error = None

    def _assistant(self, number, answer):
        made = FakeAssistant(answer if isinstance(answer, Exception) else answered(answer))
        made.index.version = str(number)
        made.warm = lambda: None
        return made

    def open(self):
        if self.error:
            raise self.error
        return self.opened[self.number]

    def live(self):
        return LiveAssistant(self.opened[0], reopen=self.open, current=lambda: str(self.number))


def test_a_new_version_is_taken_and_the_same_one_is_not_opened_again():
    versions = Versions("old", "new")
    live = versions.live()
    versions.error = AssertionError("opened again")
    live.refresh()
    versions.error, versions.number = None, 1

    assert live.ask(QUESTION).answer == "old"
    live.refresh()

    assert live.ask(QUESTION).answer == "new"
    assert live.index.version == "1"


def test_an_answer_that_has_begun_ends_on_the_version_that_it_began_on():
    versions = Versions("the old one", "the new one")
    live = versions.live()
    steps = live.stream(QUESTION)
    next(steps)
    versions.number = 1

    live.refresh()

    assert list(steps)[-1].answer.answer == "the old one"


def test_a_version_that_cannot_be_opened_is_logged_once_and_the_old_one_goes_on(caplog):
    versions = Versions("old", "new")
    live = versions.live()
    versions.number, versions.error = 1, IndexStale("built with another model: run `uccn index`")

    for _ in range(3):
        live.refresh()

    assert live.ask(QUESTION).answer == "old"
    assert len(caplog.messages) == 1
    assert "run `uccn index`" in caplog.text
    versions.error = None
    live.refresh()
    assert live.ask(QUESTION).answer == "new"


def test_a_version_that_the_server_holds_no_longer_is_answered_from_the_current_one():
    versions = Versions(IndexAway("gone"), "new")
    live = versions.live()
    versions.number = 1

    assert [step.name for step in live.stream(QUESTION)] == ["status", "status", "delta", "answer"]
    assert live.ask(QUESTION).answer == "new"


def test_a_server_that_is_away_is_told_where_there_is_no_other_version():
    live = Versions(IndexAway("gone")).live()

    with pytest.raises(IndexAway, match="gone"):
        live.ask(QUESTION)
    with pytest.raises(IndexAway, match="gone"):
        list(live.stream(QUESTION))


def test_what_is_made_of_an_assistant_is_made_once_for_each():
    versions = Versions("old", "new")
    live, made = versions.live(), []
    of_each = live.of_each(lambda now: made.append(now.index.version) or len(made))

    assert (of_each(), of_each()) == (1, 1)
    versions.number = 1
    live.refresh()

    assert (of_each(), of_each()) == (2, 2)
    assert made == ["0", "1"]


def test_new_versions_are_followed_and_an_error_ends_nothing(monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr("assistant.live.LOOKED_SECONDS", 0.01)
    versions = Versions("old", "new")
    live, tried = versions.live(), threading.Event()

    def broken():
        tried.set()
        raise RuntimeError("not one of ours")

    taken, live._reopen = live._reopen, broken
    with live.following():
        versions.number = 1
        assert tried.wait(30)
        live._reopen = taken
        for _ in range(3000):
            if live.index.version == "1":
                break
            threading.Event().wait(0.01)

    assert live.ask(QUESTION).answer == "new"
    assert "Answering from version 1 of the index" in caplog.messages


def test_every_page_and_route_follows_the_index():
    versions = Versions("old", "new")
    for number, assistant in enumerate(versions.opened):
        source = SOURCE if number == 0 else type(SOURCE)("new-one", "New", "A newer text.", as_of="2031-02-03")
        assistant._sources = (source,)
        assistant.index.sources = {source.id: source}
    live = versions.live()

    with running(live) as address:
        before = [httpx.get(f"{address}{path}").text for path in ("/", "/readyz", f"/api/v1/sources/{SOURCE.id}")]
        versions.number = 1
        live.refresh()
        after = [httpx.get(f"{address}{path}").text for path in ("/", "/readyz", "/api/v1/sources/new-one")]
        gone = httpx.get(f"{address}/api/v1/sources/{SOURCE.id}")

    assert f'"newest": "{SOURCE.date}"' in before[0]
    assert '"newest": "2031-02-03"' in after[0]
    assert ('"index":"0"' in before[1], '"index":"1"' in after[1]) == (True, True)
    assert "A newer text." in after[2]
    assert gone.status_code == 404
