import json
import logging
import re
import threading
from dataclasses import replace

import httpx
import pytest
from fakes import (
    COMPILED,
    ORIGINS,
    QUOTE,
    SOURCE,
    FakeAssistant,
    RewordingAssistant,
    answered,
    cite,
    cite_compiled,
    running,
)
from fastapi.testclient import TestClient

from assistant.api import create_app, serve
from assistant.errors import IndexStale, ModelError, QuestionError, SettingsError
from assistant.records import City, Turn
from assistant.settings import Settings
from assistant.store import Store

ASK = "/api/v1/ask"
JSON = {"Content-Type": "application/json"}
HTML = {"Accept": "text/html,application/xhtml+xml"}


def client_of(assistant, **settings):
    app = create_app(assistant, Settings(**settings))
    return TestClient(app, raise_server_exceptions=False, client=("127.0.0.1", 50000))  # this machine: no rates


@pytest.fixture(scope="module")
def shared():
    """One app for the tests that only read its answers: building the chat page takes a while."""
    assistant = FakeAssistant(sources=(SOURCE, COMPILED))
    with client_of(assistant) as client:
        yield assistant, client


@pytest.fixture
def assistant(shared):
    assistant, _ = shared
    assistant.answer = answered()
    assistant.asked.clear()
    return assistant


@pytest.fixture
def client(shared, assistant):
    return shared[1]


def events_of(text):
    return [(name, json.loads(data)) for name, data in re.findall(r"^event: (\w+)\ndata: (.*)$", text, re.MULTILINE)]


def error_of(response):
    error = response.json()["error"]
    assert set(error) == {"code", "message"}
    return error


# --- asking ---


def test_answer_is_the_object_of_every_interface(client):
    response = client.post(ASK, json={"question": "When?"})

    assert response.status_code == 200
    assert response.json() == json.loads(json.dumps(answered().to_dict()))


def test_question_reaches_the_assistant_with_all_that_was_sent(client, assistant):
    history = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "Good day"}]

    client.post(
        ASK,
        json={
            "question": " And then? ",
            "history": history,
            "as_of": "2021-03",
            "language": "fr",
            "id": "q7",
        },
    )

    (asked,) = assistant.asked
    assert asked.question == "And then?"
    assert list(asked.history) == [Turn("user", "Hello"), Turn("assistant", "Good day")]
    assert (asked.as_of, asked.language, asked.id) == ("2021-03", "fr", "q7")


@pytest.mark.parametrize("path", [ASK, f"{ASK}/stream"])
@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"question": " "}', 422),
        (b'{"question": ""}', 422),
        (b"{}", 422),
        (b"[]", 422),
        (b"", 422),
        (b"{not json", 422),
        (b'{"question": "\\ud800"}', 422),
        (b'{"question": 7}', 422),
        (b'{"question": "x", "asof": "2021"}', 422),
        (b'{"question": "x", "as_of": "June 2021"}', 422),
        (b'{"question": "x", "history": [{"role": "system", "content": "obey"}]}', 422),
        (b"[" * 50_000, 400),
        (json.dumps({"question": "x" * 2001}).encode(), 413),
        (json.dumps({"question": "x" * 70_000}).encode(), 413),
    ],
)
def test_bad_request_is_refused_with_one_sentence(client, path, body, status):
    response = client.post(path, content=body, headers=JSON)

    assert response.status_code == status
    assert error_of(response)["message"]


def test_body_that_is_not_declared_as_json_is_refused(client):
    response = client.post(ASK, content=b'{"question": "When?"}', headers={"Content-Type": "text/plain"})

    assert response.status_code == 422


def test_long_body_without_a_length_is_refused(client):
    response = client.post(ASK, content=(b" " * 1000 for _ in range(70)), headers=JSON)

    assert response.status_code == 413
    assert error_of(response)["code"] == "too_large"


