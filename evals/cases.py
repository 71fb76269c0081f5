"""The questions of a set, one JSON object a line; docs/evals.md tells the fields."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from assistant.errors import AssistantError
from assistant.records import Question, Status, Turn

STATUSES = ("answered", "no_answer", "out_of_scope", "clarify")
KINDS = (
    *("fact", "number", "date", "count", "list", "process", "dated", "followup", "premise"),
    *("unanswerable", "out_of_scope", "injection", "adversarial"),
)
DATASETS = Path(__file__).parent / "datasets"


class CaseError(AssistantError):
    """A set of questions is missing or broken."""


@dataclass(frozen=True, slots=True)
class Gold:
    """Words of a document that answer a case: they stand in its text as they are here."""

    source: str  # id of the document
    quote: str


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
    quotes: tuple[Gold, ...] = ()  # each answers the question, or a part of it
    reference: str = ""  # a right answer in a person's words
    tags: tuple[str, ...] = ()
    group: str = ""  # for people: the topic
    note: str = ""  # for people: what the case rests on
    language: str = "en"  # ISO 639-1, of the question; the assistant is not told

    @property
    def status(self) -> Status:
        """The status that the answer should have."""
        return self.statuses[0]


def read_cases(names: Sequence[str] = (), *, folder: Path | None = None) -> list[Case]:
    """Read the named sets, or all; raise CaseError with file and line where a row is broken."""
    folder = folder or DATASETS
    paths = [folder / f"{name}.jsonl" for name in names] or sorted(folder.glob("*.jsonl"))
    cases: list[Case] = []
    for path in paths:
        if not path.is_file():
            known = ", ".join(sorted(found.stem for found in folder.glob("*.jsonl")))
            raise CaseError(f"There is no set of questions {path.stem!r}: choose from {known}")
        cases += read_file(path)
    ids = [case.id for case in cases]
    if twice := sorted({id_ for id_ in ids if ids.count(id_) > 1}):
        raise CaseError(f"The id {twice[0]} stands twice in the sets: give each question its own")
    return cases


def read_file(path: Path) -> list[Case]:
    """Read one file of cases; its name is the set's. Raise CaseError with file and line where a row is broken."""
    cases = []
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CaseError(f"{path} cannot be read ({error}): give a UTF-8 text file") from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            cases.append(read_case(json.loads(line), path.stem))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CaseError(f"{path}, line {number}: not a case ({error}): mend or remove it") from error
    return cases


def read_case(row: dict[str, Any], dataset: str) -> Case:
    """Read one case; raise ValueError, KeyError or TypeError where it is none."""
    history = _list(row.get("history"))
    question = Question(
        question=str(row["question"]),
        id=str(row["id"]),
        history=tuple(Turn(turn["role"], turn["content"]) for turn in history),
        as_of=str(row.get("as_of") or ""),
    )
    statuses = tuple(dict.fromkeys((str(row["status"]), *_strings(row.get("statuses")))))
    if not set(statuses) <= set(STATUSES):
        raise ValueError(f"status {', '.join(statuses)}")
    if row["kind"] not in KINDS:
        raise ValueError(f"kind {row['kind']!r} is none of {', '.join(KINDS)}")
    if row.get("corpus") not in (None, "", "own", "originals"):
        raise ValueError(f"corpus {row['corpus']!r}")
    quotes = tuple(Gold(str(gold["source"]), str(gold["quote"])) for gold in _list(row.get("quotes")))
    return Case(
        id=question.id,
        dataset=dataset,
        question=question,
        kind=str(row["kind"]),
        statuses=cast(tuple[Status, ...], statuses),
        accepted=_strings(row.get("accepted")),
        required=tuple(_strings(group) for group in _list(row.get("required"))),
        must_not=_strings(row.get("must_not")),
        sources=_strings(row.get("sources")) or tuple(dict.fromkeys(gold.source for gold in quotes)),
        corpus=str(row.get("corpus") or ""),
        quotes=quotes,
        reference=str(row.get("reference") or ""),
        tags=_strings(row.get("tags")),
        group=str(row.get("group") or ""),
        note=str(row.get("note") or ""),
        language=str(row.get("language") or "en"),
    )


def case_row(case: Case) -> dict[str, Any]:
    """Return a case as the object of its line, without the fields that say nothing."""
    question = case.question
    row: dict[str, Any] = {
        "id": case.id,
        "question": question.question,
        "history": [{"role": turn.role, "content": turn.content} for turn in question.history],
        "as_of": question.as_of,
        "language": case.language if case.language != "en" else "",
        "kind": case.kind,
        "status": case.status,
        "statuses": list(case.statuses) if len(case.statuses) > 1 else [],
        "accepted": list(case.accepted),
        "required": [list(group) for group in case.required],
        "must_not": list(case.must_not),
        "sources": list(case.sources),
        "quotes": [{"source": gold.source, "quote": gold.quote} for gold in case.quotes],
        "reference": case.reference,
        "corpus": case.corpus,
        "tags": list(case.tags),
        "group": case.group,
        "note": case.note,
    }
    return {name: value for name, value in row.items() if value}


def write_cases(cases: Iterable[Case], path: Path) -> None:
    """Write cases to a file, one a line."""
    lines = [json.dumps(case_row(case), ensure_ascii=False) for case in cases]
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise TypeError(f"{value!r} is not a list")
    return value


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(item) for item in _list(value))
