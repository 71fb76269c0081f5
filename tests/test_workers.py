import asyncio
import threading

import pytest
from fakes import FakeAssistant, answered

from assistant.chain import Event
from assistant.errors import BusyError, QuestionError
from assistant.records import Question
from assistant.workers import Workers

WHEN = Question("When?")


def test_the_steps_come_in_their_order_and_the_answer_last():
    async def steps():
        return [step.name async for step in Workers(FakeAssistant()).stream(WHEN)]

    names = asyncio.run(steps())

    assert (names[0], names[-1]) == ("status", "answer")
    assert set(names[1:-1]) == {"delta"}


def test_what_the_assistant_raises_is_raised():
    with pytest.raises(QuestionError, match="one question"):
        asyncio.run(Workers(FakeAssistant(QuestionError("Ask one question"))).answer(WHEN))


def test_a_stream_without_an_answer_is_an_error():
    class Silent(FakeAssistant):
        def stream(self, question, **_):
            yield Event("status", "Searching")

    with pytest.raises(RuntimeError, match="without an answer"):
        asyncio.run(Workers(Silent()).answer(WHEN))


def test_one_more_than_may_wait_is_refused_and_room_comes_back():
    assistant = FakeAssistant()
    assistant.go.clear()
    workers = Workers(assistant, threads=1, waiting=1)

    async def asked():
        two = [asyncio.create_task(workers.answer(WHEN)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError) as refused:
            await workers.answer(WHEN)
        taken = workers.taken
        assistant.go.set()
        await asyncio.gather(*two)
        while workers.taken:  # a job is done a moment after its answer
            await asyncio.sleep(0.01)
        return refused.value.retry_seconds, taken

    assert asyncio.run(asyncio.wait_for(asked(), 30)) == (5, 2)


def test_an_answer_that_takes_too_long_is_given_up():
    assistant = FakeAssistant()
    assistant.go.clear()
    try:
        with pytest.raises(BusyError, match=r"0\.1 seconds"):
            asyncio.run(Workers(assistant, timeout_seconds=0.1).answer(WHEN))
    finally:
        assistant.go.set()


def test_a_thread_leaves_off_where_nobody_reads_any_more():
    assistant = FakeAssistant(answered("word " * 100_000))
    workers = Workers(assistant, threads=1)

    async def first_step():
        steps = workers.stream(WHEN)
        await anext(steps)
        await steps.aclose()

    asyncio.run(first_step())

    assert assistant.left.wait(10)
    assert asyncio.run(Workers(FakeAssistant()).answer(WHEN)) == answered()


def test_what_has_not_begun_is_never_begun_once_nobody_waits():
    assistant = FakeAssistant()
    assistant.go.clear()
    workers = Workers(assistant, threads=1)

    async def leave():
        first = asyncio.create_task(workers.answer(WHEN))
        second = asyncio.create_task(workers.answer(Question("Second?")))
        await asyncio.sleep(0.05)
        second.cancel()
        await asyncio.gather(second, return_exceptions=True)
        threading.Timer(0.05, assistant.go.set).start()
        return await first

    assert asyncio.run(leave()) == answered()
    assert [question.question for question in assistant.asked] == ["When?"]
