import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.values import (
    date_reached,
    dates,
    emails,
    is_iso_date,
    money,
    numbers,
    phones,
    speak_date,
    urls,
    years,
)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("It closed on 15 May 2021.", ["2021-05-15"]),
        ("It closed on May 15, 2021.", ["2021-05-15"]),
        ("It closed on the 3rd of March 2025.", ["2025-03-03"]),
        ("It closed on 3rd March 2025.", ["2025-03-03"]),
        ("reported in October 2018", ["2018-10"]),
        ("reported in Sept. 2018", ["2018-09"]),
        ("since 2011", ["2011"]),
        ("published 2021-05-15 and 2020-07", ["2021-05-15", "2020-07"]),
        ("on 8 and 9 April 2019", ["2019-04-08"]),
        ("from 8 to 9 April 2019", ["2019-04-08"]),
        ("each year on 4 July", ["--07-04"]),
        ("between 2011 and 2015", ["2011", "2015"]),
        ("2,500 musicians", []),
        ("2015 musicians' letters cost $2015", ["2015"]),
        ("no date here", []),
    ],
)
def test_dates_are_read_as_exactly_as_they_are_written(text, iso):
    assert [date.iso for date in dates(text)] == iso


def test_a_date_is_marked_as_of_only_where_it_dates_the_statement():
    statement, event = dates("As of June 2022, the call that closed on 15 May 2021 is over.")

    assert (statement.iso, statement.as_of) == ("2022-06", True)
    assert (event.iso, event.as_of) == ("2021-05-15", False)


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ("By our table of 31 October 2025, Norland has two halls since 2023.", [True, False]),
        ("By press of July 2025, Norland leaves on 31 December 2026.", [True, False]),
        ("By the end of June 2025, Norland leaves.", [False]),
    ],
)
def test_the_date_of_who_says_it_is_no_date_of_an_event(text, marks):
    assert [date.as_of for date in dates(text)] == marks


def test_a_year_inside_a_longer_date_is_not_read_twice():
    assert len(dates("The deadline was 15 May 2021.")) == 1


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("180 member cities", [180]),
        ("1,000 designers", [1000]),
        ("1.2 trillion yuan", [1.2e12]),
        ("300 billion", [300e9]),
        ("five summits and twenty-one prizes", [5, 21]),
        ("nearly 3.7 billion people", [3.7e9]),
        ("in 2016 there were 116 cities", [116]),
        ("the 15 May 2021 deadline", []),
        ("54%", [54]),
        ("A4 paper and B2B", []),
        ("the report on COVID-19 has 70 practices", [70]),
    ],
)
def test_numbers_are_read_in_digits_and_words_and_dates_are_left_out(text, values):
    assert [number.value for number in numbers(text)] == values


def test_ordinals_are_told_from_counts():
    assert [(n.value, n.ordinal) for n in numbers("the third summit, the 17th letter, 4 cities")] == [
        (3, True),
        (17, True),
        (4, False),
    ]


def test_years_are_named_once_each():
    assert years("In 2011, in March 2011 and in 2015-06") == ("2011", "2015")


@pytest.mark.parametrize(
    ("find", "text", "found"),
    [
        (money, "It takes US$45 and 30 million yuan.", ["US$4", "30 million yuan"]),
        (emails, "Write to music@lisvale.example.org today.", ["music@lisvale.example.org"]),
        (urls, "See www.example.org/a or en.unesco.org/creative-cities.", None),
        (urls, "Write to music@lisvale.example.org.", []),
        (phones, "Call +33 1 45 68 10 00 or write.", ["+33 1 45 68 10 00"]),
        (phones, "It has 2,500 musicians since 2011.", []),
    ],
)
def test_addresses_and_sums_are_found_where_they_stand(find, text, found):
    shown = [text[start:end] for start, end in find(text)]

    if found is None:
        assert len(shown) == 2
    else:
        assert shown == found


@pytest.mark.parametrize(("iso", "spoken"), [("2022", "2022"), ("2022-06", "June 2022"), ("2022-06-04", "4 June 2022")])
def test_a_date_is_spoken_as_people_write_it(iso, spoken):
    assert speak_date(iso) == spoken
    assert dates(spoken)[0].iso == iso


@pytest.mark.parametrize("text", ["2022", "2022-06", "2022-06-24", "2024-02-29"])
def test_iso_dates_of_any_exactness_are_taken(text):
    assert is_iso_date(text)


@pytest.mark.parametrize(
    "text",
    ["", "22", "2022-13", "2022-02-30", "2023-02-29", "2022-6-1", "20220624", "24.06.2022", "soon", "2022-06-24T00"],
)
def test_what_is_no_iso_date_is_refused(text):
    assert not is_iso_date(text)


@pytest.mark.parametrize(
    ("iso", "limit", "reached"),
    [
        ("2021-05-15", "2021", True),
        ("2021", "2021-05-15", True),
        ("2022-06", "2021", False),
        ("2021-06", "2021-05-31", False),
        ("2021-05-31", "2021-05", True),
        ("", "2021", True),
        ("2021", "", True),
    ],
)
def test_a_date_is_reached_by_the_end_of_the_limit(iso, limit, reached):
    assert date_reached(iso, limit) is reached


@given(st.text(alphabet="0123456789 ,.-MayJune€$%stth/:@abc\n", max_size=60))
def test_whatever_the_text_every_value_has_a_span_inside_it(text):
    for value in (*dates(text), *numbers(text)):
        assert 0 <= value.start < value.end <= len(text)
    for start, end in (*money(text), *emails(text), *urls(text), *phones(text)):
        assert 0 <= start < end <= len(text)


@given(st.dates())
def test_every_day_that_is_written_out_is_read_back(day):
    if 1900 <= day.year <= 2099:
        assert [date.iso for date in dates(f"It was {speak_date(day.isoformat())}.")] == [day.isoformat()]


def test_a_span_of_years_has_both():
    assert years("Under the rules of about 2013-14, or 2018/19") == ("2013", "2018", "2014", "2019")
    assert years("on 2021-06-30, by 2021-07") == ("2021",)


@pytest.mark.parametrize(
    "text", ["over 10,000 Australian dollars", "50 New Zealand dollars", "2 million won", "300 Swedish kronor", "€5"]
)
def test_sums_are_found_in_any_currency(text):
    assert money(text)


def test_what_was_won_is_no_money():
    assert not money("In 2021 Busan won the title.")


@pytest.mark.parametrize("text", ["a page of about 2014-15", "2024-13", "on 2023-02-30", "2021-00-10", "31 June 2025"])
def test_what_no_calendar_has_is_no_day(text):
    assert all(is_iso_date(date.iso) for date in dates(text))
    assert not any(len(date.iso) > 7 for date in dates(text))


@given(st.text(alphabet="0123456789-/., JuneFbaryMc", max_size=24))
def test_every_date_of_a_text_is_one(text):
    assert all(date.iso[0] == "-" or is_iso_date(date.iso) for date in dates(text))
