import json
import re

import pytest
from fakes import FakeAssistant, cite_table
from fastapi.testclient import TestClient

from assistant.api import create_app
from assistant.captions import LANGUAGES, captions_of
from assistant.chat import MODULES, build_frame
from assistant.pages import STATIC
from assistant.settings import Settings

WORDS = captions_of("en").of_chat()
SCRIPTS = {path.stem: path.read_text(encoding="utf-8") for path in (STATIC / "chat").glob("*.js")}


@pytest.fixture(scope="module")
def client():
    with TestClient(create_app(FakeAssistant(tables=True), Settings())) as client:
        yield client


def state(client):
    page = client.get("/").text
    return json.loads(re.search(r'<script type="application/json" id="uccn-state">(.*?)</script>', page)[1])


def test_document_begins_the_page_before_gradio_has_loaded(client):
    page = client.get("/").text

    head = page[: page.index("</head>")]
    assert '<script type="module" src="page/static/chat.js"></script>' in head
    assert '<link rel="stylesheet" href="page/static/chat.css">' in head
    assert "window.gradio_config" in head


def test_length_of_the_document_is_told_right(client):
    response = client.get("/")

    assert int(response.headers["content-length"]) == len(response.content)
    assert response.content.count(b"uccn-state") == 1


def test_page_is_told_what_the_server_has_and_keeps(client):
    told = state(client)

    assert told["longest"] == 2000
    assert (told["keep"], told["keep_days"], told["model"]) == ("off", 90, False)
    assert told["documents"] == len(FakeAssistant(tables=True).sources())


def test_what_is_told_cannot_end_its_script():
    app = create_app(FakeAssistant(), Settings(llm="openai:</script><script>bad()"))
    with TestClient(app) as client:
        assert client.get("/").text.count("bad()") == 0


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_served_and_asked_after_each_time(client, name):
    response = client.get(f"/page/static/{name}.js")

    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/javascript")
    assert response.headers["cache-control"] == "no-cache"
    again = client.get(f"/page/static/{name}.js", headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304


def test_every_script_is_loaded_ahead():
    assert set(SCRIPTS) == set(MODULES)


def test_page_names_no_other_host():
    for name, text in {**SCRIPTS, "css": (STATIC / "chat" / "chat.css").read_text(encoding="utf-8")}.items():
        assert set(re.findall(r"https?://[\w.]+", text)) <= {"http://www.w3.org"}, name  # the name of SVG


def test_frame_is_one_slot_and_offers_no_event_to_programs():
    frame = build_frame()

    assert [part["type"] for part in frame.get_config_file()["components"]] == ["html"]
    assert frame.fns == {}


def test_exhibit_tells_of_the_quoted_cities(client):
    quoted = cite_table("Lisvale")
    stretch = {"source_id": quoted.source_id, "start": quoted.start, "end": quoted.end}

    shown = client.post("/page/exhibit", json={"question": "When?", "citations": [stretch], "language": "fr"}).json()

    assert [row["name"] for row in shown["cities"]] == ["Lisvale"]
    assert shown["cities"][0]["country"] == "Norlande"


def test_exhibit_of_an_unanswered_question_offers_what_can_be_answered(client):
    shown = client.post("/page/exhibit", json={"question": "What is the fee?", "answered": False}).json()

    assert shown["next"][0] == FakeAssistant().expected("")[0]
    assert shown["cities"] == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"question": "x", "language": "../../etc"},
        {"question": "x", "citations": [{"source_id": "a", "start": -1, "end": 2}]},
        {"question": "x", "asked": ["a"] * 1000},
    ],
)
def test_exhibit_refuses_what_is_no_answer(client, body):
    response = client.post("/page/exhibit", json=body)

    assert response.status_code == 422
    assert response.json()["error"]["code"] == "invalid"


def test_all_cities_are_told_in_a_language(client):
    rows = client.get("/page/cities?language=fr").json()

    assert [row["country"] for row in rows] == ["Norlande", "Norlande", "Osterlande", "Osterlande"]
    assert client.get("/page/cities?language=" + "x" * 9).status_code == 422


@pytest.mark.parametrize(
    "path", ["/page/words/../chat/chat.js", "/page/static/../../settings.py", "/page/words/xx.json"]
)
def test_nothing_else_is_served(client, path):
    assert client.get(path).status_code == 404


# --- the words of the page ---


def test_words_come_in_a_language_and_are_sent_once(client):
    response = client.get("/page/words/fr.json")

    assert response.json()["send"] == "Envoyer"
    assert len(response.json()["examples"]) == 6
    assert response.headers["cache-control"] == "no-cache"
    again = client.get("/page/words/fr.json", headers={"If-None-Match": response.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_every_word_is_used_and_none_is_missing():
    said = "".join(SCRIPTS.values())
    used = set(re.findall(r'\bt\("(\w+)"', said))
    spelt = set(re.findall(r'"([a-z_]+)"', said)) | set(re.findall(r"^\s+\w+: \"(\w+)\"", said, flags=re.MULTILINE))
    stems = set(re.findall(r"`(\w+_)\$\{", said))

    assert used <= set(WORDS)
    unused = {key for key in WORDS if key not in spelt and not any(key.startswith(stem) for stem in stems)}
    assert unused <= {"press", "official", "unofficial", "organisation"}  # keys without quotes in a table


def test_languages_of_the_page_are_those_with_words():
    listed = re.search(r"export const LANGUAGES = \{(.*?)\}", SCRIPTS["words"], flags=re.DOTALL)[1]

    assert dict(re.findall(r'(\w\w): "(.+?)"', listed)) == LANGUAGES
