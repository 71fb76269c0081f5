"""What breaks around the assistant: processes killed, disks full or read-only, clocks that jump, files that are traps.

The fault table of docs/operate.md names a test for each row. HOSTILE_QUESTIONS=10000 makes the questions many.
"""

import asyncio
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import zlib
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from builders import PROSE, word
from hypothesis import HealthCheck, example, given
from hypothesis import settings as sized
from hypothesis import strategies as st
from small import SMALL, WordEmbeddings, write_corpus, write_document
from small_network import write_network
from test_api import ASK, events_of
from test_chain import assistant_on, check_contract
from test_refuse import opened

from assistant.chunk import chunk
from assistant.corpus import read_corpus
from assistant.errors import CorpusError, IndexUnusable, QuestionError
from assistant.index import build_index, open_index
from assistant.quota import Quota
from assistant.records import Turn
from assistant.scope import asks_elsewhere, honest_part, names_network, tampers
from assistant.settings import Settings
from assistant.store import Store
from assistant.values import dates
from assistant.wording import parts_of

TESTS = Path(__file__).parent
ROOT = TESTS.parent
DOCS = ROOT / "docs" / "operate.md"
MANY = int(os.environ.get("HOSTILE_QUESTIONS", "0"))
WHEN = {"question": "When?"}


# --- processes ---

SERVER = """
import json, sys, threading
sys.path[:0] = sys.argv[2:]
from fakes import FakeAssistant, answered
from assistant.api import serve
from assistant.settings import Settings

class Slow(FakeAssistant):
    def stream(self, question, **_):
        if question.id != "slow":
            yield from super().stream(question)
            return
        for step in super().stream(question):
            yield step
            threading.Event().wait(0.2)

serve(Slow(answered("word " * 8)), Settings(**json.loads(sys.argv[1])))
"""


@contextmanager
def served(folder, port):
    """Serve a fake assistant in a process of its own, with a store; yield the process once it answers."""
    options = {"port": port, "database_url": f"sqlite:///{folder}/store.sqlite3", "keep_questions": "full"}
    command = [sys.executable, "-c", SERVER, json.dumps(options), str(TESTS), str(ROOT)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            until(lambda: process.poll() is not None or listens(port))
            assert httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=60).status_code == 200
            yield process
        finally:
            process.kill()


