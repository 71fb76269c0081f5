"""The names of places in a text, and the rows of the table that conditions leave."""

import re
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_network import open_desk, write_network

from assistant.chunk import chunk
from assistant.cities import REGIONS, Places, find, matching, plain, without_homes
from assistant.corpus import Tables, place, read_corpus
from assistant.errors import QuestionError
from assistant.records import City, Country
from assistant.vocabulary import STOP, Vocabulary

CORPUS = Path(__file__).parent.parent / "corpus"

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return open_desk(write_network(tmp_path_factory.mktemp("network")))


@pytest.fixture(scope="module")
def network_tables(desk):
    return desk.tables


@pytest.fixture(scope="module")
def places(desk):
    return desk.places


@pytest.fixture(scope="module")
def real_places():
    """The names of the project's own corpus, as the assistant takes them."""
    corpus = read_corpus(CORPUS)
    vocabulary = Vocabulary(passage for source in corpus.sources for passage in chunk(source))
    return Places(corpus.tables, words=STOP | vocabulary.small, names=vocabulary.names)


def places_of(*cities, countries=(), words=(), names=()):
    """The places of some cities, given as (name, country)."""
    rows = tuple(City(name, country, "Africa", "Music", 2021, ("U1",), firm=True) for name, country in cities)
    return Places(Tables(cities=rows, countries=tuple(countries)), words=words, names=names)


def said(places, text):
    """What a text says of places, each as (words, what they may mean)."""
    return [
        (text[found.start : found.end], "; ".join(city.name for city in found.cities) or found.country or found.region)
        for found in places.mentions(text)
    ]


def meant(places, text):
    return [meaning for _, meaning in said(places, text)]


