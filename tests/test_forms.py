"""Which question of facts and table is meant in other words."""

import pytest
from small import WordEmbeddings
from small_network import open_desk, write_network

from assistant.forms import LIKELY, NEAR, SURE, EnglishForms, english_forms, qualifiers, slots_of, wordings


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    return open_desk(write_network(tmp_path_factory.mktemp("network"))).places


@pytest.fixture(scope="module")
def vectors():
    texts = wordings()
    return dict(zip(texts, WordEmbeddings().embed_documents(texts), strict=True))


def forms(places, vectors, logit):
    """The forms with an encoder that counts words, and a reader that gives each text the same logit."""
    return EnglishForms(WordEmbeddings(), lambda question, texts: [logit] * len(texts), places, lambda: vectors)


@pytest.mark.parametrize(
    ("question", "slots", "text"),
    [
        ("Kestrin - what is it in for?", {"city": "Kestrin"}, "Bologna - what is it in for?"),
        (
            "Who was first, Kestrin or Lisvale?",
            {"city": "Kestrin", "city2": "Lisvale"},
            "Who was first, Bologna or Glasgow?",
        ),
        (
            "tally of Norlandish film places in 2014",
            {"country": "Norland", "field": "Film", "year": "2014"},
            "tally of Brazil Music places in 2019",
        ),
        ("Kestrin in Osterland, what is it in for?", {"city": "Kestrin"}, "Bologna in Osterland, what is it in for?"),
        ("Kestrin, and Kestrin again", {"city": "Kestrin"}, "Bologna, and Bologna again"),
        ("Is there a fee?", {}, "Is there a fee?"),
    ],
)
def test_names_are_taken_by_their_sort_and_replaced_by_stand_ins(places, question, slots, text):
    asked = slots_of(question, places)

    assert asked
    assert (asked.slots, asked.text) == (slots, text)


def test_three_cities_are_more_than_any_form_has(places):
    assert slots_of("Kestrin, Lisvale or Oruba?", places) is None


def test_the_nearest_form_is_filled_with_the_names_of_the_question(places, vectors):
    question, logit, cosine = forms(places, vectors, SURE).meant("For what was Kestrin designated?")

    assert question == "In which field is Kestrin a creative city?"
    assert logit == SURE
    assert NEAR <= cosine <= 1.001


def test_a_form_that_is_unlikely_is_not_meant(places, vectors):
    question, *_ = forms(places, vectors, LIKELY - 0.1).meant("For what was Kestrin designated?")

    assert question == ""


def test_without_stored_wordings_nothing_is_meant(places):
    assert forms(places, {}, SURE).meant("For what was Kestrin designated?")[0] == ""


def test_a_form_has_the_slots_of_the_question_and_no_other(places, vectors):
    read = []

    def scorer(question, texts):
        read.extend(texts)
        return [SURE] * len(texts)

    EnglishForms(WordEmbeddings(), scorer, places, lambda: vectors).meant("How many cities of Norland were let in?")

    assert read
    assert all("Norland" in text and "Bologna" not in text and "2019" not in text for text in read)


def test_every_form_is_a_question_of_facts_or_table():
    assert len(english_forms()) > 1300
    assert not any(form.in_documents or not form.reading for form in english_forms())


@pytest.mark.parametrize(
    ("question", "narrowing"),
    [
        ("How many Norlandish cities have an airport?", ("airport",)),
        ("How many cities of Norland on the coast are members?", ("coast",)),
        ("How many cities were rejected in 2017?", ("reject",)),
        ("How many Norlandish cities of Film were there in June 2022?", ()),
        ("Number of member cities at present?", ()),
        ("Which Norlandish cities have an airport?", ()),
    ],
)
def test_what_narrows_a_count_is_neither_name_nor_date_nor_a_word_of_a_form(tmp_path_factory, question, narrowing):
    desk = open_desk(write_network(tmp_path_factory.mktemp("network")))

    assert qualifiers(desk.read(question)) == narrowing
