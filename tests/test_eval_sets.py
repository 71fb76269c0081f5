"""The format of question sets, what makes one sound, which cases are asked, and other tools' formats."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_evals import open_network, small_cases

from assistant.records import Question, Source, Turn
from evals import formats
from evals.cases import KINDS, STATUSES, Case, CaseError, Gold, case_row, read_case, read_cases, read_file, write_cases
from evals.choice import choose, spread
from evals.runner import Judge
from evals.runs import Header, Run
from evals.soundness import check_cases, gold_answer

TEXT = "The 2021 call closed on 30 June 2021. The port has 14 halls."
SOURCES = {"calls": Source("calls", "Calls", TEXT)}


def case(**fields):
    row = {"id": "q", "question": "When did it close?", "kind": "date", "status": "answered", "accepted": ["30 June"]}
    return read_case(row | fields, "d")


def flaws(*cases):
    return [flaw.text for flaw in check_cases(cases, SOURCES)]


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return open_network(tmp_path_factory.mktemp("network"))


@pytest.fixture(scope="module")
def run(network):
    header = Header("small", "small", "2022-03-01T00:00:00+00:00", {}, {}, 1.0, 1, 100.0)
    return Run(header, tuple(map(Judge(network), small_cases())))


def test_a_sound_case_has_no_flaw():
    sound = case(
        quotes=[{"source": "calls", "quote": "The 2021 call closed on 30 June 2021."}], reference="On 30 June."
    )

    assert flaws(sound) == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"quotes": [{"source": "calls", "quote": "It closed on 1 July."}]}, "does not hold the gold quote"),
        ({"quotes": [{"source": "gone", "quote": "The port"}]}, "no document 'gone'"),
        ({"sources": ["gone"]}, "no document 'gone'"),
        ({"accepted": []}, "any answer would pass"),
        ({"accepted": ["**"]}, "a form is empty"),
        ({"required": [[]]}, "a group of required forms is empty"),
        ({"must_not": ["June"]}, "its own gold answer fails"),
        ({"reference": "On 31 June."}, "its reference answer fails"),
        ({"status": "no_answer"}, "expects a refusal and a value"),
        ({"kind": "out_of_scope"}, "out of scope and expects an answer"),
    ],
)
def test_each_flaw_of_a_case_is_told(fields, told):
    assert any(told in text for text in flaws(case(**fields)))


def test_two_cases_of_a_set_that_ask_the_same_are_told_and_those_with_another_history_are_not():
    other = case(id="r", question="when did it  close?")

    assert any("asks the same as q" in text for text in flaws(case(), other))
    assert flaws(case(), case(id="r", history=[{"role": "user", "content": "The port?"}])) == []


def test_the_sets_of_the_project_have_no_flaw():
    from assistant.corpus import read_corpus
    from evals.cases import DATASETS

    sources = {source.id: source for source in read_corpus(DATASETS.parent.parent / "corpus").sources}
    asked = [one for one in read_cases() if one.corpus != "originals"]

    assert check_cases(asked, sources) == []
    assert sum(bool(one.quotes) for one in asked) > 500


def test_a_gold_answer_holds_the_beginning_of_a_word_without_its_star():
    assert (
        gold_answer(case(accepted=["30 June", "June 30"], required=[["creativ*"], ["port"]]))
        == "30 June; creativ; port"
    )


_words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20)
_lists = st.lists(_words, max_size=3).map(tuple)


@given(
    st.builds(
        Case,
        id=_words,
        dataset=st.just("d"),
        question=st.builds(
            Question,
            question=_words,
            history=st.lists(st.builds(Turn, st.sampled_from(["user", "assistant"]), _words)).map(tuple),
        ),
        kind=st.sampled_from(KINDS),
        statuses=st.lists(st.sampled_from(STATUSES), min_size=1, max_size=2, unique=True).map(tuple),
        accepted=_lists,
        required=st.lists(st.lists(_words, min_size=1, max_size=2).map(tuple), max_size=2).map(tuple),
        sources=st.lists(_words, min_size=1, max_size=2).map(tuple),
        quotes=st.lists(st.builds(Gold, _words, _words), max_size=2).map(tuple),
        reference=_words,
        tags=_lists,
    )
)
def test_a_case_survives_the_way_to_its_line_and_back(one):
    one = replace(one, question=replace(one.question, id=one.id))

    assert read_case(json.loads(json.dumps(case_row(one))), "d") == one


def test_a_file_of_cases_is_read_as_it_was_written(tmp_path):
    write_cases(small_cases(), tmp_path / "small.jsonl")

    assert read_file(tmp_path / "small.jsonl") == small_cases()


@pytest.mark.parametrize(
    "line",
    ['{"id": "a"}', "[1]", "not JSON", '{"id": "a", "question": "?", "kind": "quiz", "status": "answered"}',
     '{"id": "a", "question": "?", "kind": "fact", "status": "perhaps"}',
     '{"id": "a", "question": "?", "kind": "fact", "status": "answered", "accepted": "8"}'],
)  # fmt: skip
def test_a_broken_line_is_told_with_file_and_line(tmp_path, line):
    (tmp_path / "broken.jsonl").write_text(json.dumps(case_row(case())) + "\n\n" + line + "\n")

    with pytest.raises(CaseError, match=r"broken\.jsonl, line 3"):
        read_file(tmp_path / "broken.jsonl")


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (["kind=date"], ["e3", "e4"]),
        (["id=e1*"], ["e1", "e10", "e11", "e12"]),
        (["kind=d*", "norland"], []),
        (["Kestrin"], ["e3", "e8"]),
        (["tag=disagreement"], ["e12"]),
        (["status=no_answer"], ["e10"]),
    ],
)
def test_a_filter_keeps_what_meets_it(filters, ids):
    assert [one.id for one in choose(small_cases(), filters)] == ids


def test_a_limit_spreads_over_all_and_an_unknown_field_is_named():
    assert [one.id for one in spread(small_cases(), 3)] == ["e1", "e5", "e9"]
    assert spread(small_cases(), 0) == spread(small_cases(), 50) == small_cases()
    with pytest.raises(CaseError, match="colour is none of id, set, kind"):
        choose(small_cases(), ["colour=red"])


def test_a_run_goes_out_in_the_names_of_ragas_and_deepeval(tmp_path, network, run):
    cases = [one.case for one in run.results]

    for name in formats.WRITERS:
        formats.write_rows(name, cases, tmp_path / name, run=run, index=network.index)

    by_ragas, by_deepeval = (
        [json.loads(line) for line in (tmp_path / name).read_text().splitlines()] for name in ("ragas", "deepeval")
    )
    assert by_ragas[6]["user_input"] == "When did the 2017 call close?", "no row has a history"
    assert by_ragas[8]["user_input"] == by_deepeval[8]["input"] == "Who is the director of the port of Lisvale?"
    assert "Maren Holt" in by_ragas[8]["response"]
    assert by_ragas[8]["reference_contexts"] == by_deepeval[8]["context"]
    assert any("Maren Holt" in text for text in by_deepeval[8]["retrieval_context"])
    assert by_ragas[8]["reference"] == "Maren Holt"


def test_a_follow_up_without_its_answer_goes_nowhere(tmp_path, network):
    count = formats.write_rows("ragas", small_cases(), tmp_path / "out.jsonl", run=None, index=network.index)

    assert count == len(small_cases()) - 1
    assert "And in 2017?" not in (tmp_path / "out.jsonl").read_text()


@pytest.mark.parametrize("name", ["ragas", "deepeval"])
def test_what_went_out_comes_back_as_cases_with_their_gold(tmp_path, network, run, name):
    formats.write_rows(name, [run.results[8].case], tmp_path / "out.jsonl", run=None, index=network.index)

    (back,) = formats.placed(formats.read_foreign(tmp_path / "out.jsonl", "new"), network.index)

    assert back.question.question == "Who is the director of the port of Lisvale?"
    assert back.accepted == ("Maren Holt",)
    assert back.quotes == run.results[8].case.quotes
    assert check_cases([back], network.index.sources) == []


def test_a_gold_quote_that_no_document_holds_goes_to_the_note(tmp_path, network):
    row = {"user_input": [{"type": "human", "content": "Hello"}, {"type": "ai", "content": "Yes?"},
                          {"type": "human", "content": "How many?"}], "reference": "Eight of them.",
           "reference_contexts": ["There are eight moons."]}  # fmt: skip
    (tmp_path / "in.jsonl").write_text(json.dumps(row))

    (back,) = formats.placed(formats.read_foreign(tmp_path / "in.jsonl", "new"), network.index)

    assert back.quotes == ()
    assert "eight moons" in back.note
    assert [turn.content for turn in back.question.history] == ["Hello", "Yes?"]


@pytest.mark.parametrize(("text", "told"), [("{}", "line 1"), ("x", "line 1: not JSON"), ("[]", "not a JSON object")])
def test_a_foreign_file_that_cannot_be_read_is_told_with_its_line(tmp_path, text, told):
    (tmp_path / "in.jsonl").write_text(text)

    with pytest.raises(CaseError, match=told):
        formats.read_foreign(tmp_path / "in.jsonl", "new")


def test_beir_and_trec_name_the_passages_that_hold_the_gold(tmp_path, network, run):
    formats.write_beir(small_cases(), tmp_path / "beir", network.index)
    formats.write_trec(run, tmp_path / "trec")

    (qrel,) = (tmp_path / "beir" / "qrels" / "test.tsv").read_text().splitlines()[1:]
    question, passage, relevant = qrel.split("\t")
    assert (question, relevant) == ("e9", "1")
    assert "Maren Holt" in network.index.passages[passage].text
    assert (tmp_path / "trec" / "qrels.txt").read_text() == f"e9 0 {passage} 1\n"
    assert (tmp_path / "trec" / "run.txt").read_text().startswith(f"e9 Q0 {passage} 1 1.0")


def test_a_folder_of_beir_comes_back_with_the_passages_that_it_judges(tmp_path, network):
    formats.write_beir(small_cases(), tmp_path, network.index)
    (gold,) = small_cases()[8].quotes
    with (tmp_path / "corpus.jsonl").open("a") as documents, (tmp_path / "qrels" / "test.tsv").open("a") as judged:
        documents.write('{"_id": "gone", "text": "An older passage."}\n')
        judged.write("e9\tgone\t1\n")

    (back,) = formats.read_judged(tmp_path, "new", network.index)

    assert (back.id, back.question.question, back.sources) == ("e9", small_cases()[8].question.question, ("port",))
    assert gold.quote in back.quotes[0].quote
    assert back.note == "not in the index: gone"
    (flaw,) = check_cases([back], network.index.sources)
    assert "give `accepted` or `required` forms" in flaw.text
