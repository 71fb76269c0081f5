"""How a server stops: answers in flight end, new questions are sent away with a time to come back."""

import signal
import socket
import threading
import time

import httpx
import pytest
import uvicorn
from fakes import FakeAssistant, answered
from test_api import ASK, events_of

from assistant.api import create_app
from assistant.server import Server
from assistant.settings import Settings

WHEN = {"question": "When?"}


class Running:
    """A server of a fake assistant in a thread."""

    def __init__(self, assistant, stop_seconds):
        app = create_app(assistant, Settings())
        config = uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1, http="h11")
        self.server = Server(config, app.state.workers, stop_seconds=stop_seconds)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listener]})
        self.thread.start()
        until(lambda: self.server.started)

    def stop(self):
        self.server.handle_exit(signal.SIGTERM, None)


def until(holds, seconds=20):
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.01)


@pytest.fixture
def run():
    started = []

    def start(assistant, stop_seconds=20.0):
        started.append((Running(assistant, stop_seconds), assistant))
        return started[-1][0]

    yield start
    for running, assistant in started:
        assistant.go.set()
        running.server.should_exit = running.server.force_exit = True
        running.thread.join(20)


def test_a_stream_in_flight_is_written_to_its_end_and_new_questions_are_told_to_come_back(run):
    assistant = FakeAssistant(answered("word " * 200))
    running = run(assistant)
    assistant.go.clear()
    with httpx.stream("POST", f"{running.url}{ASK}/stream", json=WHEN, timeout=30) as response:
        pieces = response.iter_text()
        said = next(pieces)

        running.stop()
        refused = httpx.post(f"{running.url}{ASK}", json=WHEN)
        ready, page = httpx.get(f"{running.url}/readyz"), httpx.get(f"{running.url}/healthz")
        assistant.go.set()
        said += "".join(pieces)

    assert (refused.status_code, ready.status_code, page.status_code) == (503, 503, 200)
    assert int(refused.headers["retry-after"]) > 0
    assert "being stopped" in refused.json()["error"]["message"]
    assert events_of(said)[-1][0] == "answer"
    running.thread.join(20)
    assert not running.thread.is_alive()


def test_a_server_without_work_stops_at_once(run):
    running = run(FakeAssistant())
    began = time.monotonic()

    running.stop()
    running.thread.join(20)

    assert not running.thread.is_alive()
    assert time.monotonic() - began < 5
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{running.url}/healthz")


@pytest.mark.parametrize("haste", ["the time is over", "a second signal"])
def test_an_answer_that_never_ends_does_not_hold_the_server(run, haste):
    assistant = FakeAssistant()
    running = run(assistant, 0.3 if haste == "the time is over" else 60)
    assistant.go.clear()
    asking = threading.Thread(target=ask_in_vain, args=(running.url,))
    asking.start()
    until(lambda: assistant.asked)
    began = time.monotonic()

    running.stop()
    if haste == "a second signal":
        running.stop()
    running.thread.join(20)

    assert not running.thread.is_alive()
    assert time.monotonic() - began < 10
    assistant.go.set()
    asking.join(20)


def ask_in_vain(url):
    with pytest.raises(httpx.HTTPError):
        httpx.post(f"{url}{ASK}", json=WHEN, timeout=30).raise_for_status()
