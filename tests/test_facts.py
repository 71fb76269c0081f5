"""Answers from dated facts, on the corpus of twelve invented cities."""

from pathlib import Path

import pytest
from small_network import FACTS, bold, open_desk, texts, write_network

from assistant.attributes import ATTRIBUTES, GENERAL
from assistant.corpus import FACTS_ID, read_corpus
from assistant.verify import supported

CORPUS = Path(__file__).parent.parent / "corpus"

CLOSED_2021 = "The 2021 call of the UCCN closed on 30 June 2021."
CLOSED_2017 = "The 2017 call of the UCCN closed on 16 June 2017."
NO_CLOSE = "No source here states when the 2023 call closes."
ALL_2021 = "The UCCN had 12 member cities on 8 November 2021."
ALL_2017 = "The UCCN had 8 member cities on 31 October 2017."
PRESS = "The Lisvale Post gave the UCCN 13 member cities in January 2022."
NEW_2021 = "On 8 November 2021, 4 new cities joined the UCCN."
RESULT_2021 = "The result of the 2021 call came on 8 November 2021."
WAIT = "A city that was refused twice in a row must wait four years."
HOST_2019 = "The annual conference of 2019 took place in Lisvale."
THEME_2019 = "The theme of the annual conference of 2019 was Old songs."
FEE = "No source here states a fee for membership in the UCCN."
BIDS_2021 = "In the 2021 call, a country could put forward two cities."


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return open_desk(write_network(tmp_path_factory.mktemp("network")))


@pytest.fixture
def facts(desk):
    """The lines of an answer from dated facts without bold, each of them checked against its quotes."""

    def answer(question, **options):
        statements = desk.facts(question, **options)
        assert all(supported(statement, desk.sources) for statement in statements), texts(statements)
        return texts(statements)

    return answer


