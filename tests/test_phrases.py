"""The phrase files of the languages: whole, alike, and fit to be filled in."""

import re

import pytest

from assistant.attributes import ATTRIBUTES
from assistant.cities import REGIONS
from assistant.phrases import LANGUAGES, phrases_of
from assistant.vocabulary import FIELDS

TABLES = ("conjunctions", "scope", "opening", "claim", "quote", "note", "fields", "regions", "subjects", "attributes")
DIRECTION_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
each_language = pytest.mark.parametrize("language", LANGUAGES)


def slots(phrase):
    return sorted(set(re.findall(r"\{(\w+)\}", phrase)))


@each_language
def test_a_language_has_the_phrases_of_the_others_with_their_slots(language):
    ours, french = phrases_of(language), phrases_of("fr")

    for table in TABLES:
        said, wanted = getattr(ours, table), getattr(french, table)
        assert {key: slots(text) for key, text in said.items()} == {key: slots(text) for key, text in wanted.items()}


@each_language
def test_every_field_and_region_has_a_name(language):
    phrases = phrases_of(language)

    assert set(phrases.fields) == set(FIELDS)
    assert set(phrases.regions) == set(REGIONS)
    assert len(set(phrases.fields.values())) == len(FIELDS)


@each_language
def test_a_named_attribute_is_one_that_questions_ask_for(language):
    assert set(phrases_of(language).attributes) <= {asked.attribute for asked in ATTRIBUTES}


@each_language
def test_no_phrase_states_a_figure_or_turns_the_direction_of_the_text(language):
    phrases = phrases_of(language)

    for table in TABLES:
        for text in getattr(phrases, table).values():
            assert not re.search(r"\d", text)
            assert not DIRECTION_MARKS.search(text)


@pytest.mark.parametrize(
    ("language", "day", "month"),
    [
        ("fr", "30 juin 2021", "juin 2021"),
        ("es", "30 de junio de 2021", "junio de 2021"),
        ("pt", "30 de junho de 2021", "junho de 2021"),
        ("zh", "2021年6月30日", "2021年6月"),
        ("ar", "30 يونيو 2021", "يونيو 2021"),
        ("ru", "30 июня 2021", "июнь 2021"),
        ("de", "30. Juni 2021", "Juni 2021"),
    ],
)
def test_a_date_is_written_as_exactly_as_it_is_known(language, day, month):
    phrases = phrases_of(language)

    assert [phrases.date(iso) for iso in ("2021-06-30", "2021-06", "2021")] == [day, month, "2021"]


def test_a_length_of_time_is_counted_as_the_language_counts():
    assert [phrases_of(language).years(4) for language in ("fr", "ru", "zh")] == ["4 ans", "4 года", "4年"]
