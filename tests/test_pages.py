import time
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from fakes import COMPILED, COMPILED_TEXT, NO_ANSWER, ORIGINS, QUOTE, SOURCE, TEXT, answered, cite, cite_compiled
from hypothesis import given
from hypothesis import strategies as st

from assistant import strings
from assistant.pages import (
    CARDS_SHOWN,
    LINES_SHOWN,
    Exchange,
    corpus_line,
    render_conversation,
    render_reference,
    render_source,
    show_date,
    show_firmness,
)
from assistant.records import Attribution, Origin

EVIL = '<script>bad()</script><img src=x onerror=bad()> "quoted" ![i](http://evil.example/i) [l](javascript:bad())'
CHAT_TAGS = {
    "a", "article", "blockquote", "br", "code", "details", "div", "em", "h2", "h3", "li", "ol", "p", "q",
    "section", "span", "strong", "summary", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


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


def render(exchange):
    return Page(render_conversation([exchange])[0])


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


def test_corpus_line_counts_the_documents_and_dates_the_newest():
    older = replace(SOURCE, id="older", as_of="2019")

    assert corpus_line([older, SOURCE]) == "2 documents, newest of 30 June 2021"
    assert corpus_line([SOURCE]) == "1 document, newest of 30 June 2021"
    assert corpus_line([replace(SOURCE, as_of="", published="")]) == "1 document"
    assert corpus_line([]) == strings.CORPUS_EMPTY


def test_marker_links_to_the_card_of_its_citation():
    page = render(Exchange("When?", answer=answered()))

    (marker,) = page.with_class("marker")
    (card,) = [attrs for attrs in page.named("li") if "id" in attrs]
    assert marker["href"] == f"#{card['id']}"
    assert marker["aria-label"] == f"Source 1: {SOURCE.title}"


def test_marker_without_a_citation_stays_text():
    page = render(Exchange("When?", answer=answered("In June. [1] Or July. [7]")))

    assert len(page.with_class("marker")) == 1
    assert "[7]" in page.text


def test_cards_of_two_exchanges_have_different_ids():
    first, second = render_conversation([Exchange("When?", answer=answered())] * 2)

    assert 'id="source-1-1"' in first
    assert 'id="source-2-1"' in second


def test_card_shows_the_quote_and_opens_the_document_there():
    page = render(Exchange("When?", answer=answered()))

    (link,) = page.with_class("read")
    citation = cite()
    assert link["href"] == f"api/v1/sources/calls?start={citation.start}&end={citation.end}#quote"
    assert link["target"] == "_blank"
    for words in (SOURCE.title, SOURCE.publisher, "30 June 2021", QUOTE):
        assert words in page.text


def test_card_of_a_compiled_document_names_the_origin_and_the_document():
    page = render(Exchange("When?", answer=answered(citations=(cite_compiled("U1"),))))

    assert f"{ORIGINS['U1'].title}UNESCO · 24 June 2022 · official" in page.text
    assert f"Read it in “{COMPILED.title}”" in page.text
    (origin,) = [attrs for attrs in page.named("a") if attrs["href"].startswith("http")]
    assert (origin["href"], origin["rel"]) == (ORIGINS["U1"].url, "noopener noreferrer")
    (read,) = page.with_class("read")
    assert read["href"] == "api/v1/sources/lisvale?start=12&end=35#quote"
    assert read["aria-label"].startswith(f"Read it in “{COMPILED.title}”")
    assert not page.named("details")


def test_further_origins_fold_away():
    page = render(Exchange("When?", answer=answered(citations=(cite_compiled("U1", "P1", "C1"),))))

    assert page.folded.startswith("and 2 more sources")
    assert "News <of> the portPost & Sons · November 2021 · press" in page.folded
    assert "Copy of a releaseGuild · undated · unofficial copy of a UNESCO text" in page.folded
    assert ORIGINS["U1"].title not in page.folded


def test_one_further_origin_is_not_several():
    page = render(Exchange("When?", answer=answered(citations=(cite_compiled("U1", "P1"),))))

    assert page.folded.startswith("and 1 more source" + ORIGINS["P1"].title)


def test_further_origins_of_several_lines_may_be_behind_a_part():
    citation = cite_compiled("U1", "P1", "C1", quote=COMPILED_TEXT.strip())

    page = render(Exchange("When?", answer=answered(citations=(citation,))))

    assert strings.OF_PARTS.format(further="and 2 more sources") in page.folded


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


@pytest.mark.parametrize("url", ["javascript:bad()", "data:text/html,x", "//evil.example", "ftp://example.org", ""])
def test_only_an_address_of_the_web_becomes_a_link(url):
    origin = replace(ORIGINS["U1"], url=url)
    citation = replace(cite_compiled("U1", "U1"), origins=(origin, origin))

    chat = render(Exchange("When?", answer=answered(citations=(citation, replace(cite(n=2), url=url)))))
    document = Page(render_source(COMPILED, origins={"U1": origin}))

    for page in (chat, document):
        assert all(attrs["href"].startswith(("api/", "#")) for attrs in page.named("a"))
    assert origin.title in chat.text
    assert origin.title in document.text


def test_long_quote_folds_after_its_first_lines():
    quote = "\n\n".join(f"- Line {n}" for n in range(1, LINES_SHOWN + 4))

    page = render(Exchange("When?", answer=answered(citations=(replace(cite(), quote=quote),))))

    assert page.folded.startswith("and 3 more lines of this quoteLine 5")
    assert page.text.count("Line ") == LINES_SHOWN + 3


def test_badge_shows_the_as_of_date():
    page = render(Exchange("When?", answer=answered()))

    assert page.with_class("badge")
    assert "As of 30 June 2021" in page.text


def test_further_sources_fold_away():
    citations = tuple(cite(n=n) for n in range(1, CARDS_SHOWN + 4))

    page = render(Exchange("When?", answer=answered(citations=citations)))

    assert f"{len(citations) - CARDS_SHOWN} more" in page.text
    assert len(page.with_class("n")) == len(citations)


def test_unchecked_quote_says_so():
    page = render(Exchange("When?", answer=answered(citations=(replace(cite(), verified=False),))))

    assert strings.UNCHECKED in page.text


def test_understood_question_is_shown_only_where_it_differs():
    rewritten = answered(question="And in 2023?", standalone_question="When did the 2023 call close?")
    same = answered(question="When?", standalone_question="when? ")

    assert "When did the 2023 call close?" in render(Exchange("And in 2023?", answer=rewritten)).text
    assert strings.UNDERSTOOD not in render(Exchange("When?", answer=same)).text


@pytest.mark.parametrize(
    ("status", "label"),
    [
        ("no_answer", strings.NO_ANSWER),
        ("out_of_scope", strings.OUT_OF_SCOPE),
        ("clarify", strings.CLARIFY),
        ("error", strings.FAILED),
    ],
)
def test_answer_without_facts_looks_different_and_has_no_sources(status, label):
    page = render(Exchange("What does it cost?", answer=replace(NO_ANSWER, status=status)))

    assert page.with_class(status)
    assert label in page.text
    assert not page.with_class("sources")
    assert not page.with_class("badge")


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("fr", "auto")])
def test_an_arabic_answer_runs_from_right_to_left_whatever_letters_it_opens_with(language, direction):
    answer = replace(answered(question="q"), answer="**Lisvale** 2019", language=language)

    (shown,) = render(Exchange("q", answer=answer)).with_class("answer")
    assert (shown["lang"], shown["dir"]) == (language, direction)


