"""Runs as they are kept, their figures, what changed between two, the gate, and answerers that must be told apart."""

import json
from dataclasses import replace

import pytest
from small import WordEmbeddings
from small_evals import open_network, small_cases
from typer.testing import CliRunner

from assistant.records import Answer, Question
from assistant.settings import Settings
from evals.cases import CaseError
from evals.changes import SLACK, accept, check_gate, differences, moved
from evals.commands import app
from evals.metrics import claim_shares, claims
from evals.ranking import measure_ranks
from evals.report import log_place, render_report, said
from evals.runner import Judge
from evals.runs import Header, Result, Run, changed_settings, fingerprints, read_run, write_run
from evals.totals import all_figures, by_group, mean, percentile, share

HEADER = Header("small", "small", "2022-03-01T00:00:00+00:00", {"corpus": "c1", "models": "m1"}, {}, 1.0, 1, 100.0)


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    return open_network(tmp_path_factory.mktemp("network"))


def run_of(assistant, cases=None, **header):
    return Run(replace(HEADER, **header), tuple(map(Judge(assistant), cases or small_cases())))


@pytest.fixture(scope="module")
def run(network):
    return run_of(network)


def figures_of(run):
    return {figure.name: figure for held in all_figures(run).values() for figure in held}


def wrong(run):
    return {one.case.id for one in run.results if not one.score.right}


class Broken:
    """An assistant with one fault, beside a sound one."""

    def __init__(self, sound):
        self.sound = sound
        self.index = sound.index

    def ask(self, question):
        return self.change(self.sound.ask(question))

    def ask_and_search(self, question):
        return self.ask(question), self.sound.ask_and_search(question)[1]

    def change(self, answer):
        return answer


class WrongFigures(Broken):
    def change(self, answer):
        text, *marks = answer.answer.partition(" [")
        return replace(answer, answer="".join([text.translate(str.maketrans("0123456789", "1234567890")), *marks]))


class NoCitations(Broken):
    def change(self, answer):
        text = "\n".join(line.partition(" [")[0] for line in answer.answer.split("\n"))
        return replace(answer, answer=text, citations=())


class OthersQuotes(Broken):
    def change(self, answer):
        if not answer.citations:
            return answer
        source = self.index.sources["port"]
        quote = "The port of Lisvale has 14 concert halls."
        start = source.text.index(quote)
        moved = [
            replace(
                one,
                source_id="port",
                title="The port",
                section="",
                date="2022-01",
                document="",
                quote=quote,
                start=start,
                end=start + len(quote),
            )
            for one in answer.citations
        ]
        return replace(answer, citations=tuple(moved))


class AlwaysRefuses(Broken):
    def change(self, answer):
        return Answer(answer.question, "no_answer", "No source says it.")


class AlwaysAnswers(Broken):
    def ask(self, question):
        answer = self.sound.ask(question)
        return answer if answer.status == "answered" else self.sound.ask("How many member cities does the UCCN have?")


class StaleDates(Broken):
    def ask(self, question):
        return self.sound.ask(replace(question, as_of="2017"))


class IgnoresHistory(Broken):
    def ask(self, question):
        return self.sound.ask(replace(question, history=()))


class AgreesWithAnyPremise(Broken):
    def change(self, answer):
        return replace(answer, answer="Yes, Film. [1]") if answer.answer.startswith("Correction") else answer


def test_the_sound_assistant_gets_every_question_right(run):
    assert wrong(run) == set()
    figures = figures_of(run)
    assert figures["right"].value == figures["refusal recall"].value == figures["citations exact"].value == 1
    assert figures["false refusals"].value == 0
    assert figures["truthfulness"].value == 1


@pytest.mark.parametrize(
    ("broken", "metric", "most"),
    [
        (WrongFigures, "number right where answered", 0.0),
        (WrongFigures, "citation recall", 0.5),
        (NoCitations, "citations exact", 0.2),
        (OthersQuotes, "citation recall", 0.5),
        (OthersQuotes, "citation precision", 0.5),
        (AlwaysRefuses, "truthfulness", 0.1),
        (AlwaysAnswers, "refusal recall", 0.0),
        (AlwaysAnswers, "tampering resisted", 0.0),
        (StaleDates, "number right where answered", 0.5),
        (IgnoresHistory, "follow-up carried", 0.0),
        (AgreesWithAnyPremise, "false premise corrected", 0.0),
    ],
)
def test_a_broken_answerer_fails_the_metric_of_its_fault(network, run, broken, metric, most):
    figures = figures_of(run_of(broken(network)))

    assert figures_of(run)[metric].value == 1.0
    assert figures[metric].value <= most