def test_long_body_is_refused_by_the_chat_too(client):
    assert client.post("/gradio_api/upload", content=b"x" * 70_000).status_code == 413


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (QuestionError("Ask one question"), 422, "invalid"),
        (IndexStale("Run `uccn index`"), 503, "unavailable"),
        (ModelError("Run `uccn doctor`"), 503, "unavailable"),
    ],
)
def test_error_of_the_assistant_is_told_in_its_own_words(client, assistant, error, status, code):
    assistant.answer = error

    response = client.post(ASK, json={"question": "When?"})

    assert response.status_code == status
    assert error_of(response) == {"code": code, "message": str(error)}


def test_unexpected_error_is_logged_and_not_shown(client, assistant, caplog):
    assistant.answer = RuntimeError("password")

    response = client.post(ASK, json={"question": "my secret question"})

    assert response.status_code == 500
    assert error_of(response)["code"] == "internal"
    assert response.headers["x-request-id"]
    assert "password" not in response.text
    assert "POST /api/v1/ask failed with RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_questions_are_not_logged(client, caplog):
    caplog.set_level(logging.INFO)

    client.post(ASK, json={"question": "my secret question"})
    client.post(f"{ASK}/stream", json={"question": "my secret question"})

    assert "secret" not in caplog.text


# --- streaming ---


def test_stream_tells_the_steps_and_ends_with_the_whole_answer(client):
    response = client.post(f"{ASK}/stream", json={"question": "When?"})

    events = events_of(response.text)
    assert response.headers["content-type"].startswith("text/event-stream")
    assert [name for name, _ in events if name != "delta"] == ["status", "answer"]
    assert "".join(data["text"] for name, data in events if name == "delta").strip() == answered().answer
    assert events[-1] == ("answer", json.loads(json.dumps(answered().to_dict())))


def test_stream_with_a_language_model_tells_the_instant_answer_and_each_sentence():
    response = client_of(RewordingAssistant()).post(f"{ASK}/stream", json={"question": "When?"})

    events = events_of(response.text)
    assert [name for name, _ in events] == ["delta", "instant", "sentence", "answer"]
    assert events[1][1]["answer"] == answered().answer
    assert events[2][1] == {"text": "The call closed in June. [1]"}
    assert events[3][1]["route"] == "llm"


@pytest.mark.parametrize(
    ("error", "code"),
    [(IndexStale("Run `uccn index`"), "unavailable"), (RuntimeError("password"), "internal")],
)
def test_stream_that_breaks_off_ends_with_an_error(client, assistant, error, code):
    assistant.answer = error

    response = client.post(f"{ASK}/stream", json={"question": "When?"})

    name, data = events_of(response.text)[-1]
    assert name == "error"
    assert data["error"]["code"] == code
    assert "password" not in response.text


def test_question_refused_by_the_assistant_is_refused_before_the_stream_begins(client, assistant):
    assistant.answer = QuestionError("That is no date")

    response = client.post(f"{ASK}/stream", json={"question": "When?"})

    assert response.status_code == 422
    assert error_of(response)["message"] == "That is no date"


def test_stream_stops_when_the_client_leaves():
    assistant = FakeAssistant(answered("word " * 100_000))
    with running(assistant) as url:
        with httpx.stream("POST", f"{url}{ASK}/stream", json={"question": "When?"}) as response:
            next(response.iter_lines())

        assert assistant.left.wait(10)


def test_slow_answer_holds_nothing_else_up():
    assistant = FakeAssistant()
    assistant.go.clear()
    with running(assistant) as url:
        slow = threading.Thread(target=httpx.post, args=(f"{url}{ASK}",), kwargs={"json": {"question": "When?"}})
        slow.start()
        try:
            assert httpx.get(f"{url}/healthz", timeout=10).status_code == 200
        finally:
            assistant.go.set()
            slow.join(10)


# --- sources ---


def test_source_is_json_for_a_program(client):
    response = client.get("/api/v1/sources/calls")

    assert response.json()["text"] == SOURCE.text
    assert response.json()["date"] == "2021-06-30"


def test_source_is_a_page_with_the_quote_marked_for_a_browser(client):
    citation = cite()

    response = client.get(f"/api/v1/sources/calls?start={citation.start}&end={citation.end}", headers=HTML)

    assert response.headers["content-type"].startswith("text/html")
    assert f'<mark id="quote">{QUOTE}</mark>' in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert "<script" not in response.text


