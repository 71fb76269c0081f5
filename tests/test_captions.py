"""The words of exported files and pages: every language has each of them, with the same gaps to fill."""

import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest

from assistant.captions import FOLDER, LANGUAGES, captions_of, preferred_language
from assistant.records import Firmness, Origin

PACKAGE = Path(__file__).parent.parent / "assistant"
OTHERS = sorted(set(LANGUAGES) - {"en"})


def held(language):
    """The words of one file by `section.name`."""
    sections = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    return {f"{section}.{name}": words for section, names in sections.items() for name, words in names.items()}


def gaps(words):
    return sorted(re.findall(r"{(\w+)}", words))


def test_there_is_a_file_for_each_language_and_no_other():
    assert {path.stem for path in FOLDER.iterdir()} == set(LANGUAGES)


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_the_words_of_the_english_file_with_the_same_gaps(language):
    english, other = held("en"), held(language)

    lacking = english.keys() - other.keys()

    assert other.keys() <= english.keys()
    assert {name for name in lacking if not name.startswith("ask.")} == set()
    assert {name: gaps(words) for name, words in other.items()} == {name: gaps(english[name]) for name in other}
    assert all(words.strip() for words in other.values())


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_is_not_left_in_english(language):
    same = {name for name, words in held(language).items() if words == held("en")[name]}

    alike = {"frame.chat", "answer.asked", "frame.pages", "chat.conversations", "chat.organisation"}
    assert same <= alike | {f"chat.export_{name}" for name in ("md", "docx", "pdf")}


@pytest.mark.parametrize(
    ("language", "script"), [("zh", r"[\u4e00-\u9fff]"), ("ar", r"[\u0600-\u06ff]"), ("ru", r"[а-яё]")]
)
def test_words_are_in_the_letters_of_their_language(language, script):
    foreign = {name for name, words in held(language).items() if not re.search(script, words)}

    assert foreign <= {"chat.export_md", "chat.export_docx", "chat.export_pdf"}


def test_every_word_that_the_code_asks_for_is_there_and_each_is_asked_for():
    code = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    names = held("en").keys()
    sections = {name.split(".")[0] for name in names}
    asked = {name for name in re.findall(r"[\"']([a-z]+\.[a-z_]+)[\"']", code) if name.split(".")[0] in sections}
    by_id = set(re.findall(r"f[\"']([a-z]+)\.{", code))  # steps, tasks, actors: the table names them

    assert {name for name in asked if name.split(".")[1] not in ("csv", "js", "jsonl")} <= names
    of_chat = {"chat", "examples"}  # tests/test_chat.py looks after these
    assert {name for name in names if name.split(".")[0] not in by_id | of_chat} <= asked | {"path.progress"}


def test_words_are_filled_in_and_dates_are_written_in_their_language():
    assert captions_of("en").say("path.progress", done=2, all=9) == "Tasks done: 2 of 9"
    assert captions_of("en").date("2021-06-30") == "30 June 2021"
    assert captions_of("fr").date("2021-06-30") == "30 juin 2021"
    assert captions_of("zh").date("2021-06") == "2021年6月"
    assert captions_of("ar").direction == "rtl"
    assert captions_of("fr").date("about 2016") == "about 2016"
    assert captions_of("de").language == "en"


@pytest.mark.parametrize("firmness", get_args(Firmness))
def test_how_firm_a_source_is_has_words_in_every_language(firmness):
    origin = Origin("a", "A", "", "", "", "en", "press", firmness)

    said = {captions_of(language).firmness(origin) for language in LANGUAGES}

    assert len(said) >= len(LANGUAGES) - 2  # a word may be the same in two of them
    copied = captions_of("fr").firmness(replace(origin, kind="unesco", firmness="unofficial"))
    assert copied == "copie non officielle d'un texte de l'UNESCO"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("de-DE,de;q=0.9,ru;q=0.5,en;q=0.4", "ru"),
        ("en;q=0.2, zh-Hant;q=0.9", "zh"),
        ("", "en"),
        ("*", "en"),
        ("xx;q=7,pt", "pt"),
        ("fr;q=" + "9" * 500, "fr"),
    ],
)
def test_the_language_is_the_one_that_the_browser_puts_first(header, language):
    assert preferred_language(header) == language
