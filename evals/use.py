"""A question that somebody asked becomes a case."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from assistant.records import Answer, Question, Status, Turn
from assistant.store import Asked, Rating, Store
from evals.cases import STATUSES, Case, CaseError, Gold

HISTORY_TURNS = 6  # of the conversation before the question
_BOLD = re.compile(r"\*\*(.+?)\*\*")


@dataclass(frozen=True, slots=True)
class Stored:
    """A question as the store has it, asked or rated."""

    key: str  # `a12` where it was asked, `r3` where it was rated
    at: str
    question: str
    answer: str
    status: str
    remark: str = ""
    history: tuple[Turn, ...] = ()
    language: str = "en"


def stored_questions(store: Store, limit: int = 20) -> list[Stored]:
    """Return the newest questions that were asked or rated, with their words."""
    asked = [_asked(row) for row in store.asked(limit=limit) if row.question]
    rated = [_rated(row) for row in store.ratings(limit=limit)]
    return sorted((*asked, *rated), key=lambda one: one.at, reverse=True)[:limit]


def find_stored(store: Store, key: str) -> Stored:
    """Return the question of a key, with what was said before it in its conversation.

    Raises CaseError where the store has none, or has kept no words of it.
    """
    kind, number = key[:1], key[1:]
    if kind not in ("a", "r") or not number.isdigit():
        raise CaseError(f"{key!r} is no key of a stored question: `uccn eval add` lists them, such as a12 or r3")
    rows: Sequence[Asked] | Sequence[Rating] = (store.asked if kind == "a" else store.ratings)(limit=100_000)
    row = next((row for row in rows if row.id == int(number)), None)
    if row is None:
        raise CaseError(f"The store has no question {key}: `uccn eval add` lists them")
    if isinstance(row, Rating):
        return _rated(row)
    if not row.question:
        raise CaseError(f"Only a digest of {key} is kept: set UCCN_KEEP_QUESTIONS=full to keep words")
    earlier = [one for one in store.asked(conversation=row.conversation) if row.conversation and one.id < row.id]
    said = [turn for one in reversed(earlier) for turn in (Turn("user", one.question), Turn("assistant", one.answer))]
    return replace(_asked(row), history=tuple(said[-HISTORY_TURNS:]))


def case_of(
    stored: Stored,
    *,
    dataset: str,
    kind: str,
    status: str = "",
    accepted: Sequence[str] = (),
    required: Sequence[Sequence[str]] = (),
    right: Answer | None = None,
) -> Case:
    """Return the case of a stored question.

    Where a person says that an answer is `right`, its quotes are the gold, and what it shows in bold is accepted.
    Raises CaseError where nothing says what a right answer is.
    """
    status = status or (right.status if right else stored.status)
    if status not in STATUSES:
        raise CaseError(f"--status {status!r} is none of {', '.join(STATUSES)}")
    quotes: tuple[Gold, ...] = ()
    if right and status == "answered":
        accepted = accepted or _BOLD.findall(right.answer)[:1]
        quotes = tuple(Gold(cited.source_id, cited.quote) for cited in right.citations)
    if status == "answered" and not (accepted or required):
        raise CaseError("Say what a right answer holds: --accepted FORM, --required 'FORM|FORM', or --right")
    statuses: tuple[Status, ...] = (status,)  # type: ignore[assignment]
    return Case(
        id=f"use-{stored.key}",
        dataset=dataset,
        question=Question(stored.question, id=f"use-{stored.key}", history=stored.history),
        kind=kind,
        statuses=statuses,
        accepted=tuple(accepted) if status == "answered" else (),
        required=tuple(map(tuple, required)) if status == "answered" else (),
        sources=tuple(dict.fromkeys(gold.source for gold in quotes)),
        quotes=quotes,
        corpus="own",
        tags=("from use",),
        note=stored.remark,
        language=stored.language,
    )


def _asked(row: Asked) -> Stored:
    return Stored(f"a{row.id}", row.at, row.question, row.answer, row.status, language=row.language)


def _rated(row: Rating) -> Stored:
    remark = "; ".join(filter(None, (row.verdict, row.reason, row.comment)))
    return Stored(f"r{row.id}", row.at, row.question, row.answer, "answered", remark)
