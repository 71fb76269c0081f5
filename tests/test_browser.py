"""The chat in a real browser: with a fake assistant for what the page does, and whole, as `python app.py`.

CHAT_PICTURES=docs pytest tests/test_browser.py -k picture    draws the pictures of the README anew
"""

import csv
import datetime
import io
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import docx
import pypdf
import pytest
from axe_playwright_python.sync_playwright import Axe
from fakes import (
    CITIES,
    COMPILED,
    FACTS,
    NO_ANSWER,
    ORIGINS,
    QUOTE,
    SOURCE,
    FakeAssistant,
    RewordingAssistant,
    answered,
    cite,
    cite_compiled,
    cite_table,
    running,
)
from icalendar import Calendar

from assistant.errors import IndexStale
from assistant.records import Answer, Source
from assistant.settings import Settings
from assistant.store import open_store

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ROOT = Path(__file__).parent.parent
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
EVIL = (
    '<img src=x onerror="window.bad=1"><script>window.bad=1</script> {{constructor}} ${window.bad=1} `\'"> '
    "[a](javascript:window.bad=1)"
)
DESKTOP = {"width": 1440, "height": 900}
LAPTOP = {"width": 1100, "height": 800}
PHONE = {"width": 360, "height": 740}
WEB = ("http", "https", "ws")
SERIOUS = ("serious", "critical")
AHEAD = Source(id="next", title="The next call", text="The 2099 call closes on 3 March 2099.", as_of="2026-01-05")
CLARIFY = Answer(question="When did Granada join?", status="clarify", answer="Which: **Spain** or **Nicaragua**?")

