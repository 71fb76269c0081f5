import re
from pathlib import Path

from fakes import FakeAssistant, answered
from small import write_corpus
from test_api import ASK, client_of
from test_refuse import opened

from assistant.metrics import STAGES, Metrics

DOCS = Path(__file__).parent.parent / "docs" / "operate.md"


def lines_of(metrics):
    return metrics.text().decode().splitlines()


def value(metrics, series):
    (line,) = [line for line in lines_of(metrics) if line.startswith(f"{series} ")]
    return float(line.rpartition(" ")[2])


def test_the_table_of_the_docs_names_the_metrics_that_there_are_with_their_labels():
    rows = re.findall(r"^\| `(uccn_\w+)` \| (.*?) \|", DOCS.read_text(encoding="utf-8"), re.M)
    documented = {(name, tuple(re.findall(r"`(\w+)`", labels))) for name, labels in rows}

    kept = {
        (family.name + ("_total" if family.type == "counter" else ""), metric._labelnames)
        for metric in {id(one): one for one in Metrics()._registry._names_to_collectors.values()}.values()
        if hasattr(metric, "_labelnames")
        for family in metric.describe()
    }

    assert documented == kept
    assert len(rows) == len(documented)


def test_every_stage_of_an_answer_is_timed_under_its_name():
    metrics = Metrics()

    metrics.answered(answered(timings_ms={"understand": 20, "rerank": 300, "total": 320}), channel="api", seconds=0.4)

    assert value(metrics, 'uccn_stage_seconds_sum{stage="rerank"}') == 0.3
    assert value(metrics, 'uccn_stage_seconds_count{stage="understand"}') == 1
    assert not [line for line in lines_of(metrics) if 'stage="total"' in line or 'stage="llm"' in line]
    assert value(metrics, 'uccn_cached_answers_total{result="miss"}') == 1


def test_an_answer_from_memory_is_a_hit_and_went_through_no_stage():
    metrics = Metrics()

    metrics.answered(answered(timings_ms={"total": 0}), channel="api", seconds=0.001)

    assert value(metrics, 'uccn_cached_answers_total{result="hit"}') == 1
    assert not [line for line in lines_of(metrics) if "stage=" in line]


def test_questions_that_no_thread_answers_yet_wait():
    metrics = Metrics()

    metrics.queued(taken=5, threads=2)

    assert value(metrics, "uccn_questions_taken") == 5
    assert value(metrics, "uccn_questions_waiting") == 3
    metrics.queued(taken=1, threads=2)
    assert value(metrics, "uccn_questions_waiting") == 0


def test_the_index_tells_its_age_its_build_and_its_size():
    metrics = Metrics()

    metrics.indexed({"built": "1970-01-01T01:00:00+00:00", "build_seconds": 12.5, "documents": {"a": ""}, "units": 7})

    assert value(metrics, "uccn_index_built_timestamp_seconds") == 3600
    assert value(metrics, "uccn_index_build_seconds") == 12.5
    assert value(metrics, 'uccn_index_entries{kind="documents"}') == 1
    assert value(metrics, 'uccn_index_entries{kind="units"}') == 7


def test_the_server_counts_what_it_refuses_and_what_its_store_could_not_keep(tmp_path):
    (tmp_path / "file").write_text("no folder")
    url = f"sqlite:///{tmp_path}/file/store.sqlite3"
    with client_of(FakeAssistant(), database_url=url, keep_questions="full") as client:
        client.post(ASK, json={"question": "When?"})
        client.app.state.workers.close()
        refused = client.post(ASK, json={"question": "When?"})
        shown = client.get("/metrics").text

    assert refused.status_code == 503
    assert int(refused.headers["retry-after"]) > 0
    assert "uccn_store_failures_total 1.0" in shown
    assert 'uccn_refused_total{reason="stopping"} 1.0' in shown
    assert "uccn_index_built_timestamp_seconds 1.7" in shown


def test_the_stages_of_a_real_answer_all_have_a_name(tmp_path):
    assistant = opened(write_corpus(tmp_path / "corpus"), tmp_path / "index")
    questions = ("When was the deadline of the 2021 call?", "How many concert halls does Lisvale have?", "Who sings?")

    for question in questions:
        timings = assistant.ask(question).timings_ms
        assert set(timings) - {"total"} <= set(STAGES)
        assert timings["total"] == sum(timings[stage] for stage in timings if stage != "total")
    assert "rerank" in timings
