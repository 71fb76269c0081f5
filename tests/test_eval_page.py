"""The report of a run in a real browser: light and dark, narrow and wide, by keyboard alone, without any request."""

import os

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright
from small_evals import open_network, small_cases
from test_browser import CHROMIUM, FLAGS
from test_eval_runs import WrongFigures, run_of

from evals.report import write_report

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: install it to run the browser tests"),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    network = open_network(folder)
    before = run_of(network)
    run = run_of(WrongFigures(network), small_cases())
    write_report(run, folder / "report.html", before=before, passages=network.index.passages)
    return folder / "report.html"


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def opened(browser, report):
    pages = []

    def open_page(width=1280, **options):
        page = browser.new_page(viewport={"width": width, "height": 900}, **options)
        page.asked, page.troubles = [], []
        page.on("request", lambda request: page.asked.append(request.url))
        page.on("console", lambda message: page.troubles.append(message.text))
        page.on("pageerror", lambda error: page.troubles.append(str(error)))
        page.goto(report.as_uri())
        pages.append(page)
        return page

    yield open_page
    for page in pages:
        page.close()


def shown(page):
    return page.locator(".case:not([hidden])").count()


def test_search_and_filters_narrow_the_cases_and_say_how_many(opened):
    page = opened()

    page.get_by_label("Search questions, answers and quotes").fill("Maren Holt")
    expect(page.locator("#count")).to_have_text("1 case")
    assert shown(page) == 1
    page.get_by_label("Search questions, answers and quotes").fill("")
    page.get_by_label("Verdict").select_option("changed")
    changed = page.locator(".case[data-verdict~=changed]").count()
    expect(page.locator("#count")).to_have_text(f"{changed} cases")

    assert 1 < shown(page) == changed < 12
    assert "now wrong" in page.locator(".case:not([hidden]) summary").first.inner_text()


def test_a_case_opens_by_keyboard_and_its_marker_leads_to_its_quote(opened):
    page = opened()
    page.get_by_label("Search questions, answers and quotes").fill("Maren Holt")
    expect(page.locator("#count")).to_have_text("1 case")
    case = page.locator(".case:not([hidden])")

    case.locator("summary").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert case.get_attribute("open") is not None
    assert page.url.endswith("#e9-1")
    assert "Maren Holt" in page.locator("blockquote[aria-label='Quote 1 of e9']").inner_text()


def test_a_passage_that_was_found_can_be_read_from_its_case(opened):
    page = opened()
    page.get_by_label("Search questions, answers and quotes").fill("Maren Holt")
    expect(page.locator("#count")).to_have_text("1 case")
    case = page.locator(".case:not([hidden])")

    case.locator("summary").first.click()
    case.locator("details summary").click()
    link = case.locator(".gold a").first
    link.focus()
    page.keyboard.press("Enter")

    (text,) = page.locator(".passage:target").all_inner_texts()
    assert link.inner_text() in text
    assert "The director of the port of Lisvale is Maren Holt." in text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_page_fits_breaks_no_rule_of_access_and_asks_no_host(opened, scheme, width):
    page = opened(width, color_scheme=scheme)
    page.locator("details").evaluate_all("all => all.forEach(one => (one.open = true))")

    found = Axe().run(page).response["violations"]

    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found if rule["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    assert page.troubles == []


def test_every_case_can_be_read_without_scripts(opened):
    page = opened(java_script_enabled=False)

    assert shown(page) == 12


@pytest.mark.skipif("REPORT_PICTURE" not in os.environ, reason="only `make picture` draws the picture")
def test_draw_the_picture_of_the_report(browser):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"file://{os.environ['REPORT_PAGE']}")
    page.screenshot(path=os.environ["REPORT_PICTURE"])
