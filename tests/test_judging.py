"""A judge of another tool: what it is given and what not, how its opinion is told, and that the gate knows none of it.

No judge is installed here: a program stands in for the other Python, notes what it gets and prints what a judge does.
"""

import ast
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from small_evals import open_network, small_cases
from typer.testing import CliRunner

from assistant.errors import AssistantError, SettingsError
from assistant.settings import Settings
from evals import judges
from evals.cases import CaseError
from evals.changes import accept, check_gate
from evals.commands import app
from evals.judging import ADVISORY, judge_run
from evals.runner import Judge
from evals.runs import Header, Run, read_run, write_run

EVALS = Path(judges.__file__).parent
STAND_IN = """#!{python}
import json, os, sys
from pathlib import Path
rows = [json.loads(line) for line in Path(sys.argv[-1]).read_text().splitlines()]
noted = {{"arguments": sys.argv[1:], "environment": dict(os.environ), "folder": os.getcwd(), "rows": rows}}
Path({notes!r}).write_text(json.dumps(noted))
{body}
"""
GENEROUS = """
print(json.dumps({"version": "9.9"}))
for row in rows:
    print(json.dumps({"scores": {"faithfulness": 0.75, "answer relevancy": 1.0}}))
"""
HARSH = GENEROUS.replace("0.75", "0.25")


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The folder of the twelve cities, and a run on it."""
    folder = tmp_path_factory.mktemp("network")
    network = open_network(folder)
    header = Header("small", "small", "2022-03-01T00:00:00+00:00", {"index": "i1"}, {}, 1.0, 1, 100.0)
    return folder, network.index, Run(header, tuple(map(Judge(network), small_cases())))


@pytest.fixture
def stand_in(tmp_path):
    """Write a program that is called like the other Python; return it and what it noted when it was called."""

    def write(body):
        program, notes = tmp_path / "python", tmp_path / "notes.json"
        program.write_text(STAND_IN.format(python=sys.executable, notes=str(notes), body=body))
        program.chmod(0o755)
        return program, lambda: json.loads(notes.read_text())

    return write


def settings_for(**options):
    return Settings(**{"llm": "openai:stub", "llm_base_url": "http://127.0.0.1:9/v1", "llm_api_key": "", **options})


@pytest.fixture
def judged(small):
    def judge(python, *, name="ragas", settings=None, run=None, limit=0):
        _, index, whole = small
        settings = settings or settings_for()
        return judge_run(
            run or whole, name, python=python, settings=settings, index=index, limit=limit, shown=lambda *_: None
        )

    return judge


@pytest.mark.parametrize(
    ("name", "asked", "said", "found"),
    [
        ("ragas", "user_input", "response", "retrieved_contexts"),
        ("deepeval", "input", "actual_output", "retrieval_context"),
    ],
)
def test_a_judge_gets_the_answered_questions_in_its_own_field_names(judged, small, stand_in, name, asked, said, found):
    python, noted = stand_in(GENEROUS)

    opinions = judged(python, name=name).opinions

    answered = [one for one in small[2].results if one.answer.status == "answered"]
    rows = noted()["rows"]
    assert noted()["arguments"][:4] == ["-I", judges.__file__, name, "stub"]
    assert rows[0][asked] == "How many cities of music are there?"
    assert [row[asked] for row in rows] == [one.answer.standalone_question for one in answered]
    assert "And in 2017?" not in [row[asked] for row in rows], "no judge reads what was said before"
    assert [row[said] for row in rows] == [one.answer.answer for one in answered]
    assert [one.result for one in opinions] == answered
    assert len(rows) == 10, "the two refusals say nothing that could be judged"
    for row, one in zip(rows, answered, strict=True):
        for citation in one.answer.citations:
            assert any(citation.quote in context for context in row[found]), "what an answer rests on is shown"


def test_a_judge_gets_no_other_key_no_setting_and_no_folder_of_ours(judged, stand_in, monkeypatch):
    python, noted = stand_in(GENEROUS)
    for name in ("OPENAI_API_KEY", "CONFIDENT_API_KEY", "LANGSMITH_API_KEY", "UCCN_DATABASE_URL", "PYTHONPATH"):
        monkeypatch.setenv(name, "not for a judge")

    judged(python)

    environment = noted()["environment"]
    assert "not for a judge" not in environment.values()
    assert environment["OPENAI_API_KEY"] == "none"
    assert environment["OPENAI_BASE_URL"] == "http://127.0.0.1:9/v1"
    assert environment["RAGAS_DO_NOT_TRACK"] == "true"
    assert environment["DEEPEVAL_TELEMETRY_OPT_OUT"] == "1"
    assert environment["HOME"] == noted()["folder"]
    assert not Path(noted()["folder"]).exists()


def test_the_key_of_the_model_s_maker_goes_to_the_maker_alone(judged, stand_in, monkeypatch):
    python, noted = stand_in(GENEROUS)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")

    judged(python, settings=settings_for(llm_base_url=""))

    assert noted()["environment"]["OPENAI_API_KEY"] == "sk-1"
    assert "OPENAI_BASE_URL" not in noted()["environment"]
    assert "sk-1" not in noted()["arguments"]


def test_a_limit_spreads_over_the_run(judged, stand_in):
    python, _ = stand_in(GENEROUS)

    assert [one.result.case.id for one in judged(python, limit=3).opinions] == ["e1", "e4", "e7"]


def test_the_judge_s_mean_stands_beside_our_nearest_figure_on_the_same_answers(judged, stand_in):
    python, _ = stand_in(GENEROUS.replace("for row in rows:", 'print(\'{"error": "no JSON"}\')\nfor row in rows[1:]:'))

    found = judged(python)

    assert [one.error for one in found.opinions][:2] == ["no JSON", ""]
    (faithfulness, (recall,)), (relevancy, (right,)) = found.figures()
    assert (faithfulness.name, faithfulness.value, faithfulness.n) == ("faithfulness", 0.75, 9)
    assert (recall.name, recall.n) == ("citation recall", 9)
    assert (relevancy.name, right.name, right.value) == ("answer relevancy", "right", 1.0)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"llm": ""}, "UCCN_LLM is empty: set UCCN_LLM=openai:NAME"),
        ({"llm": "ollama:stub"}, "'ollama:stub' cannot judge: set openai:NAME"),
        ({"llm": "openai:"}, "'openai:' cannot judge: set openai:NAME"),
        ({"llm_base_url": ""}, "no key for OpenAI: set UCCN_LLM_API_KEY"),
    ],
)
def test_a_setting_that_leads_to_no_judge_is_told_before_anything_starts(
    judged, stand_in, monkeypatch, options, sentence
):
    python, noted = stand_in(GENEROUS)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    with pytest.raises(SettingsError, match=sentence):
        judged(python, settings=settings_for(**options))
    with pytest.raises(FileNotFoundError):
        noted()


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("sys.exit('no such model')", r"status 1 \(no such model\): docs/evals.md"),
        ("print('hello')", "printed 'hello"),
        ("", "printed no verdict"),
        ('print(\'{"version": "1"}\')', "printed no verdict"),
        (GENEROUS.replace('{"scores": {"faithfulness": 0.75, "answer relevancy": 1.0}}', '{"error": "away"}'),
         r"none of the first 3 answers \(away\): check UCCN_LLM"),
    ],
)  # fmt: skip
def test_a_judge_that_fails_is_told_in_one_sentence(judged, stand_in, body, sentence):
    python, _ = stand_in(body)

    with pytest.raises(CaseError, match=sentence):
        judged(python)


def test_a_python_that_is_not_there_or_lacks_the_judge_is_told_with_what_to_do(judged, tmp_path):
    for python in (tmp_path / "nowhere", Path(sys.executable)):
        with pytest.raises(CaseError, match=r"docs/evals\.md tells under Judges"):
            judged(python, name="deepeval")


def test_a_run_without_an_answer_has_nothing_to_judge(judged, small, stand_in):
    python, _ = stand_in(GENEROUS)
    refusals = tuple(one for one in small[2].results if one.answer.status != "answered")

    with pytest.raises(CaseError, match="No question of this run was answered"):
        judged(python, run=replace(small[2], results=refusals))


def test_the_command_prints_and_keeps_the_opinion_and_the_gate_takes_none_of_it(small, stand_in, tmp_path, monkeypatch):
    folder, _, run = small
    python, _ = stand_in(HARSH)
    settings = {"INDEX": folder / "index", "EMBEDDING": "words", "LLM": "openai:stub", "LLM_BASE_URL": "http://x/v1"}
    for name, value in settings.items():
        monkeypatch.setenv(f"UCCN_{name}", str(value))
    path, baseline = tmp_path / "mine.jsonl", tmp_path / "baseline.json"
    write_run(run, path)
    accept(run, path=baseline)
    before = check_gate(read_run(path), path=baseline)

    done = CliRunner().invoke(app, ["judge", str(path), "--with", "ragas", "--python", str(python), "--limit", "2"])

    assert done.exit_code == 0, done.output
    shown = " ".join(done.output.split())
    assert "ragas 9.9" in shown
    assert "faithfulness 0.250" in shown
    assert "citation recall 100.0 %" in shown
    assert "e1: faithfulness 0.25" in shown
    assert "this run was taken on other index" in shown
    assert ADVISORY in shown
    kept = tmp_path / "mine.ragas.judged.jsonl"
    head, *rows = map(json.loads, kept.read_text().splitlines())
    assert (head["advisory"], head["judge"], head["digest"]) == (ADVISORY, "ragas", run.digest)
    assert [row["id"] for row in rows] == ["e1", "e6"]
    assert check_gate(read_run(path), path=baseline) == before
    with pytest.raises(CaseError, match="is no run"):
        read_run(kept)


def test_a_judge_that_is_not_known_is_wrong_usage(tmp_path):
    done = CliRunner().invoke(app, ["judge", "corpus", "--with", "oracle"])

    assert done.exit_code == 2
    assert not isinstance(done.exception, AssistantError)


def imports_of(path):
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_the_program_of_the_other_environment_imports_nothing_of_ours():
    roots = {name.split(".")[0] for name in imports_of(Path(judges.__file__))}

    assert roots <= {*sys.stdlib_module_names, "openai", "ragas", "deepeval"}


def test_only_the_command_knows_the_judges():
    users = {path.stem for path in EVALS.glob("*.py") if {"evals.judges", "evals.judging"} & imports_of(path)}

    assert users == {"commands", "judging"}


def test_a_verdict_that_fails_is_one_line_and_a_score_that_is_no_number_is_left_out():
    def broken(row):
        raise ValueError("no\n  JSON")

    assert judges.verdict(broken, {}) == {"error": "ValueError: no JSON"}
    assert judges.verdict(lambda row: {"faithfulness": float("nan"), "other": 0.5}, {}) == {"scores": {"other": 0.5}}


@pytest.mark.parametrize("name", judges.JUDGES)
def test_what_a_judge_needs_is_pinned(name):
    lines = (EVALS / f"judges-requirements-{name}.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if not line.startswith("#"))

    assert name in pins
