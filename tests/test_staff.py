"""The staff's pages: who is let in, and what they show."""

import json

import numpy
import pytest
from fakes import COMPILED, SOURCE, FakeAssistant, answered
from fastapi import FastAPI
from fastapi.testclient import TestClient
from small import WordEmbeddings

from assistant.access import COOKIE, TRIES, Peer, open_access
from assistant.errors import SettingsError
from assistant.guard import guard
from assistant.records import Answer, Passage, Unit
from assistant.settings import Settings
from assistant.staff import STATUSES, add_staff, draft_of
from assistant.store import Rating, Store
from evals.cases import read_case

PASSWORD = "correct-horse-battery"
EVIL = '<script>bad()</script>"><img src=x onerror=bad()>'
PAGES = ("", "/questions", "/gaps", "/board", "/corpus", "/corpus/calls", "/evals")
HERE = {"Origin": "http://testserver"}


def by_words(texts):
    return numpy.array(WordEmbeddings().embed_documents(list(texts)), dtype=numpy.float32)


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/store.sqlite3", "full")
    yield store
    store.close()


@pytest.fixture
def make(tmp_path, store):
    """Return a client of an app with the staff's pages alone; `peer` is the machine that it comes from."""

    def make(peer="127.0.0.1", *, login=False, **changes):
        settings = Settings(**({"staff_password": PASSWORD} | changes))
        assistant = FakeAssistant(sources=(SOURCE, COMPILED))
        start = SOURCE.text.index("The 2021")
        unit = Unit("The 2021 call closed on 30 June 2021.", start, start + 37, expected=("When did it <close>?",))
        assistant.index.passages = {
            "calls#0": Passage("calls#0", "calls", "T", ("Calls",), SOURCE.text, 0, 99, (unit,))
        }
        app = FastAPI()
        guard(app, settings)
        add_staff(app, assistant, settings, store, runs=tmp_path / "runs", embed=by_words)
        app.add_middleware(Peer)
        client = TestClient(app, client=(peer, 50000), follow_redirects=False)
        if login:
            client.post("/staff/login", data={"password": PASSWORD}, headers=HERE)
        return client

    return make


def ask(store, question="What does a bid cost?", status="no_answer", **changes):
    fields = {"question": question, "status": status, "answer": "No source says it."}
    store.record(Answer(**(fields | changes)), channel="chat")


# --- the lock ---


@pytest.mark.parametrize("page", PAGES)
def test_without_a_setting_there_are_no_such_pages(make, page):
    client = make(staff_password="")

    assert client.get(f"/staff{page}").status_code == 404
    assert client.get("/staff/login").status_code == 404
    assert client.post("/staff/login", data={"password": ""}).status_code == 404


@pytest.mark.parametrize("page", [*PAGES, "/evals/report", "/evals/drafts"])
def test_whoever_has_not_logged_in_is_led_to_the_login(make, page):
    answer = make().get(f"/staff{page}")

    assert (answer.status_code, answer.headers["location"]) == (303, "/staff/login")


def test_the_password_opens_the_pages_and_logging_out_closes_them(make):
    client = make()

    answer = client.post("/staff/login", data={"password": PASSWORD}, headers=HERE)

    cookie = answer.headers["set-cookie"]
    assert (answer.status_code, answer.headers["location"]) == (303, "/staff")
    assert all(part in cookie for part in ("HttpOnly", "SameSite=strict", "Path=/staff", f"{COOKIE}="))
    assert PASSWORD not in cookie
    assert client.get("/staff").status_code == 200
    client.post("/staff/logout", headers=HERE)
    assert client.get("/staff").status_code == 303


@pytest.mark.parametrize("value", ["", "staff", "staff.x.y", "staff.AAAA.aaaaaaaaaaaaaaaaaaaaaaaaaaa"])
def test_a_cookie_of_somebody_else_opens_nothing(make, value):
    assert make().get("/staff", headers={"Cookie": f"{COOKIE}={value}"}).status_code == 303


def test_a_cookie_opens_every_worker_of_its_store_and_no_other(make, store, tmp_path):
    headers = {"Cookie": f"{COOKIE}={make(login=True).cookies[COOKIE]}"}

    assert make().get("/staff", headers=headers).status_code == 200
    assert make(staff_password="another-horse-battery").get("/staff", headers=headers).status_code == 303
    store._engine.dispose()
    (tmp_path / "store.sqlite3").rename(tmp_path / "elsewhere.sqlite3")
    store._key = b""
    assert make().get("/staff", headers=headers).status_code == 303


def test_a_wrong_password_is_refused_and_too_many_of_them_bar_the_address_alone(make):
    client = make()

    statuses = [client.post("/staff/login", data={"password": "wrong"}).status_code for _ in range(TRIES)]

    assert set(statuses) == {401}
    assert client.post("/staff/login", data={"password": PASSWORD}).status_code == 429


def test_a_form_of_another_website_changes_nothing(make, tmp_path):
    client = make(login=True)

    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {}):
        answer = client.post("/staff/evals/drafts", data={"question": "A?"}, headers=headers)
        assert answer.status_code == 403
    assert not (tmp_path / "runs").exists()


def test_a_trusted_proxy_names_the_staff(make):
    settings = {"staff_password": "", "staff_header": "X-Staff", "trusted_proxies": "10.0.0.0/8"}
    client = make("10.1.2.3", **settings)

    assert client.get("/staff", headers={"X-Staff": "ana"}).status_code == 200
    assert client.get("/staff").status_code == 403
    assert "organisation's login" in client.get("/staff").json()["error"]["message"]


