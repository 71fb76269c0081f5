"""Checking a corpus: each kind of problem with its file, its line and what to do; a sound corpus has none."""

import shutil
from pathlib import Path

import pytest
from builders import scanned_pdf
from small_tables import (
    CALL,
    CITIES,
    COUNTRIES,
    DOCUMENTS,
    FACTS,
    LAST_LINE_OF_HEADER,
    QUESTIONS,
    changed,
    line_of,
    write_tabled_corpus,
)

from assistant.check import Problem, check_corpus, cited_by
from assistant.errors import CorpusError

ROOT = Path(__file__).parent.parent
LONG = "The guild of Lisvale keeps a workshop " + "and another hall " * 12


@pytest.fixture
def folder(tmp_path):
    return write_tabled_corpus(tmp_path / "corpus")


@pytest.fixture
def check(tmp_path):
    """Write the small corpus with some tables or documents changed; return its problems."""

    def write_and_check(documents=None, **tables):
        return check_corpus(write_tabled_corpus(tmp_path / "corpus", documents, **tables))[1]

    return write_and_check


def edit(folder, name, old, new):
    """Change the first place of these words in a file; return the line of the new ones, from 1."""
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return line_of(path.read_text(encoding="utf-8"), new)


def only(problems):
    (problem,) = problems
    return problem


def test_a_sound_corpus_has_no_problem(folder):
    corpus, problems = check_corpus(folder)

    assert problems == []
    assert len(corpus.tables.cities) == 4


def test_a_corpus_without_tables_has_no_problem(check):
    documents = {"lisvale": ("Lisvale", "Lisvale has 14 halls.")}

    assert check(documents, kind="press", sources=None, cities=None, countries=None, facts=None) == []


def test_nothing_to_read_is_an_error(tmp_path):
    with pytest.raises(CorpusError):
        check_corpus(tmp_path / "none")


class TestFiles:
    def test_a_document_that_cannot_be_read_is_told(self, folder):
        (folder / "documents" / "scan.pdf").write_bytes(scanned_pdf())

        problem = only(check_corpus(folder)[1])

        assert (problem.path, problem.line) == ("documents/scan.pdf", 0)
        assert "no text layer" in problem.text

    def test_a_broken_row_is_told_with_its_line_in_a_field_of_its_own(self, check):
        problem = only(check(cities=None, countries=changed(COUNTRIES, "Osterland,XO,", "Osterland,XO,a,")))

        assert (problem.path, problem.line) == ("countries.csv", 3)
        assert problem.text.startswith("it has not 13 cells")

    def test_broken_front_matter_is_told_with_its_line(self, folder):
        line = edit(folder, "documents/call-2021.md", "title: The", "title: Call: The")

        problem = only(check_corpus(folder)[1])

        assert (problem.path, problem.line) == ("documents/call-2021.md", line)
        assert "put the value in quotes" in problem.text


