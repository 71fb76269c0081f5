"""The application path: each of its lines is a statement of the corpus."""

import pytest
from conftest import ROOT
from small import WordEmbeddings, write_corpus

from assistant.captions import LANGUAGES, captions_of
from assistant.check import check_corpus
from assistant.index import build_index, open_index
from assistant.path import ACTORS, COLUMNS, FILE, PARTS, open_path, read_rows

STATEMENT = "The deadline of the 2021 call was 15 May 2021."
HEAD = ",".join(COLUMNS) + "\n"


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("path")
    build_index(write_corpus(folder / "corpus"), folder / "index", embeddings=WordEmbeddings(), model="m")
    return open_index(folder / "index", "m")


def write(folder, *rows):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    return folder


def test_a_line_carries_its_place_in_the_text_and_what_it_rests_on(tmp_path, index):
    folder = write(
        tmp_path,
        f"path,send,send_in_time,city,2021,network-2022,{STATEMENT}",
        "change,closing,closing,,2018,network-2018,"
        '"As of October 2018, the UNESCO Creative Cities Network has 180 member cities."',
    )

    path = open_path(folder, index)

    ((task,),) = [step.tasks for step in path.steps]
    (line,) = task.lines
    assert (path.call, path.steps[0].id, task.id, task.who) == ("2021", "send", "send_in_time", "city")
    assert index.sources[line.source_id].text[line.start : line.end] == STATEMENT
    assert (line.document, line.section, line.call) == ("The Network in 2022", "The 2021 call for applications", "2021")
    assert [step.id for step in path.changes] == ["closing"]
    assert path.missing == ()


def test_a_row_of_a_table_shows_its_cells(tmp_path, index):
    folder = write(tmp_path, 'change,fields,fields,,,network-2022,"Film | 2 | Ardmouth, Torbeck"')

    (line,) = open_path(folder, index).lines(open_path(folder, index).changes)

    assert line.cells == ("Film", "2", "Ardmouth, Torbeck")


def test_a_line_whose_statement_is_gone_is_left_out_and_told(tmp_path, index, caplog):
    folder = write(
        tmp_path,
        f"path,send,send_in_time,city,2021,network-2022,{STATEMENT}",
        "path,send,send_in_time,city,2021,network-2022,The deadline of the 2021 call was moved.",
        f"path,send,send_in_time,city,2021,network-2018,{STATEMENT}",
    )

    path = open_path(folder, index)

    assert len(list(path.lines(path.steps))) == 1
    assert [row.number for row in path.missing] == [3, 4]
    assert "2 of 3 lines of path.csv are not in the index" in caplog.text


def test_a_corpus_without_the_file_has_no_path(tmp_path, index):
    path = open_path(tmp_path, index)

    assert (path.steps, path.call, path.missing) == ((), "", ())


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("road,send,t,city,2021,network-2022,x", "line 2: part 'road' is none of path, change, next"),
        ("path,send,t,mayor,2021,network-2022,x", "line 2: who 'mayor' is none of city,"),
        ("path,send,t,city,21,network-2022,x", "line 2: call '21' is no year"),
        ("path,send,t,city,2021,network-2022,", "line 2: statement is empty"),
        ("path,send", "line 2: task is empty"),
    ],
)
def test_a_row_that_cannot_stand_is_told_by_its_line(tmp_path, row, reason):
    rows, (problem,) = read_rows(write(tmp_path, row))

    assert rows == ()
    assert problem.reason.startswith(reason)


def test_a_file_without_a_column_is_one_problem(tmp_path):
    (tmp_path / FILE).write_text("part,step\npath,send\n", encoding="utf-8")

    rows, (problem,) = read_rows(tmp_path)

    assert (rows, problem.reason) == ((), "line 1: the column 'task' is missing; add it")


def test_the_check_of_a_corpus_names_a_line_that_leads_nowhere(corpus_folder):
    write(
        corpus_folder,
        f"path,send,t,city,2021,network-2022,{STATEMENT}",
        "path,send,t,city,2021,network-2022,Gone.",
        f"path,send,t,city,2021,network-2031,{STATEMENT}",
        "path,send,,city,2021,network-2022,x",
    )

    _, problems = check_corpus(corpus_folder)

    found = [(problem.line, problem.text) for problem in problems if problem.path == FILE]
    assert [line for line, _ in found] == [3, 4, 5]
    assert "“Gone.” is no statement of network-2022" in found[0][1]
    assert "no document 'network-2031'" in found[1][1]


@pytest.mark.model
def test_every_line_of_our_own_path_stands_in_the_index_and_is_named_in_every_language(real_settings, assistant):
    path = open_path(real_settings.corpus, assistant.index)
    rows, problems = read_rows(real_settings.corpus)

    assert problems == ()
    assert path.missing == ()
    assert path.call == "2025"
    assert len(path.steps) == 10
    assert {row.part for row in rows} == set(PARTS)
    for language in LANGUAGES:
        words = captions_of(language)
        assert {row.step for row in rows} <= words.section("step").keys()
        assert {row.task for row in rows if row.part == "path"} <= words.section("task").keys()
    assert set(captions_of("en").section("who")) == set(ACTORS)
    for step in path.steps:
        for task in step.tasks:
            assert task.who, task.id
            assert all(line.origins for line in task.lines), task.id


@pytest.mark.model
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_of_the_path_is_answered_in_its_language(assistant, language):
    asked = captions_of(language).section("ask")

    answers = {question: assistant.ask(question) for question in asked.values()}

    assert {question for question, answer in answers.items() if answer.status != "answered"} == set()
    assert {answer.language for answer in answers.values()} == {language}
    if language == "en":
        assert {task for step in ("path", "next") for task in tasks_of(step)} == set(asked)


def tasks_of(part):
    rows, _ = read_rows(ROOT / "corpus")
    return {row.task for row in rows if row.part == part}
