"""A model's opinion of answers by ragas or deepeval; a program of its own, in an environment of its own.

`uccn eval judge` runs it as `python judges.py JUDGE MODEL ROWS`: it imports nothing of this project, reads the rows in
the judge's field names, and prints one JSON object a line: its version first, then of each row
`{"scores": {...}}` or `{"error": "..."}`. The OpenAI client finds key and address in the environment.
"""

import json
import math
import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from importlib.metadata import version
from pathlib import Path
from typing import Any

Scores = dict[str, float]
Judge = Callable[[dict[str, Any]], Scores]

MAX_TOKENS = 8192  # of one reply: a verdict on each statement of a long list


def open_ragas(model: str) -> Judge:
    """Return ragas' faithfulness: the share of the answer's statements that follow from its contexts."""
    import asyncio

    from openai import AsyncOpenAI
    from ragas.llms import llm_factory
    from ragas.metrics.collections import Faithfulness

    metric = Faithfulness(llm=llm_factory(model, client=AsyncOpenAI(), max_tokens=MAX_TOKENS))
    loop = asyncio.new_event_loop()  # one for all rows: the client keeps its connections

    def judge(row: dict[str, Any]) -> Scores:
        fields = {name: row[name] for name in ("user_input", "response", "retrieved_contexts")}
        return {"faithfulness": float(loop.run_until_complete(metric.ascore(**fields)).value)}

    return judge


def open_deepeval(model: str) -> Judge:
    """Return deepeval's faithfulness (claims that no context contradicts) and answer relevancy."""
    from deepeval.metrics import AnswerRelevancyMetric, FaithfulnessMetric
    from deepeval.models import LocalModel, OpenAIModel
    from deepeval.test_case import LLMTestCase

    address, key = os.environ.get("OPENAI_BASE_URL"), os.environ["OPENAI_API_KEY"]
    # OpenAI's own models each have their options; other servers are asked in the plainest form.
    asked = LocalModel(model, key, address) if address else OpenAIModel(model)
    options: dict[str, Any] = {"model": asked, "include_reason": False, "async_mode": False}
    metrics = {"faithfulness": FaithfulnessMetric(**options), "answer relevancy": AnswerRelevancyMetric(**options)}

    def judge(row: dict[str, Any]) -> Scores:
        case = LLMTestCase(**{name: row[name] for name in ("input", "actual_output", "retrieval_context")})
        return {name: float(metric.measure(case, _show_indicator=False)) for name, metric in metrics.items()}

    return judge


JUDGES: dict[str, Callable[[str], Judge]] = {"ragas": open_ragas, "deepeval": open_deepeval}


def verdict(judge: Judge, row: dict[str, Any]) -> dict[str, Any]:
    """Return the scores of a row, or what went wrong, in one line; a score that is no number is left out."""
    try:
        return {"scores": {name: value for name, value in judge(row).items() if not math.isnan(value)}}
    except Exception as error:  # a reply that cannot be read, a server that is away: the next row may do better
        return {"error": " ".join(f"{type(error).__name__}: {error}".split())[:500]}


def main(name: str, model: str, rows: str) -> None:
    """Judge the rows of a file."""
    shown = sys.stdout
    with redirect_stdout(sys.stderr):  # what the libraries print is not for the reader of the verdicts
        judge = JUDGES[name](model)
        print(json.dumps({"version": version(name)}), file=shown, flush=True)
        for line in Path(rows).read_text(encoding="utf-8").splitlines():
            print(json.dumps(verdict(judge, json.loads(line))), file=shown, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