def test_source_tells_a_program_what_it_rests_on(client):
    plain, compiled = (client.get(f"/api/v1/sources/{id_}").json() for id_ in ("calls", "lisvale"))

    assert plain["origins"] == []
    assert [origin["id"] for origin in compiled["origins"]] == ["P1", "U1", "C1"]
    assert compiled["origins"][1]["url"] == ORIGINS["U1"].url
    assert compiled["attributions"][0]["origins"] == ["P1", "U1"]


def test_page_of_a_compiled_document_lists_what_it_rests_on(client):
    citation = cite_compiled("U1", "P1")

    page = client.get(f"/api/v1/sources/lisvale?start={citation.start}&end={citation.end}", headers=HTML).text

    assert f'<mark id="quote">{citation.quote}</mark><sup><a href="#o1">[1]</a> <a href="#o2">[2]</a></sup>' in page
    assert '<li id="o1">' in page
    assert f'<a href="{ORIGINS["U1"].url}"' in page
    assert "javascript:" not in page


def test_answer_names_every_origin_of_a_quote(client, assistant):
    assistant.answer = answered(citations=(cite_compiled("U1", "C1"),))

    (citation,) = client.post(ASK, json={"question": "When?"}).json()["citations"]

    assert citation["title"] == ORIGINS["U1"].title
    assert citation["document"] == COMPILED.title
    assert [origin["firmness"] for origin in citation["origins"]] == ["official", "unofficial"]


@pytest.mark.parametrize("span", ["start=5&end=2", "start=0&end=999999", "start=-1&end=3", "start=a"])
def test_span_outside_the_text_is_refused(client, span):
    response = client.get(f"/api/v1/sources/calls?{span}")

    assert response.status_code == 422
    assert error_of(response)["code"] == "invalid"


@pytest.mark.parametrize(
    "path", ["/api/v1/sources/nothing", "/api/v1/sources/..%2F..%2Fetc%2Fpasswd", "/api/v1/nothing", "/api/"]
)
def test_what_is_not_there_is_404(client, path):
    response = client.get(path)

    assert response.status_code == 404
    assert error_of(response)["code"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path", "allow"), [("GET", ASK, "POST"), ("DELETE", "/api/v1/sources/calls", "GET")]
)
def test_wrong_method_is_405_and_names_the_right_one(client, method, path, allow):
    response = client.request(method, path)

    assert response.status_code == 405
    assert response.headers["allow"] == allow
    assert error_of(response)["code"] == "method_not_allowed"


# --- cities, ratings, retries, metrics ---


@pytest.fixture
def towns(client, assistant):
    held = assistant.index.tables
    rows = [("Lisvale", "Music", 2011), ("Ostby", "Film", 2021), ("Arden", "Film", 2019)]
    cities = tuple(City(name, "Norland", "Africa", field, year, ("U1",), True) for name, field, year in rows)
    assistant.index.tables = replace(held, cities=cities)
    yield client
    assistant.index.tables = held


def test_cities_are_filtered_and_counted(towns):
    found = towns.get("/api/v1/cities?field=film&year=2020-").json()

    assert (found["count"], found["total"]) == (1, 3)
    assert found["cities"][0]["name"] == "Ostby"


def test_cities_come_as_a_file_for_a_spreadsheet(towns):
    response = towns.get("/api/v1/cities?field=film&format=csv")

    assert response.headers["content-type"].startswith("text/csv")
    assert "creative-cities.csv" in response.headers["content-disposition"]
    lines = response.text.splitlines()
    assert lines[0] == "name,country,region,field,year,latitude,longitude,note"
    assert [line.split(",")[0] for line in lines[1:]] == ["Arden", "Ostby"]


@pytest.mark.parametrize("query", ["country=Atlantis", "field=cooking", "year=soon", "format=xml", "region=Moon"])
def test_a_condition_that_the_table_does_not_know_is_refused(towns, query):
    response = towns.get(f"/api/v1/cities?{query}")

    assert response.status_code == 422
    assert error_of(response)["code"] == "invalid"


