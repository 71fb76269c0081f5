"""The widget in a real browser, on pages of another origin than the server's."""

import json
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from engines import until
from fakes import NO_ANSWER, ORIGINS, QUOTE, SOURCE, FakeAssistant, answered, cite, cite_compiled, running
from test_browser import CHROMIUM, EVIL, FLAGS, PHONE

from assistant.pages import read_static
from assistant.records import Answer
from assistant.store import Store
from assistant.widget import script

WORDS = json.loads(read_static("widget.json"))
EN = WORDS["en"]
WIDGET = "uccn-assistant"
HOSTS = "--host-resolver-rules=MAP *.example 127.0.0.1"
HOSTILE = """
* { all: unset !important; font-size: 90px !important; direction: rtl !important; }
body { display: block !important; transform: rotate(3deg) !important; filter: blur(9px); overflow: hidden !important; }
uccn-assistant, uccn-assistant * { display: none !important; visibility: hidden !important; opacity: 0 !important;
  position: static !important; transform: scale(0) !important; clip-path: circle(0) !important; width: 1px !important;
  color: #fff !important; background: #fff !important; pointer-events: none !important; }
"""

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

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: install it to run the browser tests"),
]


class Host:
    """A website of another origin: pages by their path, each with its headers."""

    def __init__(self):
        host = self
        self.pages = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                body, headers = host.pages.get(urlsplit(self.path).path, ("<!doctype html><title>none</title>", {}))
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]

    def origin(self, name="city.example"):
        return f"http://{name}:{self.port}"

    def put(self, body, path="/", *, title="City of Example", head="", **headers):
        page = (
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">{head}</head>'
            f"<body><main><h1>{title}</h1><p>Welcome.</p>{body}</main></body></html>"
        )
        self.pages[path] = (page, {name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture(scope="module")
def host():
    host = Host()
    thread = threading.Thread(target=host.server.serve_forever)
    thread.start()
    yield host
    host.server.shutdown()
    thread.join(10)
    host.server.server_close()


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('store')}/store.sqlite3"


@pytest.fixture(scope="module")
def server(host, store):
    assistant = FakeAssistant()
    with running(assistant, allowed_origins=(host.origin(), host.origin("*.ville.example")), database_url=store) as url:
        yield assistant, url


@pytest.fixture
def assistant(server):
    assistant, _ = server
    assistant.answer = answered()
    assistant.asked.clear()
    yield assistant
    assistant.go.set()


@pytest.fixture
def url(server, assistant):
    return server[1]


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, HOSTS])
        yield browser
        browser.close()


@pytest.fixture
def visit(browser, host, url):
    """Open a page of the website in a profile of its own; in the end only its host and the server were asked."""
    opened = []

    def visit(path="/", *, at="city.example", strict=True, **options):
        context = browser.new_context(**options)
        requests, failures = [], []
        context.on("request", lambda request: requests.append(request.url))
        context.on("weberror", lambda error: failures.append(str(error.error)))
        page = context.new_page()
        page.on("console", lambda message: failures.append(message.text) if message.type == "error" else None)
        page.goto(host.origin(at) + path)
        opened.append((context, requests, failures if strict else []))
        return page

    yield visit
    for context, requests, failures in opened:
        cookies = context.cookies()
        context.close()
        assert {urlsplit(request).port for request in requests} <= {host.port, urlsplit(url).port}
        assert cookies == []
        assert failures == []


def tag(url, **options):
    data = "".join(f" data-{name}='{value}'" for name, value in options.items())
    return f"<script src='{url}/widget.js' async{data}></script>"


@contextmanager
def served(assistant, host):
    with running(assistant, allowed_origins=(host.origin(),)) as url:
        yield url


def widget(page):
    page.locator(WIDGET).wait_for(state="attached")
    return page.locator(WIDGET)


def opened(page):
    widget(page).get_by_role("button", name=EN["open"]).click()
    return widget(page)


