import re
from itertools import pairwise
from types import SimpleNamespace

import pytest
from fakes import CITIES, FACTS, TABLE_SOURCES, TABLES, cite_table

from assistant.captions import LANGUAGES, captions_of
from assistant.corpus import FACTS_ID, Tables
from assistant.exhibits import Exhibits, Stretch, plainest, read_offered, reads_well
from assistant.facts import UNKNOWN
from assistant.records import Fact, Passage, Source, Unit

TEXT = "Halls are lent. Plans are told. Halls are free."


def units(*expected):
    starts = [TEXT.index(sentence) for sentence in ("Halls are lent.", "Plans are told.", "Halls are free.")]
    ends = [*[start - 1 for start in starts[1:]], len(TEXT)]
    return tuple(
        Unit(TEXT[start:end], start, end, expected=asked)
        for start, end, asked in zip(starts, ends, expected, strict=True)
    )


class All:
    """Every question may be offered."""

    def __contains__(self, question):
        return True


def exhibits(*expected, translated=(), offered=All()):
    passage = Passage("p", "halls", "Halls", (), TEXT, 0, len(TEXT), units(*expected)) if expected else None
    sources = (*TABLE_SOURCES, Source("halls", "Halls", TEXT, kind="press"))
    index = SimpleNamespace(
        tables=TABLES,
        sources={source.id: source for source in sources},
        passages={"p": passage} if passage else {},
        expected=list(translated),
    )
    return Exhibits(index, lambda text: "fr" if "-" in text else "es", offered)


def stretch(*words):
    return [Stretch(one.source_id, one.start, one.end) for one in map(cite_table, words)]


def test_cities_that_an_answer_quotes_become_rows_each_once():
    rows = exhibits().beside([*stretch("Lisvale", "Ardmouth"), *stretch("Lisvale")]).cities

    assert [row.name for row in rows] == ["Lisvale", "Ardmouth"]
    assert (rows[0].field_key, rows[0].year, rows[0].latitude) == ("Music", 2011, 60.25)


def test_rows_carry_the_names_of_a_language_and_the_english_keys():
    (row,) = exhibits().beside(stretch("Lisvale"), language="fr").cities

    assert (row.country, row.field, row.field_key) == ("Norlande", "Musique", "Music")
    assert row.region == "Europe et Amérique du Nord"
    assert row.region_key == "Europe and North America"


def test_a_quote_of_another_document_has_no_rows():
    assert exhibits().beside([Stretch("halls", 0, 5), Stretch("no such", 0, 5)]).cities == ()


def test_every_city_is_a_row():
    assert [row.name for row in exhibits().cities()] == [city.name for city in CITIES]


def test_values_of_one_thing_stand_oldest_first_with_their_numbers():
    series = exhibits().beside(stretch(FACTS[1].statement, FACTS[0].statement)).series

    assert [(one.as_of, one.number) for one in series] == [("2021-10-31", 295.0), ("2023-10-31", 350.0)]


def test_one_value_is_no_line_of_change():
    assert exhibits().beside(stretch(FACTS[0].statement)).series == ()


def test_next_questions_are_those_of_the_statements_beside_the_quoted_one():
    asked = ("Who lends halls to us?",), ("What are the plans for later?",), ("Are the halls free of charge?",)

    found = exhibits(*asked).beside([Stretch("halls", 0, 15)]).next

    assert found[:2] == ("What are the plans for later?", "Are the halls free of charge?")


def test_a_question_asked_before_is_not_offered_again():
    asked = (), ("What are the plans for later?",), ("Are the halls free of charge?",)

    found = exhibits(*asked).beside([Stretch("halls", 0, 15)], asked=["what are the plans for LATER"]).next

    assert found[0] == "Are the halls free of charge?"
    assert "What are the plans for later?" not in found


def test_a_question_in_nearly_the_words_of_one_before_is_not_offered():
    asked = (), ("What are the plans of the halls for later?",), ("What are the plans of the halls for 2030?",)
    before = ["What are all the plans of the halls for later?"]

    found = exhibits(*asked).beside([Stretch("halls", 0, 15)], asked=before).next

    assert found[0] == "What are the plans of the halls for 2030?"
    assert "What are the plans of the halls for later?" not in found