class TestFrontMatter:
    @pytest.mark.parametrize("name", ["title", "publisher", "language", "kind"])
    def test_a_field_without_a_value_is_told(self, folder, name):
        text = (folder / "documents" / "call-2021.md").read_text(encoding="utf-8")
        value = next(line for line in text.splitlines() if line.startswith(f"{name}: "))
        edit(folder, "documents/call-2021.md", value, f'{name}: ""')

        problems = check_corpus(folder)[1]

        assert Problem("documents/call-2021.md", 1, f"the front matter has no {name}: add it") in problems

    def test_a_field_that_is_not_there_is_told(self, folder):
        edit(folder, "documents/call-2021.md", "publisher: UCCN Assistant project\n", "")

        assert only(check_corpus(folder)[1]).text == "the front matter has no publisher: add it"

    @pytest.mark.parametrize("write", [lambda text: f"\ufeff{text}", lambda text: text.replace("---\n\n", "---  \n\n")])
    def test_front_matter_behind_a_byte_order_mark_or_above_spaces_is_checked_too(self, folder, write):
        path = folder / "documents" / "call-2021.md"
        path.write_text(write(path.read_text(encoding="utf-8").replace("language: en\n", "")), encoding="utf-8")

        assert only(check_corpus(folder)[1]).text == "the front matter has no language: add it"

    def test_a_document_without_any_date_is_told(self, folder):
        edit(folder, "documents/call-2021.md", 'published: "2023-01-05"', 'published: ""')
        edit(folder, "documents/call-2021.md", 'as_of: "2023-01-05"', 'as_of: ""')

        problem = only(check_corpus(folder)[1])

        assert problem == Problem("documents/call-2021.md", 1, "the front matter has no date: fill as_of or published")

    def test_one_of_the_two_dates_is_enough(self, folder):
        edit(folder, "documents/call-2021.md", 'as_of: "2023-01-05"', 'as_of: ""')

        assert check_corpus(folder)[1] == []

    def test_an_id_that_is_not_the_name_of_the_file_is_told(self, folder):
        line = edit(folder, "documents/call-2021.md", "id: call-2021", "id: call-2023")

        problem = only(check_corpus(folder)[1])

        assert (problem.path, problem.line) == ("documents/call-2021.md", line)
        assert "make them the same" in problem.text

    def test_a_kind_of_its_own_is_told_with_those_there_are(self, folder):
        edit(folder, "documents/call-2021.md", "kind: compiled", "kind: gossip")

        problem = only(check_corpus(folder)[1])

        assert problem.text.startswith("kind 'gossip' is none of official, member city, organisation, press")


class TestStatements:
    @pytest.mark.parametrize(
        ("id_", "old", "new", "line_with", "told"),
        [
            ("lisvale", "halls. [OLD]", "halls. [OLDER]", "halls", "the source OLDER is not in sources.csv: add it"),
            ("lisvale", "halls. [OLD]", "halls.", "halls", "no source behind “Lisvale has 14 concert halls.”: add"),
            ("lisvale", "singers. [P1]", "singers.", "singers", "no source behind “Lisvale wants to open a school"),
            ("lisvale", "2021 | [U1] |", "2021 | |", "| Ardmouth", "no source behind “Ardmouth | 2021”: add its id"),
            ("lisvale", "P1; OWN", "P1; OWNER", "| Torbeck", "no source behind “Torbeck in Osterland | 2022 | P1; O"),
            ("lisvale", "2022 | P1", f"2022 {'so it goes ' * 30}| P1", "| Torbeck", "95 words in one row, “Torbeck"),
            ("lisvale", "open a school", "open a school " * 18, "wants to open", "60 words in one item, “Lisvale"),
            ("call-2021", "The 2021 call of", f"{LONG}of", "The guild", "51 words in one sentence, “The guild of"),
            ("call-2021", "The 2021 call of", "It is known that the call of", "It is", "“It is known that the call of"),
            ("call-2021", "The 2021 call of", "The city knew the call of", "The city", "“The city knew the call of"),
        ],
    )  # fmt: skip
    def test_a_faulty_statement_is_told_with_its_line(self, folder, id_, old, new, line_with, told):
        name = f"documents/{id_}.md"
        edit(folder, name, old, new)

        problems = [problem for problem in check_corpus(folder)[1] if problem.text.startswith(told)]

        line = line_of((folder / name).read_text(encoding="utf-8"), line_with)
        assert [(problem.path, problem.line) for problem in problems] == [(name, line)]
        assert ": " in problems[0].text

    def test_a_sentence_that_points_back_is_told_to_name_its_subject(self, folder):
        edit(folder, "documents/call-2021.md", "The 2021 call of the UCCN closed", "It closed")

        assert only(check_corpus(folder)[1]).text == (
            "“It closed on 30 June 2021.” does not say what it speaks of: name its subject again"
        )

    def test_a_row_that_begins_like_a_sentence_and_a_row_above_it_has_its_own_line(self, folder):
        edit(folder, "documents/lisvale.md", "| Ardmouth |", "| Lisvale |")
        line = edit(folder, "documents/lisvale.md", "| Torbeck in Osterland | 2022 | P1; OWN |", "|Lisvale|2022||")

        problem = only(check_corpus(folder)[1])

        assert (problem.line, problem.text) == (line, "no source behind “Lisvale | 2022”: add its id in brackets")

    def test_a_line_that_introduces_a_list_needs_no_source(self, folder):
        edit(folder, "documents/lisvale.md", "as a City of Music:", "as a City of Music, and does:")

        assert check_corpus(folder)[1] == []

    def test_a_document_of_one_original_needs_no_sources_in_its_text(self, check):
        documents = {"lisvale": ("Lisvale", "Lisvale has 14 halls. It has a port.")}

        assert check(documents, kind="official") == []

    def test_a_sentence_that_stands_in_two_documents_is_told_in_the_second(self, check):
        again = "## Calls\n\nTarn is a port. [U1]\n\nThe 2021 Call of the UCCN closed on 30 June 2021. [P1]\n"

        problem = only(check(DOCUMENTS | {"other": ("Other", again)}))

        assert (problem.path, problem.line) == ("documents/other.md", LAST_LINE_OF_HEADER + 5)
        assert problem.text.endswith("stands in documents/call-2021.md too: keep it in one")

    def test_a_line_that_introduces_a_list_may_stand_in_two_documents(self, check):
        lead = "What Lisvale wants to do as a City of Music:\n\n- Lisvale wants to dance. [P1]\n"

        assert check(DOCUMENTS | {"other": ("Other", lead)}) == []


