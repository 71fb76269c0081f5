"""The routes beside the chat: files, links to answers, the application path."""

import datetime
import io
from dataclasses import replace
from urllib.parse import unquote

import docx
import icalendar
import pytest
from conftest import ROOT
from fakes import QUOTE, SOURCE, FakeAssistant, answered, cite, cite_compiled
from fastapi.testclient import TestClient

from assistant.api import create_app
from assistant.beside import MOST_EXCHANGES, checked, file_name
from assistant.chain import open_assistant
from assistant.guard import LARGER_BODY_BYTES
from assistant.permalink import written
from assistant.records import Passage, Unit
from assistant.settings import Settings

TODAY = datetime.date.today()
NEXT = f"The next call closes on 3 March {TODAY.year + 1}."


@pytest.fixture
def assistant():
    return FakeAssistant()


@pytest.fixture
def client(assistant):
    return TestClient(create_app(assistant, Settings(corpus=ROOT / "corpus")))


def body(*answers, **changes):
    exchanges = [{"question": "When?", "answer": one.to_dict()} for one in answers or (answered(),)]
    return {"title": "Our call", "language": "en", "exchanges": exchanges} | changes


# --- files ---


@pytest.mark.parametrize(
    ("format_", "type_", "start"),
    [
        ("md", "text/markdown", b"# Our call"),
        ("docx", "application/vnd.openxml", b"PK"),
        ("pdf", "application/pdf", b"%PDF"),
    ],
)
def test_an_answer_as_the_api_gives_it_becomes_a_file(client, format_, type_, start):
    given = client.post("/api/v1/ask", json={"question": "When?"}).json()

    answer = client.post(f"/export/{format_}", json=body(exchanges=[{"question": "When?", "answer": given}]))

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(type_)
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="uccn-our-call-{TODAY}.{format_}"')
    assert answer.headers["cache-control"] == "no-store"
    assert answer.content.startswith(start)


def test_a_word_file_of_the_route_opens(client):
    data = client.post("/export/docx", json=body()).content

    assert docx.Document(io.BytesIO(data)).paragraphs[0].text == "Our call"


def test_a_title_in_another_script_names_the_file_too(client):
    answer = client.post("/export/md", json=body(title="申请 流程", language="zh"))

    named = answer.headers["content-disposition"]
    assert f'filename="uccn-answers-{TODAY}.md"' in named
    assert f"uccn-申请-流程-{TODAY}.md" in unquote(named)
    assert "由 UCCN Assistant 导出" in answer.text


def test_a_name_holds_no_path_quote_or_line_end():
    for name in file_name('../../"a"\r\nX: y; ' + "long " * 50, "md", TODAY):
        assert not set(name) & set('/\\"\r\n;: ')
        assert len(name) < 100


def test_without_a_title_the_first_question_is_it(client):
    assert client.post("/export/md", json=body(title="")).text.startswith("# When?")


def test_a_quote_is_checked_anew_and_a_forged_one_is_marked(client):
    forged = answered(citations=(replace(cite(), quote="The 2021 call never closed."),))

    text = client.post("/export/md", json=body(forged)).text

    assert "could not be found in the document today" in text
    assert "could not be found" not in client.post("/export/md", json=body()).text


def test_a_quote_of_a_document_that_is_gone_is_unchecked(assistant):
    gone = answered(citations=(replace(cite(), source_id="gone"),))

    assert [one.verified for one in checked(gone, assistant).citations] == [False]


def test_a_calendar_has_the_days_ahead_and_without_any_the_reason_is_told(client):
    ahead = answered(citations=(replace(cite(), quote=NEXT),))

    held = client.post("/export/ics", json=body(ahead))
    none = client.post("/export/ics", json=body(language="fr"))

    (event,) = icalendar.Calendar.from_ical(held.content).walk("VEVENT")
    assert event.decoded("dtstart") == datetime.date(TODAY.year + 1, 3, 3)
    assert held.headers["content-type"].startswith("text/calendar")
    assert none.status_code == 422
    assert "il n'y a pas de calendrier à créer" in none.json()["error"]["message"]


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"exchanges": []}, 422, "exchanges"),
        ({"exchanges": [{"question": "When?"}]}, 422, "answer"),
        (
            {"exchanges": [{"question": "When?", "answer": {"question": "?", "status": "sure", "answer": ""}}]},
            422,
            "status",
        ),
        ({"exchanges": [{"question": "?", "answer": answered().to_dict()}] * (MOST_EXCHANGES + 1)}, 422, "exchanges"),
        ({"title": "x" * 300}, 422, "title"),
        ({"language": "../etc"}, 422, "language"),
        ({"title": "x" * LARGER_BODY_BYTES["/export/"]}, 413, "longer than"),
    ],
)
def test_what_cannot_become_a_file_is_refused_in_one_sentence(client, changes, status, words):
    answer = client.post("/export/md", json=body(**changes))

    assert answer.status_code == status
    assert words in answer.json()["error"]["message"]


def test_an_unknown_format_is_refused(client):
    assert client.post("/export/exe", json=body()).status_code == 422
    assert client.get("/export/md").status_code in (404, 405)


# --- links ---


def test_a_link_opens_on_the_same_answer(client, assistant):
    url = client.post("/permalink", json={"answer": answered(question="When?").to_dict()}).json()["url"]

    page = client.get(f"/{url}")

    assert page.status_code == 200
    assert "gives the same answer, word for word" in page.text
    assert QUOTE in page.text
    assert [asked.question for asked in assistant.asked] == ["When?"]
    assert page.headers["x-robots-tag"] == "noindex"


