"""The last answers, given again to whoever asks the same of the same index on the same day."""

import datetime
import threading
from collections import OrderedDict
from dataclasses import replace

from assistant.records import Answer, Question


class LastAnswers:
    """Answers by what was asked, the least recently asked forgotten first; in memory alone, safe for several threads.

    `fingerprint` is that of the index, so that no answer outlives the documents that it rests on.
    """

    def __init__(self, size: int, fingerprint: str) -> None:
        self._size = size
        self._fingerprint = fingerprint
        self._held: OrderedDict[object, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, question: Question, today: datetime.date) -> Answer | None:
        """Return the answer to a question, with the id that it is asked under now."""
        key = self._key(question, today)
        with self._lock:
            answer = self._held.get(key)
            if answer is None:
                return None
            self._held.move_to_end(key)
        return replace(answer, id=question.id, timings_ms={"total": 0})

    def put(self, question: Question, today: datetime.date, answer: Answer) -> None:
        """Hold the answer to a question."""
        with self._lock:
            self._held[self._key(question, today)] = answer
            while len(self._held) > self._size:
                self._held.popitem(last=False)

    def _key(self, question: Question, today: datetime.date) -> object:
        return self._fingerprint, today, replace(question, id="", history=tuple(question.history))
