"""Cases and runs in the field names of other tools: ragas, deepeval, BEIR and TREC; and back."""

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from assistant.index import Index, passage_text
from assistant.records import Passage, Question, Turn
from evals.beir import read_beir
from evals.cases import Case, CaseError, Gold
from evals.gold import gold_passages
from evals.runs import Result, Run
from evals.soundness import gold_answer

Row = dict[str, Any]

RUN_TAG = "uccn"


def ragas_row(case: Case, result: Result | None, passages: Mapping[str, Passage]) -> Row:
    """Return a case as ragas' SingleTurnSample names its fields."""
    row: Row = {
        "user_input": case.question.question,
        "reference": case.reference or gold_answer(case),
        "reference_contexts": [gold.quote for gold in case.quotes],
    }
    if result:
        row["response"] = result.answer.answer
        row["retrieved_contexts"] = _contexts(result, passages)
    return row


def deepeval_row(case: Case, result: Result | None, passages: Mapping[str, Passage]) -> Row:
    """Return a case as deepeval's LLMTestCase names its fields."""
    row: Row = {
        "name": case.id,
        "input": case.question.question,
        "expected_output": case.reference or gold_answer(case),
        "context": [gold.quote for gold in case.quotes],
        "tags": list(case.tags),
    }
    if result:
        row["actual_output"] = result.answer.answer
        row["retrieval_context"] = _contexts(result, passages)
    return row


def _contexts(result: Result, passages: Mapping[str, Passage]) -> list[str]:
    """Return the passages found, and the quotes of the answer that stand in none: of tables and dated facts."""
    found = [passages[id_].text for id_ in result.retrieved.passages if id_ in passages]
    quotes = dict.fromkeys(citation.quote for citation in result.answer.citations)
    return found + [quote for quote in quotes if not any(quote in text for text in found)]


WRITERS: dict[str, Callable[[Case, Result | None, Mapping[str, Passage]], Row]] = {
    "ragas": ragas_row,
    "deepeval": deepeval_row,
}


def write_rows(name: str, cases: Sequence[Case], path: Path, *, run: Run | None, index: Index) -> int:
    """Write cases, with the answers of a run where one is given, as JSONL; return how many.

    A follow-up goes out as the run understood it, since such a row has no history; without its answer it is left out.
    """
    results = {one.case.id: one for one in run.results} if run else {}
    told = [(case, results.get(case.id)) for case in cases]
    rows = [
        WRITERS[name](_alone(case, result), result, index.passages)
        for case, result in told
        if result or not case.question.history
    ]
    _write_lines(path, rows)
    return len(rows)


def _alone(case: Case, result: Result | None) -> Case:
    """Return a case as a question that needs nothing said before it."""
    if not case.question.history or not result:
        return case
    return replace(case, question=replace(case.question, question=result.answer.standalone_question, history=()))


