from dataclasses import replace

import pytest
from small_network import open_desk, write_network

from assistant.compose import CORRECTION, Span, Statement
from assistant.corpus import CITIES_ID, FACTS_ID, city_statement
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
    "Lisvale does not charge a fee.\n\n"
    "## Quays\n\nLisvale has 2 quays.\n"
)
ARDMOUTH = "Ardmouth joined the Network in 2015 as a City of Film. Ardmouth has 9 cinemas.\n"
SOURCES = {
    "lisvale": Source(id="lisvale", title="Lisvale, City of Music", text=LISVALE, as_of="2022-06"),
    "ardmouth": Source(id="ardmouth", title="Ardmouth", text=ARDMOUTH, as_of="2019"),
    "undated": Source(id="undated", title="Undated", text="Norland has two ports.\n"),
}
JOINED = "Lisvale joined the Network on 4 March 2011 as a City of Music."
HALLS = "It has 14 concert halls, of which 3 are open in winter."
FEE = "Lisvale does not charge a fee."
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
    "a part cut out of its quote": ("It has 14 concert halls", span(HALLS)),
    "a part without its negation": ("charge a fee", span("Lisvale does not charge a fee.")),
    "two halves joined by a colon": (
        "Lisvale joined the Network: of which 3 are open in winter",
        span(JOINED),
        span(HALLS),
    ),
    "a cell under the head of another column": (
        "Field: Ardmouth, Torbeck; Cities: Film",
        span("Film | Ardmouth, Torbeck"),
        span("Field | Cities"),
    ),
    "the lead line of another section": ("The two ports of Lisvale are: Lisvale does not charge a fee.", span(FEE)),
    "the lead line of a list above": (
        "The three plans of Lisvale are: Lisvale has 2 quays.",
        span("Lisvale has 2 quays."),
    ),
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


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return open_desk(write_network(tmp_path_factory.mktemp("network")))


NORLAND = "Lisvale|Ardmouth|Torbeck, Norland|Wessmark|Saint-Orme"
FILM = "Ardmouth|Torbeck, Norland"
MUSIC = "Lisvale|Kestrin|Port Aldane|Oruba"
OTHERS = "Torbeck, Osterland|Kestrin|Port Aldane|Młynów|Oruba|Marrow Town"
OPENING = "This table lists all 12 member cities as of 8 November 2021."
ALL_2017 = "The UCCN had 8 member cities on 31 October 2017."
ALL_2014 = "The UCCN had 6 member cities on 1 December 2014."
LIST = "By our count there are **5** member cities in Norland, as of 8 November 2021:"
FIRST = "By our table the first City of Film is **Ardmouth** (Norland), Film, designated in **2006**."
MOST = "By our count **Norland** has the most member cities, **5**, as of 8 November 2021."
COUNTRIES = "By our count **3** countries have a City of Music, as of 8 November 2021:"
MISSING = "The table of all **12** member cities has no entry “Xanadu”, as of 8 November 2021."

OSTERLAND = "Torbeck, Osterland|Kestrin|Port Aldane|Młynów"
OF_2021 = "Saint-Orme|Młynów|Marrow Town|Solmere"
ORDER = "By our table **Ardmouth** (2006) was designated before Wessmark (2014)."
SAME_YEAR = "By our table Wessmark and Kestrin were designated in the same year, **2014**."
MORE = "By our count there are more member cities in Norland than in Osterland: **5** and **4**, as of 8 November 2021."
BEST_YEAR = "By our count the most member cities were designated in **2014 and 2021**, **4**, as of 8 November 2021."