def test_a_link_to_an_answer_that_has_changed_shows_what_is_new(client, assistant):
    url = client.post("/permalink", json={"answer": answered(question="When?").to_dict()}).json()["url"]
    assistant.answer = answered("It closed on **1 July 2021**. [1]")

    text = client.get(f"/{url}").text

    assert "on the same quotes, in other words" in text
    assert "Sentences that are new, marked below: 1" in text
    assert '<span class="badge new">new</span>It closed on <strong>1 July 2021' in text


def test_a_link_to_an_answer_that_is_refused_now_says_so_in_its_language(client, assistant):
    then = answered(question="When?", language="fr")
    url = client.post("/permalink", json={"answer": then.to_dict()}).json()["url"]
    assistant.answer = answered("Aucune.", status="no_answer", citations=())

    text = client.get(f"/{url}").text

    assert "donne une autre réponse" in text
    assert "Alors : Réponse donnée. Maintenant : Aucune source" in text


def test_words_that_are_no_longer_quoted_are_shown_where_they_stand(client, assistant):
    words = "Another sentence follows."
    start = SOURCE.text.index(words)
    unit = Unit(words, start, start + len(words))
    assistant.index.passages = {"calls#0": Passage("calls#0", "calls", "T", (), SOURCE.text, 0, 9, (unit,))}
    then = answered(question="When?", citations=(cite(), cite(words, n=2)))
    url = client.post("/permalink", json={"answer": then.to_dict()}).json()["url"]

    text = client.get(f"/{url}").text

    assert "No longer quoted, and still in the corpus" in text
    assert f"api/v1/sources/calls?start={start}&amp;end={start + len(words)}#quote" in text


def test_a_damaged_link_and_one_without_a_question_say_what_to_do(client):
    assert "The link is damaged" in client.get("/answer?q=When&seen=xyz").text
    empty = client.get("/answer")
    assert (empty.status_code, "holds no question" in empty.text) == (404, True)
    assert "does not say what was answered before" in client.get("/answer?q=When").text


def test_a_hostile_question_is_escaped_on_the_page_of_a_link(client, assistant):
    evil = '<script>bad()</script>"><img src=x onerror=bad()>'
    assistant.answer = answered(f"{evil} [1]", citations=(cite_compiled("P1", "C1"),), standalone_question=evil)

    text = client.get("/answer", params={"q": evil, "seen": written(assistant.answer, corpus="0", today=TODAY)}).text

    assert "<script>bad" not in text
    assert "<img src=x" not in text
    assert "javascript:" not in text


def test_opening_links_counts_as_asking(assistant):
    app = create_app(assistant, Settings(corpus=ROOT / "corpus", rate_asks="2/minute"))
    client = TestClient(app, client=("203.0.113.5", 50000))

    statuses = [client.get("/answer?q=When").status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


# --- the path ---


def test_a_corpus_whose_statements_are_not_in_the_index_has_no_path(client):
    page = client.get("/path")

    assert page.status_code == 200
    assert "This corpus has no application path" in page.text
    assert client.get("/path/export/md").status_code == 404


def test_pages_may_load_nothing_from_elsewhere(client):
    for address in ("/path", "/answer?q=When"):
        policy = client.get(address).headers["content-security-policy"]
        assert "default-src 'none'; style-src 'self'; script-src 'self'" in policy


@pytest.mark.parametrize(
    ("asked", "header", "language"),
    [("?lang=ar", "fr", 'lang="ar" dir="rtl"'), ("", "fr-CA,en", 'lang="fr" dir="ltr"'), ("?lang=xx", "", 'lang="en"')],
)
def test_the_language_is_that_of_the_address_else_of_the_browser(client, asked, header, language):
    assert f"<html {language}" in client.get(f"/path{asked}", headers={"Accept-Language": header}).text


@pytest.fixture(scope="module")
def real_assistant(real_settings):
    """The product's own corpus and models; `assistant` is the fake one here."""
    return open_assistant(real_settings)


@pytest.mark.model
def test_the_page_of_our_own_path_names_its_sources_and_no_date_of_the_next_call(real_settings, real_assistant):
    client = TestClient(create_app(real_assistant, real_settings))

    page = client.get("/path?field=Design&region=Africa").text

    assert "The 2025 call of the UNESCO Creative Cities Network closed on 3 March 2025, at midnight Paris time." in page
    assert "no source in this collection states the closing date of the 2027 call" in page
    assert page.count('type="checkbox"') == 21
    assert ">Cape Town<" in page
    assert "Member cities found: 1 of 408" in page
    text = client.get("/path/export/md?lang=en&done=send_in_time,nonsense").text
    assert "- [x] **Send the file in time**" in text
    assert text.count("- [x]") == 1
    assert client.get("/path/export/pdf?lang=ar").content.startswith(b"%PDF")


@pytest.mark.model
def test_a_link_to_a_real_answer_opens_on_the_same_answer(real_settings, real_assistant):
    client = TestClient(create_app(real_assistant, real_settings))
    given = client.post("/api/v1/ask", json={"question": "Which cities of Poland are members?"}).json()

    url = client.post("/permalink", json={"answer": given}).json()["url"]

    assert len(url) < 600
    assert "gives the same answer, word for word" in client.get(f"/{url}").text
