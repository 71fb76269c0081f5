import pytest
from small_network import open_desk, write_network

from assistant.refute import Records


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    desk = open_desk(write_network(tmp_path_factory.mktemp("network")))
    return Records(desk.tables, desk.places)


AGREED = (
    "Lisvale is a City of Music.",
    "Lisvale joined the Network in 2006.",
    "Wessmark (Norland) has been a member of the Network since 2014.",
    "Torbeck is a City of Film.",  # of one of the two cities of that name
    "Torbeck is a City of Design.",
    "Lisvale is not a City of Film.",  # what is denied is held against its statement, not against the table
    "The Network had 12 member cities on 8 November 2021.",
    "Four new cities joined the Network on 8 November 2021.",
    "Lisvale and Ardmouth are Cities of Music and Film.",
    "Lisvale hosted 14 meetings in 2019.",
    "The port of Lisvale has 3 cinemas, two of them for film.",
    "Norland had five member cities in January 2022.",
)
CONTRADICTED = {
    "Lisvale is a City of Film.": "City of Music",
    "Lisvale, a City of Gastronomy, has 14 halls.": "City of Music",
    "Lisvale joined the Network in 2014.": "2006",
    "Wessmark has been a member of the Network since 2006.": "2014",
    "Wessmark (Osterland) is a City of Design.": "Norland",
    "The Network had 13 member cities on 8 November 2021.": "12",
    "The UCCN had 9 member cities on 31 October 2017.": "8",
    "5 new cities joined the UCCN on 8 November 2021.": "4",
    "Norland had four member cities in January 2022.": "5",
}


@pytest.mark.parametrize("sentence", AGREED)
def test_what_table_and_facts_do_not_deny_is_not_refuted(records, sentence):
    assert records.refute(sentence) == ""


@pytest.mark.parametrize("sentence", CONTRADICTED)
def test_what_table_or_facts_deny_is_refuted_with_what_they_say(records, sentence):
    assert CONTRADICTED[sentence] in records.refute(sentence)
