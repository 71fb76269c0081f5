import io
import json
import subprocess
import sys

import pytest
from rich.console import Console

from assistant.records import Question
from evals.bench import (
    BenchError,
    Measures,
    compare,
    figure,
    keep,
    percentile,
    plot,
    rank,
    require,
    run_child,
    sample,
    share_within,
    show,
    take,
)
from evals.cases import Case
from evals.pipelines import BARE, OURS, TUTORIAL, WITHOUT_BM25, Asked, Found, Report, Task

TASK = Task(OURS, "ask", "corpus", "index", 2, ("Who leads it?", "Où ?"))
RIGHT, WRONG = Found("calls", "It closed on 30 June 2021."), Found("calls", "It opened in spring.")


def case(id_="q1", status="answered"):
    question = Question("When did it close?", id=id_)
    return Case(id_, "dev", question, "date", (status,), accepted=("30 June",), sources=("calls",))


def report(*passages, seconds=1.0, peak_mb=100.0, **parts):
    asked = (Asked(passages, retrieve_ms=10.0, answer_ms=20.0, route="facts"),) if passages else ()
    return Report(seconds, peak_mb, asked=asked, **parts)


def child(program):
    return (sys.executable, "-c", program)


def measured(seconds, *passages):
    measures = Measures(
        builds=[report(seconds=s, lengths=(100, 300), texts=100, work_seconds=s) for s in seconds],
        firsts=[report(seconds=2 * s, opened_seconds=s) for s in seconds],
        together=[report(RIGHT, work_seconds=0.5)],
    )
    take(measures, [case()], report(*passages))
    return measures


@pytest.fixture
def both():
    bare = Measures(builds=[report(texts=100, work_seconds=1.6)])
    return {OURS: measured((3, 1, 2), RIGHT, WRONG), TUTORIAL: measured((4, 4, 9), WRONG, RIGHT), BARE: bare}


def test_a_task_and_a_report_survive_the_way_to_the_other_process():
    asked = (Asked((RIGHT,), 1.0, None), Asked((), 2.0, 3.0, "cities"))
    full = Report(1.5, 90.25, (10, 20), ("Où est Łódź ?",), asked, texts=9, work_seconds=1.25, opened_seconds=0.5)

    assert Task.from_json(TASK.to_json()) == TASK
    assert Report.from_json(full.to_json()) == full
    assert "\n" not in TASK.to_json() + full.to_json()


def test_a_child_gets_its_task_and_the_last_line_that_it_prints_is_its_report():
    program = (
        "import json, os, sys\n"
        "task = json.load(sys.stdin)\n"
        "print('a library says hello')\n"
        "threads = [os.environ[name] for name in ('OMP_NUM_THREADS', 'RAYON_NUM_THREADS')]\n"
        "print(json.dumps({'seconds': task['began'], 'peak_mb': 1.0, 'lengths': [],\n"
        "                  'standalone': [*task['questions'], *threads], 'asked': []}))"
    )

    answered = run_child(TASK, child(program))

    assert answered.standalone == ("Who leads it?", "Où ?", "2", "2")
    assert answered.seconds > 0


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("import sys; print('{}'); sys.exit('no room on the disk')", "no room on the disk"),
        ("print('not a report')", "it said nothing"),
        ("print('[1]')", "it said nothing"),
        ("pass", "it said nothing"),
    ],
)
def test_a_child_that_fails_is_named_with_its_last_words(program, words):
    with pytest.raises(BenchError, match=f"this assistant: ask failed.*`make bench`: {words}"):
        run_child(TASK, child(program))


def test_a_child_pays_only_for_its_own_pipeline_when_it_starts():
    heavy = ("torch", "chromadb", "langchain_core", "bm25s", "rich")
    program = f"import evals.pipelines, sys; print([name for name in {heavy} if name in sys.modules])"

    assert subprocess.run(child(program), capture_output=True, text=True, check=True).stdout == "[]\n"


def test_rank_is_the_first_place_that_bears_the_answer_and_0_where_none_does():
    assert rank(case(), [WRONG, RIGHT, RIGHT]) == 2
    assert rank(case(), [WRONG, Found("other", RIGHT.text)]) == 0
    assert rank(case(), []) == 0


