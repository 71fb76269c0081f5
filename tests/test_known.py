"""The known English questions, and what finds them by their meaning."""

import re
from pathlib import Path

import numpy
import pytest
from small_network import open_desk

from assistant.embed import MultilingualEmbeddings
from assistant.known import Expectations, KnownQuestions, _all_forms, highest
from assistant.terms import read_glossaries

CORPUS = Path(__file__).parent.parent / "corpus"
READINGS = sorted({form.reading for form in _all_forms() if form.reading and not form.in_documents})
EXAMPLES = ({"year": "2021"}, {"year": "2017"}, {"year": "2019"}, {"year": "2023"})
OTHERS = {
    "country": "Portugal",
    "city": "Lyon",
    "field": "Music",
    "region": "Africa",
    "country2": "Spain",
    "city2": "Graz",
    "field2": "Film",
}
LEAVES = {"country": "Nicaragua"}

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def desk():
    return open_desk(CORPUS, read_glossaries(CORPUS / "glossary.csv", ["en"])["en"])


@pytest.fixture(scope="module")
def known():
    asked = ["How many halls has the port?", "Who leads the port?"]
    return KnownQuestions(MultilingualEmbeddings(), lambda: Expectations([(text, text) for text in asked]))


@pytest.mark.parametrize("reading", READINGS)
def test_facts_or_table_answer_each_of_them_for_some_year(desk, reading):
    asked = [reading.format(**{**OTHERS, **(LEAVES if "leave" in reading else {}), **year}) for year in EXAMPLES]

    assert any(desk.facts(question) or desk.table(question) for question in asked)


def test_a_form_has_the_slots_of_what_it_is_read_as():
    for form in _all_forms():
        assert not form.reading or set(re.findall(r"\{(\w+)\}", form.reading)) == form.slots


@pytest.mark.parametrize(
    ("question", "slots", "reading"),
    [
        ("Jusqu'à quelle date pouvait-on candidater en 2023 ?", {"year": "2023"}, "deadline of the 2023 call"),
        ("摩洛哥有多少个成员城市？", {"country": "Morocco"}, "How many cities of Morocco"),
        ("С какого года Грац в сети?", {"city": "Graz"}, "Since when has Graz"),
        ("كم مدينة مبدعة في العالم؟", {}, "How many cities are in the Network"),
    ],
)
def test_a_question_in_another_language_finds_the_one_that_it_means(known, question, slots, reading):
    assert reading in known.forms(question, slots)[0].question


@pytest.mark.parametrize(
    ("question", "slots"),
    [
        ("Quantos habitantes tem Braga?", {"city": "Braga"}),
        ("Wer ist Bürgermeister von Graz?", {"city": "Graz"}),
        ("Marseille est-elle une ville créative ?", {}),
    ],
)
def test_a_question_of_another_kind_is_nearest_to_none_of_them(known, question, slots):
    best = known.forms(question, slots)[0]

    assert best.question == "" or best.cosine < 0.57


def test_slots_that_no_form_has_find_nothing(known):
    assert known.forms("?", {"year": "2021", "city": "Lyon", "country": "France", "field": "Music"}) == []


def test_expected_questions_come_nearest_first(known):
    found = known.expected("Combien de salles a le port ?", 2)

    assert [one.question for one in found] == ["How many halls has the port?", "Who leads the port?"]
    assert found[0].cosine > found[1].cosine


def test_a_statement_is_stronger_the_more_of_its_questions_are_near():
    halls = ["How many halls has the port?", "Number of halls at the port?", "Are there many halls in the port?"]
    leads = ["Who leads the port?"]
    statements = dict.fromkeys(halls, "The port has four halls.") | dict.fromkeys(leads, "Maren Holt leads the port.")
    asked = [(text, text) for text in (*leads, *halls)]
    known = KnownQuestions(MultilingualEmbeddings(), lambda: Expectations(asked, statements=statements))

    first, second = known.voted("Combien de salles a le port ?")

    assert (first.statement, second.question) == ("The port has four halls.", "Who leads the port?")
    assert first.question in halls
    assert first.strength > 2 * first.cosine > 2 * second.cosine
    assert second.strength == pytest.approx(second.cosine)


def test_the_highest_come_in_order_and_of_equal_ones_the_first():
    values = numpy.array([0.1, 0.9, 0.5, 0.9, 0.3])

    assert highest(values, 3) == [1, 3, 2]
    assert highest(values, 9) == [1, 3, 2, 4, 0]


def test_without_expected_questions_there_are_none():
    assert KnownQuestions(MultilingualEmbeddings()).voted("?") == []
    assert KnownQuestions(MultilingualEmbeddings()).expected("?", 3) == []


def test_what_is_about_something_else_is_near_to_that(known):
    assert known.elsewhere("Quel temps fera-t-il demain ?") > 0.5 > known.elsewhere("Quand ferme l'appel de 2025 ?")


def test_vectors_have_length_one():
    vectors = MultilingualEmbeddings().vectors(["ville", "город"])

    assert numpy.allclose(numpy.linalg.norm(vectors, axis=1), 1.0, atol=1e-3)
