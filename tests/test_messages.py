"""Messages that ask several things, put to the project's own corpus with the real models."""

import pytest

pytestmark = pytest.mark.model


@pytest.mark.parametrize(
    ("message", "first", "later"),
    [
        ("The new council wants out. How would we quit, and may we go on printing the emblem?", "telling", "must stop"),
        ("Who sits on the steering group, and how long do they serve?", "one coordinator", "two years"),
    ],
)
def test_a_later_question_without_a_subject_of_its_own_is_read_behind_the_first(assistant, message, first, later):
    answer = assistant.ask(message)

    assert first in answer.answer
    assert later in answer.answer
    assert not any("Not answered" in note for note in answer.notes)


@pytest.mark.parametrize("later", ["what will there be for breakfast", "how high is the cathedral"])
def test_what_the_documents_lack_stays_open_behind_the_first_question(assistant, later):
    answer = assistant.ask(f"When does the 2027 call close, and {later}?")

    assert answer.status == "answered"
    assert any("Not answered" in note for note in answer.notes)