class TestCities:
    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            (
                "Music,2011",
                "Opera,2011",
                "'Opera' is no creative field: write one of Architecture, Crafts and Folk Art",
            ),
            ("Lisvale,Norland", "Lisvale,Nordland", "Nordland is not in countries.csv: add it or mend the name"),
            (
                "Lisvale,Norland,Europe and North America",
                "Lisvale,Norland,Africa",
                "Norland is in Europe and North America by countries.csv, not in Africa: mend one of them",
            ),
            ("60.25,-10.5", "60.25,", "one coordinate without the other: give both or none"),
            ("60.25,-10.5", ",-10.5", "one coordinate without the other: give both or none"),
            ("Lisval|", "ardmouth|", "'ardmouth' is a name of Ardmouth too: keep it for one of them"),
        ],
    )
    def test_a_faulty_city_is_told_with_its_line(self, check, old, new, told):
        problems = check(cities=changed(CITIES, old, new), facts=None)

        problem = only(problems)
        assert (problem.path, problem.line) == ("cities.csv", 2)
        assert problem.text.startswith(told)

    def test_an_alias_of_two_cities_is_told_at_both(self, check):
        cities = changed(CITIES, "Film,2021,,,,U1", "Film,2021,,,Lisval,U1")

        assert [(problem.line, problem.text) for problem in check(cities=cities)] == [
            (2, "'Lisval' is a name of Ardmouth too: keep it for one of them"),
            (3, "'Lisval' is a name of Lisvale too: keep it for one of them"),
        ]

    def test_cities_of_one_name_may_share_their_aliases(self, check):
        cities = CITIES.replace("Film,2021,,,,P1", "Film,2021,,,Торбек,P1").replace(
            "Music,2021,,,", "Music,2021,,,Торбек"
        )

        assert check(cities=cities) == []

    def test_without_a_table_of_countries_none_is_missed(self, check):
        assert check(countries=None) == []


class TestFacts:
    def test_a_value_that_the_statement_does_not_hold_is_told_with_its_line(self, check):
        problem = only(check(facts=changed(FACTS, "had two Cities", "had three Cities")))

        assert problem == Problem("facts.csv", 6, "the value 2 is not in the statement: mend one of them")

    def test_a_value_may_stand_in_words_and_a_year_need_not_be_a_number(self, check):
        year = "call-2021,2021 call,year of the call,2021,year,2021,U1,The call was opened by the Network.\n"

        assert check(facts=FACTS + year) == []

    def test_a_statement_that_is_no_whole_sentence_is_told(self, check):
        problem = only(check(facts=changed(FACTS, "place in Lisvale.", "place in Lisvale")))

        assert problem == Problem("facts.csv", 7, "the statement is no whole sentence: end it with a full stop")


