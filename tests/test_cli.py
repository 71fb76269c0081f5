import datetime
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from fakes import COMPILED, NO_ANSWER, answered, cite, cite_compiled
from small import write_corpus, write_document
from small_tables import CALL, CITIES, DOCUMENTS, FACTS, LAST_LINE_OF_HEADER, changed, write_tabled_corpus

from assistant.cli import _print_answer, main

ROOT = Path(__file__).parent.parent
EVALS = (
    *("run", "summary", "diff", "gate", "report", "compare"),
    *("check", "add", "export", "import", "judge", "retrieval"),
)
COMMANDS = (
    (),
    ("gaps",),
    ("index",),
    ("ask",),
    ("sources",),
    ("serve",),
    ("doctor",),
    ("eval",),
    *(("eval", name) for name in EVALS),
)


@pytest.fixture
def uccn(monkeypatch, capsys):
    """Run the command line in this process; return exit status, output and errors."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["uccn", *map(str, arguments)])
        capsys.readouterr()
        try:
            main()
            status = 0
        except SystemExit as end:
            status = end.code or 0
        shown = capsys.readouterr()
        return status, shown.out, shown.err

    return run


@pytest.fixture
def real(monkeypatch, built_index):
    """Settings of the environment that lead to the project's corpus and the index of this session."""
    monkeypatch.setenv("UCCN_CORPUS", str(ROOT / "corpus"))
    monkeypatch.setenv("UCCN_GLOSSARY", str(ROOT / "corpus" / "glossary.csv"))
    monkeypatch.setenv("UCCN_INDEX", str(built_index))


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help(uccn, command):
    status, shown, errors = uccn(*command, "--help")

    assert (status, errors) == (0, "")
    assert "Usage:" in shown
    assert " ".join(("uccn", *command)) in shown


