import sqlite3
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.errors import SettingsError, StoreError
from assistant.records import Answer, Citation
from assistant.settings import Settings
from assistant.store import Rating, Store, mask, open_store

CITATION = Citation(1, "calls", "Calls", "UNESCO", "2021", "", "", "It closed on 30 June 2021.", 0, 26, True)
ANSWER = Answer(
    question="When did the 2021 call close? Write to mayor@city.example",
    status="answered",
    answer="On **30 June 2021**. [1]",
    standalone_question="When did the 2021 call close?",
    citations=(CITATION, replace(CITATION, n=2)),
    route="facts",
    timings_ms={"total": 12},
)
RATING = Rating("When?", "On 30 June 2021.", "down", reason="wrong", comment="call me at +33 1 45 68 10 00")


def store_in(folder, keep="full"):
    return Store(f"sqlite:///{folder}/kept/uccn.sqlite3", keep)


def test_nothing_is_on_disk_before_it_is_used(tmp_path):
    store_in(tmp_path)

    assert not list(tmp_path.iterdir())


def test_off_keeps_no_question_and_makes_no_file(tmp_path):
    store = store_in(tmp_path, "off")

    store.record(ANSWER, conversation="c1", channel="chat")

    assert not list(tmp_path.iterdir())
    assert store.asked() == []


def test_full_keeps_question_and_answer_without_the_address_of_a_person(tmp_path):
    store = store_in(tmp_path)

    store.record(ANSWER, conversation="c1", channel="widget")

    (kept,) = store.asked()
    assert kept.question == "When did the 2021 call close? Write to [e-mail]"
    assert kept.answer == ANSWER.answer
    assert (kept.conversation, kept.channel, kept.status, kept.route) == ("c1", "widget", "answered", "facts")
    assert kept.sources == ("calls",)
    assert kept.milliseconds == 12


def test_hashed_keeps_no_word_and_tells_the_same_question_again(tmp_path):
    store = store_in(tmp_path, "hashed")

    for question in ("When is the deadline?", " when is  the DEADLINE?", "Who decides?"):
        store.record(replace(ANSWER, question=question), channel="api")

    third, second, first = store.asked()
    assert first.digest == second.digest != third.digest
    assert {row.question + row.standalone + row.answer for row in (first, second, third)} == {""}
    assert b"deadline" not in (tmp_path / "kept" / "uccn.sqlite3").read_bytes().lower()


def test_the_same_question_has_another_digest_in_another_store(tmp_path):
    stores = [store_in(tmp_path / name, "hashed") for name in "ab"]

    for store in stores:
        store.record(ANSWER, channel="api")

    assert stores[0].asked()[0].digest != stores[1].asked()[0].digest


def test_a_digest_outlives_the_process(tmp_path):
    store_in(tmp_path, "hashed").record(ANSWER, channel="api")
    again = store_in(tmp_path, "hashed")

    again.record(ANSWER, channel="api")

    assert len({row.digest for row in again.asked()}) == 1


@pytest.mark.parametrize("keep", ["off", "hashed", "full"])
def test_a_rating_is_kept_under_every_setting_without_the_number_to_call(tmp_path, keep):
    store = store_in(tmp_path, keep)

    store.rate(RATING)

    (kept,) = store.ratings()
    assert (kept.question, kept.verdict, kept.reason) == ("When?", "down", "wrong")
    assert kept.comment == "call me at [phone]"
    assert kept.at
    assert kept.id


def test_the_newest_comes_first_and_since_and_limit_narrow(tmp_path):
    store = store_in(tmp_path)
    for number in range(5):
        store.record(replace(ANSWER, question=f"Question {number}?"), channel="api")
    third = store.asked()[2]

    assert [row.question for row in store.asked(limit=2)] == ["Question 4?", "Question 3?"]
    assert third in store.asked(since=third.at)
    assert store.asked(since="2999") == []