def write_beir(cases: Sequence[Case], folder: Path, index: Index) -> int:
    """Write `corpus.jsonl`, `queries.jsonl` and `qrels/test.tsv` of passages; return how many questions have gold.

    Follow-ups are left out, since such a set has no history.
    """
    passages = index.passages.values()
    gold = {case.id: gold_passages(case, passages) for case in cases if not case.question.history}
    judged = [case for case in cases if gold.get(case.id)]
    documents = [{"_id": passage.id, "title": passage.title, "text": passage_text(passage)} for passage in passages]
    (folder / "qrels").mkdir(parents=True, exist_ok=True)
    _write_lines(folder / "corpus.jsonl", documents)
    _write_lines(folder / "queries.jsonl", [{"_id": case.id, "text": case.question.question} for case in judged])
    with (folder / "qrels" / "test.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(("query-id", "corpus-id", "score"))
        writer.writerows((case.id, id_, 1) for case in judged for id_ in gold[case.id])
    return len(judged)


def write_trec(run: Run, folder: Path) -> int:
    """Write `qrels.txt` and `run.txt` of the passages that a run found; return how many questions have gold."""
    judged = [one for one in run.results if one.retrieved.gold_passages]
    folder.mkdir(parents=True, exist_ok=True)
    qrels = [f"{one.case.id} 0 {id_} 1" for one in judged for id_ in one.retrieved.gold_passages]
    ranks = [
        f"{one.case.id} Q0 {id_} {place} {1 / place:.6f} {RUN_TAG}"
        for one in judged
        for place, id_ in enumerate(one.retrieved.passages, 1)
    ]
    (folder / "qrels.txt").write_text("".join(f"{line}\n" for line in qrels), encoding="utf-8")
    (folder / "run.txt").write_text("".join(f"{line}\n" for line in ranks), encoding="utf-8")
    return len(judged)


def read_foreign(path: Path, dataset: str) -> list[Case]:
    """Read a JSONL file of ragas or deepeval as cases of a new set; which one shows in its field names.

    What such a file does not tell is left for a person: `accepted` holds the expected answer where it is one short
    phrase, else the answer is the case's reference. Raises CaseError with file and line.
    """
    cases = []
    for number, row in _read_lines(path):
        asked = row.get("user_input", row.get("input"))
        if not isinstance(asked, (str, list)) or not asked:
            raise CaseError(f"{path}, line {number}: neither `user_input` (ragas) nor `input` (deepeval): give one")
        *earlier, last = [_turn(turn) for turn in asked] if isinstance(asked, list) else [Turn("user", asked)]
        expected = str(row.get("reference") or row.get("expected_output") or "")
        quotes = row.get("reference_contexts") or row.get("context") or []
        id_ = str(row.get("name") or row.get("id") or f"{dataset}-{number:03d}")
        short = 0 < len(expected.split()) <= 5
        cases.append(
            Case(
                id=id_,
                dataset=dataset,
                question=Question(last.content, id=id_, history=tuple(earlier)),
                kind="fact" if expected else "unanswerable",
                statuses=("answered",) if expected else ("no_answer",),
                accepted=(expected.rstrip("."),) if short else (),
                quotes=tuple(Gold("", str(quote)) for quote in quotes),
                reference=expected,
                tags=tuple(map(str, row.get("tags") or ())),
            )
        )
    return cases


def read_judged(folder: Path, dataset: str, index: Index) -> list[Case]:
    """Read a folder in BEIR's format that judges passages of this index as cases of a new set.

    The passages are the gold; what the answer must hold is left for a person. Raises CaseError with file and line.
    """
    read = read_beir(folder)
    cases = []
    for id_, question in read.questions.items():
        gold = [index.passages[name] for name in sorted(read.gold[id_]) if name in index.passages]
        lost = sorted(read.gold[id_] - set(index.passages))
        cases.append(
            Case(
                id=id_,
                dataset=dataset,
                question=Question(question, id=id_),
                kind="fact",
                statuses=("answered",),
                sources=tuple(dict.fromkeys(passage.source_id for passage in gold)),
                quotes=tuple(Gold(passage.source_id, passage.text) for passage in gold),
                note="; ".join(f"not in the index: {name}" for name in lost),
            )
        )
    return cases


def placed(cases: Iterable[Case], index: Index) -> list[Case]:
    """Return imported cases with the document of each gold quote; a quote that no document holds goes to the note."""
    found = []
    for case in cases:
        quotes: list[Gold] = []
        lost: list[Gold] = []
        for gold in case.quotes:
            holder = next((id_ for id_, source in index.sources.items() if gold.quote in source.text), "")
            (quotes if holder else lost).append(Gold(holder, gold.quote))
        note = "; ".join(f"not in the corpus: {gold.quote[:200]}" for gold in lost)
        sources = tuple(dict.fromkeys(gold.source for gold in quotes))
        found.append(replace(case, quotes=tuple(quotes), sources=sources, note=note))
    return found


def _turn(turn: Any) -> Turn:
    role = {"human": "user", "user": "user"}.get(str(turn.get("type", turn.get("role"))), "assistant")
    return Turn("user" if role == "user" else "assistant", str(turn["content"]))


def _write_lines(path: Path, rows: Iterable[Row]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows), encoding="utf-8")


def _read_lines(path: Path) -> Iterable[tuple[int, Row]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path} cannot be read ({error}): give a UTF-8 file of JSON lines") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                row = json.loads(line)
            except ValueError as error:
                raise CaseError(f"{path}, line {number}: not JSON ({error}): mend or remove it") from error
            if not isinstance(row, dict):
                raise CaseError(f"{path}, line {number}: not a JSON object: mend or remove it")
            yield number, row
