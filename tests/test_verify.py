from dataclasses import replace

import pytest

from assistant.compose import CORRECTION, Span, Statement
from assistant.records import Source
from assistant.verify import supported

LISVALE = (
    "## Lisvale in the Network\n\n"
    "Lisvale joined the Network on 4 March 2011 as a City of Music. "
    "It has 14 concert halls, of which 3 are open in winter.\n\n"
    "The three plans of Lisvale are:\n\n"
    "- to open a school for young singers\n"
    "- to lend instruments to every child\n\n"
    "| Field | Cities |\n|---|---|\n| Film | Ardmouth, Torbeck |\n\n"
    "Lisvale does not charge a fee.\n"
)
ARDMOUTH = "Ardmouth joined the Network in 2015 as a City of Film. Ardmouth has 9 cinemas.\n"
SOURCES = {
    "lisvale": Source(id="lisvale", title="Lisvale, City of Music", text=LISVALE, as_of="2022-06"),
    "ardmouth": Source(id="ardmouth", title="Ardmouth", text=ARDMOUTH, as_of="2019"),
    "undated": Source(id="undated", title="Undated", text="Norland has two ports.\n"),
}
JOINED = "Lisvale joined the Network on 4 March 2011 as a City of Music."
HALLS = "It has 14 concert halls, of which 3 are open in winter."
SINGERS = "to open a school for young singers"


def span(quote, source_id="lisvale"):
    start = SOURCES[source_id].text.index(quote)
    return Span(source_id, start, start + len(quote), "")


def said(text, *spans):
    return supported(Statement(text, spans), SOURCES)


RIGHT = {
    "as it stands": (JOINED, span(JOINED)),
    "with the value in bold": (JOINED.replace("4 March 2011", "**4 March 2011**"), span(JOINED)),
    "with the date of its source": (
        "It has 14 concert halls, of which 3 are open in winter (as of June 2022).",
        span(HALLS),
    ),
    "a part of its quote": ("It has 14 concert halls", span(HALLS)),
    "opened as a correction": (CORRECTION + JOINED, span(JOINED)),
    "an item of a list": (f"- {SINGERS}", span(SINGERS)),
    "an item with its label in front": (f"The three plans of Lisvale are: {SINGERS} (as of June 2022).", span(SINGERS)),
    "a row read out": ("Film: Ardmouth, Torbeck (as of June 2022).", span("Film | Ardmouth, Torbeck")),
    "a row read out with its header": (
        "Field: Film; Cities: Ardmouth, Torbeck",
        span("Film | Ardmouth, Torbeck"),
        span("Field | Cities"),
    ),
    "the opening of a list": (
        "The three plans of Lisvale are (as of June 2022):",
        span("The three plans of Lisvale are:"),
    ),
    "a negation that the source makes": ("Lisvale does not charge a fee.", span("Lisvale does not charge a fee.")),
    "another source, cited": ("Ardmouth has 9 cinemas (as of 2019).", span("Ardmouth has 9 cinemas.", "ardmouth")),
    "two sentences in a row": (f"{JOINED} {HALLS}", span(f"{JOINED} {HALLS}")),
}