class TestAttributes:
    @pytest.mark.parametrize(
        ("question", "first"),
        [
            ("When was the deadline of the 2021 call?", CLOSED_2021),
            ("When did the 2021 call close?", CLOSED_2021),
            ("Until when could a city apply in the 2021 call?", CLOSED_2021),
            ("By when did cities have to submit their applications in 2021?", CLOSED_2021),
            ("What was the closing date of the 2017 call?", CLOSED_2017),
            ("When did the 2021 call open?", "The 2021 call of the UCCN opened on 16 March 2021."),
            ("When was the 2021 call launched?", "The 2021 call of the UCCN opened on 16 March 2021."),
            (
                "When were the results of the 2021 call announced?",
                "The result of the 2021 call came on 8 November 2021.",
            ),
            ("How many cities could a country put forward in the 2021 call?", BIDS_2021),
            (
                "How many years must a refused city wait?",
                "A city that was refused twice in a row must wait four years.",
            ),
            ("How often must a member city report?", "A member city of the UCCN owes a report every four years."),
            ("Where did the annual conference of 2019 take place?", HOST_2019),
            ("Which city hosted the annual conference of 2019?", HOST_2019),
            ("Lisvale held the conference of the creative cities in 2019, how did they manage?", HOST_2019),
            ("What was the theme of the annual conference of 2019?", THEME_2019),
            ("When was the Network created?", "The UCCN was created in 2004."),
            ("How many countries are in the Network?", "The 12 member cities lay in 4 countries on 8 November 2021."),
            ("How many new cities joined in 2021?", NEW_2021),
            ("How many cities were designated in 2021?", NEW_2021),
            ("How much does membership cost?", FEE),
            ("Is there a fee for membership?", FEE),
            ("When does Midria leave UNESCO?", "Midria leaves UNESCO on 31 December 2022, says the press."),
            (
                "What was the national deadline in Norland for the 2021 call?",
                "Norland's deadline of 2021 was 10 May 2021.",
            ),
            ("When was the deadline in Norland?", "Norland's deadline of 2021 was 10 May 2021."),
        ],
    )
    def test_the_fact_that_is_asked_for_comes_first(self, facts, question, first):
        assert facts(question)[0] == first

    @pytest.mark.parametrize(
        ("question", "value"),
        [
            ("When was the deadline of the 2021 call?", "30 June 2021"),
            ("How many member cities does the Network have?", "12"),
            ("How many cities could a country put forward in the 2021 call?", "two"),
            ("Where did the annual conference of 2019 take place?", "Lisvale"),
            ("What was the theme of the annual conference of 2019?", "Old songs"),
            ("When was the Network created?", "2004"),
            ("How many countries are in the Network?", "4"),
            ("How often must a member city report?", "four"),
        ],
    )
    def test_its_value_is_bold(self, desk, question, value):
        assert bold(desk.facts(question)[0]) == [value]

    def test_a_bound_may_be_asked_for(self, facts):
        assert facts("How many cities could a country put forward at most in the 2021 call?") == [BIDS_2021]

    def test_a_value_that_no_source_states_is_not_bold(self, desk):
        assert bold(desk.facts("How much does membership cost?")[0]) == []

    def test_the_quote_is_the_statement_of_the_fact(self, desk):
        (said,) = desk.facts("When was the deadline of the 2021 call?")
        (span,) = said.spans

        assert span.source_id == FACTS_ID
        assert span.section == "2021 call: closing day"
        assert desk.sources[FACTS_ID].text[span.start : span.end] == CLOSED_2021

    @pytest.mark.parametrize(
        "question",
        [
            "When was the deadline of the 2021 call for singers?",
            "When did the museum of Lisvale close?",
            "When did the shop close?",
            "When was the deadline in Osterland?",
            "When was the deadline in Norland for the 2017 call?",
            "When did the 2017 call open?",
            "When was the deadline of the 2019 call?",
            "What was the theme of the annual conference of 2018?",
            "Where did the annual conference of 2020 take place?",
            "When did Midria tell UNESCO that it leaves?",
            "Where did the Beijing Summit take place?",
            "When does Norland leave UNESCO?",
            "Which call had the most applications?",
            "When did the most new cities join?",
            "How often must a member city report to the annual conference?",
            "How many Cities of Design joined in 2021?",
            "Who opened the 2021 call?",
            "Why did the 2021 call close?",
            "How many Cities of Film joined in 2021?",
            "How many member cities does Norland have?",
            "How many member cities are in Africa?",
            "When did Lisvale join?",
            "How much does an application cost?",
            "How many visitors had the annual conference of 2019?",
            "How many photos did the 2021 call want?",
        ],
    )
    def test_what_no_fact_says_is_not_answered(self, facts, question):
        assert facts(question) == []

    def test_a_deadline_is_not_taken_for_the_one_of_a_country(self, facts):
        assert facts("When was the deadline of the 2021 call?") == [CLOSED_2021]

    def test_without_facts_nothing_is_answered(self, tmp_path):
        desk = open_desk(write_network(tmp_path, facts=None))

        assert desk.facts("When was the deadline of the 2021 call?") == []


class TestRounds:
    def test_a_call_that_is_named_is_told_alone(self, facts):
        assert facts("When was the deadline of the 2017 call?") == [CLOSED_2017]

    def test_without_a_year_the_latest_call_with_a_known_day_comes_first(self, facts):
        assert facts("When is the deadline?") == [
            CLOSED_2021,
            NO_CLOSE,
            "Before that: 16 June 2017 (2017 call).",
        ]

    def test_the_next_call_is_told_as_it_is_known(self, facts):
        assert facts("When is the next deadline?") == [
            NO_CLOSE,
            "Before that: 30 June 2021 (2021 call), 16 June 2017 (2017 call).",
        ]

    def test_a_call_without_a_stated_day_says_that_none_is_stated(self, facts):
        assert facts("When is the deadline of the 2023 call?") == [NO_CLOSE]

    def test_the_line_of_change_names_each_round(self, facts):
        assert facts("How many cities can a country put forward?") == [BIDS_2021, "Before that: three (2017 call)."]
        assert facts("Where did the annual conference take place?")[1] == (
            "Before that: Kestrin (annual conference of 2018)."
        )

    def test_the_line_of_change_quotes_each_of_its_values(self, desk):
        line = desk.facts("When is the next deadline?")[-1]
        text = desk.sources[FACTS_ID].text

        assert [text[span.start : span.end] for span in line.spans] == [CLOSED_2021, CLOSED_2017]

    def test_as_of_leaves_later_calls_out(self, facts):
        assert facts("When is the deadline?", as_of="2018") == [CLOSED_2017]
        assert facts("When was the deadline of the 2021 call?", as_of="2018") == []


