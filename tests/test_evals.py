import json
from dataclasses import replace

import pytest

from assistant.records import Answer, Citation, Question, Source
from evals.cases import DATASETS, Case, CaseError, read_cases
from evals.metrics import bears_answer, citations_exact, first_sentence, holds, normalise, score

TEXT = "As of June 2022, the Network has 1,290 member cities. In 2018 it had 180. The plans are: singing; lending."
SOURCES = {
    "network": Source(id="network", title="The Network", text=TEXT, as_of="2022-06"),
    "copy": Source(id="copy", title="A copy", text=TEXT),
}
QUOTE = "As of June 2022, the Network has 1,290 member cities."
OLD = "In 2018 it had 180."
LIST = "The plans are: singing; lending."


def cite(words, n=1, source_id="network", **changes):
    start = TEXT.index(words)
    citation = Citation(n, source_id, "T", "P", "2022-06", "", "", words, start, start + len(words), verified=True)
    return replace(citation, **changes)


def case(**fields):
    given = {"id": "q", "dataset": "d", "question": Question("How many?"), "kind": "count", "statuses": ("answered",)}
    return Case(**{**given, "accepted": ("1290",), "sources": ("network",), **fields})


def answer(text=f"{QUOTE} [1]", *citations, status="answered"):
    return Answer("How many?", status, text, citations=citations or (cite(QUOTE),))


REFUSAL = Answer("How many?", "no_answer", "No source says it.")
COUNT = case(required=(("member cities",),), must_not=("180",))
LISTED = case(accepted=(), required=(("singing",), ("lending", "loans")))


def judged(one_case, one_answer, **named):
    return score(one_case, one_answer, SOURCES, **named)


def test_a_right_answer_is_right():
    verdict = judged(COUNT, answer())

    assert verdict.right
    assert (verdict.status_right, verdict.value_right, verdict.source_cited, verdict.citations_exact) == (True,) * 4
    assert verdict.why == ""


@pytest.mark.parametrize("changed", ["1,291", "290", "12,290", "1,29", "11,290"])
def test_a_wrong_figure_is_wrong(changed):
    verdict = judged(COUNT, answer(f"{QUOTE.replace('1,290', changed)} [1]"))

    assert not verdict.right
    assert verdict.value_right is False
    assert "1290" in verdict.why


def test_a_stale_figure_first_is_wrong_even_where_the_right_one_follows():
    text = f"{OLD} [1]\n\n{QUOTE} [2]"

    assert not judged(case(), answer(text, cite(OLD), cite(QUOTE, 2))).right
    assert judged(case(), answer(f"{QUOTE} [1]\n\n{OLD} [2]", cite(QUOTE), cite(OLD, 2))).right


def test_a_figure_that_must_not_be_said_is_wrong_wherever_it_stands():
    verdict = judged(COUNT, answer(f"{QUOTE} [1]\n\n{OLD} [2]", cite(QUOTE), cite(OLD, 2)))

    assert not verdict.right
    assert "'180' must not" in verdict.why


def test_a_list_that_lacks_an_item_is_wrong():
    assert judged(LISTED, answer(f"{LIST} [1]", cite(LIST))).right
    assert judged(LISTED, answer("Singing and loans. [1]", cite(LIST))).right

    verdict = judged(LISTED, answer("The plans are: singing. [1]", cite(LIST)))

    assert not verdict.right
    assert "lending" in verdict.why


@pytest.mark.parametrize(
    ("text", "citations"),
    [
        (f"{QUOTE} [1][2]", (cite(QUOTE),)),
        (f"{QUOTE}", (cite(QUOTE),)),
        (f"{QUOTE} [2]", (cite(QUOTE, 2),)),
        (f"{QUOTE} [1]", (cite(QUOTE), cite(OLD, 2))),
        (f"{QUOTE} [1][3]", (cite(QUOTE), cite(OLD, 3))),
        (f"{QUOTE} [1]", (cite(QUOTE, start=1),)),
        (f"{QUOTE} [1]", (cite(QUOTE, end=len(QUOTE) - 1),)),
        (f"{QUOTE} [1]", (cite(QUOTE, quote=QUOTE.replace("1,290", "1,291")),)),
        (f"{QUOTE} [1]", (cite(QUOTE, quote="", start=3, end=3),)),
        (f"{QUOTE} [1]", (cite(QUOTE, source_id="gone"),)),
    ],
    ids=[
        "a marker without a citation", "no marker", "numbers that begin at 2", "a citation without a marker",
        "a number left out", "a wrong start", "a wrong end", "a changed quote", "an empty quote", "an unknown source",
    ],
)  # fmt: skip
def test_a_broken_citation_is_wrong_even_where_the_value_is_right(text, citations):
    verdict = judged(COUNT, answer(text, *citations))

    assert not verdict.right
    assert not verdict.citations_exact
    assert verdict.value_right
    assert "citation" in verdict.why