class TestMentions:
    def test_names_are_found_in_the_order_of_the_text_where_they_stand(self, places):
        assert said(places, "Is Kestrin in Osterland older than Lisvale in Africa?") == [
            ("Kestrin", "Kestrin"),
            ("Osterland", "Osterland"),
            ("Lisvale", "Lisvale"),
            ("Africa", "Africa"),
        ]

    @pytest.mark.parametrize(
        "written",
        [
            "Lisvale",
            "lisvale",
            "LISVALE",
            "Lisvale's",
            "Lisvale’s",
            "Lisval",
            "Лисвейл",
            "лисвейл",
            "(Lisvale)",
            "Lisvale,",
            "“Lisvale”",
        ],
    )
    def test_a_city_is_known_however_it_is_written(self, places, written):
        assert meant(places, f"What is {written} known for?") == ["Lisvale"]

    @pytest.mark.parametrize(
        ("written", "name"), [("Oruba's", "Oruba"), ("Oruba’s", "Oruba"), ("KN's", "Norland"), ("KN’s", "Norland")]
    )
    def test_a_possessive_is_no_part_of_a_name(self, places, written, name):
        assert said(places, f"What is {written} oldest member city?") == [(written, name)]

    @pytest.mark.parametrize("written", ["Młynów", "Mlynow", "MŁYNÓW", "Mlynów"])
    def test_accents_may_be_left_out(self, places, written):
        assert meant(places, f"Is {written} a member?") == ["Młynów"]

    @pytest.mark.parametrize("written", ["Saint-Orme", "Saint Orme", "saint-orme", "Saint–Orme", "SAINT ORME"])
    def test_a_hyphen_may_be_a_space(self, places, written):
        assert said(places, f"Is {written} a member?") == [(written, "Saint-Orme")]

    @pytest.mark.parametrize("written", ["Wesmark", "Wessmarkk", "Wessmrak", "Wessmerk"])
    def test_one_wrong_letter_of_a_long_name_is_forgiven(self, places, written):
        assert meant(places, f"Is {written} a member?") == ["Wessmark"]

    @pytest.mark.parametrize("written", ["Essmark", "Westmoor", "Waldmark", "Wes", "mark", "Mlyno"])
    def test_another_word_is_not_bent_to_a_name(self, places, written):
        assert meant(places, f"Is {written} a member?") == []

    def test_a_short_name_must_be_spelt_right(self, places):
        assert meant(places, "Is Oruba a member?") == ["Oruba"]
        assert meant(places, "Is Orubo a member?") == []

    def test_a_name_of_several_cities_may_mean_each(self, places, desk):
        (found,) = places.mentions("When did Torbeck join?")

        assert found.cities == (desk.city("Torbeck", "Norland"), desk.city("Torbeck", "Osterland"))
        assert found.country == ""

    def test_the_longest_name_is_taken_where_several_begin(self):
        places = places_of(("Bissau", "Guinea Bissau"), ("Port", "Norland"), ("Port Aldane", "Norland"))

        assert meant(places, "Is Port Aldane a member, and is Port one?") == ["Port Aldane", "Port"]

    @pytest.mark.parametrize("longer", ["New Lisvale", "East Lisvale", "San Lisvale", "Port Lisvale"])
    def test_the_end_of_a_longer_name_is_not_the_city(self, places, longer):
        assert meant(places, f"Is {longer} a member?") == []

    def test_a_place_that_is_a_city_and_a_country_is_both(self, places, desk):
        (found,) = places.mentions("Is Solmere a member?")

        assert (found.cities, found.country) == ((desk.city("Solmere"),), "Solmere")

    @pytest.mark.parametrize(
        "written",
        ["Norland", "norland", "Norlandish", "Norlander", "Kingdom of Norland", "Norlande", "Норландия", "Nordland"],
    )
    def test_a_country_is_known_by_each_of_its_names(self, places, written):
        assert said(places, f"How many cities of {written} are members?") == [(written, "Norland")]

    def test_a_short_name_in_capitals_is_a_country_only_in_capitals(self, places):
        assert meant(places, "How many cities does KN have?") == ["Norland"]
        assert meant(places, "How many cities does kn have?") == []

    @pytest.mark.parametrize("alias", ["U.K.", "U.S.A.", "EE.UU."])
    def test_a_short_name_with_points_is_a_country(self, alias):
        places = places_of(countries=[Country("Norland", "XN", "Africa", aliases=(alias,))])

        assert meant(places, f"How many cities does the {alias} have?") == ["Norland"]

    @pytest.mark.parametrize("region", REGIONS)
    def test_a_region_is_known_by_each_of_its_names(self, places, region):
        for name in REGIONS[region]:
            assert meant(places, f"Which cities of {name.title()} are members?") == [region], name

    @pytest.mark.parametrize(
        ("text", "names"),
        [
            ("穆林是什么城市", [("穆林", "Kestrin")]),
            ("东国有多少城市", [("东国", "Osterland")]),
            ("东国的穆林", [("东国", "Osterland"), ("穆林", "Kestrin")]),
        ],
    )
    def test_names_are_found_in_a_text_without_spaces(self, places, text, names):
        assert said(places, text) == names

    @pytest.mark.parametrize("text", ["穆林", "穆林?", "Is 穆林 a member?"])
    def test_a_name_that_stands_alone_is_found_once(self, places, text):
        assert said(places, text) == [("穆林", "Kestrin")]

    def test_an_ordinary_word_is_a_name_only_with_a_capital(self):
        places = places_of(("Reading", "Norland"), words=("reading",))

        assert meant(places, "Is Reading a member?") == ["Reading"]
        assert meant(places, "What is worth reading about the Network?") == []

    def test_an_ordinary_word_is_not_bent_to_a_name(self):
        places = places_of(("Harbour", "Norland"), words=("harbours",))

        assert meant(places, "Which harbours are open?") == []
        assert meant(places, "Which harbuor is open?") == ["Harbour"]

    @pytest.mark.parametrize("city", ["Oruba", "Młynów", "Wessmark"])
    def test_a_city_that_only_the_tables_name_is_known_in_small_letters(self, places, city):
        assert meant(places, f"is {city.lower()} a member?") == [city]

    def test_a_name_of_two_words_counts_in_small_letters_too(self, places):
        assert meant(places, "is port aldane a member") == ["Port Aldane"]

    @pytest.mark.parametrize("text", ["", " ", "?", "🎵", "...", "a" * 2000, "\n\t", "'s"])
    def test_a_text_without_names_has_no_mention(self, places, text):
        assert places.mentions(text) == []

    @given(
        st.lists(
            st.sampled_from(
                "Lisvale Torbeck Port Aldane Saint-Orme new Norland of Kingdom 穆林 的 东国 Wesmark KN Asia and the"
                " Pacific Solmere's , ? Młynów".split()
            )
        ),
        st.sampled_from([" ", ", ", "-", ""]),
    )
    def test_mentions_stand_in_order_and_share_no_letter(self, places, words, joint):
        text = joint.join(words)

        found = places.mentions(text)

        assert all(0 <= one.start < one.end <= len(text) for one in found)
        assert all(one.end <= other.start for one, other in pairwise(found))
        assert all(one.cities or one.country or one.region for one in found)


