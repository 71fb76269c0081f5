"""Questions in other languages as English ones, word by word."""

from pathlib import Path

import pytest

from assistant.cities import Places
from assistant.corpus import read_corpus
from assistant.terms import read_glossaries
from assistant.translate import LANGUAGES, Translator

CORPUS = Path(__file__).parent.parent / "corpus"


@pytest.fixture(scope="module")
def translator():
    glossaries = read_glossaries(CORPUS / "glossary.csv", LANGUAGES)
    return Translator(glossaries, Places(read_corpus(CORPUS).tables))


def test_words_that_differ_by_an_accent_are_told_apart(translator):
    assert translator.in_english("un jury ou la mairie, et où ?", "fr").text == "jury or town hall and where?"
    assert "which" not in translator.in_english("dicen que es gratis", "es").text


def test_an_inflected_word_has_the_term_of_its_stem(translator):
    assert translator.in_english("Fristen für Bewerbungen", "de").text == "deadline applications?"
    assert translator.in_english("по каким направлениям", "ru").text.endswith("field?")


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("ru", "в Грузию и Казахстаном, в Праге", ("Georgia", "Kazakhstan", "Prague")),
        ("ru", "на португальскую кухню", ("Portugal",)),
        ("ar", "والشارقة بلبنان للمغرب", ("Sharjah", "Lebanon", "Morocco")),
        ("ar", "مدينة مغربيه", ("Morocco",)),
    ],
)
def test_a_name_is_known_in_another_form_of_it(translator, language, text, names):
    assert all(name in translator.in_english(text, language).text for name in names)


def test_a_language_is_no_country(translator):
    assert "France" not in translator.in_english("un dossier rédigé en français", "fr").text
    assert "Russian" not in translator.in_english("заявка на русском языке", "ru").text


def test_chinese_words_without_a_topic_are_dropped_whole(translator):
    assert translator.in_english("如果我们只有会费", "zh").unknown == ()


def test_unesco_is_a_name_that_is_known(translator):
    assert all(not translator.in_english("UNESCO", language).unknown for language in LANGUAGES)


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("ru", "сколько росийских городов", "Russian Federation"),
        ("pt", "o formuláro de candidatura", "form"),
        ("de", "die Auszeichung", "designation"),
    ],
)
def test_a_slip_in_a_word_is_mended(translator, language, text, said):
    assert said in translator.in_english(text, language).text


def test_an_unknown_name_is_not_the_word_that_is_near_to_it(translator):
    assert translator.in_english("las ciudades de Castilla", "es").unknown == ("castilla",)
