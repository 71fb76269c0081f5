"""The tables of a corpus: rows into records, broken rows told by file and line, and the statements that rows make."""

import re

import pytest
from small_tables import (
    CITIES,
    COUNTRIES,
    FACTS,
    QUESTIONS,
    SOURCES,
    TABLES,
    changed,
    line_of,
    write_tabled_corpus,
)

from assistant.corpus import file_digests, place, read_corpus, state_of_table
from assistant.records import City, Country, Expected, Fact, Origin

HEADINGS = {name: text.splitlines()[0] for name, text in TABLES.items()}


@pytest.fixture
def read(tmp_path):
    """Write the small corpus with some tables changed, and read it."""

    def write_and_read(**tables):
        return read_corpus(write_tabled_corpus(tmp_path / "corpus", **tables))

    return write_and_read


def told(corpus):
    """What was told of a corpus, as (file, reason)."""
    return [(file.path, file.reason) for file in corpus.unreadable]


def subdivisions(*rows):
    return "\n".join(("subdivision,country,aliases,cities", *rows)) + "\n"


def by_id(corpus, id_):
    return next(source for source in corpus.sources if source.id == id_)


def statements(source):
    """What stands at each attribution of a source, with its origins and date."""
    return [(source.text[held.start : held.end], held.origins, held.date) for held in source.attributions]


class TestRows:
    def test_a_source_is_an_origin(self, read):
        origins = read().tables.origins

        assert list(origins) == ["U1", "P1", "C.2-b", "OLD", "OWN"]
        assert origins["P1"] == Origin(
            "P1",
            "News of the port",
            "Lisvale Post",
            "https://example.org/p1",
            "2021-11",
            "fr",
            "press",
            "press",
            "read in a copy, undated",
        )

    def test_a_city_has_its_names_places_and_sources(self, read):
        lisvale, ardmouth, torbeck, _ = read().tables.cities

        assert lisvale == City(
            name="Lisvale",
            country="Norland",
            region="Europe and North America",
            field="Music",
            year=2011,
            origins=("U1", "P1"),
            firm=True,
            aliases=("Lisval", "Лисвейл"),
            latitude=60.25,
            longitude=-10.5,
            note="Lisvale, a port, was first.",
        )
        assert (ardmouth.latitude, ardmouth.longitude, ardmouth.aliases) == (None, None, ())
        assert (ardmouth.firm, torbeck.firm) == (True, False)

    def test_a_country_has_its_names_by_language(self, read):
        norland, osterland = read().tables.countries

        assert norland == Country(
            "Norland",
            "XN",
            "Europe and North America",
            ("Norlandish", "Norlander"),
            ("Kingdom of Norland",),
            {
                "fr": ("Norlande", "norlandais"),
                "es": (),
                "pt": (),
                "zh": (),
                "ar": (),
                "ru": ("Норландия",),
                "de": ("Nordland",),
            },
        )
        assert osterland.adjectives == ("Osterlandish",)

    def test_a_fact_has_its_value_day_and_statement(self, read):
        assert read().tables.facts[1] == Fact(
            "uccn-2021",
            "UCCN",
            "member cities",
            "4",
            "cities",
            "2021-11-08",
            ("U1", "P1"),
            "The UCCN had 4 member cities as of 8 November 2021.",
        )

    def test_expected_questions_stand_with_their_statement_and_line(self, read):
        tables = read(questions=QUESTIONS).tables

        assert tables.expected[0] == Expected(
            "lisvale",
            "Lisvale has 14 concert halls.",
            ("Where can one hear music in Lisvale, and how often?", "places to play"),
        )
        assert len(tables.expected) == 3
        assert tables.lines["questions.csv", "lisvale (en): Lisvale has 14 concert halls."] == 2

    def test_expected_questions_become_no_source_of_their_own(self, read):
        assert {source.id for source in read(questions=QUESTIONS).sources} == {source.id for source in read().sources}

    def test_a_corpus_needs_no_tables(self, read):
        corpus = read(sources=None, cities=None, countries=None, facts=None)

        assert corpus.unreadable == ()
        assert {source.id for source in corpus.sources} == {"lisvale", "call-2021"}
        assert "[U1; P1]" in by_id(corpus, "lisvale").text

    def test_tables_of_a_folder_without_documents_of_its_own_are_not_read(self, tmp_path):
        folder = write_tabled_corpus(tmp_path / "corpus")
        (folder / "documents").rename(folder / "papers")

        corpus = read_corpus(folder)

        assert corpus.tables.origins == {}
        assert {source.id for source in corpus.sources} == {"lisvale", "call-2021"}


