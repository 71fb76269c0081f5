import dataclasses
import json

import pytest

from assistant import records
from assistant.records import FIRMEST_FIRST, Answer, Attribution, Citation, Origin, Passage, Source


def test_an_answer_is_the_json_object_of_the_contract():
    origin = Origin("U1", "T", "P", "u", "2022", "fr", "press", "unofficial", "seen in a copy")
    citation = Citation(1, "s", "T", "P", "2022", "u", "A > B", "words", 3, 8, verified=True, origins=(origin,))
    answer = Answer("Q?", "answered", "Words. [1]", id="q1", citations=(citation,), timings_ms={"total": 4})

    row = json.loads(json.dumps(answer.to_dict()))

    assert list(row) == [
        "id", "question", "standalone_question", "language", "status", "answer",
        "as_of", "notes", "citations", "route", "timings_ms",
    ]  # fmt: skip
    assert list(row["citations"][0]) == [
        "n", "source_id", "title", "publisher", "date", "url", "section", "quote", "start", "end", "verified",
        "document", "origins",
    ]  # fmt: skip
    assert row["citations"][0]["origins"] == [
        {
            "id": "U1", "title": "T", "publisher": "P", "url": "u", "date": "2022", "language": "fr", "kind": "press",
            "firmness": "unofficial", "note": "seen in a copy",
        }
    ]  # fmt: skip
    assert row["timings_ms"] == {"total": 4}
    assert row["notes"] == []


def test_no_field_of_an_answer_is_left_out_of_the_json_object():
    fields = {field.name for field in dataclasses.fields(Answer)}

    assert set(Answer("Q?", "no_answer", "No.").to_dict()) == fields


def test_every_record_is_frozen():
    for record in vars(records).values():
        if dataclasses.is_dataclass(record):
            assert record.__dataclass_params__.frozen, record.__name__


def test_a_record_cannot_be_changed():
    source = Source(id="s", title="T", text="x")

    with pytest.raises(dataclasses.FrozenInstanceError):
        source.text = "y"


def test_a_source_shows_the_date_it_speaks_of_before_the_day_of_publication():
    assert Source(id="s", title="T", text="", published="2022-06", as_of="2021").date == "2021"
    assert Source(id="s", title="T", text="", published="2022-06").date == "2022-06"


@pytest.fixture
def attributed():
    """A source of two stretches, the second without a date, with a gap behind each."""
    stretches = (Attribution(0, 10, ("U1", "P1"), "2021-11"), Attribution(12, 20, ("OLD",)))
    return Source(id="s", title="T", text="x" * 30, as_of="2023", attributions=stretches)


@pytest.mark.parametrize(
    ("start", "end", "origins"),
    [
        (0, 10, [("U1", "P1")]),
        (9, 10, [("U1", "P1")]),
        (10, 12, []),
        (11, 13, [("OLD",)]),
        (19, 20, [("OLD",)]),
        (20, 30, []),
        (9, 13, [("U1", "P1"), ("OLD",)]),
        (0, 30, [("U1", "P1"), ("OLD",)]),
    ],
)
def test_a_stretch_of_text_rests_on_what_it_touches_and_on_nothing_beside_it(attributed, start, end, origins):
    assert [held.origins for held in attributed.attributed(start, end)] == origins


def test_a_stretch_of_text_is_of_the_days_of_what_it_rests_on_else_of_the_day_of_its_source(attributed):
    stretches = ((3, 5), (10, 12), (15, 18), (25, 30), (3, 18))

    found = [attributed.dates_in(start, end) for start, end in stretches]

    assert found == [("2021-11",), ("2023",), ("",), ("2023",), ("", "2021-11")]


def test_the_days_of_a_stretch_come_once_each_and_oldest_first():
    days = ("2022", "2021-11-08", "2022")
    stretches = tuple(Attribution(place, place + 1, ("U1",), day) for place, day in enumerate(days))

    assert Source(id="s", title="T", text="abc", attributions=stretches).dates_in(0, 3) == ("2021-11-08", "2022")


def test_a_source_that_names_nothing_rests_on_nothing_and_is_of_one_day():
    source = Source(id="s", title="T", text="words", published="2022-06")

    assert source.attributed(0, 5) == ()
    assert source.dates_in(0, 5) == ("2022-06",)


def test_an_official_text_ranks_first_a_copy_of_one_next_and_then_by_how_firm_it_is():
    def rank(kind, firmness):
        return Origin("U1", "T", "P", "", "", "en", kind, firmness).rank

    assert rank("government", "official") == rank("unesco", "official") == 0
    assert rank("unesco", "unofficial") == rank("unesco", "press") == 1
    assert [rank("reference", firmness) for firmness in FIRMEST_FIRST] == [0, 2, 3, 4]


def test_the_context_of_a_passage_names_nothing_twice():
    passage = Passage("s#1", "s", "T", ("A", "T", "B"), "x", 0, 1)

    assert passage.context == "T > A > B"