pytestmark = [
    pytest.mark.browser,
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
def database(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/uccn.sqlite3"


@pytest.fixture(scope="module")
def fake_server(database):
    assistant = FakeAssistant(sources=(SOURCE, COMPILED, AHEAD), tables=True)
    with running(assistant, database_url=database) as url:
        yield assistant, url


@pytest.fixture
def assistant(fake_server):
    assistant, _ = fake_server
    assistant.answer = answered()
    assistant.asked.clear()
    yield assistant
    assistant.go.set()


class Profile:
    """A profile of the browser that asks no other host, sets no cookie, and in which nothing fails."""

    def __init__(self, browser, **options):
        self.context = browser.new_context(**{"viewport": DESKTOP, "locale": "en-GB", **options})
        self.requests, self.failures = [], []
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.context.on("weberror", lambda error: self.failures.append(str(error.error)))

    def visit(self, page, url):
        page.set_default_timeout(30_000)  # the first answer loads the models
        page.goto(url)
        page.locator("#slot #question").wait_for()  # the page has moved into Gradio's frame
        return page

    def check(self, url):
        own = urlsplit(url).netloc
        assert [one for one in self.requests if urlsplit(one).scheme in WEB and urlsplit(one).netloc != own] == []
        assert self.failures == []
        assert self.context.cookies() == []


@pytest.fixture
def open_chat(browser):
    """Open a chat in a profile of its own."""
    opened = []

    def open_chat(url, **options):
        profile = Profile(browser, **options)
        opened.append((profile, url))
        return profile.visit(profile.context.new_page(), url)

    yield open_chat
    for profile, url in opened:
        profile.check(url)
        profile.context.close()


@pytest.fixture(scope="module")
def usual(browser):
    """The profile of the tests that need no other: a page is there sooner where it was loaded before."""
    profile = Profile(browser)
    yield profile, profile.context.new_page()
    profile.context.close()


@pytest.fixture
def chat(usual, assistant, fake_server):
    """The chat as a first visitor finds it: what the test before kept is cleared."""
    profile, page = usual
    _, url = fake_server
    page.goto(f"{url}/healthz")
    page.evaluate("localStorage.clear(); sessionStorage.clear();")
    profile.requests.clear()
    profile.failures.clear()
    yield profile.visit(page, url)
    page.emulate_media(media="null")
    profile.context.set_offline(False)
    for other in profile.context.pages:
        if other != page:
            other.close()
    profile.check(url)


def ask(page, question):
    """Ask by keyboard, wait until the answer is whole, and return its part of the page."""
    before = page.locator(".exchange").count()
    page.locator("#question").fill(question)
    page.locator("#question").press("Enter")
    return settled(page, before)


def settled(page, number):
    """Return an exchange once its answer is whole and what belongs beside it has been drawn."""
    exchange = page.locator(".exchange").nth(number)
    exchange.and_(page.locator('[aria-busy="false"][data-complete]')).wait_for()
    return exchange


def follow(page, link):
    """Click a link that opens a tab of its own, and return the new page."""
    with page.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_load_state()
    return opened.value


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def findings(page):
    """Return what axe-core finds that is serious, in short."""
    # What scrolls below the fixed parts would count as too small to be hit.
    page.add_style_tag(content="#uccn :is(.bar, .composer) { position: static !important; }")
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    options = {"runOnly": rules, "resultTypes": ["violations"]}
    found = Axe().run(page, context="#uccn", options=options).response["violations"]
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in SERIOUS]


def listed(*names):
    """Return an answer that quotes some rows of the table of cities."""
    citations = tuple(cite_table(name, n=n) for n, name in enumerate(names, start=1))
    lines = "\n".join(f"- {name} [{n}]" for n, name in enumerate(names, start=1))
    return answered(
        f"There are **{len(names)}**: [1]\n\n{lines}", question="Which?", citations=citations, route="cities"
    )


# --- an answer and its sources ---


def test_every_control_has_a_name(chat):
    ask(chat, "When?")

    for control in chat.locator("#uccn :is(button, select, textarea, input, summary, a)").all():
        name = control.evaluate("one => one.ariaLabel || one.textContent || one.closest('label')?.innerText || ''")
        assert name.strip(), control.evaluate("one => one.outerHTML")
    assert chat.title() == "UCCN Assistant"


def test_marker_is_a_button_that_leads_to_its_source_beside_the_answer(chat):
    exchange = ask(chat, "When?")

    exchange.get_by_role("button", name=f"Source 1: {SOURCE.title}").click()

    card = chat.locator("#panel li.card")
    assert card.evaluate("card => card === document.activeElement")
    assert QUOTE in card.inner_text()
    assert "Office <of> calls" in card.inner_text()
    assert "30 June 2021" in card.inner_text()
    assert "years ago" in card.inner_text()


def test_sources_stand_below_the_answer_where_there_is_no_room_beside_it(open_chat, assistant, fake_server):
    page = open_chat(fake_server[1], viewport=LAPTOP)
    exchange = ask(page, "When?")

    exchange.get_by_role("button", name="Source 1").click()

    assert not page.locator("#panel").is_visible()
    assert exchange.locator("li.card").evaluate("card => card === document.activeElement")
    exchange.get_by_role("button", name="Back to the answer").click()
    assert exchange.locator(".marker").evaluate("marker => marker === document.activeElement")


def test_marker_of_a_folded_source_unfolds_it(chat, assistant):
    citations = tuple(cite(n=n) for n in range(1, 8))
    assistant.answer = answered("One. [1] Seven. [7]", citations=citations)
    exchange = ask(chat, "When?")
    assert not chat.locator("#source-0-7").is_visible()

    exchange.get_by_role("button", name="Source 7").click()

    assert chat.locator("#source-0-7").is_visible()


def test_markers_of_an_earlier_answer_bring_its_sources_back(chat, assistant):
    first = ask(chat, "When?")
    assistant.answer = answered(citations=(cite_compiled("U1"),))
    ask(chat, "And then?")
    assert "Lisvale joined in 2011." in chat.locator("#panel").inner_text()

    first.locator(".marker").first.click()

    assert QUOTE in chat.locator("#panel").inner_text()


def test_citation_opens_the_document_at_the_quoted_words(chat):
    ask(chat, "When?")

    chat.get_by_role("button", name="Read it in the document: quote 1").click()

    sheet = chat.get_by_role("dialog")
    mark = sheet.locator("mark")
    mark.wait_for()
    assert mark.inner_text() == chat.locator("#panel blockquote").inner_text() == QUOTE
    assert mark.evaluate(
        "mark => { const box = mark.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; }"
    )
    assert "Another sentence follows." in sheet.inner_text()
    assert sheet.get_by_role("link", name=SOURCE.title).get_attribute("href") == SOURCE.url
    chat.keyboard.press("Escape")
    assert sheet.count() == 0


def test_document_opens_in_a_tab_of_its_own_too(chat):
    ask(chat, "When?")
    chat.get_by_role("button", name="Read it in the document").click()

    document = follow(chat, chat.get_by_role("link", name="Open the document in a tab of its own"))

    assert document.locator("mark#quote").inner_text() == QUOTE


def test_numbers_in_a_document_lead_to_its_sources(chat, assistant):
    assistant.answer = answered(citations=(cite_compiled("U1", "P1"),))
    ask(chat, "When?")
    chat.get_by_role("button", name="Read it in the document").click()
    sheet = chat.get_by_role("dialog")

    sheet.get_by_role("link", name="[2]", exact=True).first.click()

    source = sheet.locator("#sheet-o2")
    assert ORIGINS["P1"].title in source.inner_text()
    assert source.evaluate("one => one.getBoundingClientRect().bottom <= innerHeight")
    assert urlsplit(chat.url).fragment == ""


def test_card_shows_what_it_rests_on_and_unfolds_the_rest_by_keyboard(chat, assistant):
    assistant.answer = answered(citations=(cite_compiled("U1", "P1", "C1"),))
    ask(chat, "When?")
    card = chat.locator("#source-0-1")
    assert "official" in card.inner_text()
    assert card.get_by_role("link", name=ORIGINS["U1"].title).get_attribute("href") == ORIGINS["U1"].url
    further = card.get_by_role("link", name=ORIGINS["P1"].title)
    assert not further.is_visible()

    card.locator(".further summary").press("Enter")

    assert further.is_visible()
    assert "undated" in card.inner_text()
    assert "unofficial copy of a UNESCO text" in card.inner_text()
    assert card.get_by_role("link", name=ORIGINS["C1"].title).count() == 0  # its address is none of the web


def test_badge_tells_the_date_and_its_age(chat):
    badge = ask(chat, "When?").locator(".badge")

    assert badge.inner_text().startswith("As of 30 June 2021 · ")
    assert badge.inner_text().endswith("years ago")


def test_unchecked_quote_says_so(chat, assistant):
    assistant.answer = answered(citations=(replace(cite(), verified=False),))

    ask(chat, "When?")

    assert "could not be checked" in chat.locator("#panel").inner_text()


def test_markdown_of_an_answer_is_drawn_and_nothing_else(chat, assistant):
    assistant.answer = answered(
        "**Bold** and *slanted* `code` \\*no\\*\n\n1. one [1]\n2. two [9]\n\n| a | b |\n|---|---|\n| c | d |\n\n> said"
    )

    answer = ask(chat, "When?").locator(".answer")

    assert answer.locator("strong").inner_text() == "Bold"
    assert answer.locator("em").inner_text() == "slanted"
    assert answer.locator("code").inner_text() == "code"
    assert "*no*" in answer.inner_text()
    assert answer.locator("ol li").all_inner_texts()[1] == "two [9]"  # no such citation: it stays a text
    assert answer.locator("th").all_inner_texts() == ["a", "b"]
    assert answer.locator("blockquote").inner_text() == "said"


def test_marker_stays_on_the_line_of_the_word_before_it(open_chat, assistant, fake_server):
    page = open_chat(fake_server[1], viewport=PHONE)
    assistant.answer = answered("\n\n".join(f"{'word ' * n}ends here. [1]" for n in range(4, 12)))

    markers = ask(page, "When?").locator(".answer .marker")

    assert markers.count() == 8
    for marker in markers.all():
        word = "one => { const r = document.createRange(); r.setStart(one.previousSibling.previousSibling, 0); "
        word += "r.setEnd(one.previousSibling.previousSibling, 5); return r.getBoundingClientRect().bottom; }"
        assert abs(marker.evaluate(word) - marker.evaluate("one => one.getBoundingClientRect().bottom")) < 20


def test_no_text_of_a_visitor_or_a_document_runs(chat, assistant):
    evil = replace(ORIGINS["U1"], title=EVIL, publisher=EVIL, date=EVIL, url=f"https://{EVIL}", note=EVIL)
    quoted = replace(cite(), title=EVIL, publisher=EVIL, section=EVIL, quote=EVIL, date=EVIL)
    quoted = replace(quoted, document=EVIL, origins=(evil, replace(evil, url="javascript:window.bad=1")))
    assistant.answer = answered(
        EVIL + " [1]",
        question=EVIL,
        standalone_question=EVIL + "?",
        notes=(EVIL,),
        citations=(quoted,),
        as_of=EVIL,
    )

    exchange = ask(chat, EVIL)
    chat.get_by_role("button", name="Read it in the document").click()
    chat.locator("dialog mark").wait_for()

    assert exchange.locator(".question h2").inner_text() == EVIL
    assert chat.locator("#panel blockquote").inner_text() == EVIL
    assert chat.locator("#uccn :is(img, script)").count() == 0
    assert chat.locator('#uccn a[href^="javascript"]').count() == 0
    assert chat.evaluate("window.bad") is None


# --- what stands beside an answer ---


def test_line_of_change_is_shown_as_bars_with_their_dates(chat, assistant):
    assistant.answer = answered(citations=tuple(cite_table(one.statement, n=n) for n, one in enumerate(FACTS, start=1)))

    figure = ask(chat, "How many?").locator(".change")

    assert figure.locator(".value").all_inner_texts() == ["295", "350"]
    assert figure.locator(".label").all_inner_texts() == ["31 Oct 2021", "31 Oct 2023"]
    heights = figure.locator(".bar").evaluate_all("bars => bars.map(bar => bar.getBoundingClientRect().height)")
    assert 0.8 < heights[0] / heights[1] < 0.9


def test_cities_of_an_answer_are_a_table_that_sorts(chat, assistant):
    assistant.answer = listed("Lisvale", "Ardmouth", "Zorbeck")
    figure = ask(chat, "Which?").locator("figure.cities")
    figure.get_by_role("button", name="Table").click()
    names = figure.locator("tbody th")
    assert names.all_inner_texts() == ["Ardmouth", "Lisvale", "Zorbeck"]

    figure.get_by_role("button", name="Year", exact=True).press("Enter")
    assert names.all_inner_texts() == ["Lisvale", "Ardmouth", "Zorbeck"]
    figure.get_by_role("button", name="Year", exact=True).press("Enter")

    assert names.all_inner_texts() == ["Ardmouth", "Zorbeck", "Lisvale"]
    assert figure.locator('th[aria-sort="descending"]').inner_text().startswith("Year")
    assert figure.get_by_role("button", name="Year", exact=True).evaluate("one => one === document.activeElement")


def test_table_is_downloaded_as_csv_that_reads_back(chat, assistant):
    assistant.answer = listed("Lisvale", '=Evil, "Town"')
    figure = ask(chat, "Which?").locator("figure.cities")

    with chat.expect_download() as download:
        figure.get_by_role("button", name="Download CSV").click()

    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["City", "Country", "Region", "Field", "Year"]
    assert [row[0] for row in rows[1:]] == ['\'=Evil, "Town"', "Lisvale"]  # no spreadsheet runs it as a formula


def test_map_shows_a_dot_for_each_city_and_no_tile(chat, assistant):
    assistant.answer = listed("Lisvale", "Ardmouth", "Zorbeck")
    figure = ask(chat, "Which?").locator("figure.cities")

    figure.get_by_role("button", name="Map").click()

    assert figure.locator("circle").count() == 3
    assert set(figure.locator("svg text").all_text_contents()) == {"Lisvale", "Ardmouth", "Zorbeck"}
    assert figure.get_by_role("img", name="Map of the world with 3 member cities").is_visible()
    assert figure.locator("image").count() == 0


def test_all_cities_can_be_looked_at_and_asked_about(chat, assistant):
    chat.get_by_role("button", name="Cities", exact=True).click()
    dialog = chat.get_by_role("dialog", name="All member cities")
    dialog.get_by_role("button", name="By field and region").click()
    assert dialog.locator(".bars .value").all_inner_texts() == ["1", "1", "2"]
    dialog.get_by_role("button", name="By year").click()
    assert dialog.locator(".columns .value").all_inner_texts() == ["1", "2", "1"]
    dialog.get_by_role("button", name="Table").click()

    dialog.get_by_role("button", name="Lisvale").click()

    settled(chat, 0)
    assert assistant.asked[-1].question == "When did Lisvale join the Network?"


def test_filters_leave_the_cities_that_are_wanted(chat, assistant):
    rows = [city.name for city in CITIES[:3]] * 4
    assistant.answer = listed(*rows)
    module = chat.evaluate_handle("import('/page/static/cities.js')")
    chat.evaluate(
        """module => {
          const rows = [...Array(12).keys()].map(n => ({ name: `Città ${n}`, country: n % 2 ? "A" : "B", region: "R",
            field: "Film", field_key: "Film", region_key: "Africa", year: 2000 + n, latitude: n, longitude: n }));
          document.getElementById("thread").replaceChildren(module.view(rows));
        }""",
        module,
    )
    figure = chat.locator("figure.cities")

    figure.get_by_label("Search").fill("citta 1")
    assert figure.locator("tbody tr").count() == 3
    assert figure.locator(".tally").inner_text() == "Cities: 3"
    figure.get_by_label("Country").select_option("A")

    assert figure.locator("tbody th").all_inner_texts() == ["Città 1", "Città 11"]
    assert figure.get_by_label("Field").count() == 0  # one field alone is no choice


# --- states ---


def test_refusal_looks_different_has_no_sources_and_offers_what_can_be_answered(chat, assistant):
    assistant.answer = NO_ANSWER

    exchange = ask(chat, "What does it cost?")

    assert exchange.locator(".plain.no_answer").inner_text().startswith("No source here answers this")
    assert exchange.locator(".sources, .badge").count() == 0
    offered = exchange.get_by_role("region", name="You may ask next").get_by_role("button")
    assert offered.all_inner_texts()[:1] == FakeAssistant().expected("")
    assistant.answer = answered()
    offered.first.click()
    assert QUOTE in chat.locator("#panel").inner_text() or settled(chat, 1)


def test_out_of_scope_is_told_apart(chat, assistant):
    assistant.answer = replace(NO_ANSWER, status="out_of_scope")

    assert "Outside what I can answer" in ask(chat, "A poem").locator(".plain.out_of_scope").inner_text()


def test_question_back_is_answered_by_its_buttons(chat, assistant):
    assistant.answer = CLARIFY
    exchange = ask(chat, "When did Granada join?")
    assert exchange.get_by_role("group", name="A question back to you").get_by_role("button").all_inner_texts() == [
        "Spain",
        "Nicaragua",
    ]
    assistant.answer = answered(question="Nicaragua", standalone_question="When did Granada (Nicaragua) join?")

    exchange.get_by_role("button", name="Nicaragua").click()

    assert "Understood as: When did Granada (Nicaragua) join?" in settled(chat, 1).inner_text()
    assert [turn.content for turn in assistant.asked[-1].history] == ["When did Granada join?", CLARIFY.answer]


def test_error_is_one_sentence_and_the_chat_goes_on(chat, assistant):
    assistant.answer = IndexStale("The index is stale: run `uccn index`")
    failed = ask(chat, "When?").locator(".plain.error").inner_text()
    assert "No answer this time" in failed
    assert "Something went wrong on our side. Please ask again." in failed
    assert "uccn index" not in failed  # a visitor runs no command

    assistant.answer = answered()
    ask(chat, "When?")
    assert QUOTE in chat.locator("#panel").inner_text()


def test_server_that_cannot_be_reached_is_said_to_be(chat):
    chat.context.set_offline(True)
    exchange = ask(chat, "When?")
    assert "The server cannot be reached" in exchange.inner_text()

    chat.context.set_offline(False)
    exchange.get_by_role("button", name="Ask again").click()

    assert "30 June 2021" in settled(chat, 0).locator(".answer").inner_text()


def test_prose_of_a_language_model_comes_under_the_instant_answer_and_then_replaces_it(open_chat, database):
    assistant = RewordingAssistant()
    assistant.go.clear()
    with running(assistant, database_url=database) as url:
        page = open_chat(url)
        page.locator("#question").fill("When?")
        page.locator("#question").press("Enter")
        page.locator(".exchange .answer", has_text="The call closed in June.").wait_for()
        exchange = page.locator(".exchange")
        assert "30 June 2021" in exchange.locator(".answer").first.inner_text()
        assert "A language model rewords this answer" in exchange.locator(".progress").inner_text()

        assistant.go.set()

        whole = settled(page, 0)
        assert whole.locator(".answer").all_inner_texts() == ["The call closed in June.\u00a01"]
        assert "Worded by a language model" in whole.locator(".badges").inner_text()


def test_stop_keeps_an_instant_answer(open_chat, database):
    assistant = RewordingAssistant()
    assistant.go.clear()
    with running(assistant, database_url=database) as url:
        page = open_chat(url)
        page.locator("#question").fill("When?")
        page.locator("#question").press("Enter")
        page.locator(".exchange .answer", has_text="The call closed in June.").wait_for()

        page.get_by_role("button", name="Stop").click()

        whole = settled(page, 0)
        assert "30 June 2021" in whole.locator(".answer").inner_text()
        assert whole.locator(".plain.error").count() == 0
        assistant.go.set()


# --- the conversation ---


def test_follow_up_carries_the_conversation_and_can_be_asked_without_it(chat, assistant):
    ask(chat, "When did it close?")
    assistant.answer = answered(question="And in 2023?", standalone_question="When did the 2023 call close?")
    exchange = ask(chat, "And in 2023?")
    assert [turn.content for turn in assistant.asked[1].history] == ["When did it close?", answered().answer]
    assert "Understood as: When did the 2023 call close?" in exchange.inner_text()

    exchange.get_by_role("button", name="Ask it without what was said before").click()

    settled(chat, 1)
    assert (assistant.asked[2].question, list(assistant.asked[2].history)) == ("And in 2023?", [])


def test_example_is_asked_by_its_button(chat, assistant):
    example = chat.locator(".examples button").nth(1)
    words = example.inner_text()

    example.click()

    settled(chat, 0)
    assert assistant.asked[0].question == words
    assert chat.locator(".welcome").count() == 0


def test_answer_can_be_stopped_and_the_next_one_asked(chat, assistant):
    assistant.go.clear()
    chat.locator("#question").fill("A long question")
    chat.locator("#question").press("Enter")
    chat.locator('.exchange[aria-busy="true"]', has_text="Searching").wait_for()

    chat.get_by_role("button", name="Stop").click()

    chat.locator(".exchange", has_text="You stopped this answer.").wait_for()
    assistant.go.set()
    ask(chat, "When?")
    assert QUOTE in chat.locator("#panel").inner_text()
    assert assistant.asked[-1].history == []


def test_last_question_can_be_edited_and_asked_again(chat, assistant):
    ask(chat, "First?")
    ask(chat, "Wehn?")
    chat.get_by_role("button", name="Edit the question").click()
    box = chat.get_by_role("textbox", name="Edit the question")
    assert box.input_value() == "Wehn?"
    box.fill("When?")
    chat.get_by_role("button", name="Ask this instead").click()
    settled(chat, 1)

    chat.get_by_role("button", name="Ask again").click()
    settled(chat, 1)

    assert [one.question for one in assistant.asked] == ["First?", "Wehn?", "When?", "When?"]
    assert assistant.asked[-1].history[0].content == "First?"
    assert chat.locator(".exchange").count() == 2


def test_conversations_stay_after_a_reload_and_can_be_changed(chat, assistant):
    ask(chat, "When did it close?")
    chat.get_by_role("button", name="New conversation").click()
    assistant.answer = answered("Another answer. [1]")
    ask(chat, "Where was it?")
    chat.reload()
    chat.locator("#slot #question").wait_for()
    assert chat.locator(".exchange .question").all_inner_texts() == ["Where was it?"]
    titles = chat.locator("#side .open")
    assert titles.all_inner_texts() == ["Where was it?", "When did it close?"]

    titles.nth(1).click()
    assert "30 June 2021" in chat.locator(".exchange .answer").inner_text()
    ask(chat, "And then?")
    assert assistant.asked[-1].history[0].content == "When did it close?"

    titles.nth(0).hover()
    chat.get_by_role("button", name="Rename “When did it close?”").click()
    chat.get_by_role("textbox", name="Rename").fill("Deadlines")
    chat.keyboard.press("Enter")
    assert titles.all_inner_texts() == ["Deadlines", "Where was it?"]

    titles.nth(1).hover()
    chat.get_by_role("button", name="Delete “Where was it?”").click()
    chat.get_by_role("dialog").get_by_role("button", name="Delete").click()
    chat.wait_for_function("document.querySelectorAll('#side .open').length === 1")
    chat.reload()
    chat.locator("#slot #question").wait_for()
    assert titles.all_inner_texts() == ["Deadlines"]


def test_another_conversation_is_not_disturbed_by_an_answer_that_comes_late(chat, assistant):
    assistant.go.clear()
    chat.locator("#question").fill("Late?")
    chat.locator("#question").press("Enter")
    chat.locator('.exchange[aria-busy="true"]').wait_for()
    chat.get_by_role("button", name="New conversation").click()
    assistant.go.set()

    ask(chat, "Next?")

    assert chat.locator(".exchange .question").all_inner_texts() == ["Next?"]
    assert chat.locator("#side .open").all_inner_texts() == ["Next?"]


def test_conversations_can_all_be_deleted_and_what_is_kept_is_told(chat):
    ask(chat, "When?")
    chat.get_by_role("button", name="What is stored").click()
    told = chat.get_by_role("dialog").inner_text()
    assert "The server does not keep your questions." in told
    assert "90 days" in told

    chat.get_by_role("button", name="Delete all conversations").click()
    chat.locator("dialog.confirm").get_by_role("button", name="Delete all conversations").click()

    chat.locator(".welcome").wait_for()
    assert chat.evaluate("Object.keys(localStorage).filter(key => key.startsWith('uccn.conversation'))") == []


def test_browser_without_storage_still_answers_and_says_so(open_chat, assistant, fake_server, browser):
    page = open_chat(fake_server[1])
    page.evaluate("() => { Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }; }")

    ask(page, "When?")

    assert page.locator("#side .open").all_inner_texts() == ["When?"]
    assert "This browser keeps nothing" in page.locator("#side").inner_text()


def test_a_link_fills_in_its_question_and_asks_nothing(open_chat, assistant, fake_server):
    page = open_chat(f"{fake_server[1]}/?q=When%20did%20it%20close%3F")

    assert page.locator("#question").input_value() == "When did it close?"
    page.wait_for_function("document.activeElement.id === 'question'")
    assert urlsplit(page.url).query == ""
    assert assistant.asked == []


def test_widget_hands_over_its_questions_which_are_asked_again_when_the_visitor_says_so(
    open_chat, assistant, fake_server
):
    page = open_chat(f"{fake_server[1]}/?q=B%3F#ask=%5B%22A%3F%22%2C%22B%3F%22%5D")
    assert assistant.asked == []

    page.get_by_role("button", name="Go on with it here").click()

    settled(page, 1)
    assert [one.question for one in assistant.asked] == ["A?", "B?"]
    assert page.locator("#question").input_value() == ""


def test_empty_question_asks_nothing_and_shift_enter_begins_a_line(chat, assistant):
    box = chat.locator("#question")
    box.fill("   ")
    box.press("Enter")
    box.fill("When")
    box.press("Shift+Enter")
    box.press_sequentially("did it close?")

    assert box.input_value() == "When\ndid it close?"
    assert assistant.asked == []


def test_new_question_is_scrolled_to_the_top(chat):
    for n in range(3):
        exchange = ask(chat, f"When? {n}")

    top = exchange.evaluate("one => one.getBoundingClientRect().top")
    assert 0 <= top < 120


# --- what one does with an answer ---


def test_rating_is_kept_in_the_store_with_its_reason_and_comment(chat, database):
    exchange = ask(chat, "When did it close?")
    exchange.get_by_role("button", name="Bad answer").click()
    form = exchange.locator("form.feedback")
    assert "90 days" in form.inner_text()
    form.get_by_label("It is out of date").check()
    form.get_by_label("Comment (optional)").fill("See the news of May")

    form.get_by_role("button", name="Send the rating").click()

    exchange.get_by_text("Thank you, your rating was sent.").wait_for()
    (rating,) = open_store(Settings(database_url=database)).ratings()
    assert (rating.question, rating.verdict, rating.reason) == ("When did it close?", "down", "outdated")
    assert (rating.comment, rating.channel) == ("See the news of May", "chat")
    assert "30 June 2021" in rating.answer
    assert exchange.get_by_role("button", name="Good answer").count() == 0  # one rating an answer


def test_answer_is_copied_with_its_sources(open_chat, assistant, fake_server):
    page = open_chat(fake_server[1], permissions=["clipboard-read", "clipboard-write"])
    exchange = ask(page, "When?")

    exchange.get_by_role("button", name="Copy with sources").click()

    page.locator(".toast", has_text="Copied").wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    for words in ("When?", "It closed on 30 June 2021. [1]", "As of 30 June 2021", SOURCE.title, SOURCE.url, QUOTE):
        assert words in copied


def saved(page, kind):
    """Save the conversation as a file of a kind by the page's own menu; return its name and its bytes."""
    page.get_by_label("Save this conversation").click()
    with page.expect_download() as download:
        page.get_by_role("button", name=kind).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


@pytest.fixture
def two_answers(chat, assistant):
    """A conversation of an answer with a quote of our own words and one with a quote of an original."""
    ask(chat, "When did it close?")
    assistant.answer = answered("Lisvale joined in **2011**. [1]", citations=(cite_compiled("U1", "P1"),))
    ask(chat, "And Lisvale?")
    return chat


def test_conversation_is_saved_as_markdown_with_footnotes(two_answers):
    name, content = saved(two_answers, "Markdown")

    text = content.decode()
    assert name.endswith(".md")
    assert "## When did it close?" in text
    assert "It closed on **30 June 2021**.[^1]" in text
    assert "Lisvale joined in **2011**.[^2]" in text
    assert f"[^1]: “{QUOTE}”" in text
    assert f"<{ORIGINS['U1'].url}>" in text
    assert "could not be found" not in text


def test_conversation_is_saved_as_word_with_footnotes(two_answers):
    name, content = saved(two_answers, "Word (DOCX)")

    document = docx.Document(io.BytesIO(content))
    text = "\n".join(paragraph.text for paragraph in document.paragraphs)
    (notes,) = [part for part in document.part.package.iter_parts() if part.partname.endswith("footnotes.xml")]
    assert name.endswith(".docx")
    assert "It closed on 30 June 2021." in text
    assert "And Lisvale?" in text
    assert QUOTE.encode() in notes.blob
    assert b"Lisvale joined in 2011." in notes.blob


def test_conversation_is_saved_as_pdf_with_its_sources(two_answers):
    name, content = saved(two_answers, "PDF")

    pages = pypdf.PdfReader(io.BytesIO(content)).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    assert name.endswith(".pdf")
    assert "It closed on 30 June 2021" in text
    assert f"1. “{QUOTE}”" in text
    assert "2. “Lisvale joined in 2011.”" in text
    assert ORIGINS["U1"].url in text


def test_days_ahead_are_saved_as_a_calendar(chat, assistant):
    assistant.answer = answered("It closes on 3 March 2099. [1]", citations=(cite(AHEAD.text, source=AHEAD),))
    ask(chat, "When does it close?")

    name, content = saved(chat, "Calendar of coming dates (ICS)")

    (event,) = Calendar.from_ical(content).walk("VEVENT")
    assert name.endswith(".ics")
    assert event.decoded("dtstart") == datetime.date(2099, 3, 3)
    assert AHEAD.text in event["description"]


def test_where_no_day_lies_ahead_it_is_said_and_no_file_is_made(chat):
    ask(chat, "When?")
    chat.get_by_label("Save this conversation").click()

    chat.get_by_role("button", name="Calendar of coming dates (ICS)").click()

    chat.locator(".toast", has_text="there is no calendar file to make").wait_for()


def test_files_are_in_the_language_of_the_page(open_chat, assistant, fake_server):
    page = open_chat(fake_server[1], locale="fr-FR")
    ask(page, "Quand ?")
    page.get_by_label("Enregistrer cette conversation").click()

    with page.expect_download() as download:
        page.get_by_role("button", name="Markdown").click()

    text = Path(download.value.path()).read_text(encoding="utf-8")
    assert "Exporté de UCCN Assistant le" in text
    assert "État au 30 juin 2021" in text


def test_link_to_an_answer_says_on_opening_whether_it_still_stands(open_chat, assistant, fake_server):
    page = open_chat(fake_server[1], permissions=["clipboard-read", "clipboard-write"])
    ask(page, "When?").get_by_role("button", name="Copy a link to this answer").click()
    page.locator(".toast", has_text="Copied").wait_for()
    address = page.evaluate("navigator.clipboard.readText()")

    page.goto(address)
    assert page.get_by_role("status").inner_text().startswith("Today's corpus gives the same answer")
    assert "30 June 2021" in page.locator("article.answer").inner_text()

    assistant.answer = answered("It closed on **5 January 2023**. [1]", citations=(cite_compiled("U1"),))
    page.goto(address)
    assert page.get_by_role("status").inner_text().startswith("Today's corpus gives another answer than then.")


# --- languages, colours, sizes, keyboard ---


def test_head_says_what_this_is_and_leads_to_the_path(chat):
    head = chat.locator("#uccn header.bar")

    assert head.get_by_role("heading", name="UCCN Assistant").is_visible()
    assert "UNESCO Creative Cities Network" in head.locator(".about").inner_text()
    assert head.get_by_label("Language").is_visible()
    assert head.get_by_label("Colours").is_visible()
    head.get_by_role("link", name="How to apply").click()
    assert urlsplit(chat.url).path == "/path"


def test_on_a_phone_the_name_is_whole_and_the_colours_are_in_the_drawer(open_chat, assistant, fake_server):
    page = open_chat(fake_server[1], viewport=PHONE, has_touch=True, is_mobile=True)
    ask(page, "When?")
    name = page.get_by_role("heading", name="UCCN Assistant")
    assert name.evaluate("one => one.scrollWidth <= one.clientWidth")
    tools = page.locator("#uccn .tools").bounding_box()
    assert name.bounding_box()["x"] + name.bounding_box()["width"] <= tools["x"]
    assert tools["x"] + tools["width"] <= PHONE["width"]

    page.get_by_role("button", name="Conversations").click()

    assert page.locator("#side").get_by_label("Colours").is_visible()


@pytest.mark.parametrize(
    ("keep", "told"),
    [
        ("off", "The server does not keep your questions."),
        ("hashed", "only a code that tells equal questions, for 7 days"),
        ("full", "keeps your questions and the answers for 7 days"),
    ],
)
def test_what_is_stored_is_told_as_it_is_set(open_chat, tmp_path, keep, told):
    settings = {"keep_questions": keep, "keep_days": 7, "database_url": f"sqlite:///{tmp_path}/store.sqlite3"}
    with running(FakeAssistant(), **settings) as url:
        page = open_chat(url)
        page.get_by_role("button", name="What is stored").click()

        text = page.get_by_role("dialog").inner_text()

    assert told in text
    assert "your comment for 7 days" in text
    assert "language model" not in text


@pytest.mark.parametrize(
    ("locale", "language", "send"),
    [("fr-CH", "fr", "Envoyer"), ("zh-TW", "zh", "发送"), ("pt-BR", "pt", "Enviar"), ("de-DE", "en", "Send")],
)
def test_language_is_the_browser_s_where_there_is_one(open_chat, assistant, fake_server, locale, language, send):
    page = open_chat(fake_server[1], locale=locale)

    assert page.evaluate("document.documentElement.lang") == language
    assert page.get_by_role("button", name=send).is_visible()


def test_language_can_be_switched_and_is_remembered(chat, assistant):
    assistant.answer = listed("Lisvale", "Ardmouth")
    ask(chat, "Which?")
    chat.get_by_label("Language").select_option("ar")
    chat.get_by_role("button", name="إرسال").wait_for()
    settled(chat, 0)

    assert chat.evaluate("document.documentElement.dir") == "rtl"
    side, main = chat.locator("#side").bounding_box(), chat.locator("#uccn main").bounding_box()
    assert side["x"] > main["x"]
    assert chat.locator("#panel").bounding_box()["x"] < main["x"]
    assert "حتى 30 يونيو 2021" in chat.locator(".badge").inner_text()
    chat.locator('.chip[data-view="table"]').click()
    assert "السينما" in chat.locator("figure.cities").inner_text()

    chat.reload()
    chat.locator("#slot #question").wait_for()
    assert chat.evaluate("document.documentElement.lang") == "ar"
    assert fits(chat)


def test_an_arabic_answer_runs_from_right_to_left_whatever_letters_it_opens_with(chat, assistant):
    assistant.answer = answered("Fes (المغرب) مدينة. [1]", language="ar")

    answer = ask(chat, "متى؟").locator(".answer")

    assert answer.get_attribute("dir") == "rtl"
    assert answer.get_attribute("lang") == "ar"


def test_colours_follow_the_device_until_they_are_chosen(open_chat, assistant, fake_server):
    page = open_chat(fake_server[1], color_scheme="dark")
    paper = "getComputedStyle(document.getElementById('uccn')).backgroundColor"
    dark = page.evaluate(paper)

    page.get_by_label("Colours").select_option("light")
    light = page.evaluate(paper)
    page.reload()
    page.locator("#slot #question").wait_for()

    assert dark == "rgb(16, 22, 29)"
    assert light == page.evaluate(paper) == "rgb(255, 255, 255)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_on_any_view(open_chat, assistant, fake_server, scheme):
    page = open_chat(fake_server[1], color_scheme=scheme, reduced_motion="reduce")
    assert findings(page) == [], "welcome"
    assistant.answer = answered(
        "It closed. [1]\n\n- a [2]\n\n| a |\n|---|\n| b |",
        question="And?",
        standalone_question="When did it close?",
        citations=(
            cite_compiled("U1", "P1", "C1"),
            replace(cite_table(FACTS[0].statement, n=2)),
            cite_table(FACTS[1].statement, n=3),
        ),
        notes=("A note.",),
        route="llm",
    )
    ask(page, "When?")
    page.evaluate("document.querySelectorAll('details:not(:has(> .items))').forEach(one => { one.open = true; })")
    assert findings(page) == [], "answer"  # with the menu of files shut, which lies over it
    page.get_by_role("button", name="Bad answer").click()
    assistant.answer = listed("Lisvale", "Ardmouth", "Zorbeck")
    ask(page, "Which?")
    for view in ("table", "map", "by_year", "by_field"):
        page.locator(f'.chip[data-view="{view}"]').click()
        assert findings(page) == [], view
    for answer in (NO_ANSWER, replace(NO_ANSWER, status="out_of_scope"), CLARIFY, IndexStale("Stale")):
        assistant.answer = answer
        ask(page, "What?")
    assert findings(page) == [], "states"
    page.get_by_role("button", name="Show the sources").first.click()
    page.locator("#panel .read").first.click()
    page.locator("dialog mark").first.wait_for()
    assert findings(page) == [], "document"
    page.keyboard.press("Escape")
    for name in ("What is stored", "Cities"):
        page.get_by_role("button", name=name, exact=True).click()
        page.locator("dialog :is(figure, li)").first.wait_for()
        assert findings(page) == [], name
        page.keyboard.press("Escape")


@pytest.mark.parametrize("code", ["ar", "zh"])
def test_axe_finds_nothing_serious_on_a_phone(open_chat, assistant, fake_server, code):
    page = open_chat(fake_server[1], viewport=PHONE, has_touch=True, is_mobile=True, locale=code)
    ask(page, "When?")
    assert findings(page) == []

    page.locator(".menu-button").click()

    assert findings(page) == []


def test_phone_needs_no_scrolling_sideways(open_chat, assistant, fake_server):
    page = open_chat(fake_server[1], viewport=PHONE, has_touch=True, is_mobile=True)
    assert fits(page)
    table = "| " + " | ".join(["column"] * 12) + " |\n|" + "---|" * 12 + "\n| " + " | ".join(["word"] * 12) + " |"
    long = replace(ORIGINS["U1"], title="title" * 30, publisher="publisher" * 20)
    citation = replace(cite_compiled("U1"), document="document" * 20, origins=(long, long))
    assistant.answer = answered(f"{'long' * 40} [1]\n\n{table}", citations=(citation,))

    exchange = ask(page, "question" * 30)

    assert fits(page)
    for name in ("Send", "Conversations", "Copy with sources", "Bad answer"):
        box = page.get_by_role("button", name=name).bounding_box()
        assert 0 <= box["x"] <= PHONE["width"] - box["width"]
        assert min(box["height"], box["width"]) >= 24  # to be hit with a thumb
    marker = exchange.locator(".marker").bounding_box()
    assert min(marker["height"], marker["width"]) >= 24
    page.get_by_role("button", name="Read it in the document").click()
    page.locator("dialog mark").wait_for()
    assert fits(page)
    page.get_by_role("button", name="Close").click()
    page.get_by_role("button", name="Cities", exact=True).click()
    for view in ("table", "map", "by_year", "by_field"):
        page.locator(f'dialog .chip[data-view="{view}"]').click()
        assert fits(page), view


def test_the_narrowest_window_needs_no_scrolling_sideways(open_chat, assistant, fake_server):
    page = open_chat(fake_server[1], viewport={"width": 320, "height": 640})

    ask(page, "When?")

    assert fits(page)


def test_twice_the_size_needs_no_scrolling_sideways(open_chat, assistant, fake_server):
    page = open_chat(fake_server[1], viewport={"width": 640, "height": 400}, device_scale_factor=2)  # 1280 at 200 %

    exchange = ask(page, "When?")

    assert fits(page)
    assert exchange.locator(".answer").is_visible()
    assert page.get_by_role("button", name="Send").is_visible()


def test_whole_visit_by_keyboard(chat, assistant):
    first = chat.locator("#uccn :is(a, button, select, textarea)").first
    assert first.get_attribute("class") == "skip"
    first.focus()
    chat.keyboard.press("Enter")
    assert chat.evaluate("document.activeElement.id") == "question"
    chat.keyboard.type("When?")
    chat.keyboard.press("Enter")
    settled(chat, 0)

    seen, unseen = [], []
    for _ in range(60):
        chat.keyboard.press("Shift+Tab")
        name = chat.evaluate("document.activeElement.className.split(' ')[0] || document.activeElement.tagName")
        if chat.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "solid":
            unseen.append(name)
        seen.append(name)
        if name == "marker":
            break
    assert seen[-1] == "marker"
    assert unseen == []
    chat.keyboard.press("Enter")
    assert chat.evaluate("document.activeElement.className").startswith("card")
    for _ in range(5):
        chat.keyboard.press("Tab")
        if "read" in chat.evaluate("document.activeElement.className"):
            break
    chat.keyboard.press("Enter")
    chat.locator("dialog mark").wait_for()
    chat.keyboard.press("Escape")
    assert "read" in chat.evaluate("document.activeElement.className")  # back where one was


def test_answer_is_told_to_a_screen_reader_once_it_is_whole(chat):
    ask(chat, "When?")

    assert chat.locator("#uccn > [role=status]").inner_text().startswith("The answer: It closed on 30 June 2021.")


def test_printed_page_has_the_answer_and_its_sources_and_no_controls(chat):
    ask(chat, "When?")

    chat.emulate_media(media="print")

    assert chat.locator(".answer").is_visible()
    assert chat.locator("li.card").is_visible()
    for part in (".bar", "#side", ".composer", ".actions"):
        assert not chat.locator(part).first.is_visible(), part


# --- the whole, as a visitor gets it ---

OUTSIDE_WATCH = """
import ipaddress, os, sys
def watch(event, args):
    if event == "socket.connect" and isinstance(args[1], tuple):
        try:
            own = ipaddress.ip_address(args[1][0]).is_loopback
        except ValueError:
            own = args[1][0] == "localhost"
        if not own:
            with open(os.environ["OUTSIDE_CONNECTIONS"], "a") as file:
                print(args[1], file=file)
sys.addaudithook(watch)
"""


@pytest.fixture(scope="module")
def app(built_index, tmp_path_factory):
    """Run `python app.py` over a built index; yield its address. It must not connect to any other machine."""
    folder = tmp_path_factory.mktemp("app")
    connections = folder / "connections.txt"
    (folder / "sitecustomize.py").write_text(OUTSIDE_WATCH)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "UCCN_INDEX": str(built_index),
        "UCCN_PORT": str(port),
        "PYTHONPATH": f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
        "OUTSIDE_CONNECTIONS": str(connections),
    }
    process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
    lines = []
    for line in process.stderr:
        lines.append(line)
        if "Application startup complete" in line:
            break
    else:
        pytest.fail("app.py did not start: " + "".join(lines))
    threading.Thread(target=lambda: lines.extend(process.stderr), daemon=True).start()
    yield f"http://127.0.0.1:{port}/"
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0, "".join(lines)
    assert not connections.exists(), connections.read_text()