class TestNamesOfTheProjectsCorpus:
    def test_every_name_of_a_city_leads_to_it(self, real_places):
        missed = [
            (city.name, name)
            for city in real_places.cities
            for name in (place(city), *city.aliases)
            if not any(city in found.cities for found in real_places.mentions(f"Is {name} a member?"))
        ]

        assert len(real_places.cities) == 408
        assert missed == []

    def test_a_city_is_known_in_small_letters(self, real_places):
        missed = [
            city.name
            for city in real_places.cities
            if not any(city in found.cities for found in real_places.mentions(f"is {place(city).lower()} a member?"))
        ]

        assert missed == []

    def test_every_english_name_of_a_country_leads_to_it(self, real_places):
        missed = [
            (country.name, name)
            for country in real_places.countries
            for name in (country.name, *country.aliases)
            if "(" not in name
            and country.name not in [found.country for found in real_places.mentions(f"What has {name}?")]
        ]

        assert missed == []


class TestCalled:
    def test_a_country_is_found_in_a_text_by_its_english_names(self, places):
        called = places.called(places.mentions("How many cities does KN have?"))

        assert list(called) == ["Norland"]
        assert all(called["Norland"].search(text) for text in ("in Norland.", "Norlandish cities", "the Norlanders"))
        assert not called["Norland"].search("Norlandia and Osterland")

    def test_a_city_is_found_in_a_text_by_its_name_and_aliases(self, places):
        called = places.called(places.mentions("When did Lisvale join?"))

        assert list(called) == ["Lisvale"]
        assert all(called["Lisvale"].search(text) for text in ("LISVALE", "of Lisval", "Лисвейл"))
        assert not called["Lisvale"].search("Lisvalese")

    def test_a_city_that_shares_its_name_is_found_without_its_country(self, places):
        called = places.called(places.mentions("When did Torbeck join?"))

        assert list(called) == ["Torbeck"]
        assert called["Torbeck"].search("Torbeck joined.")

    def test_a_city_state_is_found_as_the_city(self, places):
        called = places.called(places.mentions("Is Solmere a member?"))

        assert list(called) == ["Solmere"]
        assert called["Solmere"].search("Solmere joined.")
        assert not called["Solmere"].search("Solmerian")

    def test_a_region_is_called_nothing(self, places):
        assert places.called(places.mentions("Which cities are in Africa?")) == {}

    def test_marks_in_a_name_are_taken_as_they_stand(self):
        places = places_of(("St. Orme", "Norland"))

        called = places.called(places.mentions("Is St. Orme a member?"))

        assert called["St. Orme"].search("St. Orme joined")
        assert not called["St. Orme"].search("Stx Orme joined")


class TestFind:
    @pytest.mark.parametrize(
        ("conditions", "names"),
        [
            ({"countries": ["Sudmark"]}, ["Oruba", "Marrow Town"]),
            ({"countries": ["Sudmark", "Solmere"]}, ["Oruba", "Marrow Town", "Solmere"]),
            ({"regions": ["Africa"]}, ["Oruba", "Marrow Town"]),
            ({"fields": ["Film", "Gastronomy"]}, ["Ardmouth", "Torbeck (Norland)", "Saint-Orme"]),
            ({"countries": ["Norland"], "fields": ["Film"], "first_year": 2007}, ["Torbeck (Norland)"]),
            ({"last_year": 2006}, ["Lisvale", "Ardmouth"]),
            ({"first_year": 2017, "last_year": 2017}, ["Port Aldane", "Oruba"]),
            ({"first_year": 2018, "last_year": 2020}, []),
            ({"countries": ["Midria"]}, []),
            ({"countries": ["Sudmark"], "regions": ["Asia and the Pacific"]}, []),
        ],
    )
    def test_every_condition_is_met(self, desk, conditions, names):
        assert [city.name for city in find(desk.tables.cities, **conditions)] == names

    def test_without_conditions_all_are_there(self, desk):
        assert find(desk.tables.cities) == list(desk.tables.cities)


class TestPlain:
    @pytest.mark.parametrize(
        ("name", "same"),
        [
            ("Łódź", "lodz"),
            ("Ålesund", "alesund"),
            ("Tromsø", "tromso"),
            ("Ǿrsted", "orsted"),
            ("Saint-Étienne", "saint etienne"),
            ("Şanlıurfa", "sanliurfa"),
            ("Straße", "strasse"),
            ("Xi’an", "xi'an"),
            ("  Iowa \n City ", "iowa city"),
            ("Santa Fe", "santa fe"),
            ("北京", "北京"),
        ],
    )
    def test_a_name_is_compared_without_accents_and_case(self, name, same):
        assert plain(name) == same

    def test_a_name_in_capitals_is_the_same_name(self, real_places):
        names = [name for city in real_places.cities for name in (place(city), *city.aliases)]

        assert len(names) > 1000
        assert [name for name in names if plain(name.upper()) != plain(name)] == []


