import pytest
from typer.testing import CliRunner

from assistant.cli import app
from assistant.keys import digest_of, holder, new_key, read_key
from assistant.settings import Settings


def test_a_new_key_opens_and_its_hash_does_not():
    text, key = new_key("city-hall")
    other, _ = new_key("city-hall")

    assert text != other
    assert holder(text, [key]) == key
    assert holder(other, [key]) is None
    assert holder(key.digest, [key]) is None
    assert text not in repr(key)


def test_a_key_may_have_a_rate_of_its_own():
    entry = f"city-hall:{digest_of('x')}:5/minute"

    assert read_key(entry).rate == "5/minute"
    assert Settings(api_keys=entry).api_keys == (entry,)


@pytest.mark.parametrize("entry", ["", "name", "name:short", f"a b:{'0' * 64}", f"name:{'0' * 64}:often"])
def test_an_entry_that_is_no_key_says_how_one_is_made(entry):
    with pytest.raises(ValueError, match="uccn key NAME"):
        read_key(entry)


def test_the_command_prints_the_key_and_what_to_keep_of_it():
    done = CliRunner().invoke(app, ["key", "city-hall"])

    text = done.stdout.strip()
    entry = next(line for line in done.stderr.splitlines() if line.startswith("city-hall:"))
    assert done.exit_code == 0
    assert holder(text, [read_key(entry)]).name == "city-hall"
    assert CliRunner().invoke(app, ["key", "city hall"]).exit_code == 2
