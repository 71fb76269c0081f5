"""Two workers behind nginx, on a Chroma server, a PostgreSQL database and a Redis that they share."""

import itertools
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
import pytest
from engines import Engine, chroma, free_port, nginx, postgres, redis, started, until
from fakes import FakeAssistant, running
from small import LISVALE, write_corpus, write_document

from assistant.store import Store

ROOT = Path(__file__).parent.parent
PLANS = "What does the third plan of Lisvale say about other member cities?"
HALLS = "How many concert halls has Lisvale?"
QUESTIONS = (HALLS, "How many member cities has the Network?", "When was the deadline of the 2021 call?")


class Deployment:
    """Two workers, the proxy before them, and what they share."""

    def __init__(self, folder, settings):
        self.folder = folder
        self.environment = {**os.environ, **settings}
        self.workers = [self._worker() for _ in range(2)]
        self.address = ""

    def _worker(self):
        port = free_port()
        command = [sys.executable, "-m", "assistant", "serve", "--port", port]
        worker = Engine(command, port, cwd=ROOT, env=self.environment)
        worker.url = f"http://127.0.0.1:{port}"
        worker.ready = lambda: ready(worker.url)
        return worker

    def index(self):
        command = [sys.executable, "-m", "assistant", "index"]
        subprocess.run(command, cwd=ROOT, env=self.environment, check=True, capture_output=True, timeout=240)
        return (self.folder / "index" / "current").read_text().removeprefix("v-")

    def ask(self, question=HALLS, address="", **body):
        return httpx.post(f"{address or self.address}/api/v1/ask", json={"question": question, **body}, timeout=60)


def ready(address):
    """Return the version that a worker answers from, '' where it cannot."""
    try:
        told = httpx.get(f"{address}/readyz", timeout=10)
    except httpx.HTTPError:
        return ""
    return told.json()["index"] if told.status_code == 200 else ""


@pytest.fixture(scope="module")
def deployment(tmp_path_factory, built_index):
    folder = tmp_path_factory.mktemp("deployed")
    write_corpus(folder / "corpus")
    (folder / "index").mkdir()
    (folder / "index" / "models").symlink_to(built_index / "models")
    with chroma(folder / "chroma") as vectors, postgres() as database, redis(folder) as counters:
        settings = {
            "UCCN_CORPUS": str(folder / "corpus"),
            "UCCN_INDEX": str(folder / "index"),
            "UCCN_CHROMA_URL": vectors.url,
            "UCCN_DATABASE_URL": database.url,
            "UCCN_KEEP_QUESTIONS": "full",
            "UCCN_RATE_STORE": counters.url,
            "UCCN_RATE_ASKS": "",
            "UCCN_RATE_CALLS": "5/minute",
            "UCCN_TRUSTED_PROXIES": "127.0.0.1",
            "UCCN_STAFF_PASSWORD": "correct-horse-battery",
            "UCCN_THREADS": "1",
        }
        made = Deployment(folder, settings)
        made.index()
        first, second = made.workers
        with nginx(folder / "nginx", first.port, second.port) as proxy, started(first), started(second):
            made.address, made.database, made.vectors = proxy.url, database, vectors
            yield made


LEFT_ALONE = 5.5  # seconds that nginx leaves a worker alone after its 503s, here those of the test before


class Load:
    """Questions through the proxy, from several threads, while a block runs."""

    def __init__(self, deployment, threads=3):
        self.deployment, self.ended = deployment, threading.Event()
        self.got = []
        self.threads = [threading.Thread(target=self._ask, args=(n,)) for n in range(threads)]

    def _ask(self, number):
        with httpx.Client(base_url=self.deployment.address, timeout=60) as client:
            for turn in itertools.count():
                if self.ended.is_set():
                    return
                # The number keeps every other question out of the memory of answers.
                question = f"{QUESTIONS[turn % 3]} ({number}-{turn})" if turn % 2 else HALLS
                sent = time.monotonic()
                try:
                    answer = client.post("/api/v1/ask", json={"question": question})
                    self.got.append((sent, question, answer.status_code, answer.text))
                except httpx.HTTPError as error:
                    self.got.append((sent, question, 0, repr(error)))
                self.ended.wait(0.05)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        for thread in self.threads:
            thread.join(60)

    @property
    def failed(self):
        return [row for row in self.got if row[2] != 200]


@pytest.mark.model
def test_a_conversation_goes_on_with_the_other_worker(deployment):
    first, second = (worker.url for worker in deployment.workers)
    said = deployment.ask("When was the deadline of the 2021 call?", first).json()
    history = [{"role": "user", "content": said["question"]}, {"role": "assistant", "content": said["answer"]}]

    alone = deployment.ask("And what must an application to it contain?", second).json()
    followed = deployment.ask("And what must an application to it contain?", second, history=history).json()

    assert "15 May 2021" in said["answer"]
    assert "2021" in followed["standalone_question"]
    assert "2021" not in alone["standalone_question"]


