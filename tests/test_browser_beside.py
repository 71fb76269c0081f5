"""The pages beside the chat in a real browser: used by keyboard, on a phone, from right to left, and by axe-core.

BESIDE_PICTURES=docs pytest tests/test_browser_beside.py -k picture    draws the pictures of these pages anew
"""

import os
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT
from fakes import running
from test_browser import CHROMIUM, DESKTOP, FLAGS, PHONE

from assistant.captions import LANGUAGES, captions_of
from assistant.records import Answer
from assistant.settings import Settings
from assistant.store import Rating, open_store

PASSWORD = "correct-horse-battery"
STAFF = ("", "/questions", "/gaps", "/board", "/corpus", "/corpus/call-2025", "/evals")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.model,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: install it to run the browser tests"),
]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served(real_settings, assistant, tmp_path_factory):
    """The whole product on its own corpus, with a few questions kept."""
    folder = tmp_path_factory.mktemp("kept")
    changes = {
        "database_url": f"sqlite:///{folder}/store.sqlite3",
        "keep_questions": "full",
        "staff_password": PASSWORD,
    }
    settings = real_settings.model_copy(update=Settings(**changes).model_dump(include=set(changes)))
    store = open_store(settings)
    for question, status in (
        ("What does an application cost?", "no_answer"),
        ("Is there a fee for an application?", "no_answer"),
        ("Combien coûte une candidature ?", "no_answer"),
        ("Which hotel is near the conference?", "out_of_scope"),
    ):
        store.record(Answer(question=question, status=status, answer="No source says it."), channel="chat")
    for question in ("When did the 2025 call close?", "Which Polish cities are members?"):
        store.record(assistant.ask(question), channel="chat")
    store.rate(Rating("Which Polish cities are members?", "Seven.", "down", reason="incomplete", comment="Years?"))
    with running(assistant, **dict(settings)) as url:
        yield url
    store.close()


@pytest.fixture
def visit(browser, served):
    """Open a page in a profile of its own; in the end nothing may have failed or gone elsewhere."""
    opened = []

    def visit(address, *, login=False, **options):
        context = browser.new_context(**{"viewport": DESKTOP, "accept_downloads": True, **options})
        requests, failures = [], []
        context.on("request", lambda request: requests.append(request.url))
        context.on("weberror", lambda error: failures.append(str(error.error)))
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("console", lambda message: failures.append(message.text) if message.type == "error" else None)
        if login:
            page.goto(f"{served}/staff/login")
            page.get_by_label("Password").fill(PASSWORD)
            page.get_by_role("button", name="Log in").click()
            page.get_by_role("heading", name="Overview").wait_for()
        page.goto(f"{served}{address}")
        opened.append((context, requests, failures))
        return page

    yield visit
    for context, requests, failures in opened:
        context.close()
        assert [url for url in requests if urlsplit(url).netloc != urlsplit(served).netloc] == []
        assert failures == []


def findings(page):
    """What axe-core finds, each with the first place."""
    held = Axe().run(page).response["violations"]
    return [(one["id"], one["impact"], one["nodes"][0]["html"][:200]) for one in held]


def too_wide(page):
    return page.evaluate("document.documentElement.scrollWidth > innerWidth")


@pytest.fixture(scope="module")
def link(served):
    import httpx

    given = httpx.post(f"{served}/api/v1/ask", json={"question": "When did the 2025 call close?"}, timeout=120).json()
    return "/" + httpx.post(f"{served}/permalink", json={"answer": given}, timeout=30).json()["url"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "ar", "zh"])