def test_a_statement_that_the_answer_quotes_or_that_answers_the_same_is_not_asked_about():
    asked = (), ("What are the plans for later?",), ("Are the halls free of charge?",)
    second = Stretch("halls", TEXT.index("Plans"), TEXT.index("Plans") + 5)

    quoted = exhibits(*asked).beside([Stretch("halls", 0, 15), second]).next
    meant = exhibits(*asked).beside([Stretch("halls", 0, 15)], meant=["What are the plans for later?"]).next

    assert quoted[0] == meant[0] == "Are the halls free of charge?"
    assert "What are the plans for later?" not in quoted + meant


def test_what_is_offered_of_a_call_is_what_facts_state_of_it_and_the_answer_does_not():
    told = (
        ("2025 call", "closing day", "date"),
        ("2025 call", "result day", "date"),
        ("2027 call", "closing day", UNKNOWN),
        ("2027 call", "bids a country", "bids"),
        ("2016 leaflet", "member cities", "cities"),
    )
    facts = [
        Fact(f"f{n}", subject, attribute, "1", unit, "2025", (), f"Statement {n}.")
        for n, (subject, attribute, unit) in enumerate(told)
    ]
    text = "\n".join(fact.statement for fact in facts)
    sources = {FACTS_ID: Source(FACTS_ID, "Facts", text)}
    index = SimpleNamespace(tables=Tables(facts=tuple(facts)), sources=sources, passages={}, expected=[])

    def after(n):
        start = text.index(facts[n].statement)
        stretches = [Stretch(FACTS_ID, start, start + len(facts[n].statement))]
        return Exhibits(index, lambda text: "en", All()).beside(stretches).next

    assert after(0)[0] == "When were the results of the 2025 call announced?"
    assert not any("deadline" in question for question in after(0))
    assert after(2)[0] == "How many cities could a country put forward in the 2027 call?"
    assert not any("deadline" in question or "results" in question for question in after(2))
    assert not any("2016" in question for question in after(4))


def test_a_question_that_was_not_answered_when_tried_is_not_offered():
    asked = (), ("What are the plans for later?",), ("Are the halls free of charge?",)

    found = exhibits(*asked, offered={"Are the halls free of charge?"}).beside([Stretch("halls", 0, 15)]).next

    assert found[0] == "Are the halls free of charge?"
    assert "What are the plans for later?" not in found


@pytest.mark.parametrize(
    ("question", "well"),
    [
        ("What are the plans for later?", True),
        ("plans later when", False),
        ("They are free, right?", False),
        ("Our mayor wants to know, what are the plans?", False),
        ("What " * 40, False),
    ],
)
def test_catchwords_claims_and_stories_do_not_read_well(question, well):
    assert reads_well(question, "en") == well


def test_questions_about_nobody_s_own_city_come_first():
    assert plainest(["Can we apply?", "Who can apply as a city?", "Who can apply?"]) == [
        "Who can apply?",
        "Who can apply as a city?",
        "Can we apply?",
    ]


def test_a_question_is_offered_in_the_language_of_the_page_or_not_at_all():
    english = "What are the plans for later?"
    shown = exhibits((), (english,), (), translated=[("Quels sont donc-ils ?", english), ("¿Cuáles son?", english)])

    assert shown.beside([Stretch("halls", 0, 15)], language="fr").next[0] == "Quels sont donc-ils ?"
    for language, script in (("ru", "[а-я]"), ("zh", "[\u4e00-\u9fff]"), ("ar", "[\u0600-\u06ff]")):
        offered = shown.beside([Stretch("halls", 0, 15)], language=language).next
        assert offered
        assert all(re.search(script, question) for question in offered)