def ask(page, question="When?"):
    """Ask by keyboard in an open widget and wait for the end of the answer."""
    inside = widget(page)
    box = inside.locator("form > textarea").last
    box.fill(question)
    box.press("Enter")
    inside.locator("article").last.locator(".row").first.wait_for()
    return inside.locator("article").last


# --- what it does ---


def test_a_visitor_asks_and_reads_the_quote_in_its_place(host, visit, url, assistant):
    host.put(tag(url))
    page = visit()

    opened(page)
    reply = ask(page)
    assert reply.locator("figure").count() == 0
    reply.get_by_role("button", name="Source 1: Calls & dates").press("Enter")

    quote = reply.locator("figure")
    assert quote.locator("blockquote").inner_text() == QUOTE
    assert reply.locator(".said p + figure").count() == 1
    assert "Office <of> calls · 30 June 2021" in quote.inner_text()
    assert quote.get_by_role("link", name=SOURCE.title).get_attribute("href") == SOURCE.url
    assert "As of 30 June 2021" in reply.inner_text()
    assert "It closed on 30 June 2021." in reply.locator(".said").inner_text()
    reply.locator(".mark").press("Enter")
    assert reply.locator("figure").count() == 0
    assert assistant.asked[0].question == "When?"


def test_the_link_of_a_quote_opens_the_document_at_its_words(host, visit, url):
    host.put(tag(url))
    page = visit()
    opened(page)
    reply = ask(page)

    with page.context.expect_page() as document:
        reply.locator(".sources a").last.click()

    assert document.value.locator("mark#quote").inner_text() == QUOTE


def test_the_answer_appears_as_it_comes_and_can_be_stopped(host, visit, url, assistant):
    host.put(tag(url))
    page = visit()
    inside = opened(page)
    assistant.go.clear()
    inside.get_by_role("textbox").fill("A long one")
    inside.get_by_role("textbox").press("Enter")
    inside.locator(".wait", has_text=EN["searching"]).wait_for()

    inside.get_by_role("button", name=EN["stop"]).click()

    inside.locator(".plain", has_text=EN["stopped"]).wait_for()
    assistant.go.set()
    assert "30 June 2021" not in inside.locator(".panel").inner_text()
    assert "30 June 2021" in ask(page, "When?").inner_text()


def test_a_follow_up_carries_the_conversation_and_says_how_it_was_understood(host, visit, url, assistant):
    host.put(tag(url))
    page = visit()
    opened(page)
    ask(page, "When did it close?")
    assistant.answer = answered(question="And in 2023?", standalone_question="When did the 2023 call close?")

    reply = ask(page, "And in 2023?")

    assert [turn.content for turn in assistant.asked[1].history] == ["When did it close?", answered().answer]
    assert "When did the 2023 call close?" in reply.inner_text()


def test_the_conversation_stays_when_the_page_changes_and_ends_with_a_new_one(host, visit, url):
    host.put(tag(url))
    host.put(tag(url), "/second")
    page = visit()
    opened(page)
    ask(page, "When?")

    page.goto(host.origin() + "/second")

    inside = widget(page)
    assert inside.locator(".ask").all_inner_texts() == ["When?"]
    assert "30 June 2021" in inside.locator(".said").inner_text()
    inside.get_by_role("button", name=EN["fresh"]).click()
    assert inside.locator("article").count() == 0
    page.reload()
    assert widget(page).locator("article").count() == 0


def test_a_page_left_in_mid_answer_offers_to_ask_again(host, visit, url, assistant):
    host.put(tag(url))
    page = visit()
    inside = opened(page)
    assistant.go.clear()
    inside.get_by_role("textbox").fill("When?")
    inside.get_by_role("textbox").press("Enter")
    inside.locator(".wait").wait_for()

    page.reload()
    assistant.go.set()

    widget(page).get_by_role("button", name=EN["again"]).click()
    widget(page).locator(".said", has_text="30 June 2021").wait_for()


