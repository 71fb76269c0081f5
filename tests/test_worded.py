"""Sentences in other languages: what they say is what the checked English sentence says, or they are not shown."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from small_network import open_desk, write_network

from assistant.phrases import LANGUAGES, phrases_of
from assistant.terms import read_glossaries
from assistant.verify import supported
from assistant.worded import Slot, is_faithful, worded

CORPUS = Path(__file__).parent.parent / "corpus"
OF_TABLE = (
    "How many cities are in France?",
    "Which cities of Poland are members?",
    "Which African cities are Cities of Music?",
    "Which cities joined in 2025?",
    "How many cities joined from 2015 to 2017?",
    "How many Spanish cities joined after 2017?",
    "How many cities did Italy have by 2016?",
    "Which country has the most Cities of Gastronomy?",
    "Which country has the fewest Cities of Film?",
    "Which creative field has the most cities?",
    "Which was the first city to join?",
    "Which were the first Cities of Music?",
    "Which is the latest city in Japan?",
    "How many countries have a City of Film?",
    "How many Cities of Film are there in Portugal and Spain?",
    "Is there a City of Film in Norway?",
    "Is Springfield a member?",
    "In which field is Limoges?",
    "Lyon is a City of Design, right?",
)
OF_FACTS = (
    "When was the deadline of the 2021 call?",
    "How many cities belong to the Network?",
    "How many new cities joined in 2023?",
    "How long must a city wait after two refusals?",
    "How many cities may a country put forward in the 2025 call?",
    "What was the national deadline of Portugal in 2023?",
    "Is there a membership fee?",
    "Where was the annual conference of 2019 held?",
    "The deadline of the 2021 call was 30 May 2021, right?",
)
each_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def desk():
    return open_desk(CORPUS, read_glossaries(CORPUS / "glossary.csv", ["en"])["en"])


@pytest.fixture(scope="module")
def norland(tmp_path_factory):
    return open_desk(write_network(tmp_path_factory.mktemp("network")))


def said(statements, phrases, desk):
    return [statement.text for statement in worded(statements, phrases, desk.tables.countries)]


def figures(text):
    """Every figure of a text but the month, which is one in Chinese."""
    return sorted(re.findall(r"\d+", re.sub(r"\d+月", "", text)))


@pytest.mark.parametrize("question", OF_TABLE)
@each_language
def test_what_the_table_says_is_said_in_the_language_with_the_same_figures(desk, language, question):
    statements = desk.table(question)

    assert statements
    for statement in statements:
        (text, *rest) = said([statement], phrases_of(language), desk)
        assert supported(statement, desk.sources)
        if statement.claim is None or statement.claim.kind == "fact":
            continue  # a note of a row, a count that a source states
        assert not rest
        assert figures(text) == figures(statement.text), text
        if statement.text.startswith("- ") and not statement.claim.name:
            continue  # names and years alone
        if not (statement.claim.kind == "group" and statement.claim.name in text):  # "Design" is Design in French
            assert text != statement.text


@pytest.mark.parametrize("question", OF_FACTS)
@each_language
def test_a_dated_fact_is_said_in_the_language_and_quoted_in_english(desk, language, question):
    statement, *_ = desk.facts(question)
    value, quote = worded([statement], phrases_of(language), desk.tables.countries)

    plain = statement.text.replace("**", "").removeprefix("Correction: ").removeprefix("Yes: ")
    assert plain in quote.text
    assert plain not in value.text
    assert value.spans == quote.spans == statement.spans


def test_the_newest_value_stands_in_front_of_the_line_of_change(desk):
    lines = said(desk.facts("How many cities belong to the Network?"), phrases_of("zh"), desk)

    assert "**408**" in lines[0]
    assert lines[-1].startswith("此前：350 (2023年10月31日)")


def test_countries_and_fields_have_their_names_and_cities_that_of_the_table(desk):
    text = " ".join(said(desk.table("Which cities of Poland are members?"), phrases_of("ru"), desk))

    assert "Польша" in text
    assert "литература" in text
    assert "Kraków (2013)" in text


def test_a_correction_is_said_to_be_one(desk):
    assert said(desk.table("Lyon is a City of Design, right?"), phrases_of("de"), desk)[0].startswith("Richtigstellung")


WRONG = {
    "the count is left out": ("count", "Selon notre décompte, {cities}{as_of}{end}"),
    "another count is named": ("count", "Selon notre décompte : **{count}** {cities} sur 12{as_of}{end}"),
    "the date is left out": ("count", "Selon notre décompte : **{count}** {cities}{end}"),
    "the scope is left out": ("count", "Selon notre décompte : **{count}**{as_of}{end}"),
    "the count is twice there": ("count", "Selon notre décompte : **{count}{count}** {cities}{as_of}{end}"),
    "a figure is in Arabic letters": ("count", "Selon notre décompte : **{count}** {cities} ٧{as_of}{end}"),
    "the name of a slot stays": ("count", "Selon notre décompte : **{count}** {{cities}} {cities}{as_of}{end}"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_phrase_is_not_shown(desk, wrong):
    statements = desk.table("How many cities are in France?")[:1]
    key, phrase = WRONG[wrong]
    french = phrases_of("fr")
    mended = replace(french, claim={**french.claim, key: phrase})

    assert said(statements, french, desk) != [statements[0].text]
    assert said(statements, mended, desk) == [statements[0].text]


@pytest.mark.parametrize(
    ("key", "phrase"),
    [
        ("fact", "{attribute} ({subject}){as_of} : **30 mai 2021**."),
        ("fact", "{attribute}{as_of} : **{value}**."),
        ("fact", "{attribute} ({subject}){as_of} : **{value}**, à 17 h."),
    ],
)
def test_of_a_wrong_phrase_for_a_fact_only_the_quote_is_left(desk, key, phrase):
    statements = desk.facts("When was the deadline of the 2021 call?")[:1]
    french = phrases_of("fr")

    (quote,) = said(statements, replace(french, claim={**french.claim, key: phrase}), desk)

    assert quote.startswith("Texte de la source, en anglais")
    assert "**30 June 2021**" in quote


def test_a_wrong_name_of_a_country_or_field_is_not_shown(desk):
    statements = desk.table("In which field is Limoges?")[:1]
    french = phrases_of("fr")
    statement = replace(statements[0], claim=replace(statements[0].claim, cities=(desk.city("Metz"),)))

    assert said([statement], french, desk) == [statement.text]


@pytest.mark.parametrize(
    "change", [{"count": 12}, {"as_of": "2024-10-31"}, {"scope": None}], ids=["count", "day", "scope"]
)
def test_slots_that_the_checked_sentence_does_not_have_are_not_said(desk, change):
    statement = desk.table("How many cities are in France?")[0]
    spain = desk.table("How many cities are in Spain?")[0].claim.scope
    change = {name: spain if name == "scope" else value for name, value in change.items()}
    statement = replace(statement, claim=replace(statement.claim, **change))

    assert said([statement], phrases_of("es"), desk) == [statement.text]


def test_every_slot_must_stand_in_both_and_no_other_figure():
    slots = [Slot("11", "11"), Slot("France", "法国")]

    assert is_faithful("法国有11个", slots, "France has 11.")
    assert not is_faithful("法国有11个", slots, "Spain has 11.")
    assert not is_faithful("西班牙有11个", slots, "France has 11.")
    assert not is_faithful("法国有111个", slots, "France has 11.")
    assert not is_faithful("法国有11个，共12个", slots, "France has 11.")


def test_a_country_without_a_name_in_the_language_keeps_its_own(norland):
    text = " ".join(said(norland.table("How many cities are in Sudmark?"), phrases_of("fr"), norland))

    assert "villes membres (Sudmark)" in text


def test_words_of_a_source_stay_english_and_are_said_to_be(norland):
    statements = norland.table("Which field is Lisvale in?")

    assert said(statements, phrases_of("pt"), norland)[1] == (
        "Texto da fonte, em inglês: “Lisvale joined on 30 May 2006.”"
    )


def test_a_value_in_bold_is_named_in_front_of_its_quote(norland):
    note = norland.table("Which field is Lisvale in?")[1]
    bold = replace(note, text="Lisvale joined on **30 May 2006**.")

    assert said([bold], phrases_of("de"), norland) == [
        "Nach den Dokumenten: **30. Mai 2006**.",
        "Wortlaut der Quelle, englisch: “Lisvale joined on 30 May 2006.”",
    ]


def test_one_of_several_dates_or_numbers_is_not_named_alone(norland):
    note = norland.table("Which field is Lisvale in?")[1]
    bold = replace(note, text="On **30 May 2006** it was said that two cities must wait four years.")

    assert said([bold], phrases_of("de"), norland) == [f"Wortlaut der Quelle, englisch: “{bold.text}”"]