def test_what_all_cities_of_an_answer_share_is_not_asked_again():
    norland = exhibits().beside(stretch("Lisvale", "Ardmouth")).next
    music = exhibits().beside(stretch("Lisvale", "Zorbeck")).next

    assert not any("Norland" in question for question in norland)
    assert any("Norland" in question for question in music)
    assert not any(question == "Which cities are Cities of Music?" for question in music)


def test_kind_of_a_quoted_document_is_told():
    assert exhibits().beside([Stretch("halls", 0, 5)]).kinds == {"halls": "press"}


def test_near_questions_are_offered_in_the_language_of_the_page():
    english = "What are the plans for later?"
    shown = exhibits((), (english,), (), translated=[("Quels sont donc-ils ?", english)])

    assert shown.near([english], language="en")[0] == english
    assert shown.near([english], language="fr")[0] == "Quels sont donc-ils ?"
    assert re.search("[а-я]", shown.near([english], language="ru")[0])  # not known there: what is known of any kind


# --- on the corpus that is served ---


@pytest.mark.model
@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_to_begin_with_are_answered(assistant, language):
    words = captions_of(language).of_chat()
    asked = [*words["examples"], *(words["ask_city"].format(city=city) for city in ("Kraków", "Santa Fe", "Al-Ahsa"))]

    unanswered = [question for question in asked if assistant.ask(question).status != "answered"]

    assert unanswered == []


@pytest.mark.model
def test_offered_questions_are_answered(assistant):
    sample = sorted(read_offered())[::40]
    assert len(sample) > 25

    unanswered = [question for question in sample if assistant.ask(question).status != "answered"]

    assert unanswered == []


@pytest.mark.model
@pytest.mark.parametrize("language", LANGUAGES)
def test_there_is_always_something_to_ask_next_and_it_is_answered(assistant, language):
    shown = Exhibits(assistant.index, assistant.language, ())
    city, call = assistant.index.tables.cities[0], "The 2025 call of the UNESCO Creative Cities Network closed"
    places = [stretches_of(assistant, city.name), stretches_of(assistant, call), []]
    offered = {question for one in places for question in shown.beside(one, language=language).next}
    assert len(offered) >= 6

    unanswered = [question for question in sorted(offered) if assistant.ask(question).status != "answered"]

    assert unanswered == []


def stretches_of(assistant, words):
    """Return where a table first says something."""
    tables = [one for one in assistant.index.sources.values() if one.path in ("cities.csv", "facts.csv")]
    source = next(one for one in tables if f"\n{words}" in one.text)
    start = source.text.index(f"\n{words}") + 1
    return [Stretch(source.id, start, start + len(source.text[start:].partition("\n")[0]))]


@pytest.mark.model
def test_most_answers_on_documents_have_something_to_ask_next(assistant):
    shown = Exhibits(assistant.index, assistant.language, read_offered())
    asked_of = (p for p in assistant.index.passages.values() if any(unit.expected for unit in p.units))
    documents = sorted(asked_of, key=lambda passage: passage.id)[::20]

    offered = [shown.beside([Stretch(p.source_id, p.start, p.start + 1)]).next for p in documents]

    assert sum(map(bool, offered)) >= 0.7 * len(offered)


@pytest.mark.model
def test_rows_of_an_answer_are_its_cities(assistant):
    answer = assistant.ask("Which Polish cities are members?")
    stretches = [Stretch(one.source_id, one.start, one.end) for one in answer.citations]

    shown = Exhibits(assistant.index, assistant.language, read_offered()).beside(stretches)

    assert {row.country for row in shown.cities} == {"Poland"}
    assert len(shown.cities) == sum(city.country == "Poland" for city in assistant.index.tables.cities)
    assert all(row.name in answer.answer for row in shown.cities)


@pytest.mark.model
def test_line_of_change_of_the_network_grows(assistant):
    answer = assistant.ask("How many cities belong to the Network?")
    stretches = [Stretch(one.source_id, one.start, one.end) for one in answer.citations]

    series = Exhibits(assistant.index, assistant.language, read_offered()).beside(stretches).series

    assert len(series) >= 5
    assert all(before.number < after.number for before, after in pairwise(series))