class TestBrokenRows:
    @pytest.mark.parametrize(
        ("file", "old", "new", "words"),
        [
            ("sources", "P1,News of the port", "P1,", "title is empty"),
            ("sources", "P1,News of the port", ",News of the port", "id is empty"),
            ("sources", "2021-11,fr", "11/2021,fr", "date '11/2021' is no date"),
            ("sources", "2021-11,fr", "2021-13,fr", "date '2021-13' is no date"),
            ("sources", "2021-12-01", "2021-02-30", "date '2021-02-30' is no date"),
            ("sources", "unesco,unofficial", "unesco,rumour", "firmness 'rumour' is none of official, member city"),
            ("sources", "unesco,unofficial", "hearsay,unofficial", "kind 'hearsay' is none of unesco"),
            ("sources", "OLD,A page", "OLD,A page, or two", "it has not 9 cells; put quotes"),
            ("sources", "2023-01-05,en,project,unofficial,", "2023-01-05,en", "it has not 9 cells"),
            ("sources", "C.2-b,Copy", "U1,Copy", "U1 stands in line 2 too"),
            ("cities", "Ardmouth,Norland", "Ardmouth,", "country is empty"),
            ("cities", "Film,2021,,,,U1", "Film,21,,,,U1", "year '21' is no year since 2004"),
            ("cities", "Film,2021,,,,U1", "Film,2003,,,,U1", "year '2003' is no year since 2004"),
            ("cities", "Film,2021,,,,U1", "Film,2021-11,,,,U1", "year '2021-11' is no year"),
            ("cities", "Film,2021,,,,U1", "Film,2021,60.25N,,,U1", "'60.25N' is no number of degrees"),
            ("cities", "Film,2021,,,,U1", "Film,2021,91,0,,U1", "91 degrees are not within 90"),
            ("cities", "Film,2021,,,,U1", "Film,2021,0,-181,,U1", "-181 degrees are not within 180"),
            ("cities", "Film,2021,,,,U1", "Film,2021,nan,0,,U1", "nan degrees are not within 90"),
            ("cities", "Film,2021,,,,U1", "Film,2021,,,,U1;X9", "the source X9 is not in sources.csv"),
            ("cities", "Film,2021,,,,U1", "Film,2021,,,,", "sources is empty"),
            ("cities", "Ardmouth,Norland", "Lisvale,Norland", "Lisvale, Norland stands in line 2 too"),
            ("countries", "Osterland,XO", "Osterland,", "code is empty"),
            ("countries", "Osterland,XO", "Norland,XO", "Norland stands in line 2 too"),
            ("facts", "2021-11-08,U1;P1", "2021-11-08,X9", "the source X9 is not in sources.csv"),
            ("facts", "2021-11-08,U1;P1", "8 November 2021,U1", "as_of '8 November 2021' is no date"),
            ("facts", "2021-11-08,U1;P1", ",U1", "as_of is empty"),
            ("facts", "norland-film", "uccn-2011", "uccn-2011 stands in line 2 too"),
        ],
    )  # fmt: skip
    def test_a_broken_row_is_told_with_its_line_and_the_rest_is_read(self, read, file, old, new, words):
        sound = TABLES[file]
        broken = changed(sound, old, new)

        corpus = read(**{file: broken})

        path, reason = next((path, reason) for path, reason in told(corpus) if path == f"{file}.csv")
        row = next(number for number, line in enumerate(broken.splitlines(), 1) if line not in sound.splitlines())
        assert reason.startswith(f"line {row}: {words}")
        assert ";" in reason
        held = {"sources": corpus.tables.origins, "cities": corpus.tables.cities}
        held |= {"countries": corpus.tables.countries, "facts": corpus.tables.facts}
        assert len(held[file]) == len(sound.splitlines()) - 2
        assert [path for path, _ in told(corpus) if path == f"{file}.csv"] == [path]

    @pytest.mark.parametrize(
        ("old", "new", "line", "words"),
        [
            ("Can my daughter get a violin?", "", 3, "questions is empty"),
            ("call-2021,", ",", 4, "document is empty"),
            ("lisvale,Lisvale wants to lend instruments to every child.", "lisvale,", 3, "statement is empty"),
            ("last day to", "last day, to", 4, "it has not 4 cells; put quotes"),
            (
                "Lisvale wants to lend instruments to every child.",
                "Lisvale has 14 concert halls.",
                3,
                "lisvale (en): Lis",
            ),
        ],
    )
    def test_a_broken_row_of_questions_is_told_and_the_rest_is_read(self, read, old, new, line, words):
        corpus = read(questions=changed(QUESTIONS, old, new))

        ((path, reason),) = told(corpus)
        assert path == "questions.csv"
        assert reason.startswith(f"line {line}: {words}")
        assert len(corpus.tables.expected) == 2

    def test_questions_without_a_column_are_told_and_the_other_tables_are_read(self, read):
        corpus = read(questions=changed(QUESTIONS, ",statement,", ",sentence,"))

        assert told(corpus) == [("questions.csv", "line 1: the column 'statement' is missing; add it")]
        assert corpus.tables.expected == ()
        assert len(corpus.tables.cities) == 4

    def test_several_broken_rows_are_all_told(self, read):
        cities = CITIES.replace("Film,2021", "Film,now")

        assert told(read(cities=cities)) == [
            ("cities.csv", "line 3: year 'now' is no year since 2004; write it as 2021"),
            ("cities.csv", "line 4: year 'now' is no year since 2004; write it as 2021"),
        ]

    def test_rows_that_rest_on_a_source_that_could_not_be_read_are_told_too(self, read):
        corpus = read(sources=changed(SOURCES, "unesco,official", "unesco,oficial"))

        assert ("facts.csv", "line 2: the source U1 is not in sources.csv; add it there or mend the id") in told(corpus)
        assert [fact.id for fact in corpus.tables.facts] == ["norland-2022", "host-2019"]

    @pytest.mark.parametrize("file", sorted(TABLES))
    def test_a_missing_column_is_told_and_the_other_tables_are_read(self, read, file):
        column = HEADINGS[file].split(",")[1]

        corpus = read(**{file: TABLES[file].replace(f",{column},", ",other,", 1)})

        assert (f"{file}.csv", f"line 1: the column {column!r} is missing; add it") in told(corpus)
        assert len(corpus.tables.countries) == (0 if file == "countries" else 2)

    @pytest.mark.parametrize("content", ["", "\n\n"])
    def test_an_empty_table_is_told(self, read, content):
        assert ("countries.csv", "line 1: the column 'country' is missing; add it") in told(read(countries=content))

    def test_a_table_of_headings_alone_is_no_problem(self, read):
        corpus = read(facts=HEADINGS["facts"])

        assert told(corpus) == []
        assert corpus.tables.facts == ()

    def test_columns_may_stand_in_any_order_and_beside_others(self, read):
        rows = [line.split(",") for line in COUNTRIES.splitlines()]

        corpus = read(countries="\n".join(",".join([*reversed(cells), "more"]) for cells in rows))

        assert told(corpus) == []
        assert corpus.tables.countries == read().tables.countries


