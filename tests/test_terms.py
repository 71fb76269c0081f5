import csv
from pathlib import Path

import pytest

from assistant.errors import CorpusError
from assistant.terms import NETWORK, Glossary, read_glossaries, reading

GLOSSARY = Path(__file__).parent.parent / "corpus" / "glossary.csv"


def glossary_of(tmp_path, text):
    path = tmp_path / "glossary.csv"
    path.write_text(f"language,phrase,term\n{text}\n", encoding="utf-8")
    return read_glossaries(path, ["en"])["en"]


def test_a_phrase_becomes_the_term_of_the_corpus(tmp_path):
    glossary = glossary_of(tmp_path, "en,candidature,application\nen,hand in,submit")

    assert glossary.canonical("How do we hand in a Candidature?") == "How do we submit a application?"


def test_the_longest_phrase_wins_and_no_stretch_is_replaced_twice(tmp_path):
    glossary = glossary_of(tmp_path, "en,town,city\nen,twin town,partner\nen,city,place")

    assert glossary.canonical("a twin town and a town") == "a partner and a city"


def test_parts_of_words_and_addresses_are_left_alone(tmp_path):
    glossary = glossary_of(tmp_path, "en,town,city")

    for text in ("downtown", "townhall", "a@town.org", "old-town", "town.org"):
        assert glossary.canonical(text) == text


def test_a_missing_or_empty_glossary_changes_nothing(tmp_path):
    assert read_glossaries(tmp_path / "none.csv", ["en"])["en"] == Glossary()
    assert Glossary().canonical("UCCN town") == "UCCN town"


def test_rows_of_another_language_are_left_out(tmp_path):
    assert glossary_of(tmp_path, "fr,ville,city\nen,town,city").terms == (("town", "city"),)


@pytest.mark.parametrize("row", ["en,town", "en,,city", "en,town,city,more"])
def test_a_broken_row_is_named_with_its_line(tmp_path, row):
    with pytest.raises(CorpusError, match=r"glossary\.csv, line 3"):
        glossary_of(tmp_path, f"en,hamlet,village\n{row}")


def test_the_network_is_read_by_its_full_name_once():
    assert reading("The UCCN grows.") == f"The {NETWORK} grows."
    assert reading(f"The {NETWORK} (UCCN) grows.") == f"The {NETWORK} grows."
    assert reading("A network of roads.") == "A network of roads."
    assert reading(f"The {NETWORK} grows.") == f"The {NETWORK} grows."


def test_the_glossary_of_the_corpus_holds_no_phrase_twice():
    with GLOSSARY.open(encoding="utf-8", newline="") as file:
        phrases = [(row["language"], row["phrase"].lower()) for row in csv.DictReader(file)]

    assert sorted(set(phrases)) == sorted(phrases)
    assert read_glossaries(GLOSSARY, ["en"])["en"].terms