def test_a_conversation_is_exported_whole_and_forgotten_whole(tmp_path):
    store = store_in(tmp_path)
    for conversation in ("mine", "mine", "yours"):
        store.record(ANSWER, conversation=conversation, channel="chat")
    store.rate(replace(RATING, conversation="mine"))

    exported = store.export("mine")
    gone = store.forget(conversation="mine")

    assert [len(exported[name]) for name in ("asked", "ratings")] == [2, 1]
    assert gone == 3
    assert [row.conversation for row in store.asked()] == ["yours"]
    assert store.export("mine") == {"asked": [], "ratings": []}


def test_what_is_older_than_a_date_is_forgotten(tmp_path):
    store = store_in(tmp_path)
    store.record(ANSWER, channel="chat")

    assert store.forget(before="2020-01-01") == 0
    assert store.forget(before="2999-01-01") == 1


def test_forgetting_everything_by_mistake_is_refused(tmp_path):
    with pytest.raises(ValueError, match="one of the two"):
        store_in(tmp_path).forget()


def test_a_locked_database_is_one_clear_error_and_loses_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("assistant.store.BUSY_SECONDS", 0.05)
    store = store_in(tmp_path)
    store.record(ANSWER, channel="chat")
    other = sqlite3.connect(tmp_path / "kept" / "uccn.sqlite3")
    other.execute("BEGIN EXCLUSIVE")

    with pytest.raises(StoreError, match="locked"):
        store.record(ANSWER, channel="chat")

    other.rollback()
    store.record(ANSWER, channel="chat")
    assert len(store.asked()) == 2


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "uccn.sqlite3").write_text("not a database, but long enough to be read as one" * 40)

    with pytest.raises(StoreError, match=r"uccn\.sqlite3.*not a database"):
        store_in(tmp_path).rate(RATING)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "kept").write_text("a file where the folder should be")

    with pytest.raises(StoreError, match="kept"):
        store_in(tmp_path).rate(RATING)


@pytest.mark.parametrize("url", ["nonsense", "nodatabase://host/x"])
def test_an_address_of_no_database_is_named_by_its_variable(url):
    with pytest.raises(SettingsError, match="UCCN_DATABASE_URL"):
        open_store(Settings(database_url=url))


def test_the_password_of_a_database_is_not_in_the_error():
    with pytest.raises(SettingsError) as caught:
        Store("sqlite://someone:secret@/nowhere/at/all.sqlite3")

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to a.b+c@mail.example.org, please", "write to [e-mail], please"),
        ("call +33 (0)1 45 68 10 00 now", "call [phone] now"),
        ("call 0145681000", "call [phone]"),
        ("call 01-45-68-10-00.", "call [phone]."),
        ("joined in 2004, 2014 and 2019 2021 2023", "joined in 2004, 2014 and 2019 2021 2023"),
        ("from 2025-03-03 to 2025-10-31", "from 2025-03-03 to 2025-10-31"),
        ("a budget of 1 250 000 000 euros", "a budget of 1 250 000 000 euros"),
        ("on 30.06.2023 and 30/06/2021", "on 30.06.2023 and 30/06/2021"),
        ("408 cities, 350 before, 295 in 2021", "408 cities, 350 before, 295 in 2021"),
    ],
)
def test_addresses_and_numbers_to_call_are_masked_and_figures_stay(text, masked):
    assert mask(text) == masked


@given(st.text(max_size=300))
def test_masking_takes_any_text(text):
    assert "@" in text or mask(mask(text)) == mask(text)


def test_what_is_too_old_goes_with_the_first_that_is_kept_on_a_day(tmp_path):
    url = f"sqlite:///{tmp_path}/store.sqlite3"
    old = Store(url, "full")
    old.record(ANSWER, conversation="old", channel="chat")
    old.rate(replace(RATING, conversation="old"))
    with sqlite3.connect(tmp_path / "store.sqlite3") as database:
        for table in ("asked", "ratings"):
            database.execute(f"UPDATE {table} SET at = '2020-01-01T00:00:00.000+00:00'")
    old.record(ANSWER, conversation="new", channel="chat")
    assert len(old.asked()) == 2

    open_store(Settings(database_url=url, keep_questions="full", keep_days=30)).rate(RATING)

    assert [row.conversation for row in old.asked()] == ["new"]
    assert [row.conversation for row in old.ratings()] == [""]