def test_share_within_counts_the_places_up_to_the_last_one():
    ranks = {"a": 1, "b": 2, "c": 5, "d": 0}

    assert [share_within(ranks, places) for places in (1, 2, 5)] == [0.25, 0.5, 0.75]
    assert share_within({}, 5) == 0


def test_percentile_returns_one_of_the_values():
    assert percentile([30.0, 10.0, 20.0], 0.5) == 20.0
    assert percentile(range(101), 0.95) == 95
    assert percentile([7.0], 0.95) == 7.0


def test_only_answerable_cases_are_searched_for_their_answer():
    measures = Measures()
    asked = Asked((RIGHT,), 10.0, 20.0)

    take(measures, [case("q1"), case("q2", "no_answer")], Report(1.0, 1.0, asked=(asked, asked)))

    assert measures.ranks == {"q1": 1}
    assert measures.answer_ms == [20.0, 20.0]


def test_the_comparison_holds_medians_and_ratios(both):
    lines = {row.name: row for row in compare(both)}

    index, first = lines["Index time"], lines["Answer stands in the first passage"]
    assert (index.ours, index.theirs, index.ratio) == (2, 4, 0.5)
    assert (lines["Cold start to first answer *"].ours, lines["Passages"].ours) == (4, 2)
    assert (first.ours, first.theirs, first.ratio) == (100, 0, None)
    assert lines["Answer stands in the first 5"].theirs == 100
    assert (lines["Cold start, ready"].ours, lines["Answers a second, 8 clients *"].ours) == (2, 2)
    encoded = lines["Texts indexed a second"]
    assert (encoded.ours, encoded.theirs, encoded.ratio, encoded.beside) == (50, 62.5, 0.8, BARE)


def test_the_tables_and_the_file_hold_the_figures(both, tmp_path):
    console = Console(file=io.StringIO(), width=120)
    both[WITHOUT_BM25] = Measures()
    take(both[WITHOUT_BM25], [case()], report(WRONG))

    show(both, console=console)
    keep(both, tmp_path / "runs" / "bench.json", threads=2)

    printed = console.file.getvalue()
    kept = json.loads((tmp_path / "runs" / "bench.json").read_text())
    assert "| Index time | 0.50 | 2.0 s | 4.0 s |" in printed
    assert "| Texts indexed a second, beside the bare encoder | 0.80 | 50 | 62 |" in printed
    assert "| facts | 1 | 20.0 ms | 20.0 ms |" in printed
    assert "without BM25 0.0 % 0.0 % 10.0 ms" in " ".join(printed.split())
    assert "no language model" in printed
    assert kept["rows"][0] == {
        "name": "Index time",
        "unit": "s",
        "ours": 2,
        "theirs": 4,
        "beside": TUTORIAL,
        "ratio": 0.5,
    }
    assert kept["pipelines"][TUTORIAL]["ranks"] == {"q1": 2}


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(3.14159, "s", "3.1 s"), (512.4, "MB", "512 MB"), (62, "", "62"), (100, "%", "100 %")],
)
def test_a_figure_is_short(value, unit, text):
    assert figure(value, unit) == text


def test_a_missing_library_is_named_with_the_command_that_installs_it():
    with pytest.raises(BenchError, match=r"^no-such-library is not installed: run `make bench`"):
        require(["json", "no_such_library"])


def test_the_plot_is_drawn(both, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib comes with `make bench`")

    plot(both, tmp_path / "bench.png")

    assert (tmp_path / "bench.png").stat().st_size > 5000


def test_a_sample_is_spread_over_all_cases():
    cases = [case(f"q{n}") for n in range(100)]

    assert [one.id for one in sample(cases, 4)] == ["q0", "q25", "q50", "q75"]
    assert sample(cases, 0) == cases
    assert len(sample(cases, 1000)) == 100


@pytest.mark.model
def test_a_child_does_what_its_task_says_and_reports_it(real_settings):
    """It once had lost the lines that run it, and no test saw."""
    place = (str(real_settings.corpus), str(real_settings.index), 2)

    report = run_child(Task(OURS, "together", *place, questions=("Which Polish cities are members?",) * 3, clients=2))

    assert [one.route for one in report.asked] == ["cities"] * 3
    assert all(one.answer_ms > 0 for one in report.asked)
    assert 0 < report.work_seconds < report.seconds