# Each: the text, the rows that it counts or lists, and what else there is: other quotes, words of the question.
COMPUTED = {
    "a count of a country": (LIST, NORLAND),
    "a count in words": (LIST.replace("**5**", "five"), NORLAND),
    "a count of a field": ("By our count there are **4** Cities of Music, as of 8 November 2021:", MUSIC),
    "a group of cities": ("- Film (2): Ardmouth (2006), Torbeck (2014)", FILM),
    "a group of one": ("- Design (1): Wessmark (2014)", "Wessmark"),
    "a city with its country": ("- Literature (1): Marrow Town (Sudmark, 2021)", "Marrow Town"),
    "a count of countries": (COUNTRIES, MUSIC),
    "cities by country": ("- Norland (1), Osterland (2), Sudmark (1)", MUSIC),
    "the country with the most": (MOST, NORLAND),
    "the countries after it": ("After that come Osterland (4), Sudmark (2).", OTHERS),
    "the first city": (FIRST, "Ardmouth"),
    "a year of the rows": (
        "By our table the first Cities of Design are **2** of **2014**:",
        "Wessmark|Torbeck, Osterland",
    ),
    "a time that was asked for": (
        "By our count there were **2** member cities in Norland by the end of 2013:",
        "Lisvale|Ardmouth",
        {"asked": "by the end of 2013"},
    ),
    "that there is none": (
        "By our table there is **no** City of Film in Osterland, as of 8 November 2021.",
        "",
        {"quotes": [OPENING]},
    ),
    "that a name is not there": (MISSING, "", {"quotes": [OPENING]}),
    "the order of two cities": (ORDER, "Ardmouth|Wessmark"),
    "the order of three cities": (
        "By our table Ardmouth (2006) was designated before Wessmark and Kestrin (2014) before Oruba (2017).",
        "Ardmouth|Wessmark|Kestrin|Oruba",
    ),
    "two cities of one year": (SAME_YEAR, "Wessmark|Kestrin"),
    "a country with more": (MORE, f"{NORLAND}|{OSTERLAND}"),
    "two years compared": (
        "By our count there are more member cities designated in 2014 than designated in 2017: **4** and **2**.",
        "Torbeck, Norland|Wessmark|Torbeck, Osterland|Kestrin|Port Aldane|Oruba",
        {"asked": "designated in 2014 designated in 2017"},
    ),
    "the year with the most": (BEST_YEAR, "Torbeck, Norland|Wessmark|Torbeck, Osterland|Kestrin|" + OF_2021),
    "a line of change": (
        "Before that: 8 (31 October 2017), 6 (1 December 2014).",
        "",
        {"quotes": [ALL_2017, ALL_2014]},
    ),
}

