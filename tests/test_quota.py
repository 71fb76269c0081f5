import asyncio
import logging
import sys

import pytest
from engines import redis

from assistant.errors import SettingsError
from assistant.quota import Quota, network_of, read_rate


def take(quotas, rate, *who, times):
    async def taken():
        return [await quotas[n % len(quotas)].take(rate, *who) for n in range(times)]

    return asyncio.run(taken())


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A Redis server of its own."""
    with redis(tmp_path_factory.mktemp("redis")) as engine:
        yield engine


def test_more_than_the_rate_has_to_wait_and_others_do_not():
    quota = Quota()

    first, second, third = take([quota], "2/minute", "asks", "a", times=3)

    assert (first, second) == (0, 0)
    assert 1 <= third <= 60
    assert take([quota], "2/minute", "asks", "b", times=1) == [0]


def test_every_part_of_a_rate_counts():
    assert [bool(wait) for wait in take([Quota()], "5/second;2/hour", "a", times=3)] == [False, False, True]


def test_an_empty_rate_is_none():
    assert take([Quota()], "", "a", times=50) == [0] * 50


def test_several_servers_share_their_rates_in_redis(server):
    waits = take([Quota(server.url), Quota(server.url)], "5/minute", "asks", "a", times=7)

    assert [bool(wait) for wait in waits] == [False] * 5 + [True] * 2


def test_a_redis_that_goes_away_in_the_midst_costs_no_visitor_anything_and_is_used_again(server, monkeypatch, caplog):
    monkeypatch.setattr("assistant.outage.TRIED_SECONDS", 0)
    quota = Quota(server.url)

    async def taken():
        waits = [await quota.take("3/minute", "asks", "b") for _ in range(3)]
        server.stop()
        waits += [await quota.take("3/minute", "asks", "b") for _ in range(2)]
        server.start()
        return waits + [await quota.take("3/minute", "asks", "b") for _ in range(4)]

    assert [bool(wait) for wait in asyncio.run(taken())] == [False] * 8 + [True], "it comes back with nothing counted"
    assert [message.partition(",")[0] for message in caplog.messages] == [
        "The Redis of UCCN_RATE_STORE does not answer",
        "The Redis of UCCN_RATE_STORE is back; 2 uses went without it",
    ]


def test_a_redis_that_is_away_is_told_and_memory_counts_instead(caplog):
    caplog.set_level(logging.WARNING)

    waits = take([Quota("redis://127.0.0.1:1")], "2/minute", "a", times=3)

    assert [bool(wait) for wait in waits] == [False, False, True]
    assert "UCCN_RATE_STORE" in caplog.text


def test_a_redis_without_its_client_is_told_with_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "redis", None)

    with pytest.raises(SettingsError, match="redis"):
        Quota("redis://127.0.0.1:1")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("testclient", "testclient"),
    ],
)
def test_one_visitor_is_an_address_or_a_network_of_version_six(address, network):
    assert network_of(address) == network


def test_a_rate_that_is_none_is_an_error():
    with pytest.raises(ValueError, match="couldn't parse"):
        read_rate("often")