class TestTotals:
    NEW = "Tarn,Norland,Europe and North America,{field},{year},,,,U1,high,\n"

    def without(self, name):
        return "".join(line for line in CITIES.splitlines(keepends=True) if not line.startswith(name))

    @pytest.mark.parametrize("name", ["Lisvale", "Ardmouth", "Torbeck (Osterland)"])
    def test_a_city_that_is_missing_is_told_at_the_totals_that_count_it(self, check, name):
        problems = check(cities=self.without(name))

        assert {problem.path for problem in problems} == {"facts.csv"}
        (total,) = [
            problem for problem in problems if problem.text.startswith("UCCN, member cities: 4 as of 2021-11-08")
        ]
        assert total.line == 3
        assert "by its end: mend the table, or say in the statement why they differ" in total.text

    @pytest.mark.parametrize("year", [2005, 2011, 2015, 2021])
    def test_a_city_too_many_is_told_in_whatever_year_up_to_the_last_it_is(self, check, year):
        problems = check(cities=CITIES + self.NEW.format(field="Music", year=year))

        assert problems
        assert {problem.path for problem in problems} == {"facts.csv"}
        assert all(problem.text.startswith(("UCCN, ", "Norland, member cities")) for problem in problems)

    def test_a_city_of_a_later_year_than_the_totals_contradicts_none(self, check):
        assert check(cities=CITIES + self.NEW.format(field="Music", year=2023)) == []

    def test_totals_hold_from_the_end_of_the_year_before_to_the_end_of_their_own(self, check):
        during = "uccn-{0},UCCN,member cities,{0},cities,2021-06,U1,The UCCN had {0} member cities in June 2021.\n"

        assert [len(check(facts=FACTS + during.format(total))) for total in (0, 1, 3, 4, 5)] == [1, 0, 0, 0, 1]

    def test_new_cities_of_a_year_are_counted_exactly(self, check):
        problem = only(check(facts=FACTS.replace("new cities,3", "new cities,2").replace("three new", "two new")))

        assert problem.line == 4
        assert problem.text.startswith(
            "UCCN, new cities: 2 as of 2021-11-08, but cities.csv has 3 of 2021: mend the table"
        )

    def test_a_city_in_another_field_is_told_at_the_total_of_the_field_in_its_country(self, check):
        problem = only(check(cities=changed(CITIES, "Film,2021,,,,U1", "Music,2021,,,,U1")))

        assert problem.text.startswith(
            "Norland, cities of film: 2 as of 2022-06, but cities.csv has 1 before 2022 and 1"
        )

    @pytest.mark.parametrize("attribute", ["stated member cities", "member cities in Africa", "cities of opera"])
    def test_a_total_of_something_else_is_not_counted(self, check, attribute):
        assert check(facts=changed(FACTS, "UCCN,member cities,4", f"UCCN,{attribute},4")) == []

    def test_a_total_in_words_or_of_an_unknown_subject_is_not_counted(self, check):
        facts = FACTS.replace("cities,4,cities", "cities,over 4,cities").replace(
            "norland-film,Norland", "norland-film,Tarnland"
        )

        assert check(facts=facts) == []