@pytest.mark.parametrize("peer", ["11.1.2.3", "", "testclient"])
def test_the_header_of_anybody_else_opens_nothing(make, peer):
    client = make(peer, staff_password="", staff_header="X-Staff", trusted_proxies="10.0.0.0/8")

    headers = {"X-Staff": "ana", "X-Forwarded-For": "10.1.2.3", "Forwarded": "for=10.1.2.3"}
    assert client.get("/staff", headers=headers).status_code == 403


def test_a_lock_that_would_not_hold_is_refused_at_the_start():
    with pytest.raises(SettingsError, match="UCCN_STAFF_PASSWORD is too short"):
        open_access(Settings(staff_password="short"), bytes)
    with pytest.raises(SettingsError, match="UCCN_STAFF_HEADER needs UCCN_TRUSTED_PROXIES"):
        open_access(Settings(staff_header="X-Staff"), bytes)


# --- the pages ---


def test_the_overview_counts_what_is_kept(make, store):
    ask(store)
    ask(store, status="answered")
    store.rate(Rating("When?", "Then.", "down"))

    text = make(login=True).get("/staff").text

    assert "<strong>2</strong>questions kept" in text
    assert "<strong>1 (50 %)</strong>not answered" in text
    assert "<strong>1</strong>rated down" in text
    assert "<strong>2</strong>gaps" in text


def test_questions_are_listed_newest_first_and_by_status(make, store):
    ask(store, "Old question?")
    ask(store, "New question?", status="answered")
    client = make(login=True)

    text = client.get("/staff/questions").text
    refused = client.get("/staff/questions?status=no_answer").text

    assert text.index("New question?") < text.index("Old question?")
    assert "New question?" not in refused
    assert "Old question?" in refused


def test_gaps_group_what_was_asked_in_vain(make, store):
    ask(store, "what does a bid cost")
    ask(store, "what does one bid cost")
    store.rate(Rating("is lunch free", "Yes.", "down", reason="wrong", comment="It is not."))

    text = make(login=True).get("/staff/gaps").text

    assert text.count('<li class="passage">') == 2
    assert "times: 2" in text
    assert "It is not." in text
    assert "1 other wordings" in text


def test_the_board_shows_the_documents_that_answers_rest_on(make, store):
    store.record(answered(question="When?"), channel="api")

    text = make(login=True).get("/staff/board").text

    assert "Calls &amp; dates" in text
    assert "Lisvale &amp; the Network" not in text


def test_a_document_is_shown_as_it_is_indexed(make):
    client = make(login=True)

    text = client.get("/staff/corpus/calls").text

    assert "<code>calls#0</code>" in text
    assert "The 2021 call closed on 30 June 2021." in text
    assert "When did it &lt;close&gt;?" in text
    assert client.get("/staff/corpus/none").status_code == 404
    assert 'href="../staff/corpus/calls"' in client.get("/staff/corpus").text


def test_one_click_makes_an_eval_item_that_a_set_can_take(make, store, tmp_path):
    ask(store, "Combien coûte une candidature ?", language="fr")
    client = make(login=True)
    fields = {
        "question": "Combien coûte une candidature ?",
        "status": "no_answer",
        "language": "fr",
        "sources": "calls x",
    }

    first = client.post("/staff/evals/drafts", data=fields, headers=HERE)
    client.post("/staff/evals/drafts", data=fields, headers=HERE)

    assert (first.status_code, first.headers["location"]) == (303, "/staff/evals?kept=true")
    lines = client.get("/staff/evals/drafts").text.splitlines()
    assert lines == (tmp_path / "runs" / "drafts.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert len({row["id"] for row in rows}) == 2
    case = read_case(rows[0], "drafts")
    assert (case.question.question, case.status, case.sources) == (fields["question"], "no_answer", ("calls", "x"))
    assert case.language == "fr"
    assert "drafts below" in client.get("/staff/evals?kept=true").text


@pytest.mark.parametrize("status", [*STATUSES, "nonsense"])
def test_every_draft_is_a_case(status):
    assert read_case(draft_of("A?", status, "", [], number=1), "drafts").question.question == "A?"


def test_the_last_report_is_shown_where_it_can_do_nothing(make, tmp_path):
    client = make(login=True)
    assert "There is no report yet" in client.get("/staff/evals").text
    assert client.get("/staff/evals/report").status_code == 404
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "report.html").write_text("<h1>Report</h1>", encoding="utf-8")

    report = client.get("/staff/evals/report")

    assert report.text == "<h1>Report</h1>"
    assert "sandbox allow-scripts; default-src 'none'" in report.headers["content-security-policy"]
    assert 'sandbox="allow-scripts"' in client.get("/staff/evals").text


def test_what_visitors_wrote_is_escaped_on_every_page(make, store):
    ask(store, EVIL, standalone_question=EVIL + "?")
    store.rate(Rating(EVIL, EVIL, "down", reason=EVIL[:50], comment=EVIL))
    client = make(login=True)
    client.post("/staff/evals/drafts", data={"question": EVIL, "sources": EVIL}, headers=HERE)

    for page in PAGES:
        answer = client.get(f"/staff{page}")
        assert "<script>bad" not in answer.text
        assert "<img src=x" not in answer.text
        assert answer.headers["cache-control"] == "no-store"


def test_without_kept_questions_the_pages_say_so(make, store):
    store.keep = "off"

    assert "Questions are not kept" in make(login=True).get("/staff/questions").text