def test_a_question_back_is_answered_by_a_button(host, visit, url, assistant):
    host.put(tag(url))
    page = visit()
    opened(page)
    assistant.answer = Answer("Granada?", "clarify", "Which Granada: **Spain** or **Nicaragua**?")
    reply = ask(page, "Granada?")
    assistant.answer = answered()

    reply.get_by_role("button", name="Nicaragua").click()

    widget(page).locator(".badge").wait_for()
    assert assistant.asked[-1].question == "Nicaragua"


def test_a_refusal_is_marked_and_has_no_sources(host, visit, url, assistant):
    host.put(tag(url))
    page = visit()
    opened(page)
    assistant.answer = NO_ANSWER

    reply = ask(page, "What does it cost?")

    assert reply.locator(".plain .label").inner_text() == EN["no_answer"]
    assert reply.locator(".sources, .badge").count() == 0


def test_a_rating_reaches_the_store_with_its_comment(host, visit, url, store):
    host.put(tag(url))
    page = visit()
    opened(page)
    reply = ask(page)
    assert EN["rate"] in reply.inner_text()

    reply.get_by_role("button", name=EN["down"]).click()
    comment = reply.get_by_role("textbox", name=EN["wrong"])
    comment.and_(page.locator(":focus")).wait_for()
    comment.fill("Too short, write to me@city.example")
    reply.get_by_role("button", name=EN["submit"]).press("Enter")

    reply.get_by_text(EN["thanks"]).wait_for()
    (rating,) = Store(store).ratings()
    assert (rating.verdict, rating.question, rating.answer) == ("down", "When?", answered().answer)
    assert rating.comment == "Too short, write to [e-mail]"
    assert (rating.channel, bool(rating.conversation)) == ("widget", True)
    page.reload()
    assert widget(page).locator("article").count() == 1
    assert widget(page).get_by_role("button", name=EN["down"]).count() == 0


def test_an_answer_is_copied_with_its_sources(host, visit, url):
    host.put(tag(url, mode="inline"))
    page = visit()
    page.evaluate(
        "Object.defineProperty(navigator, 'clipboard', {value: {writeText: async text => { window.copied = text; }}})"
    )
    reply = ask(page)

    reply.get_by_role("button", name=EN["copy"]).click()

    reply.get_by_role("button", name=EN["copied"]).wait_for()
    copied = page.evaluate("window.copied")
    assert "It closed on 30 June 2021. [1]" in copied
    assert f"[1] {SOURCE.title}, {SOURCE.publisher}, 2021-06-30, {SOURCE.url}" in copied


def test_the_full_chat_gets_the_questions_and_no_answers(host, visit, url):
    host.put(tag(url))
    page = visit()
    inside = opened(page)
    ask(page, "When?")

    page.evaluate("window.open = (...given) => { window.given = given; }")
    inside.get_by_role("button", name=EN["full"]).click()

    address, target, features = page.evaluate("window.given")
    assert address == f"{url}/?q=When%3F#ask=%5B%22When%3F%22%5D"
    assert (target, features) == ("_blank", "noopener")


def test_a_page_can_open_it_ask_and_listen(host, visit, url):
    host.put(tag(url))
    page = visit()
    widget(page)

    heard = page.evaluate(
        """async () => {
          const heard = [];
          for (const name of ["open", "ask", "answer", "close"])
            document.addEventListener("uccn-" + name, event => heard.push([name, event.detail]));
          const element = document.querySelector("uccn-assistant");
          element.open();
          await element.ask("When?");
          element.close();
          return heard;
        }"""
    )

    assert [name for name, _ in heard] == ["open", "ask", "answer", "close"]
    assert heard[2][1]["answer"]["citations"][0]["quote"] == QUOTE


