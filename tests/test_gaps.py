"""What was asked in vain, grouped by meaning, and old documents that many answers rest on."""

import datetime
import itertools

import numpy
import pytest
from small import WordEmbeddings

from assistant.embed import MultilingualEmbeddings
from assistant.gaps import NEAREST_COSINE, Stale, age_days, cluster, staleness
from assistant.records import Source
from assistant.store import Asked, Rating

TODAY = datetime.date(2023, 3, 1)
numbers = itertools.count(1)


def by_words(texts):
    return numpy.array(WordEmbeddings().embed_documents(list(texts)), dtype=numpy.float32)


def asked(question, status="no_answer", **changes):
    fields = {
        "id": next(numbers),
        "at": "2023-02-01T10:00:00+00:00",
        "conversation": "",
        "channel": "chat",
        "question": question,
        "digest": "d",
        "standalone": "",
        "language": "en",
        "status": status,
        "route": "",
        "answer": "",
        "sources": (),
        "milliseconds": 10.0,
    }
    return Asked(**(fields | changes))


def disliked(question, **changes):
    return Rating(question=question, answer="It is so.", verdict="down", at="2023-02-02", **changes)


def test_questions_in_like_words_are_one_gap_and_the_most_frequent_gap_comes_first():
    rows = [
        asked("what does a bid cost"),
        asked("who is the mayor of Lisvale"),
        asked("what does one bid cost"),
        asked("what does a bid cost"),
    ]

    gaps = cluster(rows, [], by_words)

    assert [gap.questions for gap in gaps] == [
        ("what does a bid cost", "what does one bid cost"),
        ("who is the mayor of Lisvale",),
    ]
    assert [gap.times for gap in gaps] == [3, 1]


def test_the_order_of_the_rows_changes_nothing():
    rows = [asked(text) for text in ("a b c", "a b d", "a d e", "x y z", "x y w", "b c d", "c d e")]
    expected = cluster(rows, [], by_words)

    for order in itertools.islice(itertools.permutations(rows), 0, 5000, 500):
        assert cluster(order, [], by_words) == expected


def test_any_two_questions_of_a_gap_are_near_each_other():
    rows = [asked(text) for text in ("a b", "b c", "c d", "d e", "e f", "f a", "a c", "b d")]

    for gap in cluster(rows, [], by_words):
        vectors = by_words(gap.questions)
        assert (vectors @ vectors.T).min() >= NEAREST_COSINE - 1e-6


def test_an_answered_question_is_no_gap_unless_it_was_rated_down():
    rows = [asked("when is the deadline", "answered"), asked("is lunch free", "answered"), asked("which", "clarify")]
    ratings = [
        disliked("is lunch free", reason="wrong", comment="It is not."),
        Rating(question="when is the deadline", answer="Now.", verdict="up"),
    ]

    (gap,) = cluster(rows, ratings, by_words)

    assert (gap.question, gap.times, dict(gap.statuses)) == ("is lunch free", 1, {"down": 1})
    assert (gap.reasons, gap.comments, gap.last) == (("wrong",), ("It is not.",), "2023-02-02")


def test_a_follow_up_counts_as_the_question_that_it_was_read_as_in_its_ratings_too():
    rows = [asked("and in 2021?", "answered", conversation="c", standalone="When was the deadline in 2021?")]

    (gap,) = cluster(rows, [disliked("and in 2021?", conversation="c")], by_words)

    assert gap.question == "When was the deadline in 2021?"


def test_a_row_without_its_text_is_left_out_and_nothing_at_all_is_no_gap():
    assert cluster([asked("")], [], by_words) == []
    assert cluster([], [], by_words) == []


@pytest.mark.model
def test_one_meaning_in_two_languages_is_one_gap():
    rows = [
        asked("How much does an application cost?"),
        asked("Combien coûte une candidature ?", language="fr"),
        asked("Which hotel is near the conference?"),
    ]

    gaps = cluster(rows, [], MultilingualEmbeddings().vectors)

    assert [(gap.times, gap.languages) for gap in gaps] == [(2, ("en", "fr")), (1, ("en",))]


def source(id_, date):
    return Source(id=id_, title=id_.title(), text="x", as_of=date)


def test_a_document_that_carries_many_answers_and_is_old_leads_the_board():
    rows = [
        asked("a", "answered", sources=("old", "new", "old"), at="2023-01-01"),
        asked("b", "answered", sources=("new",), at="2023-02-01"),
        asked("c", "answered", sources=("undated", "gone")),
    ]
    sources = [source("old", "2020-03"), source("new", "2023-02-01"), source("unused", "2004"), source("undated", "")]

    board = staleness(rows, sources, TODAY)

    assert [row.source_id for row in board] == ["undated", "old", "new"]
    assert board[1] == Stale("old", "Old", "2020-03", 1095, 1, "2023-01-01")
    assert (board[2].answers, board[2].last, board[2].days) == (2, "2023-02-01", 28)


def test_a_year_or_month_counts_from_its_first_day():
    assert age_days("2023", TODAY) == 59
    assert age_days("2023-02", TODAY) == 28
    assert age_days("2023-03-01", TODAY) == 0
    assert age_days("", TODAY) is None
