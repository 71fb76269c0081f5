import asyncio
import sys

import httpx
import pytest
from engines import redis
from fakes import FakeAssistant, running

from assistant.errors import ConflictError, SettingsError
from assistant.retries import MOST_BYTES, Retries, ticket_of

ONE = ticket_of("key", "address", body=b"1")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with redis(tmp_path_factory.mktemp("redis")) as engine:
        yield engine


class Steps:
    """Retries, each step awaited in one event loop."""

    def __init__(self, runner, *args, **options):
        self.runner, self.retries = runner, Retries(*args, **options)

    def __getattr__(self, name):
        return lambda *args: self.runner.run(getattr(self.retries, name)(*args))


@pytest.fixture(params=["memory", "redis"])
def make(request):
    """Return what makes retries, with nothing kept yet."""
    url = "memory://"
    if request.param == "redis":
        import redis as client

        url = request.getfixturevalue("server").url
        client.from_url(url).flushall()
    made = []

    def make(*args, **options):
        made.append((args, Steps(runner, *(args or (url,)), **options)))
        return made[-1][1]

    with asyncio.Runner() as runner:
        yield make
        assert not any(steps.retries._outage._missed for args, steps in made if not args), "Redis answered each time"


def test_a_request_sent_again_gets_the_first_response(make):
    retries = make()
    assert retries.begin(ONE) is None
    retries.end(ONE, b"first")

    assert retries.begin(ONE) == b"first"


def test_without_a_key_nothing_is_kept(make):
    retries = make()
    nameless = ticket_of("", "address", body=b"1")
    retries.begin(nameless)
    retries.end(nameless, b"first")

    assert retries.begin(nameless) is None


def test_the_first_may_still_be_running(make):
    retries = make()
    retries.begin(ONE)

    with pytest.raises(ConflictError) as refused:
        retries.begin(ONE)
    assert refused.value.running


def test_another_request_with_the_same_key_is_refused_and_of_another_client_is_not(make):
    retries = make()
    retries.begin(ONE)

    with pytest.raises(ConflictError) as refused:
        retries.begin(ticket_of("key", "address", body=b"2"))
    assert not refused.value.running
    assert retries.begin(ticket_of("key", "elsewhere", body=b"2")) is None


def test_what_failed_may_be_tried_again(make):
    retries = make()
    retries.begin(ONE)
    retries.drop(ONE)

    assert retries.begin(ONE) is None


def test_a_long_response_is_not_kept(make):
    retries = make()
    retries.begin(ONE)
    retries.end(ONE, b"x" * (MOST_BYTES + 1))

    assert retries.begin(ONE) is None


def test_old_responses_are_forgotten(make):
    retries = make(keep_seconds=0.05)
    retries.begin(ONE)
    retries.end(ONE, b"first")

    retries.runner.run(asyncio.sleep(0.1))

    assert retries.begin(ONE) is None


def test_a_server_that_died_does_not_hold_a_retry_back_for_long(server):
    with asyncio.Runner() as runner:
        dead = Steps(runner, server.url, running_seconds=0.05)
        other = Steps(runner, server.url)
        lost = ticket_of("lost", body=b"1")
        dead.begin(lost)
        with pytest.raises(ConflictError):
            other.begin(lost)

        runner.run(asyncio.sleep(0.1))

        assert other.begin(lost) is None


def test_memory_keeps_so_many_and_no_more(make):
    few = make("memory://", most=2)
    few.begin(ONE)
    few.end(ONE, b"first")
    for n in range(2):
        few.begin(ticket_of(str(n), body=b""))

    assert few.begin(ONE) is None


def test_text_in_any_script_comes_back_as_it_was(make):
    retries, response = make(), "été 北京 \n\n\u2028 {}".encode()
    retries.begin(ONE)
    retries.end(ONE, response)

    assert retries.begin(ONE) == response


def test_a_redis_that_is_away_is_told_once_and_memory_remembers(make, caplog):
    retries = make("redis://127.0.0.1:1")
    retries.begin(ONE)
    retries.end(ONE, b"first")

    assert retries.begin(ONE) == b"first"
    assert [message.partition(":")[0] for message in caplog.messages] == [
        "The Redis of UCCN_RATE_STORE does not answer, each server knows its own retries alone"
    ]


def test_a_redis_without_its_client_is_told_with_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)

    with pytest.raises(SettingsError, match="`redis` extra"):
        Retries("redis://127.0.0.1:1")


def test_two_servers_give_a_retry_the_response_of_the_first_and_share_a_quota(server):
    settings = {"rate_store": server.url, "rate_asks": "2/minute", "trusted_proxies": "127.0.0.1"}
    first, second = FakeAssistant(), FakeAssistant()
    headers = {"Idempotency-Key": "again", "X-Forwarded-For": "203.0.113.9"}
    body = {"question": "When?"}

    with running(first, **settings) as one, running(second, **settings) as two:
        answers = [httpx.post(f"{address}/api/v1/ask", json=body, headers=headers) for address in (one, two, one)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].json() == answers[1].json()
    assert answers[1].headers["idempotent-replayed"] == "true"
    assert (len(first.asked), len(second.asked)) == (1, 0)
