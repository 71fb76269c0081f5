import logging

from assistant.outage import Outage


class Clock:
    time = 0.0

    def __call__(self):
        return self.time


def test_an_outage_is_told_once_when_it_begins_and_once_when_it_ends(caplog):
    caplog.set_level(logging.INFO)
    outage = Outage("The store", "nothing is recorded", every=0)

    for _ in range(3):
        assert outage.may_try()
        outage.failed(OSError("refused"))
    outage.worked()
    outage.worked()

    assert caplog.messages == [
        "The store does not answer, nothing is recorded: refused",
        "The store is back; 3 uses went without it",
    ]


def test_meanwhile_one_use_in_some_seconds_tries(caplog):
    clock = Clock()
    outage = Outage("Redis", "memory counts", every=5, now=clock)
    outage.failed(TimeoutError())

    clock.time = 4.9
    early = [outage.may_try() for _ in range(3)]
    clock.time = 5.0
    due = [outage.may_try() for _ in range(3)]
    outage.worked()

    assert early == [False] * 3
    assert due == [True, False, False]
    assert outage.may_try()
    assert caplog.messages[0].endswith("TimeoutError")
    assert "6 uses" in caplog.messages[1]