def test_axe_finds_nothing_on_the_path(visit, scheme, language):
    page = visit(f"/path?lang={language}&field=Design&region=Africa", color_scheme=scheme)

    assert findings(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_page_of_a_link(visit, link, scheme):
    page = visit(link, color_scheme=scheme)

    assert page.get_by_role("status").inner_text().startswith("Today's corpus gives the same answer")
    assert findings(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_the_staff(visit, scheme):
    page = visit("/staff", login=True, color_scheme=scheme)

    for address in STAFF:
        page.goto(re.sub(r"/staff.*", f"/staff{address}", page.url))
        assert findings(page) == [], address


def test_axe_finds_nothing_on_the_login(visit):
    assert findings(visit("/staff/login")) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_path_fits_a_phone_in_every_language(visit, language):
    page = visit(f"/path?lang={language}&region=Africa", viewport=PHONE)

    assert not too_wide(page)
    assert page.locator("html").get_attribute("dir") == captions_of(language).direction
    assert findings(page) == []


def test_a_small_window_and_twice_the_size_of_letters_cut_nothing_off(visit):
    page = visit("/path?field=Music", viewport={"width": 640, "height": 500})
    page.evaluate("document.documentElement.style.fontSize = '200%'")

    assert not too_wide(page)


def test_ticks_stay_in_the_browser_and_go_into_the_files(visit):
    page = visit("/path")
    page.get_by_role("checkbox", name="Send the file in time").check()
    page.get_by_role("checkbox", name="Choose one creative field").check()

    page.reload()

    assert page.locator("#progress").inner_text() == "Tasks done: 2 of 21"
    with page.expect_download() as held:
        page.get_by_role("link", name="Markdown").click()
    text = Path(held.value.path()).read_text(encoding="utf-8")
    assert held.value.suggested_filename.endswith(".md")
    assert text.count("- [x]") == 2
    assert "- [x] **Send the file in time**" in text
    page.get_by_role("button", name="Clear all ticks").click()
    assert page.locator("#progress").inner_text() == "Tasks done: 0 of 21"


def test_the_path_can_be_used_by_keyboard_alone(visit):
    page = visit("/path")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "checkbox":
            break
    page.keyboard.press("Space")

    assert page.locator("#progress").inner_text() == "Tasks done: 1 of 21"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"


def test_a_line_opens_on_its_words_in_the_document(visit):
    page = visit("/path")
    words = "The 2025 call of the UNESCO Creative Cities Network closed on 3 March 2025, at midnight Paris time."

    page.locator("li", has_text=words).get_by_role("link", name="Read it in the document").first.click()

    assert page.locator("mark").all_inner_texts() == [words]


def test_a_task_can_be_asked_about_in_the_chat(visit):
    page = visit("/path")

    address = page.locator("#send_in_time .ask a").get_attribute("href")

    assert parse_qs(urlsplit(address).query) == {"q": ["When did the 2025 call close?"]}


def test_cities_are_found_by_field_and_region_without_a_script(visit):
    page = visit("/path?lang=es", java_script_enabled=False)

    page.get_by_label("Campo creativo", exact=True).select_option("Film")
    page.get_by_label("Región de la UNESCO").select_option("Africa")
    page.get_by_role("button", name="Mostrar ciudades").click()

    assert page.locator("#found").inner_text().startswith("Ciudades miembros encontradas:")
    assert page.locator("section:has(#cities) tbody tr").count() >= 1
    assert page.url.endswith("#cities")


def test_the_language_can_be_switched(visit):
    page = visit("/path?lang=en&field=Film")

    page.locator(".languages summary").click()
    page.get_by_role("link", name="العربية").click()

    assert page.locator("html").get_attribute("dir") == "rtl"
    assert "field=Film" in page.url


def test_the_theme_that_was_chosen_in_the_chat_holds(visit):
    page = visit("/path", color_scheme="light")
    page.evaluate("localStorage.setItem('uccn.theme', 'dark')")

    page.reload()

    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(16, 22, 29)"


def test_staff_make_an_eval_item_of_a_question_by_one_click(visit, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # drafts are kept below the folder that the server runs in
    page = visit("/staff/questions", login=True)

    page.get_by_role("button", name="Make an eval item of: Which hotel is near the conference?").click()

    assert "was added to the drafts" in page.get_by_role("status").inner_text()
    with page.expect_download() as held:
        page.get_by_role("link", name="Download drafts.jsonl").click()
    assert "Which hotel is near" in Path(held.value.path()).read_text(encoding="utf-8")


def test_questions_of_one_meaning_are_one_gap(visit):
    page = visit("/staff/gaps", login=True)

    first = page.locator("li.passage").first
    assert "times: 3" in first.inner_text()
    assert "2 other wordings" in first.inner_text()


PICTURES = {
    "path": ("/path#steps", {}, False),
    "path-phone": ("/path?lang=ru", {"viewport": PHONE}, False),
    "path-arabic": ("/path?lang=ar", {"color_scheme": "dark"}, False),
    "staff-gaps": ("/staff/gaps", {}, True),
    "staff-document": ("/staff/corpus/call-2025", {}, True),
}


@pytest.mark.skipif("BESIDE_PICTURES" not in os.environ, reason="draws pictures only where it is told the folder")
def test_pictures(visit, link):
    folder = ROOT / os.environ["BESIDE_PICTURES"]

    for name, (address, options, login) in {**PICTURES, "link": (link, {}, False)}.items():
        page = visit(address, login=login, **options)
        page.screenshot(path=folder / f"{name}.png")
        assert (folder / f"{name}.png").stat().st_size > 10_000
