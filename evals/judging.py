"""A model's opinion of a run, by ragas or deepeval in an environment of its own: advisory, never part of the gate."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.errors import SettingsError
from assistant.index import Index
from assistant.llm import NO_KEY
from assistant.settings import Settings
from evals import judges
from evals.cases import CaseError
from evals.choice import spread
from evals.formats import write_rows
from evals.metrics import Score
from evals.runs import Result, Run, now
from evals.totals import Figure, mean

if TYPE_CHECKING:
    from evals.runner import Shown

ADVISORY = "advisory: a model's opinion, never part of the gate"
FAILURES = 3  # so many at the start, and the rest is not tried
# A judge's figure and ours that comes nearest; ours is computed and the same each time.
OURS: dict[str, tuple[str, Callable[[Score], float | None]]] = {
    "faithfulness": ("citation recall", lambda score: score.claims_supported),
    "answer relevancy": ("right", lambda score: float(score.right)),
}
# All that a judge gets of our environment, beside the model's key and address: no other key or setting, in an empty
# folder; so neither traces nor settings files nor a look for a newer version come into play.
PASSED = (
    *("PATH", "LANG", "SYSTEMROOT", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
)
SILENT = {"RAGAS_DO_NOT_TRACK": "true", "DEEPEVAL_TELEMETRY_OPT_OUT": "1"}  # each is on by default


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a judge said of one answer."""

    result: Result
    scores: Mapping[str, float] = field(default_factory=dict)
    error: str = ""  # why it could not say anything


@dataclass(frozen=True, slots=True)
class Judged:
    """The opinions of one judge on some answers of a run."""

    judge: str
    version: str
    model: str
    opinions: tuple[Opinion, ...]

    def figures(self) -> list[tuple[Figure, list[Figure]]]:
        """Return each mean of the judge with our nearest figure over the same answers."""
        found = []
        for name, (ours, value) in OURS.items():
            held = [one for one in self.opinions if name in one.scores]
            for figure in mean(name, [one.scores[name] for one in held], "score"):
                found.append((figure, mean(ours, [value(one.result.score) for one in held])))
        return found


def judge_run(
    run: Run, judge: str, *, python: Path, settings: Settings, index: Index, limit: int, shown: "Shown"
) -> Judged:
    """Let a judge read the answers of a run, refusals aside, at most `limit`, evenly spread.

    Raises SettingsError where no model is set that it can ask, CaseError where the judge cannot start or say anything.
    """
    model, environment = _model(settings)
    program = shutil.which(python)
    if not program:
        raise CaseError(f"There is no Python at {python} with {judge}: docs/evals.md tells under Judges how to make it")
    answered = {one.case.id: one for one in run.results if one.answer.status == "answered"}
    cases = spread([one.case for one in answered.values()], limit)
    if not cases:
        raise CaseError("No question of this run was answered: a judge has nothing to read")
    with tempfile.TemporaryDirectory(prefix="uccn-judge-") as folder:
        rows = Path(folder) / "rows.jsonl"
        write_rows(judge, cases, rows, run=run, index=index)
        command = [str(Path(program).absolute()), "-I", judges.__file__, judge, model, str(rows)]
        opinions: list[Opinion] = []
        with closing(_said(command, folder=Path(folder), environment=environment | {"HOME": folder})) as said:
            version = str(next(said, {}).get("version", ""))
            for case, row in zip(cases, said, strict=False):
                opinions.append(Opinion(answered[case.id], row.get("scores", {}), row.get("error", "")))
                shown(f"Judging by {judge}", len(opinions), len(cases))
                if len(opinions) == min(FAILURES, len(cases)) and all(one.error for one in opinions):
                    tried = f"{judge} could judge none of the first {len(opinions)} answers"
                    raise CaseError(f"{tried} ({opinions[0].error}): check UCCN_LLM and UCCN_LLM_BASE_URL")
            if next(said, None) or len(opinions) < len(cases):
                raise CaseError(f"{python} printed no verdict on each answer: is it the Python of {judge}?")
    return Judged(judge, version, settings.llm, tuple(opinions))


def write_judged(judged: Judged, run: Run, path: Path) -> None:
    """Write the opinions, one a line; the first line says whose they are and on what."""
    head = {"advisory": ADVISORY, "run": run.header.name, "digest": run.digest, "at": now()}
    head |= {"judge": judged.judge, "version": judged.version, "model": judged.model}
    lines = [{"id": one.result.case.id, "scores": one.scores, "error": one.error} for one in judged.opinions]
    path.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in [head, *lines]), encoding="utf-8")


def _model(settings: Settings) -> tuple[str, dict[str, str]]:
    """Return the model's name and the environment that leads to it and nowhere else."""
    provider, _, name = settings.llm.partition(":")
    if not settings.llm:
        raise SettingsError(
            "A judge needs a language model and UCCN_LLM is empty: set UCCN_LLM=openai:NAME, "
            "and UCCN_LLM_BASE_URL where it is a server of your own"
        )
    if provider != "openai" or not name:
        raise SettingsError(
            f"UCCN_LLM={settings.llm!r} cannot judge: set openai:NAME; UCCN_LLM_BASE_URL leads to any server "
            "that speaks OpenAI's protocol, such as Ollama's at http://127.0.0.1:11434/v1"
        )
    key = settings.llm_api_key.get_secret_value()
    key = key or (NO_KEY if settings.llm_base_url else os.environ.get("OPENAI_API_KEY", ""))
    if not key:
        raise SettingsError("There is no key for OpenAI: set UCCN_LLM_API_KEY, or UCCN_LLM_BASE_URL to your own server")
    leads = {"OPENAI_API_KEY": key} | ({"OPENAI_BASE_URL": settings.llm_base_url} if settings.llm_base_url else {})
    return name, {name: os.environ[name] for name in PASSED if name in os.environ} | SILENT | leads


def _said(command: Sequence[str], *, folder: Path, environment: Mapping[str, str]) -> Generator[dict[str, Any]]:
    """Run the judge in a folder that is thrown away; yield what it prints, a JSON object a line."""
    errors = folder / "errors.txt"
    with (
        errors.open("w", encoding="utf-8") as sink,
        subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=sink, text=True, encoding="utf-8"
        ) as process,
    ):
        assert process.stdout
        try:
            yield from map(json.loads, process.stdout)
            process.wait()
        except json.JSONDecodeError as error:
            raise CaseError(f"{command[0]} printed {error.doc[:80]!r}: is it the Python of a judge?") from error
        finally:
            process.kill()  # of no effect on one that has ended
    if process.returncode:
        last = errors.read_text(encoding="utf-8").strip().splitlines()[-1:]
        why = f"ended with status {process.returncode} ({''.join(last)[:300]})"
        raise CaseError(f"The judge {why}: docs/evals.md tells under Judges how to install it")