def test_what_a_page_sets_is_shown(host, visit, url):
    questions = "When did it close?|Who may apply?"
    options = {"language": "fr", "heading": "Nos questions", "greeting": "Bonjour !", "questions": questions}
    host.put(tag(url, mode="inline", contact="mairie@city.example", accent="#ffdd00", **options))
    page = visit()
    inside = widget(page)

    assert inside.get_by_role("heading", level=2).inner_text() == "Nos questions"
    assert "Bonjour !" in inside.locator(".panel").inner_text()
    assert inside.get_by_role("link").get_attribute("href") == "mailto:mairie@city.example"
    colours = inside.locator("form .main").first.evaluate(
        "button => [getComputedStyle(button).backgroundColor, getComputedStyle(button).color]"
    )
    assert colours == ["rgb(255, 221, 0)", "rgb(0, 0, 0)"]
    inside.get_by_role("button", name="Who may apply?").click()
    inside.locator(".badge").wait_for()
    assert inside.evaluate("element => element.previousElementSibling.tagName") == "SCRIPT"


def test_an_element_of_the_page_s_own_is_used_and_can_change_its_language(host, visit, url):
    host.put(f"<uccn-assistant mode='inline'><a href='{url}'>Ask</a></uccn-assistant>{tag(url)}{tag(url)}")
    page = visit()
    inside = widget(page)
    inside.locator("form").wait_for()

    page.evaluate(f"document.querySelector('{WIDGET}').setAttribute('language', 'de')")

    assert inside.count() == 1
    assert inside.get_by_role("textbox").get_attribute("aria-label") == WORDS["de"]["question"]
    assert page.locator("main").get_by_role("heading", level=1).inner_text() == "City of Example"


# --- where it stands ---


def test_a_website_that_is_not_allowed_is_told_so(host, visit, url, assistant):
    host.put(tag(url))
    page = visit(at="other.city.example", strict=False)
    opened(page)

    reply = ask(page)

    assert EN["refused"] in reply.inner_text()
    assert assistant.asked == []


@pytest.mark.parametrize(("name", "allowed"), [("www.ville.example", True), ("a.www.ville.example", False)])
def test_a_wildcard_lets_in_one_level(host, visit, url, name, allowed):
    host.put(tag(url))
    page = visit(at=name, strict=allowed)
    opened(page)

    reply = ask(page)

    assert (reply.locator(".badge").count() == 1) is allowed


def test_a_strict_policy_with_a_nonce_is_kept(host, visit, url):
    policy = (
        f"default-src 'none'; script-src 'nonce-abc'; connect-src {url}; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'"
    )
    host.put(tag(url).replace("<script", "<script nonce='abc'"), Content_Security_Policy=policy)
    page = visit()  # any violation would be an error in the console
    inside = opened(page)
    reply = ask(page)

    reply.locator(".mark").click()

    assert QUOTE in reply.inner_text()
    assert inside.locator(".panel").evaluate("panel => getComputedStyle(panel).borderRadius") == "12px"


def test_the_integrity_hash_of_the_versioned_script_is_right_and_a_wrong_one_is_refused(host, visit, url):
    def versioned(integrity):
        address = f"{url}/widget/{script().version}.js"
        return f"<script src='{address}' async crossorigin='anonymous' integrity='{integrity}'></script>"

    host.put(versioned(script().integrity))
    page = visit()
    opened(page)
    assert ask(page).locator(".badge").count() == 1

    host.put(versioned(script().integrity[:-4] + "AAAA"))
    page = visit(strict=False)
    page.wait_for_load_state("networkidle")
    assert page.locator(WIDGET).count() == 0