MISCOMPUTED = {
    "a count too high": (LIST.replace("5", "6", 1), NORLAND),
    "a count too low": (LIST.replace("5", "4", 1), NORLAND),
    "a wrong count in words": (LIST.replace("**5**", "seven"), NORLAND),
    "a count with a digit more": (LIST.replace("**5**", "**55**"), NORLAND),
    "a count of a part told as the whole": (LIST.replace("5", "2", 1), NORLAND),
    "a city counted twice": (LIST.replace("5", "6", 1), f"{NORLAND}|Lisvale"),
    "a city left out of a count": (LIST.replace("5", "4", 1), "Lisvale|Ardmouth|Torbeck, Norland|Wessmark"),
    "a city of another country counted": (LIST, "Lisvale|Ardmouth|Kestrin|Wessmark|Saint-Orme"),
    "a city of another country listed": ("- Norland (1): Kestrin (2014)", "Kestrin"),
    "a city under another field": ("- Film (1): Wessmark (2014)", "Wessmark"),
    "a count for another country": (LIST.replace("Norland", "Osterland"), NORLAND),
    "a count for another field": ("By our count there are **4** Cities of Film, as of 8 November 2021:", MUSIC),
    "a count for another region": ("By our count there are **2** member cities in UNESCO's region Africa:", FILM),
    "a city that is not in the quotes": (
        LIST,
        NORLAND,
        {"quoted": "Lisvale|Ardmouth|Torbeck, Norland|Wessmark"},
    ),
    "the city of that name in another country in the quotes": (
        "- Film (2): Ardmouth (2006), Torbeck (2014)",
        FILM,
        {"quoted": "Ardmouth|Torbeck, Osterland"},
    ),
    "a row that is quoted in part": ("- Design (1): Wessmark (2014)", "Wessmark", {"cut": 6}),
    "a city that is not among the rows": ("- Design (1): Kestrin (2014)", "Wessmark"),
    "a city more in a group": ("- Film (2): Ardmouth (2006), Torbeck (2014), Oruba (2014)", FILM),
    "a group with a wrong count": ("- Film (3): Ardmouth (2006), Torbeck (2014)", FILM),
    "a wrong year": ("- Design (1): Wessmark (2015)", "Wessmark"),
    "two years swapped": ("- Film (2): Ardmouth (2014), Torbeck (2006)", FILM),
    "a wrong year of the first city": (FIRST.replace("2006", "2004"), "Ardmouth"),
    "another city as the first": (FIRST.replace("Ardmouth", "Torbeck"), "Ardmouth"),
    "a wrong day of the table": (LIST.replace("8 November", "9 November"), NORLAND),
    "a wrong month of the table": (LIST.replace("November", "October"), NORLAND),
    "a wrong year of the table": (LIST.replace("November 2021", "November 2022"), NORLAND),
    "the day of a source that is not cited": (LIST.replace("8 November 2021", "31 October 2017"), NORLAND),
    "the year of a row as the day of the table": (LIST.replace("8 November 2021", "2006"), NORLAND),
    "a time that was not asked for": (
        "By our count there were **2** member cities in Norland by the end of 2012:",
        "Lisvale|Ardmouth",
        {"asked": "by the end of 2013"},
    ),
    "a wrong count of countries": (COUNTRIES.replace("3", "6", 1), MUSIC),
    "a wrong count behind a country": ("- Norland (1), Osterland (5), Sudmark (1)", MUSIC),
    "two counts of countries swapped": ("- Norland (2), Osterland (1), Sudmark (1)", MUSIC),
    "two countries behind the first swapped": ("After that come Osterland (2), Sudmark (4).", OTHERS),
    "another country with the most": (MOST.replace("Norland", "Sudmark"), NORLAND),
    "a share that nobody computed": ("By our count Norland has 42 percent of the member cities.", NORLAND),
    "words that no row holds": (LIST.replace("in Norland", "in Norland, the richest country of all"), NORLAND),
    "none where there is one": (
        "By our table there is **no** City of Film in Norland, as of 8 November 2021.",
        "",
        {"quotes": [OPENING]},
    ),
    "a name missed that is there": (MISSING.replace("Xanadu", "Lisvale"), "", {"quotes": [OPENING]}),
    "a wrong total beside a missing name": (MISSING.replace("12", "13"), "", {"quotes": [OPENING]}),
    "a changed value in a line of change": (
        "Before that: 9 (31 October 2017), 6 (1 December 2014).",
        "",
        {"quotes": [ALL_2017, ALL_2014]},
    ),
    "a changed day in a line of change": (
        "Before that: 8 (30 October 2017), 6 (1 December 2014).",
        "",
        {"quotes": [ALL_2017, ALL_2014]},
    ),
    "two values of a line of change swapped": (
        "Before that: 6 (31 October 2017), 8 (1 December 2014).",
        "",
        {"quotes": [ALL_2017, ALL_2014]},
    ),
    "a value without its quote in a line of change": (
        "Before that: 8 (31 October 2017), 6 (1 December 2014).",
        "",
        {"quotes": [ALL_2017]},
    ),
    "two cities in the wrong order": (
        "By our table Wessmark (2014) was designated before Ardmouth (2006).",
        "Ardmouth|Wessmark",
    ),
    "two years of an order swapped": (
        "By our table Ardmouth (2014) was designated before Wessmark (2006).",
        "Ardmouth|Wessmark",
    ),
    "a wrong year in an order": (ORDER.replace("2006", "2005"), "Ardmouth|Wessmark"),
    "another city in an order": (ORDER.replace("Ardmouth", "Lisvale"), "Ardmouth|Wessmark"),
    "an order with a city that is not quoted": (ORDER, "Wessmark"),
    "one year told of two": (SAME_YEAR, "Wessmark|Ardmouth"),
    "another year told of two": (SAME_YEAR.replace("2014", "2017"), "Wessmark|Kestrin"),
    "the country with fewer told to have more": (
        "By our count there are more member cities in Osterland than in Norland: **4** and **5**.",
        f"{NORLAND}|{OSTERLAND}",
    ),
    "counts of a comparison swapped": (MORE.replace("**5** and **4**", "**4** and **5**"), f"{NORLAND}|{OSTERLAND}"),
    "a wrong count in a comparison": (MORE.replace("4", "3"), f"{NORLAND}|{OSTERLAND}"),
    "a comparison told to be even": (
        "By our count there are as many member cities in Norland as in Osterland: **5**.",
        f"{NORLAND}|{OSTERLAND}",
    ),
    "a comparison with a city left out": (MORE, f"{NORLAND}|Torbeck, Osterland|Kestrin|Port Aldane"),
    "another year with the most": (
        BEST_YEAR.replace("2014 and 2021", "2017").replace("4", "2"),
        "Port Aldane|Oruba",
    ),
    "one of two years with the most": (
        BEST_YEAR.replace("2014 and 2021", "2014"),
        "Torbeck, Norland|Wessmark|Torbeck, Osterland|Kestrin",
    ),
    "a claim confirmed that nobody stated": (f"Yes: {LIST}", NORLAND),
    "cities beside one that is not left out": (LIST.replace("in Norland", "in Norland besides Lisvale"), NORLAND),
    "no quote at all": (LIST, ""),
    "no quote and no figure": ("By our table there is **no** City of Film in Osterland.", ""),
}


