"""A link to an answer: what it holds, and what it notices when it is opened."""

import datetime
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from fakes import SOURCE, answered, cite

from assistant.permalink import MOST, LinkDamaged, compare, link_to, read, sentences, written
from assistant.records import Passage, Unit

DAY = datetime.date(2026, 11, 22)
CORPUS = "0123abcd" * 8
OTHER_CORPUS = "ffffffff" * 8
TEXT = "It closed on **30 June 2021**. [1]\n\nAnother sentence follows. [2]"


def answer(text=TEXT, **changes):
    citations = (cite(), cite("Another sentence follows.", n=2))
    return answered(text, **({"question": "When did it close?", "citations": citations} | changes))


def passages():
    units = tuple(
        Unit(text, SOURCE.text.index(text), SOURCE.text.index(text) + len(text))
        for text in ("The 2021 call closed on 30 June 2021.", "Another sentence follows.")
    )
    return [Passage("calls#0", "calls", SOURCE.title, (), SOURCE.text, 0, len(SOURCE.text), units)]


def opened(then, now, *, corpus=CORPUS):
    seen = read(written(then, corpus=CORPUS, today=DAY))
    return seen, compare(seen, now, corpus=corpus, passages=passages(), sources={"calls": SOURCE})


def test_a_link_holds_the_question_and_nothing_of_the_answer_that_could_be_read():
    url = urlsplit(link_to(answer(), corpus=CORPUS, today=DAY, as_of="2022"))

    held = parse_qs(url.query)
    assert url.path == "answer"
    assert (held["q"], held["as_of"], held["lang"]) == (["When did it close?"], ["2022"], ["en"])
    assert "2021" not in held["seen"][0]
    assert len(held["seen"][0]) < 60


def test_a_follow_up_is_linked_as_the_question_that_it_was_read_as():
    url = link_to(answer(standalone_question="When did the 2021 call close?"), corpus=CORPUS, today=DAY)

    assert parse_qs(urlsplit(url).query)["q"] == ["When did the 2021 call close?"]


def test_the_same_answer_is_known_again():
    seen, found = opened(answer(), answer())

    assert (seen.day, seen.status) == ("2026-11-22", "answered")
    assert found.same_text
    assert found.same_quotes
    assert found.same_corpus
    assert (found.new_sentences, found.gone_sentences, found.new_quotes, found.gone_quotes) == ((), 0, (), 0)


def test_other_numbers_of_the_markers_change_nothing():
    turned = answer("It closed on **30 June 2021**. [2]\n\nAnother sentence follows. [1]")

    assert opened(answer(), turned)[1].same_text


def test_a_new_sentence_is_shown_and_a_gone_one_is_counted():
    _, found = opened(answer(), answer("It closed on **1 July 2021**. [1]\n\nAnother sentence follows. [2]"))

    assert not found.same_text
    assert found.same_quotes
    assert (found.new_sentences, found.gone_sentences) == (("It closed on 1 July 2021.",), 1)


def test_a_quote_that_is_no_longer_used_is_found_where_it_still_stands():
    one = answer("It closed on **30 June 2021**. [1]", citations=(cite(),))

    _, found = opened(answer(), one, corpus=OTHER_CORPUS)

    assert (found.gone_quotes, found.same_corpus) == (1, False)
    (standing,) = found.stands
    assert SOURCE.text[standing.start : standing.end] == standing.text == "Another sentence follows."


def test_a_quote_that_stands_nowhere_any_more_is_counted_only():
    then = answer(citations=(cite(), replace(cite(n=2), quote="The call closed in May.")))

    _, found = opened(then, answer())

    assert (found.gone_quotes, found.stands, found.new_quotes) == (1, (), (2,))


def test_an_answer_that_is_now_refused_is_another():
    seen, found = opened(answer(), answered("No source says it.", status="no_answer", citations=()))

    assert seen.status == "answered"
    assert not found.same_text
    assert found.gone_quotes == 2


def test_a_long_list_is_cut_and_still_compares():
    text = "\n".join(f"- Row {n} of the list [1]" for n in range(200))
    long = answer(text, citations=(cite(),))

    seen, found = opened(long, long)

    assert len(seen.sentences) == MOST
    assert (found.same_text, found.new_sentences, found.gone_sentences) == (True, (), 0)


@pytest.mark.parametrize("seen", ["x", "AAAA", "A" * 30, "%%%", "é", "AQAAAA" * 20, "_" * 24])
def test_a_damaged_link_is_told(seen):
    with pytest.raises(LinkDamaged):
        read(seen)


def test_each_cut_of_a_link_is_noticed():
    whole = written(answer(), corpus=CORPUS, today=DAY)

    for length in range(1, len(whole)):
        with pytest.raises(LinkDamaged):
            read(whole[:length])


def test_sentences_have_no_marks_and_keep_dates_whole():
    assert sentences("**Two** of 3.5 million. [1] And 北京。上海？\n\n- an item \\[7\\] [2]") == [
        "Two of 3.5 million.",
        "And 北京。上海？",
        "an item [7]",
    ]