def test_visitor_asks_and_reads_a_cited_answer(open_chat, app):
    page = open_chat(app)

    exchange = ask(page, "Which Chinese cities are Cities of Design?")

    for city in ("Beijing", "Shanghai", "Shenzhen", "Wuhan"):
        assert city in exchange.locator(".answer").inner_text()
    assert "As of" in exchange.locator(".badge").inner_text()
    page.evaluate("document.querySelectorAll('#panel details').forEach(folded => { folded.open = true; })")
    for card in page.locator("#panel .sources > ol > li, #panel .sources > details > ol > li").all():
        quote = " ".join(card.locator("blockquote p").all_inner_texts())
        card.locator(".read").click()
        page.locator("dialog mark").first.wait_for()
        marked = " ".join(page.locator("dialog mark").all_inner_texts())
        assert words(marked) == words(quote)
        page.keyboard.press("Escape")


def test_visitor_looks_at_the_cities_of_an_answer(open_chat, app):
    page = open_chat(app)
    figure = ask(page, "Which Polish cities are members?").locator("figure.cities")

    figure.get_by_role("button", name="Table").click()

    assert figure.locator("tbody tr").count() == 7
    assert "Łódź" in figure.inner_text()


def test_visitor_asks_a_follow_up_and_what_is_offered_next(open_chat, app):
    page = open_chat(app)
    ask(page, "Which cities in China are Cities of Gastronomy?")
    exchange = ask(page, "And Film?")
    assert "Qingdao" in exchange.locator(".answer").inner_text()
    assert "Understood as:" in exchange.inner_text()

    exchange.locator(".next button").first.click()

    assert settled(page, 2).locator(".marker").count() > 0


