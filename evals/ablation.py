"""What each stage is worth: the sets are asked with one stage switched off at a time.

`python -m evals.ablation` asks every case once for each stage, in several processes, and prints a table: right answers,
answerable questions refused, and answers that are wrong or not whole, with what they differ by from the whole
assistant. `--every 4` asks every fourth case only.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from rich.console import Console
from rich.markdown import Markdown

from assistant.chain import Assistant
from assistant.forms import LIKELY
from assistant.settings import Settings
from evals.cases import read_cases
from evals.runner import ask_all
from evals.runs import Result

WHOLE = "the whole assistant"


def _off(owner: Any, name: str, result: Any) -> None:
    """Put what always returns `result` in the place of a method."""
    object.__setattr__(owner, name, lambda *_args, **_options: result)


def _without_history(assistant: Assistant) -> None:
    understand = assistant._understand
    assistant._understand = lambda question: understand(replace(question, history=()))  # type: ignore[method-assign]


def _without_vectors(assistant: Assistant) -> None:
    for name in ("search_units", "search_passages", "search_questions"):
        _off(assistant.index, name, [])


def _without_words(assistant: Assistant) -> None:
    retriever = assistant.retriever
    for lexical in (retriever._passage_words, retriever._unit_words, retriever._question_words):
        _off(lexical, "search", [])


def _without_expected(assistant: Assistant) -> None:
    _off(assistant.index, "search_questions", [])
    _off(assistant.retriever._question_words, "search", [])
    _off(assistant._known, "expected", [])
    _off(assistant._known, "voted", [])


def _without_meaning(assistant: Assistant) -> None:
    for name in ("forms", "expected", "voted"):
        _off(assistant._known, name, [])


def _without_reranking(assistant: Assistant) -> None:
    assistant._scorer = assistant._forms._scorer = lambda _question, texts: [0.0] * len(texts)


STAGES: dict[str, Callable[[Assistant], None]] = {
    "dated facts": lambda assistant: _off(assistant._facts, "answer", []),
    "the table of cities": lambda assistant: _off(assistant._table, "answer", []),
    "wordings of what facts and table answer": lambda assistant: _off(assistant._forms, "meant", ("", LIKELY, 0.0)),
    "expected questions": _without_expected,
    "search by vectors": _without_vectors,
    "search by words": _without_words,
    "the cross-encoder": _without_reranking,
    "what the history leaves unsaid": _without_history,
    "other languages by meaning, beside the glossary": _without_meaning,
    "refusing what the corpus never names": lambda assistant: _off(assistant._refusals, "unheard_of", False),
}


def switch_off(stage: str, assistant: Assistant) -> None:
    """Switch one of STAGES off."""
    if stage != WHOLE:
        STAGES[stage](assistant)


def table(results: dict[str, Sequence[Result]]) -> str:
    """Return the outcomes as a Markdown table, the whole assistant first, then the costliest stage."""
    counts = {stage: _counts(found) for stage, found in results.items()}
    whole = counts.pop(WHOLE)
    lines = [
        "| Without | Right | Refused though answerable | Wrong or not whole |",
        "|---|---|---|---|",
        f"| nothing: {WHOLE} | {whole[0]} of {len(results[WHOLE])} | {whole[1]} | {whole[2]} |",
    ]
    for stage, found in sorted(counts.items(), key=lambda row: row[1][0]):
        cells = (f"{now} ({now - was:+d})" for now, was in zip(found, whole, strict=True))
        lines.append(f"| {stage} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _counts(results: Sequence[Result]) -> tuple[int, int, int]:
    wrong = [one for one in results if not one.score.right]
    refused = [one for one in wrong if one.answer.status in ("no_answer", "out_of_scope")]
    answerable = [one for one in refused if one.case.status == "answered"]
    return len(results) - len(wrong), len(answerable), len(wrong) - len(answerable)


def main() -> None:
    """Ask the sets once for each stage and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="ask every n-th case only")
    parser.add_argument("--workers", type=int, default=2, help="processes that ask")
    options = parser.parse_args()
    settings = Settings(cached_answers=0)
    cases = [case for case in read_cases() if case.corpus != "originals"][:: options.every]
    console = Console()
    results: dict[str, Sequence[Result]] = {}
    for stage in (WHOLE, *STAGES):
        with console.status(f"Asking {len(cases)} questions without: {stage}"):
            change = partial(switch_off, stage)
            results[stage] = list(ask_all(settings, cases, workers=options.workers, retrieval=False, change=change))
    console.print(Markdown(table(results)) if console.is_terminal else table(results), soft_wrap=True)


if __name__ == "__main__":
    main()
