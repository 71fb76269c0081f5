import pytest
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda
from small import WordEmbeddings

from assistant.index import build_index, open_index, split_unit_id
from assistant.retrieve import DEPTH, Retriever, fuse
from assistant.terms import stem
from evals.pipelines import WITHOUT, _weakened


@pytest.fixture
def retriever(corpus_folder, tmp_path):
    embeddings = WordEmbeddings()
    build_index(corpus_folder, tmp_path / "index", embeddings=embeddings, model="words")
    return Retriever(index=open_index(tmp_path / "index", "words"), embeddings=embeddings)


@pytest.mark.parametrize("without", WITHOUT)
def test_a_retriever_that_the_benchmark_weakens_still_searches(retriever, without):
    weakened = _weakened(retriever, without)

    assert weakened.search("How many musicians work in Lisvale?").hits
    assert type(weakened) is not Retriever or type(weakened.index) is not type(retriever.index)


def test_what_both_rankings_place_well_beats_what_only_one_places_first():
    ranked = list(fuse((["only-here", "both"], ["both", "only-there"])))

    assert ranked[0] == "both"


def test_the_same_rank_twice_is_better_than_once():
    scores = fuse((["a", "b"], ["a", "c"]))

    assert scores["a"] > scores["b"] == scores["c"]


def test_ties_are_broken_by_id_so_that_two_runs_agree():
    assert list(fuse((["b"], ["a"]))) == ["a", "b"]


def test_no_ranking_is_no_result():
    assert fuse(()) == {}
    assert fuse(([], [])) == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("centre", "center"),
        ("centres", "center"),
        ("programme", "program"),
        ("organise", "organize"),
        ("organisations", "organization"),
        ("organised", "organizing"),
        ("cities", "city"),
    ],
)
def test_two_spellings_of_a_word_meet(one, other):
    assert stem(one) == stem(other)


@pytest.mark.parametrize(("one", "other"), [("rise", "rize"), ("wise", "wize"), ("city", "cite")])
def test_two_words_do_not_meet(one, other):
    assert stem(one) != stem(other)


def test_search_returns_the_passage_that_answers_first_and_its_unit(retriever):
    hits, unit_ids, _ = retriever.search("How many musicians work in Lisvale?")

    passage_id, number = split_unit_id(unit_ids[0])
    assert hits[0].passage.source_id == "lisvale-music"
    assert "2,500 musicians" in retriever.index.passages[passage_id].units[number].text
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_a_word_of_the_heading_alone_finds_the_passage(retriever):
    hits, _, _ = retriever.search("Who to write to")

    assert hits[0].passage.headings == ("Who to write to in Lisvale",)


def test_search_returns_no_more_passages_than_asked_and_none_twice(retriever):
    hits, unit_ids, _ = retriever.search("cities of the network", 2)

    assert len(hits) == 2
    assert len(set(unit_ids)) == len(unit_ids) <= 2 * DEPTH


@pytest.fixture
def expecting(corpus_folder, tmp_path):
    """The retriever over the small corpus with one expected question; it shares no word with its statement."""
    table = (
        "document,statement,language,questions\n"
        "lisvale-music,Lisvale has 14 concert halls.,en,Where can orchestras perform?\n"
    )
    (corpus_folder / "questions.csv").write_text(table, encoding="utf-8")
    embeddings, of_questions = WordEmbeddings(), WordEmbeddings()
    build_index(
        *(corpus_folder, tmp_path / "index"), embeddings=embeddings, question_embeddings=of_questions, model="words"
    )
    index = open_index(tmp_path / "index", "words")
    return Retriever(index=index, embeddings=embeddings, question_embeddings=of_questions)


def unit_of(retriever, id_):
    passage_id, number = split_unit_id(id_)
    return retriever.index.passages[passage_id].units[number].text


def test_a_question_in_the_words_of_an_expected_one_finds_its_unit(expecting):
    found = expecting.search("Where should orchestras perform?")

    assert unit_of(expecting, found.unit_ids[0]) == "Lisvale has 14 concert halls."


def test_alike_holds_the_nearest_expected_question_of_a_unit_with_its_cosine(expecting):
    ((id_, (cosine, question)),) = expecting.search("Where should orchestras perform?").alike.items()

    assert unit_of(expecting, id_) == "Lisvale has 14 concert halls."
    assert question == "Where can orchestras perform?"
    assert cosine == pytest.approx(3 / 4, abs=1e-4)  # three of four words each


def test_expected_questions_are_compared_with_the_words_of_the_visitor(expecting):
    found = expecting.search("halls", asked="Where can orchestras perform?")

    assert [round(cosine, 4) for cosine, _ in found.alike.values()] == [1.0]


def test_the_vector_of_a_question_is_of_the_encoder_that_the_expected_ones_went_through(expecting):
    class Other(WordEmbeddings):
        def _vector(self, text):
            return super()._vector(text)[::-1]

    other = Retriever(index=expecting.index, embeddings=Other(), question_embeddings=expecting.question_embeddings)

    assert (
        other.search("Where can orchestras perform?").alike == expecting.search("Where can orchestras perform?").alike
    )


def test_without_expected_questions_nothing_is_alike(retriever):
    assert retriever.search("Where can orchestras perform?").alike == {}


def test_it_is_a_langchain_retriever(retriever):
    documents = retriever.invoke("deadline of the 2021 call")

    assert isinstance(retriever, BaseRetriever)
    assert all(isinstance(document, Document) for document in documents)
    first = documents[0]
    text = retriever.index.sources[first.metadata["source_id"]].text
    assert first.page_content == text[first.metadata["start"] : first.metadata["end"]]
    assert first.metadata["section"] == "The 2021 call for applications"
    assert first.metadata["date"] == "2022-06"
    assert first.metadata["title"] == "The Network in 2022"
    assert first.id in retriever.index.passages


def test_it_works_inside_a_chain(retriever):
    chain = retriever | RunnableLambda(lambda documents: [document.metadata["source_id"] for document in documents])

    assert chain.invoke("contact of Lisvale")[0] == "lisvale-music"
    assert [len(row) for row in chain.batch(["contact of Lisvale", "deadline"])] == [
        len(row) for row in (retriever.invoke("contact of Lisvale"), retriever.invoke("deadline"))
    ]


@pytest.mark.anyio
async def test_it_answers_asynchronous_callers_alike(retriever):
    assert await retriever.ainvoke("deadline") == retriever.invoke("deadline")


@pytest.fixture
def anyio_backend():
    return "asyncio"


def test_the_number_of_documents_can_be_set(retriever):
    small = Retriever(index=retriever.index, embeddings=retriever.embeddings, k=1)

    assert len(small.invoke("cities")) == 1


@pytest.mark.model
@pytest.mark.parametrize(
    ("question", "source_id"),
    [
        ("How much revenue should Chongqing make from design services?", "chongqing-city-of-design"),
        ("Who gave money for the leaflet?", "network-leaflet-2016"),
        ("What was the venue of the summit?", "beijing-summit-2020"),
        ("colleges in Beijing that do research", "beijing-city-of-design"),
        ("What does a city write about its comparative assets?", "china-network-2022"),
    ],
)
def test_the_real_model_finds_the_document_that_answers_among_the_first(assistant, question, source_id):
    hits, _, _ = assistant.retriever.search(question)

    assert source_id in [hit.passage.source_id for hit in hits[:3]]