class TestTimes:
    def test_the_newest_value_comes_first_and_how_it_changed_last(self, facts):
        said = facts("How many member cities does the Network have?")

        assert (said[0], said[-1]) == (
            ALL_2021,
            "Before that: 8 (31 October 2017), 6 (1 December 2014), two (31 December 2006).",
        )

    def test_a_less_firm_value_is_shown_but_does_not_lead(self, facts):
        assert facts("How many member cities does the Network have?")[1] == PRESS

    def test_a_less_firm_value_is_no_part_of_the_line_of_change(self, facts):
        assert not any("13" in text for text in facts("How many member cities does the Network have?")[2:])

    def test_a_value_that_did_not_change_is_not_told_as_a_change(self, tmp_path):
        table = FACTS + "again,UCCN,countries,4,countries,2022-02,U1,The UCCN still lay in 4 countries in 2022.\n"
        desk = open_desk(write_network(tmp_path, facts=table))

        assert texts(desk.facts("How many countries are in the Network?")) == [
            "The UCCN still lay in 4 countries in 2022.",
            "Before that: 3 (31 October 2017).",
        ]

    def test_of_a_value_that_stayed_the_day_of_its_first_statement_is_told(self, tmp_path):
        table = FACTS + "all-2016,UCCN,member cities,6,cities,2016-05,U1,The UCCN had 6 member cities in May 2016.\n"
        desk = open_desk(write_network(tmp_path, facts=table))

        assert texts(desk.facts("How many member cities does the Network have?"))[-1] == (
            "Before that: 8 (31 October 2017), 6 (1 December 2014), two (31 December 2006)."
        )

    def test_a_year_that_is_asked_for_is_told_alone(self, facts):
        assert facts("How many member cities did the Network have in 2017?") == [
            "The UCCN had 8 member cities on 31 October 2017."
        ]

    def test_between_two_counts_the_earlier_still_holds(self, facts):
        assert facts("How many member cities did the Network have in 2016?") == [
            "The UCCN had 6 member cities on 1 December 2014."
        ]

    def test_before_the_first_count_nothing_is_told(self, facts):
        assert facts("How many member cities did the Network have in 2005?") == []

    @pytest.mark.parametrize(
        "question", ["How many new cities joined in 2019?", "How many cities were designated in 2020?"]
    )
    def test_a_year_without_new_cities_is_not_given_those_of_another_year(self, facts, question):
        assert facts(question) == []

    @pytest.mark.parametrize(
        ("as_of", "first"),
        [
            ("2021-11-08", ALL_2021),
            ("2021-11-07", "The UCCN had 8 member cities on 31 October 2017."),
            ("2017", "The UCCN had 8 member cities on 31 October 2017."),
            ("2017-10-30", "The UCCN had 6 member cities on 1 December 2014."),
        ],
    )
    def test_as_of_is_answered_from_what_was_known_then(self, facts, as_of, first):
        said = facts("How many member cities does the Network have?", as_of=as_of)

        assert said[0] == first
        assert PRESS not in said

    def test_as_of_a_day_before_everything_nothing_is_known(self, facts):
        assert facts("How many member cities does the Network have?", as_of="2003") == []

    def test_the_founding_has_no_line_of_change(self, tmp_path):
        table = FACTS + "founded-later,UCCN,founded,2005,year,2005,P1,The press says the UCCN was created in 2005.\n"
        desk = open_desk(write_network(tmp_path, facts=table))

        assert texts(desk.facts("When was the Network created?")) == ["The UCCN was created in 2004."]