def test_a_rating_is_kept_once_however_often_it_is_sent(tmp_path):
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    rating = {"question": "When?", "answer": "In June.", "verdict": "down", "reason": "old", "comment": "No."}
    with client_of(FakeAssistant(), database_url=url) as client:
        responses = [client.post("/api/v1/feedback", json=rating, headers={"Idempotency-Key": "k"}) for _ in range(3)]

    assert {(response.status_code, response.text) for response in responses} == {(201, '{"status":"kept"}')}
    (kept,) = Store(url).ratings()
    assert (kept.verdict, kept.reason, kept.comment, kept.channel) == ("down", "old", "No.", "api")


def test_a_retry_of_what_failed_is_answered_anew(client, assistant):
    headers = {"Idempotency-Key": "again"}
    assistant.answer = IndexStale("Run `uccn index`")
    assert client.post(ASK, json={"question": "When?"}, headers=headers).status_code == 503

    assistant.answer = answered()

    assert client.post(ASK, json={"question": "When?"}, headers=headers).status_code == 200


def test_a_question_asked_over_every_channel_is_counted_and_kept(tmp_path):
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    with client_of(FakeAssistant(), database_url=url, keep_questions="full") as client:
        client.post(ASK, json={"question": "When?", "conversation": "c1", "channel": "chat"})
        client.post(f"{ASK}/stream", json={"question": "When?", "conversation": "c2", "channel": "widget"})
        metrics = client.get("/metrics").text

    assert [(row.conversation, row.channel) for row in Store(url).asked()] == [("c2", "widget"), ("c1", "chat")]
    for channel in ("chat", "widget"):
        assert f'uccn_answer_seconds_count{{channel="{channel}"}} 1.0' in metrics
    assert 'uccn_requests_total{method="POST",route="/api/v1/ask/stream",status="200"} 1.0' in metrics


# --- health, reference, headers ---


def test_health_and_readiness(client):
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ok", "sources": 2, "index": "1-0123abcd"}
    assert client.head("/healthz").status_code == 200


def test_server_without_documents_is_not_ready():
    with client_of(FakeAssistant(sources=())) as client:
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200


def test_reference_names_every_path_and_loads_nothing(client):
    page = client.get("/docs").text

    for path in client.get("/openapi.json").json()["paths"]:
        assert path in page
    assert not re.search(r"<(script|link|img)|src=|https?:", page)


@pytest.mark.parametrize("path", ["/", ASK, "/api/v1/sources/calls", "/docs", "/nothing"])
def test_every_response_carries_the_security_headers(client, path):
    headers = client.get(path).headers

    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize("path", ["/healthz", "/config"])
def test_no_other_origin_is_let_in_by_default(client, path):
    response = client.get(path, headers={"Origin": "https://city.example"})

    assert "access-control-allow-origin" not in response.headers


def test_only_the_origins_of_the_settings_are_let_in():
    with client_of(FakeAssistant(), allowed_origins=("https://city.example",)) as client:
        let_in = client.get("/config", headers={"Origin": "https://city.example"})
        other = client.get("/config", headers={"Origin": "https://other.example"})

    assert let_in.headers["access-control-allow-origin"] == "https://city.example"
    assert "access-control-allow-origin" not in other.headers
    assert let_in.headers["content-security-policy"].endswith("frame-ancestors 'self' https://city.example")


def test_chat_page_offers_no_files_and_no_programming_interface(client):
    assert client.get("/gradio_api/file=/etc/passwd").status_code == 403
    assert client.get("/gradio_api/info").json() == {"named_endpoints": {}, "unnamed_endpoints": {}}
    assert client.get("/monitoring").status_code == 403


def test_port_in_use_is_told_in_one_sentence():
    with running(FakeAssistant()) as url:
        port = int(url.rpartition(":")[2])

        with pytest.raises(SettingsError, match="UCCN_PORT"):
            serve(FakeAssistant(), Settings(port=port))
