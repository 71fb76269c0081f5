"""What changed between two runs, question by question, and whether the tracked baseline still holds."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from evals.cases import CaseError
from evals.runs import Result, Run
from evals.totals import Figure, retrieval_figures

BASELINE = Path(__file__).parent / "baseline.json"
# Share of the answers that may flip without a failure: the int8 models round differently on other processors.
SLACK = 0.01

Turned = Literal["now wrong", "now right", "still wrong, otherwise", "still right, otherwise", "new", "gone"]


@dataclass(frozen=True, slots=True)
class Flip:
    """One question whose answer or verdict is another in the second run."""

    id: str
    turned: Turned
    before: Result | None
    after: Result | None


@dataclass(frozen=True, slots=True)
class Baseline:
    """The verdicts that a run must keep, and what they were taken on."""

    fingerprints: Mapping[str, str]
    right: Mapping[str, bool]  # case id -> verdict
    unsupported: Mapping[str, float]  # case id -> citation recall, where some statement lacks its support


@dataclass(frozen=True, slots=True)
class Gate:
    """How a run stands against the baseline."""

    was: int  # right, of the cases that both have
    now: int
    of: int
    now_wrong: tuple[str, ...]
    now_right: tuple[str, ...]
    unknown: tuple[str, ...]  # cases that the baseline does not have
    support_was: float  # mean citation recall of the cases that both have
    support_now: float
    changed: tuple[str, ...]  # what the two were not taken on alike: corpus, index, models, settings, questions

    @property
    def holds(self) -> bool:
        """Whether no fewer are right and no fewer statements supported, SLACK aside."""
        return self.now >= self.was - int(SLACK * self.of) and self.support_now >= self.support_was - SLACK


def moved(before: Run, after: Run) -> list[tuple[Figure, Figure]]:
    """Return the figures of the search that both runs have and that differ: it may change where no answer does."""
    old = {figure.name: figure for figure in retrieval_figures(before.results)}
    pairs = [(old[figure.name], figure) for figure in retrieval_figures(after.results) if figure.name in old]
    return [(first, second) for first, second in pairs if first.value != second.value]


def differences(before: Run, after: Run) -> list[Flip]:
    """Return every question whose answer changed, verdicts that flipped first."""
    old, new = ({one.case.id: one for one in run.results} for run in (before, after))
    flips = []
    for id_ in dict.fromkeys((*old, *new)):
        one, other = old.get(id_), new.get(id_)
        if turned := _turned(one, other):
            flips.append(Flip(id_, turned, one, other))
    order = list(Turned.__args__)  # type: ignore[attr-defined]
    return sorted(flips, key=lambda flip: (order.index(flip.turned), flip.id))


def _turned(before: Result | None, after: Result | None) -> Turned | None:
    if before is None or after is None:
        return "new" if before is None else "gone"
    if before.score.right != after.score.right:
        return "now right" if after.score.right else "now wrong"
    shown = [(one.answer.status, one.answer.answer, [c.quote for c in one.answer.citations]) for one in (before, after)]
    if shown[0] == shown[1]:
        return None
    return "still right, otherwise" if after.score.right else "still wrong, otherwise"


def check_gate(run: Run, *, path: Path = BASELINE) -> Gate:
    """Hold a run against the baseline of its corpus; raise CaseError where there is none."""
    baseline = _baselines(path).get(run.header.corpus)
    if baseline is None:
        raise CaseError(f"There is no baseline for {run.header.corpus}: `uccn eval gate --accept` makes one")
    known = [one for one in run.results if one.case.id in baseline.right]
    support = [one.score.claims_supported for one in known]
    return Gate(
        was=sum(baseline.right[one.case.id] for one in known),
        now=sum(one.score.right for one in known),
        of=len(known),
        now_wrong=tuple(one.case.id for one in known if baseline.right[one.case.id] and not one.score.right),
        now_right=tuple(one.case.id for one in known if not baseline.right[one.case.id] and one.score.right),
        unknown=tuple(one.case.id for one in run.results if one.case.id not in baseline.right),
        support_was=_mean([baseline.unsupported.get(one.case.id, 1.0) for one in known]),
        support_now=_mean([1.0 if share is None else share for share in support]),
        changed=tuple(
            name for name, value in run.header.fingerprints.items() if baseline.fingerprints.get(name) != value
        ),
    )


def accept(run: Run, *, path: Path = BASELINE) -> None:
    """Make a run the baseline of its corpus; cases that it did not ask keep their verdicts."""
    baselines = _baselines(path)
    old = baselines.get(run.header.corpus)
    right = {**(old.right if old else {}), **{one.case.id: one.score.right for one in run.results}}
    support = {one.case.id: one.score.claims_supported for one in run.results}
    kept = {id_: value for id_, value in (old.unsupported if old else {}).items() if id_ not in support}
    lacking = {id_: round(value, 3) for id_, value in support.items() if value is not None and value < 1}
    baselines[run.header.corpus] = Baseline(
        run.header.fingerprints, dict(sorted(right.items())), dict(sorted((kept | lacking).items()))
    )
    written = json.loads(_BASELINES.dump_json(dict(sorted(baselines.items()))))
    path.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8")


_BASELINES = TypeAdapter(dict[str, Baseline])


def _baselines(path: Path) -> dict[str, Baseline]:
    if not path.is_file():
        return {}
    try:
        return _BASELINES.validate_json(path.read_bytes())
    except ValidationError as error:
        raise CaseError(f"{path} is no baseline: `uccn eval gate --accept` makes a new one") from error


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 1.0
