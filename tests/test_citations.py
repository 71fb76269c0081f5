"""Citation precision and recall over eval questions: no marker without its quote, no line without a marker. Words are
counted here in place of the cross-encoder, which changes what is answered but not what an answer keeps; `uccn eval
gate` checks the same of every question with the models."""

import datetime

import pytest
from small import count_shared_words
from test_chain import check_contract

from assistant.chain import Assistant
from evals.cases import read_cases
from evals.metrics import citations_exact

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def counting(assistant):
    """The assistant on the project's corpus, with a scorer that counts words."""
    return Assistant(
        assistant.index,
        assistant.retriever,
        count_shared_words,
        glossaries=assistant._glossaries,
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
