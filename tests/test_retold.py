"""The asking sentence of a message that tells a story first."""

import pytest
from small_network import open_desk, write_network

from assistant.retold import retold, tells_first


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return open_desk(write_network(tmp_path_factory.mktemp("network")))


@pytest.mark.parametrize(
    ("message", "asked"),
    [
        ("We spent a week in Kestrin. What is it in for?", ["In which field is Kestrin a creative city?"]),
        ("My aunt moved to Oruba. Since when has the city been a member?", ["Since when has Oruba been a member?"]),
        (
            "The Norlandish envoy calls; who from his country joined in 2014?",
            ["who from Norland's country joined in 2014?"],
        ),
        ("I met a man from Oruba. Which Norlandish towns are in?", ["Which Norlandish towns are in?"]),
        (
            "Kestrin is nice. Which Norlandish cities joined before it?",
            ["Which Norlandish cities joined before Kestrin?", "Which Norlandish cities joined before it?"],
        ),
        (
            "My aunt is from Kestrin, a port in Osterland. If so, for what?",
            ["In which field is Kestrin a creative city?"],
        ),
        (
            "Oruba lies near the border of Osterland and carries the title. What for?",
            ["In which field is Oruba a creative city?"],
        ),
        ("For a quiz I need the year Oruba was taken in", ["the year Oruba was taken in"]),
        ("We like music. What is it for?", []),
        (
            "My cousin in Kestrin brags of the title. Under what heading?",
            ["Under what heading (cousin Kestrin brags)?", "Kestrin: Under what heading?"],
        ),
    ],
)
def test_the_asking_sentence_is_completed_by_the_place_told_last(desk, message, asked):
    query = desk.read(message)

    assert tells_first(query)
    assert retold(query, desk.places, desk.vocabulary) == asked


@pytest.mark.parametrize(
    "message", ["What is Kestrin in for?", "We met the mayor of Kestrin. What is his name?", "Kestrin joined when?"]
)
def test_a_person_of_the_story_and_a_message_without_one_are_not_retold(desk, message):
    assert not tells_first(desk.read(message))


def test_a_name_that_had_to_be_mended_completes_nothing(desk):
    query = desk.read("We went to Ardmoth last year. What is it in for?")

    assert [mention.cities[0].name for mention in desk.places.mentions(query.core)] == ["Ardmouth"]
    assert retold(query, desk.places, desk.vocabulary) == []
