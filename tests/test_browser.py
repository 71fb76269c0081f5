"""The chat in a real browser: with a fake assistant for what the page does, and whole, as `python app.py`.

CHAT_PICTURE=docs/chat.png pytest tests/test_browser.py -k picture    draws the picture of the README anew
"""

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

import pytest
from fakes import (
    COMPILED,
    COMPILED_TEXT,
    NO_ANSWER,
    ORIGINS,
    QUOTE,
    SOURCE,
    FakeAssistant,
    answered,
    cite,
    cite_compiled,
    running,
)

from assistant import strings
from assistant.errors import IndexStale

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
DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 360, "height": 740}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: install it to run the browser tests"),
]

# Every stretch of visible text whose contrast with what lies behind it is below 4.5 to 1.
PALE_TEXT = """() => {
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const light = colour => colour.slice(0, 3).map(v => linear(v / 255)).reduce(
    (sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (; element; element = element.parentElement) {
      const colour = numbers(getComputedStyle(element).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const pale = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].filter(n => n.nodeType === 3).map(n => n.textContent.trim()).join("");
    if (!own || !element.checkVisibility() || element.closest(".sr-only, script, style")) continue;
    const [a, b] = [light(numbers(getComputedStyle(element).color)), light(behind(element))];
    if ((Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5) pale.push(own);
  }
  return pale;
}"""


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def fake_server():
    assistant = FakeAssistant(sources=(SOURCE, COMPILED))
    with running(assistant) as url:
        yield assistant, url


@pytest.fixture
def assistant(fake_server):
    assistant, _ = fake_server
    assistant.answer = answered()
    assistant.asked.clear()
    yield assistant
    assistant.go.set()


@pytest.fixture
def open_chat(browser):
    """Open a chat in a profile of its own; in the end no request may have gone elsewhere."""
    opened = []

    def open_chat(url, **options):
        context = browser.new_context(**{"viewport": DESKTOP, **options})
        requests, failures = [], []
        context.on("request", lambda request: requests.append(request.url))
        context.on("weberror", lambda error: failures.append(str(error.error)))
        page = context.new_page()
        page.set_default_timeout(60_000)  # the first answer loads the models
        page.goto(url)
        page.get_by_role("textbox", name=strings.QUESTION).wait_for()
        opened.append((context, urlsplit(url).netloc, requests, failures))
        return page

    yield open_chat
    for context, host, requests, failures in opened:
        context.close()
        assert [url for url in requests if urlsplit(url).netloc not in (host, "")] == []
        assert failures == []


@pytest.fixture
def chat(open_chat, assistant, fake_server):
    return open_chat(fake_server[1])


def ask(page, question):
    """Ask by keyboard, wait until the answer is whole, and return its part of the page."""
    before = page.locator(".exchange").count()
    box = page.get_by_role("textbox", name=strings.QUESTION)
    box.fill(question)
    box.press("Enter")
    exchange = page.locator(".exchange").nth(before)
    exchange.and_(page.locator('[aria-busy="false"]')).wait_for()
    page.get_by_role("button", name=strings.SEND).wait_for()
    return exchange


def follow(page, link):
    """Click a link that opens a tab of its own, and return the new page."""
    with page.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_load_state()
    return opened.value


def fits(page):
    return page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


# --- the page, with a fake assistant ---


def test_every_control_has_a_name(chat):
    names = [button.text_content().strip() for button in chat.get_by_role("button").all()]

    assert names == [*strings.EXAMPLES, strings.SEND]
    assert chat.title() == strings.NAME
    assert chat.get_by_role("heading", level=1).inner_text() == strings.NAME


def test_marker_leads_to_its_source(chat):
    exchange = ask(chat, "When?")

    exchange.get_by_role("link", name=f"Source 1: {SOURCE.title}").click()

    card = chat.locator("#source-1-1")
    assert card.evaluate("card => card === document.activeElement")
    assert QUOTE in card.inner_text()
    assert urlsplit(chat.url).fragment == ""