WRONG = {
    "a changed figure": ("It has 15 concert halls, of which 3 are open in winter.", span(HALLS)),
    "a figure with a digit more": ("It has 140 concert halls, of which 3 are open in winter.", span(HALLS)),
    "a figure with a digit less": ("It has 4 concert halls, of which 3 are open in winter.", span(HALLS)),
    "two figures swapped": ("It has 3 concert halls, of which 14 are open in winter.", span(HALLS)),
    "a figure in bold that was changed": ("It has **15** concert halls, of which 3 are open in winter.", span(HALLS)),
    "a changed year": (JOINED.replace("2011", "2012"), span(JOINED)),
    "a changed day": (JOINED.replace("4 March", "5 March"), span(JOINED)),
    "a changed month": (JOINED.replace("March", "May"), span(JOINED)),
    "a changed city": (JOINED.replace("Lisvale", "Torbeck"), span(JOINED)),
    "a swapped field": (JOINED.replace("Music", "Film"), span(JOINED)),
    "a negation added": ("Lisvale has not joined the Network on 4 March 2011 as a City of Music.", span(JOINED)),
    "a negation left out": ("Lisvale does charge a fee.", span("Lisvale does not charge a fee.")),
    "a claim added": (f"{JOINED} It is the largest of all.", span(JOINED)),
    "a claim put in front": (f"Everybody knows that {JOINED}", span(JOINED)),
    "words of another source": ("Ardmouth has 9 cinemas.", span(JOINED)),
    "words of the same source, not of the quote": (HALLS, span(JOINED)),
    "another source's words, with that source uncited": (
        "Ardmouth joined the Network in 2015 as a City of Film.",
        span("Lisvale does not charge a fee."),
    ),
    "a date that no source has": (
        "It has 14 concert halls, of which 3 are open in winter (as of June 2023).",
        span(HALLS),
    ),
    "the date of a source that is not cited": ("It has 14 concert halls (as of 2019).", span(HALLS)),
    "a date more exact than the source's": ("It has 14 concert halls (as of 4 June 2022).", span(HALLS)),
    "a date for a source without one": (
        "Norland has two ports (as of 2022).",
        span("Norland has two ports.", "undated"),
    ),
    "no quote at all": (JOINED,),
    "an empty quote": (JOINED, Span("lisvale", 30, 30, "")),
    "a quote turned round": (JOINED, Span("lisvale", 80, 30, "")),
    "a quote that begins before the text": (JOINED, Span("lisvale", -5, 80, "")),
    "a quote that ends behind the text": ("Lisvale does not charge a fee.", Span("lisvale", 30, len(LISVALE) + 1, "")),
    "a source that is not there": (JOINED, Span("gone", 0, 10, "")),
    "a good quote beside one out of bounds": (JOINED, span(JOINED), Span("ardmouth", 0, 10_000, "")),
    "a label that the source does not have": (f"The five plans of Lisvale are: {SINGERS}", span(SINGERS)),
    "a label of another source": (f"Ardmouth has 9 cinemas: {SINGERS}", span(SINGERS)),
    "an item of another list": ("- to close a school for young singers", span(SINGERS)),
    "a row with a city more": ("Film: Ardmouth, Torbeck, Lisvale", span("Film | Ardmouth, Torbeck")),
    "a row with another head": ("Music: Ardmouth, Torbeck", span("Film | Ardmouth, Torbeck")),
}

SAID_OF_ANOTHER = {
    "half a word of the quote": ("usic", span(JOINED)),
    "a figure cut out of a longer one": ("1 as a City of Music.", span(JOINED)),
    "half a year": ("Lisvale joined the Network on 4 March 20", span(JOINED)),
    "nothing at all": ("", span(JOINED)),
    "only a mark": (".", span(JOINED)),
    "a correction of nothing": (CORRECTION, span(JOINED)),
}


@pytest.mark.parametrize("case", RIGHT, ids=str)
def test_what_the_quote_says_is_supported(case):
    assert said(*RIGHT[case])


@pytest.mark.parametrize("case", WRONG, ids=str)
def test_what_the_quote_does_not_say_is_not_supported(case):
    assert not said(*WRONG[case])


@pytest.mark.parametrize("case", SAID_OF_ANOTHER, ids=str)
def test_a_piece_of_a_word_or_nothing_is_not_supported(case):
    assert not said(*SAID_OF_ANOTHER[case])


def test_the_right_statements_lean_on_their_source():
    """Each right statement falls when its source says something else: none is right by chance."""
    other = {id_: replace(source, text="x " * len(source.text), title="x") for id_, source in SOURCES.items()}

    for text, *spans in RIGHT.values():
        assert not supported(Statement(text, tuple(spans)), other), text
