"""Answers computed from the table of twelve invented cities, and from that of the project's own corpus."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from small_network import CITIES, FACTS, bold, open_desk, texts, write_network
from small_tables import changed

from assistant.cities import Places
from assistant.corpus import CITIES_ID, city_statement, lies_in, place
from assistant.phrases import LANGUAGES, phrases_of
from assistant.terms import Glossary, read_glossaries
from assistant.verify import supported
from assistant.worded import worded

CORPUS = Path(__file__).parent.parent / "corpus"
IN_FIELD = "is a UNESCO Creative City of {} and has been a member of the UNESCO Creative Cities Network since {}."


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return open_desk(write_network(tmp_path_factory.mktemp("network")))


@pytest.fixture(scope="module")
def real_desk():
    return open_desk(CORPUS, read_glossaries(CORPUS / "glossary.csv", ["en"])["en"])


@pytest.fixture
def table(desk):
    """The lines of an answer from the table without bold, each of them checked against its quotes."""

    def answer(question, **options):
        statements = desk.table(question, **options)
        assert all(supported(statement, desk.sources) for statement in statements), texts(statements)
        return texts(statements)

    return answer


def quotes(statement, desk):
    return [desk.sources[span.source_id].text[span.start : span.end] for span in statement.spans]


def subdivisions(desk):
    return [group for group in desk.tables.groups if group.cities is not None]


def named_group(desk, name):
    mentions = Places(desk.tables).mentions(f"in {name}?")
    return mentions[0].group if len(mentions) == 1 else None


def row(name, country, field, year):
    return f"{name} ({country}) {IN_FIELD.format(field, year)}"


LISVALE = row("Lisvale", "Norland", "Music", 2006)
LISVALE_NOTE = "Lisvale joined on 30 May 2006."
TORBECKS = (row("Torbeck", "Norland", "Film", 2014), row("Torbeck", "Osterland", "Design", 2014))
NOT_FIRM = "Only a newspaper counts Torbeck in Norland."


class TestOneCity:
    @pytest.mark.parametrize(
        "question",
        [
            "Which field is Lisvale in?",
            "In which creative field is Lisvale?",
            "What kind of creative city is Lisvale?",
            "Since when is Lisvale a member?",
            "When did Lisvale join the Network?",
            "when did lisvale join?",
            "What year was Lisvale designated?",
            "Which creative field is Lisvale (Norland) in, and since when is it a member?",
        ],
    )
    def test_field_and_year_are_its_row_and_its_note_follows(self, table, question):
        assert table(question) == [LISVALE, LISVALE_NOTE]

    def test_the_value_that_is_asked_for_is_bold(self, desk):
        assert bold(desk.table("When did Lisvale join?")[0]) == ["2006"]
        assert bold(desk.table("Which field is Lisvale in?")[0]) == ["Music"]

    def test_the_quote_is_the_row_and_the_note_alone(self, desk):
        first, note = desk.table("When did Lisvale join?")

        assert quotes(first, desk) == [LISVALE]
        assert quotes(note, desk) == [LISVALE_NOTE]
        assert {span.source_id for span in (*first.spans, *note.spans)} == {CITIES_ID}

    def test_each_city_of_one_name_is_told(self, table):
        assert table("When did Torbeck join?") == [TORBECKS[0], NOT_FIRM, TORBECKS[1]]

    @pytest.mark.parametrize(
        ("question", "row_"),
        [
            ("When did Torbeck in Osterland join?", 1),
            ("When did Torbeck (Osterland) join?", 1),
            ("When did Torbeck, Norland, join?", 0),
            ("When did the City of Film Torbeck join?", 0),
            ("Since when is the Osterlandish city Torbeck a member?", 1),
        ],
    )
    def test_of_one_name_the_city_of_the_country_or_field_is_told(self, table, question, row_):
        assert table(question)[0] == TORBECKS[row_]
        assert TORBECKS[1 - row_] not in table(question)

    def test_several_cities_are_told_one_by_one(self, table):
        assert table("Which field are Wessmark and Ardmouth in?") == [
            row("Wessmark", "Norland", "Design", 2014),
            row("Ardmouth", "Norland", "Film", 2006),
        ]

    @pytest.mark.parametrize(
        "question",
        [
            "Is Lisvale a City of Music?",
            "Is Lisvale a member?",
            "Has Lisvale joined the Network?",
            "Lisvale is a City of Music, right?",
            "Is Lisvale in Norland a City of Music?",
        ],
    )
    def test_a_right_claim_is_confirmed(self, table, question):
        assert table(question)[0] == f"Yes: {LISVALE}"

    @pytest.mark.parametrize(
        "question",
        [
            "Is Lisvale a City of Film?",
            "Lisvale is a City of Film, isn't it?",
            "Is it true that Lisvale is a design city?",
        ],
    )
    def test_a_wrong_field_is_corrected_first(self, table, question):
        assert table(question)[:2] == [f"Correction: {LISVALE}", LISVALE_NOTE]

    def test_after_a_wrong_field_the_cities_of_that_field_and_country_follow(self, table):
        assert table("Is Lisvale a City of Film?")[2:] == [
            "By our count there are 2 Cities of Film in Norland, as of 8 November 2021:",
            "- Ardmouth (2006), Torbeck (2014)",
            NOT_FIRM,
        ]

    @pytest.mark.parametrize(
        "question",
        [
            "Lisvale joined in 2006, is this correct?",
            "Did Lisvale join in 2006?",
            "Is Lisvale a City of Music since 2006?",
            "Was Lisvale a member in 2010?",
            "Did Lisvale join before 2010?",
        ],
    )
    def test_a_right_year_is_confirmed(self, table, question):
        assert table(question)[0] == f"Yes: {LISVALE}"

    @pytest.mark.parametrize(
        "question",
        [
            "Lisvale joined in 2008, is this correct?",
            "Did Lisvale join in 2008?",
            "Has Lisvale been a member since 2008?",
            "Has Lisvale been a member since 2004?",
            "Is Lisvale a City of Music since 2008?",
            "Was Lisvale a member in 2005?",
            "Did Lisvale join after 2010?",
        ],
    )
    def test_a_wrong_year_is_not_confirmed(self, table, question):
        assert table(question)[0] in (LISVALE, f"Correction: {LISVALE}")

    @pytest.mark.parametrize("question", ["Is Lisvale in Osterland?", "Is Lisvale a member city in Osterland?"])
    def test_a_wrong_country_is_not_confirmed(self, table, question):
        assert table(question)[0] in (LISVALE, f"Correction: {LISVALE}")

    @pytest.mark.parametrize(
        "question",
        [
            "Is Lisvale the newest member city?",
            "Is Kestrin the only City of Music?",
            "Is Kestrin the first City of Music?",
            "Is Torbeck in Norland the oldest member city?",
        ],
    )
    def test_a_rank_that_a_row_does_not_hold_is_not_confirmed(self, table, question):
        assert [text for text in table(question) if text.startswith("Yes")] == []

    @pytest.mark.parametrize(
        "question",
        [
            "Which city joined in the same year as Kestrin?",
            "How many cities joined in the same year as Kestrin?",
            "Which member cities of Norland joined before Kestrin?",
            "Which cities are in the same field as Kestrin?",
        ],
    )
    def test_a_question_for_other_cities_is_not_answered_with_the_one_it_names(self, table, question):
        assert not table(question) or not table(question)[0].startswith("Kestrin")

    @pytest.mark.parametrize(
        ("question", "head"),
        [
            ("Which other cities are in Lisvale's field?", "3 Cities of Music besides Lisvale, as of 8 November 2021:"),
            ("Who else joined in the same year as Wessmark?", "3 member cities besides Wessmark designated in 2014:"),
            ("How many other cities are in Oruba's country?", "1 member city in Sudmark besides Oruba, as of"),
            ("Which other Osterlandish cities share Lisvale's field?", "2 Cities of Music in Osterland, as of"),
        ],
    )
    def test_others_that_share_something_are_told_without_the_one_that_is_named(self, table, question, head):
        said = table(question)

        assert head in said[0]
        named = re.search("Lisvale|Wessmark|Oruba", question)[0]
        assert not any(text.startswith("- ") and named in text for text in said)

    def test_one_that_is_counted_in_is_named_and_the_country_is_counted(self, table):
        assert " 4 member cities in Osterland, as of" in table("Counting Kestrin, how many cities has Osterland?")[0]

        without = table("How many cities has Osterland, not counting Kestrin?")[0]
        assert " 3 member cities in Osterland besides Kestrin, as of" in without

    def test_no_row_tells_a_number_of_something_else(self, table):
        assert table("How many are there in Kestrin?") == []
        assert table("How many years has Kestrin been a member?")[0].startswith("Kestrin")

    @pytest.mark.parametrize(
        ("question", "head", "first"),
        [
            (
                "Which Norlandish cities are not in the field of music?",
                "4 Cities of any field but Music in Norland, as of 8 November 2021:",
                "- Design (1): Wessmark (2014)",
            ),
            (
                "How many Osterlandish members are there other than cities of design?",
                "3 Cities of any field but Design in Osterland, as of 8 November 2021:",
                "- Crafts and Folk Art (1): Młynów (2021)",
            ),
        ],
    )
    def test_what_lies_outside_a_field_is_told_of_the_other_fields(self, table, question, head, first):
        said = table(question)

        assert head in said[0]
        assert said[1] == first

    def test_a_wrong_field_is_corrected_before_others_of_the_right_one_are_told(self, table):
        said = table("Lisvale being a film city, which other cities have its field?")

        assert said[0] == f"Correction: {LISVALE}"
        assert said[2] == "By our count there are 3 Cities of Music besides Lisvale, as of 8 November 2021:"

    @pytest.mark.parametrize(
        "question", ["Who joined first, Wessmark or Lisvale?", "Did Lisvale enter earlier than Wessmark?"]
    )
    def test_of_two_cities_the_one_that_came_first_is_told_first(self, table, question):
        assert table(question)[0] == "By our table Lisvale (2006) was designated before Wessmark (2014)."

    @pytest.mark.parametrize(("as_of", "count"), [("2022", 1), ("2021", 1), ("2020", 0), ("2021-03", 0)])
    def test_a_city_that_joined_later_is_not_told_as_of_an_earlier_day(self, table, as_of, count):
        said = table("When did Saint-Orme join?", as_of=as_of)

        assert said == count * [row("Saint-Orme", "Norland", "Gastronomy", 2021)]

    def test_a_word_of_a_name_is_not_replaced_by_the_glossary(self, tmp_path):
        desk = open_desk(write_network(tmp_path), Glossary((("town", "city"),)))

        assert texts(desk.table("When did Marrow Town join?")) == [row("Marrow Town", "Sudmark", "Literature", 2021)]

    @pytest.mark.parametrize(
        "question",
        [
            "Who is the mayor of Lisvale?",
            "How many concert halls does Lisvale have?",
            "Which festivals does Lisvale hold?",
            "What is the e-mail address of Lisvale?",
            "How does Lisvale report?",
            "How can Lisvale join the Network?",
            "How many inhabitants does Lisvale have?",
            "Why is Lisvale a City of Music?",
            "What did Lisvale promise when it joined?",
            "How many cities of Norland can be designated in 2027?",
        ],
    )
    def test_what_the_table_does_not_hold_is_not_answered_from_it(self, table, question):
        assert table(question) == []


class TestNoMember:
    @pytest.mark.parametrize(
        "question",
        [
            "Is Xanadu a member of the Network?",
            "Is Xanadu a member city?",
            "Has Xanadu joined the Network?",
            "When did Xanadu join?",
            "When was Xanadu made a City of Music?",
            "Since Xanadu is a City of Music, when did it join?",
            "Since when has Xanadu been a City of Music?",
            "In which field is Xanadu a creative city?",
        ],
    )
    def test_a_name_that_is_not_in_the_table_is_told_to_be_missing(self, table, question):
        assert table(question) == ["The table of all 12 member cities has no entry “Xanadu”, as of 8 November 2021."]

    def test_it_rests_on_the_sentence_that_opens_the_table(self, desk):
        (said,) = desk.table("Is Xanadu a member of the Network?")

        assert quotes(said, desk) == ["This table lists all 12 member cities as of 8 November 2021."]

    @pytest.mark.parametrize(
        "question",
        [
            "Is Xanadu or Shangri a member?",
            "Who is Xanadu?",
            "Is the mayor of Xanadu a member?",
        ],
    )
    def test_another_question_about_such_a_name_is_left_open(self, table, question):
        assert table(question) == []

    def test_a_table_that_no_published_total_confirms_does_not_say_who_is_missing(self, tmp_path):
        desk = open_desk(write_network(tmp_path, facts=changed(FACTS, "cities,12,cities", "cities,11,cities")))

        assert desk.table("Is Xanadu a member of the Network?") == []
        assert desk.table("How many member cities does Midria have?") == []


class TestCounts:
    def test_a_country_is_counted_and_its_cities_are_listed_by_field(self, table):
        assert table("How many member cities does Norland have?") == [
            "By our count there are 5 member cities in Norland, as of 8 November 2021:",
            "- Design (1): Wessmark (2014)",
            "- Film (2): Ardmouth (2006), Torbeck (2014)",
            "- Gastronomy (1): Saint-Orme (2021)",
            "- Music (1): Lisvale (2006)",
            NOT_FIRM,
            "By its commission, Norland had three member cities in 2018.",
        ]

    @pytest.mark.parametrize("name", ["Norland", "the Kingdom of Norland", "KN", "norland", "Norlande", "Norlnad"])
    def test_a_country_may_be_called_by_any_of_its_names(self, table, name):
        assert table(f"How many member cities does {name} have?")[0].startswith(
            "By our count there are 5 member cities in Norland,"
        )

    def test_a_count_is_bold_and_rests_on_the_rows_that_it_counts(self, desk):
        head = desk.table("How many member cities does Norland have?")[0]

        assert bold(head) == ["5"]
        assert {city.country for city in head.cities} == {"Norland"}
        assert len(head.cities) == 5
        assert all(any(city_statement(city) in quote for quote in quotes(head, desk)) for city in head.cities)

    def test_a_quote_holds_no_row_that_is_not_counted(self, desk):
        for question in ("How many Cities of Film are there?", "Which cities joined in 2014?", "Cities in Norland"):
            for statement in desk.table(question):
                told = set(statement.cities)
                for city in set(desk.tables.cities) - told if told else ():
                    assert not any(city_statement(city) in quote for quote in quotes(statement, desk)), statement.text

    @pytest.mark.parametrize(
        ("question", "view"),
        [
            ("How many member cities does Norland have?", "member-cities"),
            ("How many Cities of Music are there?", "member-cities-by-field"),
            ("How many cities joined in 2014?", "member-cities-by-year"),
        ],
    )
    def test_cities_that_are_counted_together_are_quoted_in_one_stretch(self, desk, question, view):
        head = desk.table(question)[0]

        assert [span.source_id for span in head.spans] == [view]

    @pytest.mark.parametrize("question", ["Which Norlandish cities are Cities of Film?", "Film cities in Norland"])
    def test_a_field_of_a_country_is_listed_by_year(self, table, question):
        assert table(question) == [
            "By our count there are 2 Cities of Film in Norland, as of 8 November 2021:",
            "- Ardmouth (2006), Torbeck (2014)",
            NOT_FIRM,
        ]

    def test_what_was_stated_of_the_same_country_and_field_before_follows(self, table):
        said = table("How many Cities of Film does Norland have?")

        assert said[-1] == "By its commission, Norland had one City of Film in 2010."

    def test_a_stated_count_that_agrees_is_not_repeated(self, table):
        assert not any("January 2022" in text for text in table("How many member cities does Norland have?"))

    def test_several_fields_are_counted_together(self, table):
        assert table("How many cities does Norland have in Film and Design?")[:3] == [
            "By our count there are 3 Cities of Film or Design in Norland, as of 8 November 2021:",
            "- Design (1): Wessmark (2014)",
            "- Film (2): Ardmouth (2006), Torbeck (2014)",
        ]

    def test_a_field_is_listed_by_country(self, table):
        assert table("List all Cities of Music") == [
            "By our count there are 4 Cities of Music, as of 8 November 2021:",
            "- Norland (1): Lisvale (2006)",
            "- Osterland (2): Kestrin (2014), Port Aldane (2017)",
            "- Sudmark (1): Oruba (2017)",
        ]

    @pytest.mark.parametrize(
        ("region", "count", "unesco"),
        [
            ("Europe", 5, "Europe and North America"),
            ("Asia", 4, "Asia and the Pacific"),
            ("Africa", 2, "Africa"),
        ],
    )
    def test_a_region_is_unesco_s_and_said_so(self, table, region, count, unesco):
        head = table(f"How many member cities are in {region}?")[0]

        assert (
            head == f"By our count there are {count} member cities in UNESCO's region {unesco}, as of 8 November 2021:"
        )

    def test_cities_of_a_region_are_listed_with_their_country(self, table):
        assert table("Which member cities are in Africa?")[1:] == [
            "- Literature (1): Marrow Town (Sudmark, 2021)",
            "- Music (1): Oruba (Sudmark, 2017)",
        ]

    def test_the_only_city_is_told_by_its_row(self, table):
        assert table("Which city of Norland is a City of Music?") == [LISVALE, LISVALE_NOTE]
        assert table("Which city is a City of Gastronomy?") == [row("Saint-Orme", "Norland", "Gastronomy", 2021)]

    @pytest.mark.parametrize(
        "question", ["How many member cities does Solmere have?", "How many Cities of Gastronomy?"]
    )
    def test_a_count_of_one_says_one(self, table, question):
        assert re.search(r"\b(?:1|one)\b", table(question)[0])

    @pytest.mark.parametrize(
        ("question", "said"),
        [
            ("How many member cities does Midria have?", "no member city in Midria, as of 8 November 2021."),
            ("How many Cities of Film does Osterland have?", "no City of Film in Osterland, as of 8 November 2021."),
            ("Which Cities of Media Arts are there?", "no City of Media Arts, as of 8 November 2021."),
            ("How many member cities does Norland have in Architecture?", "no City of Architecture in Norland, as of"),
            ("Does Norland have a City of Architecture?", "no City of Architecture in Norland, as of 8 November 2021."),
            ("Which cities joined in 2012?", "no member city designated in 2012."),
            ("How many member cities did Norland have in 2005?", "no member city in Norland by the end of 2005."),
        ],
    )
    def test_where_there_is_none_it_says_so(self, table, question, said):
        (only,) = table(question)

        assert only.startswith(f"By our table there is {said}")

    def test_a_long_list_is_counted_without_its_names_and_named_where_asked(self, tmp_path):
        rows = [f"Villa{chr(97 + n)},Norland,Europe and North America,Design,2010,,,,U1,high,\n" for n in range(26)]
        desk = open_desk(write_network(tmp_path, cities=CITIES + "".join(rows), facts=None))

        counted = texts(desk.table("How many member cities does Norland have?"))
        listed = texts(desk.table("Which member cities does Norland have?"))

        assert counted == ["By our count there are 31 member cities in Norland."]
        assert listed[0] == "By our count there are 31 member cities in Norland:"
        assert "Villaz (2010)" in listed[1]

    @pytest.mark.parametrize(
        "question",
        [
            "How many cities are not in Norland?",
            "How many cities outside Norland are there?",
            "Which cities of Norland are not Cities of Film?",
            "Which cities of Norland other than Ardmouth are Cities of Film?",
            "Cities in Norland except Lisvale",
        ],
    )
    def test_an_exception_is_not_answered_with_what_it_leaves_out(self, table, question):
        left_out = ("By our count there are 5 member", "By our count there are 2 Cities of Film", "Ardmouth")

        assert [text for text in table(question) if text.startswith(left_out)] == []

    def test_fields_are_not_counted_as_cities(self, table):
        assert [text for text in table("How many fields does Norland have?") if "5 member cities" in text] == []

    @pytest.mark.parametrize(
        "question",
        [
            "How many museums do the cities of Norland have?",
            "How many inhabitants have the Cities of Film?",
            "Which cities of Norland have a university?",
            "Which cities of Norland lost the title?",
            "What does membership cost a city in Norland?",
            "How can a city of Norland apply?",
            "How can a city of Norland join?",
            "Who decides which cities of Norland are members?",
        ],
    )
    def test_a_question_of_something_else_is_left_to_the_documents(self, table, question):
        assert table(question) == []


class TestPeriods:
    @pytest.mark.parametrize(
        ("question", "count", "period"),
        [
            ("How many cities of Norland joined in 2014?", 2, "designated in 2014"),
            ("How many cities of Norland joined since 2014?", 3, "designated since 2014"),
            ("How many cities of Norland joined between 2006 and 2014?", 4, "designated from 2006 to 2014"),
            ("How many cities of Norland joined from 2014 to 2021?", 3, "designated from 2014 to 2021"),
            ("How many cities of Norland joined after 2006?", 3, "designated after 2006"),
        ],
    )
    def test_designations_of_a_time_are_counted(self, table, question, count, period):
        assert table(question)[0] == f"By our count there are {count} member cities in Norland {period}:"

    @pytest.mark.parametrize(
        ("question", "count", "period"),
        [
            ("How many member cities did Norland have in 2014?", 4, "by the end of 2014"),
            ("How many member cities did Norland have in December 2014?", 4, "by the end of 2014"),
            ("How many cities of Norland had the title in 2014?", 4, "by the end of 2014"),
            ("How many member cities did Norland have in June 2014?", 2, "by the end of 2013"),
            ("How many member cities did Norland have before 2014?", 2, "before 2014"),
            ("How many member cities did Norland have until 2013?", 2, "by the end of 2013"),
        ],
    )
    def test_members_at_a_time_are_those_designated_by_then(self, table, question, count, period):
        assert table(question)[0] == f"By our count there were {count} member cities in Norland {period}:"

    @pytest.mark.parametrize(
        ("as_of", "count", "year"), [("2014", 4, 2014), ("2014-03", 2, 2013), ("2013-12-31", 2, 2013)]
    )
    def test_as_of_counts_what_was_a_member_then(self, table, as_of, count, year):
        said = table("How many member cities does Norland have?", as_of=as_of)

        assert said[0] == f"By our count there were {count} member cities in Norland by the end of {year}:"
        assert not any("2021" in text for text in said)

    def test_cities_of_a_group_stand_in_the_order_of_their_years(self, table):
        assert "- Music (2): Lisvale (Norland, 2006), Kestrin (Osterland, 2014)" in table(
            "Which cities joined between 2006 and 2014?"
        )

    def test_a_year_on_its_own_asks_for_the_cities_of_that_year(self, table):
        assert table("Which cities joined in 2017?") == [
            "By our count there are 2 member cities designated in 2017:",
            "- Osterland (1): Port Aldane (2017)",
            "- Sudmark (1): Oruba (2017)",
        ]


class TestCountriesByWhatTheyHave:
    @pytest.mark.parametrize(
        ("question", "said"),
        [
            (
                "Which countries have only one member city?",
                ["1 country has exactly 1 member city, as of 8 November 2021:", "- Solmere (2021)"],
            ),
            (
                "How many countries have more than three creative cities?",
                ["2 countries have more than 3 member cities, as of 8 November 2021:", "- Norland (5), Osterland (4)"],
            ),
            (
                "Which countries have two or more music cities?",
                ["1 country has at least 2 Cities of Music, as of 8 November 2021:", "- Osterland (2)"],
            ),
            (
                "countries with fewer than 3 member cities",
                ["2 countries have fewer than 3 member cities, as of 8 November 2021:", "- Sudmark (2), Solmere (1)"],
            ),
            (
                "How many countries had at most 2 member cities in 2017?",
                ["1 country has at most 2 member cities by the end of 2017:", "- Oruba (2017)"],
            ),
            (
                "Which countries have both a City of Music and a City of Literature?",
                ["1 country has a City of Music and a City of Literature, as of 8 November 2021:", "- Sudmark (2)"],
            ),
            (
                "Which countries have a City of Literature but no City of Music?",
                ["1 country has a City of Literature and no City of Music, as of 8 November 2021:", "- Solmere (2021)"],
            ),
            (
                "Which country got its first creative city in 2017?",
                ["1 country had its first member city designated in 2017:", "- Oruba (2017)"],
            ),
            (
                "How many countries joined for the first time in 2014?",
                ["1 country had its first member city designated in 2014:", "- Osterland (2)"],
            ),
        ],
    )
    def test_countries_are_counted_and_told(self, table, question, said):
        head, line = table(question)

        assert head.startswith("By our count ")
        assert [head.removeprefix("By our count "), line] == said

    def test_new_cities_are_not_the_first_of_their_country(self, table):
        head, _ = table("Which countries got new cities in 2021?")

        assert head == "By our count 4 countries have a member city designated in 2021:"

    def test_at_least_one_is_every_country_that_is_counted(self, table):
        head, _ = table("How many countries have at least one member city?")

        assert head == "By our count 4 countries have a member city, as of 8 November 2021:"

    @pytest.mark.parametrize(
        ("question", "said"),
        [
            ("Which fields does Sudmark not have?", "no City of any field but Literature or Music in Sudmark, as of "),
            (
                "In which creative fields does Norland have no city?",
                "no City of Architecture or Crafts and Folk Art or L",
            ),
            ("Which Arab countries have no creative city?", "no member city in Midria, as of 8 November 2021."),
            (
                "Which countries of Africa are without a city of film?",
                "no City of Film in Sudmark, as of 8 November 2021",
            ),
        ],
    )
    def test_what_is_missing_is_told(self, table, question, said):
        assert table(question)[0].startswith(f"By our table there is {said}")

    @pytest.mark.parametrize(
        "question",
        [
            "Which countries have no creative city?",
            "Which countries have only one mayor?",
            "Which countries have more than two cities by the sea?",
            "Which countries sent their first bid in 2017?",
            "Which countries of Africa have no city by the sea?",
            "Which countries have member cities and are not in Africa?",
            "Which countries may have two cities in a call?",
            "In which countries are there no film cities?",
            "Which countries have a city of film or music but no city of design?",
            "Which fields does the jury not have?",
        ],
    )
    def test_what_the_table_does_not_hold_is_left_open(self, table, question):
        assert table(question) == []

    @pytest.mark.parametrize(
        ("question", "old", "new"),
        [
            ("Which countries have only one member city?", "exactly 1", "exactly 2"),
            ("Which countries have only one member city?", "exactly 1", "at most 1"),
            ("How many countries have more than three creative cities?", "more than 3", "more than 4"),
            ("How many countries have more than three creative cities?", "**2**", "**3**"),
            ("How many countries have more than three creative cities?", "member cities", "Cities of Music"),
            ("Which countries have two or more music cities?", "at least 2", "exactly 1"),
            ("Which countries have both a City of Music and a City of Literature?", "City of Music", "City of Film"),
            ("Which countries have both a City of Music and a City of Literature?", "and a", "and no"),
            ("Which countries have a City of Literature but no City of Music?", "and no", "and a"),
            ("Which countries have a City of Literature but no City of Music?", "of Music", "of Literature"),
            ("Which country got its first creative city in 2017?", "in 2017", "in 2021"),
            ("Which country got its first creative city in 2017?", "had its first", "had their last"),
            ("Which country got its first creative city in 2017?", "**1**", "**2**"),
            ("Which country got its first creative city in 2017?", "member city", "City of Film"),
            ("Which fields does Sudmark not have?", "Sudmark", "Osterland"),
        ],
    )
    def test_another_claim_over_the_same_rows_does_not_pass(self, desk, question, old, new):
        head, *_ = desk.table(question)

        assert supported(head, desk.sources)
        text = changed(head.text, old, new)
        right = (old, new) in (("exactly 1", "at most 1"), ("at least 2", "exactly 1"))
        assert supported(replace(head, text=text), desk.sources) == (right and "at most" in text)

    def test_rows_of_a_country_that_are_left_out_are_noticed(self, desk):
        head, *_ = desk.table("How many countries have more than three creative cities?")
        fewer = [city for city in head.cities if city.country == "Norland"]
        alone, *_ = desk.table("Which Norlandish cities are members?")

        text = head.text.replace("**2** countries have", "**1** country has")
        assert not supported(replace(head, text=text, cities=tuple(fewer), spans=alone.spans), desk.sources)

    @pytest.mark.parametrize("language", LANGUAGES)
    def test_it_is_told_in_every_language(self, desk, language):
        for question in (
            "How many countries have more than three creative cities?",
            "Which countries have a City of Literature but no City of Music?",
            "Which country got its first creative city in 2017?",
        ):
            head, *_ = desk.table(question)
            (told,) = worded([head], phrases_of(language), desk.tables.countries)

            assert told.text != head.text
            assert bold(told) == bold(head)


class TestFirstAndMost:
    def test_the_first_city_is_named_with_its_year(self, table):
        assert table("Which was the first City of Film?") == [
            "By our table the first City of Film is Ardmouth (Norland), Film, designated in 2006."
        ]

    @pytest.mark.parametrize(
        ("question", "who"),
        [
            (
                "Was Torbeck in Norland the first City of Film?",
                "first City of Film in Norland is Ardmouth (Norland), Film",
            ),
            ("Was Ardmouth the very first City of Film?", "first City of Film is Ardmouth (Norland), Film"),
            ("Is Kestrin the newest City of Music?", "latest Cities of Music are 2 of 2017:"),
        ],
    )
    def test_who_was_first_is_told_whoever_is_named(self, table, question, who):
        assert who in table(question)[0]

    def test_the_latest_city_is_named_with_its_year(self, table):
        assert table("Which is the newest member city of Osterland?") == [
            "By our table the latest member city in Osterland is Młynów (Osterland), Crafts and Folk Art, "
            "designated in 2021."
        ]

    def test_first_cities_of_one_year_are_all_named(self, table):
        assert table("Which was the first City of Design?") == [
            "By our table the first Cities of Design are 2 of 2014:",
            "- Norland (1): Wessmark (2014)",
            "- Osterland (1): Torbeck (2014)",
        ]

    def test_the_country_with_the_most_comes_before_the_next_ones(self, table):
        assert table("Which country has the most member cities?") == [
            "By our count Norland has the most member cities, 5, as of 8 November 2021.",
            "After that come Osterland (4), Sudmark (2), Solmere (1).",
        ]

    def test_the_country_with_the_fewest_comes_first_where_that_is_asked(self, table):
        assert table("Which country has the fewest member cities?")[0] == (
            "By our count Solmere has the fewest member cities, 1, as of 8 November 2021."
        )

    def test_countries_that_share_the_first_place_are_named_together(self, table):
        assert table("Which country has the most Cities of Literature?") == [
            "By our count Sudmark and Solmere each have the most Cities of Literature, 1, as of 8 November 2021."
        ]

    def test_the_field_with_the_most_is_found(self, table):
        assert table("Which field has the most cities?")[0] == (
            "By our count Music has the most member cities, 4, as of 8 November 2021."
        )

    def test_countries_are_compared_the_larger_first(self, table):
        assert table("Does Osterland or Norland have more member cities?") == [
            "By our count there are more member cities in Norland than in Osterland: 5 and 4, as of 8 November 2021."
        ]

    def test_fields_are_compared_the_larger_first(self, table):
        assert table("Are there more Cities of Film or Cities of Music?") == [
            "By our count there are more Cities of Music than Cities of Film: 4 and 2, as of 8 November 2021."
        ]

    @pytest.mark.parametrize(
        "question", ["Did more cities join in 2014 or in 2017?", "Were there more new cities in 2017 than in 2014?"]
    )
    def test_years_are_compared_by_their_new_cities(self, table, question):
        assert table(question) == [
            "By our count there are more member cities designated in 2014 than designated in 2017: 4 and 2."
        ]

    def test_the_year_with_the_most_new_cities_is_found(self, table):
        assert table("In which year did the most cities join?") == [
            "By our count the most member cities were designated in 2014 and 2021, 4, as of 8 November 2021."
        ]

    @pytest.mark.parametrize(
        ("question", "opening"),
        [("Norland has 7 cities, right?", "Correction: "), ("Norland has 5 member cities, correct?", "Yes: ")],
    )
    def test_a_count_that_is_stated_is_confirmed_or_corrected(self, table, question, opening):
        assert table(question)[0].startswith(f"{opening}By our count there are 5 member cities in Norland")

    def test_a_country_and_a_region_side_by_side_are_alternatives(self, table):
        assert table("Music cities in Osterland and Africa")[0] == (
            "By our count there are 3 Cities of Music in Osterland or UNESCO's region Africa, as of 8 November 2021:"
        )

    def test_a_region_around_a_country_changes_nothing(self, table):
        assert "in Norland, as of" in table("How many cities has Norland in Europe?")[0]

    def test_a_country_without_a_city_is_not_left_out_of_a_comparison(self, table):
        said = table("Does Norland or Midria have more member cities?")

        assert said[0] == "By our count there are 5 member cities in Norland, as of 8 November 2021."
        assert any("Midria" in text for text in said)

    @pytest.mark.parametrize(
        "question", ["How many countries have a City of Music?", "Which countries have a City of Music?"]
    )
    def test_countries_of_a_field_are_counted_with_their_cities(self, table, question):
        assert table(question) == [
            "By our count 3 countries have a City of Music, as of 8 November 2021:",
            "- Norland (1), Osterland (2), Sudmark (1)",
        ]

    def test_one_country_is_not_several(self, table):
        said = table("How many countries have a City of Film?")

        assert "1 countries" not in said[0]
        assert "Norland (2)" in said[1]

    @pytest.mark.parametrize(
        "question",
        [
            "Which country has the second most member cities?",
            "Which is the third City of Music?",
            "Which countries have no member city?",
        ],
    )
    def test_a_rank_that_is_not_computed_is_left_open(self, table, question):
        assert table(question) == []


# Countries of the tables whose names stand with an article in a sentence.
WITH_ARTICLE = (
    "United Democratic Dominican Central Lao Republic Russian Syrian Bahamas Comoros Cook Gambia Maldives Marshall "
    "Netherlands Philippines Solomon"
).split()


class TestProjectsCorpus:
    """Each row and each country of the table that is served."""

    def test_every_city_answers_which_field_and_since_when(self, real_desk):
        wrong = [
            city.name
            for city in real_desk.tables.cities
            if not self.told(
                real_desk,
                f"Which creative field is {place(city)} ({city.country}) in, and since when is it a member?",
                city,
            )
        ]

        assert len(real_desk.tables.cities) == 408
        assert wrong == []

    def test_every_city_answers_since_when(self, real_desk):
        names = Counter(place(city) for city in real_desk.tables.cities)
        wrong = [
            city.name
            for city in real_desk.tables.cities
            if not self.told(
                real_desk, f"Since when is {place(city)} a member?", city, among_others=names[place(city)] > 1
            )
        ]

        assert [name for name, count in names.items() if count > 1] == ["Granada"]
        assert wrong == []

    @staticmethod
    def told(desk, question, city, among_others=False):
        """Say whether the row of a city is the first statement, or one of them, with the year in bold."""
        statements = desk.table(question)
        said = f"{place(city)} ({city.country}) {IN_FIELD.format(city.field, f'**{city.year}**')}"
        return (
            said in [statement.text for statement in statements[: None if among_others else 1]]
            and all(supported(statement, desk.sources) for statement in statements)
            and not desk.facts(question)
        )

    def test_a_continent_is_counted_by_geography_and_beside_it_as_unesco_counts(self, real_desk):
        said = real_desk.table("How many members are there in Africa?")
        africa = next(group for group in real_desk.tables.groups if group.name == "Africa")
        cities = real_desk.tables.cities
        counts = (
            sum(city.country in africa.countries for city in cities),
            sum(city.region == "Africa" for city in cities),
        )

        assert counts[0] > counts[1]
        assert [bold(statement) for statement in said] == [[str(count)] for count in counts]
        assert " in Africa, as of" in said[0].text
        assert " in UNESCO's region Africa, as of" in said[1].text
        assert checked(said, real_desk)
        assert worded(said[:1], phrases_of("fr"), real_desk.tables.countries)[0].text.count("Afrique") == 1

    @pytest.mark.parametrize(
        ("question", "where"),
        [
            ("How many members are there in Africa and the Arab States?", "UNESCO's region Arab States and Africa"),
            ("How many music cities are in Japan and Africa?", "Japan or UNESCO's region Africa"),
            ("How many African members are in Egypt?", "Egypt"),
        ],
    )
    def test_beside_a_region_or_a_country_africa_is_what_unesco_calls_so(self, real_desk, question, where):
        said = real_desk.table(question)

        assert f" in {where}, as of" in said[0].text
        assert checked(said, real_desk)

    def test_groups_of_countries_are_compared_one_by_one(self, real_desk):
        europe, africa = real_desk.table("Does Africa have more cities than Europe?")

        assert " in Europe, as of" in europe.text
        assert " in Africa, as of" in africa.text
        assert int(bold(europe)[0]) > int(bold(africa)[0])

    def test_every_subdivision_answers_how_many_cities_it_has(self, real_desk):
        wrong = []
        cities = {place(city) for city in real_desk.tables.cities}
        for part in subdivisions(real_desk):
            if part.name in cities:
                continue  # Berlin is asked about as a city
            names = [name for name in (part.name, *part.aliases) if named_group(real_desk, name) == part]
            statements = real_desk.table(f"How many member cities are there in {names[0]}?") if names else []
            said = "\n".join(texts(statements))
            count = len(part.cities)
            right = count != 1 or place(next(city for city in real_desk.tables.cities if lies_in(city, part))) in said
            if count != 1:
                right = f" {count or 'no'} member cit" in said and f" in {part.name}, as of" in said
            if not (names and right and checked(statements, real_desk)):
                wrong.append((part.name, count, said))

        assert len(subdivisions(real_desk)) > 380
        assert wrong == []

    def test_a_city_lies_in_one_subdivision_at_most(self, real_desk):
        held = Counter((name, part.countries) for part in subdivisions(real_desk) for name in part.cities)

        assert set(held.values()) == {1}

    @pytest.mark.parametrize(
        ("question", "first"),
        [
            ("Which US cities in Texas are members?", "By our count there are **2** member cities in Texas, as of "),
            (
                "Which Scottish city is a City of Literature?",
                "Edinburgh (United Kingdom) is a UNESCO Creative City of ",
            ),
            (
                "Has Scotland more member cities than Wales?",
                "By our count there are **4** member cities in Scotland, as of ",
            ),
            ("What was the first member city in Catalonia?", "By our table the first member city in Catalonia is "),
            ("Is Austin, Texas a member city?", "Yes: Austin (United States of America) is a UNESCO Creative City of "),
            ("Is Austin in Ohio a member city?", "Correction: Austin (United States of America) is a UNESCO Creative "),
            ("Are there member cities in California?", "By our table there is **no** member city in California, as "),
            ("How many cities of Flanders and Wallonia are members?", "By our count there are **5** member cities in "),
        ],
    )
    def test_a_state_a_province_or_a_region_is_a_place(self, real_desk, question, first):
        said = real_desk.table(question)

        assert said[0].text.startswith(first)
        assert checked(said, real_desk)

    @pytest.mark.parametrize(
        ("question", "said"),
        [
            (
                "Which US state has the most member cities?",
                "By our count Texas has the most member cities in the United States of America, 2",
            ),
            (
                "Which Chinese province has the most Cities of Gastronomy?",
                "By our count Guangdong and Jiangsu each have the most Cities of Gastronomy in China, 2",
            ),
            (
                "How many US states have a City of Literature?",
                "By our count 2 states, provinces or regions in the United States of America have a City of Literature",
            ),
            (
                "Which Brazilian states have member cities?",
                "By our count 12 states, provinces or regions in Brazil have a member city",
            ),
        ],
    )
    def test_subdivisions_of_a_country_are_counted_and_compared(self, real_desk, question, said):
        statements = real_desk.table(question)

        assert re.split(r", as of 31 October 2025[.:]", texts(statements)[0]) == [said, ""]
        assert checked(statements, real_desk)
        assert len(statements) == 2

    def test_no_subdivisions_are_compared_where_some_cities_lie_in_none(self, real_desk):
        assert real_desk.table("Which Portuguese region has the most member cities?") == []

    @pytest.mark.parametrize(
        ("old", "new"), [("Texas", "Iowa"), ("Texas", "Texas and Iowa"), (", **2**", ", **1**"), ("most", "fewest")]
    )
    def test_another_subdivision_with_the_most_does_not_pass(self, real_desk, old, new):
        head, _ = real_desk.table("Which US state has the most member cities?")

        assert not supported(replace(head, text=changed(head.text, old, new)), real_desk.sources)

    @pytest.mark.parametrize(("old", "new"), [("**9**", "**10**"), ("the United States of America", "Canada")])
    def test_another_count_of_subdivisions_does_not_pass(self, real_desk, old, new):
        head, _ = real_desk.table("How many US states have a member city?")

        assert supported(head, real_desk.sources)
        assert not supported(replace(head, text=changed(head.text, old, new)), real_desk.sources)

    def test_cities_of_a_subdivision_are_quoted_under_its_name(self, real_desk):
        head, *lines = real_desk.table("Which cities in Scotland are members?")

        assert [(span.source_id, span.section) for span in head.spans] == [
            ("member-cities-by-subdivision", "Scotland, United Kingdom")
        ]
        assert lines[0].text == "- Crafts and Folk Art (1): Perth (2021)"

    @pytest.mark.parametrize(
        ("old", "new"), [("Scotland", "Wales"), ("Scotland", "England"), ("**4**", "**3**"), ("in Scotland", "in Ohio")]
    )
    def test_a_count_of_another_subdivision_does_not_pass(self, real_desk, old, new):
        head, *_ = real_desk.table("How many member cities are there in Scotland?")

        assert supported(head, real_desk.sources)
        assert not supported(replace(head, text=changed(head.text, old, new)), real_desk.sources)

    def test_a_part_of_the_rows_of_a_subdivision_does_not_pass(self, real_desk):
        head, *_ = real_desk.table("How many member cities are there in Texas?")
        (span,) = head.spans
        one = head.cities[:1]
        quote = real_desk.sources[span.source_id].text[span.start : span.end]
        shorter = replace(span, end=span.start + quote.index("\n"))
        text = head.text.replace("are **2** member cities", "is **1** member city")

        assert not supported(replace(head, text=text, cities=one, spans=(shorter,)), real_desk.sources)

    def test_a_name_that_is_a_part_of_a_subdivision_is_not_said_to_be_missing(self, real_desk):
        (washington,) = real_desk.table("Is Washington in the network?")
        (paris,) = real_desk.table("Is Paris in the network?")

        assert not supported(washington, real_desk.sources)  # Seattle lies in Washington State
        assert supported(paris, real_desk.sources)

    def test_no_subdivision_is_counted_beside_another_country(self, real_desk):
        assert real_desk.table("How many member cities are there in Scotland and Ireland?") == []

    def test_every_country_answers_how_many_cities_it_has(self, real_desk):
        counts = Counter(city.country for city in real_desk.tables.cities)
        wrong = []
        for country in real_desk.tables.countries:
            statements = real_desk.table(f"How many member cities does {country.name} have?")
            count = counts[country.name]
            where = f"the {country.name}" if country.name.split()[0] in WITH_ARTICLE else country.name
            head = f"By our count there are **{count}** member cities in {where}, as of 31 October 2025:"
            if count == 0:
                head = f"By our table there is **no** member city in {where}, as of 31 October 2025."
            if count != 1 and not (statements and statements[0].text == head and checked(statements, real_desk)):
                wrong.append((country.name, count, texts(statements)[:1]))

        assert len(counts) == 108
        assert len(real_desk.tables.countries) > 190
        assert wrong == []

    def test_every_country_with_one_city_answers_how_many_it_has(self, real_desk):
        counts = Counter(city.country for city in real_desk.tables.cities)
        alone = [country for country, count in counts.items() if count == 1]
        wrong = []
        for country in alone:
            statements = real_desk.table(f"How many member cities does {country} have?")
            (city,) = [city for city in real_desk.tables.cities if city.country == country]
            said = "\n".join(texts(statements))
            if not (re.search(r"\b(?:1|one)\b", said) and place(city) in said and checked(statements, real_desk)):
                wrong.append(country)

        assert len(alone) == 36
        assert wrong == []

    def test_every_field_answers_how_many_cities_it_has(self, real_desk):
        for field, count in Counter(city.field for city in real_desk.tables.cities).items():
            statements = real_desk.table(f"How many Cities of {field} are there?")

            assert texts(statements)[0].startswith(f"By our count there are {count} Cities of {field}, as of"), field
            assert checked(statements, real_desk), field

    def test_every_year_answers_which_cities_it_brought(self, real_desk):
        for year, count in Counter(city.year for city in real_desk.tables.cities).items():
            statements = real_desk.table(f"Which cities joined in {year}?")
            said = "\n".join(texts(statements))

            assert checked(statements, real_desk), year
            assert all(place(city) in said for city in real_desk.tables.cities if city.year == year), year
            assert count == 1 or f"{count} member cities designated in {year}:" in said, year


def checked(statements, desk):
    return all(supported(statement, desk.sources) for statement in statements)


def test_that_a_call_brought_no_city_yet_is_no_answer_to_what_is_known_of_it(table):
    assert table("What is known of the 2027 call?") == []
    assert table("Tell me about the 2027 call") == []
    assert table("Which cities joined in 2027?")
    assert table("What is known of the 2021 call?")


def test_two_years_are_not_read_as_a_range(tmp_path):
    desk = open_desk(write_network(tmp_path / "corpus"))

    assert desk.table("Which cities of Norland joined in 2014 and 2017?") == []
    assert desk.table("Which cities of Norland joined between 2014 and 2017?") != []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("question", "figures"),
    [
        ("Who joined first, Wessmark or Lisvale?", "2006 2014"),
        ("Does Osterland or Norland have more member cities?", "5 4 8 2021"),
        ("Which has more cities, Africa or Asia?", "4 2 8 2021"),
        ("Which other cities are in Lisvale's field?", "3 8 2021"),
        ("Norland has 7 cities, right?", "5 8 2021"),
        ("In which year did the most cities join?", "2014 2021 4 8 2021"),
        ("Music cities in Osterland and Africa", "3 8 2021"),
    ],
)
def test_what_the_table_says_is_said_in_each_language(desk, language, question, figures):
    head = desk.table(question)[0]

    (said,) = worded([head], phrases_of(language), desk.tables.countries)

    told = re.sub(r"\D*11\D*(?=8|2021)|年11月", " ", said.text) if language == "zh" else said.text
    assert said.text != head.text
    assert not re.search(r"\b(?:By our|Correction|cities|besides)\b", said.text)
    assert sorted(re.findall(r"\d+", told)) == sorted(figures.split())


class TestPremises:
    """What a question takes a member city for, whatever it asks of it."""

    @pytest.mark.parametrize(
        "question",
        [
            "Why did Kestrin opt for film when it joined?",
            "What made the jury choose Kestrin for its design?",
            "How was Kestrin picked as a City of Literature?",
            "How did Kestrin celebrate when it joined in 2017?",
            "Why did the jury pick Kestrin in Norland, as a City of Music?",
        ],
    )
    def test_another_field_year_or_country_is_corrected(self, table, question):
        assert table(question) == [f"Correction: Kestrin (Osterland) {IN_FIELD.format('Music', 2014)}"]

    @pytest.mark.parametrize(
        "question",
        [
            "Which film festivals does Kestrin host?",
            "Who is in charge of the film school in Kestrin?",
            "Why did Kestrin opt for music when it joined?",
            "How did Kestrin celebrate when it joined in 2014?",
            "Why did Kestrin and Oruba opt for film?",
            "Why was Torbeck chosen for its design?",
        ],
    )
    def test_what_the_table_bears_out_or_a_question_does_not_say_is_not_corrected(self, table, question):
        assert not any(said.startswith("Correction") for said in table(question))

    def test_the_field_that_a_question_shares_with_others_is_the_one_it_names(self, table):
        said = table("Kestrin being a film city, which other places share this field?")

        assert said[0].startswith("Correction: Kestrin")
        assert any("Cities of Film" in line for line in said[1:])