def test_an_assistant_that_always_refuses_gains_nothing_by_its_refusals(network):
    figures = figures_of(run_of(AlwaysRefuses(network)))

    assert figures["false refusals"].value == 1.0
    assert figures["refusal precision"].value < 0.2
    assert "number right where answered" not in figures, "what does not apply has no figure"


def test_a_wrong_answer_costs_more_than_a_refusal(network):
    refuses, wrongs = (figures_of(run_of(one(network))) for one in (AlwaysRefuses, WrongFigures))

    assert wrongs["truthfulness"].value < refuses["truthfulness"].value


def test_a_run_is_read_as_it_was_written(tmp_path, run):
    write_run(run, tmp_path / "run.jsonl")

    read = read_run(tmp_path / "run.jsonl")
    assert (read.header, read.digest) == (run.header, run.digest)
    assert [one.answer.timings_ms for one in read.results] == [one.answer.timings_ms for one in run.results]


def test_the_digest_is_that_of_the_answers_whatever_time_they_took(network, run):
    again = run_of(network)
    slower = replace(
        run, results=tuple(replace(one, answer=replace(one.answer, timings_ms={"total": 9999})) for one in run.results)
    )
    changed = run_of(WrongFigures(network))

    assert run.digest == again.digest == slower.digest != changed.digest


@pytest.mark.parametrize("text", ["", "not JSON\n", '{"format": 1}\n', '{"format": 2}\n', "[]\n"])
def test_a_file_that_is_no_run_is_one_clear_error(tmp_path, text):
    (tmp_path / "run.jsonl").write_text(text)

    with pytest.raises(CaseError, match="uccn eval run"):
        read_run(tmp_path / "run.jsonl")


def test_a_run_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CaseError, match=r"none\.jsonl"):
        read_run(tmp_path / "none.jsonl")


def test_a_changed_city_shows_as_the_flips_that_it_must_make(tmp_path, run):
    from small_network import CITIES

    moved = open_network(
        tmp_path,
        cities=CITIES.replace("Osterland,Asia and the Pacific,Music,2014", "Osterland,Asia and the Pacific,Film,2014"),
    )

    flips = {flip.id: flip.turned for flip in differences(run, run_of(moved))}

    assert flips == {"e1": "now wrong", "e3": "still right, otherwise", "e8": "now wrong"}


def test_a_changed_deadline_shows_as_the_flips_that_it_must_make(tmp_path, run):
    from small_network import FACTS

    moved = open_network(
        tmp_path, facts=FACTS.replace("2021-06-30", "2021-07-07").replace("30 June 2021", "7 July 2021")
    )

    flips = {flip.id: flip.turned for flip in differences(run, run_of(moved))}

    assert flips == {"e4": "now wrong"}


class OnePoint(WordEmbeddings):
    """An encoder that has learnt nothing: every text lies at one point."""

    def _vector(self, text):
        return [1.0] + [0.0] * (self.SIZE - 1)


def test_a_changed_embedding_shows_in_the_search_and_leaves_facts_and_table_alone(tmp_path, run):
    changed = run_of(open_network(tmp_path, embeddings=OnePoint()))

    assert {flip.id for flip in differences(run, changed)} <= {"e9"}  # the one question that passages answer
    figures = {old.name: (old.value, new.value) for old, new in moved(run, changed)}
    assert figures["statement RR@10"][0] == 1.0 > figures["statement RR@10"][1]
    assert moved(run, run) == []