def test_marker_of_a_folded_source_unfolds_it(chat, assistant):
    citations = tuple(cite(n=n) for n in range(1, 8))
    assistant.answer = answered("One. [1] Seven. [7]", citations=citations)
    exchange = ask(chat, "When?")
    assert not chat.locator("#source-1-7").is_visible()

    exchange.get_by_role("link", name="Source 7").click()

    assert chat.locator("#source-1-7").is_visible()


def test_citation_opens_the_document_at_the_quoted_words(chat):
    exchange = ask(chat, "When?")

    document = follow(chat, exchange.get_by_role("link", name=strings.READ_NAMED.format(read=strings.READ, n=1)))

    mark = document.locator("mark#quote")
    assert mark.inner_text() == exchange.locator("blockquote").inner_text() == QUOTE
    assert mark.evaluate("mark => mark.getBoundingClientRect().bottom <= window.innerHeight")


def test_citation_shows_what_it_rests_on_and_unfolds_the_rest_by_keyboard(chat, assistant):
    assistant.answer = answered(citations=(cite_compiled("U1", "P1", "C1"),))
    card = ask(chat, "When?").locator("#source-1-1")
    assert "UNESCO · 24 June 2022 · official" in card.inner_text()
    assert card.get_by_role("link", name=ORIGINS["U1"].title).get_attribute("href") == ORIGINS["U1"].url
    further = card.get_by_role("link", name=ORIGINS["P1"].title)
    assert not further.is_visible()

    card.locator("summary", has_text="and 2 more sources").press("Enter")

    assert further.is_visible()
    assert "Guild · undated · unofficial copy of a UNESCO text" in card.inner_text()
    assert card.get_by_role("link", name=ORIGINS["C1"].title).count() == 0  # its address is none of the web


def test_numbers_in_a_document_lead_to_its_sources_and_the_quote_stays_marked(chat, assistant):
    assistant.answer = answered(citations=(cite_compiled("U1", "P1"),))
    exchange = ask(chat, "When?")
    document = follow(chat, exchange.locator("a.read"))
    assert document.locator("mark#quote").inner_text() == "Lisvale joined in 2011."
    assert document.locator("sup").first.inner_text() == "[1] [2]"

    document.get_by_role("link", name="[2]", exact=True).first.click()

    source = document.locator("li:target")
    assert ORIGINS["P1"].title in source.inner_text()
    assert source.evaluate("li => li.getBoundingClientRect().bottom <= window.innerHeight")
    assert document.locator("mark").count() == 1


def test_long_list_stays_short_until_it_is_unfolded(open_chat, assistant, fake_server):
    page = open_chat(fake_server[1], viewport=PHONE)
    quote = "\n\n".join(f"City {n} is a City of Music." for n in range(84))
    long = replace(cite_compiled("U1", "P1", "C1"), quote=quote)
    cards = (long, *(cite_compiled("U1", "P1", "C1", n=n) for n in range(2, 42)))
    lines = "\n".join(f"- Country {n}: City [{n}]" for n in range(2, 42))
    assistant.answer = answered(f"There are 84: [1]\n\n{lines}", citations=cards)

    exchange = ask(page, "List all")

    assert fits(page)
    assert exchange.locator(".sources").bounding_box()["height"] < 3 * PHONE["height"]
    assert not page.get_by_text("City 83 is").is_visible()
    page.get_by_text("and 80 more lines of this quote").click()
    assert page.get_by_text("City 83 is").is_visible()


def test_follow_up_carries_the_conversation(chat, assistant):
    ask(chat, "When did it close?")
    assistant.answer = answered(question="And in 2023?", standalone_question="When did the 2023 call close?")

    exchange = ask(chat, "And in 2023?")

    assert [turn.content for turn in assistant.asked[1].history] == ["When did it close?", answered().answer]
    assert "Understood as: When did the 2023 call close?" in exchange.inner_text()


