"""The checker suite: wrong answers over the project's own corpus that must fall, and right ones that should stand.

Each test prints its share (`pytest -s`); floors are asserted. Statements are those that quote a source; sentences
are free prose, as a language model writes it.
"""

import json
from pathlib import Path

import pytest

from assistant.chunk import chunk
from assistant.cities import Places
from assistant.compose import Span, Statement
from assistant.corpus import read_corpus
from assistant.restate import Ground, fault
from assistant.verify import supported

ROOT = Path(__file__).parent.parent
CAUGHT_AT_LEAST = 1.0  # of the wrong ones
FALSELY_DROPPED_AT_MOST = 0.3  # of the right sentences

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


# --- statements that quote a source ---

CLOSED = (
    "The 2021 call of the UNESCO Creative Cities Network closed on 30 June 2021, at midnight Central European Time."
)
BEIJING = (
    "Beijing (China) is a UNESCO Creative City of Design and has been a member of the UNESCO Creative Cities Network "
    "since 2012."
)
AT_MOST = (
    "In the 2025 call of the UNESCO Creative Cities Network, a country could put forward at most two cities, in two "
    "different fields."
)
REPORT = (
    "A member city of the UCCN owes UNESCO a monitoring report every four years, "
    "counted from the year of its designation."
)
LOGO = "Umbrella bodies in Viborg may not use the UNESCO Creative City logo for one single product or company."
LEAVE = (
    "A city that leaves the UCCN must stop using the name and logo of UNESCO, says the UNESCO page of about 2014-15."
)
UNIVERSITIES = "As of about 2020, Beijing has more than 90 universities and over 1,000 scientific research institutes."
MEMBERS = (
    "The UNESCO Creative Cities Network had 408 member cities on 31 October 2025, after the result of the 2025 call."
)
FEE = (
    "No source in this collection states a fee for membership in the UNESCO Creative Cities Network, and none states "
    "that membership is free, as of November 2026; a sure answer comes from UNESCO at creativecities@unesco.org."
)
ITALY = (
    "Italy filed four bids in the 2019 call of the UNESCO Creative Cities Network (Bergamo, Biella, Como, Trieste), "
    "and two were accepted (Bergamo, Biella)."
)
QUOTED = (CLOSED, BEIJING, AT_MOST, REPORT, LOGO, LEAVE, UNIVERSITIES, MEMBERS, FEE, ITALY)

