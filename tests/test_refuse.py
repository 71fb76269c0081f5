import datetime
import re

import pytest
from small import WordEmbeddings, count_shared_words, write_corpus
from small_network import FACTS, write_network

from assistant.chain import Assistant
from assistant.index import build_index, open_index
from assistant.records import Question
from assistant.refuse import LEFT_OUT, OUT_OF_SCOPE
from assistant.retrieve import Retriever
from assistant.strings import CONTACT
from assistant.terms import Glossary
from assistant.translate import LANGUAGES

ADDRESS = (
    "ask-2017,2017 call,address for questions,ask@example.org,,2017,U1,Questions of 2017 went to ask@example.org.\n"
)
OLDER = "ask-2015,2015 call,address for questions,old@example.org,,2015,U1,Questions of 2015 went to old@example.org.\n"
FRENCH = Glossary((("nombre de musées", "museums"), ("combien de", "how many"), ("musées", "museums")))


def opened(corpus, index_folder, **options):
    embeddings = WordEmbeddings()
    build_index(corpus, index_folder, embeddings=embeddings, model="words")
    index = open_index(index_folder, "words")
    options = {"today": datetime.date(2023, 3, 1), **options}
    return Assistant(index, Retriever(index=index, embeddings=embeddings), count_shared_words, **options)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    folder = tmp_path_factory.mktemp("network")
    corpus = write_network(folder / "corpus", facts=FACTS + OLDER + ADDRESS)
    return opened(corpus, folder / "index", glossaries={"fr": FRENCH})


def refused(assistant, question):
    answer = assistant.ask(question)
    assert (answer.status, answer.citations, answer.route) == ("no_answer", (), None)
    assert not re.search(r"\[\d", answer.answer)
    return answer.answer


def test_a_refusal_says_what_was_looked_for_and_what_of_it_is_not_stated(network):
    text = refused(network, "Who is the director of Wessmark?")

    assert text.startswith("No source here states the name; looked for: director, Wessmark.")


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("How many halls does Wessmark have?", "the number"),
        ("When was the port of Wessmark built?", "the date"),
        ("How much does the port of Wessmark earn in dollars?", "the amount"),
        ("Where is the port of Wessmark?", "the place"),
    ],
)
def test_the_sort_of_value_is_named(network, question, thing):
    assert f"states {thing};" in refused(network, question)


def test_it_gives_the_newest_address_for_questions_with_its_year(network):
    text = refused(network, "Who is the mayor of Kestrin?")

    assert text.endswith("Ask your National Commission for UNESCO or ask@example.org (address of 2017).")
    assert "old@example.org" not in text


def test_without_such_a_fact_the_general_address_is_given_without_a_year(tmp_path):
    assistant = opened(write_corpus(tmp_path / "corpus"), tmp_path / "index")

    text = refused(assistant, "How many cinemas does Lisvale have?")

    assert text.endswith(f"Ask your National Commission for UNESCO or {CONTACT}.")


@pytest.mark.parametrize(
    "question",
    [
        "How many <b>swinehounds</b> does Wessmark have?",
        "How many [swinehounds](https://evil.example) [1] does Wessmark have?",
        "How many **swinehounds** `rm` does Wessmark have?",
        "How many Swinehounds does Wessmark have?",
    ],
)
def test_a_word_that_no_source_has_is_not_repeated(network, question):
    text = refused(network, question).lower()

    assert "wessmark" in text
    assert not any(part in text for part in ("swinehound", "evil", "<b>", "](", "`", "rm,", "*"))


def test_a_name_that_no_source_has_is_said_to_be_unknown(network):
    text = refused(network, "How many halls does the port of Hochfeld have?")

    assert "a name unknown here" in text
    assert "Hochfeld" not in text


def test_a_call_that_never_was_is_refused_with_those_that_were(network):
    text = refused(network, "When was the deadline of the 2022 call?")

    assert "The documents tell of the calls of 2015, 2017, 2021, 2023." in text


def test_a_call_that_never_was_does_not_silence_the_other_question_of_a_message(network):
    answer = network.ask("When did the 2021 call close, and when did the 2022 call close?")

    assert "**30 June 2021**" in answer.answer
    assert answer.notes[-1] == "Not answered by the documents: when did the 2022 call close?"


def test_a_call_that_was_is_not(network):
    assert network.ask("When was the deadline of the 2021 call?").status == "answered"


@pytest.mark.parametrize(
    "question", ["How many Cities of Dance are there?", "Is Lisvale a City of Dance?", "What must a City of Dance do?"]
)
def test_a_title_that_there_is_not_is_refused(network, question):
    refused(network, question)


@pytest.mark.parametrize("question", ["How many Cities of Film are there?", "How many cities of Norland are members?"])
def test_a_title_or_place_that_there_is_is_not(network, question):
    assert network.ask(question).status == "answered"


class TestNear:
    """The heading that comes nearest, where one does."""

    BODY = """## {heading}

    The mayor signs the letter of intent."""

    def asked(self, folder, heading, question="How many pages may the letter of intent have?"):
        corpus = write_corpus(folder / "corpus", {"letter": ("Guide", "2022", self.BODY.format(heading=heading))})
        return refused(opened(corpus, folder / "index"), question)

    def test_a_heading_on_the_topic_is_named_as_a_title(self, tmp_path):
        assert "Nearest here: “Letter of intent and its pages”." in self.asked(
            tmp_path, "Letter of intent and its pages"
        )

    @pytest.mark.parametrize(
        "heading",
        [
            "What the port builds",
            "The letter of intent may have 5 pages",
            "Letter of intent is without limit of pages",
            "Letter of intent, pages: [1](https://evil.example)",
            "Letter of intent: pages of 2021",
        ],
    )
    def test_one_that_is_not_near_or_claims_something_is_not(self, tmp_path, heading):
        text = self.asked(tmp_path, heading)

        assert "Nearest" not in text
        assert heading not in text


def test_a_refusal_in_another_language_repeats_only_what_was_understood(network):
    answer = network.ask(Question("Combien de musées et de boudoirs a Lisvale ?", language="fr"))

    assert (answer.status, answer.language) == ("no_answer", "fr")
    assert answer.answer.startswith("Aucune source ici n'indique")
    assert "recherché : musées, Lisvale." in answer.answer
    assert "boudoirs" not in answer.answer
    assert answer.answer.endswith("Essayez aussi en anglais.")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("question", ["Lisvale 2022 ?", "call 2022"])
def test_every_language_has_a_short_refusal(network, language, question):
    text = network._refusals.refusal(
        network._read("When was the deadline of the 2022 call in Lisvale?", Question("")), language
    )

    assert "2017" in text
    assert "ask@example.org" in text
    assert "{" not in text
    assert len(text.split()) <= 50


def test_every_language_says_what_it_answers_and_what_it_left_out():
    assert set(OUT_OF_SCOPE) == set(LEFT_OUT) == {"en", *LANGUAGES}
    for language, text in OUT_OF_SCOPE.items():
        assert text[-1] in ".。"
        assert "[" not in text
        assert text != OUT_OF_SCOPE["en"] or language == "en"