def test_answer_in_progress_is_busy_and_a_settled_one_is_not():
    going = render_conversation([Exchange("When?", text="It **closed", progress="Searching")])[0]
    done = render_conversation([Exchange("When?", answer=answered())])[0]

    assert 'aria-busy="true"' in going
    assert "Searching" in going
    assert 'aria-busy="false"' in done


def test_failure_is_one_plain_sentence():
    page = render(Exchange("When?", failure="No index yet: run `uccn index`"))

    assert "No index yet: run `uccn index`" in page.text
    assert page.with_class("error")


def test_notes_are_shown():
    assert (
        "The count of 2023 differs."
        in render(Exchange("When?", answer=answered(notes=("The count of 2023 differs.",)))).text
    )


@given(st.text(max_size=60) | st.just(EVIL), st.text(max_size=60) | st.just(EVIL))
def test_outside_text_never_becomes_markup(text, other):
    citation = replace(cite(), title=text, publisher=other, section=text, quote=other, source_id=text, url=other)
    origin = Origin(text, text, other, f"https://{text}", other, other, text, "official", other)
    origins = (replace(origin, url=other), origin, replace(origin, firmness="unofficial", title=other))
    compiled = replace(citation, document=other, origins=origins, n=2)
    answer = answered(
        f"{text} [1]", question="q", standalone_question=other, notes=(text,), citations=(citation, compiled),
        language=other, as_of=other,
    )  # fmt: skip

    exchanges = [Exchange(text, answer=answer), Exchange(other, text=text, progress=other)]
    page = Page("".join(render_conversation([*exchanges, Exchange(text, failure=other)])))

    for tag, attrs in page.tags:
        assert tag in CHAT_TAGS
        assert not any(name.startswith("on") or name in ("src", "style") for name in attrs)
        assert (attrs.get("href") or "#").startswith(("#source-", "api/v1/sources/", "#", "https://"))


def test_markdown_of_an_answer_is_kept():
    page = render(Exchange("When?", answer=answered("- **one** [1]\n- two\n\n| a | b |\n|---|---|\n| c | d |")))

    assert {"ul", "li", "strong", "table", "td"} <= {tag for tag, _ in page.tags}


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