class TestWaysOfWriting:
    def test_a_byte_order_mark_and_line_ends_of_windows_do_no_harm(self, read):
        windows = {name: text.replace("\n", "\r\n").encode("utf-8-sig") for name, text in TABLES.items()}

        corpus = read(**windows)

        assert told(corpus) == []
        assert corpus.tables == read().tables

    def test_spaces_around_cells_and_between_names_go(self, read):
        corpus = read(cities=changed(CITIES, "Ardmouth,Norland", " Ardmouth , Norland").replace("U1;P1", " U1 ; P1 ;"))

        assert corpus.tables.cities[1].name == "Ardmouth"
        assert corpus.tables.cities[1].country == "Norland"
        assert corpus.tables.cities[0].origins == ("U1", "P1")

    def test_commas_and_doubled_quotation_marks_stay_inside_quotes(self, read):
        corpus = read(cities=changed(CITIES, "a port, was", 'a ""port"", was'))

        assert corpus.tables.cities[0].note == 'Lisvale, a "port", was first.'

    def test_a_cell_of_several_lines_keeps_the_lines_of_later_rows_right(self, read):
        cities = changed(CITIES, "Lisvale, a port, was first.", "Lisvale,\na port,\nwas first.")

        corpus = read(
            cities=changed(cities, "Norland,Europe and North America,Film,2021,,,,P1", "Norland,Europe,Film,x,,,,P1")
        )

        ((_, reason),) = told(corpus)
        assert reason.startswith("line 6: year 'x'")
        assert corpus.tables.lines["cities.csv", "Lisvale, Norland"] == 2
        assert corpus.tables.lines["cities.csv", "Ardmouth, Norland"] == 5
        assert corpus.tables.cities[0].note == "Lisvale,\na port,\nwas first."

    def test_blank_lines_keep_the_lines_of_later_rows_right(self, read):
        cities = changed(CITIES, "Ardmouth,Norland", "\n\nArdmouth,Norland").replace("\nTorbeck (O", "\n\nTorbeck (O")

        corpus = read(cities=cities)

        lines = corpus.tables.lines
        assert told(corpus) == []
        assert lines["cities.csv", "Ardmouth, Norland"] == 5
        assert lines["cities.csv", "Torbeck (Osterland), Osterland"] == 8

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("Ardmouth,Norland", '"Ard"mouth,Norland'),  # closed in the middle of a cell
            ('"Lisvale, a port, was first."', '"Lisvale, a "port", was first."'),
        ],
    )
    def test_broken_quotation_marks_are_told_with_their_line_and_the_rows_behind_are_read(self, read, old, new):
        broken = changed(CITIES, old, new)

        corpus = read(cities=broken)

        ((path, reason),) = told(corpus)
        assert path == "cities.csv"
        assert reason.startswith(f"line {line_of(broken, new)}: its quotation marks do not match")
        assert len(corpus.tables.cities) == 3
        assert corpus.tables.cities[-1].name == "Torbeck (Osterland)"

    def test_a_quotation_mark_that_is_never_closed_is_told_with_its_line_and_the_rows_above_are_read(self, read):
        corpus = read(cities=changed(CITIES, "Torbeck (Norland),", '"Torbeck (Norland),'))

        ((path, reason),) = told(corpus)
        assert path == "cities.csv"
        assert reason.startswith("line 4: its quotation marks do not match")
        assert [city.name for city in corpus.tables.cities] == ["Lisvale", "Ardmouth"]

    def test_a_table_in_another_encoding_is_told_and_the_other_tables_are_read(self, read):
        corpus = read(countries=COUNTRIES.encode("utf-16"))

        ((path, reason),) = told(corpus)
        assert path == "countries.csv"
        assert "cannot be read as a UTF-8 CSV file" in reason
        assert "save it again" in reason
        assert len(corpus.tables.cities) == 4

    def test_a_folder_in_place_of_a_table_is_no_table(self, read, tmp_path):
        (tmp_path / "corpus" / "facts.csv").mkdir(parents=True)

        assert read(facts=None).tables.facts == ()