def test_visitor_is_told_where_no_source_answers(open_chat, app):
    exchange = ask(open_chat(app), "What is the phone number of the mayor of Wuhan?")

    assert exchange.locator(".plain.no_answer").count() == 1
    assert exchange.locator(".sources").count() == 0
    assert exchange.locator(".next button").count() > 0


def test_name_of_two_places_is_settled_by_a_button(open_chat, app):
    page = open_chat(app)

    ask(page, "When did Granada join the Network?").get_by_role("button", name="Nicaragua").click()

    assert "2023" in settled(page, 1).locator(".answer").inner_text()


PICTURES = {
    "answer": ({}, ["How many cities belong to the Network?"], ""),
    "sources": ({}, ["When was the deadline of the 2025 call?"], "document"),
    "cities": ({}, ["Which Polish cities are members?"], "map"),
    "phone": (
        {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
        ["Which Polish cities are members?"],
        "",
    ),
    "dark": ({"color_scheme": "dark"}, ["Which cities are Cities of Media Arts?"], "map"),
    "arabic": ({"locale": "ar"}, ["كم مدينة في الشبكة؟"], ""),
}


@pytest.mark.skipif("CHAT_PICTURES" not in os.environ, reason="CHAT_PICTURES names no folder to draw into")
@pytest.mark.parametrize("name", PICTURES)
def test_picture_of_the_chat(open_chat, app, name):
    options, questions, then = PICTURES[name]
    page = open_chat(app, **options)
    for question in questions:
        ask(page, question)
    if then == "document":
        page.locator("#panel .read").first.click()
        page.locator("dialog mark").first.wait_for()
    elif then:
        page.locator(f'.exchange .chip[data-view="{then}"]').click()
        page.locator(".exchange figure.cities").evaluate("figure => figure.scrollIntoView({ block: 'center' })")
    page.evaluate("document.activeElement.blur()")

    page.screenshot(path=Path(os.environ["CHAT_PICTURES"]) / f"chat-{name}.png")


def words(text):
    """Return the words of a quote; the bars between the cells of a table row do not count."""
    return text.replace("|", " ").split()