class TestClaims:
    @pytest.mark.parametrize(
        ("claim", "first"),
        [
            ("The deadline of the 2021 call was 30 June 2021, is this correct?", f"Yes: {CLOSED_2021}"),
            ("The deadline of the 2021 call was 15 June 2021, is this correct?", f"Correction: {CLOSED_2021}"),
            ("The Network was created in 2004, is this correct?", "Yes: The UCCN was created in 2004."),
            ("The Network was created in 2014, is this correct?", "Correction: The UCCN was created in 2004."),
            ("The Network has 12 member cities, right?", f"Yes: {ALL_2021}"),
            ("The Network has 20 member cities, right?", f"Correction: {ALL_2021}"),
            ("Is it true that the Network has twelve member cities?", f"Yes: {ALL_2021}"),
            (
                "In 2017 the Network had 8 member cities, right?",
                "Yes: The UCCN had 8 member cities on 31 October 2017.",
            ),
            (
                "In 2017 the Network had 12 member cities, right?",
                "Correction: The UCCN had 8 member cities on 31 October 2017.",
            ),
            ("A country could put forward two cities in the 2021 call, right?", f"Yes: {BIDS_2021}"),
            ("A country could put forward five cities in the 2021 call, right?", f"Correction: {BIDS_2021}"),
        ],
    )
    def test_a_stated_value_is_confirmed_or_corrected_first(self, facts, claim, first):
        assert facts(claim)[0] == first

    def test_a_yes_does_not_open_another_value_than_the_stated_one(self, facts):
        assert facts("The Network has 13 member cities, is this correct?")[0] in (
            ALL_2021,
            f"Correction: {ALL_2021}",
            f"Yes: {PRESS}",
        )

    @pytest.mark.parametrize(
        "claim",
        [
            "The deadline of the 2021 call was in June 2021, is this correct?",
            "The deadline of the 2021 call was on 30 June, is this correct?",
            "The results of the 2021 call came in November 2021, right?",
            "Was the deadline of the 2021 call on June 30?",
        ],
    )
    def test_a_day_that_is_stated_less_exactly_is_not_corrected(self, facts, claim):
        assert [text for text in facts(claim) if text.startswith("Correction")] == []

    def test_a_question_that_states_no_value_is_not_judged(self, facts):
        assert facts("Is there a fee for membership?") == [FEE]
        assert facts("When was the deadline of the 2021 call?") == [CLOSED_2021]


class TestTable:
    """What the table of attributes asks for, and what the facts of the project's own corpus hold."""

    @pytest.fixture(scope="class")
    def real_facts(self):
        return read_corpus(CORPUS).tables.facts

    def test_every_attribute_that_can_be_asked_for_is_one_of_the_facts(self, real_facts):
        assert {asked.attribute for asked in ATTRIBUTES} - {fact.attribute for fact in real_facts} == set()

    def test_every_kind_of_subject_has_its_ordinary_words(self):
        assert {asked.of for asked in ATTRIBUTES} == set(GENERAL)

    def test_ordinary_words_do_not_hold_what_a_question_may_be_about(self):
        special = {"museum", "mayor", "hotel", "univers", "festiv", "singer", "school", "visitor"}

        assert not any(special & words for words in GENERAL.values())


class TestMoments:
    @pytest.mark.parametrize(
        ("question", "first"),
        [
            ("How many members did the Network have in the middle of 2017?", "6 member cities on 1 December 2014"),
            ("How many members did the Network have in June 2017?", "6 member cities on 1 December 2014"),
            ("How many members did the Network have late in 2017?", "8 member cities on 31 October 2017"),
            ("How many members did the Network have at the end of 2020?", "8 member cities on 31 October 2017"),
            ("How big was the Network in autumn 2014?", "two member cities at the end of 2006"),
            ("How many member cities were there before 2017?", "6 member cities on 1 December 2014"),
            ("How many members were there when Oruba joined?", "8 member cities on 31 October 2017"),
            ("How many members were there at the moment of the May 2018 summit?", "8 member cities on 31 October 2017"),
        ],
    )
    def test_the_newest_value_of_that_time_is_told_and_no_later_one(self, facts, question, first):
        said = facts(question)

        assert first in said[0]
        assert not any("12 member" in text or "13 member" in text for text in said)

    @pytest.mark.parametrize("question", ["How big must a city be?", "How many countries are not in the Network?"])
    def test_what_asks_for_something_else_is_not_told_by_a_count(self, facts, question):
        assert facts(question) == []

    def test_the_call_before_another_is_the_latest_one_before_it(self, facts):
        assert facts("When was the deadline of the call before 2021?") == [CLOSED_2017]


@pytest.mark.parametrize(
    "question",
    [
        "How many cities applied in 2021?",
        "How many bids were filed in the 2021 call?",
        "How many candidates entered the 2021 round?",
        "How many applications were there in 2021?",
    ],
)
def test_those_who_applied_are_not_those_who_joined(tmp_path, facts, question):
    assert facts(question) == []

    told = "No source here states how many cities applied in the 2021 call."
    row = f"applied-2021,2021 call,number of applications,not stated,not stated,2022-03-01,OWN,{told}\n"
    assert texts(open_desk(write_network(tmp_path, facts=FACTS + row)).facts(question)) == [told]