class TestMatching:
    """What a person typed on the command line."""

    def test_each_condition_may_be_typed_in_any_of_its_names(self, network_tables):
        country, *_ = network_tables.countries

        conditions = matching(network_tables, country=country.name.lower(), field="film", region="africa", year="2014")

        assert conditions["countries"] == [country.name]
        assert conditions["fields"] == ["Film"]
        assert conditions["regions"] == ["Africa"]
        assert (conditions["first_year"], conditions["last_year"]) == (2014, 2014)

    @pytest.mark.parametrize(
        ("year", "span"),
        [("", (None, None)), ("2015-2021", (2015, 2021)), ("2015-", (2015, None)), ("-2021", (None, 2021))],
    )
    def test_a_range_of_years_may_be_open(self, network_tables, year, span):
        conditions = matching(network_tables, year=year)

        assert (conditions["first_year"], conditions["last_year"]) == span

    @pytest.mark.parametrize(
        "typed",
        [{"country": "Atlantis"}, {"field": "Dance"}, {"region": "Mars"}, {"year": "21"}, {"year": "-"}, {"year": "x"}],
    )
    def test_what_the_tables_do_not_know_is_told(self, network_tables, typed):
        with pytest.raises(QuestionError, match=re.escape(next(iter(typed.values())))):
            matching(network_tables, **typed)

    def test_a_group_stands_for_its_countries(self):
        tables = read_corpus(ROOT / "corpus").tables

        countries = matching(tables, country="Baltic states")["countries"]

        assert sorted(countries) == ["Estonia", "Latvia", "Lithuania"]


class TestGroups:
    """Named groups of countries, of the project's corpus."""

    @pytest.fixture(scope="class")
    def places(self):
        return Places(read_corpus(ROOT / "corpus").tables)

    @pytest.mark.parametrize(
        ("text", "group"),
        [
            ("Which Nordic cities are members?", "the Nordic countries"),
            ("cities in the EU", "the European Union"),
            ("towns south of the Sahara", "sub-Saharan Africa"),
            ("Which African towns are in?", "Africa"),
        ],
    )
    def test_a_group_is_known_by_its_names(self, places, text, group):
        (mention,) = places.mentions(text)

        assert mention.group.name == group

    def test_a_longer_name_behind_an_article_is_taken_whole(self, places):
        (mention,) = places.mentions("members on the Caribbean islands")

        assert (mention.group.name, mention.start) == ("the Caribbean", len("members on the "))

    @pytest.mark.parametrize("text", ["What's the surname?", "My grandpa is hungry", "one portal for all", "we settle"])
    def test_a_word_that_only_looks_like_a_name_is_none(self, places, text):
        assert places.mentions(text) == []

    @pytest.mark.parametrize(
        ("text", "part"),
        [
            ("Which Welsh towns are in?", "Wales"),
            ("cities in scotland", "Scotland"),
            ("les villes bretonnes", "Brittany"),
            ("江苏有几个创意城市", "Jiangsu"),
            ("towns of Castilla y León", "Castile and León"),
            ("cities in Washington State", "Washington State"),
            ("cities in the province of Quebec", "Quebec"),
        ],
    )
    def test_a_subdivision_is_known_by_its_names(self, places, text, part):
        (mention,) = places.mentions(text)

        assert mention.group.name == part

    @pytest.mark.parametrize("text", ["Para qué sirve?", "la marche à suivre", "ohio?", "a goal of the meta text"])
    def test_an_ordinary_word_is_no_subdivision(self, places, text):
        assert [mention for mention in places.mentions(text) if mention.group] == []

    @pytest.mark.parametrize(("text", "city"), [("Which cities are in Puebla?", "Puebla"), ("quebec?", "Québec City")])
    def test_a_city_goes_before_a_subdivision_of_its_name(self, places, text, city):
        (mention,) = places.mentions(text)

        assert (mention.cities[0].name, mention.group) == (city, None)

    @pytest.mark.parametrize(
        ("text", "left"),
        [
            ("Austin, Texas", ["Austin"]),
            ("Whanganui in New Zealand", ["Whanganui"]),
            ("Texas, USA", ["Texas"]),
            ("Austin in Ohio", ["Austin", "Ohio"]),
            ("Austin in France", ["Austin", "France"]),
        ],
    )
    def test_a_place_in_which_another_lies_is_left_out(self, places, text, left):
        held = without_homes(places.mentions(text))

        assert [text[mention.start : mention.end] for mention in held] == left

    def test_a_short_name_of_a_group_is_known_in_capitals_alone(self, places):
        assert places.mentions("eu") == []


def test_another_name_of_the_corpus_is_no_misspelt_city():
    assert said(places_of(("Icheon", "Korea")), "Incheon asks for a sum") == [("Incheon", "Icheon")]
    assert said(places_of(("Icheon", "Korea"), names=["incheon"]), "Incheon asks for a sum") == []