def test_hostile_css_changes_nothing(host, visit, url):
    host.put(tag(url))
    plain = visit(viewport={"width": 900, "height": 800})
    opened(plain)
    ask(plain).locator(".mark").click()
    look = "element => { const box = element.getBoundingClientRect(); return [box.x, box.y, box.width, box.height]; }"
    seen = "e => { const style = getComputedStyle(e); return [style.visibility, style.opacity, style.direction]; }"
    parts = (".panel", ".said", "textarea")
    expected = {part: plain.locator(f"{WIDGET} {part}").first.evaluate(look) for part in parts}

    host.put(tag(url), head=f"<style>{HOSTILE}</style>")
    page = visit(viewport={"width": 900, "height": 800})
    widget(page)
    page.evaluate(f"document.querySelector('{WIDGET}').open()")
    ask(page).locator(".mark").click()

    for part, box in expected.items():
        element = page.locator(f"{WIDGET} {part}").first
        assert element.evaluate(look) == pytest.approx(box, abs=1), part
        assert element.evaluate(seen) == ["visible", "1", "ltr"]


def test_the_host_s_own_style_keys_and_handlers_stay_as_they_are(host, visit, url):
    host.put(
        "<button id='own'>Own</button><input id='field'>" + tag(url),
        head="<style>button { color: rgb(1, 2, 3); }</style>",
    )
    page = visit()
    page.evaluate("window.keys = []; document.addEventListener('keydown', event => window.keys.push(event.key))")
    names = "Object.keys(window).filter(name => /uccn/i.test(name))"

    opened(page)
    ask(page, "s")

    assert page.evaluate("window.keys") == []
    assert page.evaluate(names) == []
    assert page.locator("#own").evaluate("button => getComputedStyle(button).color") == "rgb(1, 2, 3)"
    page.locator("#field").press("s")
    assert page.evaluate("window.keys") == ["s"]


def test_no_text_runs(host, visit, url, assistant):
    from dataclasses import replace

    evil = replace(ORIGINS["U1"], title=EVIL, publisher=EVIL, date=EVIL, url="javascript:window.bad=1")
    citation = replace(cite(), title=EVIL, quote=EVIL, source_id=EVIL, document=EVIL, origins=(evil,))
    assistant.answer = answered(
        f"{EVIL} **{EVIL}** [1]\n\n| {EVIL} | b |\n|---|---|\n| {EVIL} | d |\n\n- {EVIL}",
        standalone_question=EVIL,
        notes=(EVIL,),
        citations=(citation,),
        as_of=EVIL,
    )
    host.put(tag(url, heading="<img src=x onerror=alert(1)>", greeting="<script>window.bad=1</script>"))
    page = visit()
    opened(page)

    reply = ask(page, EVIL)
    reply.locator(".mark").first.click()

    assert reply.locator("img, script, iframe").count() == 0
    assert reply.locator("blockquote").inner_text() == EVIL
    links = reply.locator("a").evaluate_all("links => links.map(link => link.protocol)")
    assert set(links) <= {"http:", "https:", "mailto:"}
    assert page.evaluate("window.bad") is None


@pytest.mark.parametrize("moment", ["before", "during"])
def test_without_its_server_it_says_so_and_names_whom_to_ask(host, browser, moment):
    assistant = FakeAssistant()
    context = browser.new_context()
    page = context.new_page()
    with served(assistant, host) as url:
        host.put(tag(url, contact="mairie@city.example"))
        page.goto(host.origin())
        inside = opened(page)
        inside.get_by_role("textbox").fill("When?")
        if moment == "during":
            assistant.go.clear()
            inside.get_by_role("textbox").press("Enter")
            inside.locator(".wait").wait_for()
            until(lambda: assistant.asked)  # the wait shows before the server has the question
            threading.Timer(3, assistant.go.set).start()
    if moment == "before":
        inside.get_by_role("textbox").press("Enter")

    inside.get_by_role("button", name=EN["again"]).wait_for()

    text = inside.locator("article").inner_text()
    assert (EN["unreached"] if moment == "before" else EN["broke"]) in text
    assert "mairie@city.example" in text
    assert inside.get_by_role("textbox").is_enabled()
    context.close()