def test_what_differs_is_shown_however_late_it_comes_and_in_the_quotes_alone(tmp_path, run):
    listed, quoted = (one for one in run.results if one.case.id in ("e2", "e9"))
    long, other = (replace(listed.answer, answer=f"{'Lisvale, Ardmouth, ' * 40}and {last}. [1]") for last in ("A", "B"))
    (cited,) = quoted.answer.citations
    moved = replace(quoted.answer, citations=(replace(cited, quote="Another quote."),))
    before = Run(run.header, (replace(listed, answer=long), quoted))
    after = Run(run.header, (replace(listed, answer=other), replace(quoted, answer=moved)))
    for name, one in (("before", before), ("after", after)):
        write_run(one, tmp_path / f"{name}.jsonl")

    result = CliRunner().invoke(app, ["diff", str(tmp_path / "before.jsonl"), str(tmp_path / "after.jsonl")])

    ends, quotes = (result.output.split("\n\n")[number].splitlines()[-2:] for number in (0, 1))
    assert [line[-10:] for line in ends] == ["and A. [1]", "and B. [1]"]
    assert max(map(len, ends)) < 100
    assert quotes == [f"- (answered) quotes: {cited.quote}", "+ (answered) quotes: Another quote."]


def test_a_question_that_only_one_run_has_is_new_or_gone(network, run):
    fewer = Run(run.header, run.results[1:])

    assert [(flip.id, flip.turned) for flip in differences(fewer, run)] == [("e1", "new")]
    assert [(flip.id, flip.turned) for flip in differences(run, fewer)] == [("e1", "gone")]
    assert differences(run, run) == []


def test_the_gate_holds_against_itself_and_falls_where_more_flip_than_may(tmp_path, network, run):
    path = tmp_path / "baseline.json"
    accept(run, path=path)

    same, worse = check_gate(run, path=path), check_gate(run_of(WrongFigures(network)), path=path)

    assert same.holds
    assert (same.was, same.now, same.of, same.now_wrong, same.changed) == (12, 12, 12, (), ())
    assert not worse.holds
    assert "e1" in worse.now_wrong


def test_the_gate_falls_where_the_quotes_are_others_though_every_value_is_right(tmp_path, network, run):
    path = tmp_path / "baseline.json"
    accept(run, path=path)

    moved = check_gate(run_of(OthersQuotes(network)), path=path)

    assert moved.now == moved.was
    assert moved.support_now < 0.8
    assert not moved.holds


def test_the_gate_lets_flip_no_more_than_its_slack(tmp_path, run):
    many = Run(
        run.header,
        tuple(replace(one, case=replace(one.case, id=f"{one.case.id}-{n}")) for n in range(20) for one in run.results),
    )
    path = tmp_path / "baseline.json"
    accept(many, path=path)

    def with_wrong(count):
        results = [replace(one, score=replace(one.score, right=n >= count)) for n, one in enumerate(many.results)]
        return check_gate(Run(many.header, tuple(results)), path=path)

    allowed = int(SLACK * len(many.results))
    assert allowed == 2
    assert with_wrong(allowed).holds
    assert not with_wrong(allowed + 1).holds


def test_the_gate_tells_what_the_baseline_was_not_taken_on(tmp_path, network, run):
    path = tmp_path / "baseline.json"
    accept(run, path=path)

    other = run_of(network, fingerprints={"corpus": "c2", "models": "m1"})

    assert check_gate(other, path=path).changed == ("corpus",)


def test_settings_that_no_answer_depends_on_are_no_other_settings_and_no_secret_is_kept():
    assert changed_settings(Settings(staff_password="staff" * 3, threads=1, rate_asks="1/hour", cached_answers=0)) == {}
    assert changed_settings(Settings(passage_words=80, llm_base_url="http://me:secret@host/v1")) == {
        "passage_words": "80",
        "llm_base_url": "http://***@host/v1",
    }


def test_a_changed_glossary_is_another_corpus(tmp_path, network):
    path = tmp_path / "glossary.csv"

    def taken(row):
        path.write_text(f"language,phrase,term\n{row}\n")
        return fingerprints(network.index, Settings(glossary=path), ())

    first, same, other = taken("en,hand in,submit"), taken("en,hand in,submit"), taken("en,hand in,send")

    assert first == same
    assert {name for name in first if first[name] != other[name]} == {"corpus"}


def test_a_part_of_the_cases_leaves_the_verdicts_of_the_others_in_the_baseline(tmp_path, network, run):
    path = tmp_path / "baseline.json"
    accept(run, path=path)
    broken = run_of(WrongFigures(network), small_cases()[:1])

    accept(broken, path=path)

    assert check_gate(run, path=path).now_right == ("e1",)
    assert len(json.loads(path.read_text())["small"]["right"]) == 12


