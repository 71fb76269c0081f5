import time
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from fakes import COMPILED, COMPILED_TEXT, ORIGINS, QUOTE, SOURCE, TEXT, cite
from hypothesis import given
from hypothesis import strategies as st

from assistant import strings
from assistant.pages import (
    render_reference,
    render_source,
    show_date,
    show_firmness,
)
from assistant.records import Attribution, Origin

EVIL = '<script>bad()</script><img src=x onerror=bad()> "quoted" ![i](http://evil.example/i) [l](javascript:bad())'


class Page(HTMLParser):
    """The tags, links, texts and marked words of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.marked = ""
        self.folded = ""
        self.noted = ""
        self._open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)

    def handle_endtag(self, tag):
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data):
        self.text += data
        if "mark" in self._open:
            self.marked += data
        if "details" in self._open:
            self.folded += data
        if "sup" in self._open:
            self.noted += data

    def named(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]

    def with_class(self, name):
        return [attrs for _, attrs in self.tags if name in (attrs.get("class") or "").split()]


@pytest.mark.parametrize(
    ("iso", "shown"),
    [
        ("2023-11-03", "3 November 2023"),
        ("2023-11", "November 2023"),
        ("2023", "2023"),
        ("", ""),
        ("soon", "soon"),
        ("2023-02-31", "2023-02-31"),
    ],
)
def test_date_is_shown_in_words(iso, shown):
    assert show_date(iso) == shown


@pytest.mark.parametrize(
    ("kind", "firmness", "word"),
    [
        ("unesco", "official", "official"),
        ("government", "official", "official"),
        ("member city", "member city", "member city"),
        ("press", "press", "press"),
        ("press", "unofficial", "unofficial"),
        ("unesco", "unofficial", "unofficial copy of a UNESCO text"),
    ],
)
def test_firmness_is_a_plain_word(kind, firmness, word):
    assert show_firmness(replace(ORIGINS["U1"], kind=kind, firmness=firmness)) == word


def test_source_page_marks_exactly_the_quote():
    citation = cite()

    page = Page(render_source(SOURCE, citation.start, citation.end))

    assert page.marked == QUOTE
    assert [attrs.get("id") for attrs in page.named("mark")] == ["quote"]


def test_source_page_marks_a_table_row_cell_by_cell():
    citation = cite("| Design | Shenzhen, Wuhan |")

    page = Page(render_source(SOURCE, citation.start, citation.end))

    assert page.marked == "DesignShenzhen, Wuhan"
    assert [attrs.get("id") for attrs in page.named("mark")] == ["quote", None]


def test_source_page_marks_a_list_item_and_shows_its_tags_as_text():
    citation = cite("First <b>aim</b>")

    page = Page(render_source(SOURCE, citation.start, citation.end))

    assert page.marked == "First <b>aim</b>"
    assert not page.named("b")


def test_source_page_without_a_quote_marks_nothing():
    assert not Page(render_source(SOURCE)).named("mark")


def test_source_page_links_the_original_only_over_http():
    assert Page(render_source(SOURCE)).named("a")[0]["href"] == "https://example.org/call"
    assert not Page(render_source(replace(SOURCE, url="javascript:bad()"))).named("a")


@given(st.integers(0, len(TEXT)), st.integers(0, len(TEXT)))
def test_every_span_of_a_source_is_marked_in_full(start, end):
    start, end = min(start, end), max(start, end)

    marked = Page(render_source(SOURCE, start, end)).marked

    unmarked = str.maketrans("", "", "#|- \n")
    assert marked.translate(unmarked) == TEXT[start:end].translate(unmarked)


def test_statement_of_a_compiled_document_leads_to_its_origins_firmest_first():
    page = Page(render_source(COMPILED, origins=ORIGINS))

    assert page.noted == "[1] [2]" + "[3]" + "[1]" + "[1] [3] [2]"
    items = [attrs["id"] for attrs in page.named("li") if "id" in attrs]
    assert items == ["o1", "o2", "o3"]
    assert {attrs["href"] for attrs in page.named("a")} >= {"#o1", "#o2", "#o3", "#sources", ORIGINS["P1"].url}


def test_list_at_the_end_of_a_compiled_document_tells_of_each_origin():
    page = Page(render_source(COMPILED, origins=ORIGINS))

    listed = page.text[page.text.index(strings.SOURCE_NUMBERS) :]
    assert "List of membersUNESCO · 24 June 2022 · official" in listed
    assert "News <of> the portPost & Sons · November 2021 · press" in listed
    assert "Copy of a releaseGuild · undated · unofficial copy of a UNESCO textread in 2023" in listed
    assert "3, listed at the end" in page.text


def test_document_of_one_origin_has_no_numbers_and_no_list():
    html = render_source(SOURCE, origins=ORIGINS)

    assert "<sup" not in html
    assert 'id="sources"' not in html


@given(st.integers(0, len(COMPILED_TEXT)), st.integers(0, len(COMPILED_TEXT)))
def test_numbers_of_origins_are_never_part_of_what_is_marked(start, end):
    start, end = min(start, end), max(start, end)

    page = Page(render_source(COMPILED, start, end, origins=ORIGINS))

    unmarked = str.maketrans("", "", "#|- \n")
    assert page.marked.translate(unmarked) == COMPILED_TEXT[start:end].translate(unmarked)
    assert page.noted == "[1] [2][3][1][1] [3] [2]"


def test_table_of_all_cities_with_its_origins_is_rendered_at_once():
    lines = [f"City {n} (Norland) is a UNESCO Creative City of Music." for n in range(408)]
    starts = [n * (len(lines[-1]) + 2) for n in range(408)]
    text = "\n\n".join(line.ljust(len(lines[-1])) for line in lines)
    held = tuple(Attribution(start, start + len(lines[-1]), ("P1", "U1", "C1")) for start in starts)

    began = time.perf_counter()
    page = render_source(replace(COMPILED, text=text, attributions=held), starts[-1], len(text), origins=ORIGINS)

    assert time.perf_counter() - began < 1
    assert page.count("<sup>") == 408
    assert f'<mark id="quote">{lines[-1]}</mark><sup>' in page


@given(st.text())
def test_any_source_text_is_shown_as_text(text):
    origin = Origin("X", text, text, f"https://{text}", text, text, text, "press", text)
    held = (Attribution(0, len(text), ("X",)),)
    source = replace(SOURCE, text=text, title=text, publisher=text, source_title=text, attributions=held)

    page = Page(render_source(source, origins={"X": origin}))

    assert {tag for tag, _ in page.tags} <= {
        "html", "head", "meta", "title", "style", "body", "header", "main",
        "h1", "h2", "h3", "h4", "h5", "h6", "dl", "dt", "dd", "a", "p", "ul", "li",
        "div", "table", "tr", "td", "sup", "section", "ol", "span",
    }  # fmt: skip


def test_reference_escapes_what_the_schema_says():
    schema = {
        "info": {"title": "T", "description": "<script>"},
        "paths": {"/x": {"get": {"description": "<b>", "responses": {"200": {"description": "<i>"}}}}},
    }

    page = Page(render_reference(schema))

    assert "GET /x" in page.text
    assert not {"script", "b", "i"} & {tag for tag, _ in page.tags}
