import pytest

from assistant.rerank import Reranker

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def reranker():
    return Reranker()


QUESTION = "How many member cities does the Network have?"
DIRECT = "As of June 2022, the Network has 290 member cities."
BESIDE = "The Network was created in 2004."
OTHER = "Lisvale lends instruments to every child."


def test_a_direct_answer_scores_above_zero_and_above_the_rest(reranker):
    direct, beside, other = reranker.scores(QUESTION, [DIRECT, BESIDE, OTHER])

    assert direct > 0
    assert direct > beside > other


def test_a_score_does_not_depend_on_its_neighbours(reranker):
    long = " ".join([OTHER] * 30)

    (alone,) = reranker.scores(QUESTION, [DIRECT])

    assert reranker.scores(QUESTION, [long, DIRECT, BESIDE])[1] == alone


def test_a_text_longer_than_the_model_reads_is_taken(reranker):
    assert len(reranker.scores(QUESTION, ["city " * 5000, ""])) == 2


def test_no_text_is_no_score(reranker):
    assert reranker.scores(QUESTION, []) == []