@pytest.mark.parametrize(
    "arguments",
    [
        ("nothing",),
        ("ask",),
        ("ask", "   "),
        ("ask", "Where?", "--batch", "x.jsonl"),
        ("ask", "Where?", "--no-such-option"),
        ("index", "--corpus"),
        ("serve", "--port", "many"),
        ("eval", "nothing"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_2(uccn, arguments):
    status, _, errors = uccn(*arguments)

    assert status == 2
    assert "Traceback" not in errors


@pytest.mark.parametrize("arguments", [("ask", "When?"), ("serve",)], ids=" ".join)
def test_a_missing_index_is_one_sentence_and_exit_1(uccn, tmp_path, monkeypatch, arguments):
    monkeypatch.setenv("UCCN_INDEX", str(tmp_path / "none"))

    status, shown, errors = uccn(*arguments)

    assert (status, shown) == (1, "")
    assert errors.startswith("error: There is no index")
    assert "`uccn index`" in errors
    assert errors.count("\n") == 1


def test_the_module_is_the_same_as_the_command_and_shows_no_traceback(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "assistant", "sources", "--corpus", str(tmp_path / "none")],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1


def test_a_setting_that_cannot_work_is_one_sentence(uccn, monkeypatch):
    monkeypatch.setenv("UCCN_PORT", "many")

    status, _, errors = uccn("sources")

    assert status == 1
    assert "UCCN_PORT" in errors


def test_sources_lists_the_corpus(uccn, tmp_path):
    status, shown, _ = uccn("sources", "--corpus", write_corpus(tmp_path / "corpus"))

    assert status == 0
    assert all(id_ in shown for id_ in ("lisvale-music", "network-2018", "network-2022"))
    assert "Lisvale, City of Music" in shown
    assert all(line.rstrip().endswith(" 1") for line in shown.splitlines()[1:])  # each rests on its one original


def test_sources_tells_of_each_document_and_table_its_age_its_statements_and_on_how_many_sources_it_rests(
    uccn, tmp_path
):
    _, shown, _ = uccn("sources", "--corpus", write_tabled_corpus(tmp_path / "corpus"))

    heads, *lines = [re.split(r"\s{2,}", line.strip()) for line in shown.splitlines()]
    held = {id_: cells for id_, *cells in lines}
    assert heads == ["Id", "Title", "Date", "Age", "Passages", "Statements", "Origins"]
    assert re.fullmatch(r"-?\d+ y \d+ m", held["lisvale"][2])
    assert held["lisvale"][:2] + held["lisvale"][3:] == ["Lisvale in the Network", "2023-01-05", "1", "8", "5"]
    assert held["dated-facts"][-2:] == ["6", "3"]
    assert len(held) == 6


@pytest.mark.parametrize(("back", "age"), [(0, "0 y 0 m"), (12, "1 y 0 m"), (29, "2 y 5 m")])
def test_sources_counts_the_age_of_a_document_in_years_and_months(uccn, tmp_path, back, age):
    today = datetime.date.today()
    year, month = divmod(12 * today.year + today.month - 1 - back, 12)
    write_document(tmp_path, "lisvale", "Lisvale", f"{year}-{month + 1:02}", "Lisvale has a port.")

    _, shown, _ = uccn("sources", "--corpus", tmp_path)

    assert f" {age} " in shown


def test_sources_gives_a_pipe_each_document_of_the_project_on_one_line_with_its_whole_id(uccn):
    _, shown, _ = uccn("sources", "--corpus", ROOT / "corpus")

    ids = [line.split()[0] for line in shown.splitlines()[1:]]
    assert {path.stem for path in (ROOT / "corpus" / "documents").iterdir()} < set(ids)
    assert len(ids) == len(set(ids))


def test_sources_shows_no_age_where_there_is_no_date(uccn, tmp_path):
    (tmp_path / "guild.txt").write_text("The guild of Lisvale keeps a workshop for young luthiers.")

    _, shown, _ = uccn("sources", "--corpus", tmp_path)

    assert " y " not in shown


def test_sources_names_what_it_could_not_read(uccn, tmp_path):
    corpus = write_tabled_corpus(tmp_path / "corpus", facts=changed(FACTS, "uccn-2011,UCCN", "uccn-2011,"))

    status, shown, errors = uccn("sources", "--corpus", corpus)

    assert status == 0
    assert "lisvale" in shown
    assert errors.startswith("not read facts.csv: line 2: subject is empty")


def test_sources_check_passes_a_sound_corpus(uccn, tmp_path):
    status, shown, errors = uccn("sources", "--check", "--corpus", write_tabled_corpus(tmp_path / "corpus"))

    assert (status, errors) == (0, "")
    assert shown == "6 documents and tables, 5 sources, 4 cities, 6 dated facts: no problem.\n"


def test_sources_check_names_file_line_and_what_to_do_and_fails(uccn, tmp_path):
    documents = DOCUMENTS | {"call-2021": ("The call", CALL.replace("[U1]", "[U9]"))}
    cities = changed(CITIES, "Lisval|", "Ardmouth|")
    corpus = write_tabled_corpus(tmp_path / "corpus", documents, cities=cities)

    status, shown, errors = uccn("sources", "--check", "--corpus", corpus)

    line = LAST_LINE_OF_HEADER + 3
    assert (status, shown) == (1, "")
    assert errors.splitlines()[0] == (
        "cities.csv, line 2: 'Ardmouth' is a name of Ardmouth too: keep it for one of them"
    )
    assert (
        f"documents/call-2021.md, line {line}: the source U9 is not in sources.csv: add it there or mend the id"
    ) in errors.splitlines()
    assert errors.splitlines()[-1].endswith("problems in 2 of 6 documents and tables")


def test_sources_check_names_what_cannot_be_read_and_fails(uccn, tmp_path):
    corpus = write_corpus(tmp_path / "corpus")
    (corpus / "documents" / "broken.docx").write_bytes(b"no archive")

    status, _, errors = uccn("sources", "--check", "--corpus", corpus)

    assert status == 1
    assert "broken.docx" in errors


def test_the_corpus_of_the_project_passes_the_check(uccn):
    assert uccn("sources", "--check", "--corpus", ROOT / "corpus")[0] == 0


@pytest.mark.model
def test_index_says_what_it_did_and_again_that_nothing_changed(uccn, tmp_path, monkeypatch):
    corpus = write_corpus(tmp_path / "corpus")
    (corpus / "documents" / "empty.txt").write_text("")
    monkeypatch.setenv("UCCN_INDEX", str(tmp_path / "index"))

    first = uccn("index", "--corpus", corpus)
    (corpus / "documents" / "network-2018.md").unlink()
    second = uccn("index", "--corpus", corpus)
    third = uccn("index", "--corpus", corpus)

    assert first[0] == second[0] == third[0] == 0
    assert "3 added" in first[1]
    assert "lisvale-music" in first[1]
    assert "empty.txt" in first[2]
    assert "1 removed, 2 left" in second[1]
    assert "0 texts embedded" in second[1]
    assert "up to date" in third[1]


@pytest.mark.model
def test_ask_prints_the_answer_then_its_sources(uccn, real):
    status, shown, errors = uccn("ask", "How many Cities of Gastronomy does China have?")

    answer, _, sources = shown.partition("\n\n[1] ")
    assert (status, errors) == (0, "")
    assert "[1]" in answer
    assert "**" not in shown
    assert "\n[2] " in sources
    assert "2022-06-24" in sources
    assert "“" in sources


def test_a_citation_is_printed_with_origin_date_firmness_and_document(capsys):
    citations = (
        cite_compiled("U1", "P1", "C1"),
        cite_compiled("C1", n=2, quote="Lisvale has two halls."),
        cite_compiled("P1", "C1", n=3),
    )

    _print_answer(answered(citations=citations))

    _, _, shown = capsys.readouterr().out.partition("\n\n")
    assert shown.splitlines() == [
        "[1] List of members, UNESCO, 2022-06-24, official",
        "    “Lisvale joined in 2011.”",
        f"    in {COMPILED.title}, and 2 more sources",
        "[2] Copy of a release, Guild, undated, unofficial copy of a UNESCO text",
        "    “Lisvale has two halls.”",
        f"    in {COMPILED.title}",
        "[3] News <of> the port, Post & Sons, 2021-11, press",
        "    “Lisvale joined in 2011.”",
        f"    in {COMPILED.title}, and 1 more source",
    ]


def test_a_citation_of_a_document_of_one_origin_is_printed_as_before(capsys):
    _print_answer(answered())

    shown = capsys.readouterr().out
    assert shown.endswith(f"[1] Calls & dates, Office <of> calls, 2021-06-30\n    “{cite().quote}”\n")


def test_a_long_quote_is_printed_with_its_first_lines(capsys):
    quote = "\n\n".join(f"- Line {n} [b]" for n in range(1, 9))

    _print_answer(answered(citations=(replace(cite(), quote=quote),)))

    lines = capsys.readouterr().out.splitlines()
    assert [line.strip() for line in lines[-5:]] == [
        "“Line 1 [b]", "Line 2 [b]", "Line 3 [b]", "Line 4 [b]", "... and 4 more lines of this quote”",
    ]  # fmt: skip


def test_an_answer_without_citations_ends_with_its_text(capsys):
    _print_answer(NO_ANSWER)

    assert capsys.readouterr().out == f"{NO_ANSWER.answer}\n"


@pytest.mark.model
def test_ask_json_is_the_whole_answer(uccn, real):
    status, shown, _ = uccn("ask", "Where does the third summit take place?", "--json", "--as-of", "2021")

    row = json.loads(shown)
    assert status == 0
    assert row["status"] == "answered"
    assert "Shougang Park" in row["answer"]
    assert row["citations"][0]["verified"]


@pytest.mark.model
def test_ask_reads_the_history(uccn, real, tmp_path):
    history = tmp_path / "history.json"
    turns = [
        {"role": "user", "content": "When was the deadline of the 2021 call?"},
        {"role": "assistant", "content": "30 June 2021."},
    ]
    history.write_text(json.dumps(turns))

    status, shown, _ = uccn("ask", "And when did it open?", "--history", history, "--json")

    assert status == 0
    assert "2021 call" in json.loads(shown)["standalone_question"]


@pytest.mark.parametrize("text", ["{", '{"role": "user"}', '[{"role": "system", "content": "x"}]', '["x"]', "3"])
def test_a_broken_history_is_one_sentence(uccn, real_free, tmp_path, text):
    history = tmp_path / "history.json"
    history.write_text(text)

    status, _, errors = uccn("ask", "When?", "--history", history)

    assert status == 1
    assert "history.json" in errors
    assert "Traceback" not in errors


@pytest.fixture
def real_free(monkeypatch, tmp_path):
    """Where input is refused before an index is opened, none is there."""
    monkeypatch.setenv("UCCN_INDEX", str(tmp_path / "none"))


@pytest.mark.model
def test_a_batch_is_answered_in_order_with_its_ids(uccn, real, tmp_path):
    film = "How many Cities of Film does China have?"
    rows = [
        {"id": "b", "question": film},
        {"id": "a", "question": ""},
        {"question": "What is the theme of the third Beijing Summit?", "as_of": "2021"},
        {"id": "z", "question": "And of Literature?", "history": [{"role": "user", "content": film}]},
        {"id": "y", "question": "How many?", "as_of": "soon"},
    ]  # fmt: skip
    batch = tmp_path / "batch.jsonl"
    batch.write_text("\n\n".join(json.dumps(row) for row in rows) + "\n")

    status, shown, _ = uccn("ask", "--batch", batch, "--json")

    answers = [json.loads(line) for line in shown.splitlines()]
    assert status == 0
    assert [answer["id"] for answer in answers] == ["b", "a", "", "z", "y"]
    assert [answer["status"] for answer in answers] == ["answered", "error", "answered", "answered", "error"]
    assert "Nanjing" in answers[3]["answer"]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        '"text"',
        "[1]",
        '{"id": "x"}',
        "3",
        "null",
        '{"question": "When?", "history": 3}',
        '{"question": "When?", "history": ["x"]}',
    ],
)
def test_a_broken_line_of_a_batch_is_named(uccn, real_free, tmp_path, line):
    batch = tmp_path / "batch.jsonl"
    batch.write_text(f'{{"question": "When?"}}\n\n{line}\n')

    status, shown, errors = uccn("ask", "--batch", batch)

    assert (status, shown) == (1, "")
    assert "batch.jsonl, line 3" in errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("content", [None, b"\xff\xfe\xfa"])
def test_a_batch_that_cannot_be_read_is_one_sentence(uccn, real_free, tmp_path, content):
    batch = tmp_path / "batch.jsonl"
    if content:
        batch.write_bytes(content)

    status, _, errors = uccn("ask", "--batch", batch)

    assert status == 1
    assert ("cannot be read" if content else "There is no file") in errors


@pytest.mark.model
def test_doctor_finds_everything_there(uccn, real, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")

    status, shown, _ = uccn("doctor")

    assert status == 0
    assert "missing" not in shown
    assert "UCCN_INDEX" in shown
    assert "matches the corpus" in shown
    assert "none: UCCN_LLM is empty" in shown


@pytest.mark.model
def test_doctor_says_whether_the_language_model_can_be_used(uccn, real, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setenv("UCCN_LLM", "nothing")
    monkeypatch.setenv("UCCN_LLM_API_KEY", "my secret key")

    status, shown, _ = uccn("doctor")

    assert status == 1
    assert "'nothing' is no model" in shown
    assert "my secret key" not in shown


@pytest.mark.model
def test_doctor_says_what_is_missing_and_fails(uccn, real, monkeypatch, tmp_path):
    monkeypatch.setenv("UCCN_INDEX", str(tmp_path / "none"))
    monkeypatch.setenv("COLUMNS", "300")

    status, shown, _ = uccn("doctor")

    assert status == 1
    assert "uccn index" in shown


EVAL_RUNS = """
import json, sys
from pathlib import Path
sys.path[:0] = [str(Path(__file__).parent), sys.argv[1]]
from typer.testing import CliRunner
from assistant.cli import app
from evals import changes

if __name__ == "__main__":
    assert changes.BASELINE.parent == Path(__file__).parent / "evals"
    for line in sys.stdin:
        result = CliRunner().invoke(app, ["eval", *json.loads(line)])
        error = str(result.exception or "")
        print(json.dumps({"status": result.exit_code, "shown": result.output, "error": error}), flush=True)
"""


@pytest.fixture
def eval_commands(real, tmp_path):
    """Run `uccn eval ...` on sets, runs and a baseline of its own; return what each command said."""
    shutil.copytree(ROOT / "evals", tmp_path / "evals", ignore=shutil.ignore_patterns("datasets", "runs", "*.json"))
    (tmp_path / "evals" / "datasets").mkdir()
    (tmp_path / "runs.py").write_text(EVAL_RUNS)

    def say(*commands):
        done = subprocess.run(
            [sys.executable, tmp_path / "runs.py", ROOT],
            input="".join(f"{json.dumps(command)}\n" for command in commands),
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return say


def write_tiny(folder, **second):
    rows = [
        {"id": "q1", "question": "Which Chinese city is a City of Film?", "accepted": ["Qingdao"]},
        {"id": "q2", "question": "Which Chinese city is a City of Literature?", "accepted": ["Nanjing"], **second},
    ]
    lines = [json.dumps({"kind": "fact", "status": "answered", "corpus": "own", **row}) for row in rows]
    lines.insert(0, json.dumps({**json.loads(lines[0]), "id": "q0", "corpus": "originals"}))
    (folder / "evals" / "datasets" / "tiny.jsonl").write_text("\n".join(lines))


@pytest.mark.model
def test_the_gate_fails_below_its_baseline_alone_and_two_runs_are_told_apart(eval_commands, tmp_path):
    write_tiny(tmp_path)
    good = eval_commands(
        ["run", "tiny", "--workers", "1"],
        ["gate", "--accept"],
        ["gate"],
        ["run", "tiny", "--workers", "2", "--limit", "2", "--name", "again"],
        ["diff", "corpus", "again"],
        ["report", "--against", "again"],
        ["summary", "--json"],
    )
    write_tiny(tmp_path, accepted=["Xanadu"])
    bad = eval_commands(["check"], ["run", "tiny", "--workers", "1"], ["gate"], ["diff", "again", "corpus"])

    ran, _, held, again, same, _, figures = good
    assert [one["status"] for one in good] == [0] * 7
    assert "Baseline 2 right, now 2 of 2" in held["shown"]
    assert "no answer changed" in same["shown"]
    assert ran["shown"].split()[-1] == again["shown"].split()[-1], "two runs, one of them in two processes, same digest"
    assert json.loads(figures["shown"])["figures"]["Answers"][0]["value"] == 1.0
    assert "Nanjing" in (tmp_path / "evals" / "runs" / "report.html").read_text()
    checked, _, fallen, told = bad
    assert (checked["status"], fallen["status"], told["status"]) == (0, 1, 0)
    assert "now wrong: q2" in fallen["shown"]
    assert "other questions" in fallen["shown"]
    assert "1 now wrong" in told["shown"]


@pytest.mark.model
def test_a_setting_is_tried_without_touching_the_index_and_an_unknown_one_is_named(eval_commands, tmp_path, real):
    write_tiny(tmp_path)

    ran, unknown, unreadable = eval_commands(
        ["run", "tiny", "--set", "reranker=other", "--workers", "1"],
        ["run", "tiny", "--set", "colour=red"],
        ["run", "tiny", "--set", "threads=none"],
    )

    assert "UCCN_RERANKER" in ran["error"]
    assert "colour=red: write NAME=VALUE" in unknown["error"]
    assert "UCCN_THREADS" in unreadable["error"]


@pytest.mark.model
def test_a_stored_question_becomes_a_case(eval_commands, tmp_path, monkeypatch, real):
    from assistant.records import Answer
    from assistant.store import Rating, Store

    url = f"sqlite:///{tmp_path}/store.sqlite3"
    monkeypatch.setenv("UCCN_DATABASE_URL", url)
    store = Store(url, "full")
    for number, question in enumerate(("When did the 2021 call close?", "And in 2023?")):
        store.record(Answer(question, "answered", f"Answer {number}."), conversation="c", channel="chat")
    store.rate(Rating("Who pays?", "Nobody.", "down", reason="wrong"))

    listed, added, twice, missing, unsaid, checked = eval_commands(
        ["add"],
        ["add", "a2", "--kind", "followup", "--right"],
        ["add", "a2", "--kind", "followup", "--right"],
        ["add", "a9"],
        ["add", "r1"],
        ["check", "use"],
    )

    assert all(key in listed["shown"] for key in ("a1", "a2", "r1"))
    assert "use-a2 is in" in added["shown"]
    assert "stands in use already" in twice["error"]
    assert "no question a9" in missing["error"]
    assert "Say what a right answer holds" in unsaid["error"]
    assert "1 cases: no flaw" in checked["shown"]
    row = json.loads((tmp_path / "evals" / "datasets" / "use.jsonl").read_text())
    assert row["history"][0] == {"role": "user", "content": "When did the 2021 call close?"}
    assert row["accepted"] == ["30 June 2023"]
    assert row["quotes"]


@pytest.mark.model
def test_gaps_shows_what_was_asked_in_vain_and_the_documents_that_carry_answers(uccn, real, monkeypatch, tmp_path):
    from assistant.records import Answer
    from assistant.store import Rating, Store

    url = f"sqlite:///{tmp_path}/store.sqlite3"
    monkeypatch.setenv("UCCN_DATABASE_URL", url)
    monkeypatch.setenv("COLUMNS", "200")
    _, empty, _ = uccn("gaps")
    store = Store(url, "full")
    for question in ("What does the application cost?", "How much does the application cost?"):
        store.record(Answer(question, "no_answer", "No source says it."), channel="chat")
    store.record(replace(answered(), citations=(replace(cite(), source_id="call-2021"),)), channel="api")
    store.rate(Rating("Who is the mayor of Beijing?", "Nobody.", "down"))

    status, shown, _ = uccn("gaps")
    _, as_json, _ = uccn("gaps", "--json")

    assert "Nothing is stored" in empty
    assert status == 0
    assert "call-2021" in shown
    first, second = json.loads(as_json)["gaps"]
    assert (first["times"], second["times"]) == (2, 1)
    assert second["question"] == "Who is the mayor of Beijing?"


def test_an_unknown_set_of_questions_is_named_with_those_there_are(uccn):
    status, _, errors = uccn("eval", "run", "nothing")

    assert status == 1
    assert "dev" in errors
