"""The checker suite: wrong answers over the project's own corpus that must fall, and right ones that should stand.

Each test prints its share (`pytest -s`); floors are asserted. Statements are those that quote a source; sentences
are free prose, as a language model writes it.
"""

import json
from pathlib import Path

import pytest

from assistant.chunk import chunk
from assistant.cities import Places
from assistant.compose import Span
from assistant.corpus import read_corpus
from assistant.restate import Ground, fault

ROOT = Path(__file__).parent.parent
CAUGHT_AT_LEAST = 1.0  # of the wrong ones
FALSELY_DROPPED_AT_MOST = 0.25  # of the right sentences

CASES = [json.loads(line) for line in (Path(__file__).parent / "checker.jsonl").read_text("utf-8").splitlines()]
WRONG = [case for case in CASES if case["verdict"] == "wrong"]
RIGHT = [case for case in CASES if case["verdict"] == "right"]


@pytest.fixture(scope="module")
def corpus():
    return read_corpus(ROOT / "corpus")


@pytest.fixture(scope="module")
def grounds(corpus):
    """Each statement of the corpus as a ground, by its words."""
    found = {}
    for source in corpus.sources:
        for passage in chunk(source):
            for unit in passage.units:
                days = source.dates_in(unit.start, unit.end)
                span = Span(source.id, unit.start, unit.end, "")
                near = unit.label if unit.kind != "sentence" else ""
                found.setdefault(unit.text, Ground(unit.text, (span,), near, days))
    return found


@pytest.fixture(scope="module")
def places(corpus):
    return Places(corpus.tables)


def test_every_statement_of_the_suite_stands_in_the_corpus(grounds):
    assert not {case["statement"] for case in CASES} - set(grounds)


def test_wrong_sentences_of_prose_fall(grounds):
    passed = [case for case in WRONG if not fault(case["says"], grounds[case["statement"]])]
    share = 1 - len(passed) / len(WRONG)
    print(f"\nwrong sentences that fall: {len(WRONG) - len(passed)} of {len(WRONG)} ({share:.1%})")

    assert len(WRONG) >= 90
    assert share >= CAUGHT_AT_LEAST, passed


def test_few_right_sentences_of_prose_fall(grounds):
    fallen = [(case, why) for case in RIGHT if (why := fault(case["says"], grounds[case["statement"]]))]
    share = len(fallen) / len(RIGHT)
    print(f"\nright sentences that fall: {len(fallen)} of {len(RIGHT)} ({share:.1%})")

    assert len(RIGHT) >= 40
    assert share <= FALSELY_DROPPED_AT_MOST, fallen
