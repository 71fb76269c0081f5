import io
import json
import logging.config
import re
from contextlib import contextmanager

from fakes import FakeAssistant, running
from test_api import ASK, client_of

from assistant.chain import Event
from assistant.logs import REQUEST_ID, log_config

SECRET = "my secret question"


class LoggingAssistant(FakeAssistant):
    """Writes a line from the thread that answers."""

    def stream(self, question, **_):
        logging.getLogger("assistant.chain").info("thinking")
        yield from super().stream(question)


@contextmanager
def log_of(form):
    """Configure logging as a server does, into a text."""
    config, held = log_config(form), io.StringIO()
    config["handlers"]["lines"]["stream"] = held
    names = ("assistant", "uvicorn")
    before = [(logging.getLogger(name), logging.getLogger(name).level) for name in names]
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logging.config.dictConfig(config)
    try:
        yield held
    finally:
        for logger, was in before:
            logger.handlers, logger.propagate = [], True
            logger.setLevel(was)
        root.handlers = handlers
        root.setLevel(level)


def test_each_line_of_a_request_has_the_id_of_its_reply():
    with log_of("json") as held, client_of(LoggingAssistant()) as client:
        response = client.post(ASK, json={"question": "When?"}, headers={"X-Request-ID": "given-1"})
        client.post(ASK, json={"question": "When?"})

    lines = [json.loads(line) for line in held.getvalue().splitlines()]
    mine = [line["message"] for line in lines if line["request_id"] == "given-1"]
    assert response.headers["x-request-id"] == "given-1"
    assert mine[0] == "thinking", "also from the thread that answers"
    assert re.fullmatch(r"POST /api/v1/ask 200 in \d+ ms", mine[1])
    assert len(mine) == 2
    assert REQUEST_ID.get() == "-"


def test_a_line_in_json_tells_of_a_request_in_fields():
    with log_of("json") as held, client_of(FakeAssistant(RuntimeError("broken"))) as client:
        client.post(ASK, json={"question": "When?"})

    line = next(json.loads(line) for line in held.getvalue().splitlines() if '"status"' in line)
    assert {name: line[name] for name in ("level", "logger", "method", "route", "status")} == {
        "level": "info",
        "logger": "assistant.guard",
        "method": "POST",
        "route": "/api/v1/ask",
        "status": 500,
    }
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line["time"])
    assert isinstance(line["milliseconds"], int)


def test_an_exception_stays_within_its_line():
    with log_of("json") as held:
        try:
            raise ValueError("two\nlines")
        except ValueError:
            logging.getLogger("assistant.api").exception("It broke")

    (line,) = held.getvalue().splitlines()
    assert "two\nlines" in json.loads(line)["exception"]


def test_lines_of_text_name_the_request_too():
    with log_of("text") as held, client_of(FakeAssistant()) as client:
        client.post(ASK, json={"question": "When?"}, headers={"X-Request-ID": "given-2"})

    assert re.search(r" INFO \[given-2\] POST /api/v1/ask 200 in \d+ ms$", held.getvalue(), re.M)


def test_no_line_at_info_has_a_word_of_a_question():
    class Failing(FakeAssistant):
        def stream(self, question, **_):
            yield Event("status", "Searching")
            if question.id == "fails":
                raise RuntimeError("the words of the error are ours")
            yield from super().stream(question)

    with log_of("json") as held, running(Failing(), keep_questions="full", database_url="sqlite:////dev/null/x") as url:
        import httpx

        for id_ in ("works", "fails"):
            for path in (ASK, f"{ASK}/stream"):
                httpx.post(f"{url}{path}", json={"question": SECRET, "id": id_})
        httpx.post(f"{url}{ASK}", json={"question": SECRET * 500})
        httpx.post(f"{url}{ASK}", content=f'{{"question": "{SECRET}"')
        httpx.get(f"{url}/answer", params={"q": SECRET})
        httpx.get(f"{url}/api/v1/sources/{SECRET}")
        httpx.get(f"{url}/api/v1/{SECRET}")

    assert held.getvalue().count('"status"') >= 7
    assert [line for line in held.getvalue().splitlines() if "secret" in line] == []


def test_what_a_browser_fetches_is_not_logged_where_it_went_well():
    with log_of("text") as held, client_of(FakeAssistant()) as client:
        for path in ("/", "/healthz", "/widget.js", "/metrics"):
            assert client.get(path).status_code == 200

    assert " INFO " not in held.getvalue()
