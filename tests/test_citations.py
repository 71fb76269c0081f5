"""Citation precision and recall over eval questions: no marker without its quote, no line without a marker. Words are
counted here in place of the models, which changes what is answered but not what an answer keeps; `uccn eval gate`
checks the same of every question with the models."""

import datetime
from pathlib import Path

import pytest
from small import WordEmbeddings, count_shared_words
from test_chain import check_contract

from assistant.chain import Assistant
from assistant.index import build_index, open_index
from assistant.retrieve import Retriever
from assistant.terms import read_glossary
from assistant.translate import LANGUAGES
from evals.cases import read_cases
from evals.metrics import citations_exact

CORPUS = Path(__file__).parent.parent / "corpus"


@pytest.fixture(scope="module")
def counting(tmp_path_factory):
    """An assistant on the project's corpus that counts words."""
    folder = tmp_path_factory.mktemp("counting")
    embeddings = WordEmbeddings()
    build_index(CORPUS, folder, embeddings=embeddings, model="words")
    index = open_index(folder, "words")
    return Assistant(
        index,
        Retriever(index=index, embeddings=embeddings),
        count_shared_words,
        glossaries={language: read_glossary(CORPUS / "glossary.csv", language) for language in ("en", *LANGUAGES)},
        today=datetime.date(2026, 11, 22),
    )


def test_answers_to_eval_questions_are_cited_to_the_word(counting):
    cases = read_cases()[::8]
    answered = 0

    for case in cases:
        answer = counting.ask(case.question)
        check_contract(answer, counting.index.sources)
        assert citations_exact(answer, counting.index.sources), case.id
        answered += answer.status == "answered"

    print(f"\n{answered} of {len(cases)} answered, every quote exact, every line with its markers")
    assert answered > len(cases) / 3