class TestStatements:
    ORDERS = ("member-cities", "member-cities-by-field", "member-cities-by-year")
    OPENING = "This table lists all 4 member cities as of 8 November 2021."
    TORBECK = "has been a member of the UNESCO Creative Cities Network since 2021."

    def test_each_city_is_one_paragraph_that_rests_on_the_sources_of_its_row(self, read):
        source = by_id(read(), "member-cities")

        lines = source.text.splitlines()
        assert (
            "Lisvale (Norland) is a UNESCO Creative City of Music and has been a member of the UNESCO Creative Cities "
            "Network since 2011. Lisvale, a port, was first."
        ) in lines
        held = {text: (origins, date) for text, origins, date in statements(source)}
        assert set(held) == {line for line in lines if line and not line.startswith("#")}
        (torbeck,) = [text for text in held if text.startswith("Torbeck (Norland)")]
        assert held[torbeck] == (("P1",), "2021-11-08")

    def test_the_three_orders_hold_the_same_statements(self, read):
        corpus = read()

        held = [sorted(statements(by_id(corpus, id_))) for id_ in self.ORDERS]

        assert held[0] == held[1] == held[2]
        assert len(held[0]) == 5

    @pytest.mark.parametrize(
        ("id_", "headings"),
        [
            ("member-cities", ["Member cities in Osterland", "Member cities in Norland"]),
            ("member-cities-by-field", ["Cities of Film", "Cities of Music"]),
            ("member-cities-by-year", ["Cities designated in 2011", "Cities designated in 2021"]),
        ],
    )
    def test_each_order_has_its_headings_once(self, read, id_, headings):
        text = by_id(read(), id_).text

        assert [line[3:] for line in text.splitlines() if line.startswith("#")] == headings

    def test_cities_of_one_heading_stand_together_in_the_order_of_years(self, read):
        section = by_id(read(), "member-cities").text.split("## Member cities in Norland\n\n")[1]

        assert [line.split(" (")[0] for line in section.split("\n\n")] == ["Ardmouth", "Torbeck", "Lisvale"]

    def test_the_table_opens_with_the_published_total_that_it_matches(self, read):
        corpus = read()

        assert state_of_table(corpus.tables) == "2021-11-08"
        for id_ in self.ORDERS:
            assert by_id(corpus, id_).text.startswith(f"{self.OPENING}\n\n## ")
            assert statements(by_id(corpus, id_))[0] == (self.OPENING, ("U1", "P1"), "2021-11-08")
            assert by_id(corpus, id_).as_of == "2021-11-08"

    def test_of_two_sources_of_the_same_total_the_newest_dates_the_table(self, read):
        again = "uccn-2022,UCCN,member cities,4,cities,2022-06,P1,The UCCN had 4 member cities in June 2022.\n"

        assert state_of_table(read(facts=FACTS + again).tables) == "2022-06"

    def test_a_table_that_no_published_total_matches_claims_neither_all_nor_a_day(self, read):
        corpus = read(facts=changed(FACTS, "cities,4,cities", "cities,5,cities"))

        source = by_id(corpus, "member-cities")
        assert state_of_table(corpus.tables) == ""
        assert source.as_of == ""
        assert source.text.startswith("## ")
        assert {date for _, _, date in statements(source)} == {""}

    def test_facts_are_one_paragraph_each_under_what_they_are_of_each_with_its_own_day(self, read):
        source = by_id(read(), "dated-facts")

        assert source.text.startswith(
            "## Norland: cities of film\n\nAs of June 2022, Norland had two Cities of Film.\n\n"
            "## Norland: member cities\n\n"
        )
        assert (
            "## UCCN: member cities\n\nThe UCCN had one member city at the end of 2011.\n\n"
            "The UCCN had 4 member cities as of 8 November 2021.\n\n## UCCN: new cities"
        ) in source.text
        assert ("By our count, Norland had three member cities in 2022.", ("OWN",), "2022") in statements(source)
        assert len(source.attributions) == 6
        assert source.as_of == "2022-06"

    def test_tables_are_sources_behind_the_documents_with_their_file(self, read):
        corpus = read()

        assert [(source.id, source.kind, source.path) for source in corpus.sources[2:]] == [
            ("member-cities", "view", "cities.csv"),
            ("member-cities-by-field", "view", "cities.csv"),
            ("member-cities-by-year", "view", "cities.csv"),
            ("dated-facts", "table", "facts.csv"),
        ]

    def test_subdivisions_are_groups_with_their_cities_and_a_view(self, read):
        corpus = read(
            subdivisions=subdivisions("The North,Norland,northern,Lisvale|Torbeck (Norland)", "West,Norland,,")
        )
        view = next(source for source in corpus.sources if source.id == "member-cities-by-subdivision")

        assert [(group.name, group.countries, group.cities) for group in corpus.tables.groups] == [
            ("The North", ("Norland",), ("Lisvale", "Torbeck (Norland)")),
            ("West", ("Norland",), ()),
        ]
        assert re.findall(r"^## .+|^\w+(?= \()", view.text, re.M) == ["## The North, Norland", "Lisvale", "Torbeck"]
        assert corpus.unreadable == ()

    @pytest.mark.parametrize(
        ("row", "reason"),
        [
            ("The North,Norland,,Kestrin", "Kestrin is no city of Norland in cities.csv; mend the name"),
            (
                "The North,Norland,,Torbeck (Osterland)",
                "Torbeck (Osterland) is no city of Norland in cities.csv; mend the",
            ),
            ("The North,Xanadu,,", "Xanadu is not in countries.csv; add it there or mend the name"),
            (",Norland,,", "subdivision is empty; fill it or remove the row"),
        ],
    )
    def test_a_subdivision_that_cannot_be_read_is_told(self, read, row, reason):
        (problem,) = read(subdivisions=subdivisions(row)).unreadable

        assert problem.path == "subdivisions.csv"
        assert problem.reason.startswith(f"line 2: {reason}")

    @pytest.mark.parametrize(("left_out", "count"), [("cities", 3), ("facts", 5)])
    def test_a_table_that_is_not_there_makes_no_source(self, read, left_out, count):
        assert len(read(**{left_out: None}).sources) == count

    def test_cities_of_one_name_are_told_apart_by_the_country_and_shown_without_it(self, read):
        *_, norland, osterland = read().tables.cities

        assert place(norland) == place(osterland) == "Torbeck"
        assert place(read().tables.cities[0]) == "Lisvale"