def listens(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def until(holds, seconds=120):
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends
        time.sleep(0.1)


def test_a_server_that_was_killed_comes_back_with_all_that_it_had_kept(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}{ASK}"
    store = Store(f"sqlite:///{tmp_path}/store.sqlite3", "full")

    with served(tmp_path, port) as process:
        assert httpx.post(url, json=WHEN).status_code == 200
        with httpx.stream("POST", f"{url}/stream", json={**WHEN, "id": "slow"}) as response:
            pieces = response.iter_text()
            next(pieces)
            process.kill()
            with pytest.raises(httpx.HTTPError):
                list(pieces)
    assert len(store.asked()) == 1

    with served(tmp_path, port) as process:
        with httpx.stream("POST", f"{url}/stream", json={**WHEN, "id": "slow"}) as response:
            pieces = response.iter_text()
            said = next(pieces)
            process.send_signal(signal.SIGTERM)
            said += "".join(pieces)
        status = process.wait(30)
        log = process.stderr.read()

    assert events_of(said)[-1][0] == "answer", "an answer in flight is written to its end"
    assert status == 0
    assert "Traceback" not in log
    assert len(store.asked()) == 2


# --- disks ---

FULL_DISK = """
import resource, signal, sys
from pathlib import Path
sys.path[:0] = sys.argv[2:]
from assistant.errors import StoreError
from assistant.records import Answer
from assistant.store import Store
store = Store(f"sqlite:///{sys.argv[1]}", "full")
answer = Answer(question="When?", status="answered", answer="In June. " * 500)
store.record(answer, channel="api")
resource.setrlimit(resource.RLIMIT_FSIZE, (Path(sys.argv[1]).stat().st_size, resource.RLIM_INFINITY))
refused = 0
for _ in range(20):
    try:
        store.record(answer, channel="api")
    except StoreError as error:
        refused += 1
        told = str(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
held = len(store.asked())
store.record(answer, channel="api")
assert len(store.asked()) == held + 1
print(refused, held, told)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on the size of files")
def test_a_full_disk_under_the_store_is_one_sentence_and_costs_nothing_that_was_kept(tmp_path):
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path / "store.sqlite3"), str(ROOT)]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    refused, held, told = done.stdout.split(" ", 2)
    assert int(refused) > 0
    assert int(held) == 21 - int(refused)
    assert "UCCN_DATABASE_URL" in told
    assert told.count("\n") == 1


READ_ONLY = """
import sys
from pathlib import Path
sys.path[:0] = sys.argv[3:]
from small import WordEmbeddings
from assistant.errors import IndexUnusable
from assistant.index import build_index, open_index
corpus, index = Path(sys.argv[1]), Path(sys.argv[2])
print(open_index(index, "words").search_units(WordEmbeddings().embed_query("musicians work in Lisvale"), 1)[0][0])
try:
    build_index(corpus, index, embeddings=WordEmbeddings(), model="words", rebuild=True)
except IndexUnusable as error:
    print(error)
"""


def test_a_read_only_index_serves_and_a_build_says_what_to_set(tmp_path):
    corpus, index = write_corpus(tmp_path / "corpus"), tmp_path / "index"
    build_index(corpus, index, embeddings=WordEmbeddings(), model="words")
    found = open_index(index, "words").search_units(WordEmbeddings().embed_query("musicians work in Lisvale"), 1)[0][0]
    before = {path: path.read_bytes() for path in index.rglob("*") if path.is_file()}
    mount = f'mount --bind {index} {index} && mount -o remount,ro,bind {index} || exit 9; exec "$@"'
    python = [sys.executable, "-c", READ_ONLY, str(corpus), str(index), str(TESTS), str(ROOT)]

    done = subprocess.run(
        ["unshare", "--map-root-user", "--mount", "sh", "-c", mount, "sh", *python],
        capture_output=True,
        text=True,
        check=False,
    )

    if done.returncode == 9 or "unshare" in done.stderr:
        pytest.skip("this machine lets nobody mount")
    lines = done.stdout.splitlines()
    assert lines[0] == found, done.stderr
    assert "UCCN_INDEX" in lines[1]
    assert len(lines) == 2
    assert {path: path.read_bytes() for path in index.rglob("*") if path.is_file()} == before


# --- clock ---


@pytest.mark.parametrize("days", [365, -365])
def test_a_clock_that_jumps_and_comes_back_locks_nobody_out(monkeypatch, days):
    now, jump = time.time, [0]
    monkeypatch.setattr(time, "time", lambda: now() + jump[0])
    quota = Quota()

    async def ask(times):
        return [await quota.take("3/minute;5/hour", "asks", "somebody") for _ in range(times)]

    async def jumped():
        jump[0] = days * 86400
        during = await ask(5)
        jump[0] = 0
        return during, await ask(5)

    during, after = asyncio.run(jumped())

    assert during[:3] == [0, 0, 0]
    assert after[:3] == [0, 0, 0]
    assert 0 < max(during + after) <= 3600, "whoever has to wait waits for no longer than the rate says"


# --- a language model's server ---


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {"id": "1", "obj',
        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: []\n\ndata: nonsense\n\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<h1>Hello</h1>",
        b"HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
    ],
    ids=["hangs up", "breaks off", "talks nonsense", "is a web page", "is busy", "is no web server"],
)
def test_a_model_server_that_fails_in_any_way_leaves_the_instant_answer(tmp_path, network_index, reply):
    pytest.importorskip("langchain_openai", reason="langchain-openai is not installed: `make test` installs it")
    from assistant.llm import open_model

    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(30)

    def talk():
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(reply)

    threading.Thread(target=talk, daemon=True).start()
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    settings = Settings(llm="openai:stub", llm_base_url=address, llm_timeout_seconds=3)
    corpus, index = network_index
    assistant = assistant_on(corpus, index, model=open_model(settings), model_timeout_seconds=3)
    began = time.monotonic()

    answer = assistant.ask("When was the deadline of the 2021 call?")

    listener.close()
    assert (answer.status, answer.route) == ("answered", "facts")
    assert "language model" in answer.notes[-1]
    assert time.monotonic() - began < 15


@pytest.fixture(scope="module")
def network_index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("network")
    return write_network(folder / "corpus"), folder / "index"


# --- documents ---


def test_a_folder_that_changes_while_it_is_read_is_indexed_whole_once_it_rests(tmp_path):
    corpus, index = write_corpus(tmp_path / "corpus"), tmp_path / "index"
    rests = threading.Event()
    chance = random.Random(2026)

    def disturb():
        number = 0
        while not rests.is_set():
            number += 1
            path = write_document(
                corpus, f"town-{number % 5}", "A town", "2021", f"The town has {number} bridges. {PROSE}"
            )
            if chance.random() < 0.5:
                path.unlink()
            time.sleep(0.001)

    writer = threading.Thread(target=disturb)
    writer.start()
    built = 0
    try:
        for _ in range(4):
            with suppress(IndexUnusable, CorpusError):
                build_index(corpus, index, embeddings=WordEmbeddings(), model="words")
                built += 1
            assert set(SMALL) <= set(open_index(index, "words").sources), "what was not touched is always there"
    finally:
        rests.set()
        writer.join()

    report = build_index(corpus, index, embeddings=WordEmbeddings(), model="words")

    assert built
    assert report.unreadable == ()
    now = {source.id: source.text for source in read_corpus(corpus).sources}
    assert {id_: source.text for id_, source in open_index(index, "words").sources.items()} == now


def pdf_of(stream, filters=b"/FlateDecode", kids=b"3 0 R"):
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] /Count 1 >>" % kids,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R /Resources << >> >>",
        b"<< /Length %d /Filter %s >>\nstream\n%s\nendstream" % (len(stream), filters, stream),
    ]
    out = b"%PDF-1.7\n"
    places = []
    for number, text in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, text)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % len(out)
    return out + b"xref\n0 5\n0000000000 65535 f \n" + table + end


ZEROS = zlib.compress(b"\0" * (200 * 2**20), 9)
LAUGHS = b"".join(b"<!ENTITY %c '%s'>" % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
TRAPS = {
    "pages that hold themselves.pdf": pdf_of(b"", kids=b"2 0 R"),
    "a stream of 200 MB.pdf": pdf_of(ZEROS),
    "a stream in a stream.pdf": pdf_of(zlib.compress(ZEROS), b"[/FlateDecode /FlateDecode]"),
    "no end.pdf": b"%PDF-1.7\n1 0 obj\n<< /Length 999999999 >>\nstream\n" + b"x" * 100_000,
    "laughs.html": b"<!DOCTYPE h [<!ENTITY a 'ha'>" + LAUGHS + b"]><body><p>&j;</p>",
    "an entity of a file.html": b"<!DOCTYPE h [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><body><p>&x;</p>",
    "deep.html": b"<body>" + b"<div>" * 100_000 + PROSE.encode(),
    "attributes.html": b"<p " + b"a=b " * 100_000 + b">" + PROSE.encode(),
    "null bytes.html": b"<body>\0<p>\0" + PROSE.encode(),
    "brackets.md": b"[" * 20_000,
    "quotes.md": b"> " * 5_000 + b"x",
    "front matter without end.md": b"---\n" + b"a: &a [*a]\n" * 50,
    "aliases.md": b"---\na: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\ntitle: *c\n---\n" + PROSE.encode(),
    "one line.txt": b"The port of Lisvale is open to all. " * 3_000,
    "one word.txt": b"x" * 100_000,
    "marks.txt": ("\u202e\u200b\u2066\ufeff" * 5_000 + PROSE).encode(),
}


@pytest.mark.parametrize("name", TRAPS)
def test_a_document_that_is_a_trap_is_read_or_told_in_good_time_and_the_rest_is_indexed(tmp_path, name):
    write_document(tmp_path, "sound", "Sound", "2021", PROSE)
    (tmp_path / "documents" / name).write_bytes(TRAPS[name])
    began = time.process_time()

    corpus = read_corpus(tmp_path)
    passages = [passage for source in corpus.sources for passage in chunk(source)]

    assert time.process_time() - began < 10  # seconds; most take a tenth of it
    assert "sound" in {source.id for source in corpus.sources}
    assert len(corpus.sources) + len(corpus.unreadable) == 2
    assert all("\n" not in file.reason for file in corpus.unreadable)
    assert Path("/etc/hostname").read_text().strip() not in "".join(passage.text for passage in passages)
    assert all(len(passage.text) < 2_000_000 for passage in passages)


SOUND = {
    "a.docx": word(("Title", "The guild"), ("Normal", PROSE), ("List Bullet", "Sing")),
    "a.html": f"<html><body><main><h1>The guild</h1><p>{PROSE}</p><ul><li>Sing</ul></main>".encode(),
    "a.pdf": pdf_of(zlib.compress(b"BT /F1 12 Tf (The guild of Lisvale sings) Tj ET")),
    "a.md": f"---\nid: guild\ntitle: The guild\n---\n# The guild\n\n{PROSE}\n\n| A |\n|---|\n| 1 |\n".encode(),
}


@sized(max_examples=MANY or 40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(sorted(SOUND)), data=st.data())
def test_a_document_with_any_bytes_altered_is_read_or_told(tmp_path, name, data):
    content = bytearray(SOUND[name])
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place : place + data.draw(st.integers(0, 20))] = data.draw(st.binary(max_size=8))
    folder = tmp_path / "altered"
    shutil.rmtree(folder, ignore_errors=True)
    write_document(folder, "sound", "Sound", "2021", PROSE)
    (folder / "documents" / name).write_bytes(content)

    corpus = read_corpus(folder)

    assert len(corpus.sources) + len(corpus.unreadable) == 2
    assert all("\n" not in file.reason for file in corpus.unreadable)


# --- questions ---

MARKS = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202a\u202b\u202d\u202e\u202c\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
NASTY = (
    *("\ud800", "\udfff\ud800", "\x00", "\x1b[31m", "\r\n", "\u2028", "\u0085", "a\u0300\u0301\u0302" * 40),
    *("\U0001f468\u200d\U0001f469", "\u1100\u1161\u11a8", "\ufdfa", "𝕎𝕙𝕖𝕟", "ⅩⅢ", "١٩٩٩", "²⁰²¹", "İstanbul", "ß"),
    *("'; DROP TABLE asked; --", "{{7*7}}", "%s%n", "../../etc/passwd", "<script>", "[1]", "2021", "City of Music"),
    *("Lisvale", "How many member cities", "?", "and", "not", "中国", "كم"),
)
PIECES = st.one_of(
    st.sampled_from(NASTY), st.text(max_size=40), st.text(st.sampled_from(MARKS), max_size=10), st.characters()
)
QUESTIONS = st.one_of(
    st.lists(PIECES, min_size=1, max_size=12).map(" ".join), st.lists(PIECES, min_size=1, max_size=30).map("".join)
)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    return opened(write_corpus(folder / "corpus"), folder / "index")


@sized(max_examples=MANY or 300, deadline=None)
@given(QUESTIONS)
def test_the_parts_that_read_a_question_take_any_text(question):
    assert isinstance(honest_part(question), str)
    assert isinstance(tampers(question) or asks_elsewhere(question) or names_network(question), bool)
    assert all(isinstance(part, str) for part in parts_of(question))
    assert all(date.iso for date in dates(question))


@sized(max_examples=MANY or 60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(QUESTIONS, QUESTIONS)
@example("and", "What?")  # nothing is left of it without its beginning
def test_any_question_gets_an_answer_that_keeps_the_contract(small, question, before):
    with suppress(QuestionError):  # nothing to read is left of it, or it is too long
        answer = small.ask(question, history=[Turn("user", before), Turn("assistant", before)])
        check_contract(answer, small.index.sources)
        json.dumps(answer.to_dict()).encode()


@pytest.mark.parametrize("piece", ["x", "x ", "\u200b", "中", "a\u0301", "((", "the ", "2021 ", "ı", "\U0001f468"])
def test_a_line_of_100_kb_is_refused_before_it_is_read(small, piece):
    line = (piece * 100_000)[:100_000]
    began = time.process_time()

    with pytest.raises(QuestionError):
        small.ask(line)
    small.ask("When was the deadline of the 2021 call?", history=[Turn("user", line), Turn("assistant", line)])

    assert time.process_time() - began < 10  # seconds


# --- the table ---


def test_fault_table():
    section = DOCS.read_text(encoding="utf-8").partition("\n## Faults\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\|(?!---)(.+)\|$", section, re.M)[1:]
    named = [(name, test) for row in rows for name, test in re.findall(r"`(test_\w+)\.py::(test_\w+)`", row)]
    mine = set(re.findall(r"^def (test_\w+)", Path(__file__).read_text(encoding="utf-8"), re.M)) - {"test_fault_table"}

    assert rows
    assert all("::test_" in row for row in rows), "each row names its test"
    for name, test in named:
        text = (TESTS / f"{name}.py").read_text(encoding="utf-8")
        assert re.search(rf"^\s*def {test}\(", text, re.M), f"{name}.py has no {test}"
    assert mine <= {test for _, test in named}, "each test of this file is in the table"
