"""The questions of one message."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.vocabulary import Vocabulary
from assistant.wording import as_written, asking_part, core_of, exactness, is_negated, one_each, parts_of


def bare(parts):
    return [part.strip(" ?") for part in parts]


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        (
            "When did Lisvale join? How many halls does it have?",
            ["When did Lisvale join", "How many halls does it have"],
        ),
        (
            "When did Lisvale join and how many halls does it have?",
            ["When did Lisvale join", "how many halls does it have"],
        ),
        (
            "When did Lisvale join; how many halls does it have?",
            ["When did Lisvale join", "how many halls does it have"],
        ),
        (
            "Which field is Lisvale in, and since when is it a member?",
            ["Which field is Lisvale in", "since when is it a member"],
        ),
        (
            "What is the deadline, and what must an application contain?",
            ["What is the deadline", "what must an application contain"],
        ),
        ("When was the call opened and when was it closed?", ["When was the call opened", "when was it closed"]),
        (
            "Which documents are needed, what languages are accepted, and is there a fee?",
            ["Which documents are needed", "what languages are accepted", "is there a fee"],
        ),
        (
            "What happens when the call closes and who decides on the applications?",
            ["What happens when the call closes", "who decides on the applications"],
        ),
        (
            "How many member cities does the Network have, and how many are in Norland?",
            ["How many member cities does the Network have", "how many are in Norland"],
        ),
        ("What is the fee, and the deadline of the call?", ["What is the fee", "the deadline of the call"]),
    ],
)
def test_several_questions_are_told_apart_in_their_order(message, parts):
    assert bare(parts_of(message)) == parts


@pytest.mark.parametrize(
    "message",
    [
        "When did Lisvale join?",
        "Tell me when Lisvale joined",
        "Who is the mayor and the director of Lisvale?",
        "When and where is the conference?",
        "Who decides and when?",
        "Lisvale and Torbeck: when did they join?",
        "What are the aims and objectives of the Network?",
        "How many cities and countries are in the Network?",
        "Hello! When did Lisvale join?",
        "We are a small town. When is the deadline?",
        "What is the fee? Thank you!",
        "Which cities joined in 2014 and which in 2017?",
        "Is it true that Lisvale joined in 2006 and that it is a City of Film?",
        "Which city is larger, Lisvale or Torbeck?",
        "Is Lisvale a City of Music or a City of Film?",
        "What settled it in Norland, when two cities came out level?",
        "",
        "?",
        "? ? ?",
        "   ",
        "🎵? 🎵?",
    ],
)
def test_one_question_stays_whole(message):
    assert parts_of(message) == [message]


def test_what_is_told_before_the_questions_goes_with_each():
    parts = parts_of("2019 call: how many applications were there, and how many cities were designated?")

    assert len(parts) == 2
    assert all("2019 call" in part for part in parts)


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        (
            "We run a shop. If we sell mugs with the name on them, whose leave do we need?",
            ["We run a shop. If we sell mugs with the name on them, whose leave do we need?"],
        ),
        (
            "What do we write there? And if we lose twice, how many years do we wait?",
            ["What do we write there", "if we lose twice, how many years do we wait?"],
        ),
        (
            "What did they write? After the 2017 round, how many were in, and who was the first?",
            ["What did they write", "After the 2017 round, how many were in", "who was the first?"],
        ),
        (
            "Does the town do it itself or does the ministry?",
            ["Does the town do it itself or does the ministry?"],
        ),
        (
            "I am writing on how it grew. After the 2017 round, how many were in?",
            ["I am writing on how it grew. After the 2017 round, how many were in?"],
        ),
    ],
)
def test_a_condition_goes_with_the_question_behind_it(message, parts):
    assert parts_of(message) == parts


@pytest.mark.parametrize(
    ("message", "shared"),
    [
        ("How many Cities of Film and how many Cities of Music are in Norland?", "Norland"),
        ("Which Norlandish and which Osterlandish cities are Cities of Design?", "Design"),
        ("What was the theme and the date of the conference of 2019?", "conference of 2019"),
    ],
)
def test_what_stands_once_for_both_questions_is_lost_to_none(message, shared):
    assert all(shared in part for part in parts_of(message))


@given(st.text())
def test_whatever_is_typed_has_a_part(text):
    parts = parts_of(text)

    assert len(parts) > 1 or parts == [text]


@given(st.lists(st.sampled_from("When who does Lisvale join and , ? ; the number of how many 2019 : -".split())))
def test_parts_hold_only_words_of_the_message(words):
    message = " ".join(words)

    for part in parts_of(message):
        assert set(part.replace(",", " ").split()) <= set(message.replace(",", " ").split())


@pytest.mark.parametrize(
    ("message", "asks"),
    [
        ("For a map of the north I need every Thai member", "every Thai member"),
        ("I read of Cork and I wondered which Irish members there are", "which Irish members there are"),
        ("Our choir is looking for the nearest music city", "the nearest music city"),
        ("For a wall chart: the year and field of Adelaide", "the year and field of Adelaide"),
        ("Sorry. I'm after the Estonian members", "the Estonian members"),
        ("We want to apply", "We want to apply"),
        ("What do we need for the bid?", "What do we need for the bid?"),
    ],
)
def test_what_is_needed_is_asked_for(message, asks):
    assert asking_part(message) == asks


@pytest.mark.parametrize(
    ("written", "meant"),
    [("It closed in June, didnt it?", "It closed in June, didn't it?"), ("Wasnt it 2014?", "Wasn't it 2014?")],
)
def test_an_apostrophe_that_was_left_out_is_put_in(written, meant):
    assert as_written(written) == meant
    assert as_written("The saint wants a font.") == "The saint wants a font."


@pytest.mark.parametrize(
    ("question", "negated"),
    [
        ("Which countries have no member city?", True),
        ("How many haven't sent a report?", True),
        ("How many joined, no more than five?", False),
        ("Tell me whether or not we may bid", False),
        ("Which cities joined in 2014?", False),
    ],
)
def test_a_question_for_what_is_not_so_is_known(question, negated):
    assert is_negated(question) is negated


def test_a_request_for_help_is_no_question_of_its_own():
    assert len(parts_of("Can you help us? How many cities are members?")) == 1


def test_words_are_written_out():
    assert as_written("when's the citys' day in the usa, didnt it?") == "when is the cities' day in the USA, didn't it?"
    assert as_written("What's on?") == "What is on?"


def test_an_abbreviation_ends_no_sentence():
    vocabulary = Vocabulary([])

    assert "headings" in core_of("May we add parts, e.g. headings?", vocabulary)
    assert "parts" in core_of("May we add parts, e.g. headings?", vocabulary)


@pytest.mark.parametrize(
    ("message", "read"),
    [
        (
            "If I wanted to see every film city in Norland, how many stops would I need?",
            "How many film cities in Norland are there?",
        ),
        (
            "I make a card game, one card for each Norlandish town. How many cards do I print?",
            "How many Norlandish towns are there?",
        ),
        (
            "Our embassy in Lisvale invites every Norlandish member city to dinner. How many would that be?",
            "How many Norlandish member cities are there?",
        ),
        ("Each member city must report; how many pages does the report have?", None),
        ("We wrote to all of them, how many cities do we miss?", None),
    ],
)
def test_one_of_something_for_each_of_a_set_asks_how_many_the_set_has(message, read):
    assert one_each(message) == (read or message)


def test_what_stands_before_a_colon_and_asks_nothing_goes_with_the_question():
    message = "The leaflet on what cities did: how many examples are inside?"

    assert parts_of(message) == [message]


@pytest.mark.parametrize(
    ("question", "characters"),
    [
        ("On what exact day was it adopted?", 10),
        ("When exactly was it adopted?", 10),
        ("In what month and year was it founded?", 7),
        ("When was it founded?", 0),
    ],
)
def test_how_exact_a_date_is_wanted_is_read(question, characters):
    assert exactness(question) == characters
