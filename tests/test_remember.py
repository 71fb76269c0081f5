"""Answers that are given again."""

import datetime

from assistant.records import Answer, Question, Turn
from assistant.remember import LastAnswers

DAY = datetime.date(2026, 5, 1)
ANSWER = Answer(id="1", question="When?", status="answered", answer="In May.", timings_ms={"total": 80})


def remembered(size=2):
    last = LastAnswers(size, "fingerprint")
    last.put(Question("When?", id="1"), DAY, ANSWER)
    return last


def test_the_same_question_gets_the_same_answer_under_its_own_id():
    answer = remembered().get(Question("When?", id="2"), DAY)

    assert answer
    assert (answer.id, answer.answer, answer.timings_ms) == ("2", "In May.", {"total": 0})


def test_another_history_date_language_or_day_is_another_question():
    last = remembered()

    assert last.get(Question("When?", history=[Turn("user", "Who leads the port?")]), DAY) is None
    assert last.get(Question("When?", as_of="2021"), DAY) is None
    assert last.get(Question("When?", language="fr"), DAY) is None
    assert last.get(Question("When?"), DAY + datetime.timedelta(days=1)) is None


def test_what_was_not_asked_for_the_longest_time_is_forgotten():
    last = remembered(size=2)
    last.put(Question("Who?"), DAY, ANSWER)
    last.get(Question("When?"), DAY)

    last.put(Question("Where?"), DAY, ANSWER)

    assert last.get(Question("Who?"), DAY) is None
    assert last.get(Question("When?"), DAY)


def test_without_room_nothing_is_held():
    assert remembered(size=0).get(Question("When?"), DAY) is None