def test_too_many_questions_are_told_with_the_seconds_to_wait(host, browser):
    with running(FakeAssistant(), allowed_origins=(host.origin(),), rate_asks="1/minute") as url:
        host.put(tag(url))
        context = browser.new_context()
        page = context.new_page()
        page.route(  # as through a proxy: what comes from this very machine is not counted
            "**/api/v1/ask/stream",
            lambda route: route.continue_(headers={**route.request.headers, "x-forwarded-for": "203.0.113.9"}),
        )
        page.goto(host.origin())
        opened(page)
        assert ask(page).locator(".badge").count() == 1

        text = ask(page, "And then?").inner_text()

        context.close()
    assert re.search(r"Too many questions. Wait \d+ seconds", text)


# --- for everybody ---


def test_it_can_be_used_with_the_keyboard_alone(host, visit, url):
    host.put("<a href='#x'>Before</a>" + tag(url))
    page = visit()
    widget(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.type("When?")
    page.keyboard.press("Enter")
    reply = widget(page).locator("article").last
    reply.locator(".badge").wait_for()

    for _ in range(12):  # back to the marker
        page.keyboard.press("Shift+Tab")
        focused = page.evaluate(f"document.querySelector('{WIDGET}').shadowRoot.activeElement?.className")
        outline = page.evaluate(
            f"getComputedStyle(document.querySelector('{WIDGET}').shadowRoot.activeElement).outlineStyle"
        )
        assert outline == "solid"
        if focused == "mark":
            break
    page.keyboard.press("Enter")
    assert QUOTE in reply.locator("figure").inner_text()
    page.keyboard.press("Escape")

    assert not widget(page).locator(".panel").is_visible()
    launcher = page.evaluate(f"document.querySelector('{WIDGET}').shadowRoot.activeElement.className")
    assert launcher == "launch"


def test_a_screen_reader_is_told_what_happens_once(host, visit, url):
    host.put(tag(url))
    page = visit()
    inside = opened(page)

    ask(page)

    assert inside.get_by_role("status").inner_text() == "It closed on 30 June 2021. "[:-1]
    assert inside.get_by_role("dialog").get_attribute("aria-label") == EN["heading"]
    names = [button.get_attribute("aria-label") or button.inner_text() for button in inside.get_by_role("button").all()]
    assert all(names)


@pytest.mark.parametrize("language", ["en", "ar", "zh"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_breaks_no_rule_of_accessibility(host, visit, url, assistant, language, scheme):
    host.put(tag(url, language=language))
    page = visit(color_scheme=scheme)
    widget(page)
    closed = Axe().run(page)
    page.evaluate(f"document.querySelector('{WIDGET}').open()")
    many = tuple(cite_compiled("U1", "P1", n=n) for n in range(1, 8))
    assistant.answer = answered("| A | B |\n|---|---|\n| 1 | 2 [7] |\n\n- One. [1]", citations=many, notes=("A note.",))
    reply = ask(page)
    reply.locator(".mark").last.click()
    reply.locator("summary").click()
    reply.get_by_role("button", name=WORDS[language]["down"], exact=True).click()
    assistant.answer = NO_ANSWER
    ask(page, "What does it cost?")

    whole = Axe().run(page)

    assert closed.violations_count == 0, closed.generate_report()
    assert whole.violations_count == 0, whole.generate_report()
    everything = f'document.querySelector("{WIDGET}").shadowRoot.querySelectorAll("*")'
    pale = PALE_TEXT.replace('document.querySelectorAll("body *")', everything).replace(".sr-only, script", ".away")
    assert everything in pale
    assert page.evaluate(pale) == []


def test_on_a_phone_it_is_a_sheet_of_full_height_that_keeps_the_focus(host, visit, url):
    host.put(tag(url) + "<p>long</p>" * 80)
    page = visit(viewport=PHONE, has_touch=True, is_mobile=True)
    inside = widget(page)
    inside.get_by_role("button", name=EN["open"]).tap()

    box = inside.get_by_role("dialog").bounding_box()
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, PHONE["width"], PHONE["height"])
    assert inside.get_by_role("dialog").get_attribute("aria-modal") == "true"
    ask(page, "question" * 20)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert inside.locator(".log").evaluate("log => log.scrollWidth <= log.clientWidth")
    for _ in range(20):
        page.keyboard.press("Tab")
        assert page.evaluate(f"document.activeElement === document.querySelector('{WIDGET}')")
    for button in inside.get_by_role("button").all():
        assert button.bounding_box()["height"] >= 24


def test_arabic_runs_from_right_to_left(host, visit, url, assistant):
    words = WORDS["ar"]
    assistant.answer = answered("أُغلق في **30 يونيو 2021**. [1]", language="ar")
    host.put(tag(url, language="ar"))
    page = visit()
    inside = widget(page)
    inside.get_by_role("button", name=words["open"]).click()

    reply = ask(page, "متى؟")

    assert inside.locator(".panel").get_attribute("dir") == "rtl"
    assert inside.locator(".said").get_attribute("dir") == "rtl"
    close = inside.get_by_role("button", name=words["close"]).bounding_box()
    assert close["x"] < inside.locator("h2").bounding_box()["x"]
    assert "30 يونيو 2021" in reply.locator(".badge").inner_text()


def test_a_long_answer_scrolls_inside_and_folds_its_sources(host, visit, url, assistant):
    citations = tuple(cite(n=n) for n in range(1, 31))
    assistant.answer = answered("\n".join(f"- City {n} [{n}]" for n in range(1, 31)), citations=citations)
    host.put(tag(url, mode="inline"))
    page = visit(viewport={"width": 700, "height": 700})
    before = page.evaluate("document.documentElement.scrollHeight")
    widget(page).locator("form").wait_for()

    reply = ask(page)

    assert reply.locator(".sources").first.locator("li").count() == 4
    assert not reply.locator("details .sources").is_visible()
    assert widget(page).locator(".panel").bounding_box()["height"] <= 640
    assert page.evaluate("scrollY") <= max(0, before)


# --- the frame ---


def test_the_frame_works_on_a_page_without_scripts(host, visit, url):
    policy = f"default-src 'none'; frame-src {url}"
    host.put(
        f"<iframe src='{url}/embed?language=fr&heading=Questions' title='Questions' width=400 height=600></iframe>",
        Content_Security_Policy=policy,
    )
    page = visit()
    frame = page.frame_locator("iframe").locator(WIDGET)

    frame.get_by_role("textbox").fill("When?")
    frame.get_by_role("textbox").press("Enter")

    frame.locator(".badge").wait_for()
    frame.locator(".mark").click()
    assert QUOTE in frame.locator("figure").inner_text()
    assert frame.get_by_role("heading", level=2).inner_text() == "Questions"


@pytest.mark.parametrize(
    ("name", "shown"), [("www.ville.example", True), ("a.www.ville.example", False), ("other.city.example", False)]
)
def test_the_frame_is_shown_to_allowed_websites_only(host, visit, url, name, shown):
    host.put(f"<iframe src='{url}/embed' title='Questions' width=400 height=600></iframe>")
    page = visit(at=name, strict=shown)
    frame = page.frame_locator("iframe").locator(WIDGET)

    if shown:
        frame.get_by_role("textbox").wait_for()
    else:
        page.wait_for_timeout(1500)
        assert frame.count() == 0


def test_the_demo_page_works_with_default_settings_and_is_accessible(browser):
    with running(FakeAssistant()) as url:
        context = browser.new_context()
        page = context.new_page()
        errors = []
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.goto(f"{url}/embed/demo")
        opened(page)
        assert ask(page).locator(".badge").count() == 1
        page.get_by_role("link", name="Visitors").click(force=True)
        assert widget(page).locator("article").count() == 1
        report = Axe().run(page)
        context.close()

    assert errors == []
    assert report.violations_count == 0, report.generate_report()