def test_example_is_asked_by_its_button(chat, assistant):
    chat.get_by_role("button", name=strings.EXAMPLES[1]).click()

    chat.locator('.exchange[aria-busy="false"]').wait_for()
    assert assistant.asked[0].question == strings.EXAMPLES[1]
    assert not chat.get_by_role("button", name=strings.EXAMPLES[1]).is_visible()


def test_answer_can_be_stopped_and_the_next_one_asked(chat, assistant):
    assistant.go.clear()
    box = chat.get_by_role("textbox", name=strings.QUESTION)
    box.fill("A long question")
    box.press("Enter")
    chat.locator('.exchange[aria-busy="true"]', has_text="Searching").wait_for()

    chat.get_by_role("button", name=strings.STOP).click()

    chat.locator(".exchange", has_text=strings.STOPPED).wait_for()
    assistant.go.set()
    assert QUOTE in ask(chat, "When?").inner_text()
    assert assistant.asked[-1].history == ()


def test_clearing_forgets_the_conversation(chat, assistant):
    ask(chat, "When?")

    chat.get_by_role("button", name=strings.CLEAR).click()

    chat.get_by_role("button", name=strings.EXAMPLES[0]).wait_for()
    assert chat.locator(".exchange").count() == 0
    ask(chat, "When?")
    assert assistant.asked[-1].history == ()


def test_empty_question_asks_nothing(chat, assistant):
    box = chat.get_by_role("textbox", name=strings.QUESTION)
    box.fill("   ")
    box.press("Enter")
    chat.wait_for_function("document.querySelector('#question textarea').value === ''")

    assert assistant.asked == []
    assert chat.get_by_role("button", name=strings.EXAMPLES[0]).is_visible()


def test_shift_enter_begins_a_new_line(chat, assistant):
    box = chat.get_by_role("textbox", name=strings.QUESTION)
    box.fill("When")
    box.press("Shift+Enter")
    box.press_sequentially("did it close?")

    assert box.input_value() == "When\ndid it close?"
    assert assistant.asked == []


def test_refusal_looks_different_and_has_no_sources(chat, assistant):
    assistant.answer = NO_ANSWER

    exchange = ask(chat, "What does it cost?")

    assert exchange.locator(".plain.no_answer").inner_text().startswith(strings.NO_ANSWER)
    assert exchange.locator(".sources, .badge").count() == 0


def test_error_is_one_sentence_and_the_chat_goes_on(chat, assistant):
    assistant.answer = IndexStale("The index is stale: run `uccn index`")
    assert "The index is stale: run `uccn index`" in ask(chat, "When?").inner_text()

    assistant.answer = answered()
    assert QUOTE in ask(chat, "When?").inner_text()


def test_no_text_of_a_visitor_or_a_document_runs(chat, assistant):
    evil = replace(ORIGINS["U1"], title=EVIL, publisher=EVIL, date=EVIL, url=f"https://{EVIL}", note=EVIL)
    quoted = replace(cite(), title=EVIL, publisher=EVIL, section=EVIL, quote=EVIL, source_id=EVIL, date=EVIL)
    quoted = replace(quoted, document=EVIL, origins=(evil, replace(evil, url=EVIL)))
    assistant.answer = answered(
        EVIL + " [1]",
        question=EVIL,
        standalone_question=EVIL + "?",
        notes=(EVIL,),
        citations=(quoted,),
        as_of=EVIL,
    )

    exchange = ask(chat, EVIL)

    assert exchange.locator(".question").inner_text() == EVIL
    assert exchange.locator("blockquote").inner_text() == EVIL
    assert exchange.locator("img, script").count() == 0
    assert chat.evaluate("window.bad") is None


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read(open_chat, assistant, fake_server, scheme):
    page = open_chat(fake_server[1], color_scheme=scheme)
    assert page.evaluate(PALE_TEXT) == []

    quote = cite_compiled("U1", "P1", "C1", quote=COMPILED_TEXT)
    assistant.answer = answered(citations=(replace(quote, quote="A line.\n" * 9),))
    ask(page, "When?")
    page.evaluate("document.querySelectorAll('details').forEach(folded => { folded.open = true; })")
    assistant.answer = NO_ANSWER
    ask(page, "What does it cost?")

    assert page.evaluate(PALE_TEXT) == []
    document = follow(page, page.locator("a.read"))
    assert document.evaluate(PALE_TEXT) == []