class TestExpected:
    def test_questions_that_statements_of_their_documents_answer_are_no_problem(self, check):
        assert check(questions=QUESTIONS) == []

    def test_a_row_of_a_table_may_be_the_statement(self, check):
        row = "dated-facts,The annual conference of 2019 took place in Lisvale.,en,Where did they meet in 2019?\n"

        assert check(questions=QUESTIONS + row) == []

    def test_an_unknown_document_is_told_with_its_line(self, check):
        problem = only(check(questions=changed(QUESTIONS, "call-2021,", "call-2022,")))

        assert problem == Problem("questions.csv", 4, "there is no document 'call-2022': mend the id")

    def test_a_statement_that_is_not_there_is_told(self, check):
        problem = only(check(questions=changed(QUESTIONS, "14 concert halls", "15 concert halls")))

        assert (problem.path, problem.line) == ("questions.csv", 2)
        assert problem.text == (
            "“Lisvale has 15 concert halls.” is no statement of lisvale: write it as it stands there now"
        )

    def test_a_statement_of_another_document_is_told(self, check):
        problem = only(check(questions=changed(QUESTIONS, "call-2021,", "lisvale,")))

        assert "is no statement of lisvale" in problem.text

    def test_a_question_expected_twice_is_told_at_the_second_whatever_its_capitals(self, check):
        problem = only(
            check(questions=changed(QUESTIONS, "last day to hand in in 2021", "can my daughter GET a violin?"))
        )

        assert problem.line == 4
        assert problem.text == (
            "“can my daughter GET a violin?” is expected in line 3 too: keep it where it is answered best"
        )

    def test_a_statement_that_stands_twice_in_its_document_is_ambiguous(self, check):
        title, body = DOCUMENTS["lisvale"]
        again = f"{body}\n## Halls\n\nLisvale has 14 concert halls. [OLD]\n"

        problem = only(check({**DOCUMENTS, "lisvale": (title, again)}, questions=QUESTIONS))

        assert (problem.path, problem.line) == ("questions.csv", 2)
        assert problem.text == (
            "“Lisvale has 14 concert halls.” stands 2 times in lisvale: say in each what it speaks of"
        )


def test_problems_come_by_file_and_line_and_each_once(check):
    documents = {"lisvale": DOCUMENTS["lisvale"], "call-2021": ("The call", CALL.replace("[U1]", "[X8] [X9]"))}

    problems = check(documents, cities=changed(CITIES, "Film,2021,,,,U1", "Films,2021,1,,,U1"), facts=None)

    assert problems == sorted(set(problems))
    assert [(problem.path, problem.line) for problem in problems][:2] == [("cities.csv", 3), ("cities.csv", 3)]
    assert {problem.path for problem in problems[2:]} == {"documents/call-2021.md"}


def test_statements_are_counted_by_the_source_that_they_rest_on(folder):
    corpus, _ = check_corpus(folder)

    counts = cited_by(corpus)

    assert counts["C.2-b"] == 1
    assert counts["OLD"] == 1
    assert counts["OWN"] == 2
    assert list(counts) == ["U1", "P1", "C.2-b", "OLD", "OWN"]


def test_a_source_that_nothing_rests_on_is_counted_none(check, folder):
    (folder / "sources.csv").write_text((folder / "sources.csv").read_text() + "NEW,T,P,,,en,press,press,\n")

    assert cited_by(check_corpus(folder)[0])["NEW"] == 0


class TestOwnCorpus:
    def test_the_corpus_of_the_project_has_no_problem(self):
        assert check_corpus(ROOT / "corpus")[1] == []

    @pytest.mark.parametrize("year", [2004, 2013, 2019, 2021, 2025])
    def test_its_totals_tell_a_city_too_many_and_one_too_few(self, tmp_path, year):
        folder = tmp_path / "corpus"
        shutil.copytree(ROOT / "corpus", folder)
        document = next((folder / "documents").iterdir())
        for path in (folder / "documents").iterdir():
            if path != document:
                path.unlink()
        rows = (folder / "cities.csv").read_text(encoding="utf-8").splitlines()
        row = next(row for row in rows if f",{year}," in row)

        found = []
        for changed_rows in ([*rows, f"Tarn,{row.partition(',')[2]}"], [other for other in rows if other != row]):
            (folder / "cities.csv").write_text("\n".join(changed_rows) + "\n", encoding="utf-8")
            problems = check_corpus(folder)[1]
            found.append([problem for problem in problems if problem.text.startswith("UCCN, ")])

        assert all(found)
