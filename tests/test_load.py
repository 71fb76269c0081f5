"""The measure of a load: what it says of answers, refusals and recovery, and a moment of it against a server."""

import asyncio
import os
import time

import pytest
from fakes import FakeAssistant, running

from evals import load
from evals.load import Memory, Sent, back_to_normal, draw, measure, send, summary, table


def sent(*statuses, seconds=0.1, first=0.0):
    return [Sent(first + n, seconds, status, retry_after=status == 503) for n, status in enumerate(statuses)]


def test_a_fifth_of_the_questions_are_follow_ups_and_the_draw_is_the_same_each_time():
    bodies = draw(1000)

    assert 150 < sum(bool(body["history"]) for body in bodies) < 250
    assert bodies == draw(1000)
    assert bodies != draw(1000, seed=1)


def test_a_summary_counts_answers_refusals_and_errors_apart():
    phase = summary("steady", 2.0, [*sent(200, 200, 503, 429, 500, 0), Sent(9.0, 3.0, 200)])

    assert (phase.sent, phase.answered, phase.refused, phase.refused_with_retry_after, phase.errors) == (7, 3, 2, 1, 2)
    assert (phase.p50_ms, phase.seconds) == (100.0, 3.5)


@pytest.mark.parametrize(
    ("after", "seconds"),
    [
        (sent(200, 200, first=50), 0.0),
        (sent(503, 200, 503, 200, 200, first=50), 3.0),
        ([*sent(200, first=50, seconds=9.0), *sent(200, first=51)], 1.0),
        (sent(200, 503, first=50), None),
    ],
)
def test_normal_is_what_no_refusal_and_no_late_answer_follows(after, seconds):
    assert back_to_normal(after) == seconds


def test_questions_are_sent_when_they_are_due_whatever_is_unanswered():
    assistant = FakeAssistant()
    assistant.go.clear()

    async def sending(url):
        began = time.perf_counter()
        task = asyncio.create_task(send(url, draw(6), 20.0, began))
        while len(assistant.asked) < 2:  # its two threads
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.5)
        assistant.go.set()
        return await task

    with running(assistant, threads=2, answers_waiting=2) as url:
        done = asyncio.run(sending(url))

    assert [round(one.due - done[0].due, 3) for one in done] == [0, 0.05, 0.1, 0.15, 0.2, 0.25]
    assert sorted(one.status for one in done) == [200] * 4 + [503] * 2
    assert all(one.retry_after for one in done if one.status == 503)
    assert max(one.seconds for one in done if one.status == 200) > 0.3, "from when it was due"


def test_a_whole_measure_ends_in_a_table_and_a_plot(monkeypatch, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib comes with `make load`")
    monkeypatch.setattr(load, "RECOVERY_SECONDS", 1)
    with running(FakeAssistant()) as url:
        figures = asyncio.run(measure(url, os.getpid(), 5, 1, 1))

    assert [phase["sent"] for phase in figures["phases"]] == [5, 25, 5]
    assert figures["statuses"] == {200: 35}
    assert "| overload, 1 s | 25 | 25 of 25 | 0 (0) | 0 |" in table(figures)
    assert "Back to normal" in table(figures)
    load.plot(figures, tmp_path / "load.png")
    assert (tmp_path / "load.png").stat().st_size > 5000


def test_the_memory_of_a_process_is_seen():
    assert 20 < sum(map(load._resident, load._family(os.getpid()))) < 20_000
    assert load._resident(2**22 + 1) == 0
    assert Memory(os.getpid()).held == []