# Kind of error, the statement, what is put for what.
CHANGED = [
    ("figure", MEMBERS, "408", "480"),
    ("figure", MEMBERS, "408", "**409**"),
    ("figure", UNIVERSITIES, "90", "900"),
    ("figure", UNIVERSITIES, "1,000", "1,100"),
    ("figure", REPORT, "four", "two"),
    ("figure", ITALY, "four", "five"),
    ("figure", AT_MOST, "two cities", "three cities"),
    ("date", CLOSED, "30 June", "3 June"),
    ("date", CLOSED, "30 June", "30 July"),
    ("date", CLOSED, "30 June 2021", "**1 July 2021**"),
    ("date", MEMBERS, "31 October", "30 October"),
    ("date", FEE, "November 2026", "December 2026"),
    ("year", CLOSED, "2021 call", "2023 call"),
    ("year", CLOSED, "June 2021", "June 2022"),
    ("year", BEIJING, "2012", "2013"),
    ("year", MEMBERS, "2025 call", "2024 call"),
    ("name", LEAVE, "UNESCO page", "UNICEF page"),
    ("name", CLOSED, "Central European", "Eastern European"),
    ("city", BEIJING, "Beijing", "Shanghai"),
    ("city", ITALY, "Trieste", "Torino"),
    ("city", LOGO, "Viborg", "Aarhus"),
    ("city", UNIVERSITIES, "Beijing", "Wuhan"),
    ("country", BEIJING, "China", "Japan"),
    ("country", ITALY, "Italy", "Spain"),
    ("field", BEIJING, "Design", "Film"),
    ("field", LOGO, "Creative City logo", "City of Film logo"),
    ("negation", CLOSED, "closed", "has not closed"),
    ("negation", LOGO, "may not use", "may use"),
    ("negation", FEE, "No source", "A source"),
    ("negation", FEE, "none states", "one states"),
    ("negation", BEIJING, "is a", "is not a"),
    ("negation", REPORT, "owes", "does not owe"),
    ("limit", AT_MOST, "at most", "at least"),
    ("limit", UNIVERSITIES, "more than", "fewer than"),
    ("limit", UNIVERSITIES, "over", "under"),
    ("limit", AT_MOST, "at most two", "two"),
    ("may and must", AT_MOST, "could", "had to"),
    ("may and must", LEAVE, "must", "may"),
    ("may and must", LOGO, "may not", "need not"),
    ("order", MEMBERS, "after the result", "before the result"),
    ("order", CLOSED, "on 30 June", "after 30 June"),
    ("turned", REPORT, "A member city of the UCCN owes UNESCO", "UNESCO owes a member city of the UCCN"),
    ("turned", ITALY, "two were accepted", "two were refused"),
    ("invented", CLOSED, "closed on", "closed successfully on"),
    ("invented", BEIJING, "since 2012.", "since 2012. It is a leading city."),
    ("invented", CLOSED, "The 2021 call", "As everybody knows, the 2021 call"),
    ("address", FEE, "creativecities@unesco.org", "creativecities@unesco.com"),
    ("who says it", LEAVE, ", says the UNESCO page of about 2014-15", ", says UNESCO"),
]
# The words of a quote with what turns them left out.
CUT = [
    ("cut", FEE, "states a fee for membership in the UNESCO Creative Cities Network"),
    ("cut", FEE, "membership is free"),
    ("cut", LOGO, "use the UNESCO Creative City logo for one single product or company"),
    ("cut", ITALY, "Trieste), and two were accepted"),
    ("cut", CLOSED, "30 June 2021, at midnight"),
    ("cut", AT_MOST, "put forward at most two cities"),
    ("cut", LEAVE, "A city that leaves the UCCN must stop using the name and logo of UNESCO"),
]
SHIFTS = ((1, 0), (-1, 0), (0, -1), (0, 1), (5, 5), (-5, -5), (0, -12), (12, 0))


def wrong_statements(grounds):
    """Yield the kind of error and the statement, with the span that it would be cited with."""
    for kind, quote, old, new in CHANGED:
        assert quote.count(old) >= 1
        yield kind, Statement(quote.replace(old, new, 1), grounds[quote].spans)
    for kind, quote, part in CUT:
        assert part in quote
        yield kind, Statement(f"{part}.", grounds[quote].spans)
    for place, quote in enumerate(QUOTED):
        other = QUOTED[(place + 1) % len(QUOTED)]
        (span,) = grounds[quote].spans
        yield "other source", Statement(quote, grounds[other].spans)
        yield "no quote", Statement(quote, ())
        half, rest = quote[: len(quote) // 2].rsplit(" ", 1)[0], other[len(other) // 2 :].split(" ", 1)[1]
        yield "spliced", Statement(f"{half} {rest}", grounds[quote].spans)
        yield "spliced", Statement(f"{half} {rest}", (*grounds[quote].spans, *grounds[other].spans))
        yield "spliced", Statement(f"{half}: {rest}", (*grounds[quote].spans, *grounds[other].spans))
        for first, last in SHIFTS:
            if first > 0 or last < 0:  # a quote that lost something of what is said
                moved = Span(span.source_id, span.start + first, span.end + last - (last == -1), span.section)
                yield "span off", Statement(quote, (moved,))


def test_wrong_statements_fall(grounds, corpus):
    sources = {source.id: source for source in corpus.sources}
    cases = list(wrong_statements(grounds))
    passed = [(kind, one.text) for kind, one in cases if supported(one, sources)]
    share = 1 - len(passed) / len(cases)
    print(f"\nwrong statements that fall: {len(cases) - len(passed)} of {len(cases)} ({share:.1%})")

    assert len(cases) >= 90
    assert share >= CAUGHT_AT_LEAST, passed


def test_the_statements_as_they_stand_are_supported(grounds, corpus):
    sources = {source.id: source for source in corpus.sources}

    assert all(supported(Statement(quote, grounds[quote].spans), sources) for quote in QUOTED)
