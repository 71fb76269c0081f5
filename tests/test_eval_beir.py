"""Our retriever on a set in BEIR's format."""

import json

import pytest
from small import WordEmbeddings, count_shared_words

from evals.beir import MEASURES, rank_beir, read_beir
from evals.cases import CaseError

DOCUMENTS = {
    "d1": "Beijing is a City of Design since 2012.",
    "d2": "Chengdu cooks: a City of Gastronomy.",
    "d3": "A call opens every second year.",
}
QUESTIONS = {"q1": "City of Design", "q2": "which city cooks", "q3": "never judged"}
QRELS = "query-id\tcorpus-id\tscore\nq1\td1\t1\nq2\td2\t2\nq2\td3\t0\nq3\tgone\t1\n"


@pytest.fixture
def beir(tmp_path):
    (tmp_path / "qrels").mkdir()
    rows = [{"_id": id_, "title": "", "text": text} for id_, text in DOCUMENTS.items()]
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    rows = [{"_id": id_, "text": text} for id_, text in QUESTIONS.items()]
    (tmp_path / "queries.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "qrels" / "test.tsv").write_text(QRELS)
    return tmp_path


def test_a_set_is_read_with_what_is_judged_alone(beir):
    read = read_beir(beir)

    assert read.documents == DOCUMENTS
    assert read.gold == {"q1": {"d1"}, "q2": {"d2"}}
    assert set(read.questions) == {"q1", "q2"}


def test_each_way_to_search_is_measured(beir):
    seen = []

    ways = rank_beir(
        read_beir(beir), WordEmbeddings(), scorer=count_shared_words, progress=lambda *step: seen.append(step)
    )

    assert [way.name for way in ways] == ["BM25", "vectors", "fused", "fused, first ten reranked"]
    for way in ways:
        assert set(way.values) == set(MEASURES)
        assert way.values["R@10"] == 1.0
    assert ways[0].values["Success@1"] == 1.0
    assert seen[0] == ("Embedding", 3, 3)


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("corpus.jsonl", '{"_id": "d1"}', r"corpus\.jsonl, line 1"),
        ("queries.jsonl", "x", r"queries\.jsonl, line 1"),
        ("qrels/test.tsv", "q1 d1 1", r"test\.tsv, line 1"),
        ("qrels/test.tsv", "q9\td1\t1\n", "judges none"),
    ],
)
def test_a_broken_file_is_told_with_its_line(beir, name, text, told):
    (beir / name).write_text(text)

    with pytest.raises(CaseError, match=told):
        read_beir(beir)


def test_a_missing_file_or_split_is_named(beir):
    with pytest.raises(CaseError, match=r"dev\.tsv"):
        read_beir(beir, "dev")
    (beir / "corpus.jsonl").unlink()
    with pytest.raises(CaseError, match=r"corpus\.jsonl"):
        read_beir(beir)
