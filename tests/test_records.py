import dataclasses
import json

import pytest

from assistant import records
from assistant.records import Answer, Citation, Passage, Source


def test_an_answer_is_the_json_object_of_the_contract():
    citation = Citation(1, "s", "T", "P", "2022", "u", "A > B", "words", 3, 8, verified=True)
    answer = Answer("Q?", "answered", "Words. [1]", id="q1", citations=(citation,), timings_ms={"total": 4})

    row = json.loads(json.dumps(answer.to_dict()))

    assert list(row) == [
        "id", "question", "standalone_question", "language", "status", "answer",
        "as_of", "notes", "citations", "route", "timings_ms",
    ]  # fmt: skip
    assert list(row["citations"][0]) == [
        "n", "source_id", "title", "publisher", "date", "url", "section", "quote", "start", "end", "verified",
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


def test_the_context_of_a_passage_names_nothing_twice():
    passage = Passage("s#1", "s", "T", ("A", "T", "B"), "x", 0, 1)

    assert passage.context == "T > A > B"
