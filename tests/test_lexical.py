"""BM25 by itself, made anew and read from its files."""

import pytest

from assistant.lexical import Lexical

TEXTS = {"a": "the city of music", "b": "the city of film", "c": "the city of opera and film", "d": "of the"}


def unread():
    raise AssertionError("the texts are read though what was made of them is kept")


def test_bm25_ranks_the_text_that_shares_the_rarer_words_first():
    lexical = Lexical(lambda: {"a": "the city of music", "b": "the city of film", "c": "the city of opera and film"})

    assert [id_ for id_, _ in lexical.search("film city", 3)] == ["b", "c", "a"]
    assert [id_ for id_, _ in lexical.search("opera", 3)] == ["c"]


def test_bm25_finds_british_spelling_by_american():
    lexical = Lexical(lambda: {"a": "a centre for music", "b": "a hall for film"})

    assert [id_ for id_, _ in lexical.search("centers", 2)] == ["a"]


@pytest.mark.parametrize("question", ["zebra", "the of and", "", "?!", "   "])
def test_bm25_finds_nothing_where_no_word_is_shared(question):
    assert Lexical(lambda: {"a": "the city of music"}).search(question, 5) == []


@pytest.mark.parametrize("texts", [[], [""], ["the of and"]])
def test_bm25_over_texts_without_words_finds_nothing(texts):
    assert Lexical(lambda: {str(i): text for i, text in enumerate(texts)}).search("music", 5) == []


def test_bm25_returns_no_more_than_it_is_asked_for():
    lexical = Lexical(lambda: {"a": "music one", "b": "music two", "c": "music three"})

    assert len(lexical.search("music", 2)) == 2


def test_kept_bm25_finds_the_same_without_reading_the_texts(tmp_path):
    made = Lexical(lambda: TEXTS)
    made.keep(tmp_path / "words")

    kept = Lexical(unread, tmp_path / "words")

    for question in ("film city", "opera", "music of cities", "zebra"):
        assert kept.search(question, 3) == made.search(question, 3)


def _cut_off(path):
    path.write_bytes(path.read_bytes()[:-4])


def _altered(path):
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("harm", [_cut_off, _altered, lambda path: path.unlink()])
@pytest.mark.parametrize("name", ["data.csc.index.npy", "vocab.index.json", "ids.json", "sums.json"])
def test_kept_bm25_that_is_not_whole_is_made_of_the_texts(tmp_path, harm, name):
    Lexical(lambda: TEXTS).keep(tmp_path / "words")
    harm(tmp_path / "words" / name)

    assert Lexical(lambda: {"z": "an opera"}, tmp_path / "words").search("opera", 3)[0][0] == "z"


def test_of_texts_without_words_nothing_is_kept(tmp_path):
    Lexical(lambda: {"d": "of the"}).keep(tmp_path / "words")

    assert Lexical(dict, tmp_path / "words").search("music", 3) == []