def computed(desk, text, rows, more=None):
    """Make a computed statement over rows of the table, each of which is quoted unless `more` says otherwise."""
    more = more or {}
    cities = tuple(desk.city(*row.split(", ")) for row in rows.split("|") if row)
    quoted = tuple(desk.city(*row.split(", ")) for row in more.get("quoted", rows).split("|") if row)
    quotes = [*map(city_statement, dict.fromkeys(quoted)), *more.get("quotes", ())]
    spans = []
    for quote in quotes:
        id_ = FACTS_ID if quote in desk.sources[FACTS_ID].text else CITIES_ID
        start = desk.sources[id_].text.index(quote)
        spans.append(Span(id_, start, start + len(quote) - more.get("cut", 0), ""))
    return Statement(text, tuple(spans), cities=cities, computed=True, asked=more.get("asked", ""))


@pytest.mark.parametrize("case", COMPUTED, ids=str)
def test_what_follows_from_the_quoted_rows_is_supported(desk, case):
    assert supported(computed(desk, *COMPUTED[case]), desk.sources)


@pytest.mark.parametrize("case", MISCOMPUTED, ids=str)
def test_what_does_not_follow_from_the_quoted_rows_is_not_supported(desk, case):
    assert not supported(computed(desk, *MISCOMPUTED[case]), desk.sources)


@pytest.mark.parametrize(
    "span",
    [Span(CITIES_ID, 50, 50, ""), Span(CITIES_ID, 80, 30, ""), Span(CITIES_ID, 0, 10**6, ""), Span("gone", 0, 5, "")],
)
def test_a_computed_statement_with_a_quote_out_of_bounds_is_not_supported(desk, span):
    right = computed(desk, LIST, NORLAND)

    assert not supported(replace(right, spans=(*right.spans, span)), desk.sources)


def test_the_computed_statements_lean_on_their_quotes(desk):
    """Each right statement falls when the tables say something else: none is right by chance."""
    other = {
        id_: replace(source, text="x " * len(source.text), as_of="", attributions=())
        for id_, source in desk.sources.items()
    }

    for case in COMPUTED.values():
        assert not supported(computed(desk, *case), other), case


def test_a_sentence_that_is_said_to_be_taken_from_a_source_is_not_excused_by_its_rows(desk):
    stated = replace(computed(desk, LIST, NORLAND), computed=False)

    assert not supported(stated, desk.sources)