def test_an_answer_without_any_citation_is_wrong():
    bare = Answer("How many?", "answered", QUOTE)

    assert not citations_exact(bare, SOURCES)
    assert not judged(COUNT, bare).right


def test_a_refusal_of_an_answerable_question_is_wrong():
    verdict = judged(COUNT, REFUSAL)

    assert not verdict.right
    assert (verdict.value_right, verdict.source_cited) == (None, None)
    assert "no_answer" in verdict.why


def test_an_answer_to_an_unanswerable_question_is_wrong():
    unanswerable = case(statuses=("no_answer",), accepted=(), sources=())

    assert judged(unanswerable, REFUSAL).right
    assert not judged(unanswerable, answer()).right
    assert not judged(unanswerable, replace(REFUSAL, status="out_of_scope")).right


def test_a_refusal_with_a_citation_is_wrong():
    unanswerable = case(statuses=("no_answer",), accepted=(), sources=())

    assert not judged(unanswerable, replace(REFUSAL, answer="No. [1]", citations=(cite(QUOTE),))).right


def test_a_source_that_is_not_the_gold_one_is_told_but_does_not_decide():
    verdict = judged(COUNT, answer(f"{QUOTE} [1]", cite(QUOTE, source_id="copy")))

    assert verdict.right
    assert verdict.source_cited is False
    assert judged(
        COUNT, answer(f"{QUOTE} [1]", cite(QUOTE, source_id="copy")), origins={"copy": "network"}
    ).source_cited


@pytest.mark.parametrize(
    ("text", "form", "held"),
    [
        ("it has 1,290 cities", "1290", True),
        ("it has 1 290 cities", "1290", False),
        ("it has **1,290** [1]", "1290", True),
        ("it has 12,900 cities", "1290", False),
        ("creativity grows", "creativ*", True),
        ("uncreative", "creativ*", False),
        ("City of Design", "city of design", True),
        ("the cities", "city", False),
        ("Huai’an", "Huai'an", True),
        ("2022–2023", "2022-2023", True),
        ("a@b.org is it", "a@b.org", True),
        ("最早的成员城市是**Ipoh**（马来西亚）", "Ipoh", True),
        ("Ipohs Musik", "Ipoh", False),
    ],
)
def test_a_form_is_held_as_whole_words_whatever_the_typography(text, form, held):
    assert holds(normalise(text), form) is held


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("One is here. Two is there. [1]", "One is here."),
        ("The plans are: [1]\n- sing [2]\n- lend [3]", "The plans are: [1] - sing [2]"),
        ("It has 1.5 million. More.", "It has 1.5 million."),
        ("", ""),
    ],
)
def test_the_first_sentence_is_what_a_reader_reads_first(text, first):
    assert first_sentence(text) == first


def test_a_passage_bears_the_answer_only_in_a_gold_source():
    assert bears_answer(COUNT, "network", TEXT)
    assert not bears_answer(COUNT, "copy", TEXT)
    assert not bears_answer(COUNT, "network", "It has 180 member cities.")


def test_a_set_that_is_not_there_is_named():
    with pytest.raises(CaseError, match=r"'nothing'.*dev"):
        read_cases(["nothing"])


def test_every_row_of_the_sets_is_kept_in_its_order():
    rows = (DATASETS / "dev.jsonl").read_text(encoding="utf-8").splitlines()

    assert [one.id for one in read_cases(["dev"])] == [json.loads(row)["id"] for row in rows]
