"""The questions of a set, one JSON object a line; docs/evals.md tells the fields."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from assistant.errors import AssistantError
from assistant.records import Question, Status, Turn

_STATUSES = ("answered", "no_answer", "out_of_scope", "clarify")
DATASETS = Path(__file__).parent / "datasets"


class CaseError(AssistantError):
    """A set of questions is missing or broken."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question and what makes an answer to it right."""

    id: str
    dataset: str
    question: Question
    kind: str
    statuses: tuple[Status, ...]  # the right one first; the others are right too
    accepted: tuple[str, ...] = ()  # one of these stands in the first sentence
    required: tuple[tuple[str, ...], ...] = ()  # of each group one stands somewhere in the answer
    must_not: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()  # ids of the documents that hold the answer; any one of them
    corpus: str = ""  # `own` or `originals`, where the answer is right for one of them alone

    @property
    def status(self) -> Status:
        """The status that the answer should have."""
        return self.statuses[0]


def read_cases(names: Sequence[str] = ()) -> list[Case]:
    """Read the named sets, or all; raise CaseError with file and line where a row is broken."""
    paths = [DATASETS / f"{name}.jsonl" for name in names] or sorted(DATASETS.glob("*.jsonl"))
    cases: list[Case] = []
    for path in paths:
        if not path.is_file():
            known = ", ".join(sorted(found.stem for found in DATASETS.glob("*.jsonl")))
            raise CaseError(f"There is no set of questions {path.stem!r}: choose from {known}")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                cases.append(_case(json.loads(line), path.stem))
            except (ValueError, KeyError, TypeError) as error:
                raise CaseError(f"{path}, line {number}: not a case ({error}): mend or remove it") from error
    ids = [case.id for case in cases]
    if twice := sorted({id_ for id_ in ids if ids.count(id_) > 1}):
        raise CaseError(f"The id {twice[0]} stands twice in the sets: give each question its own")
    return cases


def _case(row: dict[str, object], dataset: str) -> Case:
    history = row.get("history") or []
    assert isinstance(history, list)
    question = Question(
        question=str(row["question"]),
        id=str(row["id"]),
        history=tuple(Turn(turn["role"], turn["content"]) for turn in history),
        as_of=str(row.get("as_of") or ""),
        language=str(row.get("language") or ""),
    )
    statuses = tuple(dict.fromkeys((str(row["status"]), *_strings(row.get("statuses")))))
    if not set(statuses) <= set(_STATUSES):
        raise ValueError(f"status {', '.join(statuses)}")
    if row.get("corpus") not in (None, "", "own", "originals"):
        raise ValueError(f"corpus {row['corpus']!r}")
    return Case(
        id=question.id,
        dataset=dataset,
        question=question,
        kind=str(row["kind"]),
        statuses=cast(tuple[Status, ...], statuses),
        accepted=_strings(row.get("accepted")),
        required=tuple(_strings(group) for group in _list(row.get("required"))),
        must_not=_strings(row.get("must_not")),
        sources=_strings(row.get("sources")),
        corpus=str(row.get("corpus") or ""),
    )


def _list(value: object) -> list[object]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list")
    return value


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in _list(value))