def test_phone_needs_no_scrolling_sideways(open_chat, assistant, fake_server):
    page = open_chat(fake_server[1], viewport=PHONE, has_touch=True, is_mobile=True)
    assert fits(page)
    table = "| " + " | ".join(["column"] * 12) + " |\n|" + "---|" * 12 + "\n| " + " | ".join(["word"] * 12) + " |"
    long = replace(ORIGINS["U1"], title="title" * 30, publisher="publisher" * 20)
    citation = replace(cite_compiled("U1"), document="document" * 20, origins=(long, long))
    assistant.answer = answered(f"{'long' * 40} [1]\n\n{table}", citations=(citation,))

    ask(page, "question" * 30)

    assert fits(page)
    for name in (strings.SEND, strings.CLEAR):
        box = page.get_by_role("button", name=name).bounding_box()
        assert 0 <= box["x"] <= PHONE["width"] - box["width"]
        assert box["height"] >= 24  # to be hit with a thumb
    document = follow(page, page.locator("a.read"))
    assert fits(document)


def test_focus_can_be_seen(chat):
    ask(chat, "When?")
    chat.locator("h1").click()

    seen = set()
    for _ in range(6):
        chat.keyboard.press("Tab")
        style = chat.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        seen.add(chat.evaluate("document.activeElement.className.split(' ')[0] || document.activeElement.tagName"))
        assert style == "solid"
    assert {"marker", "read"} <= seen


def test_new_question_is_scrolled_into_view(chat):
    for n in range(3):
        exchange = ask(chat, f"When? {n}")

    chat.wait_for_function("document.querySelector('.exchange:last-child').getBoundingClientRect().top < 100")
    assert exchange.locator(".question").is_visible()


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
    for n in range(exchange.locator(".sources li[id]").count()):
        card = exchange.locator(".sources li[id]").nth(n)
        page.evaluate("document.querySelectorAll('details').forEach(folded => { folded.open = true; })")
        card.locator("blockquote summary").evaluate_all("all => all.forEach(summary => summary.remove())")
        document = follow(page, card.locator("a.read"))
        marked = " ".join(document.locator("mark").all_inner_texts())
        assert words(marked) == words(card.locator("blockquote").inner_text())
        document.close()


def test_visitor_asks_a_follow_up(open_chat, app):
    page = open_chat(app)
    ask(page, "Which cities in China are Cities of Gastronomy?")

    exchange = ask(page, "And Film?")

    assert "Qingdao" in exchange.locator(".answer").inner_text()
    assert strings.UNDERSTOOD in exchange.inner_text()


def test_visitor_is_told_where_no_source_answers(open_chat, app):
    exchange = ask(open_chat(app), "What is the phone number of the mayor of Wuhan?")

    assert exchange.locator(".plain.no_answer").count() == 1
    assert exchange.locator(".sources").count() == 0


def test_markup_in_a_question_does_not_run(open_chat, app):
    page = open_chat(app)

    exchange = ask(page, EVIL)

    assert exchange.locator(".question").inner_text() == EVIL
    assert page.evaluate("window.bad") is None


@pytest.mark.skipif("CHAT_PICTURE" not in os.environ, reason="CHAT_PICTURE names no file to draw")
def test_picture_of_the_chat(open_chat, app):
    page = open_chat(app, viewport={"width": 1000, "height": 900}, device_scale_factor=1.5)

    ask(page, "In which creative fields can a city apply?")
    page.evaluate("document.activeElement.blur()")

    page.screenshot(path=os.environ["CHAT_PICTURE"])


def words(text):
    """Return the words of a quote; the bars between the cells of a table row do not count."""
    return text.replace("|", " ").split()
