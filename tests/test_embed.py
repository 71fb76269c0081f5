import pytest

from assistant.embed import QuestionEmbeddings, SentenceEmbeddings
from assistant.errors import ModelError

pytestmark = pytest.mark.model


def dot(one, other):
    return sum(a * b for a, b in zip(one, other, strict=True))


def test_vectors_have_length_one_and_come_in_order(real_embeddings):
    texts = ["a long text about the music of Lisvale and its halls", "film", "a budget"]

    vectors = real_embeddings.embed_documents(texts)

    assert [len(vector) for vector in vectors] == [384] * 3
    assert all(dot(vector, vector) == pytest.approx(1.0, abs=1e-5) for vector in vectors)
    assert all(isinstance(value, float) for value in vectors[0])
    for text, vector in zip(texts, vectors, strict=True):
        assert dot(real_embeddings.embed_query(text), vector) == pytest.approx(1.0, abs=1e-4)


def test_near_meaning_is_near(real_embeddings):
    question = real_embeddings.embed_query("When do applications close?")
    near, far = real_embeddings.embed_documents(["The deadline of the call is in May.", "Film is an art."])

    assert dot(question, near) > dot(question, far)


def test_no_text_is_no_vector(real_embeddings):
    assert real_embeddings.embed_documents([]) == []


def test_a_model_that_cannot_be_loaded_names_the_setting(tmp_path):
    with pytest.raises(ModelError, match="UCCN_EMBEDDING"):
        SentenceEmbeddings(str(tmp_path / "no-model")).embed_query("x")


def test_nothing_is_loaded_before_the_first_text():
    assert SentenceEmbeddings("no such model").name == "no such model"


@pytest.fixture(scope="module")
def question_embeddings():
    return QuestionEmbeddings()


def test_vectors_of_questions_have_length_one_and_are_the_same_whatever_stands_beside_them(question_embeddings):
    question = "When do applications close?"

    alone = question_embeddings.embed_query(question)
    _, among, _ = question_embeddings.embed_documents(["What does it cost a city to belong?", question, "fees"])

    assert len(alone) == 384
    assert dot(alone, alone) == pytest.approx(1.0, abs=1e-6)
    assert among == alone


def test_a_question_in_other_words_is_near(question_embeddings):
    question = question_embeddings.embed_query("When do applications close?")
    near, far = question_embeddings.embed_documents(["last day to hand in a bid", "Who pays for the travel?"])

    assert dot(question, near) > dot(question, far)


def test_no_question_is_no_vector(question_embeddings):
    assert question_embeddings.embed_documents([]) == []
