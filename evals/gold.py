"""Where the gold words of a case stand among the passages of an index."""

from collections.abc import Iterable

from assistant.index import split_unit_id, unit_id
from assistant.records import Passage
from evals.cases import Case


def gold_statements(case: Case, passages: Iterable[Passage]) -> list[str]:
    """Return the ids of the statements that hold, or stand in, the gold words of a case."""
    quotes: dict[str, list[str]] = {}
    for gold in case.quotes:
        quotes.setdefault(gold.source, []).append(gold.quote)
    return [
        unit_id(passage.id, number)
        for passage in passages
        if passage.source_id in quotes
        for number, unit in enumerate(passage.units)
        if any(quote in unit.text or unit.text in quote for quote in quotes[passage.source_id])
    ]


def gold_passages(case: Case, passages: Iterable[Passage]) -> list[str]:
    """Return the ids of the passages that hold gold words of a case."""
    return list(dict.fromkeys(split_unit_id(id_)[0] for id_ in gold_statements(case, passages)))
