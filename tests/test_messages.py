"""Messages that ask several things, or go on from what was said, put to the own corpus with the real models."""

import pytest

from assistant.records import Turn

pytestmark = pytest.mark.model


@pytest.mark.parametrize(
    ("message", "first", "later"),
    [
        ("The new council wants out. How would we quit, and may we go on printing the emblem?", "telling", "must stop"),
        ("Who sits on the steering group, and how long do they serve?", "one coordinator", "two years"),
    ],
)
def test_a_later_question_without_a_subject_of_its_own_is_read_behind_the_first(assistant, message, first, later):
    answer = assistant.ask(message)

    assert first in answer.answer
    assert later in answer.answer
    assert not any("Not answered" in note for note in answer.notes)


def test_what_somebody_is_at_asks_nothing_and_cities_after_a_round_are_all_that_were_members_then(assistant):
    told = "Doing a page on how it grew. "
    answer = assistant.ask(told + "Right after the 2017 round, how many cities were there and in how many countries?")
    typed = assistant.ask("How many cities were there right after the autmn 2017 round?")

    assert "180" in answer.answer
    assert "72" in answer.answer
    assert "64" not in answer.answer
    assert "180" in typed.answer


@pytest.mark.parametrize("question", ["how do we get in", "how do we apply"])
def test_a_question_expected_of_an_overview_is_not_read_as_one_for_a_single_fact(assistant, question):
    assert "in these steps" in assistant.ask(question).answer


def test_what_the_cross_encoder_takes_for_no_answer_and_nobody_expects_is_not_shown(assistant):
    answer = assistant.ask("What's the difference between a creative city and a world heritage site?")

    assert answer.status == "no_answer"


def test_what_to_do_on_our_website_asks_for_no_address_and_a_permission_comes_with_what_it_is_for(assistant):
    assert "graphic charter" in assistant.ask("How can we use the logo of the network on our website?").answer
    sold = assistant.ask("can we sell tshirts with the unesco logo on?").answer
    assert "commercial use" in sold
    assert "permission" in sold


def test_no_announcement_of_a_list_stands_without_its_list(assistant):
    answer = assistant.ask("Are there statistics on how many bids succeed?").answer

    assert "64" in answer
    assert not answer.split(" [")[0].rstrip("*").endswith(":")


@pytest.mark.parametrize(
    ("question", "told", "untold"),
    [
        ("What do we get out of membership?", "name and logo", "408"),
        ("How many cities will be admitted in 2027?", "2027", "no** member city"),
        ("What is the difference between film and media arts?", "Media Arts", "**30** and **27**"),
        ("Which countries have only one city?", "", "more than 100"),
        ("Do we need to be near another creative city?", "", "Berlin"),
        ("What is the Beijing summit?", "Beijing", "are:"),
        ("is Vienna in there?", "no entry", "address"),
        ("What did other cities do in their first year?", "", "Edinburgh** (United Kingdom)"),
        ("quanto tempo dura o título?", "2014-15", "(as of"),
    ],
)
def test_words_that_look_like_a_count_or_a_superlative_are_none(assistant, question, told, untold):
    answer = assistant.ask(question).answer

    assert told in answer
    assert untold not in answer


@pytest.mark.parametrize("later", ["what will there be for breakfast", "how high is the cathedral"])
def test_what_the_documents_lack_stays_open_behind_the_first_question(assistant, later):
    answer = assistant.ask(f"When does the 2027 call close, and {later}?")

    assert answer.status == "answered"
    assert any("Not answered" in note for note in answer.notes)


GHENT = (Turn("user", "Since when is Ghent a member?"), Turn("assistant", "Ghent has been a member since 2009."))
METZ = (Turn("user", "Metz a rejoint le réseau quand ?"), Turn("assistant", "Metz est membre du réseau depuis 2019."))
COUNTED = (Turn("user", "¿Cuántas ciudades tiene Perú?"), Turn("assistant", "Perú tiene 3 ciudades miembros."))


@pytest.mark.parametrize(
    ("talk", "question", "told"),
    [
        (METZ, "et dans quel domaine ?", "musique"),
        (METZ, "depuis quand ?", "2019"),
        (COUNTED, "¿cuáles son?", "Arequipa"),
        (COUNTED, "which ones?", "Arequipa"),
        (GHENT, "In welchem Bereich?", "Musik"),
    ],
)
def test_a_short_question_is_about_what_was_named_before_in_any_language(assistant, talk, question, told):
    answer = assistant.ask(question, history=talk)

    assert told in answer.answer


@pytest.mark.parametrize(
    ("talk", "question", "told"),
    [
        (GHENT, "ok and when is the next call?", "2027"),
        (GHENT, "And how much does it cost to apply?", "fee"),
        (GHENT, "deadline?", "3 March 2025"),
        (METZ, "et combien ça coûte de candidater ?", "Frais de candidature"),
        (METZ, "qui décide ?", "Director-General"),
    ],
)
def test_a_question_on_another_matter_is_not_about_the_city_before_it(assistant, talk, question, told):
    answer = assistant.ask(question, history=talk)

    assert told in answer.answer
    assert not {"Ghent", "Metz"} & set(answer.answer.split())