class TestDocuments:
    def test_a_document_keeps_its_words_and_knows_what_each_rests_on(self, read):
        source = by_id(read(), "lisvale")

        assert "[" not in source.text
        assert "| Ardmouth | 2021 |" in source.text
        assert statements(source) == [
            ("Lisvale joined the UCCN in 2011 as a City of Music.", ("U1", "P1"), "2022-06-24"),
            ("Lisvale has 14 concert halls.", ("OLD",), ""),
            ("- Lisvale wants to open a school for young singers.", ("P1",), "2021-11"),
            ("- Lisvale wants to lend instruments to every child.", ("C.2-b",), "2021-12-01"),
            ("| Ardmouth | 2021 |", ("U1",), "2022-06-24"),
            ("| Torbeck in Osterland | 2022 |", ("P1", "OWN"), "2021-11"),
        ]


class TestChanges:
    @pytest.mark.parametrize(
        ("file", "old", "new"),
        [
            ("sources", "Lisvale Post", "Lisvale Times"),
            ("cities", "Lisval|", "Lisvalle|"),
            ("countries", "Norlande|", "Norlande"),
            ("facts", "took place in Lisvale", "was held in Lisvale"),
        ],
    )
    def test_a_change_in_a_table_changes_the_fingerprint_and_the_digest_of_its_file_alone(
        self, read, tmp_path, file, old, new
    ):
        first, before = read(), file_digests(tmp_path / "corpus")

        second, after = read(**{file: changed(TABLES[file], old, new)}), file_digests(tmp_path / "corpus")

        assert first.fingerprint != second.fingerprint
        assert [name for name in before if before[name] != after[name]] == [f"{file}.csv"]
        assert read().fingerprint == first.fingerprint

    def test_a_table_that_is_no_part_of_the_corpus_has_no_digest(self, tmp_path):
        folder = write_tabled_corpus(tmp_path / "corpus")
        (folder / "other.csv").write_text("a,b\n")

        assert set(file_digests(folder)) == {
            "documents/call-2021.md",
            "documents/lisvale.md",
            "sources.csv",
            "cities.csv",
            "countries.csv",
            "facts.csv",
        }