@pytest.mark.model
def test_each_worker_knows_the_retries_and_the_staff_of_the_other(deployment):
    first, second = (worker.url for worker in deployment.workers)
    headers = {"Idempotency-Key": "once"}
    body = {"question": HALLS, "id": "first"}

    httpx.post(f"{first}/api/v1/ask", json=body, headers=headers)
    again = httpx.post(f"{second}/api/v1/ask", json=body, headers=headers)
    login = httpx.post(f"{first}/staff/login", data={"password": "correct-horse-battery"}, headers={"Origin": first})
    cookie = {"Cookie": login.headers["set-cookie"].partition(";")[0]}

    assert again.headers["idempotent-replayed"] == "true"
    assert httpx.get(f"{second}/staff", headers=cookie).status_code == 200
    assert httpx.get(f"{second}/staff").status_code == 303


@pytest.mark.model
def test_what_a_visitor_claims_of_his_address_counts_for_nothing_and_workers_count_together(deployment):
    answers = [
        httpx.get(f"{deployment.address}/api/v1/cities", headers={"X-Forwarded-For": f"203.0.113.{n}"})
        for n in range(7)
    ]
    beside = httpx.get(f"{deployment.workers[0].url}/api/v1/cities", headers={"X-Forwarded-For": "203.0.113.77"})

    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert answers[-1].headers["retry-after"]
    assert beside.status_code == 200, "the proxy itself is believed"
    assert httpx.get(f"{deployment.address}/metrics").status_code == 404


@pytest.mark.model
def test_a_new_index_fails_no_request_and_leaves_no_old_answer(deployment):
    before = {ready(worker.url) for worker in deployment.workers}
    changed = LISVALE.replace("14 concert halls", "15 concert halls")
    write_document(deployment.folder / "corpus", "lisvale-music", "Lisvale, City of Music", "2020", changed)

    with Load(deployment) as load:
        version = deployment.index()
        until(lambda: {ready(worker.url) for worker in deployment.workers} == {version}, 120)
        taken = time.monotonic()
        until(lambda: sum(sent > taken for sent, *_ in load.got) > 20)

    early = [text for sent, question, _, text in load.got if sent < taken and question == HALLS]
    late = [text for sent, question, _, text in load.got if sent > taken and question == HALLS]
    assert before != {version}
    assert load.failed == []
    assert any("14 concert halls" in text for text in early)
    assert all("15 concert halls" in text and "14 concert halls" not in text for text in late)
    assert len(late) > 5


@pytest.mark.model
def test_what_was_asked_of_either_worker_is_in_the_one_database(deployment):
    for number, worker in enumerate(deployment.workers):
        deployment.ask(HALLS, worker.url, conversation=f"both-{number}")
    store = Store(deployment.database.url, "full")

    until(lambda: all(store.asked(conversation=f"both-{number}") for number in range(2)))
    store.close()


@pytest.mark.model
def test_without_the_chroma_server_readiness_says_no_and_comes_back(deployment):
    worker = deployment.workers[0].url

    deployment.vectors.stop()
    until(lambda: not ready(worker), 30)  # what was found out is held for a moment
    away = httpx.get(f"{worker}/readyz")
    refused = deployment.ask(PLANS)
    alive = httpx.get(f"{worker}/healthz")
    deployment.vectors.start()

    until(lambda: all(ready(one.url) for one in deployment.workers), 30)
    assert (away.status_code, refused.status_code, alive.status_code) == (503, 503, 200)
    assert refused.headers["retry-after"]
    assert deployment.vectors.url not in away.text + refused.text
    assert deployment.ask(PLANS, worker).status_code == 200


@pytest.mark.model
def test_a_worker_that_is_stopped_fails_no_request(deployment):
    time.sleep(LEFT_ALONE)
    with Load(deployment) as load:
        until(lambda: len(load.got) > 5)
        deployment.workers[1].stop()
        stopped = time.monotonic()
        until(lambda: sum(sent > stopped for sent, *_ in load.got) > 10)

    assert load.failed == []


def test_a_stream_comes_through_the_proxy_event_by_event(tmp_path):
    assistant = FakeAssistant()
    with running(assistant, rate_asks="") as address:
        port = address.rpartition(":")[2]
        with nginx(tmp_path / "nginx", port, port) as proxy:
            assistant.go.clear()
            body = {"question": "When?"}
            with httpx.stream("POST", f"{proxy.url}/api/v1/ask/stream", json=body, timeout=30) as response:
                lines = response.iter_lines()
                first = next(lines)
                held = not assistant.go.is_set()
                assistant.go.set()
                rest = "\n".join(lines)

    assert first == "event: status"
    assert held, "it came before there was an answer"
    assert "event: answer" in rest
