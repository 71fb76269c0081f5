import pytest

from assistant.errors import ConflictError
from assistant.retries import MOST_BYTES, Retries, ticket_of

ONE = ticket_of("key", "address", body=b"1")


def test_a_request_sent_again_gets_the_first_response():
    retries = Retries()
    assert retries.begin(ONE) is None
    retries.end(ONE, b"first")

    assert retries.begin(ONE) == b"first"


def test_without_a_key_nothing_is_kept():
    retries = Retries()
    nameless = ticket_of("", "address", body=b"1")
    retries.begin(nameless)
    retries.end(nameless, b"first")

    assert retries.begin(nameless) is None


def test_the_first_may_still_be_running():
    retries = Retries()
    retries.begin(ONE)

    with pytest.raises(ConflictError) as refused:
        retries.begin(ONE)
    assert refused.value.running


def test_another_request_with_the_same_key_is_refused_and_of_another_client_is_not():
    retries = Retries()
    retries.begin(ONE)

    with pytest.raises(ConflictError) as refused:
        retries.begin(ticket_of("key", "address", body=b"2"))
    assert not refused.value.running
    assert retries.begin(ticket_of("key", "elsewhere", body=b"2")) is None


def test_what_failed_may_be_tried_again():
    retries = Retries()
    retries.begin(ONE)
    retries.drop(ONE)

    assert retries.begin(ONE) is None


def test_a_long_response_is_not_kept():
    retries = Retries()
    retries.begin(ONE)
    retries.end(ONE, b"x" * (MOST_BYTES + 1))

    assert retries.begin(ONE) is None


def test_old_responses_and_too_many_are_forgotten():
    old, few = Retries(keep_seconds=-1), Retries(most=2)
    for retries in (old, few):
        retries.begin(ONE)
        retries.end(ONE, b"first")
    for n in range(2):
        few.begin(ticket_of(str(n), body=b""))

    assert old.begin(ONE) is None
    assert few.begin(ONE) is None
