"""Which cases of the sets are asked."""

import re
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from evals.cases import Case, CaseError

FIELDS: dict[str, Callable[[Case], Sequence[str]]] = {
    "id": lambda case: [case.id],
    "set": lambda case: [case.dataset],
    "kind": lambda case: [case.kind],
    "status": lambda case: [case.status],
    "language": lambda case: [case.language],
    "tag": lambda case: case.tags,
    "group": lambda case: [case.group],
}


def choose(cases: Sequence[Case], filters: Sequence[str]) -> list[Case]:
    """Return the cases that meet every filter.

    A filter is NAME=PATTERN (`*` for anything) or words that stand in the question. Raises CaseError where it names
    another field.
    """
    kept = list(cases)
    for given in filters:
        name, equals, pattern = given.partition("=")
        if not equals:
            words = given.casefold()
            kept = [case for case in kept if words in case.question.question.casefold()]
        elif name in FIELDS:
            kept = [case for case in kept if any(fnmatchcase(value, pattern) for value in FIELDS[name](case))]
        elif re.fullmatch(r"[a-z_]+", name):
            raise CaseError(f"--filter {given}: {name} is none of {', '.join(FIELDS)}")
    return kept


def spread(cases: list[Case], limit: int) -> list[Case]:
    """Return at most `limit` of the cases, evenly spread over them; 0 is all."""
    return [cases[place * len(cases) // limit] for place in range(limit)] if 0 < limit < len(cases) else cases