def test_a_corpus_without_a_baseline_and_a_broken_baseline_are_told(tmp_path, run):
    with pytest.raises(CaseError, match="no baseline for small"):
        check_gate(run, path=tmp_path / "none.json")
    (tmp_path / "broken.json").write_text('{"small": 3}')
    with pytest.raises(CaseError, match=r"broken\.json is no baseline"):
        check_gate(run, path=tmp_path / "broken.json")


def test_shares_carry_wilsons_interval_and_nothing_is_said_of_nothing():
    (figure,) = share("x", [True] * 8 + [False] * 2 + [None])

    assert (figure.value, figure.n) == (0.8, 10)
    assert figure.low == pytest.approx(0.490, abs=0.001)  # Wilson's score interval of 8 in 10
    assert figure.high == pytest.approx(0.943, abs=0.001)
    assert share("x", [None, None]) == mean("x", []) == []


def test_a_mean_has_the_same_interval_in_each_run_and_holds_it():
    values = [0.0, 0.25, 0.5, 1.0, 1.0, 0.75]
    (one,), (other,) = mean("x", values), mean("x", values)

    assert one == other
    assert 0 <= one.low < one.value < one.high <= 1


def test_percentiles_are_values_that_were_measured():
    assert percentile([30.0, 10.0, 20.0], 0.5) == 20.0
    assert percentile(range(101), 0.95) == 95


def test_ranks_are_measured_as_trec_eval_does():
    gold = {"a": ["d1"], "b": ["d2", "d3"], "c": ["d9"], "d": []}
    ranked = {"a": ["d1", "d4"], "b": ["d4", "d2", "d5", "d3"]}

    values = measure_ranks(gold, ranked)

    assert values["Success@1"] == {"a": 1, "b": 0, "c": 0}, "what found nothing counts, what has no gold does not"
    assert values["RR@10"] == {"a": 1, "b": 0.5, "c": 0}
    assert values["R@5"]["b"] == 1
    ideal = 1 + 1 / 1.5849625
    assert values["nDCG@10"]["b"] == pytest.approx((1 / 1.5849625 + 1 / 2.3219281) / ideal)


def test_retrieval_is_measured_where_the_gold_words_are_known(run):
    figures = figures_of(run)

    assert figures["passage Success@1"].n == figures["statement RR@10"].n == 1
    assert figures["passage Success@1"].value == 1


def test_groups_part_the_results_without_loss(run):
    for group in ("set", "kind", "language", "route"):
        assert sum(map(len, by_group(run.results, group).values())) == len(run.results)
    assert list(by_group(run.results, "language")) == ["en"]


def test_statements_and_their_markers_are_told_apart():
    assert claims("One is **8**. [1][2]\n\n- Two [3]") == [("One is **8**.", [1, 2]), ("- Two", [3])]


def test_a_statement_is_supported_by_its_own_quotes_alone(run):
    (answer,) = [one.answer for one in run.results if one.case.id == "e9"]
    other = replace(answer, answer=answer.answer.replace("Maren Holt", "Karen Bolt"))

    assert claim_shares(answer) == (1.0, 1.0)
    assert claim_shares(other)[0] == 0.0


def test_the_report_holds_every_case_and_asks_no_host(run, network):
    page = render_report(run, differences(run, run_of(WrongFigures(network))), before=run)

    for one in run.results:
        assert one.case.id in page
    assert "now wrong" in page
    assert "default-src 'none'" in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    assert 'src="http' not in page


def test_what_a_visitor_or_a_document_writes_stays_text_in_the_report(run):
    evil = "<script>alert(1)</script> **<b>bold</b>**"
    one = run.results[0]
    bad = Result(
        replace(one.case, question=Question(evil, id="x<y"), id='x"><i>'), replace(one.answer, answer=evil), one.score
    )

    page = render_report(Run(run.header, (bad,)))

    assert "<script>alert" not in page
    assert "<i>" not in page.replace('<i class="', "")


def test_markers_lead_to_the_quotes_of_their_case():
    assert said("**8** cities \\[7\\] [2]", "q1") == '<b>8</b> cities [7] <a class="marker" href="#q1-2">2</a>'


def test_times_stand_on_a_logarithmic_axis():
    assert [log_place(value) for value in (0.5, 1, 100, 10_000, 99_999)] == [0, 0, 50, 100, 100]
